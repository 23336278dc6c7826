"""Compares calibration gain and noise power with satpy's Sentinel-1 reader.

usage: satpy_radiometry.py CALIBRATION_XML NOISE_XML LINES SAMPLES POLARISATION < points.csv

points.csv has a header and the columns row,col,gain,noise (sigmaNought LUT value, noise power in DN²).
A noise value of 0 in the product means "not measured": tidewatch lets the neighbour stand in, satpy interpolates towards
0. Points between such values are counted and left out of the comparison.

Prints the largest differences in dB; exits 1 if one is above 0.01 dB or fewer than 1,000 points were compared.
"""

import bisect
import csv
import datetime
import math
import sys
import xml.etree.ElementTree as ElementTree

from satpy.readers.sar_c_safe import Calibrator, Denoiser

TOLERANCE_DB = 0.01


def unmeasured(noise_xml):
    """Tells whether a noise value that bears on (row, col) is 0."""
    vectors = []
    for vector in ElementTree.parse(noise_xml).iter("noiseRangeVector"):
        pixels = [int(text) for text in vector.find("pixel").text.split()]
        values = [float(text) for text in vector.find("noiseRangeLut").text.split()]
        vectors.append((int(vector.find("line").text), pixels, values))
    lines = [line for line, _, _ in vectors]

    def tell(row, col):
        after = min(max(bisect.bisect_left(lines, row), 1), len(lines) - 1)
        for _, pixels, values in vectors[after - 1 : after + 1]:
            right = min(max(bisect.bisect_left(pixels, col), 1), len(pixels) - 1)
            if 0.0 in values[right - 1 : right + 1]:
                return True
        return False

    return tell


def main():
    calibration, noise, lines, samples, polarisation = sys.argv[1:]
    shape = (int(lines), int(samples))
    anytime = datetime.datetime(2020, 1, 1)
    named = {"start_time": anytime, "end_time": anytime, "polarization": polarisation.lower()}
    gain = Calibrator(calibration, named, {}, image_shape=shape).get_calibration("sigma_nought", chunks=1024)
    power = Denoiser(noise, named, {}, image_shape=shape).get_noise_correction(chunks=1024)

    points = [
        (int(p["row"]), int(p["col"]), float(p["gain"]), float(p["noise"]))
        for p in csv.DictReader(sys.stdin)
    ]
    rows = sorted({p[0] for p in points})
    cols = sorted({p[1] for p in points})
    gain_at = gain.isel(y=rows, x=cols).values
    noise_at = power.isel(y=rows, x=cols).values
    worst_gain_db = worst_noise_db = 0.0
    compared = 0
    zero_near = unmeasured(noise)
    for row, col, our_gain, our_noise in points:
        theirs = float(gain_at[rows.index(row), cols.index(col)])
        worst_gain_db = max(worst_gain_db, abs(20 * math.log10(our_gain / theirs)))
        if zero_near(row, col):
            continue
        compared += 1
        theirs = float(noise_at[rows.index(row), cols.index(col)])
        worst_noise_db = max(worst_noise_db, abs(10 * math.log10(our_noise / theirs)))
    print(
        f"{len(points)} points, {compared} with measured noise: sigma nought gain within {worst_gain_db:.6f} dB, "
        f"noise within {worst_noise_db:.6f} dB of satpy"
    )
    sys.exit(0 if compared >= 1000 and max(worst_gain_db, worst_noise_db) <= TOLERANCE_DB else 1)


main()
