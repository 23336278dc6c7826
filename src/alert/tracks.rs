//! Tracks against the rules that look at tracks: `zone-entry` and `distress-beacon`.

use super::AlertContext;
use super::distress::EarlierCalls;
use super::entry::Walk;
use super::rule::Rule;
use super::text;
use super::zone::{Waters, Zone};
use super::{distress, entry, zone};
use crate::model::alert::{Alert, AlertKind, Certainty, Evidence, MessageType};
use crate::model::contact::RegionHit;
use crate::model::id::content_id;
use crate::model::track::{AisClass, Position, Track};
use crate::model::units::LonLat;
use crate::region::RegionIndex;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
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
    let rules = TrackRules::new(rules, regions);
    let nothing = Past::default();
    let mut alerts: Vec<Alert> = tracks
        .iter()
        .flat_map(|track| rules.alerts(track, &nothing, context))
        .collect();
    alerts.sort_by(|a, b| a.id.cmp(&b.id));
    alerts
}

/// The rules that look at tracks, with the waters they watch.
pub struct TrackRules<'a> {
    regions: &'a RegionIndex,
    entries: Vec<(&'a Rule, Vec<Waters<'a>>)>,
    beacons: Vec<(&'a Rule, Vec<Zone<'a>>)>,
}

/// What is remembered of a ship's reports that are no longer held, so that what follows them is judged as if they were.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Past {
    /// The last of them.
    last: Option<Position>,
    /// By rule and waters, where that is not outside.
    walks: BTreeMap<String, Walk>,
    calls: Option<EarlierCalls>,
}

impl Past {
    /// Time of the last report that is no longer held.
    pub fn end(&self) -> Option<Timestamp> {
        self.last.as_ref().map(|last| last.time)
    }
}

impl<'a> TrackRules<'a> {
    /// Takes of `rules` those that look at tracks.
    pub fn new(rules: &'a [Rule], regions: &'a RegionIndex) -> Self {
        let of_kind = |kind| rules.iter().filter(move |rule| rule.kind == kind);
        Self {
            regions,
            entries: of_kind(AlertKind::ZoneEntry)
                .map(|rule| (rule, zone::waters(rule, regions)))
                .collect(),
            beacons: of_kind(AlertKind::DistressBeacon)
                .map(|rule| (rule, zone::zones(rule, regions)))
                .collect(),
        }
    }

    /// Alerts on one ship, ordered by id, if its reports before `track` led to `past`.
    pub fn alerts(&self, track: &Track, past: &Past, context: &AlertContext) -> Vec<Alert> {
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
        for (rule, watched) in &self.entries {
            if !enters_zones(rule, track) {
                continue;
            }
            for waters in watched {
                let walk = past.walks.get(&walk_key(rule, waters)).cloned();
                let start = (walk.unwrap_or_default(), past.last.as_ref());
                for entry in entry::entries(track, start, (waters, rule.hysteresis_m())) {
                    let subject = (*rule, waters, track);
                    keep(entry::alert(subject, &entry, self.regions, context));
                }
            }
        }
        for (rule, zones) in &self.beacons {
            let subject = (track, past.calls.as_ref());
            if let Some(alert) = distress::alert((rule, zones), subject, self.regions, context) {
                keep(alert);
            }
        }
        alerts.into_values().collect()
    }

    /// Goes on with `past` by the reports of `track`, which are no longer held.
    pub fn forget(&self, past: &mut Past, track: &Track) {
        for (rule, watched) in &self.entries {
            for waters in watched {
                let key = walk_key(rule, waters);
                let mut walk = past.walks.remove(&key).unwrap_or_default();
                let mut last = past.last.as_ref();
                for fix in &track.positions {
                    walk.step(last, fix, (waters, rule.hysteresis_m()));
                    last = Some(fix);
                }
                if walk != Walk::default() {
                    past.walks.insert(key, walk);
                }
            }
        }
        past.calls = distress::with_calls(past.calls.take(), track);
        past.last = track.positions.last().cloned().or(past.last.take());
    }

