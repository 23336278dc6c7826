"""Reads an AIS table of the Danish form with DuckDB and sorts it by ship and time: the floor of any work on it."""

import sys

import duckdb

connection = duckdb.connect()
connection.execute("SET threads = 2")
connection.execute(
    """CREATE TABLE day AS SELECT MMSI, "# Timestamp" AS time, Latitude, Longitude, SOG, COG
       FROM read_csv(?, header = true, all_varchar = false) ORDER BY MMSI, time""",
    [sys.argv[1]],
)
print(connection.execute("SELECT count(*) FROM day").fetchone()[0])
