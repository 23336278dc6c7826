"""Reads a running server with clients we did not write and prints what they saw, as one JSON object.

Usage: read_served.py BASE KEY
"""

import json
import sys
import time

import feedparser
import httpx
import httpx_sse
import openapi_spec_validator
from owslib.ogcapi.features import Features

base, key = sys.argv[1:3]
auth = {"Authorization": f"Bearer {key}"}
seen = {}

for name in ("rss", "atom"):
    text = httpx.get(f"{base}/feeds/{name}.xml", headers=auth)
    feed = feedparser.parse(text.content)
    again = httpx.get(f"{base}/feeds/{name}.xml", headers=auth | {"If-None-Match": text.headers["etag"]})
    seen[name] = {
        "bozo": int(feed.bozo),
        "ids": sorted(entry.id.removeprefix("urn:tidewatch:alert:") for entry in feed.entries),
        "links_to_xml": all(entry.link.endswith(".xml") for entry in feed.entries),
        "files": [httpx.get(entry.link, headers=auth).headers["content-type"] for entry in feed.entries],
        "placed": all(entry.get("where") is not None for entry in feed.entries),
        "again": again.status_code,
    }

features = Features(base, headers=auth)
seen["owslib"] = {
    "features": sorted(features.feature_collections()),
    "counts": {name: features.collection_items(name)["numberMatched"] for name in features.feature_collections()},
}

openapi_spec_validator.validate(httpx.get(f"{base}/api?f=json").json())
seen["openapi"] = "valid"

events = []
with httpx.Client(timeout=10) as client:
    with httpx_sse.connect_sse(client, "GET", f"{base}/stream", headers=auth | {"Last-Event-ID": "none"}) as source:
        stop = time.monotonic() + 8
        for event in source.iter_sse():
            events.append(event.id)
            assert event.event == "alert" and json.loads(event.data)["id"] == event.id
            if len(events) == len(seen["rss"]["ids"]) or time.monotonic() > stop:
                break
seen["stream"] = sorted(events)
print(json.dumps(seen))
