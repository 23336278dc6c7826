//! What bright ships cast in simulated scenes is flagged, and ships are not.

use super::{ArtefactCounts, ScoredScene, score};
use crate::detect::{DetectParams, search};
use crate::lab::simulate::{self, FleetOptions, SimulateOptions, recipes};
use crate::lab::truth::Truth;
use crate::scene;

/// Counts of one simulated scene of 15 by 40 km: long enough for three orders of ambiguities to both sides.
fn counts(seed: u64) -> ArtefactCounts {
    let folder = tempfile::tempdir().unwrap();
    let mut options = recipes::north(folder.path().to_owned(), None).unwrap();
    if let simulate::Source::Made(scene) = &mut options.source {
        (scene.width_px, scene.height_px) = (1500, 4000);
    }
    let options = SimulateOptions {
        seed,
        compress: false,
        fleet: FleetOptions {
            correlated: 0,
            silent: 60,
            ais_only: 0,
            rafts: 0,
            fixed: 0,
            separation_m: 900.0,
            artefacts: true,
            ..options.fleet
        },
        ..options
    };
    let made = simulate::run(&options).unwrap();
    let truth = Truth::read(&made.truth).unwrap();
    let product = scene::open(&made.product.display().to_string(), &Default::default()).unwrap();
    let found = search(&product, None, &DetectParams::default(), &|_| ()).unwrap();
    score(&[ScoredScene {
        truth: &truth,
        detections: &found.detections,
        contacts: &[],
    }])
    .artefacts
    .unwrap()
}

#[test]
fn of_what_bright_ships_cast_95_in_100_are_flagged_and_of_ships_one_in_100() {
    let mut sum = ArtefactCounts::default();
    for seed in [1, 2] {
        let one = counts(seed);
        for (to, from) in [
            (&mut sum.ambiguities, one.ambiguities),
            (&mut sum.sidelobes, one.sidelobes),
            (&mut sum.ships, one.ships),
        ] {
            *to = (to.0 + from.0, to.1 + from.1);
        }
    }
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
}
