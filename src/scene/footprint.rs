//! The ground an image covers, as polygons that never cross 180° of longitude.

use crate::model::units::LonLat;
use geo::{Area, Coord, LineString, MultiPolygon, Polygon};

/// Steps along each side of the image: a straight line in lon/lat between them is within metres of the true border.
const STEPS: u32 = 8;

/// The polygon round an image's border, its exterior anticlockwise; `None` if a border pixel has no place.
pub(super) fn of_border(
    rows: u32,
    cols: u32,
    place: impl Fn(f64, f64) -> Option<LonLat>,
) -> Option<MultiPolygon<f64>> {
    let (bottom, right) = (f64::from(rows) - 1.0, f64::from(cols) - 1.0);
    let corners = [(0.0, 0.0), (bottom, 0.0), (bottom, right), (0.0, right)];
    let mut ring: Vec<Coord<f64>> = Vec::new();
    for (index, from) in corners.iter().enumerate() {
        let to = corners[(index + 1) % 4];
        for step in 0..STEPS {
            let share = f64::from(step) / f64::from(STEPS);
            let at = place(
                from.0 + (to.0 - from.0) * share,
                from.1 + (to.1 - from.1) * share,
            )?;
            // Longitudes run on past 180° instead of jumping back.
            let before = ring.last().map_or(at.lon_deg, |last| last.x);
            let x = at.lon_deg + 360.0 * ((before - at.lon_deg) / 360.0).round();
            ring.push(Coord { x, y: at.lat_deg });
        }
    }
    Some(split(&ring))
}

/// Cuts a ring with running longitudes at ±180° and moves the parts into −180 ..= 180.
fn split(ring: &[Coord<f64>]) -> MultiPolygon<f64> {
    let parts = [-360.0, 0.0, 360.0]
        .into_iter()
        .filter_map(|shift| {
            let moved: Vec<Coord<f64>> = ring
                .iter()
                .map(|c| Coord {
                    x: c.x + shift,
                    y: c.y,
                })
                .collect();
            let kept = clip(&clip(&moved, -180.0, 1.0), 180.0, -1.0);
            let mut polygon = Polygon::new(LineString::new(kept), Vec::new());
            if polygon.signed_area() < 0.0 {
                polygon.exterior_mut(|exterior| exterior.0.reverse());
            }
            (polygon.unsigned_area() > 0.0).then_some(polygon)
        })
        .collect();
    MultiPolygon(parts)
}

/// The part of a ring with `side · (x − limit) ≥ 0` (Sutherland and Hodgman 1974).
fn clip(ring: &[Coord<f64>], limit: f64, side: f64) -> Vec<Coord<f64>> {
    let mut kept = Vec::with_capacity(ring.len() + 2);
    for (index, &to) in ring.iter().enumerate() {
        let from = ring[(index + ring.len() - 1) % ring.len()];
        let (a, b) = (side * (from.x - limit), side * (to.x - limit));
        if (a < 0.0) != (b < 0.0) {
            let share = a / (a - b);
            kept.push(Coord {
                x: limit,
                y: from.y + (to.y - from.y) * share,
            });
        }
        if b >= 0.0 {
            kept.push(to);
        }
    }
    kept
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed step fails the test")]
mod tests {
    use super::*;
    use geo::Contains;

    fn image(west: f64) -> MultiPolygon<f64> {
        of_border(101, 201, |row, col| {
            Some(LonLat::new(west + col * 0.01, 30.0 - row * 0.01))
        })
        .unwrap()
    }

    #[test]
    fn an_image_is_one_anticlockwise_polygon_and_two_across_the_date_line() {
        let one = image(120.0);
        assert_eq!(one.0.len(), 1);
        assert!((one.0[0].signed_area() - 2.0).abs() < 1e-9);
        for west in [179.0, -181.0] {
            let two = image(west);
            assert_eq!(two.0.len(), 2);
            assert!((two.0.iter().map(Area::signed_area).sum::<f64>() - 2.0).abs() < 1e-9);
            for lon in [179.5, -179.5] {
                assert!(two.contains(&geo::Point::new(lon, 29.5)), "{lon}");
            }
            assert!(!two.contains(&geo::Point::new(0.0, 29.5)));
        }
    }
}
