//! The kernel against counting pixel by pixel, and its variants against each other.

use super::*;
use crate::detect::cfar::SAMPLE_CAP;
use crate::detect::cfar::rows::{Censored, SEARCH_ROWS};
use proptest::prelude::*;

/// Sum and count over a ring, pixel by pixel.
fn brute(image: &[u16], width: i64, height: i64, ring: Ring, row: i64, col: i64) -> (u64, u32) {
    let (mut sum, mut count) = (0_u64, 0);
    let outer = i64::from(ring.outer);
    for y in (row - outer).max(0)..=(row + outer).min(height - 1) {
        for x in (col - outer).max(0)..=(col + outer).min(width - 1) {
            let in_guard = (y - row).abs().max((x - col).abs()) <= i64::from(ring.guard);
            let dn = u64::from(image[(y * width + x) as usize].min(SAMPLE_CAP));
            if !in_guard && dn != 0 {
                sum += dn * dn;
                count += 1;
            }
        }
    }
    (sum, count)
}

fn amplitude() -> impl Strategy<Value = u16> {
    prop_oneof![3 => Just(0_u16), 8 => 1_u16..400, 1 => Just(u16::MAX), 1 => 4090_u16..4100]
}

/// Σ weight(distance down + across) · min(DN, 4095)² over the patch that reaches `reach` pixels.
fn brute_patch(
    image: &[u16],
    (width, height): (i64, i64),
    (row, col): (i64, i64),
    (reach, weight): (i64, fn(i64) -> u32),
) -> f64 {
    let mut sum = 0;
    for y in (row - reach).max(0)..=(row + reach).min(height - 1) {
        for x in (col - reach).max(0)..=(col + reach).min(width - 1) {
            let weight = weight((y - row).abs() + (x - col).abs());
            sum += weight * u32::from(image[(y * width + x) as usize].min(4095)).pow(2);
        }
    }
    f64::from(sum)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn ring_sums_and_tests_are_those_of_counting_pixel_by_pixel(
        (width, height, image) in (1_u32..140, 1_u32..40).prop_flat_map(|(w, h)| {
            (Just(w), Just(h), prop::collection::vec(amplitude(), (w * h) as usize))
        }),
        outer in 2_u32..=60,
        guard_part in 0.0..1.0_f64,
        pixel in 1.0..6.0_f64,
        narrow in prop_oneof![Just(f64::INFINITY), 1.0..6.0_f64],
        gate_part in prop_oneof![Just(1.0), 0.3..1.0_f64],
        wide in prop_oneof![Just(f64::INFINITY), 1.0..6.0_f64],
        marks in prop::collection::btree_set((0_u32..40, 0_u32..140), 0..20),
    ) {
        let ring = Ring { outer, guard: (f64::from(outer - 1) * guard_part) as u32 };
        let mut rows = Rows::new((width, height), SEARCH_ROWS);
        for row in 0..height {
            let start = (row * width) as usize;
            rows.row_mut(row).copy_from_slice(&image[start..start + width as usize]);
        }
        let mut clean = image.clone();
        let censored: Vec<Censored> = marks
            .into_iter()
            .filter(|&(row, col)| row < height && col < width && image[(row * width + col) as usize] != 0)
            .map(|(row, col)| Censored { row, col, dn: image[(row * width + col) as usize] })
            .collect();
        for pixel in &censored {
            clean[(pixel.row * width + pixel.col) as usize] = 0;
        }
        rows.censor(0, censored);
        let (check, gate) = (2.0, gate_part * narrow);
        let (mut expected, mut told) = (Vec::new(), Tally::default());
        let (w, h) = (i64::from(width), i64::from(height));
        for row in 0..height {
            for col in 0..width {
                let at = (row * width + col) as usize;
                let (y, x) = (i64::from(row), i64::from(col));
                let (sum, count) = brute(&clean, w, h, ring, y, x);
                let above = |power: f64, alpha: f64| power * f64::from(count) > alpha * sum as f64;
                let dn = image[at];
                if dn == 0 {
                    continue;
                }
                if count < ring.fewest() {
                    told.untested += 1;
                    continue;
                }
                let power = f64::from(dn).powi(2);
                if row % 8 == 0 && clean[at] != 0 {
                    told.checked += 1;
                    told.exceeding += u64::from(above(power, check));
                }
                let patch = |shape| brute_patch(&image, (w, h), (y, x), shape);
                let narrow_power = patch((1, |apart| 4 >> apart));
                let passes = |more: f64| {
                    above(power, more * pixel)
                        || above(narrow_power, more * 16.0 * narrow)
                        || (above(narrow_power, 16.0 * gate)
                            && above(patch((2, |_| 1)), more * 25.0 * wide))
                };
                if passes(1.0) {
                    expected.push(Hit {
                        row,
                        col,
                        dn,
                        ring_count: count,
                        ring_sum: sum,
                        cell: 7 + col / CELL,
                        is_sure: passes(2.0),
                    });
                }
            }
        }
        for simd in Simd::ALL.into_iter().filter(|simd| simd.is_available()) {
            let job = Job {
                rows: &rows,
                range: 0..height,
                width,
                ring,
                thresholds: &[CellThresholds {
                    fires: Tests { pixel, narrow, wide },
                    sure: Tests { pixel: 2.0 * pixel, narrow: 2.0 * narrow, wide: 2.0 * wide },
                    gate,
                    check,
                }; 9],
                first_cell: 7,
                simd,
            };
            let mut hits = Vec::new();
            let tally = search_block(&job, &mut Scratch::default(), &mut hits);
            hits.sort_by_key(|hit| (hit.row, hit.col));
            prop_assert_eq!(&hits, &expected, "{:?}", simd);
            prop_assert_eq!(tally, told, "{:?}", simd);
        }
    }
}

