//! When a track enters watched waters: the zone of a feature, or those of a group of features taken together.
//!
//! A vessel outside enters with a report at least the hysteresis deep inside, or with two reports inside running; it
//! has left again only with a report at least the hysteresis outside. So one that keeps to the boundary enters once.
//! The crossing is found by bisection on the geodesic between the last report outside and the first inside, at
//! constant speed. Entering and leaving between two reports leaves no trace and is not seen.

use super::AlertContext;
use super::rule::Rule;
use super::text;
use super::tracks::{Event, build};
use super::zone::Waters;
use crate::model::alert::Alert;
use crate::model::track::{Position, Track};
use crate::model::units::{KNOT_MPS, LonLat};
use crate::region::RegionIndex;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Implied speed above which two reports are not of one voyage, metres per second (60 kn): such a jump needs a second
/// report inside.
const IMPOSSIBLE_MPS: f64 = 60.0 * KNOT_MPS;
/// Halvings of the leg in which the crossing lies: 2⁻⁴⁰ of it is below a microsecond a day.
const HALVINGS: u32 = 40;
/// Standard deviation of a reported place, metres.
const REPORT_SIGMA_M: f64 = 30.0;
/// Growth of the standard deviation with the time to the nearer report, metres s^−1.5.
const DRIFT: f64 = 0.02;

/// One entry of one track.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    /// Time of the crossing, or of the first report.
    pub(super) time: Timestamp,
    pub(super) position: LonLat,
    /// Reports before and after the crossing; `None` if the track began inside.
    pub(super) between: Option<(Timestamp, Timestamp)>,
    /// The first report inside.
    pub(super) inside: Position,
    /// Time of the crossing out again; `None` while it is inside.
    pub(super) left: Option<Timestamp>,
}

/// How far a walk along a ship's reports has come.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Walk {
    /// Before the first report nothing is known, so a track that begins inside is an entry of its own kind.
    is_inside: bool,
    /// The leg into the zone that awaits a second report.
    pending: Option<(Option<Position>, Position)>,
    /// The last report inside.
    last_inside: Option<Position>,
}

/// What one report shows.
#[derive(Debug, Default)]
pub(super) struct Step {
    /// The entry that it makes sure.
    entered: Option<Entry>,
    /// When the ship crossed out again.
    left: Option<Timestamp>,
}

impl Walk {
    /// Goes on to `fix`, which follows `last`.
    pub(super) fn step(
        &mut self,
        last: Option<&Position>,
        fix: &Position,
        (waters, hysteresis_m): (&Waters, f64),
    ) -> Step {
        let outside_m = waters.outside_m(fix.position);
        let mut step = Step::default();
        if self.is_inside {
            self.is_inside = outside_m < hysteresis_m;
            if !self.is_inside {
                let inside = self.last_inside.take();
                step.left =
                    Some(inside.map_or(fix.time, |inside| crossing(waters, fix, &inside).0));
            }
        } else if outside_m <= 0.0 {
            let plausible = last.is_none_or(|before| is_plausible(before, fix));
            if let Some((before, first)) = self.pending.take() {
                step.entered = Some(entry(waters, before.as_ref(), &first));
                self.is_inside = true;
            } else if outside_m <= -hysteresis_m && plausible {
                step.entered = Some(entry(waters, last, fix));
                self.is_inside = true;
            } else {
                self.pending = Some((last.filter(|_| plausible).cloned(), fix.clone()));
            }
        }
        if self.is_inside || outside_m > 0.0 {
            self.pending = None;
        }
        if outside_m <= 0.0 {
            self.last_inside = Some(fix.clone());
        } else if !self.is_inside {
            self.last_inside = None;
        }
        step
    }
}

/// Entries of a track whose earlier reports led to `walk`, the last of them `last`, in time order.
pub(super) fn entries(
    track: &Track,
    (mut walk, mut last): (Walk, Option<&Position>),
    zone: (&Waters, f64),
) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for fix in &track.positions {
        let step = walk.step(last, fix, zone);
        if let (Some(visit), Some(left)) = (entries.last_mut(), step.left) {
            visit.left = Some(left);
        }
        entries.extend(step.entered);
        last = Some(fix);
    }
    entries
}

fn is_plausible(before: &Position, after: &Position) -> bool {
    let seconds = seconds(before.time, after.time).max(1.0);
    before.position.distance_m(after.position) / seconds <= IMPOSSIBLE_MPS
}

fn seconds(earlier: Timestamp, later: Timestamp) -> f64 {
    later.duration_since(earlier).as_secs_f64()
}

