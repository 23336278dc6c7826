//! The law of a weighted patch of sea, and its thresholds.
//!
//! In: looks, probabilities, the measured variances of ln pixel power and of ln patch power. Out: the patch's thresholds
//! over mean power.
//!
//! Texture is taken as a product of two gamma factors: a fast one, independent from pixel to pixel, and a slow one, the
//! same over a patch. The fast one matters most in the tail: one spike of a white K sea lifts a patch far beyond what any
//! smooth law with the patch's variance allows. So the law of independent K pixels is convolved in full (all terms
//! positive: no digits are lost in the tail) and then spread by the slow factor. Both shapes follow from two variances:
//! Var ln I − Var ln P depends on the fast factor alone, the rest of Var ln P is ψ₁(ν slow). Speckle that is correlated
//! between pixels shows as slow texture, which has the heavier tail of the two.
//!
//! Source: the product model of Ward, Tough and Watts (2013), Sea Clutter, §4.

use super::kdist;
use special::Gamma;
use std::sync::OnceLock;

/// Steps of the convolution's grid.
const GRID: usize = 1024;

/// Weights of a patch: (weight, pixels that have it).
pub(crate) type Weights = [(f64, u32)];

/// Of the narrow patch, (1 2 1) down and across: centre, sides, corners.
pub(crate) const NARROW: &Weights = &[(4.0, 1), (2.0, 4), (1.0, 4)];

/// Of the wide patch: 5 × 5 alike.
pub(crate) const WIDE: &Weights = &[(1.0, 25)];

/// Shapes of fast texture: plain speckle, then from smooth to spiky in equal ratios.
const FAST: (f64, f64, usize) = (200.0, 0.6, 28);

/// Shapes of slow texture: none, then from smooth to spiky in equal ratios.
const SLOW: (f64, f64, usize) = (1000.0, 0.2, 72);

/// Nodes over slow texture: enough, as the tail it spreads is smooth.
const SLOW_NODES: usize = 160;

/// Tail at which the grid may end.
const NEGLIGIBLE_TAIL: f64 = 1e-13;

/// Thresholds of the patch test for one scene. Each is computed when a piece of sea first asks for it.
#[derive(Debug)]
pub(crate) struct PatchLaw<const N: usize> {
    weights: &'static Weights,
    looks: f64,
    pfas: [f64; N],
    /// By rising spread of the fast texture; the first is plain speckle.
    fast: Vec<Fast<N>>,
    /// By rising spread; the first is none.
    slow: Vec<Slow>,
}

/// A fast texture.
#[derive(Debug)]
struct Fast<const N: usize> {
    /// `None`: plain speckle.
    nu: Option<f64>,
    /// About Var ln I − Var ln P, as if P were gamma distributed.
    rough_split: f64,
    white: OnceLock<White>,
    /// ln thresholds with each slow texture.
    ln_thresholds: Vec<OnceLock<[f64; N]>>,
}

/// A slow texture.
#[derive(Debug)]
struct Slow {
    /// ψ₁(ν), nepers².
    share: f64,
    /// Nodes (t, weight); none for no texture.
    nodes: Vec<(f64, f64)>,
}

/// A patch of independent pixels: its probability on an even grid.
#[derive(Debug)]
struct White {
    /// Mean powers between grid points.
    step: f64,
    /// Var ln P, nepers².
    ln_variance: f64,
    /// ln of the probability above each grid point's upper edge.
    ln_tail: Vec<f64>,
}

impl<const N: usize> PatchLaw<N> {
    /// Thresholds for `looks` > 0 and the patch's probabilities `pfas`.
    pub(crate) fn new(weights: &'static Weights, looks: f64, pfas: [f64; N]) -> Self {
        let none = Slow {
            share: 0.0,
            nodes: Vec::new(),
        };
        let textures = shapes(SLOW).map(|nu| Slow {
            share: nu.trigamma(),
            nodes: kdist::texture_nodes(nu, SLOW_NODES),
        });
        let slow: Vec<Slow> = std::iter::once(none).chain(textures).collect();
        let fast = std::iter::once(None).chain(shapes(FAST).map(Some));
        let square: f64 = weights
            .iter()
            .map(|(weight, n)| weight * weight * f64::from(*n))
            .sum();
        let pixels = whole(weights).powi(2) / square;
        let rough_split = |nu: Option<f64>| {
            let texture = nu.map_or(0.0, f64::recip);
            let pixel = looks.trigamma() + nu.map_or(0.0, |nu| nu.trigamma());
            let variation = (1.0 + 1.0 / looks) * (1.0 + texture) - 1.0;
            pixel - (pixels / variation).trigamma()
        };
        let fast = fast.map(|nu| Fast {
            nu,
            rough_split: rough_split(nu),
            white: OnceLock::new(),
            ln_thresholds: slow.iter().map(|_| OnceLock::new()).collect(),
        });
        Self {
            weights,
            looks,
            pfas,
            fast: fast.collect(),
            slow,
        }
    }

