//! The pipeline file as it is written: the types behind its JSON Schema. Every setting states its default.

use super::scenes::SceneEntry;
use crate::ais::events::EventSettings;
use crate::alert::Rule;
use crate::detect::DetectParams;
use crate::encode::Language;
use crate::fuse::FuseParams;
use crate::model::alert::Status;
use crate::model::release::Audience;
use crate::pipeline::live::LiveSettings;
use schemars::JsonSchema;
use serde::Deserialize;

/// A tidewatch pipeline: which scenes and AIS to read, what to watch, which alerts to make and for whom.
/// Paths are relative to the folder of this file; those of inputs may hold `*` and `?`. Paths that begin with `/vsi`
/// (`/vsicurl/https://…`, `/vsis3/bucket/…`, `/vsizip/…`) are GDAL's, and hold no wildcards.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PipelineFile {
    /// Name of the pipeline, for reports.
    pub name: String,
    /// Status of the alerts: Actual, Exercise or Test. Alerts that rest on simulated evidence are Test whatever
    /// stands here. Default: Test.
    #[serde(default = "test_status")]
    pub status: Status,
    /// Scenes to search: paths of Sentinel-1 products (.SAFE folder, its manifest.safe, or zip) or of any raster that GDAL
    /// opens, lists of such paths, and STAC catalogues. Default: none, for a pipeline that only listens.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub scenes: Vec<SceneEntry>,
    /// AIS files: NMEA 0183 logs, tables or JSON records of any format that `tidewatch ais` reads, plain or packed by gzip or zstd. Default: none, and then no contact is assessed.
    #[serde(default)]
    pub ais: Vec<String>,
    /// Live AIS: feeds that `tidewatch serve --pipeline` listens to. Default: none. A run from scenes does not listen.
    #[serde(default)]
    pub live: Option<LiveSettings>,
    /// Silence after which a vessel's track has a gap, minutes. Default: 30. Lower gives more gaps.
    #[serde(default = "gap_minutes")]
    #[schemars(range(min = 1))]
    pub ais_gap_minutes: f64,
    /// Land that is not searched.
    #[serde(default)]
    pub land: LandSettings,
    /// Vector files of fixed structures (platforms, turbines, beacons): detections at them are `fixed`. Default: none.
    #[serde(default)]
    pub infrastructure: Vec<String>,
    /// Places that are watched.
    #[serde(default)]
    pub regions: RegionSettings,
    /// Ship detection.
    #[serde(default)]
    pub detect: DetectSettings,
    /// What is stated of vessels from AIS alone: gaps, loitering, encounters and the like.
    #[serde(default)]
    pub events: EventSettings,
    /// Laying detections against AIS.
    #[serde(default)]
    pub fuse: FuseParams,
    /// Rules that make alerts. Default: none.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// Where alerts go. Default: every alert to the folder `cap` of the output.
    #[serde(default = "default_delivery")]
    pub deliver: Vec<Delivery>,
    /// Who sends the alerts (CAP `sender` and `senderName`).
    #[serde(default)]
    pub sender: Sender,
    /// Output folder, relative to this file. `--out` on the command line overrides it.
    pub output: String,
}

/// Land mask.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LandSettings {
    /// Use the built-in shapes of the watched islands (OpenStreetMap). Default: true.
    pub built_in: bool,
    /// Vector files with more land. Default: none.
    pub files: Vec<String>,
    /// Sea beside the land that is not searched either, metres. Default: 0: near the shore detections are
    /// flagged, not dropped. More hides ships close inshore, less lets in surf and piers.
    #[schemars(range(min = 0, max = 50000))]
    pub buffer_m: f64,
}

impl Default for LandSettings {
    fn default() -> Self {
        Self {
            built_in: true,
            files: Vec::new(),
            buffer_m: 0.0,
        }
    }
}

/// Watch regions.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RegionSettings {
    /// Use the built-in features. Default: true.
    pub built_in: bool,
    /// Watch distances about every built-in feature, nautical miles, rising. Default: 12 and 24.
    #[schemars(inner(range(min = 0.1, max = 400)))]
    pub zones_nm: Vec<f64>,
    /// Vector files with more regions. Default: none.
    pub files: Vec<String>,
}

impl Default for RegionSettings {
    fn default() -> Self {
        Self {
            built_in: true,
            zones_nm: vec![12.0, 24.0],
            files: Vec::new(),
        }
    }
}

/// Settings of ship detection. What is left out keeps the detector's default.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DetectSettings {
    /// False-alarm probability per pixel. Default: 1e-7, some 40 pixels of a full IW scene and band, most of them
    /// alone. Higher finds fainter ships and more clutter; lower the reverse.
    #[schemars(range(min = 1e-12, max = 0.01))]
    pub pfa: Option<f64>,
    /// Outer side of the clutter window, pixels. Default: guard + 30. A wider window is steadier but
    /// mixes different seas.
    #[schemars(range(min = 5, max = 121))]
    pub ring_px: Option<u32>,
    /// Side of the guard window that keeps the ship out of its own clutter, pixels. Default: 500 m by the
    /// pixel spacing (13 to 91 px), 51 if that is not known. Too small hides long ships.
    #[schemars(range(min = 3, max = 119))]
    pub guard_px: Option<u32>,
    /// Fewest pixels of a detection, all bands together. Default: 2. More drops small boats and single bright pixels.
    #[schemars(range(min = 1, max = 10000))]
    pub min_pixels: Option<u32>,
    /// Distance to the shore below which a detection is flagged, metres. Default: 1000.
    #[schemars(range(min = 0, max = 100000))]
    pub near_shore_m: Option<f64>,
    /// Length above which a detection is flagged as no single ship, metres. Default: 600; no
    /// ship afloat exceeds 460.
    #[schemars(range(min = 10, max = 10000))]
    pub max_length_m: Option<f64>,
}

