//! Trials of the whole search on simulated sea: seeded, so every run sees the same pixels.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "in-memory images cannot fail to be read"
)]

use super::cfar::ring::Ring;
use super::cfar::strip::{Found, Plan};
use super::clutter::ClutterLaw;
use super::image::search_bands;
use super::mask::Mask;
use super::split::Split;
use super::*;
use crate::model::detection::DetectionFlag;
use crate::model::grid::PixelFrame;
use crate::model::scene::{Polarisation, Scene, Sensor};
use crate::model::tile::Tile;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Gamma};

pub(super) const LOOKS: f64 = 4.4;

/// An image in memory.
#[derive(Clone)]
pub(super) struct Sea {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) dn: Vec<u16>,
}

impl Sea {
    /// K-distributed power of mean 100² (ν `None`: speckle alone).
    pub(super) fn new(width: u32, height: u32, nu: Option<f64>, seed: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let speckle = Gamma::new(LOOKS, 1.0 / LOOKS).unwrap();
        let texture = nu.map(|nu| Gamma::new(nu, 1.0 / nu).unwrap());
        let dn = (0..width * height)
            .map(|_| {
                let texture = texture.map_or(1.0, |law| law.sample(&mut random));
                let power: f64 = speckle.sample(&mut random) * texture * 1e4;
                power.sqrt().round().clamp(1.0, 65535.0) as u16
            })
            .collect();
        Self { width, height, dn }
    }

    /// A rectangle of one amplitude; centre in pixels, sizes in pixels, heading clockwise from up.
    fn ship(
        &mut self,
        (row, col): (f64, f64),
        (length, width): (f64, f64),
        heading_deg: f64,
        dn: u16,
    ) {
        let (sin, cos) = heading_deg.to_radians().sin_cos();
        for at in 0..self.dn.len() {
            let (y, x) = (at / self.width as usize, at % self.width as usize);
            let (right, up) = (x as f64 - col, row - y as f64);
            let (along, across) = (right * sin + up * cos, right * cos - up * sin);
            if along.abs() <= length / 2.0 && across.abs() <= width / 2.0 {
                self.dn[at] = dn;
            }
        }
    }

    fn scene(&self) -> Scene {
        let size = (self.width, self.height);
        Scene {
            column_spacing_m: Some(10.0),
            row_spacing_m: Some(10.0),
            ..Scene::unreferenced("trial".into(), Sensor::Sar, size, LOOKS)
        }
    }
}

fn open<'s>(bands: &'s [Sea]) -> impl Fn(usize) -> Result<ReadRows<'s>, DetectError> + Sync + 's {
    move |band| {
        let sea = &bands[band];
        Ok(Box::new(move |first_row, rows, tile: &mut Tile| {
            tile.copy_rows(&sea.dn, sea.width, first_row, rows);
            Ok(())
        }))
    }
}

fn search(bands: &[Sea], land: &dyn LandRows, params: &DetectParams) -> SearchReport {
    let scene = bands[0].scene();
    let polarisations = [Some(Polarisation::Vv), Some(Polarisation::Vh)];
    let image = Image {
        scene: &scene,
        polarisations: &polarisations[..bands.len()],
        land,
        ground: Ground {
            locate: &|_, _| None,
            frame: &|_, _| Some(PixelFrame::from_spacing(10.0, 10.0)),
            sigma0: &|_, _, _| None,
            ambiguity: &|_, _| None,
            shore_distance_m: &|_| None,
        },
    };
    search_image(&image, &open(bands), params, &|_| ()).unwrap()
}

/// Hits of one band in `units` stretches on `threads` threads.
pub(super) fn found(sea: &Sea, pfa: f64, units: u32, threads: usize) -> Found {
    let law = ClutterLaw::new(LOOKS, pfa, 1e6);
    let plan = Plan {
        width: sea.width,
        height: sea.height,
        ring: Ring::choose(None, None, (Some(10.0), u32::MAX)).unwrap(),
        law: &law,
        mask: Mask::new(&NoLand, 0, sea.width, sea.height),
        simd: crate::detect::cfar::kernel::simd::Simd::widest(),
    };
    let bands = std::slice::from_ref(sea);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap();
    let mut found = pool
        .install(|| search_bands(&plan, 1, Split::Even(units), &open(bands), &|_| ()))
        .unwrap();
    found.remove(0)
}

#[test]
fn plain_speckle_fires_as_often_as_stated() {
    let sea = Sea::new(2048, 2048, None, 1);
    let hits = found(&sea, 1e-4, 2, 2).hits.len() as f64;
    let expected = 1e-4 * f64::from(sea.width * sea.height);
    // Binomial, 4 standard deviations (1 in 16,000), and 2 % for the ring mean's own scatter.
    let allowed = 4.0 * expected.sqrt() + 0.02 * expected;
    assert!((hits - expected).abs() < allowed, "{hits} of {expected}");
}

