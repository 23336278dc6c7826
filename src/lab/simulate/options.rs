//! What to simulate.

use super::sea::SeaState;
use crate::lab::LabError;
use crate::model::scene::Pass;
use crate::model::units::LonLat;
use geo::MultiPolygon;
use jiff::Timestamp;
use std::path::PathBuf;

/// One simulated scene with its fleet.
#[derive(Debug, Clone)]
pub struct SimulateOptions {
    /// Folder that receives the product, `ais.nmea`, `truth.json` and `fixed.geojson`; made if missing.
    pub out_dir: PathBuf,
    /// Everything random follows from it.
    pub seed: u64,
    /// Geometry of the product.
    pub source: Source,
    /// The sea.
    pub sea: SeaState,
    /// The ships.
    pub fleet: FleetOptions,
    /// Land, lon/lat degrees; drawn brighter than the sea and kept free of ships.
    pub land: Option<MultiPolygon<f64>>,
    /// True for DEFLATE-compressed rasters, false for plain strips as the real product has.
    pub compress: bool,
}

/// Where the product's geometry comes from.
#[derive(Debug, Clone)]
pub enum Source {
    /// A new product over a place.
    Made(SceneOptions),
    /// A real product folder whose annotation is copied and whose rasters are made.
    Like(PathBuf),
}

/// A new product over a place.
#[derive(Debug, Clone)]
pub struct SceneOptions {
    /// Place at the image's centre.
    pub centre: LonLat,
    /// Acquisition mode and product type.
    pub mode: Mode,
    /// Columns, 64 ..= 26,000.
    pub width_px: u32,
    /// Rows, 64 ..= 26,000.
    pub height_px: u32,
    /// Time of the first row (UTC).
    pub start: Timestamp,
    /// Flight direction.
    pub pass: Pass,
    /// Incidence angle at the centre, degrees, 20 ..= 46.
    pub incidence_deg: f64,
}

/// Acquisition mode with its GRD product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Interferometric Wide, GRDH: 10 m pixels.
    IwGrdh,
    /// Extra Wide, GRDM: 40 m pixels.
    EwGrdm,
    /// StripMap beam 3, GRDH: 10 m pixels.
    SmGrdh,
}

impl Mode {
    /// Names as the product spells them and figures of the product definition.
    pub(crate) fn traits(self) -> ModeTraits {
        match self {
            Self::IwGrdh => ModeTraits {
                mode: "IW",
                swath: "IW",
                beam: "IW2",
                resolution: 'H',
                spacing_m: 10.0,
                resolution_m: 20.0,
                looks: 4.4,
                range_looks: 5,
                azimuth_looks: 1,
                prf_hz: 1451.627,
            },
            Self::EwGrdm => ModeTraits {
                mode: "EW",
                swath: "EW",
                beam: "EW3",
                resolution: 'M',
                spacing_m: 40.0,
                resolution_m: 90.0,
                looks: 10.7,
                range_looks: 6,
                azimuth_looks: 2,
                prf_hz: 1679.0,
            },
            Self::SmGrdh => ModeTraits {
                mode: "SM",
                swath: "S3",
                beam: "S3",
                resolution: 'H',
                spacing_m: 10.0,
                resolution_m: 23.0,
                looks: 26.8,
                range_looks: 6,
                azimuth_looks: 6,
                prf_hz: 1888.0,
            },
        }
    }
}

/// Figures behind a [`Mode`]: resolution and looks of the Sentinel-1 Product Definition, S1-RS-MDA-52-7440, table 3.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ModeTraits {
    pub(crate) mode: &'static str,
    pub(crate) swath: &'static str,
    /// The beam that covers a small scene at mid swath.
    pub(crate) beam: &'static str,
    pub(crate) resolution: char,
    pub(crate) spacing_m: f64,
    pub(crate) resolution_m: f64,
    /// Equivalent number of looks.
    pub(crate) looks: f64,
    pub(crate) range_looks: u32,
    pub(crate) azimuth_looks: u32,
    pub(crate) prf_hz: f64,
}

