//! The built-in island shapes: `assets/islands.txt` → polygons. The format is described in `assets/README.md`.
//!
//! © OpenStreetMap contributors, ODbL 1.0.

use geo::{Coord, LineString, MultiPolygon, Polygon};

const SHAPES: &str = include_str!("../../assets/islands.txt");

/// Steps of the file in a degree.
const STEPS_A_DEGREE: f64 = 1e5;

/// Shapes of the islands among the watched features, longitude and latitude, degrees; places true to about a metre.
///
/// © OpenStreetMap contributors, ODbL 1.0. Reefs that dry at low water are mostly not among them, and Scarborough's is left out.
pub fn built_in_islands() -> MultiPolygon<f64> {
    let rings = SHAPES
        .lines()
        .filter(|line| !(line.is_empty() || line.starts_with('#') || line.starts_with("group ")));
    let rings = rings.map(|line| Polygon::new(LineString(corners(line)), vec![]));
    MultiPolygon(rings.collect())
}

/// The corners of one line: steps from corner to corner.
fn corners(line: &str) -> Vec<Coord<f64>> {
    let (mut lon, mut lat) = (0_i64, 0_i64);
    let steps = line.split(' ').map(|step| {
        let (east, north) = step
            .split_once(',')
            .expect("the file is compiled in and a test reads all of it");
        let number = |text: &str| -> i64 {
            text.parse()
                .expect("the file is compiled in and a test reads all of it")
        };
        lon += number(east);
        lat += number(north);
        Coord {
            x: lon as f64 / STEPS_A_DEGREE,
            y: lat as f64 / STEPS_A_DEGREE,
        }
    });
    steps.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::units::LonLat;
    use geo::{BoundingRect, Contains, Point};

    #[test]
    fn every_ring_of_the_file_is_a_polygon_in_the_watched_seas() {
        let islands = built_in_islands();
        assert_eq!(islands.0.len(), 2_049);
        for island in &islands {
            assert!(island.exterior().0.len() >= 4);
            let bounds = island.bounding_rect().expect("corners");
            assert!(
                bounds.min().x > 110.0 && bounds.max().x < 155.0,
                "{bounds:?}"
            );
            assert!(bounds.min().y > 4.0 && bounds.max().y < 46.0, "{bounds:?}");
        }
    }

    #[test]
    fn uotsuri_lies_where_the_table_puts_it_and_scarborough_is_sea() {
        let islands = built_in_islands();
        assert!(islands.contains(&Point::new(123.4750, 25.7443)));
        let scarborough = LonLat::new(117.765, 15.15);
        for island in &islands {
            let at = island.exterior().0[0];
            assert!(LonLat::new(at.x, at.y).distance_m(scarborough) > 50_000.0);
        }
    }

    #[test]
    #[ignore = "needs the shared real data"]
    fn the_file_keeps_the_areas_of_the_polygons_it_was_made_from() {
        use geo::Area;
        let shared = std::env::var("TIDEWATCH_SHARED")
            .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data").to_owned());
        let path = format!("{shared}/land/disputed-islands-osm.geojson");
        let original: f64 = crate::gis::vector::read_features(&path, None)
            .expect("read")
            .iter()
            .filter(|feature| feature.attribute("region") != Some("scarborough"))
            .map(|feature| feature.geometry.unsigned_area())
            .sum();
        let ours = built_in_islands().unsigned_area();
        assert!((ours / original - 1.0).abs() < 1e-5, "{ours} {original}");
    }
}
