//! Reports of one MMSI → one [`Segment`] a ship, also if several ships send that MMSI at once.
//!
//! A report joins the segment that most likely foretells it ([`super::likeness`]). It may join only where its discrepancy from dead
//! reckoning, forward from the segment's last report and backward from itself, stays within what a ship can do; where it fits none
//! it begins a segment, and the segment says why. Two ships on one MMSI thus become two parallel segments. Where two segments foretell a report
//! about as well, nobody can say whose it is: both end, and the report begins a third. At last ends and beginnings are laid
//! beside each other ([`super::stitch`]), which looks forward as well as back: a segment that only one earlier one can have led
//! to goes on as that one. What stays in doubt stays apart. A late report is put in its place and only what follows is judged again, up to
//! the report from which nothing changes: the result is the same as if all had come in order.
//!
//! # Source
//!
//! Ending both where two are about as likely is Global Fishing Watch's (gpsdio-segment; it takes a factor of ten), as are
//! h′ = h / (1 + (h/4)^½) and the tenth for equipment of another class. The limits are [`SegmentParams`]'.

use super::likeness::fit;
use crate::model::track::Position;
use crate::model::units::{KNOT_MPS, LonLat};
use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};
use std::fmt;

/// Mean radius of the Earth, metres (IUGG).
const EARTH_RADIUS_M: f64 = 6_371_008.8;
/// A segment that foretells a report this much worse than another, as a natural logarithm, is no rival: thirty times.
pub(super) const RIVAL: f64 = 3.4;

/// What decides whether a report continues a segment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SegmentParams {
    /// Fastest that two reports may imply where no speed and course are told or the silence is longer than an hour, knots.
    /// No ship is faster. Lower splits fast craft; higher joins two ships that are rarely heard.
    pub max_kn: f64,
    /// Fastest that a discrepancy from dead reckoning may grow, knots: twice a ship's speed if it turns back at once.
    pub max_drift_kn: f64,
    /// Discrepancy that is allowed whatever the speed, metres: places are rounded, times are stamped to whole seconds.
    pub slack_m: f64,
    /// How late a receiver may stamp a report, seconds: at the greater of both told speeds the ship is that far from where
    /// it is expected. Lower makes two ships of one that a slow feed hears as well; higher joins ships that pass close by.
    pub late_s: f64,
}

impl Default for SegmentParams {
    fn default() -> Self {
        Self {
            max_kn: 100.0,
            max_drift_kn: 50.0,
            slack_m: 500.0,
            late_s: 180.0,
        }
    }
}

/// Reports of what is taken for one ship, in time order.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    /// The reports.
    pub positions: Vec<Position>,
    /// Why they do not continue another segment.
    pub begun: Begun,
}

/// Why a segment begins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Begun {
    /// Nothing was heard of the MMSI before.
    FirstHeard,
    /// No ship heard before can have come here.
    OutOfReach {
        /// Distance from the nearest segment's last report, metres.
        distance_m: f64,
        /// Seconds since that report.
        silence_s: f64,
        /// Discrepancy from what that segment foretold, metres.
        discrepancy_m: f64,
        /// Most that would have been allowed, metres.
        allowed_m: f64,
    },
    /// Two ships heard before can have sent it, about as likely.
    Ambiguous,
}

impl fmt::Display for Begun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FirstHeard => f.write_str("Nothing was heard of the MMSI before."),
            Self::Ambiguous => f.write_str(
                "Two ships heard on the MMSI can have sent the report, about as likely.",
            ),
            Self::OutOfReach {
                distance_m,
                silence_s,
                discrepancy_m,
                allowed_m,
            } => write!(
                f,
                "The report lies {:.1} km from the nearest ship heard on the MMSI, {silence_s:.0} s after it, and {:.1} km from \
                 where that ship could be expected; {:.1} km would be allowed.",
                distance_m / 1000.0,
                discrepancy_m / 1000.0,
                allowed_m / 1000.0
            ),
        }
    }
}

