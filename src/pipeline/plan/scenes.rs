//! The entries of `scenes:` in a pipeline file.

use crate::model::scene::Sensor;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;
use std::path::PathBuf;

/// Where scenes come from: a path, a path with what the file itself does not tell, a list of paths, or a STAC catalogue.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum SceneEntry {
    /// A path.
    Path(String),
    /// A path with facts about the image.
    Detailed(SceneDetail),
    /// Paths in a text file.
    Listed(SceneList),
    /// Items of a STAC catalogue.
    Stac(StacEntry),
}

/// A scene with facts that its file does not tell. Sentinel-1 products need none of them.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SceneDetail {
    /// Path; may hold `*` and `?`.
    pub path: String,
    /// Equivalent number of looks of a plain raster. Default: as the reader guesses.
    #[schemars(range(min = 0.5, max = 1000))]
    pub looks: Option<f64>,
    /// Ground distance between pixels, metres. Default: from the georeference, else unknown.
    #[schemars(range(min = 0.01, max = 10000))]
    pub pixel_spacing_m: Option<f64>,
    /// Kind of sensor. Default: as the reader guesses.
    #[schemars(with = "Option<SensorName>")]
    pub sensor: Option<Sensor>,
    /// True if the pixels are intensity (power), false if amplitude. Default: as the reader guesses.
    pub intensity: Option<bool>,
    /// Acquisition time (UTC, RFC 3339) of a raster that does not tell it.
    #[schemars(with = "Option<String>")]
    pub time: Option<jiff::Timestamp>,
}

/// Names of the kinds of sensor, for the schema.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
#[allow(
    dead_code,
    reason = "only its schema is used: the model's enum has none"
)]
enum SensorName {
    Sentinel1,
    Sar,
    Raster,
}

/// Scenes that a text file names.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SceneList {
    /// The text file: one path a line, relative to the text file, without wildcards. Empty lines and lines that begin with `#`
    /// are left out. A path with nothing behind it fails alone, when its turn comes.
    pub list: String,
}

/// Scenes that a STAC catalogue tells of.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StacEntry {
    /// Address (http:// or https://) or file of an Item, an ItemCollection, a Collection, a Catalog, or of a STAC API: its
    /// landing page, its search, or the items of one of its collections.
    #[schemars(length(min = 1))]
    pub stac: String,
    /// Ids of collections that the items are of. Default: any.
    #[serde(default)]
    pub collections: Vec<String>,
    /// Items must touch this box: west, south, east and north, degrees; west is greater than east for a box over 180°.
    /// Default: any.
    #[serde(default)]
    pub bbox_deg: Option<[f64; 4]>,
    /// Items must be of this time: an instant or two with `/` between (UTC, RFC 3339), `..` for an open end. Default: any.
    #[serde(default)]
    pub datetime: Option<String>,
    /// Most items that are taken. Default: 1000. What the catalogue holds beyond is not searched, and a warning says so.
    #[serde(default = "limit")]
    #[schemars(range(min = 1, max = 100_000))]
    pub limit: usize,
    /// Keys of the assets that are scenes. Default: an item's Sentinel-1 product (zip, .SAFE folder or manifest.safe), or else
    /// every GeoTIFF or JPEG 2000 with the role `data`.
    #[serde(default)]
    pub assets: Vec<String>,
    /// File that holds the API's key, relative to this file: it is sent as a bearer token to the host of `stac`, and to no
    /// other. Default: none.
    #[serde(default)]
    pub key_file: Option<PathBuf>,
}

fn limit() -> usize {
    1000
}

/// From when to when, both included; `None` is an open end.
pub(in crate::pipeline) type Interval = (Option<Timestamp>, Option<Timestamp>);

/// Reads an instant, or two with `/` between, of which one may be `..`.
pub(in crate::pipeline) fn interval(text: &str) -> Option<Interval> {
    let end = |part: &str| match part {
        "" | ".." => Some(None),
        part => part.parse::<Timestamp>().ok().map(Some),
    };
    let (start, stop) = match text.split_once('/') {
        Some((start, stop)) => (end(start)?, end(stop)?),
        None => (end(text)?, end(text)?),
    };
    let is_open = start.is_none() && stop.is_none();
    let falls = start.zip(stop).is_some_and(|(start, stop)| start > stop);
    (!is_open && !falls).then_some((start, stop))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_an_instant_or_two_that_rise_with_at_most_one_open_end() {
        let time = |text: &str| text.parse::<Timestamp>().expect("a time");
        let (a, b) = ("2024-05-01T00:00:00Z", "2024-05-02T00:00:00Z");
        assert_eq!(interval(a), Some((Some(time(a)), Some(time(a)))));
        assert_eq!(
            interval(&format!("{a}/{b}")),
            Some((Some(time(a)), Some(time(b))))
        );
        assert_eq!(interval(&format!("{a}/..")), Some((Some(time(a)), None)));
        assert_eq!(interval(&format!("/{b}")), Some((None, Some(time(b)))));
        for wrong in ["../..", "", "2024-05-01", &format!("{b}/{a}")] {
            assert_eq!(interval(wrong), None, "{wrong}");
        }
    }
}
