//! Rasters from the command line → detections as CSV or GeoJSON, without a store.

use super::plan::{DetectSettings, LandSettings};
use super::record::FailedInput;
use super::search::SceneFailure;
use crate::detect::DetectParams;
use crate::detect::picture::{self, Judge, SecondLook};
use crate::encode::{csv, geojson};
use crate::model::detection::Detection;
use crate::region::Land;
use crate::scene::RasterOptions;

/// Format of a list of detections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One row a detection, with a heading.
    Csv,
    /// One feature collection.
    GeoJson,
}

/// What to search, and how.
#[derive(Debug, Clone)]
pub struct QuickSearch {
    /// Rasters or products, by any path GDAL takes.
    pub rasters: Vec<String>,
    /// What plain rasters do not tell themselves.
    pub options: RasterOptions,
    /// Vector files of land, beside the built-in islands.
    pub land: Vec<String>,
    /// Settings of the detector.
    pub settings: DetectSettings,
    /// Also give what the second look turned down.
    pub with_rejected: bool,
}

/// Detections of every raster that could be searched, and the rasters that could not.
#[derive(Debug)]
pub struct QuickFound {
    /// The detections, encoded.
    pub bytes: Vec<u8>,
    /// Rasters that failed.
    pub failed: Vec<FailedInput>,
    /// Rasters that were searched.
    pub searched: usize,
}

/// Searches one raster after the other; one that fails is recorded and the others go on.
pub fn search_rasters(wanted: &QuickSearch, format: Format) -> QuickFound {
    let params = wanted.settings.params(&LandSettings::default());
    let mut detections = Vec::new();
    let mut failed = Vec::new();
    for path in &wanted.rasters {
        match search(path, wanted, &params) {
            Ok(found) => detections.extend(found),
            Err(error) => failed.push(FailedInput::new(path, &error)),
        }
    }
    let message = match format {
        Format::Csv => csv::detections(&detections),
        Format::GeoJson => geojson::detections(&detections),
    };
    QuickFound {
        bytes: message.bytes,
        searched: wanted.rasters.len() - failed.len(),
        failed,
    }
}

fn search(
    path: &str,
    wanted: &QuickSearch,
    params: &DetectParams,
) -> Result<Vec<Detection>, SceneFailure> {
    let product = crate::scene::open(path, &wanted.options)?;
    let scene = product.scene();
    // Looks and a false-alarm probability are settings of the ring test: who tells one asks for it.
    let may_look_twice = wanted.options.looks.is_none() && wanted.settings.pfa.is_none();
    if may_look_twice && let Some(grey) = picture::grey(&product)? {
        let judge = Judge::SecondLook(Box::new(SecondLook::built_in()?));
        let report = picture::search_picture(&product, &grey, None, &judge)?;
        tracing::info!(
            scene = %scene.id,
            detections = report.detections.len(),
            rejected = report.rejected.len(),
            "Searched as a picture: the second look is on, scores are its probabilities."
        );
        let mut found = report.detections;
        if wanted.with_rejected {
            found.extend(report.rejected);
        }
        return Ok(found);
    }
    let land = Land::from_vectors(&wanted.land, scene.footprint.as_ref(), true)?;
    let report = crate::detect::search(&product, Some(&land), params, &|_| {})?;
    let more = if may_look_twice && picture::is_chip(&product) {
        let judge = Judge::SecondLook(Box::new(SecondLook::built_in()?));
        let more = picture::beside(&product, &report.detections, &judge)?;
        tracing::info!(
            scene = %scene.id,
            detections = report.detections.len(),
            beside = more.len(),
            "Chip searched by ring test; the second look is on and adds what it takes for ships beside."
        );
        more
    } else {
        tracing::info!(
            scene = %scene.id,
            detections = report.detections.len(),
            searched_px = report.searched_px,
            seconds = report.seconds,
            "Raster searched by ring test: the second look is off, it is for chips without georeference whose looks are not told."
        );
        Vec::new()
    };
    for band in &report.bands {
        if let Some(misfit) = band.achieved.misfit() {
            tracing::warn!(scene = %scene.id, pol = ?band.polarisation, "{misfit}");
        }
    }
    let mut found = report.detections;
    found.extend(more);
    Ok(found)
}
