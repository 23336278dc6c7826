//! A search over any source of rows: bands and stretches to workers, pixels to targets, targets to detections.

use super::artefact;
use super::cfar::kernel::simd::Simd;
use super::cfar::ring::Ring;
use super::cfar::strip::{Found, Plan, search_strips};
use super::cluster::{clusters, targets};
use super::clutter::ClutterLaw;
use super::describe::{Context, describe};
use super::mask::{LandRows, Mask};
use super::split::Split;
use super::{BandReport, DetectError, DetectParams, SearchReport};
use crate::model::detection::Detection;
use crate::model::grid::PixelFrame;
use crate::model::scene::{AmbiguityOffset, PixelGeometry, Polarisation, Scene};
use crate::model::tile::Tile;
use crate::model::units::LonLat;
use rayon::prelude::*;
use std::ops::Range;

/// Reads full-width rows of one band: `read(first_row, rows, tile)`.
pub type ReadRows<'a> = Box<dyn FnMut(u32, u32, &mut Tile) -> Result<(), DetectError> + 'a>;

/// Opens a band by number; each worker opens its own.
pub type OpenBand<'a> = dyn Fn(usize) -> Result<ReadRows<'a>, DetectError> + Sync + 'a;

/// The ground under the pixels; rows and columns in the scene's frame, 0 at the centre of the first pixel.
pub struct Ground<'a> {
    /// Place, time and viewing geometry of (row, col).
    pub locate: &'a (dyn Fn(f64, f64) -> Option<PixelGeometry> + Sync),
    /// Ground vectors of a pixel step at (row, col).
    pub frame: &'a (dyn Fn(f64, f64) -> Option<PixelFrame> + Sync),
    /// σ⁰ (linear, noise removed) of (band, row, col), for calibrated products.
    pub sigma0: &'a (dyn Fn(usize, u32, u32) -> Option<f64> + Sync),
    /// Where the first azimuth ambiguities of a target at (row, col) appear, for radars whose product tells it.
    pub ambiguity: &'a (dyn Fn(f64, f64) -> Option<AmbiguityOffset> + Sync),
    /// Distance to the shore, metres.
    pub shore_distance_m: &'a (dyn Fn(LonLat) -> Option<f64> + Sync),
}

/// An image to search.
pub struct Image<'a> {
    /// What it is: size, looks, spacing, id.
    pub scene: &'a Scene,
    /// Polarisation of each band, in file order.
    pub polarisations: &'a [Option<Polarisation>],
    /// Land.
    pub land: &'a dyn LandRows,
    /// The ground.
    pub ground: Ground<'a>,
}

/// Searches all bands of an image. The detections do not depend on the number of threads.
///
/// `progress` hears of the pixels of each strip of a band when it is done, from any thread; the counts add up to
/// width × height × bands.
///
/// # Errors
///
/// `DetectError` of a setting out of range, of a band that cannot be read, or of threads that do not start.
pub fn search_image(
    image: &Image,
    open: &OpenBand,
    params: &DetectParams,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<SearchReport, DetectError> {
    let started = std::time::Instant::now();
    params.check()?;
    let scene = image.scene;
    if !(scene.looks.is_finite() && scene.looks > 0.0) {
        return Err(DetectError::Parameter {
            name: "looks",
            value: scene.looks.to_string(),
            expected: "a positive number of looks",
        });
    }
    let spacing_m = match (scene.column_spacing_m, scene.row_spacing_m) {
        (Some(column), Some(row)) => Some(column.min(row)),
        (column, row) => column.or(row),
    };
    let bands = image.polarisations.len();
    let pixels = f64::from(scene.width) * f64::from(scene.height) * bands as f64;
    let law = ClutterLaw::new(scene.looks, params.pfa, pixels);
    let plan = Plan {
        width: scene.width,
        height: scene.height,
        ring: Ring::choose(
            params.ring_px,
            params.guard_px,
            (spacing_m, scene.width.min(scene.height)),
        )?,
        law: &law,
        mask: Mask::new(
            image.land,
            buffer_px(params, spacing_m)?,
            scene.width,
            scene.height,
        ),
        simd: Simd::from_environment()?,
    };
    let mut report = in_pool(params.threads, || {
        let split = Split::from_environment(rayon::current_num_threads() as u32)?;
        let found = search_bands(&plan, bands, split, open, progress)?;
        Ok::<_, DetectError>(report(image, params, &plan, &found))
    })??;
    report.seconds = started.elapsed().as_secs_f64();
    Ok(report)
}

/// The land buffer in pixels.
fn buffer_px(params: &DetectParams, spacing_m: Option<f64>) -> Result<u32, DetectError> {
    match spacing_m {
        _ if params.buffer_m == 0.0 => Ok(0),
        Some(spacing_m) => Ok((params.buffer_m / spacing_m).ceil() as u32),
        None => Err(DetectError::Parameter {
            name: "buffer_m",
            value: params.buffer_m.to_string(),
            expected: "0, as the image's pixel spacing is not known",
        }),
    }
}

/// Runs `work` on rayon's pool, or on one of its own with the threads asked for.
fn in_pool<T: Send>(
    threads: Option<usize>,
    work: impl FnOnce() -> T + Send,
) -> Result<T, DetectError> {
    let Some(threads) = threads else {
        return Ok(work());
    };
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|source| DetectError::Threads { threads, source })?;
    Ok(pool.install(work))
}

