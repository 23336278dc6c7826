//! The sea that a detector measured → maps of its mean power and its texture, a row of two a band.

use super::PictureError;
use super::canvas::Canvas;
use crate::detect::{BandReport, ClutterMap};
use image::Rgb;

/// What the picture shows, in words; numbers stand under the maps.
pub const CLUTTER_CAPTION: &str = "Clutter as measured, a row of two maps a band, in the bands' order. Left: mean power, dB of DN². Right: \
     shape ν of its texture on a logarithmic scale; low is spiky, the highest colour is plain speckle. Grey: no sea.";

/// Longest side of a map, pixels, unless it has more cells.
const LONGEST_SIDE: u32 = 400;
/// Pixels between maps and about them.
const SPACE: u32 = 12;
/// Height of a scale, and of the numbers under it.
const SCALE: u32 = 8;
const NUMBERS: u32 = 14;
/// Range of the scale of ν; what lies beyond has the colour of its end.
const NU: (f64, f64) = (0.5, 100.0);
/// Least range of the scale of power, dB.
const LEAST_DB: f64 = 1.0;
const NO_SEA: Rgb<u8> = Rgb([96, 96, 96]);
/// Colours from low to high: even steps of lightness, told apart by readers with a colour vision deficiency (viridis).
const COLOURS: [[f64; 3]; 5] = [
    [68.0, 1.0, 84.0],
    [59.0, 82.0, 139.0],
    [33.0, 145.0, 140.0],
    [94.0, 201.0, 98.0],
    [253.0, 231.0, 37.0],
];

/// Draws the maps of every band, as PNG bytes.
///
/// # Errors
///
/// [`PictureError::Encode`] if PNG refuses the picture.
pub fn clutter(scene_id: &str, bands: &[BandReport]) -> Result<Vec<u8>, PictureError> {
    let (across, down) = bands.iter().fold((1, 1), |(across, down), band| {
        (
            across.max(band.clutter.across),
            down.max(rows(&band.clutter)),
        )
    });
    let factor = (LONGEST_SIDE / across.max(down)).max(1);
    let (width, height) = (across * factor, down * factor);
    let stride = height + SCALE + NUMBERS + 2 * SPACE;
    let count = bands.len() as u32;
    let mut canvas = Canvas::from_grey(2 * width + 3 * SPACE, count * stride + SPACE, &[]);
    for (band, top) in bands.iter().zip((SPACE..).step_by(stride as usize)) {
        for (map, left) in [power(&band.clutter), texture(&band.clutter)]
            .iter()
            .zip([SPACE, width + 2 * SPACE])
        {
            map.draw(&mut canvas, (left, top), (&band.clutter, factor));
            map.scale(&mut canvas, (left, top + height + SPACE / 2), width);
        }
    }
    canvas.png().map_err(|source| PictureError::Encode {
        scene: scene_id.to_owned(),
        source,
    })
}

fn rows(map: &ClutterMap) -> u32 {
    (map.nu.len() as u32).div_ceil(map.across.max(1))
}

/// Values of the cells between the ends of a scale, 0 ..= 1.
struct Map {
    cells: Vec<Option<f64>>,
    ends: (f64, f64),
}

fn power(map: &ClutterMap) -> Map {
    let db = |power: &Option<f64>| power.map(|power| 10.0 * power.log10());
    let cells: Vec<Option<f64>> = map.mean_power.iter().map(db).collect();
    let heard = || cells.iter().flatten().copied();
    let low = heard().fold(f64::INFINITY, f64::min);
    let high = heard().fold(f64::NEG_INFINITY, f64::max);
    let ends = match low.is_finite() {
        true => (low, high.max(low + LEAST_DB)),
        false => (0.0, LEAST_DB),
    };
    let along = |db: f64| (db - ends.0) / (ends.1 - ends.0);
    Map {
        cells: cells.iter().map(|db| db.map(along)).collect(),
        ends,
    }
}

