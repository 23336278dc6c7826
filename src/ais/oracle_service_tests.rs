//! The types of [`service`](super::service) beside golden records: every field that gpsd and libais name alike.

use super::message::Message;
use super::oracle_tests::Beside;
use crate::model::units::LonLat;

impl Beside<'_> {
    /// Compares a number that the record may have under this name; data fields of one type differ between programs.
    fn if_named(&mut self, key: &str, ours: impl Into<f64>) {
        if let Some(golden) = self.golden.get(key).and_then(serde_json::Value::as_f64) {
            self.near(key, Some(golden), Some(ours.into()), 1e-4);
        }
    }

    fn flag_if_named(&mut self, key: &str, ours: bool) {
        if let Some(golden) = self.golden.get(key).and_then(serde_json::Value::as_bool) {
            self.same(key, golden, ours);
        }
    }

    /// gpsd writes one decimal of these places, so they agree to 0.05°.
    fn corner(&mut self, keys: [&str; 2], ours: Option<LonLat>) {
        if self.golden.get(keys[0]).is_some() {
            let golden = keys.map(|key| self.scaled(key, 600.0));
            let known = golden[0].abs() <= 180.0 && golden[1].abs() <= 90.0;
            let golden = known.then_some(golden);
            self.near(
                keys[0],
                golden.map(|at| at[0]),
                ours.map(|at| at.lon_deg),
                0.0501,
            );
            self.near(
                keys[1],
                golden.map(|at| at[1]),
                ours.map(|at| at.lat_deg),
                0.0501,
            );
        }
    }

    fn data(&mut self, ours: &super::text::Data) {
        // gpsd writes `bits:hex`, libais only the hex of some types.
        let golden = self.golden.get("data").and_then(|data| data.as_str());
        if let Some((bits, hex)) = golden.and_then(|golden| golden.split_once(':')) {
            let ours_hex: String = ours
                .bytes()
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            self.same("data bits", bits, ours.len().to_string().as_str());
            // gpsd leaves the bits behind the data's end in its last byte.
            let whole = ours.len() / 8 * 2;
            let (hex, ours_hex) = (&hex[..whole], &ours_hex[..whole]);
            self.same("data", hex, ours_hex);
        }
    }

    fn receiver(&mut self, addressed: Option<super::service::Addressed>) {
        if let Some(to) = addressed {
            self.if_named("dest_mmsi", to.destination.0);
            self.if_named("seqno", to.sequence);
            // libais (whose records have `spare`) turns the flag about; Annex 8 §3.4: 1 = retransmitted.
            if self.golden.get("spare").is_none() {
                self.flag_if_named("retransmit", to.retransmitted);
            }
        }
    }

    /// Types 6–17, 20, 22, 23, 25, 26.
    pub(super) fn service(&mut self, ours: &Message) {
        match ours {
            Message::Binary(binary) => {
                self.receiver(binary.addressed);
                self.if_named("dac", binary.dac);
                self.if_named("fid", binary.fid);
                self.data(&binary.data);
            }
            Message::Acknowledgement(message) => {
                // gpsd also gives a station of which the message's end cut some bits off (Annex 8 §3.5: 32 bits each).
                for (at, of) in message.of.iter().flatten().enumerate() {
                    self.if_named(&format!("mmsi{}", at + 1), of.0.0);
                }
            }
            Message::Aircraft(aircraft) => {
                self.choice("alt", 0..=4094, aircraft.altitude_m.map(u32::from));
                // libais (whose records have `alt_sensor`) takes tenths of knots; Annex 8 §3.7: knots.
                let step = if self.golden.get("alt_sensor").is_some() {
                    0.1
                } else {
                    1.0
                };
                let sog = aircraft.sog_kn.map(|sog_kn| sog_kn * step);
                self.quantity("speed", 1.0, 1023.0 * step, sog);
                self.place(600_000.0, aircraft.position);
                self.quantity("course", 10.0, 360.0, aircraft.cog_deg);
                self.choice("second", 0..=59, aircraft.second.map(u32::from));
                self.flag("accuracy", aircraft.accurate);
                self.flag_if_named("raim", aircraft.raim);
                self.flag_if_named("assigned", aircraft.assigned);
            }
            Message::TimeInquiry(message) => self.if_named("dest_mmsi", message.destination.0),
            Message::SafetyText(message) => {
                self.receiver(message.addressed);
                self.text("text", message.text.as_deref());
            }
            Message::Interrogation(message) => {
                let keys = [
                    ("mmsi1", "type1_1", "offset1_1"),
                    ("mmsi1", "type1_2", "offset1_2"),
                    ("mmsi2", "type2_1", "offset2_1"),
                ];
                for (question, keys) in message.questions.iter().zip(keys) {
                    if let Some(question) = question {
                        self.if_named(keys.0, question.destination.0);
                        self.if_named(keys.1, question.wanted);
                        self.if_named(keys.2, question.slot_offset);
                    }
                }
            }
            Message::Assignment(message) => {
                for (at, order) in message.orders.iter().flatten().enumerate() {
                    self.if_named(&format!("mmsi{}", at + 1), order.0.0);
                    self.if_named(&format!("offset{}", at + 1), order.1);
                    self.if_named(&format!("increment{}", at + 1), order.2);
                }
            }
            Message::Corrections(message) => {
                self.corner(["lon", "lat"], message.position);
                self.data(&message.data);
            }
            Message::LinkManagement(message) => {
                for (at, slots) in message.reservations.iter().flatten().enumerate() {
                    self.if_named(&format!("offset{}", at + 1), slots.offset);
                    self.if_named(&format!("number{}", at + 1), slots.slots);
                    self.if_named(&format!("timeout{}", at + 1), slots.time_out_min);
                    self.if_named(&format!("increment{}", at + 1), slots.increment);
                }
            }
            Message::ChannelManagement(message) => {
                self.if_named("channel_a", message.channel_a);
                self.if_named("channel_b", message.channel_b);
                self.if_named("txrx", message.mode);
                self.flag_if_named("power", message.low_power);
                match message.scope {
                    super::service::ChannelScope::Area(area) => {
                        self.corner(["ne_lon", "ne_lat"], area.north_east);
                        self.corner(["sw_lon", "sw_lat"], area.south_west);
                    }
                    super::service::ChannelScope::Stations(first, second) => {
                        self.if_named("dest1", first.0);
                        self.if_named("dest2", second.0);
                    }
                }
            }
            Message::GroupAssignment(message) => {
                self.corner(["ne_lon", "ne_lat"], message.area.north_east);
                self.corner(["sw_lon", "sw_lat"], message.area.south_west);
                self.if_named("stationtype", message.station_type);
                self.if_named("shiptype", message.ship_type);
                self.if_named("txrx", message.mode);
                self.if_named("interval", message.interval);
                self.if_named("quiet", message.quiet_min.unwrap_or(0));
            }
            Message::SlotBinary(message) => {
                self.flag_if_named("addressed", message.destination.is_some());
                self.flag_if_named("structured", message.application.is_some());
                if let Some(to) = message.destination {
                    self.if_named("dest_mmsi", to.0);
                }
                if let Some((dac, fid)) = message.application {
                    self.if_named("app_id", u32::from(dac) << 6 | u32::from(fid));
                }
                self.data(&message.data);
            }
            other => self.same("a type compared", "service", &format!("{other:?}")),
        }
    }
}
