//! Fields of a row, wherever they come from → a report, static data, or the reason for neither.

use super::field::{FIELDS, Field, RadioUnits};
use super::value::{
    Instant, class, class_of_type, decimal, imo_number, instant, is_whole, nav_status, ship_type,
    text, whole,
};
use crate::ais::message::is_beacon;
use crate::ais::reception::{Origin, Reception, RejectReason};
use crate::model::track::{AisClass, Distress, Position, Vessel};
use crate::model::units::{LonLat, Mmsi, MmsiKind};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;

/// Text of each field; empty where the row has none.
#[derive(Clone, Copy)]
pub(super) struct Values<'a>(pub [&'a [u8]; FIELDS]);

/// Radio's "not available" of speed, knots: 102.3; course: 360; heading: 511.
const NO_SPEED_KN: f64 = 102.25;

/// Takes rows into a reception. Tables repeat a ship's static data in every row: what is told again is not kept again.
#[derive(Default)]
pub(in crate::ais) struct Rows {
    /// What was read.
    pub reception: Reception,
    /// What each identity told last.
    last_told: HashMap<Mmsi, LastTold>,
}

/// What one identity told last, and how often again.
struct LastTold {
    /// Its place in the reception's static data.
    at: usize,
    /// Latest time of all that is kept of the identity.
    latest: Timestamp,
    /// When the same was told again, and not kept.
    again: Vec<Timestamp>,
}

/// What a row tells.
struct Row {
    mmsi: Mmsi,
    time: Timestamp,
    number: Option<u32>,
    position: Option<Position>,
    vessel: Vessel,
    status: Option<u8>,
}

impl<'a> Values<'a> {
    pub(super) fn none() -> Self {
        Self([b""; FIELDS])
    }

    fn get(&self, field: Field) -> &'a [u8] {
        self.0[field as usize]
    }

    fn row(&self, radio_units: Option<RadioUnits>) -> Result<Row, RejectReason> {
        let mmsi = whole(self.get(Field::Mmsi))
            .map(Mmsi)
            .ok_or(RejectReason::Malformed)?;
        let instant = instant(self.get(Field::Time)).ok_or(RejectReason::BadTime)?;
        let (time, scaled) = match instant {
            // Degrees with a point are degrees, whatever the time is written as.
            Instant::Unix(time)
                if is_whole(self.get(Field::Lon)) && is_whole(self.get(Field::Lat)) =>
            {
                (time, radio_units)
            }
            Instant::Unix(time) | Instant::Calendar(time) => (time, None),
        };
        let milliseconds = whole(self.get(Field::Millisecond)).unwrap_or(0).min(999);
        let milliseconds = SignedDuration::from_millis(i64::from(milliseconds));
        let time = time
            .checked_add(milliseconds)
            .map_err(|_beyond| RejectReason::BadTime)?;
        let number = whole(self.get(Field::MessageNumber));
        let status = nav_status(self.get(Field::Status));
        let class = match (class(self.get(Field::Class)), number) {
            (Some(class), _) => Some(class),
            // A table that tells types tells a place only for types that have one: others repeat an older place.
            (None, Some(number)) => class_of_type(number),
            // Tables that tell neither hold class A in the main.
            (None, None) => Some(AisClass::A),
        };
        let position = match class {
            Some(class) => self.position(scaled)?.map(|position| Position {
                mmsi,
                time,
                position,
                sog_kn: self
                    .scaled(Field::Sog, scaled, 10.0)
                    .filter(|v| (0.0..NO_SPEED_KN).contains(v)),
                cog_deg: self
                    .scaled(Field::Cog, scaled, 10.0)
                    .filter(|v| (0.0..360.0).contains(v)),
                heading_deg: self
                    .scaled(Field::Heading, None, 1.0)
                    .filter(|v| (0.0..360.0).contains(v)),
                nav_status: status.filter(|status| *status < 15 || is_beacon(mmsi)),
                class,
            }),
            None => None,
        };
        let vessel = self.vessel(scaled);
        Ok(Row {
            mmsi,
            time,
            number,
            position,
            vessel,
            status,
        })
    }

    /// A number; radio units are divided by their steps.
    fn scaled(&self, field: Field, radio_units: Option<RadioUnits>, steps: f64) -> Option<f64> {
        let value = decimal(self.get(field))?;
        Some(radio_units.map_or(value, |RadioUnits| value / steps))
    }

    /// The place; `None` if it is not told or not available.
    fn position(&self, radio_units: Option<RadioUnits>) -> Result<Option<LonLat>, RejectReason> {
        let (lon, lat) = (self.get(Field::Lon), self.get(Field::Lat));
        if lon.trim_ascii().is_empty() && lat.trim_ascii().is_empty() {
            return Ok(None);
        }
        let degrees = |field| {
            self.scaled(field, radio_units, 600_000.0)
                .ok_or(RejectReason::Malformed)
        };
        let (lon_deg, lat_deg) = (degrees(Field::Lon)?, degrees(Field::Lat)?);
        let in_range = lat_deg.abs() <= 90.0 && lon_deg.abs() <= 180.0;
        Ok(in_range.then(|| LonLat::new(lon_deg, lat_deg)))
    }

    fn vessel(&self, radio_units: Option<RadioUnits>) -> Vessel {
        let positive = |field, steps| {
            self.scaled(field, radio_units, steps)
                .filter(|value| *value > 0.0)
        };
        let sum = |a, b| {
            let metres = decimal(self.get(a))? + decimal(self.get(b))?;
            (metres > 0.0).then_some(metres)
        };
        Vessel {
            name: text(self.get(Field::Name)),
            call_sign: text(self.get(Field::CallSign)),
            imo: imo_number(self.get(Field::Imo)),
            ship_type: ship_type(self.get(Field::ShipType)),
            length_m: positive(Field::Length, 1.0).or_else(|| sum(Field::ToBow, Field::ToStern)),
            width_m: positive(Field::Width, 1.0).or_else(|| sum(Field::ToPort, Field::ToStarboard)),
            draught_m: positive(Field::Draught, 10.0),
            destination: text(self.get(Field::Destination)),
        }
    }
}

