//! What the residuals say of how well a hull is known.

use super::Sample;
use super::model::{LENGTH, Problem, UNKNOWNS, Vector, axes};

/// Residuals of a few pixels say little of their law: so many pixels that obey it are added to them.
const OBEDIENT_PIXELS: f64 = 30.0;

/// Correlation of neighbours, in its own standard deviations, below which it is taken for chance.
const CHANCE_SIGMA: f64 = 2.0;

/// Standard deviation of the length over the length of a hull whose parts differ in brightness by their own mean: its
/// dimmest ends vanish in the sea. Set on hulls of eight parts, each as bright as an exponential law draws; it brings half of
/// their errors within the deviation (`score --methods`): short ones do not show how uneven they are.
const UNSURE_ENDS: f64 = 0.4;

impl Problem<'_> {
    /// Residuals over their standard deviation.
    fn residuals(&self, at: &Vector) -> Vec<f64> {
        let residual =
            |power: f64, modelled: f64| (power - modelled) / self.variance(modelled).sqrt();
        let points = self.points.iter();
        points
            .map(|point| residual(point.power, self.power(at, point)))
            .collect()
    }

    /// Variance of the residuals over what the model says, where speckle is most of it: what is allowed for side lobes beside
    /// a bright ship is seldom seen.
    pub(super) fn spread(&self, at: &Vector) -> f64 {
        let (mut squares, mut pixels) = (OBEDIENT_PIXELS, OBEDIENT_PIXELS);
        for point in &self.points {
            let modelled = self.power(at, point);
            let variance = self.variance(modelled);
            if modelled * modelled / self.around.looks > 0.5 * variance {
                squares += (point.power - modelled).powi(2) / variance;
                pixels += 1.0;
            }
        }
        squares / (pixels - UNKNOWNS as f64)
    }

    /// How many pixels count as one because their residuals go together; `samples` are all pixels, in order.
    pub(super) fn together(&self, at: &Vector, samples: &[Sample]) -> f64 {
        let residuals = self.residuals(at);
        let power = residuals.iter().map(|r| r * r).sum::<f64>() / residuals.len() as f64;
        let along = |down: u32, right: u32| {
            let (mut sum, mut pairs) = (0.0, 0.0_f64);
            for (sample, residual) in samples.iter().zip(&residuals) {
                let other = (sample.row + down, sample.col + right);
                if let Ok(at) = samples.binary_search_by_key(&other, |s| (s.row, s.col)) {
                    sum += residual * residuals[at];
                    pairs += 1.0;
                }
            }
            let correlation = sum / pairs.max(1.0) / power;
            if correlation * pairs.sqrt() < CHANCE_SIGMA {
                return 1.0;
            }
            1.0 + 2.0 * correlation.min(1.0)
        };
        along(0, 1) * along(1, 0)
    }

    /// What dim ends may hide of the length, as a standard deviation, metres.
    pub(super) fn unsure_ends_m(&self, at: &Vector) -> f64 {
        UNSURE_ENDS * self.unevenness(at) * at[LENGTH].exp()
    }

    /// Standard deviation of the hull's brightness from resolution cell to resolution cell along it, over its mean: what is
    /// above chance by its standard deviation.
    fn unevenness(&self, at: &Vector) -> f64 {
        let length_m = at[LENGTH].exp();
        let cell_m = (self.response[0] + self.response[1]).sqrt();
        let cells = (length_m / cell_m).floor().max(1.0);
        // Power above the sea: seen, modelled, and the variance of what is seen.
        let mut sums = vec![(0.0, 0.0, 0.0); cells as usize];
        for point in &self.points {
            let along = axes(at, point).0 / length_m + 0.5;
            if !(0.0..1.0).contains(&along) {
                continue;
            }
            let modelled = self.power(at, point);
            let cell = &mut sums[(along * cells) as usize];
            cell.0 += point.power - 1.0;
            cell.1 += modelled - 1.0;
            cell.2 += self.variance(modelled);
        }
        let cells = sums.iter().filter(|cell| cell.1 > 0.0);
        let (mut uneven, mut chance, mut count) = (0.0, 0.0, 0.0_f64);
        for (seen, modelled, variance) in cells {
            let noise = variance / (modelled * modelled);
            uneven += (seen / modelled - 1.0).powi(2) - noise;
            // The square of a normal error of variance v has the variance 2v².
            chance += 2.0 * noise * noise;
            count += 1.0;
        }
        ((uneven - f64::sqrt(chance)) / count.max(1.0))
            .max(0.0)
            .sqrt()
    }
}
