//! The life of an alert: told once, revised when its content changes, withdrawn when it no longer holds.

use crate::model::alert::{Alert, MessageType, Urgency};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Keeps of `new` what receivers do not know yet, ordered by id.
///
/// `known` holds every revision sent so far, in any order. A matter (id) not among them passes as it is; one whose
/// latest revision has the same content is dropped; changed content becomes an `Update` of the next revision that
/// replaces every earlier one not yet expired at its `sent`. Content is everything but revision, message type, `sent`,
/// `expires` and `replaces`. A matter that was withdrawn and is seen again starts anew as an `Alert` of the next
/// revision. If `new` holds a matter twice, the first stands.
pub fn revise(new: Vec<Alert>, known: &[Alert]) -> Vec<Alert> {
    let mut history: BTreeMap<&str, Vec<&Alert>> = BTreeMap::new();
    for alert in known {
        history.entry(&alert.id).or_default().push(alert);
    }
    let mut fresh: BTreeMap<String, Alert> = BTreeMap::new();
    for alert in new {
        fresh.entry(alert.id.clone()).or_insert(alert);
    }
    fresh
        .into_values()
        .filter_map(|alert| match history.get(alert.id.as_str()) {
            Some(earlier) => revised(alert, earlier),
            None => Some(alert),
        })
        .collect()
}

/// Withdraws a matter: the `Cancel` that follows the latest of its revisions in `known`.
///
/// `reason` is a whole sentence for the reader. `None` if the matter is not known or is withdrawn already.
pub fn cancel(id: &str, known: &[Alert], reason: &str, now: Timestamp) -> Option<Alert> {
    let earlier: Vec<&Alert> = known.iter().filter(|alert| alert.id == id).collect();
    let latest = latest(&earlier)?;
    if latest.message_type == MessageType::Cancel {
        return None;
    }
    Some(Alert {
        revision: latest.revision + 1,
        message_type: MessageType::Cancel,
        sent: now,
        // A withdrawal must outlive what it withdraws.
        expires: latest.expires.max(now),
        urgency: Urgency::Past,
        headline: super::text::headline(&format!("Withdrawn: {}", latest.headline)),
        description: format!("This alert is withdrawn. {reason}"),
        reasons: vec![reason.to_owned()],
        replaces: replaced(&earlier, now),
        ..latest.clone()
    })
}

fn revised(alert: Alert, earlier: &[&Alert]) -> Option<Alert> {
    let latest = latest(earlier)?;
    let revision = latest.revision + 1;
    if latest.message_type == MessageType::Cancel {
        return Some(Alert {
            revision,
            message_type: MessageType::Alert,
            replaces: vec![],
            ..alert
        });
    }
    if content(&alert, latest) == *latest {
        return None;
    }
    Some(Alert {
        revision,
        message_type: MessageType::Update,
        replaces: replaced(earlier, alert.sent),
        ..alert
    })
}

fn latest<'a>(revisions: &[&'a Alert]) -> Option<&'a Alert> {
    revisions.iter().copied().max_by_key(|alert| alert.revision)
}

/// `alert` with everything that is not content taken from `other`.
fn content(alert: &Alert, other: &Alert) -> Alert {
    Alert {
        revision: other.revision,
        message_type: other.message_type,
        sent: other.sent,
        expires: other.expires,
        replaces: other.replaces.clone(),
        ..alert.clone()
    }
}

/// Revisions since the last withdrawal that have not expired at `now`, oldest first.
fn replaced(earlier: &[&Alert], now: Timestamp) -> Vec<(u32, Timestamp)> {
    let withdrawn = earlier
        .iter()
        .filter(|alert| alert.message_type == MessageType::Cancel)
        .map(|alert| alert.revision)
        .max()
        .unwrap_or(0);
    let mut replaced: Vec<(u32, Timestamp)> = earlier
        .iter()
        .filter(|alert| alert.revision > withdrawn && alert.expires > now)
        .map(|alert| (alert.revision, alert.sent))
        .collect();
    replaced.sort_unstable();
    replaced.dedup();
    replaced
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::testing::{T0, centre, contact, context, index, later};
    use crate::alert::{Rule, from_contacts};
    use crate::model::alert::AlertKind;
    use proptest::prelude::*;

    /// The alert on one contact of this length, sent `at_s` after [`T0`].
    fn alert(length_m: f64, at_s: f64) -> Alert {
        let mut seen = contact(centre());
        seen.length_m = Some(length_m);
        let mut context = context();
        context.now = later(T0, at_s);
        let rule = Rule::new("near", AlertKind::UncorrelatedContact);
        from_contacts(&[rule], &[seen], &index(), &context).remove(0)
    }

    #[test]
    fn the_same_matter_told_again_is_dropped_even_if_it_is_sent_later() {
        let first = revise(vec![alert(80.0, 0.0)], &[]);
        assert_eq!(first.len(), 1);
        assert!(revise(vec![alert(80.0, 600.0)], &first).is_empty());
    }

    #[test]
    fn changed_content_updates_and_replaces_every_unexpired_revision() {
        let mut known = revise(vec![alert(80.0, 0.0)], &[]);
        known.extend(revise(vec![alert(81.0, 600.0)], &known));
        let third = revise(vec![alert(82.0, 1200.0)], &known).remove(0);
        assert_eq!(third.revision, 3);
        assert_eq!(third.message_type, MessageType::Update);
        assert_eq!(third.replaces, [(1, later(T0, 0.0)), (2, later(T0, 600.0))]);
        // Six hours and five minutes on, the first has expired and the second has not.
        let late = revise(vec![alert(82.0, 21_900.0)], &known).remove(0);
        assert_eq!(late.replaces, [(2, later(T0, 600.0))]);
    }

    #[test]
    fn a_withdrawal_replaces_what_it_withdraws_and_can_be_followed_by_a_new_alert() {
        let mut known = revise(vec![alert(80.0, 0.0)], &[]);
        let id = known[0].id.clone();
        let reason = "The object was identified.";
        let withdrawn = cancel(&id, &known, reason, later(T0, 60.0)).expect("it is known");
        assert_eq!(withdrawn.revision, 2);
        assert_eq!(withdrawn.message_type, MessageType::Cancel);
        assert_eq!(withdrawn.replaces, [(1, T0)]);
        assert!(withdrawn.headline.starts_with("Withdrawn: "));
        known.push(withdrawn);
        assert_eq!(cancel(&id, &known, reason, later(T0, 120.0)), None);
        assert_eq!(cancel("alert-unknown", &known, reason, T0), None);
        let again = revise(vec![alert(80.0, 180.0)], &known).remove(0);
        assert_eq!(
            (again.revision, again.message_type),
            (3, MessageType::Alert)
        );
        assert!(again.replaces.is_empty());
    }

    proptest! {
        #[test]
        fn whatever_was_told_is_never_told_again(lengths in prop::collection::vec(50_u8..55, 1..8)) {
            let mut known: Vec<Alert> = Vec::new();
            for (i, length) in lengths.iter().enumerate() {
                let at_s = 60.0 * i as f64;
                let told = revise(vec![alert(f64::from(*length), at_s)], &known);
                known.extend(told);
                prop_assert!(revise(vec![alert(f64::from(*length), at_s + 1.0)], &known).is_empty());
            }
            let revisions: Vec<u32> = known.iter().map(|a| a.revision).collect();
            prop_assert!(revisions.iter().copied().eq(1..=revisions.len() as u32));
        }
    }
}
