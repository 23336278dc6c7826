//! Bright regions of a picture: the connected parts above each of a ladder of levels, measured.
//!
//! A ship is one connected region at some level: below it, it runs into its neighbour, its side lobes or the quay; above
//! it, it falls apart. So every region at every level is a candidate, at two blurs (hulls break up into bright parts, the
//! wider blur joins them), and its measures tell which of them is the ship. No guard window has to be as large as a ship.
//!
//! Source: the extremal regions of Matas et al. (2004), Robust wide-baseline stereo from maximally stable extremal
//! regions, taken over a geometric ladder.

use super::grey::{Bounds, Grey, Sums};
use rayon::prelude::*;

/// Levels of the ladder, grey values of 255: from dim sea in steps of 16 % up to saturation.
const LEVELS: [f32; 20] = [
    14.0, 16.0, 19.0, 22.0, 25.0, 29.0, 34.0, 40.0, 46.0, 53.0, 62.0, 72.0, 83.0, 96.0, 112.0,
    130.0, 150.0, 175.0, 202.0, 235.0,
];

/// Standard deviations of the blurs, pixels.
const BLURS_PX: [f64; 2] = [1.0, 2.5];

/// Fewest pixels of a region.
const FEWEST_PIXELS: u32 = 12;

/// More regions at one level than this, and the level cuts through speckle: nothing there is a ship.
const MOST_REGIONS: usize = 4000;

/// A region longer than this part of the picture's longer side is not looked at, nor one that covers more than this part of it.
const LONGEST_PART: f64 = 0.8;
const LARGEST_PART: f64 = 0.15;

/// Measures of a region.
pub const MEASURES: usize = 26;

/// A region of a picture above one level.
#[derive(Debug, Clone, PartialEq)]
pub struct Region {
    /// The rectangle it fills.
    pub bounds: Bounds,
    /// Row of its centre.
    pub row: f64,
    /// Column of its centre.
    pub col: f64,
    /// Pixels.
    pub pixels: u32,
    /// Length of the rectangle with its second moments, pixels.
    pub length_px: f64,
    /// Width of the same, pixels.
    pub width_px: f64,
    /// Variances and covariance of column and row: (columns, rows, both), pixel².
    pub moments: (f64, f64, f64),
    /// Mean grey value over that of the rim about it, amplitude.
    pub contrast: f64,
    /// Brightest pixel's grey value over the mean of the wide rim.
    pub peak_contrast: f64,
    /// True if it reaches the picture's edge.
    pub at_edge: bool,
    /// True if a pixel is 255.
    pub is_saturated: bool,
    /// What rules and network judge it by: see [`MEASURE_NAMES`].
    pub measures: [f32; MEASURES],
}

/// The measures in their order. "Rim" is the rectangle widened by 3 pixels, by a quarter of its longer side (at least 4) or by
/// the whole of it (at least 8), less the region; grey values are parts of 255.
pub const MEASURE_NAMES: [&str; MEASURES] = [
    "ln length",
    "ln width",
    "ln length over width",
    "pixels over length times width",
    "pixels over rectangle",
    "level",
    "mean",
    "standard deviation",
    "saturated part",
    "peak of the blurred picture",
    "ln mean over narrow rim",
    "relative spread of the narrow rim",
    "part of the narrow rim above the level",
    "ln mean over middle rim",
    "relative spread of the middle rim",
    "part of the middle rim above the level",
    "ln mean over wide rim",
    "relative spread of the wide rim",
    "part of the wide rim above the level",
    "median of the picture",
    "10 % quantile of the picture",
    "90 % quantile of the picture",
    "part of the picture above the level",
    "edges of the picture touched",
    "ln pixels over those of the region a level below",
    "wider blur",
];

/// Every region of a picture, by blur, level and first pixel.
pub fn regions(grey: &Grey) -> Vec<Region> {
    let size = grey.size();
    let whole = Whole {
        grey,
        values: Sums::new(size, |at| u64::from(grey.values[at])),
        squares: Sums::new(size, |at| u64::from(grey.values[at]).pow(2)),
        quantiles: grey.quantiles([0.5, 0.1, 0.9]),
    };
    let ladders: Vec<Vec<Region>> = BLURS_PX
        .par_iter()
        .enumerate()
        .map(|(blur, &sigma_px)| whole.ladder(&grey.blurred(sigma_px), blur))
        .collect();
    ladders.into_iter().flatten().collect()
}

/// What all regions of a picture are measured against.
struct Whole<'a> {
    grey: &'a Grey,
    values: Sums,
    squares: Sums,
    quantiles: [f64; 3],
}

/// Regions of a level before they are measured: the number of each pixel's region (0: below), and their sums.
struct Labelled {
    numbers: Vec<u32>,
    parts: Vec<Part>,
}

