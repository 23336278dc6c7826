"""Makes GeoParquet files as MarineCadastre gives them from 2025 on, of a CSV of theirs to 2024, in the ways that writers differ.

usage: geoparquet_made.py CSV FOLDER

Prints the name of each file made.
"""

import csv
import datetime
import json
import struct
import sys
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq


def number(kind):
    return lambda text: kind(float(text)) if text else None


def time(text):
    return datetime.datetime.fromisoformat(text)


# Name from 2025 on, name to 2024, type, reading of the CSV's text.
COLUMNS = [
    ("mmsi", "MMSI", pa.int64(), int),
    ("base_date_time", "BaseDateTime", pa.timestamp("us"), time),
    ("sog", "SOG", pa.float64(), number(float)),
    ("cog", "COG", pa.float64(), number(float)),
    ("heading", "Heading", pa.float32(), number(float)),
    ("vessel_name", "VesselName", pa.string(), lambda text: text or None),
    ("imo", "IMO", pa.string(), lambda text: text or None),
    ("call_sign", "CallSign", pa.string(), lambda text: text or None),
    ("vessel_type", "VesselType", pa.int32(), number(int)),
    ("status", "Status", pa.int16(), number(int)),
    ("length", "Length", pa.float64(), number(float)),
    ("width", "Width", pa.float64(), number(float)),
    ("draft", "Draft", pa.float64(), number(float)),
    ("cargo", "Cargo", pa.int32(), number(int)),
    ("transceiver", "TransceiverClass", pa.string(), lambda text: text or None),
]


def wkb(row):
    return struct.pack("<BIdd", 1, 1, float(row["LON"]), float(row["LAT"]))


def table(rows):
    arrays = {name: pa.array([read(row[old]) for row in rows], kind) for name, old, kind, read in COLUMNS}
    arrays["geometry"] = pa.array([wkb(row) for row in rows], pa.binary())
    geo = {
        "version": "1.1.0",
        "primary_column": "geometry",
        "columns": {"geometry": {"encoding": "WKB", "geometry_types": ["Point"]}},
    }
    made = pa.table(arrays)
    return made.replace_schema_metadata({**(made.schema.metadata or {}), b"geo": json.dumps(geo).encode()})


def main():
    source, folder = Path(sys.argv[1]), Path(sys.argv[2])
    with source.open(newline="") as text:
        rows = list(csv.DictReader(text))
    points = table(rows)
    ways = {
        "snappy": {},
        "zstd": {"compression": "zstd", "row_group_size": 70},
        "plain": {"compression": "none", "use_dictionary": False, "data_page_size": 500},
        "second": {"data_page_version": "2.0", "compression": "zstd"},
        "deltas": {
            "use_dictionary": False,
            "column_encoding": {"mmsi": "DELTA_BINARY_PACKED", "sog": "BYTE_STREAM_SPLIT", "vessel_name": "DELTA_LENGTH_BYTE_ARRAY"},
        },
        "int96": {"use_deprecated_int96_timestamps": True},
    }
    for name, options in ways.items():
        pq.write_table(points, folder / f"{name}.parquet", **options)
        print(f"{name}.parquet")
    # A table without a geometry: the place in columns, under the names of the CSV from 2025 on.
    duckdb.sql(
        f"""COPY (SELECT * EXCLUDE (LAT, LON), LON AS longitude, LAT AS latitude FROM read_csv('{source}'))
        TO '{folder}/duckdb.parquet' (FORMAT parquet)"""
    )
    print("duckdb.parquet")


main()
