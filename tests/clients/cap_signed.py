"""Asks capvalidator, strict, whether every CAP file named on the command line is valid and signed."""

import sys

import capvalidator


def main():
    failed = 0
    for path in sys.argv[1:]:
        with open(path, "rb") as file:
            result = capvalidator.validate_cap_message(file.read(), strict=True)
        print(f"{path}: {result.message}")
        failed += not result.passed
    sys.exit(1 if failed or len(sys.argv) < 2 else 0)


main()