fn texture(map: &ClutterMap) -> Map {
    let along = |nu: f64| (nu / NU.0).ln() / (NU.1 / NU.0).ln();
    let cells = map.nu.iter().zip(&map.mean_power);
    Map {
        cells: cells
            .map(|(nu, power)| power.map(|_| nu.map_or(1.0, along)))
            .collect(),
        ends: NU,
    }
}

impl Map {
    fn draw(
        &self,
        canvas: &mut Canvas,
        (left, top): (u32, u32),
        (map, factor): (&ClutterMap, u32),
    ) {
        for (cell, along) in (0..).zip(&self.cells) {
            let (row, col) = (cell / map.across, cell % map.across);
            let corner = (left + col * factor, top + row * factor);
            canvas.fill(corner, (factor, factor), along.map_or(NO_SEA, colour));
        }
    }

    /// The scale of colours with the numbers of its ends.
    fn scale(&self, canvas: &mut Canvas, (left, top): (u32, u32), width: u32) {
        for step in 0..width {
            let along = f64::from(step) / f64::from(width.max(2) - 1);
            canvas.fill((left + step, top), (1, SCALE), colour(along));
        }
        let (low, high) = (number(self.ends.0), number(self.ends.1));
        let y = f64::from(top + SCALE + 3);
        let end = f64::from(left + width) - 8.0 * high.len() as f64;
        canvas.text(&low, (f64::from(left), y), 2);
        canvas.text(&high, (end, y), 2);
    }
}

fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").unwrap_or(&text).to_owned()
}

/// Between the colours next to a place on the scale.
fn colour(along: f64) -> Rgb<u8> {
    let place = along.clamp(0.0, 1.0) * (COLOURS.len() - 1) as f64;
    let below = (place as usize).min(COLOURS.len() - 2);
    let part = place - below as f64;
    Rgb(std::array::from_fn(|at| {
        let (low, high) = (COLOURS[below][at], COLOURS[below + 1][at]);
        (low + part * (high - low)).round() as u8
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::{AchievedPfa, NuSummary};

    fn band(clutter: ClutterMap) -> BandReport {
        BandReport {
            polarisation: None,
            nu: NuSummary {
                cells: 0,
                p10: None,
                median: None,
                p90: None,
            },
            hits: 0,
            lone_hits: 0,
            achieved: AchievedPfa {
                nominal: 1e-4,
                checked_px: 0,
                exceeding_px: 0,
                measured: None,
            },
            clutter,
        }
    }

    #[test]
    fn cells_have_the_colours_of_their_values_and_land_is_grey() {
        let map = ClutterMap {
            across: 2,
            mean_power: vec![Some(100.0), Some(10_000.0), None, Some(1000.0)],
            nu: vec![Some(0.1), None, None, Some(50.0_f64.sqrt())],
        };
        let bytes = clutter("scene", &[band(map)]).expect("a picture");
        let image = image::load_from_memory(&bytes).expect("PNG").to_rgb8();
        // Cells of 200 pixels; the right map begins behind the left one and three spaces.
        let at = |map: u32, row: u32, col: u32| {
            let (x, y) = (12 + map * 412 + col * 200, 12 + row * 200);
            image.get_pixel(x + 100, y + 100).0
        };
        let (low, middle, high) = ([68, 1, 84], [33, 145, 140], [253, 231, 37]);
        for map in [0, 1] {
            assert_eq!(at(map, 0, 0), low, "{map}");
            assert_eq!(at(map, 0, 1), high, "{map}");
            assert_eq!(at(map, 1, 0), NO_SEA.0, "{map}");
            assert_eq!(at(map, 1, 1), middle, "{map}");
        }
    }

    #[test]
    fn a_scene_without_sea_or_bands_is_drawn_all_the_same() {
        let empty = ClutterMap::default();
        assert!(clutter("scene", &[band(empty)]).is_ok());
        assert!(clutter("scene", &[]).is_ok());
    }
}
