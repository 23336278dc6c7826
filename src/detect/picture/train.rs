//! Training of the second look: lessons → weights, then answers → probabilities.
//!
//! Binary cross-entropy by AdamW with a falling rate, small batches in an order drawn from a seed, and the logistic
//! calibration of Platt (1999) on answers to what was not trained on.

use super::look::{HIDDEN, SecondLook, forward};
use super::regions::MEASURES;
use crate::detect::DetectError;
use candle_core::{Device, Tensor, Var};
use candle_nn::optim::{AdamW, Optimizer, ParamsAdamW};
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, StandardNormal};

/// Passes over all lessons.
const PASSES: usize = 24;

/// Lessons to a step.
const BATCH: usize = 256;

/// Rate of the first steps, and what is left of it at the last.
const FIRST_RATE: f64 = 3e-3;
const LAST_PART: f64 = 0.02;

/// Pull of the weights to nought.
const DECAY: f64 = 1e-3;

/// Newton steps of the calibration; it is a smooth problem of two unknowns.
const CALIBRATION_STEPS: usize = 30;

/// Most times that such a step is halved.
const HALVINGS: i32 = 30;

/// A region and what it was.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lesson {
    /// Its measures.
    pub measures: [f32; MEASURES],
    /// True if it was a ship's.
    pub is_ship: bool,
}

/// Trains a network; its answers are not yet calibrated. The same lessons and seed give the same weights on one machine.
///
/// # Errors
///
/// `DetectError::Lessons` if there are not lessons of both kinds, `DetectError::Network` if a step fails.
pub fn train(lessons: &[Lesson], seed: u64) -> Result<SecondLook, DetectError> {
    let ships = lessons.iter().filter(|lesson| lesson.is_ship).count();
    let others = lessons.len() - ships;
    if ships == 0 || others == 0 {
        return Err(DetectError::Lessons { ships, others });
    }
    let device = Device::Cpu;
    let mut chance = ChaCha8Rng::seed_from_u64(seed);
    let standard = standard(lessons)?;
    let widths = [MEASURES, HIDDEN[0], HIDDEN[1], 1];
    let mut vars: Vec<(Var, Var)> = Vec::new();
    for width in widths.windows(2) {
        // He et al. (2015): the spread that rectified layers keep.
        let spread = (2.0 / width[0] as f64).sqrt();
        let weights: Vec<f32> = (0..width[0] * width[1])
            .map(|_| {
                let normal: f64 = StandardNormal.sample(&mut chance);
                (spread * normal) as f32
            })
            .collect();
        vars.push((
            Var::from_vec(weights, (width[0], width[1]), &device)?,
            Var::from_vec(vec![0.0_f32; width[1]], width[1], &device)?,
        ));
    }
    let layers: Vec<(Tensor, Tensor)> = vars
        .iter()
        .map(|(matrix, offset)| (matrix.as_tensor().clone(), offset.as_tensor().clone()))
        .collect();
    let all = vars
        .into_iter()
        .flat_map(|(matrix, offset)| [matrix, offset]);
    let mut optimizer = AdamW::new(
        all.collect(),
        ParamsAdamW {
            lr: FIRST_RATE,
            weight_decay: DECAY,
            ..ParamsAdamW::default()
        },
    )?;
    let mut order: Vec<usize> = (0..lessons.len()).collect();
    let steps = (PASSES * lessons.len().div_ceil(BATCH)) as f64;
    let mut step = 0.0;
    for _ in 0..PASSES {
        order.shuffle(&mut chance);
        for batch in order.chunks(BATCH) {
            let along = 0.5 * (1.0 + (std::f64::consts::PI * step / steps).cos());
            optimizer.set_learning_rate(FIRST_RATE * (LAST_PART + (1.0 - LAST_PART) * along));
            let flat: Vec<f32> = batch.iter().flat_map(|&at| lessons[at].measures).collect();
            let told: Vec<f32> = batch
                .iter()
                .map(|&at| f32::from(u8::from(lessons[at].is_ship)))
                .collect();
            let input = Tensor::from_vec(flat, (batch.len(), MEASURES), &device)?
                .broadcast_sub(&standard.0)?
                .broadcast_div(&standard.1)?;
            let told = Tensor::from_vec(told, (batch.len(), 1), &device)?;
            let loss = cross_entropy(&forward(&layers, input)?, &told)?;
            optimizer.backward_step(&loss)?;
            step += 1.0;
        }
    }
    let layers = layers
        .iter()
        .map(|(matrix, offset)| Ok((matrix.copy()?.detach(), offset.copy()?.detach())))
        .collect::<Result<_, DetectError>>()?;
    Ok(SecondLook {
        layers,
        standard,
        calibration: [1.0, 0.0],
    })
}

