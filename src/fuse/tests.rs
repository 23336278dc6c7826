//! Whole fusions of small worlds.

#![allow(clippy::unwrap_used, reason = "tests stop at the first surprise")]

use super::testing::{T0, centre, detection, fix, later, moored, scene, ship, witness};
use super::*;
use crate::model::contact::{Contact, Verdict};
use crate::model::detection::DetectionFlag;
use crate::model::region::{RegionShape, WatchRegion};
use crate::model::track::AisClass;
use crate::model::units::Mmsi;

struct Small {
    scene: Scene,
    detections: Vec<Detection>,
    tracks: Vec<Track>,
    infrastructure: Vec<LonLat>,
    params: FuseParams,
}

impl Small {
    fn new(detections: Vec<Detection>, tracks: Vec<Track>) -> Self {
        Self {
            scene: scene(),
            detections,
            tracks,
            infrastructure: vec![],
            params: FuseParams::default(),
        }
    }

    fn fuse(&self) -> Vec<Contact> {
        self.fuse_with(None)
    }

    fn fuse_with(&self, land: Option<&Land>) -> Vec<Contact> {
        let regions = RegionIndex::new(vec![watched()]);
        fuse(&FuseInput {
            evidence: Evidence {
                scene: &self.scene,
                detections: &self.detections,
                tracks: &self.tracks,
                infrastructure: &self.infrastructure,
                searched_km2: Some(40_000.0),
                params: &self.params,
            },
            outages: &[],
            land,
            regions: &regions,
        })
    }

    /// The contact of one detection.
    fn of(&self, id: &str) -> Contact {
        let all = self.fuse();
        let found = all.iter().find(|c| c.detection_id.as_deref() == Some(id));
        found
            .unwrap_or_else(|| unreachable!("no contact of {id} in {all:#?}"))
            .clone()
    }

    fn missing(&self) -> Vec<Mmsi> {
        self.fuse()
            .iter()
            .filter(|c| c.verdict == Verdict::AisOnly)
            .filter_map(|c| c.vessel.as_ref().map(|v| v.mmsi))
            .collect()
    }
}

fn watched() -> WatchRegion {
    WatchRegion {
        id: "feature".to_owned(),
        name: "Feature".to_owned(),
        names: vec![],
        group: "group".to_owned(),
        parties: vec![],
        grade: None,
        source: "test".to_owned(),
        shape: RegionShape::Feature {
            centre: centre(),
            radius_m: 0.0,
            zones_nm: vec![12.0, 24.0],
        },
    }
}

/// The witness ship has an echo of its own, so that it is never a remark.
fn witness_echo() -> Detection {
    detection("witness", centre().destination(0.0, 30_000.0), Some(80.0))
}

#[test]
fn a_moving_ship_is_correlated_through_its_azimuth_shift_and_the_reason_says_so() {
    let mut track = ship(431_000_001, vec![fix(centre(), -42.0, Some((12.0, 90.0)))]);
    track.vessel.name = Some("EXAMPLE".to_owned());
    let moved = centre().destination(90.0, 12.0 * 42.0 * crate::model::units::KNOT_MPS);
    let echo = detection("d", moved.destination(180.0, 435.0), None);
    let contact = Small::new(vec![echo], vec![track]).of("d");
    assert_eq!(contact.verdict, Verdict::Correlated, "{contact:#?}");
    let vessel = contact.vessel.unwrap();
    assert_eq!(vessel.mmsi, Mmsi(431_000_001));
    assert!((vessel.azimuth_shift_m.unwrap() + 435.0).abs() < 5.0);
    let reason = &contact.reasons[0];
    assert!(reason.starts_with("Vessel EXAMPLE (MMSI 431000001) was predicted"));
    assert!(reason.contains("42 s after its last report"), "{reason}");
    assert!(reason.contains("against the flight direction"), "{reason}");
    assert_eq!(contact.regions[0].region_id, "feature");
}

