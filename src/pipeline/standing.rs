//! What earlier passes in the store say of echoes that nothing explains: where something was seen each time, it stands.
//!
//! Asked when all scenes of a run are searched, each by the passes before its own: the order of searching changes nothing.

use super::PipelineError;
use super::leave;
use super::plan::Plan;
use super::search::SceneResult;
use super::settle::keep;
use crate::fuse::{
    ONE_PASS, STANDING_M, STANDING_MEMORY, SeenAt, is_unexplained, settle_on, standing,
};
use crate::model::contact::{Contact, Verdict};
use crate::model::layer::{CONTACTS, FeatureQuery, FeatureRow, Layer, SCENES};
use crate::model::standing::Standing;
use crate::model::units::LonLat;
use crate::store::{Store, StoreError};
use geo::{Geometry, Point};
use jiff::Timestamp;
use std::collections::HashMap;

/// Most rows that one place is judged by: passes of some years.
const MOST_ROWS: usize = 2000;

/// Contacts of the results that lie where something stands become `fixed`, in the store, too. Gives what stands about the
/// results' contacts by all passes up to theirs.
///
/// # Errors
///
/// If the store cannot be read or written, or a picture cannot be written.
pub(super) fn settle(
    plan: &Plan,
    results: &mut [SceneResult],
    store: &mut dyn Store,
) -> Result<Vec<Standing>, PipelineError> {
    let mut all: Vec<Standing> = Vec::new();
    let mut orbits = HashMap::new();
    for result in results {
        let scene = &result.record.scene;
        let (Some(start), orbit) = (scene.start.or(scene.stop), scene.relative_orbit) else {
            continue;
        };
        let placed: Vec<&str> = result
            .detections
            .iter()
            .filter(|detection| detection.position.is_some())
            .map(|detection| detection.id.as_str())
            .collect();
        let is_placed = |contact: &Contact| {
            let id = contact.detection_id.as_deref();
            id.is_some_and(|id| placed.contains(&id))
        };
        let mut changed = 0;
        for contact in &mut result.contacts {
            if !is_unexplained(contact) || !is_placed(contact) {
                continue;
            }
            let mut record = Record::of(store, contact.position, start, &mut orbits)?;
            let before = record.standing(contact.position);
            record.seen.push(SeenAt {
                time: contact.time,
                position: contact.position,
                orbit,
            });
            record.searched.push(contact.time);
            if let Some(found) = record.standing(contact.position) {
                add(&mut all, found);
            }
            if let Some(found) = before.filter(|_| contact.verdict != Verdict::Fixed) {
                settle_on(contact, &found);
                changed += 1;
            }
        }
        if changed > 0 {
            let order = |contact: &Contact| (contact.verdict, contact.id.clone());
            result.contacts.sort_by_key(order);
            keep(result, store)?;
            leave::draw_again(plan, result)?;
            tracing::info!(scene = %result.record.scene.id, fixed = changed, "Contacts lie where something stands.");
        }
    }
    all.sort_by(|a, b| {
        let place = |thing: &Standing| (thing.position.lat_deg, thing.position.lon_deg);
        let (a, b) = (place(a), place(b));
        b.0.total_cmp(&a.0).then(a.1.total_cmp(&b.1))
    });
    Ok(all)
}

/// One thing is told once, by the longest record of it.
fn add(all: &mut Vec<Standing>, found: Standing) {
    let same = all
        .iter_mut()
        .find(|thing| thing.position.distance_m(found.position) <= STANDING_M);
    match same {
        Some(held) if (held.last, held.passes) < (found.last, found.passes) => *held = found,
        Some(_) => {}
        None => all.push(found),
    }
}

/// What the store knows of one place before some time.
struct Record {
    seen: Vec<SeenAt>,
    searched: Vec<Timestamp>,
}

impl Record {
    fn of(
        store: &dyn Store,
        place: LonLat,
        start: Timestamp,
        orbits: &mut HashMap<String, Option<u32>>,
    ) -> Result<Self, StoreError> {
        let query = FeatureQuery {
            boxes: boxes_about(place),
            times: Some((
                Some(moment(start - STANDING_MEMORY)),
                Some(moment(start - ONE_PASS)),
            )),
            limit: MOST_ROWS,
            ..FeatureQuery::default()
        };
        let mut seen = Vec::new();
        for row in store.page(&CONTACTS, &query)?.rows {
            let verdict = text(&CONTACTS, &row, "verdict").unwrap_or_default();
            let counts = [
                Verdict::Uncorrelated,
                Verdict::NotAssessable,
                Verdict::Fixed,
            ]
            .iter()
            .any(|counted| counted.as_str() == verdict);
            let is_echo = text(&CONTACTS, &row, "detection_id").is_some();
            let (Some(Geometry::Point(Point(at))), Some(time)) =
                (&row.geometry, time(&CONTACTS, &row))
            else {
                continue;
            };
            if !(counts && is_echo) {
                continue;
            }
            let scene = text(&CONTACTS, &row, "scene_id").unwrap_or_default();
            let orbit = match orbits.get(scene) {
                Some(orbit) => *orbit,
                None => {
                    let orbit = store
                        .scene(scene)?
                        .and_then(|found| found.scene.relative_orbit);
                    orbits.insert(scene.to_owned(), orbit);
                    orbit
                }
            };
            seen.push(SeenAt {
                time,
                position: LonLat::new(at.x, at.y),
                orbit,
            });
        }
        let mut searched = Vec::new();
        // Where little was seen nothing stands, however often it was searched.
        if seen.len() > 1 {
            let scenes = store.page(&SCENES, &query)?.rows;
            searched.extend(scenes.iter().filter_map(|row| time(&SCENES, row)));
        }
        Ok(Self { seen, searched })
    }

    fn standing(&self, place: LonLat) -> Option<Standing> {
        standing(place, &self.seen, &self.searched)
    }
}

fn text<'a>(layer: &Layer, row: &'a FeatureRow, name: &str) -> Option<&'a str> {
    row.values.get(layer.index_of(name)?)?.as_str()
}

fn time(layer: &Layer, row: &FeatureRow) -> Option<Timestamp> {
    text(layer, row, "datetime")?.parse().ok()
}

fn moment(time: Timestamp) -> String {
    format!("{time:.3}")
}

/// A box that holds all within reach of a place; two across 180°.
fn boxes_about(place: LonLat) -> Vec<[f64; 4]> {
    let north = place.destination(0.0, STANDING_M).lat_deg;
    let south = place.destination(180.0, STANDING_M).lat_deg;
    let west = place.destination(270.0, STANDING_M).lon_deg;
    let east = place.destination(90.0, STANDING_M).lon_deg;
    if west <= east {
        vec![[west, south, east, north]]
    } else {
        vec![[west, south, 180.0, north], [-180.0, south, east, north]]
    }
}
