#!/usr/bin/env python3
"""Writes assets/islands.txt from a GeoJSON file of OpenStreetMap island polygons.

    scripts/make-islands.py islands.geojson assets/islands.txt

Input: a FeatureCollection of Polygon or MultiPolygon features in longitude and latitude, each with a
`region` property. Output: the format described in assets/README.md. Nothing but Python 3's own library is needed.

Left out: the region `scarborough`, where OpenStreetMap draws the whole reef as land though nearly all of it is
under water, and rings that vanish when rounded to 1e-5 degrees (about one metre). Holes are not expected; the script stops at one.
"""

import json
import sys

LEFT_OUT = {"scarborough"}
SCALE = 100_000

HEADER = """\
# Shapes of islands, for land masks. Format: README.md in this folder.
# © OpenStreetMap contributors, ODbL 1.0 (https://www.openstreetmap.org/copyright)
# Made by scripts/make-islands.py; do not edit.
"""


def polygons(geometry):
    kind, coordinates = geometry["type"], geometry["coordinates"]
    if kind == "Polygon":
        return [coordinates]
    if kind == "MultiPolygon":
        return coordinates
    sys.exit(f"a {kind} was found; Polygon or MultiPolygon was expected")


def quantised(ring):
    """Corners in steps of 1e-5 degrees, repeats and the closing corner left out."""
    corners = []
    for lon, lat, *_ in ring:
        corner = (round(lon * SCALE), round(lat * SCALE))
        if not corners or corners[-1] != corner:
            corners.append(corner)
    if len(corners) > 1 and corners[0] == corners[-1]:
        corners.pop()
    return corners


def deltas(corners):
    """The first corner, then the step to each next one."""
    words, last = [], (0, 0)
    for lon, lat in corners:
        words.append(f"{lon - last[0]},{lat - last[1]}")
        last = (lon, lat)
    return " ".join(words)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    source, target = sys.argv[1:]
    with open(source, encoding="utf-8") as file:
        features = json.load(file)["features"]
    groups, vanished = {}, 0
    for feature in features:
        region = feature["properties"]["region"]
        if region in LEFT_OUT:
            continue
        for polygon in polygons(feature["geometry"]):
            if len(polygon) != 1:
                sys.exit(f"a polygon of {region} has a hole")
            corners = quantised(polygon[0])
            if len(corners) < 3:
                vanished += 1
                continue
            groups.setdefault(region, []).append(corners)
    with open(target, "w", encoding="utf-8", newline="\n") as file:
        file.write(HEADER)
        for region in sorted(groups):
            file.write(f"group {region}\n")
            for corners in sorted(groups[region]):
                file.write(deltas(corners) + "\n")
    count = sum(len(rings) for rings in groups.values())
    print(f"{count} rings written, {vanished} vanished", file=sys.stderr)


if __name__ == "__main__":
    main()
