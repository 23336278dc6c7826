"""Asks capvalidator whether every CAP file named on the command line is valid CAP 1.2 (unsigned is allowed)."""

import sys

import capvalidator


def main():
    failed = 0
    for path in sys.argv[1:]:
        with open(path, "rb") as file:
            result = capvalidator.validate_cap_message(file.read(), strict=False)
        print(f"{path}: {result.message}")
        failed += not result.passed
    print(f"{len(sys.argv) - 1 - failed} passed, {failed} failed")
    sys.exit(1 if failed or len(sys.argv) < 2 else 0)


main()
