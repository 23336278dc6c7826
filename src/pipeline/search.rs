//! One scene: open → search → fuse. The unit of failure: an error here loses this scene and no other.

use super::plan::{Plan, SceneInput};
use super::settle::Bench;
use crate::detect::{BandReport, DetectError, SearchReport};
use crate::fuse::{Evidence, FuseInput, FuseParams, fuse};
use crate::model::contact::Contact;
use crate::model::detection::{Detection, DetectionFlag};
use crate::model::outage::Outage;
use crate::model::scene::{Scene, SceneRecord, SearchRun, SearchSummary};
use crate::model::track::Track;
use crate::model::units::LonLat;
use crate::region::{Land, RegionError};
use crate::scene::{Product, SceneError};
use jiff::Timestamp;

/// Why a scene was lost.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SceneFailure {
    /// It cannot be opened or read.
    #[error(transparent)]
    Scene(#[from] SceneError),
    /// It cannot be searched.
    #[error(transparent)]
    Detect(#[from] DetectError),
    /// Its land cannot be read.
    #[error(transparent)]
    Region(#[from] RegionError),
    /// Another scene of the run has its id.
    #[error("the scene id {id} is taken by {other}; expected a name of its own")]
    SameId {
        /// The id.
        id: String,
        /// Path of the scene that has it.
        other: String,
    },
}

/// What every scene of a run is laid against.
pub(super) struct Surroundings {
    /// Vessels heard.
    pub(super) tracks: Vec<Track>,
    /// When feeds of AIS were not heard.
    pub(super) outages: Vec<Outage>,
    /// Fixed structures.
    pub(super) structures: Vec<LonLat>,
    /// Settings of fusion, with motion learnt from the tracks.
    pub(super) fuse: FuseParams,
    /// When the run began (UTC).
    pub(super) begun: Timestamp,
}

/// One scene's results.
#[derive(Debug)]
pub(super) struct SceneResult {
    /// The scene as the plan names it.
    pub(super) input: SceneInput,
    /// The scene and what was searched of it.
    pub(super) record: SceneRecord,
    /// What was found.
    pub(super) detections: Vec<Detection>,
    /// What is known of it, by verdict, then id.
    pub(super) contacts: Vec<Contact>,
    /// What this run did for it; `None` if the store held it.
    pub(super) effort: Option<Effort>,
}

/// What a search cost and what it measured on the way.
#[derive(Debug)]
pub(super) struct Effort {
    /// Pixels, all bands together.
    pub(super) pixels: u64,
    /// Seconds.
    pub(super) seconds: f64,
    /// Clutter of every band.
    pub(super) bands: Vec<BandReport>,
}

/// Land about a scene; `None` if the plan asks for none.
///
/// # Errors
///
/// If a land file cannot be read.
pub(super) fn land_about(plan: &Plan, scene: &Scene) -> Result<Option<Land>, RegionError> {
    let built_in = plan.file.land.built_in;
    if !built_in && plan.land_files.is_empty() {
        return Ok(None);
    }
    Land::from_vectors(&plan.land_files, scene.footprint.as_ref(), built_in).map(Some)
}

/// Searches an open product and lays what was found against the vessels heard.
///
/// # Errors
///
/// If a band cannot be read or the land cannot be laid on it.
pub(super) fn search_scene(
    bench: Bench<'_>,
    (input, product): (&SceneInput, &Product),
    land: Option<&Land>,
    digest: String,
) -> Result<SceneResult, SceneFailure> {
    let Bench {
        plan,
        surroundings,
        progress,
    } = bench;
    let params = plan.file.detect.params(&plan.file.land);
    let advance = |pixels: u64| progress.advance(pixels);
    let report = crate::detect::search(product, land, &params, &advance)?;
    let mut scene = product.scene().clone();
    scene.notes.extend(remarks(&report, land));
    let contacts = fuse(&FuseInput {
        evidence: Evidence {
            scene: &scene,
            detections: &report.detections,
            tracks: &surroundings.tracks,
            infrastructure: &surroundings.structures,
            searched_km2: report.searched_km2,
            params: &surroundings.fuse,
        },
        outages: &surroundings.outages,
        land,
        regions: &plan.regions,
    });
    let centre = (f64::from(scene.height) / 2.0, f64::from(scene.width) / 2.0);
    let middle = product
        .locate(centre.0, centre.1)
        .and_then(|place| place.sar);
    let effort = Effort {
        pixels: scene.pixels() * product.bands().len() as u64,
        seconds: report.seconds,
        bands: report.bands,
    };
    Ok(SceneResult {
        input: input.clone(),
        record: SceneRecord {
            scene,
            search: SearchSummary {
                searched_px: report.searched_px,
                searched_km2: report.searched_km2,
                land_px: report.land_px,
                no_data_px: report.no_data_px,
                detections: report.detections.len() as u64,
            },
            run: SearchRun {
                pipeline: plan.file.name.clone(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                time: surroundings.begun,
                pfa: report.pfa,
                ring_px: report.ring_px,
                guard_px: report.guard_px,
                middle,
                quicklook: None,
            },
            digest,
        },
        detections: report.detections,
        contacts,
        effort: Some(effort),
    })
}

/// What a reader should know of a search, in sentences. They are kept with the scene.
fn remarks(report: &SearchReport, land: Option<&Land>) -> Vec<String> {
    let mut remarks: Vec<String> = report.bands.iter().map(band_remark).collect();
    remarks.push(format!(
        "Asked for a false-alarm probability of {:e} a pixel, with a clutter window of {} and a guard window of {} pixels.",
        report.pfa, report.ring_px, report.guard_px
    ));
    if report.untested_px > 0 {
        remarks.push(format!(
            "{} sea pixels were not searched: too little sea about them.",
            report.untested_px
        ));
    }
    let counted = |flag: DetectionFlag| {
        let flagged = |detection: &&Detection| detection.flags.contains(&flag);
        report.detections.iter().filter(flagged).count()
    };
    for (flag, what) in [
        (DetectionFlag::AzimuthAmbiguity, "azimuth ambiguities"),
        (DetectionFlag::Sidelobe, "sidelobes"),
        (DetectionFlag::Interference, "interference"),
        (DetectionFlag::BorderNoise, "noise at the image's border"),
    ] {
        let count = counted(flag);
        if count > 0 {
            remarks.push(format!(
                "{count} of the detections were taken for {what}, and are no contacts by themselves."
            ));
        }
    }
    match land {
        None => remarks.push("No land mask was used: land may show as detections.".to_owned()),
        Some(land) if land.polygons().is_empty() => remarks.push(
            "The land sources hold no land near this scene: land that is there may show as detections.".to_owned(),
        ),
        Some(_) => {}
    }
    remarks
}

fn band_remark(band: &BandReport) -> String {
    let name = band
        .polarisation
        .map_or_else(|| "The band".to_owned(), |p| format!("Band {p}"));
    let nu = |value: Option<f64>| value.map_or_else(|| "∞".to_owned(), |nu| format!("{nu:.1}"));
    let achieved = &band.achieved;
    let measured = achieved.measured.zip(achieved.interval()).map_or_else(
        String::new,
        |(measured, (low, high))| {
            format!(
                " Its own sea exceeded the threshold for {:e} at a rate of {measured:.1e} (95 % between {low:.1e} and {high:.1e}).",
                achieved.nominal
            )
        },
    );
    let misfit = achieved
        .misfit()
        .map_or_else(String::new, |text| format!(" {text}"));
    format!(
        "{name}: shape ν of the clutter {} (a tenth below {}, a tenth above {}); {} pixels fired, {} of them alone.{measured}{misfit}",
        nu(band.nu.median),
        nu(band.nu.p10),
        nu(band.nu.p90),
        band.hits,
        band.lone_hits
    )
}

/// Opens one scene of a plan.
pub(super) fn open(input: &SceneInput) -> Result<Product, SceneFailure> {
    Ok(crate::scene::open(&input.path, &input.options)?)
}
