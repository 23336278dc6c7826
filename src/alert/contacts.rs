//! Contacts of a scene against the rules that look at contacts: `uncorrelated-contact` and `ais-only`.

use super::AlertContext;
use super::rule::Rule;
use super::text;
use super::zone::{hits, zones};
use crate::model::alert::{Alert, AlertKind, Certainty, Evidence, MessageType};
use crate::model::contact::{Contact, RegionHit, Verdict};
use crate::model::id::content_id;
use crate::region::RegionIndex;

/// Alerts that the rules make of contacts, ordered by id. Rules on tracks are passed over.
///
/// An alert is raised for a contact of the rule's verdict that lies in one of the rule's zones, is probable enough
/// ([`Rule::min_probability`]) and not known to be too short. Its id is made of the rule's and the contact's.
pub fn from_contacts(
    rules: &[Rule],
    contacts: &[Contact],
    regions: &RegionIndex,
    context: &AlertContext,
) -> Vec<Alert> {
    let mut alerts = Vec::new();
    for rule in rules {
        let verdict = match rule.kind {
            AlertKind::UncorrelatedContact => Verdict::Uncorrelated,
            AlertKind::AisOnly => Verdict::AisOnly,
            AlertKind::ZoneEntry | AlertKind::DistressBeacon | AlertKind::AisEvent => continue,
        };
        let zones = zones(rule, regions);
        let wanted = contacts.iter().filter(|contact| {
            contact.verdict == verdict
                && contact.probability >= rule.least_probability()
                && rule.admits_length(contact.length_m)
        });
        for contact in wanted {
            let hits = hits(&zones, regions, contact.position);
            if !hits.is_empty() {
                alerts.push(alert(rule, contact, hits, regions, context));
            }
        }
    }
    alerts.sort_by(|a, b| a.id.cmp(&b.id));
    alerts
}

fn alert(
    rule: &Rule,
    contact: &Contact,
    hits: Vec<RegionHit>,
    regions: &RegionIndex,
    context: &AlertContext,
) -> Alert {
    let region_names = text::region_names(&hits, regions);
    let near = text::bearing_on(&hits[0], &text::short_name(&hits[0], regions));
    let not_searched = not_searched(contact, context);
    let (headline, seen) = words(contact, &near);
    let radius_m = text::R95 * contact.position_sigma_m;
    let mut reasons = contact.reasons.clone();
    reasons.push(format!(
        "Rule {} holds {} with a probability of {:.2}, {:.2} needed.",
        rule.id,
        near,
        contact.probability,
        rule.least_probability()
    ));
    let description = [
        seen,
        format!(
            "Position: {}, within {radius_m:.0} m with 95 % probability.",
            text::place(contact.position)
        ),
        format!("Watched: {}.", region_names.join("; ")),
        format!("Probability: {:.2}.", contact.probability),
    ]
    .into_iter()
    .chain(not_searched.iter().cloned())
    .collect::<Vec<_>>()
    .join(" ");
    Alert {
        id: content_id("alert", &[&rule.id, &contact.id]),
        revision: 1,
        message_type: MessageType::Alert,
        status: context.status_of(contact.simulated),
        rule: rule.id.clone(),
        kind: rule.kind,
        sent: context.now,
        observed: contact.time,
        expires: rule.expires(context.now),
        urgency: rule.urgency(),
        severity: rule.severity(),
        certainty: certainty(contact.probability),
        tlp: rule.marking(),
        position: contact.position,
        position_radius_m: radius_m,
        regions: hits,
        region_names,
        headline: text::headline(&headline),
        description,
        reasons: reasons.iter().map(|reason| text::plain(reason)).collect(),
        replaces: vec![],
        evidence: Evidence {
            contact_id: Some(contact.id.clone()),
            detection_id: contact.detection_id.clone(),
            scene_id: Some(contact.scene_id.clone()),
            mmsi: contact.vessel.as_ref().map(|v| v.mmsi.to_string()),
            vessel_name: contact
                .vessel
                .as_ref()
                .and_then(|v| v.name.as_deref().map(text::plain)),
            verdict: Some(contact.verdict.as_str().to_owned()),
            probability: Some(contact.probability),
            length_m: contact.length_m,
            not_searched,
            ..Evidence::default()
        },
    }
}

/// Headline and first sentences of the description.
fn words(contact: &Contact, near: &str) -> (String, String) {
    let at = text::instant(contact.time);
    let long = |word: &str| {
        contact.length_m.map_or_else(String::new, |length_m| {
            format!(", {word} {length_m:.0} m long,")
        })
    };
    match &contact.vessel {
        Some(vessel) if contact.verdict == Verdict::AisOnly => {
            let who = text::vessel(vessel.name.as_deref(), &vessel.mmsi.to_string());
            (
                format!("No echo where AIS places {who}, {near}"),
                format!(
                    "At {at} AIS placed {who}{} {near}. The image of that time shows no echo there. \
                     Either the vessel was missed, or it was not where its reports say.",
                    long("told")
                ),
            )
        }
        _ => (
            format!("Detection without matching AIS {near}"),
            format!(
                "At {at} an object{} was detected {near}. No vessel heard by AIS explains it, while AIS of other \
                 vessels was being received there. Not every vessel must carry AIS.",
                long("measured")
            ),
        ),
    }
}

