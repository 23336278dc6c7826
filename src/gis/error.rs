//! Why a file could not be read or written.

/// What went wrong between us and a file, by the operator's next step.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum GisError {
    /// Not there, or in no format that GDAL knows.
    #[error("{path}: cannot be opened: {detail}")]
    Open {
        /// The path as given.
        path: String,
        /// What GDAL said.
        detail: String,
    },
    /// Opened, but its content cannot be read to the end.
    #[error("{path}: cannot be read: {detail}")]
    Read {
        /// The path as given.
        path: String,
        /// What was being read, and what GDAL said.
        detail: String,
    },
    /// Its coordinate system cannot be taken to longitude and latitude.
    #[error("{path}: no way from its coordinate system to WGS 84 longitude and latitude: {detail}")]
    CoordinateSystem {
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
