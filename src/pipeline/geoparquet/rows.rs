//! Reports held as columns, and the row group made of them.

use crate::encode::reports::{class, typed};
use crate::model::track::{Position, Vessel};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type};
use parquet::errors::{ParquetError, Result};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use std::io::Write;

/// The table's columns, in the order in which [`Rows::write`] gives them.
pub(super) const SCHEMA: &str = "message reports {
    required binary mmsi (STRING);
    required int64 datetime (TIMESTAMP(MILLIS, true));
    required binary geometry;
    required group bbox {
        required double xmin;
        required double ymin;
        required double xmax;
        required double ymax;
    }
    optional double sog_kn;
    optional double cog_deg;
    optional double heading_deg;
    optional int32 nav_status;
    required binary class (STRING);
    optional binary vessel_name (STRING);
    optional binary call_sign (STRING);
    optional int32 imo;
    optional int32 ship_type;
    optional double length_m;
    optional double width_m;
    optional double draught_m;
    optional binary destination (STRING);
}";

/// Values of a column that may be null: those that are told, and for each row whether it has one.
struct Told<T> {
    values: Vec<T>,
    levels: Vec<i16>,
}

impl<T> Default for Told<T> {
    fn default() -> Self {
        Self {
            values: Vec::new(),
            levels: Vec::new(),
        }
    }
}

impl<T> Told<T> {
    fn push(&mut self, value: Option<T>) {
        self.levels.push(i16::from(value.is_some()));
        self.values.extend(value);
    }
}

/// Reports as columns.
#[derive(Default)]
pub(super) struct Rows {
    mmsi: Vec<ByteArray>,
    time_ms: Vec<i64>,
    lon_deg: Vec<f64>,
    lat_deg: Vec<f64>,
    sog_kn: Told<f64>,
    cog_deg: Told<f64>,
    heading_deg: Told<f64>,
    nav_status: Told<i32>,
    class: Vec<ByteArray>,
    vessel_name: Told<ByteArray>,
    call_sign: Told<ByteArray>,
    imo: Told<i32>,
    ship_type: Told<i32>,
    length_m: Told<f64>,
    width_m: Told<f64>,
    draught_m: Told<f64>,
    destination: Told<ByteArray>,
}

impl Rows {
    pub(super) fn len(&self) -> usize {
        self.time_ms.len()
    }

    pub(super) fn push(&mut self, report: &Position, vessel: &Vessel) {
        let text = |value: &Option<String>| {
            let text = typed(value);
            (!text.is_empty()).then(|| ByteArray::from(text.into_bytes()))
        };
        self.mmsi
            .push(ByteArray::from(report.mmsi.to_string().into_bytes()));
        self.time_ms.push(report.time.as_millisecond());
        self.lon_deg.push(report.position.lon_deg);
        self.lat_deg.push(report.position.lat_deg);
        self.sog_kn.push(report.sog_kn);
        self.cog_deg.push(report.cog_deg);
        self.heading_deg.push(report.heading_deg);
        self.nav_status.push(report.nav_status.map(i32::from));
        self.class.push(ByteArray::from(class(report.class)));
        self.vessel_name.push(text(&vessel.name));
        self.call_sign.push(text(&vessel.call_sign));
        // An IMO number has seven digits.
        self.imo
            .push(vessel.imo.and_then(|imo| imo.try_into().ok()));
        self.ship_type.push(vessel.ship_type.map(i32::from));
        self.length_m.push(vessel.length_m);
        self.width_m.push(vessel.width_m);
        self.draught_m.push(vessel.draught_m);
        self.destination.push(text(&vessel.destination));
    }