/// Amplitudes of a sea of `mean` with ships, dark holes and land, by a small generator of its own.
fn sea(width: u32, height: u32, mean: u32, seed: u32) -> Vec<u16> {
    let mut state = seed;
    let mut next = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 8
    };
    let mut image: Vec<u16> = (0..width * height)
        .map(|_| ((next() % mean + next() % mean + next() % mean + next() % mean) / 2) as u16)
        .collect();
    for _ in 0..width * height / 4000 {
        let (row, col, size) = (next() % height, next() % width, 1 + next() % 9);
        let dn = [0, 0, u16::MAX, 4095, (8 * mean) as u16][next() as usize % 5];
        for y in row..height.min(row + size) {
            for x in col..width.min(col + 3 * size) {
                image[(y * width + x) as usize] = dn;
            }
        }
    }
    image
}

/// All that a search of an image gives, for the first two tiles of columns and the thresholds given.
fn searched(
    (image, mean): (&[u16], u32),
    width: u32,
    simd: Simd,
    ring: Ring,
    cell: CellThresholds,
) -> (Vec<Hit>, Tally) {
    let height = image.len() as u32 / width;
    let mut rows = Rows::new((width, height), SEARCH_ROWS);
    for (row, pixels) in image.chunks(width as usize).enumerate() {
        rows.row_mut(row as u32).copy_from_slice(pixels);
    }
    for block_row in 0..height.div_ceil(64) {
        let first = (block_row * 64 * width) as usize;
        let censored = image[first..image.len().min(first + 64 * width as usize)]
            .iter()
            .enumerate()
            .filter(|(_, dn)| u32::from(**dn) > 3 * mean)
            .map(|(at, &dn)| Censored {
                row: block_row * 64 + at as u32 / width,
                col: at as u32 % width,
                dn,
            })
            .collect();
        rows.censor(block_row, censored);
    }
    let job = Job {
        rows: &rows,
        range: 0..height,
        width,
        ring,
        thresholds: &vec![cell; width.div_ceil(CELL) as usize],
        first_cell: 0,
        simd,
    };
    let mut hits = Vec::new();
    let tally = search_block(&job, &mut Scratch::default(), &mut hits);
    hits.sort_by_key(|hit| (hit.row, hit.col));
    (hits, tally)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn every_variant_gives_the_same_bits_over_tiles_and_land(
        width in 2000_u32..2200,
        height in 40_u32..130,
        mean in prop_oneof![2_u32..8, 40_u32..400, 1500_u32..4000],
        seed in any::<u32>(),
        outer in 2_u32..=60,
        guard_part in 0.0..1.0_f64,
        pixel in 2.0..6.0_f64,
        narrow in prop_oneof![Just(f64::INFINITY), 1.2..3.0_f64],
    ) {
        let image = sea(width, height, mean, seed);
        let ring = Ring { outer, guard: (f64::from(outer - 1) * guard_part) as u32 };
        let tests = |more| Tests { pixel: more * pixel, narrow: more * narrow, wide: more * 0.9 * narrow };
        let cell = CellThresholds { fires: tests(1.0), sure: tests(1.2), gate: 0.8 * narrow, check: 2.0 };
        let expected = searched((&image, mean), width, Simd::Portable, ring, cell);
        prop_assert!(expected.1.checked > 0);
        for simd in [Simd::Avx2, Simd::Avx512].into_iter().filter(|simd| simd.is_available()) {
            let found = searched((&image, mean), width, simd, ring, cell);
            prop_assert_eq!(&found.0, &expected.0, "{:?}", simd);
            prop_assert_eq!(found.1, expected.1, "{:?}", simd);
        }
    }
}
