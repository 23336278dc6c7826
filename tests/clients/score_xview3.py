"""Scores a run's detections against xView3 labels, written apart from tidewatch's own score.

score_xview3.py LABELS.csv RUN: RUN/detections.geojson and RUN/contacts.geojson as `tidewatch run` writes them. Prints one JSON
object: the challenge's five terms and their aggregate. Detections with a flag of rejection are none.
"""

import csv
import json
import pathlib
import sys

import numpy
from scipy.optimize import linear_sum_assignment

LIMIT_M = 200.0
REJECTED = {"unlike-ship", "azimuth-ambiguity", "sidelobe", "interference", "border-noise"}


def match(labels, told):
    """Pairs within 200 m of the assignment in which farther pairs cost more than all others together."""
    if not labels or not told:
        return []
    apart = 10 * numpy.hypot(
        *(
            numpy.array([[float(label[name])] for label in labels]) - numpy.array([[one[name] for one in told]])
            for name in ("detect_scene_row", "detect_scene_column")
        )
    )
    cost = numpy.where(apart < LIMIT_M, apart, 1e8)
    return [(i, j) for i, j in zip(*linear_sum_assignment(cost)) if apart[i, j] < LIMIT_M]


def f1(hits, misses, false):
    return 2 * hits / (2 * hits + misses + false) if hits + misses + false else 0.0


def known(text):
    return {"true": True, "false": False}.get(text.lower())


def main(labels_path, run):
    run = pathlib.Path(run)
    fixed = {
        feature["properties"]["detection_id"]
        for feature in json.loads((run / "contacts.geojson").read_text())["features"]
        if feature["properties"]["verdict"] == "fixed"
    }
    told = {}
    for feature in json.loads((run / "detections.geojson").read_text())["features"]:
        about = feature["properties"]
        if REJECTED & set(about["flags"].split(";")):
            continue
        told.setdefault(about["scene_id"], []).append(
            {
                "detect_scene_row": about["row_px"],
                "detect_scene_column": about["col_px"],
                "length": about["length_m"] or 0.0,
                "vessel": feature["id"] not in fixed,
                "shore": about["shore_distance_m"],
            }
        )
    labels = {}
    with open(labels_path, newline="") as file:
        for row in csv.DictReader(file):
            labels.setdefault(row["scene_id"], []).append(row)
    counts = {name: numpy.zeros(3) for name in ("detection", "near_shore", "vessel", "fishing")}
    errors = []
    for scene, rows in labels.items():
        ours = told.get(scene, [])
        doubtful = {j for i, j in match(rows, ours) if rows[i]["confidence"] == "LOW"}
        ours = [one for j, one in enumerate(ours) if j not in doubtful]
        rows = [row for row in rows if row["confidence"] != "LOW"]
        pairs = match(rows, ours)
        counts["detection"] += [len(pairs), len(rows) - len(pairs), len(ours) - len(pairs)]
        for i, j in pairs:
            row, one = rows[i], ours[j]
            for name, is_it, said in (
                ("vessel", known(row["is_vessel"]), one["vessel"]),
                ("fishing", known(row["is_fishing"]) if known(row["is_vessel"]) else None, False),
            ):
                if is_it is not None:
                    counts[name] += [is_it and said, is_it and not said, said and not is_it]
            if row["vessel_length_m"]:
                length = min(float(row["vessel_length_m"]), 500)
                errors.append(abs(min(one["length"], 500) - length) / length)
        rows = [row for row in rows if row["distance_from_shore_km"] and float(row["distance_from_shore_km"]) <= 2]
        ours = [one for one in ours if one["shore"] is not None and one["shore"] <= 2000]
        pairs = match(rows, ours)
        counts["near_shore"] += [len(pairs), len(rows) - len(pairs), len(ours) - len(pairs)]
    terms = {name: f1(*count) for name, count in counts.items()}
    terms["length_score"] = 1 - min(float(numpy.mean(errors)), 1.0) if errors else 0.0
    others = terms["length_score"] + terms["vessel"] + terms["fishing"] + terms["near_shore"]
    terms["aggregate"] = terms["detection"] * (1 + others) / 5
    print(json.dumps(terms))


main(*sys.argv[1:])