/// How many ships of each sort.
#[derive(Debug, Clone, PartialEq)]
pub struct FleetOptions {
    /// Ships that transmit: expected `correlated`.
    pub correlated: u32,
    /// Ships that do not: expected `uncorrelated`.
    pub silent: u32,
    /// Identities without a hull: expected `ais_only`.
    pub ais_only: u32,
    /// Pairs of like ships side by side at anchor, both transmitting: expected `ambiguous`.
    pub rafts: u32,
    /// Structures with an aid to navigation: expected `fixed`.
    pub fixed: u32,
    /// Vector file of points at which structures stand beside those: the same in scene after scene.
    pub fixed_at: Option<String>,
    /// Distress beacons under test: nobody may be paged.
    pub beacons: u32,
    /// Minutes before and after the scene in which nothing is received: silent ships become `not_assessable`. From 60 on
    /// the log is empty and so do all.
    pub outage_min: Option<f64>,
    /// Time between position reports, seconds.
    pub report_s: f64,
    /// Distance kept between ships, metres; half of it to land.
    pub separation_m: f64,
    /// All that ships cast, with the truth of it, and some large ones bright enough to show it: ambiguities of orders ±1 to ±3
    /// and sidelobes. Else the pair of first ambiguities, 27 dB down.
    pub artefacts: bool,
    /// Range of lengths to draw large ships from, metres.
    pub length_m: (f64, f64),
}

impl Default for FleetOptions {
    /// Eight ships that transmit, five silent, two without a hull, one raft, one structure, no outage.
    fn default() -> Self {
        Self {
            correlated: 8,
            silent: 5,
            ais_only: 2,
            rafts: 1,
            fixed: 1,
            fixed_at: None,
            beacons: 0,
            outage_min: None,
            report_s: 60.0,
            artefacts: false,
            separation_m: 1200.0,
            length_m: (60.0, 220.0),
        }
    }
}

impl SimulateOptions {
    /// Refuses values that make no scene.
    pub(crate) fn check(&self) -> Result<(), LabError> {
        let within = |option, value: f64, low: f64, high: f64, expected| {
            if (low..=high).contains(&value) {
                Ok(())
            } else {
                Err(LabError::Option {
                    option,
                    value: value.to_string(),
                    expected,
                })
            }
        };
        let sea = &self.sea;
        within("wind", sea.wind_mps, 0.5, 30.0, "0.5 to 30 m/s")?;
        within("nu", sea.nu, 0.5, 1000.0, "0.5 to 1000")?;
        within("texture", sea.texture_m, 1.0, 1000.0, "1 to 1000 m")?;
        within("swell depth", sea.swell_depth, 0.0, 0.9, "0 to 0.9")?;
        within(
            "swell length",
            sea.swell_length_m,
            20.0,
            1000.0,
            "20 to 1000 m",
        )?;
        let fleet = &self.fleet;
        within(
            "report interval",
            fleet.report_s,
            2.0,
            3600.0,
            "2 to 3600 s",
        )?;
        within(
            "separation",
            fleet.separation_m,
            0.0,
            50_000.0,
            "0 to 50,000 m",
        )?;
        within(
            "shortest ship",
            fleet.length_m.0,
            10.0,
            fleet.length_m.1,
            "10 m to the longest",
        )?;
        within(
            "longest ship",
            fleet.length_m.1,
            10.0,
            400.0,
            "at most 400 m",
        )?;
        if let Source::Made(scene) = &self.source {
            let size = "64 to 26,000 pixels";
            within("width", f64::from(scene.width_px), 64.0, 26_000.0, size)?;
            within("height", f64::from(scene.height_px), 64.0, 26_000.0, size)?;
            within(
                "incidence",
                scene.incidence_deg,
                20.0,
                46.0,
                "20 to 46 degrees",
            )?;
            within(
                "latitude",
                scene.centre.lat_deg,
                -75.0,
                75.0,
                "-75 to 75 degrees",
            )?;
        }
        Ok(())
    }
}