/// Sums over the pixels of a region.
#[derive(Clone, Copy)]
struct Part {
    first: usize,
    pixels: u32,
    bounds: Bounds,
    /// Σ column, Σ row, Σ column², Σ row², Σ column · row.
    places: [u64; 5],
    value: u64,
    square: u64,
    saturated: u32,
    largest: u8,
    peak: f32,
}

impl Whole<'_> {
    fn ladder(&self, blurred: &[f32], blur: usize) -> Vec<Region> {
        let mut found = Vec::new();
        let mut below: Option<Labelled> = None;
        for level in LEVELS {
            let labelled = self.label(blurred, level);
            if labelled.parts.len() <= MOST_REGIONS {
                let above = Sums::new(self.grey.size(), |at| u64::from(blurred[at] > level));
                found.extend(labelled.parts.iter().filter_map(|part| {
                    let parent = below.as_ref().map(|below| {
                        let number = below.numbers[part.first] as usize;
                        below.parts[number - 1].pixels
                    });
                    self.measure(part, &above, (level, blur, parent))
                }));
                below = Some(labelled);
            }
        }
        found
    }

    /// Connected parts above a level, diagonals included.
    fn label(&self, blurred: &[f32], level: f32) -> Labelled {
        let (width, height) = self.grey.size();
        let mut numbers = vec![0_u32; blurred.len()];
        let mut parts: Vec<Part> = Vec::new();
        let mut stack = Vec::new();
        for first in 0..blurred.len() {
            if blurred[first] <= level || numbers[first] != 0 {
                continue;
            }
            let number = parts.len() as u32 + 1;
            numbers[first] = number;
            stack.push(first);
            let mut part = Part::at(first, width);
            while let Some(at) = stack.pop() {
                let (row, col) = (at / width, at % width);
                part.add((row, col), self.grey.values[at], blurred[at]);
                for y in row.saturating_sub(1)..(row + 2).min(height) {
                    for x in col.saturating_sub(1)..(col + 2).min(width) {
                        let next = y * width + x;
                        if blurred[next] > level && numbers[next] == 0 {
                            numbers[next] = number;
                            stack.push(next);
                        }
                    }
                }
            }
            parts.push(part);
        }
        Labelled { numbers, parts }
    }

    /// A region with its measures; `None` for one that is too small or too large to be looked at.
    fn measure(
        &self,
        part: &Part,
        above: &Sums,
        (level, blur, parent): (f32, usize, Option<u32>),
    ) -> Option<Region> {
        let (width, height) = self.grey.size();
        let bounds = part.bounds;
        let longer = bounds.longer();
        let total = (width * height) as f64;
        let pixels = f64::from(part.pixels);
        let fits = part.pixels >= FEWEST_PIXELS
            && longer as f64 <= LONGEST_PART * width.max(height) as f64
            && pixels < LARGEST_PART * total;
        if !fits {
            return None;
        }
        let [sum_col, sum_row, col_col, row_row, col_row] =
            part.places.map(|sum| sum as f64 / pixels);
        // A pixel is a square of variance 1/12 about its centre.
        let moments = (
            col_col - sum_col * sum_col + 1.0 / 12.0,
            row_row - sum_row * sum_row + 1.0 / 12.0,
            col_row - sum_col * sum_row,
        );
        let middle = 0.5 * (moments.0 + moments.1);
        let half_gap = (0.5 * (moments.0 - moments.1)).hypot(moments.2);
        let length_px = (12.0 * (middle + half_gap)).sqrt();
        let width_px = (12.0 * (middle - half_gap).max(1.0 / 12.0)).sqrt();
        let mean = part.value as f64 / pixels;
        let deviation = (part.square as f64 / pixels - mean * mean).max(0.0).sqrt();
        let rims = [3, (longer / 4).max(4), longer.max(8)]
            .map(|margin| self.rim(part, above, &bounds.widened(margin)));
        let edges = [
            bounds.first_col <= 1,
            bounds.first_row <= 1,
            bounds.end_col >= width as i64 - 1,
            bounds.end_row >= height as i64 - 1,
        ];
        let touched = edges.iter().filter(|&&edge| edge).count();
        let all = Bounds {
            first_row: 0,
            first_col: 0,
            end_row: height as i64,
            end_col: width as i64,
        };
        let growth = parent.map_or(NO_PARENT, |parent| (pixels / f64::from(parent)).ln());
        let mut measures = [
            length_px.ln(),
            width_px.ln(),
            (length_px / width_px).ln(),
            pixels / (length_px * width_px),
            pixels / bounds.area() as f64,
            f64::from(level) / 255.0,
            mean / 255.0,
            deviation / 255.0,
            f64::from(part.saturated) / pixels,
            f64::from(part.peak) / 255.0,
        ]
        .to_vec();
        for rim in &rims {
            let ratio = (mean + DARK) / (rim.mean + DARK);
            measures.extend([ratio.ln(), rim.deviation / (rim.mean + DARK), rim.above]);
        }
        measures.extend(self.quantiles.map(|value| value / 255.0));
        measures.extend([
            above.over(&all) / total,
            touched as f64,
            growth,
            blur as f64,
        ]);
        let mut kept = [0.0; MEASURES];
        for (kept, measure) in kept.iter_mut().zip(measures) {
            *kept = measure as f32;
        }
        Some(Region {
            bounds,
            row: sum_row,
            col: sum_col,
            pixels: part.pixels,
            length_px,
            width_px,
            moments,
            contrast: (mean + DARK) / (rims[1].mean + DARK),
            peak_contrast: (f64::from(part.largest) + DARK) / (rims[2].mean + DARK),
            at_edge: touched > 0,
            is_saturated: part.largest == u8::MAX,
            measures: kept,
        })
    }

    /// The pixels of a rectangle that are not of the region within it.
    fn rim(&self, part: &Part, above: &Sums, area: &Bounds) -> Rim {
        let (width, height) = self.grey.size();
        let inside = area.shared(&Bounds {
            first_row: 0,
            first_col: 0,
            end_row: height as i64,
            end_col: width as i64,
        });
        let pixels = f64::from(part.pixels);
        let count = (inside.area() as f64 - pixels).max(1.0);
        let mean = (self.values.over(area) - part.value as f64) / count;
        let square = (self.squares.over(area) - part.square as f64) / count;
        Rim {
            mean,
            deviation: (square - mean * mean).max(0.0).sqrt(),
            above: (above.over(area) - pixels) / count,
        }
    }
}

