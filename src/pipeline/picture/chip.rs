//! One contact → a close picture of its place, with a box about what was seen or should have been, and a scale bar.

use super::PictureError;
use super::canvas::{Canvas, colour, stretch};
use crate::model::contact::Verdict;
use crate::model::detection::PixelExtent;
use crate::model::tile::Tile;
use crate::scene::Product;
use image::Rgb;

/// Side of the square cut from the image, pixels.
const SIDE: u32 = 128;
/// Enlargement.
const FACTOR: u32 = 3;
/// Pixels left free between the box and the target's extent.
const MARGIN: f64 = 3.0;

/// What a chip shows.
pub struct Chip<'a> {
    /// The image.
    pub product: &'a Product,
    /// What the box is drawn about.
    pub target: Target,
    /// Its verdict: the colour of the box.
    pub verdict: Option<Verdict>,
}

/// Where in the image a contact is.
#[derive(Debug, Clone, Copy)]
pub enum Target {
    /// At a detection's pixels.
    Seen(PixelExtent),
    /// At a place (row, column) where AIS puts a vessel and no echo stands.
    Unseen(f64, f64),
}

impl Target {
    /// First row, first column, last row, last column.
    fn bounds(self) -> [f64; 4] {
        match self {
            Self::Seen(extent) => [
                extent.first_row,
                extent.first_col,
                extent.last_row,
                extent.last_col,
            ]
            .map(f64::from),
            Self::Unseen(row, col) => [row, col, row, col],
        }
    }
}

/// Draws 128 × 128 pixels about a contact, three times enlarged, as PNG bytes.
///
/// # Errors
///
/// [`PictureError`] if the first band cannot be read.
pub fn chip(subject: &Chip<'_>) -> Result<Vec<u8>, PictureError> {
    let scene = subject.product.scene();
    let window = Window::about(subject.target, (scene.width, scene.height));
    let amplitude = cut(subject.product, &window)?;
    let grey = stretch(&amplitude, (0.02, 0.9995));
    let mut canvas = Canvas::from_grey(window.cols, window.rows, &grey).enlarge(FACTOR);
    draw_box(&mut canvas, subject, &window);
    if let Some(spacing_m) = scene.column_spacing_m {
        draw_scale(&mut canvas, spacing_m, &window);
    }
    canvas.png().map_err(|source| PictureError::Encode {
        scene: scene.id.clone(),
        source,
    })
}

/// A part of the image; smaller than asked for where the image is.
struct Window {
    first_row: u32,
    first_col: u32,
    rows: u32,
    cols: u32,
}

impl Window {
    fn about(target: Target, (width, height): (u32, u32)) -> Self {
        let [first_row, first_col, last_row, last_col] = target.bounds();
        let (first_row, rows) = centred(f64::midpoint(first_row, last_row), height);
        let (first_col, cols) = centred(f64::midpoint(first_col, last_col), width);
        Self {
            first_row,
            first_col,
            rows,
            cols,
        }
    }

    /// A pixel of the image as (x, y) in the enlarged chip.
    fn place(&self, row: f64, col: f64) -> (f64, f64) {
        let factor = f64::from(FACTOR);
        (
            (col - f64::from(self.first_col) + 0.5) * factor - 0.5,
            (row - f64::from(self.first_row) + 0.5) * factor - 0.5,
        )
    }
}

/// First pixel and number of pixels of a span about `middle` that stays within `size`.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the image"
)]
fn centred(middle: f64, size: u32) -> (u32, u32) {
    let span = SIDE.min(size);
    let last_start = f64::from(size - span);
    let first = (middle - f64::from(span) / 2.0)
        .round()
        .clamp(0.0, last_start);
    (first as u32, span)
}

fn cut(product: &Product, window: &Window) -> Result<Vec<f32>, PictureError> {
    let read_fault = |source| PictureError::Read {
        scene: product.scene().id.clone(),
        source: Box::new(source),
    };
    let mut reader = product.open_band(0).map_err(read_fault)?;
    let mut tile = Tile::default();
    reader
        .read(window.first_row, window.rows, &mut tile)
        .map_err(read_fault)?;
    let columns = window.first_col as usize..(window.first_col + window.cols) as usize;
    Ok((window.first_row..window.first_row + window.rows)
        .flat_map(|row| tile.row(row)[columns.clone()].iter().copied())
        .map(f32::from)
        .collect())
}

fn draw_box(canvas: &mut Canvas, subject: &Chip<'_>, window: &Window) {
    let [first_row, first_col, last_row, last_col] = subject.target.bounds();
    let (left, top) = window.place(first_row - MARGIN, first_col - MARGIN);
    let (right, bottom) = window.place(last_row + MARGIN, last_col + MARGIN);
    let corners = [
        (left, top),
        (right, top),
        (right, bottom),
        (left, bottom),
        (left, top),
    ];
    canvas.path(&corners, colour(subject.verdict));
}

/// A bar of a round length, at most a third of the chip, with its length beside it.
fn draw_scale(canvas: &mut Canvas, spacing_m: f64, window: &Window) {
    let longest_m = spacing_m * f64::from(window.cols) / 3.0;
    let Some(length_m) = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000]
        .into_iter()
        .rev()
        .find(|length| f64::from(*length) <= longest_m)
    else {
        return;
    };
    let bar_px = f64::from(length_m) / spacing_m * f64::from(FACTOR);
    let bottom = f64::from(window.rows * FACTOR);
    for offset in [8.0, 9.0] {
        canvas.line(
            (8.0, bottom - offset),
            (8.0 + bar_px, bottom - offset),
            Rgb([255; 3]),
        );
    }
    let label = if length_m >= 1000 {
        format!("{} km", length_m / 1000)
    } else {
        format!("{length_m} m")
    };
    canvas.text(&label, (8.0, bottom - 24.0), 2);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_at_the_edge_keeps_its_size_and_a_small_image_is_shown_whole() {
        assert_eq!(centred(3.0, 1000), (0, 128));
        assert_eq!(centred(999.0, 1000), (872, 128));
        assert_eq!(centred(500.0, 1000), (436, 128));
        assert_eq!(centred(10.0, 40), (0, 40));
    }
}
