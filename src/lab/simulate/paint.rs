//! The rasters: DN = √((σ⁰_sea·texture + σ⁰_ships)·A² + η) · √speckle, streamed by blocks of rows.

use super::land::LandRows;
use super::response::Patch;
use super::sea::{SeaGenerator, SeaState};
use super::sea_model::land_sigma0;
use super::stage::{Band, Stage};
use crate::gis::write::{Compression, Gcp, write_geotiff_u16_with_gcps};
use crate::lab::{LabError, at_file};
use rayon::prelude::*;

/// Rows that one worker makes at a time: memory is a few of these blocks, not the image.
const BLOCK_ROWS: u32 = 64;

/// A ship's picture with its brightness in every band.
pub(crate) struct Picture {
    pub(crate) patch: Patch,
    /// σ⁰ of the hull, one a band.
    pub(crate) sigma0: Vec<f64>,
}

/// What the rasters of one product are made of.
pub(crate) struct Painter<'a> {
    pub(crate) stage: &'a Stage,
    pub(crate) land: &'a LandRows,
    pub(crate) pictures: &'a [Picture],
    pub(crate) sea: SeaState,
    pub(crate) seed: u64,
    pub(crate) compress: bool,
}

impl Painter<'_> {
    /// Writes the measurement raster of every polarisation.
    pub(crate) fn paint(&self) -> Result<(), LabError> {
        let annotation = &self.stage.annotation;
        let sea = SeaGenerator::new(
            self.seed,
            annotation.cols,
            (self.stage.looks, annotation.range_spacing_m),
            &self.sea,
        );
        let gcps: Vec<Gcp> = annotation
            .grid
            .iter()
            .map(|point| Gcp {
                row: point.row,
                col: point.col,
                lon_deg: point.position.lon_deg,
                lat_deg: point.position.lat_deg,
                height_m: point.height_m,
            })
            .collect();
        let compression = if self.compress {
            Compression::Deflate
        } else {
            Compression::None
        };
        for (number, band) in self.stage.bands.iter().enumerate() {
            let path = self.stage.folder.join(&band.files.measurement);
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder).map_err(at_file(folder))?;
            }
            let brush = Brush {
                painter: self,
                sea: &sea,
                band,
                number,
                mean: self.stage.sea_row(band, self.sea.wind_mps),
            };
            write_geotiff_u16_with_gcps(
                &path.display().to_string(),
                (annotation.cols, annotation.rows),
                &gcps,
                compression,
                |first_row, rows, out| {
                    brush.rows(first_row, rows, out);
                    Ok::<(), LabError>(())
                },
            )?;
        }
        Ok(())
    }
}

/// One band under way.
struct Brush<'a> {
    painter: &'a Painter<'a>,
    sea: &'a SeaGenerator,
    band: &'a Band,
    number: usize,
    /// Mean σ⁰ of the sea, one a column.
    mean: Vec<f32>,
}

impl Brush<'_> {
    /// Makes `rows` rows in parallel blocks; any split gives the same values.
    fn rows(&self, first_row: u32, rows: u32, out: &mut [u16]) {
        let width = self.mean.len();
        debug_assert_eq!(out.len(), rows as usize * width, "block size");
        out.par_chunks_mut(BLOCK_ROWS as usize * width)
            .enumerate()
            .for_each(|(block, out)| {
                let first = first_row + block as u32 * BLOCK_ROWS;
                self.block(first, out);
            });
    }

    fn block(&self, first_row: u32, out: &mut [u16]) {
        let width = self.mean.len();
        let texture = self.sea.texture(first_row, (out.len() / width) as u32);
        let mut sigma0 = vec![0.0_f32; width];
        let mut speckle = vec![0.0_f32; width];
        let mut gain = vec![0.0_f64; width];
        let mut noise = vec![0.0_f64; width];
        let lines = out.chunks_exact_mut(width).zip(texture.chunks_exact(width));
        for (row, (out, texture)) in (first_row..).zip(lines) {
            self.sigma0_row(row, texture, &mut sigma0);
            self.sea.speckle_row(self.number as u32, row, &mut speckle);
            self.band.calibration.gain_row(row, 0, &mut gain);
            self.band.noise.power_row(row, 0, &mut noise);
            for (col, pixel) in out.iter_mut().enumerate() {
                let gain = gain[col] as f32;
                let power = sigma0[col] * gain * gain + noise[col] as f32;
                // 0 would mean "no data".
                *pixel = (power * speckle[col]).sqrt().round().clamp(1.0, 65_535.0) as u16;
            }
        }
    }

    /// Mean σ⁰ of one row before speckle: sea or land under texture, plus ships.
    fn sigma0_row(&self, row: u32, texture: &[f32], out: &mut [f32]) {
        for ((value, mean), texture) in out.iter_mut().zip(&self.mean).zip(texture) {
            *value = mean * texture;
        }
        let land = land_sigma0(self.band.polarisation) as f32;
        for run in self.painter.land.runs(row, out.len()) {
            for (value, texture) in out[run.clone()].iter_mut().zip(&texture[run]) {
                *value = land * texture;
            }
        }
        for picture in self.painter.pictures {
            let sigma0 = picture.sigma0[self.number] as f32;
            picture.patch.add_to_row(row, sigma0, out);
        }
    }
}
