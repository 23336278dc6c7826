//! A rule of the pipeline file: which contacts or vessels become an alert, where, and how it is marked.

use crate::model::alert::{AlertKind, Severity, Tlp, Urgency};
use crate::model::event::EventKind;
use crate::model::region::WatchRegion;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Hours after which an alert expires unless its rule says otherwise.
const EXPIRES_H: f64 = 6.0;
/// Longest life a rule may give, hours: a leap year.
const LONGEST_H: f64 = 366.0 * 24.0;

/// One rule.
///
/// ```yaml
/// - id: uncorrelated-near-feature
///   kind: uncorrelated-contact
///   zone_nm: 12
///   min_probability: 0.6
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Name of the rule, unique in the pipeline; part of every alert's id.
    pub id: String,
    /// What the rule looks for.
    pub kind: AlertKind,
    /// Kinds of event that the rule holds for; `ais-event` only, where at least one must be named.
    #[serde(default)]
    pub events: Vec<EventKind>,
    /// Distance from a feature's edge within which the rule holds, nautical miles; areas are taken as they are.
    /// Absent: each feature's own widest zone. A distress beacon without `zone_nm`, `regions` and `groups`
    /// is reported wherever it is.
    #[serde(default)]
    pub zone_nm: Option<f64>,
    /// Ids of the watch regions concerned. Empty, with `groups` empty: all.
    #[serde(default)]
    pub regions: Vec<String>,
    /// Groups of watch regions concerned, beside `regions`.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Least probability of the contact's verdict, 0 ..= 1; rules on contacts only. Absent: 0.6. Lower raises more
    /// alerts on clutter and on vessels that were merely not matched; higher misses faint ones.
    #[serde(default)]
    pub min_probability: Option<f64>,
    /// Least length, metres, measured or told. A vessel of unknown length passes.
    #[serde(default)]
    pub min_length_m: Option<f64>,
    /// A vessel counts as having left a zone once it is this far outside, nautical miles, and as having entered once
    /// this deep or heard inside twice running; `zone-entry` only. Absent: 0.2. Lower repeats alerts for a vessel that
    /// keeps to the boundary; higher is late for one that grazes it.
    #[serde(default)]
    pub hysteresis_nm: Option<f64>,
    /// Who may read it. Absent: `TLP:AMBER`, and `TLP:RED` for a distress beacon, whose place can be misused.
    #[serde(default)]
    pub tlp: Option<Tlp>,
    /// How bad it may be. Absent: `Extreme` for a distress beacon, `Moderate` for an uncorrelated contact, else `Minor`.
    #[serde(default)]
    pub severity: Option<Severity>,
    /// How fast to act. Absent: `Immediate` for a distress beacon, `Future` for `ais-only` and `ais-event`, else `Expected`.
    #[serde(default)]
    pub urgency: Option<Urgency>,
    /// Hours from sending until the alert expires. Absent: 6.
    #[serde(default)]
    pub expires_h: Option<f64>,
}

/// Why a rule was refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AlertError {
    /// The id is empty.
    #[error("a rule of kind {kind} has an empty id, expected a name unique in the pipeline")]
    NoId {
        /// Its kind.
        kind: &'static str,
    },
    /// A number out of range.
    #[error("rule {rule}: {field} is {value}, expected {expected}")]
    Number {
        /// The rule.
        rule: String,
        /// The field.
        field: &'static str,
        /// The value found.
        value: f64,
        /// The range.
        expected: &'static str,
    },
    /// A rule on events that names none.
    #[error("rule {rule}: events is empty, expected at least one kind of event for kind ais-event")]
    NoEvents {
        /// The rule.
        rule: String,
    },
    /// A field that the rule's kind does not use.
    #[error("rule {rule}: {field} has no effect on kind {kind}, expected it to be left out")]
    Idle {
        /// The rule.
        rule: String,
        /// The field.
        field: &'static str,
        /// The kind.
        kind: &'static str,
    },
    /// A region or group that is not watched.
    #[error("rule {rule}: {field} names {value}, expected one of the watched ones")]
    Unknown {
        /// The rule.
        rule: String,
        /// `regions` or `groups`.
        field: &'static str,
        /// The name found.
        value: String,
    },
}

