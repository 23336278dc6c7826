//! Small worlds for this room's tests.

use crate::model::detection::Detection;
use crate::model::scene::{SarGeometry, Scene, Sensor};
use crate::model::track::{AisClass, Position, Track, Vessel};
use crate::model::units::{LonLat, Mmsi};
use geo::{MultiPolygon, Rect, coord};
use jiff::{SignedDuration, Timestamp};

/// The middle of the test scene.
pub(super) const T0: Timestamp = Timestamp::constant(1_700_000_000, 0);

/// The instant `seconds` after `time`.
pub(super) fn later(time: Timestamp, seconds: f64) -> Timestamp {
    time.checked_add(SignedDuration::from_secs_f64(seconds))
        .expect("tests stay within the calendar")
}

/// A class A report `at_s` seconds after [`T0`], with (speed in knots, course in degrees) if told.
pub(super) fn fix(position: LonLat, at_s: f64, motion: Option<(f64, f64)>) -> Position {
    Position {
        mmsi: Mmsi(0),
        time: later(T0, at_s),
        position,
        sog_kn: motion.map(|(sog_kn, _)| sog_kn),
        cog_deg: motion.map(|(_, cog_deg)| cog_deg),
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
            .map(|p| Position {
                mmsi: Mmsi(mmsi),
                ..p
            })
            .collect(),
        gaps: vec![],
        simulated: false,
        distress: None,
    }
}

/// A named ship of known length that lies still at `place` and reports a minute before and after [`T0`].
pub(super) fn moored(mmsi: u32, place: LonLat, length_m: f64) -> Track {
    let still = Some((0.0, 0.0));
    let mut track = ship(
        mmsi,
        vec![fix(place, -60.0, still), fix(place, 60.0, still)],
    );
    track.vessel.name = Some(format!("EXAMPLE {}", mmsi % 100));
    track.vessel.length_m = Some(length_m);
    track
}

/// A ship 30 km off that proves that AIS is being received.
pub(super) fn witness() -> Track {
    moored(477_000_099, centre().destination(0.0, 30_000.0), 80.0)
}

pub(super) fn centre() -> LonLat {
    LonLat::new(124.0, 25.0)
}

pub(super) fn sar() -> SarGeometry {
    SarGeometry {
        slant_range_m: 860_000.0,
        platform_speed_mps: 7_590.0,
        incidence_deg: 38.5,
        track_heading_deg: 0.0,
        looks_right: true,
    }
}

pub(super) fn detection(id: &str, place: LonLat, length_m: Option<f64>) -> Detection {
    Detection {
        position: Some(place),
        position_sigma_m: Some(15.0),
        time: Some(T0),
        length_m,
        length_sigma_m: length_m.map(|_| 10.0),
        score: 0.95,
        sar: Some(sar()),
        ..Detection::bare(id, "scene")
    }
}

/// A scene of 2° × 2° about [`centre`], 20 s long.
pub(super) fn scene() -> Scene {
    let c = centre();
    Scene {
        platform: "Sentinel-1A".to_owned(),
        mode: "IW".to_owned(),
        product_type: "GRDH".to_owned(),
        start: Some(later(T0, -10.0)),
        stop: Some(later(T0, 10.0)),
        column_spacing_m: Some(10.0),
        row_spacing_m: Some(10.0),
        footprint: Some(MultiPolygon::new(vec![
            Rect::new(
                coord! {x: c.lon_deg - 1.0, y: c.lat_deg - 1.0},
                coord! {x: c.lon_deg + 1.0, y: c.lat_deg + 1.0},
            )
            .to_polygon(),
        ])),
        incidence_deg: Some((30.0, 46.0)),
        ..Scene::unreferenced("scene".to_owned(), Sensor::Sentinel1, (100, 100), 4.4)
    }
}
