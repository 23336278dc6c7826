//! What is remembered of a ship, as text for the store: short, and exact to the nanosecond and the last digit.

use crate::alert::Past;
use crate::model::track::{AisClass, Distress, Position, Track, Vessel};
use crate::model::units::{LonLat, Mmsi};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A ship's recent track and what came before it.
#[derive(Serialize, Deserialize)]
struct Memory {
    mmsi: u32,
    part: u32,
    class: AisClass,
    vessel: Vessel,
    simulated: bool,
    distress: Option<Distress>,
    past: Past,
    reports: Vec<Report>,
}

/// Nanoseconds since 1970, longitude, latitude, speed, course, heading, status, class.
type Report = (
    i64,
    f64,
    f64,
    Option<f64>,
    Option<f64>,
    Option<f64>,
    Option<u8>,
    AisClass,
);

/// Writes it down.
///
/// # Errors
///
/// If a number is not finite, which no reader of AIS gives.
pub(super) fn write(track: &Track, past: &Past) -> Result<String, serde_json::Error> {
    serde_json::to_string(&Memory {
        mmsi: track.mmsi.0,
        part: track.part,
        class: track.class,
        vessel: track.vessel.clone(),
        simulated: track.simulated,
        distress: track.distress,
        past: past.clone(),
        reports: track.positions.iter().map(report).collect(),
    })
}

/// Reads it back; gaps are not part of it.
///
/// # Errors
///
/// If the text is not what [`write()`] gives.
pub(super) fn read(text: &str) -> Result<(Track, Past), serde_json::Error> {
    let memory: Memory = serde_json::from_str(text)?;
    let mmsi = Mmsi(memory.mmsi);
    let reports = memory.reports.into_iter();
    let track = Track {
        mmsi,
        part: memory.part,
        class: memory.class,
        vessel: memory.vessel,
        positions: reports
            .filter_map(|report| position(mmsi, report))
            .collect(),
        gaps: Vec::new(),
        simulated: memory.simulated,
        distress: memory.distress,
    };
    Ok((track, memory.past))
}

fn report(fix: &Position) -> Report {
    // Nanoseconds fit until 2262.
    let nanoseconds = i64::try_from(fix.time.as_nanosecond()).unwrap_or(i64::MAX);
    (
        nanoseconds,
        fix.position.lon_deg,
        fix.position.lat_deg,
        fix.sog_kn,
        fix.cog_deg,
        fix.heading_deg,
        fix.nav_status,
        fix.class,
    )
}

fn position(mmsi: Mmsi, report: Report) -> Option<Position> {
    let (nanoseconds, lon_deg, lat_deg, sog_kn, cog_deg, heading_deg, nav_status, class) = report;
    Some(Position {
        mmsi,
        time: Timestamp::from_nanosecond(nanoseconds.into()).ok()?,
        position: LonLat::new(lon_deg, lat_deg),
        sog_kn,
        cog_deg,
        heading_deg,
        nav_status,
        class,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_reads_back_the_same(
            nanoseconds in 0_i64..4_000_000_000_000_000_000,
            lon_deg in -180.0..180.0_f64,
            lat_deg in -90.0..90.0_f64,
            sog_kn in proptest::option::of(0.0..102.2_f64),
            nav_status in proptest::option::of(0_u8..=15),
        ) {
            let mmsi = Mmsi(431_000_001);
            let report = (nanoseconds, lon_deg, lat_deg, sog_kn, None, None, nav_status, AisClass::B);
            let track = Track {
                mmsi,
                part: 2,
                class: AisClass::B,
                vessel: Vessel { name: Some("海".to_owned()), ..Vessel::default() },
                positions: vec![position(mmsi, report).unwrap()],
                gaps: Vec::new(),
                simulated: true,
                distress: Some(Distress::Test),
            };
            let (back, past) = read(&write(&track, &Past::default()).unwrap()).unwrap();
            prop_assert_eq!(back, track);
            prop_assert_eq!(past, Past::default());
        }
    }
}