    /// The thresholds over mean power for the variances of ln power of pixels and of patches, nepers².
    pub(crate) fn thresholds(&self, pixel_variance: f64, patch_variance: f64) -> [f64; N] {
        let split = pixel_variance - patch_variance;
        let last = self.fast.len() - 1;
        let rough = |fast: &Fast<N>| fast.rough_split < split;
        let mut upper = self.fast.partition_point(rough).clamp(1, last);
        while upper > 1 && self.split(&self.fast[upper - 1]) >= split {
            upper -= 1;
        }
        while upper < last && self.split(&self.fast[upper]) < split {
            upper += 1;
        }
        let (below, above) = (&self.fast[upper - 1], &self.fast[upper]);
        let (least, most) = (self.split(below), self.split(above));
        let along = ((split - least) / (most - least)).clamp(0.0, 1.0);
        let low = self.ln_thresholds(below, patch_variance);
        let high = self.ln_thresholds(above, patch_variance);
        std::array::from_fn(|at| (low[at] + along * (high[at] - low[at])).exp())
    }

    fn white<'a>(&self, fast: &'a Fast<N>) -> &'a White {
        let make = || White::new(self.weights, self.looks, fast.nu);
        fast.white.get_or_init(make)
    }

    /// Var ln I − Var ln P, nepers²: slow texture adds the same to both.
    fn split(&self, fast: &Fast<N>) -> f64 {
        let texture = fast.nu.map_or(0.0, |nu| nu.trigamma());
        self.looks.trigamma() + texture - self.white(fast).ln_variance
    }

    /// ln thresholds for a measured Var ln P.
    fn ln_thresholds(&self, fast: &Fast<N>, patch_variance: f64) -> [f64; N] {
        let share = patch_variance - self.white(fast).ln_variance;
        let upper = self
            .slow
            .partition_point(|slow| slow.share < share)
            .clamp(1, self.slow.len() - 1);
        let (below, above) = (&self.slow[upper - 1], &self.slow[upper]);
        let along = ((share - below.share) / (above.share - below.share)).clamp(0.0, 1.0);
        let (low, high) = (self.node(fast, upper - 1), self.node(fast, upper));
        std::array::from_fn(|at| low[at] + along * (high[at] - low[at]))
    }

    /// ln thresholds for one of the slow textures.
    fn node(&self, fast: &Fast<N>, slow: usize) -> [f64; N] {
        *fast.ln_thresholds[slow].get_or_init(|| {
            let (white, nodes) = (self.white(fast), &self.slow[slow].nodes);
            let tail = |alpha: f64| match nodes.is_empty() {
                true => white.tail(alpha),
                false => nodes
                    .iter()
                    .map(|(t, weight)| weight * white.tail(alpha / t))
                    .sum(),
            };
            self.pfas.map(|pfa| kdist::solve(tail, pfa).ln())
        })
    }
}

/// Sum of the weights.
fn whole(weights: &Weights) -> f64 {
    weights
        .iter()
        .map(|(weight, n)| weight * f64::from(*n))
        .sum()
}

/// Shapes from `first` to `last` in equal ratios.
fn shapes((first, last, steps): (f64, f64, usize)) -> impl Iterator<Item = f64> {
    (0..=steps).map(move |step| first * (last / first).powf(step as f64 / steps as f64))
}

impl White {
    fn new(weights: &Weights, looks: f64, nu: Option<f64>) -> Self {
        let whole = whole(weights);
        let heaviest = weights.iter().map(|part| part.0).fold(0.0, f64::max);
        // In the tail one spike in the heaviest place stands over a patch of about the mean.
        let farthest = 2.0 + 1.6 * heaviest / whole * kdist::threshold(looks, nu, NEGLIGIBLE_TAIL);
        let step = farthest / GRID as f64;
        let tail = pixel_tail(looks, nu, (step * whole / heaviest, step * whole));
        let mut mass: Option<Vec<f64>> = None;
        for &(weight, pixels) in weights {
            let above = |edge: f64| tail(edge * step * whole / weight);
            let pixel: Vec<f64> = (0..GRID)
                .map(|at| {
                    let lower = if at == 0 { 1.0 } else { above(at as f64 - 0.5) };
                    lower - above(at as f64 + 0.5)
                })
                .collect();
            let part = repeated(pixel, pixels);
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
            ln_variance: ln_variance(&mass, step),
            ln_tail,
        }
    }

    /// Probability above `alpha` mean powers.
    fn tail(&self, alpha: f64) -> f64 {
        let place = alpha / self.step - 0.5;
        if place < 0.0 {
            return 1.0;
        }
        if place >= GRID as f64 {
            return 0.0;
        }
        let (at, part) = (place as usize, place.fract());
        match self.ln_tail.get(at..at + 2) {
            Some(pair) => (pair[0] + part * (pair[1] - pair[0])).exp(),
            None => 0.0,
        }
    }
}

/// Variance of ln P over a grid, nepers².
fn ln_variance(mass: &[f64], step: f64) -> f64 {
    let (mut total, mut sum, mut square) = (0.0, 0.0, 0.0);
    for (at, mass) in mass.iter().enumerate() {
        let ln = (step * (at as f64).max(0.25)).ln();
        total += mass;
        sum += mass * ln;
        square += mass * ln * ln;
    }
    square / total - (sum / total).powi(2)
}