/// Takes the reports of one MMSI in any order.
#[derive(Debug, Clone)]
pub struct Segmenter {
    params: SegmentParams,
    /// By [`order`]; the first heard of an instant, class and place stands.
    reports: Vec<Report>,
    /// After the last report.
    tails: Vec<Tail>,
    next_label: u32,
    /// Segments that ended in doubt, of which the report that ended them was let go.
    ended: BTreeSet<u32>,
    /// Reports judged so far, each as often as it was judged: what late data cost.
    #[cfg(test)]
    judged: u64,
}

#[derive(Debug, Clone)]
struct Report {
    position: Position,
    label: u32,
    /// Of the report that begins a segment.
    begun: Option<Begun>,
    /// Segments that end here because the report may be of either.
    closed: Option<[u32; 2]>,
}

/// What is said of a report.
struct Judgement {
    label: u32,
    begun: Option<Begun>,
    closed: Option<[u32; 2]>,
}

/// The last report of a segment, by its index.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Tail {
    label: u32,
    last: usize,
}

impl Segmenter {
    /// Nothing heard yet.
    pub fn new(params: SegmentParams) -> Self {
        Self {
            params,
            reports: vec![],
            tails: vec![],
            next_label: 0,
            ended: BTreeSet::new(),
            #[cfg(test)]
            judged: 0,
        }
    }

    /// Takes a report; false if the same place at the same instant by the same class of equipment is known.
    pub fn insert(&mut self, position: Position) -> bool {
        let at = self
            .reports
            .partition_point(|known| order(&known.position, &position).is_lt());
        let next = self.reports.get(at);
        if next.is_some_and(|known| order(&known.position, &position).is_eq()) {
            return false;
        }
        let mut tails = self.tails_before(at);
        let Judgement {
            label,
            begun,
            closed,
        } = self.judge(&tails, &position);
        self.reports.insert(
            at,
            Report {
                position,
                label,
                begun,
                closed,
            },
        );
        // What was said of later reports was said with the tails that lacked this one.
        let old = tails.clone();
        advance(&mut tails, &self.reports[at], at);
        self.judge_again(at + 1, tails, old);
        true
    }

    /// The segments by the time they begin.
    pub fn segments(&self) -> Vec<Segment> {
        let mut places: HashMap<u32, usize> = HashMap::new();
        let mut segments: Vec<Segment> = Vec::new();
        for report in &self.reports {
            let index = *places.entry(report.label).or_insert_with(|| {
                segments.push(Segment {
                    positions: vec![],
                    begun: report.begun.unwrap_or(Begun::FirstHeard),
                });
                segments.len() - 1
            });
            segments[index].positions.push(report.position.clone());
        }
        super::stitch::stitched(segments, &self.params)
    }

    /// Goes on from segments that were told apart before, each with a label of its own. Which of them had ended in doubt is
    /// not kept: it is judged anew when the next report comes.
    pub(super) fn restored(params: SegmentParams, segments: Vec<(u32, Vec<Position>)>) -> Self {
        let mut segmenter = Self::new(params);
        for (label, positions) in segments {
            segmenter.next_label = segmenter.next_label.max(label);
            let firsts = std::iter::once(Some(Begun::FirstHeard)).chain(std::iter::repeat(None));
            let reports = positions.into_iter().zip(firsts);
            segmenter
                .reports
                .extend(reports.map(|(position, begun)| Report {
                    position,
                    label,
                    begun,
                    closed: None,
                }));
        }
        segmenter
            .reports
            .sort_by(|a, b| order(&a.position, &b.position));
        segmenter.tails = segmenter.tails_of(segmenter.reports.len());
        segmenter
    }

