//! A message as named fields in the radio's own whole numbers: ours, and those of programs that read beside us.
//!
//! Names are gpsd's. `-` is "not available"; what another program gives is put through the ranges of ITU-R M.1371-5 Annex 8
//! here ([`told`]), apart from our decoder.

use std::collections::BTreeMap;
use tidewatch::ais::message::{Link, Message, Motion, Size, Turn};
use tidewatch::ais::service::{Addressed, Area, ChannelScope};
use tidewatch::ais::text::Data;
use tidewatch::model::units::{LonLat, MmsiKind};

/// Value by name.
pub type Fields = BTreeMap<String, String>;

/// Not available.
const NONE: &str = "-";

/// Gathers the fields of one of our messages.
struct Ours(Fields);

impl Ours {
    #[allow(
        clippy::needless_pass_by_value,
        reason = "callers make the values on the spot"
    )]
    fn put(&mut self, name: &str, value: impl ToString) {
        self.0.insert(name.to_owned(), value.to_string());
    }

    fn maybe(&mut self, name: &str, value: Option<impl ToString>) {
        self.put(
            name,
            value.map_or(NONE.to_owned(), |value| value.to_string()),
        );
    }

    fn flag(&mut self, name: &str, value: bool) {
        self.put(name, u8::from(value));
    }

    fn steps(&mut self, name: &str, value: Option<f64>, steps: f64) {
        self.maybe(name, value.map(|value| (value * steps).round() as i64));
    }

    fn text(&mut self, name: &str, value: Option<&str>) {
        self.put(name, value.unwrap_or(""));
    }

    fn place(&mut self, names: [&str; 2], place: Option<LonLat>, steps: f64) {
        self.steps(names[0], place.map(|place| place.lon_deg), steps);
        self.steps(names[1], place.map(|place| place.lat_deg), steps);
    }

    fn area(&mut self, area: &Area) {
        self.place(["ne_lon", "ne_lat"], area.north_east, 600.0);
        self.place(["sw_lon", "sw_lat"], area.south_west, 600.0);
    }

    fn link(&mut self, link: Link) {
        self.put("repeat", link.repeat);
        self.put("radio", link.radio);
    }

    fn motion(&mut self, motion: &Motion) {
        self.place(["lon", "lat"], motion.position, 600_000.0);
        self.steps("speed", motion.sog_kn, 10.0);
        self.steps("course", motion.cog_deg, 10.0);
        self.steps("heading", motion.heading_deg, 1.0);
        self.maybe("second", motion.second);
        self.flag("accuracy", motion.accurate);
        self.flag("raim", motion.raim);
    }

    fn size(&mut self, size: Option<Size>) {
        let size = size.unwrap_or_default();
        self.put("to_bow", size.to_bow_m);
        self.put("to_stern", size.to_stern_m);
        self.put("to_port", size.to_port_m);
        self.put("to_starboard", size.to_starboard_m);
    }

    fn receiver(&mut self, to: Option<Addressed>) {
        if let Some(to) = to {
            self.put("dest_mmsi", to.destination.0);
            self.put("seqno", to.sequence);
            self.flag("retransmit", to.retransmitted);
        }
    }

    fn data(&mut self, data: &Data) {
        let digits = data.bytes().iter().map(|byte| format!("{byte:02x}"));
        self.put(
            "data",
            format!("{}:{}", data.len(), digits.collect::<String>()),
        );
    }

    /// What ships, shore stations and aids tell of themselves; false for the other types.
    fn own_report(&mut self, message: &Message) -> bool {
        match message {
            Message::Position(m) => {
                self.link(m.link);
                self.motion(&m.motion);
                self.maybe("status", m.nav_status);
                self.maybe("turn", m.turn.map(turn));
                self.maybe("maneuver", m.special_manoeuvre.map(|is| 1 + u8::from(is)));
            }
            Message::BaseStation(m) | Message::TimeResponse(m) => {
                self.link(m.link);
                self.flag("long_range", m.long_range_wanted);
                self.maybe("timestamp", m.time);
                self.place(["lon", "lat"], m.position, 600_000.0);
                self.flag("accuracy", m.accurate);
                self.maybe("epfd", m.fix_device);
                self.flag("raim", m.raim);
            }
            Message::Voyage(m) => {
                self.put("repeat", m.link.repeat);
                self.put("ais_version", m.version);
                self.flag("dte", !m.terminal_ready);
                self.maybe("imo", m.imo);
                self.text("callsign", m.call_sign.as_deref());
                self.text("shipname", m.name.as_deref());
                self.maybe("shiptype", m.ship_type);
                self.size(m.size);
                self.maybe("epfd", m.fix_device);
                self.maybe("month", m.eta.month);
                self.maybe("day", m.eta.day);
                self.maybe("hour", m.eta.hour);
                self.maybe("minute", m.eta.minute);
                self.steps("draught", m.draught_m, 10.0);
                self.text("destination", m.destination.as_deref());
            }
            Message::ClassB(m) => {
                self.link(m.link);
                self.flag("assigned", m.link.assigned);
                self.motion(&m.motion);
                self.flag("cs", m.carrier_sense);
                self.flag("display", m.equipment.display);
                self.flag("dsc", m.equipment.dsc);
                self.flag("band", m.equipment.whole_band);
                self.flag("msg22", m.equipment.channel_management);
            }
            Message::ClassBExtended(m) => {
                self.put("repeat", m.link.repeat);
                self.flag("assigned", m.link.assigned);
                self.flag("dte", !m.terminal_ready);
                self.motion(&m.motion);
                self.text("shipname", m.name.as_deref());
                self.maybe("shiptype", m.ship_type);
                self.size(m.size);
                self.maybe("epfd", m.fix_device);
            }
            Message::Aid(m) => {
                self.put("repeat", m.link.repeat);
                self.flag("assigned", m.link.assigned);
                self.put("regional", m.state);
                self.maybe("aid_type", m.kind);
                self.text("name", m.name.as_deref());
                self.place(["lon", "lat"], m.position, 600_000.0);
                self.flag("accuracy", m.accurate);
                self.size(m.size);
                self.maybe("epfd", m.fix_device);
                self.maybe("second", m.second);
                self.maybe("off_position", m.off_position.map(u8::from));
                self.flag("raim", m.raim);
                self.flag("virtual_aid", m.is_virtual);
            }
            Message::ClassBName(m) => {
                self.put("repeat", m.link.repeat);
                self.put("part", "A");
                self.text("shipname", m.name.as_deref());
            }
            Message::ClassBParticulars(m) => {
                self.put("repeat", m.link.repeat);
                self.put("part", "B");
                self.text("vendorid", m.vendor.as_deref());
                self.put("model", m.unit_model);
                self.put("serial", m.unit_serial);
                self.maybe("shiptype", m.ship_type);
                self.text("callsign", m.call_sign.as_deref());
                self.maybe("epfd", m.fix_device);
                match m.mother_ship {
                    Some(ship) => self.put("mothership_mmsi", ship.0),
                    None if m.mmsi.kind() == MmsiKind::DaughterCraft => {
                        self.put("mothership_mmsi", 0);
                    }
                    None => self.size(m.size),
                }
            }
            Message::LongRange(m) => {
                self.put("repeat", m.link.repeat);
                self.maybe("status", m.nav_status);
                self.place(["lon", "lat"], m.position, 600.0);
                self.flag("accuracy", m.accurate);
                self.steps("speed", m.sog_kn, 1.0);
                self.steps("course", m.cog_deg, 1.0);
                self.flag("raim", m.raim);
                self.flag("gnss", !m.current_fix);
            }
            _ => return false,
        }
        true
    }

    /// What carries data or runs the radio link.
    fn service(&mut self, message: &Message) {
        match message {
            Message::Binary(m) => {
                self.put("repeat", m.repeat);
                self.receiver(m.addressed);
                self.put("dac", m.dac);
                self.put("fid", m.fid);
                self.data(&m.data);
            }
            Message::Acknowledgement(m) => {
                self.put("repeat", m.repeat);
                for (at, of) in m.of.iter().enumerate() {
                    self.maybe(&format!("mmsi{}", at + 1), of.map(|of| of.0.0));
                    self.maybe(&format!("mmsiseq{}", at + 1), of.map(|of| of.1));
                }
            }
            Message::Aircraft(m) => {
                self.put("repeat", m.repeat);
                self.maybe("alt", m.altitude_m);
                self.flag("barometric", m.barometric);
                self.steps("speed", m.sog_kn, 1.0);
                self.flag("accuracy", m.accurate);
                self.place(["lon", "lat"], m.position, 600_000.0);
                self.steps("course", m.cog_deg, 10.0);
                self.maybe("second", m.second);
                self.flag("dte", !m.terminal_ready);
                self.flag("assigned", m.assigned);
                self.flag("raim", m.raim);
                self.put("radio", m.radio);
            }
            Message::TimeInquiry(m) => {
                self.put("repeat", m.repeat);
                self.put("dest_mmsi", m.destination.0);
            }
            Message::SafetyText(m) => {
                self.put("repeat", m.repeat);
                self.receiver(m.addressed);
                self.text("text", m.text.as_deref());
            }
            Message::Interrogation(m) => {
                self.put("repeat", m.repeat);
                let [first, again, second] = m.questions;
                self.maybe(
                    "mmsi1",
                    first.or(again).map(|question| question.destination.0),
                );
                self.maybe("mmsi2", second.map(|question| question.destination.0));
                for (at, question) in [("1_1", first), ("1_2", again), ("2_1", second)] {
                    self.maybe(
                        &format!("type{at}"),
                        question.map(|question| question.wanted),
                    );
                    let offset = question.map(|question| question.slot_offset);
                    self.maybe(&format!("offset{at}"), offset);
                }
            }
            Message::Assignment(m) => {
                self.put("repeat", m.repeat);
                for (at, order) in m.orders.iter().enumerate() {
                    self.maybe(&format!("mmsi{}", at + 1), order.map(|order| order.0.0));
                    self.maybe(&format!("offset{}", at + 1), order.map(|order| order.1));
                    self.maybe(&format!("increment{}", at + 1), order.map(|order| order.2));
                }
            }
            Message::Corrections(m) => {
                self.put("repeat", m.repeat);
                self.place(["lon", "lat"], m.position, 600.0);
                self.data(&m.data);
            }
            Message::LinkManagement(m) => {
                self.put("repeat", m.repeat);
                for (at, slots) in m.reservations.iter().enumerate() {
                    let mut put =
                        |name, value: Option<u16>| self.maybe(&format!("{name}{}", at + 1), value);
                    put("offset", slots.map(|slots| slots.offset));
                    put("number", slots.map(|slots| slots.slots.into()));
                    put("timeout", slots.map(|slots| slots.time_out_min.into()));
                    put("increment", slots.map(|slots| slots.increment));
                }
            }
            Message::ChannelManagement(m) => {
                self.put("repeat", m.repeat);
                self.put("channel_a", m.channel_a);
                self.put("channel_b", m.channel_b);
                self.put("txrx", m.mode);
                self.flag("power", m.low_power);
                match &m.scope {
                    ChannelScope::Area(area) => self.area(area),
                    ChannelScope::Stations(first, second) => {
                        self.put("dest1", first.0);
                        self.put("dest2", second.0);
                    }
                }
                self.flag("band_a", m.narrow_a);
                self.flag("band_b", m.narrow_b);
                self.put("zonesize", m.zone_nm - 1);
            }
            Message::GroupAssignment(m) => {
                self.put("repeat", m.repeat);
                self.area(&m.area);
                self.put("stationtype", m.station_type);
                self.put("shiptype", m.ship_type);
                self.put("txrx", m.mode);
                self.put("interval", m.interval);
                self.maybe("quiet", m.quiet_min);
            }
            Message::SlotBinary(m) => {
                self.put("repeat", m.repeat);
                self.flag("addressed", m.destination.is_some());
                self.flag("structured", m.application.is_some());
                if let Some(to) = m.destination {
                    self.put("dest_mmsi", to.0);
                }
                if let Some((dac, fid)) = m.application {
                    self.put("app_id", u32::from(dac) << 6 | u32::from(fid));
                }
                self.data(&m.data);
                if let Some(radio) = m.radio {
                    self.put("radio", radio);
                }
            }
            Message::SingleSlotAid(m) => {
                self.put("repeat", m.repeat);
                self.maybe("second", m.second);
                self.place(["lon", "lat"], m.position, 600_000.0);
                self.put("restricted", m.restricted);
                self.put("stationtype", m.station_type);
                self.maybe("aid_type", m.kind);
                self.put("iala_mrn", m.resource);
                self.put("dimension", m.dimension_kind);
                self.put("dimensions_a", m.dimensions.0);
                self.put("dimensions_b", m.dimensions.1);
                self.flag("dimension_additional_data", m.more_dimensions);
                self.flag("charted_status", m.charted);
                self.put("station_status", m.status);
                self.put("status_bits", m.status_bits);
                self.flag("auth", m.authenticated);
            }
            own => panic!("{own:?}"),
        }
    }
}