#[test]
fn spiky_sea_fires_as_often_as_stated_and_its_shape_is_recovered() {
    let sea = Sea::new(2048, 1536, Some(5.0), 2);
    let found = found(&sea, 1e-4, 2, 2);
    let ratio = found.hits.len() as f64 / (1e-4 * f64::from(sea.width * sea.height));
    assert!((1.0 / 1.3..1.3).contains(&ratio), "{ratio}");
    for cell in &found.cells {
        let nu = cell.nu.unwrap();
        assert!((nu / 5.0 - 1.0).abs() < 0.1, "{nu}");
    }
    for (cell, mean) in found.means.iter().enumerate() {
        let (row, col) = (cell as u32 / 8 * 256, cell as u32 % 8 * 256);
        let pixels = (row..row + 256).flat_map(|row| {
            let first = (row * sea.width + col) as usize;
            &sea.dn[first..first + 256]
        });
        let told = pixels.map(|&dn| f64::from(dn).powi(2)).sum::<f64>() / 65_536.0;
        // From the geometric mean and ν, both known to about 1 %.
        let mean = mean.unwrap();
        assert!((mean / told - 1.0).abs() < 0.05, "{mean} {told}");
    }
    let counted = found.tally.exceeding as f64 / found.tally.checked as f64;
    assert!((0.7e-4..1.4e-4).contains(&counted), "{counted}");
}

#[test]
fn a_slow_fall_off_with_range_is_not_taken_for_texture() {
    let mut sea = Sea::new(1024, 512, None, 3);
    for (at, dn) in sea.dn.iter_mut().enumerate() {
        // 10 dB over 1,024 columns.
        let gain = 10.0_f64.powf(-0.5 * (at % 1024) as f64 / 1024.0);
        *dn = (f64::from(*dn) * 3.0 * gain).round() as u16;
    }
    for cell in found(&sea, 1e-6, 1, 1).cells {
        assert!(cell.nu.is_none_or(|nu| nu > 60.0), "{:?}", cell.nu);
    }
}

#[test]
fn any_split_and_any_number_of_threads_give_the_same_bits() {
    let mut sea = Sea::new(700, 1500, Some(3.0), 4);
    for row in [3.0, 255.0, 256.0, 511.5, 700.0, 767.0, 1024.0, 1498.0] {
        sea.ship((row, 350.0), (14.0, 3.0), 20.0, 900);
    }
    let whole = found(&sea, 1e-4, 1, 1);
    assert!(whole.hits.len() > 100);
    for (units, threads) in [(2, 1), (3, 2), (4, 3), (6, 3)] {
        assert!(
            found(&sea, 1e-4, units, threads) == whole,
            "{units} {threads}"
        );
    }
    let one = DetectParams {
        threads: Some(1),
        ..DetectParams::default()
    };
    let three = DetectParams {
        threads: Some(3),
        ..DetectParams::default()
    };
    let bands = [sea];
    assert_eq!(
        search(&bands, &NoLand, &one).detections,
        search(&bands, &NoLand, &three).detections
    );
}

#[test]
fn a_bright_ship_beside_another_does_not_raise_its_threshold() {
    let mut alone = Sea::new(512, 512, None, 5);
    alone.ship((256.0, 256.0), (4.0, 2.0), 0.0, 280);
    let mut crowd = alone.clone();
    // Just outside the guard: eight ships of 36 dB, that would lift the ring mean forty times.
    for (row, col) in [
        (220, 256),
        (292, 256),
        (256, 220),
        (256, 292),
        (222, 222),
        (290, 290),
        (222, 290),
        (290, 222),
    ] {
        crowd.ship((f64::from(row), f64::from(col)), (8.0, 4.0), 45.0, 6400);
    }
    let mean = |sea: &Sea| {
        let hits = found(sea, 1e-6, 1, 1).hits;
        let hit = hits.iter().find(|hit| hit.row == 256 && hit.col == 256);
        hit.map(|hit| hit.mean_power()).unwrap()
    };
    let (alone, crowd) = (mean(&alone), mean(&crowd));
    assert!((crowd / alone - 1.0).abs() < 0.02, "{alone} {crowd}");
}

#[test]
fn a_ship_across_a_strip_border_is_one_detection_and_is_measured() {
    let mut sea = Sea::new(600, 520, None, 6);
    sea.ship((256.0, 300.0), (30.0, 5.0), 25.0, 700);
    let report = search(&[sea], &NoLand, &DetectParams::default());
    assert_eq!(report.detections.len(), 1, "{:?}", report.detections);
    let ship = &report.detections[0];
    assert!(
        (ship.row - 256.0).abs() < 0.5 && (ship.col - 300.0).abs() < 0.5,
        "{ship:?}"
    );
    assert!((ship.length_m.unwrap() - 300.0).abs() < 20.0, "{ship:?}");
    assert!((ship.width_m.unwrap() - 50.0).abs() < 15.0, "{ship:?}");
    assert!((ship.heading_deg.unwrap() - 25.0).abs() < 3.0, "{ship:?}");
    // 700² over 100².
    assert!((ship.snr_db - 16.9).abs() < 0.3, "{ship:?}");
    assert!(ship.score > 0.5 && ship.flags.is_empty(), "{ship:?}");
    assert_eq!(report.searched_px, 600 * 520);
    assert!((report.searched_km2.unwrap() - 31.2).abs() < 1e-9);
}

