//! A picture to draw on: stretch, lines, markers and digits. Drawing outside the picture is clipped.

use crate::model::contact::Verdict;
use image::{ImageFormat, Rgb, RgbImage};
use std::io::Cursor;

/// Colour of a marker, with a shape of its own: colour alone must not carry the verdict.
///
/// The palette is Okabe and Ito's (2008), told apart by readers with a colour vision deficiency.
pub(super) fn colour(verdict: Option<Verdict>) -> Rgb<u8> {
    match verdict {
        Some(Verdict::Correlated) => Rgb([0, 158, 115]),
        Some(Verdict::Ambiguous) => Rgb([240, 228, 66]),
        Some(Verdict::Uncorrelated) => Rgb([230, 90, 40]),
        Some(Verdict::AisOnly) => Rgb([86, 180, 233]),
        Some(Verdict::Fixed) => Rgb([170, 170, 170]),
        Some(Verdict::NotAssessable) | None => Rgb([255, 255, 255]),
    }
}

/// A picture under construction.
pub(super) struct Canvas {
    image: RgbImage,
}

impl Canvas {
    /// A grey picture: one value a pixel, row-major, `width × height`.
    pub(super) fn from_grey(width: u32, height: u32, grey: &[u8]) -> Self {
        let image = RgbImage::from_fn(width, height, |x, y| {
            let index = y as usize * width as usize + x as usize;
            Rgb([grey.get(index).copied().unwrap_or(0); 3])
        });
        Self { image }
    }

    /// Enlarges every pixel to `factor × factor`.
    pub(super) fn enlarge(&self, factor: u32) -> Self {
        let (width, height) = self.image.dimensions();
        let image = RgbImage::from_fn(width * factor, height * factor, |x, y| {
            *self.image.get_pixel(x / factor, y / factor)
        });
        Self { image }
    }

    /// Mixes `tint` half and half into the pixels of one row, `first ..= end − 1`.
    pub(super) fn tint(&mut self, y: u32, columns: std::ops::Range<u32>, tint: Rgb<u8>) {
        for x in columns {
            if let Some(pixel) = self.image.get_pixel_mut_checked(x, y) {
                for (value, tint) in pixel.0.iter_mut().zip(tint.0) {
                    *value = value.midpoint(tint);
                }
            }
        }
    }

    /// Paints a rectangle of `size` (width, height) from its top left corner.
    pub(super) fn fill(&mut self, corner: (u32, u32), size: (u32, u32), paint: Rgb<u8>) {
        for y in corner.1..corner.1 + size.1 {
            for x in corner.0..corner.0 + size.0 {
                self.put(i64::from(x), i64::from(y), paint);
            }
        }
    }

