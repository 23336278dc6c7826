//! Who may see an alert: one pure function that every exit calls.

use super::alert::{Alert, Tlp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A receiver of alerts: a partner's feed, a folder, a stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Audience {
    /// Id of the receiver, for receipts and audit.
    pub id: String,
    /// Strictest marking it may hold.
    pub tlp: Tlp,
    /// Watch regions or groups it subscribes to; empty is all.
    #[serde(default)]
    pub regions: Vec<String>,
    /// Rules it subscribes to; empty is all.
    #[serde(default)]
    pub rules: Vec<String>,
}

/// Why an alert stays inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Withheld {
    /// Marked more strictly than the receiver may hold.
    Marking,
    /// Outside the receiver's regions.
    Region,
    /// Not a rule the receiver subscribes to.
    Rule,
}

/// Decides whether `alert` may go to `audience`.
///
/// `group_of` names the group of a region id, so that a receiver can subscribe to a whole group.
///
/// # Errors
///
/// The reason why it must not. Marking is tested first: it alone is about secrecy.
pub fn release(
    alert: &Alert,
    audience: &Audience,
    group_of: impl Fn(&str) -> Option<String>,
) -> Result<(), Withheld> {
    if alert.tlp > audience.tlp {
        return Err(Withheld::Marking);
    }
    let region_wanted = audience.regions.is_empty()
        || alert.regions.iter().any(|hit| {
            let group = group_of(&hit.region_id);
            audience
                .regions
                .iter()
                .any(|wanted| *wanted == hit.region_id || Some(wanted) == group.as_ref())
        });
    if !region_wanted {
        return Err(Withheld::Region);
    }
    if !audience.rules.is_empty() && !audience.rules.contains(&alert.rule) {
        return Err(Withheld::Rule);
    }
    Ok(())
}
