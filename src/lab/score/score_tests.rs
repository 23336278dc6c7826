//! Scores of small scenes whose figures are worked out by hand.

use super::*;
use crate::lab::truth::Kind;
use crate::model::contact::VesselMatch;
use crate::model::units::Mmsi;
use jiff::Timestamp;

const ORIGIN: LonLat = LonLat {
    lon_deg: 120.0,
    lat_deg: 20.0,
};

/// A ship `north_m` north of the origin.
fn ship(north_m: f64, length_m: f64, expected: Verdict) -> TruthShip {
    let position = ORIGIN.destination(0.0, north_m);
    TruthShip {
        id: format!("at-{north_m}"),
        kind: Kind::Cargo,
        position,
        time: Timestamp::UNIX_EPOCH,
        imaged: Some(Imaged {
            row: north_m / 10.0,
            col: 0.0,
            position,
            azimuth_shift_m: 0.0,
            snr_db: 20.0,
        }),
        length_m,
        width_m: 10.0,
        heading_deg: 0.0,
        sog_kn: 0.0,
        cog_deg: 0.0,
        mmsi: Some(Mmsi(299_000_000 + north_m as u32)),
        expected: Some(expected),
        confidence: Confidence::High,
        shore_distance_m: None,
    }
}

fn truth(ships: Vec<TruthShip>) -> Truth {
    Truth {
        seed: 1,
        scene_id: "scene".to_owned(),
        pixel_spacing_m: 10.0,
        track_heading_deg: 0.0,
        ais_outage_min: None,
        ships,
        artefacts: Vec::new(),
    }
}

fn detection(id: &str, position: LonLat, length_m: f64) -> Detection {
    Detection {
        position: Some(position),
        length_m: Some(length_m),
        score: 1.0,
        mean_contrast_db: 10.0,
        pixels: 5,
        ..Detection::bare(id, "scene")
    }
}

fn contact(detection_id: Option<&str>, mmsi: Option<Mmsi>, verdict: Verdict) -> Contact {
    Contact {
        id: String::new(),
        scene_id: "scene".to_owned(),
        detection_id: detection_id.map(str::to_owned),
        vessel: mmsi.map(|mmsi| VesselMatch {
            mmsi,
            name: None,
            predicted: ORIGIN,
            offset_m: None,
            azimuth_shift_m: None,
            dt_s: 0.0,
            length_m: None,
        }),
        position: ORIGIN,
        position_sigma_m: 10.0,
        time: Timestamp::UNIX_EPOCH,
        length_m: None,
        verdict,
        probability: 1.0,
        runner_up: None,
        reasons: Vec::new(),
        regions: Vec::new(),
        simulated: true,
    }
}

/// Three ships at 0, 1 and 2 km; the first found 30 m north of it, the second 40 m east; one false alarm.
fn small_scene() -> (Truth, Vec<Detection>) {
    let ships = vec![
        ship(0.0, 100.0, Verdict::Correlated),
        ship(1000.0, 200.0, Verdict::Uncorrelated),
        ship(2000.0, 30.0, Verdict::Correlated),
    ];
    let second = ORIGIN.destination(0.0, 1000.0);
    let detections = vec![
        detection("a", ORIGIN.destination(0.0, 30.0), 90.0),
        detection("b", second.destination(90.0, 40.0), 260.0),
        detection("c", ORIGIN.destination(180.0, 900.0), 50.0),
    ];
    (truth(ships), detections)
}

fn of(truth: &Truth, detections: &[Detection], contacts: &[Contact]) -> Score {
    score(&[ScoredScene {
        truth,
        detections,
        contacts,
    }])
}

