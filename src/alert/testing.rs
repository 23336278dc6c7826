//! Small worlds for this room's tests.

use super::AlertContext;
use crate::model::alert::Status;
use crate::model::contact::{Contact, Verdict};
use crate::model::region::{RegionShape, WatchRegion};
use crate::model::scene::{Scene, Sensor};
use crate::model::track::{AisClass, Position, Track, Vessel};
use crate::model::units::{LonLat, Mmsi};
use crate::region::RegionIndex;
use jiff::{SignedDuration, Timestamp};
use std::sync::LazyLock;

/// 2023-11-14 22:13:20 UTC.
pub(super) const T0: Timestamp = Timestamp::constant(1_700_000_000, 0);

static SCENES: LazyLock<[Scene; 1]> = LazyLock::new(|| {
    [Scene {
        start: Some(later(T0, -10.0)),
        stop: Some(later(T0, 10.0)),
        ..Scene::unreferenced("scene".to_owned(), Sensor::Sentinel1, (100, 100), 4.4)
    }]
});

/// The instant `seconds` after `time`.
pub(super) fn later(time: Timestamp, seconds: f64) -> Timestamp {
    time.checked_add(SignedDuration::from_secs_f64(seconds))
        .expect("tests stay within the calendar")
}

pub(super) fn context() -> AlertContext<'static> {
    AlertContext {
        status: Status::Actual,
        now: T0,
        scenes: &*SCENES,
    }
}

pub(super) fn centre() -> LonLat {
    LonLat::new(124.0, 25.0)
}

/// A feature at [`centre`] with zones of 12 and 24 nm.
pub(super) fn watched() -> WatchRegion {
    let name = |tag: &str, name: &str| (tag.to_owned(), name.to_owned());
    WatchRegion {
        id: "feature".to_owned(),
        name: "Feature".to_owned(),
        names: vec![name("ja", "名"), name("vi", "Tên")],
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

pub(super) fn index() -> RegionIndex {
    RegionIndex::new(vec![watched()])
}

/// An uncorrelated contact of 80 m with probability 0.9.
pub(super) fn contact(position: LonLat) -> Contact {
    Contact {
        id: "con-1".to_owned(),
        scene_id: "scene".to_owned(),
        detection_id: Some("det-1".to_owned()),
        vessel: None,
        position,
        position_sigma_m: 20.0,
        time: T0,
        length_m: Some(80.0),
        verdict: Verdict::Uncorrelated,
        probability: 0.9,
        runner_up: None,
        reasons: vec!["No vessel explains it.".to_owned()],
        regions: vec![],
        simulated: false,
    }
}

/// A class A report at 12 kn westward, `at_s` seconds after [`T0`].
pub(super) fn fix(position: LonLat, at_s: f64) -> Position {
    Position {
        mmsi: Mmsi(0),
        time: later(T0, at_s),
        position,
        sog_kn: Some(12.0),
        cog_deg: Some(270.0),
        heading_deg: None,
        nav_status: None,
        class: AisClass::A,
    }
}

pub(super) fn ship(mmsi: u32, positions: Vec<Position>) -> Track {
    Track {
        mmsi: Mmsi(mmsi),
        part: 0,
        class: AisClass::A,
        vessel: Vessel::default(),
        positions: positions
            .into_iter()
            .map(|fix| Position {
                mmsi: Mmsi(mmsi),
                ..fix
            })
            .collect(),
        gaps: vec![],
        simulated: false,
        distress: None,
    }
}
