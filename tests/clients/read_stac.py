"""Walks a running server's catalogue with pystac and pystac-client and prints what they saw, as one JSON object.

Usage: read_stac.py BASE KEY

Core schemas ship with pystac. Those of the extensions do not: where STAC_SCHEMAS names a folder with a file
`<extension>-<version>.json` each, items are held against them, too, and `extensions` says which.
"""

import json
import os
import pathlib
import re
import sys

import httpx
import jsonschema
import pystac
from pystac.extensions.projection import ProjectionExtension
from pystac.extensions.sar import SarExtension
from pystac.extensions.sat import SatExtension
from pystac.extensions.view import ViewExtension
from pystac.validation import validate_dict
from pystac_client import Client

base, key = sys.argv[1:3]
headers = {"Authorization": f"Bearer {key}"}
client = Client.open(f"{base}/stac", headers=headers)
seen = {"counts": {}, "searched": {}, "checked": 0, "extensions": [], "sar": 0}


def of_core(thing, kind):
    # Without a list of extensions only the core is asked, and that needs no network.
    validate_dict(thing.to_dict(transform_hrefs=False), kind, extensions=[])
    seen["checked"] += 1


def of_extensions(item):
    folder = os.environ.get("STAC_SCHEMAS")
    for uri in item.stac_extensions:
        name, version = re.fullmatch(r".*/([a-z]+)/v([0-9.]+)/schema.json", uri).groups()
        path = pathlib.Path(folder or "", f"{name}-{version}.json")
        if folder and path.exists():
            jsonschema.Draft7Validator(json.loads(path.read_text())).validate(item.to_dict(transform_hrefs=False))
            if path.stem not in seen["extensions"]:
                seen["extensions"].append(path.stem)


of_core(client, pystac.STACObjectType.CATALOG)
for collection in client.get_collections():
    of_core(collection, pystac.STACObjectType.COLLECTION)
    items = list(collection.get_items())
    seen["counts"][collection.id] = len(items)
    for item in items:
        of_core(item, pystac.STACObjectType.ITEM)
        of_extensions(item)
        assert item.collection_id == collection.id
        if SarExtension.has_extension(item):
            sar = SarExtension.ext(item)
            assert sar.instrument_mode and sar.product_type and sar.polarizations, item.id
            assert SatExtension.ext(item).orbit_state and ViewExtension.ext(item).incidence_angle, item.id
            seen["sar"] += 1
        if ProjectionExtension.has_extension(item):
            assert len(ProjectionExtension.ext(item).shape) == 2
        for asset in item.assets.values():
            answer = httpx.get(asset.href, headers=headers)
            assert answer.status_code == 200, asset.href
            assert answer.headers["content-type"] == asset.media_type, asset.href
        for link in item.links:
            assert httpx.get(link.href, headers=headers).status_code == 200, link.href

for method in ("GET", "POST"):
    search = client.search(method=method, limit=1, sortby="+properties.datetime")
    items = list(search.items())
    times = [item.datetime for item in items]
    assert times == sorted(times)
    assert len({(item.collection_id, item.id) for item in items}) == len(items) == search.matched()
    seen["searched"][method] = len(items)

first = next(client.search(collections=["scenes"], limit=1).items())
west, south, east, north = first.bbox
same = client.search(collections=["scenes"], ids=[first.id], bbox=first.bbox, datetime=first.datetime)
assert [item.id for item in same.items()] == [first.id]
near = client.search(collections=["scenes"], intersects={"type": "Point", "coordinates": [(west + east) / 2, (south + north) / 2]})
assert first.id in [item.id for item in near.items()]
assert not list(client.search(bbox=[-1, -1, 1, 1]).items())

# The search of a scene leads to its detections, as many as it says.
run = client.get_collection("detection-runs").get_item(f"{first.id}.run")
assert run.get_single_link("derived_from").href == first.get_self_href()
detections = [link.href for link in first.links if link.title == "Detections"]
found = httpx.get(detections[0], headers=headers).json()["numberMatched"]
assert found == run.properties["tidewatch:detections"], (found, run.properties)
seen["quicklooks"] = sum("quicklook" in item.assets for item in client.search(collections=["scenes"]).items())
print(json.dumps(seen))
