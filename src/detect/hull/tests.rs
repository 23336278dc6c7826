//! Hulls of known size, painted by sums over sub-pixels and not by the model's closed form.

#![allow(
    clippy::unwrap_used,
    reason = "the hulls can be fitted by construction"
)]

use super::*;
use crate::detect::measure::Size;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Gamma};

const LOOKS: f64 = 4.4;
const PIXEL_M: f64 = 10.0;

static SQUARE: PixelFrame = PixelFrame {
    column_m: [PIXEL_M, 0.0],
    row_m: [0.0, -PIXEL_M],
};

/// Square pixels on plain speckle.
const AROUND: Surroundings = Surroundings {
    frame: &SQUARE,
    looks: LOOKS,
    nu: None,
};

/// A hull on a sea of mean 1: 25 points a pixel of its area, each a Gaussian of 20 m at half power.
struct Ship {
    centre: (f64, f64),
    length_m: f64,
    width_m: f64,
    heading_deg: f64,
    gain: f64,
}

impl Ship {
    fn power(&self, row: u32, col: u32) -> f64 {
        let step_m = PIXEL_M / 5.0;
        let sigma_m = 20.0 / (8.0 * std::f64::consts::LN_2).sqrt();
        let (sin, cos) = self.heading_deg.to_radians().sin_cos();
        let (mut power, mut along) = (0.0, (step_m - self.length_m) / 2.0);
        while along < self.length_m / 2.0 {
            let mut across = (step_m - self.width_m) / 2.0;
            while across < self.width_m / 2.0 {
                let east = along * sin + across * cos;
                let north = along * cos - across * sin;
                let right = (f64::from(col) - self.centre.1) * PIXEL_M - east;
                let up = (self.centre.0 - f64::from(row)) * PIXEL_M - north;
                let square = (right * right + up * up) / (sigma_m * sigma_m);
                power += (-0.5 * square).exp() / (std::f64::consts::TAU * sigma_m * sigma_m);
                across += step_m;
            }
            along += step_m;
        }
        1.0 + self.gain * power * step_m * step_m
    }

    /// Pixels that show anything of the ship, without speckle.
    fn samples(&self) -> Vec<Sample> {
        let places = (0..60).flat_map(|row| (0..60).map(move |col| (row, col)));
        let samples = places.map(|(row, col)| Sample {
            row,
            col,
            power: self.power(row, col),
        });
        samples.filter(|sample| sample.power > 1.02).collect()
    }

    fn fitted(&self, samples: &[Sample]) -> Hull {
        // What a mask would say: too long, too wide, a direction off by a little.
        let start = Size {
            length_m: self.length_m + 30.0,
            length_sigma_m: 20.0,
            width_m: self.width_m + 25.0,
            width_sigma_m: 20.0,
            heading: Some(((self.heading_deg + 9.0).rem_euclid(180.0), 10.0)),
        };
        let place = (self.centre.0 + 0.4, self.centre.1 - 0.3);
        fit(samples, &AROUND, place, &start).unwrap()
    }
}

fn turned_by(a: f64, b: f64) -> f64 {
    ((a - b + 90.0).rem_euclid(180.0) - 90.0).abs()
}

#[test]
fn without_speckle_the_hull_itself_comes_back() {
    for (length_m, width_m, heading_deg) in [
        (200.0, 32.0, 30.0),
        (120.0, 20.0, 171.0),
        (60.0, 12.0, 90.0),
    ] {
        let ship = Ship {
            centre: (29.7, 30.2),
            length_m,
            width_m,
            heading_deg,
            gain: 80.0,
        };
        let hull = ship.fitted(&ship.samples());
        // What is known of ships beforehand pulls by less than its own weight: a hundredth, a tenth below the resolution.
        assert!((hull.length_m / length_m - 1.0).abs() < 0.02, "{hull:?}");
        assert!((hull.width_m / width_m - 1.0).abs() < 0.12, "{hull:?}");
        assert!(
            turned_by(hull.heading.unwrap().0, heading_deg) < 0.3,
            "{hull:?}"
        );
        assert!((hull.row - 29.7).abs() < 0.02 && (hull.col - 30.2).abs() < 0.02);
    }
}

