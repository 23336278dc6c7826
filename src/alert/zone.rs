//! One watched region at one distance: inside or outside, and by how much.

use super::rule::Rule;
use crate::model::contact::RegionHit;
use crate::model::region::{RegionShape, WatchRegion};
use crate::model::shape;
use crate::model::units::{LonLat, NAUTICAL_MILE_M};
use crate::region::RegionIndex;
use geo::{BoundingRect, MultiPolygon};

/// Smallest radius of curvature of WGS 84, metres: no geodesic is shorter than this times the angle between the
/// places' unit vectors.
const SMALLEST_RADIUS_M: f64 = 6_335_439.3;
/// Distance beyond an area's bounding box within which its edge is measured, degrees.
const BOX_MARGIN_DEG: f64 = 0.5;

/// A region as one rule watches it.
pub(super) struct Zone<'a> {
    pub(super) region: &'a WatchRegion,
    extent: Extent<'a>,
}

enum Extent<'a> {
    Disc {
        centre: LonLat,
        unit: [f64; 3],
        /// Squared chord beyond which a place is outside by more than any hysteresis.
        far2: f64,
        reach_m: f64,
        zone_nm: f64,
    },
    Area {
        shape: &'a MultiPolygon<f64>,
        bounds: geo::Rect<f64>,
    },
}

/// The zones a rule watches, in the regions' order.
pub(super) fn zones<'a>(rule: &Rule, regions: &'a RegionIndex) -> Vec<Zone<'a>> {
    regions
        .regions()
        .iter()
        .filter(|region| rule.concerns(region))
        .filter_map(|region| Zone::new(rule, region))
        .collect()
}

/// The zones of one group of features taken together: who passes from one feature's zone into its neighbour's has not
/// entered anew, and a desk is told once.
pub(super) struct Waters<'a> {
    /// The group's name, or the region's id where it has none.
    pub(super) key: &'a str,
    zones: Vec<Zone<'a>>,
}

/// The waters a rule watches, in the order of their first region.
pub(super) fn waters<'a>(rule: &Rule, regions: &'a RegionIndex) -> Vec<Waters<'a>> {
    let mut found: Vec<Waters<'a>> = Vec::new();
    for zone in zones(rule, regions) {
        let region = zone.region;
        let key = if region.group.is_empty() {
            &region.id
        } else {
            &region.group
        };
        match found.iter_mut().find(|waters| waters.key == key) {
            Some(waters) => waters.zones.push(zone),
            None => found.push(Waters {
                key,
                zones: vec![zone],
            }),
        }
    }
    found
}

impl<'a> Waters<'a> {
    /// Distance outside the nearest zone's edge, metres; negative inside.
    pub(super) fn outside_m(&self, place: LonLat) -> f64 {
        self.zones
            .iter()
            .map(|zone| zone.outside_m(place))
            .fold(f64::INFINITY, f64::min)
    }

    pub(super) fn contains(&self, place: LonLat) -> bool {
        self.zones.iter().any(|zone| zone.contains(place))
    }

    /// The zone that holds a place deepest; `None` outside all.
    pub(super) fn deepest(&self, place: LonLat) -> Option<&Zone<'a>> {
        self.zones
            .iter()
            .map(|zone| (zone.outside_m(place), zone))
            .filter(|(outside_m, _)| *outside_m <= 0.0)
            .min_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, zone)| zone)
    }

    /// The group's regions in which the rule holds at a place, nearest first.
    pub(super) fn hits(&self, regions: &RegionIndex, place: LonLat) -> Vec<RegionHit> {
        hits(&self.zones, regions, place)
    }
}

/// The regions in which a rule holds at a place, nearest first, then by id.
pub(super) fn hits(zones: &[Zone], regions: &RegionIndex, place: LonLat) -> Vec<RegionHit> {
    let own = regions.hits(place);
    let mut hits: Vec<RegionHit> = zones
        .iter()
        .filter(|zone| zone.contains(place))
        .map(|zone| zone.hit(&own, place))
        .collect();
    hits.sort_by(|a, b| {
        let order = a.distance_m.total_cmp(&b.distance_m);
        order.then_with(|| a.region_id.cmp(&b.region_id))
    });
    hits
}

impl<'a> Zone<'a> {
    /// `None` for a feature without any zone, or an empty area.
    fn new(rule: &Rule, region: &'a WatchRegion) -> Option<Self> {
        let extent = match &region.shape {
            RegionShape::Feature {
                centre,
                radius_m,
                zones_nm,
            } => {
                let widest = zones_nm.iter().copied().max_by(f64::total_cmp);
                let zone_nm = rule.zone_nm.or(widest)?;
                let reach_m = radius_m + zone_nm * NAUTICAL_MILE_M;
                let half = (reach_m + rule.hysteresis_m()) / SMALLEST_RADIUS_M / 2.0;
                Extent::Disc {
                    centre: *centre,
                    unit: centre.unit_vector(),
                    far2: (2.0 * half.min(std::f64::consts::FRAC_PI_2).sin()).powi(2),
                    reach_m,
                    zone_nm,
                }
            }
            RegionShape::Area(shape) => Extent::Area {
                shape,
                bounds: shape.bounding_rect()?,
            },
        };
        Some(Self { region, extent })
    }

    pub(super) fn contains(&self, place: LonLat) -> bool {
        self.outside_m(place) <= 0.0
    }

    /// Distance outside the zone's edge, metres; negative inside; infinite where the place is plainly far away.
    pub(super) fn outside_m(&self, place: LonLat) -> f64 {
        match &self.extent {
            Extent::Disc {
                centre,
                unit,
                far2,
                reach_m,
                ..
            } => {
                let v = place.unit_vector();
                let chord2: f64 = unit.iter().zip(v).map(|(a, b)| (a - b) * (a - b)).sum();
                if chord2 > *far2 {
                    f64::INFINITY
                } else {
                    centre.distance_m(place) - reach_m
                }
            }
            Extent::Area { shape, bounds } => {
                let near = (bounds.min().x - BOX_MARGIN_DEG..=bounds.max().x + BOX_MARGIN_DEG)
                    .contains(&place.lon_deg)
                    && (bounds.min().y - BOX_MARGIN_DEG..=bounds.max().y + BOX_MARGIN_DEG)
                        .contains(&place.lat_deg);
                if !near {
                    return f64::INFINITY;
                }
                let edge_m = shape::edge_distance_m(shape, place).unwrap_or(f64::INFINITY);
                if shape::contains(shape, place) {
                    -edge_m
                } else {
                    edge_m
                }
            }
        }
    }

    /// The hit for a place inside: the index's own where it has one, else the rule's zone, which may be wider than the
    /// region's own zones.
    pub(super) fn hit(&self, own: &[RegionHit], place: LonLat) -> RegionHit {
        if let Some(hit) = own.iter().find(|hit| hit.region_id == self.region.id) {
            return hit.clone();
        }
        let (zone_nm, distance_m) = match &self.extent {
            Extent::Disc {
                centre, zone_nm, ..
            } => (Some(*zone_nm), centre.distance_m(place)),
            Extent::Area { .. } => (None, 0.0),
        };
        RegionHit {
            region_id: self.region.id.clone(),
            zone_nm,
            distance_m,
        }
    }

    /// What the zone is called in a sentence: `the 12 nm watch zone of X`, `the watch area X`.
    pub(super) fn phrase(&self, region_name: &str) -> String {
        match &self.extent {
            Extent::Disc { zone_nm, .. } => format!("the {zone_nm} nm watch zone of {region_name}"),
            Extent::Area { .. } => format!("the watch area {region_name}"),
        }
    }
}
