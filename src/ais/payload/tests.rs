//! Tests of what holds for all applications, and of the shapes that area notices draw.
//!
//! Fields of each application are compared one by one in `tests/it/ais_payloads.rs`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use super::table::APPLICATIONS;
use super::*;
use crate::model::units::LonLat;
use proptest::prelude::*;

fn data(bytes: &[u8], bits: usize) -> Data {
    Data::gather(bits, |at| bytes.get(at).copied().unwrap_or(0))
}

proptest! {
    #[test]
    fn any_bits_under_any_application_are_split_or_refused(
        dac in prop_oneof![Just(1_u16), Just(200), Just(235), Just(250), 0..1024_u16],
        fid in 0..64_u8,
        bits in 0..=Data::MAX_BITS,
        bytes in prop::collection::vec(any::<u8>(), 133),
    ) {
        match split(dac, fid, &data(&bytes, bits)) {
            Ok(payload) => {
                prop_assert!(application_name(dac, fid).is_some());
                prop_assert!(serde_json::to_value(&payload).unwrap().is_object());
                if let Payload::AreaNotice(notice) = payload {
                    prop_assert!(notice.shapes().len() <= 2 * notice.areas.len());
                }
            }
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }

    #[test]
    fn bits_of_a_length_that_an_application_has_are_split(
        at in 0..APPLICATIONS.len(),
        bytes in prop::collection::vec(any::<u8>(), 133),
    ) {
        let application = &APPLICATIONS[at];
        for bits in 0..=Data::MAX_BITS {
            let fits = application.layouts.iter().any(|layout| layout.fits(bits));
            let found = split(application.dac, application.fid, &data(&bytes, bits));
            // Routes also tell how many waypoints they have, and one form of an observation has no spare bits.
            let may_contradict = application.dac == 1 && [21, 27, 28].contains(&application.fid);
            prop_assert!(found.is_ok() == fits || (fits && may_contradict), "{bits} bits: {found:?}");
        }
    }
}

#[test]
fn what_all_bits_unset_or_set_come_to_is_never_out_of_range() {
    // All set is "not available" in the older weather message (circular 236), all unset is a place off Africa.
    let set = split(1, 11, &data(&[0xFF; 133], 296)).unwrap();
    let Payload::MetHydro(set) = set else {
        panic!("{set:?}")
    };
    assert_eq!(set.wind_kn, None);
    assert_eq!(set.time, Moment::default());
    assert_eq!(
        (set.pressure_hpa, set.ice, set.swell),
        (None, None, Wave::default())
    );
    let unset = split(1, 11, &data(&[], 290)).unwrap();
    let Payload::MetHydro(unset) = unset else {
        panic!("{unset:?}")
    };
    assert_eq!(unset.position, Some(LonLat::new(0.0, 0.0)));
    assert_eq!(
        (unset.air_temperature_c, unset.water_level_m),
        (Some(-60.0), Some(-10.0))
    );
    assert_eq!(
        (unset.pressure_hpa, unset.dew_point_c),
        (Some(800.0), Some(-20.0))
    );
    assert_eq!((unset.accurate, unset.visibility_is_greater), (None, None));
    assert_eq!(unset.ice, Some(false));
    // Without its last field.
    let cut = split(1, 11, &data(&[], 288)).unwrap();
    let Payload::MetHydro(cut) = cut else {
        panic!("{cut:?}")
    };
    assert_eq!((cut.ice, cut.salinity_permille), (None, Some(0.0)));
}

#[test]
fn a_length_that_does_not_fit_is_named_with_those_that_do() {
    let text = |dac, fid, bits| split(dac, fid, &data(&[], bits)).unwrap_err().to_string();
    assert_eq!(
        text(200, 10, 368),
        "368 bits are no inland ship static and voyage data (200/10), expected 104 to 112"
    );
    assert_eq!(
        text(1, 16, 100),
        "100 bits are no persons on board, or targets of a vessel traffic service (1/16), expected 13 to 48, or 0 and 1 to 7 times 120"
    );
    assert_eq!(
        text(366, 56, 256),
        "application 366/56 is not split into fields"
    );
    // Two waypoints are told of, one is there.
    let mut bytes = [0; 133];
    bytes[7] = 0b0001_0000;
    assert!(split(1, 27, &data(&bytes, 61 + 110)).is_ok());
    assert_eq!(
        split(1, 27, &data(&bytes, 61 + 55))
            .unwrap_err()
            .to_string(),
        "116 bits are no route (1/27), expected 61 and 1 to 16 times 55"
    );
}

#[test]
fn applications_are_listed_once_and_in_order() {
    let pairs: Vec<(u16, u8)> = applications().map(|(dac, fid, _)| (dac, fid)).collect();
    assert!(pairs.is_sorted_by(|a, b| a < b), "{pairs:?}");
}

fn notice(areas: Vec<SubArea>) -> AreaNotice {
    AreaNotice {
        linkage: None,
        notice: 127,
        meaning: None,
        start: Moment::default(),
        duration_min: None,
        areas,
    }
}

fn circle(center: Option<LonLat>, radius_m: u32) -> SubArea {
    SubArea::Circle {
        center,
        decimals: 4,
        radius_m,
    }
}

fn legs(legs: &[(f64, u32)]) -> Vec<Leg> {
    let leg = |&(bearing_deg, distance_m)| Leg {
        bearing_deg: Some(bearing_deg),
        distance_m,
    };
    legs.iter().map(leg).collect()
}

/// Equator at 10° E, where a degree of longitude is a·π/180 = 111,319.49 m and the first minutes of latitude are
/// (1 − e²)·a·π/180 = 110,574.3 m a degree.
const CENTER: LonLat = LonLat {
    lon_deg: 10.0,
    lat_deg: 0.0,
};

fn near(found: [f64; 2], lon_deg: f64, lat_deg: f64) {
    // 10⁻⁶° is 0.1 m.
    let off = (found[0] - lon_deg).abs().max((found[1] - lat_deg).abs());
    assert!(off < 1e-6, "{found:?} for {lon_deg}, {lat_deg}");
}

fn ring(shape: &Shape) -> &[[f64; 2]] {
    match shape {
        Shape::Polygon([ring]) => ring,
        other => panic!("{other:?}"),
    }
}

/// Twice the area of a ring in square degrees, positive if anticlockwise.
fn twice_area(ring: &[[f64; 2]]) -> f64 {
    let pairs = ring.windows(2);
    pairs
        .map(|pair| pair[0][0] * pair[1][1] - pair[1][0] * pair[0][1])
        .sum()
}

#[test]
fn a_circle_has_its_radius_all_round_and_a_point_none() {
    let shapes = notice(vec![circle(Some(CENTER), 9260), circle(Some(CENTER), 0)]).shapes();
    assert_eq!(shapes[1], Shape::Point([10.0, 0.0]));
    let ring = ring(&shapes[0]);
    assert_eq!(ring.len(), 73);
    assert_eq!(ring.first(), ring.last());
    assert!(twice_area(ring) > 0.0);
    for corner in ring {
        let distance_m = CENTER.distance_m(LonLat::new(corner[0], corner[1]));
        assert!((distance_m - 9260.0).abs() < 1e-3, "{distance_m}");
    }
}

#[test]
fn a_rectangle_turns_clockwise_about_its_corner() {
    let rectangle = |east_m, north_m, orientation_deg| SubArea::Rectangle {
        corner: Some(CENTER),
        decimals: 4,
        east_m,
        north_m,
        orientation_deg: Some(orientation_deg),
    };
    let (east, north) = (1000.0 / 111_319.490_793, 500.0 / 110_574.275_8);
    let shapes = notice(vec![rectangle(1000, 500, 0.0)]).shapes();
    let upright = ring(&shapes[0]);
    near(upright[1], 10.0 + east, 0.0);
    near(upright[2], 10.0 + east, north);
    near(upright[3], 10.0, north);
    assert_eq!(upright.len(), 5);
    // Turned by 90°, what lay north lies east, and what lay east lies south.
    let shapes = notice(vec![rectangle(500, 1000, 90.0), rectangle(1000, 0, 0.0)]).shapes();
    let turned = ring(&shapes[0]);
    assert!(twice_area(turned) > 0.0);
    assert!(
        turned
            .iter()
            .any(|corner| (corner[0] - 10.0 - east).abs() < 1e-6 && corner[1].abs() < 1e-6)
    );
    assert!(
        turned
            .iter()
            .any(|corner| (corner[1] + north).abs() < 1e-6 && (corner[0] - 10.0).abs() < 1e-6)
    );
    let Shape::LineString(line) = &shapes[1] else {
        panic!("{shapes:?}")
    };
    near(line[1], 10.0 + east, 0.0);
}

#[test]
fn a_sector_lies_clockwise_of_its_left_boundary() {
    let sector = |left_deg, right_deg| SubArea::Sector {
        center: Some(CENTER),
        decimals: 4,
        radius_m: 1000,
        left_deg,
        right_deg,
    };
    let shapes = notice(vec![
        sector(Some(350.0), Some(20.0)),
        sector(None, Some(20.0)),
        sector(Some(20.0), Some(20.0)),
    ])
    .shapes();
    assert_eq!(shapes.len(), 1);
    let ring = ring(&shapes[0]);
    // The centre, seven corners 5° apart, the centre again.
    assert_eq!(ring.len(), 9);
    assert!(twice_area(ring) > 0.0);
    for corner in &ring[1..8] {
        let (distance_m, bearing_deg) = CENTER.inverse(LonLat::new(corner[0], corner[1]));
        assert!((distance_m - 1000.0).abs() < 1e-3);
        assert!(!(20.1..349.9).contains(&bearing_deg), "{bearing_deg}");
    }
}

#[test]
fn lines_and_polygons_begin_at_the_point_before_them_and_go_on_through_their_kind() {
    let (east, north) = (1000.0 / 111_319.490_793, 500.0 / 110_574.275_8);
    let shapes = notice(vec![
        circle(Some(CENTER), 0),
        SubArea::Polyline {
            legs: legs(&[(90.0, 1000), (0.0, 500)]),
        },
        SubArea::Polyline {
            legs: legs(&[(180.0, 500)]),
        },
        circle(Some(CENTER), 0),
        SubArea::Polygon {
            legs: legs(&[(0.0, 500), (90.0, 1000)]),
        },
        SubArea::Text { text: None },
    ])
    .shapes();
    assert_eq!(shapes.len(), 2);
    let Shape::LineString(line) = &shapes[0] else {
        panic!("{shapes:?}")
    };
    assert_eq!(line.len(), 4);
    near(line[1], 10.0 + east, 0.0);
    near(line[2], 10.0 + east, north);
    near(line[3], 10.0 + east, 0.0);
    // Sent clockwise, drawn anticlockwise.
    let polygon = ring(&shapes[1]);
    assert_eq!(polygon.len(), 4);
    near(polygon[0], 10.0, 0.0);
    near(polygon[1], 10.0 + east, north);
    near(polygon[2], 10.0, north);
    assert!(twice_area(polygon) > 0.0);
}

#[test]
fn what_has_no_place_or_bearing_draws_nothing_and_nothing_is_made_up() {
    let unknown = Leg {
        bearing_deg: None,
        distance_m: 100,
    };
    let shapes = notice(vec![
        SubArea::Polygon {
            legs: legs(&[(0.0, 500), (90.0, 1000)]),
        },
        circle(None, 500),
        SubArea::Polyline {
            legs: legs(&[(0.0, 500)]),
        },
        circle(Some(CENTER), 0),
        SubArea::Polyline {
            legs: vec![unknown],
        },
        SubArea::Reserved { number: 7 },
    ])
    .shapes();
    assert_eq!(shapes, [Shape::Point([10.0, 0.0])]);
}

#[test]
fn a_shape_is_a_geometry_of_geojson() {
    let shapes = notice(vec![circle(Some(CENTER), 0)]).shapes();
    assert_eq!(
        serde_json::to_string(&shapes).unwrap(),
        r#"[{"type":"Point","coordinates":[10.0,0.0]}]"#
    );
}
