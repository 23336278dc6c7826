"""Scores detections against Pascal VOC boxes, written apart from tidewatch's own score.

score_boxes.py FOLDER DETECTIONS: the folder's annotations/*.xml, and DETECTIONS/NAME.csv as `tidewatch detect --rejected`
prints it. Prints one JSON object: hits, misses, false alarms (of rows that are not flagged unlike-ship; optimal assignment,
centre in the box or within 2 pixels) and average precision (all rows by falling score, each to the nearest free box).
"""

import csv
import json
import pathlib
import sys
import xml.etree.ElementTree as tree

import numpy
from scipy.optimize import linear_sum_assignment

FAR = 1e6


def distances(boxes, rows):
    table = numpy.full((len(boxes), len(rows)), FAR)
    for i, (left, top, right, bottom) in enumerate(boxes):
        for j, row in enumerate(rows):
            x, y = float(row["col"]), float(row["row"])
            if left - 2 <= x <= right + 2 and top - 2 <= y <= bottom + 2:
                size = numpy.hypot(right - left, bottom - top) / 2 + 2
                table[i, j] = numpy.hypot(x - (left + right) / 2, y - (top + bottom) / 2) / size
    return table


def main(folder, detections):
    hits = misses = false_alarms = 0
    ranked = []
    for path in sorted((folder / "annotations").glob("*.xml")):
        boxes = [
            [float(item.findtext(f"bndbox/{side}")) for side in ("xmin", "ymin", "xmax", "ymax")]
            for item in tree.parse(path).getroot().iter("object")
        ]
        with open(detections / f"{path.stem}.csv", newline="") as file:
            rows = list(csv.DictReader(file))
        ships = [row for row in rows if "unlike-ship" not in row["flags"].split(";")]
        table = distances(boxes, ships)
        pairs = [p for p in zip(*linear_sum_assignment(table)) if table[p] < FAR]
        hits += len(pairs)
        misses += len(boxes) - len(pairs)
        false_alarms += len(ships) - len(pairs)
        rows.sort(key=lambda row: -float(row["score"]))
        table = distances(boxes, rows)
        for j, row in enumerate(rows):
            near = int(table[:, j].argmin()) if boxes else 0
            found = bool(boxes) and table[near, j] < FAR
            if found:
                table[near, :] = FAR
            ranked.append((float(row["score"]), found))
    ranked.sort(key=lambda entry: -entry[0])
    found = numpy.cumsum([entry[1] for entry in ranked])
    precision = found / numpy.arange(1, len(ranked) + 1)
    best = numpy.maximum.accumulate(precision[::-1])[::-1]
    area = sum(p for p, entry in zip(best, ranked) if entry[1]) / (hits + misses)
    print(json.dumps({"hits": hits, "misses": misses, "false_alarms": false_alarms, "average_precision": float(area)}))


main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
