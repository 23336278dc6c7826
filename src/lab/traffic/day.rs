//! A day of traffic as a table in the form of the Danish Maritime Authority's, of any number of rows, row by row by time.

use super::cast::{self, DAY_S};
use super::plan::Ship;
use crate::lab::{LabError, at_file};
use crate::model::track::{AisClass, Position};
use jiff::Timestamp;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Rows of one real day (2015 to 2026: 11 to 12 million).
pub const DAY_ROWS: u64 = 11_500_000;
/// Ships of a full day; fewer rows have fewer ships, so that each is heard as often.
const DAY_SHIPS: u64 = 6_000;
/// Every so many rows tell static data.
const STATIC_EVERY: u64 = 20;

const HEADING: &str = "# Timestamp,Type of mobile,MMSI,Latitude,Longitude,Navigational status,ROT,SOG,COG,Heading,IMO,Callsign,Name,Ship type,Cargo type,Width,Length,Type of position fixing device,Draught,Destination,ETA,Data source type,A,B,C,D";

/// Writes about `rows` rows; gives their number.
///
/// # Errors
///
/// If the file cannot be written.
pub fn write_day(path: &Path, seed: u64, rows: u64) -> Result<u64, LabError> {
    let ships = usize::try_from(rows * DAY_SHIPS / DAY_ROWS).unwrap_or(usize::MAX);
    let ships = cast::ships(seed, ships);
    // Not every ship is there all day.
    let present_s: f64 = ships.iter().map(|ship| ship.way.span_s(DAY_S)).sum();
    let mean_s = present_s / rows.max(1) as f64;
    let mut random = ChaCha8Rng::seed_from_u64(seed ^ 0xDA1);
    // Ships by the second of their next report.
    let mut due: Vec<Vec<usize>> = vec![Vec::new(); DAY_S as usize];
    for (at, ship) in ships.iter().enumerate() {
        let second =
            (ship.way.begin_s().max(0.0) + random.random_range(0.0..mean_s.max(1.0))) as usize;
        if let Some(now) = due.get_mut(second) {
            now.push(at);
        }
    }
    let file = File::create(path).map_err(at_file(path))?;
    let mut out = BufWriter::with_capacity(1 << 20, file);
    let mut written = 0;
    writeln!(out, "{HEADING}").map_err(at_file(path))?;
    for second in 0..due.len() {
        for at in std::mem::take(&mut due[second]) {
            let ship = &ships[at];
            if let Some(report) = ship.report(cast::START, second as f64, &mut random) {
                row(&mut out, ship, &report, written % STATIC_EVERY == 0).map_err(at_file(path))?;
                written += 1;
            }
            let next = second + (mean_s * random.random_range(0.3..1.7)).round().max(1.0) as usize;
            if let Some(then) = due.get_mut(next) {
                then.push(at);
            }
        }
    }
    out.flush().map_err(at_file(path))?;
    Ok(written)
}

fn row(out: &mut impl Write, ship: &Ship, report: &Position, tells_static: bool) -> io::Result<()> {
    let time = report.time.duration_since(Timestamp::UNIX_EPOCH).as_secs();
    let clock = time.rem_euclid(86_400);
    let (hour, minute, second) = (clock / 3600, clock / 60 % 60, clock % 60);
    let class = if report.class == AisClass::B {
        "Class B"
    } else {
        "Class A"
    };
    let status = match report.nav_status {
        Some(0) => "Under way using engine",
        Some(1) => "At anchor",
        Some(5) => "Moored",
        Some(14) => "AIS-SART (active)",
        _ => "Unknown value",
    };
    let (sog_kn, cog_deg) = (report.sog_kn.unwrap_or(0.0), report.cog_deg.unwrap_or(0.0));
    write!(
        out,
        "01/03/2026 {hour:02}:{minute:02}:{second:02},{class},{:09},{:.6},{:.6},{status},,{sog_kn:.1},{cog_deg:.1},,",
        report.mmsi.0, report.position.lat_deg, report.position.lon_deg
    )?;
    let vessel = &ship.vessel;
    if !tells_static {
        return writeln!(out, "Unknown,,,Undefined,,,,Undefined,,,,AIS,,,,");
    }
    let kind = match vessel.ship_type {
        Some(30) => "Fishing",
        Some(70..=79) => "Cargo",
        Some(80..=89) => "Tanker",
        Some(40..=49) => "HSC",
        _ => "Undefined",
    };
    let (name, length_m) = (
        vessel.name.as_deref().unwrap_or(""),
        vessel.length_m.unwrap_or(0.0),
    );
    writeln!(out, "Unknown,,{name},{kind},,,{length_m:.0},GPS,,,,AIS,,,,")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::ais::events::{EventSettings, Watch};

    #[test]
    fn a_table_read_in_parts_gives_the_events_of_its_tracks() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("day.csv");
        let rows = write_day(&path, 7, 150_000).unwrap();
        let settings = EventSettings::default();
        let watch = Watch {
            settings: &settings,
            outages: &[],
            shore_m: None,
        };
        let mut fleet = crate::ais::Fleet::default();
        let counts = fleet.read(&path).unwrap();
        assert!(
            counts.positions.is_empty() && (130_000..170_000).contains(&rows),
            "{rows}"
        );
        assert_eq!(counts.lines, rows);
        let found = fleet.events(&watch, 1800.0);
        let tracks = crate::ais::tracks(vec![crate::ais::read_file(&path).unwrap()], 1800.0);
        let whole = watch.events(&tracks);
        let named =
            |events: &[crate::model::event::Event]| -> Vec<(String, Timestamp, Option<Timestamp>)> {
                events
                    .iter()
                    .map(|e| (e.id.clone(), e.start, e.end))
                    .collect()
            };
        assert!(whole.len() > 20, "{}", whole.len());
        assert_eq!(named(&found.events), named(&whole));
    }
}
