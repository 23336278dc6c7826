//! AIS files → tracks, with a record of every file and of every file that failed.

use super::plan::Plan;
use super::record::{AisRead, AisRecord, FailedInput};
use crate::ais::{Reception, build_tracks, read_file};
use crate::model::track::Track;
use rayon::prelude::*;
use std::path::Path;

/// What was heard.
pub(super) struct Heard {
    /// Vessels, by MMSI.
    pub(super) tracks: Vec<Track>,
    /// What was read, and what of it no track holds.
    pub(super) read: AisRead,
    /// Files that failed.
    pub(super) failed: Vec<FailedInput>,
}

/// Reads every AIS file of a plan, side by side; a bad file is recorded and the others go on.
pub(super) fn hear(plan: &Plan) -> Heard {
    let read: Vec<_> = plan.ais.par_iter().map(|path| read_file(path)).collect();
    let mut heard = Heard {
        tracks: Vec::new(),
        read: AisRead::default(),
        failed: Vec::new(),
    };
    let mut receptions = Vec::new();
    for (path, result) in plan.ais.iter().zip(read) {
        match result {
            Ok(reception) => {
                let record = record_of(path, &reception);
                let rejects: u64 = record.rejects.values().sum();
                tracing::info!(
                    file = %path.display(),
                    lines = record.lines,
                    positions = record.positions,
                    rejects,
                    "AIS read."
                );
                heard.read.files.push(record);
                receptions.push(reception);
            }
            Err(error) => {
                let failure = FailedInput::new(&path.to_string_lossy(), &error);
                tracing::error!(reason = %failure.reason, "An AIS file was lost.");
                heard.failed.push(failure);
            }
        }
    }
    let set = build_tracks(receptions, plan.file.ais_gap_minutes * 60.0);
    let (tracks, repeats, jumps) = (set.tracks.len(), set.repeats, set.jumps);
    tracing::info!(tracks, repeats, jumps, "Ships told apart.");
    heard.read.repeats = repeats;
    heard.read.jumps = jumps;
    heard.tracks = set.tracks;
    heard
}

fn record_of(path: &Path, reception: &Reception) -> AisRecord {
    AisRecord {
        name: path
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
        lines: reception.lines,
        messages: reception.messages,
        positions: reception.positions.len(),
        rejects: reception
            .rejects
            .iter()
            .map(|(reason, count)| (reason.to_string(), *count))
            .collect(),
        first: reception.first,
        last: reception.last,
        simulated: reception.simulated,
    }
}
