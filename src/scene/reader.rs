//! One band's pixels as u16 amplitude, whatever the file stores.
//!
//! | stored | amplitude |
//! |---|---|
//! | u16 | as it is; the declared no-data value becomes 0, and 0 is no data |
//! | u8 | × 16, so that 255 stays below 4096; black (0) becomes 4, a quarter of a step, where black is sea |
//! | colour, u8 | luminance (299 R + 587 G + 114 B) / 1000, then as u8 |
//! | others | scaled so that the median is 256, clipped at 65,535; intensity by its square root; ≤ 0 and `NaN` are no data |

use super::SceneError;
use crate::gis::raster::{Raster, Window};
use crate::model::tile::Tile;

/// Where the median amplitude of a scaled band is put: 48 dB of room above it, 48 dB below.
pub(super) const SCALED_MEDIAN: f32 = 256.0;
/// Amplitude of one step of an 8-bit raster.
pub(super) const BYTE_STEP: u16 = 16;
/// Amplitude of black sea in an 8-bit raster: anything from 0 to half a step was rounded to 0.
const BLACK: u16 = BYTE_STEP / 4;

/// How a band's stored samples become amplitude.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Encoding {
    /// 16-bit amplitude as it is.
    Counts,
    /// 8-bit amplitude.
    Bytes {
        /// True if 0 is the darkest sea, false if it is no data.
        black_is_sea: bool,
    },
    /// The luminance of three 8-bit bands, this one and those named.
    Colour {
        /// The two bands that follow red.
        others: [usize; 2],
        /// As for bytes.
        black_is_sea: bool,
    },
    /// Any numbers, times a factor.
    Scaled {
        /// Amplitude per unit.
        factor: f32,
        /// True if the samples are power, not amplitude.
        intensity: bool,
    },
}

/// Where a band's samples are and how they are read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct BandSource {
    pub(super) path: String,
    pub(super) band: usize,
    pub(super) encoding: Encoding,
    pub(super) no_data: Option<f64>,
    /// Band of opacity: 0 is no data.
    pub(super) alpha: Option<usize>,
}

/// Reads one band; holds one open dataset and its scratch memory. One a worker.
pub struct BandReader {
    raster: Raster,
    source: BandSource,
    floats: Vec<f32>,
    counts: Vec<u16>,
}

impl BandReader {
    /// Opens the raster and checks its size (columns, rows).
    pub(super) fn open(source: &BandSource, expected: (u32, u32)) -> Result<Self, SceneError> {
        let raster = Raster::open(&source.path)?;
        if raster.size() != expected {
            return Err(SceneError::Size {
                path: source.path.clone(),
                found: raster.size(),
                expected,
            });
        }
        Ok(Self {
            raster,
            source: source.clone(),
            floats: Vec::new(),
            counts: Vec::new(),
        })
    }

    /// Reads `rows` whole rows from `first_row` into `tile`, reusing its buffer.
    ///
    /// # Errors
    ///
    /// If the rows lie outside the image, or the file is cut off.
    pub fn read(&mut self, first_row: u32, rows: u32, tile: &mut Tile) -> Result<(), SceneError> {
        let (width, height) = self.raster.size();
        let end = first_row
            .checked_add(rows)
            .filter(|&end| end <= height && rows > 0);
        if end.is_none() {
            return Err(SceneError::Outside {
                path: self.source.path.clone(),
                asked: format!("{rows} rows from row {first_row}"),
            });
        }
        tile.first_row = first_row;
        tile.rows = rows;
        tile.width = width;
        tile.amplitude.resize(rows as usize * width as usize, 0);
        let window = Window {
            first_row,
            first_col: 0,
            rows,
            cols: width,
        };
        self.read_window(window, &mut tile.amplitude)
    }

