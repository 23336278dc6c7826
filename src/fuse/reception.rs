//! Whether AIS was being received at a place and time: silence of the receiver must never become silence of a ship.
//!
//! A report of any ship (class A, class B, long-range) or SAR aircraft counts. Base stations and aids to
//! navigation do not: networks insert their reports without a radio path. Distress beacons do not either: they
//! are heard by chance. One report per identity and five minutes is kept, which moves no ship out of reach.
//!
//! Where many of the vessels that must have been there, by their reports before and after, were never heard, silence says nothing:
//! behind a mountain, beyond a station's reach, or where a satellite catches one report in hours.
//!
//! A report says nothing of a moment from which an outage of a feed parts it: the feed that brought it may be the one that
//! was out. A report from within the outage came by another feed and counts.

use super::gate::chord2;
use super::params::FuseParams;
use super::state::seconds;
use crate::model::outage::{Outage, listened_s};
use crate::model::track::{AisClass, Track};
use crate::model::units::{LonLat, Mmsi, MmsiKind};
use jiff::Timestamp;
use rstar::RTree;
use rstar::primitives::GeomWithData;
use std::collections::{BTreeMap, BTreeSet};

/// One report an identity is kept in each span of this many seconds.
const SPAN_S: i64 = 300;
/// Distance within which vessels that were heard are weighed against those that must have been there and were not, kilometres.
pub(super) const MISSED_KM: f64 = 25.0;
/// Vessels that are weighed: few, so that the edge of a deaf place is found to some kilometres.
const NEAREST: usize = 7;
/// Distance between the reports about a silence from which on the vessel was lost: one that stays nearer can be told by its track, metres.
const LOST_M: f64 = 2.0 * MISSED_KM * 1000.0;
/// Seconds between the places at which that is asked.
const SAMPLE_S: i64 = 1800;
/// Silences that count: shorter ones are a radio's, after longer ones nobody can say where a vessel was; seconds.
const SILENCE_S: f64 = 3600.0;
const LOST_S: f64 = 24.0 * 3600.0;
/// Identities are counted up to here: more say nothing new.
pub(super) const COUNTED: usize = 10;

/// Who was heard where and when.
pub(super) struct Reception {
    heard: RTree<GeomWithData<[f64; 3], (Mmsi, Timestamp)>>,
    /// Where vessels were heard at any time, and where they must have been by their reports before and after and were not.
    known: RTree<GeomWithData<[f64; 3], (Mmsi, bool)>>,
    outages: Vec<Outage>,
    radius2: f64,
    window_s: f64,
}

impl Reception {
    /// Indexes the reports within reach of the time span `start` ..= `stop`.
    pub(super) fn new(
        (tracks, outages): (&[Track], &[Outage]),
        (start, stop): (Timestamp, Timestamp),
        params: &FuseParams,
    ) -> Self {
        let window_s = params.reception_minutes * 60.0;
        let mut heard = Vec::new();
        let mut known = Vec::new();
        for track in tracks.iter().filter(|track| proves_reception(track)) {
            let mut last_span = None;
            for fix in &track.positions {
                let in_reach =
                    seconds(fix.time, start) <= window_s && seconds(stop, fix.time) <= window_s;
                let span = fix.time.as_second().div_euclid(SPAN_S);
                if in_reach && last_span != Some(span) {
                    last_span = Some(span);
                    let data = (track.mmsi, fix.time);
                    heard.push(GeomWithData::new(fix.position.unit_vector(), data));
                }
            }
            known.extend(places(track, outages).map(|(place, is_heard)| {
                GeomWithData::new(place.unit_vector(), (track.mmsi, is_heard))
            }));
        }
        Self {
            heard: RTree::bulk_load(heard),
            known: RTree::bulk_load(known),
            outages: outages.to_vec(),
            radius2: chord2(params.reception_km * 1000.0),
            window_s,
        }
    }

