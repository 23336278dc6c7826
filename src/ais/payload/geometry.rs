//! Area notices as points, lines and areas.

use super::area::{AreaNotice, Leg, SubArea};
use crate::model::units::LonLat;
use serde::Serialize;

/// A geometry of GeoJSON (RFC 7946): places as longitude and latitude, degrees. Rings run anticlockwise and are closed; one that
/// crosses the 180th meridian is not cut.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", content = "coordinates")]
pub enum Shape {
    /// A place.
    Point([f64; 2]),
    /// A line of at least two places.
    LineString(Vec<[f64; 2]>),
    /// An area without holes.
    Polygon([Vec<[f64; 2]>; 1]),
}

/// Degrees of a circle from corner to corner: the chord stays within 0.1 % of the radius.
const STEP_DEG: f64 = 5.0;

impl AreaNotice {
    /// What the sub-areas come to: circles and sectors as polygons with a corner every 5°, legs as geodesics on WGS 84.
    ///
    /// A polyline or polygon begins at the point or at the centre of the circle before it, and goes on through further sub-areas
    /// of its kind; a point from which one begins is no shape of its own. What cannot be drawn gives nothing: sub-areas without a
    /// place, lines and polygons without a beginning or with a leg of unknown bearing, sectors without both boundaries.
    pub fn shapes(&self) -> Vec<Shape> {
        let mut shapes = Vec::new();
        let mut rest = self.areas.as_slice();
        while let [area, behind @ ..] = rest {
            rest = behind;
            match area {
                SubArea::Circle {
                    center: Some(center),
                    radius_m,
                    ..
                } => {
                    let run = run_of_legs(rest);
                    rest = &rest[run.areas.len()..];
                    let drawn = run.shape(*center);
                    if *radius_m > 0 || drawn.is_none() {
                        shapes.push(circle(*center, f64::from(*radius_m)));
                    }
                    shapes.extend(drawn);
                }
                SubArea::Rectangle { .. } => shapes.extend(rectangle(area)),
                SubArea::Sector { .. } => shapes.extend(sector(area)),
                _ => {}
            }
        }
        shapes
    }
}

/// Sub-areas of one kind with legs.
struct Run<'a> {
    areas: &'a [SubArea],
    is_polygon: bool,
}

fn run_of_legs(areas: &[SubArea]) -> Run<'_> {
    let is_polygon = matches!(areas.first(), Some(SubArea::Polygon { .. }));
    let same = |area: &&SubArea| match area {
        SubArea::Polygon { .. } => is_polygon,
        SubArea::Polyline { .. } => !is_polygon,
        _ => false,
    };
    let count = areas.iter().take_while(same).count();
    Run {
        areas: &areas[..count],
        is_polygon,
    }
}

impl Run<'_> {
    fn shape(&self, start: LonLat) -> Option<Shape> {
        let mut places = vec![start];
        for leg in self.areas.iter().flat_map(legs) {
            let from = places[places.len() - 1];
            places.push(from.destination(leg.bearing_deg?, f64::from(leg.distance_m)));
        }
        match places.len() {
            1 => None,
            2 => Some(line(&places)),
            _ if self.is_polygon => Some(ring(places)),
            _ => Some(line(&places)),
        }
    }
}

fn legs(area: &SubArea) -> &[Leg] {
    match area {
        SubArea::Polyline { legs } | SubArea::Polygon { legs } => legs,
        _ => &[],
    }
}

fn pair(place: LonLat) -> [f64; 2] {
    [place.lon_deg, place.lat_deg]
}

fn line(places: &[LonLat]) -> Shape {
    Shape::LineString(places.iter().copied().map(pair).collect())
}

/// Closes a ring and turns it anticlockwise.
fn ring(mut places: Vec<LonLat>) -> Shape {
    let first = places[0];
    // Longitudes count from the first place, so that the 180th meridian does not turn the sign.
    let east = |place: &LonLat| (place.lon_deg - first.lon_deg + 540.0).rem_euclid(360.0) - 180.0;
    let next = |at: usize| &places[(at + 1) % places.len()];
    let twice_area: f64 = places
        .iter()
        .enumerate()
        .map(|(at, place)| {
            east(place) * (next(at).lat_deg - first.lat_deg)
                - east(next(at)) * (place.lat_deg - first.lat_deg)
        })
        .sum();
    if twice_area < 0.0 {
        places[1..].reverse();
    }
    places.push(first);
    Shape::Polygon([places.into_iter().map(pair).collect()])
}

/// Corners of an arc, clockwise from `left_deg` over `width_deg`, both ends included.
fn arc(center: LonLat, radius_m: f64, left_deg: f64, width_deg: f64) -> Vec<LonLat> {
    let steps = (width_deg / STEP_DEG).ceil().max(1.0);
    (0..=steps as usize)
        .map(|at| center.destination(left_deg + width_deg * at as f64 / steps, radius_m))
        .collect()
}

fn circle(center: LonLat, radius_m: f64) -> Shape {
    if radius_m == 0.0 {
        return Shape::Point(pair(center));
    }
    let mut corners = arc(center, radius_m, 0.0, 360.0);
    corners.pop();
    ring(corners)
}

fn sector(area: &SubArea) -> Option<Shape> {
    let SubArea::Sector {
        center,
        radius_m,
        left_deg,
        right_deg,
        ..
    } = area
    else {
        return None;
    };
    let (center, left_deg) = ((*center)?, (*left_deg)?);
    let width_deg = ((*right_deg)? - left_deg).rem_euclid(360.0);
    if *radius_m == 0 || width_deg == 0.0 {
        return None;
    }
    let mut corners = vec![center];
    corners.extend(arc(center, f64::from(*radius_m), left_deg, width_deg));
    Some(ring(corners))
}

fn rectangle(area: &SubArea) -> Option<Shape> {
    let SubArea::Rectangle {
        corner,
        east_m,
        north_m,
        orientation_deg,
        ..
    } = area
    else {
        return None;
    };
    let (corner, turned_deg) = ((*corner)?, (*orientation_deg)?);
    let north = |from: LonLat| from.destination(turned_deg, f64::from(*north_m));
    let east = |from: LonLat| from.destination(turned_deg + 90.0, f64::from(*east_m));
    Some(match (east_m, north_m) {
        (0, 0) => Shape::Point(pair(corner)),
        (0, _) => line(&[corner, north(corner)]),
        (_, 0) => line(&[corner, east(corner)]),
        _ => {
            let north_west = north(corner);
            ring(vec![corner, east(corner), east(north_west), north_west])
        }
    })
}
