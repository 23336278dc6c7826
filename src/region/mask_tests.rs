//! Masks against a pixel-by-pixel search, at the edges of the image, and on a full scene.

use super::*;
use crate::region::built_in_islands;
use geo::polygon;

/// A north-up scene of 10 m pixels or so: 1e-4 degrees a pixel from its north-west corner.
fn north_up(west: f64, north: f64) -> impl Fn(LonLat) -> Option<(f64, f64)> {
    move |place| Some(((north - place.lat_deg) * 1e4, (place.lon_deg - west) * 1e4))
}

#[test]
fn the_mask_of_uotsuri_is_that_of_a_search_through_every_pixel() {
    let (west, north, width, height) = (123.44, 25.77, 700, 500);
    let mask = Land::built_in()
        .mask(width, height, &north_up(west, north))
        .expect("burnt");
    let islands = built_in_islands();
    let near: Vec<_> = islands
        .iter()
        .filter(|island| {
            let at = island.exterior().0[0];
            (123.3..123.7).contains(&at.x) && (25.6..25.9).contains(&at.y)
        })
        .collect();
    let touched = |row: u32, col: u32, shrink: f64| {
        let half = 0.5 - shrink;
        let corner = |d: f64| {
            (
                west + (f64::from(col) + d) * 1e-4,
                north - (f64::from(row) + d) * 1e-4,
            )
        };
        let square = Rect::new(corner(-half), corner(half)).to_polygon();
        near.iter().any(|island| island.intersects(&square))
    };
    let mut land = 0;
    for row in 0..height {
        for col in 0..width {
            let found = mask.is_land(row, col);
            // A shore within a hundredth of a pixel of a pixel's border may fall either way.
            if touched(row, col, 0.01) {
                assert!(found, "{row} {col} is land");
            } else if found {
                assert!(touched(row, col, -0.01), "{row} {col} is sea");
            }
            land += u64::from(found);
        }
    }
    assert_eq!(mask.land_pixels(), land);
    // 3.8 km² of island in pixels of 10.0 m by 11.1 m.
    assert!((30_000..60_000).contains(&land), "{land}");
}

fn square_land() -> Land {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("square.csv");
    let text = "WKT,id\n\"POLYGON ((0 0,1 0,1 1,0 1,0 0))\",a\n";
    std::fs::write(&path, text).expect("a file in a fresh folder");
    let path = path.to_str().expect("a path in UTF-8").to_owned();
    Land::from_vectors(&[path], None, false).expect("read")
}

#[test]
fn land_that_covers_the_image_masks_all_of_it_and_far_land_none() {
    let mask = square_land()
        .mask(300, 400, &north_up(0.5, 0.5))
        .expect("burnt");
    assert_eq!(mask.land_pixels(), 300 * 400);
    assert_eq!(mask.runs(399), [(0, 300)]);
    assert!(mask.runs(400).is_empty() && !mask.is_land(0, 300));
    let mask = square_land()
        .mask(300, 400, &north_up(40.0, 0.5))
        .expect("burnt");
    assert_eq!(mask, LandMask::empty(300, 400));
}

#[test]
fn corners_far_out_or_without_a_pixel_do_not_break_the_mask() {
    // East of 0.5° there is no answer, and north of 0.9° a wild one.
    let wild = |place: LonLat| {
        let (row, col) = ((0.5 - place.lat_deg) * 1e4, place.lon_deg * 1e4);
        match place {
            LonLat { lon_deg, .. } if lon_deg > 0.5 => None,
            LonLat { lat_deg, .. } if lat_deg > 0.9 => Some((-1e15, col)),
            _ => Some((row, col)),
        }
    };
    let mask = square_land().mask(200, 100, &wild).expect("burnt");
    assert_eq!(mask.land_pixels(), 200 * 100);
    let nowhere = |_: LonLat| Some((f64::NAN, f64::INFINITY));
    let mask = square_land().mask(200, 100, &nowhere).expect("burnt");
    assert_eq!(mask.land_pixels(), 0);
}

