//! Vector files in: any OGR layer → features in WGS 84 longitude and latitude.
//!
//! Coordinates leave here as x = longitude, y = latitude, whatever the axis order of the file's coordinate system:
//! the source keeps the data-axis mapping its driver set (so a GML in latitude–longitude order is honoured) and the target
//! is EPSG:4326 in traditional GIS order. Heights and measures are dropped, curves become short lines, empty parts vanish.

use super::error::{GisError, words};
use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform, SpatialRef};
use gdal::vector::LayerAccess;
use gdal::{Dataset, DatasetOptions, GdalOpenFlags};
use gdal_sys::{CPLErr, OGRGeometryH, OGRwkbGeometryType as Kind};
use geo::{
    Coord, Geometry, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon,
    Point, Polygon, Rect,
};

/// Points on each edge of a filter box when it is taken to another coordinate system (GDAL's advice).
const BOX_EDGE_POINTS: i32 = 21;

/// One feature of a vector layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Feature {
    /// Attributes that are set, in the layer's order: (name, value as text).
    pub attributes: Vec<(String, String)>,
    /// Longitude and latitude, WGS 84 degrees.
    pub geometry: Geometry<f64>,
}

impl Feature {
    /// The value of the attribute called `name`, letter case aside, unless it is blank.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(key, value)| key.eq_ignore_ascii_case(name) && !value.trim().is_empty())
            .map(|(_, value)| value.trim())
    }
}

/// Reads the features of every layer of `path`; with `bbox` only those whose bounding boxes touch it (longitude and latitude).
///
/// A box must not cross 180°: ask twice. Features without a geometry are left out. A layer without a coordinate system is
/// taken as WGS 84 longitude and latitude, with a warning in the log.
///
/// # Errors
///
/// [`GisError::OpenVector`] if GDAL cannot open the file as vectors, [`GisError::ReadVector`] if it breaks off, and
/// [`GisError::VectorCoordinateSystem`] if its coordinates cannot be taken to longitude and latitude.
pub fn read_features(path: &str, bbox: Option<Rect<f64>>) -> Result<Vec<Feature>, GisError> {
    let _quiet = Quiet::new();
    let options = DatasetOptions {
        open_flags: GdalOpenFlags::GDAL_OF_VECTOR | GdalOpenFlags::GDAL_OF_READONLY,
        ..DatasetOptions::default()
    };
    let dataset = Dataset::open_ex(path, options).map_err(|error| GisError::OpenVector {
        path: path.to_owned(),
        detail: words(&error),
    })?;
    let mut features = Vec::new();
    for mut layer in dataset.layers() {
        read_layer(path, &mut layer, bbox, &mut features)?;
    }
    Ok(features)
}

fn read_layer(
    path: &str,
    layer: &mut gdal::vector::Layer<'_>,
    bbox: Option<Rect<f64>>,
    out: &mut Vec<Feature>,
) -> Result<(), GisError> {
    let axes = Axes::of_layer(path, layer)?;
    if let Some([west, south, east, north]) = bbox.and_then(|bbox| axes.box_in_layer(bbox)) {
        layer.set_spatial_filter_rect(west, south, east, north);
    }
    let fields: Vec<String> = layer.defn().fields().map(|field| field.name()).collect();
    // SAFETY: resets this thread's error state only.
    unsafe { gdal_sys::CPLErrorReset() };
    for feature in layer.features() {
        let number = feature.fid();
        let Some(geometry) = feature.geometry() else {
            continue;
        };
        let Some(geometry) = axes.to_lonlat(path, number, geometry)? else {
            continue;
        };
        if bbox.is_some_and(|bbox| !touches(&geometry, bbox)) {
            continue;
        }
        let attributes = fields.iter().enumerate().filter_map(|(index, name)| {
            let value = feature.field_as_string(index).ok().flatten()?;
            Some((name.clone(), value))
        });
        out.push(Feature {
            attributes: attributes.collect(),
            geometry,
        });
    }
    broke_off().map_or(Ok(()), |detail| {
        Err(GisError::ReadVector {
            path: path.to_owned(),
            detail: format!("layer {}: {detail}", layer.name()),
        })
    })
}

/// The failure that ended the last iteration: GDAL ends it the same way at the end of the file and at a fault.
fn broke_off() -> Option<String> {
    // SAFETY: both read this thread's error state; the text is copied before the next GDAL call.
    unsafe {
        if gdal_sys::CPLGetLastErrorType() < CPLErr::CE_Failure {
            return None;
        }
        let text = std::ffi::CStr::from_ptr(gdal_sys::CPLGetLastErrorMsg());
        Some(text.to_string_lossy().into_owned())
    }
}

