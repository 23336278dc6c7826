//! A place and its uncertainty in, polygons for people to act in out; split at 180° of longitude.
//!
//! The outline is a geodesic circle by points. Its longitudes are first laid out without a jump about the centre, then
//! the shape is cut at the date line (Sutherland–Hodgman: one half-plane a piece; the circle is convex).

use crate::model::units::LonLat;

/// Corners of the circle: the chord's sag is 1.4 % of the radius at 19 or more.
const CORNERS: u32 = 24;

/// A closed ring, lon/lat degrees, first = last, anticlockwise.
pub(super) type Ring = Vec<(f64, f64)>;

/// The rings that cover the circle of `radius_m` about `centre`; `None` if it holds a pole, where lon/lat rings fail.
///
/// Coordinates are rounded to 5 decimals (about 1 m), so that the closing corner is the first one to the last digit.
pub(super) fn circle(centre: LonLat, radius_m: f64) -> Option<Vec<Ring>> {
    let pole = LonLat::new(centre.lon_deg, 90f64.copysign(centre.lat_deg));
    if centre.distance_m(pole) <= radius_m * 1.01 {
        return None;
    }
    let corners: Ring = (0..CORNERS)
        .map(|corner| {
            let bearing_deg = 360.0 - 360.0 * f64::from(corner) / f64::from(CORNERS);
            let place = centre.destination(bearing_deg, radius_m);
            let turns = ((centre.lon_deg - place.lon_deg) / 360.0).round();
            (place.lon_deg + 360.0 * turns, place.lat_deg)
        })
        .collect();
    let mut rings = Vec::new();
    for shift in [0.0, -360.0, 360.0] {
        let shifted: Ring = corners.iter().map(|(x, y)| (x + shift, *y)).collect();
        let east = cut(&shifted, |x| 180.0 - x);
        let both = cut(&east, |x| x + 180.0);
        rings.extend(closed(&both));
    }
    Some(rings)
}

/// The part of a convex polygon where `inside(x)` is not negative. `inside` is linear in x.
fn cut(corners: &[(f64, f64)], inside: impl Fn(f64) -> f64) -> Ring {
    let mut kept = Ring::new();
    for (index, &(x1, y1)) in corners.iter().enumerate() {
        let (x0, y0) = corners[(index + corners.len() - 1) % corners.len()];
        let (before, here) = (inside(x0), inside(x1));
        if (before < 0.0) != (here < 0.0) {
            let t = before / (before - here);
            kept.push((x0 + t * (x1 - x0), y0 + t * (y1 - y0)));
        }
        if here >= 0.0 {
            kept.push((x1, y1));
        }
    }
    kept
}

/// Rounds, drops repeated corners, closes; `None` if no area is left.
fn closed(corners: &[(f64, f64)]) -> Option<Ring> {
    let round = |value: f64| (value * 1e5).round() / 1e5 + 0.0;
    let mut ring: Ring = corners
        .iter()
        .map(|(x, y)| (round(*x), round(*y)))
        .collect();
    ring.dedup();
    while ring.len() > 1 && ring.first() == ring.last() {
        ring.pop();
    }
    let first = *ring.first()?;
    ring.push(first);
    let twice_area: f64 = ring
        .windows(2)
        .map(|pair| pair[0].0 * pair[1].1 - pair[1].0 * pair[0].1)
        .sum();
    (ring.len() >= 4 && twice_area > 1e-10).then_some(ring)
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{Area, Contains, LineString, Point, Polygon, Validation};

    fn polygon(ring: &Ring) -> Polygon<f64> {
        Polygon::new(LineString::from(ring.clone()), Vec::new())
    }

    #[test]
    fn a_circle_in_open_sea_is_one_closed_valid_ring_of_the_right_size() {
        let centre = LonLat::new(123.475, 25.744);
        let rings = circle(centre, 2000.0).unwrap_or_default();
        assert_eq!(rings.len(), 1);
        assert_eq!(rings[0].len(), CORNERS as usize + 1);
        assert_eq!(rings[0].first(), rings[0].last());
        assert!(polygon(&rings[0]).is_valid());
        assert!(polygon(&rings[0]).signed_area() > 0.0, "anticlockwise");
        for (lon, lat) in &rings[0] {
            // 5 decimals are at most 0.8 m.
            assert!((LonLat::new(*lon, *lat).distance_m(centre) - 2000.0).abs() < 1.0);
        }
    }

    #[test]
    fn a_circle_across_the_date_line_is_two_valid_rings_that_meet_there() {
        for centre in [LonLat::new(179.99, -17.0), LonLat::new(-179.99, -17.0)] {
            let mut rings = circle(centre, 5000.0).unwrap_or_default();
            rings.sort_by(|a, b| b[0].0.total_cmp(&a[0].0));
            assert_eq!(rings.len(), 2);
            assert!(
                rings[0]
                    .iter()
                    .all(|(lon, _)| (179.0..=180.0).contains(lon))
            );
            assert!(
                rings[1]
                    .iter()
                    .all(|(lon, _)| (-180.0..=-179.0).contains(lon))
            );
            let whole = circle(LonLat::new(100.0, -17.0), 5000.0).unwrap_or_default();
            let area: f64 = rings.iter().map(|ring| polygon(ring).signed_area()).sum();
            // Rounding to 1e-5° moves a side of 0.09° by about one part in 10⁴.
            assert!((area / polygon(&whole[0]).signed_area() - 1.0).abs() < 5e-4);
            assert!(rings.iter().all(|ring| polygon(ring).is_valid()));
            assert!(rings.iter().any(|ring| polygon(ring).contains(&Point::new(centre.lon_deg, centre.lat_deg))));
        }
    }

    #[test]
    fn a_circle_that_touches_the_date_line_from_one_side_stays_whole() {
        let rings = circle(LonLat::new(180.0, 0.0), 1000.0).unwrap_or_default();
        assert_eq!(rings.len(), 2);
        let near = circle(LonLat::new(179.95, 0.0), 1000.0).unwrap_or_default();
        assert_eq!(near.len(), 1);
    }

    #[test]
    fn a_circle_about_a_pole_has_no_ring() {
        assert_eq!(circle(LonLat::new(10.0, 89.999), 2000.0), None);
        assert!(circle(LonLat::new(10.0, -89.9), 2000.0).is_some());
    }
}
