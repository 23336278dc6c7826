//! Land polygons in pixel space, as runs of columns a row.

use crate::scene::sentinel1::Geometry;
use geo::{CoordsIter, MultiPolygon};

/// Land of one image.
pub(crate) struct LandRows {
    /// For each row, columns at which land begins or ends, ascending.
    edges: Vec<Vec<f32>>,
}

impl LandRows {
    /// Burns polygons (lon/lat degrees): a pixel is land if its centre is inside, by the even-odd rule.
    pub(crate) fn new(land: Option<&MultiPolygon<f64>>, geometry: &Geometry) -> Self {
        let rings = land
            .into_iter()
            .flatten()
            .flat_map(|polygon| std::iter::once(polygon.exterior()).chain(polygon.interiors()));
        let pixels = rings.map(|ring| {
            ring.coords_iter()
                .filter_map(|at| geometry.pixel_of(crate::model::units::LonLat::new(at.x, at.y)))
                .collect()
        });
        Self::from_rings(pixels, geometry.size().0)
    }

    /// `rings` are closed lists of (row, column).
    fn from_rings(rings: impl Iterator<Item = Vec<(f64, f64)>>, rows: u32) -> Self {
        let mut edges = vec![Vec::new(); rows as usize];
        for ring in rings {
            for pair in ring.windows(2) {
                let (mut from, mut to) = (pair[0], pair[1]);
                if from.0 > to.0 {
                    std::mem::swap(&mut from, &mut to);
                }
                let first = from.0.ceil().max(0.0);
                let end = to.0.ceil().min(f64::from(rows));
                let mut row = first;
                while row < end {
                    let along = (row - from.0) / (to.0 - from.0);
                    edges[row as usize].push((from.1 + along * (to.1 - from.1)) as f32);
                    row += 1.0;
                }
            }
        }
        for row in &mut edges {
            row.sort_by(f32::total_cmp);
        }
        Self { edges }
    }

    /// Land of one row as ranges of columns, cut to `width`.
    pub(crate) fn runs(
        &self,
        row: u32,
        width: usize,
    ) -> impl Iterator<Item = std::ops::Range<usize>> {
        let column = move |edge: f32| (edge.ceil().max(0.0) as usize).min(width);
        let edges = self.edges.get(row as usize).map_or(&[][..], Vec::as_slice);
        edges
            .chunks_exact(2)
            .map(move |pair| column(pair[0])..column(pair[1]))
    }

    /// True if the pixel is land; false outside the image.
    pub(crate) fn is_land(&self, row: f64, col: f64) -> bool {
        if row < 0.0 || row >= self.edges.len() as f64 {
            return false;
        }
        let before = self.edges[row as usize]
            .iter()
            .filter(|edge| f64::from(**edge) <= col)
            .count();
        before % 2 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_square_with_a_hole_is_burnt_by_pixel_centres() {
        let square = vec![(1.5, 1.5), (1.5, 6.5), (6.5, 6.5), (6.5, 1.5), (1.5, 1.5)];
        let hole = vec![(2.5, 2.5), (2.5, 4.5), (4.5, 4.5), (4.5, 2.5), (2.5, 2.5)];
        let land = LandRows::from_rings([square, hole].into_iter(), 10);
        let row: Vec<usize> = land.runs(3, 10).flatten().collect();
        assert_eq!(row, vec![2, 5, 6]);
        let row: Vec<usize> = land.runs(6, 10).flatten().collect();
        assert_eq!(row, vec![2, 3, 4, 5, 6]);
        assert_eq!(land.runs(7, 10).count(), 0);
        assert!(land.is_land(3.0, 2.0) && !land.is_land(3.0, 3.0) && !land.is_land(30.0, 3.0));
    }
}
