//! What was seen at one place pass after pass stands there: a platform, a turbine, a wreck, or, in one geometry, what such a
//! thing casts.
//!
//! A pass is everything within an hour. Echoes that AIS gives to a vessel do not count: where ships anchor in turn, nothing
//! stands.

use crate::model::contact::{Contact, RunnerUp, Verdict};
use crate::model::standing::Standing;
use crate::model::units::LonLat;
use jiff::{SignedDuration, Timestamp};

/// Distance within which echoes are of the same thing, metres: three deviations of a centroid and of geolocation. A ship at
/// anchor swings further.
pub const STANDING_M: f64 = 60.0;
/// How long before an image earlier ones count.
pub const STANDING_MEMORY: SignedDuration = SignedDuration::from_hours(400 * 24);
/// Images closer in time than this are of one pass.
pub const ONE_PASS: SignedDuration = SignedDuration::from_hours(1);
/// Passes in which something that stands was seen, at least.
const PASSES: usize = 3;
/// Time from the first to the last of these, at least.
const SPAN: SignedDuration = SignedDuration::from_hours(5 * 24);
/// Part of the passes that searched the place in which it was seen, at least.
const SHARE: f64 = 0.6;

/// An echo that no vessel explains.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SeenAt {
    /// When (UTC).
    pub time: Timestamp,
    /// Where, as imaged.
    pub position: LonLat,
    /// Relative orbit, if known.
    pub orbit: Option<u32>,
}

/// What stands near a place, by what was seen there and when the place was searched; `None` if nothing does.
pub fn standing(place: LonLat, seen: &[SeenAt], searched: &[Timestamp]) -> Option<Standing> {
    let mut near: Vec<&SeenAt> = seen
        .iter()
        .filter(|seen| seen.position.distance_m(place) <= STANDING_M)
        .collect();
    near.sort_by_key(|seen| seen.time);
    let (first, last) = (near.first()?.time, near.last()?.time);
    let passes = passes(near.iter().map(|seen| seen.time).collect());
    // What was built later was not there to be seen. A search that is not on record counts by what it found.
    let since = searched.iter().copied().filter(|time| *time >= first);
    let searched = self::passes(since.collect()).max(passes);
    if passes < PASSES
        || last.duration_since(first) < SPAN
        || (passes as f64) < SHARE * searched as f64
    {
        return None;
    }
    let mut orbits: Vec<u32> = near.iter().filter_map(|seen| seen.orbit).collect();
    orbits.sort_unstable();
    orbits.dedup();
    Some(Standing {
        position: mean(near.iter().map(|seen| seen.position)),
        passes,
        searched,
        first,
        last,
        orbits,
    })
}

/// Times that are apart, counted.
fn passes(mut times: Vec<Timestamp>) -> usize {
    times.sort_unstable();
    let apart = times
        .windows(2)
        .filter(|pair| pair[1].duration_since(pair[0]) > ONE_PASS);
    apart.count() + usize::from(!times.is_empty())
}

/// Mean of places that are near each other, across 180° too.
fn mean(places: impl Iterator<Item = LonLat>) -> LonLat {
    let mut sum = [0.0; 3];
    for place in places {
        for (sum, part) in sum.iter_mut().zip(place.unit_vector()) {
            *sum += part;
        }
    }
    LonLat::from_vector(sum)
}

/// True if a contact is an echo that no vessel explains.
pub fn is_unexplained(contact: &Contact) -> bool {
    contact.detection_id.is_some()
        && matches!(
            contact.verdict,
            Verdict::Uncorrelated | Verdict::NotAssessable | Verdict::Fixed
        )
}

/// Gives a contact that nothing explains to what stands there. Its probability is that of seeing it again, by Laplace's rule
/// of succession.
pub fn settle_on(contact: &mut Contact, standing: &Standing) {
    let probability = (standing.passes as f64 + 1.0) / (standing.searched as f64 + 2.0);
    contact.runner_up = Some(RunnerUp {
        verdict: contact.verdict,
        mmsi: None,
        probability: 1.0 - probability,
    });
    contact.verdict = Verdict::Fixed;
    contact.probability = probability;
    let orbits = match &standing.orbits[..] {
        [] => String::new(),
        [one] => format!(", all of relative orbit {one}"),
        more => {
            let names: Vec<String> = more.iter().map(ToString::to_string).collect();
            format!(", of relative orbits {}", names.join(", "))
        }
    };
    contact.reasons.insert(
        0,
        format!(
            "Something stands here: it was seen within {STANDING_M:.0} m in {} of the {} earlier passes that searched this place, from {} to {}{orbits}.",
            standing.passes,
            standing.searched,
            standing.first.strftime("%Y-%m-%d"),
            standing.last.strftime("%Y-%m-%d"),
        ),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: i64) -> Timestamp {
        Timestamp::from_second(1_770_000_000 + day * 86_400).unwrap()
    }

    fn platform() -> LonLat {
        LonLat::new(124.0, 25.0)
    }

    fn seen(days: &[i64], off_m: f64) -> Vec<SeenAt> {
        days.iter()
            .map(|&d| SeenAt {
                time: day(d),
                position: platform().destination(100.0 * d as f64, off_m),
                orbit: Some(32),
            })
            .collect()
    }

    fn days(list: &[i64]) -> Vec<Timestamp> {
        list.iter().map(|&d| day(d)).collect()
    }

    #[test]
    fn what_is_seen_at_one_place_in_three_passes_over_days_stands_and_sooner_it_does_not() {
        let look = |list: &[i64]| standing(platform(), &seen(list, 20.0), &days(list));
        assert_eq!(look(&[0, 12]), None);
        let found = look(&[0, 12, 24]).unwrap();
        assert_eq!((found.passes, found.searched), (3, 3));
        assert_eq!((found.first, found.last), (day(0), day(24)));
        assert_eq!(found.orbits, [32]);
        assert!(found.position.distance_m(platform()) < 1.0);
        // Three passes of two days: a ship may lie there as long.
        assert_eq!(look(&[0, 1, 2]), None);
        // Two images of one pass are one.
        let mut twice = seen(&[0, 12], 20.0);
        twice.push(SeenAt {
            time: day(12) + SignedDuration::from_secs(25),
            ..twice[1]
        });
        assert_eq!(standing(platform(), &twice, &days(&[0, 12])), None);
    }

    #[test]
    fn what_was_seen_in_few_of_many_passes_or_elsewhere_does_not_stand() {
        let searched = days(&[0, 6, 12, 18, 24, 30]);
        assert_eq!(
            standing(platform(), &seen(&[0, 12, 24], 20.0), &searched),
            None
        );
        assert_eq!(
            standing(platform(), &seen(&[0, 12, 24], 80.0), &days(&[0, 12, 24])),
            None
        );
        assert!(standing(platform(), &seen(&[0, 6, 12, 24], 20.0), &searched).is_some());
        // Built on day 18.
        let found = standing(platform(), &seen(&[18, 24, 30], 20.0), &searched).unwrap();
        assert_eq!((found.passes, found.searched), (3, 3));
    }

    #[test]
    fn places_across_the_date_line_are_averaged_where_they_are() {
        let west = LonLat::new(179.9999, 10.0);
        let east = LonLat::new(-179.9999, 10.0);
        let middle = mean([west, east].into_iter());
        assert!(
            middle.distance_m(west) < 12.0 && middle.distance_m(east) < 12.0,
            "{middle:?}"
        );
    }
}