    /// The whole band thinned to `size` (columns, rows), from a thinned copy that the file holds; `None` without one, or if
    /// samples are not amplitudes as they are.
    ///
    /// # Errors
    ///
    /// If the file is cut off.
    pub fn thinned(&mut self, size: (u32, u32)) -> Result<Option<Vec<u16>>, SceneError> {
        let band = self.source.band;
        let plain = self.source.encoding == Encoding::Counts && self.source.alpha.is_none();
        if !plain || !self.raster.has_overview(band, size) {
            return Ok(None);
        }
        let mut thinned = vec![0; size.0 as usize * size.1 as usize];
        self.raster.means_u16(band, size, &mut thinned)?;
        if let Some(empty) = self.source.no_data.filter(|&value| value != 0.0) {
            mark_no_data(&mut thinned, empty);
        }
        Ok(Some(thinned))
    }

    /// Reads a window inside the image.
    pub(super) fn read_window(
        &mut self,
        window: Window,
        out: &mut [u16],
    ) -> Result<(), SceneError> {
        let band = self.source.band;
        match self.source.encoding {
            Encoding::Counts => {
                self.raster.read_window_u16(band, window, out)?;
                if let Some(empty) = self.source.no_data.filter(|&value| value != 0.0) {
                    mark_no_data(out, empty);
                }
            }
            Encoding::Bytes { black_is_sea } => {
                self.raster.read_window_u16(band, window, out)?;
                self.bytes_to_amplitude(out, black_is_sea);
            }
            Encoding::Colour {
                others,
                black_is_sea,
            } => {
                self.raster.read_window_u16(band, window, out)?;
                self.add_colours(window, others, out)?;
                self.bytes_to_amplitude(out, black_is_sea);
            }
            Encoding::Scaled { factor, intensity } => {
                self.floats.resize(out.len(), 0.0);
                self.raster
                    .read_window_f32(band, window, &mut self.floats)?;
                let empty = self.source.no_data.map(|value| value as f32);
                for (slot, &value) in out.iter_mut().zip(&self.floats) {
                    *slot = if Some(value) == empty {
                        0
                    } else {
                        scaled(value, factor, intensity)
                    };
                }
            }
        }
        if let Some(alpha) = self.source.alpha {
            self.counts.resize(out.len(), 0);
            self.raster
                .read_window_u16(alpha, window, &mut self.counts)?;
            for (slot, _) in out
                .iter_mut()
                .zip(&self.counts)
                .filter(|(_, alpha)| **alpha == 0)
            {
                *slot = 0;
            }
        }
        Ok(())
    }

    fn add_colours(
        &mut self,
        window: Window,
        others: [usize; 2],
        out: &mut [u16],
    ) -> Result<(), SceneError> {
        let mut luminance: Vec<u32> = out.iter().map(|&red| 299 * u32::from(red)).collect();
        self.counts.resize(out.len(), 0);
        for (band, weight) in others.into_iter().zip([587, 114]) {
            self.raster
                .read_window_u16(band, window, &mut self.counts)?;
            for (sum, &value) in luminance.iter_mut().zip(&self.counts) {
                *sum += weight * u32::from(value);
            }
        }
        for (slot, sum) in out.iter_mut().zip(luminance) {
            // At most 255: the weights add up to 1000.
            *slot = ((sum + 500) / 1000) as u16;
        }
        Ok(())
    }

    fn bytes_to_amplitude(&self, out: &mut [u16], black_is_sea: bool) {
        let empty = self.source.no_data;
        let black = if black_is_sea { BLACK } else { 0 };
        let amplitude: Vec<u16> = (0..=255_u16)
            .map(|value| match value {
                _ if Some(f64::from(value)) == empty => 0,
                0 => black,
                _ => value * BYTE_STEP,
            })
            .collect();
        for slot in out {
            *slot = amplitude[usize::from(*slot).min(255)];
        }
    }
}

fn mark_no_data(values: &mut [u16], empty: f64) {
    for value in values
        .iter_mut()
        .filter(|value| f64::from(**value) == empty)
    {
        *value = 0;
    }
}

/// Amplitude of one sample: 0 for no data, at least 1 for anything measured.
fn scaled(value: f32, factor: f32, intensity: bool) -> u16 {
    if !(value > 0.0 && value.is_finite()) {
        return 0;
    }
    let amplitude = if intensity { value.sqrt() } else { value };
    (amplitude * factor).round().clamp(1.0, 65_535.0) as u16
}
