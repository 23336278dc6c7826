//! Where and when AIS was received, learnt from all ships heard: the measure of every silence.
//!
//! An hour in which a ship must have been in a cell of 0.25°, by its reports before and after, is an hour in which it
//! could be heard; the share of such hours with a report is the cell's reception for that class of equipment. A ship's own hours never
//! count for or against itself.

use super::sketch::{between, led};
use super::{Context, EventSettings, Sketch, seconds};
use crate::model::outage::{Outage, listened_s};
use crate::model::track::{AisClass, Position};
use crate::model::units::LonLat;
use jiff::Timestamp;
use std::collections::HashMap;

/// Side of a cell, degrees.
const CELL_DEG: f64 = 0.25;
const HOUR_S: i64 = 3600;
/// Silences beyond which nobody can say where the ship was, seconds.
const LOST_S: f64 = 24.0 * 3600.0;
/// Time from the last report in which an hour must count, seconds.
const BEGINS_S: f64 = 7200.0;
/// Cells to each side within which reception is that of a cell.
const NEAR: i16 = 1;
/// Cells to each side within which another ship heard in an hour shows that it was listened to: some 60 km.
const SAME_HOUR: i16 = 2;

/// An hour of a ship.
#[derive(Debug, Clone, Copy)]
pub(super) struct HourHeard {
    pub(super) hour: i64,
    pub(super) cell: Cell,
    pub(super) is_heard: bool,
}

/// Column and row of 0.25°.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Cell(pub(super) i16, pub(super) i16);

impl Cell {
    pub(super) fn of(place: LonLat) -> Self {
        Self(
            (place.lon_deg / CELL_DEG).floor() as i16,
            (place.lat_deg / CELL_DEG).floor() as i16,
        )
    }

    fn about(self, reach: i16) -> impl Iterator<Item = Self> {
        let columns = (360.0 / CELL_DEG) as i16;
        (-reach..=reach).flat_map(move |y| {
            (-reach..=reach).map(move |x| {
                let column = (self.0 + x + columns / 2).rem_euclid(columns) - columns / 2;
                Self(column, self.1 + y)
            })
        })
    }

    fn is_within(self, other: Self, reach: i16) -> bool {
        let columns = (360.0 / CELL_DEG) as i16;
        let east = (self.0 - other.0).rem_euclid(columns);
        east.min(columns - east) <= reach && (self.1 - other.1).abs() <= reach
    }

    pub(super) fn centre(self) -> LonLat {
        let middle = |index: i16| (f64::from(index) + 0.5) * CELL_DEG;
        LonLat::new(middle(self.0), middle(self.1))
    }
}

/// The hours from a ship's first report to its last, without those that nobody listened to and those inside silences of a day.
pub(super) fn hours_heard(positions: &[Position], outages: &[Outage]) -> Vec<HourHeard> {
    let hour_of = |p: &Position| p.time.as_second().div_euclid(HOUR_S);
    let mut hours: Vec<HourHeard> = Vec::new();
    for (at, position) in positions.iter().enumerate() {
        let hour = hour_of(position);
        if hours.last().is_some_and(|last| last.hour == hour) {
            continue;
        }
        if let Some(before) = at.checked_sub(1).map(|before| &positions[before]) {
            let span_s = seconds(before.time, position.time);
            let silent = hour_of(before) + 1..hour;
            for silent in silent.filter(|_| span_s <= LOST_S) {
                let since_s =
                    (silent * HOUR_S + HOUR_S / 2) as f64 - before.time.as_duration().as_secs_f64();
                let place = between(before.position, position.position, since_s / span_s);
                hours.push(HourHeard {
                    hour: silent,
                    cell: Cell::of(place),
                    is_heard: false,
                });
            }
        }
        hours.push(HourHeard {
            hour,
            cell: Cell::of(position.position),
            is_heard: true,
        });
    }
    hours.retain(|hour| hour.is_heard || is_listened(hour.hour, outages));
    hours
}

/// True if at least half of an hour was listened to.
pub(super) fn is_listened(hour: i64, outages: &[Outage]) -> bool {
    if outages.is_empty() {
        return true;
    }
    let at = |second| Timestamp::from_second(second).unwrap_or(Timestamp::MAX);
    let (start, end) = (at(hour * HOUR_S), at((hour + 1) * HOUR_S));
    listened_s(start, end, outages) >= 0.5 * HOUR_S as f64
}

/// Hours in which ships could be heard, and were.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    expected: u32,
    heard: u32,
}