#[test]
fn two_ships_ten_pixels_apart_stay_two() {
    let mut sea = Sea::new(400, 400, None, 7);
    sea.ship((200.0, 200.0), (8.0, 3.0), 0.0, 600);
    sea.ship((200.0, 210.0), (8.0, 3.0), 0.0, 600);
    let report = search(&[sea], &NoLand, &DetectParams::default());
    assert_eq!(report.detections.len(), 2, "{:?}", report.detections);
}

#[test]
fn masked_land_never_fires_and_a_ship_beside_it_says_so() {
    let mut sea = Sea::new(400, 400, None, 8);
    for row in 0..400_usize {
        for col in 0..100_usize {
            sea.dn[row * 400 + col] = 3000 + ((row * 7 + col * 13) % 500) as u16;
        }
    }
    sea.ship((200.0, 103.0), (8.0, 6.0), 0.0, 700);
    sea.ship((100.0, 300.0), (8.0, 3.0), 0.0, 700);
    let land: Vec<Vec<(u32, u32)>> = vec![vec![(0, 100)]; 400];
    let report = search(&[sea], &land, &DetectParams::default());
    let places: Vec<(i64, i64)> = report
        .detections
        .iter()
        .map(|ship| (ship.row.round() as i64, ship.col.round() as i64))
        .collect();
    assert_eq!(places.len(), 2, "{places:?}");
    assert_eq!(places[0], (100, 300));
    assert!(places[1].1 >= 100, "{places:?}");
    assert!(
        report.detections[1]
            .flags
            .contains(&DetectionFlag::TouchesLand)
    );
    assert!(
        !report.detections[0]
            .flags
            .contains(&DetectionFlag::TouchesLand)
    );
    assert!(report.detections[1].score < report.detections[0].score);
    assert_eq!((report.land_px, report.no_data_px), (40_000, 0));
}

#[test]
fn both_polarisations_of_a_ship_are_one_detection() {
    let mut vv = Sea::new(400, 300, None, 9);
    let mut vh = Sea::new(400, 300, None, 10);
    vv.ship((150.0, 200.0), (8.0, 3.0), 30.0, 500);
    vh.ship((151.0, 202.0), (6.0, 3.0), 30.0, 800);
    vh.ship((50.0, 60.0), (6.0, 3.0), 30.0, 800);
    let report = search(&[vv, vh], &NoLand, &DetectParams::default());
    let told: Vec<String> = report
        .detections
        .iter()
        .map(|ship| ship.polarisation_text())
        .collect();
    assert_eq!(told, ["VH", "VH+VV"]);
    // The stronger band measures.
    assert!((report.detections[1].snr_db - 18.1).abs() < 0.3);
    assert!(report.detections[1].score > report.detections[0].score);
    assert_eq!(report.bands.len(), 2);
}

#[test]
fn a_ship_at_the_edge_of_the_image_says_so_and_blank_pixels_are_counted() {
    let mut sea = Sea::new(300, 300, None, 11);
    sea.dn[..300 * 20].fill(0);
    sea.ship((22.0, 150.0), (6.0, 4.0), 0.0, 700);
    sea.dn[..300 * 20].fill(0);
    let report = search(&[sea], &NoLand, &DetectParams::default());
    assert_eq!(report.detections.len(), 1);
    assert_eq!(report.detections[0].flags, [DetectionFlag::ImageEdge]);
    assert_eq!(report.no_data_px, 6000);
    assert_eq!(report.searched_px, 300 * 280);
}

#[test]
fn settings_out_of_range_are_refused_by_name() {
    let sea = [Sea::new(64, 64, None, 12)];
    let scene = sea[0].scene();
    let image = Image {
        scene: &scene,
        polarisations: &[None],
        land: &NoLand,
        ground: Ground {
            locate: &|_, _| None,
            frame: &|_, _| None,
            sigma0: &|_, _, _| None,
            ambiguity: &|_, _| None,
            shore_distance_m: &|_| None,
        },
    };
    for params in [
        DetectParams {
            pfa: 0.5,
            ..DetectParams::default()
        },
        DetectParams {
            pfa: f64::NAN,
            ..DetectParams::default()
        },
        DetectParams {
            min_pixels: 0,
            ..DetectParams::default()
        },
        DetectParams {
            threads: Some(0),
            ..DetectParams::default()
        },
        DetectParams {
            buffer_m: -1.0,
            ..DetectParams::default()
        },
        DetectParams {
            ring_px: Some(80),
            ..DetectParams::default()
        },
    ] {
        let error = search_image(&image, &open(&sea), &params, &|_| ()).unwrap_err();
        assert!(error.to_string().contains("expected"), "{error}");
    }
}
