//! Events of AIS against the rules that look at them, visits to watch zones as events, and events beside contacts.

use super::AlertContext;
use super::rule::Rule;
use super::{entry, text, tracks, zone};
use crate::model::alert::{Alert, AlertKind, Certainty, Evidence, MessageType};
use crate::model::contact::{Contact, Verdict};
use crate::model::event::{Event, EventKind, EventVessel};
use crate::model::id::content_id;
use crate::model::track::Track;
use crate::model::units::Mmsi;
use crate::region::RegionIndex;
use jiff::SignedDuration;
use std::collections::BTreeMap;

/// Distance and time within which a detection lies beside a loitering vessel.
const BESIDE_M: f64 = 1000.0;
const BESIDE: SignedDuration = SignedDuration::from_mins(30);

/// What every reader of an alert on an event must know.
const AIS_ALONE: &str = "Only AIS reports were used; they tell what transmitters say, and not why.";

/// Alerts that rules of kind `ais-event` make of events, ordered by id.
///
/// A rule without `zone_nm`, `regions` and `groups` holds in the widest zone of every feature, as other rules do. The id is made
/// of the rule's and the event's: later data that change the event revise its alert.
pub fn from_events(
    rules: &[Rule],
    events: &[Event],
    regions: &RegionIndex,
    context: &AlertContext,
) -> Vec<Alert> {
    let mut alerts = Vec::new();
    for rule in rules.iter().filter(|rule| rule.kind == AlertKind::AisEvent) {
        let zones = zone::zones(rule, regions);
        for event in events
            .iter()
            .filter(|event| rule.events.contains(&event.kind))
        {
            let hits = zone::hits(&zones, regions, event.position);
            if !hits.is_empty() {
                alerts.push(alert(rule, event, hits, regions, context));
            }
        }
    }
    alerts.sort_by(|a, b| a.id.cmp(&b.id));
    alerts
}

fn alert(
    rule: &Rule,
    event: &Event,
    hits: Vec<crate::model::contact::RegionHit>,
    regions: &RegionIndex,
    context: &AlertContext,
) -> Alert {
    let region_names = text::region_names(&hits, regions);
    let near = text::bearing_on(&hits[0], &text::short_name(&hits[0], regions));
    let who = vessels(event);
    let phrase = event.kind.phrase();
    let lasting = match event.end {
        Some(end) => format!(
            "from {} to {}",
            text::instant(event.start),
            text::instant(end)
        ),
        None => format!(
            "since {}, going on at the end of the data",
            text::instant(event.start)
        ),
    };
    let description = [
        format!("{phrase}: {who}, {lasting}, {near}."),
        format!(
            "Position: {}, within {:.0} m.",
            text::place(event.position),
            event.radius_m
        ),
        format!("Watched: {}.", region_names.join("; ")),
        AIS_ALONE.to_owned(),
    ]
    .join(" ");
    let only = match event.vessels.as_slice() {
        [vessel] => Some(vessel),
        _ => None,
    };
    Alert {
        id: content_id("alert", &[&rule.id, &event.id]),
        revision: 1,
        message_type: MessageType::Alert,
        status: context.status_of(event.simulated),
        rule: rule.id.clone(),
        kind: rule.kind,
        sent: context.now,
        observed: event.start,
        expires: rule.expires(context.now),
        urgency: rule.urgency(),
        severity: rule.severity(),
        certainty: Certainty::Likely,
        tlp: rule.marking(),
        position: event.position,
        position_radius_m: event.radius_m,
        regions: hits,
        region_names,
        headline: text::headline(&format!("{phrase}: {who}, {near}")),
        description,
        reasons: event
            .reasons
            .iter()
            .map(|reason| text::plain(reason))
            .collect(),
        replaces: vec![],
        evidence: Evidence {
            event_id: Some(event.id.clone()),
            event: Some(event.kind),
            mmsi: only.map(|vessel| vessel.mmsi.to_string()),
            vessel_name: only.and_then(|vessel| vessel.name.as_deref().map(text::plain)),
            not_searched: vec![AIS_ALONE.to_owned()],
            ..Evidence::default()
        },
    }
}

/// `EXAMPLE (MMSI 431000001) and vessel with MMSI 412000001`, or their number where there are more than three.
fn vessels(event: &Event) -> String {
    let name =
        |vessel: &EventVessel| text::vessel(vessel.name.as_deref(), &vessel.mmsi.to_string());
    let names: Vec<String> = event.vessels.iter().map(name).collect();
    match names.as_slice() {
        [] => "no vessel named".to_owned(),
        [one] => one.clone(),
        [first @ .., last] if names.len() <= 3 => format!("{} and {last}", first.join(", ")),
        _ => format!("{} vessels", names.len()),
    }
}