    /// True if a report of the same state, within `span_s` seconds and from where the same ship can have sent it, is held.
    pub(super) fn repeats(&self, position: &Position, span_s: f64) -> bool {
        let near = |known: &&Report| seconds(&known.position, position).abs() < span_s;
        let at = self
            .reports
            .partition_point(|known| order(&known.position, position).is_lt());
        let before = self.reports[..at].iter().rev().take_while(near);
        let after = self.reports[at..].iter().take_while(near);
        before.chain(after).any(|known| {
            let known = &known.position;
            let (first, second) = if known.time <= position.time {
                (known, position)
            } else {
                (position, known)
            };
            let same_state = known.nav_status == position.nav_status
                || known.nav_status.is_none()
                || position.nav_status.is_none();
            same_state && fit(first, second, &self.params).is_possible()
        })
    }

    /// The last report of the segment that `position`, later than all, would continue.
    pub(super) fn continued(&self, position: &Position) -> Option<&Position> {
        let lasts = self
            .tails
            .iter()
            .map(|tail| &self.reports[tail.last].position);
        lasts
            .map(|last| (last, fit(last, position, &self.params)))
            .filter(|(_, fit)| fit.is_possible())
            .max_by(|a, b| a.1.likeness.total_cmp(&b.1.likeness))
            .map(|(last, _)| last)
    }

    /// Number of segments.
    pub(super) fn count(&self) -> usize {
        self.tails.len()
    }

    /// Number of reports.
    pub(super) fn len(&self) -> usize {
        self.reports.len()
    }

    /// The reports by time, each with its segment's label.
    pub(super) fn labelled(&self) -> impl Iterator<Item = (u32, &Position)> {
        self.reports
            .iter()
            .map(|report| (report.label, &report.position))
    }

    /// Lets go of the reports that `is_over` names, one call a report in time order.
    pub(super) fn forget(&mut self, mut is_over: impl FnMut(u32, &Position) -> bool) {
        let ended = &mut self.ended;
        self.reports.retain(|report| {
            let over = is_over(report.label, &report.position);
            if let Some(closed) = report.closed.filter(|_| over) {
                ended.extend(closed);
            }
            !over
        });
        let labels: BTreeSet<u32> = self.reports.iter().map(|report| report.label).collect();
        self.ended.retain(|label| labels.contains(label));
        self.tails = self.tails_of(self.reports.len());
    }

    /// Judges the reports from `from` on until the tails are what they were.
    fn judge_again(&mut self, from: usize, mut tails: Vec<Tail>, mut old: Vec<Tail>) {
        for index in from..self.reports.len() {
            if tails == old {
                // All that follows stands; only its indices have moved by the one report put in.
                for tail in self.tails.iter_mut().filter(|tail| tail.last + 1 >= from) {
                    tail.last += 1;
                }
                return;
            }
            advance(&mut old, &self.reports[index], index);
            let position = self.reports[index].position.clone();
            let Judgement {
                label,
                begun,
                closed,
            } = self.judge(&tails, &position);
            // A report that began a segment and still does keeps the segment's label.
            let label = match (begun, self.reports[index].begun) {
                (Some(_), Some(_)) => self.reports[index].label,
                _ => label,
            };
            let report = &mut self.reports[index];
            (report.label, report.begun, report.closed) = (label, begun, closed);
            advance(&mut tails, report, index);
        }
        self.tails = tails;
    }

    /// The last report of every segment before `end`, in the order of the segments' beginnings.
    fn tails_before(&self, end: usize) -> Vec<Tail> {
        if end == self.reports.len() {
            return self.tails.clone();
        }
        self.tails_of(end)
    }

    fn tails_of(&self, end: usize) -> Vec<Tail> {
        let mut tails = Vec::new();
        for (index, report) in self.reports[..end].iter().enumerate() {
            advance(&mut tails, report, index);
        }
        tails.retain(|tail| !self.ended.contains(&tail.label));
        tails
    }

