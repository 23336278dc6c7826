//! Rasters without a product around them: GeoTIFF, COG, PNG, JPEG, … with or without a georeference.

use super::SceneError;
use super::footprint;
use super::product::Band;
use super::reader::{BandSource, Encoding, SCALED_MEDIAN};
use crate::gis::raster::{BandRole, Raster, SampleType};
use crate::gis::srs::LonLatTransform;
use crate::model::grid::PixelFrame;
use crate::model::scene::{PixelGeometry, Polarisation, Scene, Sensor};
use crate::model::units::LonLat;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What the caller knows of an image that the file does not say.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RasterOptions {
    /// Equivalent number of looks. Default: the product's nominal value; 4.4 for Sentinel-1 rasters; otherwise 1, which
    /// misses weak targets but keeps the false-alarm rate.
    pub looks: Option<f64>,
    /// Distance between pixels, metres; used where the file has no georeference.
    pub pixel_spacing_m: Option<f64>,
    /// Kind of sensor. Default: `Raster`.
    pub sensor: Option<Sensor>,
    /// True if samples are power, false if amplitude. Default: floats with a median below 1 are taken as power.
    pub intensity: Option<bool>,
    /// Time of the acquisition (UTC).
    pub time: Option<Timestamp>,
}

/// Samples looked at to choose a scale, each way.
const SAMPLE_SIDE: u32 = 512;
/// Looks of a Sentinel-1 IW GRDH image.
const SENTINEL1_LOOKS: f64 = 4.4;
/// Spacings that differ by more than this share are remarked on.
const SPACING_DOUBT: f64 = 0.05;

/// An opened plain raster: all but the pixels.
pub(super) struct Plain {
    pub(super) scene: Scene,
    pub(super) bands: Vec<Band>,
    pub(super) sources: Vec<BandSource>,
    map: Option<LonLatTransform>,
}

impl Plain {
    pub(super) fn open(path: &str, options: &RasterOptions) -> Result<Self, SceneError> {
        let mut raster = Raster::open(path)?;
        let map = raster.to_lonlat()?;
        let mut notes = Vec::new();
        if map.is_none() && raster.has_gcps() {
            notes.push(
                "Ground control points are not used, since they carry the height of the terrain: open the whole product \
                 to get places."
                    .to_owned(),
            );
        }
        let mut choice = Choice {
            path,
            options,
            georeferenced: map.is_some(),
            notes: &mut notes,
        };
        let sources = choice.sources(&mut raster)?;
        let bands: Vec<Band> = sources
            .iter()
            .map(|source| Band {
                polarisation: Polarisation::parse(&raster.description(source.band)),
            })
            .collect();
        let scene = describe(path, &raster, map.as_ref(), options, &bands, notes);
        Ok(Self {
            scene,
            bands,
            sources,
            map,
        })
    }

    /// True if pixels have places.
    pub(super) fn has_place(&self) -> bool {
        self.map.is_some()
    }

    pub(super) fn locate(&self, row: f64, col: f64) -> Option<PixelGeometry> {
        Some(PixelGeometry {
            position: self.map.as_ref()?.place(row, col)?,
            time: self.scene.start,
            sar: None,
        })
    }

    pub(super) fn pixel_of(&self, place: LonLat) -> Option<(f64, f64)> {
        self.map.as_ref()?.pixel(place)
    }

    pub(super) fn pixel_frame(&self, row: f64, col: f64) -> Option<PixelFrame> {
        match &self.map {
            Some(map) => frame(map, row, col),
            None => Some(PixelFrame::from_spacing(
                self.scene.column_spacing_m?,
                self.scene.row_spacing_m?,
            )),
        }
    }
}

/// The ground under one column and one row step, by geodesics from the pixel's centre.
fn frame(map: &LonLatTransform, row: f64, col: f64) -> Option<PixelFrame> {
    let centre = map.place(row, col)?;
    let step = |row: f64, col: f64| {
        let (distance_m, bearing_deg) = centre.inverse(map.place(row, col)?);
        let (sin, cos) = bearing_deg.to_radians().sin_cos();
        Some([distance_m * sin, distance_m * cos])
    };
    Some(PixelFrame {
        column_m: step(row, col + 1.0)?,
        row_m: step(row + 1.0, col)?,
    })
}

fn describe(
    path: &str,
    raster: &Raster,
    map: Option<&LonLatTransform>,
    options: &RasterOptions,
    bands: &[Band],
    mut notes: Vec<String>,
) -> Scene {
    let (width, height) = raster.size();
    let centre = (f64::from(height / 2), f64::from(width / 2));
    let ground = map.and_then(|map| frame(map, centre.0, centre.1));
    let spacing = |step: Option<[f64; 2]>| {
        step.map(|[east, north]| east.hypot(north))
            .or(options.pixel_spacing_m)
    };
    let column_spacing_m = spacing(ground.map(|frame| frame.column_m));
    let row_spacing_m = spacing(ground.map(|frame| frame.row_m));
    if let (Some(told), Some(found), Some(_)) = (options.pixel_spacing_m, column_spacing_m, ground)
        && (told / found - 1.0).abs() > SPACING_DOUBT
    {
        notes.push(format!(
            "The georeference gives a pixel spacing of {found:.2} m; the {told} m told are not used."
        ));
    }
    let sensor = options.sensor.unwrap_or(Sensor::Raster);
    let looks = options.looks.unwrap_or_else(|| match sensor {
        Sensor::Sentinel1 => SENTINEL1_LOOKS,
        Sensor::Sar | Sensor::Raster => {
            notes.push(
                "The number of looks is not told: 1 is assumed, so weak targets may be missed."
                    .to_owned(),
            );
            1.0
        }
    });
    Scene {
        path: path.to_owned(),
        polarisations: bands.iter().filter_map(|band| band.polarisation).collect(),
        start: options.time,
        stop: options.time,
        column_spacing_m,
        row_spacing_m,
        footprint: map.and_then(|map| {
            // The outer edges of the border pixels.
            footprint::of_border(height + 1, width + 1, |row, col| {
                map.place(row - 0.5, col - 0.5)
            })
        }),
        notes,
        ..Scene::unreferenced(file_stem(path), sensor, (width, height), looks)
    }
}

