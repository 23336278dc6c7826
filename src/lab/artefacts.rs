//! How much of what bright ships cast is flagged in simulated scenes, and how many ships are by mistake.

use super::LabError;
use super::score::{ArtefactCounts, ScoredScene, score};
use super::simulate::{self, FleetOptions, Mode, SceneOptions, SeaState, SimulateOptions, Source};
use super::truth::Truth;
use crate::detect::{DetectParams, search};
use crate::model::scene::Pass;
use crate::model::units::LonLat;
use jiff::Timestamp;
use serde::Serialize;
use std::fmt::{self, Display, Formatter};

/// Which scenes are simulated: long enough for three orders of ambiguities to both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArtefactOptions {
    /// First seed.
    pub seed: u64,
    /// Seeds.
    pub seeds: u64,
    /// Columns and rows of 10 m.
    pub size_px: (u32, u32),
    /// Ships a scene: usual and crowded waters.
    pub ships: [u32; 2],
}

impl ArtefactOptions {
    /// Scenes of 30 by 40 km with 120 and 300 ships.
    pub fn full(seed: u64, seeds: u64) -> Self {
        Self {
            seed,
            seeds,
            size_px: (3000, 4000),
            ships: [120, 300],
        }
    }

    /// Scenes of 10 by 40 km with 40 and 80 ships.
    pub fn quick(seed: u64, seeds: u64) -> Self {
        Self {
            seed,
            seeds,
            size_px: (1000, 4000),
            ships: [40, 80],
        }
    }
}

/// What was flagged, by ships a scene.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ArtefactFigures {
    /// First and last seed.
    pub seeds: (u64, u64),
    /// Columns and rows.
    pub size_px: (u32, u32),
    /// Ships a scene, and the counts over all its scenes.
    pub rows: Vec<(u32, ArtefactCounts)>,
}

/// Simulates, searches and counts.
///
/// # Errors
///
/// If a scene cannot be written to the folder for temporary files, read or searched.
pub fn score_artefacts(options: &ArtefactOptions) -> Result<ArtefactFigures, LabError> {
    let mut rows = Vec::new();
    for ships in options.ships {
        let mut sum = ArtefactCounts::default();
        for seed in options.seed..options.seed + options.seeds {
            sum += counts(options.size_px, ships, seed)?;
        }
        rows.push((ships, sum));
    }
    Ok(ArtefactFigures {
        seeds: (options.seed, options.seed + options.seeds - 1),
        size_px: options.size_px,
        rows,
    })
}

fn counts(
    (width_px, height_px): (u32, u32),
    ships: u32,
    seed: u64,
) -> Result<ArtefactCounts, LabError> {
    let folder = tempfile::tempdir().map_err(super::at_file(&std::env::temp_dir()))?;
    let area_m2 = f64::from(width_px) * f64::from(height_px) * 100.0;
    let made = simulate::run(&SimulateOptions {
        out_dir: folder.path().to_owned(),
        seed,
        source: Source::Made(SceneOptions {
            centre: LonLat::new(123.5, 25.8),
            mode: Mode::IwGrdh,
            width_px,
            height_px,
            start: Timestamp::UNIX_EPOCH,
            pass: Pass::Descending,
            incidence_deg: 38.0,
        }),
        sea: SeaState {
            wind_mps: 6.0,
            ..SeaState::default()
        },
        fleet: FleetOptions {
            correlated: ships / 2,
            silent: ships - ships / 2,
            ais_only: 0,
            rafts: 0,
            fixed: 0,
            // A third of the side of the square that each ship would have.
            separation_m: (area_m2 / f64::from(ships)).sqrt() / 3.0,
            artefacts: true,
            ..FleetOptions::default()
        },
        land: None,
        compress: false,
    })?;
    let truth = Truth::read(&made.truth)?;
    let product = crate::scene::open(&made.product.display().to_string(), &Default::default())?;
    let found = search(&product, None, &DetectParams::default(), &|_| ())?;
    let scored = score(&[ScoredScene {
        truth: &truth,
        detections: &found.detections,
        contacts: &[],
    }]);
    Ok(scored.artefacts.unwrap_or_default())
}

impl Display for ArtefactFigures {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Flagged of what was detected, in scenes of {} × {} pixels of 10 m, seeds {} to {}.\n",
            self.size_px.0, self.size_px.1, self.seeds.0, self.seeds.1
        )?;
        writeln!(
            f,
            "{:>13} {:>18} {:>18} {:>18} {:>18}",
            "ships a scene", "ambiguities", "on sidelobes", "ships", "nothing"
        )?;
        let flagged = |(seen, flagged): (usize, usize)| format!("{flagged} of {seen}");
        for (ships, counts) in &self.rows {
            writeln!(
                f,
                "{ships:>13} {:>18} {:>18} {:>18} {:>18}",
                flagged(counts.ambiguities),
                flagged(counts.sidelobes),
                flagged(counts.ships),
                flagged(counts.nothing),
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_bright_ships_cast_95_in_100_are_flagged_and_of_ships_one_in_100() {
        let figures = score_artefacts(&ArtefactOptions {
            size_px: (1500, 4000),
            ships: [60, 60],
            ..ArtefactOptions::quick(1, 2)
        })
        .unwrap();
        let (_, sum) = figures.rows[0];
        let (seen, flagged) = (
            sum.ambiguities.0 + sum.sidelobes.0,
            sum.ambiguities.1 + sum.sidelobes.1,
        );
        // There is something to flag, of both sorts.
        assert!(sum.ambiguities.0 >= 30 && sum.sidelobes.0 >= 2, "{sum:?}");
        assert!(20 * flagged >= 19 * seen, "{sum:?}");
        assert!(
            sum.ships.0 >= 100 && 100 * sum.ships.1 <= sum.ships.0,
            "{sum:?}"
        );
        // The same seeds give the same counts.
        assert_eq!(figures.rows[0], figures.rows[1]);
    }
}
