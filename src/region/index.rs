//! Which watch regions a place is in.
//!
//! Features are found by boxes about their unit vectors, so that 180° is a place like any other; every distance that
//! decides is a geodesic's.

use super::date_line::circle;
use crate::model::contact::RegionHit;
use crate::model::region::{RegionShape, WatchRegion};
use crate::model::units::{LonLat, NAUTICAL_MILE_M};
use geo::indexed::IntervalTreeMultiPolygon;
use geo::{BoundingRect, Contains, Coord, MultiPolygon};
use rstar::RTree;
use rstar::primitives::{GeomWithData, Rectangle};
use std::collections::BTreeMap;

/// Least radius of curvature of WGS 84, a·(1 − e²), metres: along s metres the ellipsoid's normal turns by s / this at most.
const LEAST_CURVATURE_RADIUS_M: f64 = 6_335_439.327;

/// Longitude kept off ±180° by 0.1 mm, so that a place on that line is inside one of the halves of a split polygon.
const OFF_THE_LINE_DEG: f64 = 1e-9;

/// Watch regions with a spatial index.
pub struct RegionIndex {
    regions: Vec<WatchRegion>,
    by_id: BTreeMap<String, usize>,
    features: RTree<GeomWithData<Rectangle<[f64; 3]>, usize>>,
    areas: RTree<GeomWithData<Rectangle<[f64; 2]>, usize>>,
    area_tests: BTreeMap<usize, IntervalTreeMultiPolygon<f64>>,
}

impl RegionIndex {
    /// Indexes the regions. Of several with one id the last is kept, so that a user's region replaces a built-in one.
    pub fn new(regions: Vec<WatchRegion>) -> Self {
        let mut by_id = BTreeMap::new();
        let mut kept: Vec<WatchRegion> = Vec::with_capacity(regions.len());
        for region in regions {
            match by_id.get(&region.id) {
                Some(&place) => kept[place] = region,
                None => {
                    by_id.insert(region.id.clone(), kept.len());
                    kept.push(region);
                }
            }
        }
        let (mut features, mut areas, mut area_tests) = (Vec::new(), Vec::new(), BTreeMap::new());
        for (place, region) in kept.iter().enumerate() {
            match &region.shape {
                RegionShape::Feature {
                    centre,
                    radius_m,
                    zones_nm,
                } => {
                    let widest = zones_nm.iter().copied().reduce(f64::max);
                    features.extend(widest.map(|zone_nm| {
                        let reach_m = radius_m + zone_nm * NAUTICAL_MILE_M;
                        GeomWithData::new(unit_box(*centre, reach_m), place)
                    }));
                }
                RegionShape::Area(area) => {
                    let boxes = area.iter().filter_map(BoundingRect::bounding_rect);
                    areas.extend(boxes.map(|b| {
                        let corners = Rectangle::from_corners(b.min().into(), b.max().into());
                        GeomWithData::new(corners, place)
                    }));
                    area_tests.insert(place, IntervalTreeMultiPolygon::new(area));
                }
            }
        }
        Self {
            regions: kept,
            by_id,
            features: RTree::bulk_load(features),
            areas: RTree::bulk_load(areas),
            area_tests,
        }
    }

    /// The regions, in the order they were given.
    pub fn regions(&self) -> &[WatchRegion] {
        &self.regions
    }

    /// The region with this id.
    pub fn get(&self, id: &str) -> Option<&WatchRegion> {
        self.by_id.get(id).map(|&place| &self.regions[place])
    }