/// Mean binary cross-entropy of answers, finite for any: ln(1 + eˣ) − told · x. The library's own takes the logarithm of a
/// logistic function that has run into 0 or 1, and one such answer makes every weight a NaN.
fn cross_entropy(answers: &Tensor, told: &Tensor) -> candle_core::Result<Tensor> {
    let tail = (answers.abs()?.neg()?.exp()? + 1.0)?.log()?;
    let losses = ((answers.relu()? + tail)? - answers.mul(told)?)?;
    losses.mean_all()
}

/// Mean and standard deviation of every measure over the lessons.
fn standard(lessons: &[Lesson]) -> Result<(Tensor, Tensor), DetectError> {
    let count = lessons.len() as f64;
    let mean_of = |value: &dyn Fn(usize, f64) -> f64| -> Vec<f64> {
        let sums = (0..MEASURES).map(|at| {
            let values = lessons
                .iter()
                .map(|lesson| value(at, f64::from(lesson.measures[at])));
            values.sum::<f64>() / count
        });
        sums.collect()
    };
    let means = mean_of(&|_, value| value);
    let variances = mean_of(&|at, value| (value - means[at]).powi(2));
    let row = |values: Vec<f64>| {
        let values: Vec<f32> = values.into_iter().map(|value| value as f32).collect();
        Tensor::from_vec(values, (1, MEASURES), &Device::Cpu)
    };
    let deviations = variances
        .into_iter()
        .map(|variance| variance.sqrt().max(1e-6));
    Ok((row(means)?, row(deviations.collect())?))
}

/// Scale and offset that turn answers into probabilities: maximum likelihood of a logistic law, with Platt's targets, which
/// keep it finite where the two kinds are apart.
pub(super) fn calibration(answers: &[(f64, bool)]) -> [f64; 2] {
    let ships = answers.iter().filter(|answer| answer.1).count() as f64;
    let others = answers.len() as f64 - ships;
    let targets = [1.0 / (others + 2.0), (ships + 1.0) / (ships + 2.0)];
    let target = |is_ship: bool| targets[usize::from(is_ship)];
    let loss = |[scale, offset]: [f64; 2]| -> f64 {
        let losses = answers.iter().map(|&(answer, is_ship)| {
            // ln(1 + eˣ) − target · x, without overflow.
            let x = scale * answer + offset;
            x.max(0.0) + (-x.abs()).exp().ln_1p() - target(is_ship) * x
        });
        losses.sum()
    };
    let mut best = [1.0, 0.0];
    let mut least = loss(best);
    for _ in 0..CALIBRATION_STEPS {
        let [by_scale, by_offset] = newton_step(answers, target, best);
        // Far from the solution a whole step may lead away from it: it is halved until it does not.
        let shorter = (0..HALVINGS).map(|halving| {
            let part = 0.5_f64.powi(halving);
            [best[0] + part * by_scale, best[1] + part * by_offset]
        });
        let Some((next, loss)) = shorter
            .map(|next| (next, loss(next)))
            .find(|(_, loss)| *loss < least)
        else {
            break;
        };
        (best, least) = (next, loss);
    }
    best
}

/// Newton's step of scale and offset towards the likeliest logistic law.
fn newton_step(
    answers: &[(f64, bool)],
    target: impl Fn(bool) -> f64,
    [scale, offset]: [f64; 2],
) -> [f64; 2] {
    let [mut by_scale, mut by_offset] = [0.0; 2];
    let [mut aa, mut ab, mut bb] = [1e-9, 0.0, 1e-9];
    for &(answer, is_ship) in answers {
        let told = 1.0 / (1.0 + (-(scale * answer + offset)).exp());
        let left = target(is_ship) - told;
        let weight = told * (1.0 - told);
        by_scale += left * answer;
        by_offset += left;
        aa += weight * answer * answer;
        ab += weight * answer;
        bb += weight;
    }
    let determinant = aa * bb - ab * ab;
    [
        (bb * by_scale - ab * by_offset) / determinant,
        (aa * by_offset - ab * by_scale) / determinant,
    ]
}

