//! Who sails, what each does, and what of it is heard.

use super::plan::{Ship, Trick, Way};
use super::visits::{self, Visits};
use super::{Traffic, TruthEvent, images, sea, silences, tricks};
use crate::model::event::EventKind;
use crate::model::outage::{Outage, OutageCause};
use crate::model::track::{AisClass, Vessel};
use crate::model::units::{LonLat, Mmsi};
use jiff::{SignedDuration, Timestamp};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Seconds of a day, and of the data.
pub(super) const DAY_S: f64 = 86_400.0;
pub(super) const END_S: f64 = 3.0 * DAY_S;
/// 2026-03-01 00:00 UTC.
pub(super) const START: Timestamp = Timestamp::constant(1_772_323_200, 0);
/// Hours in which the feed gives nothing and knows it, and in which it does not know it.
const KNOWN_H: [(f64, f64); 2] = [(36.0, 43.5), (50.0, 51.0)];
const UNKNOWN_H: (f64, f64) = (52.0, 59.5);
/// Share of reports that are heard, and of those that come late.
const HEARD: f64 = 0.85;
const LATE: f64 = 0.05;
/// Ships in lanes.
const BACKGROUND: u32 = 190;

/// Ships as they are made.
pub(super) struct Cast {
    pub(super) random: ChaCha8Rng,
    sites: Vec<LonLat>,
    ships: Vec<Ship>,
    traffic: Traffic,
    next_mmsi: u32,
}

pub(super) fn cast(seed: u64) -> Traffic {
    made(seed).heard()
}

/// The cast, with as many more ships in lanes as make `least`.
pub(super) fn ships(seed: u64, least: usize) -> Vec<Ship> {
    let mut cast = made(seed);
    while cast.ships.len() < least {
        let sog_kn = cast.random.random_range(6.0..18.0);
        let way = cast.wander(sog_kn);
        cast.cargo(way, |_| {});
    }
    cast.ships
}

fn made(seed: u64) -> Cast {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let sites = sea::sites(&mut random);
    let mut cast = Cast {
        random,
        sites,
        ships: vec![],
        traffic: Traffic::default(),
        next_mmsi: 412_000_000,
    };
    for _ in 0..BACKGROUND {
        let sog_kn = cast.random.random_range(8.0..16.0);
        let way = cast.wander(sog_kn);
        cast.cargo(way, |_| {});
    }
    silences::silences(&mut cast);
    cast.anchored();
    cast.slow();
    cast.meetings();
    cast.rafts();
    cast.fast();
    tricks::identities(&mut cast);
    tricks::places(&mut cast);
    tricks::markers(&mut cast);
    cast
}

/// True in an outage, known or not.
fn is_deaf(time_s: f64) -> bool {
    KNOWN_H
        .iter()
        .chain([&UNKNOWN_H])
        .any(|(from, to)| (from * 3600.0..to * 3600.0).contains(&time_s))
}

impl Cast {
    pub(super) fn is_deaf_between(&self, from_s: f64, to_s: f64) -> bool {
        let mut outages = KNOWN_H.iter().chain([&UNKNOWN_H]);
        outages.any(|(from, to)| from_s < to * 3600.0 && to_s > from * 3600.0)
    }

    /// True where a receiver hears and other ships go by.
    pub(super) fn is_well_heard(&self, place: LonLat) -> bool {
        let [west, south, east, north] = sea::BOUNDS;
        sea::HOLE.distance_m(place) > sea::HOLE_M + 60_000.0
            && sea::shore_m(place) > 100_000.0
            && (west + 0.4..east - 0.4).contains(&place.lon_deg)
            && (south + 0.4..north - 0.4).contains(&place.lat_deg)
    }

    pub(super) fn site(&mut self) -> LonLat {
        // Sites are more than the cast needs; the last is used again rather than none.
        match self.sites.pop() {
            Some(site) => site,
            None => sea::ISLAND.destination(45.0, 200_000.0),
        }
    }

