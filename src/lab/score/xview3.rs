//! The score of the xView3 challenge: detections against its labels, a scene at a time, then five terms in one figure.
//!
//! aggregate = F1(detection) × (1 + length score + F1(vessel) + F1(fishing) + F1(near shore)) / 5
//!
//! # Source
//!
//! DIUx-xView/xview3-reference, `metric.py` (Paolo et al. 2022, xView3-SAR, §5).

use super::{LENGTH_CAP_M, NEAR_SHORE_M, Rates, pair};
use crate::lab::{LabError, at_file};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};
use std::fs::File;
use std::path::Path;

/// Ground distance between pixels of the challenge's scenes, metres.
const PIXEL_M: f64 = 10.0;

/// A label: a row of the challenge's file. What is empty there is not known.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Label {
    /// Scene.
    pub scene_id: String,
    /// Row.
    pub detect_scene_row: f64,
    /// Column.
    pub detect_scene_column: f64,
    /// Length, metres.
    pub vessel_length_m: Option<f64>,
    /// `True` or `False`: a vessel, or something that stands.
    #[serde(default, deserialize_with = "truth_value")]
    pub is_vessel: Option<bool>,
    /// A fishing vessel, or another.
    #[serde(default, deserialize_with = "truth_value")]
    pub is_fishing: Option<bool>,
    /// Distance to the shore, kilometres.
    pub distance_from_shore_km: Option<f64>,
    /// `HIGH`, `MEDIUM` or `LOW`.
    pub confidence: String,
}

/// What is said of a place in a scene.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// Scene.
    pub scene_id: String,
    /// Row.
    pub row: f64,
    /// Column.
    pub col: f64,
    /// Length, metres.
    pub length_m: Option<f64>,
    /// A vessel, or something that stands.
    pub is_vessel: bool,
    /// A fishing vessel.
    pub is_fishing: bool,
    /// Distance to the shore, metres, if known.
    pub shore_distance_m: Option<f64>,
}

/// The challenge's figures.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct XView3Score {
    /// Scenes with labels.
    pub scenes: usize,
    /// Detections against labels that are not of low confidence.
    pub detection: Rates,
    /// The same within 2 km of the shore.
    pub near_shore: Rates,
    /// Vessels among matched pairs of which the label knows it.
    pub vessel: Rates,
    /// Fishing vessels among matched pairs of which the label knows it.
    pub fishing: Rates,
    /// 1 − mean relative error of length, at least 0, over matched pairs with a labelled length; a length that is not told
    /// counts as 0 m.
    pub length_score: f64,
    /// The five terms together.
    pub aggregate: f64,
}

fn truth_value<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<bool>, D::Error> {
    let text = String::deserialize(from)?;
    match text.trim().to_ascii_lowercase().as_str() {
        "" | "nan" => Ok(None),
        "true" | "1" | "1.0" => Ok(Some(true)),
        "false" | "0" | "0.0" => Ok(Some(false)),
        _ => Err(serde::de::Error::custom(format!(
            "`{text}`; expected True, False or nothing"
        ))),
    }
}

/// Reads the challenge's labels.
///
/// # Errors
///
/// If the file cannot be read, or a row is not one of labels: the error names the line.
pub fn read_labels(path: &Path) -> Result<Vec<Label>, LabError> {
    let file = File::open(path).map_err(at_file(path))?;
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(file);
    let rows: Result<Vec<Label>, csv::Error> = reader.deserialize().collect();
    rows.map_err(|source| LabError::XView3 {
        path: path.to_owned(),
        source,
    })
}

/// Scores predictions; those of scenes without a label are left out.
pub fn score_xview3(labels: &[Label], predictions: &[Prediction]) -> XView3Score {
    let mut scenes: BTreeMap<&str, (Vec<&Label>, Vec<&Prediction>)> = BTreeMap::new();
    for label in labels {
        scenes.entry(&label.scene_id).or_default().0.push(label);
    }
    for prediction in predictions {
        if let Some(scene) = scenes.get_mut(prediction.scene_id.as_str()) {
            scene.1.push(prediction);
        }
    }
    let mut tally = Tally::default();
    for (labels, predictions) in scenes.values() {
        tally.scene(labels, predictions);
    }
    let rates = |[hits, misses, false_alarms]: [usize; 3]| Rates::new(hits, misses, false_alarms);
    let f1 = |rates: &Rates| rates.f1.unwrap_or(0.0);
    let (detection, near_shore) = (rates(tally.all), rates(tally.near));
    let (vessel, fishing) = (rates(tally.vessel), rates(tally.fishing));
    let length_score = match tally.lengths.len() {
        0 => 0.0,
        count => 1.0 - (tally.lengths.iter().sum::<f64>() / count as f64).min(1.0),
    };
    let terms = 1.0 + length_score + f1(&vessel) + f1(&fishing) + f1(&near_shore);
    XView3Score {
        scenes: scenes.len(),
        aggregate: f1(&detection) * terms / 5.0,
        detection,
        near_shore,
        vessel,
        fishing,
        length_score,
    }
}

