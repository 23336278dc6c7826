//! Visits to a watched islet as they were sent: the truth is the geodesic to its middle.

use super::TruthEvent;
use super::plan::Ship;
use crate::model::event::EventKind;
use crate::model::region::{RegionShape, WatchRegion};
use crate::model::track::Position;
use crate::model::units::{LonLat, NAUTICAL_MILE_M};
use jiff::Timestamp;

/// The islet, off the sites of other events by chance alone.
const ISLET: LonLat = LonLat {
    lon_deg: 125.3,
    lat_deg: 25.2,
};
const ZONE_NM: f64 = 24.0;
/// Depth at which one report inside is enough, and distance at which one outside is: the definition's hysteresis.
const HYSTERESIS_M: f64 = 0.2 * NAUTICAL_MILE_M;
/// Degrees of latitude or longitude beyond which no place here is within the zone.
const FAR_DEG: f64 = 0.6;

/// The islet as a watch region.
pub(super) fn watched() -> WatchRegion {
    WatchRegion {
        id: "islet".to_owned(),
        name: "Islet".to_owned(),
        names: vec![],
        group: "islet".to_owned(),
        parties: vec![],
        grade: None,
        source: "simulated".to_owned(),
        shape: RegionShape::Feature {
            centre: ISLET,
            radius_m: 0.0,
            zones_nm: vec![ZONE_NM],
        },
    }
}

/// The visits of one ship, from the reports that it sends.
#[derive(Debug, Default)]
pub(super) struct Visits {
    under_way: Option<Visit>,
    /// From, to, and where it began.
    made: Vec<(Timestamp, Timestamp, LonLat)>,
}

#[derive(Debug)]
struct Visit {
    from: Timestamp,
    to: Timestamp,
    /// Of the first report inside.
    place: LonLat,
    /// Reports inside that were heard one after the other, counted to two.
    heard: u32,
    /// It was heard so that it cannot be a graze.
    is_sure: bool,
}

impl Visits {
    /// Takes the next report that is sent.
    pub(super) fn sent(&mut self, report: &Position, is_heard: bool) {
        let place = report.position;
        let is_far = (place.lat_deg - ISLET.lat_deg).abs() > FAR_DEG
            || (place.lon_deg - ISLET.lon_deg).abs() > FAR_DEG;
        let depth_m = if is_far {
            f64::NEG_INFINITY
        } else {
            ZONE_NM * NAUTICAL_MILE_M - ISLET.distance_m(place)
        };
        if depth_m >= 0.0 {
            let visit = self.under_way.get_or_insert(Visit {
                from: report.time,
                to: report.time,
                place,
                heard: 0,
                is_sure: false,
            });
            visit.to = report.time;
            visit.heard += u32::from(is_heard);
            visit.is_sure |= is_heard && (depth_m >= HYSTERESIS_M || visit.heard >= 2);
        } else if depth_m < -HYSTERESIS_M {
            self.end();
        } else if let Some(visit) = &mut self.under_way {
            visit.heard = 0;
        }
    }

    fn end(&mut self) {
        let visit = self.under_way.take().filter(|visit| visit.is_sure);
        self.made
            .extend(visit.map(|visit| (visit.from, visit.to, visit.place)));
    }

    /// All visits that could be known, as events of their ship.
    pub(super) fn of(mut self, ship: &Ship) -> Vec<TruthEvent> {
        self.end();
        // Beacons call at once wherever they are; they visit nothing.
        if ship.mmsi.0 / 1_000_000 == 970 {
            return vec![];
        }
        let event = |(start, end, position)| TruthEvent {
            kind: EventKind::ZoneVisit,
            mmsis: vec![ship.mmsi],
            start,
            end,
            position,
        };
        self.made.into_iter().map(event).collect()
    }
}
