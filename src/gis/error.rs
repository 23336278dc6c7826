//! Why a file could not be read or written.

/// Why GDAL, or the file system below it, refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GisError {
    /// The file is not there or cannot be read.
    #[error("{path}: cannot read the file")]
    Read {
        /// The path as given.
        path: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A path below one of GDAL's virtual file systems cannot be read.
    #[error("{path}: cannot read the file: {reason}")]
    Virtual {
        /// The path as given.
        path: String,
        /// GDAL's reason.
        reason: String,
    },
    /// The file holds nothing.
    #[error("{path}: the file is empty (0 bytes)")]
    Empty {
        /// The path as given.
        path: String,
    },
    /// GDAL cannot open it as a raster.
    #[error("{path}: cannot open as a raster")]
    Open {
        /// The path as given.
        path: String,
        /// GDAL's reason.
        source: gdal::errors::GdalError,
    },
    /// The raster opened, but its pixels cannot be read: cut off or damaged.
    #[error(
        "{path}: cannot read rows {first_row} to {last_row} of band {band}: the file is cut off or damaged"
    )]
    Pixels {
        /// The path as given.
        path: String,
        /// Band from 1.
        band: usize,
        /// First row asked for.
        first_row: u32,
        /// Last row asked for.
        last_row: u32,
        /// GDAL's reason.
        source: gdal::errors::GdalError,
    },
    /// The georeference is not an invertible map of finite numbers.
    #[error(
        "{path}: the geotransform {value:?} is {fault}; expected six finite numbers of an invertible map"
    )]
    GeoTransform {
        /// The path as given.
        path: String,
        /// The six numbers.
        value: [f64; 6],
        /// `NaN`, `infinite` or `singular`.
        fault: &'static str,
    },
    /// The sample type is not one that this program reads.
    #[error(
        "{path}: band {band} has samples of type {found}; expected 8, 16 or 32-bit integers, floats or complex numbers"
    )]
    SampleType {
        /// The path as given.
        path: String,
        /// Band from 1.
        band: usize,
        /// GDAL's name of the type.
        found: String,
    },
    /// The coordinate system cannot be related to longitude and latitude.
    #[error("{path}: no way from the coordinate system to longitude and latitude")]
    CoordinateSystem {
        /// The path as given.
        path: String,
        /// GDAL's reason.
        source: gdal::errors::GdalError,
    },
    /// A file cannot be written.
    #[error("{path}: cannot write the raster")]
    Write {
        /// The path as given.
        path: String,
        /// GDAL's reason.
        source: gdal::errors::GdalError,
    },
    /// A file that is to be replaced cannot be removed.
    #[error("{path}: cannot replace the file")]
    Replace {
        /// The path as given.
        path: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// Not there, or in no vector format that GDAL knows.
    #[error("{path}: cannot be opened as vectors: {detail}")]
    OpenVector {
        /// The path as given.
        path: String,
        /// What GDAL said.
        detail: String,
    },
    /// Opened, but its features cannot be read to the end.
    #[error("{path}: features cannot be read: {detail}")]
    ReadVector {
        /// The path as given.
        path: String,
        /// What was being read, and what GDAL said.
        detail: String,
    },
    /// A layer's coordinate system cannot be taken to longitude and latitude.
    #[error("{path}: no way from its coordinate system to WGS 84 longitude and latitude: {detail}")]
    VectorCoordinateSystem {
        /// The path as given.
        path: String,
        /// The coordinate system or feature, and what GDAL said.
        detail: String,
    },
    /// GDAL refused work in memory.
    #[error("GDAL refused {task}: {detail}")]
    Memory {
        /// What was asked of it.
        task: &'static str,
        /// What GDAL said.
        detail: String,
    },
}

/// GDAL's own words, without the wrapper's frame.
pub(super) fn words(error: &gdal::errors::GdalError) -> String {
    use gdal::errors::GdalError as E;
    match error {
        E::CplError { msg, .. } | E::NullPointer { msg, .. } if !msg.is_empty() => msg.clone(),
        E::BadArgument(msg) => msg.clone(),
        E::InvalidCoordinateRange { msg: Some(msg), .. } => msg.clone(),
        other => other.to_string(),
    }
}
