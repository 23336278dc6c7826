//! Rows of a layer as GeoJSON features, CSV and KML, with the layer's properties in their order.
//!
//! Coordinates are lon,lat to 6 decimals, exterior rings anticlockwise (RFC 7946); a property that is not known is null in
//! GeoJSON, empty in CSV and left out in KML.

use super::geojson;
use super::text::{fixed, region_ids, rounded, without_controls};
use crate::model::alert::Alert;
use crate::model::layer::{ALERTS, FeatureRow, Kind, Layer};
use geo::{Geometry, LineString};
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

/// Media type of newline-delimited GeoJSON: one feature a line. `application/geo+json-seq` asks for a record separator
/// before each (RFC 8142, section 2), which readers of lines trip over.
pub const SEQUENCE_MEDIA_TYPE: &str = "application/x-ndjson";
/// Media type of KML.
pub const KML_MEDIA_TYPE: &str = "application/vnd.google-earth.kml+xml";

/// An alert as a row of [`ALERTS`].
pub fn alert_row(a: &Alert) -> FeatureRow {
    let e = &a.evidence;
    let known = json!({
        "datetime": format!("{:.3}", a.observed),
        "alert_id": a.id,
        "revision": a.revision,
        "message_type": a.message_type.as_str(),
        "status": a.status.as_str(),
        "sent_unix": a.sent.as_second(),
        "expires_unix": a.expires.as_second(),
        "rule": a.rule,
        "kind": a.kind.as_str(),
        "urgency": a.urgency.as_str(),
        "severity": a.severity.as_str(),
        "certainty": a.certainty.as_str(),
        "tlp": a.tlp.as_str(),
        "headline": a.headline,
        "description": a.description,
        "reasons": a.reasons.join(" "),
        "not_searched": e.not_searched.join(" "),
        "position_radius_m": rounded(a.position_radius_m, 0),
        "region_ids": region_ids(&a.regions),
        "region_names": a.region_names.join("; "),
        "scene_id": e.scene_id,
        "detection_id": e.detection_id,
        "contact_id": e.contact_id,
        "mmsi": e.mmsi,
        "vessel_name": e.vessel_name,
        "verdict": e.verdict,
        "probability": e.probability.and_then(|p| rounded(p, 4)),
        "length_m": e.length_m.and_then(|length| rounded(length, 1)),
    });
    FeatureRow {
        id: format!("{}.r{}", a.id, a.revision),
        geometry: Some(Geometry::Point(geo::Point::new(
            a.position.lon_deg,
            a.position.lat_deg,
        ))),
        values: ALERTS
            .properties
            .iter()
            .map(|property| known[property.name].clone())
            .collect(),
    }
}

/// A GeoJSON feature.
pub fn feature(layer: &Layer, row: &FeatureRow) -> Value {
    let properties: Map<String, Value> = layer
        .properties
        .iter()
        .zip(&row.values)
        .map(|(property, value)| (property.name.to_owned(), value.clone()))
        .collect();
    json!({
        "type": "Feature",
        "id": row.id,
        "geometry": row.geometry.as_ref().map_or(Value::Null, geometry),
        "properties": properties,
    })
}

/// A feature collection without links.
pub fn collection(layer: &Layer, rows: &[FeatureRow]) -> Vec<u8> {
    let features: Vec<Value> = rows.iter().map(|row| feature(layer, row)).collect();
    json!({ "type": "FeatureCollection", "features": features })
        .to_string()
        .into_bytes()
}

/// One feature a line.
pub fn sequence(layer: &Layer, rows: &[FeatureRow]) -> Vec<u8> {
    let mut text = String::new();
    for row in rows {
        let feature = feature(layer, row);
        // GDAL takes a line for a feature only if its type comes first.
        let _ = writeln!(
            text,
            "{{\"type\":\"Feature\",\"id\":{},\"geometry\":{},\"properties\":{}}}",
            feature["id"], feature["geometry"], feature["properties"]
        );
    }
    text.into_bytes()
}

