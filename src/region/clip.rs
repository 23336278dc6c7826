//! Polygons cut to a box by half planes (Sutherland and Hodgman 1974).
//!
//! A polygon that a cut divides stays one ring with edges that run along the cut there and back: harmless for containment
//! and for burning, which is what the results are for.

use geo::{Coord, LineString, Polygon, Rect};

/// A half plane with an axis-parallel border; the border belongs to it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Half {
    /// x ≥ the value.
    Right(f64),
    /// x ≤ the value.
    Left(f64),
    /// y ≥ the value.
    Above(f64),
    /// y ≤ the value.
    Below(f64),
}

impl Half {
    /// Depth inside the half plane; negative outside.
    fn depth(self, at: Coord<f64>) -> f64 {
        match self {
            Self::Right(x) => at.x - x,
            Self::Left(x) => x - at.x,
            Self::Above(y) => at.y - y,
            Self::Below(y) => y - at.y,
        }
    }

    /// Where the edge from `a` to `b`, which lie on different sides, meets the border: exactly on it.
    fn crossing(self, a: Coord<f64>, b: Coord<f64>) -> Coord<f64> {
        let (da, db) = (self.depth(a), self.depth(b));
        let t = da / (da - db);
        let at = Coord {
            x: a.x + (b.x - a.x) * t,
            y: a.y + (b.y - a.y) * t,
        };
        match self {
            Self::Right(x) | Self::Left(x) => Coord { x, ..at },
            Self::Above(y) | Self::Below(y) => Coord { y, ..at },
        }
    }

    /// The part of a closed ring in the half plane, closed; empty if nothing of it is left.
    fn keep_ring(self, ring: &LineString<f64>) -> LineString<f64> {
        let mut kept = Vec::with_capacity(ring.0.len());
        for edge in ring.0.windows(2) {
            let (a, b) = (edge[0], edge[1]);
            match (self.depth(a) >= 0.0, self.depth(b) >= 0.0) {
                (true, true) => kept.push(b),
                (true, false) => kept.push(self.crossing(a, b)),
                (false, true) => kept.extend([self.crossing(a, b), b]),
                (false, false) => {}
            }
        }
        let mut ring = LineString(kept);
        ring.close();
        ring
    }

    /// The part of a polygon in the half plane.
    pub(super) fn keep(self, polygon: &Polygon<f64>) -> Option<Polygon<f64>> {
        let exterior = self.keep_ring(polygon.exterior());
        if exterior.0.len() < 4 {
            return None;
        }
        let holes = polygon.interiors().iter().map(|ring| self.keep_ring(ring));
        Some(Polygon::new(
            exterior,
            holes.filter(|ring| ring.0.len() >= 4).collect(),
        ))
    }
}

/// The part of a polygon in a box.
pub(super) fn keep_in_box(polygon: &Polygon<f64>, bounds: Rect<f64>) -> Option<Polygon<f64>> {
    let polygon = Half::Right(bounds.min().x).keep(polygon)?;
    let polygon = Half::Left(bounds.max().x).keep(&polygon)?;
    let polygon = Half::Above(bounds.min().y).keep(&polygon)?;
    Half::Below(bounds.max().y).keep(&polygon)
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{Area, polygon};

    #[test]
    fn a_cut_square_with_a_hole_keeps_the_area_inside() {
        let square = polygon!(
            exterior: [(x: 0.0, y: 0.0), (x: 10.0, y: 0.0), (x: 10.0, y: 10.0), (x: 0.0, y: 10.0)],
            interiors: [[(x: 4.0, y: 4.0), (x: 4.0, y: 6.0), (x: 6.0, y: 6.0), (x: 6.0, y: 4.0)]],
        );
        let cut =
            keep_in_box(&square, Rect::new((5.0, -5.0), (50.0, 8.0))).expect("something is left");
        assert!((cut.unsigned_area() - (5.0 * 8.0 - 2.0)).abs() < 1e-12);
        assert!(keep_in_box(&square, Rect::new((11.0, 0.0), (12.0, 1.0))).is_none());
    }

    #[test]
    fn a_horseshoe_cut_in_two_keeps_its_area() {
        let shoe = polygon![
            (x: 0.0, y: 0.0), (x: 6.0, y: 0.0), (x: 6.0, y: 5.0), (x: 4.0, y: 5.0),
            (x: 4.0, y: 2.0), (x: 2.0, y: 2.0), (x: 2.0, y: 5.0), (x: 0.0, y: 5.0),
        ];
        let cut = Half::Above(3.0).keep(&shoe).expect("something is left");
        assert!((cut.unsigned_area() - 8.0).abs() < 1e-12);
    }
}