    /// The segment that `position` continues, or a new one with the reason.
    fn judge(&mut self, tails: &[Tail], position: &Position) -> Judgement {
        #[cfg(test)]
        {
            self.judged += 1;
        }
        let fits = tails.iter().map(|tail| {
            let before = &self.reports[tail.last].position;
            (tail.label, before, fit(before, position, &self.params))
        });
        let fits: Vec<_> = fits.collect();
        let mut able: Vec<_> = fits
            .iter()
            .filter(|(_, _, fit)| fit.is_possible())
            .collect();
        able.sort_by(|a, b| b.2.likeness.total_cmp(&a.2.likeness));
        match able.as_slice() {
            [best, second, ..] if second.2.likeness > best.2.likeness - RIVAL => {
                self.next_label += 1;
                return Judgement {
                    label: self.next_label,
                    begun: Some(Begun::Ambiguous),
                    closed: Some([best.0, second.0]),
                };
            }
            [best, ..] => {
                return Judgement {
                    label: best.0,
                    begun: None,
                    closed: None,
                };
            }
            [] => {}
        }
        let nearest = fits
            .iter()
            .min_by(|a, b| a.2.discrepancy_m.total_cmp(&b.2.discrepancy_m));
        let begun = nearest.map_or(Begun::FirstHeard, |(_, before, fit)| Begun::OutOfReach {
            distance_m: chord_m(before.position, position.position),
            silence_s: seconds(before, position),
            discrepancy_m: fit.discrepancy_m,
            allowed_m: fit.allowed_m,
        });
        self.next_label += 1;
        Judgement {
            label: self.next_label,
            begun: Some(begun),
            closed: None,
        }
    }
}

/// By time, class of equipment and place: no order of arrival decides.
pub(super) fn order(a: &Position, b: &Position) -> Ordering {
    let place = |report: &Position| (report.position.lon_deg, report.position.lat_deg);
    let ((a_lon, a_lat), (b_lon, b_lat)) = (place(a), place(b));
    (a.time, a.class)
        .cmp(&(b.time, b.class))
        .then(a_lon.total_cmp(&b_lon))
        .then(a_lat.total_cmp(&b_lat))
}

fn advance(tails: &mut Vec<Tail>, report: &Report, last: usize) {
    if let Some(closed) = report.closed {
        tails.retain(|tail| !closed.contains(&tail.label));
    }
    match tails.iter_mut().find(|tail| tail.label == report.label) {
        Some(tail) => tail.last = last,
        None => tails.push(Tail {
            label: report.label,
            last,
        }),
    }
}

/// Where a report's own speed and course lead in `seconds`, on a local plane: an hour at 50 kn strays less than 1 %.
pub(super) fn reckon(report: &Position, seconds: f64) -> Option<LonLat> {
    let distance_m = report.sog_kn? * KNOT_MPS * seconds;
    let course = report.cog_deg?.to_radians();
    let parallel = report.position.lat_deg.to_radians().cos().max(0.01);
    let north_deg = (distance_m * course.cos() / EARTH_RADIUS_M).to_degrees();
    let east_deg = (distance_m * course.sin() / EARTH_RADIUS_M / parallel).to_degrees();
    Some(LonLat::new(
        report.position.lon_deg + east_deg,
        (report.position.lat_deg + north_deg).clamp(-90.0, 90.0),
    ))
}

pub(super) fn seconds(earlier: &Position, later: &Position) -> f64 {
    later.time.duration_since(earlier.time).as_secs_f64()
}

/// Straight distance through a spherical Earth, metres: within 0.6 % of the geodesic up to 1,000 km, and shorter beyond,
/// where it only decides between hundreds and thousands of knots.
pub(super) fn chord_m(a: LonLat, b: LonLat) -> f64 {
    let ([ax, ay, az], [bx, by, bz]) = (a.unit_vector(), b.unit_vector());
    let (dx, dy, dz) = (ax - bx, ay - by, az - bz);
    EARTH_RADIUS_M * (dx * dx + dy * dy + dz * dz).sqrt()
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
#[path = "segment_tests.rs"]
mod tests;