/// CSV with a header: id, lon and lat of a point, the properties, and the geometry as WKT. Text that a spreadsheet would run
/// is disarmed by an apostrophe.
pub fn csv(layer: &Layer, rows: &[FeatureRow]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header = ["id", "lon", "lat"]
        .into_iter()
        .chain(layer.properties.iter().map(|property| property.name))
        .chain(["wkt"]);
    let written = writer.write_record(header);
    debug_assert!(written.is_ok(), "writing into memory does not fail");
    for row in rows {
        let (lon, lat) = match &row.geometry {
            Some(Geometry::Point(point)) => (fixed(point.x(), 6), fixed(point.y(), 6)),
            _ => (None, None),
        };
        let mut record = vec![
            super::csv::text(&row.id),
            lon.unwrap_or_default(),
            lat.unwrap_or_default(),
        ];
        record.extend(row.values.iter().map(cell));
        record.push(row.geometry.as_ref().map_or_else(String::new, wkt));
        let written = writer.write_record(&record);
        debug_assert!(written.is_ok(), "every record has the header's width");
    }
    writer.into_inner().unwrap_or_default()
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => super::csv::text(text),
        other => other.to_string(),
    }
}

/// KML placemarks with a time stamp and the properties as extended data.
pub fn kml(layer: &Layer, rows: &[FeatureRow]) -> Vec<u8> {
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><kml xmlns=\"http://www.opengis.net/kml/2.2\"><Document>",
    );
    element(&mut text, "name", layer.title);
    element(&mut text, "description", layer.description);
    for row in rows {
        placemark(&mut text, layer, row);
    }
    text.push_str("</Document></kml>");
    text.into_bytes()
}

fn placemark(text: &mut String, layer: &Layer, row: &FeatureRow) {
    text.push_str("<Placemark>");
    let headline = layer
        .index_of("headline")
        .and_then(|n| row.values[n].as_str());
    element(text, "name", headline.unwrap_or(&row.id));
    if let Some(tlp) = layer.index_of("tlp").and_then(|n| row.values[n].as_str()) {
        element(text, "description", tlp);
    }
    if let Some(time) = row.values[0].as_str() {
        text.push_str("<TimeStamp>");
        element(text, "when", time);
        text.push_str("</TimeStamp>");
    }
    text.push_str("<ExtendedData>");
    for (property, value) in layer.properties.iter().zip(&row.values) {
        // GDAL warns of a second time beside the stamp.
        if value.is_null() || property.kind == Kind::Time {
            continue;
        }
        let _ = write!(text, "<Data name=\"{}\">", property.name);
        let plain = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        element(text, "value", &plain);
        text.push_str("</Data>");
    }
    text.push_str("</ExtendedData>");
    if let Some(shape) = &row.geometry {
        kml_geometry(text, shape);
    }
    text.push_str("</Placemark>");
}

fn element(text: &mut String, name: &str, value: &str) {
    let _ = write!(text, "<{name}>{}</{name}>", escaped(value));
}

fn kml_geometry(text: &mut String, shape: &Geometry<f64>) {
    match shape {
        Geometry::Point(point) => {
            text.push_str("<Point>");
            element(text, "coordinates", &pairs(&[point.0], ",", " "));
            text.push_str("</Point>");
        }
        Geometry::LineString(line) => {
            text.push_str("<LineString>");
            element(text, "coordinates", &pairs(&line.0, ",", " "));
            text.push_str("</LineString>");
        }
        Geometry::Polygon(polygon) => {
            text.push_str("<Polygon>");
            let ring = |text: &mut String, name: &str, line: &LineString<f64>| {
                let _ = write!(text, "<{name}><LinearRing>");
                element(text, "coordinates", &pairs(&line.0, ",", " "));
                let _ = write!(text, "</LinearRing></{name}>");
            };
            ring(text, "outerBoundaryIs", polygon.exterior());
            for hole in polygon.interiors() {
                ring(text, "innerBoundaryIs", hole);
            }
            text.push_str("</Polygon>");
        }
        Geometry::MultiLineString(lines) => {
            many_kml(text, lines.0.iter().cloned().map(Geometry::LineString));
        }
        Geometry::MultiPolygon(polygons) => {
            many_kml(text, polygons.0.iter().cloned().map(Geometry::Polygon));
        }
        _ => {}
    }
}

fn many_kml(text: &mut String, parts: impl Iterator<Item = Geometry<f64>>) {
    text.push_str("<MultiGeometry>");
    for part in parts {
        kml_geometry(text, &part);
    }
    text.push_str("</MultiGeometry>");
}

