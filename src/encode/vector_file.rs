//! Rows of a layer as FlatGeobuf and GeoPackage: the layer's properties in their order behind its `id`, written by GDAL.
//!
//! A property that is not known is null. Times keep their milliseconds. Flags are 0 and 1.

use super::text::without_controls;
use crate::gis::GisError;
use crate::gis::write_layer::{ShapeKind, VectorTable, vector_file};
use crate::gis::write_points::{FieldKind, VectorFormat};
use crate::model::layer::{FeatureRow, Kind, Layer};
use jiff::Timestamp;
use serde_json::Value;

/// Formats of a file that GDAL writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinaryFormat {
    /// FlatGeobuf, with its spatial index.
    FlatGeobuf,
    /// GeoPackage.
    GeoPackage,
}

/// Media type of FlatGeobuf: none is registered, and this is the one that its readers know.
pub const FLATGEOBUF_MEDIA_TYPE: &str = "application/vnd.flatgeobuf";
/// Media type of GeoPackage.
pub const GEOPACKAGE_MEDIA_TYPE: &str = "application/geopackage+sqlite3";

/// A file could not be made.
#[derive(Debug, thiserror::Error)]
#[error("{layer}: cannot be written as {format:?}")]
pub struct VectorFileError {
    layer: &'static str,
    format: BinaryFormat,
    source: Box<GisError>,
}

/// Rows that a format cannot hold: GDAL's FlatGeobuf leaves features without a place out and says nothing.
pub fn unfit(format: BinaryFormat, rows: &[FeatureRow]) -> usize {
    match format {
        BinaryFormat::GeoPackage => 0,
        BinaryFormat::FlatGeobuf => rows.iter().filter(|row| row.geometry.is_none()).count(),
    }
}

/// The rows as one file. Equal rows give equal bytes: the file's date is the newest row's.
///
/// # Errors
///
/// If GDAL refuses.
pub fn file(
    format: BinaryFormat,
    layer: &Layer,
    rows: &[FeatureRow],
) -> Result<Vec<u8>, VectorFileError> {
    let properties = layer
        .properties
        .iter()
        .map(|property| (property.name, field_kind(property.kind)));
    let fields: Vec<_> = std::iter::once(("id", FieldKind::Text))
        .chain(properties)
        .collect();
    let wanted = VectorTable {
        name: layer.id,
        format: match format {
            BinaryFormat::FlatGeobuf => VectorFormat::FlatGeobuf,
            BinaryFormat::GeoPackage => VectorFormat::GeoPackage,
        },
        shape: match layer.geometry {
            "Point" => ShapeKind::Point,
            "MultiLineString" => ShapeKind::MultiLineString,
            _ => ShapeKind::MultiPolygon,
        },
        fields: &fields,
        changed: newest(rows),
    };
    vector_file(&wanted, |put| {
        for row in rows {
            let mut values = vec![without_controls(&row.id)];
            values.extend(row.values.iter().map(text));
            put(row.geometry.as_ref(), &values)?;
        }
        Ok(())
    })
    .map_err(|source| VectorFileError {
        layer: layer.id,
        format,
        source: Box::new(source),
    })
}

fn field_kind(kind: Kind) -> FieldKind {
    match kind {
        Kind::Text => FieldKind::Text,
        Kind::Time => FieldKind::DateTime,
        Kind::Number => FieldKind::Real,
        Kind::Integer => FieldKind::Integer,
        Kind::Flag => FieldKind::Flag,
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(flag) => u8::from(*flag).to_string(),
        Value::String(text) => without_controls(text),
        other => other.to_string(),
    }
}

fn newest(rows: &[FeatureRow]) -> Timestamp {
    rows.iter()
        .filter_map(|row| row.values[0].as_str()?.parse().ok())
        .max()
        .unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panic")]
mod tests {
    use super::*;
    use crate::encode::features::alert_row;
    use crate::model::alert_sample::alert;
    use crate::model::layer::{ALERTS, DETECTIONS, SCENES};
    use geo::polygon;
    use serde_json::json;

    const FORMATS: [BinaryFormat; 2] = [BinaryFormat::FlatGeobuf, BinaryFormat::GeoPackage];

    #[test]
    fn equal_rows_give_equal_bytes_and_the_files_begin_as_their_formats_do() {
        let mut hostile = alert("al-1", 1);
        hostile.headline = "魚釣島 \u{0} '\"; DROP TABLE".into();
        let rows = [alert_row(&hostile), alert_row(&alert("al-2", 1))];
        for (format, magic) in FORMATS
            .into_iter()
            .zip([b"fgb\x03".as_slice(), b"SQLite format 3\0"])
        {
            let bytes = file(format, &ALERTS, &rows).unwrap();
            assert!(bytes.starts_with(magic), "{format:?}");
            assert_eq!(bytes, file(format, &ALERTS, &rows).unwrap(), "{format:?}");
        }
    }

    #[test]
    fn empty_layers_are_written_and_features_without_a_place_where_the_format_takes_them() {
        let row = |geometry| FeatureRow {
            id: "x".into(),
            geometry,
            values: vec![serde_json::Value::Null; DETECTIONS.properties.len()],
        };
        let point = || Some(geo::Geometry::Point(geo::Point::new(123.5, 25.5)));
        let rows = [row(point()), row(None)];
        assert_eq!(FORMATS.map(|format| unfit(format, &rows)), [1, 0]);
        assert_eq!(FORMATS.map(|format| unfit(format, &rows[..1])), [0, 0]);
        for format in FORMATS {
            for end in 0..=rows.len() - unfit(format, &rows) {
                let bytes = file(format, &DETECTIONS, &rows[..end]);
                assert!(bytes.is_ok_and(|b| b.len() > 100), "{format:?} {end}");
            }
        }
        let area = polygon![(x: 1., y: 1.), (x: 2., y: 1.), (x: 2., y: 2.)];
        let mut values = vec![serde_json::Value::Null; SCENES.properties.len()];
        values[0] = json!("2026-03-01T09:00:00.123Z");
        values[SCENES.index_of("simulated").unwrap()] = json!(true);
        let scene = FeatureRow {
            id: "s".into(),
            geometry: Some(geo::Geometry::MultiPolygon(geo::MultiPolygon(vec![area]))),
            values,
        };
        for format in FORMATS {
            assert!(file(format, &SCENES, std::slice::from_ref(&scene)).is_ok());
        }
    }
}
