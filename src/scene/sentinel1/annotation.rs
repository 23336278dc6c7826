//! The product annotation of one polarisation: what `annotation/s1?-*.xml` says.

use super::geocode::{Geometry, GeometryParts, RangeConversion};
use super::orbit::StateVector;
use crate::model::scene::{Pass, Polarisation};
use crate::model::units::LonLat;
use crate::scene::SceneError;
use crate::scene::xml::{Document, Node};
use jiff::Timestamp;

/// What the annotation of one polarisation says.
#[derive(Debug, Clone)]
pub struct Annotation {
    /// Mission, for example `S1A`.
    pub mission: String,
    /// Product type, for example `GRD`.
    pub product_type: String,
    /// Mode, for example `IW`.
    pub mode: String,
    /// Polarisation.
    pub polarisation: Polarisation,
    /// Number of the image in the product, from 1.
    pub image_number: u32,
    /// Absolute orbit number.
    pub absolute_orbit: u32,
    /// Flight direction.
    pub pass: Pass,
    /// Time of the first line (UTC).
    pub first_line: Timestamp,
    /// Time of the last line (UTC).
    pub last_line: Timestamp,
    /// Time between lines, seconds.
    pub line_interval_s: f64,
    /// Ground range between columns, metres.
    pub range_spacing_m: f64,
    /// Ground distance between rows, metres.
    pub azimuth_spacing_m: f64,
    /// Rows.
    pub rows: u32,
    /// Columns.
    pub cols: u32,
    /// Radar carrier frequency, hertz.
    pub radar_frequency_hz: f64,
    /// Pulse repetition frequency a sub-swath, hertz.
    pub prf_hz: Vec<(String, f64)>,
    /// Parts of the image by sub-swath; empty if the product does not say.
    pub swath_bounds: Vec<SwathBounds>,
    /// The product's own tie points.
    pub grid: Vec<GridPoint>,
    /// Platform states.
    pub state_vectors: Vec<StateVector>,
    /// Range polynomials.
    pub conversions: Vec<RangeConversion>,
}

/// A part of the image that one sub-swath gave; ends inclusive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SwathBounds {
    /// Sub-swath, for example `IW1`.
    pub swath: String,
    /// First and last row.
    pub rows: (u32, u32),
    /// First and last column.
    pub cols: (u32, u32),
}

/// One tie point of the product: at the height of the terrain, not at sea level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GridPoint {
    /// Zero-Doppler time (UTC).
    pub time: Timestamp,
    /// Row.
    pub row: f64,
    /// Column.
    pub col: f64,
    /// Place.
    pub position: LonLat,
    /// Height above the ellipsoid, metres.
    pub height_m: f64,
    /// Incidence angle, degrees.
    pub incidence_deg: f64,
    /// Two-way slant range time, seconds.
    pub slant_range_time_s: f64,
}

impl Annotation {
    /// Reads an annotation; `path` only names the file in errors.
    ///
    /// # Errors
    ///
    /// If it is not XML or an element is missing or has no sound value; the error names both.
    pub fn parse(path: &str, bytes: &[u8]) -> Result<Self, SceneError> {
        let document = Document::parse(path, bytes)?;
        let root = document.root();
        let header = root.get("adsHeader")?;
        let image = root.get("imageAnnotation/imageInformation")?;
        let general = root.get("generalAnnotation")?;
        let projection = general.get("productInformation/projection")?.text();
        if projection != "Ground Range" {
            return Err(general.fault(
                "productInformation/projection",
                format!("is `{projection}`; only ground-range detected (GRD) products are read"),
            ));
        }
        Ok(Self {
            mission: header.get("missionId")?.text().to_owned(),
            product_type: header.get("productType")?.text().to_owned(),
            mode: header.get("mode")?.text().to_owned(),
            polarisation: polarisation(header)?,
            image_number: header.count("imageNumber")?,
            absolute_orbit: header.count("absoluteOrbitNumber")?,
            pass: pass(general)?,
            first_line: image.time("productFirstLineUtcTime")?,
            last_line: image.time("productLastLineUtcTime")?,
            line_interval_s: image.number("azimuthTimeInterval")?,
            range_spacing_m: image.number("rangePixelSpacing")?,
            azimuth_spacing_m: image.number("azimuthPixelSpacing")?,
            rows: image.count("numberOfLines")?,
            cols: image.count("numberOfSamples")?,
            radar_frequency_hz: general.number("productInformation/radarFrequency")?,
            prf_hz: general
                .all("downlinkInformationList/downlinkInformation")
                .into_iter()
                .map(|link| Ok((link.get("swath")?.text().to_owned(), link.number("prf")?)))
                .collect::<Result<_, SceneError>>()?,
            swath_bounds: swath_bounds(root)?,
            grid: each(
                root,
                "geolocationGrid/geolocationGridPointList/geolocationGridPoint",
                grid_point,
            )?,
            state_vectors: each(general, "orbitList/orbit", state_vector)?,
            conversions: each(
                root,
                "coordinateConversion/coordinateConversionList/coordinateConversion",
                conversion,
            )?,
        })
    }

