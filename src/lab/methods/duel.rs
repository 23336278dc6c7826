//! Every method on every sea, at the best of its own thresholds.

use super::waters::{Hulls, Picture, SPACING_M, Water};
use super::{DuelRow, MethodsOptions, ours, peers};
use crate::detect::DetectParams;
use crate::lab::LabError;
use crate::lab::simulate::response::Hull;

/// Farthest that a detection may lie from the ship it shows, metres.
const HIT_M: f64 = 120.0;
/// Looks of the duel: a Sentinel-1 IW GRDH product's.
const LOOKS: f64 = 4.4;
/// Stated probabilities that ours is tried at: three a decade between these.
const OURS: (f64, f64, i32) = (1e-3, 1e-12, 27);

/// The four seas.
pub(super) fn seas() -> [(&'static str, Water); 4] {
    let water = |nu, correlated| Water {
        looks: LOOKS,
        nu,
        correlated,
    };
    [
        ("speckle only", water(None, false)),
        ("K ν=5, white", water(Some(5.0), false)),
        ("K ν=5, 50 m", water(Some(5.0), true)),
        ("K ν=1.5, 50 m", water(Some(1.5), true)),
    ]
}

pub(super) fn duel(options: &MethodsOptions) -> Result<Vec<DuelRow>, LabError> {
    let mut rows = Vec::new();
    for (name, water) in seas() {
        let picture = water.paint(options.seed, options.size_px, (options.ships, Hulls::Alike))?;
        for map in peers::maps(&picture) {
            let tried = map.sweep.iter().filter_map(|&threshold| {
                let objects = map.objects(threshold)?;
                let setting = format!("{} {threshold:.1}", map.setting);
                Some(judge(name, map.name, setting, &picture, &objects))
            });
            rows.extend(best(tried));
        }
        let default = DetectParams::default().pfa;
        rows.push(ours_at(default, "ours, default", name, &picture)?);
        let mut tried = Vec::new();
        let (first, last, steps) = OURS;
        for step in 0..=steps {
            let pfa = first * (last / first).powf(f64::from(step) / f64::from(steps));
            tried.push(ours_at(pfa, "ours", name, &picture)?);
        }
        rows.extend(best(tried.into_iter()));
    }
    Ok(rows)
}

/// Our search at one stated probability.
fn ours_at(pfa: f64, method: &str, sea: &str, picture: &Picture) -> Result<DuelRow, LabError> {
    let report = ours::search(picture, pfa)?;
    let objects: Vec<(f64, f64)> = report
        .detections
        .iter()
        .map(|detection| (detection.row, detection.col))
        .collect();
    Ok(judge(
        sea,
        method,
        format!("PFA {pfa:.0e}"),
        picture,
        &objects,
    ))
}

/// The row of the highest F1; of equals the first.
fn best(rows: impl Iterator<Item = DuelRow>) -> Option<DuelRow> {
    rows.reduce(|best, row| if row.f1 > best.f1 { row } else { best })
}

fn judge(
    sea: &str,
    method: &str,
    setting: String,
    picture: &Picture,
    objects: &[(f64, f64)],
) -> DuelRow {
    let near = |ship: &Hull, object: &(f64, f64)| {
        (ship.row - object.0).hypot(ship.col - object.1) * SPACING_M <= HIT_M
    };
    let found = picture
        .ships
        .iter()
        .filter(|ship| objects.iter().any(|object| near(ship, object)))
        .count();
    let false_alarms = objects
        .iter()
        .filter(|object| !picture.ships.iter().any(|ship| near(ship, object)))
        .count();
    let share = |whole: usize| found as f64 / whole.max(1) as f64;
    let (precision, recall) = (share(found + false_alarms), share(picture.ships.len()));
    DuelRow {
        sea: sea.into(),
        method: method.into(),
        setting,
        found,
        false_alarms,
        precision,
        recall,
        f1: 2.0 * found as f64 / (found + false_alarms + picture.ships.len()).max(1) as f64,
    }
}
