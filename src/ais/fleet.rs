//! Reports of a day in a quarter of their size, one list an identity: for files larger than memory would hold as [`Position`]s.
//!
//! A report takes 24 bytes: time to the millisecond, place to 1e−7° (a centimetre; the radio's step is eighteen), speed to
//! 0.01 kn, course to 0.01°, heading to a degree. Tracks are made one identity at a time, so that only their sketches stay.

use super::events::{Sketch, Watch};
use super::reception::Reception;
use super::track::build_tracks;
use super::{AisError, read_file_by};
use crate::model::event::Event;
use crate::model::track::{AisClass, Distress, Position, Vessel};
use crate::model::units::{LonLat, Mmsi};
use jiff::Timestamp;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;

/// Not told.
const NONE: u16 = u16::MAX;
const NO_STATUS: u8 = u8::MAX;
const PLACE_STEPS: f64 = 1e7;
const STEPS: f64 = 100.0;

const CLASSES: [AisClass; 7] = [
    AisClass::A,
    AisClass::B,
    AisClass::LongRange,
    AisClass::BaseStation,
    AisClass::SarAircraft,
    AisClass::AidToNavigation,
    AisClass::VirtualAidToNavigation,
];

/// A report without its MMSI.
#[derive(Debug, Clone, Copy)]
struct Packed {
    time_ms: i64,
    lon: i32,
    lat: i32,
    sog: u16,
    cog: u16,
    heading: u16,
    nav_status: u8,
    class: u8,
}

impl Packed {
    fn new(report: &Position) -> Self {
        let part = |value: Option<f64>, steps: f64| {
            value.map_or(NONE, |value| (value * steps).round() as u16)
        };
        let class = CLASSES
            .iter()
            .position(|class| *class == report.class)
            .unwrap_or(0);
        Self {
            time_ms: report.time.as_millisecond(),
            lon: (report.position.lon_deg * PLACE_STEPS).round() as i32,
            lat: (report.position.lat_deg * PLACE_STEPS).round() as i32,
            sog: part(report.sog_kn, STEPS),
            cog: part(report.cog_deg, STEPS),
            heading: part(report.heading_deg, 1.0),
            nav_status: report.nav_status.unwrap_or(NO_STATUS),
            class: class as u8,
        }
    }

    fn unpacked(self, mmsi: Mmsi) -> Position {
        let part = |value: u16, steps: f64| (value != NONE).then(|| f64::from(value) / steps);
        Position {
            mmsi,
            time: Timestamp::from_millisecond(self.time_ms).unwrap_or(Timestamp::UNIX_EPOCH),
            position: LonLat::new(
                f64::from(self.lon) / PLACE_STEPS,
                f64::from(self.lat) / PLACE_STEPS,
            ),
            sog_kn: part(self.sog, STEPS),
            // 359.996° rounds to a whole turn.
            cog_deg: part(self.cog, STEPS).map(|cog_deg| cog_deg % 360.0),
            heading_deg: part(self.heading, 1.0).map(|heading_deg| heading_deg % 360.0),
            nav_status: (self.nav_status != NO_STATUS).then_some(self.nav_status),
            class: CLASSES[usize::from(self.class).min(CLASSES.len() - 1)],
        }
    }
}

/// All that was heard, by identity.
#[derive(Debug, Default)]
pub struct Fleet {
    reports: BTreeMap<Mmsi, Vec<Packed>>,
    statics: BTreeMap<Mmsi, Vec<(Timestamp, Vessel)>>,
    distress: BTreeMap<Mmsi, Distress>,
    simulated: bool,
}

/// What [`Fleet::events`] found.
#[derive(Debug, Clone, Default)]
pub struct FleetEvents {
    /// Tracks made on the way.
    pub tracks: usize,
    /// Reports in them.
    pub reports: usize,
    /// Events, by start and id.
    pub events: Vec<Event>,
}

