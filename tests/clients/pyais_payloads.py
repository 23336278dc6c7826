"""Decodes the binary messages (types 6 and 8) of a log with pyais and prints one JSON object a message: its fields and the lists
that pyais makes of repeated ones, flat, with `/` between the parts of a name.

usage: pyais_payloads.py LOG

Read by tests/it/ais_payloads.rs.
"""

import json
import sys

from pyais.stream import FileReaderStream

LISTS = {"sub_areas": "areas", "targets": "targets", "reports": "reports", "cargos": "cargos", "waypoints": "waypoints"}


def put(told, name, held):
    if isinstance(held, dict):
        for key, value in held.items():
            put(told, f"{name}/{key}" if name else key, value)
    elif isinstance(held, list):
        for at, value in enumerate(held):
            put(told, f"{name}/{at}", value)
    elif isinstance(held, str):
        told[name] = held.split("@")[0].strip()
    elif not isinstance(held, bytes) and held is not None:
        told[name] = float(held)


def main():
    for sentence in FileReaderStream(sys.argv[1]):
        decoded = sentence.decode()
        told = {}
        put(told, "", {field.name: getattr(decoded, field.name) for field in decoded.fields()})
        for name, printed in LISTS.items():
            if hasattr(decoded, name):
                put(told, printed, getattr(decoded, name))
        print(json.dumps(told))


main()
