//! The AIS log that a receiver near the scene would have written in the two hours around it.
//!
//! One sentence group a line set, `\s:SIMULATED,c:…*hh\!AIVDM,…`, in time order.

use super::fleet::jittered;
use super::motion::Course;
use super::options::FleetOptions;
use crate::ais::encode::encode;
use crate::ais::message::{
    Aid, BaseStation, ClassB, ClassBName, ClassBParticulars, Equipment, Eta, Link, Message, Motion,
    PositionReport, Size, Voyage,
};
use crate::ais::tag::TagBlock;
use crate::lab::truth::{Kind, TruthShip};
use crate::model::units::{LonLat, Mmsi};
use jiff::Timestamp;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Station name in every tag block: readers take it as the mark of simulated data.
const STATION: &[u8] = b"SIMULATED";
/// Heard before and after the scene, seconds.
pub(crate) const REACH_S: i64 = 3600;
/// Between static reports, seconds (ITU-R M.1371-5: 6 minutes).
const STATIC_S: i64 = 360;
/// Between reports of aids, beacons and base stations, seconds.
const SLOW_S: i64 = 180;
/// Standard deviation of reported places, metres each way.
const FIX_SPREAD_M: f64 = 4.0;
/// Random stream of the log.
const STREAM: u64 = 4 << 40;

/// Sentences of a fleet around `middle`, without line ends.
pub(crate) fn sentences(
    ships: &[TruthShip],
    (middle, station): (Timestamp, LonLat),
    options: &FleetOptions,
    seed: u64,
) -> Vec<String> {
    let mut log = Log {
        rng: ChaCha8Rng::seed_from_u64(seed),
        middle_s: middle.as_second(),
        outage_s: options
            .outage_min
            .map_or(-1, |minutes| (minutes * 60.0) as i64),
        heard: Vec::new(),
    };
    log.rng.set_stream(STREAM);
    log.each(SLOW_S, |log, time| {
        let base = Message::BaseStation(BaseStation {
            mmsi: Mmsi(2_990_001),
            link: Link::default(),
            long_range_wanted: false,
            time: Some(time),
            position: Some(station),
            accurate: true,
            fix_device: Some(1),
            raim: false,
        });
        log.hear(time, base);
    });
    for ship in ships {
        if let Some(mmsi) = ship.mmsi {
            log.ship(ship, mmsi, options.report_s as i64);
        }
    }
    // Stable: messages of one second stay in fleet order.
    log.heard.sort_by_key(|(second, _)| *second);
    let mut sequence = 0;
    let mut lines = Vec::new();
    for (second, message) in &log.heard {
        let tag = TagBlock {
            source: Some(STATION),
            time: Timestamp::from_second(*second).ok(),
            ..TagBlock::default()
        };
        lines.extend(encode(message, Some(&tag), sequence));
        sequence = (sequence + 1) % 10;
    }
    lines
}

struct Log {
    rng: ChaCha8Rng,
    middle_s: i64,
    /// Nothing is heard this long before and after the middle; below 0: everything is.
    outage_s: i64,
    heard: Vec<(i64, Message)>,
}

impl Log {
    /// Calls `report` at a random phase and then every `interval_s`, when the receiver hears.
    fn each(&mut self, interval_s: i64, mut report: impl FnMut(&mut Self, Timestamp)) {
        let mut offset = -REACH_S + self.rng.random_range(0..interval_s);
        while offset < REACH_S {
            if offset.abs() > self.outage_s
                && let Ok(time) = Timestamp::from_second(self.middle_s + offset)
            {
                report(self, time);
            }
            offset += interval_s;
        }
    }

    fn hear(&mut self, time: Timestamp, message: Message) {
        self.heard.push((time.as_second(), message));
    }

    fn ship(&mut self, ship: &TruthShip, mmsi: Mmsi, report_s: i64) {
        match ship.kind {
            Kind::Platform => self.each(SLOW_S, |log, time| log.hear(time, aid(ship, mmsi))),
            Kind::Beacon => self.each(SLOW_S, |log, time| {
                let motion = log.motion(ship, time);
                // Status 15 from such a device: under test.
                log.hear(time, position(mmsi, Some(15), motion));
            }),
            Kind::Fishing => {
                self.each(report_s, |log, time| {
                    let motion = log.motion(ship, time);
                    log.hear(
                        time,
                        Message::ClassB(ClassB {
                            mmsi,
                            link: Link::CARRIER_SENSE,
                            equipment: Equipment::default(),
                            motion,
                            carrier_sense: true,
                        }),
                    );
                });
                self.each(STATIC_S, |log, time| {
                    log.hear(
                        time,
                        Message::ClassBName(ClassBName {
                            mmsi,
                            link: Link::default(),
                            name: Some(name(ship).as_str().into()),
                        }),
                    );
                    log.hear(time, particulars(ship, mmsi));
                });
            }
            Kind::Cargo | Kind::Tanker | Kind::Patrol => {
                // 1: at anchor, 0: under way using engine.
                let status = if ship.sog_kn == 0.0 { 1 } else { 0 };
                self.each(report_s, |log, time| {
                    let motion = log.motion(ship, time);
                    log.hear(time, position(mmsi, Some(status), motion));
                });
                self.each(STATIC_S, |log, time| log.hear(time, voyage(ship, mmsi)));
            }
        }
    }

