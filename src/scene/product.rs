//! A product of any family, opened: what it is, where its pixels are, and the pixels themselves.

use super::SceneError;
use super::plain::{Plain, RasterOptions};
use super::reader::{BYTE_STEP, BandReader, BandSource, Encoding};
use super::sentinel1::{Annotated, Radiometry};
use crate::gis::raster::Window;
use crate::gis::vsi;
use crate::model::grid::PixelFrame;
use crate::model::scene::{AmbiguityOffset, PixelGeometry, Polarisation, Scene};
use crate::model::units::LonLat;
use std::sync::{Mutex, PoisonError};

/// One band of a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Band {
    /// Polarisation, if the product says so.
    pub polarisation: Option<Polarisation>,
}

/// An opened product. May be shared between threads; datasets are opened on demand, one a [`BandReader`].
pub struct Product {
    family: Family,
    bands: Vec<Band>,
    sources: Vec<BandSource>,
    /// One reader a band for small windows, opened at the first use.
    windows: Vec<Mutex<Option<BandReader>>>,
}

enum Family {
    Sentinel1(Box<Annotated>),
    Plain(Box<Plain>),
}

/// Opens a product: a `.SAFE` folder, its `manifest.safe`, a zip that holds one, any such path of GDAL's virtual file
/// systems, or else a plain raster.
///
/// # Errors
///
/// If a needed file is missing (the error names each), unsound, or a raster has another size than annotated. A missing
/// noise annotation is a remark in [`Scene::notes`], not an error.
pub fn open(path: &str, options: &RasterOptions) -> Result<Product, SceneError> {
    match safe_folder(path)? {
        Some(folder) => open_sentinel1(&folder, options),
        None => {
            let plain = Plain::open(path, options)?;
            let (bands, sources) = (plain.bands.clone(), plain.sources.clone());
            Ok(Product::new(Family::Plain(Box::new(plain)), bands, sources))
        }
    }
}

/// The folder with a `manifest.safe` behind a path; `None` if the path is no Sentinel-1 product.
pub(super) fn safe_folder(path: &str) -> Result<Option<String>, SceneError> {
    let path = match path.trim_end_matches('/') {
        "" => path,
        trimmed => trimmed,
    };
    if path == "manifest.safe" {
        return Ok(Some(".".to_owned()));
    }
    if let Some(folder) = path.strip_suffix("/manifest.safe") {
        return Ok(Some(folder.to_owned()));
    }
    let is_zip = path.to_ascii_lowercase().ends_with(".zip");
    let folder = if is_zip && !path.starts_with("/vsizip/") {
        if !vsi::exists(path) {
            // Reading it gives the reason.
            vsi::read_file(path)?;
        }
        format!("/vsizip/{path}")
    } else {
        path.to_owned()
    };
    if !is_zip && !vsi::is_dir(&folder) {
        return Ok(None);
    }
    let has_manifest = |folder: &str| vsi::size(&format!("{folder}/manifest.safe")).is_some();
    if has_manifest(&folder) || folder.ends_with(".SAFE") {
        return Ok(Some(folder));
    }
    let inner = vsi::list_dir(&folder)
        .unwrap_or_default()
        .into_iter()
        .map(|name| format!("{folder}/{}", name.trim_end_matches('/')))
        .find(|inner| has_manifest(inner));
    match inner {
        Some(inner) => Ok(Some(inner)),
        None => Err(SceneError::NoProduct {
            path: path.to_owned(),
        }),
    }
}

fn open_sentinel1(folder: &str, options: &RasterOptions) -> Result<Product, SceneError> {
    let annotated = Annotated::open_with_looks(folder, options.looks)?;
    let missing: Vec<&_> = annotated
        .missing()
        .iter()
        .filter(|file| file.kind.is_needed())
        .collect();
    let only_noise = missing
        .iter()
        .all(|file| file.kind == super::sentinel1::FileKind::Noise);
    let named_without_calibration: Vec<String> = annotated
        .bands()
        .iter()
        .filter(|band| band.radiometry.is_none())
        .map(|band| format!("a calibration annotation for {}", band.polarisation))
        .collect();
    if !only_noise || !named_without_calibration.is_empty() {
        let mut files: Vec<String> = missing
            .iter()
            .map(|file| format!("{} ({})", file.path, file.describe()))
            .collect();
        if files.is_empty() {
            files = named_without_calibration;
        }
        return Err(SceneError::Missing {
            path: folder.to_owned(),
            files,
        });
    }
    let bands = annotated
        .bands()
        .iter()
        .map(|band| Band {
            polarisation: Some(band.polarisation),
        })
        .collect();
    let sources = annotated
        .bands()
        .iter()
        .map(|band| BandSource {
            path: band.measurement.clone(),
            band: 0,
            encoding: Encoding::Counts,
            no_data: None,
            alpha: None,
        })
        .collect();
    let product = Product::new(Family::Sentinel1(Box::new(annotated)), bands, sources);
    for band in 0..product.bands.len() {
        product.open_band(band)?;
    }
    Ok(product)
}

impl Product {
    fn new(family: Family, bands: Vec<Band>, sources: Vec<BandSource>) -> Self {
        Self {
            windows: sources.iter().map(|_| Mutex::new(None)).collect(),
            family,
            bands,
            sources,
        }
    }

    /// What the product is.
    pub fn scene(&self) -> &Scene {
        match &self.family {
            Family::Sentinel1(annotated) => annotated.scene(),
            Family::Plain(plain) => &plain.scene,
        }
    }