impl Rows {
    /// Forgets what was told last: the reception was taken out.
    pub(super) fn forget(&mut self) {
        self.last_told.clear();
    }

    /// Takes the row, or counts it.
    pub(super) fn take(
        &mut self,
        values: &Values<'_>,
        radio_units: Option<RadioUnits>,
        origin: Origin,
    ) {
        self.reception.lines += 1;
        match values.row(radio_units) {
            Ok(row) => self.take_row(row, origin),
            Err(reason) => self.reception.reject(reason, origin),
        }
    }

    fn take_row(&mut self, row: Row, origin: Origin) {
        let reception = &mut self.reception;
        reception.messages += 1;
        if let Some(number) = row.number.and_then(|number| u8::try_from(number).ok()) {
            *reception.messages_by_type.entry(number).or_default() += 1;
        }
        if row.mmsi.kind() == MmsiKind::Invalid {
            return reception.reject(RejectReason::InvalidMmsi, origin);
        }
        match row.status {
            Some(14) if is_beacon(row.mmsi) => reception.note_distress(row.mmsi, Distress::Active),
            Some(15) if is_beacon(row.mmsi) => reception.note_distress(row.mmsi, Distress::Test),
            _ => {}
        }
        let told = row.vessel != Vessel::default();
        if row.position.is_none() && !told {
            return reception.reject(RejectReason::NoPosition, origin);
        }
        reception.accepted_lines += origin.lines;
        reception.note_time(row.time);
        reception.positions.extend(row.position);
        if told {
            self.tell(row.mmsi, row.time, row.vessel);
        }
    }

    /// Keeps what `mmsi` told at `time`, unless the last that is kept tells it. Rows out of order between the tellings of
    /// one thing bring those back, so that no row in between is given what another ship on the MMSI told.
    fn tell(&mut self, mmsi: Mmsi, time: Timestamp, vessel: Vessel) {
        let statics = &mut self.reception.statics;
        let mut latest = time;
        if let Some(last) = self.last_told.get_mut(&mmsi)
            && let Some((_, before, known)) = statics.get(last.at)
        {
            let before = *before;
            if *known == vessel && before == last.latest && before <= time {
                last.again.push(time);
                return;
            }
            latest = last.latest.max(time);
            if last.again.iter().any(|again| *again > time) {
                let known = known.clone();
                latest = last.again.iter().copied().fold(latest, Timestamp::max);
                let again = last.again.drain(..);
                statics.extend(again.map(|again| (mmsi, again, known.clone())));
            }
        }
        let told = LastTold {
            at: statics.len(),
            latest,
            again: Vec::new(),
        };
        self.last_told.insert(mmsi, told);
        statics.push((mmsi, time, vessel));
    }
}
