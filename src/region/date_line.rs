//! Polygons split at 180°, and geodesic circles.
//!
//! In: rings in any longitude convention. Out: polygons within −180 ..= 180, exterior rings anticlockwise (RFC 7946 §3.1.6, §3.1.9).
//! An edge of more than 180° of longitude is read as the short way round, unless both its ends lie on ±180° (an edge of a world map).

use super::clip::Half;
use crate::model::units::LonLat;
use geo::orient::{Direction, Orient};
use geo::{BoundingRect, Coord, LineString, MapCoords, MultiPolygon, Polygon};

/// Corners of a geodesic circle.
const CIRCLE_CORNERS: u32 = 72;

/// A polygon with longitudes within ±180°, split where it crosses that line.
pub(super) fn split(polygon: &Polygon<f64>) -> MultiPolygon<f64> {
    if rings(polygon).all(is_plain) {
        return MultiPolygon(vec![polygon.orient(Direction::Default)]);
    }
    let exterior = unwrapped(polygon.exterior(), None);
    let middle = middle_x(&exterior);
    let holes = polygon.interiors().iter();
    let holes = holes.map(|ring| unwrapped(ring, middle)).collect();
    windows(&Polygon::new(exterior, holes))
}

/// The polygon with `CIRCLE_CORNERS` corners at `radius_m` from `centre`, split at 180°; it may hold a pole.
pub(super) fn circle(centre: LonLat, radius_m: f64) -> MultiPolygon<f64> {
    let step_deg = 360.0 / f64::from(CIRCLE_CORNERS);
    let corners = (0..CIRCLE_CORNERS).map(|corner| {
        let at = centre.destination(-step_deg * f64::from(corner), radius_m);
        Coord {
            x: at.lon_deg,
            y: at.lat_deg,
        }
    });
    let mut ring = LineString(corners.collect());
    ring.close();
    split(&Polygon::new(ring, vec![]))
}

fn rings(polygon: &Polygon<f64>) -> impl Iterator<Item = &LineString<f64>> {
    std::iter::once(polygon.exterior()).chain(polygon.interiors())
}

/// True if the ring's longitudes lie within ±180° and no edge jumps across that line.
fn is_plain(ring: &LineString<f64>) -> bool {
    ring.0.iter().all(|at| at.x.abs() <= 180.0)
        && ring
            .0
            .windows(2)
            .all(|edge| jump_deg(edge[0], edge[1]) == 0.0)
}

/// Degrees to add to the longitude of `b` so that the edge from `a` runs the short way.
fn jump_deg(a: Coord<f64>, b: Coord<f64>) -> f64 {
    let apart = b.x - a.x;
    let on_border = a.x.abs() == 180.0 && b.x.abs() == 180.0;
    if apart.abs() <= 180.0 || on_border {
        return 0.0;
    }
    -360.0 * (apart / 360.0).round()
}

/// The ring with continuous longitudes, closed over a pole if it runs round one, and moved by whole turns to lie nearest to `middle`.
fn unwrapped(ring: &LineString<f64>, middle: Option<f64>) -> LineString<f64> {
    let mut out: Vec<Coord<f64>> = Vec::with_capacity(ring.0.len() + 2);
    for &at in &ring.0 {
        let turn = out.last().map_or(0.0, |&last| jump_deg(last, at));
        out.push(Coord {
            x: at.x + turn,
            y: at.y,
        });
    }
    if let (Some(&first), Some(&last)) = (out.first(), out.last())
        && (last.x - first.x).abs() > 180.0
    {
        let pole = if first.y >= 0.0 { 90.0 } else { -90.0 };
        out.extend([
            Coord { x: last.x, y: pole },
            Coord {
                x: first.x,
                y: pole,
            },
            first,
        ]);
    }
    let ring = LineString(out);
    match (middle, middle_x(&ring)) {
        (Some(middle), Some(own)) => {
            let turn = ((middle - own) / 360.0).round() * 360.0;
            ring.map_coords(|at| Coord {
                x: at.x + turn,
                y: at.y,
            })
        }
        _ => ring,
    }
}

fn middle_x(ring: &LineString<f64>) -> Option<f64> {
    ring.bounding_rect().map(|bounds| bounds.center().x)
}

