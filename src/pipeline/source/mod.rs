//! A plan's sources → its scenes: what its file names, and what STAC catalogues tell when they are asked.
//!
//! A catalogue that does not answer, and items of one that cannot be read, fail alone, like a scene; they stand in the
//! journal under the catalogue's address.

mod asset;
mod http;
mod stac;
pub(super) mod watch;

use super::plan::{Plan, SceneInput, SceneSource, StacEntry};
use super::record::FailedInput;
use crate::store::{JournalEntry, Outcome};
use std::collections::HashSet;
use std::path::PathBuf;

/// Why a catalogue was not read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// A file cannot be read.
    #[error("{}: cannot be read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// Nobody answers.
    #[error("{url}: no answer, asked {attempts} times: {cause}")]
    Away {
        /// The address.
        url: String,
        /// How often it was asked.
        attempts: u32,
        /// The last attempt's cause.
        cause: String,
    },
    /// The server refuses.
    #[error("{url}: status {status}, asked {attempts} times; expected 200")]
    Status {
        /// The address.
        url: String,
        /// What it answered last.
        status: u16,
        /// How often it was asked.
        attempts: u32,
    },
    /// The document is too large.
    #[error("{url}: longer than {most_bytes} bytes; expected one page of items")]
    Large {
        /// The address.
        url: String,
        /// Most bytes that are read.
        most_bytes: usize,
    },
    /// The document is no JSON.
    #[error("{url}: is no JSON; expected a STAC document")]
    Json {
        /// The address.
        url: String,
        /// The parser's reason.
        source: serde_json::Error,
    },
    /// The document is of another kind.
    #[error(
        "{url}: `type` is {found}; expected Feature, FeatureCollection, Collection or Catalog of STAC"
    )]
    Kind {
        /// The address.
        url: String,
        /// What it says.
        found: String,
    },
    /// Its links lead nowhere new.
    #[error("{url}: {problem}")]
    Links {
        /// The document.
        url: String,
        /// What is wrong with them.
        problem: String,
    },
    /// No address.
    #[error("{text}: is no address; expected a file, http:// or https://")]
    Address {
        /// What stands there.
        text: String,
    },
    /// No client can be made.
    #[error("cannot make an HTTP client")]
    Client(#[from] reqwest::Error),
    /// No network thread can be started.
    #[error("cannot start the network")]
    Network(#[source] std::io::Error),
}

/// The scenes of a plan, and what became of its catalogues.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    /// Scenes in the order of the plan; those of a catalogue by time, then id.
    pub(super) scenes: Vec<SceneInput>,
    /// Catalogues that were not read, and items that cannot be, by reason.
    pub(super) failed: Vec<FailedInput>,
    /// The first catalogue that was not read, and why: scenes of it are not among these.
    pub(super) unread: Option<String>,
    /// How the catalogues stand.
    pub(super) journal: Vec<JournalEntry>,
}

/// Asks a plan's catalogues. A scene that is named again counts once.
pub(super) fn gather(plan: &Plan) -> Gathered {
    let mut gathered = Gathered::default();
    let mut seen = HashSet::new();
    for source in &plan.sources {
        match source {
            SceneSource::Scene(scene) => {
                if seen.insert(scene.path.clone()) {
                    gathered.scenes.push(scene.clone());
                }
            }
            SceneSource::Stac(entry) => {
                let scenes = gathered.ask(entry);
                let fresh = scenes.into_iter().filter(|s| seen.insert(s.path.clone()));
                gathered.scenes.extend(fresh);
            }
        }
    }
    gathered
}

impl Gathered {
    fn ask(&mut self, entry: &StacEntry) -> Vec<SceneInput> {
        let mut failures = Vec::new();
        let scenes = match stac::find(entry) {
            Ok(found) => {
                tracing::info!(catalogue = %entry.stac, scenes = found.scenes.len(), items = found.items, "Catalogue read.");
                for (reason, ids) in &found.unread {
                    failures.push(unread(&entry.stac, reason, ids));
                }
                found.scenes
            }
            Err(error) => {
                let failure = FailedInput::new(&entry.stac, &error);
                self.unread.get_or_insert_with(|| failure.reason.clone());
                failures.push(failure);
                Vec::new()
            }
        };
        for failure in &failures {
            tracing::error!(reason = %failure.reason, "A catalogue was not read in whole.");
        }
        let reasons: Vec<&str> = failures.iter().map(|f| f.reason.as_str()).collect();
        self.journal.push(JournalEntry {
            input: entry.stac.clone(),
            // Without a digest: it is asked by every run.
            digest: String::new(),
            outcome: if failures.is_empty() {
                Outcome::Done
            } else {
                Outcome::Failed
            },
            message: reasons.join("; "),
        });
        self.failed.extend(failures);
        scenes
    }
}

/// Most items that a reason names one by one.
const NAMED: usize = 20;

fn unread(catalogue: &str, reason: &str, ids: &[String]) -> FailedInput {
    let count = ids.len();
    let plural = if count == 1 { "" } else { "s" };
    let mut names = ids[..count.min(NAMED)].join(", ");
    if count > NAMED {
        names.push_str(&format!(" and {} more", count - NAMED));
    }
    FailedInput {
        path: catalogue.to_owned(),
        reason: format!("{catalogue}: {count} item{plural} cannot be read: {reason}: {names}"),
    }
}