#[test]
fn two_of_three_found_and_one_false_give_two_thirds_all_round() {
    let (truth, detections) = small_scene();
    let score = of(&truth, &detections, &[]);
    assert_eq!(score.detection, Rates::new(2, 1, 1));
    assert_eq!(score.detection.f1, Some(2.0 / 3.0));
    // |90 − 100| / 100 = 0.1 and |260 − 200| / 200 = 0.3: mean 0.2.
    assert!((score.length_score.unwrap_or(0.0) - 0.8).abs() < 1e-12);
    assert_eq!(score.length_error_m, Some((35.0, 35.0)));
    assert_eq!(score.length_bias_m, Some(25.0));
    let found: Vec<(usize, usize)> = score.by_length.iter().map(|c| (c.hits, c.misses)).collect();
    assert_eq!(found, vec![(0, 0), (0, 1), (1, 0), (1, 0), (0, 0)]);
}

#[test]
fn errors_of_place_split_along_the_flight_and_across_it() {
    let (truth, detections) = small_scene();
    let location = of(&truth, &detections, &[]).location;
    let location = location.unwrap_or(LocationError {
        median_m: 0.0,
        p95_m: 0.0,
        azimuth_bias_m: 0.0,
        range_bias_m: 0.0,
    });
    // Flight due north: +30 m along azimuth once, +40 m along range once, over two pairs.
    assert!((location.median_m - 35.0).abs() < 1e-3);
    assert!((location.p95_m - 39.5).abs() < 1e-3);
    assert!((location.azimuth_bias_m - 15.0).abs() < 1e-3);
    assert!((location.range_bias_m - 20.0).abs() < 1e-3);
}

#[test]
fn a_detection_of_a_dim_ship_is_neither_hit_nor_false_and_its_miss_is_no_miss() {
    let (mut truth, detections) = small_scene();
    truth.ships[0].confidence = Confidence::Low;
    truth.ships[2].confidence = Confidence::Low;
    assert_eq!(of(&truth, &detections, &[]).detection, Rates::new(1, 0, 1));
}

#[test]
fn detections_of_another_scene_do_not_count_and_pixels_stand_in_for_places() {
    let (truth, mut detections) = small_scene();
    detections[1].scene_id = "another".to_owned();
    detections[2].position = None;
    detections[2].row = 205.0;
    // The third now lies 5 rows of 10 m from the ship at row 200.
    assert_eq!(of(&truth, &detections, &[]).detection, Rates::new(2, 1, 0));
}

#[test]
fn verdicts_are_counted_by_truth_and_identities_checked() {
    let (mut truth, detections) = small_scene();
    let mut ghost = ship(5000.0, 80.0, Verdict::AisOnly);
    ghost.imaged = None;
    truth.ships.push(ghost);
    let contacts = [
        contact(Some("a"), Some(Mmsi(299_000_000)), Verdict::Correlated),
        contact(Some("b"), None, Verdict::Ambiguous),
        contact(Some("c"), None, Verdict::Uncorrelated),
        contact(None, Some(Mmsi(299_005_000)), Verdict::AisOnly),
    ];
    let score = of(&truth, &detections, &contacts);
    let cells: Vec<(&str, &str, usize)> = score
        .verdicts
        .iter()
        .map(|cell| (cell.truth.as_str(), cell.assigned.as_str(), cell.count))
        .collect();
    assert_eq!(
        cells,
        vec![
            ("ais_only", "ais_only", 1),
            ("correlated", "correlated", 1),
            ("correlated", "missed", 1),
            ("false_alarm", "uncorrelated", 1),
            ("uncorrelated", "ambiguous", 1),
        ]
    );
    assert_eq!(score.verdict_accuracy, Some(2.0 / 3.0));
    assert_eq!(score.identities, (1, 1));
}

#[test]
fn near_shore_is_a_figure_only_where_distances_are_known() {
    let (mut truth, detections) = small_scene();
    assert_eq!(of(&truth, &detections, &[]).near_shore, None);
    truth.ships[0].shore_distance_m = Some(1500.0);
    truth.ships[1].shore_distance_m = Some(9000.0);
    assert_eq!(
        of(&truth, &detections, &[]).near_shore,
        Some(Rates::new(1, 0, 0))
    );
}

#[test]
fn nothing_found_of_nothing_has_no_rates() {
    let score = of(&truth(Vec::new()), &[], &[]);
    assert_eq!(score.detection, Rates::default());
    assert_eq!(score.location, None);
    assert!(score.to_string().contains("F1 –"));
}
