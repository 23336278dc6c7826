//! A plan → what its scenes are searched and laid against: AIS heard, motion learnt from it, structures, outages.

use super::digest::Basis;
use super::ear::{Heard, hear};
use super::plan::Plan;
use super::record::{AisRead, FailedInput};
use super::search::Surroundings;
use crate::fuse::learn_motion;
use crate::model::units::LonLat;
use crate::region::load_points;
use crate::store::{JournalEntry, Outcome, Store, StoreError};
use jiff::Timestamp;

/// A plan's surroundings, read once for all its scenes.
pub(super) struct Prepared {
    /// What scenes are laid against.
    pub(super) surroundings: Surroundings,
    /// Digest of what they rest on.
    pub(super) basis: Basis,
    /// What was read of AIS.
    pub(super) ais: AisRead,
    /// Inputs beside the scenes that failed.
    pub(super) failed: Vec<FailedInput>,
}

/// Reads AIS and structures; outages come from the store, as a server that listened beside this run, on the same store,
/// knows when it heard nothing. `now` is the time that searches are said to be of.
///
/// # Errors
///
/// If the store cannot be read.
pub(super) fn prepare(
    plan: &Plan,
    store: &dyn Store,
    now: Timestamp,
) -> Result<Prepared, StoreError> {
    let basis = Basis::of(plan);
    let Heard {
        tracks,
        read,
        mut failed,
    } = hear(plan);
    let (structures, lost) = structures(plan);
    failed.extend(lost);
    let fuse = learn_motion(&tracks, &plan.file.fuse);
    Ok(Prepared {
        surroundings: Surroundings {
            tracks,
            outages: store.outages(Timestamp::MIN, Timestamp::MAX)?,
            structures,
            fuse,
            begun: now,
        },
        basis,
        ais: read,
        failed,
    })
}

impl Prepared {
    /// How the plan's AIS files stand, for the journal.
    pub(super) fn journal(&self, plan: &Plan) -> Vec<JournalEntry> {
        let entry = |(path, digest): (&std::path::PathBuf, &String)| {
            let input = path.to_string_lossy().into_owned();
            let failure = self.failed.iter().find(|failed| failed.path == input);
            JournalEntry {
                input,
                digest: digest.clone(),
                outcome: failure.map_or(Outcome::Done, |_| Outcome::Failed),
                message: failure.map_or_else(String::new, |failed| failed.reason.clone()),
            }
        };
        plan.ais.iter().zip(&self.basis.ais).map(entry).collect()
    }
}

fn structures(plan: &Plan) -> (Vec<LonLat>, Vec<FailedInput>) {
    let (mut places, mut failed) = (Vec::new(), Vec::new());
    for path in &plan.infrastructure {
        match load_points(path) {
            Ok(more) => places.extend(more),
            Err(error) => failed.push(FailedInput::new(path, &error)),
        }
    }
    (places, failed)
}