impl DetectSettings {
    /// The detector's settings: what is left out keeps its default.
    pub(in crate::pipeline) fn params(&self, land: &LandSettings) -> DetectParams {
        let default = DetectParams::default();
        DetectParams {
            pfa: self.pfa.unwrap_or(default.pfa),
            ring_px: self.ring_px,
            guard_px: self.guard_px,
            min_pixels: self.min_pixels.unwrap_or(default.min_pixels),
            near_shore_m: self.near_shore_m.unwrap_or(default.near_shore_m),
            max_length_m: self.max_length_m.unwrap_or(default.max_length_m),
            buffer_m: land.buffer_m,
            threads: None,
        }
    }
}

/// A receiver of alerts.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// Folder for CAP files, relative to the output folder.
    pub folder: String,
    /// What it may receive.
    pub audience: Audience,
}

/// Who sends.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Sender {
    /// CAP `sender`: no spaces, commas, `<` or `&`. Default: watch@localhost.
    #[schemars(length(min = 1))]
    pub id: String,
    /// CAP `senderName`. Default: tidewatch.
    pub name: String,
    /// Languages of CAP messages beside English: fil, ja, ko, ms, ru, vi, zh-Hans, zh-Hant. Default: none.
    pub languages: Vec<Language>,
    /// Signs every CAP message (enveloped XML signature, RSA-SHA256). Default: none.
    pub signature: Option<SignatureFiles>,
}

/// What CAP messages are signed with. Paths are relative to this file.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignatureFiles {
    /// File with the private key: RSA, 2048 to 4096 bits, PEM without a passphrase.
    pub key: String,
    /// File with its X.509 certificate, PEM.
    pub certificate: String,
}

impl Default for Sender {
    fn default() -> Self {
        Self {
            id: "watch@localhost".to_owned(),
            name: "tidewatch".to_owned(),
            languages: Vec::new(),
            signature: None,
        }
    }
}

fn test_status() -> Status {
    Status::Test
}

fn gap_minutes() -> f64 {
    30.0
}

fn default_delivery() -> Vec<Delivery> {
    vec![Delivery {
        folder: "cap".to_owned(),
        audience: Audience {
            id: "local".to_owned(),
            tlp: crate::model::alert::Tlp::Red,
            regions: Vec::new(),
            rules: Vec::new(),
        },
    }]
}

/// The file's JSON Schema (draft 2020-12) as pretty text with a final line break.
///
/// # Errors
///
/// If the schema cannot be written as JSON, which the generator rules out.
pub fn schema_text() -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(&schemars::schema_for!(PipelineFile))?;
    text.push('\n');
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_in_the_tree_is_the_one_these_types_give() {
        let committed = include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/pipelines/pipeline.schema.json"
        ));
        let generated = schema_text().expect("a schema");
        assert!(
            committed == generated,
            "pipelines/pipeline.schema.json is old: `make schema` writes it again"
        );
    }

    #[test]
    fn the_schema_uses_only_keywords_that_the_checks_understand() {
        const UNDERSTOOD: [&str; 23] = [
            "$defs",
            "$ref",
            "$schema",
            "additionalProperties",
            "anyOf",
            "const",
            "default",
            "description",
            "enum",
            "exclusiveMaximum",
            "exclusiveMinimum",
            "format",
            "items",
            "maxItems",
            "maximum",
            "minItems",
            "minLength",
            "minimum",
            "oneOf",
            "properties",
            "required",
            "title",
            "type",
        ];
        fn unknown(schema: &serde_json::Value, found: &mut Vec<String>) {
            let Some(object) = schema.as_object() else {
                return;
            };
            for (key, value) in object {
                match key.as_str() {
                    "properties" | "$defs" => {
                        for inner in value.as_object().into_iter().flat_map(|map| map.values()) {
                            unknown(inner, found);
                        }
                    }
                    "anyOf" | "oneOf" => {
                        for inner in value.as_array().into_iter().flatten() {
                            unknown(inner, found);
                        }
                    }
                    "items" => unknown(value, found),
                    "default" => {}
                    other if UNDERSTOOD.contains(&other) => {}
                    other => found.push(other.to_owned()),
                }
            }
        }
        let schema = serde_json::to_value(schemars::schema_for!(PipelineFile)).expect("JSON");
        let mut found = Vec::new();
        unknown(&schema, &mut found);
        assert_eq!(found, Vec::<String>::new());
    }
}
