//! Tracks and contacts of a run → events, each under the id it had in the run before, in the store.

use super::PipelineError;
use super::plan::Plan;
use super::search::SceneResult;
use crate::ais::events::Watch;
use crate::alert::{unmatched_encounters, zone_visits};
use crate::model::contact::Contact;
use crate::model::event::{Event, keep_ids};
use crate::model::outage::Outage;
use crate::model::track::Track;
use crate::model::units::LonLat;
use crate::region::Land;
use crate::store::Store;
use jiff::Timestamp;
use std::collections::BTreeSet;

/// Side of the cells about which land is read, degrees.
const CELL_DEG: f64 = 5.0;

/// States the events of this run and stores them. Events of earlier runs stay as long as the AIS of this run, `heard`, does
/// not cover their time.
///
/// # Errors
///
/// If the store cannot be read or written.
pub(super) fn events(
    plan: &Plan,
    results: &[SceneResult],
    (tracks, outages): (&[Track], &[Outage]),
    heard: Option<(Timestamp, Timestamp)>,
    store: &mut dyn Store,
) -> Result<Vec<Event>, PipelineError> {
    let land = land(plan, tracks);
    let shore_m = |place: LonLat| land.as_ref().and_then(|land| land.shore_distance_m(place));
    let watch = Watch {
        settings: &plan.file.events,
        outages,
        // Islands alone say nothing of the nearest coast.
        shore_m: if land.is_some() { Some(&shore_m) } else { None },
    };
    let mut events = watch.events(tracks);
    events.extend(zone_visits(tracks, &plan.regions));
    let contacts: Vec<Contact> = results.iter().flat_map(|r| r.contacts.clone()).collect();
    let beside = unmatched_encounters(&events, &contacts, tracks);
    events.extend(beside);
    let known = store.events(&plan.file.name)?;
    keep_ids(&mut events, &known);
    events.sort_by(|a, b| (a.start, &a.id).cmp(&(b.start, &b.id)));
    let mut all = events.clone();
    let stated: BTreeSet<&str> = events.iter().map(|e| e.id.as_str()).collect();
    let is_kept = |event: &&Event| {
        let is_covered = heard.is_some_and(|(first, last)| event.overlaps(first, last));
        !is_covered && !stated.contains(event.id.as_str())
    };
    all.extend(known.iter().filter(is_kept).cloned());
    store.put_events(&plan.file.name, &all)?;
    tracing::info!(events = events.len(), "Events stated.");
    Ok(events)
}

/// The land of the plan's files about the tracks; without files, or where one cannot be read (the scenes tell that), none.
fn land(plan: &Plan, tracks: &[Track]) -> Option<Land> {
    if plan.land_files.is_empty() {
        return None;
    }
    let cell = |degrees: f64| (degrees / CELL_DEG).floor() as i32;
    let cells: BTreeSet<(i32, i32)> = tracks
        .iter()
        .flat_map(|track| &track.positions)
        .map(|p| (cell(p.position.lon_deg), cell(p.position.lat_deg)))
        .collect();
    let corner = |(x, y): (i32, i32)| {
        geo::coord! {
            x: (f64::from(x) * CELL_DEG).clamp(-180.0, 180.0),
            y: (f64::from(y) * CELL_DEG).clamp(-90.0, 90.0),
        }
    };
    let near = cells
        .into_iter()
        .map(|(x, y)| geo::Rect::new(corner((x, y)), corner((x + 1, y + 1))).to_polygon())
        .collect();
    Land::from_vectors(
        &plan.land_files,
        Some(&geo::MultiPolygon(near)),
        plan.file.land.built_in,
    )
    .ok()
}