    /// The regions that hold `place`, nearest first, equal distances by id.
    ///
    /// A feature holds it if its geodesic distance from the feature's point is at most the feature's radius plus a zone; the hit
    /// names the smallest such zone and the distance from the point. An area holds what lies inside it, at distance 0.
    pub fn hits(&self, place: LonLat) -> Vec<RegionHit> {
        let near = self.features.locate_all_at_point(place.unit_vector());
        let mut hits: Vec<RegionHit> = near
            .filter_map(|entry| feature_hit(&self.regions[entry.data], place))
            .collect();
        let flat = off_the_line(place);
        let mut areas: Vec<usize> = self
            .areas
            .locate_all_at_point([flat.x, flat.y])
            .map(|entry| entry.data)
            .collect();
        areas.sort_unstable();
        areas.dedup();
        areas.retain(|index| {
            self.area_tests
                .get(index)
                .is_some_and(|area| area.contains(&flat))
        });
        hits.extend(areas.into_iter().map(|index| RegionHit {
            region_id: self.regions[index].id.clone(),
            zone_nm: None,
            distance_m: 0.0,
        }));
        hits.sort_by(|a, b| {
            let by_distance = a.distance_m.total_cmp(&b.distance_m);
            by_distance.then_with(|| a.region_id.cmp(&b.region_id))
        });
        hits
    }

    /// The outline of a region's zone for maps: a geodesic circle of 72 corners about a feature, or the area itself.
    ///
    /// Longitude and latitude, degrees, split at 180°, exterior rings anticlockwise.
    pub fn zone_outline(region: &WatchRegion, zone_nm: f64) -> MultiPolygon<f64> {
        match &region.shape {
            RegionShape::Feature {
                centre, radius_m, ..
            } => circle(*centre, radius_m + zone_nm * NAUTICAL_MILE_M),
            RegionShape::Area(area) => area.clone(),
        }
    }
}

/// The place in the plane of longitude and latitude, off the line where areas are split.
pub(super) fn off_the_line(place: LonLat) -> Coord<f64> {
    let limit = 180.0 - OFF_THE_LINE_DEG;
    Coord {
        x: place.lon_deg.clamp(-limit, limit),
        y: place.lat_deg,
    }
}

/// A box about the unit vector of `centre` that holds those of all places within `reach_m`.
fn unit_box(centre: LonLat, reach_m: f64) -> Rectangle<[f64; 3]> {
    // A chord is never longer than its angle.
    let reach = reach_m / LEAST_CURVATURE_RADIUS_M;
    let at = centre.unit_vector();
    Rectangle::from_corners(at.map(|v| v - reach), at.map(|v| v + reach))
}