impl Rule {
    /// A rule of this kind with every default.
    pub fn new(id: &str, kind: AlertKind) -> Self {
        Self {
            id: id.to_owned(),
            kind,
            events: vec![],
            zone_nm: None,
            regions: vec![],
            groups: vec![],
            min_probability: None,
            min_length_m: None,
            hysteresis_nm: None,
            tlp: None,
            severity: None,
            urgency: None,
            expires_h: None,
        }
    }

    /// Checks the rule's values, and the regions it names against the watched ones.
    ///
    /// # Errors
    ///
    /// The first fault found.
    pub fn check(&self, watched: &[WatchRegion]) -> Result<(), AlertError> {
        let kind = self.kind.as_str();
        if self.id.trim().is_empty() {
            return Err(AlertError::NoId { kind });
        }
        for (field, value, most, expected) in [
            ("zone_nm", self.zone_nm, 1000.0, "above 0, up to 1000"),
            (
                "min_length_m",
                self.min_length_m,
                500.0,
                "above 0, up to 500",
            ),
            (
                "hysteresis_nm",
                self.hysteresis_nm,
                10.0,
                "above 0, up to 10",
            ),
            (
                "min_probability",
                self.min_probability,
                1.0,
                "above 0, up to 1",
            ),
            (
                "expires_h",
                self.expires_h,
                LONGEST_H,
                "above 0, up to 8784",
            ),
        ] {
            if let Some(value) = value
                && !(value > 0.0 && value <= most)
            {
                return Err(AlertError::Number {
                    rule: self.id.clone(),
                    field,
                    value,
                    expected,
                });
            }
        }
        let on_contacts = matches!(
            self.kind,
            AlertKind::UncorrelatedContact | AlertKind::AisOnly
        );
        if self.kind == AlertKind::AisEvent && self.events.is_empty() {
            let rule = self.id.clone();
            return Err(AlertError::NoEvents { rule });
        }
        for (field, idle) in [
            (
                "events",
                !self.events.is_empty() && self.kind != AlertKind::AisEvent,
            ),
            (
                "min_probability",
                self.min_probability.is_some() && !on_contacts,
            ),
            (
                "hysteresis_nm",
                self.hysteresis_nm.is_some() && self.kind != AlertKind::ZoneEntry,
            ),
            (
                "min_length_m",
                self.min_length_m.is_some()
                    && matches!(self.kind, AlertKind::DistressBeacon | AlertKind::AisEvent),
            ),
        ] {
            if idle {
                return Err(AlertError::Idle {
                    rule: self.id.clone(),
                    field,
                    kind,
                });
            }
        }
        self.check_names("regions", &self.regions, |name| {
            watched.iter().any(|region| region.id == name)
        })?;
        self.check_names("groups", &self.groups, |name| {
            watched.iter().any(|region| region.group == name)
        })
    }

    fn check_names(
        &self,
        field: &'static str,
        names: &[String],
        is_watched: impl Fn(&str) -> bool,
    ) -> Result<(), AlertError> {
        match names.iter().find(|name| !is_watched(name)) {
            None => Ok(()),
            Some(name) => Err(AlertError::Unknown {
                rule: self.id.clone(),
                field,
                value: name.clone(),
            }),
        }
    }

    pub(super) fn concerns(&self, region: &WatchRegion) -> bool {
        (self.regions.is_empty() && self.groups.is_empty())
            || self.regions.contains(&region.id)
            || self.groups.contains(&region.group)
    }

    /// True if the rule asks for a place at all: all do but a distress rule that names none.
    pub(super) fn is_bound_to_regions(&self) -> bool {
        self.kind != AlertKind::DistressBeacon
            || self.zone_nm.is_some()
            || !self.regions.is_empty()
            || !self.groups.is_empty()
    }

