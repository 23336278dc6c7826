//! A plan laid against the store: which of its scenes are done, which failed before, and which are to be searched, and why.

use super::digest::{self, Basis};
use super::plan::{Plan, SceneInput};
use super::record::FailedInput;
use super::search::{SceneFailure, open};
use crate::model::outage::Outage;
use crate::model::scene::Scene;
use crate::store::{JournalEntry, Outcome, Store, StoreError};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, HashMap};

/// One scene of a plan, and how it stands.
pub(super) struct Surveyed<'a> {
    pub(super) input: &'a SceneInput,
    pub(super) standing: Standing,
}

/// How a scene stands.
pub(super) enum Standing {
    /// The store holds it, under this id, from the same inputs and settings.
    Done { id: String, digest: String },
    /// It failed before, and neither it nor what it rests on changed since.
    Failed {
        failure: FailedInput,
        digest: String,
    },
    /// It cannot be searched beside the others of this plan.
    Refused(FailedInput),
    /// It is to be searched; the text says why again, if it was done before.
    ToDo {
        digest: String,
        again: Option<String>,
    },
}

/// Lays every scene of a plan, as gathered, against the store.
///
/// A scene that cannot be opened is to be done: searching it will tell.
///
/// # Errors
///
/// If the store cannot be read.
pub(super) fn survey<'a>(
    plan: &Plan,
    scenes: &'a [SceneInput],
    (basis, outages): (&Basis, &[Outage]),
    store: &dyn Store,
) -> Result<Vec<Surveyed<'a>>, StoreError> {
    let journal: HashMap<String, JournalEntry> = store
        .journal()?
        .into_iter()
        .map(|entry| (entry.input.clone(), entry))
        .collect();
    let mut taken: BTreeMap<String, &str> = BTreeMap::new();
    let mut surveyed = Vec::with_capacity(scenes.len());
    for input in scenes {
        let product = open(input).ok();
        let scene = product.as_ref().map(|product| product.scene());
        let about = scene.map_or_else(Vec::new, |scene| outages_about(scene, plan, outages));
        let digest = digest::scene(input, basis, &about);
        let standing = match scene {
            Some(scene) if taken.contains_key(&scene.id) => Standing::Refused(FailedInput::new(
                &input.path,
                &SceneFailure::SameId {
                    id: scene.id.clone(),
                    other: taken[&scene.id].to_owned(),
                },
            )),
            _ => {
                if let Some(scene) = scene {
                    taken.insert(scene.id.clone(), &input.path);
                }
                let stored = match scene {
                    Some(scene) => store.scene_digest(&scene.id)?,
                    None => None,
                };
                let id = scene.map(|scene| scene.id.as_str());
                standing(digest, (id, stored), journal.get(&input.path))
            }
        };
        surveyed.push(Surveyed { input, standing });
    }
    Ok(surveyed)
}

/// `stored`: the scene's id if it could be opened, and the digest that the store's results were made with.
fn standing(
    digest: String,
    (id, stored): (Option<&str>, Option<String>),
    noted: Option<&JournalEntry>,
) -> Standing {
    if let (Some(id), Some(stored)) = (id, &stored)
        && *stored == digest
    {
        let id = id.to_owned();
        return Standing::Done { id, digest };
    }
    match noted {
        Some(entry) if entry.outcome == Outcome::Failed && entry.digest == digest => {
            Standing::Failed {
                failure: FailedInput {
                    path: entry.input.clone(),
                    reason: entry.message.clone(),
                },
                digest,
            }
        }
        _ => Standing::ToDo {
            again: stored.and_then(|stored| digest::difference(&stored, &digest)),
            digest,
        },
    }
}

impl Surveyed<'_> {
    /// How it stands, for the journal.
    pub(super) fn entry(&self) -> JournalEntry {
        let (digest, outcome, message) = match &self.standing {
            Standing::Done { digest, .. } => (digest.as_str(), Outcome::Done, ""),
            Standing::Failed { failure, digest } => {
                (digest.as_str(), Outcome::Failed, failure.reason.as_str())
            }
            // Without a digest: it depends on the plan, and is asked again by every run.
            Standing::Refused(failure) => ("", Outcome::Failed, failure.reason.as_str()),
            Standing::ToDo { digest, again } => (
                digest.as_str(),
                Outcome::Waiting,
                again.as_deref().unwrap_or(""),
            ),
        };
        JournalEntry {
            input: self.input.path.clone(),
            digest: digest.to_owned(),
            outcome,
            message: message.to_owned(),
        }
    }
}

/// Outages that what is said of the scene may rest on.
pub(super) fn outages_about<'a>(
    scene: &Scene,
    plan: &Plan,
    outages: &'a [Outage],
) -> Vec<&'a Outage> {
    let window = SignedDuration::from_secs_f64(plan.file.fuse.reception_minutes * 60.0);
    let (Some(start), Some(stop)) = (scene.start.or(scene.stop), scene.stop.or(scene.start)) else {
        return Vec::new();
    };
    let touches = |outage: &&Outage| {
        let end = outage.end.unwrap_or(Timestamp::MAX);
        outage.start.duration_since(stop) <= window && start.duration_since(end) <= window
    };
    outages.iter().filter(touches).collect()
}
