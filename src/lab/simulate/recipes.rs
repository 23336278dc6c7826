//! The option sets behind `sample-data`: two small scenes that hold every verdict at least once.
//!
//! `land` is meant to be the region room's built-in islands. The place names stand in code order of the parties' languages' usual international forms and say nothing of title.

use super::options::{FleetOptions, Mode, SceneOptions, SimulateOptions, Source};
use super::sea::SeaState;
use crate::lab::LabError;
use crate::model::scene::Pass;
use crate::model::units::LonLat;
use geo::MultiPolygon;
use jiff::Timestamp;
use std::path::PathBuf;

/// Sea around 25.80° N 123.50° E (Senkaku / Diaoyu / Tiaoyutai): IW, 1500 × 1300 pixels of 10 m, AIS received.
///
/// Holds `correlated`, `uncorrelated`, `ambiguous`, `ais_only` and `fixed`.
///
/// # Errors
///
/// Never for the time written here; the error keeps the time's reason.
pub fn north(
    out_dir: PathBuf,
    land: Option<MultiPolygon<f64>>,
) -> Result<SimulateOptions, LabError> {
    Ok(SimulateOptions {
        out_dir,
        seed: 20_240_501,
        source: Source::Made(SceneOptions {
            centre: LonLat::new(123.50, 25.80),
            mode: Mode::IwGrdh,
            width_px: 1500,
            height_px: 1300,
            start: instant("2024-05-01T21:30:10Z")?,
            pass: Pass::Descending,
            incidence_deg: 38.5,
        }),
        sea: SeaState::default(),
        fleet: FleetOptions {
            correlated: 6,
            silent: 5,
            separation_m: 1400.0,
            ..FleetOptions::default()
        },
        land,
        compress: true,
    })
}

/// Sea around 11.05° N 114.28° E (Thitu / Pag-asa / Thị Tứ / Zhongye): EW, 1000 × 1000 pixels of 40 m, AIS receiver down.
///
/// Holds `correlated` (over a silence of 80 minutes), `not_assessable` and `fixed`, and a beacon under test.
///
/// # Errors
///
/// As [`north`].
pub fn south(
    out_dir: PathBuf,
    land: Option<MultiPolygon<f64>>,
) -> Result<SimulateOptions, LabError> {
    Ok(SimulateOptions {
        out_dir,
        seed: 20_240_502,
        source: Source::Made(SceneOptions {
            centre: LonLat::new(114.28, 11.05),
            mode: Mode::EwGrdm,
            width_px: 1000,
            height_px: 1000,
            start: instant("2024-05-02T10:15:40Z")?,
            pass: Pass::Ascending,
            incidence_deg: 36.0,
        }),
        sea: SeaState {
            nu: 12.0,
            wind_mps: 6.0,
            ..SeaState::default()
        },
        fleet: FleetOptions {
            correlated: 6,
            silent: 4,
            ais_only: 0,
            rafts: 0,
            beacons: 1,
            outage_min: Some(40.0),
            separation_m: 3000.0,
            length_m: (120.0, 260.0),
            ..FleetOptions::default()
        },
        land,
        compress: true,
    })
}

fn instant(text: &'static str) -> Result<Timestamp, LabError> {
    text.parse()
        .map_err(|source: jiff::Error| LabError::Option {
            option: "start",
            value: format!("{text}: {source}"),
            expected: "a time in RFC 3339",
        })
}
