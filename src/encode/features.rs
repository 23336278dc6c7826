//! Rows of a layer as GeoJSON features, CSV and KML, with the layer's properties in their order.
//!
//! Coordinates are lon,lat to 6 decimals, exterior rings anticlockwise (RFC 7946); a property that is not known is null in
//! GeoJSON, empty in CSV and left out in KML. So is a shape of a kind that no layer has: the layers' are points, lines and
//! polygons of many parts.

use super::cap::identifier;
use super::geojson;
use super::text::{fixed, rounded, without_controls};
use crate::model::alert::Alert;
use crate::model::layer::{ALERTS, FeatureRow, Kind, Layer};
use geo::{Geometry, LineString, Polygon};
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

/// Media type of newline-delimited GeoJSON: one feature a line. `application/geo+json-seq` asks for a record separator
/// before each (RFC 8142, section 2), which readers of lines trip over.
pub const SEQUENCE_MEDIA_TYPE: &str = "application/x-ndjson";
/// Media type of KML.
pub const KML_MEDIA_TYPE: &str = "application/vnd.google-earth.kml+xml";

/// An alert as a row of [`ALERTS`]: the properties of its feature in the alerts file, with the times beside `datetime` as
/// seconds since 1970.
pub fn alert_row(a: &Alert) -> FeatureRow {
    let mut known = geojson::alert(a)["properties"].take();
    known["sent_unix"] = a.sent.as_second().into();
    known["expires_unix"] = a.expires.as_second().into();
    let values = ALERTS.properties.iter();
    FeatureRow {
        id: identifier(&a.id, a.revision),
        geometry: Some(Geometry::Point(geo::Point::new(
            a.position.lon_deg,
            a.position.lat_deg,
        ))),
        values: values.map(|property| known[property.name].take()).collect(),
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
    let in_memory = "writing rows of one width into memory does not fail";
    writer.write_record(header).expect(in_memory);
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
        writer.write_record(&record).expect(in_memory);
    }
    writer.into_inner().expect(in_memory)
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
        Geometry::MultiLineString(lines) => {
            text.push_str("<MultiGeometry>");
            for line in lines {
                kml_line(text, "LineString", line);
            }
            text.push_str("</MultiGeometry>");
        }
        Geometry::MultiPolygon(polygons) => {
            text.push_str("<MultiGeometry>");
            for polygon in polygons {
                kml_polygon(text, polygon);
            }
            text.push_str("</MultiGeometry>");
        }
        _ => {}
    }
}

fn kml_polygon(text: &mut String, polygon: &Polygon<f64>) {
    let rings = std::iter::once(("outerBoundaryIs", polygon.exterior())).chain(
        polygon
            .interiors()
            .iter()
            .map(|hole| ("innerBoundaryIs", hole)),
    );
    text.push_str("<Polygon>");
    for (name, ring) in rings {
        let _ = write!(text, "<{name}>");
        kml_line(text, "LinearRing", ring);
        let _ = write!(text, "</{name}>");
    }
    text.push_str("</Polygon>");
}

fn kml_line(text: &mut String, name: &str, line: &LineString<f64>) {
    let _ = write!(text, "<{name}>");
    element(text, "coordinates", &pairs(&line.0, ",", " "));
    let _ = write!(text, "</{name}>");
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
    let polygon = |polygon: &Polygon<f64>| {
        let rings: Vec<String> = std::iter::once(polygon.exterior())
            .chain(polygon.interiors())
            .map(line)
            .collect();
        format!("({})", rings.join(", "))
    };
    match shape {
        Geometry::Point(point) => format!("POINT ({})", pairs(&[point.0], " ", "")),
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

/// A geometry as GeoJSON, exterior rings anticlockwise; null for a kind that no layer has.
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
    use crate::model::alert::Evidence;
    use crate::model::alert_sample::alert;
    use geo::{line_string, polygon};

    #[test]
    fn an_alert_fills_every_property_of_its_layer() {
        let text = || Some("x".to_owned());
        let full = Alert {
            evidence: Evidence {
                contact_id: text(),
                detection_id: text(),
                scene_id: text(),
                mmsi: text(),
                vessel_name: text(),
                verdict: text(),
                probability: Some(0.5),
                length_m: Some(80.0),
                not_searched: Vec::new(),
                ..Evidence::default()
            },
            ..alert("al-1", 2)
        };
        let row = alert_row(&full);
        for (property, value) in ALERTS.properties.iter().zip(&row.values) {
            assert!(!value.is_null(), "{}", property.name);
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
        // RFC 8142 has a record separator before each text of a `-seq` type.
        assert_eq!(
            SEQUENCE_MEDIA_TYPE.ends_with("-seq"),
            lines.starts_with('\u{1e}')
        );
    }

    #[test]
    fn lines_and_polygons_with_holes_are_written_whole_in_every_format() {
        let square = polygon!(
            exterior: [(x: 0., y: 0.), (x: 4., y: 0.), (x: 4., y: 4.), (x: 0., y: 4.)],
            interiors: [[(x: 1., y: 1.), (x: 1., y: 2.), (x: 2., y: 2.), (x: 2., y: 1.)]],
        );
        let polygons = Geometry::MultiPolygon(geo::MultiPolygon(vec![square]));
        let line = line_string![(x: 1., y: 2.), (x: 3., y: 4.)];
        let lines = Geometry::MultiLineString(geo::MultiLineString(vec![line]));
        assert_eq!(
            geometry(&polygons)["coordinates"][0]
                .as_array()
                .map(Vec::len),
            Some(2)
        );
        assert_eq!(
            geometry(&lines)["coordinates"],
            json!([[[1.0, 2.0], [3.0, 4.0]]])
        );
        assert_eq!(
            wkt(&lines),
            "MULTILINESTRING ((1.000000 2.000000, 3.000000 4.000000))"
        );
        assert!(
            wkt(&polygons).contains("), (1.000000 1.000000"),
            "{}",
            wkt(&polygons)
        );
        let mut text = String::new();
        kml_geometry(&mut text, &lines);
        assert_eq!(
            text,
            "<MultiGeometry><LineString><coordinates>1.000000,2.000000 3.000000,4.000000</coordinates></LineString>\
             </MultiGeometry>"
        );
        text.clear();
        kml_geometry(&mut text, &polygons);
        for part in [
            "<MultiGeometry><Polygon><outerBoundaryIs><LinearRing><coordinates>0.000000,0.000000",
            "</LinearRing></outerBoundaryIs><innerBoundaryIs><LinearRing><coordinates>1.000000,1.000000",
            "</innerBoundaryIs></Polygon></MultiGeometry>",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}