    /// A number that differs between places that are differently far inside or outside watched waters, 0 if the place is
    /// outside all of them by more than the hysteresis.
    pub fn side(&self, place: LonLat) -> u64 {
        let mut number = 0_u64;
        for (rule, watched) in &self.entries {
            for waters in watched {
                let outside_m = waters.outside_m(place);
                let deep_m = rule.hysteresis_m();
                let level = match outside_m {
                    _ if outside_m <= -deep_m => 3,
                    _ if outside_m <= 0.0 => 2,
                    _ if outside_m < deep_m => 1,
                    _ => 0,
                };
                number = number.wrapping_mul(5).wrapping_add(level);
            }
        }
        number
    }

    /// True if a report of the track is inside watched waters or may be a call in distress: without one there is no alert.
    pub fn concerns(&self, track: &Track) -> bool {
        let may_call = track.distress.is_some() || distress::is_beacon(track);
        may_call
            || track.positions.iter().any(|fix| {
                let watched = self.entries.iter().flat_map(|(_, watched)| watched);
                watched
                    .into_iter()
                    .any(|waters| waters.contains(fix.position))
            })
    }
}

/// What the state of one rule on one group's waters is known by.
fn walk_key(rule: &Rule, waters: &Waters) -> String {
    format!("{}\u{1f}{}", rule.id, waters.key)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::testing::{centre, context, fix, index, ship};
    use crate::model::track::Distress;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn rules() -> [Rule; 2] {
        let entry = Rule {
            zone_nm: Some(12.0),
            ..Rule::new("entry", AlertKind::ZoneEntry)
        };
        [entry, Rule::new("sos", AlertKind::DistressBeacon)]
    }

    proptest! {
        #[test]
        fn a_ship_whose_older_reports_are_forgotten_is_told_of_as_if_they_were_not(
            distances_nm in prop::collection::vec(11.5_f64..12.5, 2..40),
            cuts in prop::collection::vec(0_usize..40, 1..4),
        ) {
            // An hour apart, so that each entry is a matter of its own.
            let fixes: Vec<Position> = distances_nm.iter().enumerate().map(|(i, nm)| {
                fix(centre().destination(90.0, nm * 1852.0), 3600.0 * i as f64)
            }).collect();
            let (rules, regions) = (rules(), index());
            let rules = TrackRules::new(&rules, &regions);
            let whole = ship(431_000_001, fixes.clone());
            let expected: BTreeMap<String, Alert> = rules
                .alerts(&whole, &Past::default(), &context())
                .into_iter()
                .map(|alert| (alert.id.clone(), alert))
                .collect();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|at| at.min(fixes.len())).collect();
            cuts.sort_unstable();
            let (mut past, mut from, mut found) = (Past::default(), 0, BTreeMap::new());
            for to in cuts.into_iter().chain([fixes.len()]) {
                let track = ship(431_000_001, fixes[from..].to_vec());
                for alert in rules.alerts(&track, &past, &context()) {
                    found.insert(alert.id.clone(), alert);
                }
                rules.forget(&mut past, &ship(431_000_001, fixes[from..to].to_vec()));
                // What is remembered survives the store.
                let text = serde_json::to_string(&past).expect("JSON");
                prop_assert_eq!(&serde_json::from_str::<Past>(&text).expect("JSON"), &past);
                from = to;
            }
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn a_beacons_first_call_and_their_number_outlive_the_reports() {
        let (rules, regions) = (rules(), index());
        let rules = TrackRules::new(&rules, &regions);
        let calls = |from: u8, to: u8| {
            let fixes = (from..to).map(|i| Position {
                nav_status: Some(14),
                ..fix(centre(), 3600.0 * f64::from(i))
            });
            let mut track = ship(970_012_345, fixes.collect());
            track.distress = Some(Distress::Active);
            track
        };
        let whole = rules.alerts(&calls(0, 40), &Past::default(), &context());
        let mut past = Past::default();
        rules.forget(&mut past, &calls(0, 20));
        rules.forget(&mut past, &calls(20, 39));
        assert_eq!(rules.alerts(&calls(39, 40), &past, &context()), whole);
    }

    #[test]
    fn sides_differ_exactly_where_a_ships_standing_may_change() {
        let (rules, regions) = (rules(), index());
        let rules = TrackRules::new(&rules, &regions);
        let side = |nm: f64| rules.side(centre().destination(90.0, nm * 1852.0));
        let sides = [30.0, 12.25, 12.1, 11.9, 11.75, 5.0].map(side);
        assert_eq!((sides[0], sides[1], sides[4]), (0, 0, sides[5]));
        assert_eq!(sides.iter().collect::<BTreeSet<_>>().len(), 4);
    }
}