#[test]
fn a_rejected_detection_is_a_contact_only_where_something_known_is() {
    let echo = |id: &str, place| Detection {
        flags: vec![DetectionFlag::AzimuthAmbiguity],
        reasons: vec!["It lies where an ambiguity is expected.".to_owned()],
        ..detection(id, place, Some(80.0))
    };
    let at_a_ship = echo("ship", centre());
    let at_nothing = echo("nothing", centre().destination(90.0, 9_000.0));
    let track = moored(431_000_001, centre(), 80.0);
    let small = Small::new(vec![at_a_ship, at_nothing], vec![track]);
    let contact = small.of("ship");
    assert_eq!(contact.verdict, Verdict::Correlated);
    assert!(
        contact
            .reasons
            .iter()
            .any(|reason| reason.contains("ambiguity"))
    );
    let seen: Vec<Contact> = small.fuse();
    assert!(
        seen.iter()
            .all(|contact| contact.detection_id.as_deref() != Some("nothing"))
    );
}

#[test]
fn two_ships_that_fit_alike_are_ambiguous_and_the_other_is_named() {
    let tracks = vec![
        moored(431_000_001, centre().destination(90.0, 40.0), 80.0),
        moored(431_000_002, centre().destination(270.0, 40.0), 80.0),
    ];
    let contact = Small::new(vec![detection("d", centre(), Some(80.0))], tracks).of("d");
    assert_eq!(contact.verdict, Verdict::Ambiguous);
    let runner_up = contact.runner_up.unwrap();
    assert_eq!(runner_up.verdict, Verdict::Correlated);
    assert!((runner_up.probability - 0.5).abs() < 0.05, "{runner_up:?}");
    assert_ne!(runner_up.mmsi, contact.vessel.map(|v| v.mmsi));
    assert!(contact.probability > 0.95);
}

#[test]
fn length_breaks_the_tie_between_two_ships_that_lie_alike() {
    let tracks = vec![
        moored(431_000_001, centre().destination(90.0, 40.0), 30.0),
        moored(431_000_002, centre().destination(270.0, 40.0), 200.0),
    ];
    let contact = Small::new(vec![detection("d", centre(), Some(190.0))], tracks).of("d");
    assert_eq!(contact.verdict, Verdict::Correlated, "{contact:#?}");
    assert_eq!(contact.vessel.unwrap().mmsi, Mmsi(431_000_002));
}

#[test]
fn the_joint_optimum_beats_greedy_matching() {
    // In a row, west to east: ship 1, echo a, ship 2, echo b. Echo a is nearest to ship 2; taking that pair leaves echo b
    // with nothing but ship 1, out of reach.
    let east = |metres: f64| centre().destination(90.0, metres);
    let tracks = vec![
        moored(431_000_001, east(0.0), 80.0),
        moored(431_000_002, east(75.0), 80.0),
    ];
    let small = Small::new(
        vec![
            detection("a", east(40.0), None),
            detection("b", east(135.0), None),
        ],
        tracks,
    );
    assert_eq!(small.of("a").vessel.unwrap().mmsi, Mmsi(431_000_001));
    assert_eq!(small.of("b").vessel.unwrap().mmsi, Mmsi(431_000_002));
}

#[test]
fn an_echo_no_vessel_explains_is_uncorrelated_where_ais_was_heard() {
    let small = Small::new(
        vec![detection("d", centre(), Some(60.0)), witness_echo()],
        vec![witness()],
    );
    let contact = small.of("d");
    assert_eq!(contact.verdict, Verdict::Uncorrelated);
    assert!(contact.probability > 0.99);
    assert!(contact.vessel.is_none());
    assert!(
        contact.reasons[0].contains("1 vessel sent"),
        "{:?}",
        contact.reasons
    );
}

