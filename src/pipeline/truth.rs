//! Truth files and the store of a run → a score.

use crate::lab::LabError;
use crate::lab::score::{
    Prediction, Score, ScoredScene, XView3Score, read_labels, score, score_xview3,
};
use crate::lab::truth::Truth;
use crate::model::contact::{Contact, Verdict};
use crate::model::detection::Detection;
use crate::store::{GeoPackage, Store, StoreError};
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Why nothing was scored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScoreError {
    /// A truth file or a folder of them cannot be read.
    #[error(transparent)]
    Truth(#[from] LabError),
    /// No truth file is there.
    #[error("{}: no truth file here; expected one written by `tidewatch simulate`, named truth*.json or *.truth.json", path.display())]
    NoTruth {
        /// The file or folder.
        path: PathBuf,
    },
    /// The run left no store.
    #[error("{}: no store here; expected the output folder of `tidewatch run`, or its tidewatch.gpkg", path.display())]
    NoStore {
        /// The path.
        path: PathBuf,
    },
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Scores what a run found against the truth of its scenes.
///
/// `truth`: a truth file, or a folder that holds some (folders inside it too). `run`: the run's output folder or its
/// store. A scene with a truth that the run did not search counts with everything missed.
///
/// # Errors
///
/// If there is no truth, or no store, or one of them cannot be read.
pub fn score_run(truth: &Path, run: &Path, now: Timestamp) -> Result<Score, ScoreError> {
    let files = truth_files(truth)?;
    let store = open_run(run, now)?;
    let mut scenes: Vec<(Truth, Vec<Detection>, Vec<Contact>)> = Vec::new();
    for file in &files {
        let truth = Truth::read(file)?;
        let detections = store.detections(&truth.scene_id)?;
        let contacts = store.contacts(&truth.scene_id)?;
        scenes.push((truth, detections, contacts));
    }
    let scored: Vec<ScoredScene<'_>> = scenes
        .iter()
        .map(|(truth, detections, contacts)| ScoredScene {
            truth,
            detections,
            contacts,
        })
        .collect();
    Ok(score(&scored))
}

/// Scores what a run found by the rules of the xView3 challenge: `labels` is a file of its labels, whose scene ids are those of
/// the run. What is judged `fixed` is told as no vessel; who fishes is not told.
///
/// # Errors
///
/// If the labels or the store cannot be read.
pub fn score_run_as_xview3(
    labels: &Path,
    run: &Path,
    now: Timestamp,
) -> Result<XView3Score, ScoreError> {
    let labels = read_labels(labels)?;
    let store = open_run(run, now)?;
    let scenes: BTreeSet<&str> = labels.iter().map(|label| label.scene_id.as_str()).collect();
    let mut predictions = Vec::new();
    for scene in scenes {
        let contacts = store.contacts(scene)?;
        let fixed: BTreeSet<&str> = contacts
            .iter()
            .filter(|contact| contact.verdict == Verdict::Fixed)
            .filter_map(|contact| contact.detection_id.as_deref())
            .collect();
        let detections = store.detections(scene)?;
        let accepted = detections.iter().filter(|found| !found.is_rejected());
        predictions.extend(accepted.map(|found| Prediction {
            scene_id: scene.to_owned(),
            row: found.row,
            col: found.col,
            length_m: found.length_m,
            is_vessel: !fixed.contains(found.id.as_str()),
            is_fishing: false,
            shore_distance_m: found.shore_distance_m,
        }));
    }
    Ok(score_xview3(&labels, &predictions))
}

fn open_run(run: &Path, now: Timestamp) -> Result<GeoPackage, ScoreError> {
    let file = if run.is_dir() {
        run.join("tidewatch.gpkg")
    } else {
        run.to_owned()
    };
    if !file.is_file() {
        return Err(ScoreError::NoStore { path: file });
    }
    Ok(GeoPackage::open(&file, now)?)
}

/// The truth files at `path`, sorted.
fn truth_files(path: &Path) -> Result<Vec<PathBuf>, ScoreError> {
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    let mut open = vec![path.to_owned()];
    while let Some(folder) = open.pop() {
        let entries = std::fs::read_dir(&folder).map_err(|source| LabError::File {
            path: folder.clone(),
            source,
        })?;
        for entry in entries.filter_map(Result::ok) {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if path.is_dir() {
                open.push(path);
            } else if name.ends_with(".json") && name.contains("truth") {
                found.push(path);
            }
        }
    }
    found.sort();
    if found.is_empty() {
        return Err(ScoreError::NoTruth {
            path: path.to_owned(),
        });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_without_truth_and_a_run_without_store_are_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let now = Timestamp::UNIX_EPOCH;
        let error = score_run(folder.path(), folder.path(), now).expect_err("no truth");
        assert!(error.to_string().contains("no truth file"), "{error}");
        std::fs::write(folder.path().join("truth.json"), "{}").expect("a file");
        let error = score_run(folder.path(), folder.path(), now).expect_err("no store");
        assert!(error.to_string().contains("tidewatch.gpkg"), "{error}");
    }
}