#[test]
fn long_edges_follow_a_map_that_is_not_straight() {
    // The southern shore, one edge of 111 km along the equator, is bent into a parabola of 100 rows.
    let bent = |place: LonLat| {
        let bow = 400.0 * place.lon_deg * (1.0 - place.lon_deg);
        Some((200.0 - place.lat_deg * 1e3 - bow, place.lon_deg * 1e3))
    };
    let mask = square_land().mask(1000, 300, &bent).expect("burnt");
    for col in [100, 250, 500, 750] {
        let x = f64::from(col) / 1e3;
        let shore = 200.0 - 400.0 * x * (1.0 - x);
        let last = (0..300).rfind(|&row| mask.is_land(row, col)).expect("land");
        // A 5 km piece leaves the parabola by 400·0.045²/4 = 0.2 rows.
        assert!(
            (f64::from(last) - shore).abs() <= 1.2,
            "{col}: {last} {shore}"
        );
    }
}

#[test]
fn runs_that_touch_are_joined() {
    let mut builder = Builder::new(10, 2);
    builder.push_row(&[(0, 2), (1, 4), (4, 5), (7, 8)]);
    builder.push_row(&[]);
    assert_eq!(builder.mask.runs(0), [(0, 5), (7, 8)]);
    assert!(builder.mask.runs(1).is_empty());
}

#[test]
fn a_ring_cut_by_the_image_leaves_no_trace_of_the_cut() {
    // A horseshoe open to the west, its bend outside the image: two bars of land and sea between them.
    let shoe = polygon![
        (x: -0.01, y: 0.0), (x: 0.2, y: 0.0), (x: 0.2, y: 0.02), (x: -0.01, y: 0.02),
        (x: -0.01, y: 0.015), (x: 0.15, y: 0.015), (x: 0.15, y: 0.005), (x: -0.01, y: 0.005),
    ];
    let cut = keep_in_box(
        &in_pixels(&shoe, &north_up(0.0, 0.02)),
        Rect::new((-2.0, -2.0), (102.0, 202.0)),
    );
    let mut builder = Builder::new(100, 200);
    burn_rows(&[cut.expect("something is left")], 0, 200, &mut builder).expect("burnt");
    for row in 0..200 {
        let expected: &[(u32, u32)] = match row {
            51..150 => &[],
            _ => &[(0, 100)],
        };
        assert_eq!(builder.mask.runs(row), expected, "{row}");
    }
}

#[test]
#[ignore = "needs the shared real data"]
fn a_full_scene_of_a_jagged_coast_is_masked_in_little_memory() {
    let shared = std::env::var("TIDEWATCH_SHARED")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data").to_owned());
    let paths = [format!("{shared}/land/osm-east-asia-land.fgb")];
    // The Korea Strait and the islands of Kyushu in a frame turned by 12°.
    let (sin, cos) = 12_f64.to_radians().sin_cos();
    let corner = |row: f64, col: f64| {
        (
            128.6 + (cos * col + sin * row) * 1e-4,
            34.8 + (sin * col - cos * row) * 1e-4,
        )
    };
    let (width, height) = (25_117, 19_497);
    let (w, h) = (f64::from(width), f64::from(height));
    let ring = [(0.0, 0.0), (h, 0.0), (h, w), (0.0, w)].map(|(row, col)| corner(row, col));
    let footprint = Polygon::new(LineString::from(ring.to_vec()), vec![]);
    let pixel_of = |place: LonLat| {
        let (x, y) = ((place.lon_deg - 128.6) * 1e4, (place.lat_deg - 34.8) * 1e4);
        Some((sin * x - cos * y, cos * x + sin * y))
    };
    let land =
        Land::from_vectors(&paths, Some(&MultiPolygon(vec![footprint])), true).expect("read");
    let mask = land.mask(width, height, &pixel_of).expect("burnt");
    let bytes = mask.runs.len() * 8 + mask.starts.len() * 8;
    assert!(bytes < 50_000_000, "{bytes} bytes");
    let mut checked = 0;
    for row in (50..height).step_by(977) {
        for col in (50..width).step_by(911) {
            let (lon, lat) = corner(f64::from(row), f64::from(col));
            let place = LonLat::new(lon, lat);
            // Within two pixels of the shore the pixel's border decides.
            if land.contains(place) {
                assert!(mask.is_land(row, col), "{row} {col}");
            } else if land
                .shore_distance_m(place)
                .is_none_or(|metres| metres > 25.0)
            {
                assert!(!mask.is_land(row, col), "{row} {col}");
            }
            checked += 1;
        }
    }
    assert!(checked > 500);
}