/// Stands for the region a level below on the lowest level.
const NO_PARENT: f64 = -9.0;

/// Added to grey values whose ratio is taken: a black sea is not infinitely darker.
const DARK: f64 = 3.0;

/// Grey values about a region.
struct Rim {
    mean: f64,
    deviation: f64,
    /// Part of it above the level.
    above: f64,
}

impl Part {
    fn at(first: usize, width: usize) -> Self {
        let (row, col) = ((first / width) as i64, (first % width) as i64);
        Self {
            first,
            pixels: 0,
            bounds: Bounds {
                first_row: row,
                first_col: col,
                end_row: row + 1,
                end_col: col + 1,
            },
            places: [0; 5],
            value: 0,
            square: 0,
            saturated: 0,
            largest: 0,
            peak: 0.0,
        }
    }

    fn add(&mut self, (row, col): (usize, usize), value: u8, blurred: f32) {
        let (y, x) = (row as u64, col as u64);
        let bounds = &mut self.bounds;
        bounds.first_row = bounds.first_row.min(row as i64);
        bounds.first_col = bounds.first_col.min(col as i64);
        bounds.end_row = bounds.end_row.max(row as i64 + 1);
        bounds.end_col = bounds.end_col.max(col as i64 + 1);
        for (sum, term) in self.places.iter_mut().zip([x, y, x * x, y * y, x * y]) {
            *sum += term;
        }
        self.pixels += 1;
        self.value += u64::from(value);
        self.square += u64::from(value).pow(2);
        self.saturated += u32::from(value >= 250);
        self.largest = self.largest.max(value);
        self.peak = self.peak.max(blurred);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sea of 20 with a bright rectangle of 10 × 40 pixels.
    fn picture() -> Grey {
        let mut values = vec![20; 200 * 150];
        for row in 60..70 {
            values[row * 200 + 80..row * 200 + 120].fill(200);
        }
        Grey {
            width: 200,
            height: 150,
            values,
        }
    }

    #[test]
    fn a_rectangle_is_a_region_at_every_level_between_it_and_the_sea() {
        let found = regions(&picture());
        let half: Vec<&Region> = found
            .iter()
            .filter(|region| (region.measures[5] - 112.0 / 255.0).abs() < 1e-6)
            .collect();
        assert_eq!(half.len(), 2, "one at each blur");
        for region in half {
            // The level is half-way up the blurred edge: the rectangle keeps its size, its corners are rounded. The twenty pixels
            // that they lack at most take √(12 · (400 · 133.3 − 20 · 350) / 380) = 38.2 from 40.
            assert!((380..=400).contains(&region.pixels), "{region:?}");
            assert!((38.0..=40.0).contains(&region.length_px), "{region:?}");
            assert!((region.width_px - 10.0).abs() < 1.0, "{region:?}");
            assert!((region.row - 64.5).abs() < 0.1 && (region.col - 99.5).abs() < 0.1);
            assert!(!region.at_edge && !region.is_saturated);
        }
        assert!(
            found
                .iter()
                .all(|region| region.measures.iter().all(|value| value.is_finite()))
        );
    }

    #[test]
    fn an_even_picture_has_no_region() {
        let grey = Grey {
            width: 64,
            height: 64,
            values: vec![90; 64 * 64],
        };
        assert_eq!(regions(&grey), Vec::new());
    }
}