fn file_stem(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem.to_owned(),
        _ => name.to_owned(),
    }
}

/// Chooses how each band is read.
struct Choice<'a> {
    path: &'a str,
    options: &'a RasterOptions,
    georeferenced: bool,
    notes: &'a mut Vec<String>,
}

impl Choice<'_> {
    fn sources(&mut self, raster: &mut Raster) -> Result<Vec<BandSource>, SceneError> {
        let alpha = (0..raster.bands()).find(|&band| raster.role(band) == BandRole::Alpha);
        let colours: Vec<usize> = (0..raster.bands())
            .filter(|&band| {
                raster.role(band) == BandRole::Colour && raster.sample_type(band) == SampleType::U8
            })
            .collect();
        let read: Vec<(usize, Encoding)> = if let [red, green, blue] = colours[..] {
            vec![(red, self.colour(raster, red, [green, blue])?)]
        } else {
            (0..raster.bands())
                .filter(|&band| Some(band) != alpha)
                .map(|band| Ok((band, self.encoding(raster, band)?)))
                .collect::<Result<_, SceneError>>()?
        };
        Ok(read
            .into_iter()
            .map(|(band, encoding)| BandSource {
                path: self.path.to_owned(),
                band,
                encoding,
                no_data: raster.no_data(band),
                alpha,
            })
            .collect())
    }

    /// Black is sea in a bare picture; in a georeferenced raster it is the empty border, unless another value is.
    fn black_is_sea(&self, raster: &Raster, band: usize) -> bool {
        raster.no_data(band).is_some() || !self.georeferenced
    }

    fn colour(
        &mut self,
        raster: &mut Raster,
        red: usize,
        others: [usize; 2],
    ) -> Result<Encoding, SceneError> {
        let black_is_sea = self.black_is_sea(raster, red);
        let first = sample(raster, red)?;
        let grey = others
            .iter()
            .map(|&band| Ok(sample(raster, band)? == first))
            .collect::<Result<Vec<bool>, SceneError>>()?;
        if grey == [true, true] {
            self.notes
                .push("The three colour bands are equal: the first is used.".to_owned());
            return Ok(Encoding::Bytes { black_is_sea });
        }
        self.notes
            .push("A colour picture: its luminance is used as amplitude.".to_owned());
        Ok(Encoding::Colour {
            others,
            black_is_sea,
        })
    }

    fn encoding(&mut self, raster: &mut Raster, band: usize) -> Result<Encoding, SceneError> {
        let power_told = self.options.intensity == Some(true);
        match raster.sample_type(band) {
            SampleType::U16 if !power_told => return Ok(Encoding::Counts),
            SampleType::U8 if !power_told => {
                return Ok(Encoding::Bytes {
                    black_is_sea: self.black_is_sea(raster, band),
                });
            }
            _ => {}
        }
        let mut values = sample(raster, band)?;
        let empty = raster.no_data(band).map(|value| value as f32);
        values.retain(|&value| value.is_finite() && value != 0.0 && Some(value) != empty);
        values.sort_by(f32::total_cmp);
        let refuse = |problem: String| {
            Err(SceneError::Values {
                path: self.path.to_owned(),
                band: band + 1,
                problem,
            })
        };
        let Some(&median) = values.get(values.len() / 2) else {
            return refuse(
                "holds no data: every sampled value is 0, NaN or the no-data value".to_owned(),
            );
        };
        if median < 0.0 {
            return refuse(format!(
                "has a median of {median}: decibels? expected amplitude or power, both above 0"
            ));
        }
        let float = matches!(raster.sample_type(band), SampleType::F32 | SampleType::F64);
        let intensity = self.options.intensity.unwrap_or(float && median < 1.0);
        if intensity && self.options.intensity.is_none() {
            self.notes.push(format!(
                "Band {} is taken as linear power: its median is {median:.3e}, below 1.",
                band + 1
            ));
        }
        let centre = if intensity { median.sqrt() } else { median };
        Ok(Encoding::Scaled {
            factor: SCALED_MEDIAN / centre,
            intensity,
        })
    }
}

/// A band thinned to at most [`SAMPLE_SIDE`] pixels each way.
fn sample(raster: &mut Raster, band: usize) -> Result<Vec<f32>, SceneError> {
    let (width, height) = raster.size();
    let size = (width.min(SAMPLE_SIDE), height.min(SAMPLE_SIDE));
    let mut values = vec![0.0; size.0 as usize * size.1 as usize];
    raster.overview_f32(band, size, &mut values)?;
    Ok(values)
}