    /// True for a bare picture: one 8-bit band, or three that show one, without a georeference.
    pub fn is_picture(&self) -> bool {
        let is_bytes = |source: &BandSource| {
            let black_is_sea = match source.encoding {
                Encoding::Bytes { black_is_sea } | Encoding::Colour { black_is_sea, .. } => {
                    black_is_sea
                }
                Encoding::Counts | Encoding::Scaled { .. } => false,
            };
            black_is_sea && source.no_data.is_none()
        };
        let has_place = match &self.family {
            Family::Sentinel1(_) => true,
            Family::Plain(plain) => plain.has_place(),
        };
        !has_place && matches!(&self.sources[..], [source] if is_bytes(source))
    }

    /// The grey value behind an amplitude of a picture.
    pub fn grey_of(amplitude: u16) -> u8 {
        (amplitude / BYTE_STEP).min(255) as u8
    }

    /// The bands, in the order of [`Scene::polarisations`].
    pub fn bands(&self) -> &[Band] {
        &self.bands
    }

    /// The annotations of a Sentinel-1 product.
    pub fn annotated(&self) -> Option<&Annotated> {
        match &self.family {
            Family::Sentinel1(annotated) => Some(annotated),
            Family::Plain(_) => None,
        }
    }

    /// Calibration and noise of a band; `None` for plain rasters.
    pub fn radiometry(&self, band: usize) -> Option<&Radiometry> {
        self.annotated()?.bands().get(band)?.radiometry.as_ref()
    }

    /// Opens a band for reading rows.
    ///
    /// # Errors
    ///
    /// If there is no such band, or its raster cannot be opened or has another size than annotated.
    pub fn open_band(&self, band: usize) -> Result<BandReader, SceneError> {
        let scene = self.scene();
        let source = self
            .sources
            .get(band)
            .ok_or_else(|| self.outside(format!("band {}", band + 1)))?;
        BandReader::open(source, (scene.width, scene.height))
    }

    /// Place, time and viewing geometry of a pixel, by range-Doppler at sea level for Sentinel-1 and by the georeference for
    /// other rasters; `None` without one.
    pub fn locate(&self, row: f64, col: f64) -> Option<PixelGeometry> {
        match &self.family {
            Family::Sentinel1(annotated) => annotated.geometry().locate(row, col),
            Family::Plain(plain) => plain.locate(row, col),
        }
    }

    /// Row and column where a place is imaged: may lie outside the image; `None` only if it cannot be computed.
    pub fn pixel_of(&self, place: LonLat) -> Option<(f64, f64)> {
        match &self.family {
            Family::Sentinel1(annotated) => annotated.geometry().pixel_of(place),
            Family::Plain(plain) => plain.pixel_of(place),
        }
    }

    /// The ground under one column and one row step at a pixel; `None` if neither a georeference nor a spacing is known.
    pub fn pixel_frame(&self, row: f64, col: f64) -> Option<PixelFrame> {
        match &self.family {
            Family::Sentinel1(annotated) => annotated.geometry().pixel_frame(row, col),
            Family::Plain(plain) => plain.pixel_frame(row, col),
        }
    }

    /// Where the first azimuth ambiguities of a target at a pixel appear; `None` for plain rasters.
    pub fn ambiguity_offset(&self, row: f64, col: f64) -> Option<AmbiguityOffset> {
        let annotated = self.annotated()?;
        let first = annotated.bands().first()?;
        first
            .annotation
            .ambiguity_offset(annotated.geometry(), (row, col))
    }

    /// σ⁰ (linear, thermal noise removed, `NaN` = no data) of a window, `rows × cols`, row-major.
    ///
    /// # Errors
    ///
    /// `NotCalibrated` for plain rasters; `Outside` if the window is not inside the image; or if the file is cut off.
    pub fn sigma0(
        &self,
        band: usize,
        first_row: u32,
        first_col: u32,
        rows: u32,
        cols: u32,
    ) -> Result<Vec<f32>, SceneError> {
        let scene = self.scene();
        let Some(radiometry) = self.radiometry(band) else {
            return Err(SceneError::NotCalibrated {
                path: scene.path.clone(),
            });
        };
        let inside = |first: u32, count: u32, size: u32| {
            first.checked_add(count).is_some_and(|end| end <= size)
        };
        if !inside(first_row, rows, scene.height)
            || !inside(first_col, cols, scene.width)
            || rows == 0
            || cols == 0
        {
            return Err(self.outside(format!(
                "{rows} × {cols} pixels from row {first_row}, column {first_col}"
            )));
        }
        let window = Window {
            first_row,
            first_col,
            rows,
            cols,
        };
        let mut counts = vec![0; rows as usize * cols as usize];
        self.read_counts(band, window, &mut counts)?;
        let mut sigma0 = vec![0.0; counts.len()];
        let lines = counts
            .chunks(cols as usize)
            .zip(sigma0.chunks_mut(cols as usize));
        for (row, (counts, out)) in (first_row..).zip(lines) {
            radiometry.sigma0_row(row, first_col, counts, out);
        }
        Ok(sigma0)
    }

    fn read_counts(&self, band: usize, window: Window, out: &mut [u16]) -> Result<(), SceneError> {
        // A poisoned lock only means that another thread stopped; the reader is opened anew if it is gone.
        let mut held = self.windows[band]
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if held.is_none() {
            *held = Some(self.open_band(band)?);
        }
        match held.as_mut() {
            Some(reader) => reader.read_window(window, out),
            None => Err(self.outside(format!("band {}", band + 1))),
        }
    }

    /// How a band's samples are read.
    #[cfg(test)]
    pub(super) fn encoding(&self, band: usize) -> Encoding {
        self.sources[band].encoding
    }

    fn outside(&self, asked: String) -> SceneError {
        SceneError::Outside {
            path: self.scene().path.clone(),
            asked,
        }
    }
}
