//! Radar images of the simulated sea: an echo for every hull, whoever hears it, and ships that send nothing beside some that
//! loiter.

use super::cast::at;
use super::plan::Ship;
use super::{Traffic, TruthEvent, sea};
use crate::model::detection::Detection;
use crate::model::event::EventKind;
use crate::model::scene::{Scene, Sensor};
use crate::model::units::{LonLat, Mmsi};
use geo::{MultiPolygon, Rect, coord};
use jiff::{SignedDuration, Timestamp};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use std::collections::BTreeMap;

/// Hours of the images; the fifth lies in the outage that is known, the seventh in the one that is not.
const IMAGES_H: [f64; 9] = [9.0, 16.0, 22.5, 31.0, 40.0, 47.5, 56.0, 62.5, 68.0];
/// Half the time an image takes.
const HALF: SignedDuration = SignedDuration::from_secs(15);
/// Share of hulls that stand out.
const SEEN: f64 = 0.97;
/// Share of loitering vessels beside which a ship lies that sends nothing; by the others one passes further off.
const MET: f64 = 0.6;
/// Ships that send nothing, alone.
const DARK: u32 = 6;
/// Standard deviation of a measured place, metres, and of a measured length, as a share.
const PLACE_SIGMA_M: f64 = 15.0;
const LENGTH_SIGMA: f64 = 0.1;

/// An image and what is truly behind its echoes.
#[derive(Debug, Clone)]
pub struct Image {
    /// When and where.
    pub scene: Scene,
    /// Its echoes.
    pub detections: Vec<Detection>,
    /// Who sends AIS, by detection id; echoes of ships that send none are not listed.
    pub senders: BTreeMap<String, Mmsi>,
}

/// A hull at an image's time: where, how long, and who if it sends AIS.
type Hull = (LonLat, f64, Option<Mmsi>);

/// Takes all images; meetings with ships that send nothing become events of the truth.
pub(super) fn take(ships: &[Ship], traffic: &mut Traffic, random: &mut ChaCha8Rng) {
    for (number, hours) in IMAGES_H.into_iter().enumerate() {
        let time_s = 3600.0 * hours;
        let mut hulls: Vec<Hull> = ships
            .iter()
            .filter(|ship| ship.is_hull)
            .filter_map(|ship| {
                let (place, ..) = ship.way.at(time_s)?;
                let length_m = ship.vessel.length_m.unwrap_or(60.0);
                // Ways over land are told, not sailed.
                (sea::shore_m(place) > 0.0).then_some((place, length_m, Some(ship.mmsi)))
            })
            .collect();
        hulls.extend(beside_loiterers(ships, traffic, time_s, random));
        hulls.extend((0..DARK).map(|_| (sea::anywhere(random), 70.0, None)));
        traffic
            .images
            .push(image(number, at(time_s), &hulls, random));
    }
}

/// Ships that send nothing by vessels that loiter, near enough for an event or not.
fn beside_loiterers(
    ships: &[Ship],
    traffic: &mut Traffic,
    time_s: f64,
    random: &mut ChaCha8Rng,
) -> Vec<Hull> {
    let time = at(time_s);
    let loiters = |event: &&TruthEvent| {
        event.kind == EventKind::Loitering && event.start <= time && time <= event.end
    };
    let who: Vec<Mmsi> = traffic
        .events
        .iter()
        .filter(loiters)
        .flat_map(|event| event.mmsis.clone())
        .collect();
    let mut hulls = Vec::new();
    for mmsi in who {
        let way = ships.iter().find(|ship| ship.mmsi == mmsi);
        let Some((place, ..)) = way.and_then(|ship| ship.way.at(time_s)) else {
            continue;
        };
        let is_met = random.random_bool(MET);
        let apart_m = if is_met {
            random.random_range(250.0..800.0)
        } else {
            random.random_range(2_500.0..6_000.0)
        };
        let beside = place.destination(random.random_range(0.0..360.0), apart_m);
        hulls.push((beside, random.random_range(30.0..120.0), None));
        if is_met {
            traffic.events.push(TruthEvent {
                kind: EventKind::UnmatchedEncounter,
                mmsis: vec![mmsi],
                start: time,
                end: time,
                position: beside,
            });
        }
    }
    hulls
}

fn image(number: usize, time: Timestamp, hulls: &[Hull], random: &mut ChaCha8Rng) -> Image {
    let [west, south, east, north] = sea::BOUNDS;
    let footprint = Rect::new(coord! {x: west, y: south}, coord! {x: east, y: north});
    let scene = Scene {
        start: Some(time - HALF),
        stop: Some(time + HALF),
        footprint: Some(MultiPolygon::new(vec![footprint.to_polygon()])),
        simulated: true,
        ..Scene::unreferenced(format!("sea-{number}"), Sensor::Sentinel1, (1, 1), 4.4)
    };
    let mut senders = BTreeMap::new();
    let mut detections = Vec::new();
    for (place, length_m, mmsi) in hulls {
        if !random.random_bool(SEEN) {
            continue;
        }
        let id = format!("{:016x}", random.random_range(0..u64::MAX));
        senders.extend(mmsi.map(|mmsi| (id.clone(), mmsi)));
        let off_m = PLACE_SIGMA_M * normal(random).hypot(normal(random));
        let length_m = length_m * (LENGTH_SIGMA * normal(random)).exp();
        detections.push(Detection {
            position: Some(place.destination(random.random_range(0.0..360.0), off_m)),
            position_sigma_m: Some(PLACE_SIGMA_M),
            time: Some(time),
            length_m: Some(length_m),
            length_sigma_m: Some(LENGTH_SIGMA * length_m),
            ..Detection::bare(&id, &scene.id)
        });
    }
    Image {
        scene,
        detections,
        senders,
    }
}

fn normal(random: &mut ChaCha8Rng) -> f64 {
    StandardNormal.sample(random)
}
