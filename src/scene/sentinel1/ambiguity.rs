//! Where azimuth ambiguities of a target appear.
//!
//! A radar samples the Doppler spectrum at its pulse repetition frequency. What the antenna's sidelobes receive beyond half of
//! it folds back, and is focused at the place of another target: λ·R·PRF/(2·V) further along azimuth for each folding. It keeps
//! a rest of its range migration, too, as it is straightened for the wrong Doppler shift: λ²·R·(f'² − f²)/(8·V²), f' = f + k·PRF.
//! Modes that scan the beam see a target at any f of the scan, which spreads that rest.
//!
//! # Source
//!
//! Cumming and Wong (2005), Digital Processing of Synthetic Aperture Radar Data, §5.4 and 6.3; De Zan and Monti Guarnieri
//! (2006), TOPSAR: terrain observation by progressive scans.

use super::{Annotation, Geometry};
use crate::model::scene::AmbiguityOffset;

/// Speed of light, metres a second.
const LIGHT_MPS: f64 = 299_792_458.0;

impl Annotation {
    /// The first ambiguities of a target at (row, col); `None` where the product tells no geometry or no PRF.
    pub fn ambiguity_offset(
        &self,
        geometry: &Geometry,
        (row, col): (f64, f64),
    ) -> Option<AmbiguityOffset> {
        let sar = geometry.locate(row, col)?.sar?;
        let frame = geometry.pixel_frame(row, col)?;
        let prf_hz = self.prf_hz_at(row, col)?;
        let wavelength_m = LIGHT_MPS / self.radar_frequency_hz;
        let speed_mps = sar.platform_speed_mps;
        let along_m = wavelength_m * sar.slant_range_m * prf_hz / (2.0 * speed_mps);
        let slant_m_per_hz2 = wavelength_m.powi(2) * sar.slant_range_m / (8.0 * speed_mps.powi(2));
        let cols = |slant_m: f64| {
            slant_m
                / sar.incidence_deg.to_radians().sin()
                / frame.column_m[0].hypot(frame.column_m[1])
        };
        Some(AmbiguityOffset {
            rows: along_m / frame.row_m[0].hypot(frame.row_m[1]),
            cols: cols(slant_m_per_hz2 * prf_hz.powi(2)),
            cols_spread: cols(slant_m_per_hz2 * 2.0 * prf_hz * self.scan_hz()),
        })
    }

    /// Pulse repetition frequency of the sub-swath that gave a pixel.
    fn prf_hz_at(&self, row: f64, col: f64) -> Option<f64> {
        if let [(_, only)] = &self.prf_hz[..] {
            return Some(*only);
        }
        let within = |at: f64, (first, last): (u32, u32)| {
            (f64::from(first) - 0.5..=f64::from(last) + 0.5).contains(&at)
        };
        let bounds = self
            .swath_bounds
            .iter()
            .find(|bounds| within(row, bounds.rows) && within(col, bounds.cols))?;
        let (_, prf_hz) = self
            .prf_hz
            .iter()
            .find(|(swath, _)| *swath == bounds.swath)?;
        Some(*prf_hz)
    }

    /// How far the beam's scan moves the Doppler shift to either side, hertz: 2·V·sin(squint)/λ, for the squints of ±0.6° of
    /// IW and ±0.4° of EW (Sentinel-1 Product Definition, S1-RS-MDA-52-7440), rounded up; StripMap is steered to zero.
    fn scan_hz(&self) -> f64 {
        match self.mode.as_str() {
            "IW" => 2900.0,
            "EW" => 2000.0,
            _ => 100.0,
        }
    }
}
