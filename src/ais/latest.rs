//! Reports beside what their senders had told of themselves by then.

use super::reception::Reception;
use crate::model::track::{Position, Vessel};
use crate::model::units::Mmsi;
use jiff::Timestamp;
use std::collections::HashMap;

/// Calls `each` for every report in file order, with the latest value of each static field told no later than the report.
///
/// # Errors
///
/// The first error of `each` ends the walk.
pub fn each_report<E>(
    reception: &Reception,
    mut each: impl FnMut(&Position, &Vessel) -> Result<(), E>,
) -> Result<(), E> {
    let told = told_by_identity(reception);
    let nothing = Vessel::default();
    for report in &reception.positions {
        let known = told.get(&report.mmsi).and_then(|told| {
            let later = told.partition_point(|(time, _)| *time <= report.time);
            told.get(later.checked_sub(1)?)
        });
        each(report, known.map_or(&nothing, |(_, vessel)| vessel))?;
    }
    Ok(())
}

/// Static data of each identity by time, each with all fields told so far.
fn told_by_identity(reception: &Reception) -> HashMap<Mmsi, Vec<(Timestamp, Vessel)>> {
    let mut told: HashMap<Mmsi, Vec<(Timestamp, Vessel)>> = HashMap::new();
    for (mmsi, time, vessel) in &reception.statics {
        told.entry(*mmsi).or_default().push((*time, vessel.clone()));
    }
    for list in told.values_mut() {
        list.sort_by_key(|(time, _)| *time);
        for at in 1..list.len() {
            let (before, from) = list.split_at_mut(at);
            from[0].1.fill_in(&before[at - 1].1);
        }
    }
    told
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use crate::ais::each_report;

    #[test]
    fn a_report_carries_what_was_told_before_it_and_nothing_later() {
        let rows = "mmsi,timestamp,lat,lon,name,callsign\n\
                    257111020,1673395201,57,10,,\n\
                    257111020,1673395202,57,10,HANNE,\n\
                    257111020,1673395203,57,10,,OWCS\n";
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("day.csv");
        std::fs::write(&path, rows).unwrap();
        let reception = crate::ais::read_file(&path).unwrap();
        let mut told = Vec::new();
        each_report(&reception, |_, vessel| {
            told.push((vessel.name.clone(), vessel.call_sign.clone()));
            Ok::<(), ()>(())
        })
        .unwrap();
        let name = || Some("HANNE".to_owned());
        assert_eq!(
            told,
            [
                (None, None),
                (name(), None),
                (name(), Some("OWCS".to_owned()))
            ]
        );
    }
}
