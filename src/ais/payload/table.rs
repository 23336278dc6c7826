//! The applications that are split, each with the lengths that its standard gives it.

use super::fields::Fields;
use super::{
    AidMonitoring, AirDraught, ApplicationAcknowledgement, ApplicationInterrogation, AreaNotice,
    Berth, CapabilityInterrogation, CapabilityReply, Clearance, DangerousCargo, DangerousGoods,
    Environment, ExtendedShip, FairwayClosed, InlandArrival, InlandPersons, InlandShip,
    InlandSignal, InlandSlot, MetHydro, Payload, PersonsOnBoard, Route, ShipObservation,
    SyntheticTargets, TextDescription, TextTelegram, TidalWindows, TrafficSignal, WaterLevels,
    WeatherWarning, WmoObservation,
};
use std::fmt;
use std::ops::RangeInclusive;

pub(super) fn find(dac: u16, fid: u8) -> Option<&'static Application> {
    APPLICATIONS.iter().find(|a| (a.dac, a.fid) == (dac, fid))
}

/// One application.
pub(super) struct Application {
    pub dac: u16,
    pub fid: u8,
    pub name: &'static str,
    pub layouts: &'static [Layout],
    /// `None` if the data contradict themselves on their length.
    pub read: fn(&mut Fields<'_>) -> Option<Payload>,
}

/// Lengths that data can have, bits.
pub(super) enum Layout {
    /// The fields without the spare bits behind, and with them.
    Fixed(usize, usize),
    /// A head, then items of this many bits.
    Items(usize, usize, RangeInclusive<usize>),
    /// A head, then text.
    Text(usize),
}

/// Bits that may stand behind: senders fill up to whole bytes or six-bit characters, and some add a byte.
pub(super) const FILL: usize = 8;

impl Layout {
    pub fn fits(&self, bits: usize) -> bool {
        match self {
            Self::Fixed(used, whole) => (*used..=whole + FILL).contains(&bits),
            Self::Items(head, item, counts) => bits
                .checked_sub(*head)
                .is_some_and(|bits| counts.contains(&(bits / item)) && bits % item <= FILL),
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
pub(super) struct Lengths<'a>(pub &'a u16, pub &'a u8);

impl fmt::Display for Lengths<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let layouts = find(*self.0, *self.1).map_or(&[][..], |application| application.layouts);
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

pub(super) const APPLICATIONS: &[Application] = &[
    application!(
        1 / 0,
        "text telegram",
        [Text(12)],
        TextTelegram,
        TextTelegram::read
    ),
    application!(
        1 / 2,
        "interrogation for an application",
        [Fixed(16, 80)],
        ApplicationInterrogation,
        ApplicationInterrogation::read
    ),
    application!(
        1 / 3,
        "capability interrogation",
        [Fixed(10, 80)],
        CapabilityInterrogation,
        CapabilityInterrogation::read
    ),
    application!(
        1 / 4,
        "capability reply",
        [Fixed(138, 264)],
        CapabilityReply,
        CapabilityReply::read
    ),
    application!(
        1 / 5,
        "application acknowledgement",
        [Fixed(31, 80)],
        ApplicationAcknowledgement,
        ApplicationAcknowledgement::read
    ),
    application!(
        1 / 11,
        "weather and water (2004)",
        [Fixed(288, 296)],
        MetHydro,
        MetHydro::read_circular_236
    ),
    application!(
        1 / 12,
        "dangerous cargo (2004)",
        [Fixed(269, 272)],
        DangerousGoods,
        DangerousGoods::read
    ),
    application!(
        1 / 13,
        "fairway closed",
        [Fixed(412, 416)],
        FairwayClosed,
        FairwayClosed::read
    ),
    application!(
        1 / 14,
        "tidal window (2004)",
        [Items(9, 93, 1..=3)],
        TidalWindows,
        TidalWindows::read_circular_236
    ),
    application!(
        1 / 15,
        "air draught",
        [Fixed(11, 16)],
        AirDraught,
        AirDraught::read
    ),
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
    application!(
        1 / 17,
        "targets of a vessel traffic service",
        [Items(0, 120, 1..=4)],
        SyntheticTargets,
        SyntheticTargets::read
    ),
    application!(
        1 / 18,
        "clearance time to enter port",
        [Fixed(229, 272)],
        Clearance,
        Clearance::read
    ),
    application!(
        1 / 19,
        "marine traffic signal",
        [Fixed(202, 304)],
        TrafficSignal,
        TrafficSignal::read
    ),
    application!(
        1 / 20,
        "berthing data",
        [Fixed(272, 272)],
        Berth,
        Berth::read
    ),
    Application {
        dac: 1,
        fid: 21,
        name: "weather observation from ship",
        layouts: &[Fixed(301, 304)],
        read: |fields| {
            Some(match (fields.flag(), fields.left()) {
                (false, _) => Payload::ShipObservation(ShipObservation::read(fields)),
                // The second form has no spare bits.
                (true, ..303) => return None,
                (true, _) => Payload::WmoObservation(WmoObservation::read(fields)),
            })
        },
    },
    application!(
        1 / 22,
        "area notice",
        [Items(55, 87, 1..=10)],
        AreaNotice,
        AreaNotice::read
    ),
    application!(
        1 / 23,
        "area notice, addressed",
        [Items(55, 87, 1..=10)],
        AreaNotice,
        AreaNotice::read
    ),
    application!(
        1 / 24,
        "extended ship static and voyage data",
        [Fixed(294, 304)],
        ExtendedShip,
        ExtendedShip::read
    ),
    application!(
        1 / 25,
        "dangerous cargo",
        [Items(12, 17, 1..=28)],
        DangerousCargo,
        DangerousCargo::read
    ),
    application!(
        1 / 26,
        "environment",
        [Items(0, 112, 1..=8)],
        Environment,
        Environment::read
    ),
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
    application!(
        1 / 29,
        "text description",
        [Text(10)],
        TextDescription,
        TextDescription::read
    ),
    application!(
        1 / 30,
        "text description, addressed",
        [Text(10)],
        TextDescription,
        TextDescription::read
    ),
    application!(
        1 / 31,
        "weather and water",
        [Fixed(294, 304)],
        MetHydro,
        MetHydro::read_circular_289
    ),
    application!(
        1 / 32,
        "tidal window",
        [Items(9, 88, 1..=3)],
        TidalWindows,
        TidalWindows::read_circular_289
    ),
    application!(
        1 / 40,
        "persons on board (2001)",
        [Fixed(13, 16)],
        PersonsOnBoard,
        PersonsOnBoard::read
    ),
    application!(
        200 / 10,
        "inland ship static and voyage data",
        [Fixed(104, 112)],
        InlandShip,
        InlandShip::read
    ),
    application!(
        200 / 21,
        "inland ETA at lock, bridge or terminal",
        [Fixed(155, 160)],
        InlandArrival,
        InlandArrival::read
    ),
    application!(
        200 / 22,
        "inland RTA at lock, bridge or terminal",
        [Fixed(142, 144)],
        InlandSlot,
        InlandSlot::read
    ),
    application!(
        200 / 23,
        "inland weather warning (EMMA)",
        [Fixed(194, 200)],
        WeatherWarning,
        WeatherWarning::read
    ),
    application!(
        200 / 24,
        "inland water levels",
        [Fixed(112, 112)],
        WaterLevels,
        WaterLevels::read
    ),
    application!(
        200 / 40,
        "inland signal status",
        [Fixed(101, 112)],
        InlandSignal,
        InlandSignal::read
    ),
    application!(
        200 / 55,
        "inland persons on board",
        [Fixed(29, 112)],
        InlandPersons,
        InlandPersons::read
    ),
    application!(
        235 / 10,
        "aid to navigation monitoring (UK)",
        [Fixed(44, 48)],
        AidMonitoring,
        AidMonitoring::read
    ),
    application!(
        250 / 10,
        "aid to navigation monitoring (Ireland)",
        [Fixed(44, 48)],
        AidMonitoring,
        AidMonitoring::read
    ),
];
