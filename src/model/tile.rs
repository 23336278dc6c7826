//! A block of rows of one band, as the detector searches it.

/// Rows of fixed-point amplitude.
///
/// `amplitude` holds `rows × width` values, row-major; 0 = no data: the domain that was not searched.
/// For a Sentinel-1 GRD the value is the product's own digital number; other rasters are scaled so that it
/// is proportional to amplitude (the square root of power).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tile {
    /// First row in the scene's frame.
    pub first_row: u32,
    /// Rows held.
    pub rows: u32,
    /// Columns: always the scene's full width.
    pub width: u32,
    /// `rows × width` amplitudes.
    pub amplitude: Vec<u16>,
}

impl Tile {
    /// Takes rows from a whole band in memory: row-major, `width` columns.
    ///
    /// # Panics
    ///
    /// If the band has no such rows.
    pub fn copy_rows(&mut self, band: &[u16], width: u32, first_row: u32, rows: u32) {
        let start = first_row as usize * width as usize;
        let values = rows as usize * width as usize;
        (self.first_row, self.rows, self.width) = (first_row, rows, width);
        self.amplitude.clear();
        self.amplitude
            .extend_from_slice(&band[start..start + values]);
    }

    /// One row of amplitudes by its number in the scene's frame.
    ///
    /// # Panics
    ///
    /// If the row is outside the tile: callers ask only for what they read.
    pub fn row(&self, scene_row: u32) -> &[u16] {
        assert!(
            (self.first_row..self.first_row + self.rows).contains(&scene_row),
            "row {scene_row} is outside the tile"
        );
        let start = (scene_row - self.first_row) as usize * self.width as usize;
        &self.amplitude[start..start + self.width as usize]
    }
}
