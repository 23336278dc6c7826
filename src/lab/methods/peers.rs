//! The other methods: a statistic a pixel, a threshold, clusters.
//!
//! Sums over windows come from summed-area tables in wrapping 64-bit integers, exact for every window.

use super::waters::Picture;
use rayon::prelude::*;
use std::collections::HashMap;

/// Sums of power and of its square over all pixels above and left.
struct Table {
    size: usize,
    sum: Vec<u64>,
    square: Vec<u64>,
    count: Vec<u32>,
}

/// Sum, sum of squares and count over a window.
#[derive(Clone, Copy, Default)]
struct Window {
    sum: f64,
    square: f64,
    count: f64,
}

impl Window {
    fn less(self, inner: Window) -> Window {
        Window {
            sum: self.sum - inner.sum,
            square: self.square - inner.square,
            count: self.count - inner.count,
        }
    }

    fn mean(self) -> f64 {
        self.sum / self.count
    }

    fn sd(self) -> f64 {
        (self.square / self.count - self.mean().powi(2))
            .max(0.0)
            .sqrt()
    }
}

impl Table {
    /// `power` of `size` × `size` pixels; `None` is left out.
    fn new(size: usize, power: impl Fn(usize) -> Option<u64>) -> Self {
        let stride = size + 1;
        let mut table = Self {
            size,
            sum: vec![0; stride * stride],
            square: vec![0; stride * stride],
            count: vec![0; stride * stride],
        };
        for row in 0..size {
            let (mut sum, mut square, mut count) = (0_u64, 0_u64, 0_u32);
            for col in 0..size {
                if let Some(power) = power(row * size + col) {
                    sum = sum.wrapping_add(power);
                    square = square.wrapping_add(power.wrapping_mul(power));
                    count += 1;
                }
                let (above, at) = (row * stride + col + 1, (row + 1) * stride + col + 1);
                table.sum[at] = table.sum[above].wrapping_add(sum);
                table.square[at] = table.square[above].wrapping_add(square);
                table.count[at] = table.count[above] + count;
            }
        }
        table
    }

    /// The window of `half` pixels about a pixel, cut at the edges.
    fn window(&self, row: usize, col: usize, half: usize) -> Window {
        let stride = self.size + 1;
        let (top, left) = (row.saturating_sub(half), col.saturating_sub(half));
        let (end, right) = (
            (row + half + 1).min(self.size),
            (col + half + 1).min(self.size),
        );
        let corners = [
            end * stride + right,
            top * stride + right,
            end * stride + left,
            top * stride + left,
        ];
        let over = |values: &[u64]| {
            values[corners[0]]
                .wrapping_sub(values[corners[1]])
                .wrapping_sub(values[corners[2]])
                .wrapping_add(values[corners[3]]) as f64
        };
        let count = self.count[corners[0]] + self.count[corners[3]]
            - self.count[corners[1]]
            - self.count[corners[2]];
        Window {
            sum: over(&self.sum),
            square: over(&self.square),
            count: f64::from(count),
        }
    }

    fn ring(&self, row: usize, col: usize, (outer, guard): (usize, usize)) -> Window {
        self.window(row, col, outer)
            .less(self.window(row, col, guard))
    }
}

/// A pixel's statistic.
pub(super) struct Mark {
    /// Row in the map.
    pub row: i32,
    /// Column in the map.
    pub col: i32,
    /// Its statistic.
    pub value: f64,
}

/// A method's statistic, where it is above the lowest threshold of its sweep.
pub(super) struct Map {
    /// The method.
    pub name: &'static str,
    /// What the threshold is called.
    pub setting: &'static str,
    /// Pixels of the picture to one of the map.
    pub scale: usize,
    /// Pixels above the lowest threshold, by row and column.
    pub marks: Vec<Mark>,
    /// Thresholds to try.
    pub sweep: Vec<f64>,
    /// Farthest apart that two pixels of one object are, map pixels.
    pub reach: i32,
    /// Least diagonal of an object's bounding box, map pixels.
    pub least_diagonal: f64,
}

/// Thresholds from `first` in equal ratios to `last`.
fn sweep(first: f64, last: f64) -> Vec<f64> {
    const STEPS: i32 = 48;
    (0..=STEPS)
        .map(|step| first * (last / first).powf(f64::from(step) / f64::from(STEPS)))
        .collect()
}

fn marks(size: usize, lowest: f64, value: impl Fn(usize, usize) -> f64 + Sync) -> Vec<Mark> {
    let of_row = |row: usize| {
        let value = &value;
        (0..size).filter_map(move |col| {
            let value = value(row, col);
            (value > lowest).then_some(Mark {
                row: row as i32,
                col: col as i32,
                value,
            })
        })
    };
    (0..size).into_par_iter().flat_map_iter(of_row).collect()
}

