//! A satellite image as a unit of retry, provenance and coverage.

use super::units::LonLat;
use geo::MultiPolygon;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// First Sentinel-1 processor whose products have clean borders.
const CLEAN_BORDER_IPF: f64 = 2.90;

/// What one product is and which ground it covers. The open raster stays inside the `scene` room.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scene {
    /// Product name without folder or extension.
    pub id: String,
    /// Where it was read from: a path as GDAL takes it.
    pub path: String,
    /// Kind of sensor.
    pub sensor: Sensor,
    /// Spacecraft, for example `Sentinel-1A`; empty if not known.
    pub platform: String,
    /// Acquisition mode, for example `IW`; empty if not known.
    pub mode: String,
    /// Product type, for example `GRDH`; empty if not known.
    pub product_type: String,
    /// Polarisations in file order; empty for rasters without one.
    pub polarisations: Vec<Polarisation>,
    /// First line's time (UTC).
    pub start: Option<Timestamp>,
    /// Last line's time (UTC).
    pub stop: Option<Timestamp>,
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Ground distance between columns (range direction for a radar), metres.
    pub column_spacing_m: Option<f64>,
    /// Ground distance between rows (azimuth direction for a radar), metres.
    pub row_spacing_m: Option<f64>,
    /// Equivalent number of looks of the speckle.
    pub looks: f64,
    /// Ground covered, lon/lat degrees, exterior ring anticlockwise; split at 180°.
    pub footprint: Option<MultiPolygon<f64>>,
    /// Incidence angle at near and far range, degrees.
    pub incidence_deg: Option<(f64, f64)>,
    /// Flight direction.
    pub pass: Option<Pass>,
    /// Absolute orbit number.
    pub absolute_orbit: Option<u32>,
    /// Relative orbit number (track).
    pub relative_orbit: Option<u32>,
    /// Processor and version, for example `Sentinel-1 IPF 003.52`; empty if not known.
    pub processor: String,
    /// True if the product says that it was simulated.
    pub simulated: bool,
    /// Quality remarks an operator should see, for example RFI reports.
    pub notes: Vec<String>,
}

impl Scene {
    /// A scene of which no more is known than its name, its sensor, its size in columns and rows, and its looks.
    pub fn unreferenced(
        id: String,
        sensor: Sensor,
        (width, height): (u32, u32),
        looks: f64,
    ) -> Self {
        Self {
            id,
            path: String::new(),
            sensor,
            platform: String::new(),
            mode: String::new(),
            product_type: String::new(),
            polarisations: Vec::new(),
            start: None,
            stop: None,
            width,
            height,
            column_spacing_m: None,
            row_spacing_m: None,
            looks,
            footprint: None,
            incidence_deg: None,
            pass: None,
            absolute_orbit: None,
            relative_orbit: None,
            processor: String::new(),
            simulated: false,
            notes: Vec::new(),
        }
    }

    /// True if it was made by a Sentinel-1 processor before IPF 2.90: the borders of the image may hold noise instead of no data
    /// (ESA 2018, MPC-0243).
    pub fn has_border_noise(&self) -> bool {
        let version = self.processor.rsplit_once("IPF ");
        version
            .and_then(|(_, version)| version.trim().parse::<f64>().ok())
            .is_some_and(|version| version < CLEAN_BORDER_IPF)
    }

    /// Pixels in one band.
    pub fn pixels(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// Middle of the acquisition (UTC), or the one time that is known.
    pub fn middle(&self) -> Option<Timestamp> {
        match (self.start, self.stop) {
            (Some(start), Some(stop)) => Some(start + (stop - start) / 2),
            (start, stop) => start.or(stop),
        }
    }
}

/// What a search looked at: kept even when nothing was found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct SearchSummary {
    /// Pixels searched.
    pub searched_px: u64,
    /// Sea searched, square kilometres, if the pixel spacing is known.
    pub searched_km2: Option<f64>,
    /// Pixels under the land mask.
    pub land_px: u64,
    /// Pixels without data.
    pub no_data_px: u64,
    /// Detections found.
    pub detections: u64,
}

/// How a scene was searched, and what that left beside the store.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SearchRun {
    /// Name of the pipeline.
    pub pipeline: String,
    /// Version of the program.
    pub version: String,
    /// When the run began (UTC).
    pub time: Timestamp,
    /// False-alarm probability asked for, a pixel.
    pub pfa: f64,
    /// Outer window of the clutter's ring, pixels across.
    pub ring_px: u32,
    /// Guard window, pixels across.
    pub guard_px: u32,
    /// Viewing geometry at the middle of the scene, for radars with an orbit.
    pub middle: Option<SarGeometry>,
    /// The picture that was drawn of it: a path from the store's folder, with `/` between names.
    pub quicklook: Option<String>,
}

/// A scene with what was searched of it: the record of coverage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SceneRecord {
    /// The scene.
    pub scene: Scene,
    /// What was searched.
    pub search: SearchSummary,
    /// How it was searched.
    pub run: SearchRun,
    /// Digest of the inputs and settings that gave the result: equal digests need no second run.
    pub digest: String,
}

/// Kind of sensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sensor {
    /// Sentinel-1 C-band SAR.
    Sentinel1,
    /// A radar image without a product around it.
    Sar,
    /// A raster of unknown origin.
    Raster,
}

/// Flight direction over ground.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pass {
    /// South to north.
    Ascending,
    /// North to south.
    Descending,
}

/// Transmit and receive polarisation of a radar band.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Polarisation {
    /// Horizontal, horizontal.
    Hh,
    /// Horizontal, vertical.
    Hv,
    /// Vertical, horizontal.
    Vh,
    /// Vertical, vertical.
    Vv,
}

impl Polarisation {
    /// Reads `VV`, `vv`, …
    pub fn parse(text: &str) -> Option<Self> {
        match text.to_ascii_uppercase().as_str() {
            "HH" => Some(Self::Hh),
            "HV" => Some(Self::Hv),
            "VH" => Some(Self::Vh),
            "VV" => Some(Self::Vv),
            _ => None,
        }
    }
}

impl fmt::Display for Polarisation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hh => "HH",
            Self::Hv => "HV",
            Self::Vh => "VH",
            Self::Vv => "VV",
        })
    }
}

/// Radar viewing geometry at one pixel: what the azimuth shift of a mover depends on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SarGeometry {
    /// Slant range, metres.
    pub slant_range_m: f64,
    /// Platform speed in the Earth-fixed frame, metres per second.
    pub platform_speed_mps: f64,
    /// Incidence angle at the ellipsoid, degrees from the vertical.
    pub incidence_deg: f64,
    /// Direction of the ground track, degrees true.
    pub track_heading_deg: f64,
    /// Look direction: true if the radar looks to the right of the track.
    pub looks_right: bool,
}

/// Where the azimuth ambiguities of a target appear beside it: that of order k, of ±1, ±2, …, lies k · `rows` and k² · `cols`
/// away, give or take |k| · `cols_spread`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AmbiguityOffset {
    /// Rows.
    pub rows: f64,
    /// Columns, mean over a burst.
    pub cols: f64,
    /// Columns to either side that the Doppler shift of a scanned beam moves it by, at most.
    pub cols_spread: f64,
}

/// Where and when a pixel is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PixelGeometry {
    /// Place on the ellipsoid at sea level.
    pub position: LonLat,
    /// The pixel's own acquisition time: zero-Doppler time for a radar (UTC).
    pub time: Option<Timestamp>,
    /// Viewing geometry, for radars with an orbit.
    pub sar: Option<SarGeometry>,
}
