//! `manifest.safe`: what a product says of itself and the files it is made of.

use crate::gis::vsi;
use crate::model::scene::{Pass, Polarisation};
use crate::scene::SceneError;
use crate::scene::xml::{Document, Node};
use jiff::Timestamp;

/// What the manifest says.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    /// Spacecraft, for example `Sentinel-1A`.
    pub platform: String,
    /// Processor and version, for example `Sentinel-1 IPF 003.52`; empty if not told.
    pub processor: String,
    /// Version of the Instrument Processing Facility, for example 3.52.
    pub ipf: Option<f64>,
    /// True if the product was made by this program's simulator.
    pub simulated: bool,
    /// Start of the acquisition (UTC).
    pub start: Timestamp,
    /// End of the acquisition (UTC).
    pub stop: Timestamp,
    /// Flight direction.
    pub pass: Option<Pass>,
    /// Absolute orbit number at the start.
    pub absolute_orbit: Option<u32>,
    /// Relative orbit number at the start.
    pub relative_orbit: Option<u32>,
    /// The product's files in the manifest's order.
    pub files: Vec<ProductFile>,
}

/// One file of a product.
#[derive(Debug, Clone, PartialEq)]
pub struct ProductFile {
    /// What it is.
    pub kind: FileKind,
    /// Polarisation in its name.
    pub polarisation: Option<Polarisation>,
    /// Path below the product's folder.
    pub path: String,
}

/// What a file of a product is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// Pixels.
    Measurement,
    /// Product annotation.
    Annotation,
    /// Calibration annotation.
    Calibration,
    /// Thermal-noise annotation.
    Noise,
    /// Radio-frequency interference annotation.
    Rfi,
    /// Quick-look, map overlay, preview.
    Other,
}

/// Name that the simulator writes as facility and software.
const SIMULATOR: &str = "tidewatch simulate";

impl FileKind {
    /// True if pixels cannot be turned into σ⁰ as the product means it without this file.
    pub fn is_needed(self) -> bool {
        !matches!(self, Self::Rfi | Self::Other)
    }

    fn of(schema: &str) -> Self {
        match schema {
            "s1Level1MeasurementSchema" => Self::Measurement,
            "s1Level1ProductSchema" => Self::Annotation,
            "s1Level1CalibrationSchema" => Self::Calibration,
            "s1Level1NoiseSchema" => Self::Noise,
            "s1Level1RfiSchema" => Self::Rfi,
            _ => Self::Other,
        }
    }
}

impl ProductFile {
    /// What the file is, in words.
    pub fn describe(&self) -> String {
        let what = match self.kind {
            FileKind::Measurement => "measurement raster",
            FileKind::Annotation => "product annotation",
            FileKind::Calibration => "calibration annotation",
            FileKind::Noise => "noise annotation",
            FileKind::Rfi => "interference annotation",
            FileKind::Other => "preview file",
        };
        match self.polarisation {
            Some(polarisation) => format!("{polarisation} {what}"),
            None => what.to_owned(),
        }
    }
}

impl Manifest {
    /// Reads the manifest in a product's folder.
    ///
    /// # Errors
    ///
    /// If it is missing, not XML, or not the manifest of a Sentinel-1 level-1 product.
    pub fn read(folder: &str) -> Result<Self, SceneError> {
        let path = format!("{folder}/manifest.safe");
        Self::parse(&path, &vsi::read_file(&path)?)
    }

    fn parse(path: &str, bytes: &[u8]) -> Result<Self, SceneError> {
        let document = Document::parse(path, bytes)?;
        let root = document.root();
        let metadata = root.get("metadataSection")?;
        let section = |id: &str| {
            metadata
                .children()
                .find(|object| object.attribute("ID") == Some(id))
                .and_then(|object| object.find("metadataWrap/xmlData"))
        };
        let needed =
            |id: &str| section(id).ok_or_else(|| metadata.fault(id, "is missing".to_owned()));
        let platform = needed("platform")?.get("platform")?;
        let period = needed("acquisitionPeriod")?.get("acquisitionPeriod")?;
        let orbit =
            section("measurementOrbitReference").and_then(|data| data.find("orbitReference"));
        let (processor, ipf, simulated) = processing(section("processing"));
        Ok(Self {
            platform: format!(
                "{}{}",
                platform
                    .get("familyName")?
                    .text()
                    .to_ascii_lowercase()
                    .replace("sentinel", "Sentinel"),
                platform.get("number")?.text()
            ),
            processor,
            ipf,
            simulated,
            start: period.time("startTime")?,
            stop: period.time("stopTime")?,
            pass: orbit.and_then(pass),
            absolute_orbit: orbit.and_then(|orbit| orbit.count("orbitNumber").ok()),
            relative_orbit: orbit.and_then(|orbit| orbit.count("relativeOrbitNumber").ok()),
            files: root
                .all("dataObjectSection/dataObject")
                .into_iter()
                .map(product_file)
                .collect::<Result<_, _>>()?,
        })
    }

    /// Files the manifest names that are not below `folder`.
    pub fn missing(&self, folder: &str) -> Vec<ProductFile> {
        self.files
            .iter()
            .filter(|file| !vsi::exists(&format!("{folder}/{}", file.path)))
            .cloned()
            .collect()
    }
}

fn pass(orbit: Node<'_>) -> Option<Pass> {
    match orbit.find("extension/orbitProperties/pass")?.text() {
        "ASCENDING" => Some(Pass::Ascending),
        "DESCENDING" => Some(Pass::Descending),
        _ => None,
    }
}

/// Name and version of the last processor, its IPF version, and whether any step was the simulator's.
fn processing(section: Option<Node<'_>>) -> (String, Option<f64>, bool) {
    let Some(section) = section else {
        return (String::new(), None, false);
    };
    let named = |name: &str| {
        section.descendants(name).iter().any(|node| {
            node.attribute("name")
                .is_some_and(|name| name.starts_with(SIMULATOR))
        })
    };
    let software = section.find("processing/facility/software");
    let version = software
        .and_then(|node| node.attribute("version"))
        .unwrap_or_default();
    let name = software
        .and_then(|node| node.attribute("name"))
        .unwrap_or_default();
    let ipf = name.contains("IPF").then(|| version.parse().ok()).flatten();
    (
        format!("{name} {version}").trim().to_owned(),
        ipf,
        named("software") || named("facility"),
    )
}

fn product_file(object: Node<'_>) -> Result<ProductFile, SceneError> {
    let trail = "byteStream/fileLocation";
    let location = object.get(trail)?.attribute("href").unwrap_or_default();
    let path = location.trim_start_matches("./");
    if path.is_empty() || path.starts_with('/') || path.split('/').any(|part| part == "..") {
        return Err(object.fault(
            trail,
            format!("is `{location}`, expected a path inside the product"),
        ));
    }
    let name = path.rsplit('/').next().unwrap_or_default();
    Ok(ProductFile {
        kind: FileKind::of(object.attribute("repID").unwrap_or_default()),
        polarisation: name.split('-').find_map(Polarisation::parse),
        path: path.to_owned(),
    })
}