    /// A time for something that takes so many hours, in which all is heard; seconds.
    pub(super) fn time_s(&mut self, hours: f64) -> f64 {
        loop {
            let from_s = self
                .random
                .random_range(6.0 * 3600.0..END_S - 3600.0 * (hours + 2.5));
            if !self.is_deaf_between(from_s - 1800.0, from_s + 3600.0 * hours + 1800.0) {
                return from_s;
            }
        }
    }

    /// From place to place until the end.
    pub(super) fn wander(&mut self, sog_kn: f64) -> Way {
        let way = Way::from(
            0.0,
            loop {
                let place = sea::anywhere(&mut self.random);
                if sea::is_clear(place, place) {
                    break place;
                }
            },
        );
        self.on(way, sog_kn)
    }

    /// Goes on from place to place until the end: no ship vanishes at sea. One that lies near the island or the anchorage
    /// leaves over water.
    pub(super) fn on(&mut self, mut way: Way, sog_kn: f64) -> Way {
        while way.last().0 < END_S {
            let (from, next) = (way.last().1, sea::anywhere(&mut self.random));
            let leaves = !sea::is_clear(from, from) && sea::is_water(from, next);
            if sea::is_clear(from, next) || leaves && sea::is_clear(next, next) {
                way = way.to(next, sog_kn);
            }
        }
        way
    }

    /// A course on which the ship is still clear of island and anchorage so many hours on.
    pub(super) fn clear_course_deg(&mut self, from: LonLat, sog_kn: f64, hours: f64) -> f64 {
        loop {
            let course_deg = self.random.random_range(0.0..360.0);
            let to = from.destination(course_deg, sog_kn * 1852.0 * hours);
            if sea::is_clear(from, to) {
                return course_deg;
            }
        }
    }

    /// Comes to a place at a time, does something there and goes.
    pub(super) fn visit(
        &mut self,
        place: LonLat,
        from_s: f64,
        stay: impl FnOnce(Way) -> Way,
    ) -> Way {
        let bearing_deg = self.random.random_range(0.0..360.0);
        let sog_kn = self.random.random_range(8.0..12.0);
        let hours = self.random.random_range(2.0..3.0);
        let far = place.destination(bearing_deg, sog_kn * 1852.0 * hours);
        let way = stay(Way::from(from_s - 3600.0 * hours, far).to(place, sog_kn));
        let away = self.random.random_range(0.0..360.0);
        self.on(way.along(away, sog_kn, 1.5), sog_kn)
    }

    pub(super) fn cargo(&mut self, way: Way, change: impl FnOnce(&mut Ship)) -> Mmsi {
        self.ship(Some(70), way, change)
    }

    pub(super) fn ship(
        &mut self,
        ship_type: Option<u8>,
        way: Way,
        change: impl FnOnce(&mut Ship),
    ) -> Mmsi {
        self.next_mmsi += 37;
        let mmsi = Mmsi(self.next_mmsi);
        let mut ship = Ship {
            mmsi,
            class: AisClass::A,
            vessel: Vessel {
                name: Some(format!("SIM {}", self.next_mmsi % 100_000)),
                ship_type,
                length_m: Some(f64::from(self.random.random_range(40..250_u16))),
                ..Vessel::default()
            },
            way,
            tricks: vec![],
            interval_s: 120.0,
            nav_status: Some(0),
            is_hull: true,
        };
        change(&mut ship);
        self.ships.push(ship);
        mmsi
    }

    pub(super) fn truth(
        &mut self,
        kind: EventKind,
        mmsis: &[Mmsi],
        span_s: (f64, f64),
        position: LonLat,
    ) {
        let (start, end) = (at(span_s.0), at(span_s.1.min(END_S)));
        let mut mmsis = mmsis.to_vec();
        mmsis.sort_unstable();
        self.traffic.events.push(TruthEvent {
            kind,
            mmsis,
            start,
            end,
            position,
        });
    }

