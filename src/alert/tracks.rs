//! Tracks against the rules that look at tracks: `zone-entry` and `distress-beacon`.

use super::AlertContext;
use super::rule::Rule;
use super::text;
use super::{distress, entry, zone};
use crate::model::alert::{Alert, AlertKind, Certainty, Evidence, MessageType};
use crate::model::contact::RegionHit;
use crate::model::id::content_id;
use crate::model::track::{AisClass, Track};
use crate::model::units::LonLat;
use crate::region::RegionIndex;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// What every reader of an alert on AIS alone must know.
const AIS_ALONE: &str =
    "Only AIS reports were used; a vessel that sends none is not seen by this rule.";

/// Alerts that the rules make of tracks, ordered by id. Rules on contacts are passed over.
///
/// - `zone-entry`: a ship (class A, class B or long-range reports) crosses into a zone. The zones of a group of
///   features count as one: a vessel that goes from one to the next raises one alert. The time is interpolated along
///   the geodesic between the report before and the report after. A track that begins inside is reported as first
///   heard inside. A vessel that keeps to the boundary raises one alert ([`Rule::hysteresis_nm`]).
/// - `distress-beacon`: a transmitter in distress, at its first report. A beacon under test never raises an alert.
///
/// The id of an entry is made of rule, vessel, group of regions and the hour of crossing, of a first hearing inside and of a
/// beacon with the day instead: later data that moves the time by seconds revises the alert, it makes no second one.
pub fn from_tracks(
    rules: &[Rule],
    tracks: &[Track],
    regions: &RegionIndex,
    context: &AlertContext,
) -> Vec<Alert> {
    let mut alerts: BTreeMap<String, Alert> = BTreeMap::new();
    let mut keep = |alert: Alert| {
        // Two events of one hour are one matter: the first stands.
        let first = alerts
            .entry(alert.id.clone())
            .or_insert_with(|| alert.clone());
        if alert.observed < first.observed {
            *first = alert;
        }
    };
    for rule in rules {
        match rule.kind {
            AlertKind::ZoneEntry => {
                let watched = zone::waters(rule, regions);
                for track in tracks.iter().filter(|track| enters_zones(rule, track)) {
                    for waters in &watched {
                        for entry in entry::entries(track, waters, rule.hysteresis_m()) {
                            keep(entry::alert(
                                (rule, waters, track),
                                &entry,
                                regions,
                                context,
                            ));
                        }
                    }
                }
            }
            AlertKind::DistressBeacon => {
                let zones = zone::zones(rule, regions);
                for track in tracks {
                    if let Some(alert) = distress::alert(rule, track, &zones, regions, context) {
                        keep(alert);
                    }
                }
            }
            AlertKind::UncorrelatedContact | AlertKind::AisOnly | AlertKind::AisEvent => {}
        }
    }
    alerts.into_values().collect()
}

pub(super) fn enters_zones(rule: &Rule, track: &Track) -> bool {
    matches!(track.class, AisClass::A | AisClass::B | AisClass::LongRange)
        && !distress::is_beacon(track)
        && rule.admits_length(track.vessel.length_m)
}

/// What the two kinds of alert on tracks differ in.
pub(super) struct Event {
    /// Parts of the id after the rule's.
    pub(super) id_parts: Vec<String>,
    pub(super) observed: Timestamp,
    pub(super) position: LonLat,
    pub(super) position_radius_m: f64,
    pub(super) hits: Vec<RegionHit>,
    pub(super) headline: String,
    /// First sentences of the description.
    pub(super) seen: String,
    pub(super) reasons: Vec<String>,
}

/// Puts an event on a track into the form of an alert.
pub(super) fn build(
    rule: &Rule,
    track: &Track,
    event: Event,
    regions: &RegionIndex,
    context: &AlertContext,
) -> Alert {
    let region_names = text::region_names(&event.hits, regions);
    let mut sentences = vec![
        event.seen,
        format!(
            "Position: {}, within {:.0} m with 95 % probability.",
            text::place(event.position),
            event.position_radius_m
        ),
    ];
    if !region_names.is_empty() {
        sentences.push(format!("Watched: {}.", region_names.join("; ")));
    }
    sentences.push("Identity and position are as the transmitter tells them.".to_owned());
    sentences.push(AIS_ALONE.to_owned());
    let id_parts: Vec<&str> = std::iter::once(rule.id.as_str())
        .chain(event.id_parts.iter().map(String::as_str))
        .collect();
    Alert {
        id: content_id("alert", &id_parts),
        revision: 1,
        message_type: MessageType::Alert,
        status: context.status_of(track.simulated),
        rule: rule.id.clone(),
        kind: rule.kind,
        sent: context.now,
        observed: event.observed,
        expires: rule.expires(context.now),
        urgency: rule.urgency(),
        severity: rule.severity(),
        certainty: Certainty::Likely,
        tlp: rule.marking(),
        position: event.position,
        position_radius_m: event.position_radius_m,
        regions: event.hits,
        region_names,
        headline: text::headline(&event.headline),
        description: sentences.join(" "),
        reasons: event.reasons,
        replaces: vec![],
        evidence: Evidence {
            mmsi: Some(track.mmsi.to_string()),
            vessel_name: track.vessel.name.as_deref().map(text::plain),
            length_m: track.vessel.length_m,
            not_searched: vec![AIS_ALONE.to_owned()],
            ..Evidence::default()
        },
    }
}
