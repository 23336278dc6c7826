//! Markers of fishing gear: kept apart from ships by their names and by never moving of their own.
//!
//! # Source
//!
//! Names as makers set them: battery (`76%`, `12.3V`), `BUOY`, `NET MARK`, numbers of sets (`1234-56`); Global Fishing Watch
//! leaves such identities out of its matching.

use super::Found;
use crate::model::event::{Event, EventKind, EventVessel};
use crate::model::track::Track;

/// Median told speed above which a vessel tows itself, knots: markers drift with the current.
const DRIFT_KN: f64 = 2.5;

/// True if the track is that of a marker of fishing gear.
pub fn is_gear_buoy(track: &Track) -> bool {
    let named = track.vessel.name.as_deref().is_some_and(is_gear_name);
    named && median_sog_kn(track).is_none_or(|sog_kn| sog_kn <= DRIFT_KN)
}

fn median_sog_kn(track: &Track) -> Option<f64> {
    let mut told: Vec<f64> = track.positions.iter().filter_map(|p| p.sog_kn).collect();
    told.sort_by(f64::total_cmp);
    told.get(told.len() / 2).copied()
}

fn is_gear_name(name: &str) -> bool {
    let name = name.trim().to_ascii_uppercase();
    let words = [
        "BUOY",
        "NET MARK",
        "NETMARK",
        "NET-MARK",
        "FISHING GEAR",
        "FISHNET",
        "FISH NET",
    ];
    if words.iter().any(|word| name.contains(word)) {
        return true;
    }
    let last = name
        .split([' ', '-', '_', '@'])
        .next_back()
        .unwrap_or_default();
    let number = |text: &str| !text.is_empty() && text.parse::<f64>().is_ok();
    let battery = last.strip_suffix('%').is_some_and(number)
        || last
            .strip_suffix('V')
            .is_some_and(|volts| volts.contains('.') && number(volts));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    battery
        || name
            .split_once('-')
            .is_some_and(|(a, b)| digits(a) && digits(b))
}

pub(super) fn event(track: &Track) -> Event {
    let (first, last) = (
        &track.positions[0],
        &track.positions[track.positions.len() - 1],
    );
    let name = track.vessel.name.clone();
    let reasons = vec![
        format!(
            "The name {:?} is of a form that gear markers have.",
            name.as_deref().unwrap_or_default()
        ),
        "It never moves faster than it can drift.".to_owned(),
    ];
    let found = Found {
        kind: EventKind::GearBuoy,
        vessels: vec![EventVessel {
            mmsi: track.mmsi,
            part: track.part,
            name,
        }],
        start: first.time,
        last: last.time,
        position: last.position,
        radius_m: 100.0,
        simulated: track.simulated,
    };
    found.event(
        &[
            ("reports", track.positions.len() as f64),
            ("median_sog_kn", median_sog_kn(track).unwrap_or(f64::NAN)),
        ],
        reasons,
    )
}

#[cfg(test)]
mod tests {
    use super::is_gear_name;

    #[test]
    fn names_of_markers_are_told_from_names_of_ships() {
        for gear in [
            "NET MARK 4",
            "LX 3-76%",
            "76%",
            "AB12-12.3V",
            "1234-56",
            "BUOY7",
            "FISHING GEAR",
        ] {
            assert!(is_gear_name(gear), "{gear}");
        }
        for ship in [
            "EVER GIVEN",
            "LUCKY 7",
            "MINLIYU 60012",
            "DON-JUAN",
            "NORVIK V",
            "A-1",
            "ORANGE V",
        ] {
            assert!(!is_gear_name(ship), "{ship}");
        }
    }
}