    /// An anchorage of pairs that lie within reach of each other.
    fn anchored(&mut self) {
        for index in 0..26 {
            let place = sea::ANCHORAGE
                .destination(
                    90.0,
                    400.0 * f64::from(index % 2) + 1300.0 * f64::from(index / 2 % 4),
                )
                .destination(0.0, 900.0 * f64::from(index / 8));
            // Some do not tell that they lie at anchor.
            let status = (index % 3 != 0).then_some(1);
            self.cargo(Way::from(0.0, place).stay(END_S / 3600.0), |ship| {
                ship.nav_status = status;
            });
        }
    }

    /// Slow ships: adrift for long, adrift for a while, at anchor, fishing.
    fn slow(&mut self) {
        let cases = [
            (5.5..12.0, 10, Some(0), true),
            (1.5..3.0, 5, Some(0), false),
            (8.0..12.0, 5, Some(1), false),
        ];
        for (hours, ships, status, is_event) in cases {
            for _ in 0..ships {
                let place = self.site();
                let hours = self.random.random_range(hours.clone());
                let from_s = self.time_s(hours);
                let (course_deg, sog_kn) = (
                    self.random.random_range(0.0..360.0),
                    self.random.random_range(0.2..1.4),
                );
                let way = self.visit(place, from_s, |way| way.along(course_deg, sog_kn, hours));
                let span_s = (from_s, from_s + 3600.0 * hours);
                let mmsi = self.ship(Some(80), way, |ship| {
                    ship.tricks
                        .extend(status.map(|status| (span_s.0, span_s.1, Trick::Status(status))));
                });
                if is_event {
                    self.truth(EventKind::Loitering, &[mmsi], span_s, place);
                }
            }
        }
        let ground = self.site();
        for _ in 0..20 {
            let from = ground.destination(
                self.random.random_range(0.0..360.0),
                self.random.random_range(2_000.0..20_000.0),
            );
            let mut way = Way::from(0.0, from);
            while way.last().0 < END_S {
                let course_deg = if way.last().1.distance_m(ground) > 20_000.0 {
                    way.last().1.inverse(ground).1
                } else {
                    self.random.random_range(0.0..360.0)
                };
                let (sog_kn, hours) = (
                    self.random.random_range(1.0..5.0),
                    self.random.random_range(0.3..2.0),
                );
                way = way.along(course_deg, sog_kn, hours);
            }
            self.ship(Some(30), way, |_| {});
        }
    }

    /// Pairs: together for hours (three over midnight), for too short, too far apart, and in passing.
    fn meetings(&mut self) {
        let cases = [
            (2.8..6.0, 100.0..350.0, 10, true),
            (0.5..1.2, 100.0..350.0, 5, false),
            (3.0..6.0, 800.0..1500.0, 5, false),
        ];
        for (hours, apart, pairs, is_event) in cases {
            for pair in 0..pairs {
                let place = self.site();
                let hours = self.random.random_range(hours.clone());
                let apart_m = self.random.random_range(apart.clone());
                let from_s = if is_event && pair < 3 {
                    DAY_S - 3600.0 * hours * self.random.random_range(0.3..0.7)
                } else {
                    self.time_s(hours)
                };
                let (course_deg, sog_kn) = (
                    self.random.random_range(0.0..360.0),
                    self.random.random_range(0.1..0.9),
                );
                let beside = place.destination(self.random.random_range(0.0..360.0), apart_m);
                let mut both = [Mmsi(0); 2];
                for (mmsi, at) in both.iter_mut().zip([place, beside]) {
                    let way = self.visit(at, from_s, |way| way.along(course_deg, sog_kn, hours));
                    *mmsi = self.ship(Some(30), way, |_| {});
                }
                if is_event {
                    self.truth(
                        EventKind::Encounter,
                        &both,
                        (from_s, from_s + 3600.0 * hours),
                        place,
                    );
                }
            }
        }
    }

