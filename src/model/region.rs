//! Watch regions: places people watch. Distances are watch distances, not claims.

use super::units::LonLat;
use geo::MultiPolygon;
use serde::{Deserialize, Serialize};

/// A feature or area that is watched.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WatchRegion {
    /// Id, stable over releases.
    pub id: String,
    /// International name.
    pub name: String,
    /// Other names: (language tag of BCP 47, name).
    pub names: Vec<(String, String)>,
    /// Group of features it belongs to.
    pub group: String,
    /// Party tags (ISO 3166 alpha-2) in code order. No ranking is meant.
    pub parties: Vec<String>,
    /// How well the place is known.
    pub grade: Option<Grade>,
    /// Where the entry comes from.
    pub source: String,
    /// What is watched.
    pub shape: RegionShape,
}

impl WatchRegion {
    /// International name followed by every other name: what a recipient without a profile reads.
    pub fn label(&self) -> String {
        let mut label = self.name.clone();
        for (_, name) in &self.names {
            label.push_str(" / ");
            label.push_str(name);
        }
        label
    }
}

/// How well a feature's place is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Grade {
    /// Read on a page and agreeing with a second source.
    A,
    /// One page, or recalled and supported by map data within the radius.
    B,
    /// One source, or of fuzzy extent.
    C,
}

/// The shape of a watch region.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum RegionShape {
    /// A feature with zones about it: each zone reaches `radius_m` plus its own distance.
    Feature {
        /// The feature's point.
        centre: LonLat,
        /// Uncertainty and extent of the feature, metres: added to every zone.
        radius_m: f64,
        /// Zone distances, nautical miles, rising.
        zones_nm: Vec<f64>,
    },
    /// An area, lon/lat degrees, split at 180°.
    Area(MultiPolygon<f64>),
}

/// One zone of a watch region, drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct RegionZone {
    /// The region.
    pub region: WatchRegion,
    /// Zone distance, nautical miles; `None` for the region's own area.
    pub zone_nm: Option<f64>,
    /// Outline, lon/lat degrees, split at 180°.
    pub outline: MultiPolygon<f64>,
}
