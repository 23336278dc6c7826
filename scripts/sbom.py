#!/usr/bin/env python3
"""Writes the program's bill of materials as CycloneDX 1.6 JSON, from Cargo.lock: every crate that is linked into it for one
target, with licence, digest and what it needs. The same lock file gives the same bytes: no clock, no random number.

Usage: scripts/sbom.py [TARGET] > tidewatch.cdx.json        TARGET: x86_64-unknown-linux-gnu unless said

What Debian adds to a container image (libgdal32, libsqlite3-0 and what they need) is listed by `dpkg-query -W` in the image.
"""

import json
import pathlib
import subprocess
import sys
import tomllib
import uuid

root = pathlib.Path(__file__).resolve().parent.parent
target = sys.argv[1] if len(sys.argv) > 1 else "x86_64-unknown-linux-gnu"
command = ["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", target]
metadata = json.loads(subprocess.run(command, cwd=root, check=True, capture_output=True).stdout)
lock = tomllib.loads((root / "Cargo.lock").read_text(encoding="utf-8"))
digests = {(p["name"], p["version"]): p.get("checksum") for p in lock["package"]}
packages = {p["id"]: p for p in metadata["packages"]}
nodes = {n["id"]: n for n in metadata["resolve"]["nodes"]}


def needs(node):
    """Ids of what is compiled into a crate or builds it: all but what its tests alone use."""
    return sorted(
        dep["pkg"] for dep in node["deps"] if any(kind["kind"] in (None, "build") for kind in dep["dep_kinds"])
    )


main = metadata["resolve"]["root"]
reached, todo = {main}, [main]
while todo:
    for wanted in needs(nodes[todo.pop()]):
        if wanted not in reached:
            reached.add(wanted)
            todo.append(wanted)


def reference(package_id):
    package = packages[package_id]
    return f"pkg:cargo/{package['name']}@{package['version']}"


def component(package_id):
    package = packages[package_id]
    one = {
        "type": "application" if package_id == main else "library",
        "bom-ref": reference(package_id),
        "name": package["name"],
        "version": package["version"],
        "purl": reference(package_id),
    }
    if package.get("license"):
        # Old manifests write A/B for A OR B.
        one["licenses"] = [{"expression": package["license"].replace("/", " OR ")}]
    if digest := digests.get((package["name"], package["version"])):
        one["hashes"] = [{"alg": "SHA-256", "content": digest}]
    return one


ids = sorted(reached, key=reference)
bill = {
    "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "version": 1,
    "metadata": {"component": component(main), "properties": [{"name": "cargo:target", "value": target}]},
    "components": [component(package_id) for package_id in ids if package_id != main],
    "dependencies": [
        {"ref": reference(package_id), "dependsOn": [reference(dep) for dep in needs(nodes[package_id])]}
        for package_id in ids
    ],
}
text = json.dumps(bill, indent=1, ensure_ascii=False)
# From the content, as every id of ours.
bill["serialNumber"] = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, text)}"
print(json.dumps(bill, indent=1, ensure_ascii=False))
