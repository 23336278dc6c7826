//! A labelled folder: images, boxes about their ships, and masks of their sea.
//!
//! `images/` holds the images. Boxes stand in `annotations/NAME.xml` (Pascal VOC, one file an image) or in one COCO file
//! `annotations.json`. `sea-masks/NAME.png`, if there, is 0 on land.

use crate::detect::LandRows;
use crate::gis::raster::Raster;
use crate::lab::{LabError, at_file};
use crate::scene::xml::Document;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A labelled image.
#[derive(Debug, Clone, PartialEq)]
pub struct Chip {
    /// File name without its ending.
    pub name: String,
    /// The image.
    pub path: PathBuf,
    /// One box a ship.
    pub boxes: Vec<ShipBox>,
    /// Where its land is; `None` if nobody says.
    pub land: Option<ChipLand>,
}

/// A box about a ship, pixels; 0 is the centre of the first pixel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShipBox {
    /// Left side.
    pub left: f64,
    /// Upper side.
    pub top: f64,
    /// Right side.
    pub right: f64,
    /// Lower side.
    pub bottom: f64,
}

impl ShipBox {
    /// Row and column of the middle.
    pub fn centre(&self) -> (f64, f64) {
        (
            0.5 * (self.top + self.bottom),
            0.5 * (self.left + self.right),
        )
    }

    /// The longer side, pixels.
    pub fn longer_px(&self) -> f64 {
        (self.right - self.left).max(self.bottom - self.top)
    }
}

/// Land of a chip, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChipLand {
    rows: Vec<Vec<(u32, u32)>>,
}

impl LandRows for ChipLand {
    fn land_runs(&self, row: u32) -> &[(u32, u32)] {
        self.rows.get(row as usize).map_or(&[], Vec::as_slice)
    }
}

impl ChipLand {
    /// From a mask that is 0 on land, row-major.
    pub(super) fn new(mask: &[u16], width: usize) -> Self {
        let rows = mask.chunks(width).map(|line| {
            let mut runs: Vec<(u32, u32)> = Vec::new();
            for (col, _) in (0..).zip(line).filter(|(_, value)| **value == 0) {
                match runs.last_mut() {
                    Some(run) if run.1 == col => run.1 += 1,
                    _ => runs.push((col, col + 1)),
                }
            }
            runs
        });
        Self {
            rows: rows.collect(),
        }
    }

    /// True if nothing is land.
    pub fn is_empty(&self) -> bool {
        self.rows.iter().all(Vec::is_empty)
    }

    /// True if land lies within `reach` pixels of a place, down or across.
    pub fn is_near(&self, row: f64, col: f64, reach: f64) -> bool {
        let first = (row - reach).max(0.0) as usize;
        let end = ((row + reach).max(0.0) as usize + 1).min(self.rows.len());
        let (left, right) = (col - reach, col + reach);
        let within =
            |&(first, end): &(u32, u32)| f64::from(end) > left && f64::from(first) <= right;
        self.rows[first.min(end)..end]
            .iter()
            .any(|runs| runs.iter().any(within))
    }
}

/// The chips of a folder, by name.
///
/// # Errors
///
/// `LabError` that names the file that cannot be read or is no list of boxes, or an image without boxes' file.
pub fn read_folder(folder: &Path) -> Result<Vec<Chip>, LabError> {
    let images = folder.join("images");
    let mut paths: Vec<PathBuf> = fs::read_dir(&images)
        .map_err(at_file(&images))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()
        .map_err(at_file(&images))?;
    paths.retain(|path| path.is_file() && !path.to_string_lossy().ends_with(".aux.xml"));
    paths.sort();
    let coco = folder.join("annotations.json");
    let listed = if coco.is_file() {
        Some(read_coco(&coco)?)
    } else {
        None
    };
    paths
        .into_iter()
        .map(|path| {
            let part = |part: Option<&std::ffi::OsStr>| {
                part.map(|part| part.to_string_lossy().into_owned())
                    .unwrap_or_default()
            };
            let name = part(path.file_stem());
            let boxes = match &listed {
                Some(listed) => listed
                    .get(&part(path.file_name()))
                    .cloned()
                    .unwrap_or_default(),
                None => read_voc(&folder.join("annotations").join(format!("{name}.xml")))?,
            };
            let mask = folder.join("sea-masks").join(format!("{name}.png"));
            let land = if mask.is_file() {
                Some(read_mask(&mask)?)
            } else {
                None
            };
            Ok(Chip {
                name,
                path,
                boxes,
                land,
            })
        })
        .collect()
}

fn read_mask(path: &Path) -> Result<ChipLand, LabError> {
    let mut raster = Raster::open(&path.to_string_lossy())?;
    let (width, height) = raster.size();
    let mut values = vec![0; width as usize * height as usize];
    raster.read_rows_u16(0, 0, height, &mut values)?;
    Ok(ChipLand::new(&values, width as usize))
}

/// Boxes of a Pascal VOC file.
fn read_voc(path: &Path) -> Result<Vec<ShipBox>, LabError> {
    let bytes = fs::read(path).map_err(at_file(path))?;
    let document = Document::parse(&path.to_string_lossy(), &bytes)?;
    let boxes = document.root().all("object").into_iter().map(|object| {
        Ok(ShipBox {
            left: object.number("bndbox/xmin")?,
            top: object.number("bndbox/ymin")?,
            right: object.number("bndbox/xmax")?,
            bottom: object.number("bndbox/ymax")?,
        })
    });
    boxes.collect()
}

#[derive(Deserialize)]
struct Coco {
    images: Vec<CocoImage>,
    annotations: Vec<CocoBox>,
}

#[derive(Deserialize)]
struct CocoImage {
    id: u64,
    file_name: String,
}

#[derive(Deserialize)]
struct CocoBox {
    image_id: u64,
    /// Left, top, width, height.
    bbox: [f64; 4],
}

/// Boxes of a COCO file by the image's file name.
fn read_coco(path: &Path) -> Result<BTreeMap<String, Vec<ShipBox>>, LabError> {
    let text = fs::read(path).map_err(at_file(path))?;
    let coco: Coco = serde_json::from_slice(&text).map_err(|source| LabError::Labels {
        path: path.to_owned(),
        source,
    })?;
    let names: BTreeMap<u64, &str> = coco
        .images
        .iter()
        .map(|image| {
            let name = image.file_name.rsplit('/').next();
            (image.id, name.unwrap_or(&image.file_name))
        })
        .collect();
    let mut listed: BTreeMap<String, Vec<ShipBox>> = BTreeMap::new();
    for told in &coco.annotations {
        let Some(name) = names.get(&told.image_id) else {
            continue;
        };
        let [left, top, width, height] = told.bbox;
        listed.entry((*name).to_owned()).or_default().push(ShipBox {
            left,
            top,
            right: left + width,
            bottom: top + height,
        });
    }
    Ok(listed)
}
