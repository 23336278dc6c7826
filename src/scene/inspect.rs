//! What a product is and what it lacks, for people. Needs no pixels, and goes on where opening would stop.

use super::SceneError;
use super::plain::{Plain, RasterOptions};
use super::product::safe_folder;
use super::sentinel1::{Annotated, FileKind, Manifest};
use crate::gis::raster::Raster;
use crate::model::scene::Scene;
use serde::Serialize;

/// What a product is and what it lacks.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Inspection {
    /// Name and value, in reading order.
    pub lines: Vec<(String, String)>,
    /// Files that are needed and not there, each with what it is.
    pub missing: Vec<String>,
    /// Files that the manifest names and nothing here needs, not there.
    pub missing_optional: Vec<String>,
    /// What is wrong with files that are there, in sentences.
    pub faults: Vec<String>,
    /// Remarks on quality, in sentences.
    pub notes: Vec<String>,
    /// True if no needed file is missing and none is at fault.
    pub complete: bool,
}

/// Looks at a product or raster without reading its pixels.
///
/// # Errors
///
/// If there is nothing to inspect: no such file, not a product, or an unreadable manifest or annotation.
pub fn inspect(path: &str) -> Result<Inspection, SceneError> {
    match safe_folder(path)? {
        Some(folder) => inspect_sentinel1(&folder),
        None => {
            let plain = Plain::open(path, &RasterOptions::default())?;
            Ok(Inspection {
                lines: scene_lines(&plain.scene),
                missing: Vec::new(),
                missing_optional: Vec::new(),
                faults: Vec::new(),
                notes: plain.scene.notes,
                complete: true,
            })
        }
    }
}

fn inspect_sentinel1(folder: &str) -> Result<Inspection, SceneError> {
    let manifest = Manifest::read(folder)?;
    let missing = manifest.missing(folder);
    let named = |needed: bool| -> Vec<String> {
        missing
            .iter()
            .filter(|file| file.kind.is_needed() == needed)
            .map(|file| format!("{} ({})", file.path, file.describe()))
            .collect()
    };
    let mut inspection = Inspection {
        lines: Vec::new(),
        missing: named(true),
        missing_optional: named(false),
        faults: Vec::new(),
        notes: Vec::new(),
        complete: false,
    };
    if missing.iter().any(|file| file.kind == FileKind::Annotation) {
        inspection.lines = manifest_lines(folder, &manifest);
        return Ok(inspection);
    }
    let annotated = Annotated::open(folder)?;
    let scene = annotated.scene();
    inspection.lines = scene_lines(scene);
    inspection.notes.clone_from(&scene.notes);
    for band in annotated.bands() {
        if missing
            .iter()
            .any(|file| band.measurement.ends_with(&file.path))
        {
            continue;
        }
        match Raster::open(&band.measurement) {
            Ok(raster) if raster.size() != (scene.width, scene.height) => {
                let error = SceneError::Size {
                    path: band.measurement.clone(),
                    found: raster.size(),
                    expected: (scene.width, scene.height),
                };
                inspection.faults.push(error.to_string());
            }
            Ok(_) => {}
            Err(error) => inspection.faults.push(error.to_string()),
        }
    }
    inspection.complete = inspection.missing.is_empty() && inspection.faults.is_empty();
    Ok(inspection)
}

fn manifest_lines(folder: &str, manifest: &Manifest) -> Vec<(String, String)> {
    Lines::default()
        .with("path", Some(folder.to_owned()))
        .with("platform", Some(manifest.platform.clone()))
        .with("processor", Some(manifest.processor.clone()))
        .with("start", Some(manifest.start.to_string()))
        .with("stop", Some(manifest.stop.to_string()))
        .with("absolute orbit", manifest.absolute_orbit)
        .with("relative orbit", manifest.relative_orbit)
        .0
}

fn scene_lines(scene: &Scene) -> Vec<(String, String)> {
    let polarisations: Vec<String> = scene
        .polarisations
        .iter()
        .map(ToString::to_string)
        .collect();
    let spacing = scene.column_spacing_m.zip(scene.row_spacing_m);
    let footprint = scene.footprint.as_ref().map(|area| {
        area.0
            .iter()
            .map(|polygon| {
                // The corners alone: every eighth point.
                let corners: Vec<String> = polygon
                    .exterior()
                    .0
                    .iter()
                    .step_by(8)
                    .map(|c| format!("{:.4} {:.4}", c.x, c.y))
                    .collect();
                corners.join(", ")
            })
            .collect::<Vec<_>>()
            .join("; ")
    });
    Lines::default()
        .with("product", Some(scene.id.clone()))
        .with("path", Some(scene.path.clone()))
        .with("platform", Some(scene.platform.clone()))
        .with("mode", Some(scene.mode.clone()))
        .with("product type", Some(scene.product_type.clone()))
        .with("processor", Some(scene.processor.clone()))
        .with("polarisations", Some(polarisations.join(" ")))
        .with("start", scene.start)
        .with("stop", scene.stop)
        .with("absolute orbit", scene.absolute_orbit)
        .with("relative orbit", scene.relative_orbit)
        .with(
            "pass",
            scene
                .pass
                .map(|pass| format!("{pass:?}").to_ascii_lowercase()),
        )
        .with(
            "size",
            Some(format!("{} columns × {} rows", scene.width, scene.height)),
        )
        .with(
            "pixel spacing",
            spacing.map(|(col, row)| format!("{col:.3} m × {row:.3} m")),
        )
        .with("looks", Some(scene.looks))
        .with(
            "incidence",
            scene
                .incidence_deg
                .map(|(near, far)| format!("{near:.2}° to {far:.2}°")),
        )
        .with("footprint (lon lat)", footprint)
        .with("simulated", scene.simulated.then_some("yes"))
        .0
}

#[derive(Default)]
struct Lines(Vec<(String, String)>);

impl Lines {
    /// Adds a line unless the value is not known.
    fn with(mut self, name: &str, value: Option<impl ToString>) -> Self {
        if let Some(text) = value
            .map(|value| value.to_string())
            .filter(|text| !text.is_empty())
        {
            self.0.push((name.to_owned(), text));
        }
        self
    }
}