    fn put(&mut self, x: i64, y: i64, colour: Rgb<u8>) {
        if let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y))
            && let Some(pixel) = self.image.get_pixel_mut_checked(x, y)
        {
            *pixel = colour;
        }
    }

    /// A straight line between two places in pixels, one pixel wide.
    ///
    /// Lines that lie wholly outside are skipped; others are stepped a pixel at a time after clipping.
    pub(super) fn line(&mut self, from: (f64, f64), to: (f64, f64), colour: Rgb<u8>) {
        let Some((from, to)) = self.clip(from, to) else {
            return;
        };
        let steps = (to.0 - from.0).abs().max((to.1 - from.1).abs()).ceil();
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clipped to the picture: a few thousand steps"
        )]
        for step in 0..=(steps as u32) {
            let t = f64::from(step) / steps.max(1.0);
            let x = from.0 + t * (to.0 - from.0);
            let y = from.1 + t * (to.1 - from.1);
            self.put(x.round() as i64, y.round() as i64, colour);
        }
    }

    /// The part of a segment inside the picture (Liang and Barsky 1984).
    fn clip(&self, from: (f64, f64), to: (f64, f64)) -> Option<((f64, f64), (f64, f64))> {
        let (width, height) = self.image.dimensions();
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let edges = [
            (-dx, from.0),
            (dx, f64::from(width) - 1.0 - from.0),
            (-dy, from.1),
            (dy, f64::from(height) - 1.0 - from.1),
        ];
        let (mut enter, mut leave) = (0.0_f64, 1.0_f64);
        for (direction, distance) in edges {
            if !direction.is_finite() || !distance.is_finite() {
                return None;
            }
            if direction == 0.0 {
                if distance < 0.0 {
                    return None;
                }
            } else if direction < 0.0 {
                enter = enter.max(distance / direction);
            } else {
                leave = leave.min(distance / direction);
            }
        }
        let at = |t: f64| (from.0 + t * dx, from.1 + t * dy);
        (enter <= leave).then(|| (at(enter), at(leave)))
    }

    /// Lines through `points` in turn.
    pub(super) fn path(&mut self, points: &[(f64, f64)], colour: Rgb<u8>) {
        for pair in points.windows(2) {
            self.line(pair[0], pair[1], colour);
        }
    }

    /// A verdict's marker about (x, y), drawn twice: a dark rim, then its colour.
    pub(super) fn marker(&mut self, centre: (f64, f64), radius: f64, verdict: Option<Verdict>) {
        let colour = colour(verdict);
        for (grow, paint) in [(1.5, Rgb([0, 0, 0])), (0.0, colour), (-1.0, colour)] {
            for stroke in strokes(verdict) {
                let points: Vec<(f64, f64)> = stroke
                    .iter()
                    .map(|(x, y)| {
                        (
                            centre.0 + x * (radius + grow),
                            centre.1 + y * (radius + grow),
                        )
                    })
                    .collect();
                self.path(&points, paint);
            }
        }
    }

    /// Text of digits, `-`, `.`, `k` and `m` with its top left corner at (x, y); `scale` pixels a dot.
    pub(super) fn text(&mut self, text: &str, corner: (f64, f64), scale: i64) {
        #[allow(
            clippy::cast_possible_truncation,
            reason = "places in a picture of a few thousand pixels"
        )]
        let (mut x, y) = (corner.0.round() as i64, corner.1.round() as i64);
        for glyph in text.chars().map(glyph) {
            for (paint, grow) in [(Rgb([0, 0, 0]), 1), (Rgb([255, 255, 255]), 0)] {
                for (row, bits) in (0_i64..).zip(glyph) {
                    for column in (0..3_i64).filter(|column| bits >> (2 - column) & 1 == 1) {
                        for (dx, dy) in square(scale, grow) {
                            self.put(x + column * scale + dx, y + row * scale + dy, paint);
                        }
                    }
                }
            }
            x += 4 * scale;
        }
    }

    /// The picture as PNG.
    pub(super) fn png(&self) -> Result<Vec<u8>, image::ImageError> {
        let mut bytes = Cursor::new(Vec::new());
        self.image.write_to(&mut bytes, ImageFormat::Png)?;
        Ok(bytes.into_inner())
    }
}

/// Offsets of a dot of `scale × scale` pixels grown by `grow` on every side.
fn square(scale: i64, grow: i64) -> impl Iterator<Item = (i64, i64)> {
    (-grow..scale + grow).flat_map(move |dy| (-grow..scale + grow).map(move |dx| (dx, dy)))
}

/// Outline of a verdict's shape in the unit circle, y down.
fn strokes(verdict: Option<Verdict>) -> Vec<Vec<(f64, f64)>> {
    match verdict {
        Some(Verdict::Correlated) => {
            let turn = std::f64::consts::TAU / 24.0;
            let circle = (0..=24).map(|i| (f64::from(i) * turn).sin_cos());
            vec![circle.collect()]
        }
        Some(Verdict::Ambiguous) => {
            vec![vec![
                (0.0, -1.0),
                (1.0, 0.0),
                (0.0, 1.0),
                (-1.0, 0.0),
                (0.0, -1.0),
            ]]
        }
        Some(Verdict::Uncorrelated) => vec![vec![
            (-0.9, -0.9),
            (0.9, -0.9),
            (0.9, 0.9),
            (-0.9, 0.9),
            (-0.9, -0.9),
        ]],
        Some(Verdict::AisOnly) => {
            vec![vec![(0.0, -1.0), (1.0, 0.8), (-1.0, 0.8), (0.0, -1.0)]]
        }
        Some(Verdict::Fixed) => vec![vec![(-1.0, 0.0), (1.0, 0.0)], vec![(0.0, -1.0), (0.0, 1.0)]],
        Some(Verdict::NotAssessable) | None => {
            vec![
                vec![(-0.8, -0.8), (0.8, 0.8)],
                vec![(-0.8, 0.8), (0.8, -0.8)],
            ]
        }
    }
}

