//! A product folder that has all its sheets and waits for its rasters.

use super::sea_model::{hull_sigma0, sea_sigma0};
use crate::lab::{LabError, at_file};
use crate::model::scene::Polarisation;
use crate::scene::sentinel1::{Annotation, Calibration, Geometry, Noise};
use std::path::{Path, PathBuf};

/// Files of one polarisation, relative to the product folder.
#[derive(Debug, Clone)]
pub(crate) struct BandFiles {
    pub(crate) annotation: PathBuf,
    pub(crate) calibration: PathBuf,
    pub(crate) noise: PathBuf,
    pub(crate) measurement: PathBuf,
}

/// A product folder and what its rasters must look like.
pub(crate) struct Stage {
    pub(crate) folder: PathBuf,
    /// Product name without `.SAFE`.
    pub(crate) name: String,
    pub(crate) annotation: Annotation,
    pub(crate) geometry: Geometry,
    pub(crate) bands: Vec<Band>,
    /// Equivalent number of looks.
    pub(crate) looks: f64,
    /// Width of the point response at half power, metres.
    pub(crate) resolution_m: f64,
}

/// One polarisation.
pub(crate) struct Band {
    pub(crate) polarisation: Polarisation,
    pub(crate) files: BandFiles,
    pub(crate) calibration: Calibration,
    pub(crate) noise: Noise,
}

impl Stage {
    /// Reads the sheets of `files` below `folder`.
    pub(crate) fn open(
        folder: PathBuf,
        files: Vec<BandFiles>,
        (looks, resolution_m): (f64, f64),
    ) -> Result<Self, LabError> {
        let read = |part: &Path| -> Result<(String, Vec<u8>), LabError> {
            let path = folder.join(part);
            let bytes = std::fs::read(&path).map_err(at_file(&path))?;
            Ok((path.display().to_string(), bytes))
        };
        let mut first = None;
        let mut bands = Vec::new();
        for files in files {
            let (path, bytes) = read(&files.annotation)?;
            let annotation = Annotation::parse(&path, &bytes)?;
            let (path, bytes) = read(&files.calibration)?;
            let calibration = Calibration::parse(&path, &bytes)?;
            let (path, bytes) = read(&files.noise)?;
            let noise = Noise::parse(&path, &bytes)?;
            bands.push(Band {
                polarisation: annotation.polarisation,
                files,
                calibration,
                noise,
            });
            first.get_or_insert(annotation);
        }
        let Some(annotation) = first else {
            return Err(LabError::Model {
                path: folder,
                problem: "has no annotation of any polarisation".to_owned(),
            });
        };
        let name = folder
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
            .unwrap_or_default();
        Ok(Self {
            geometry: annotation.geometry()?,
            folder,
            name,
            annotation,
            bands,
            looks,
            resolution_m,
        })
    }

    /// Incidence angle along the middle row, degrees, at a column.
    pub(crate) fn incidence_deg(&self, col: f64) -> f64 {
        let row = f64::from(self.annotation.rows) / 2.0;
        let sar = self.geometry.locate(row, col).and_then(|at| at.sar);
        sar.map_or(38.0, |sar| sar.incidence_deg)
    }

    /// Mean σ⁰ of the sea in one band along the middle row, a value a column.
    pub(crate) fn sea_row(&self, band: &Band, wind_mps: f64) -> Vec<f32> {
        const STEP: u32 = 32;
        let cols = self.annotation.cols;
        let nodes: Vec<f64> = (0..=cols.div_ceil(STEP))
            .map(|node| {
                let incidence = self.incidence_deg(f64::from(node * STEP));
                sea_sigma0(band.polarisation, incidence, wind_mps)
            })
            .collect();
        (0..cols)
            .map(|col| {
                let node = (col / STEP) as usize;
                let along = f64::from(col % STEP) / f64::from(STEP);
                (nodes[node] + (nodes[node + 1] - nodes[node]) * along) as f32
            })
            .collect()
    }

    /// Mean σ⁰ of a hull in every band, with its own deviation in dB.
    pub(crate) fn hull_row(&self, length_m: f64, deviation_db: f64) -> Vec<f64> {
        self.bands
            .iter()
            .map(|band| {
                hull_sigma0(band.polarisation, length_m) * 10.0_f64.powf(deviation_db / 10.0)
            })
            .collect()
    }

    /// True for a place of the image, (row, col).
    pub(crate) fn is_inside(&self, (row, col): (f64, f64)) -> bool {
        (0.0..f64::from(self.annotation.rows)).contains(&row)
            && (0.0..f64::from(self.annotation.cols)).contains(&col)
    }

    /// Mean of the sea and the receiver's noise at a pixel, σ⁰.
    pub(crate) fn background(&self, band: &Band, (row, col): (f64, f64), wind_mps: f64) -> f64 {
        let gain = band.calibration.gain(row, col);
        sea_sigma0(band.polarisation, self.incidence_deg(col), wind_mps)
            + band.noise.power(row, col) / (gain * gain)
    }
}
