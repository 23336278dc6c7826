"""Assigns detections to vessels by distance with SciPy and prints the seconds it took.

usage: assignment.py PLACES.csv   (lines of kind,lon,lat; kind is detection or vessel)
"""

import csv
import sys
import time

import numpy as np
from scipy.optimize import linear_sum_assignment

GATE_M = 10_000.0
EARTH_RADIUS_M = 6_371_000.0


def main():
    places = {"detection": [], "vessel": []}
    with open(sys.argv[1], encoding="utf-8") as file:
        for kind, lon, lat in csv.reader(file):
            places[kind].append((float(lon), float(lat)))
    detections, vessels = (np.radians(np.array(places[kind])) for kind in places)
    begun = time.perf_counter()
    east = (detections[:, None, 0] - vessels[None, :, 0]) * np.cos(detections[:, None, 1])
    north = detections[:, None, 1] - vessels[None, :, 1]
    distance_m = EARTH_RADIUS_M * np.hypot(east, north)
    rows, columns = linear_sum_assignment(np.minimum(distance_m, GATE_M))
    named = np.count_nonzero(distance_m[rows, columns] < GATE_M)
    took = time.perf_counter() - begun
    if named == 0:
        sys.exit("nothing was assigned")
    print(took)


main()