    /// Vessels, of all the time that the tracks cover, that must have been about this place and were not heard there; `None` unless
    /// they are two at least – one silence may be the ship's – and more than half of the [`NEAREST`] that came nearest to it: then
    /// silence there is likelier the receiver's.
    pub(super) fn missed(&self, place: LonLat) -> Option<usize> {
        let reach2 = chord2(MISSED_KM * 1000.0);
        let by_distance = self
            .known
            .nearest_neighbor_iter_with_distance_2(place.unit_vector());
        let near = by_distance.take_while(|(_, distance2)| *distance2 <= reach2);
        // Of each vessel its place nearest to this one.
        let mut nearest: BTreeMap<Mmsi, bool> = BTreeMap::new();
        for (mmsi, is_heard) in near.map(|(entry, _)| entry.data) {
            nearest.entry(mmsi).or_insert(is_heard);
            if nearest.len() >= NEAREST {
                break;
            }
        }
        let missed = nearest.values().filter(|is_heard| !**is_heard).count();
        (missed > 1 && 2 * missed > nearest.len()).then_some(missed)
    }

    /// Identities heard about this place and time, counted up to [`COUNTED`].
    pub(super) fn identities(&self, place: LonLat, time: Timestamp) -> usize {
        let mut identities = BTreeSet::new();
        for entry in self
            .heard
            .locate_within_distance(place.unit_vector(), self.radius2)
        {
            let (mmsi, heard_at) = entry.data;
            let is_near = seconds(heard_at, time).abs() <= self.window_s;
            if is_near && !self.are_parted(heard_at, time) {
                identities.insert(mmsi);
                if identities.len() >= COUNTED {
                    break;
                }
            }
        }
        identities.len()
    }

    /// True if a feed was out for a moment between the two, and not at the time of the report.
    fn are_parted(&self, heard_at: Timestamp, time: Timestamp) -> bool {
        let (first, last) = (heard_at.min(time), heard_at.max(time));
        self.outages.iter().any(|outage| {
            let end = outage.end.unwrap_or(Timestamp::MAX);
            let is_within = outage.start < heard_at && heard_at < end;
            outage.start < last && first < end && !is_within
        })
    }
}

/// Places of a vessel every half hour, and whether it was heard there: in a silence of an hour and more, in which no feed was out and
/// which led it far, it must have been on the way between the reports about it.
fn places<'a>(
    track: &'a Track,
    outages: &'a [Outage],
) -> impl Iterator<Item = (LonLat, bool)> + 'a {
    let mut last_span = None;
    let heard = track.positions.iter().filter(move |fix| {
        let span = Some(fix.time.as_second().div_euclid(SAMPLE_S));
        last_span != span && {
            last_span = span;
            true
        }
    });
    let silences = track.positions.windows(2).filter(|pair| {
        let (before, after) = (pair[0].time, pair[1].time);
        (SILENCE_S..=LOST_S).contains(&seconds(before, after))
            && listened_s(before, after, outages) >= seconds(before, after)
            && pair[0].position.distance_m(pair[1].position) > LOST_M
    });
    let missed = silences.flat_map(|pair| {
        let (before, span_s) = (&pair[0], seconds(pair[0].time, pair[1].time));
        let (distance_m, bearing_deg) = before.position.inverse(pair[1].position);
        let samples = (span_s / SAMPLE_S as f64) as u32;
        (1..samples).map(move |sample| {
            let share = f64::from(sample) / f64::from(samples);
            before.position.destination(bearing_deg, distance_m * share)
        })
    });
    heard
        .map(|fix| (fix.position, true))
        .chain(missed.map(|place| (place, false)))
}