    fn motion(&mut self, ship: &TruthShip, time: Timestamp) -> Motion {
        let course = Course {
            position: ship.position,
            time: ship.time,
            sog_kn: ship.sog_kn,
            cog_deg: ship.cog_deg,
        };
        let place = course.position_at(time);
        let cog_deg = course.cog_at(time);
        Motion {
            position: Some(jittered(place, FIX_SPREAD_M, &mut self.rng)),
            accurate: true,
            sog_kn: Some(ship.sog_kn),
            cog_deg: Some(cog_deg),
            heading_deg: Some(cog_deg.round() % 360.0),
            second: Some(time.as_second().rem_euclid(60) as u8),
            raim: false,
        }
    }
}

fn position(mmsi: Mmsi, nav_status: Option<u8>, motion: Motion) -> Message {
    Message::Position(PositionReport {
        type_number: 1,
        mmsi,
        link: Link::default(),
        nav_status,
        turn: None,
        motion,
        special_manoeuvre: None,
    })
}

/// The name that a simulated ship transmits.
fn name(ship: &TruthShip) -> String {
    let kind = match ship.kind {
        Kind::Cargo => "CARGO",
        Kind::Tanker => "TANKER",
        Kind::Fishing => "FISHING",
        Kind::Patrol => "PATROL",
        Kind::Platform => "PLATFORM",
        Kind::Beacon => "BEACON",
    };
    format!("SIM {kind} {}", ship.id.trim_start_matches("sim-"))
}

/// Ship and cargo type (ITU-R M.1371-5, table 53).
fn ship_type(kind: Kind) -> Option<u8> {
    match kind {
        Kind::Cargo => Some(70),
        Kind::Tanker => Some(80),
        Kind::Fishing => Some(30),
        Kind::Patrol => Some(55),
        Kind::Platform | Kind::Beacon => None,
    }
}

/// The antenna stands amidships, to the metre.
fn size(ship: &TruthShip) -> Size {
    let (length, width) = (ship.length_m as u16, ship.width_m as u16);
    Size {
        to_bow_m: length / 2,
        to_stern_m: length - length / 2,
        to_port_m: width / 2,
        to_starboard_m: width - width / 2,
    }
}

fn voyage(ship: &TruthShip, mmsi: Mmsi) -> Message {
    Message::Voyage(Voyage {
        mmsi,
        link: Link::default(),
        version: 0,
        terminal_ready: true,
        imo: None,
        call_sign: Some(
            format!("SIM{}", ship.id.trim_start_matches("sim-"))
                .as_str()
                .into(),
        ),
        name: Some(name(ship).as_str().into()),
        ship_type: ship_type(ship.kind),
        size: Some(size(ship)),
        fix_device: Some(1),
        eta: Eta::default(),
        draught_m: Some((ship.length_m / 20.0 * 10.0).round() / 10.0),
        destination: Some("SIMULATION".into()),
    })
}

fn particulars(ship: &TruthShip, mmsi: Mmsi) -> Message {
    Message::ClassBParticulars(ClassBParticulars {
        mmsi,
        link: Link::default(),
        vendor: None,
        unit_model: 0,
        unit_serial: 0,
        fix_device: None,
        ship_type: ship_type(ship.kind),
        call_sign: Some(
            format!("SIM{}", ship.id.trim_start_matches("sim-"))
                .as_str()
                .into(),
        ),
        size: Some(size(ship)),
        mother_ship: None,
    })
}

fn aid(ship: &TruthShip, mmsi: Mmsi) -> Message {
    Message::Aid(Aid {
        mmsi,
        link: Link::default(),
        state: 0,
        // 3: fixed structure off shore.
        kind: Some(3),
        name: Some(name(ship).as_str().into()),
        position: Some(ship.position),
        accurate: true,
        size: Some(size(ship)),
        fix_device: Some(7),
        second: None,
        off_position: None,
        raim: false,
        is_virtual: false,
    })
}