impl SecondLook {
    /// The same network with probabilities that fit what regions of pictures it was not trained on turned out to be.
    ///
    /// # Errors
    ///
    /// `DetectError::Network` if it cannot be run.
    pub fn calibrated(self, lessons: &[Lesson]) -> Result<Self, DetectError> {
        let measures: Vec<[f32; MEASURES]> = lessons.iter().map(|lesson| lesson.measures).collect();
        let answers = self.answers(&measures)?;
        let told = lessons.iter().map(|lesson| lesson.is_ship);
        let pairs: Vec<(f64, bool)> = answers.into_iter().zip(told).collect();
        Ok(Self {
            calibration: calibration(&pairs),
            ..self
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "lessons are made to be learnt")]
mod tests {
    use super::*;

    #[test]
    fn a_ring_about_the_middle_is_learnt_which_no_straight_line_can_tell() {
        let mut chance = ChaCha8Rng::seed_from_u64(4);
        let lessons: Vec<Lesson> = (0..4000)
            .map(|_| {
                let mut measures = [0.0; MEASURES];
                for measure in &mut measures {
                    let normal: f64 = StandardNormal.sample(&mut chance);
                    *measure = normal as f32;
                }
                let is_ship = measures[0].hypot(measures[1]) < 1.18;
                Lesson { measures, is_ship }
            })
            .collect();
        let (taught, kept) = lessons.split_at(3000);
        let network = train(taught, 1).unwrap().calibrated(&kept[..500]).unwrap();
        let asked: Vec<[f32; MEASURES]> =
            kept[500..].iter().map(|lesson| lesson.measures).collect();
        let told = network.probabilities(&asked).unwrap();
        let right = told
            .iter()
            .zip(&kept[500..])
            .filter(|(told, lesson)| (**told > 0.5) == lesson.is_ship)
            .count();
        // Half are of either kind: chance gives 250 of 500, a line no more.
        assert!(right > 400, "{right} of 500");
    }

    #[test]
    fn calibration_finds_the_law_that_made_the_answers() {
        use rand::RngExt;
        let mut chance = ChaCha8Rng::seed_from_u64(9);
        let answers: Vec<(f64, bool)> = (0..20_000)
            .map(|_| {
                let normal: f64 = StandardNormal.sample(&mut chance);
                let answer = 3.0 * normal;
                let law = 1.0 / (1.0 + (-(0.7 * answer - 0.4)).exp());
                (answer, chance.random::<f64>() < law)
            })
            .collect();
        let [scale, offset] = calibration(&answers);
        // Standard errors of 20,000 draws are about 0.01 and 0.02.
        assert!(
            (scale - 0.7).abs() < 0.04 && (offset + 0.4).abs() < 0.07,
            "{scale} {offset}"
        );
    }

    #[test]
    fn calibration_of_answers_far_apart_stays_finite_and_the_right_way_round() {
        let answers: Vec<(f64, bool)> = (0..2000)
            .map(|at| {
                let is_ship = at % 20 == 0;
                let spread = 12.0 * f64::from(at % 7) / 7.0;
                (if is_ship { 4.0 + spread } else { -6.0 - spread }, is_ship)
            })
            .collect();
        let [scale, offset] = calibration(&answers);
        assert!(scale > 0.1 && scale.is_finite(), "{scale} {offset}");
        let told = |answer: f64| 1.0 / (1.0 + (-(scale * answer + offset)).exp());
        assert!(told(4.0) > 0.9 && told(-6.0) < 0.01, "{scale} {offset}");
    }

    #[test]
    fn the_loss_of_answers_however_sure_is_finite_and_so_is_its_slope() -> candle_core::Result<()> {
        let answers = Var::from_vec(vec![500.0_f32, -500.0, 0.0, 500.0], (4, 1), &Device::Cpu)?;
        let told = Tensor::from_vec(vec![1.0_f32, 0.0, 1.0, 0.0], (4, 1), &Device::Cpu)?;
        let loss = cross_entropy(answers.as_tensor(), &told)?;
        // 0, 0, ln 2 and 500, in the mean.
        let expected = (std::f32::consts::LN_2 + 500.0) / 4.0;
        assert!((loss.to_scalar::<f32>()? - expected).abs() < 1e-3);
        let slopes = loss.backward()?;
        let slope = slopes.get(answers.as_tensor()).map(Tensor::flatten_all);
        let slope: Vec<f32> = slope
            .transpose()?
            .map_or(Ok(Vec::new()), |slope| slope.to_vec1())?;
        assert!(
            slope.len() == 4 && slope.iter().all(|value| value.is_finite()),
            "{slope:?}"
        );
        Ok(())
    }
}
