//! The law of a weighted 3 × 3 patch of sea, and its threshold.
//!
//! In: looks, a probability, the measured variances of ln pixel power and of ln patch power. Out: the patch's threshold
//! over mean power.
//!
//! Texture is taken as a product of two gamma factors: a fast one, independent from pixel to pixel, and a slow one, the
//! same over a patch. The fast one matters most in the tail: one spike of a white K sea lifts a patch far beyond what any
//! smooth law with the patch's variance allows. So the law of nine independent K pixels is convolved in full (all terms
//! positive: no digits are lost in the tail) and then spread by the slow factor. Both shapes follow from two variances:
//! Var ln I − Var ln P depends on the fast factor alone, the rest of Var ln P is ψ₁(ν slow). Speckle that is correlated
//! between pixels shows as slow texture, which has the heavier tail of the two.
//!
//! Source: the product model of Ward, Tough and Watts (2013), Sea Clutter, §4.

use super::kdist;
use rayon::prelude::*;
use special::Gamma;

/// Steps of the convolution's grid.
const GRID: usize = 2048;

/// Weights of the patch, (weight, pixels): centre, sides, corners. Their sum is 16.
const WEIGHTS: [(f64, u32); 3] = [(4.0, 1), (2.0, 4), (1.0, 4)];
const WEIGHT: f64 = 16.0;

/// Shapes of fast texture: plain speckle, then from smooth to spiky in equal ratios.
const FAST: (f64, f64, usize) = (200.0, 0.6, 28);

/// Shapes of slow texture: none, then from smooth to spiky in equal ratios.
const SLOW: (f64, f64, usize) = (1000.0, 0.2, 72);

/// Nodes over slow texture: enough, as the tail it spreads is smooth.
const SLOW_NODES: usize = 160;

/// Tail at which the grid may end.
const NEGLIGIBLE_TAIL: f64 = 1e-13;

/// Thresholds of the patch test for one scene.
#[derive(Debug, Clone)]
pub(crate) struct PatchLaw {
    /// By rising spread of the fast texture; the first is plain speckle.
    rungs: Vec<Rung>,
}

#[derive(Debug, Clone)]
struct Rung {
    /// Var ln I − Var ln P, nepers².
    split: f64,
    /// Var ln P without slow texture, nepers².
    spread: f64,
    /// (ψ₁(ν) of slow texture, ln threshold), rising.
    slow: Vec<(f64, f64)>,
}

/// A patch of independent pixels: its probability on an even grid.
struct White {
    /// Mean powers between grid points.
    step: f64,
    /// Probability about each grid point.
    mass: Vec<f64>,
    /// ln of the probability above each grid point's upper edge.
    ln_tail: Vec<f64>,
}

impl PatchLaw {
    /// Computes the thresholds for `looks` > 0 and the patch test's `pfa`.
    pub(crate) fn new(looks: f64, pfa: f64) -> Self {
        let textures: Vec<(f64, Vec<(f64, f64)>)> = shapes(SLOW)
            .map(|nu| (nu.trigamma(), kdist::texture_nodes(nu, SLOW_NODES)))
            .collect();
        let fast: Vec<Option<f64>> = std::iter::once(None)
            .chain(shapes(FAST).map(Some))
            .collect();
        let rungs = fast
            .into_par_iter()
            .map(|nu| {
                let white = White::new(looks, nu);
                let spread = white.ln_variance();
                let pixel = looks.trigamma() + nu.map_or(0.0, |nu| nu.trigamma());
                let ln = |tail: &dyn Fn(f64) -> f64| kdist::solve(tail, pfa).ln();
                let mut slow = vec![(0.0, ln(&|alpha| white.tail(alpha)))];
                slow.extend(textures.iter().map(|(share, nodes)| {
                    let tail = |alpha: f64| {
                        let terms = nodes
                            .iter()
                            .map(|(t, weight)| weight * white.tail(alpha / t));
                        terms.sum::<f64>()
                    };
                    (*share, ln(&tail))
                }));
                Rung {
                    split: pixel - spread,
                    spread,
                    slow,
                }
            })
            .collect();
        Self { rungs }
    }

