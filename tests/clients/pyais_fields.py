"""Decodes a log with pyais and prints one JSON object a message: every field in the radio's own units, under gpsd's names.

usage: pyais_fields.py LOG

`bits` is the length of the message, `valid` whether its checksums hold. Read by tests/it/ais_peers.rs.
"""

import json
import sys

import pyais
from pyais import messages
from pyais.stream import FileReaderStream

# Steps of one unit; all other numbers are printed as they are.
STEPS = {"speed": 10, "course": 10, "draught": 10, "lon": 600000, "lat": 600000}
# pyais gives the coarse places of types 17, 22 and 23 in minutes, that of type 27 in degrees.
CORNERS = {name: 10 for name in ("ne_lon", "ne_lat", "sw_lon", "sw_lat")}
COARSE = {17: {"lon": 10, "lat": 10}, 27: {"lon": 600, "lat": 600, "speed": 1, "course": 1}, 9: {"speed": 1}}
NAMES = {"msg_type": "type", "ship_type": "shiptype", "station_type": "stationtype"}
# Numbers that pyais rounds (the rate of turn) or folds into others (numbers kept for later): as they stand in the message.
RAW = {"turn": 8, "ship_type": 8, "epfd": 4, "station_type": 4, "aid_type": 5, "status": 4, "maneuver": 2}
# Data of an application is compared as data, not as what one program makes of it.
UNDIVIDED = {6: messages.MessageType6Default, 8: messages.MessageType8Default}


def value(kind, name, held, place, bits, length):
    if name in RAW and kind != 28:
        raw = bits.get(place, RAW[name])
        return raw - 256 if name == "turn" and raw > 127 else raw
    if isinstance(held, bytes):
        count = max(0, min(length - place, 8 * len(held)))
        return f"{count}:{held.hex()}"
    if isinstance(held, str):
        return held
    steps = {**STEPS, **CORNERS, **COARSE.get(kind, {})}
    return round(float(held) * steps.get(name, 1))


def fields(sentence):
    kind = sentence.ais_id
    bits = sentence.bv
    length = len(bits)
    decoded = UNDIVIDED[kind].from_vector(bits) if kind in UNDIVIDED else sentence.decode()
    told, place = {"bits": length, "valid": sentence.is_valid}, 0
    for field in decoded.fields():
        held, width = getattr(decoded, field.name), field.metadata["width"]
        if field.metadata["d_type"] is str and held is None:
            held = ""
        if held is not None and not field.metadata["is_spare"]:
            told[NAMES.get(field.name, field.name)] = value(kind, field.name, held, place, bits, length)
        place += width
    return told


def main():
    for sentence in FileReaderStream(sys.argv[1]):
        try:
            print(json.dumps(fields(sentence)))
        except pyais.exceptions.AISBaseException as error:
            print(json.dumps({"type": sentence.ais_id, "refused": type(error).__name__}))


main()
