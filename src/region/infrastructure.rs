//! Fixed structures: platforms, wind turbines, lights, beacons, from any vector file.

use super::error::RegionError;
use crate::gis::vector::read_features;
use crate::model::units::LonLat;
use geo::{Centroid, Geometry, Point};

/// Reads the places of fixed structures: points as they are, lines and polygons by their centroids.
///
/// # Errors
///
/// [`RegionError::Gis`] if the file cannot be read, [`RegionError::Nothing`] if it holds no place.
pub fn load_points(path: &str) -> Result<Vec<LonLat>, RegionError> {
    let features = read_features(path, None)?;
    let mut points = Vec::new();
    for feature in &features {
        take_points(&feature.geometry, &mut points);
    }
    if points.is_empty() {
        return Err(RegionError::Nothing {
            path: path.to_owned(),
            found: features.len(),
            expected: "place of a structure (points, lines or polygons)",
        });
    }
    Ok(points
        .into_iter()
        .map(|point| LonLat::new(point.x(), point.y()))
        .collect())
}

/// Every point of a point set, every member of a collection, the centroid of anything else.
fn take_points(geometry: &Geometry<f64>, out: &mut Vec<Point<f64>>) {
    match geometry {
        Geometry::MultiPoint(points) => out.extend(points),
        Geometry::MultiLineString(lines) => out.extend(lines.iter().filter_map(Centroid::centroid)),
        Geometry::MultiPolygon(parts) => out.extend(parts.iter().filter_map(Centroid::centroid)),
        Geometry::GeometryCollection(members) => {
            for member in members {
                take_points(member, out);
            }
        }
        single => out.extend(single.centroid()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_stay_and_outlines_become_their_centroids() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("turbines.csv");
        let text = "WKT,id\n\"POINT (123.5 25.7)\",a\n\"POLYGON ((0 0,2 0,2 2,0 2,0 0))\",b\n\
            \"MULTIPOINT ((1 2),(3 4))\",c\n";
        std::fs::write(&path, text).expect("a file in a fresh folder");
        let points = load_points(path.to_str().expect("a path in UTF-8")).expect("read");
        let places: Vec<(f64, f64)> = points.iter().map(|p| (p.lon_deg, p.lat_deg)).collect();
        assert_eq!(places, [(123.5, 25.7), (1.0, 1.0), (1.0, 2.0), (3.0, 4.0)]);
    }

    #[test]
    fn a_file_without_places_is_refused_by_name() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("empty.csv");
        std::fs::write(&path, "WKT,id\n\"POINT EMPTY\",a\n").expect("a file in a fresh folder");
        let error = load_points(path.to_str().expect("a path in UTF-8")).expect_err("no places");
        assert!(error.to_string().contains("empty.csv"), "{error}");
    }
}
