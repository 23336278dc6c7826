//! Inverse distribution functions as tables: 32 random bits in, one variate out, tails kept to 2⁻³³.
//!
//! A table with even steps in probability is blind where a detector looks: in the tails. Here the steps are
//! even in the *logarithm* of the tail probability: 64 to each halving, 32 halvings deep on both sides, so the
//! error of linear interpolation is about the same at 10⁻¹ and at 10⁻⁹ and a look-up costs one
//! leading-zero count and one load.

use special::{Error, Gamma};

const STEPS_PER_OCTAVE: usize = 64;
const OCTAVES: usize = 32;
const TWO_TO_32: f64 = 4_294_967_296.0;

/// A tail of a distribution: which side a probability is counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tail {
    Lower,
    Upper,
}

/// Quantiles of one distribution, indexed by a 32-bit word read as a uniform variate.
pub(crate) struct QuantileTable {
    lower: Vec<f32>,
    upper: Vec<f32>,
}

impl QuantileTable {
    /// Quantiles of Gamma(shape) with mean one: speckle of `shape` looks, or K texture.
    pub(crate) fn gamma(shape: f64) -> Self {
        let mut guess = 1.0_f64;
        Self::build(|probability, tail| {
            guess = gamma_quantile(shape, probability, tail, guess);
            guess
        })
    }

    /// Quantiles of the standard normal distribution.
    pub(crate) fn normal() -> Self {
        Self::build(|probability, tail| {
            let z = std::f64::consts::SQRT_2 * (1.0 - 2.0 * probability).inv_error();
            match tail {
                Tail::Lower => -z,
                Tail::Upper => z,
            }
        })
    }

    /// Fills both tails from the median outwards, so that `quantile` may start from its last answer.
    fn build(mut quantile: impl FnMut(f64, Tail) -> f64) -> Self {
        let mut fill = |tail| {
            let mut nodes = vec![0.0_f32; OCTAVES * STEPS_PER_OCTAVE];
            for (index, node) in nodes.iter_mut().enumerate().rev() {
                let octave = (index / STEPS_PER_OCTAVE) as i32;
                let step = (index % STEPS_PER_OCTAVE) as f64 / STEPS_PER_OCTAVE as f64;
                let rank = 2.0_f64.powi(octave) * (1.0 + step);
                // Ranks past the median belong to the other tail; nothing looks them up.
                let probability = ((rank - 0.5) / TWO_TO_32).min(0.5);
                *node = quantile(probability, tail) as f32;
            }
            nodes
        };
        Self {
            upper: fill(Tail::Upper),
            lower: fill(Tail::Lower),
        }
    }

    /// The variate whose distribution function is (`word` + ½) / 2³².
    #[inline]
    pub(crate) fn at(&self, word: u32) -> f32 {
        let (nodes, rank) = if word < 1 << 31 {
            (&self.lower, word + 1)
        } else {
            (&self.upper, !word + 1)
        };
        let octave = 31 - rank.leading_zeros();
        // The leading one shifted out, the next six bits are the step, the other 26 the fraction.
        let mantissa = (rank << (31 - octave)) << 1;
        let index = (octave as usize * STEPS_PER_OCTAVE) + (mantissa >> 26) as usize;
        let fraction = (mantissa & 0x03FF_FFFF) as f32 * (1.0 / 67_108_864.0);
        let (here, next) = (nodes[index], nodes[(index + 1).min(nodes.len() - 1)]);
        here + (next - here) * fraction
    }
}

/// A quantile function of Gamma(shape), mean one, taken through a standard normal variate: `z` in, texture out.
pub(crate) struct NormalToGamma {
    nodes: Vec<f32>,
}

impl NormalToGamma {
    const STEPS: f32 = 256.0;
    const REACH: f32 = 6.5;

    pub(crate) fn new(shape: f64) -> Self {
        let half = (Self::STEPS * Self::REACH) as usize;
        let mut nodes = vec![1.0; 2 * half + 2];
        for tail in [Tail::Lower, Tail::Upper] {
            let mut guess = 1.0;
            for step in 0..=half + 1 {
                let z = step as f64 / f64::from(Self::STEPS);
                let probability = 0.5 * (z / std::f64::consts::SQRT_2).compl_error();
                guess = gamma_quantile(shape, probability, tail, guess);
                let index = match tail {
                    Tail::Lower => half.checked_sub(step),
                    Tail::Upper => Some(half + step),
                };
                if let Some(node) = index.and_then(|index| nodes.get_mut(index)) {
                    *node = guess as f32;
                }
            }
        }
        Self { nodes }
    }