fn turn(turn: Turn) -> i64 {
    match turn {
        Turn::PortFast => -127,
        Turn::StarboardFast => 127,
        Turn::Rate(rate) => (4.733 * rate.abs().sqrt()).round().copysign(rate) as i64,
    }
}

/// The fields of one of our messages.
pub fn ours(message: &Message) -> Fields {
    let mut ours = Ours(Fields::new());
    ours.put("type", message.type_number());
    ours.put("mmsi", message.mmsi().0);
    if !ours.own_report(message) {
        ours.service(message);
    }
    ours.0
}

/// Names of text.
const TEXTS: [&str; 7] = [
    "callsign",
    "shipname",
    "destination",
    "name",
    "name_ext",
    "vendorid",
    "text",
];

/// Another program's fields with what the standard calls "not available" put as [`NONE`].
pub fn told(mut fields: Fields) -> Fields {
    let kind: u32 = fields["type"].parse().expect("a type is a number");
    for (name, value) in &mut fields {
        if TEXTS.contains(&name.as_str()) {
            // Table 47: `@` fills what is not used.
            *value = value
                .split('@')
                .next()
                .unwrap_or_default()
                .trim()
                .to_owned();
        } else if value
            .parse()
            .is_ok_and(|value| is_absent(kind, name, value))
        {
            *value = NONE.to_owned();
        }
    }
    if let Some(data) = fields.get_mut("data") {
        *data = without_tail(data);
    }
    for names in [["lon", "lat"], ["ne_lon", "ne_lat"], ["sw_lon", "sw_lat"]] {
        let steps = match kind {
            17 | 22 | 23 | 27 => 600,
            _ => 600_000,
        };
        let beyond = |at: usize| {
            let value = fields
                .get(names[at])
                .and_then(|value| value.parse::<i64>().ok());
            value.is_some_and(|value| value.abs() > [180, 90][at] * steps)
        };
        if beyond(0) || beyond(1) {
            for name in names {
                fields.insert(name.to_owned(), NONE.to_owned());
            }
        }
    }
    fields
}