fn feature_hit(region: &WatchRegion, place: LonLat) -> Option<RegionHit> {
    let RegionShape::Feature {
        centre,
        radius_m,
        zones_nm,
    } = &region.shape
    else {
        return None;
    };
    let distance_m = centre.distance_m(place);
    let zone_nm = zones_nm
        .iter()
        .copied()
        .filter(|zone_nm| distance_m <= radius_m + zone_nm * NAUTICAL_MILE_M)
        .reduce(f64::min)?;
    Some(RegionHit {
        region_id: region.id.clone(),
        zone_nm: Some(zone_nm),
        distance_m,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::region::{DEFAULT_ZONES_NM, built_in};
    use geo::polygon;

    fn feature(id: &str, centre: LonLat, radius_m: f64) -> WatchRegion {
        let shape = RegionShape::Feature {
            centre,
            radius_m,
            zones_nm: vec![12.0, 24.0],
        };
        region(id, shape)
    }

    fn region(id: &str, shape: RegionShape) -> WatchRegion {
        WatchRegion {
            id: id.to_owned(),
            name: id.to_owned(),
            names: vec![],
            group: String::new(),
            parties: vec![],
            grade: None,
            source: String::new(),
            shape,
        }
    }

    #[test]
    fn a_zone_ends_within_a_metre_of_its_geodesic_distance_on_every_bearing() {
        for lat_deg in [-70.0, 0.0, 25.7443, 60.0] {
            let centre = LonLat::new(123.475, lat_deg);
            let index = RegionIndex::new(vec![feature("f", centre, 700.0)]);
            for bearing in (0..360).step_by(15).map(f64::from) {
                let hit = |metres: f64| {
                    let hits = index.hits(centre.destination(bearing, metres));
                    hits.first().and_then(|hit| hit.zone_nm)
                };
                let (inner, outer) = (700.0 + 12.0 * 1852.0, 700.0 + 24.0 * 1852.0);
                assert_eq!(hit(inner - 1.0), Some(12.0), "{lat_deg} {bearing}");
                assert_eq!(hit(inner + 1.0), Some(24.0), "{lat_deg} {bearing}");
                assert_eq!(hit(outer - 1.0), Some(24.0), "{lat_deg} {bearing}");
                assert_eq!(hit(outer + 1.0), None, "{lat_deg} {bearing}");
            }
        }
    }

    #[test]
    fn a_feature_just_west_of_the_date_line_is_hit_from_just_east_of_it() {
        let index = RegionIndex::new(vec![feature("f", LonLat::new(179.95, 10.0), 0.0)]);
        let hits = index.hits(LonLat::new(-179.95, 10.0));
        assert_eq!(hits.len(), 1);
        // 0.1° of the parallel of 10°: 10.96 km.
        assert!(
            (hits[0].distance_m - 10_963.0).abs() < 5.0,
            "{}",
            hits[0].distance_m
        );
    }

    #[test]
    fn an_area_across_the_date_line_holds_the_line_itself() {
        let square = polygon![(x: 179.0, y: 0.0), (x: 181.0, y: 0.0), (x: 181.0, y: 2.0), (x: 179.0, y: 2.0)];
        let area = RegionShape::Area(super::super::date_line::split(&square));
        let index = RegionIndex::new(vec![region("a", area)]);
        for lon in [179.5, 180.0, -180.0, -179.5] {
            let hits = index.hits(LonLat::new(lon, 1.0));
            assert_eq!(hits.len(), 1, "{lon}");
            assert_eq!((hits[0].zone_nm, hits[0].distance_m), (None, 0.0));
        }
        assert!(index.hits(LonLat::new(-178.9, 1.0)).is_empty());
    }

    #[test]
    fn hits_come_nearest_first_and_ties_by_id() {
        let at = LonLat::new(10.0, 0.0);
        let regions = vec![
            feature("c", at, 0.0),
            feature("a", at, 5_000.0),
            feature("b", LonLat::new(10.1, 0.0), 0.0),
        ];
        let hits = RegionIndex::new(regions).hits(at);
        let ids: Vec<&str> = hits.iter().map(|hit| hit.region_id.as_str()).collect();
        assert_eq!(ids, ["a", "c", "b"]);
    }

    #[test]
    fn a_later_region_replaces_one_with_the_same_id() {
        let (old, new) = (LonLat::new(0.0, 0.0), LonLat::new(50.0, 0.0));
        let index = RegionIndex::new(vec![feature("f", old, 0.0), feature("f", new, 0.0)]);
        assert_eq!(index.regions().len(), 1);
        assert!(index.hits(old).is_empty());
        assert_eq!(index.hits(new).len(), 1);
        assert!(index.get("f").is_some() && index.get("g").is_none());
    }

    #[test]
    fn the_index_agrees_with_a_plain_search_over_the_built_in_table() {
        let index = RegionIndex::new(built_in(&DEFAULT_ZONES_NM).expect("the built-in table"));
        let mut found = 0;
        for step in 0..4_000_u32 {
            let place = LonLat::new(
                105.0 + f64::from(step * 37 % 4_001) * 0.011,
                3.0 + f64::from(step * 101 % 4_001) * 0.0107,
            );
            let mut plain: Vec<String> = index
                .regions()
                .iter()
                .filter_map(|region| feature_hit(region, place))
                .map(|hit| hit.region_id)
                .collect();
            plain.sort();
            let mut hits: Vec<String> =
                index.hits(place).into_iter().map(|h| h.region_id).collect();
            hits.sort();
            assert_eq!(hits, plain, "{place:?}");
            found += hits.len();
        }
        assert!(found > 100, "{found}");
    }

    #[test]
    fn an_outline_runs_at_the_radius_plus_the_zone() {
        let centre = LonLat::new(123.475, 25.7443);
        let region = feature("f", centre, 700.0);
        let outline = RegionIndex::zone_outline(&region, 12.0);
        assert_eq!(outline.0.len(), 1);
        let corners = &outline.0[0].exterior().0;
        assert_eq!((corners.len(), corners[0]), (73, corners[72]));
        for at in corners {
            let metres = LonLat::new(at.x, at.y).distance_m(centre);
            assert!((metres - (700.0 + 12.0 * 1852.0)).abs() < 1e-3, "{metres}");
        }
    }
}
