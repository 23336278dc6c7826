//! GeoPackage geometry blobs: a header with the envelope, then little-endian WKB. Places are lon,lat in WGS 84.
//!
//! Nothing empty is ever written: a row without a place has no geometry (NULL).
//!
//! Source: OGC 12-128r15 (GeoPackage 1.3), section 2.1.3.

use super::read_geometry;
use crate::model::track::Track;
use crate::model::units::LonLat;
use geo::{BoundingRect, LineString, MultiPolygon};

/// EPSG code of WGS 84, the one reference system of the store.
pub(super) const SRS_ID: i32 = 4326;

const WKB_POINT: u32 = 1;
const WKB_LINE_STRING: u32 = 2;
const WKB_POLYGON: u32 = 3;
const WKB_MULTI_LINE_STRING: u32 = 5;
const WKB_MULTI_POLYGON: u32 = 6;

/// West, east, south and north in degrees.
pub(super) type Envelope = [f64; 4];

/// A point's blob; `None` if a coordinate is not finite.
pub(super) fn point(place: LonLat) -> Option<Vec<u8>> {
    if !(place.lon_deg.is_finite() && place.lat_deg.is_finite()) {
        return None;
    }
    let mut blob = header(None);
    wkb_head(&mut blob, WKB_POINT);
    coordinate(&mut blob, place.lon_deg, place.lat_deg);
    Some(blob)
}

/// The blob of polygons; `None` if there is none with an outline.
pub(super) fn multi_polygon(shape: &MultiPolygon<f64>) -> Option<Vec<u8>> {
    let parts: Vec<_> = shape
        .iter()
        .filter(|polygon| polygon.exterior().0.len() >= 4)
        .collect();
    let bounds =
        MultiPolygon(parts.iter().map(|polygon| (*polygon).clone()).collect()).bounding_rect()?;
    let mut blob = header(Some([
        bounds.min().x,
        bounds.max().x,
        bounds.min().y,
        bounds.max().y,
    ]));
    wkb_head(&mut blob, WKB_MULTI_POLYGON);
    count(&mut blob, parts.len());
    for polygon in parts {
        wkb_head(&mut blob, WKB_POLYGON);
        count(&mut blob, 1 + polygon.interiors().len());
        ring(&mut blob, polygon.exterior());
        for hole in polygon.interiors() {
            ring(&mut blob, hole);
        }
    }
    Some(blob)
}

/// The blob of a track's lines, broken at silences and at 180°; `None` if no two reports follow each other.
pub(super) fn track(track: &Track) -> Option<Vec<u8>> {
    let lines = track_lines(track);
    let mut envelope = [
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::INFINITY,
        f64::NEG_INFINITY,
    ];
    for (x, y) in lines.iter().flatten() {
        envelope = [
            envelope[0].min(*x),
            envelope[1].max(*x),
            envelope[2].min(*y),
            envelope[3].max(*y),
        ];
    }
    if lines.is_empty() {
        return None;
    }
    let mut blob = header(Some(envelope));
    wkb_head(&mut blob, WKB_MULTI_LINE_STRING);
    count(&mut blob, lines.len());
    for line in lines {
        wkb_head(&mut blob, WKB_LINE_STRING);
        count(&mut blob, line.len());
        for (x, y) in line {
            coordinate(&mut blob, x, y);
        }
    }
    Some(blob)
}

fn track_lines(track: &Track) -> Vec<Vec<(f64, f64)>> {
    let mut lines = Vec::new();
    let mut line: Vec<(f64, f64)> = Vec::new();
    for pair in track.positions.windows(2) {
        let (from, to) = (&pair[0], &pair[1]);
        if line.is_empty() {
            line.push((from.position.lon_deg, from.position.lat_deg));
        }
        let silent = track
            .gaps
            .iter()
            .any(|gap| gap.start == from.time && gap.end == to.time);
        if silent {
            lines.push(std::mem::take(&mut line));
            continue;
        }
        if let Some((edge_deg, lat_deg)) = date_line_crossing(from.position, to.position) {
            line.push((edge_deg, lat_deg));
            lines.push(std::mem::take(&mut line));
            line.push((-edge_deg, lat_deg));
        }
        line.push((to.position.lon_deg, to.position.lat_deg));
    }
    lines.push(line);
    lines.retain(|line| line.len() > 1);
    lines
}

