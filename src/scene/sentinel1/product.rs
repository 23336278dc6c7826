//! A product as its annotations describe it: all but the pixels.

use super::manifest::{FileKind, Manifest, ProductFile};
use super::{Annotation, Calibration, Geometry, Noise, Radiometry, rfi};
use crate::gis::vsi;
use crate::model::scene::{Polarisation, Scene, Sensor};
use crate::scene::{SceneError, footprint};

/// A product without its pixels: enough for places, times and radiometry. Needs no measurement raster.
#[derive(Debug, Clone)]
pub struct Annotated {
    folder: String,
    manifest: Manifest,
    missing: Vec<ProductFile>,
    scene: Scene,
    geometry: Geometry,
    bands: Vec<AnnotatedBand>,
}

/// One polarisation of a product.
#[derive(Debug, Clone)]
pub struct AnnotatedBand {
    /// Polarisation.
    pub polarisation: Polarisation,
    /// What the product annotation says.
    pub annotation: Annotation,
    /// Digital number → σ⁰; `None` if the calibration annotation is missing.
    pub radiometry: Option<Radiometry>,
    /// The raster's path as GDAL takes it, present or not.
    pub measurement: String,
}

impl Annotated {
    /// Reads manifest and annotations of the product in `folder`. Bands stand in the product's own order (image number).
    ///
    /// # Errors
    ///
    /// If the manifest or a product annotation is missing, or any annotation is unsound. Missing calibration, noise or
    /// pixels are no error here: see [`Self::missing`].
    pub fn open(folder: &str) -> Result<Self, SceneError> {
        Self::open_with_looks(folder, None)
    }

    pub(in crate::scene) fn open_with_looks(
        folder: &str,
        looks: Option<f64>,
    ) -> Result<Self, SceneError> {
        let folder = folder
            .trim_end_matches('/')
            .trim_end_matches("/manifest.safe");
        let manifest = Manifest::read(folder)?;
        let missing = manifest.missing(folder);
        let mut notes = Vec::new();
        let mut bands = Vec::new();
        for file in manifest
            .files
            .iter()
            .filter(|file| file.kind == FileKind::Annotation)
        {
            if missing.contains(file) {
                return Err(SceneError::Missing {
                    path: folder.to_owned(),
                    files: vec![format!("{} ({})", file.path, file.describe())],
                });
            }
            let reader = BandFiles {
                folder,
                manifest: &manifest,
                missing: &missing,
            };
            bands.push(reader.read(file, &mut notes)?);
        }
        bands.sort_by(|a: &AnnotatedBand, b| {
            a.annotation.image_number.cmp(&b.annotation.image_number)
        });
        let Some(first) = bands.first() else {
            return Err(SceneError::Missing {
                path: folder.to_owned(),
                files: vec!["any product annotation".to_owned()],
            });
        };
        if let Some(other) = bands.iter().find(|band| {
            (band.annotation.rows, band.annotation.cols)
                != (first.annotation.rows, first.annotation.cols)
        }) {
            return Err(SceneError::Size {
                path: format!("{folder} ({})", other.polarisation),
                found: (other.annotation.cols, other.annotation.rows),
                expected: (first.annotation.cols, first.annotation.rows),
            });
        }
        let geometry = first.annotation.geometry()?;
        let mut scene = describe(folder, &manifest, &bands, &geometry, looks);
        scene.notes = notes;
        if scene.has_border_noise() {
            scene.notes.push(
                "Made before IPF 2.90: the borders of the image may hold noise instead of no data."
                    .to_owned(),
            );
        }
        Ok(Self {
            folder: folder.to_owned(),
            manifest,
            missing,
            scene,
            geometry,
            bands,
        })
    }

    /// What the product is.
    pub fn scene(&self) -> &Scene {
        &self.scene
    }

    /// The folder it was read from.
    pub fn folder(&self) -> &str {
        &self.folder
    }

    /// The manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Pixel ↔ place, the same for all bands.
    pub fn geometry(&self) -> &Geometry {
        &self.geometry
    }

    /// Polarisations in the product's order.
    pub fn bands(&self) -> &[AnnotatedBand] {
        &self.bands
    }

    /// Files that the manifest names and that are not there.
    pub fn missing(&self) -> &[ProductFile] {
        &self.missing
    }
}

struct BandFiles<'a> {
    folder: &'a str,
    manifest: &'a Manifest,
    missing: &'a [ProductFile],
}

