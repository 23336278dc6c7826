"""Asks capvalidator whether every CAP file named on the command line is valid CAP 1.2, and with --signed also signed."""

import argparse
import sys

import capvalidator


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--signed", action="store_true")
    parser.add_argument("files", nargs="+")
    arguments = parser.parse_args()
    failed = 0
    for path in arguments.files:
        with open(path, "rb") as file:
            result = capvalidator.validate_cap_message(file.read(), strict=arguments.signed)
        print(f"{path}: {result.message}")
        failed += not result.passed
    print(f"{len(arguments.files) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
