//! Something bright on the sea, measured.

use super::scene::{Polarisation, SarGeometry};
use super::units::LonLat;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One candidate ship with what was measured and how it was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Detection {
    /// Id from the scene id and the centre, stable over runs.
    pub id: String,
    /// The scene it was found in.
    pub scene_id: String,
    /// Row of the hull's centre in the scene's frame; 0 is the centre of the first row. The power-weighted centroid where no
    /// hull is fitted.
    pub row: f64,
    /// Column of the hull's centre, likewise.
    pub col: f64,
    /// Place as imaged (no azimuth shift taken out), if the raster has a georeference.
    pub position: Option<LonLat>,
    /// Standard deviation of the place in each horizontal direction, metres.
    pub position_sigma_m: Option<f64>,
    /// The pixel's own acquisition time (UTC).
    pub time: Option<Timestamp>,
    /// Length, metres, if the pixel spacing is known.
    pub length_m: Option<f64>,
    /// Standard deviation of the length, metres.
    pub length_sigma_m: Option<f64>,
    /// Width, metres.
    pub width_m: Option<f64>,
    /// Standard deviation of the width, metres.
    pub width_sigma_m: Option<f64>,
    /// Direction of the long axis, degrees true, 0 ≤ h < 180: bow and stern cannot be told apart.
    pub heading_deg: Option<f64>,
    /// Standard deviation of the heading, degrees.
    pub heading_sigma_deg: Option<f64>,
    /// Confidence that this is a target and not clutter, 0 ..= 1.
    pub score: f64,
    /// Peak power over mean clutter power, dB.
    pub snr_db: f64,
    /// Mean power of the target's pixels over mean clutter power, dB.
    pub mean_contrast_db: f64,
    /// Peak σ⁰ a polarisation, dB, for calibrated products.
    pub sigma0_db: Vec<(Polarisation, f64)>,
    /// Polarisations in which the test fired; empty for rasters without one.
    pub polarisations: Vec<Polarisation>,
    /// Pixels in the cluster.
    pub pixels: u32,
    /// First and last row, first and last column of the cluster, inclusive.
    pub extent: PixelExtent,
    /// Geodesic distance to the nearest shore, metres; `None` without a land mask or beyond its reach.
    pub shore_distance_m: Option<f64>,
    /// What a reader should know about it.
    pub flags: Vec<DetectionFlag>,
    /// Why it was rejected, in sentences; empty if it was not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
    /// Viewing geometry at the target.
    pub sar: Option<SarGeometry>,
    /// The test that fired; `None` where none did: in pictures of unknown looks.
    pub test: Option<TestUsed>,
}

impl Detection {
    /// A point of which nothing is known but that it was found, by the test of a four-look image of 10 m at its default: for
    /// what makes detections by other ways than a search.
    pub fn bare(id: &str, scene_id: &str) -> Self {
        Self {
            id: id.to_owned(),
            scene_id: scene_id.to_owned(),
            row: 0.0,
            col: 0.0,
            position: None,
            position_sigma_m: None,
            time: None,
            length_m: None,
            length_sigma_m: None,
            width_m: None,
            width_sigma_m: None,
            heading_deg: None,
            heading_sigma_deg: None,
            score: 0.9,
            snr_db: 20.0,
            mean_contrast_db: 12.0,
            sigma0_db: Vec::new(),
            polarisations: Vec::new(),
            pixels: 20,
            extent: PixelExtent {
                first_row: 0,
                last_row: 1,
                first_col: 0,
                last_col: 1,
            },
            shore_distance_m: None,
            flags: Vec::new(),
            reasons: Vec::new(),
            sar: None,
            test: Some(TestUsed {
                pfa: 1e-7,
                looks: 4.4,
                nu: None,
                threshold: 5.65,
                ring_px: 81,
                guard_px: 51,
            }),
        }
    }

    /// Polarisations joined by `+`, for example `VH+VV`; empty if the raster has none.
    pub fn polarisation_text(&self) -> String {
        let names: Vec<String> = self.polarisations.iter().map(ToString::to_string).collect();
        names.join("+")
    }

    /// True if it was taken for something else than an object at this place: kept with the reason, and no contact by itself.
    pub fn is_rejected(&self) -> bool {
        self.flags.iter().any(|flag| flag.is_rejection())
    }

    /// Flags joined by `;`.
    pub fn flag_text(&self) -> String {
        let names: Vec<&str> = self.flags.iter().map(|flag| flag.as_str()).collect();
        names.join(";")
    }
}

/// A cluster's bounding box in pixels, all ends inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PixelExtent {
    /// First row.
    pub first_row: u32,
    /// Last row.
    pub last_row: u32,
    /// First column.
    pub first_col: u32,
    /// Last column.
    pub last_col: u32,
}

/// A remark on a detection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DetectionFlag {
    /// The cluster touches the land mask.
    TouchesLand,
    /// Closer to the shore than the near-shore limit.
    NearShore,
    /// The cluster touches the edge of the valid image.
    ImageEdge,
    /// Brighter than the sample cap: peak contrast is a lower bound.
    Saturated,
    /// Longer than any ship: probably several targets or a structure.
    TooLong,
    /// The clutter ring held few valid pixels.
    FewClutterPixels,
    /// The second look took it for something else than a ship.
    UnlikeShip,
    /// It lies where the radar's sampling along azimuth repeats a much brighter target, and is as dim as such a repeat.
    AzimuthAmbiguity,
    /// It lies on the line of sidelobes of a much brighter target, and is as dim as these.
    Sidelobe,
    /// One of many thin targets in the same few rows: a transmitter on the ground that the radar heard.
    Interference,
    /// In the noise that older processors left where the image ends.
    BorderNoise,
}

impl DetectionFlag {
    /// The flag's name as written in outputs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TouchesLand => "touches-land",
            Self::NearShore => "near-shore",
            Self::ImageEdge => "image-edge",
            Self::Saturated => "saturated",
            Self::TooLong => "too-long",
            Self::FewClutterPixels => "few-clutter-pixels",
            Self::UnlikeShip => "unlike-ship",
            Self::AzimuthAmbiguity => "azimuth-ambiguity",
            Self::Sidelobe => "sidelobe",
            Self::Interference => "interference",
            Self::BorderNoise => "border-noise",
        }
    }

    /// True if what carries it is taken for no object at its place.
    pub fn is_rejection(self) -> bool {
        matches!(
            self,
            Self::UnlikeShip
                | Self::AzimuthAmbiguity
                | Self::Sidelobe
                | Self::Interference
                | Self::BorderNoise
        )
    }
}

/// Parameters of the test that made a detection: enough to repeat it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TestUsed {
    /// False-alarm probability asked for, per pixel.
    pub pfa: f64,
    /// Equivalent number of looks.
    pub looks: f64,
    /// Shape of the K distribution's texture; `None` is plain speckle (ν → ∞).
    pub nu: Option<f64>,
    /// Threshold over mean clutter power.
    pub threshold: f64,
    /// Outer window, pixels across.
    pub ring_px: u32,
    /// Guard window, pixels across.
    pub guard_px: u32,
}