    #[inline]
    pub(crate) fn at(&self, z: f32) -> f32 {
        let place = (z.clamp(-Self::REACH, Self::REACH) + Self::REACH) * Self::STEPS;
        let index = place as usize;
        let (here, next) = (self.nodes[index], self.nodes[index + 1]);
        here + (next - here) * (place - index as f32)
    }
}

/// The point beyond which (seen from `tail`) Gamma(shape) with mean one has `probability`.
///
/// Newton's method on the logarithms of tail and argument, where both tails are concave; `guess` only saves steps.
fn gamma_quantile(shape: f64, probability: f64, tail: Tail, guess: f64) -> f64 {
    let target = probability.ln();
    let log_norm = Gamma::ln_gamma(shape).0;
    let mut log_x = (guess * shape).ln();
    for _ in 0..60 {
        let x = log_x.exp();
        let below = x.inc_gamma(shape);
        let mass = match tail {
            Tail::Lower => below,
            Tail::Upper => 1.0 - below,
        };
        if mass <= 0.0 {
            // Overshot into a tail that double precision cannot see: step back half way to the mean.
            log_x = 0.5 * (log_x + shape.ln());
            continue;
        }
        let slope = (shape * log_x - x - log_norm).exp() / mass;
        let step = match tail {
            Tail::Lower => (target - mass.ln()) / slope,
            Tail::Upper => (mass.ln() - target) / slope,
        }
        .clamp(-1.0, 1.0);
        log_x += step;
        if step.abs() < 1e-12 {
            break;
        }
    }
    log_x.exp() / shape
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gamma_quantiles_return_their_own_tail_probability() {
        for shape in [0.7, 1.0, 4.4, 10.7, 30.0] {
            for exponent in 1..=9 {
                let probability = 10.0_f64.powi(-exponent);
                let upper = gamma_quantile(shape, probability, Tail::Upper, 1.0);
                let q = 1.0 - (upper * shape).inc_gamma(shape);
                assert!(
                    (q / probability - 1.0).abs() < 1e-5,
                    "{shape} {probability} {q}"
                );
                let lower = gamma_quantile(shape, probability, Tail::Lower, 1.0);
                let p = (lower * shape).inc_gamma(shape);
                assert!(
                    (p / probability - 1.0).abs() < 1e-8,
                    "{shape} {probability} {p}"
                );
            }
        }
    }

    #[test]
    fn exponential_speckle_has_the_logarithm_as_quantile_to_the_last_bit_of_the_tail() {
        // L = 1: x(q) = −ln q exactly. Interpolation over 1/64 of an octave: error below 2·10⁻⁵.
        let table = QuantileTable::gamma(1.0);
        for word in [0_u32, 1, 77, 1 << 20, 1 << 31, u32::MAX - 4096, u32::MAX] {
            let q = (f64::from(!word) + 0.5) / TWO_TO_32;
            let expected = -q.ln();
            let got = f64::from(table.at(word));
            assert!(
                (got - expected).abs() < 4e-5 * expected.max(1e-9) + 1e-7 * expected.sqrt(),
                "{word}: {got} {expected}"
            );
        }
    }

    #[test]
    fn normal_table_is_odd_and_knows_five_sigma() {
        let table = QuantileTable::normal();
        // P(Z > 5) = 2.866516e-7 (tables of the normal law).
        let word = (TWO_TO_32 * (1.0 - 2.866_516e-7)) as u32;
        assert!((table.at(word) - 5.0).abs() < 2e-3, "{}", table.at(word));
        assert!((table.at(word) + table.at(!word)).abs() < 1e-5);
    }

    #[test]
    fn a_normal_variate_becomes_a_gamma_variate_of_the_same_probability() {
        let texture = NormalToGamma::new(5.0);
        for z in [-4.0_f64, -1.3, 0.0, 0.4, 2.2, 4.5] {
            let x = f64::from(texture.at(z as f32));
            let below = (x * 5.0).inc_gamma(5.0);
            let expected = 0.5 * (-z / std::f64::consts::SQRT_2).compl_error();
            let tail = expected.min(1.0 - expected);
            assert!(
                (below - expected).abs() < 2e-4 * tail.max(1e-6),
                "{z} {below} {expected}"
            );
        }
    }
}
