//! Which pixels of a scene are land, as runs of columns.
//!
//! Land polygons go through the scene's own geocoding into pixels, edges of over 5 km in pieces because that map is not straight,
//! and are cut to the image and then to strips of rows, which GDAL burns with every touched pixel. Only runs are kept.

use super::clip::{Half, keep_in_box};
use super::error::RegionError;
use super::land::Land;
use super::shore::pieces;
use crate::gis::rasterize::burn_polygons;
use crate::model::units::LonLat;
use geo::{
    BoundingRect, Coord, Intersects, LineString, LinesIter, MapCoords, MultiPolygon, Polygon, Rect,
};

/// Longest piece of an edge that is drawn as a straight line in pixels, metres.
const STRAIGHT_M: f64 = 5_000.0;

/// Rows burnt at a time: at 25,000 columns two buffers of 3 MB.
const STRIP_ROWS: u32 = 128;

/// Pixels kept beyond the image when polygons are cut, so that the cut itself touches no pixel of it.
const BEYOND_PX: f64 = 2.0;

/// Largest box, degrees, whose place in pixels is judged by nine of its points.
const LARGEST_JUDGED_DEG: f64 = 3.0;

/// Land pixels of one scene.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LandMask {
    width: u32,
    /// Where each row's runs begin, and the end of the last.
    starts: Vec<usize>,
    runs: Vec<(u32, u32)>,
}

impl LandMask {
    /// A mask of open sea.
    pub fn empty(width: u32, height: u32) -> Self {
        Self {
            width,
            starts: vec![0; height as usize + 1],
            runs: Vec::new(),
        }
    }

    /// Columns.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Rows.
    pub fn height(&self) -> u32 {
        (self.starts.len() - 1) as u32
    }

    /// Runs of land in a row, rising and apart: (first column, end column exclusive). None outside the scene.
    pub fn runs(&self, row: u32) -> &[(u32, u32)] {
        let row = row as usize;
        match (self.starts.get(row), self.starts.get(row + 1)) {
            (Some(&start), Some(&end)) => &self.runs[start..end],
            _ => &[],
        }
    }

    /// True if the pixel is land; false outside the scene.
    pub fn is_land(&self, row: u32, col: u32) -> bool {
        let runs = self.runs(row);
        let before = runs.partition_point(|&(first, _)| first <= col);
        before > 0 && col < runs[before - 1].1
    }

    /// Number of land pixels.
    pub fn land_pixels(&self) -> u64 {
        let lengths = self.runs.iter().map(|&(first, end)| u64::from(end - first));
        lengths.sum()
    }
}

/// A mask in the making: rows are added from the top.
struct Builder {
    mask: LandMask,
    rows: usize,
}

impl Builder {
    fn new(width: u32, height: u32) -> Self {
        Self {
            mask: LandMask::empty(width, height),
            rows: 0,
        }
    }

    /// Adds the next row from runs that rise by their first columns; those that touch are joined.
    fn push_row(&mut self, runs: &[(u32, u32)]) {
        let start = self.mask.runs.len();
        for &(first, end) in runs {
            match self.mask.runs[start..].last_mut() {
                Some(last) if first <= last.1 => last.1 = last.1.max(end),
                _ => self.mask.runs.push((first, end)),
            }
        }
        self.rows += 1;
        self.mask.starts[self.rows] = self.mask.runs.len();
    }
}

impl Land {
    /// Land pixels of a scene, every pixel that land touches.
    ///
    /// `pixel_of` gives (row, column) of a place, the centre of the first pixel at (0, 0); it may answer far outside the image, and
    /// `None` or numbers that are not finite where it has no answer: such corners are left out.
    ///
    /// # Errors
    ///
    /// [`RegionError::Gis`] if GDAL refuses to burn.
    pub fn mask(
        &self,
        width: u32,
        height: u32,
        pixel_of: &dyn Fn(LonLat) -> Option<(f64, f64)>,
    ) -> Result<LandMask, RegionError> {
        let mut builder = Builder::new(width, height);
        if width == 0 || height == 0 {
            return Ok(builder.mask);
        }
        let image = Rect::new(
            (-BEYOND_PX, -BEYOND_PX),
            (f64::from(width) + BEYOND_PX, f64::from(height) + BEYOND_PX),
        );
        let polygons = self.polygons().iter();
        let near = polygons.filter(|polygon| may_touch(polygon, image, pixel_of));
        let in_pixels: Vec<Polygon<f64>> = near
            .filter_map(|polygon| keep_in_box(&in_pixels(polygon, pixel_of), image))
            .collect();
        burn_rows(&in_pixels, 0, height, &mut builder)?;
        Ok(builder.mask)
    }
}

