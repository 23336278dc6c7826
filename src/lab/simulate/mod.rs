//! Simulated scenes and fleets: a Sentinel-1 product that any reader opens, the AIS log of its sea, and the truth.
//!
//! [`run`] makes the sheets of the product (or copies those of a real one), places a fleet, paints the rasters, writes the
//! log, and leaves the truth beside them. Nothing is random but by the seed.

mod annotation;
mod calibration;
mod casts;
mod fleet;
mod land;
mod like;
mod log;
mod made;
mod manifest;
mod motion;
mod options;
mod orbit;
mod paint;
mod plan;
mod quantile;
pub mod recipes;
pub(in crate::lab) mod response;
pub(in crate::lab) mod sea;
mod sea_model;
mod sheet;
mod stage;

#[cfg(test)]
mod product_tests;

pub use options::{FleetOptions, Mode, SceneOptions, SimulateOptions, Source};
pub use sea::SeaState;

use super::truth::{Kind, Truth};
use super::{LabError, at_file};
use crate::model::contact::Verdict;
use land::LandRows;
use serde::Serialize;
use stage::Stage;
use std::path::PathBuf;

/// What a simulation wrote.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SimulateReport {
    /// The product folder.
    pub product: PathBuf,
    /// The AIS log.
    pub ais_log: PathBuf,
    /// The truth file.
    pub truth: PathBuf,
    /// Fixed structures as GeoJSON points.
    pub fixed: PathBuf,
    /// Pixels painted, all polarisations.
    pub pixels: u64,
    /// Lines of the AIS log.
    pub ais_lines: u64,
    /// Objects and identities a verdict is expected for, by verdict.
    pub expected: Vec<(Verdict, usize)>,
}

/// Distance of the simulated base station from the scene's centre, metres: near enough to hear, outside small scenes.
const STATION_M: f64 = 45_000.0;

/// Simulates one scene with its fleet.
///
/// Writes `<product>.SAFE/`, `ais.nmea`, `truth.json` and `fixed.geojson` into `out_dir`. The same options give the same
/// bytes, on any number of threads.
///
/// # Errors
///
/// If an option makes no scene, the fleet does not fit, the model product lacks a sheet, or a file cannot be written.
pub fn run(options: &SimulateOptions) -> Result<SimulateReport, LabError> {
    options.check()?;
    let out = &options.out_dir;
    std::fs::create_dir_all(out).map_err(at_file(out))?;
    match &options.source {
        Source::Made(scene) => {
            let made = made::make(out, scene, options.seed)?;
            let report = fill(&made.stage, options)?;
            let files: Vec<_> = made
                .stage
                .bands
                .iter()
                .map(|band| band.files.clone())
                .collect();
            manifest::write(&made.plan, &made.points, &made.stage.folder, &files)?;
            Ok(report)
        }
        Source::Like(model) => {
            let stage = like::copy(out, model)?;
            let report = fill(&stage, options)?;
            like::write_manifest(model, &stage.folder)?;
            Ok(report)
        }
    }
}

/// Fleet, rasters, log and truth of a product that has its sheets.
fn fill(stage: &Stage, options: &SimulateOptions) -> Result<SimulateReport, LabError> {
    let land = LandRows::new(options.land.as_ref(), &stage.geometry);
    let wind = options.sea.wind_mps;
    let fleet = fleet::fleet(stage, &land, &options.fleet, (options.seed, wind))?;
    paint::Painter {
        stage,
        land: &land,
        pictures: &fleet.pictures,
        sea: options.sea,
        seed: options.seed,
        compress: options.compress,
    }
    .paint()?;

    let (rows, cols) = (
        f64::from(stage.annotation.rows),
        f64::from(stage.annotation.cols),
    );
    let lost = || LabError::Model {
        path: stage.folder.clone(),
        problem: "the image's centre has no place or time".to_owned(),
    };
    let centre = stage
        .geometry
        .locate(rows / 2.0, cols / 2.0)
        .ok_or_else(lost)?;
    let (middle, sar) = centre.time.zip(centre.sar).ok_or_else(lost)?;
    let station = centre.position.destination(45.0, STATION_M);
    let lines = log::sentences(
        &fleet.ships,
        (middle, station),
        &options.fleet,
        options.seed,
    );
    let truth = Truth {
        seed: options.seed,
        scene_id: stage.name.clone(),
        pixel_spacing_m: stage.annotation.range_spacing_m,
        track_heading_deg: sar.track_heading_deg,
        ais_outage_min: options.fleet.outage_min,
        ships: fleet.ships,
        artefacts: fleet.artefacts,
    };
    let out = &options.out_dir;
    let report = SimulateReport {
        product: stage.folder.clone(),
        ais_log: out.join("ais.nmea"),
        truth: out.join("truth.json"),
        fixed: out.join("fixed.geojson"),
        pixels: u64::from(stage.annotation.rows)
            * u64::from(stage.annotation.cols)
            * stage.bands.len() as u64,
        ais_lines: lines.len() as u64,
        expected: expected(&truth),
    };
    let mut log = lines.join("\r\n");
    log.push_str("\r\n");
    std::fs::write(&report.ais_log, log).map_err(at_file(&report.ais_log))?;
    std::fs::write(&report.fixed, truth.fixed_geojson()).map_err(at_file(&report.fixed))?;
    truth.write(&report.truth)?;
    Ok(report)
}

fn expected(truth: &Truth) -> Vec<(Verdict, usize)> {
    Verdict::ALL
        .iter()
        .map(|verdict| {
            let of_it = truth
                .ships
                .iter()
                .filter(|ship| ship.expected == Some(*verdict));
            (
                *verdict,
                of_it.filter(|ship| ship.kind != Kind::Beacon).count(),
            )
        })
        .filter(|(_, count)| *count > 0)
        .collect()
}
