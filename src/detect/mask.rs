//! Land on the detector's grid: run-length rows, widened by a buffer.

/// Land on an image's grid.
pub trait LandRows: Sync {
    /// Land of a row as runs of columns (first, end exclusive), sorted and apart.
    fn land_runs(&self, row: u32) -> &[(u32, u32)];
}

/// An image without land.
pub struct NoLand;

impl LandRows for NoLand {
    fn land_runs(&self, _row: u32) -> &[(u32, u32)] {
        &[]
    }
}

/// Land and a buffer about it.
#[derive(Clone, Copy)]
pub(super) struct Mask<'a> {
    land: &'a dyn LandRows,
    buffer_px: u32,
    width: u32,
    height: u32,
}

impl<'a> Mask<'a> {
    /// `buffer_px` widens the land in both directions.
    pub(super) fn new(land: &'a dyn LandRows, buffer_px: u32, width: u32, height: u32) -> Self {
        Self {
            land,
            buffer_px,
            width,
            height,
        }
    }

    /// Masked runs of a row, sorted, apart, inside the scene.
    pub(super) fn row(&self, row: u32) -> Vec<(u32, u32)> {
        self.within(row, self.buffer_px)
    }

    /// True if a masked pixel lies within `reach` pixels of (row, col), diagonals included.
    pub(super) fn is_near(&self, row: u32, col: u32, reach: u32) -> bool {
        self.within(row, self.buffer_px + reach)
            .iter()
            .any(|&(first, end)| (first..end).contains(&col))
    }

    fn within(&self, row: u32, reach: u32) -> Vec<(u32, u32)> {
        let last = (row + reach).min(self.height.saturating_sub(1));
        let mut wide: Vec<(u32, u32)> = (row.saturating_sub(reach)..=last)
            .flat_map(|row| self.land.land_runs(row))
            .map(|&(first, end)| (first.saturating_sub(reach), (end + reach).min(self.width)))
            .filter(|(first, end)| first < end)
            .collect();
        wide.sort_unstable();
        let mut merged: Vec<(u32, u32)> = Vec::with_capacity(wide.len());
        for (first, end) in wide {
            match merged.last_mut() {
                Some(last) if first <= last.1 => last.1 = last.1.max(end),
                _ => merged.push((first, end)),
            }
        }
        merged
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl LandRows for Vec<Vec<(u32, u32)>> {
        fn land_runs(&self, row: u32) -> &[(u32, u32)] {
            &self[row as usize]
        }
    }

    #[test]
    fn a_buffer_widens_land_across_and_along_and_joins_what_it_bridges() {
        let land: Vec<Vec<(u32, u32)>> =
            vec![vec![], vec![], vec![(4, 5), (9, 10)], vec![], vec![]];
        let mask = Mask::new(&land, 2, 11, 5);
        assert_eq!(mask.row(0), vec![(2, 11)]);
        assert_eq!(Mask::new(&land, 1, 11, 5).row(1), vec![(3, 6), (8, 11)]);
        assert_eq!(Mask::new(&land, 1, 11, 5).row(4), vec![]);
        assert!(Mask::new(&land, 0, 11, 5).is_near(0, 6, 2));
        assert!(!Mask::new(&land, 0, 11, 5).is_near(0, 7, 1));
    }
}