/// Visits of vessels to the watch zones, as events from crossing to crossing; open while the vessel is inside.
pub fn zone_visits(tracks: &[Track], regions: &RegionIndex) -> Vec<Event> {
    let rule = Rule::new("zone-visit", AlertKind::ZoneEntry);
    let watched = zone::waters(&rule, regions);
    let mut events = Vec::new();
    for track in tracks
        .iter()
        .filter(|track| tracks::enters_zones(&rule, track))
    {
        for waters in &watched {
            for visit in entry::entries(track, Default::default(), (waters, rule.hysteresis_m())) {
                events.push(zone_visit(track, waters, &visit));
            }
        }
    }
    events
}

fn zone_visit(track: &Track, waters: &zone::Waters, visit: &entry::Entry) -> Event {
    let vessels = vec![EventVessel {
        mmsi: track.mmsi,
        part: track.part,
        name: track.vessel.name.clone(),
    }];
    let region = waters.deepest(visit.inside.position).map_or_else(
        || text::plain(waters.key),
        |zone| zone.phrase(&text::plain(&zone.region.name)),
    );
    let mut reasons = vec![match visit.between {
        Some(_) => format!("It crossed into {region}; the time is interpolated."),
        None => format!("It was first heard inside {region}; when it entered is not known."),
    }];
    if visit.left.is_some() {
        reasons.push("It crossed out again.".to_owned());
    }
    let mut evidence = BTreeMap::new();
    evidence.extend(
        visit
            .inside
            .sog_kn
            .map(|sog_kn| ("sog_kn".to_owned(), sog_kn)),
    );
    Event {
        // A vessel may enter the waters of two groups in one hour.
        id: content_id(
            "event",
            &[
                EventKind::ZoneVisit.as_str(),
                &track.id_part(),
                waters.key,
                &visit.time.strftime("%Y-%m-%dT%H").to_string(),
            ],
        ),
        kind: EventKind::ZoneVisit,
        vessels,
        start: visit.time,
        end: visit.left,
        position: visit.position,
        radius_m: 100.0,
        evidence,
        reasons,
        simulated: track.simulated,
    }
}

