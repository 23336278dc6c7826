//! How often our search fires on seas without ships, over how often it says it does.

use super::waters::{Hulls, Water};
use super::{MethodsOptions, PfaRow, ours};
use crate::lab::LabError;

/// Stated probabilities.
const STATED: [f64; 3] = [1e-4, 1e-5, 1e-6];

/// Looks: single-look, Sentinel-1 IW GRDH, multi-look.
const LOOKS: [f64; 3] = [1.0, 4.4, 10.0];

/// Shapes of the texture, calm to spiky.
const SHAPES: [Option<f64>; 5] = [None, Some(10.0), Some(5.0), Some(2.0), Some(1.0)];

pub(super) fn check(options: &MethodsOptions) -> Result<Vec<PfaRow>, LabError> {
    let mut rows = Vec::new();
    for correlated in [false, true] {
        for looks in LOOKS {
            for nu in SHAPES {
                // Speckle alone has no texture to correlate.
                if correlated && nu.is_none() {
                    continue;
                }
                let water = Water {
                    looks,
                    nu,
                    correlated,
                };
                rows.extend(on_sea(options, water)?);
            }
        }
    }
    Ok(rows)
}

fn on_sea(options: &MethodsOptions, water: Water) -> Result<Vec<PfaRow>, LabError> {
    let picture = water.paint(options.seed, options.size_px, (0, Hulls::Alike))?;
    let mut rows = Vec::new();
    for stated in STATED {
        let report = ours::search(&picture, stated)?;
        let fired = report.bands.iter().map(|band| band.hits).sum();
        rows.push(PfaRow {
            looks: water.looks,
            nu: water.nu,
            correlated: water.correlated,
            stated,
            fired,
            ratio: fired as f64 / (stated * report.searched_px as f64),
        });
    }
    Ok(rows)
}