impl BandFiles<'_> {
    fn read(
        &self,
        file: &ProductFile,
        notes: &mut Vec<String>,
    ) -> Result<AnnotatedBand, SceneError> {
        let path = format!("{}/{}", self.folder, file.path);
        let annotation = Annotation::parse(&path, &vsi::read_file(&path)?)?;
        let polarisation = annotation.polarisation;
        let noise = match self.present(FileKind::Noise, polarisation)? {
            Some((path, bytes)) => Some(Noise::parse(&path, &bytes)?),
            None => None,
        };
        let radiometry = match self.present(FileKind::Calibration, polarisation)? {
            Some((path, bytes)) => {
                let calibration = Calibration::parse(&path, &bytes)?;
                let (radiometry, remark) =
                    Radiometry::new(calibration, noise, self.manifest.ipf, &annotation.mode);
                notes.extend(remark);
                Some(radiometry)
            }
            None => None,
        };
        if let Some((path, bytes)) = self.present(FileKind::Rfi, polarisation)? {
            notes.extend(rfi::remark(&path, &bytes)?);
        }
        let Some(measurement) = self.named(FileKind::Measurement, polarisation) else {
            return Err(SceneError::Missing {
                path: format!("{}/manifest.safe", self.folder),
                files: vec![format!("the name of the {polarisation} measurement raster")],
            });
        };
        Ok(AnnotatedBand {
            polarisation,
            annotation,
            radiometry,
            measurement: format!("{}/{}", self.folder, measurement.path),
        })
    }

    fn named(&self, kind: FileKind, polarisation: Polarisation) -> Option<&ProductFile> {
        self.manifest
            .files
            .iter()
            .find(|file| file.kind == kind && file.polarisation == Some(polarisation))
    }

    fn present(
        &self,
        kind: FileKind,
        polarisation: Polarisation,
    ) -> Result<Option<(String, Vec<u8>)>, SceneError> {
        let Some(file) = self
            .named(kind, polarisation)
            .filter(|file| !self.missing.contains(file))
        else {
            return Ok(None);
        };
        let path = format!("{}/{}", self.folder, file.path);
        let bytes = vsi::read_file(&path)?;
        Ok(Some((path, bytes)))
    }
}

fn describe(
    folder: &str,
    manifest: &Manifest,
    bands: &[AnnotatedBand],
    geometry: &Geometry,
    looks: Option<f64>,
) -> Scene {
    let first = &bands[0].annotation;
    let (rows, cols) = (f64::from(first.rows), f64::from(first.cols));
    let id = product_id(folder);
    let product_type = product_type(&id, first);
    let incidence = |col: f64| Some(geometry.locate(rows / 2.0, col)?.sar?.incidence_deg);
    Scene {
        path: folder.to_owned(),
        sensor: Sensor::Sentinel1,
        platform: manifest.platform.clone(),
        mode: first.mode.clone(),
        polarisations: bands.iter().map(|band| band.polarisation).collect(),
        start: Some(first.first_line),
        stop: Some(first.last_line),
        width: first.cols,
        height: first.rows,
        column_spacing_m: Some(first.range_spacing_m),
        row_spacing_m: Some(first.azimuth_spacing_m),
        looks: looks.unwrap_or_else(|| nominal_looks(&first.mode, &product_type)),
        footprint: footprint::of_border(first.rows, first.cols, |row, col| {
            geometry.locate(row, col).map(|pixel| pixel.position)
        }),
        incidence_deg: incidence(0.0).zip(incidence(cols - 1.0)),
        pass: manifest.pass.or(Some(first.pass)),
        absolute_orbit: Some(first.absolute_orbit),
        relative_orbit: manifest.relative_orbit,
        processor: manifest.processor.clone(),
        simulated: manifest.simulated,
        notes: Vec::new(),
        id,
        product_type,
    }
}

/// The folder's name without `.SAFE`.
fn product_id(folder: &str) -> String {
    let name = folder.rsplit('/').next().unwrap_or(folder);
    let full = if matches!(name, "" | "." | "..") {
        std::fs::canonicalize(folder)
            .ok()
            .and_then(|path| {
                path.file_name()
                    .map(|name| name.to_string_lossy().into_owned())
            })
            .unwrap_or_else(|| name.to_owned())
    } else {
        name.to_owned()
    };
    full.strip_suffix(".SAFE")
        .map_or(full.clone(), str::to_owned)
}

/// `GRDH`, `GRDM` or `GRDF`: from the product's name, else from the pixel spacing (Product Specification, table 5-1).
fn product_type(id: &str, annotation: &Annotation) -> String {
    let named = id
        .split('_')
        .find(|part| matches!(*part, "GRDH" | "GRDM" | "GRDF"));
    let resolution = match annotation.range_spacing_m {
        spacing if spacing < 6.0 => "F",
        spacing if spacing < 30.0 => "H",
        _ => "M",
    };
    named.map_or_else(
        || format!("{}{resolution}", annotation.product_type),
        str::to_owned,
    )
}

/// Equivalent number of looks a mode and resolution, as SUMO uses them (JRC); full resolution SM is 3.5.
fn nominal_looks(mode: &str, product_type: &str) -> f64 {
    match (mode, product_type) {
        ("IW", "GRDM") => 50.0,
        ("EW", "GRDH") => 2.7,
        ("EW", "GRDM") => 9.6,
        (_, "GRDF") => 3.5,
        ("IW" | "EW", _) => 4.4,
        _ => 27.0,
    }
}
