//! Settings of fusion. The defaults are proposals until a site has learnt its own from its tracks.

use super::habit::{LearntLaws, PACES};
use super::state::Laws;
use crate::model::track::{AisClass, Track};
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

/// How a vessel's place grows uncertain with the time τ to a report.
///
/// A vessel that holds its course: σ = √(σ0² + (g · pace · (τ / 10 min)^power)²), with g along or across the course and
/// pace = (speed + 1 kn) / 11 kn; e^(−τ / manoeuvre) is the probability that it does. All others turned, stopped or set
/// off: a walk of legs of that mean length, each in a new direction.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MotionLaw {
    /// Standard deviation at τ = 0, metres: positioning, and what a report's second leaves open.
    pub sigma0_m: f64,
    /// Growth along the course after ten minutes at ten knots, metres.
    pub along_m: f64,
    /// Growth across the course after ten minutes at ten knots, metres.
    pub cross_m: f64,
    /// Power of time by which both grow: 1 for an error of speed that lasts, 1.5 for one that wanders.
    pub power: f64,
    /// Mean time between changes of course or speed, minutes. Four times as long for a vessel that lies still.
    pub manoeuvre_minutes: f64,
    /// Standard deviation of a turn at the old speed, degrees.
    pub turn_deg: f64,
    /// Share of the changes that are such turns, above 0 and below 1; the others are stops, starts and new errands.
    pub turn_share: f64,
    /// Usual speed after any other change, knots.
    pub usual_kn: f64,
}

impl MotionLaw {
    /// Probability that a vessel still does what it did `tau_s` seconds ago.
    pub(super) fn kept_probability(&self, tau_s: f64, at_rest: bool) -> f64 {
        (-tau_s / self.mean_leg_s(at_rest)).exp()
    }

    /// The law of one vessel of the kind: its usual speed is the root mean square of those it told, the kind's counting as
    /// [`KIND_COUNTS`] reports.
    pub(super) fn with_speeds(self, told: ToldSpeeds) -> Self {
        let squares = KIND_COUNTS * self.usual_kn.powi(2) + told.squares_kn2;
        Self {
            usual_kn: (squares / (KIND_COUNTS + told.count)).sqrt(),
            ..self
        }
    }

    /// Mean time between changes, seconds.
    pub(super) fn mean_leg_s(&self, at_rest: bool) -> f64 {
        self.manoeuvre_minutes * 60.0 * if at_rest { RESTING } else { 1.0 }
    }
}

/// Speeds that a vessel told: how many, and the sum of their squares.
#[derive(Debug, Clone, Copy)]
pub(super) struct ToldSpeeds {
    count: f64,
    squares_kn2: f64,
}

impl ToldSpeeds {
    pub(super) fn of(track: &Track) -> Self {
        let told = || track.positions.iter().filter_map(|fix| fix.sog_kn);
        Self {
            count: told().count() as f64,
            squares_kn2: told().map(|kn| kn * kn).sum(),
        }
    }
}

/// Reports that a kind's usual speed counts for beside a vessel's own.
const KIND_COUNTS: f64 = 20.0;

/// How much longer a vessel that lies still does so: anchorages and berths are left after hours.
const RESTING: f64 = 4.0;

/// Settings of [`super::fuse`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FuseParams {
    /// Motion of class A equipment, fishing vessels apart. Default 15 m, 110 m, 140 m, power 1.2, a change every 150 min:
    /// turns of 30°, or anywhere at 6 kn.
    pub class_a: MotionLaw,
    /// Motion of vessels that tell to be fishing vessels (ship type 30, or status 7), whatever their equipment. Default 20 m,
    /// 250 m, 350 m, power 1.2, a change every 45 min: turns of 90°, or anywhere at 4 kn.
    pub fishing: MotionLaw,
    /// Motion of class B equipment, fishing vessels apart. Default 25 m, 200 m, 300 m, power 1.2, a change every 45 min:
    /// turns of 60°, or anywhere at 6 kn. Small craft turn more and report less.
    pub class_b: MotionLaw,
    /// Motion behind long-range reports (type 27). Default as class A but 150 m at once: places are rounded to 0.1′.
    pub long_range: MotionLaw,
    /// Learn growth, power and manoeuvres of each kind, by habit and speed, from the tracks at hand, by hiding reports and
    /// predicting them; the values above are where that begins, and hold where reports are few. Default true.
    pub learn_motion: bool,
    /// Squared Mahalanobis distance up to which a pair is considered. Default 13.8: 99.9 % of χ² with two
    /// degrees of freedom. Lower loses ships that manoeuvred, higher costs time.
    pub gate_chi2: f64,
    /// Greatest distance of a pair, kilometres. Default 60: two hours at ten knots and a turn. Lower makes true pairs impossible.
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
    /// Laws that the tracks at hand have shown, in place of those above.
    #[serde(skip)]
    pub learnt: Option<LearntLaws>,
}

