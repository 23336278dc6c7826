//! Land: polygons from the built-in islands and from vector files, asked for places, shore distances and pixel masks.
//!
//! Sources may overlap: a place is land if any polygon holds it.

use super::clip::keep_in_box;
use super::date_line::split;
use super::error::RegionError;
use super::index::off_the_line;
use super::islands::built_in_islands;
use super::shore::{REACH_M, Shore};
use crate::gis::vector::read_features;
use crate::model::units::LonLat;
use geo::indexed::IntervalTreeMultiPolygon;
use geo::{BoundingRect, Contains, Geometry, Intersects, MultiPolygon, Polygon, Rect};
use std::sync::OnceLock;

/// Least length of one degree of latitude on WGS 84 (at the equator), metres.
const LEAST_DEGREE_M: f64 = 110_574.0;

/// Land is kept to this many times the shore's reach about a footprint, so that where it was cut is never the nearest shore.
const MARGIN: f64 = 1.1;

/// Land polygons, longitude and latitude.
pub struct Land {
    polygons: Vec<Polygon<f64>>,
    inside: IntervalTreeMultiPolygon<f64>,
    /// Built when first asked for: a mask alone needs none.
    shore: OnceLock<Shore>,
}

impl Land {
    /// The built-in islands alone.
    pub fn built_in() -> Self {
        Self::from_polygons(&built_in_islands().0)
    }

    /// Polygons from vector files, with or without the built-in islands.
    ///
    /// With `near` (a scene's footprint, longitude and latitude, split at 180°) only land within 110 km of its bounding boxes is read and
    /// kept: answers hold for places in the footprint.
    ///
    /// # Errors
    ///
    /// [`RegionError::Gis`] if a file cannot be read, [`RegionError::Nothing`] if it holds features but no polygon.
    pub fn from_vectors(
        paths: &[String],
        near: Option<&MultiPolygon<f64>>,
        with_built_in: bool,
    ) -> Result<Self, RegionError> {
        let boxes = near.map(boxes_about);
        let mut polygons = Vec::new();
        for path in paths {
            polygons.extend(read_land(path, boxes.as_deref())?);
        }
        if with_built_in {
            let islands = built_in_islands().0;
            match &boxes {
                None => polygons.extend(islands),
                Some(boxes) => polygons.extend(kept_in_boxes(&islands, boxes)),
            }
        }
        Ok(Self::from_polygons(&polygons))
    }

    fn from_polygons(polygons: &[Polygon<f64>]) -> Self {
        // Split polygons are oriented alike, so that winding numbers of overlapping ones never cancel.
        let polygons = polygons.iter().flat_map(split).collect();
        let all = MultiPolygon(polygons);
        Self {
            inside: IntervalTreeMultiPolygon::new(&all),
            polygons: all.0,
            shore: OnceLock::new(),
        }
    }

    /// The polygons, longitude and latitude, degrees, split at 180°.
    pub fn polygons(&self) -> &[Polygon<f64>] {
        &self.polygons
    }

    /// True if a polygon holds the place.
    pub fn contains(&self, place: LonLat) -> bool {
        self.inside.contains(&off_the_line(place))
    }

    /// Geodesic distance to the nearest land, metres: 0 on land, `None` beyond [`REACH_M`] or without any land.
    pub fn shore_distance_m(&self, place: LonLat) -> Option<f64> {
        if self.contains(place) {
            return Some(0.0);
        }
        let shore = self.shore.get_or_init(|| Shore::new(&self.polygons));
        shore.distance_m(place)
    }
}

/// Land of one file, only within the boxes if there are any.
fn read_land(path: &str, boxes: Option<&[Rect<f64>]>) -> Result<Vec<Polygon<f64>>, RegionError> {
    let Some(boxes) = boxes else {
        return polygons_of(path, None);
    };
    let mut land = Vec::new();
    for &bounds in boxes {
        let polygons = polygons_of(path, Some(bounds))?;
        land.extend(
            polygons
                .iter()
                .filter_map(|polygon| keep_in_box(polygon, bounds)),
        );
    }
    if land.is_empty() {
        tracing::info!(path, "No land near the scene in this file.");
    }
    Ok(land)
}

fn polygons_of(path: &str, bounds: Option<Rect<f64>>) -> Result<Vec<Polygon<f64>>, RegionError> {
    let features = read_features(path, bounds)?;
    let found = features.len();
    let mut polygons = Vec::new();
    for feature in features {
        take_polygons(feature.geometry, &mut polygons);
    }
    if polygons.is_empty() && (found > 0 || bounds.is_none()) {
        return Err(RegionError::Nothing {
            path: path.to_owned(),
            found,
            expected: "polygon",
        });
    }
    Ok(polygons)
}

/// Adds the polygons of a geometry; points and lines hold no land.
pub(super) fn take_polygons(geometry: Geometry<f64>, out: &mut Vec<Polygon<f64>>) {
    match geometry {
        Geometry::Polygon(polygon) => out.push(polygon),
        Geometry::MultiPolygon(polygons) => out.extend(polygons),
        Geometry::GeometryCollection(members) => {
            for member in members {
                take_polygons(member, out);
            }
        }
        _ => {}
    }
}

