"""An object store that speaks S3, on loopback, with the files of a folder in one bucket.

Usage: object_store.py PORT BUCKET FOLDER

Prints "ready", then runs until it is ended.
"""

import pathlib
import sys
import threading

import boto3
from moto.server import ThreadedMotoServer

port, bucket, folder = int(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])
server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
server.start()
client = boto3.client(
    "s3",
    endpoint_url=f"http://127.0.0.1:{port}",
    region_name="us-east-1",
    aws_access_key_id="tide",
    aws_secret_access_key="watch",
)
client.create_bucket(Bucket=bucket)
for path in sorted(folder.rglob("*")):
    if path.is_file():
        client.put_object(Bucket=bucket, Key=str(path.relative_to(folder)), Body=path.read_bytes())
print("ready", flush=True)
threading.Event().wait()