/// Searches every band, divided into stretches of whole strips.
pub(super) fn search_bands(
    plan: &Plan,
    bands: usize,
    split: Split,
    open: &OpenBand,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Vec<Found>, DetectError> {
    let stretches = split.stretches(plan);
    // A worker takes the same stretch of every band: one band may cost more than another.
    let work: Vec<(usize, Range<u32>)> = stretches
        .iter()
        .flat_map(|stretch| (0..bands).map(move |band| (band, stretch.clone())))
        .collect();
    let parts: Vec<(usize, Found)> = work
        .into_par_iter()
        .with_max_len(1)
        .map(|(band, stretch)| {
            let mut read = open(band)?;
            Ok((band, search_strips(plan, stretch, &mut *read, progress)?))
        })
        .collect::<Result<_, DetectError>>()?;
    let mut found = vec![Found::default(); bands];
    for (band, part) in parts {
        found[band].append(part);
    }
    Ok(found)
}

fn report(image: &Image, params: &DetectParams, plan: &Plan, found: &[Found]) -> SearchReport {
    let per_band: Vec<_> = found.iter().map(clusters).collect();
    let bands = found
        .iter()
        .zip(&per_band)
        .zip(image.polarisations)
        .map(|((found, clusters), &polarisation)| {
            BandReport::new(polarisation, (found, plan.cells_across()), clusters)
        })
        .collect();
    let context = Context {
        scene: image.scene,
        polarisations: image.polarisations,
        plan,
        found,
        params,
        ground: &image.ground,
    };
    let mut detections: Vec<Detection> = targets(per_band)
        .par_iter()
        .filter(|target| {
            let hits = || target.iter().flat_map(|(_, cluster)| &cluster.hits);
            hits().any(|hit| hit.is_sure) && hits().count() >= params.min_pixels as usize
        })
        .filter_map(|target| describe(target, &context))
        .collect();
    detections.sort_by(|a, b| a.row.total_cmp(&b.row).then(a.col.total_cmp(&b.col)));
    artefact::mark(&mut detections, &image.ground);
    artefact::mark_interference(&mut detections, (image.scene.width, image.scene.height));
    let searched_px = found
        .iter()
        .map(|found| found.valid - found.tally.untested)
        .min()
        .unwrap_or(0);
    let largest = |count: fn(&Found) -> u64| found.iter().map(count).max().unwrap_or(0);
    SearchReport {
        detections,
        searched_px,
        searched_km2: pixel_area_m2(image).map(|area| searched_px as f64 * area / 1e6),
        land_px: largest(|found| found.land),
        no_data_px: largest(|found| found.blank),
        untested_px: largest(|found| found.tally.untested),
        pfa: params.pfa,
        ring_px: plan.ring.ring_px(),
        guard_px: plan.ring.guard_px(),
        bands,
        seconds: 0.0,
    }
}

/// Ground area of a pixel: that of the image's centre stands for all.
fn pixel_area_m2(image: &Image) -> Option<f64> {
    let scene = image.scene;
    let centre = (f64::from(scene.height) / 2.0, f64::from(scene.width) / 2.0);
    (image.ground.frame)(centre.0, centre.1)
        .map(|frame| frame.pixel_area_m2())
        .or_else(|| Some(scene.column_spacing_m? * scene.row_spacing_m?))
}
