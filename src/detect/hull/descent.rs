//! From a start to the unknowns that explain the pixels best.

use super::model::{GAIN, LENGTH, Matrix, PRIORS, Problem, TURN, Vector, WIDTH};
use crate::detect::measure::Size;

/// Most scoring steps; and as many from each start before the best of them goes on alone.
const MOST_STEPS: usize = 40;
const FIRST_STEPS: usize = 4;

/// A step this small, in squares of standard deviations, ends the search.
const SMALL_STEP: f64 = 1e-4;

impl Problem<'_> {
    /// Where the best of a few starts leads: where pixels tell little of the direction, one may lead astray.
    pub(super) fn best(&self, start: &Size) -> Option<Vector> {
        let heading = start.heading.map_or(0.0, |heading| heading.0).to_radians();
        let turns: &[f64] = if start.length_m > 3.0 * start.width_m {
            &[0.0]
        } else {
            &[0.0, 0.25, 0.5, 0.75]
        };
        let ends = turns.iter().filter_map(|turn| {
            let begin = self.start(start, heading + turn * std::f64::consts::PI);
            let end = self.descend(begin, FIRST_STEPS)?;
            let score = self.misfit(&end);
            score.is_finite().then_some((end, score))
        });
        let best = ends.reduce(|best, end| if end.1 < best.1 { end } else { best })?;
        self.descend(best.0, MOST_STEPS)
    }

    fn start(&self, size: &Size, heading: f64) -> Vector {
        // What the response adds to the variance of the mask, taken out again.
        let blur = 12.0 * 0.5 * (self.response[0] + self.response[1]);
        let sharp = |length: f64| (length * length - blur).max(0.1 * length * length).sqrt();
        let length = sharp(size.length_m);
        let width = sharp(size.width_m).min(0.5 * length);
        let mut at = Vector::zeros();
        (at[LENGTH], at[WIDTH], at[TURN]) = (length.ln(), width.ln(), heading);
        // The brightness that explains the summed power.
        let (mut seen, mut shape) = (0.0, 0.0);
        for point in &self.points {
            seen += point.power - 1.0;
            shape += self.power(&at, point) - 1.0;
        }
        at[GAIN] = (seen / shape).max(0.1).ln();
        at
    }

    /// Gradient of the quasi-likelihood and the scoring matrix.
    pub(super) fn scoring(&self, at: &Vector) -> (Vector, Matrix) {
        let (mut gradient, mut matrix) = (Vector::zeros(), Matrix::zeros());
        for point in &self.points {
            let (power, by) = self.slopes(at, point);
            let weight = 1.0 / self.variance(power);
            gradient += by * ((point.power - power) * weight);
            matrix += by * by.transpose() * weight;
        }
        for prior in &PRIORS {
            let (factors, sigma) = (prior.factors(), prior.sigma());
            gradient -= factors * (prior.off(at) / sigma);
            matrix += factors * factors.transpose() / (sigma * sigma);
        }
        (gradient, matrix)
    }

    /// What ends of different starts are compared by: the deviance of a normal law with each pixel's own variance.
    fn misfit(&self, at: &Vector) -> f64 {
        let pixel = |power: f64, modelled: f64| {
            let variance = self.variance(modelled);
            (power - modelled).powi(2) / variance + variance.ln()
        };
        let pixels = self.points.iter();
        let pixels = pixels.map(|point| pixel(point.power, self.power(at, point)));
        pixels.sum::<f64>() + off(at)
    }

    /// What a step must lower: the deviance of a gamma law, each pixel's looks held.
    fn deviance(&self, at: &Vector, looks: &[f64]) -> f64 {
        let pixel = |power: f64, modelled: f64| 2.0 * (modelled.ln() + power / modelled);
        let pixels = self.points.iter().zip(looks);
        let pixels = pixels.map(|(point, looks)| looks * pixel(point.power, self.power(at, point)));
        pixels.sum::<f64>() + off(at)
    }

    fn descend(&self, mut at: Vector, most_steps: usize) -> Option<Vector> {
        let mut damping = 1e-2;
        for _ in 0..most_steps {
            let (gradient, matrix) = self.scoring(&at);
            let looks: Vec<f64> = self
                .points
                .iter()
                .map(|point| {
                    let power = self.power(&at, point);
                    power * power / self.variance(power)
                })
                .collect();
            let here = self.deviance(&at, &looks);
            let mut size = 0.0;
            while damping < 1e8 {
                let damped = matrix + Matrix::from_diagonal(&(matrix.diagonal() * damping));
                let step = damped.cholesky()?.solve(&gradient);
                let next = at + step;
                if self.deviance(&next, &looks) <= here {
                    size = step.dot(&(matrix * step));
                    at = next;
                    damping = (damping * 0.2).max(1e-9);
                    break;
                }
                damping *= 8.0;
            }
            if size <= SMALL_STEP {
                break;
            }
        }
        at.iter().all(|value| value.is_finite()).then_some(at)
    }
}

/// Squares of standard deviations from what is known beforehand.
fn off(at: &Vector) -> f64 {
    PRIORS.iter().map(|prior| prior.off(at).powi(2)).sum()
}
