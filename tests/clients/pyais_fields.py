"""Decodes a log with pyais and prints one line a message: type and fields in the radio's own units, `-` for not available.

usage: pyais_fields.py LOG

The same text comes from tests/it/ais_peers.rs; the two are compared as sorted lists.
"""

import sys

import pyais
from pyais.stream import FileReaderStream


def near(value, scale, absent):
    """Whole units, or `-` if the message says that it has none."""
    units = round(float(value) * scale)
    return "-" if absent(units) else str(units)


def place(m):
    lon, lat = round(m.lon * 600000), round(m.lat * 600000)
    if abs(lon) > 180 * 600000 or abs(lat) > 90 * 600000:
        return "-,-"
    return f"{lon},{lat}"


def motion(m):
    sog = near(m.speed, 10, lambda u: u >= 1023)
    cog = near(m.course, 10, lambda u: u >= 3600)
    heading = near(m.heading, 1, lambda u: u >= 360)
    second = near(m.second, 1, lambda u: u >= 60)
    return f"{place(m)},{sog},{cog},{heading},{second},{int(m.accuracy)},{int(m.raim)}"


def size(m):
    return f"{m.to_bow},{m.to_stern},{m.to_port},{m.to_starboard}"


def text(value):
    return (value or "").strip()


def fields(m):
    kind, head = int(m.msg_type), f"{int(m.msg_type)},{int(m.mmsi)},{int(m.repeat)}"
    if kind in (1, 2, 3):
        return f"{head},{int(m.status)},{motion(m)},{int(m.radio)}"
    if kind == 4:
        return f"{head},{place(m)},{int(m.epfd)},{int(m.accuracy)},{int(m.raim)},{int(m.radio)}"
    if kind == 5:
        return (
            f"{head},{text(m.callsign)},{text(m.shipname)},{size(m)},{round(m.draught * 10)},"
            f"{text(m.destination)},{int(m.epfd)}"
        )
    if kind == 18:
        return f"{head},{motion(m)},{int(m.cs)},{int(m.display)},{int(m.dsc)},{int(m.band)},{int(m.msg22)},{int(m.assigned)}"
    return None


def main():
    for message in FileReaderStream(sys.argv[1]):
        try:
            line = fields(message.decode())
        except (pyais.exceptions.AISBaseException, TypeError):
            # A TypeError comes of a field that a shortened message has as None.
            continue
        if line is not None:
            print(line)


main()
