//! Features with attributes → the bytes of a vector file, written in GDAL's memory: nothing touches a disk.

use super::write_points::{FieldKind, VectorFormat};
use super::{GisError, set_up, srs};
use gdal::errors::GdalError;
use gdal::vector::{Feature, FieldDefn, LayerAccess, LayerOptions, OGRwkbGeometryType, ToGdal};
use gdal::{DriverManager, config, vsi};
use jiff::Timestamp;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Kind of the shapes of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShapeKind {
    /// Points.
    Point,
    /// Lines of many parts.
    MultiLineString,
    /// Polygons of many parts.
    MultiPolygon,
}

/// What a file is to be.
#[derive(Debug, Clone, Copy)]
pub struct VectorTable<'a> {
    /// Name of its layer.
    pub name: &'a str,
    /// Format.
    pub format: VectorFormat,
    /// Kind of its shapes.
    pub shape: ShapeKind,
    /// Names and kinds of the attributes.
    pub fields: &'a [(&'a str, FieldKind)],
    /// When its content changed last (UTC), for formats that say so.
    pub changed: Timestamp,
}

/// Takes one shape in longitude and latitude, if there is one, and the text of its attributes in the order of the fields;
/// empty text is no value.
pub type PutShape<'a> =
    dyn FnMut(Option<&geo::Geometry<f64>>, &[String]) -> Result<(), GisError> + 'a;

/// Writes what `fill` puts, in WGS 84; gives the file's bytes.
///
/// # Errors
///
/// If GDAL refuses, or with what `fill` gives.
pub fn vector_file(
    wanted: &VectorTable<'_>,
    fill: impl FnOnce(&mut PutShape<'_>) -> Result<(), GisError>,
) -> Result<Vec<u8>, GisError> {
    set_up();
    let file = MemoryFile::new(wanted.format);
    // The date stands in the file: the clock's would make equal content differ.
    let dated = config::set_thread_local_config_option(
        "OGR_CURRENT_DATE",
        &format!("{:.3}", wanted.changed),
    );
    let written = dated
        .map_err(|source| file.failed(source))
        .and_then(|()| write(&file, wanted, fill));
    let cleared = config::clear_thread_local_config_option("OGR_CURRENT_DATE");
    written?;
    cleared.map_err(|source| file.failed(source))?;
    vsi::get_vsi_mem_file_bytes_owned(&file.0).map_err(|source| file.failed(source))
}

fn write(
    file: &MemoryFile,
    wanted: &VectorTable<'_>,
    fill: impl FnOnce(&mut PutShape<'_>) -> Result<(), GisError>,
) -> Result<(), GisError> {
    let failed = |source| file.failed(source);
    let mut dataset = DriverManager::get_driver_by_name(wanted.format.driver())
        .and_then(|driver| driver.create_vector_only(&file.0))
        .map_err(failed)?;
    let wgs84 = srs::wgs84().map_err(failed)?;
    let options = LayerOptions {
        name: wanted.name,
        srs: Some(&wgs84),
        ty: wanted.shape.kind(),
        // Both formats index places unless told not to.
        options: None,
    };
    if wanted.format == VectorFormat::GeoPackage {
        // Without a transaction every feature is one.
        let mut transaction = dataset.start_transaction().map_err(failed)?;
        {
            let layer = transaction.create_layer(options).map_err(failed)?;
            put_all(&layer, file, wanted, fill)?;
        }
        transaction.commit().map_err(failed)?;
    } else {
        let layer = dataset.create_layer(options).map_err(failed)?;
        put_all(&layer, file, wanted, fill)?;
    }
    dataset.flush_cache().map_err(failed)?;
    dataset.close().map_err(failed)
}

fn put_all(
    layer: &gdal::vector::Layer<'_>,
    file: &MemoryFile,
    wanted: &VectorTable<'_>,
    fill: impl FnOnce(&mut PutShape<'_>) -> Result<(), GisError>,
) -> Result<(), GisError> {
    for (name, kind) in wanted.fields {
        FieldDefn::new(name, wanted.format.field_type(*kind))
            .and_then(|field| field.add_to_layer(layer))
            .map_err(|source| file.failed(source))?;
    }
    let mut put = |shape: Option<&geo::Geometry<f64>>, values: &[String]| {
        let write = || -> Result<(), GdalError> {
            let mut feature = Feature::new(layer.defn())?;
            if let Some(shape) = shape {
                feature.set_geometry(shape.to_gdal()?)?;
            }
            for (at, value) in values.iter().enumerate() {
                if !value.is_empty() {
                    feature.set_field_string(at, value)?;
                }
            }
            feature.create(layer)
        };
        write().map_err(|source| file.failed(source))
    };
    fill(&mut put)
}

impl ShapeKind {
    fn kind(self) -> OGRwkbGeometryType::Type {
        match self {
            Self::Point => OGRwkbGeometryType::wkbPoint,
            Self::MultiLineString => OGRwkbGeometryType::wkbMultiLineString,
            Self::MultiPolygon => OGRwkbGeometryType::wkbMultiPolygon,
        }
    }
}

/// A name in GDAL's memory that no other file has; freed when dropped.
struct MemoryFile(PathBuf);

impl MemoryFile {
    fn new(format: VectorFormat) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let extension = match format {
            VectorFormat::GeoPackage => "gpkg",
            VectorFormat::GeoJson => "geojson",
            VectorFormat::FlatGeobuf => "fgb",
        };
        Self(Path::new("/vsimem").join(format!("tidewatch-{number}.{extension}")))
    }

    fn failed(&self, source: GdalError) -> GisError {
        GisError::Write {
            path: self.0.display().to_string(),
            source,
        }
    }
}

impl Drop for MemoryFile {
    fn drop(&mut self) {
        // It is gone already once its bytes were taken.
        let _ = vsi::unlink_mem_file(&self.0);
    }
}
