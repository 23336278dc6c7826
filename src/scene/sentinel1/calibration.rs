//! The calibration annotation of one polarisation: digital number → σ⁰.

use super::annotation::polarisation;
use super::lut::{Lut, LutVector};
use crate::model::scene::Polarisation;
use crate::scene::SceneError;
use crate::scene::xml::Document;

/// The gain A of σ⁰ = (DN² − η) / A², bilinear in line and pixel.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    polarisation: Polarisation,
    sigma_nought: Lut,
    first_dn: f64,
}

impl Calibration {
    /// Reads a calibration annotation; `path` only names the file in errors.
    ///
    /// # Errors
    ///
    /// If it is not XML, or a vector is missing, of uneven length or not above 0.
    pub fn parse(path: &str, bytes: &[u8]) -> Result<Self, SceneError> {
        let document = Document::parse(path, bytes)?;
        let root = document.root();
        let trail = "calibrationVectorList/calibrationVector";
        let nodes = root.all(trail);
        let first = root.get(trail)?;
        let sigma_nought = Lut::new(
            nodes
                .iter()
                .map(|node| LutVector::read(*node, "sigmaNought"))
                .collect::<Result<_, _>>()?,
        );
        if !sigma_nought.is_full() {
            return Err(root.fault(
                trail,
                "holds a sigmaNought of 0, expected gains above 0".to_owned(),
            ));
        }
        Ok(Self {
            polarisation: polarisation(root.get("adsHeader")?)?,
            sigma_nought,
            first_dn: first.numbers("dn")?.first().copied().unwrap_or(f64::NAN),
        })
    }

    /// The polarisation it holds for.
    pub fn polarisation(&self) -> Polarisation {
        self.polarisation
    }

    /// A (`sigmaNought`) at a place, amplitude units.
    pub fn gain(&self, row: f64, col: f64) -> f64 {
        self.sigma_nought.at(row, col)
    }

    /// A at the pixels `first_col ..` of a row.
    pub fn gain_row(&self, row: u32, first_col: u32, out: &mut [f64]) {
        self.sigma_nought.fill(f64::from(row), first_col, out);
    }

    /// The first `dn` value: scales the noise of early processors.
    pub(super) fn first_dn(&self) -> f64 {
        self.first_dn
    }
}