fn touches(geometry: &Geometry<f64>, bbox: Rect<f64>) -> bool {
    use geo::{BoundingRect, Intersects};
    geometry
        .bounding_rect()
        .is_some_and(|bounds| bounds.intersects(&bbox))
}

/// How a layer's coordinates become longitude and latitude; `None` inside if they already are.
struct Axes {
    transform: Option<(CoordTransform, CoordTransform)>,
}

impl Axes {
    fn of_layer(path: &str, layer: &gdal::vector::Layer<'_>) -> Result<Self, GisError> {
        let Some(source) = layer.spatial_ref() else {
            tracing::warn!(
                path,
                layer = layer.name(),
                "The layer names no coordinate system: WGS 84 longitude and latitude is assumed."
            );
            return Ok(Self { transform: None });
        };
        let failed = |error: gdal::errors::GdalError| GisError::VectorCoordinateSystem {
            path: path.to_owned(),
            detail: format!(
                "layer {} in {}: {}",
                layer.name(),
                source.name().unwrap_or_else(|| "no name".to_owned()),
                words(&error)
            ),
        };
        let mut target = SpatialRef::from_epsg(4326).map_err(failed)?;
        target.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
        if source == target {
            return Ok(Self { transform: None });
        }
        let there = CoordTransform::new(&source, &target).map_err(failed)?;
        let back = CoordTransform::new(&target, &source).map_err(failed)?;
        Ok(Self {
            transform: Some((there, back)),
        })
    }

    /// The filter box in the layer's coordinates; `None` if it has no box there (then every feature is read and tested).
    fn box_in_layer(&self, bbox: Rect<f64>) -> Option<[f64; 4]> {
        let bounds = [bbox.min().x, bbox.min().y, bbox.max().x, bbox.max().y];
        let bounds = match &self.transform {
            None => bounds,
            Some((_, back)) => back.transform_bounds(&bounds, BOX_EDGE_POINTS).ok()?,
        };
        let usable = bounds.iter().all(|value| value.is_finite())
            && bounds[0] <= bounds[2]
            && bounds[1] <= bounds[3];
        usable.then_some(bounds)
    }

    fn to_lonlat(
        &self,
        path: &str,
        number: Option<u64>,
        geometry: &gdal::vector::Geometry,
    ) -> Result<Option<Geometry<f64>>, GisError> {
        let moved;
        let geometry = match &self.transform {
            None => geometry,
            Some((there, _)) => {
                moved = geometry.transform(there).map_err(|error| {
                    GisError::VectorCoordinateSystem {
                        path: path.to_owned(),
                        detail: format!("feature {}: {}", number_text(number), words(&error)),
                    }
                })?;
                &moved
            }
        };
        // SAFETY: the handle is valid as long as `geometry` is borrowed, and `convert` keeps nothing of it.
        let converted = unsafe { convert_linear(geometry.c_geometry()) };
        Ok(converted)
    }
}

fn number_text(number: Option<u64>) -> String {
    number.map_or_else(|| "without number".to_owned(), |number| number.to_string())
}

/// Converts a geometry after its curves, if any, were turned into lines.
///
/// # Safety
///
/// `handle` must be a valid geometry.
unsafe fn convert_linear(handle: OGRGeometryH) -> Option<Geometry<f64>> {
    // SAFETY: the handle is valid by contract; the linear copy is ours and destroyed here.
    unsafe {
        if gdal_sys::OGR_G_HasCurveGeometry(handle, 1) == 0 {
            return convert(handle);
        }
        let linear = gdal_sys::OGR_G_GetLinearGeometry(handle, 0.0, std::ptr::null_mut());
        if linear.is_null() {
            return None;
        }
        let converted = convert(linear);
        gdal_sys::OGR_G_DestroyGeometry(linear);
        converted
    }
}

