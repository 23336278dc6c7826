//! How far a place is from the edge of a lon/lat shape.

use super::units::LonLat;
use geo::{Contains, MultiPolygon, Point};

/// Mean Earth radius (IUGG), metres.
const EARTH_RADIUS_M: f64 = 6_371_008.8;

/// Tells whether `place` lies in `shape` (lon/lat degrees, split at 180°).
pub fn contains(shape: &MultiPolygon<f64>, place: LonLat) -> bool {
    shape.contains(&Point::new(place.lon_deg, place.lat_deg))
}

/// Distance from `place` to the nearest edge of `shape`, metres; `None` for an empty shape.
///
/// Measured in the plane tangent at `place` (lon/lat scaled by the cosine of the latitude): within 1 % up
/// to 100 km away below 70° of latitude, coarser beyond, where only the order of size matters to callers.
/// Edges along the 180° meridian are seams of the split and do not count.
pub fn edge_distance_m(shape: &MultiPolygon<f64>, place: LonLat) -> Option<f64> {
    let metres_north = EARTH_RADIUS_M.to_radians();
    let metres_east = metres_north * place.lat_deg.to_radians().cos();
    let to_plane = |corner: geo::Coord<f64>| {
        let east_deg = (corner.x - place.lon_deg + 180.0).rem_euclid(360.0) - 180.0;
        [
            east_deg * metres_east,
            (corner.y - place.lat_deg) * metres_north,
        ]
    };
    let is_seam = |line: &geo::Line<f64>| line.start.x.abs() == 180.0 && line.end.x == line.start.x;
    shape
        .iter()
        .flat_map(|polygon| std::iter::once(polygon.exterior()).chain(polygon.interiors()))
        .flat_map(|ring| ring.lines())
        .filter(|line| !is_seam(line))
        .map(|line| origin_to_segment_m(to_plane(line.start), to_plane(line.end)))
        .min_by(f64::total_cmp)
}

/// Distance from the origin to the segment `a`–`b`.
fn origin_to_segment_m(a: [f64; 2], b: [f64; 2]) -> f64 {
    let along = [b[0] - a[0], b[1] - a[1]];
    let length2 = along[0] * along[0] + along[1] * along[1];
    let fraction = if length2 > 0.0 {
        (-(a[0] * along[0] + a[1] * along[1]) / length2).clamp(0.0, 1.0)
    } else {
        0.0
    };
    (a[0] + fraction * along[0]).hypot(a[1] + fraction * along[1])
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{Rect, coord};

    fn square(west: f64, east: f64) -> MultiPolygon<f64> {
        MultiPolygon::new(vec![
            Rect::new(coord! {x: west, y: 10.0}, coord! {x: east, y: 12.0}).to_polygon(),
        ])
    }

    #[test]
    fn the_edge_is_as_far_as_the_geodesic_says_from_both_sides() {
        let shape = square(120.0, 122.0);
        for lon_deg in [119.5, 120.5] {
            let place = LonLat::new(lon_deg, 11.0);
            let oracle_m = place.distance_m(LonLat::new(120.0, 11.0));
            let distance_m = edge_distance_m(&shape, place).expect("the shape has edges");
            // 1 %: the stated accuracy of the tangent plane.
            assert!((distance_m / oracle_m - 1.0).abs() < 0.01, "{distance_m}");
            assert_eq!(contains(&shape, place), lon_deg > 120.0);
        }
    }

    #[test]
    fn the_seam_at_the_date_line_is_not_an_edge() {
        let mut shape = square(178.0, 180.0);
        shape.0.extend(square(-180.0, -178.0).0);
        let place = LonLat::new(179.99, 11.0);
        let distance_m = edge_distance_m(&shape, place).expect("the shape has edges");
        assert!(distance_m > 100_000.0, "{distance_m}");
    }

    #[test]
    fn an_empty_shape_has_no_edge() {
        assert_eq!(
            edge_distance_m(&MultiPolygon::new(vec![]), LonLat::new(0.0, 0.0)),
            None
        );
    }
}