/// False if the polygon is surely outside the image: nine points of its box, with half the box's size of room for curvature.
fn may_touch(
    polygon: &Polygon<f64>,
    image: Rect<f64>,
    pixel_of: &dyn Fn(LonLat) -> Option<(f64, f64)>,
) -> bool {
    let Some(bounds) = polygon.bounding_rect() else {
        return false;
    };
    if bounds.width().max(bounds.height()) > LARGEST_JUDGED_DEG {
        return true;
    }
    let mut seen: Option<Rect<f64>> = None;
    for point in 0..9_u8 {
        let (across, up) = (f64::from(point % 3) / 2.0, f64::from(point / 3) / 2.0);
        let place = Coord {
            x: bounds.min().x + bounds.width() * across,
            y: bounds.min().y + bounds.height() * up,
        };
        let Some(at) = pixel(place, pixel_of) else {
            return true;
        };
        seen = Some(seen.map_or(Rect::new(at, at), |seen| {
            Rect::new(
                (seen.min().x.min(at.x), seen.min().y.min(at.y)),
                (seen.max().x.max(at.x), seen.max().y.max(at.y)),
            )
        }));
    }
    seen.is_some_and(|seen| {
        let room = Coord {
            x: seen.width() / 2.0,
            y: seen.height() / 2.0,
        };
        Rect::new(seen.min() - room, seen.max() + room).intersects(&image)
    })
}

/// A place in pixels: x = column, y = row.
fn pixel(place: Coord<f64>, pixel_of: &dyn Fn(LonLat) -> Option<(f64, f64)>) -> Option<Coord<f64>> {
    let (row, col) = pixel_of(LonLat::new(place.x, place.y))?;
    (row.is_finite() && col.is_finite()).then_some(Coord { x: col, y: row })
}

fn in_pixels(
    polygon: &Polygon<f64>,
    pixel_of: &dyn Fn(LonLat) -> Option<(f64, f64)>,
) -> Polygon<f64> {
    let ring = |ring: &LineString<f64>| {
        let corners = ring.lines_iter().flat_map(|edge| pieces(edge, STRAIGHT_M));
        let corners = corners.filter_map(|piece| pixel(piece.start, pixel_of));
        LineString(corners.collect())
    };
    let holes = polygon.interiors().iter().map(ring);
    Polygon::new(ring(polygon.exterior()), holes.collect())
}

/// Burns rows `first .. end`, halving polygons and rows down to a strip so that each strip walks through its own corners only.
fn burn_rows(
    polygons: &[Polygon<f64>],
    first: u32,
    end: u32,
    builder: &mut Builder,
) -> Result<(), RegionError> {
    if polygons.is_empty() {
        (first..end).for_each(|_| builder.push_row(&[]));
        return Ok(());
    }
    if end - first <= STRIP_ROWS {
        return burn_strip(polygons, first, end, builder);
    }
    let middle = first + (end - first) / 2;
    let edge = f64::from(middle);
    let keep = |half: Half| -> Vec<Polygon<f64>> {
        polygons
            .iter()
            .filter_map(|polygon| half.keep(polygon))
            .collect()
    };
    burn_rows(&keep(Half::Below(edge + BEYOND_PX)), first, middle, builder)?;
    burn_rows(&keep(Half::Above(edge - BEYOND_PX)), middle, end, builder)
}

fn burn_strip(
    polygons: &[Polygon<f64>],
    first: u32,
    end: u32,
    builder: &mut Builder,
) -> Result<(), RegionError> {
    let strip = MultiPolygon(polygons.to_vec());
    let width = f64::from(builder.mask.width);
    // Only the columns that the strip's land spans are burnt.
    let (west, east) = strip.bounding_rect().map_or((0.0, 0.0), |bounds| {
        let inside = |x: f64| x.clamp(0.0, width);
        (
            inside((bounds.min().x - 1.0).floor()),
            inside((bounds.max().x + 2.0).ceil()),
        )
    });
    let (first_col, columns) = (west as u32, (east - west) as u32);
    let strip = strip.map_coords(|at| Coord {
        x: at.x - west,
        y: at.y - f64::from(first),
    });
    let rows = end - first;
    let mut burnt = vec![0; columns as usize * rows as usize];
    burn_polygons(columns, rows, &strip, &mut burnt)?;
    let mut runs = Vec::new();
    for row in 0..rows as usize {
        runs.clear();
        let pixels = &burnt[row * columns as usize..(row + 1) * columns as usize];
        take_runs(pixels, first_col, &mut runs);
        builder.push_row(&runs);
    }
    Ok(())
}

/// Adds the runs of burnt pixels in a row that begins at column `first_col`.
fn take_runs(pixels: &[u8], first_col: u32, runs: &mut Vec<(u32, u32)>) {
    let mut col = 0;
    for same in pixels.chunk_by(|a, b| a == b) {
        let end = col + same.len() as u32;
        if same[0] != 0 {
            runs.push((first_col + col, first_col + end));
        }
        col = end;
    }
}

#[cfg(test)]
#[path = "mask_tests.rs"]
mod tests;
