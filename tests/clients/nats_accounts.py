"""Tries what an agency may do on a NATS server set up by deploy/nats.conf.

Usage: nats_accounts.py URL consumers PASSWORD            makes the agencies' consumers, as the user `setup`
       nats_accounts.py URL agency NAME PASSWORD OTHER    reads as an agency, and tries what it must not

Prints one JSON object.
"""

import asyncio
import json
import sys

import nats
from nats.js.api import AckPolicy, ConsumerConfig

url, role, *rest = sys.argv[1:]
refusals = []


async def on_error(error):
    refusals.append(str(error))


async def consumers(password):
    client = await nats.connect(url, user="setup", password=password)
    for agency in ["jcg", "pcg"]:
        config = ConsumerConfig(durable_name=agency, ack_policy=AckPolicy.EXPLICIT)
        await client.jetstream().add_consumer(f"MDA_{agency.upper()}", config)
    await client.close()
    print(json.dumps({"made": 2}))


async def refused(client, attempt):
    """What the server says to an attempt: its refusal, or what came of it."""
    refusals.clear()
    try:
        outcome = await attempt
    except Exception as error:  # the client names a refusal in many ways
        outcome = f"{type(error).__name__}"
    await client.flush()
    await asyncio.sleep(0.2)
    return {"refused": any("permissions violation" in text.lower() for text in refusals), "outcome": str(outcome)}


async def agency(name, password, other):
    client = await nats.connect(
        url, user=name, password=password, error_cb=on_error, inbox_prefix=f"_INBOX_{name}".encode()
    )
    jetstream = client.jetstream()
    own, theirs = f"MDA_{name.upper()}", f"MDA_{other.upper()}"
    reader = await jetstream.pull_subscribe_bind(name, own)
    messages = await reader.fetch(2, timeout=5)
    for message in messages:
        await message.ack_sync()
    seen = {"read": [message.subject for message in messages]}
    live = await client.subscribe(f"mda.v1.{name}.>")
    await client.flush()
    seen["live"] = live.subject

    async def pull():
        foreign = await jetstream.pull_subscribe_bind(other, theirs)
        return [message.subject for message in await foreign.fetch(1, timeout=1)]

    async def overhear(subject):
        return await (await client.subscribe(subject)).next_msg(timeout=0.5)

    for label, attempt in {
        "their subject": overhear(f"mda.v1.{other}.>"),
        "every subject": overhear("mda.v1.>"),
        "their answers": overhear(f"_INBOX_{other}.>"),
        "all answers": overhear("_INBOX.>"),
        "their consumer": pull(),
        "an alert of one's own": client.publish(f"mda.v1.{name}.alerts.made-up", b"{}"),
        "an alert to them": client.publish(f"mda.v1.{other}.alerts.made-up", b"{}"),
        "a consumer of one's own": client.request(f"$JS.API.CONSUMER.CREATE.{own}", b"{}", timeout=0.5),
        "the stream's end": client.request(f"$JS.API.STREAM.DELETE.{own}", b"", timeout=0.5),
        "a message of the stream": client.request(f"$JS.API.STREAM.MSG.GET.{theirs}", b'{"seq":1}', timeout=0.5),
        "a job": client.publish("tidewatch.work.urgent", b"{}"),
    }.items():
        seen[label] = await refused(client, attempt)
    await client.close()
    print(json.dumps(seen))


asyncio.run({"consumers": consumers, "agency": agency}[role](*rest))