fn pairs(coords: &[geo::Coord<f64>], within: &str, between: &str) -> String {
    let pairs: Vec<String> = coords
        .iter()
        .map(|c| {
            let [x, y] = [c.x, c.y].map(|value| fixed(value, 6).unwrap_or_default());
            format!("{x}{within}{y}")
        })
        .collect();
    pairs.join(between)
}

fn wkt(shape: &Geometry<f64>) -> String {
    let line = |line: &LineString<f64>| format!("({})", pairs(&line.0, " ", ", "));
    let polygon = |polygon: &geo::Polygon<f64>| {
        let rings: Vec<String> = std::iter::once(polygon.exterior())
            .chain(polygon.interiors())
            .map(line)
            .collect();
        format!("({})", rings.join(", "))
    };
    match shape {
        Geometry::Point(point) => format!("POINT ({})", pairs(&[point.0], " ", "")),
        Geometry::LineString(one) => format!("LINESTRING {}", line(one)),
        Geometry::Polygon(one) => format!("POLYGON {}", polygon(one)),
        Geometry::MultiLineString(lines) => {
            let lines: Vec<String> = lines.0.iter().map(line).collect();
            format!("MULTILINESTRING ({})", lines.join(", "))
        }
        Geometry::MultiPolygon(polygons) => {
            let polygons: Vec<String> = polygons.0.iter().map(polygon).collect();
            format!("MULTIPOLYGON ({})", polygons.join(", "))
        }
        _ => String::new(),
    }
}

/// Text as it may stand in XML and HTML, also between quotes.
pub fn escaped(text: &str) -> String {
    quick_xml::escape::escape(without_controls(text)).into_owned()
}

/// A geometry as GeoJSON, exterior rings anticlockwise.
pub fn geometry(shape: &Geometry<f64>) -> Value {
    let line = |line: &LineString<f64>| -> Value {
        line.coords()
            .map(|c| json!([rounded(c.x, 6), rounded(c.y, 6)]))
            .collect()
    };
    match shape {
        Geometry::Point(point) => {
            json!({ "type": "Point", "coordinates": [rounded(point.x(), 6), rounded(point.y(), 6)] })
        }
        Geometry::MultiLineString(lines) => {
            let lines: Vec<Value> = lines.0.iter().map(line).collect();
            json!({ "type": "MultiLineString", "coordinates": lines })
        }
        Geometry::MultiPolygon(polygons) => geojson::multi_polygon(polygons),
        _ => Value::Null,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panic")]
mod tests {
    use super::*;
    use crate::encode::rss_atom::testing::alert;

    #[test]
    fn an_alert_fills_every_property_of_its_layer() {
        let row = alert_row(&alert("al-1", 2));
        for (property, value) in ALERTS.properties.iter().zip(&row.values) {
            let optional = [
                "scene_id",
                "detection_id",
                "contact_id",
                "mmsi",
                "vessel_name",
            ];
            let may_be_null = optional.contains(&property.name)
                || ["verdict", "probability", "length_m"].contains(&property.name);
            assert!(may_be_null || !value.is_null(), "{}", property.name);
        }
        let feature = feature(&ALERTS, &row);
        assert_eq!(feature["id"], "al-1.r2");
        assert_eq!(feature["properties"]["tlp"], "TLP:CLEAR");
        assert_eq!(
            feature["properties"].as_object().unwrap().len(),
            ALERTS.properties.len()
        );
    }

    #[test]
    fn csv_disarms_formulas_and_kml_escapes_markup() {
        let mut hostile = alert("al-1", 1);
        hostile.headline = "=1+1 <b>&".into();
        let rows = [alert_row(&hostile)];
        let table = String::from_utf8(csv(&ALERTS, &rows)).unwrap();
        assert!(table.contains(",'=1+1 <b>&,"), "{table}");
        assert!(table.contains("POINT (123.400000 25.500000)"), "{table}");
        let marks = String::from_utf8(kml(&ALERTS, &rows)).unwrap();
        assert!(
            marks.contains("<name>=1+1 &lt;b&gt;&amp;</name>"),
            "{marks}"
        );
        let lines = String::from_utf8(sequence(&ALERTS, &rows)).unwrap();
        assert_eq!(lines.lines().count(), 1);
    }
}