/// Data as `bits:hex` without what stands behind its last bit: gpsd leaves the bits that follow in the message.
fn without_tail(data: &str) -> String {
    let parts = data.split_once(':').and_then(|(bits, hex)| {
        let bits: usize = bits.parse().ok()?;
        let last = hex.len().checked_sub(2)?;
        let byte = u8::from_str_radix(hex.get(last..)?, 16).ok()?;
        let whole = bits.is_multiple_of(8) || hex.len() / 2 != bits.div_ceil(8);
        let kept = if whole { 0xFF } else { 0xFF << (8 - bits % 8) };
        Some(format!("{bits}:{}{:02x}", &hex[..last], byte & kept))
    });
    parts.unwrap_or_else(|| data.to_owned())
}

/// True for the values by which the radio says that it has none (Annex 8, clause 3).
fn is_absent(kind: u32, name: &str, value: i64) -> bool {
    match (kind, name) {
        (27, "speed") => value >= 63,
        (27, "course") => value >= 360,
        (_, "speed") => value >= 1023,
        (_, "course") => value >= 3600,
        (_, "heading") => value >= 360,
        (_, "second") => value >= 60,
        (1..=3 | 27, "status") => value == 15,
        (_, "turn") => value == -128,
        (_, "maneuver") => value == 0 || value == 3,
        (5 | 19 | 24, "shiptype") => value == 0 || value > 99,
        // 1 to 999,999 are not used, from 10,000,000 on are numbers of flag states: no IMO numbers.
        (_, "imo") => !(1_000_000..=9_999_999).contains(&value),
        (_, "epfd" | "draught" | "aid_type" | "quiet") => value == 0,
        (_, "month") => !(1..=12).contains(&value),
        (_, "day") => value == 0,
        (_, "hour") => value > 23,
        (_, "minute") => value > 59,
        (_, "alt") => value >= 4095,
        _ => false,
    }
}
