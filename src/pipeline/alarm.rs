//! Contacts and tracks of a run → alerts that are new, changed or withdrawn → store → partners' folders.

use super::PipelineError;
use super::plan::Plan;
use super::record::FailedInput;
use super::search::SceneResult;
use super::summary::AlertCounts;
use crate::alert::{AlertContext, cancel, from_contacts, from_events, from_tracks, revise};
use crate::deliver::{FolderChannel, enqueue, to_folder};
use crate::encode::{CapSender, SignError, cap};
use crate::model::alert::{Alert, MessageType};
use crate::model::contact::Contact;
use crate::model::event::Event;
use crate::model::partner::Partner;
use crate::model::release::Audience;
use crate::model::scene::Scene;
use crate::model::track::Track;
use crate::region::RegionIndex;
use crate::store::{OutboxEntry, Revisions, Store};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Why an alert is withdrawn when its rule is silent about a scene that was assessed.
const NO_LONGER: &str =
    "The scene was assessed with the inputs and rules now at hand, and the rule no longer fires.";

/// Why an alert is withdrawn when the event behind it is not stated any more.
const NO_LONGER_AN_EVENT: &str =
    "With the AIS and settings now at hand the event is not stated any more.";

/// Events of this run, and the time that its AIS covers.
pub(super) struct Stated<'a> {
    pub(super) events: &'a [Event],
    pub(super) heard: Option<(Timestamp, Timestamp)>,
}

impl Stated<'_> {
    fn covers(&self, time: Timestamp) -> bool {
        self.heard
            .is_some_and(|(first, last)| (first..=last).contains(&time))
    }
}

/// States what the rules see now, keeps what receivers do not know yet, and stores it with its messages in one
/// transaction.
pub(super) fn raise(
    plan: &Plan,
    results: &[SceneResult],
    (tracks, states): (&[Track], &Stated<'_>),
    (store, now): (&mut dyn Store, Timestamp),
) -> Result<AlertCounts, PipelineError> {
    let scenes: Vec<Scene> = results.iter().map(|r| r.record.scene.clone()).collect();
    let contacts: Vec<Contact> = results.iter().flat_map(|r| r.contacts.clone()).collect();
    let context = AlertContext {
        status: plan.file.status,
        now,
        scenes: &scenes,
    };
    let rules = &plan.file.rules;
    let mut seen = from_contacts(rules, &contacts, &plan.regions, &context);
    seen.extend(from_tracks(rules, tracks, &plan.regions, &context));
    seen.extend(from_events(rules, states.events, &plan.regions, &context));
    let ids: BTreeSet<String> = seen.iter().map(|alert| alert.id.clone()).collect();
    let known = store.alerts(Revisions::All)?;
    let mut fresh = revise(seen, &known);
    let revised = fresh.len();
    fresh.extend(withdrawn(&known, &ids, (&scenes, states), now));
    let counts = AlertCounts {
        unchanged: ids.len() - revised,
        ..count(&fresh)
    };
    let outbox = messages(plan, &fresh, &store.partners()?)?;
    store.put_alerts(&fresh, &outbox)?;
    for alert in &fresh {
        tracing::info!(alert = %alert.id, revision = alert.revision, kind = alert.message_type.as_str(),
            rule = %alert.rule, trace = %alert.trace_id(), "Alert stored.");
    }
    Ok(counts)
}

/// The alerts as CAP, signed if the plan says so, for every audience of the plan and every partner that is pushed to.
pub(super) fn messages(
    plan: &Plan,
    fresh: &[Alert],
    partners: &[Partner],
) -> Result<Vec<OutboxEntry>, SignError> {
    let own = plan.file.deliver.iter().map(|delivery| &delivery.audience);
    let audiences: Vec<Audience> = own
        .chain(partners.iter().filter_map(Partner::pushed_to))
        .cloned()
        .collect();
    let sender = cap_sender(plan);
    let group_of = |id: &str| group_of(&plan.regions, id);
    enqueue(fresh, &audiences, group_of, |alert| {
        let message = cap(alert, &sender);
        match &plan.signer {
            Some(signer) => signer.sign(&message),
            None => Ok(message),
        }
    })
}

/// Withdrawals: alerts still alive on scenes of this run that no rule repeats.
fn withdrawn(
    known: &[Alert],
    repeated: &BTreeSet<String>,
    (scenes, states): (&[Scene], &Stated<'_>),
    now: Timestamp,
) -> Vec<Alert> {
    let latest: BTreeMap<&str, &Alert> = known.iter().fold(BTreeMap::new(), |mut map, alert| {
        let entry = map.entry(alert.id.as_str()).or_insert(alert);
        if alert.revision > entry.revision {
            *entry = alert;
        }
        map
    });
    latest
        .into_values()
        .filter(|alert| !repeated.contains(&alert.id) && alert.expires > now)
        .filter_map(|alert| {
            let scene_id = alert.evidence.scene_id.as_deref();
            let reason = if scenes.iter().any(|scene| scene_id == Some(&scene.id)) {
                NO_LONGER
            } else if alert.evidence.event_id.is_some() && states.covers(alert.observed) {
                NO_LONGER_AN_EVENT
            } else {
                return None;
            };
            cancel(&alert.id, known, reason, now)
        })
        .collect()
}

fn count(fresh: &[Alert]) -> AlertCounts {
    let of = |kind: MessageType| fresh.iter().filter(|a| a.message_type == kind).count();
    AlertCounts {
        new: of(MessageType::Alert),
        updated: of(MessageType::Update),
        cancelled: of(MessageType::Cancel),
        unchanged: 0,
    }
}

fn cap_sender(plan: &Plan) -> CapSender {
    CapSender {
        sender: plan.file.sender.id.clone(),
        sender_name: plan.file.sender.name.clone(),
        web: None,
        contact: None,
        exercise: Some(plan.file.name.clone()),
        languages: plan.file.sender.languages.iter().copied().collect(),
    }
}

fn group_of(regions: &RegionIndex, id: &str) -> Option<String> {
    regions.get(id).map(|region| region.group.clone())
}

/// Drains every delivery of the plan; gives the number of files written and the deliveries that failed.
pub(super) fn deliver(
    plan: &Plan,
    store: &mut dyn Store,
    now: Timestamp,
) -> (usize, Vec<FailedInput>) {
    let mut delivered = 0;
    let mut failed = Vec::new();
    for delivery in &plan.file.deliver {
        let folder = plan.output.join(&delivery.folder);
        let channel = FolderChannel {
            id: format!("folder:{}", delivery.folder),
            audience: delivery.audience.clone(),
            folder: folder.clone(),
        };
        match to_folder(store, &channel, |id| group_of(&plan.regions, id), now) {
            Ok(done) => {
                delivered += usize::try_from(done.delivered).unwrap_or(usize::MAX);
                if done.withheld > 0 {
                    tracing::warn!(
                        audience = %delivery.audience.id,
                        messages = done.withheld,
                        "The audience may not have these messages any more; they stay inside."
                    );
                }
            }
            Err(error) => failed.push(FailedInput::new(&folder.to_string_lossy(), &error)),
        }
    }
    (delivered, failed)
}
