"""Reads a JetStream with PyPI's nats-py.

usage: jetstream_read.py URL STREAM SUBJECT COUNT [AUTHORITY TOKEN]

AUTHORITY is a PEM file to check the server's certificate against.

Prints subject, Nats-Msg-Id, content type and the payload's CloudEvents id of each message, tab-separated, in the order of
the stream; then `messages` and how many the stream holds.
"""

import asyncio
import json
import ssl
import sys

import nats


async def main():
    url, stream, subject, count, *secured = sys.argv[1:]
    how = {}
    if secured:
        how = {"tls": ssl.create_default_context(cafile=secured[0]), "token": secured[1]}
    client = await nats.connect(url, **how)
    jetstream = client.jetstream()
    reader = await jetstream.pull_subscribe(subject, stream=stream)
    for message in await reader.fetch(int(count), timeout=10):
        headers = message.headers
        event = json.loads(message.data)
        print(message.subject, headers["Nats-Msg-Id"], headers["content-type"], event["id"], sep="\t")
    info = await jetstream.stream_info(stream)
    print("messages", info.state.messages, sep="\t")
    await client.close()


asyncio.run(main())
