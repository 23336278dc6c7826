//! What one ship does: a way by points in time, and how it tells of it.

use crate::model::track::{AisClass, Position, Vessel};
use crate::model::units::{KNOT_MPS, LonLat, Mmsi};
use jiff::Timestamp;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// A way by points in time, seconds from the start of the data.
#[derive(Debug, Clone, Default)]
pub(super) struct Way(pub(super) Vec<(f64, LonLat)>);

impl Way {
    pub(super) fn from(time_s: f64, place: LonLat) -> Self {
        Self(vec![(time_s, place)])
    }

    pub(super) fn last(&self) -> (f64, LonLat) {
        self.0
            .last()
            .copied()
            .unwrap_or((0.0, LonLat::new(0.0, 0.0)))
    }

    pub(super) fn begin_s(&self) -> f64 {
        self.0.first().map_or(0.0, |(time_s, _)| *time_s)
    }

    /// Seconds of it from 0 to `end_s`.
    pub(super) fn span_s(&self, end_s: f64) -> f64 {
        (self.last().0.min(end_s) - self.begin_s().max(0.0)).max(0.0)
    }

    /// On to a place at a speed.
    pub(super) fn to(mut self, place: LonLat, sog_kn: f64) -> Self {
        let (time_s, from) = self.last();
        let step_s = from.distance_m(place) / (sog_kn * KNOT_MPS);
        self.0.push((time_s + step_s.max(1.0), place));
        self
    }

    /// On along a course.
    pub(super) fn along(self, course_deg: f64, sog_kn: f64, hours: f64) -> Self {
        let (time_s, from) = self.last();
        let place = from.destination(course_deg, sog_kn * KNOT_MPS * hours * 3600.0);
        let mut next = self;
        next.0.push((time_s + hours * 3600.0, place));
        next
    }

    /// Stays.
    pub(super) fn stay(self, hours: f64) -> Self {
        self.along(0.0, 0.0, hours)
    }

    /// Place, speed in knots and course at a time; `None` before the first and after the last point.
    pub(super) fn at(&self, time_s: f64) -> Option<(LonLat, f64, f64)> {
        let next = self.0.partition_point(|(t, _)| *t <= time_s);
        let ((t0, from), (t1, to)) = (*self.0.get(next.checked_sub(1)?)?, *self.0.get(next)?);
        let share = (time_s - t0) / (t1 - t0);
        let place = LonLat::new(
            from.lon_deg + share * (to.lon_deg - from.lon_deg),
            from.lat_deg + share * (to.lat_deg - from.lat_deg),
        );
        // Plain trigonometry: a geodesic for each of millions of reports would take most of the time.
        let north = (to.lat_deg - from.lat_deg) * 111_195.0;
        let east = (to.lon_deg - from.lon_deg) * 111_195.0 * place.lat_deg.to_radians().cos();
        let sog_kn = north.hypot(east) / (t1 - t0) / KNOT_MPS;
        let cog_deg = east.atan2(north).to_degrees().rem_euclid(360.0);
        Some((place, sog_kn, cog_deg))
    }
}

/// A change of what is told, over a span of time.
#[derive(Debug, Clone)]
pub(super) enum Trick {
    /// Nothing is sent.
    Silent,
    /// The place is moved by degrees of longitude and latitude.
    Offset(f64, f64),
    /// The place stays that of the beginning, speed and course do not.
    Frozen,
    /// The place runs on a circle at this many seconds a turn, and this speed is told.
    Circle {
        centre: LonLat,
        radius_m: f64,
        turn_s: f64,
        told_kn: f64,
    },
    /// The status is this.
    Status(u8),
}

/// A ship.
#[derive(Debug, Clone)]
pub(super) struct Ship {
    pub(super) mmsi: Mmsi,
    pub(super) class: AisClass,
    pub(super) vessel: Vessel,
    pub(super) way: Way,
    /// (from, to, trick), seconds.
    pub(super) tricks: Vec<(f64, f64, Trick)>,
    /// Mean seconds between reports.
    pub(super) interval_s: f64,
    pub(super) nav_status: Option<u8>,
    /// Whether a radar sees it: no marker or beacon, and no second identity of a hull.
    pub(super) is_hull: bool,
}

impl Ship {
    /// The report at a time; `None` if none is sent.
    pub(super) fn report(
        &self,
        start: Timestamp,
        time_s: f64,
        random: &mut ChaCha8Rng,
    ) -> Option<Position> {
        let (mut place, mut sog_kn, mut cog_deg) = self.way.at(time_s)?;
        let mut nav_status = self.nav_status;
        let mut spread_m = 8.0;
        for (from_s, to_s, trick) in &self.tricks {
            if !(*from_s..*to_s).contains(&time_s) {
                continue;
            }
            match trick {
                Trick::Silent => return None,
                Trick::Offset(east_deg, north_deg) => {
                    place = LonLat::new(place.lon_deg + east_deg, place.lat_deg + north_deg);
                }
                Trick::Frozen => {
                    place = self.way.at(*from_s)?.0;
                    spread_m = 0.0;
                }
                Trick::Circle {
                    centre,
                    radius_m,
                    turn_s,
                    told_kn,
                } => {
                    let angle_deg = 360.0 * (time_s - from_s) / turn_s;
                    place = centre.destination(angle_deg.rem_euclid(360.0), *radius_m);
                    (sog_kn, cog_deg) = (*told_kn, (angle_deg + 90.0).rem_euclid(360.0));
                }
                Trick::Status(status) => nav_status = Some(*status),
            }
        }
        let jitter =
            |random: &mut ChaCha8Rng| random.random_range(-spread_m..=spread_m) / 111_195.0;
        let (east, north) = (jitter(random), jitter(random));
        let round = |value: f64, steps: f64| (value * steps).round() / steps;
        Some(Position {
            mmsi: self.mmsi,
            time: start + jiff::SignedDuration::from_secs(time_s as i64),
            position: LonLat::new(
                round(place.lon_deg + east, 600_000.0),
                round(place.lat_deg + north, 600_000.0),
            ),
            sog_kn: Some(round(
                (sog_kn + random.random_range(-0.1..0.1)).max(0.0),
                10.0,
            )),
            cog_deg: Some(
                round(
                    (cog_deg + random.random_range(-1.5..1.5)).rem_euclid(360.0),
                    10.0,
                )
                .min(359.9),
            ),
            heading_deg: None,
            nav_status,
            class: self.class,
        })
    }
}