/// Reception as all ships show it.
pub(super) struct Reception<'a> {
    settings: &'a EventSettings,
    outages: &'a [Outage],
    cells: HashMap<(Cell, AisClass), Count>,
    /// Ships heard in an hour.
    by_hour: HashMap<(Cell, AisClass, i64), u32>,
}

impl<'a> Reception<'a> {
    pub(super) fn learn(context: &Context<'a>) -> Self {
        let mut cells: HashMap<(Cell, AisClass), Count> = HashMap::new();
        let mut by_hour: HashMap<(Cell, AisClass, i64), u32> = HashMap::new();
        for sketch in context.sketches {
            for hour in &sketch.hours {
                let count = cells.entry((hour.cell, sketch.class)).or_default();
                count.expected += 1;
                count.heard += u32::from(hour.is_heard);
                if hour.is_heard {
                    *by_hour
                        .entry((hour.cell, sketch.class, hour.hour))
                        .or_default() += 1;
                }
            }
        }
        Self {
            settings: context.watch.settings,
            outages: context.watch.outages,
            cells,
            by_hour,
        }
    }

    /// Share of ship-hours of other ships about a place with a report; `None` if there were too few.
    fn share(&self, place: LonLat, own: &Sketch) -> Option<f64> {
        let cell = Cell::of(place);
        let mut sum = Count::default();
        for near in cell.about(NEAR) {
            if let Some(count) = self.cells.get(&(near, own.class)) {
                sum.expected += count.expected;
                sum.heard += count.heard;
            }
        }
        for hour in own
            .hours
            .iter()
            .filter(|hour| hour.cell.is_within(cell, NEAR))
        {
            sum.expected -= 1;
            sum.heard -= u32::from(hour.is_heard);
        }
        (sum.expected >= self.settings.reception_ship_h)
            .then(|| f64::from(sum.heard) / f64::from(sum.expected))
    }

    fn is_good(&self, place: LonLat, own: &Sketch) -> bool {
        self.share(place, own)
            .is_some_and(|share| share >= self.settings.reception_share)
    }

    /// Hours of a silence in which the ship would have been heard: it was listened to, other ships were heard about there in that
    /// very hour, and reception is good both on the straight way and where the ship's own course leads from either end, so
    /// that one that sails out of reach is not called silent.
    pub(super) fn assessed_h(&self, own: &Sketch, span: &Span<'_>) -> Assessed {
        let start_s = span.before.time.as_duration().as_secs_f64();
        let end_s = span.end.as_duration().as_secs_f64();
        let (mut hours, mut share) = (0.0, 0.0);
        // A silence that begins with one of the receiver is the receiver's, however long it goes on.
        let mut begins_s = f64::INFINITY;
        let mut at_s = start_s;
        while at_s < end_s {
            let step_s = (end_s - at_s).min(HOUR_S as f64);
            let middle_s = at_s + step_s / 2.0;
            at_s += step_s;
            let hour = (middle_s as i64).div_euclid(HOUR_S);
            let [straight, led] = span.places(middle_s - start_s, end_s - middle_s);
            let heard_others = Cell::of(straight)
                .about(SAME_HOUR)
                .any(|cell| self.by_hour.contains_key(&(cell, own.class, hour)));
            if is_listened(hour, self.outages)
                && heard_others
                && self.is_good(straight, own)
                && self.is_good(led, own)
            {
                begins_s = begins_s.min(middle_s - start_s);
                hours += step_s / HOUR_S as f64;
                share += self.share(straight, own).unwrap_or(0.0) * step_s / HOUR_S as f64;
            }
        }
        if begins_s > BEGINS_S {
            (hours, share) = (0.0, 0.0);
        }
        Assessed {
            hours,
            share: if hours > 0.0 { share / hours } else { 0.0 },
        }
    }
}

/// How much of a silence says something.
pub(super) struct Assessed {
    pub(super) hours: f64,
    /// Mean reception over those hours, 0 ..= 1.
    pub(super) share: f64,
}

/// A silence.
pub(super) struct Span<'a> {
    pub(super) before: &'a Position,
    pub(super) after: Option<&'a Position>,
    pub(super) end: Timestamp,
}

impl Span<'_> {
    /// On the straight way between both reports, and where the nearer report's speed and course lead.
    fn places(&self, since_s: f64, until_s: f64) -> [LonLat; 2] {
        let Some(after) = self.after else {
            return [led(self.before, since_s); 2];
        };
        let share = since_s / (since_s + until_s);
        let led = if since_s <= until_s {
            led(self.before, since_s)
        } else {
            led(after, -until_s)
        };
        [between(self.before.position, after.position, share), led]
    }
}
