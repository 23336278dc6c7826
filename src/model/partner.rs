//! Partner agencies: what each may see, the keys it shows at the door, and the record of what it was given.

use super::release::Audience;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Audience id of readers who show no key: it holds TLP:CLEAR alone, and no partner may take it.
pub const PUBLIC_ID: &str = "public";

/// Longest id of a partner, characters.
pub const LONGEST_ID: usize = 64;

/// An agency that is given alerts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Partner {
    /// Id, stable: it stands in receipts, audit, file names and topics. See [`is_partner_id`].
    pub id: String,
    /// Name for people.
    pub name: String,
    /// What may be released to it; the audience's id is the partner's.
    pub audience: Audience,
    /// The most that any of its keys may do.
    pub scopes: Vec<Scope>,
}

impl Partner {
    /// What may be pushed to it: nothing, unless the scope of alerts is among its own.
    pub fn pushed_to(&self) -> Option<&Audience> {
        self.scopes
            .contains(&Scope::Alerts)
            .then_some(&self.audience)
    }
}

/// True for 1 to 64 lower-case letters, digits and hyphens that begin with a letter or digit, and are not [`PUBLIC_ID`].
pub fn is_partner_id(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=LONGEST_ID).contains(&text.len())
        && text.chars().all(plain)
        && !text.starts_with('-')
        && text != PUBLIC_ID
}

/// What a key opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Alerts that are released to the partner, by every exit.
    Alerts,
    /// Scenes, detections, contacts and tracks: the whole picture behind the alerts, which carries no marking of its own.
    Evidence,
    /// Figures of the whole node for its operator: counts by verdict, rule and state, and ages. They tell of alerts that are
    /// withheld from others.
    Operations,
}

impl Scope {
    /// All scopes, in the order they are listed.
    pub const ALL: [Self; 3] = [Self::Alerts, Self::Evidence, Self::Operations];

    /// The scope's name as written in outputs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Alerts => "alerts",
            Self::Evidence => "evidence",
            Self::Operations => "operations",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|scope| scope.as_str() == text)
            .ok_or_else(|| {
                format!("{text:?} is not a scope; expected alerts, evidence or operations")
            })
    }
}

/// What is kept of a partner's key. The key itself is shown once, when it is made, and kept nowhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartnerKey {
    /// Id for lists, logs and revocation; says nothing of the key.
    pub id: String,
    /// The partner's id.
    pub partner: String,
    /// SHA-256 of the key's text, lower-case hexadecimal. The key is 32 random bytes, so that no salt is needed.
    pub sha256: String,
    /// What it opens, as far as the partner's own scopes allow.
    pub scopes: Vec<Scope>,
    /// When it was made (UTC).
    pub created: Timestamp,
    /// When it ceases to open anything (UTC).
    pub expires: Timestamp,
    /// When it was revoked (UTC), if it was.
    pub revoked: Option<Timestamp>,
}

impl PartnerKey {
    /// True if it opens anything at `now`.
    pub fn is_valid(&self, now: Timestamp) -> bool {
        self.revoked.is_none() && now < self.expires
    }
}

/// The first time that one audience was given one alert revision by one exit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Who: a partner's id, or [`PUBLIC_ID`].
    pub audience: String,
    /// The alert.
    pub alert_id: String,
    /// Its revision.
    pub revision: u32,
    /// The exit: a feed, the API, the stream, a channel.
    pub exit: String,
    /// When first (UTC).
    pub time: Timestamp,
    /// The key shown, if any.
    pub key_id: Option<String>,
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panic")]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_could_leave_a_path_or_a_topic_is_no_partner_id() {
        for good in ["jcg", "pcg-west-2", "0"] {
            assert!(is_partner_id(good), "{good}");
        }
        let long = "a".repeat(LONGEST_ID + 1);
        for bad in [
            "", "-a", "A", "a/b", "..", "a.b", "a b", "é", "public", &long,
        ] {
            assert!(!is_partner_id(bad), "{bad}");
        }
    }

    #[test]
    fn a_key_ends_at_its_expiry_and_at_its_revocation() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let mut key = PartnerKey {
            id: "key-1".into(),
            partner: "jcg".into(),
            sha256: String::new(),
            scopes: vec![Scope::Alerts],
            created: at("2026-01-01T00:00:00Z"),
            expires: at("2026-02-01T00:00:00Z"),
            revoked: None,
        };
        assert!(key.is_valid(at("2026-01-31T23:59:59Z")));
        assert!(!key.is_valid(at("2026-02-01T00:00:00Z")));
        key.revoked = Some(at("2026-01-02T00:00:00Z"));
        assert!(!key.is_valid(at("2026-01-03T00:00:00Z")));
    }

    #[test]
    fn scopes_are_read_as_they_are_written() {
        for scope in Scope::ALL {
            assert_eq!(scope.to_string().parse(), Ok(scope));
            assert_eq!(
                serde_json::to_value(scope).unwrap(),
                serde_json::json!(scope.as_str())
            );
        }
        assert!("admin".parse::<Scope>().is_err());
    }
}