    /// Groups close together: for half a day, for too short, of too few.
    fn rafts(&mut self) {
        for (hours, ships, is_event) in [
            (14.0..20.0, 8, true),
            (16.0..24.0, 6, true),
            (14.0..20.0, 7, true),
            (6.0..9.0, 8, false),
            (14.0..20.0, 4, false),
        ] {
            let place = self.site();
            let hours = self.random.random_range(hours);
            let from_s = self.time_s(hours);
            let mut all = Vec::new();
            for index in 0..ships {
                let at = place
                    .destination(90.0, 250.0 * f64::from(index % 3))
                    .destination(0.0, 250.0 * f64::from(index / 3));
                let way = self.visit(at, from_s, |way| way.stay(hours));
                let span_s = (from_s, from_s + 3600.0 * hours);
                all.push(self.ship(Some(30), way, |ship| {
                    ship.tricks.push((span_s.0, span_s.1, Trick::Status(1)));
                }));
            }
            if is_event {
                self.truth(
                    EventKind::Rafting,
                    &all,
                    (from_s, from_s + 3600.0 * hours),
                    place,
                );
            }
        }
    }

    /// Ships faster than their type, and a ferry that is fast by nature.
    fn fast(&mut self) {
        for (ship_type, sog_kn, is_event) in [
            (30, 26.0, true),
            (30, 22.0, true),
            (30, 30.0, true),
            (80, 27.0, true),
            (80, 25.0, true),
            (70, 34.0, true),
            (40, 38.0, false),
            (40, 40.0, false),
        ] {
            let place = self.site();
            let from_s = self.time_s(2.0);
            let hours = self.random.random_range(0.5..1.2);
            let course_deg = self.clear_course_deg(place, sog_kn, hours);
            let way = self.visit(place, from_s, |way| way.along(course_deg, sog_kn, hours));
            let mmsi = self.ship(Some(ship_type), way, |_| {});
            if is_event {
                self.truth(
                    EventKind::Speed,
                    &[mmsi],
                    (from_s, from_s + 3600.0 * hours),
                    place,
                );
            }
        }
    }

    /// Sends every report and keeps what is heard; late ones come last.
    fn heard(mut self) -> Traffic {
        let mut late = Vec::new();
        for (number, ship) in (0..).zip(&self.ships) {
            let known = Vessel::default() != ship.vessel;
            self.traffic
                .statics
                .extend(known.then(|| (ship.mmsi, START, ship.vessel.clone())));
            let mut unheard: Option<(f64, f64)> = None;
            let mut visits = Visits::default();
            let mut time_s = self.random.random_range(0.0..ship.interval_s);
            while time_s < END_S {
                if let Some(report) = ship.report(START, time_s, &mut self.random) {
                    let is_lost =
                        is_deaf(time_s) || sea::HOLE.distance_m(report.position) < sea::HOLE_M;
                    if is_lost {
                        unheard = Some((unheard.map_or(time_s, |(from_s, _)| from_s), time_s));
                    } else if let Some((from_s, to_s)) = unheard.take() {
                        self.traffic.unheard.push((ship.mmsi, at(from_s), at(to_s)));
                    }
                    let is_heard = !is_lost && self.random.random_bool(HEARD);
                    visits.sent(&report, is_heard);
                    if is_heard {
                        let is_late = self.random.random_bool(LATE);
                        let kept = if is_late {
                            &mut late
                        } else {
                            &mut self.traffic.reports
                        };
                        kept.push((number, report));
                    }
                }
                time_s += ship.interval_s * self.random.random_range(0.6..1.4);
            }
            if let Some((from_s, to_s)) = unheard {
                self.traffic.unheard.push((ship.mmsi, at(from_s), at(to_s)));
            }
            self.traffic.events.extend(visits.of(ship));
        }
        self.traffic.reports.sort_by_key(|(_, report)| report.time);
        self.traffic.reports.extend(late);
        self.traffic.outages = KNOWN_H
            .iter()
            .map(|(from, to)| Outage {
                source: "station".to_owned(),
                start: at(from * 3600.0),
                end: Some(at(to * 3600.0)),
                cause: OutageCause::Silent,
            })
            .collect();
        self.traffic.watched = vec![visits::watched()];
        images::take(&self.ships, &mut self.traffic, &mut self.random);
        self.traffic
    }
}

pub(super) fn at(time_s: f64) -> Timestamp {
    START + SignedDuration::from_secs(time_s as i64)
}