/// Loitering vessels beside a detection that no AIS explains: within 1 km of where the vessel was, while it loiters or half an
/// hour about it. `tracks` are those of which the events were stated.
pub fn unmatched_encounters(
    events: &[Event],
    contacts: &[Contact],
    tracks: &[Track],
) -> Vec<Event> {
    let ways: BTreeMap<(Mmsi, u32), &Track> = tracks
        .iter()
        .map(|track| ((track.mmsi, track.part), track))
        .collect();
    let unmatched = contacts
        .iter()
        .filter(|contact| contact.verdict == Verdict::Uncorrelated);
    let mut found = Vec::new();
    for contact in unmatched {
        for event in events
            .iter()
            .filter(|event| event.kind == EventKind::Loitering)
        {
            let from = contact.time.saturating_sub(BESIDE).unwrap_or(contact.time);
            let to = contact.time.saturating_add(BESIDE).unwrap_or(contact.time);
            if !event.overlaps(from, to) {
                continue;
            }
            // A vessel drifts by many times this distance while it loiters.
            let time = contact.time.max(event.start);
            let time = event.end.map_or(time, |end| time.min(end));
            let vessel = event.vessels.first();
            let way = vessel.and_then(|vessel| ways.get(&(vessel.mmsi, vessel.part)));
            let Some(place) = way.and_then(|way| way.place_at(time)) else {
                continue;
            };
            let apart_m = place.distance_m(contact.position);
            if apart_m <= BESIDE_M + text::R95 * contact.position_sigma_m {
                found.push(Event {
                    id: content_id("event", &["unmatched-encounter", &event.id, &contact.id]),
                    kind: EventKind::UnmatchedEncounter,
                    vessels: event.vessels.clone(),
                    start: contact.time,
                    end: Some(contact.time),
                    position: contact.position,
                    radius_m: contact.position_sigma_m * text::R95,
                    evidence: BTreeMap::from([
                        ("apart_m".to_owned(), apart_m.round()),
                        ("probability".to_owned(), contact.probability),
                    ]),
                    reasons: vec![
                        format!("A detection (contact {}) lies {apart_m:.0} m from where the loitering vessel was.", contact.id),
                        "No vessel heard by AIS explains it.".to_owned(),
                    ],
                    simulated: event.simulated || contact.simulated,
                });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::testing::{T0, centre, contact, context, fix, index, later, ship};
    use crate::alert::{cancel, revise};

    fn event(end_s: Option<f64>) -> Event {
        let vessels = vec![EventVessel {
            mmsi: crate::model::units::Mmsi(431_000_001),
            part: 0,
            name: None,
        }];
        let position = centre().destination(90.0, 10_000.0);
        Event {
            id: Event::first_id(EventKind::Gap, &vessels, T0, position),
            kind: EventKind::Gap,
            vessels,
            start: T0,
            end: end_s.map(|s| later(T0, s)),
            position,
            radius_m: 100.0,
            evidence: BTreeMap::new(),
            reasons: vec!["No report was heard.".to_owned()],
            simulated: false,
        }
    }

    fn rule() -> Rule {
        Rule {
            events: vec![EventKind::Gap],
            ..Rule::new("gaps", AlertKind::AisEvent)
        }
    }

    #[test]
    fn an_open_event_raises_an_alert_that_its_end_revises_and_its_loss_withdraws() {
        let raise = |event: Event| from_events(&[rule()], &[event], &index(), &context());
        let open = revise(raise(event(None)), &[]);
        assert!(
            open[0].headline.starts_with("AIS reports stopped: "),
            "{}",
            open[0].headline
        );
        assert!(
            open[0]
                .description
                .contains("going on at the end of the data")
        );
        let closed = revise(raise(event(Some(30_000.0))), &open);
        assert_eq!(
            (closed[0].id.clone(), closed[0].revision),
            (open[0].id.clone(), 2)
        );
        let known: Vec<Alert> = open.into_iter().chain(closed).collect();
        assert!(revise(raise(event(Some(30_000.0))), &known).is_empty());
        assert!(cancel(&known[0].id, &known, "Late reports fill it.", T0).is_some());
    }

    #[test]
    fn kind_and_zone_of_the_rule_decide() {
        let mut other = event(None);
        other.kind = EventKind::Loitering;
        let mut far = event(None);
        far.position = centre().destination(90.0, 100_000.0);
        assert!(from_events(&[rule()], &[other, far], &index(), &context()).is_empty());
    }

    #[test]
    fn a_visit_runs_from_crossing_to_crossing_and_is_open_while_inside() {
        // 24 nm is the widest zone; at 20 kn along a straight way from 30 nm to 18 nm and back out.
        let at = |nm: f64| centre().destination(90.0, nm * 1852.0);
        let leg = |nms: &[f64]| {
            let fixes = nms.iter().zip([0.0, 1800.0, 3600.0, 5400.0]);
            ship(431_000_001, fixes.map(|(nm, s)| fix(at(*nm), s)).collect())
        };
        let visits = zone_visits(&[leg(&[30.0, 18.0, 18.0, 30.0])], &index());
        assert_eq!(visits.len(), 1);
        let end = visits[0].end.expect("it left");
        let close =
            |time: jiff::Timestamp, s: f64| (time.duration_since(T0).as_secs_f64() - s).abs() < 2.0;
        assert!(
            close(visits[0].start, 900.0) && close(end, 4500.0),
            "{visits:?}"
        );
        let inside = zone_visits(&[leg(&[30.0, 18.0, 18.0, 17.0])], &index());
        assert_eq!(inside[0].end, None);
        assert_eq!(inside[0].id, visits[0].id);
    }

    #[test]
    fn only_an_uncorrelated_detection_in_time_and_place_lies_beside_a_loiterer() {
        let mut loiterer = event(Some(20_000.0));
        loiterer.kind = EventKind::Loitering;
        // Ten kilometres to the east in its time: half of them when the image is taken.
        let (first, last) = (
            loiterer.position,
            loiterer.position.destination(90.0, 10_000.0),
        );
        let way = ship(431_000_001, vec![fix(first, 0.0), fix(last, 20_000.0)]);
        let halfway = first.destination(90.0, 5_000.0);
        let unmatched_encounters = |events: &[Event], contacts: &[Contact]| {
            unmatched_encounters(events, contacts, std::slice::from_ref(&way))
        };
        let mut beside = contact(halfway.destination(0.0, 800.0));
        beside.time = later(T0, 10_000.0);
        assert_eq!(
            unmatched_encounters(&[loiterer.clone()], &[beside.clone()]).len(),
            1
        );
        let mut behind = beside.clone();
        behind.position = first;
        let mut late = beside.clone();
        late.time = later(T0, 23_000.0);
        let mut far = beside.clone();
        far.position = halfway.destination(0.0, 1_500.0);
        let mut known = beside;
        known.verdict = Verdict::Correlated;
        assert!(unmatched_encounters(&[loiterer], &[late, far, behind, known]).is_empty());
    }
}