fn entry(waters: &Waters, before: Option<&Position>, inside: &Position) -> Entry {
    let Some(before) = before else {
        return Entry {
            time: inside.time,
            position: inside.position,
            between: None,
            inside: inside.clone(),
            left: None,
        };
    };
    let (time, position) = crossing(waters, before, inside);
    Entry {
        time,
        position,
        between: Some((before.time, inside.time)),
        inside: inside.clone(),
        left: None,
    }
}

/// When and where the straight way between a report outside and one inside meets the edge, whichever was first.
fn crossing(waters: &Waters, outside: &Position, inside: &Position) -> (Timestamp, LonLat) {
    let (distance_m, bearing_deg) = outside.position.inverse(inside.position);
    let at = |fraction: f64| {
        outside
            .position
            .destination(bearing_deg, distance_m * fraction)
    };
    let (mut out, mut inn) = (0.0, 1.0);
    for _ in 0..HALVINGS {
        let middle = (out + inn) / 2.0;
        if waters.contains(at(middle)) {
            inn = middle;
        } else {
            out = middle;
        }
    }
    let leg_s = seconds(outside.time, inside.time);
    let since = SignedDuration::from_secs_f64(leg_s * inn);
    let time = outside.time.saturating_add(since).unwrap_or(inside.time);
    (time, at(inn))
}

/// The alert on one entry.
pub(super) fn alert(
    (rule, waters, track): (&Rule, &Waters, &Track),
    entry: &Entry,
    regions: &RegionIndex,
    context: &AlertContext,
) -> Alert {
    let who = text::vessel_of(track);
    let inside = entry.inside.position;
    let region = waters.deepest(inside).map_or_else(
        || text::plain(waters.key),
        |zone| zone.phrase(&text::plain(&zone.region.name)),
    );
    let at = text::instant(entry.time);
    let motion = motion(&entry.inside);
    let (id_tail, headline, seen, reason) = match entry.between {
        Some((before, after)) => (
            entry.time.strftime("entered %Y-%m-%dT%H").to_string(),
            format!("{who} entered {region}"),
            format!("{} entered {region} at {at}{motion}.", text::capital(&who)),
            format!(
                "The crossing lies between the reports of {} and {} UTC; its time is interpolated along the geodesic.",
                text::instant(before).trim_end_matches(" UTC"),
                text::clock(after)
            ),
        ),
        None => (
            entry.time.strftime("heard inside %Y-%m-%d").to_string(),
            format!("{who} first heard inside {region}"),
            format!(
                "{} was first heard at {at}, already inside {region}{motion}. When it entered is not known.",
                text::capital(&who)
            ),
            "The track begins inside the zone.".to_owned(),
        ),
    };
    let event = Event {
        id_parts: vec![track.id_part(), waters.key.to_owned(), id_tail],
        observed: entry.time,
        position: entry.position,
        position_radius_m: text::R95 * sigma_m(entry),
        hits: waters.hits(regions, inside),
        headline,
        seen,
        reasons: vec![reason],
    };
    build(rule, track, event, regions, context)
}

/// `, making 12.0 kn on course 045°`; empty if speed is not known.
fn motion(fix: &Position) -> String {
    match (fix.sog_kn, fix.cog_deg) {
        (Some(sog_kn), Some(cog_deg)) => {
            format!(", making {sog_kn:.1} kn on course {cog_deg:03.0}°")
        }
        (Some(sog_kn), None) => format!(", making {sog_kn:.1} kn"),
        _ => String::new(),
    }
}

