//! Feeds of reports at rates and with faults that a live feed has, against what a ship's track must be.

use super::*;
use crate::model::track::AisClass;
use crate::model::units::KNOT_MPS;

const SHIP: Mmsi = Mmsi(431_000_001);

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

/// 12 kn eastward from `start`, at this second.
fn report(mmsi: Mmsi, start: LonLat, second: i64) -> Position {
    Position {
        mmsi,
        time: at(second),
        position: start.destination(90.0, 12.0 * KNOT_MPS * second as f64),
        sog_kn: Some(12.0),
        cog_deg: Some(90.0),
        heading_deg: None,
        nav_status: Some(0),
        class: AisClass::A,
    }
}

fn start() -> LonLat {
    LonLat::new(123.0, 25.0)
}

fn heard(positions: Vec<Position>) -> Reception {
    Reception {
        positions,
        ..Reception::default()
    }
}

/// Both sides of the meridian of 123.2°.
fn side(place: LonLat) -> u64 {
    u64::from(place.lon_deg > 123.2)
}

#[test]
fn a_ship_is_kept_every_half_minute_and_in_bounds_however_often_it_is_heard() {
    let mut recent = RecentTracks::new(1800.0);
    let mut forgotten = Vec::new();
    let mut fates: BTreeMap<Fate, u64> = BTreeMap::new();
    for second in (0..7200).step_by(2) {
        let reports = vec![
            report(SHIP, start(), second),
            report(SHIP, start(), second + 1),
        ];
        for (fate, count) in recent.take(heard(reports), at(second + 1), &|_| 0) {
            *fates.entry(fate).or_default() += count;
        }
        let changed = recent.changed();
        assert!(changed.gone.is_empty());
        for track in changed.tracks {
            assert!(track.positions.len() <= MOST_REPORTS + 1);
        }
        recent.forget(at(second + 1), &mut |gone| {
            assert!(!gone.is_gone);
            forgotten.extend(gone.track.positions);
        });
    }
    assert_eq!(fates[&Fate::Kept], 240);
    assert_eq!(fates[&Fate::Kept] + fates[&Fate::Thinned], 7200);
    recent.ask_again(SHIP);
    let track = recent.changed().tracks.remove(0);
    assert_eq!(track.positions.len(), MOST_REPORTS);
    // Nothing is lost between what was let go and what is held.
    forgotten.extend(track.positions);
    let times: Vec<i64> = forgotten
        .iter()
        .map(|fix| fix.time.as_second() - 1_700_000_000)
        .collect();
    assert_eq!(times, (0..7200).step_by(30).collect::<Vec<_>>());
}

#[test]
fn a_report_beyond_an_edge_is_kept_at_once() {
    let mut recent = RecentTracks::new(1800.0);
    // 0.2° at 25° N are 20.18 km: 12 kn take 3,269 s.
    let mut crossed = Vec::new();
    for second in 3240..3300 {
        recent.take(
            heard(vec![report(SHIP, start(), second)]),
            at(second),
            &side,
        );
        for track in recent.changed().tracks {
            crossed.extend(
                track
                    .positions
                    .last()
                    .map(|fix| (second, side(fix.position))),
            );
        }
    }
    let first = crossed.iter().find(|(_, side)| *side == 1).unwrap();
    assert!((3265..3274).contains(&first.0), "{crossed:?}");
    assert!(first.0 % 30 != 0, "not by the clock of thinning");
}

#[test]
fn two_ships_on_one_identity_stay_two_and_keep_their_numbers_when_the_first_reports_are_gone() {
    let mut recent = RecentTracks::new(1800.0);
    let other = LonLat::new(128.0, 30.0);
    let mut parts: BTreeMap<u32, bool> = BTreeMap::new();
    for second in (0..5400).step_by(10) {
        let reports = vec![
            report(SHIP, start(), second),
            report(SHIP, other, second + 3),
        ];
        recent.take(heard(reports), at(second + 3), &|_| 0);
        for track in recent.changed().tracks {
            let near = track
                .positions
                .iter()
                .all(|fix| fix.position.lat_deg < 27.0);
            assert_eq!(*parts.entry(track.part).or_insert(near), near);
        }
        recent.forget(at(second + 3), &mut |_| {});
    }
    assert_eq!(parts, BTreeMap::from([(0, true), (1, false)]));
}

#[test]
fn reports_that_are_late_or_ahead_are_left_out_and_counted() {
    let mut recent = RecentTracks::new(1800.0);
    let reports = vec![
        report(SHIP, start(), 0),
        report(SHIP, start(), 601),
        report(SHIP, start(), -86_401),
    ];
    let fates = recent.take(heard(reports), at(0), &|_| 0);
    let expected = [(Fate::Kept, 1), (Fate::Late, 1), (Fate::Ahead, 1)];
    assert_eq!(fates, BTreeMap::from(expected));
}

#[test]
fn a_flood_of_places_and_identities_stays_in_bounds() {
    let mut recent = RecentTracks::new(1800.0);
    let scattered = (0..2000).map(|n| {
        let lon_deg = f64::from(n * 7 % 360) - 180.0;
        let place = LonLat::new(lon_deg, f64::from(n * 11 % 120) - 60.0);
        Position {
            position: place,
            ..report(SHIP, start(), 0)
        }
    });
    recent.take(heard(scattered.collect()), at(0), &|_| 0);
    let kept = recent.senders[&SHIP].segmenter.len();
    assert!(kept <= MOST_PARTS, "{kept}");

    let many = (0..MOST_SHIPS as u32 + 500).map(|n| report(Mmsi(200_000_000 + n), start(), 0));
    let fates = recent.take(heard(many.collect()), at(0), &|_| 0);
    assert_eq!((recent.len(), fates[&Fate::Full]), (MOST_SHIPS, 501));
    // Ten minutes on, those not heard make room.
    recent.forget(at(661), &mut |_| {});
    assert!(recent.is_empty());
}

#[test]
fn a_restored_ship_goes_on_as_if_it_had_been_held() {
    let mut whole = RecentTracks::new(1800.0);
    let mut first = RecentTracks::new(1800.0);
    let batch = |from: i64| {
        heard(
            (from..from + 600)
                .map(|t| report(SHIP, start(), t))
                .collect(),
        )
    };
    for recent in [&mut whole, &mut first] {
        recent.take(batch(0), at(600), &|_| 0);
    }
    let told = first.changed().tracks;
    let mut second = RecentTracks::new(1800.0);
    second.restore(told.into_iter().map(|track| (track, None)).collect());
    for recent in [&mut whole, &mut second] {
        recent.take(batch(600), at(1200), &|_| 0);
    }
    assert_eq!(second.changed(), whole.changed());
}

#[test]
fn every_call_of_a_beacon_is_kept() {
    let beacon = Mmsi(970_012_345);
    let mut recent = RecentTracks::new(1800.0);
    let calls = (0..8).map(|n| report(beacon, start(), 2 * n));
    let fates = recent.take(heard(calls.collect()), at(20), &|_| 0);
    assert_eq!(fates, BTreeMap::from([(Fate::Kept, 8)]));
}
