//! AIS reports as rows of text: the one table behind CSV and vector formats.
//!
//! Times are RFC 3339 in UTC, an unknown value is an empty field, numbers have a fixed count of decimals. Only in CSV a text
//! that a spreadsheet would run as a formula is disarmed, as in the other tables: in a vector file nothing would run it.

use super::csv;
use super::csv::number;
use super::text::{rfc3339, without_controls};
use crate::model::track::{AisClass, Position, Vessel};

/// Columns of the table.
pub const COLUMNS: [&str; 17] = [
    "mmsi",
    "datetime",
    "lon",
    "lat",
    "sog_kn",
    "cog_deg",
    "heading_deg",
    "nav_status",
    "class",
    "vessel_name",
    "call_sign",
    "imo",
    "ship_type",
    "length_m",
    "width_m",
    "draught_m",
    "destination",
];

/// Columns whose text people typed.
const TYPED: [&str; 3] = ["vessel_name", "call_sign", "destination"];

/// One report with what its sender had told of itself, for a CSV file.
pub fn csv_row(report: &Position, vessel: &Vessel) -> [String; 17] {
    let mut row = row(report, vessel);
    for (name, value) in COLUMNS.iter().zip(&mut row) {
        if TYPED.contains(name) {
            *value = csv::text(value);
        }
    }
    row
}

/// One report with what its sender had told of itself.
pub fn row(report: &Position, vessel: &Vessel) -> [String; 17] {
    let whole = |value: Option<u32>| value.map(|value| value.to_string()).unwrap_or_default();
    [
        report.mmsi.to_string(),
        rfc3339(report.time),
        number(Some(report.position.lon_deg), 6),
        number(Some(report.position.lat_deg), 6),
        number(report.sog_kn, 1),
        number(report.cog_deg, 1),
        number(report.heading_deg, 0),
        whole(report.nav_status.map(u32::from)),
        class(report.class).to_owned(),
        typed(&vessel.name),
        typed(&vessel.call_sign),
        whole(vessel.imo),
        whole(vessel.ship_type.map(u32::from)),
        number(vessel.length_m, 1),
        number(vessel.width_m, 1),
        number(vessel.draught_m, 1),
        typed(&vessel.destination),
    ]
}

/// Text that people typed, without controls; empty if none is told.
pub fn typed(text: &Option<String>) -> String {
    text.as_deref().map(without_controls).unwrap_or_default()
}

/// The class's word.
pub fn class(class: AisClass) -> &'static str {
    match class {
        AisClass::A => "A",
        AisClass::B => "B",
        AisClass::LongRange => "long-range",
        AisClass::BaseStation => "base-station",
        AisClass::SarAircraft => "sar-aircraft",
        AisClass::AidToNavigation => "aid-to-navigation",
        AisClass::VirtualAidToNavigation => "virtual-aid-to-navigation",
    }
}