fn proves_reception(track: &Track) -> bool {
    let beacon = matches!(
        track.mmsi.kind(),
        MmsiKind::AisSart | MmsiKind::ManOverboard | MmsiKind::EpirbAis
    );
    let radio = matches!(
        track.class,
        AisClass::A | AisClass::B | AisClass::LongRange | AisClass::SarAircraft
    );
    radio && !beacon
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuse::testing::{T0, centre, later, moored};
    use crate::model::outage::OutageCause;

    fn identities(tracks: &[Track], at_s: f64) -> usize {
        with_outages(tracks, &[], at_s)
    }

    fn with_outages(tracks: &[Track], outages: &[Outage], at_s: f64) -> usize {
        let reception = Reception::new(
            (tracks, outages),
            (later(T0, -10.0), later(T0, 10.0)),
            &FuseParams::default(),
        );
        reception.identities(centre(), later(T0, at_s))
    }

    #[test]
    fn ships_within_fifty_kilometres_and_half_an_hour_count_once_each() {
        let near = moored(431_000_001, centre().destination(0.0, 49_000.0), 80.0);
        let far = moored(431_000_002, centre().destination(0.0, 51_000.0), 80.0);
        assert_eq!(identities(&[near.clone(), far], 0.0), 1);
        assert_eq!(identities(&[near], 1_900.0), 0);
    }

    #[test]
    fn a_feed_that_is_out_proves_no_reception_from_before_and_another_feed_does() {
        let out = |start_s: f64, end_s: Option<f64>| Outage {
            source: "station".to_owned(),
            start: later(T0, start_s),
            end: end_s.map(|end_s| later(T0, end_s)),
            cause: OutageCause::Disconnected,
        };
        let mut ship = moored(431_000_001, centre(), 80.0);
        ship.positions.retain(|fix| fix.time <= T0);
        let last_s = ship.positions.last().map(|fix| seconds(T0, fix.time));
        let last_s = last_s.expect("a report");
        let at_s = last_s + 600.0;
        let ships = [ship];
        let count = |outages: &[Outage]| with_outages(&ships, outages, at_s);
        assert_eq!(count(&[]), 1);
        assert_eq!(count(&[out(last_s + 60.0, Some(last_s + 300.0))]), 0);
        assert_eq!(count(&[out(last_s + 60.0, None)]), 0);
        assert_eq!(count(&[out(last_s + 660.0, None)]), 1, "it began later");
        assert_eq!(
            count(&[out(-90_000.0, None)]),
            1,
            "heard while another was out"
        );
    }

    #[test]
    fn where_most_ships_pass_unheard_silence_is_the_receivers_unless_a_feed_was_out() {
        // Two ships cross the place in four hours, heard 60 km before and behind it alone.
        let crossing = |number: u32| {
            let mut ship = moored(431_000_010 + number, centre(), 80.0);
            ship.positions.truncate(2);
            for (fix, (side_deg, at_s)) in ship
                .positions
                .iter_mut()
                .zip([(0.0, -7200.0), (180.0, 7200.0)])
            {
                fix.position = centre().destination(side_deg, 60_000.0);
                fix.time = later(T0, at_s);
            }
            ship
        };
        let missed = |tracks: &[Track], outages: &[Outage], place: LonLat| {
            let params = FuseParams::default();
            Reception::new((tracks, outages), (T0, T0), &params).missed(place)
        };
        let mut ships = vec![crossing(0), crossing(1)];
        assert_eq!(missed(&ships, &[], centre()), Some(2));
        assert_eq!(
            missed(&ships[..1], &[], centre()),
            None,
            "it may be its own"
        );
        let out = Outage {
            source: "station".to_owned(),
            start: later(T0, -600.0),
            end: Some(later(T0, 600.0)),
            cause: OutageCause::Silent,
        };
        assert_eq!(missed(&ships, &[out], centre()), None);
        // Where they are heard, and where they were not lost on the way, nothing is missed.
        assert_eq!(missed(&ships, &[], ships[0].positions[0].position), None);
        let mut short = ships.clone();
        for fix in short.iter_mut().flat_map(|ship| &mut ship.positions) {
            fix.position = centre();
        }
        assert_eq!(missed(&short, &[], centre()), None);
        let beside = centre().destination(0.0, 24_000.0);
        for number in 1..=2 {
            assert_eq!(missed(&ships, &[], centre()), Some(2), "{number}");
            ships.push(moored(431_000_000 + number, beside, 80.0));
        }
        assert_eq!(missed(&ships, &[], centre()), None);
    }

    #[test]
    fn stations_marks_and_beacons_prove_no_reception() {
        for class in [
            AisClass::BaseStation,
            AisClass::AidToNavigation,
            AisClass::VirtualAidToNavigation,
        ] {
            let mut track = moored(431_000_001, centre(), 80.0);
            track.class = class;
            assert_eq!(identities(&[track], 0.0), 0, "{class:?}");
        }
        assert_eq!(identities(&[moored(970_012_345, centre(), 80.0)], 0.0), 0);
    }
}