    /// The threshold over mean power for the variances of ln power of pixels and of patches, nepers².
    pub(crate) fn threshold(&self, pixel_variance: f64, patch_variance: f64) -> f64 {
        let split = pixel_variance - patch_variance;
        let last = self.rungs.len() - 1;
        let upper = self
            .rungs
            .partition_point(|rung| rung.split < split)
            .clamp(1, last);
        let (below, above) = (&self.rungs[upper - 1], &self.rungs[upper]);
        let along = ((split - below.split) / (above.split - below.split)).clamp(0.0, 1.0);
        let (low, high) = (below.at(patch_variance), above.at(patch_variance));
        (low + along * (high - low)).exp()
    }
}

impl Rung {
    /// ln threshold for a measured Var ln P.
    fn at(&self, patch_variance: f64) -> f64 {
        let share = patch_variance - self.spread;
        let upper = self
            .slow
            .partition_point(|node| node.0 < share)
            .clamp(1, self.slow.len() - 1);
        let ((x0, y0), (x1, y1)) = (self.slow[upper - 1], self.slow[upper]);
        y0 + ((share - x0) / (x1 - x0)).clamp(0.0, 1.0) * (y1 - y0)
    }
}

/// Shapes from `first` to `last` in equal ratios.
fn shapes((first, last, steps): (f64, f64, usize)) -> impl Iterator<Item = f64> {
    (0..=steps).map(move |step| first * (last / first).powf(step as f64 / steps as f64))
}

impl White {
    fn new(looks: f64, nu: Option<f64>) -> Self {
        // One spike in the centre weighs a quarter; the rest of the patch adds little to its tail.
        let farthest = 1.5 + 0.4 * kdist::threshold(looks, nu, NEGLIGIBLE_TAIL);
        let step = farthest / GRID as f64;
        let tail = pixel_tail(looks, nu, step * WEIGHT);
        let mut mass: Option<Vec<f64>> = None;
        for (weight, pixels) in WEIGHTS {
            let above = |edge: f64| tail(edge * step * WEIGHT / weight);
            let mut part: Vec<f64> = (0..GRID)
                .map(|at| {
                    let lower = if at == 0 { 1.0 } else { above(at as f64 - 0.5) };
                    lower - above(at as f64 + 0.5)
                })
                .collect();
            for _ in 0..pixels.ilog2() {
                part = convolve(&part, &part);
            }
            mass = Some(match mass {
                None => part,
                Some(mass) => convolve(&mass, &part),
            });
        }
        let mass = mass.unwrap_or_default();
        let mut above = 0.0;
        let mut ln_tail: Vec<f64> = mass
            .iter()
            .rev()
            .map(|mass| {
                let here = f64::max(above, f64::MIN_POSITIVE).ln();
                above += mass;
                here
            })
            .collect();
        ln_tail.reverse();
        Self {
            step,
            mass,
            ln_tail,
        }
    }

    /// Probability above `alpha` mean powers.
    fn tail(&self, alpha: f64) -> f64 {
        let place = alpha / self.step - 0.5;
        if place < 0.0 {
            return 1.0;
        }
        let (at, part) = (place as usize, place.fract());
        match self.ln_tail.get(at..at + 2) {
            Some(pair) => (pair[0] + part * (pair[1] - pair[0])).exp(),
            None => 0.0,
        }
    }

    fn ln_variance(&self) -> f64 {
        let (mut total, mut sum, mut square) = (0.0, 0.0, 0.0);
        for (at, mass) in self.mass.iter().enumerate() {
            let ln = (self.step * (at as f64).max(0.25)).ln();
            total += mass;
            sum += mass * ln;
            square += mass * ln * ln;
        }
        square / total - (sum / total).powi(2)
    }
}

