//! The second look: a small network that tells from a region's measures how likely it is a ship.
//!
//! Three dense layers over the standardised measures, then a scale and an offset that make its answer a probability.
//! Run by candle on the CPU. The weights are trained by [`train`](super::train::train) and stand in
//! `assets/second-look.safetensors`; the model card is docs/second-look.md.

use super::regions::MEASURES;
use crate::detect::DetectError;
use candle_core::{DType, Device, Tensor, safetensors};
use std::collections::HashMap;
use std::path::Path;

/// Neurons of the two hidden layers.
pub(super) const HIDDEN: [usize; 2] = [48, 24];

/// The weights in the program.
const WEIGHTS: &[u8] = include_bytes!("../../../assets/second-look.safetensors");

/// Names of the weights: three layers' matrices (inputs × outputs) and offsets.
pub(super) const LAYERS: [(&str, &str); 3] = [("w1", "b1"), ("w2", "b2"), ("w3", "b3")];

/// A trained network.
#[derive(Debug, Clone)]
pub struct SecondLook {
    pub(super) layers: Vec<(Tensor, Tensor)>,
    /// Mean and standard deviation of each measure, 1 × measures.
    pub(super) standard: (Tensor, Tensor),
    /// Probability = logistic(scale · answer + offset).
    pub(super) calibration: [f64; 2],
}

impl SecondLook {
    /// The one whose weights are in the program.
    ///
    /// # Errors
    ///
    /// `DetectError::Network` if they are damaged.
    pub fn built_in() -> Result<Self, DetectError> {
        Self::from_bytes(WEIGHTS)
    }

    /// One from a file's bytes, as [`SecondLook::save`] writes them.
    ///
    /// # Errors
    ///
    /// `DetectError::Network` if a weight is missing or has another shape.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DetectError> {
        let mut tensors = safetensors::load_buffer(bytes, &Device::Cpu)?;
        let mut take = |name: &'static str, shape: &[usize]| {
            tensors
                .remove(name)
                .filter(|tensor| tensor.dims() == shape && tensor.dtype() == DType::F32)
                .ok_or(DetectError::Weights { name })
        };
        let widths = [MEASURES, HIDDEN[0], HIDDEN[1], 1];
        let mut layers = Vec::with_capacity(LAYERS.len());
        for ((matrix, offset), width) in LAYERS.into_iter().zip(widths.windows(2)) {
            layers.push((take(matrix, width)?, take(offset, &width[1..])?));
        }
        let standard = (
            take("mean", &[1, MEASURES])?,
            take("deviation", &[1, MEASURES])?,
        );
        let calibration: Vec<f32> = take("calibration", &[2])?.to_vec1()?;
        Ok(Self {
            layers,
            standard,
            calibration: [f64::from(calibration[0]), f64::from(calibration[1])],
        })
    }

    /// Writes the weights to a file that [`SecondLook::from_bytes`] reads.
    ///
    /// # Errors
    ///
    /// `DetectError::Network` if it cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), DetectError> {
        let mut tensors: HashMap<&str, Tensor> = HashMap::new();
        for ((matrix, offset), layer) in LAYERS.into_iter().zip(&self.layers) {
            tensors.insert(matrix, layer.0.clone());
            tensors.insert(offset, layer.1.clone());
        }
        tensors.insert("mean", self.standard.0.clone());
        tensors.insert("deviation", self.standard.1.clone());
        let calibration = self.calibration.map(|value| value as f32);
        tensors.insert("calibration", Tensor::new(&calibration, &Device::Cpu)?);
        Ok(safetensors::save(&tensors, path)?)
    }

    /// Probability that a region of each set of measures is a ship, 0 ..= 1.
    ///
    /// # Errors
    ///
    /// `DetectError::Network` if it cannot be run.
    pub fn probabilities(&self, measures: &[[f32; MEASURES]]) -> Result<Vec<f64>, DetectError> {
        let [scale, offset] = self.calibration;
        let answers = self.answers(measures)?;
        Ok(answers
            .into_iter()
            .map(|answer| 1.0 / (1.0 + (-(scale * answer + offset)).exp()))
            .collect())
    }

    /// The last layer's answer for each set of measures.
    pub(super) fn answers(&self, measures: &[[f32; MEASURES]]) -> Result<Vec<f64>, DetectError> {
        if measures.is_empty() {
            return Ok(Vec::new());
        }
        let flat: Vec<f32> = measures.iter().flatten().copied().collect();
        let input = Tensor::from_vec(flat, (measures.len(), MEASURES), &Device::Cpu)?;
        let standard = input
            .broadcast_sub(&self.standard.0)?
            .broadcast_div(&self.standard.1)?;
        let answers: Vec<f32> = forward(&self.layers, standard)?.flatten_all()?.to_vec1()?;
        Ok(answers.into_iter().map(f64::from).collect())
    }
}

/// The layers one after the other, rectified between them. `input` is rows × measures.
pub(super) fn forward(layers: &[(Tensor, Tensor)], input: Tensor) -> candle_core::Result<Tensor> {
    let mut state = input;
    for (at, (matrix, offset)) in layers.iter().enumerate() {
        state = state.matmul(matrix)?.broadcast_add(offset)?;
        if at + 1 < layers.len() {
            state = state.relu()?;
        }
    }
    Ok(state)
}
