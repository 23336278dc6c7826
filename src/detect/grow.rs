//! From hits to whole targets: pixels beside a hit that stand out as well.
//!
//! The test's threshold cuts a ship to its brightest parts: lengths measured on those have been found at a third of
//! the truth. So each hit spreads to neighbours above a second, lower threshold (1 in 1000 clutter pixels passes it),
//! all hits at once, ring by ring, each pixel to the hit that reaches it first. The spread ends at half a guard.
//!
//! What lies about a grown target is kept as well: its edge is only known beside what is no longer target.

use super::cfar::Hit;
use std::collections::{HashSet, VecDeque};

/// How far about a grown pixel the sea is kept, pixels: where the point response has fallen to nothing.
const MARGIN: usize = 3;

/// A pixel beside a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Beside {
    /// Row in the scene.
    pub row: u32,
    /// Column in the scene.
    pub col: u32,
    /// Amplitude.
    pub dn: u16,
    /// A hit of that target, by its place in the list of hits.
    pub origin: u32,
}

/// A pixel of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pixel {
    /// Row in the scene.
    pub row: u32,
    /// Column in the scene.
    pub col: u32,
    /// Amplitude.
    pub dn: u16,
    /// Steps from the hit it grew from; 0 is a hit.
    pub steps: u16,
    /// That hit, by its place in the list of hits.
    pub origin: u32,
    /// True if a neighbour is outside the valid image.
    pub beside_blank: bool,
    /// False for a hit that fired by its neighbours' power and is no brighter itself than what would be grown.
    pub stands_out: bool,
}

/// Grows all hits of a strip.
///
/// `amplitude(row, col)`: `None` outside the scene, 0 for no data. `grow_level(hit)`: threshold over the hit's own
/// mean. Hits in (row, col) order.
pub(super) fn grow(
    hits: &[Hit],
    most_steps: u16,
    amplitude: &dyn Fn(i64, i64) -> Option<u16>,
    grow_level: &dyn Fn(&Hit) -> f64,
) -> (Vec<Pixel>, Vec<Beside>) {
    let mut seen: HashSet<(u32, u32)> = hits.iter().map(|hit| (hit.row, hit.col)).collect();
    let mut queue: VecDeque<(Pixel, f64)> = hits
        .iter()
        .zip(0..)
        .map(|(hit, origin)| {
            let least_power = grow_level(hit) * hit.mean_power();
            (seed(hit, origin, least_power), least_power)
        })
        .collect();
    let mut grown = Vec::with_capacity(hits.len());
    while let Some((mut pixel, least_power)) = queue.pop_front() {
        for (row, col) in neighbours((pixel.row, pixel.col)) {
            match amplitude(row, col) {
                None | Some(0) => pixel.beside_blank = true,
                Some(dn) => {
                    let place = (row as u32, col as u32);
                    let stands_out = f64::from(dn) * f64::from(dn) > least_power;
                    if pixel.steps < most_steps && stands_out && seen.insert(place) {
                        let next = Pixel {
                            row: place.0,
                            col: place.1,
                            dn,
                            steps: pixel.steps + 1,
                            beside_blank: false,
                            stands_out: true,
                            ..pixel
                        };
                        queue.push_back((next, least_power));
                    }
                }
            }
        }
        grown.push(pixel);
    }
    let beside = margin(&grown, &mut seen, amplitude);
    (grown, beside)
}

/// The pixels with data about what was grown.
fn margin(
    grown: &[Pixel],
    seen: &mut HashSet<(u32, u32)>,
    amplitude: &dyn Fn(i64, i64) -> Option<u16>,
) -> Vec<Beside> {
    let mut beside: Vec<Beside> = Vec::new();
    let mut edge: Vec<(u32, u32, u32)> = grown
        .iter()
        .map(|pixel| (pixel.row, pixel.col, pixel.origin))
        .collect();
    for _ in 0..MARGIN {
        let first = beside.len();
        for (row, col, origin) in edge {
            for (row, col) in neighbours((row, col)) {
                let Some(dn) = amplitude(row, col).filter(|dn| *dn > 0) else {
                    continue;
                };
                let (row, col) = (row as u32, col as u32);
                if seen.insert((row, col)) {
                    beside.push(Beside {
                        row,
                        col,
                        dn,
                        origin,
                    });
                }
            }
        }
        edge = beside[first..]
            .iter()
            .map(|pixel| (pixel.row, pixel.col, pixel.origin))
            .collect();
    }
    beside
}

fn seed(hit: &Hit, origin: u32, least_power: f64) -> Pixel {
    Pixel {
        row: hit.row,
        col: hit.col,
        dn: hit.dn,
        steps: 0,
        origin,
        beside_blank: false,
        stands_out: f64::from(hit.dn) * f64::from(hit.dn) > least_power,
    }
}

/// The eight neighbours.
fn neighbours((row, col): (u32, u32)) -> impl Iterator<Item = (i64, i64)> {
    let (row, col) = (i64::from(row), i64::from(col));
    (-1..=1)
        .flat_map(move |down| (-1..=1).map(move |right| (row + down, col + right)))
        .filter(move |&place| place != (row, col))
}