/// Five rows of three dots; a blank for what has no shape here.
fn glyph(c: char) -> [u8; 5] {
    match c {
        '0' => [7, 5, 5, 5, 7],
        '1' => [2, 6, 2, 2, 7],
        '2' => [7, 1, 7, 4, 7],
        '3' => [7, 1, 7, 1, 7],
        '4' => [5, 5, 7, 1, 1],
        '5' => [7, 4, 7, 1, 7],
        '6' => [7, 4, 7, 5, 7],
        '7' => [7, 1, 1, 1, 1],
        '8' => [7, 5, 7, 5, 7],
        '9' => [7, 5, 7, 1, 7],
        '-' => [0, 0, 7, 0, 0],
        '.' => [0, 0, 0, 0, 2],
        'k' => [4, 5, 6, 5, 5],
        'm' => [5, 7, 7, 5, 5],
        _ => [0; 5],
    }
}

/// Turns amplitudes into grey values by the logarithm between two percentiles of the valid ones; 0 stays 0.
///
/// `percentiles` are shares of the valid pixels, for example `(0.01, 0.997)`.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "ranks of a picture's pixels, and grey values clamped to a byte"
)]
pub(super) fn stretch(amplitude: &[f32], percentiles: (f64, f64)) -> Vec<u8> {
    let mut valid: Vec<f32> = amplitude
        .iter()
        .copied()
        .filter(|value| *value > 0.0 && value.is_finite())
        .collect();
    if valid.is_empty() {
        return vec![0; amplitude.len()];
    }
    let mut rank = |share: f64| {
        let index = (share * (valid.len() - 1) as f64) as usize;
        *valid.select_nth_unstable_by(index, f32::total_cmp).1
    };
    let low = rank(percentiles.0).ln();
    let high = rank(percentiles.1).ln().max(low + 0.1);
    amplitude
        .iter()
        .map(|value| {
            if *value > 0.0 && value.is_finite() {
                let share = (value.ln() - low) / (high - low);
                (10.0 + 245.0 * share).clamp(10.0, 255.0) as u8
            } else {
                0
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lit(canvas: &Canvas) -> usize {
        canvas.image.pixels().filter(|p| p.0 != [0, 0, 0]).count()
    }

    #[test]
    fn the_stretch_is_monotonic_and_keeps_no_data_black() {
        let grey = stretch(&[0.0, 1.0, 10.0, 100.0, f32::NAN], (0.0, 1.0));
        assert_eq!(grey, [0, 10, 132, 255, 0]);
        assert_eq!(stretch(&[0.0; 3], (0.0, 1.0)), [0; 3]);
    }

    #[test]
    fn a_line_that_leaves_the_picture_is_clipped_and_one_outside_is_not_drawn() {
        let mut canvas = Canvas::from_grey(10, 10, &[0; 100]);
        canvas.line((-1e9, 5.0), (1e9, 5.0), Rgb([255; 3]));
        assert_eq!(lit(&canvas), 10);
        canvas.line((-5.0, -5.0), (20.0, -5.0), Rgb([255; 3]));
        canvas.line((f64::NAN, 0.0), (5.0, 5.0), Rgb([255; 3]));
        assert_eq!(lit(&canvas), 10);
    }

    #[test]
    fn every_verdict_has_a_shape_of_its_own() {
        let mut shapes: Vec<Vec<bool>> = Vec::new();
        for verdict in Verdict::ALL {
            let mut canvas = Canvas::from_grey(40, 40, &[0; 1600]);
            canvas.marker((20.0, 20.0), 10.0, Some(verdict));
            let shape = canvas
                .image
                .pixels()
                .map(|p| p.0 != [0, 0, 0])
                .collect::<Vec<_>>();
            assert!(!shapes.contains(&shape), "{verdict}");
            shapes.push(shape);
        }
    }

    #[test]
    fn digits_at_the_edge_do_not_leave_the_picture() {
        let mut canvas = Canvas::from_grey(8, 8, &[0; 64]);
        canvas.text("80", (5.0, 5.0), 2);
        assert!(lit(&canvas) > 0);
        assert_eq!(
            canvas.png().expect("PNG in memory")[..4],
            [0x89, b'P', b'N', b'G']
        );
    }
}