fn kept_in_boxes(polygons: &[Polygon<f64>], boxes: &[Rect<f64>]) -> Vec<Polygon<f64>> {
    let near = |polygon: &&Polygon<f64>| {
        let bounds = polygon.bounding_rect();
        bounds.is_some_and(|bounds| boxes.iter().any(|b| b.intersects(&bounds)))
    };
    polygons.iter().filter(near).cloned().collect()
}

/// Disjoint boxes that hold everything within the reach of the footprint; none crosses 180°.
fn boxes_about(footprint: &MultiPolygon<f64>) -> Vec<Rect<f64>> {
    let mut boxes = Vec::new();
    for bounds in footprint.iter().filter_map(BoundingRect::bounding_rect) {
        for mut grown in grown(bounds) {
            while let Some(other) = boxes.iter().position(|b: &Rect<f64>| b.intersects(&grown)) {
                grown = joined(grown, boxes.swap_remove(other));
            }
            boxes.push(grown);
        }
    }
    boxes
}

/// A box grown by the reach, in two parts if it crosses 180° and round the world if it comes near a pole.
fn grown(bounds: Rect<f64>) -> Vec<Rect<f64>> {
    let north_deg = REACH_M * MARGIN / LEAST_DEGREE_M;
    let south = (bounds.min().y - north_deg).max(-90.0);
    let north = (bounds.max().y + north_deg).min(90.0);
    let parallel = south.abs().max(north.abs()).to_radians().cos();
    let east_deg = north_deg / parallel.max(1e-6);
    let (west, east) = (bounds.min().x - east_deg, bounds.max().x + east_deg);
    let between = |west: f64, east: f64| Rect::new((west, south), (east, north));
    if east - west >= 360.0 {
        vec![between(-180.0, 180.0)]
    } else if west < -180.0 {
        vec![between(-180.0, east), between(west + 360.0, 180.0)]
    } else if east > 180.0 {
        vec![between(west, 180.0), between(-180.0, east - 360.0)]
    } else {
        vec![between(west, east)]
    }
}

