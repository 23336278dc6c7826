//! What applications say in binary messages (types 6, 8, 25, 26): bits → typed fields in physical units.
//!
//! The decoder keeps the data as bits; they are split when asked, by [`Binary::payload`] or [`SlotBinary::payload`]. Which
//! application it is says the pair of designated area code and function identifier; each has the lengths that its standard
//! gives it ([`APPLICATIONS`](applications)), with or without the spare bits at its end, and data of another length are not
//! split: pairs are also used for other things. Values that are "not available" or reserved are `None`.
//!
//! Sources: ITU-R M.1371-5 Annex 5; IMO SN.1/Circ.236 (2004) and SN.1/Circ.289 (2010); Vessel Tracking and Tracing Standard
//! for Inland Navigation.

mod aid;
mod area;
mod environment;
mod fields;
mod geometry;
mod inland;
mod link;
mod meteo;
mod observation;
mod port;
mod ship;
#[cfg(test)]
mod tests;

pub use aid::AidMonitoring;
pub use area::{AreaNotice, Leg, SubArea};
pub use environment::{
    CurrentVector, DistantCurrent, Environment, Sensor, SensorReport, WindReport,
};
pub use fields::{Clock, Moment};
pub use geometry::Shape;
pub use inland::{
    Date, Gauge, InlandArrival, InlandPersons, InlandShip, InlandSignal, InlandSlot, RisLocation,
    WaterLevels, WeatherWarning,
};
pub use link::{
    ApplicationAcknowledgement, ApplicationInterrogation, CapabilityInterrogation, CapabilityReply,
    TextDescription, TextTelegram,
};
pub use meteo::{Current, MetHydro, Wave};
pub use observation::{ShipObservation, Wind, WmoObservation};
pub use port::{
    Berth, Clearance, FairwayClosed, Route, TidalWindow, TidalWindows, TrafficSignal,
};
pub use ship::{
    AirDraught, Cargo, DangerousCargo, DangerousGoods, ExtendedShip, PersonsOnBoard,
    SyntheticTarget, SyntheticTargets, TargetId,
};

use super::service::{Binary, SlotBinary};
use super::text::Data;
use fields::Fields;
use serde::Serialize;
use std::fmt;
use std::ops::RangeInclusive;

/// Fields of one application's data.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
#[allow(
    clippy::large_enum_variant,
    reason = "made on request and looked at once; a box would only ask for memory"
)]
#[allow(missing_docs, reason = "each variant is its record")]
pub enum Payload {
    TextTelegram(TextTelegram),
    ApplicationInterrogation(ApplicationInterrogation),
    CapabilityInterrogation(CapabilityInterrogation),
    CapabilityReply(CapabilityReply),
    ApplicationAcknowledgement(ApplicationAcknowledgement),
    MetHydro(MetHydro),
    DangerousGoods(DangerousGoods),
    FairwayClosed(FairwayClosed),
    TidalWindows(TidalWindows),
    AirDraught(AirDraught),
    PersonsOnBoard(PersonsOnBoard),
    SyntheticTargets(SyntheticTargets),
    Clearance(Clearance),
    TrafficSignal(TrafficSignal),
    Berth(Berth),
    ShipObservation(ShipObservation),
    WmoObservation(WmoObservation),
    AreaNotice(AreaNotice),
    ExtendedShip(ExtendedShip),
    DangerousCargo(DangerousCargo),
    Environment(Environment),
    Route(Route),
    TextDescription(TextDescription),
    InlandShip(InlandShip),
    InlandArrival(InlandArrival),
    InlandSlot(InlandSlot),
    WeatherWarning(WeatherWarning),
    WaterLevels(WaterLevels),
    InlandSignal(InlandSignal),
    InlandPersons(InlandPersons),
    AidMonitoring(AidMonitoring),
}

/// Why data are not split into fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PayloadError {
    /// A message of type 25 or 26 without structure.
    #[error("the message names no application")]
    NoApplication,
    /// An application that is not read here.
    #[error("application {dac}/{fid} is not split into fields")]
    Unknown {
        /// Designated area code.
        dac: u16,
        /// Function identifier.
        fid: u8,
    },
    /// The data have a length that the application does not have.
    #[error("{bits} bits are no {name} ({dac}/{fid}), expected {}", Lengths(*.dac, *.fid))]
    Length {
        /// Designated area code.
        dac: u16,
        /// Function identifier.
        fid: u8,
        /// Name of the application.
        name: &'static str,
        /// Bits of the data.
        bits: usize,
    },
}