/// Hits, misses, false alarms.
type Counts = [usize; 3];

#[derive(Default)]
struct Tally {
    all: Counts,
    near: Counts,
    vessel: Counts,
    fishing: Counts,
    /// Relative errors.
    lengths: Vec<f64>,
}

impl Tally {
    fn scene(&mut self, labels: &[&Label], predictions: &[&Prediction]) {
        // What is matched with a label of low confidence is neither right nor wrong.
        let doubtful = matched(labels, predictions)
            .into_iter()
            .filter(|(label, _)| labels[*label].confidence == "LOW")
            .map(|(_, prediction)| prediction);
        let doubtful: Vec<usize> = doubtful.collect();
        let predictions: Vec<&Prediction> = (0..predictions.len())
            .filter(|at| !doubtful.contains(at))
            .map(|at| predictions[at])
            .collect();
        let labels: Vec<&Label> = labels
            .iter()
            .copied()
            .filter(|label| label.confidence != "LOW")
            .collect();
        let pairs = matched(&labels, &predictions);
        add(&mut self.all, pairs.len(), labels.len(), predictions.len());
        for &(label, prediction) in &pairs {
            let (label, told) = (labels[label], predictions[prediction]);
            if let Some(is_vessel) = label.is_vessel {
                judge(&mut self.vessel, is_vessel, told.is_vessel);
            }
            if let (Some(true), Some(is_fishing)) = (label.is_vessel, label.is_fishing) {
                judge(&mut self.fishing, is_fishing, told.is_fishing);
            }
            if let Some(length_m) = label.vessel_length_m.filter(|length| *length > 0.0) {
                let length_m = length_m.min(LENGTH_CAP_M);
                let told_m = told.length_m.unwrap_or(0.0).min(LENGTH_CAP_M);
                self.lengths.push((told_m - length_m).abs() / length_m);
            }
        }
        let is_near = |distance_m: Option<f64>| distance_m.is_some_and(|m| m <= NEAR_SHORE_M);
        let mut labels = labels;
        labels.retain(|label| is_near(label.distance_from_shore_km.map(|km| 1000.0 * km)));
        let mut predictions = predictions;
        predictions.retain(|told| is_near(told.shore_distance_m));
        let pairs = matched(&labels, &predictions).len();
        add(&mut self.near, pairs, labels.len(), predictions.len());
    }
}

/// Pairs (label, prediction) of the optimal assignment within 200 m.
fn matched(labels: &[&Label], predictions: &[&Prediction]) -> Vec<(usize, usize)> {
    let no_order = vec![false; labels.len()];
    pair(&no_order, predictions.len(), |label, prediction| {
        let (label, told) = (labels[label], predictions[prediction]);
        PIXEL_M * (label.detect_scene_row - told.row).hypot(label.detect_scene_column - told.col)
    })
    .pairs
}

fn add(counts: &mut Counts, hits: usize, labels: usize, predictions: usize) {
    counts[0] += hits;
    counts[1] += labels - hits;
    counts[2] += predictions - hits;
}

fn judge(counts: &mut Counts, is: bool, told: bool) {
    match (is, told) {
        (true, true) => counts[0] += 1,
        (true, false) => counts[1] += 1,
        (false, true) => counts[2] += 1,
        (false, false) => {}
    }
}

impl Display for XView3Score {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<14} {}", "scenes", self.scenes)?;
        for (name, rates) in [
            ("detection", &self.detection),
            ("near shore", &self.near_shore),
            ("vessel", &self.vessel),
            ("fishing", &self.fishing),
        ] {
            super::table::rates(f, name, rates)?;
        }
        writeln!(f, "{:<14} {:.3}", "length score", self.length_score)?;
        writeln!(f, "{:<14} {:.3}", "aggregate", self.aggregate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_perfect_prediction_scores_one_and_doubtful_labels_count_neither_way() {
        let label = |row: f64, confidence: &str| Label {
            scene_id: "s".to_owned(),
            detect_scene_row: row,
            detect_scene_column: 50.0,
            vessel_length_m: Some(80.0),
            is_vessel: Some(true),
            is_fishing: Some(true),
            distance_from_shore_km: Some(1.0),
            confidence: confidence.to_owned(),
        };
        let told = |row: f64| Prediction {
            scene_id: "s".to_owned(),
            row,
            col: 50.0,
            length_m: Some(80.0),
            is_vessel: true,
            is_fishing: true,
            shore_distance_m: Some(900.0),
        };
        let labels = [
            label(100.0, "HIGH"),
            label(300.0, "LOW"),
            label(500.0, "LOW"),
        ];
        let score = score_xview3(&labels, &[told(105.0), told(301.0)]);
        assert_eq!(score.detection.f1, Some(1.0));
        assert!((score.aggregate - 1.0).abs() < 1e-12, "{score:?}");
        // 20 pixels are 200 m: too far.
        let score = score_xview3(&labels, &[told(120.0)]);
        assert_eq!((score.detection.f1, score.aggregate), (Some(0.0), 0.0));
    }
}