    /// The range-Doppler geometry.
    ///
    /// # Errors
    ///
    /// If orbit, spacing or range polynomials are unsound.
    pub fn geometry(&self) -> Result<Geometry, SceneError> {
        Geometry::new(&self.geometry_parts())
    }

    /// The numbers behind [`Self::geometry`].
    pub fn geometry_parts(&self) -> GeometryParts {
        GeometryParts {
            state_vectors: self.state_vectors.clone(),
            first_line: self.first_line,
            line_interval_s: self.line_interval_s,
            range_spacing_m: self.range_spacing_m,
            rows: self.rows,
            cols: self.cols,
            conversions: self.conversions.clone(),
            looks_right: true,
        }
    }
}

/// Reads the polarisation of any annotation data set's header.
pub(super) fn polarisation(header: Node<'_>) -> Result<Polarisation, SceneError> {
    let text = header.get("polarisation")?.text();
    Polarisation::parse(text).ok_or_else(|| {
        header.fault(
            "polarisation",
            format!("is `{text}`, expected HH, HV, VH or VV"),
        )
    })
}

fn pass(general: Node<'_>) -> Result<Pass, SceneError> {
    let trail = "productInformation/pass";
    match general.get(trail)?.text() {
        "Ascending" => Ok(Pass::Ascending),
        "Descending" => Ok(Pass::Descending),
        other => Err(general.fault(
            trail,
            format!("is `{other}`, expected Ascending or Descending"),
        )),
    }
}

fn each<T>(
    root: Node<'_>,
    trail: &str,
    read: fn(Node<'_>) -> Result<T, SceneError>,
) -> Result<Vec<T>, SceneError> {
    let found = root.all(trail);
    if found.is_empty() {
        return Err(root.fault(trail, "is missing".to_owned()));
    }
    found.into_iter().map(read).collect()
}

fn swath_bounds(root: Node<'_>) -> Result<Vec<SwathBounds>, SceneError> {
    let mut all = Vec::new();
    for merge in root.all("swathMerging/swathMergeList/swathMerge") {
        for bounds in merge.all("swathBoundsList/swathBounds") {
            all.push(SwathBounds {
                swath: merge.get("swath")?.text().to_owned(),
                rows: (
                    bounds.count("firstAzimuthLine")?,
                    bounds.count("lastAzimuthLine")?,
                ),
                cols: (
                    bounds.count("firstRangeSample")?,
                    bounds.count("lastRangeSample")?,
                ),
            });
        }
    }
    Ok(all)
}

fn grid_point(node: Node<'_>) -> Result<GridPoint, SceneError> {
    Ok(GridPoint {
        time: node.time("azimuthTime")?,
        row: node.number("line")?,
        col: node.number("pixel")?,
        position: LonLat::new(node.number("longitude")?, node.number("latitude")?),
        height_m: node.number("height")?,
        incidence_deg: node.number("incidenceAngle")?,
        slant_range_time_s: node.number("slantRangeTime")?,
    })
}

fn state_vector(node: Node<'_>) -> Result<StateVector, SceneError> {
    let frame = node.get("frame")?.text();
    if frame != "Earth Fixed" {
        return Err(node.fault("frame", format!("is `{frame}`, expected Earth Fixed")));
    }
    let triple = |name: &str| -> Result<[f64; 3], SceneError> {
        let node = node.get(name)?;
        Ok([node.number("x")?, node.number("y")?, node.number("z")?])
    };
    Ok(StateVector {
        time: node.time("time")?,
        position_m: triple("position")?,
        velocity_mps: triple("velocity")?,
    })
}

fn conversion(node: Node<'_>) -> Result<RangeConversion, SceneError> {
    Ok(RangeConversion {
        time: node.time("azimuthTime")?,
        ground_origin_m: node.number("gr0")?,
        slant_from_ground: node.numbers("grsrCoefficients")?,
    })
}