impl Binary {
    /// Splits the data into fields.
    ///
    /// # Errors
    ///
    /// [`PayloadError`] if the application is not read here or does not have the data's length.
    pub fn payload(&self) -> Result<Payload, PayloadError> {
        split(self.dac, self.fid, &self.data)
    }
}

impl SlotBinary {
    /// Splits the data into fields.
    ///
    /// # Errors
    ///
    /// As [`Binary::payload`], and if the message has no structure.
    pub fn payload(&self) -> Result<Payload, PayloadError> {
        let (dac, fid) = self.application.ok_or(PayloadError::NoApplication)?;
        split(dac, fid, &self.data)
    }
}

/// Name of an application that is split into fields.
pub fn application_name(dac: u16, fid: u8) -> Option<&'static str> {
    find(dac, fid).map(|application| application.name)
}

/// Every application that is split: designated area code, function identifier, name.
pub fn applications() -> impl Iterator<Item = (u16, u8, &'static str)> {
    APPLICATIONS.iter().map(|a| (a.dac, a.fid, a.name))
}

fn find(dac: u16, fid: u8) -> Option<&'static Application> {
    APPLICATIONS.iter().find(|a| (a.dac, a.fid) == (dac, fid))
}

fn split(dac: u16, fid: u8, data: &Data) -> Result<Payload, PayloadError> {
    let application = find(dac, fid).ok_or(PayloadError::Unknown { dac, fid })?;
    let fits = application.layouts.iter().any(|layout| layout.fits(data.len()));
    let payload = fits
        .then(|| (application.read)(&mut Fields::new(data)))
        .flatten();
    payload.ok_or(PayloadError::Length {
        dac,
        fid,
        name: application.name,
        bits: data.len(),
    })
}

/// One application.
struct Application {
    dac: u16,
    fid: u8,
    name: &'static str,
    layouts: &'static [Layout],
    /// `None` if the data contradict themselves on their length.
    read: fn(&mut Fields<'_>) -> Option<Payload>,
}

/// Lengths that data can have, bits.
enum Layout {
    /// The fields without the spare bits behind, and with them.
    Fixed(usize, usize),
    /// A head, then items of this many bits.
    Items(usize, usize, RangeInclusive<usize>),
    /// A head, then text.
    Text(usize),
}

/// Fill bits that a sender or receiver may add up to a whole byte or six-bit character.
const FILL: usize = 7;

impl Layout {
    fn fits(&self, bits: usize) -> bool {
        match self {
            Self::Fixed(used, whole) => (*used..=whole + FILL).contains(&bits),
            Self::Items(head, item, counts) => bits.checked_sub(*head).is_some_and(|bits| {
                counts.contains(&(bits / item)) && bits % item <= FILL
            }),
            Self::Text(head) => bits >= *head,
        }
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(used, whole) if used == whole => write!(f, "{used}"),
            Self::Fixed(used, whole) => write!(f, "{used} to {whole}"),
            Self::Items(head, item, counts) => {
                let (least, most) = (counts.start(), counts.end());
                write!(f, "{head} and {least} to {most} times {item}")
            }
            Self::Text(head) => write!(f, "{head} or more"),
        }
    }
}

/// The lengths of an application, for people.
struct Lengths(u16, u8);

impl fmt::Display for Lengths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let layouts = find(self.0, self.1).map_or(&[][..], |application| application.layouts);
        for (at, layout) in layouts.iter().enumerate() {
            let between = if at > 0 { ", or " } else { "" };
            write!(f, "{between}{layout}")?;
        }
        Ok(())
    }
}

/// A row of the table.
macro_rules! application {
    ($dac:literal / $fid:literal, $name:literal, [$($layout:expr),+], $variant:ident, $read:path) => {
        Application {
            dac: $dac,
            fid: $fid,
            name: $name,
            layouts: &[$($layout),+],
            read: |fields| Some(Payload::$variant($read(fields))),
        }
    };
}

use Layout::{Fixed, Items, Text};

