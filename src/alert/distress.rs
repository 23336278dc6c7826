//! Distress beacons: AIS-SART (970), man overboard (972) and EPIRB (974), active and not under test.

use super::AlertContext;
use super::rule::Rule;
use super::text;
use super::tracks::{Event, build};
use super::zone::{Zone, hits};
use crate::model::alert::Alert;
use crate::model::contact::RegionHit;
use crate::model::track::{Distress, Position, Track};
use crate::model::units::MmsiKind;
use crate::region::RegionIndex;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Navigational status "AIS-SART is active" (ITU-R M.1371-5, table 45).
const ACTIVE: u8 = 14;
/// Navigational status "undefined", also used by a beacon under test.
const TEST: u8 = 15;
/// Radius about a beacon's report that holds it with 95 % probability, metres.
const RADIUS_M: f64 = 100.0;

/// True if the identity is a beacon's.
pub(super) fn is_beacon(track: &Track) -> bool {
    device(track).is_some()
}

fn device(track: &Track) -> Option<&'static str> {
    match track.mmsi.kind() {
        MmsiKind::AisSart => Some("AIS-SART"),
        MmsiKind::ManOverboard => Some("man-overboard device"),
        MmsiKind::EpirbAis => Some("EPIRB"),
        _ => None,
    }
}

/// The reports sent in distress, in time order; none for a test.
///
/// A track that the decoder calls active, or any track of a beacon's identity that it does not call a test, counts;
/// single reports with status 15 are tests in either. A beacon whose status is not known is taken for active: a missed
/// one costs more than a needless call.
fn calls(track: &Track) -> Vec<&Position> {
    let may_call = match track.distress {
        Some(Distress::Test) => false,
        Some(Distress::Active) => true,
        None => is_beacon(track),
    };
    let in_distress = |fix: &&Position| {
        if is_beacon(track) {
            fix.nav_status != Some(TEST)
        } else {
            fix.nav_status == Some(ACTIVE)
        }
    };
    let fixes = track.positions.iter().filter(|_| may_call);
    fixes.filter(in_distress).collect()
}

/// Calls that are no longer held: the first of them, and their number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct EarlierCalls {
    first: Timestamp,
    count: usize,
}

/// Earlier calls with those of `track`, if there are any.
pub(super) fn with_calls(earlier: Option<EarlierCalls>, track: &Track) -> Option<EarlierCalls> {
    let calls = calls(track);
    let first = calls.first().map(|fix| fix.time);
    match (earlier, first) {
        (Some(earlier), _) => Some(EarlierCalls {
            count: earlier.count + calls.len(),
            ..earlier
        }),
        (None, Some(first)) => Some(EarlierCalls {
            first,
            count: calls.len(),
        }),
        (None, None) => None,
    }
}

/// The alert on a beacon; `None` if it is none, is under test, or lies outside the rule's regions.
pub(super) fn alert(
    (rule, zones): (&Rule, &[Zone]),
    (track, earlier): (&Track, Option<&EarlierCalls>),
    regions: &RegionIndex,
    context: &AlertContext,
) -> Option<Alert> {
    let last = calls(track).pop()?;
    let all = with_calls(earlier.cloned(), track)?;
    let first = all.first;
    let hits = hits(zones, regions, last.position);
    if hits.is_empty() && rule.is_bound_to_regions() {
        return None;
    }
    let device = device(track).unwrap_or("transmitter with status 14");
    let mmsi = track.mmsi;
    let event = Event {
        id_parts: vec![
            track.id_part(),
            first.strftime("distress %Y-%m-%d").to_string(),
        ],
        observed: first,
        position: last.position,
        position_radius_m: RADIUS_M,
        headline: format!(
            "Distress beacon active: {device}, MMSI {mmsi}{}",
            near(&hits, regions)
        ),
        seen: format!(
            "A distress beacon ({device}, MMSI {mmsi}) has been active since {}; last heard at {}. Reports so far: {}.",
            text::instant(first),
            text::instant(last.time),
            all.count
        ),
        reasons: vec![
            format!("The identity or status is that of an active {device}."),
            "It does not tell that it is under test.".to_owned(),
        ],
        hits,
    };
    Some(build(rule, track, event, regions, context))
}

fn near(hits: &[RegionHit], regions: &RegionIndex) -> String {
    hits.first().map_or_else(String::new, |hit| {
        let name = text::short_name(hit, regions);
        format!(", {}", text::bearing_on(hit, &name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::from_tracks;
    use crate::alert::testing::{centre, context, fix, index, ship};
    use crate::model::alert::{AlertKind, Severity, Tlp, Urgency};
    use crate::model::units::LonLat;

    fn beacon(mmsi: u32, place: LonLat, statuses: &[Option<u8>]) -> Track {
        let fixes = statuses.iter().enumerate().map(|(i, status)| Position {
            nav_status: *status,
            ..fix(place, 60.0 * i as f64)
        });
        ship(mmsi, fixes.collect())
    }

    fn raise(track: Track) -> Vec<Alert> {
        raise_all(&[track])
    }

    fn raise_all(tracks: &[Track]) -> Vec<Alert> {
        let rule = Rule::new("sos", AlertKind::DistressBeacon);
        from_tracks(&[rule], tracks, &index(), &context())
    }

    #[test]
    fn an_active_beacon_raises_at_once_wherever_it_is() {
        for mmsi in [970_012_345, 972_012_345, 974_012_345] {
            for place in [centre(), LonLat::new(-30.0, 40.0)] {
                let mut track = beacon(mmsi, place, &[Some(14)]);
                track.distress = Some(Distress::Active);
                let alerts = raise(track);
                assert_eq!(alerts.len(), 1);
                assert_eq!(alerts[0].severity, Severity::Extreme);
                assert_eq!(alerts[0].urgency, Urgency::Immediate);
                assert_eq!(alerts[0].tlp, Tlp::Red);
                assert_eq!(alerts[0].regions.len(), usize::from(place == centre()));
            }
        }
    }

    #[test]
    fn a_beacon_under_test_never_raises_an_alert() {
        assert!(raise(beacon(970_012_345, centre(), &[Some(15); 5])).is_empty());
        for distress in [None, Some(Distress::Active)] {
            let mut track = beacon(970_012_345, centre(), &[Some(15); 5]);
            track.distress = distress;
            assert!(raise(track).is_empty(), "{distress:?}");
        }
        let mut track = beacon(970_012_345, centre(), &[None, Some(14)]);
        track.distress = Some(Distress::Test);
        assert!(raise(track).is_empty());
    }

    #[test]
    fn a_test_before_the_call_does_not_hide_the_call() {
        let alerts = raise(beacon(970_012_345, centre(), &[Some(15), Some(14)]));
        assert_eq!(alerts.len(), 1);
        assert!(alerts[0].description.contains("Reports so far: 1."));
    }

    #[test]
    fn two_beacons_of_one_identity_far_apart_are_two_alerts() {
        let first = beacon(970_012_345, centre(), &[Some(14); 3]);
        let mut second = beacon(
            970_012_345,
            centre().destination(90.0, 300_000.0),
            &[Some(14)],
        );
        second.part = 1;
        let alerts = raise_all(&[first.clone(), second]);
        assert_eq!(alerts.len(), 2);
        let alone = raise(first);
        assert!(alerts.iter().any(|alert| alert.id == alone[0].id));
    }

    #[test]
    fn an_ordinary_ship_is_no_beacon() {
        assert!(raise(beacon(431_000_001, centre(), &[Some(0), None])).is_empty());
    }
}