#[test]
fn without_reception_there_and_then_nothing_is_said() {
    let echo = detection("d", centre(), Some(60.0));
    // No AIS at all, a ship too far off, a ship heard too early, and a base station next door.
    let far = moored(431_000_001, centre().destination(0.0, 60_000.0), 80.0);
    let mut early = witness();
    for fix in &mut early.positions {
        fix.time = later(fix.time, -2_000.0);
    }
    let mut station = witness();
    station.class = AisClass::BaseStation;
    for tracks in [vec![], vec![far], vec![early], vec![station]] {
        let contact = Small::new(vec![echo.clone()], tracks).of("d");
        assert_eq!(contact.verdict, Verdict::NotAssessable, "{contact:#?}");
    }
}

#[test]
fn without_place_or_time_nothing_is_said() {
    let mut echo = detection("d", centre(), Some(60.0));
    echo.position = None;
    let mut small = Small::new(vec![echo], vec![witness()]);
    let contact = small.of("d");
    assert_eq!(contact.verdict, Verdict::NotAssessable);
    // The scene is 2° across: the stated σ covers it.
    assert!(contact.position_sigma_m > 100_000.0);
    small.scene.start = None;
    small.scene.stop = None;
    small.detections[0].time = None;
    assert!(small.fuse().is_empty());
}

#[test]
fn a_platform_and_a_real_aid_to_navigation_are_fixed_but_a_virtual_one_never_is() {
    let echo = || vec![detection("d", centre(), Some(60.0)), witness_echo()];
    let mut listed = Small::new(echo(), vec![witness()]);
    listed.infrastructure = vec![centre().destination(45.0, 120.0)];
    let contact = listed.of("d");
    assert_eq!(contact.verdict, Verdict::Fixed);
    assert!(
        contact.reasons[0].contains("120 m"),
        "{:?}",
        contact.reasons
    );
    listed.infrastructure = vec![centre().destination(45.0, 170.0)];
    assert_eq!(listed.of("d").verdict, Verdict::Uncorrelated);

    for (class, verdict) in [
        (AisClass::AidToNavigation, Verdict::Fixed),
        (AisClass::VirtualAidToNavigation, Verdict::Uncorrelated),
    ] {
        let mut aid = moored(994_311_234, centre().destination(0.0, 50.0), 5.0);
        aid.class = class;
        let contact = Small::new(echo(), vec![witness(), aid]).of("d");
        assert_eq!(contact.verdict, verdict, "{class:?}");
    }
}

#[test]
fn a_supply_ship_at_a_platform_leaves_the_echo_with_the_platform() {
    let mut small = Small::new(
        vec![detection("d", centre(), None)],
        vec![moored(431_000_001, centre(), 80.0)],
    );
    small.infrastructure = vec![centre()];
    let contact = small.of("d");
    assert_eq!(contact.verdict, Verdict::Fixed, "{contact:#?}");
    assert_eq!(contact.runner_up.unwrap().mmsi, Some(Mmsi(431_000_001)));
}

#[test]
fn a_ship_without_an_echo_is_remarked_on_only_if_nothing_excuses_it() {
    let id = 431_000_001;
    let base = moored(id, centre(), 90.0);
    let missing = |track: Track| Small::new(vec![], vec![track]).missing();
    assert_eq!(missing(base.clone()), [Mmsi(id)]);

    let mut unknown_length = base.clone();
    unknown_length.vessel.length_m = None;
    assert_eq!(missing(unknown_length.clone()), [Mmsi(id)], "class A");
    unknown_length.class = AisClass::B;
    assert!(
        missing(unknown_length).is_empty(),
        "class B of unknown length"
    );

    for length_m in [20.0, 26.0] {
        assert!(
            missing(moored(id, centre(), length_m)).is_empty(),
            "{length_m} m"
        );
    }
    let edge = centre().destination(0.0, 110_720.0);
    assert!(missing(moored(id, edge, 90.0)).is_empty(), "at the edge");
    let outside = centre().destination(0.0, 150_000.0);
    assert!(missing(moored(id, outside, 90.0)).is_empty(), "outside");

    let mut stale = base.clone();
    stale.positions = vec![fix(centre(), -900.0, Some((0.0, 0.0)))];
    assert!(missing(stale).is_empty(), "last heard 15 min before");
    let mut long_range = base.clone();
    long_range.class = AisClass::LongRange;
    assert!(missing(long_range).is_empty(), "long range");
    assert!(
        missing(moored(970_012_345, centre(), 90.0)).is_empty(),
        "beacon"
    );

    let mut clash = base.clone();
    let elsewhere = centre().destination(90.0, 400_000.0);
    clash.positions[1] = fix(elsewhere, 60.0, Some((0.0, 0.0)));
    assert!(missing(clash).is_empty(), "two ships on one identity");

    let beside = detection("d", centre().destination(0.0, 400.0), Some(90.0));
    let shared = Small::new(vec![beside], vec![base]);
    assert!(shared.missing().is_empty(), "an echo beside it");
}

