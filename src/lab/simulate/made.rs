//! A made product: all sheets of a plan in a new folder.

use super::annotation::{TiePoint, annotation, tie_points};
use super::calibration::{calibration, noise};
use super::options::SceneOptions;
use super::plan::Plan;
use super::stage::{BandFiles, Stage};
use crate::lab::{LabError, at_file};
use std::path::{Path, PathBuf};

/// Polarisations of a made product with their image numbers, in the order of real products.
const BANDS: [(&str, u32); 2] = [("VV", 1), ("VH", 2)];

/// A made product without rasters and manifest.
pub(crate) struct Made {
    pub(crate) plan: Plan,
    pub(crate) points: Vec<TiePoint>,
    pub(crate) stage: Stage,
}

/// Writes annotation, calibration and noise below `out_dir`.
pub(crate) fn make(out_dir: &Path, scene: &SceneOptions, seed: u64) -> Result<Made, LabError> {
    let plan = Plan::new(scene, seed);
    let points = tie_points(&plan);
    let folder = out_dir.join(format!("{}.SAFE", plan.name));
    let sub = folder.join("annotation/calibration");
    std::fs::create_dir_all(&sub).map_err(at_file(&sub))?;
    let mut files = Vec::new();
    for (polarisation, image) in BANDS {
        let band = band_files(&plan, polarisation, image);
        let sheets = [
            (
                &band.annotation,
                annotation(&plan, &points, polarisation, image),
            ),
            (&band.calibration, calibration(&plan, polarisation, image)),
            (&band.noise, noise(&plan, polarisation, image)),
        ];
        for (part, text) in sheets {
            let path = folder.join(part);
            std::fs::write(&path, text).map_err(at_file(&path))?;
        }
        files.push(band);
    }
    let traits = (plan.traits.looks, plan.traits.resolution_m);
    let stage = Stage::open(folder, files, traits)?;
    Ok(Made {
        plan,
        points,
        stage,
    })
}

/// `s1a-iw-grd-vv-20221002t205126-20221002t205156-045268-056950-001` and its four files.
fn band_files(plan: &Plan, polarisation: &str, image: u32) -> BandFiles {
    let compact = |time: jiff::Timestamp| time.strftime("%Y%m%dt%H%M%S").to_string();
    let stem = format!(
        "s1a-{}-grd-{}-{}-{}-{:06}-{:06x}-{image:03}",
        plan.traits.swath.to_lowercase(),
        polarisation.to_lowercase(),
        compact(plan.first_line),
        compact(plan.last_line),
        plan.absolute_orbit,
        plan.data_take,
    );
    BandFiles {
        annotation: PathBuf::from(format!("annotation/{stem}.xml")),
        calibration: PathBuf::from(format!("annotation/calibration/calibration-{stem}.xml")),
        noise: PathBuf::from(format!("annotation/calibration/noise-{stem}.xml")),
        measurement: PathBuf::from(format!("measurement/{stem}.tiff")),
    }
}