/// Statistics of all other methods.
pub(super) fn maps(picture: &Picture) -> Vec<Map> {
    const RING: (usize, usize) = (40, 25);
    let size = picture.size;
    let power = |at: usize| u64::from(picture.dn[at]).pow(2);
    let raw = Table::new(size, |at| Some(power(at)));
    let snap = sweep(1.0, 30.0);
    let gfw = sweep(4.0, 60.0);
    let ratio = sweep(2.5, 80.0);
    let mean = sweep(1.3, 40.0);
    // Mean of 7 × 7 pixels over ring mean + t·sd; sizes of 30 m and up (the shipped graph's).
    let snap_map = Map {
        name: "SNAP-shaped",
        setting: "t",
        scale: 1,
        marks: marks(size, snap[0], |row, col| {
            let ring = raw.ring(row, col, RING);
            (raw.window(row, col, 3).mean() - ring.mean()) / ring.sd()
        }),
        sweep: snap,
        reach: 1,
        least_diagonal: 3.0,
    };
    let gfw_map = gfw_shaped(picture, gfw);
    // One censoring pass: what stands 5 sd above its ring is kept out of all rings.
    let bright: Vec<bool> = (0..size * size)
        .into_par_iter()
        .map(|at| {
            let ring = raw.ring(at / size, at % size, RING);
            power(at) as f64 > ring.mean() + 5.0 * ring.sd()
        })
        .collect();
    let clean = Table::new(size, |at| (!bright[at]).then(|| power(at)));
    let pixel_map = Map {
        name: "single-pixel K-CFAR",
        setting: "α",
        scale: 1,
        marks: marks(size, ratio[0], |row, col| {
            power(row * size + col) as f64 / clean.ring(row, col, RING).mean()
        }),
        sweep: ratio,
        reach: 2,
        least_diagonal: 0.0,
    };
    let mean_map = Map {
        name: "5×5 mean",
        setting: "α",
        scale: 1,
        marks: marks(size, mean[0], |row, col| {
            raw.window(row, col, 2).mean() / clean.ring(row, col, RING).mean()
        }),
        sweep: mean,
        reach: 2,
        least_diagonal: 0.0,
    };
    vec![snap_map, gfw_map, pixel_map, mean_map]
}

/// 20 m pixels over the mean + n·sd of a ring of 200 to 600 m; objects 60 m apart are one.
fn gfw_shaped(picture: &Picture, sweep: Vec<f64>) -> Map {
    const RING: (usize, usize) = (30, 10);
    let size = picture.size / 2;
    let power = |row: usize, col: usize| {
        let at = 2 * row * picture.size + 2 * col;
        [at, at + 1, at + picture.size, at + picture.size + 1]
            .iter()
            .map(|&at| u64::from(picture.dn[at]).pow(2))
            .sum::<u64>()
    };
    let table = Table::new(size, |at| Some(power(at / size, at % size)));
    Map {
        name: "GFW-shaped",
        setting: "n",
        scale: 2,
        marks: marks(size, sweep[0], |row, col| {
            let ring = table.ring(row, col, RING);
            (power(row, col) as f64 - ring.mean()) / ring.sd()
        }),
        sweep,
        reach: 3,
        least_diagonal: 0.0,
    }
}

impl Map {
    /// Centres (row, column, in pixels of the picture) of the objects above a threshold; `None` if there are so many
    /// that no ship could be told from them.
    pub(super) fn objects(&self, threshold: f64) -> Option<Vec<(f64, f64)>> {
        const MANY: usize = 60_000;
        let above: Vec<&Mark> = self
            .marks
            .iter()
            .filter(|mark| mark.value > threshold)
            .collect();
        if above.len() > MANY {
            return None;
        }
        let places: HashMap<(i32, i32), usize> = above
            .iter()
            .enumerate()
            .map(|(at, mark)| ((mark.row, mark.col), at))
            .collect();
        let mut seen = vec![false; above.len()];
        let mut objects = Vec::new();
        for first in 0..above.len() {
            if std::mem::replace(&mut seen[first], true) {
                continue;
            }
            let mut members = vec![first];
            let mut next = 0;
            while let Some(&at) = members.get(next) {
                next += 1;
                for down in -self.reach..=self.reach {
                    for right in -self.reach..=self.reach {
                        let place = (above[at].row + down, above[at].col + right);
                        if let Some(&other) = places.get(&place)
                            && !std::mem::replace(&mut seen[other], true)
                        {
                            members.push(other);
                        }
                    }
                }
            }
            objects.extend(self.centre(&members, &above));
        }
        Some(objects)
    }

    fn centre(&self, members: &[usize], above: &[&Mark]) -> Option<(f64, f64)> {
        let span = |value: fn(&Mark) -> i32| {
            let values = members.iter().map(|&at| value(above[at]));
            let (low, high) = values.fold((i32::MAX, i32::MIN), |(low, high), value| {
                (low.min(value), high.max(value))
            });
            f64::from(high - low + 1)
        };
        if span(|mark| mark.row).hypot(span(|mark| mark.col)) < self.least_diagonal {
            return None;
        }
        let mean = |value: fn(&Mark) -> i32| {
            let sum: f64 = members.iter().map(|&at| f64::from(value(above[at]))).sum();
            let scale = self.scale as f64;
            (sum / members.len() as f64) * scale + (scale - 1.0) / 2.0
        };
        Some((mean(|mark| mark.row), mean(|mark| mark.col)))
    }
}