/// Cuts a polygon with continuous longitudes into turns of 360° and moves each into −180 ..= 180.
fn windows(polygon: &Polygon<f64>) -> MultiPolygon<f64> {
    let Some(bounds) = polygon.bounding_rect() else {
        return MultiPolygon(vec![]);
    };
    let turn_of = |x: f64| ((x + 180.0) / 360.0).floor();
    let (first, last) = (turn_of(bounds.min().x), turn_of(bounds.max().x));
    let mut parts = Vec::new();
    let mut turn = first;
    while turn <= last {
        let (west, east) = (turn * 360.0 - 180.0, turn * 360.0 + 180.0);
        let part = Half::Right(west).keep(polygon);
        let part = part.and_then(|part| Half::Left(east).keep(&part));
        let part = part.filter(|part| part.bounding_rect().is_some_and(|r| r.width() > 0.0));
        parts.extend(part.map(|part| {
            let moved = part.map_coords(|at| Coord {
                x: at.x - turn * 360.0,
                y: at.y,
            });
            moved.orient(Direction::Default)
        }));
        turn += 1.0;
    }
    MultiPolygon(parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::winding_order::Winding;
    use geo::{Area, Contains, Point, polygon};

    #[test]
    fn a_circle_across_the_date_line_falls_into_two_anticlockwise_parts() {
        let centre = LonLat::new(179.95, 10.0);
        let parts = circle(centre, 50_000.0);
        assert_eq!(parts.0.len(), 2);
        for part in &parts {
            assert!(part.exterior().is_ccw());
            assert!(part.exterior().0.iter().all(|at| at.x.abs() <= 180.0));
        }
        assert!(
            parts.contains(&Point::new(179.8, 10.0)) && parts.contains(&Point::new(-179.8, 10.0))
        );
        for at in parts
            .iter()
            .flat_map(|p| &p.exterior().0)
            .filter(|at| at.x.abs() < 180.0)
        {
            let distance_m = LonLat::new(at.x, at.y).distance_m(centre);
            assert!((distance_m - 50_000.0).abs() < 1e-3, "{distance_m}");
        }
    }

    #[test]
    fn a_circle_about_a_pole_holds_the_pole() {
        let parts = circle(LonLat::new(30.0, 89.0), 300_000.0);
        for lon in [-170.0, -10.0, 60.0, 170.0] {
            assert!(parts.contains(&Point::new(lon, 89.9)), "{lon}");
        }
        assert!(!parts.contains(&Point::new(30.0, 85.0)));
    }

    #[test]
    fn longitudes_beyond_180_and_jumps_across_it_mean_the_same_area() {
        let beyond = polygon![(x: 170.0, y: 0.0), (x: 190.0, y: 0.0), (x: 190.0, y: 10.0), (x: 170.0, y: 10.0)];
        let jump = polygon![(x: 170.0, y: 0.0), (x: -170.0, y: 0.0), (x: -170.0, y: 10.0), (x: 170.0, y: 10.0)];
        for square in [beyond, jump] {
            let parts = split(&square);
            assert_eq!(parts.0.len(), 2);
            assert!((parts.unsigned_area() - 200.0).abs() < 1e-9);
            assert!(
                parts.contains(&Point::new(-175.0, 5.0)) && parts.contains(&Point::new(175.0, 5.0))
            );
        }
    }

    #[test]
    fn a_hole_follows_its_polygon_across_the_date_line() {
        let square = polygon!(
            exterior: [(x: 170.0, y: 0.0), (x: -170.0, y: 0.0), (x: -170.0, y: 10.0), (x: 170.0, y: 10.0)],
            interiors: [[(x: -176.0, y: 4.0), (x: -174.0, y: 4.0), (x: -174.0, y: 6.0), (x: -176.0, y: 6.0)]],
        );
        let parts = split(&square);
        assert!((parts.unsigned_area() - 196.0).abs() < 1e-9);
        assert!(!parts.contains(&Point::new(-175.0, 5.0)));
    }

    #[test]
    fn the_world_stays_whole() {
        let world = polygon![(x: -180.0, y: -90.0), (x: 180.0, y: -90.0), (x: 180.0, y: 90.0), (x: -180.0, y: 90.0)];
        let parts = split(&world);
        assert!((parts.unsigned_area() - 64_800.0).abs() < 1e-9);
    }
}