    /// A length that is unknown is never too short.
    pub(super) fn admits_length(&self, length_m: Option<f64>) -> bool {
        match (self.min_length_m, length_m) {
            (Some(least_m), Some(length_m)) => length_m >= least_m,
            _ => true,
        }
    }

    pub(super) fn least_probability(&self) -> f64 {
        self.min_probability.unwrap_or(0.6)
    }

    pub(super) fn hysteresis_m(&self) -> f64 {
        self.hysteresis_nm.unwrap_or(0.2) * crate::model::units::NAUTICAL_MILE_M
    }

    pub(super) fn marking(&self) -> Tlp {
        self.tlp.unwrap_or(match self.kind {
            AlertKind::DistressBeacon => Tlp::Red,
            _ => Tlp::Amber,
        })
    }

    pub(super) fn severity(&self) -> Severity {
        self.severity.unwrap_or(match self.kind {
            AlertKind::DistressBeacon => Severity::Extreme,
            AlertKind::UncorrelatedContact => Severity::Moderate,
            AlertKind::ZoneEntry | AlertKind::AisOnly | AlertKind::AisEvent => Severity::Minor,
        })
    }

    pub(super) fn urgency(&self) -> Urgency {
        self.urgency.unwrap_or(match self.kind {
            AlertKind::DistressBeacon => Urgency::Immediate,
            AlertKind::AisOnly | AlertKind::AisEvent => Urgency::Future,
            AlertKind::UncorrelatedContact | AlertKind::ZoneEntry => Urgency::Expected,
        })
    }

    /// Counted from sending and not from the observation: a late image still concerns its reader for a while.
    pub(super) fn expires(&self, sent: Timestamp) -> Timestamp {
        let hours = self.expires_h.unwrap_or(EXPIRES_H).clamp(0.0, LONGEST_H);
        sent.saturating_add(SignedDuration::from_secs_f64(hours * 3600.0))
            .unwrap_or(Timestamp::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::testing::watched;

    #[test]
    fn a_rule_reads_from_its_file_form_and_unknown_fields_are_refused() {
        let read = |text: &str| serde_saphyr::from_str::<Rule>(text);
        let rule = read("{id: near, kind: uncorrelated-contact, zone_nm: 12, tlp: 'TLP:GREEN'}")
            .expect("a good rule");
        assert_eq!(rule.tlp, Some(Tlp::Green));
        assert_eq!(rule.least_probability(), 0.6);
        assert!(read("{id: near, kind: uncorrelated-contact, zone: 12}").is_err());
        assert!(read("{id: near, kind: dark-vessel}").is_err());
    }

    #[test]
    fn every_fault_names_the_rule_the_field_and_the_value() {
        let good = Rule::new("near", AlertKind::ZoneEntry);
        assert_eq!(good.check(&[watched()]), Ok(()));
        let faults = [
            (
                Rule {
                    zone_nm: Some(-3.0),
                    ..good.clone()
                },
                "rule near: zone_nm is -3",
            ),
            (
                Rule {
                    expires_h: Some(f64::NAN),
                    ..good.clone()
                },
                "rule near: expires_h is NaN",
            ),
            (
                Rule {
                    min_probability: Some(0.5),
                    ..good.clone()
                },
                "rule near: min_probability has no effect on kind zone-entry",
            ),
            (
                Rule {
                    regions: vec!["nowhere".to_owned()],
                    ..good.clone()
                },
                "rule near: regions names nowhere",
            ),
        ];
        for (rule, start) in faults {
            let text = rule.check(&[watched()]).expect_err(start).to_string();
            assert!(text.starts_with(start), "{text}");
        }
    }

    #[test]
    fn a_beacon_is_red_by_default_and_all_else_amber() {
        let marking = |kind| Rule::new("r", kind).marking();
        assert_eq!(marking(AlertKind::DistressBeacon), Tlp::Red);
        assert_eq!(marking(AlertKind::ZoneEntry), Tlp::Amber);
    }
}
