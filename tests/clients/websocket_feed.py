"""A websocket feed in aisstream.io's form, by the PyPI package websockets.

Prints its port, then each subscription it is sent. Serves three connections: text frames and an end, binary frames and a
broken connection, a ping before each of the last. Usage: websocket_feed.py LINE-OF-JSON [CERTIFICATE KEY]
"""

import asyncio
import json
import ssl
import sys

import websockets

RECORD = sys.argv[1]
TLS = None
if len(sys.argv) > 2:
    TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    TLS.load_cert_chain(sys.argv[2], sys.argv[3])
count = 0
done = asyncio.Event()


async def feed(socket):
    global count
    count += 1
    number = count
    # aisstream.io closes a connection that sends no subscription within three seconds.
    print(json.dumps(json.loads(await asyncio.wait_for(socket.recv(), 3))), flush=True)
    for _ in range(100):
        if number == 3:
            pong = await socket.ping()
            await asyncio.wait_for(pong, 3)
        await socket.send(RECORD if number == 1 else RECORD.encode())
    if number == 1:
        await socket.close()
    elif number == 2:
        socket.transport.abort()
    else:
        await socket.wait_closed()
        done.set()


async def main():
    async with websockets.serve(feed, "127.0.0.1", 0, ssl=TLS) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.wait_for(done.wait(), 60)


asyncio.run(main())