impl Default for FuseParams {
    fn default() -> Self {
        let law = |[sigma0_m, along_m, cross_m]: [f64; 3],
                   manoeuvre_minutes,
                   [turn_deg, usual_kn]: [f64; 2]| MotionLaw {
            sigma0_m,
            along_m,
            cross_m,
            power: 1.2,
            manoeuvre_minutes,
            turn_deg,
            turn_share: 0.5,
            usual_kn,
        };
        Self {
            class_a: law([15.0, 110.0, 140.0], 150.0, [30.0, 6.0]),
            fishing: law([20.0, 250.0, 350.0], 45.0, [90.0, 4.0]),
            class_b: law([25.0, 200.0, 300.0], 45.0, [60.0, 6.0]),
            long_range: law([150.0, 110.0, 140.0], 150.0, [30.0, 6.0]),
            learn_motion: true,
            gate_chi2: 13.8,
            gate_km: 60.0,
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
            learnt: None,
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
            ("fishing", self.fishing),
            ("class_b", self.class_b),
            ("long_range", self.long_range),
        ];
        for (name, law) in laws {
            for value in [
                law.sigma0_m,
                law.along_m,
                law.cross_m,
                law.manoeuvre_minutes,
                law.turn_deg,
                law.usual_kn,
            ] {
                require(name, value, POSITIVE, |v| v.is_finite() && v > 0.0)?;
            }
            require(name, law.power, "a power from 1 to 2", |v| {
                (1.0..=2.0).contains(&v)
            })?;
            require(name, law.turn_share, "a share above 0, below 1", |v| {
                v > 0.0 && v < 1.0
            })?;
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

    /// The motion law of a kind.
    pub(super) fn law(&self, kind: Kind) -> MotionLaw {
        match kind {
            Kind::ClassA => self.class_a,
            Kind::Fishing => self.fishing,
            Kind::ClassB => self.class_b,
            Kind::LongRange => self.long_range,
        }
    }

    /// The motion laws of one vessel by its pace.
    pub(super) fn laws_of(&self, kind: Kind, track: &Track) -> Laws {
        let laws = match &self.learnt {
            Some(learnt) => learnt.of(kind, track),
            None => [self.law(kind); PACES],
        };
        let told = ToldSpeeds::of(track);
        laws.map(|law| law.with_speeds(told))
    }

    /// The motion law of a kind, to be changed.
    pub(super) fn law_mut(&mut self, kind: Kind) -> &mut MotionLaw {
        match kind {
            Kind::ClassA => &mut self.class_a,
            Kind::Fishing => &mut self.fishing,
            Kind::ClassB => &mut self.class_b,
            Kind::LongRange => &mut self.long_range,
        }
    }
}

/// Vessels that move alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    ClassA,
    Fishing,
    ClassB,
    LongRange,
}

impl Kind {
    pub(super) const ALL: [Self; 4] = [Self::ClassA, Self::Fishing, Self::ClassB, Self::LongRange];

    /// The kind of a track; `None` for what is no ship.
    pub(super) fn of(track: &Track) -> Option<Self> {
        let fishing_status = || {
            let told = track
                .positions
                .iter()
                .filter(|fix| fix.nav_status == Some(FISHING_STATUS));
            2 * told.count() > track.positions.len()
        };
        let fishing = || track.vessel.ship_type == Some(FISHING_TYPE) || fishing_status();
        match track.class {
            AisClass::A | AisClass::B if fishing() => Some(Self::Fishing),
            AisClass::A => Some(Self::ClassA),
            AisClass::B => Some(Self::ClassB),
            AisClass::LongRange => Some(Self::LongRange),
            AisClass::BaseStation
            | AisClass::SarAircraft
            | AisClass::AidToNavigation
            | AisClass::VirtualAidToNavigation => None,
        }
    }
}

/// Ship type and navigational status of a fishing vessel (ITU-R M.1371-5, tables 53 and 45).
const FISHING_TYPE: u8 = 30;
const FISHING_STATUS: u8 = 7;

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
