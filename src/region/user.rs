//! A user's watch regions: any vector file → [`WatchRegion`]s.
//!
//! Polygons become areas, points become features with zones. Attributes are taken by name, letter case aside, and all may be
//! absent: `id`, `name`, `names` (`tag name|tag name`), `name:TAG` (as OpenStreetMap writes them), `group`, `parties` (`;` between),
//! `grade` (A, B, C), `source`, and for points `radius_m` and `zones_nm` (`;` between).

use super::built_in::{DEFAULT_ZONES_NM, in_code_order, rising_zones};
use super::date_line::split;
use super::error::RegionError;
use super::land::take_polygons;
use super::names::{is_language_tag, parse_names};
use crate::gis::vector::{Feature, read_features};
use crate::model::id::content_id;
use crate::model::region::{Grade, RegionShape, WatchRegion};
use crate::model::units::LonLat;
use geo::{CoordsIter, Geometry, MultiPolygon};

/// Reads watch regions from a vector file.
///
/// Points without `zones_nm` get [`DEFAULT_ZONES_NM`], without `radius_m` 0. A feature without `id` gets one from its name and
/// geometry, stable as long as those are; a second feature with the same id gets a number behind it. Lines are left out.
///
/// # Errors
///
/// [`RegionError::Gis`] if the file cannot be read, [`RegionError::Nothing`] if it holds neither point nor polygon,
/// [`RegionError::Attribute`] for a value that cannot be understood.
pub fn from_vector(path: &str) -> Result<Vec<WatchRegion>, RegionError> {
    let features = read_features(path, None)?;
    let mut regions: Vec<WatchRegion> = Vec::new();
    for (place, feature) in features.iter().enumerate() {
        let reader = Attributes {
            path,
            number: place + 1,
            feature,
        };
        for shape in shapes(&reader)? {
            let mut region = reader.region(shape)?;
            region.id = free_id(region.id, &regions);
            regions.push(region);
        }
    }
    if regions.is_empty() {
        return Err(RegionError::Nothing {
            path: path.to_owned(),
            found: features.len(),
            expected: "point or polygon",
        });
    }
    Ok(regions)
}

/// One feature a point, one area for all polygons of a geometry.
fn shapes(reader: &Attributes<'_>) -> Result<Vec<RegionShape>, RegionError> {
    let mut points = Vec::new();
    take_points(&reader.feature.geometry, &mut points);
    let mut polygons = Vec::new();
    take_polygons(reader.feature.geometry.clone(), &mut polygons);
    let mut shapes = Vec::new();
    for centre in points {
        shapes.push(RegionShape::Feature {
            centre,
            radius_m: reader.radius_m()?,
            zones_nm: reader.zones_nm()?,
        });
    }
    let area: MultiPolygon<f64> = polygons.iter().flat_map(split).collect();
    if !area.0.is_empty() {
        shapes.push(RegionShape::Area(area));
    }
    Ok(shapes)
}

fn take_points(geometry: &Geometry<f64>, out: &mut Vec<LonLat>) {
    match geometry {
        Geometry::Point(point) => out.push(LonLat::new(point.x(), point.y())),
        Geometry::MultiPoint(points) => {
            out.extend(points.iter().map(|point| LonLat::new(point.x(), point.y())));
        }
        Geometry::GeometryCollection(members) => {
            for member in members {
                take_points(member, out);
            }
        }
        _ => {}
    }
}

/// `id`, or the first of `id-2`, `id-3`, … that is not taken.
fn free_id(id: String, taken: &[WatchRegion]) -> String {
    let is_free = |id: &str| taken.iter().all(|region| region.id != id);
    if is_free(&id) {
        return id;
    }
    let numbered = (2..).map(|number| format!("{id}-{number}"));
    numbered.into_iter().find(|id| is_free(id)).unwrap_or(id)
}

struct Attributes<'a> {
    path: &'a str,
    /// From 1.
    number: usize,
    feature: &'a Feature,
}