/// Converts a geometry without curves, heights and measures dropped; `None` if it is empty or of a kind without a planar form.
///
/// # Safety
///
/// `handle` must be a valid geometry.
unsafe fn convert(handle: OGRGeometryH) -> Option<Geometry<f64>> {
    // SAFETY: the handle is valid by contract, and its parts live as long as it does.
    unsafe {
        if gdal_sys::OGR_G_IsEmpty(handle) == 1 {
            return None;
        }
        let parts = || (0..gdal_sys::OGR_G_GetGeometryCount(handle)).map(|i| part_of(handle, i));
        match gdal_sys::OGR_GT_Flatten(gdal_sys::OGR_G_GetGeometryType(handle)) {
            Kind::wkbPoint => line(handle).first().map(|&at| Point(at).into()),
            Kind::wkbLineString => Some(LineString(line(handle)).into()),
            Kind::wkbPolygon | Kind::wkbTriangle => Some(polygon(handle)?.into()),
            Kind::wkbMultiPoint => {
                let points = parts().filter_map(|part| line(part).first().copied());
                Some(MultiPoint(points.map(Point).collect()).into())
            }
            Kind::wkbMultiLineString => {
                let lines = parts().map(|part| LineString(line(part)));
                Some(MultiLineString(lines.collect()).into())
            }
            Kind::wkbMultiPolygon | Kind::wkbPolyhedralSurface | Kind::wkbTIN => {
                let polygons = parts().filter_map(|part| polygon(part));
                Some(MultiPolygon(polygons.collect()).into())
            }
            Kind::wkbGeometryCollection => {
                let members = parts().filter_map(|part| convert(part));
                Some(Geometry::GeometryCollection(GeometryCollection(
                    members.collect(),
                )))
            }
            _ => None,
        }
    }
}

/// # Safety
///
/// `handle` must be a valid geometry with more than `index` parts.
unsafe fn part_of(handle: OGRGeometryH, index: i32) -> OGRGeometryH {
    // SAFETY: by contract.
    unsafe { gdal_sys::OGR_G_GetGeometryRef(handle, index) }
}

/// A polygon's rings; `None` without an exterior ring of three corners. Rings of fewer corners enclose nothing and are left out.
///
/// # Safety
///
/// `handle` must be a valid polygon or triangle.
unsafe fn polygon(handle: OGRGeometryH) -> Option<Polygon<f64>> {
    // SAFETY: the handle is valid by contract, and its rings live as long as it does.
    unsafe {
        let count = gdal_sys::OGR_G_GetGeometryCount(handle);
        let mut rings = (0..count).map(|i| LineString(line(part_of(handle, i))));
        let exterior = rings.next().filter(|ring| ring.0.len() >= 3)?;
        let holes = rings.filter(|ring| ring.0.len() >= 3).collect();
        Some(Polygon::new(exterior, holes))
    }
}

/// The finite points of a point, line or ring.
///
/// # Safety
///
/// `handle` must be a valid point, line or ring.
unsafe fn line(handle: OGRGeometryH) -> Vec<Coord<f64>> {
    // SAFETY: the handle is valid by contract; indices stay below the count just read.
    unsafe {
        let count = gdal_sys::OGR_G_GetPointCount(handle);
        (0..count)
            .map(|i| Coord {
                x: gdal_sys::OGR_G_GetX(handle, i),
                y: gdal_sys::OGR_G_GetY(handle, i),
            })
            .filter(|at| at.x.is_finite() && at.y.is_finite())
            .collect()
    }
}

/// Keeps GDAL's own messages off the error stream while in scope: they come back in our errors.
struct Quiet(std::marker::PhantomData<*mut ()>);

