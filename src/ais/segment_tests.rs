//! Two ships on one MMSI, against the simulated truth of which ship sent each report.

use super::*;
use crate::model::track::AisClass;
use crate::model::units::Mmsi;
use jiff::Timestamp;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A ship that turns now and then, heard at 2 s to 6 min, its place within 30 m and its time within 5 s; silent for three hours once.
fn voyage(start: LonLat, seed: u64) -> Vec<Position> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let (mut place, mut second, mut course_deg) = (start, 0_i64, random.random_range(0.0..360.0));
    let sog_kn = random.random_range(4.0..18.0);
    let mut reports = Vec::new();
    while second < 86_400 {
        let mut step_s = random.random_range(2..360);
        if second < 40_000 && second + step_s >= 40_000 {
            step_s += 10_800;
        }
        if random.random_bool(0.05) {
            course_deg = random.random_range(0.0..360.0);
        }
        second += step_s;
        place = place.destination(course_deg, sog_kn * KNOT_MPS * step_s as f64);
        let told = place.destination(
            random.random_range(0.0..360.0),
            random.random_range(0.0..30.0),
        );
        reports.push(Position {
            mmsi: Mmsi(412_000_001),
            time: Timestamp::from_second(second + random.random_range(0..5)).unwrap(),
            position: told,
            sog_kn: Some(sog_kn),
            cog_deg: Some(course_deg),
            heading_deg: None,
            nav_status: None,
            class: AisClass::A,
        });
    }
    reports
}

fn segmented(reports: &[Position]) -> Segmenter {
    let mut segmenter = Segmenter::new(SegmentParams::default());
    for report in reports {
        segmenter.insert(report.clone());
    }
    segmenter
}

/// Reports of both ships in time order, each with the ship that sent it.
fn interleaved(seed: u64) -> (Vec<Position>, Vec<Position>, Vec<Position>) {
    let first = voyage(LonLat::new(123.0, 25.0), 2 * seed);
    let second = voyage(LonLat::new(125.5, 27.5), 2 * seed + 1);
    let mut both: Vec<Position> = first.iter().chain(&second).cloned().collect();
    both.sort_by_key(|report| report.time);
    (both, first, second)
}

#[test]
fn two_ships_on_one_mmsi_far_apart_are_told_apart_with_at_most_one_report_in_a_hundred_on_the_wrong_ship()
 {
    let (mut wrong, mut all) = (0, 0);
    for seed in 0..20 {
        let (both, first, second) = interleaved(seed);
        let segments = segmented(&both).segments();
        let of = |ship: &[Position], segment: &Segment| {
            let sent = segment
                .positions
                .iter()
                .filter(|report| ship.contains(report));
            sent.count()
        };
        // Each ship is the segment that holds most of it; what lies elsewhere is on the wrong ship.
        for ship in [&first, &second] {
            let kept = segments.iter().map(|s| of(ship, s)).max().unwrap();
            wrong += ship.len() - kept;
            all += ship.len();
        }
        for segment in &segments {
            wrong += of(&first, segment).min(of(&second, segment));
        }
    }
    assert!(all > 10_000, "{all} reports are too few to tell");
    assert!(
        wrong * 100 <= all,
        "{wrong} of {all} reports are on the wrong ship"
    );
}

#[test]
fn one_ship_is_one_segment_also_with_a_receiver_that_stamps_two_minutes_late() {
    for seed in 0..20 {
        let ship = voyage(LonLat::new(123.0, 25.0), seed);
        assert_eq!(segmented(&ship).segments().len(), 1, "seed {seed}");
        let late = ship.iter().map(|report| Position {
            time: report.time + jiff::SignedDuration::from_secs(120),
            ..report.clone()
        });
        let mut both: Vec<Position> = ship.iter().cloned().chain(late).collect();
        both.sort_by(order);
        assert_eq!(segmented(&both).segments().len(), 1, "seed {seed}, twice");
    }
}

#[test]
fn a_split_says_how_far_the_report_lay_from_where_the_ship_could_be() {
    let (both, ..) = interleaved(3);
    let segments = segmented(&both).segments();
    assert_eq!(segments[0].begun, Begun::FirstHeard);
    let Begun::OutOfReach {
        distance_m,
        allowed_m,
        ..
    } = segments[1].begun
    else {
        panic!("the second ship begins for no reason");
    };
    // 2.5° each way at 26° N is about 375 km.
    assert!((300_000.0..450_000.0).contains(&distance_m), "{distance_m}");
    assert!(allowed_m < distance_m);
    assert!(
        segments[1]
            .begun
            .to_string()
            .contains("km would be allowed")
    );
}

#[test]
fn reports_in_any_order_give_the_segments_of_reports_in_order() {
    for seed in 0..10 {
        let (both, ..) = interleaved(seed);
        let sorted = segmented(&both).segments();
        let mut shuffled = both.clone();
        shuffled.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
        // The whole of both would fill pages.
        assert!(segmented(&shuffled).segments() == sorted, "seed {seed}");
    }
}

#[test]
fn a_late_report_is_judged_without_judging_the_day_again() {
    let (both, ..) = interleaved(5);
    let late = both[both.len() / 2].clone();
    let on_time: Vec<Position> = both.iter().filter(|r| **r != late).cloned().collect();
    let mut segmenter = segmented(&on_time);
    let before = segmenter.judged;
    assert!(segmenter.insert(late.clone()));
    assert!(
        segmenter.judged - before < 20,
        "{}",
        segmenter.judged - before
    );
    assert!(segmenter.segments() == segmented(&both).segments());
    assert!(
        !segmenter.insert(late),
        "the same report twice is one report"
    );
}

#[test]
fn segments_that_ended_in_doubt_stay_ended_when_the_report_that_ended_them_is_let_go() {
    // Two ships two kilometres apart that lie still, then a report half way between: of either.
    let at = |second: i64, lon_deg: f64| Position {
        mmsi: Mmsi(412_000_001),
        time: Timestamp::from_second(second).unwrap(),
        position: LonLat::new(lon_deg, 25.0),
        sog_kn: Some(0.0),
        cog_deg: None,
        heading_deg: None,
        nav_status: None,
        class: AisClass::A,
    };
    let mut segmenter = Segmenter::new(SegmentParams::default());
    for second in [0, 60, 120] {
        segmenter.insert(at(second, 123.0));
        segmenter.insert(at(second + 30, 123.02));
    }
    segmenter.insert(at(7200, 123.01));
    segmenter.insert(at(7260, 123.01));
    assert_eq!(segmenter.count(), 1, "both ships end where doubt begins");
    let ended_by = Timestamp::from_second(7200).unwrap();
    segmenter.forget(|_, report| report.time == ended_by);
    assert_eq!(segmenter.count(), 1, "they do not begin again");
    let last = segmenter.continued(&at(7320, 123.01)).unwrap();
    assert_eq!(last.time, Timestamp::from_second(7260).unwrap());
}