impl Fleet {
    /// Reads a file into the fleet and gives its counts, without reports and static data. A table is taken in parts.
    ///
    /// # Errors
    ///
    /// As [`super::read_file`]; what was read before a failure stays.
    pub fn read(&mut self, path: &Path) -> Result<Reception, AisError> {
        let mut reception = read_file_by(path, &mut |part| self.take_reports(part))?;
        self.take_reports(&mut reception);
        for (mmsi, time, vessel) in std::mem::take(&mut reception.statics) {
            self.statics.entry(mmsi).or_default().push((time, vessel));
        }
        for (mmsi, state) in &reception.distress {
            let known = self.distress.entry(*mmsi).or_insert(*state);
            if *state == Distress::Active {
                *known = Distress::Active;
            }
        }
        self.simulated |= reception.simulated;
        Ok(reception)
    }

    fn take_reports(&mut self, reception: &mut Reception) {
        for report in reception.positions.drain(..) {
            self.reports
                .entry(report.mmsi)
                .or_default()
                .push(Packed::new(&report));
        }
    }

    /// Makes tracks, one identity after the other on every core, and states the events of all.
    pub fn events(self, watch: &Watch<'_>, gap_s: f64) -> FleetEvents {
        let Self {
            reports,
            mut statics,
            distress,
            simulated,
        } = self;
        let identities: Vec<_> = reports
            .into_iter()
            .map(|(mmsi, packed)| (mmsi, packed, statics.remove(&mmsi).unwrap_or_default()))
            .collect();
        let sketched = identities.into_par_iter().map(|(mmsi, packed, told)| {
            let reception = Reception {
                positions: packed
                    .into_iter()
                    .map(|report| report.unpacked(mmsi))
                    .collect(),
                statics: told
                    .into_iter()
                    .map(|(time, vessel)| (mmsi, time, vessel))
                    .collect(),
                distress: distress
                    .get(&mmsi)
                    .map(|state| (mmsi, *state))
                    .into_iter()
                    .collect(),
                simulated,
                ..Reception::default()
            };
            let tracks = build_tracks(vec![reception], gap_s).tracks;
            let reports: usize = tracks.iter().map(|track| track.positions.len()).sum();
            (tracks.len(), reports, watch.sketches(&tracks))
        });
        let sketched: Vec<(usize, usize, Vec<Sketch>)> = sketched.collect();
        FleetEvents {
            tracks: sketched.iter().map(|(tracks, ..)| tracks).sum(),
            reports: sketched.iter().map(|(_, reports, _)| reports).sum(),
            events: watch.finish(
                sketched
                    .into_iter()
                    .flat_map(|(.., sketches)| sketches)
                    .collect(),
            ),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_report_comes_back_within_its_steps(
            lon_deg in -180.0..=180.0_f64, lat_deg in -90.0..=90.0_f64, sog in prop::option::of(0.0..102.2_f64),
            cog in prop::option::of(0.0..360.0_f64), status in prop::option::of(0_u8..16),
        ) {
            let report = Position {
                mmsi: Mmsi(431_000_001),
                time: Timestamp::from_millisecond(1_700_000_000_123).unwrap(),
                position: LonLat::new(lon_deg, lat_deg),
                sog_kn: sog, cog_deg: cog, heading_deg: Some(359.0), nav_status: status, class: AisClass::B,
            };
            let back = Packed::new(&report).unpacked(report.mmsi);
            prop_assert!((back.position.lon_deg - lon_deg).abs() <= 0.51e-7);
            prop_assert!((back.position.lat_deg - lat_deg).abs() <= 0.51e-7);
            prop_assert!(back.sog_kn.zip(sog).map_or(back.sog_kn == sog, |(a, b)| (a - b).abs() <= 0.0051));
            let turned = |a: f64, b: f64| { let d = (a - b).rem_euclid(360.0); d.min(360.0 - d) };
            prop_assert!(back.cog_deg.zip(cog).map_or(back.cog_deg == cog, |(a, b)| turned(a, b) <= 0.0051));
            prop_assert_eq!((back.time, back.nav_status, back.class, back.heading_deg), (report.time, status, AisClass::B, Some(359.0)));
        }
    }

    #[test]
    fn a_report_takes_24_bytes() {
        assert_eq!(size_of::<Packed>(), 24);
    }
}