fn joined(a: Rect<f64>, b: Rect<f64>) -> Rect<f64> {
    Rect::new(
        (a.min().x.min(b.min().x), a.min().y.min(b.min().y)),
        (a.max().x.max(b.max().x), a.max().y.max(b.max().y)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::polygon;

    #[test]
    fn overlapping_polygons_of_any_orientation_are_land_and_holes_are_not() {
        let clockwise =
            polygon![(x: 0.0, y: 0.0), (x: 0.0, y: 2.0), (x: 2.0, y: 2.0), (x: 2.0, y: 0.0)];
        let with_lake = polygon!(
            exterior: [(x: 1.0, y: 1.0), (x: 5.0, y: 1.0), (x: 5.0, y: 5.0), (x: 1.0, y: 5.0)],
            interiors: [[(x: 3.0, y: 3.0), (x: 4.0, y: 3.0), (x: 4.0, y: 4.0), (x: 3.0, y: 4.0)]],
        );
        let land = Land::from_polygons(&[clockwise, with_lake]);
        let is_land = |lon, lat| land.contains(LonLat::new(lon, lat));
        assert!(is_land(0.5, 0.5) && is_land(1.5, 1.5) && is_land(2.5, 2.5));
        assert!(!is_land(3.5, 3.5) && !is_land(6.0, 3.0));
    }

    #[test]
    fn land_across_the_date_line_is_found_from_both_sides() {
        let island = polygon![(x: 179.9, y: -17.0), (x: -179.9, y: -17.0), (x: -179.9, y: -16.9), (x: 179.9, y: -16.9)];
        let land = Land::from_polygons(&[island]);
        for lon in [179.95, 180.0, -180.0, -179.95] {
            assert!(land.contains(LonLat::new(lon, -16.95)), "{lon}");
        }
        let place = LonLat::new(-179.9, -16.95).destination(90.0, 5_000.0);
        let metres = land.shore_distance_m(place).expect("within reach");
        assert!((metres - 5_000.0).abs() < 0.1, "{metres}");
    }

    #[test]
    fn shore_distance_is_the_least_geodesic_to_a_densely_walked_outline() {
        let coast = polygon![(x: 140.0, y: 43.0), (x: 141.3, y: 43.2), (x: 140.9, y: 44.0), (x: 140.4, y: 43.7)];
        let walked: Vec<LonLat> = coast
            .exterior()
            .lines()
            .flat_map(|edge| {
                (0..20_000).map(move |step| {
                    let at = edge.start + edge.delta() * (f64::from(step) / 20_000.0);
                    LonLat::new(at.x, at.y)
                })
            })
            .collect();
        let land = Land::from_polygons(&[coast]);
        for (lon, lat) in [
            (139.7, 43.1),
            (140.6, 42.6),
            (141.2, 43.9),
            (140.5, 44.2),
            (140.31, 43.65),
        ] {
            let place = LonLat::new(lon, lat);
            let least = walked
                .iter()
                .map(|at| at.distance_m(place))
                .fold(f64::MAX, f64::min);
            let ours = land.shore_distance_m(place).expect("within reach");
            // The walk steps by about 6 m: beside the shore its least is too long by up to 3²/2d.
            assert!((ours - least).abs() < 0.5, "{lon} {lat}: {ours} {least}");
        }
    }

    #[test]
    fn on_land_the_shore_is_at_0_and_beyond_100_km_there_is_none() {
        let land = Land::built_in();
        assert_eq!(
            land.shore_distance_m(LonLat::new(123.475, 25.7443)),
            Some(0.0)
        );
        // Uotsuri's northern shore.
        let near = land
            .shore_distance_m(LonLat::new(123.475, 25.80))
            .expect("within reach");
        assert!((4_000.0..7_000.0).contains(&near), "{near}");
        assert_eq!(land.shore_distance_m(LonLat::new(123.475, 27.5)), None);
        let none = Land::from_vectors(&[], None, false).expect("nothing to read");
        assert_eq!(none.shore_distance_m(LonLat::new(0.0, 0.0)), None);
        assert!(!none.contains(LonLat::new(0.0, 0.0)));
    }

    fn footprint(west: f64, south: f64, east: f64, north: f64) -> MultiPolygon<f64> {
        MultiPolygon(vec![Rect::new((west, south), (east, north)).to_polygon()])
    }

    #[test]
    fn boxes_about_a_footprint_at_the_date_line_lie_on_both_sides() {
        let boxes = boxes_about(&footprint(179.0, 0.0, 180.0, 1.0));
        assert_eq!(boxes.len(), 2);
        assert!(
            boxes
                .iter()
                .any(|b| b.max().x == 180.0 && b.min().x < 178.1)
        );
        assert!(
            boxes
                .iter()
                .any(|b| b.min().x == -180.0 && b.max().x > -179.1)
        );
        let halves = MultiPolygon(vec![
            Rect::new((179.0, 0.0), (180.0, 1.0)).to_polygon(),
            Rect::new((-180.0, 0.0), (-179.0, 1.0)).to_polygon(),
        ]);
        assert_eq!(boxes_about(&halves).len(), 2);
    }

    #[test]
    fn built_in_islands_are_kept_only_near_the_footprint() {
        let near = footprint(123.0, 25.0, 124.0, 26.0);
        let land = Land::from_vectors(&[], Some(&near), true).expect("nothing to read");
        assert!(
            (50..400).contains(&land.polygons().len()),
            "{}",
            land.polygons().len()
        );
        assert!(land.contains(LonLat::new(123.475, 25.7443)));
    }

    #[test]
    fn a_file_without_polygons_is_refused_by_name() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("points.csv");
        std::fs::write(&path, "WKT,id\n\"POINT (1 1)\",a\n").expect("a file in a fresh folder");
        let path = path.to_str().expect("a path in UTF-8").to_owned();
        let error = Land::from_vectors(std::slice::from_ref(&path), None, false)
            .err()
            .expect("no land");
        assert_eq!(
            error.to_string(),
            format!("{path}: holds 1 features and no polygon")
        );
        // Open sea near the scene is no fault.
        let near = footprint(50.0, 0.0, 51.0, 1.0);
        assert!(Land::from_vectors(&[path], Some(&near), false).is_ok());
    }

    #[test]
    #[ignore = "needs the shared real data"]
    fn real_land_near_a_footprint_answers_as_the_whole_file_does() {
        let shared = std::env::var("TIDEWATCH_SHARED")
            .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data").to_owned());
        let paths = [format!("{shared}/land/osm-east-asia-land.fgb")];
        let near = footprint(128.5, 33.0, 130.5, 35.0);
        let land = Land::from_vectors(&paths, Some(&near), true).expect("read");
        let whole =
            read_features(&paths[0], Some(Rect::new((120.0, 30.0), (140.0, 40.0)))).expect("read");
        let mut polygons = Vec::new();
        whole
            .into_iter()
            .for_each(|feature| take_polygons(feature.geometry, &mut polygons));
        let whole = Land::from_polygons(&polygons);
        let places: Vec<LonLat> = (0..5_000_u32)
            .map(|i| {
                LonLat::new(
                    128.5 + f64::from(i * 37 % 5_003) * 4e-4,
                    33.0 + f64::from(i * 101 % 5_003) * 4e-4,
                )
            })
            .collect();
        let answers: Vec<_> = places.iter().map(|&at| land.shore_distance_m(at)).collect();
        assert!(
            answers
                .iter()
                .filter(|answer| **answer == Some(0.0))
                .count()
                > 500
        );
        for (place, answer) in places.iter().zip(answers).step_by(7) {
            assert_eq!(
                answer.map(|m| (m * 1e3).round()),
                whole.shore_distance_m(*place).map(|m| (m * 1e3).round()),
                "{place:?}"
            );
        }
    }
}
