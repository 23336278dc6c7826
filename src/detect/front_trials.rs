//! Trials of the search on seas whose level jumps: wind fronts, straight and at a slant.

use super::sea_trials::{Sea, found};

/// Bright side over dark side in power: 6 dB.
const JUMP: f64 = 4.0;

/// A sea that is brighter by [`JUMP`] right of the line through (row 0, `col`) that falls back `slope` columns a row.
fn front(width: u32, height: u32, (col, slope): (f64, f64), nu: Option<f64>, seed: u64) -> Sea {
    let mut sea = Sea::new(width, height, nu, seed);
    for at in 0..sea.dn.len() {
        if beyond(at, width, (col, slope)) >= 0.0 {
            sea.dn[at] = (f64::from(sea.dn[at]) * JUMP.sqrt()).round() as u16;
        }
    }
    sea
}

/// Columns right of the front.
fn beyond(at: usize, width: u32, (col, slope): (f64, f64)) -> f64 {
    let (row, own) = (at / width as usize, at % width as usize);
    own as f64 - col + slope * row as f64
}

/// Hits within 40 columns of the front (the reach of a ring), bright and dark side, over those that `pfa` foretells.
fn achieved(fronts: &[(f64, f64)], nu: Option<f64>, pfa: f64) -> [f64; 2] {
    let (width, height) = (768, 2048);
    let mut hits = [0.0; 2];
    let mut pixels = [0.0; 2];
    for (seed, &line) in (10..).zip(fronts) {
        let sea = front(width, height, line, nu, seed);
        let near = |at: usize| {
            let beyond = beyond(at, width, line);
            (beyond.abs() < 40.0).then(|| usize::from(beyond < 0.0))
        };
        for side in (0..sea.dn.len()).filter_map(near) {
            pixels[side] += pfa;
        }
        for hit in found(&sea, pfa, 2, 2).hits {
            if let Some(side) = near((hit.row * width + hit.col) as usize) {
                hits[side] += 1.0;
            }
        }
    }
    [hits[0] / pixels[0], hits[1] / pixels[1]]
}

#[test]
fn a_wind_front_fires_about_as_often_as_stated_on_its_bright_side() {
    // Two upright and two slanting fronts; some 30 hits expected a side. Of the whole ring 340 times as many fire.
    let fronts = [(384.0, 0.0), (250.5, 0.0), (700.0, 0.3), (650.0, 0.2)];
    for nu in [None, Some(10.0)] {
        let [bright, dark] = achieved(&fronts, nu, 1e-4);
        assert!((0.4..2.0).contains(&bright), "{nu:?} {bright}");
        assert!(dark < 2.0, "{nu:?} {dark}");
    }
}