/// Standard deviation of the crossing: it grows with the time to the nearer report.
fn sigma_m(entry: &Entry) -> f64 {
    let nearer_s = entry.between.map_or(0.0, |(before, after)| {
        seconds(before, entry.time)
            .min(seconds(entry.time, after))
            .max(0.0)
    });
    REPORT_SIGMA_M.hypot(DRIFT * nearer_s.powf(1.5))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::from_tracks;
    use crate::alert::testing::{T0, centre, context, fix, index, later, ship, watched};
    use crate::model::alert::AlertKind;
    use crate::model::contact::RegionHit;
    use crate::model::region::{RegionShape, WatchRegion};

    fn rule() -> Rule {
        Rule {
            zone_nm: Some(12.0),
            ..Rule::new("entry", AlertKind::ZoneEntry)
        }
    }

    fn raise(track: Track) -> Vec<Alert> {
        from_tracks(&[rule()], &[track], &index(), &context())
    }

    /// A ship at these distances (nautical miles) east of the feature, a minute apart.
    fn at_distances(distances_nm: &[f64]) -> Track {
        let fixes = distances_nm.iter().enumerate().map(|(i, nm)| {
            let place = centre().destination(90.0, nm * 1852.0);
            fix(place, 60.0 * i as f64)
        });
        ship(431_000_001, fixes.collect())
    }

    #[test]
    fn the_crossing_time_on_a_straight_track_is_that_of_the_closed_form() {
        // From 14 nm to 11 nm straight at the feature in 15 minutes: 12 nm is two thirds of the way.
        let place = |nm: f64| centre().destination(90.0, nm * 1852.0);
        let track = ship(
            431_000_001,
            vec![fix(place(14.0), 0.0), fix(place(11.0), 900.0)],
        );
        let alerts = raise(track);
        assert_eq!(alerts.len(), 1);
        let error_s = seconds(later(T0, 600.0), alerts[0].observed);
        assert!(error_s.abs() < 1.0, "{error_s} s");
        assert!(alerts[0].position.distance_m(place(12.0)) < 5.0);
        assert_eq!(alerts[0].regions.len(), 1);
        assert!(matches!(&alerts[0].regions[0], RegionHit { zone_nm: Some(z), .. } if *z == 12.0));
        assert!(
            alerts[0]
                .headline
                .contains("entered the 12 nm watch zone of Feature")
        );
    }

    #[test]
    fn jitter_on_the_boundary_raises_one_alert() {
        let track = at_distances(&[
            12.5, 12.1, 11.95, 12.05, 11.95, 11.97, 12.1, 12.15, 11.9, 11.95, 12.05, 11.5,
        ]);
        assert_eq!(raise(track).len(), 1);
    }

    #[test]
    fn passing_from_one_features_zone_into_its_neighbours_raises_one_alert() {
        let neighbour = WatchRegion {
            id: "neighbour".to_owned(),
            name: "Neighbour".to_owned(),
            shape: RegionShape::Feature {
                centre: centre().destination(90.0, 15.0 * 1852.0),
                radius_m: 0.0,
                zones_nm: vec![12.0],
            },
            ..watched()
        };
        let apart = WatchRegion {
            group: "another group".to_owned(),
            ..neighbour.clone()
        };
        // From 30 nm east to the feature itself: the neighbour's zone ends at 27 nm, the feature's begins at 12 nm.
        let distances: Vec<f64> = (0..=30).map(|i| 30.0 - f64::from(i)).collect();
        let raise = |second: WatchRegion| {
            let index = RegionIndex::new(vec![watched(), second]);
            from_tracks(&[rule()], &[at_distances(&distances)], &index, &context())
        };
        let alerts = raise(neighbour);
        assert_eq!(alerts.len(), 1);
        assert!(alerts[0].headline.contains("Neighbour"));
        assert_eq!(raise(apart).len(), 2);
    }

    #[test]
    fn one_shallow_report_is_no_entry_but_two_or_a_deep_one_are() {
        assert!(raise(at_distances(&[12.5, 11.95, 12.1])).is_empty());
        assert_eq!(raise(at_distances(&[12.5, 11.95, 11.9])).len(), 1);
        assert_eq!(raise(at_distances(&[12.5, 11.75, 12.1])).len(), 1);
    }

    #[test]
    fn leaving_and_coming_back_hours_later_is_a_second_matter() {
        let mut track = at_distances(&[12.5, 11.5, 13.0, 12.5, 11.5]);
        for fix in &mut track.positions[3..] {
            fix.time = later(fix.time, 7_200.0);
        }
        let alerts = raise(track);
        assert_eq!(alerts.len(), 2);
        assert_ne!(alerts[0].id, alerts[1].id);
    }

    #[test]
    fn a_track_that_begins_inside_is_first_heard_inside_and_says_so() {
        let alerts = raise(at_distances(&[5.0, 5.1, 5.2]));
        assert_eq!(alerts.len(), 1);
        assert!(alerts[0].headline.contains("first heard inside"));
        assert!(
            alerts[0]
                .description
                .contains("When it entered is not known.")
        );
    }

    #[test]
    fn one_report_that_jumps_across_the_world_is_no_entry() {
        assert!(raise(at_distances(&[900.0, 5.0, 900.0])).is_empty());
    }

    #[test]
    fn stations_and_marks_never_enter_zones() {
        use crate::model::track::AisClass;
        for class in [
            AisClass::BaseStation,
            AisClass::SarAircraft,
            AisClass::AidToNavigation,
        ] {
            let mut track = at_distances(&[12.5, 11.0]);
            track.class = class;
            assert!(raise(track).is_empty(), "{class:?}");
        }
    }
}