impl Quiet {
    fn new() -> Self {
        // SAFETY: pushes a handler of GDAL's own on this thread's stack; the guard stays on this thread and pops it.
        unsafe { gdal_sys::CPLPushErrorHandler(Some(gdal_sys::CPLQuietErrorHandler)) };
        Self(std::marker::PhantomData)
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        // SAFETY: pops what `new` pushed.
        unsafe { gdal_sys::CPLPopErrorHandler() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn written(folder: &Path, name: &str, text: &str) -> String {
        let path = folder.join(name);
        std::fs::write(&path, text).expect("a file in a fresh folder");
        path.to_str().expect("a path in UTF-8").to_owned()
    }

    fn point(feature: &Feature) -> (f64, f64) {
        match feature.geometry {
            Geometry::Point(point) => point.x_y(),
            ref other => unreachable!("expected a point, got {other:?}"),
        }
    }

    #[test]
    fn a_projected_file_is_filtered_and_read_in_longitude_and_latitude() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        // Web Mercator: x = a·λ; 111,319.490793 m is one degree of longitude, y of 45° is a·asinh(1).
        let text = r#"{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"EPSG:3857"}},"features":[
            {"type":"Feature","properties":{"id":"near","n":3},"geometry":{"type":"Point","coordinates":[1113194.90793,5621521.486192]}},
            {"type":"Feature","properties":{"id":"far"},"geometry":{"type":"Point","coordinates":[0.0,0.0]}}]}"#;
        let path = written(folder.path(), "mercator.geojson", text);
        let bbox = Rect::new((9.0, 44.0), (11.0, 46.0));
        let features = read_features(&path, Some(bbox)).expect("read");
        assert_eq!(features.len(), 1);
        let (lon, lat) = point(&features[0]);
        assert!(
            (lon - 10.0).abs() < 1e-9 && (lat - 45.0).abs() < 1e-9,
            "{lon} {lat}"
        );
        assert_eq!(features[0].attribute("ID"), Some("near"));
        assert_eq!(features[0].attribute("n"), Some("3"));
        assert_eq!(features[0].attribute("absent"), None);
    }

    #[test]
    fn a_file_in_latitude_longitude_order_comes_out_longitude_first() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let text = r#"<?xml version="1.0"?><ogr:FeatureCollection xmlns:ogr="http://ogr.maptools.org/" xmlns:gml="http://www.opengis.net/gml/3.2" gml:id="c">
            <ogr:featureMember><ogr:place gml:id="f1"><ogr:geometryProperty>
            <gml:Point srsName="urn:ogc:def:crs:EPSG::4326" gml:id="g1"><gml:pos>25.7443 123.475</gml:pos></gml:Point>
            </ogr:geometryProperty></ogr:place></ogr:featureMember></ogr:FeatureCollection>"#;
        let path = written(folder.path(), "place.gml", text);
        let features = read_features(&path, None).expect("read");
        assert_eq!(point(&features[0]), (123.475, 25.7443));
    }

    #[test]
    fn heights_are_dropped_curves_straightened_and_empty_parts_left_out() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let text = "WKT,id\n\
            \"POLYGON Z ((0 0 5,1 0 5,1 1 5,0 0 5))\",a\n\
            \"MULTIPOLYGON (EMPTY,((0 0,1 0,1 1,0 0)))\",b\n\
            \"CURVEPOLYGON (CIRCULARSTRING (1 0,0 1,-1 0,0 -1,1 0))\",c\n\
            \"POLYGON EMPTY\",d\n\
            \"GEOMETRYCOLLECTION (POINT (1 2),POLYGON ((0 0,1 0,1 1,0 0)))\",e\n";
        let path = written(folder.path(), "mixed.csv", text);
        let features = read_features(&path, None).expect("read");
        let ids: Vec<_> = features.iter().filter_map(|f| f.attribute("id")).collect();
        assert_eq!(ids, ["a", "b", "c", "e"]);
        assert!(matches!(&features[0].geometry, Geometry::Polygon(_)));
        assert!(matches!(&features[1].geometry, Geometry::MultiPolygon(m) if m.0.len() == 1));
        use geo::Area;
        let circle = features[2].geometry.unsigned_area();
        // Chords of 4°: the area falls short of π by about one part in a thousand.
        assert!((circle - std::f64::consts::PI).abs() < 4e-3, "{circle}");
        assert!(matches!(&features[3].geometry, Geometry::GeometryCollection(c) if c.0.len() == 2));
    }

    #[test]
    fn faults_name_the_file() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let absent = folder.path().join("absent.gpkg");
        let absent = absent.to_str().expect("a path in UTF-8");
        let error = read_features(absent, None).expect_err("nothing there");
        assert!(
            matches!(&error, GisError::OpenVector { path, .. } if path == absent),
            "{error}"
        );
        let garbage = written(folder.path(), "garbage.geojson", "{\"type\":\"FeatureColl");
        let error = read_features(&garbage, None).expect_err("not a vector file");
        assert!(error.to_string().starts_with(&garbage), "{error}");
    }

    fn shared_land() -> String {
        let shared = std::env::var("TIDEWATCH_SHARED")
            .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data").to_owned());
        format!("{shared}/land/osm-east-asia-land.fgb")
    }

    #[test]
    #[ignore = "needs the shared real data"]
    fn a_file_cut_short_is_an_error_and_not_a_smaller_file() {
        use std::io::Read;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("short.fgb");
        let file = std::fs::File::open(shared_land()).expect("the shared file");
        let mut head = Vec::new();
        file.take(20_000_000).read_to_end(&mut head).expect("read");
        std::fs::write(&path, head).expect("a file in a fresh folder");
        let path = path.to_str().expect("a path in UTF-8");
        let error = read_features(path, None).expect_err("cut short");
        assert!(
            matches!(&error, GisError::ReadVector { path: named, .. } if named == path),
            "{error}"
        );
    }

    #[test]
    #[ignore = "needs the shared real data"]
    fn a_box_of_a_large_file_gives_what_lies_in_it_and_leaves_the_rest() {
        let features = read_features(
            &shared_land(),
            Some(Rect::new((129.0, 33.0), (132.0, 36.0))),
        )
        .expect("read");
        assert!(features.len() > 100, "{}", features.len());
        // The file holds 109,278 polygons.
        assert!(features.len() < 20_000, "{}", features.len());
    }
}