impl Attributes<'_> {
    fn region(&self, shape: RegionShape) -> Result<WatchRegion, RegionError> {
        let text = |name: &str| self.feature.attribute(name).unwrap_or_default().to_owned();
        let id = self
            .feature
            .attribute("id")
            .map_or_else(|| self.generated_id(), ToOwned::to_owned);
        let name = self.feature.attribute("name").unwrap_or(&id).to_owned();
        Ok(WatchRegion {
            name,
            id,
            names: self.names()?,
            group: text("group"),
            parties: in_code_order(&text("parties")),
            grade: self.grade()?,
            source: text("source"),
            shape,
        })
    }

    fn generated_id(&self) -> String {
        let name = self.feature.attribute("name").unwrap_or_default();
        let corners = self.feature.geometry.coords_iter();
        let corners: Vec<String> = corners
            .map(|at| format!("{:.7} {:.7}", at.x, at.y))
            .collect();
        content_id("region", &[name, &corners.join(",")])
    }

    fn names(&self) -> Result<Vec<(String, String)>, RegionError> {
        let listed = self.feature.attribute("names").unwrap_or_default();
        let mut names = parse_names(listed)
            .map_err(|_part| self.fault("names", listed, "\"tag name|tag name\""))?;
        for (key, value) in &self.feature.attributes {
            let tag = key.strip_prefix("name:").filter(|tag| is_language_tag(tag));
            if let (Some(tag), false) = (tag, value.trim().is_empty()) {
                names.push((tag.to_owned(), value.trim().to_owned()));
            }
        }
        names.dedup();
        Ok(names)
    }

    fn grade(&self) -> Result<Option<Grade>, RegionError> {
        match self.feature.attribute("grade") {
            None => Ok(None),
            Some("A" | "a") => Ok(Some(Grade::A)),
            Some("B" | "b") => Ok(Some(Grade::B)),
            Some("C" | "c") => Ok(Some(Grade::C)),
            Some(other) => Err(self.fault("grade", other, "A, B or C")),
        }
    }

    fn radius_m(&self) -> Result<f64, RegionError> {
        const EXPECTED: &str = "metres, a number from 0";
        self.feature.attribute("radius_m").map_or(Ok(0.0), |text| {
            let radius_m: Option<f64> = text.parse().ok();
            radius_m
                .filter(|radius_m| radius_m.is_finite() && *radius_m >= 0.0)
                .ok_or_else(|| self.fault("radius_m", text, EXPECTED))
        })
    }

    fn zones_nm(&self) -> Result<Vec<f64>, RegionError> {
        const EXPECTED: &str = "nautical miles above 0 and up to 3,000, joined by ;";
        let Some(text) = self.feature.attribute("zones_nm") else {
            return Ok(DEFAULT_ZONES_NM.to_vec());
        };
        let zones: Option<Vec<f64>> = text
            .split([';', ','])
            .map(|zone| zone.trim().parse().ok())
            .collect();
        zones
            .and_then(|zones| rising_zones(&zones).ok())
            .ok_or_else(|| self.fault("zones_nm", text, EXPECTED))
    }

    fn fault(&self, attribute: &'static str, value: &str, expected: &'static str) -> RegionError {
        RegionError::Attribute {
            path: self.path.to_owned(),
            feature: self.number,
            attribute,
            value: value.to_owned(),
            expected,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(rows: &str) -> Result<Vec<WatchRegion>, RegionError> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("regions.csv");
        let text = format!("WKT,id,name,names,name:ko,parties,grade,radius_m,zones_nm\n{rows}");
        std::fs::write(&path, text).expect("a file in a fresh folder");
        from_vector(path.to_str().expect("a path in UTF-8"))
    }

    #[test]
    fn a_point_becomes_a_feature_with_its_own_zones_and_names() {
        let regions = read(
            "\"POINT (131.8667 37.2417)\",x,Rocks,ja 竹島|ko-Latn Dokdo,독도,KR;JP,A,500,24;3\n",
        )
        .expect("read");
        let region = &regions[0];
        assert_eq!((region.id.as_str(), region.name.as_str()), ("x", "Rocks"));
        let names = [("ja", "竹島"), ("ko-Latn", "Dokdo"), ("ko", "독도")];
        assert_eq!(
            region.names,
            names.map(|(tag, name)| (tag.to_owned(), name.to_owned()))
        );
        assert_eq!(region.parties, ["JP", "KR"]);
        assert_eq!(region.grade, Some(Grade::A));
        let shape = RegionShape::Feature {
            centre: LonLat::new(131.8667, 37.2417),
            radius_m: 500.0,
            zones_nm: vec![3.0, 24.0],
        };
        assert_eq!(region.shape, shape);
    }

    #[test]
    fn a_polygon_becomes_an_area_with_a_stable_id_and_repeats_are_numbered() {
        let rows =
            "\"POLYGON ((0 0,1 0,1 1,0 0))\",,,,,,,,\n\"MULTIPOINT ((5 5),(6 6))\",p,,,,,,,\n";
        let (first, again) = (read(rows).expect("read"), read(rows).expect("read"));
        assert_eq!(first, again);
        assert!(first[0].id.starts_with("region-") && first[0].name == first[0].id);
        assert!(matches!(&first[0].shape, RegionShape::Area(area) if area.0.len() == 1));
        let ids: Vec<&str> = first[1..].iter().map(|region| region.id.as_str()).collect();
        assert_eq!(ids, ["p", "p-2"]);
    }

    #[test]
    fn faults_name_the_feature_the_attribute_and_what_was_expected() {
        let point = "\"POINT (1 1)\",a,,,,,,,\n";
        for (row, attribute) in [
            ("\"POINT (1 1)\",b,,Dokdo,,,,,\n", "names"),
            ("\"POINT (1 1)\",b,,,,,D,,\n", "grade"),
            ("\"POINT (1 1)\",b,,,,,,-5,\n", "radius_m"),
            ("\"POINT (1 1)\",b,,,,,,,12;x\n", "zones_nm"),
        ] {
            let text = read(&format!("{point}{row}"))
                .expect_err(attribute)
                .to_string();
            assert!(
                text.contains("regions.csv: feature 2") && text.contains(attribute),
                "{text}"
            );
        }
        let text = read("\"LINESTRING (1 1,2 2)\",b,,,,,,,\n")
            .expect_err("no region")
            .to_string();
        assert!(text.contains("point or polygon"), "{text}");
    }
}