/// The upper tail of a pixel's power from half of `finest` up to `GRID` times `coarsest`: exact for speckle, else through a
/// table of ln P over ln α.
fn pixel_tail(looks: f64, nu: Option<f64>, (finest, coarsest): (f64, f64)) -> impl Fn(f64) -> f64 {
    const POINTS: usize = 220;
    let first = (finest / 4.0).ln();
    let last = (coarsest * GRID as f64).ln();
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
        if place >= POINTS as f64 {
            return 0.0;
        }
        let (at, part) = (place as usize, place.fract());
        match table.get(at..at + 2) {
            Some(pair) => (pair[0] + part * (pair[1] - pair[0])).exp(),
            None => 0.0,
        }
    }
}

/// The law of the sum of `times` > 0 independent values.
fn repeated(law: Vec<f64>, times: u32) -> Vec<f64> {
    let (mut power, mut left) = (law, times);
    let mut sum: Option<Vec<f64>> = None;
    while left > 0 {
        if left % 2 == 1 {
            sum = Some(match sum {
                None => power.clone(),
                Some(sum) => convolve(&sum, &power),
            });
        }
        left /= 2;
        if left > 0 {
            power = convolve(&power, &power);
        }
    }
    sum.unwrap_or_default()
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
    fn simulated(
        weights: &Weights,
        looks: f64,
        (fast, slow): (Option<f64>, Option<f64>),
        alpha: f64,
        n: usize,
    ) -> f64 {
        let mut random = ChaCha8Rng::seed_from_u64(5);
        let law = |shape: f64| rand_distr::Gamma::new(shape, 1.0 / shape).expect("a valid shape");
        let (speckle, fast, slow) = (law(looks), fast.map(law), slow.map(law));
        let above = (0..n)
            .filter(|_| {
                let mut sum = 0.0;
                for &(weight, pixels) in weights {
                    for _ in 0..pixels {
                        let texture = fast.map_or(1.0, |law| law.sample(&mut random));
                        sum += weight * texture * speckle.sample(&mut random);
                    }
                }
                sum / whole(weights) * slow.map_or(1.0, |law| law.sample(&mut random)) > alpha
            })
            .count();
        above as f64 / n as f64
    }

    #[test]
    fn simulated_patches_exceed_the_threshold_as_often_as_asked() {
        const N: usize = 400_000;
        for weights in [NARROW, WIDE] {
            let law = PatchLaw::new(weights, 4.4, [1e-3]);
            for (fast, slow) in [
                (None, None),
                (Some(5.0), None),
                (Some(1.0), None),
                (None, Some(3.0)),
                (Some(2.0), Some(4.0)),
            ] {
                let share = |nu: Option<f64>| nu.map_or(0.0, |nu: f64| nu.trigamma());
                let white = White::new(weights, 4.4, fast).ln_variance;
                let pixel = 4.4_f64.trigamma() + share(fast) + share(slow);
                let [threshold] = law.thresholds(pixel, white + share(slow));
                let achieved = simulated(weights, 4.4, (fast, slow), threshold, N);
                // 400 expected: 4 standard deviations are 20 %; the ladder's steps add 2 %.
                assert!(
                    (achieved / 1e-3 - 1.0).abs() < 0.22,
                    "{weights:?} {fast:?} {slow:?}: {threshold} {achieved}"
                );
            }
        }
    }

    #[test]
    fn a_patch_of_speckle_spreads_as_simulated_ones_do() {
        const N: usize = 200_000;
        for (weights, looks) in [
            (NARROW, 1.0),
            (NARROW, 4.4),
            (NARROW, 50.0),
            (WIDE, 1.0),
            (WIDE, 50.0),
        ] {
            let mut random = ChaCha8Rng::seed_from_u64(9);
            let speckle = rand_distr::Gamma::new(looks, 1.0 / looks).expect("a valid shape");
            let (mut sum, mut square) = (0.0, 0.0);
            for _ in 0..N {
                let mut power = 0.0;
                for &(weight, pixels) in weights {
                    for _ in 0..pixels {
                        power += weight * speckle.sample(&mut random);
                    }
                }
                let ln: f64 = f64::ln(power / whole(weights));
                (sum, square) = (sum + ln, square + ln * ln);
            }
            let expected = square / N as f64 - (sum / N as f64).powi(2);
            let spread = White::new(weights, looks, None).ln_variance;
            // Standard error of the simulated variance: 0.4 %.
            assert!(
                (spread / expected - 1.0).abs() < 0.02,
                "{weights:?} {looks} {spread} {expected}"
            );
        }
    }

    #[test]
    fn thresholds_rise_with_either_spread() {
        let law = PatchLaw::new(NARROW, 4.4, [1e-7]);
        let mut last = 0.0;
        for step in 0..100 {
            let [threshold] =
                law.thresholds(0.3 + 0.02 * f64::from(step), 0.08 + 0.02 * f64::from(step));
            assert!(threshold >= last);
            last = threshold;
        }
        assert!(law.thresholds(0.6, 0.05) > law.thresholds(0.3, 0.05));
    }
}
