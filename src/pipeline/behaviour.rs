//! Tracks and contacts of a run → events, each under the id it had in the run before, in the store.

use super::PipelineError;
use super::plan::Plan;
use super::search::SceneResult;
use crate::ais::events::Watch;
use crate::alert::{unmatched_encounters, zone_visits};
use crate::model::contact::Contact;
use crate::model::event::{Event, keep_ids};
use crate::model::track::Track;
use crate::model::units::LonLat;
use crate::region::Land;
use crate::store::Store;
use jiff::Timestamp;

/// States the events of this run and stores them. Events of earlier runs stay as long as the AIS of this run, `heard`, does
/// not cover their time.
///
/// # Errors
///
/// If the store cannot be read or written.
pub(super) fn events(
    plan: &Plan,
    results: &[SceneResult],
    tracks: &[Track],
    heard: Option<(Timestamp, Timestamp)>,
    store: &mut dyn Store,
) -> Result<Vec<Event>, PipelineError> {
    let land = land(plan);
    let shore_m = |place: LonLat| shore_distance_m(&land, place);
    let watch = Watch {
        settings: &plan.file.events,
        outages: &[],
        // Islands alone say nothing of the nearest coast.
        shore_m: if plan.land_files.is_empty() { None } else { Some(&shore_m) },
    };
    let mut events = watch.events(tracks);
    events.extend(zone_visits(tracks, &plan.regions));
    let contacts: Vec<Contact> = results.iter().flat_map(|r| r.contacts.clone()).collect();
    let beside = unmatched_encounters(&events, &contacts);
    events.extend(beside);
    let known = store.events(&plan.file.name)?;
    keep_ids(&mut events, &known);
    events.sort_by(|a, b| (a.start, &a.id).cmp(&(b.start, &b.id)));
    let mut all = events.clone();
    let stated: std::collections::BTreeSet<&str> = events.iter().map(|e| e.id.as_str()).collect();
    let is_kept = |event: &&Event| {
        let is_covered = heard.is_some_and(|(first, last)| event.overlaps(first, last));
        !is_covered && !stated.contains(event.id.as_str())
    };
    all.extend(known.iter().filter(is_kept).cloned());
    store.put_events(&plan.file.name, &all)?;
    tracing::info!(events = events.len(), "Events stated.");
    Ok(events)
}

/// The land of the plan's files, everywhere; without them, or where one cannot be read (the scenes tell that), none.
fn land(plan: &Plan) -> Option<Land> {
    if plan.land_files.is_empty() {
        return None;
    }
    Land::from_vectors(&plan.land_files, None, plan.file.land.built_in).ok()
}

fn shore_distance_m(land: &Option<Land>, place: LonLat) -> Option<f64> {
    let land = land.as_ref()?;
    let distance_m = land.shore_distance_m(place)?;
    Some(if land.contains(place) { -distance_m.abs() } else { distance_m })
}