/// The upper tail of a pixel's power from `finest` up: exact for speckle, else through a table of ln P over ln α.
fn pixel_tail(looks: f64, nu: Option<f64>, finest: f64) -> impl Fn(f64) -> f64 {
    const POINTS: usize = 220;
    let first = (finest / 16.0).ln();
    let last = (finest * GRID as f64).ln();
    let pace = (last - first) / (POINTS - 1) as f64;
    let exact = move |alpha: f64| kdist::upper_tail(looks, nu, alpha);
    let table: Vec<f64> = (0..POINTS)
        .filter(|_| nu.is_some())
        .map(|at| {
            exact((first + pace * at as f64).exp())
                .max(f64::MIN_POSITIVE)
                .ln()
        })
        .collect();
    move |alpha| {
        if table.is_empty() {
            return exact(alpha);
        }
        let place = ((alpha.ln() - first) / pace).max(0.0);
        let (at, part) = (place as usize, place.fract());
        match table.get(at..at + 2) {
            Some(pair) => (pair[0] + part * (pair[1] - pair[0])).exp(),
            None => 0.0,
        }
    }
}

/// The first `GRID` terms of the convolution.
fn convolve(a: &[f64], b: &[f64]) -> Vec<f64> {
    let mut sum = vec![0.0; GRID];
    for (at, &weight) in a.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
        for (slot, value) in sum[at..].iter_mut().zip(b) {
            *slot += weight * value;
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;
    use rand_distr::Distribution;

    /// Share of simulated patches above `alpha`; texture is slow × fast.
    fn simulated(looks: f64, fast: Option<f64>, slow: Option<f64>, alpha: f64, n: usize) -> f64 {
        let mut random = ChaCha8Rng::seed_from_u64(5);
        let law = |shape: f64| rand_distr::Gamma::new(shape, 1.0 / shape).expect("a valid shape");
        let (speckle, fast, slow) = (law(looks), fast.map(law), slow.map(law));
        let above = (0..n)
            .filter(|_| {
                let mut sum = 0.0;
                for (weight, pixels) in WEIGHTS {
                    for _ in 0..pixels {
                        let texture = fast.map_or(1.0, |law| law.sample(&mut random));
                        sum += weight * texture * speckle.sample(&mut random);
                    }
                }
                sum / WEIGHT * slow.map_or(1.0, |law| law.sample(&mut random)) > alpha
            })
            .count();
        above as f64 / n as f64
    }

    #[test]
    fn simulated_patches_exceed_the_threshold_as_often_as_asked() {
        const N: usize = 400_000;
        let law = PatchLaw::new(4.4, 1e-3);
        for (fast, slow) in [
            (None, None),
            (Some(5.0), None),
            (Some(1.0), None),
            (None, Some(3.0)),
            (Some(2.0), Some(4.0)),
        ] {
            let share = |nu: Option<f64>| nu.map_or(0.0, |nu: f64| nu.trigamma());
            let white = White::new(4.4, fast).ln_variance();
            let pixel = 4.4_f64.trigamma() + share(fast) + share(slow);
            let threshold = law.threshold(pixel, white + share(slow));
            let achieved = simulated(4.4, fast, slow, threshold, N);
            // 400 expected: 4 standard deviations are 20 %; the ladder's steps add 2 %.
            assert!(
                (achieved / 1e-3 - 1.0).abs() < 0.22,
                "{fast:?} {slow:?}: {threshold} {achieved}"
            );
        }
    }

    #[test]
    fn a_patch_of_speckle_spreads_as_the_gamma_law_of_its_looks() {
        // Weights of 16 in all, squares of 36: 7.1 independent pixels; a sum of gammas of unequal scale is nearly one.
        for looks in [1.0, 4.4, 50.0_f64] {
            let spread = White::new(looks, None).ln_variance();
            let expected = (looks * 256.0 / 36.0).trigamma();
            assert!(
                (spread / expected - 1.0).abs() < 0.03,
                "{looks} {spread} {expected}"
            );
        }
    }

    #[test]
    fn thresholds_rise_with_either_spread() {
        let law = PatchLaw::new(4.4, 1e-7);
        let mut last = 0.0;
        for step in 0..100 {
            let threshold =
                law.threshold(0.3 + 0.02 * f64::from(step), 0.08 + 0.02 * f64::from(step));
            assert!(threshold >= last);
            last = threshold;
        }
        assert!(law.threshold(0.6, 0.05) > law.threshold(0.3, 0.05));
    }
}