/// Where the short way from one place to the next meets 180°: (180 or −180 as seen from the start, latitude).
fn date_line_crossing(from: LonLat, to: LonLat) -> Option<(f64, f64)> {
    let step_deg = to.lon_deg - from.lon_deg;
    if step_deg.abs() <= 180.0 {
        return None;
    }
    let edge_deg = 180f64.copysign(-step_deg);
    let short_step_deg = step_deg + 2.0 * edge_deg;
    if short_step_deg == 0.0 {
        return None;
    }
    let t = (edge_deg - from.lon_deg) / short_step_deg;
    Some((edge_deg, from.lat_deg + t * (to.lat_deg - from.lat_deg)))
}

fn header(envelope: Option<Envelope>) -> Vec<u8> {
    let envelope_kind = u8::from(envelope.is_some());
    let mut blob = vec![b'G', b'P', 0, envelope_kind << 1 | 1];
    blob.extend(SRS_ID.to_le_bytes());
    for bound in envelope.into_iter().flatten() {
        blob.extend(bound.to_le_bytes());
    }
    blob
}

fn wkb_head(blob: &mut Vec<u8>, kind: u32) {
    blob.push(1);
    blob.extend(kind.to_le_bytes());
}

fn count(blob: &mut Vec<u8>, n: usize) {
    // A geometry of four thousand million parts does not fit into a blob anyway.
    blob.extend(u32::try_from(n).unwrap_or(u32::MAX).to_le_bytes());
}

fn coordinate(blob: &mut Vec<u8>, x: f64, y: f64) {
    blob.extend(x.to_le_bytes());
    blob.extend(y.to_le_bytes());
}

fn ring(blob: &mut Vec<u8>, line: &LineString<f64>) {
    count(blob, line.0.len());
    for corner in line.coords() {
        coordinate(blob, corner.x, corner.y);
    }
}

/// The envelope of any blob that we or GDAL write; `None` for an empty or foreign one.
pub(super) fn envelope(blob: &[u8]) -> Option<Envelope> {
    let flags = *blob.get(3)?;
    if !blob.starts_with(b"GP") || is_empty(blob) {
        return None;
    }
    let read = |at: usize, little: bool| -> Option<f64> {
        let bytes: [u8; 8] = blob.get(at..at + 8)?.try_into().ok()?;
        Some(if little {
            f64::from_le_bytes(bytes)
        } else {
            f64::from_be_bytes(bytes)
        })
    };
    if flags >> 1 & 7 != 0 {
        let little = flags & 1 == 1;
        return Some([
            read(8, little)?,
            read(16, little)?,
            read(24, little)?,
            read(32, little)?,
        ]);
    }
    let little = *blob.get(8)? == 1;
    let kind: [u8; 4] = blob.get(9..13)?.try_into().ok()?;
    let kind = if little {
        u32::from_le_bytes(kind)
    } else {
        u32::from_be_bytes(kind)
    };
    if kind % 1000 != WKB_POINT {
        return None;
    }
    let (x, y) = (read(13, little)?, read(21, little)?);
    Some([x, x, y, y])
}

/// The blob of a shape in little-endian well-known binary, as this store writes it; `None` for what it does not write.
pub(super) fn blob_of(wkb: &[u8]) -> Option<Vec<u8>> {
    let shape = read_geometry::read_wkb(wkb)?;
    let bounds = match &shape {
        geo::Geometry::Point(_) => None,
        shape => {
            let bounds = shape.bounding_rect()?;
            Some([
                bounds.min().x,
                bounds.max().x,
                bounds.min().y,
                bounds.max().y,
            ])
        }
    };
    let mut blob = header(bounds);
    blob.extend(wkb);
    Some(blob)
}

/// The well-known binary behind a blob's header; `None` for one that is cut.
pub(super) fn wkb(blob: &[u8]) -> Option<&[u8]> {
    let envelope_bytes = match *blob.get(3)? >> 1 & 7 {
        0 => 0,
        1 => 32,
        2 | 3 => 48,
        4 => 64,
        _ => return None,
    };
    blob.get(8 + envelope_bytes..)
}

/// True if the blob's header says that the geometry is empty.
pub(super) fn is_empty(blob: &[u8]) -> bool {
    blob.get(3).is_some_and(|flags| flags & 0x10 != 0)
}
