//! Points with attributes out, one at a time, in any vector format that GDAL writes.

use super::{GisError, set_up, srs};
use crate::model::units::LonLat;
use gdal::DriverManager;
use gdal::errors::GdalError;
use gdal::vector::{
    Feature, FieldDefn, Geometry, LayerAccess, LayerOptions, OGRFieldType, OGRwkbGeometryType,
};
use std::path::Path;

/// Kind of an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// Text.
    Text,
    /// Whole number.
    Integer,
    /// Number with a fraction.
    Real,
    /// Instant (RFC 3339, UTC).
    DateTime,
    /// True or false, as `1` or `0`.
    Flag,
}

/// Vector formats written here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VectorFormat {
    /// GeoPackage.
    GeoPackage,
    /// GeoJSON (RFC 7946); instants are text.
    GeoJson,
    /// FlatGeobuf.
    FlatGeobuf,
}

impl VectorFormat {
    pub(super) fn driver(self) -> &'static str {
        match self {
            Self::GeoPackage => "GPKG",
            Self::GeoJson => "GeoJSON",
            Self::FlatGeobuf => "FlatGeobuf",
        }
    }

    fn layer_options(self) -> &'static [&'static str] {
        match self {
            Self::GeoJson => &["RFC7946=YES", "COORDINATE_PRECISION=6"],
            Self::GeoPackage | Self::FlatGeobuf => &[],
        }
    }

    pub(super) fn field_type(self, kind: FieldKind) -> OGRFieldType::Type {
        match kind {
            FieldKind::DateTime if self == Self::GeoJson => OGRFieldType::OFTString,
            FieldKind::Text => OGRFieldType::OFTString,
            FieldKind::Integer => OGRFieldType::OFTInteger64,
            FieldKind::Real => OGRFieldType::OFTReal,
            FieldKind::DateTime => OGRFieldType::OFTDateTime,
            FieldKind::Flag => OGRFieldType::OFTInteger,
        }
    }
}

/// Takes one point and the text of its attributes in the order of the fields; empty text is no value.
pub type PutPoint<'a> = dyn FnMut(LonLat, &[String]) -> Result<(), GisError> + 'a;

/// What a layer of points is to be.
#[derive(Debug, Clone, Copy)]
pub struct PointLayer<'a> {
    /// Its file; one that is there is replaced.
    pub path: &'a Path,
    /// Format.
    pub format: VectorFormat,
    /// Its name.
    pub name: &'a str,
    /// Names and kinds of the attributes.
    pub fields: &'a [(&'a str, FieldKind)],
}

/// Writes the points that `fill` puts, in WGS 84 longitude and latitude.
///
/// # Errors
///
/// If the file cannot be written, or with what `fill` gives.
pub fn write_points<E: From<GisError>>(
    wanted: &PointLayer<'_>,
    fill: impl FnOnce(&mut PutPoint<'_>) -> Result<(), E>,
) -> Result<(), E> {
    set_up();
    let failed = |source: GdalError| GisError::Write {
        path: wanted.path.display().to_string(),
        source,
    };
    if let Err(source) = std::fs::remove_file(wanted.path)
        && source.kind() != std::io::ErrorKind::NotFound
    {
        let path = wanted.path.display().to_string();
        return Err(GisError::Replace { path, source }.into());
    }
    let mut dataset = DriverManager::get_driver_by_name(wanted.format.driver())
        .and_then(|driver| driver.create_vector_only(wanted.path))
        .map_err(failed)?;
    let wgs84 = srs::wgs84().map_err(failed)?;
    let options = LayerOptions {
        name: wanted.name,
        srs: Some(&wgs84),
        ty: OGRwkbGeometryType::wkbPoint,
        options: Some(wanted.format.layer_options()),
    };
    if wanted.format == VectorFormat::GeoPackage {
        // Without a transaction every point is one.
        let mut transaction = dataset.start_transaction().map_err(failed)?;
        {
            let layer = transaction.create_layer(options).map_err(failed)?;
            put_all(&layer, wanted, fill)?;
        }
        transaction.commit().map_err(failed)?;
    } else {
        let layer = dataset.create_layer(options).map_err(failed)?;
        put_all(&layer, wanted, fill)?;
    }
    dataset.flush_cache().map_err(failed)?;
    dataset.close().map_err(failed)?;
    Ok(())
}

fn put_all<E: From<GisError>>(
    layer: &gdal::vector::Layer<'_>,
    wanted: &PointLayer<'_>,
    fill: impl FnOnce(&mut PutPoint<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let failed = |source: GdalError| GisError::Write {
        path: wanted.path.display().to_string(),
        source,
    };
    for (name, kind) in wanted.fields {
        FieldDefn::new(name, wanted.format.field_type(*kind))
            .and_then(|field| field.add_to_layer(layer))
            .map_err(failed)?;
    }
    let mut put = |place: LonLat, values: &[String]| -> Result<(), GisError> {
        let write = || {
            let mut feature = Feature::new(layer.defn())?;
            let mut point = Geometry::empty(OGRwkbGeometryType::wkbPoint)?;
            point.set_point_2d(0, (place.lon_deg, place.lat_deg));
            feature.set_geometry(point)?;
            for (at, value) in values.iter().enumerate() {
                if !value.is_empty() {
                    feature.set_field_string(at, value)?;
                }
            }
            feature.create(layer)
        };
        write().map_err(failed)
    };
    fill(&mut put)
}