    /// Writes all as one row group.
    pub(super) fn write<W: Write + Send>(&self, file: &mut SerializedFileWriter<W>) -> Result<()> {
        let places = self.lon_deg.iter().zip(&self.lat_deg);
        let points: Vec<ByteArray> = places.map(|(lon, lat)| point(*lon, *lat)).collect();
        let mut group = file.next_row_group()?;
        column::<ByteArrayType, _>(&mut group, &self.mmsi, None)?;
        column::<Int64Type, _>(&mut group, &self.time_ms, None)?;
        column::<ByteArrayType, _>(&mut group, &points, None)?;
        for edge in [&self.lon_deg, &self.lat_deg, &self.lon_deg, &self.lat_deg] {
            column::<DoubleType, _>(&mut group, edge, None)?;
        }
        told::<DoubleType, _>(&mut group, &self.sog_kn)?;
        told::<DoubleType, _>(&mut group, &self.cog_deg)?;
        told::<DoubleType, _>(&mut group, &self.heading_deg)?;
        told::<Int32Type, _>(&mut group, &self.nav_status)?;
        column::<ByteArrayType, _>(&mut group, &self.class, None)?;
        told::<ByteArrayType, _>(&mut group, &self.vessel_name)?;
        told::<ByteArrayType, _>(&mut group, &self.call_sign)?;
        told::<Int32Type, _>(&mut group, &self.imo)?;
        told::<Int32Type, _>(&mut group, &self.ship_type)?;
        told::<DoubleType, _>(&mut group, &self.length_m)?;
        told::<DoubleType, _>(&mut group, &self.width_m)?;
        told::<DoubleType, _>(&mut group, &self.draught_m)?;
        told::<ByteArrayType, _>(&mut group, &self.destination)?;
        group.close()?;
        Ok(())
    }
}

fn told<T: DataType, W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    column_of: &Told<T::T>,
) -> Result<()> {
    column::<T, W>(group, &column_of.values, Some(&column_of.levels))
}

/// Writes the next column of the schema.
fn column<T: DataType, W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    values: &[T::T],
    levels: Option<&[i16]>,
) -> Result<()> {
    let mut column = group
        .next_column()?
        .ok_or_else(|| ParquetError::General("more columns than the schema has".to_owned()))?;
    column.typed::<T>().write_batch(values, levels, None)?;
    column.close()
}

/// A point in WKB: little-endian, type 1, x, y.
fn point(lon_deg: f64, lat_deg: f64) -> ByteArray {
    let mut bytes = Vec::with_capacity(21);
    bytes.extend([1, 1, 0, 0, 0]);
    bytes.extend(lon_deg.to_le_bytes());
    bytes.extend(lat_deg.to_le_bytes());
    ByteArray::from(bytes)
}

/// Least and greatest lon and lat of a file, degrees.
pub(super) struct Bounds {
    west_deg: f64,
    south_deg: f64,
    east_deg: f64,
    north_deg: f64,
}

impl Default for Bounds {
    /// Of no place.
    fn default() -> Self {
        Self {
            west_deg: f64::INFINITY,
            south_deg: f64::INFINITY,
            east_deg: f64::NEG_INFINITY,
            north_deg: f64::NEG_INFINITY,
        }
    }
}

impl Bounds {
    pub(super) fn widen(&mut self, rows: &Rows) {
        for (lon_deg, lat_deg) in rows.lon_deg.iter().zip(&rows.lat_deg) {
            self.west_deg = self.west_deg.min(*lon_deg);
            self.east_deg = self.east_deg.max(*lon_deg);
            self.south_deg = self.south_deg.min(*lat_deg);
            self.north_deg = self.north_deg.max(*lat_deg);
        }
    }

    /// Value of the file's key `geo`. No `crs` means longitude, latitude on WGS 84.
    pub(super) fn metadata(&self) -> String {
        let edge = |name: &str| serde_json::json!(["bbox", name]);
        let mut geometry = serde_json::json!({
            "encoding": "WKB",
            "geometry_types": ["Point"],
            "covering": {"bbox": {
                "xmin": edge("xmin"), "ymin": edge("ymin"), "xmax": edge("xmax"), "ymax": edge("ymax"),
            }},
        });
        if self.west_deg <= self.east_deg {
            let bounds = [self.west_deg, self.south_deg, self.east_deg, self.north_deg];
            geometry["bbox"] = serde_json::json!(bounds);
        }
        serde_json::json!({
            "version": "1.1.0",
            "primary_column": "geometry",
            "columns": {"geometry": geometry},
        })
        .to_string()
    }
}
