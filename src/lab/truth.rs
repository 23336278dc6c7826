//! What is really there: the file a simulation leaves beside its product.

use super::{LabError, at_file};
use crate::model::contact::Verdict;
use crate::model::units::{LonLat, Mmsi};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Everything that is in one simulated scene or pretends to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Truth {
    /// Seed of the simulation.
    pub seed: u64,
    /// Product name: `Scene::id`.
    pub scene_id: String,
    /// Ground distance between pixels, metres: turns pixel distances into metres where a raster has no place.
    pub pixel_spacing_m: f64,
    /// Direction of the ground track, degrees true: splits position errors into azimuth and range.
    pub track_heading_deg: f64,
    /// Minutes before and after the scene in which no AIS was received, if any.
    pub ais_outage_min: Option<f64>,
    /// Ships, structures and false identities.
    pub ships: Vec<TruthShip>,
    /// What ships cast elsewhere in the image, where it was drawn in full.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub artefacts: Vec<TruthArtefact>,
}

/// Something in the image where nothing is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TruthArtefact {
    /// What it is.
    pub kind: ArtefactKind,
    /// Id of the ship that casts it.
    pub source: String,
    /// Row of its middle.
    pub row: f64,
    /// Column of its middle.
    pub col: f64,
    /// Rows that it reaches to both sides beyond the ship's own picture.
    pub rows_px: f64,
    /// Columns, likewise.
    pub cols_px: f64,
}

/// What is cast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ArtefactKind {
    /// A dimmer copy further along azimuth.
    AzimuthAmbiguity,
    /// A line through the ship, along rows or columns.
    Sidelobe,
}

/// One object, or one identity without an object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TruthShip {
    /// Id within the scene.
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// Where it is (or claims to be) at its own time.
    pub position: LonLat,
    /// Its own time: zero-Doppler time of the place (UTC).
    pub time: Timestamp,
    /// Its picture; `None` for an identity without a hull.
    pub imaged: Option<Imaged>,
    /// Length, metres.
    pub length_m: f64,
    /// Width, metres.
    pub width_m: f64,
    /// Direction of the bow, degrees true.
    pub heading_deg: f64,
    /// Speed over ground, knots.
    pub sog_kn: f64,
    /// Course over ground, degrees true.
    pub cog_deg: f64,
    /// Identity it transmits; `None` if it is silent.
    pub mmsi: Option<Mmsi>,
    /// The verdict a perfect system would give; `None` where none is asked for.
    pub expected: Option<Verdict>,
    /// `Low`: not counted as missed, and a detection of it is not counted as false.
    pub confidence: Confidence,
    /// Geodesic distance to the nearest shore, metres, if known: only used for the near-shore figure.
    pub shore_distance_m: Option<f64>,
}

/// How an object appears in the image.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Imaged {
    /// Row of its centre, azimuth shift included; 0 is the centre of the first row.
    pub row: f64,
    /// Column of its centre; 0 is the centre of the first column.
    pub col: f64,
    /// Place of that pixel at sea level.
    pub position: LonLat,
    /// Distance along the flight direction from where it is to where it appears, metres.
    pub azimuth_shift_m: f64,
    /// Mean power of its brightest pixel over that of the sea around it, dB, in the better polarisation.
    pub snr_db: f64,
}

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Cargo ship.
    Cargo,
    /// Tanker.
    Tanker,
    /// Fishing vessel.
    Fishing,
    /// Patrol ship of any agency.
    Patrol,
    /// Fixed structure with an aid to navigation.
    Platform,
    /// Distress beacon (AIS-SART).
    Beacon,
}

/// How sure it is that a good detector sees an object by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// It stands out.
    High,
    /// Too dim, or merged with its neighbour.
    Low,
}

impl Truth {
    /// Reads a truth file.
    ///
    /// # Errors
    ///
    /// If the file cannot be read or is not a truth file.
    pub fn read(path: &Path) -> Result<Self, LabError> {
        let text = std::fs::read(path).map_err(at_file(path))?;
        serde_json::from_slice(&text).map_err(|source| LabError::Truth {
            path: path.to_owned(),
            source,
        })
    }

    /// Writes the truth file.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), LabError> {
        let mut text = serde_json::to_vec_pretty(self).map_err(|source| LabError::Truth {
            path: path.to_owned(),
            source,
        })?;
        text.push(b'\n');
        std::fs::write(path, text).map_err(at_file(path))
    }

    /// Fixed structures as GeoJSON points: an infrastructure layer for the pipeline.
    pub fn fixed_geojson(&self) -> String {
        let features: Vec<serde_json::Value> = self
            .ships
            .iter()
            .filter(|ship| ship.kind == Kind::Platform)
            .map(|ship| {
                serde_json::json!({
                    "type": "Feature",
                    "properties": { "name": ship.id },
                    "geometry": {
                        "type": "Point",
                        "coordinates": [ship.position.lon_deg, ship.position.lat_deg],
                    },
                })
            })
            .collect();
        let collection = serde_json::json!({ "type": "FeatureCollection", "features": features });
        format!("{collection:#}\n")
    }
}
