//! Whether AIS was being received at a place and time: silence of the receiver must never become silence of a ship.
//!
//! A report of any ship (class A, class B, long-range) or SAR aircraft counts. Base stations and aids to
//! navigation do not: networks insert their reports without a radio path. Distress beacons do not either: they
//! are heard by chance. One report per identity and five minutes is kept, which moves no ship out of reach.
//!
//! A report says nothing of a moment from which an outage of a feed parts it: the feed that brought it may be the one that
//! was out. A report from within the outage came by another feed and counts.

use super::gate::chord2;
use super::params::FuseParams;
use super::state::seconds;
use crate::model::outage::Outage;
use crate::model::track::{AisClass, Track};
use crate::model::units::{LonLat, Mmsi, MmsiKind};
use jiff::Timestamp;
use rstar::RTree;
use rstar::primitives::GeomWithData;
use std::collections::BTreeSet;

/// One report an identity is kept in each span of this many seconds.
const SPAN_S: i64 = 300;
/// Identities are counted up to here: more say nothing new.
pub(super) const COUNTED: usize = 10;

/// Who was heard where and when.
pub(super) struct Reception {
    heard: RTree<GeomWithData<[f64; 3], (Mmsi, Timestamp)>>,
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
        }
        Self {
            heard: RTree::bulk_load(heard),
            outages: outages.to_vec(),
            radius2: chord2(params.reception_km * 1000.0),
            window_s,
        }
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
