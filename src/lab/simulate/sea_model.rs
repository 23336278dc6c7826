//! Mean brightness: of the sea by wind and incidence, of land, of the receiver's noise, and the product's gain.
//!
//! The sea's figures are round numbers near published means for C band (CMOD5.N at VV, cross wind; cross-polarised sea
//! grows with wind alone), good to a few dB: enough to place ships in realistic contrast, not to retrieve winds.

use crate::model::scene::Polarisation;

fn power(db: f64) -> f64 {
    10.0_f64.powf(db / 10.0)
}

/// Mean σ⁰ of the sea, linear.
pub(crate) fn sea_sigma0(polarisation: Polarisation, incidence_deg: f64, wind_mps: f64) -> f64 {
    let slope = incidence_deg - 38.0;
    match polarisation {
        Polarisation::Vv => power(-16.0 - 0.45 * slope + 16.0 * (wind_mps / 7.0).log10()),
        Polarisation::Hh => power(-19.0 - 0.60 * slope + 16.0 * (wind_mps / 7.0).log10()),
        Polarisation::Vh | Polarisation::Hv => power(-28.5 - 0.10 * slope + 0.6 * (wind_mps - 7.0)),
    }
}

/// Mean σ⁰ of vegetated land, linear.
pub(crate) fn land_sigma0(polarisation: Polarisation) -> f64 {
    match polarisation {
        Polarisation::Vv | Polarisation::Hh => power(-8.0),
        Polarisation::Vh | Polarisation::Hv => power(-14.5),
    }
}

/// Mean σ⁰ of a hull, linear, before its own spread: 0 dB at 60 m, growing by 6 dB to 300 m; cross-polarised 8.5 dB less.
pub(crate) fn hull_sigma0(polarisation: Polarisation, length_m: f64) -> f64 {
    let like = 8.5 * (length_m / 60.0).log10();
    match polarisation {
        Polarisation::Vv | Polarisation::Hh => power(like),
        Polarisation::Vh | Polarisation::Hv => power(like - 8.5),
    }
}

/// Noise-equivalent σ⁰ at a place across the swath (0 near ..= 1 far), linear: −27 dB at mid swath, −23 dB at the edges.
pub(crate) fn noise_sigma0(across: f64) -> f64 {
    power(-27.0 + 16.0 * (across - 0.5).powi(2))
}

/// β⁰ gain of a made product (`betaNought`), as in real products.
pub(crate) const BETA_GAIN: f64 = 474.0;

/// σ⁰ gain (`sigmaNought`) at an incidence angle: σ⁰ = β⁰ · sin θ.
pub(crate) fn sigma_gain(incidence_deg: f64) -> f64 {
    BETA_GAIN / incidence_deg.to_radians().sin().sqrt()
}

/// γ⁰ gain (`gamma`) at an incidence angle: γ⁰ = β⁰ · tan θ.
pub(crate) fn gamma_gain(incidence_deg: f64) -> f64 {
    BETA_GAIN / incidence_deg.to_radians().tan().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gains_are_those_of_a_real_product_at_its_near_edge() {
        // S1A IPF 3.52 (which takes the angle from its antenna pattern): incidence 30.8707°, sigmaNought 661.6091, gamma 612.9164, betaNought 474.
        assert!((sigma_gain(30.870_74) - 661.6091).abs() < 0.3);
        assert!((gamma_gain(30.870_74) - 612.9164).abs() < 0.5);
    }

    #[test]
    fn sea_falls_with_incidence_and_rises_with_wind() {
        for polarisation in [Polarisation::Vv, Polarisation::Vh, Polarisation::Hh] {
            let at = |incidence, wind| sea_sigma0(polarisation, incidence, wind);
            assert!(at(32.0, 7.0) > at(44.0, 7.0));
            assert!(at(38.0, 12.0) > at(38.0, 5.0));
        }
    }
}