const APPLICATIONS: &[Application] = &[
    application!(1 / 0, "text telegram", [Text(12)], TextTelegram, TextTelegram::read),
    application!(1 / 2, "interrogation for an application", [Fixed(16, 80)], ApplicationInterrogation, ApplicationInterrogation::read),
    application!(1 / 3, "capability interrogation", [Fixed(10, 80)], CapabilityInterrogation, CapabilityInterrogation::read),
    application!(1 / 4, "capability reply", [Fixed(138, 264)], CapabilityReply, CapabilityReply::read),
    application!(1 / 5, "application acknowledgement", [Fixed(31, 80)], ApplicationAcknowledgement, ApplicationAcknowledgement::read),
    application!(1 / 11, "weather and water (2004)", [Fixed(290, 296)], MetHydro, MetHydro::read_circular_236),
    application!(1 / 12, "dangerous cargo (2004)", [Fixed(269, 272)], DangerousGoods, DangerousGoods::read),
    application!(1 / 13, "fairway closed", [Fixed(412, 416)], FairwayClosed, FairwayClosed::read),
    application!(1 / 14, "tidal window (2004)", [Items(9, 93, 1..=3)], TidalWindows, TidalWindows::read_circular_236),
    application!(1 / 15, "air draught", [Fixed(11, 16)], AirDraught, AirDraught::read),
    Application {
        dac: 1,
        fid: 16,
        name: "persons on board, or targets of a vessel traffic service",
        layouts: &[Fixed(13, 48), Items(0, 120, 1..=7)],
        read: |fields| {
            Some(match fields.left() {
                ..120 => Payload::PersonsOnBoard(PersonsOnBoard::read(fields)),
                _ => Payload::SyntheticTargets(SyntheticTargets::read(fields)),
            })
        },
    },
    application!(1 / 17, "targets of a vessel traffic service", [Items(0, 120, 1..=4)], SyntheticTargets, SyntheticTargets::read),
    application!(1 / 18, "clearance time to enter port", [Fixed(229, 272)], Clearance, Clearance::read),
    application!(1 / 19, "marine traffic signal", [Fixed(202, 304)], TrafficSignal, TrafficSignal::read),
    application!(1 / 20, "berthing data", [Fixed(272, 272)], Berth, Berth::read),
    Application {
        dac: 1,
        fid: 21,
        name: "weather observation from ship",
        layouts: &[Fixed(301, 304)],
        read: |fields| {
            Some(match fields.flag() {
                false => Payload::ShipObservation(ShipObservation::read(fields)),
                true => Payload::WmoObservation(WmoObservation::read(fields)),
            })
        },
    },
    application!(1 / 22, "area notice", [Items(55, 87, 1..=10)], AreaNotice, AreaNotice::read),
    application!(1 / 23, "area notice, addressed", [Items(55, 87, 1..=10)], AreaNotice, AreaNotice::read),
    application!(1 / 24, "extended ship static and voyage data", [Fixed(294, 304)], ExtendedShip, ExtendedShip::read),
    application!(1 / 25, "dangerous cargo", [Items(12, 17, 1..=28)], DangerousCargo, DangerousCargo::read),
    application!(1 / 26, "environment", [Items(0, 112, 1..=8)], Environment, Environment::read),
    Application {
        dac: 1,
        fid: 27,
        name: "route",
        layouts: &[Items(61, 55, 1..=16)],
        read: |fields| Route::read(fields).map(Payload::Route),
    },
    Application {
        dac: 1,
        fid: 28,
        name: "route, addressed",
        layouts: &[Items(61, 55, 1..=16)],
        read: |fields| Route::read(fields).map(Payload::Route),
    },
    application!(1 / 29, "text description", [Text(10)], TextDescription, TextDescription::read),
    application!(1 / 30, "text description, addressed", [Text(10)], TextDescription, TextDescription::read),
    application!(1 / 31, "weather and water", [Fixed(294, 304)], MetHydro, MetHydro::read_circular_289),
    application!(1 / 32, "tidal window", [Items(9, 88, 1..=3)], TidalWindows, TidalWindows::read_circular_289),
    application!(1 / 40, "persons on board (2001)", [Fixed(13, 16)], PersonsOnBoard, PersonsOnBoard::read),
    application!(200 / 10, "inland ship static and voyage data", [Fixed(104, 112)], InlandShip, InlandShip::read),
    application!(200 / 21, "inland ETA at lock, bridge or terminal", [Fixed(155, 160)], InlandArrival, InlandArrival::read),
    application!(200 / 22, "inland RTA at lock, bridge or terminal", [Fixed(142, 144)], InlandSlot, InlandSlot::read),
    application!(200 / 23, "inland weather warning (EMMA)", [Fixed(194, 200)], WeatherWarning, WeatherWarning::read),
    application!(200 / 24, "inland water levels", [Fixed(112, 112)], WaterLevels, WaterLevels::read),
    application!(200 / 40, "inland signal status", [Fixed(101, 112)], InlandSignal, InlandSignal::read),
    application!(200 / 55, "inland persons on board", [Fixed(29, 112)], InlandPersons, InlandPersons::read),
    application!(235 / 10, "aid to navigation monitoring (UK)", [Fixed(44, 48)], AidMonitoring, AidMonitoring::read),
    application!(250 / 10, "aid to navigation monitoring (Ireland)", [Fixed(44, 48)], AidMonitoring, AidMonitoring::read),
];