fn certainty(probability: f64) -> Certainty {
    if probability >= 0.5 {
        Certainty::Likely
    } else {
        Certainty::Possible
    }
}

fn not_searched(contact: &Contact, context: &AlertContext) -> Vec<String> {
    let scene = context
        .scenes
        .iter()
        .find(|scene| scene.id == contact.scene_id);
    let span = scene.and_then(|scene| scene.start.zip(scene.stop));
    vec![match span {
        Some((start, stop)) => format!(
            "The image covers {}–{} UTC; nothing is known outside it.",
            text::clock(start),
            text::clock(stop)
        ),
        None => format!(
            "The image was taken at {} UTC; nothing is known of other times.",
            text::clock(contact.time)
        ),
    }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::testing::{T0, centre, contact, context, index};
    use crate::model::alert::{Status, Tlp};
    use crate::model::contact::VesselMatch;
    use crate::model::units::Mmsi;

    fn rule() -> Rule {
        Rule {
            zone_nm: Some(12.0),
            ..Rule::new("near", AlertKind::UncorrelatedContact)
        }
    }

    fn raise(rule: &Rule, contact: Contact) -> Vec<Alert> {
        from_contacts(std::slice::from_ref(rule), &[contact], &index(), &context())
    }

    #[test]
    fn an_uncorrelated_contact_in_the_zone_raises_an_alert_that_says_all() {
        let alerts = raise(&rule(), contact(centre().destination(90.0, 10_000.0)));
        let [alert] = alerts.as_slice() else {
            unreachable!("one alert expected, got {}", alerts.len());
        };
        assert_eq!(
            alert.headline,
            "Detection without matching AIS 5.4 nm from Feature"
        );
        assert_eq!(alert.region_names, ["Feature / 名 / Tên"]);
        assert_eq!(
            (alert.tlp, alert.certainty),
            (Tlp::Amber, Certainty::Likely)
        );
        assert_eq!(alert.observed, T0);
        for part in [
            "25°00′00″N 124°05′57″E",
            "The image covers 22:13:10–22:13:30 UTC; nothing is known outside it.",
            "Probability: 0.90.",
            "名",
        ] {
            assert!(
                alert.description.contains(part),
                "{part}: {}",
                alert.description
            );
        }
        assert_ne!(alert.headline, alert.description);
    }

    #[test]
    fn zone_probability_length_and_verdict_each_decide() {
        let near = || contact(centre().destination(90.0, 10_000.0));
        // 12 nm are 22,224 m.
        assert_eq!(
            raise(&rule(), contact(centre().destination(90.0, 22_200.0))).len(),
            1
        );
        assert!(raise(&rule(), contact(centre().destination(90.0, 22_250.0))).is_empty());
        let mut faint = near();
        faint.probability = 0.59;
        assert!(raise(&rule(), faint).is_empty());
        let long_only = Rule {
            min_length_m: Some(100.0),
            ..rule()
        };
        assert!(raise(&long_only, near()).is_empty());
        let mut unknown = near();
        unknown.length_m = None;
        assert_eq!(raise(&long_only, unknown).len(), 1);
        for verdict in Verdict::ALL {
            let mut other = near();
            other.verdict = verdict;
            assert_eq!(
                raise(&rule(), other).len(),
                usize::from(verdict == Verdict::Uncorrelated)
            );
        }
        let elsewhere = Rule {
            groups: vec!["other".to_owned()],
            ..rule()
        };
        assert!(raise(&elsewhere, near()).is_empty());
    }

    #[test]
    fn simulated_evidence_is_a_test_in_every_context() {
        let mut simulated = contact(centre());
        simulated.simulated = true;
        let mut context = context();
        for status in [Status::Actual, Status::Exercise, Status::Test] {
            context.status = status;
            let alerts = from_contacts(&[rule()], &[simulated.clone()], &index(), &context);
            assert_eq!(alerts[0].status, Status::Test);
        }
    }

    #[test]
    fn a_missing_vessel_is_named_without_markup_in_a_short_headline() {
        let mut missing = contact(centre());
        missing.verdict = Verdict::AisOnly;
        missing.vessel = Some(VesselMatch {
            mmsi: Mmsi(431_000_001),
            name: Some(format!("<b>{}", "LONG NAME ".repeat(20))),
            predicted: centre(),
            offset_m: None,
            azimuth_shift_m: None,
            dt_s: 5.0,
            length_m: None,
        });
        let alerts = raise(&Rule::new("ais", AlertKind::AisOnly), missing);
        let alert = &alerts[0];
        assert!(alert.headline.chars().count() < 140);
        assert!(!format!("{alert:?}").contains('<'));
        assert_eq!(alert.evidence.mmsi.as_deref(), Some("431000001"));
    }
}