#[test]
fn a_ship_without_an_echo_at_the_shore_is_no_remark() {
    // Off Uotsuri, whose middle lies near 25.745° N 123.475° E.
    let island = LonLat::new(123.475, 25.745);
    let land = Land::built_in();
    let remarks = |metres_north: f64| {
        let ship = moored(431_000_001, island.destination(0.0, metres_north), 90.0);
        let contacts = Small::new(vec![], vec![ship]).fuse_with(Some(&land));
        contacts.len()
    };
    assert!(land.contains(island));
    assert_eq!(remarks(0.0), 0, "on land");
    assert_eq!(remarks(1_500.0), 0, "within a kilometre of the shore");
    assert_eq!(remarks(10_000.0), 1, "well off");
}

#[test]
fn the_order_of_the_inputs_changes_nothing() {
    let east = |metres: f64| centre().destination(90.0, metres);
    let mut small = Small::new(
        (0..6)
            .map(|i| detection(&format!("d{i}"), east(f64::from(i) * 90.0), Some(80.0)))
            .collect(),
        (0..5)
            .map(|i| moored(431_000_001 + i, east(f64::from(i) * 100.0 + 20.0), 80.0))
            .chain([witness()])
            .collect(),
    );
    let first = small.fuse();
    small.detections.reverse();
    small.tracks.reverse();
    assert_eq!(small.fuse(), first);
    assert!(first.is_sorted_by_key(|c| (c.verdict, c.id.clone())));
}

#[test]
fn simulated_reports_mark_every_contact() {
    let mut track = witness();
    track.simulated = true;
    let small = Small::new(vec![detection("d", centre(), None)], vec![track]);
    assert!(small.fuse().iter().all(|contact| contact.simulated));
}

#[test]
fn no_reason_judges() {
    let small = Small::new(
        vec![detection("d", centre(), Some(60.0)), witness_echo()],
        vec![
            witness(),
            moored(431_000_001, centre().destination(90.0, 20_000.0), 90.0),
        ],
    );
    for reason in small.fuse().iter().flat_map(|c| &c.reasons) {
        let lower = reason.to_lowercase();
        for word in ["dark", "illegal", "suspicious"] {
            assert!(!lower.contains(word), "{reason}");
        }
        assert!(reason.ends_with('.'), "{reason}");
    }
}

#[test]
fn two_thousand_detections_among_twenty_thousand_vessels_are_fused() {
    // A lattice of ships 2 km apart about the scene; the first two thousand have an echo.
    let place = |i: u32| {
        let (row, column) = (i / 150, i % 150);
        centre()
            .destination(0.0, f64::from(row) * 2_000.0 - 100_000.0)
            .destination(90.0, f64::from(column) * 2_000.0 - 150_000.0)
    };
    let tracks = (0..20_000)
        .map(|i| moored(431_000_000 + i, place(i), 90.0))
        .collect();
    let detections = (0..2_000)
        .map(|i| detection(&format!("d{i}"), place(i + 3_000), Some(90.0)))
        .collect();
    let contacts = Small::new(detections, tracks).fuse();
    let correlated = contacts
        .iter()
        .filter(|c| c.verdict == Verdict::Correlated)
        .count();
    assert_eq!(correlated, 2_000);
    assert_eq!(contacts[0].time, T0);
}
