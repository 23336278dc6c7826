"""Prints a GeoParquet file, or a folder of them by day and cell, as the CSV that `tidewatch ais` prints; rows in order of text.

usage: geoparquet_rows.py pyarrow|duckdb FILE|FOLDER

pyarrow reads the places from the geometry (through shapely), DuckDB from the box beside it.
"""

import csv
import datetime
import sys
from pathlib import Path

COLUMNS = (
    "mmsi datetime lon lat sog_kn cog_deg heading_deg nav_status class vessel_name call_sign imo ship_type length_m width_m"
    " draught_m destination"
).split()
DECIMALS = {"lon": 6, "lat": 6, "heading_deg": 0, "sog_kn": 1, "cog_deg": 1, "length_m": 1, "width_m": 1, "draught_m": 1}
TYPES = {
    "timestamp[ms, tz=UTC]": ["datetime"],
    "double": ["sog_kn", "cog_deg", "heading_deg", "length_m", "width_m", "draught_m"],
    "int32": ["nav_status", "imo", "ship_type"],
    "string": ["mmsi", "class", "vessel_name", "call_sign", "destination"],
}


def by_pyarrow(path):
    import pyarrow.dataset
    import shapely

    data = pyarrow.dataset.dataset(path, format="parquet", partitioning="hive")
    for kind, names in TYPES.items():
        for name in names:
            found = str(data.schema.field(name).type)
            assert found == kind, f"{name}: {found}"
    table = data.to_table()
    points = shapely.from_wkb(table.column("geometry").to_pylist())
    for row, point in zip(table.to_pylist(), points):
        box = row["bbox"]
        assert [box["xmin"], box["ymin"], box["xmax"], box["ymax"]] == [point.x, point.y, point.x, point.y]
        if "cell" in row:
            check_cell(row, point.x, point.y)
        yield {**row, "lon": point.x, "lat": point.y}


def check_cell(row, lon, lat):
    """The folder's cell and day hold the place and the time."""
    cell = row["cell"]
    south = int(cell[1:3]) * (1 if cell[0] == "N" else -1)
    west = int(cell[4:7]) * (1 if cell[3] == "E" else -1)
    assert south <= lat <= south + 10 and west <= lon <= west + 10, (cell, lon, lat)
    assert str(row["day"]) == row["datetime"].strftime("%Y-%m-%d"), row["day"]


def by_duckdb(path):
    import duckdb

    files = str(path) if path.is_file() else f"{path}/*/*/*.parquet"
    duckdb.sql("SET TimeZone = 'UTC'")
    wanted = ", ".join(name for name in COLUMNS if name not in ("lon", "lat", "datetime"))
    query = f"""SELECT {wanted}, epoch_ms(datetime) AS ms, bbox.xmin AS lon, bbox.ymin AS lat
        FROM read_parquet('{files}', hive_partitioning = {path.is_dir()})"""
    found = duckdb.sql(query)
    for values in found.fetchall():
        row = dict(zip(found.columns, values))
        yield {**row, "datetime": datetime.datetime.fromtimestamp(row["ms"] / 1000, datetime.timezone.utc)}


def text(row, name):
    value = row[name]
    if value is None:
        return ""
    if name == "datetime":
        return value.strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03}Z"
    if name in DECIMALS:
        return f"{value:.{DECIMALS[name]}f}"
    return str(value)


def main():
    path = Path(sys.argv[2])
    read = {"pyarrow": by_pyarrow, "duckdb": by_duckdb}[sys.argv[1]]
    rows = sorted([text(row, name) for name in COLUMNS] for row in read(path))
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(COLUMNS)
    out.writerows(rows)


main()
