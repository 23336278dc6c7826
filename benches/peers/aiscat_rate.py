"""Decodes a log with aiscat and prints the seconds of the faster of its two outputs: JSON text or Python dictionaries.

usage: aiscat_rate.py LOG
"""

import sys
import time

import aiscat


def seconds(form, log):
    begun = time.perf_counter()
    count = sum(1 for _ in aiscat.iter_decode([log], format=form))
    took = time.perf_counter() - begun
    if count == 0:
        sys.exit("aiscat decoded nothing")
    return took


def main():
    with open(sys.argv[1], "rb") as file:
        log = file.read()
    print(min(seconds(form, log) for form in ("json", "dictionary")))


main()