#[test]
fn under_speckle_errors_are_as_large_as_stated() {
    let ship = Ship {
        centre: (30.1, 29.6),
        length_m: 90.0,
        width_m: 15.0,
        heading_deg: 55.0,
        gain: 25.0,
    };
    let clean = ship.samples();
    let law = Gamma::new(LOOKS, 1.0 / LOOKS).unwrap();
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let trials = 200;
    let (mut length, mut heading, mut row) = (0, 0, 0);
    for _ in 0..trials {
        let mut speckled = clean.clone();
        for sample in &mut speckled {
            sample.power *= law.sample(&mut random);
        }
        let hull = ship.fitted(&speckled);
        let (told, sigma) = hull.heading.unwrap();
        length += i32::from((hull.length_m - 90.0).abs() <= hull.length_sigma_m);
        heading += i32::from(turned_by(told, 55.0) <= sigma);
        row += i32::from((hull.row - 30.1).abs() * PIXEL_M <= hull.place_sigma_m);
    }
    // 68 % of a normal law; four standard deviations of 200 trials are 13 %.
    for within in [length, heading, row] {
        let part = f64::from(within) / f64::from(trials);
        assert!((0.55..0.82).contains(&part), "{length} {heading} {row}");
    }
}

#[test]
fn a_hull_whose_parts_differ_is_known_less_well() {
    let even = Ship {
        centre: (30.0, 30.0),
        length_m: 160.0,
        width_m: 25.0,
        heading_deg: 0.0,
        gain: 60.0,
    };
    let stern = Ship {
        centre: (35.0, 30.0),
        length_m: 60.0,
        gain: 120.0,
        ..even
    };
    let start = Size {
        length_m: 180.0,
        length_sigma_m: 20.0,
        width_m: 40.0,
        width_sigma_m: 20.0,
        heading: Some((2.0, 5.0)),
    };
    let with_bridge: Vec<Sample> = even
        .samples()
        .into_iter()
        .map(|sample| Sample {
            power: sample.power + stern.power(sample.row, sample.col) - 1.0,
            ..sample
        })
        .collect();
    let hull = fit(&with_bridge, &AROUND, (30.0, 30.0), &start).unwrap();
    assert!(
        hull.length_sigma_m > 3.0 * even.fitted(&even.samples()).length_sigma_m,
        "{hull:?}"
    );
    assert!(
        (hull.length_m - 160.0).abs() < 2.0 * hull.length_sigma_m,
        "{hull:?}"
    );
}

#[test]
fn slopes_are_those_of_the_model_itself() {
    let frame = PixelFrame {
        column_m: [9.0, 3.0],
        row_m: [2.0, -10.0],
    };
    let around = Surroundings {
        frame: &frame,
        looks: LOOKS,
        nu: Some(4.0),
    };
    let samples: Vec<Sample> = (0..8)
        .map(|at| Sample {
            row: at,
            col: 3 + at % 3,
            power: 2.0,
        })
        .collect();
    let problem = Problem::new(&samples, &around, (4.0, 4.0));
    let at = Vector::from([3.0, -4.0, 4.2, 2.6, 0.7, 2.0, 0.1]);
    for point in &problem.points {
        let (_, by) = problem.slopes(&at, point);
        for unknown in 0..UNKNOWNS {
            let step = 1e-5;
            let (mut up, mut down) = (at, at);
            up[unknown] += step;
            down[unknown] -= step;
            let slope = (problem.power(&up, point) - problem.power(&down, point)) / (2.0 * step);
            // Central differences err by the step's square times the third derivative.
            assert!(
                (slope - by[unknown]).abs() < 1e-7 * (1.0 + by.amax()),
                "{unknown}: {slope} {by}"
            );
        }
    }
}

#[test]
fn too_few_pixels_determine_no_hull() {
    let samples = [Sample {
        row: 0,
        col: 0,
        power: 9.0,
    }; 5];
    let start = Size {
        length_m: 20.0,
        length_sigma_m: 10.0,
        width_m: 10.0,
        width_sigma_m: 10.0,
        heading: None,
    };
    assert_eq!(fit(&samples, &AROUND, (0.0, 0.0), &start), None);
}
