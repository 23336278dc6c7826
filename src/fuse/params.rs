//! Settings of fusion. The defaults are proposals until a site has learnt its own from its tracks.

use crate::model::track::AisClass;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Why a setting was refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FuseError {
    /// A value outside its range.
    #[error("fusion setting {name} is {value}, expected {expected}")]
    Setting {
        /// Name as in the pipeline file.
        name: &'static str,
        /// The value found.
        value: f64,
        /// The range.
        expected: &'static str,
    },
}

/// How a vessel's place grows uncertain with the time Δt (seconds) to its nearest report.
///
/// σ_along = √(σ0² + (along · Δt^1.5)²), σ_cross = √(σ0² + (cross · Δt^1.2)²), metres.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MotionLaw {
    /// Standard deviation at Δt = 0, metres: positioning, antenna against the echo's centroid.
    pub sigma0_m: f64,
    /// Growth along the course, m s^−1.5.
    pub along: f64,
    /// Growth across the course, m s^−1.2.
    pub cross: f64,
}

/// Settings of [`super::fuse`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FuseParams {
    /// Motion of class A equipment. Default 30 m, 0.02, 0.11: 300 m along and 240 m across after ten minutes.
    pub class_a: MotionLaw,
    /// Motion of class B equipment. Default 60 m, 0.04, 0.25: small craft turn more and report less.
    pub class_b: MotionLaw,
    /// Motion behind long-range reports (type 27). Default 150 m (its place is rounded to 0.1′), 0.03, 0.15.
    pub long_range: MotionLaw,
    /// Squared Mahalanobis distance up to which a pair is considered. Default 13.8: 99.9 % of χ² with two
    /// degrees of freedom. Lower loses ships that manoeuvred, higher costs time.
    pub gate_chi2: f64,
    /// Greatest distance of a pair, kilometres. Default 10.
    pub gate_km: f64,
    /// Greatest time between the image and a vessel's nearest report, hours. Default 3.
    pub gate_hours: f64,
    /// Probability from which a vessel explains a detection. Default 0.8: lower names more ships wrongly,
    /// higher leaves more detections ambiguous.
    pub correlated_probability: f64,
    /// Standard deviation of a detection's place if it states none, metres. Default 20 (half a pixel, 10 m of geolocation).
    pub detection_sigma_m: f64,
    /// AIS counts as received if it was heard within this distance, kilometres. Default 50.
    pub reception_km: f64,
    /// … and this time, minutes. Default 30.
    pub reception_minutes: f64,
    /// … from at least so many vessels. Default 1: raise it where one chance report says little.
    pub reception_vessels: u32,
    /// A detection this near a fixed structure is taken for it, metres. Default 150.
    pub fixed_radius_m: f64,
    /// Shortest told length for which a missing echo is remarked on, metres. Default 25.
    pub ais_only_min_length_m: f64,
    /// Probability of detection below which a missing echo says nothing. Default 0.8.
    pub ais_only_detection_probability: f64,
    /// Greatest time to the nearest report for that remark, minutes. Default 10.
    pub ais_only_minutes: f64,
    /// Least distance to the shore for that remark, metres. Default 1,000.
    pub ais_only_shore_m: f64,
}

impl Default for FuseParams {
    fn default() -> Self {
        Self {
            class_a: MotionLaw {
                sigma0_m: 30.0,
                along: 0.02,
                cross: 0.11,
            },
            class_b: MotionLaw {
                sigma0_m: 60.0,
                along: 0.04,
                cross: 0.25,
            },
            long_range: MotionLaw {
                sigma0_m: 150.0,
                along: 0.03,
                cross: 0.15,
            },
            gate_chi2: 13.8,
            gate_km: 10.0,
            gate_hours: 3.0,
            correlated_probability: 0.8,
            detection_sigma_m: 20.0,
            reception_km: 50.0,
            reception_minutes: 30.0,
            reception_vessels: 1,
            fixed_radius_m: 150.0,
            ais_only_min_length_m: 25.0,
            ais_only_detection_probability: 0.8,
            ais_only_minutes: 10.0,
            ais_only_shore_m: 1000.0,
        }
    }
}

impl FuseParams {
    /// Checks every value against its range.
    ///
    /// # Errors
    ///
    /// [`FuseError::Setting`] for the first value out of range.
    pub fn check(&self) -> Result<(), FuseError> {
        const POSITIVE: &str = "a finite number above 0";
        const SHARE: &str = "a probability above 0.5, below 1";
        let laws = [
            ("class_a", self.class_a),
            ("class_b", self.class_b),
            ("long_range", self.long_range),
        ];
        for (name, law) in laws {
            for value in [law.sigma0_m, law.along, law.cross] {
                require(name, value, POSITIVE, |v| v.is_finite() && v > 0.0)?;
            }
        }
        for (name, value) in [
            ("gate_chi2", self.gate_chi2),
            ("gate_km", self.gate_km),
            ("gate_hours", self.gate_hours),
            ("detection_sigma_m", self.detection_sigma_m),
            ("reception_km", self.reception_km),
            ("reception_minutes", self.reception_minutes),
            ("reception_vessels", f64::from(self.reception_vessels)),
            ("fixed_radius_m", self.fixed_radius_m),
            ("ais_only_min_length_m", self.ais_only_min_length_m),
            ("ais_only_minutes", self.ais_only_minutes),
            ("ais_only_shore_m", self.ais_only_shore_m),
        ] {
            require(name, value, POSITIVE, |v| v.is_finite() && v > 0.0)?;
        }
        for (name, value) in [
            ("correlated_probability", self.correlated_probability),
            (
                "ais_only_detection_probability",
                self.ais_only_detection_probability,
            ),
        ] {
            require(name, value, SHARE, |v| v > 0.5 && v < 1.0)?;
        }
        Ok(())
    }

    /// The motion law of a kind of equipment; `None` for what is no ship.
    pub(super) fn law(&self, class: AisClass) -> Option<MotionLaw> {
        match class {
            AisClass::A => Some(self.class_a),
            AisClass::B => Some(self.class_b),
            AisClass::LongRange => Some(self.long_range),
            AisClass::BaseStation
            | AisClass::SarAircraft
            | AisClass::AidToNavigation
            | AisClass::VirtualAidToNavigation => None,
        }
    }
}

fn require(
    name: &'static str,
    value: f64,
    expected: &'static str,
    holds: impl Fn(f64) -> bool,
) -> Result<(), FuseError> {
    if holds(value) {
        Ok(())
    } else {
        Err(FuseError::Setting {
            name,
            value,
            expected,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_defaults_pass_their_own_check_and_a_bad_value_is_named() {
        assert_eq!(FuseParams::default().check(), Ok(()));
        let bad = FuseParams {
            gate_km: -1.0,
            ..FuseParams::default()
        };
        let text = bad.check().expect_err("negative gate").to_string();
        assert!(text.contains("gate_km is -1"), "{text}");
    }
}
