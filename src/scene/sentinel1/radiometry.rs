//! Digital numbers to σ⁰ for one polarisation: calibration and, if there is any, thermal noise.

use super::calibration::Calibration;
use super::noise::Noise;

/// How the digital numbers of one polarisation become σ⁰.
#[derive(Debug, Clone, PartialEq)]
pub struct Radiometry {
    calibration: Calibration,
    noise: Option<Noise>,
}

impl Radiometry {
    /// Joins calibration and noise. Returns a remark for the operator if noise will not be subtracted.
    pub(super) fn new(
        calibration: Calibration,
        noise: Option<Noise>,
        ipf: Option<f64>,
        mode: &str,
    ) -> (Self, Option<String>) {
        let polarisation = calibration.polarisation();
        let (noise, remark) = match noise {
            None => (None, Some("the noise annotation is missing".to_owned())),
            Some(noise) if noise.is_blank() => (
                None,
                Some("the noise annotation holds only zeros".to_owned()),
            ),
            Some(mut noise) => {
                if noise.scale_for(ipf, mode, &calibration) {
                    (Some(noise), None)
                } else {
                    (
                        None,
                        Some(format!(
                            "the noise scale of mode {mode} is not known for this early processor"
                        )),
                    )
                }
            }
        };
        let remark =
            remark.map(|why| format!("{polarisation}: thermal noise is not subtracted: {why}."));
        (Self { calibration, noise }, remark)
    }

    /// True if thermal noise is known and will be subtracted.
    pub fn has_noise(&self) -> bool {
        self.noise.is_some()
    }

    /// A of σ⁰ = (DN² − η) / A².
    pub fn gain(&self, row: f64, col: f64) -> f64 {
        self.calibration.gain(row, col)
    }

    /// η, DN²; 0 where unknown.
    pub fn noise_power(&self, row: f64, col: f64) -> f64 {
        self.noise
            .as_ref()
            .map_or(0.0, |noise| noise.power(row, col))
    }

    /// σ⁰ (linear) of one digital number, noise removed, negative results clamped to 0; `NaN` for 0, which is no data.
    pub fn sigma0(&self, row: f64, col: f64, dn: u16) -> f64 {
        calibrated(dn, self.gain(row, col), self.noise_power(row, col))
    }

    /// σ⁰ of the pixels `first_col ..` of a row, as [`Self::sigma0`] gives them.
    ///
    /// # Panics
    ///
    /// If the two lengths differ: both are cut from one window.
    pub fn sigma0_row(&self, row: u32, first_col: u32, dn: &[u16], out: &mut [f32]) {
        assert_eq!(dn.len(), out.len(), "calibration row lengths differ");
        let mut gain = vec![0.0; dn.len()];
        let mut noise = vec![0.0; dn.len()];
        self.calibration.gain_row(row, first_col, &mut gain);
        if let Some(table) = &self.noise {
            table.power_row(row, first_col, &mut noise);
        }
        for (((slot, &dn), gain), noise) in out.iter_mut().zip(dn).zip(gain).zip(noise) {
            *slot = calibrated(dn, gain, noise) as f32;
        }
    }

    /// The calibration table.
    pub fn calibration(&self) -> &Calibration {
        &self.calibration
    }

    /// The noise table, if it is used.
    pub fn noise(&self) -> Option<&Noise> {
        self.noise.as_ref()
    }
}

/// σ⁰ = (DN² − η) / A² (Miranda and Meadows 2015, ESA-EOPG-CSCOP-TN-0002).
fn calibrated(dn: u16, gain: f64, noise: f64) -> f64 {
    if dn == 0 {
        return f64::NAN;
    }
    let power = f64::from(dn) * f64::from(dn) - noise;
    power.max(0.0) / (gain * gain)
}
