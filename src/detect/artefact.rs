//! What is no object at its place: azimuth ambiguities and lines of sidelobes of a bright target, flagged with their source, and
//! what a transmitter on the ground leaves in the image.
//!
//! A detection is taken for one if it lies where the geometry puts it, is dimmer than the source by at least as much as such
//! an artefact is, and, on a line of sidelobes, no wider than its source. What is flagged stays a detection: a ship may lie
//! there by chance.

use super::Ground;
use crate::model::detection::{Detection, DetectionFlag};
use crate::model::grid::PixelFrame;

/// How much dimmer than its source an azimuth ambiguity of order 1, 2, 3 is at least, dB. Total ambiguity is required to stay
/// below −22 dB; measured ones of ships lie 20 to 35 dB below them, higher orders deeper in the antenna's sidelobes.
///
/// # Source
///
/// Sentinel-1 Product Definition, S1-RS-MDA-52-7440 (distributed target ambiguity ratio); margin for speckle 3 to 5 dB.
const AMBIGUITY_BELOW_DB: [f64; 3] = [18.0, 23.0, 27.0];

/// Part of an ambiguity's distance by which the effective velocity may differ from the platform's own.
const ALONG_DOUBT: f64 = 0.004;

/// How much longer than its source an ambiguity may be measured, metres: it is a copy, of which less stands out.
const LONGER_M: f64 = 30.0;

/// Doubt of any place, pixels: centroids of dim targets under speckle.
const PLACE_DOUBT_PX: f64 = 3.0;

/// Pixels of one resolution cell.
const CELL_PX: f64 = 2.0;

/// How much dimmer than its source the first sidelobes are at least, dB: 13.3 of an unweighted response.
const SIDELOBE_BELOW_DB: f64 = 13.0;

/// Margin over the envelope of sidelobes, dB: their speckle, and the sum over a hull's scatterers.
const SIDELOBE_MARGIN_DB: f64 = 4.0;

/// Pixels that a target on a line of sidelobes may stand out beside its source.
const LINE_DOUBT_PX: f64 = 2.0;

/// Rows to both sides within which the targets of one burst of interference lie: some pulses, focused.
const BURST_ROWS: f64 = 3.0;
/// Targets of one burst, at least, and how many times as many as so few rows hold on average.
const BURST_TARGETS: f64 = 8.0;
const BURST_TIMES: f64 = 10.0;
/// Part of the swath over which a burst spreads, at least: its pulses fill the range window.
const BURST_SPREAD: f64 = 0.2;
/// Rows that a target of a burst fills, at most.
const BURST_THICK_ROWS: u32 = 8;

/// How much a rejection takes from a score's logit.
const REJECTED_LOGIT: f64 = 4.0;

/// What one detection is explained by.
struct Claim {
    flag: DetectionFlag,
    below_db: f64,
    reason: String,
}

/// Flags what brighter detections of the same image explain. `detections`: by row.
pub(super) fn mark(detections: &mut [Detection], ground: &Ground) {
    let dimmest_db = detections
        .iter()
        .map(|detection| detection.snr_db)
        .fold(f64::INFINITY, f64::min);
    let mut claims: Vec<Option<Claim>> = detections.iter().map(|_| None).collect();
    // The brightest first: what it casts casts nothing that could be seen.
    let mut by_peak: Vec<usize> = (0..detections.len()).collect();
    by_peak.sort_by(|&a, &b| {
        let (a, b) = (&detections[a], &detections[b]);
        b.snr_db.total_cmp(&a.snr_db)
    });
    for number in by_peak {
        let source = &detections[number];
        let frame = (ground.frame)(source.row, source.col);
        // Only a radar's own image has azimuth along its columns and range along its rows.
        let (Some(frame), true) = (frame, source.sar.is_some()) else {
            continue;
        };
        if source.snr_db < dimmest_db + SIDELOBE_BELOW_DB || claims[number].is_some() {
            continue;
        }
        let cast = Cast {
            detections,
            number,
            source,
            frame: &frame,
            dimmest_db,
        };
        cast.sidelobes(&mut claims);
        if let Some(offset) = (ground.ambiguity)(source.row, source.col) {
            for order in [-3_i32, -2, -1, 1, 2, 3] {
                let times = f64::from(order);
                cast.ambiguity(
                    order,
                    (times * offset.rows, times * times * offset.cols),
                    times.abs() * offset.cols_spread,
                    &mut claims,
                );
            }
        }
    }
    for (detection, claim) in detections.iter_mut().zip(claims) {
        if let Some(claim) = claim {
            reject(detection, claim.flag, claim.reason);
        }
    }
}

/// Flags bursts of interference in a radar's own image of `size` columns and rows: many thin targets in the same few rows, all
/// across the swath. `detections`: by row.
///
/// # Source
///
/// Leng et al. (2021), Radio frequency interference detection and localization in Sentinel-1 images: bright stripes along range.
pub(super) fn mark_interference(detections: &mut [Detection], (cols, rows): (u32, u32)) {
    let usual = detections.len() as f64 * (2.0 * BURST_ROWS + 1.0) / f64::from(rows);
    let least = BURST_TARGETS.max(BURST_TIMES * usual);
    let is_thin = |detection: &Detection| {
        let extent = detection.extent;
        detection.sar.is_some() && extent.last_row - extent.first_row < BURST_THICK_ROWS
    };
    let thin: Vec<(f64, f64)> = detections
        .iter()
        .filter(|detection| is_thin(detection))
        .map(|detection| (detection.row, detection.col))
        .collect();
    for detection in detections.iter_mut().filter(|detection| is_thin(detection)) {
        let from = thin.partition_point(|at| at.0 < detection.row - BURST_ROWS);
        let beside = thin[from..]
            .iter()
            .take_while(|at| at.0 <= detection.row + BURST_ROWS);
        let (mut count, mut left, mut right) = (0, f64::INFINITY, f64::NEG_INFINITY);
        for at in beside {
            (count, left, right) = (count + 1, left.min(at.1), right.max(at.1));
        }
        if f64::from(count) >= least && right - left >= BURST_SPREAD * f64::from(cols) {
            let reason = format!(
                "It is one of {count} thin targets within {BURST_ROWS:.0} rows, spread over {:.0} columns, where so few rows hold {usual:.1} on average: a transmitter on the ground that the radar heard.",
                right - left
            );
            reject(detection, DetectionFlag::Interference, reason);
        }
    }
}

/// Flags a detection as no object at its place, for a reason.
pub(super) fn reject(detection: &mut Detection, flag: DetectionFlag, reason: String) {
    detection.flags.push(flag);
    detection.flags.sort_unstable();
    detection.reasons.push(reason);
    let odds = detection.score / (1.0 - detection.score).max(f64::MIN_POSITIVE);
    let odds = odds * (-REJECTED_LOGIT).exp();
    detection.score = odds / (1.0 + odds);
}

/// One source and all that it may have cast.
struct Cast<'a> {
    detections: &'a [Detection],
    number: usize,
    source: &'a Detection,
    frame: &'a PixelFrame,
    dimmest_db: f64,
}

impl Cast<'_> {
    fn row_m(&self) -> f64 {
        self.frame.row_m[0].hypot(self.frame.row_m[1])
    }

    fn col_m(&self) -> f64 {
        self.frame.column_m[0].hypot(self.frame.column_m[1])
    }

    /// The source's pixels, first and last: rows, columns.
    fn extent(&self) -> [(f64, f64); 2] {
        let extent = self.source.extent;
        [
            (f64::from(extent.first_row), f64::from(extent.last_row)),
            (f64::from(extent.first_col), f64::from(extent.last_col)),
        ]
    }

    /// Detections whose centre lies between two rows.
    fn between(&self, first: f64, last: f64) -> impl Iterator<Item = (usize, &Detection)> {
        let from = self.detections.partition_point(|d| d.row < first);
        self.detections[from..]
            .iter()
            .take_while(move |d| d.row <= last)
            .enumerate()
            .map(move |(offset, detection)| (from + offset, detection))
            .filter(|(number, _)| *number != self.number)
    }

    fn ambiguity(
        &self,
        order: i32,
        (rows, cols): (f64, f64),
        cols_spread: f64,
        claims: &mut [Option<Claim>],
    ) {
        let below = AMBIGUITY_BELOW_DB[order.unsigned_abs() as usize - 1];
        if self.source.snr_db < self.dimmest_db + below {
            return;
        }
        let [source_rows, source_cols] = self.extent();
        let row_doubt = PLACE_DOUBT_PX + ALONG_DOUBT * rows.abs();
        let col_doubt = PLACE_DOUBT_PX + cols_spread;
        let (first, last) = (
            source_rows.0 + rows - row_doubt,
            source_rows.1 + rows + row_doubt,
        );
        for (number, detection) in self.between(first, last) {
            let (left, right) = (
                source_cols.0 + cols - col_doubt,
                source_cols.1 + cols + col_doubt,
            );
            let below_db = below_db(self.source, detection);
            if !(left..=right).contains(&detection.col) || below_db < below {
                continue;
            }
            let longer_m = detection.length_m.zip(self.source.length_m);
            if longer_m.is_some_and(|(of_it, of_source)| of_it > of_source + LONGER_M) {
                continue;
            }
            let along_m = (detection.row - self.source.row).abs() * self.row_m();
            self.claim(&mut claims[number], DetectionFlag::AzimuthAmbiguity, below_db, || {
                format!(
                    "It lies where an azimuth ambiguity of order {order:+} of {} is expected: {along_m:.0} m from it along azimuth, {below_db:.0} dB below it.",
                    self.source.id
                )
            });
        }
    }

    fn sidelobes(&self, claims: &mut [Option<Claim>]) {
        let [rows, cols] = self.extent();
        // As far as the envelope stands above the dimmest detection.
        let reach_db = self.source.snr_db - self.dimmest_db + SIDELOBE_MARGIN_DB;
        let reach_px = CELL_PX * 10.0_f64.powf(reach_db / 20.0) / std::f64::consts::PI;
        for (number, detection) in self.between(rows.0 - reach_px, rows.1 + reach_px) {
            let extent = detection.extent;
            let down = gap(rows, (extent.first_row, extent.last_row));
            let aside = gap(cols, (extent.first_col, extent.last_col));
            let inside = |line: (f64, f64), (first, last): (u32, u32)| {
                f64::from(first) >= line.0 - LINE_DOUBT_PX
                    && f64::from(last) <= line.1 + LINE_DOUBT_PX
            };
            let (line, apart_px, apart_m) =
                if inside(cols, (extent.first_col, extent.last_col)) && down > 0.0 {
                    ("azimuth", down, down * self.row_m())
                } else if inside(rows, (extent.first_row, extent.last_row)) && aside > 0.0 {
                    ("range", aside, aside * self.col_m())
                } else {
                    continue;
                };
            let below_db = below_db(self.source, detection);
            let envelope_db = 20.0 * (std::f64::consts::PI * apart_px / CELL_PX).log10();
            if below_db < (envelope_db - SIDELOBE_MARGIN_DB).max(SIDELOBE_BELOW_DB) {
                continue;
            }
            self.claim(&mut claims[number], DetectionFlag::Sidelobe, below_db, || {
                format!(
                    "It lies on the line of {line} sidelobes of {}: {apart_m:.0} m from its edge, {below_db:.0} dB below it.",
                    self.source.id
                )
            });
        }
    }

    /// Of several sources the one that is least brighter explains best.
    fn claim(
        &self,
        held: &mut Option<Claim>,
        flag: DetectionFlag,
        below_db: f64,
        reason: impl Fn() -> String,
    ) {
        if held.as_ref().is_none_or(|held| below_db < held.below_db) {
            *held = Some(Claim {
                flag,
                below_db,
                reason: reason(),
            });
        }
    }
}

/// Pixels between two ranges; 0 if they overlap.
fn gap((first, last): (f64, f64), (from, to): (u32, u32)) -> f64 {
    (f64::from(from) - last).max(first - f64::from(to)).max(0.0)
}

/// How much dimmer a detection's peak is than that of a source, dB: by σ⁰ in the polarisation that shows least difference of
/// those in which it fired; by contrast to the sea where that is not known.
fn below_db(source: &Detection, detection: &Detection) -> f64 {
    let peak = |of: &Detection, wanted| {
        let mut peaks = of.sigma0_db.iter();
        peaks.find(|(pol, _)| *pol == wanted).map(|(_, db)| *db)
    };
    let least = detection
        .polarisations
        .iter()
        .filter_map(|&pol| Some(peak(source, pol)? - peak(detection, pol)?))
        .reduce(f64::min);
    least.unwrap_or(source.snr_db - detection.snr_db)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::detection::PixelExtent;
    use crate::model::scene::{AmbiguityOffset, Polarisation, SarGeometry};

    fn target(id: &str, (row, col): (u32, u32), snr_db: f64) -> Detection {
        Detection {
            row: f64::from(row),
            col: f64::from(col),
            snr_db,
            polarisations: vec![Polarisation::Vv],
            sigma0_db: vec![(Polarisation::Vv, snr_db - 20.0)],
            extent: PixelExtent {
                first_row: row - 3,
                last_row: row + 3,
                first_col: col - 3,
                last_col: col + 3,
            },
            sar: Some(SarGeometry {
                slant_range_m: 850_000.0,
                platform_speed_mps: 7590.0,
                incidence_deg: 38.0,
                track_heading_deg: 190.0,
                looks_right: true,
            }),
            ..Detection::bare(id, "scene")
        }
    }

    /// The same by row, flagged; ambiguities lie 460 rows and 3 columns away, give or take 9.
    fn marked(mut detections: Vec<Detection>) -> Vec<Detection> {
        detections.sort_by(|a, b| a.row.total_cmp(&b.row));
        let offset = AmbiguityOffset {
            rows: 460.0,
            cols: 3.0,
            cols_spread: 9.0,
        };
        mark(
            &mut detections,
            &Ground {
                locate: &|_, _| None,
                frame: &|_, _| Some(PixelFrame::from_spacing(10.0, 10.0)),
                sigma0: &|_, _, _| None,
                ambiguity: &|_, _| Some(offset),
                shore_distance_m: &|_| None,
            },
        );
        detections
    }

    fn flag_of(detections: Vec<Detection>, id: &str) -> String {
        let marked = marked(detections);
        marked.iter().find(|of| of.id == id).unwrap().flag_text()
    }

    #[test]
    fn dim_repeats_at_whole_orders_along_azimuth_are_flagged_and_what_is_elsewhere_or_as_bright_is_not()
     {
        let bright = || target("bright", (2000, 2000), 45.0);
        let flag = |place, snr_db| flag_of(vec![bright(), target("it", place, snr_db)], "it");
        // Orders: rows 460·k, columns 3·k² ± 9·|k|.
        assert_eq!(flag((2460, 2003), 18.0), "azimuth-ambiguity");
        assert_eq!(flag((1540, 1995), 18.0), "azimuth-ambiguity");
        assert_eq!(flag((2920, 2030), 12.0), "azimuth-ambiguity");
        assert_eq!(flag((620, 2050), 12.0), "azimuth-ambiguity");
        // Between the orders, beside the line, or too bright for a repeat.
        assert_eq!(flag((2500, 2003), 18.0), "");
        assert_eq!(flag((2460, 2030), 18.0), "");
        assert_eq!(flag((2460, 2003), 32.0), "");
        assert_eq!(flag((2920, 2030), 25.0), "");
    }

    #[test]
    fn dim_targets_in_line_with_a_bright_one_are_sidelobes_as_far_as_the_envelope_reaches() {
        let bright = || target("bright", (2000, 2000), 45.0);
        let flag = |place, snr_db| flag_of(vec![bright(), target("it", place, snr_db)], "it");
        // 14 pixels from edge to edge, 7 cells: the envelope is 26.8 dB down.
        assert_eq!(flag((2000, 2020), 15.0), "sidelobe");
        assert_eq!(flag((1980, 2001), 15.0), "sidelobe");
        assert_eq!(flag((2000, 2020), 24.0), "");
        // Off the line; and too far for what it is: at 97 cells the envelope is 50 dB down.
        assert_eq!(flag((2010, 2020), 15.0), "");
        assert_eq!(flag((2000, 2200), 15.0), "");
    }

    #[test]
    fn what_is_cast_casts_nothing_and_keeps_its_reason() {
        let detections = vec![
            target("bright", (2000, 2000), 50.0),
            target("ghost", (2460, 2003), 30.0),
            // In line with the ghost, and 19 dB below it; off every line of the bright one.
            target("other", (2460, 2025), 11.0),
        ];
        let before = detections[1].score;
        let detections = marked(detections);
        assert_eq!(detections[1].flag_text(), "azimuth-ambiguity");
        assert_eq!(detections[2].flag_text(), "");
        assert_eq!(
            detections[1].reasons,
            [
                "It lies where an azimuth ambiguity of order +1 of bright is expected: 4600 m from it along azimuth, 20 dB below it."
            ]
        );
        assert!(
            detections[1].score < 0.2 * before,
            "{}",
            detections[1].score
        );
    }

    #[test]
    fn a_raster_without_a_radars_geometry_has_no_lines_to_look_along() {
        let mut bright = target("bright", (2000, 2000), 45.0);
        bright.sar = None;
        assert_eq!(
            flag_of(vec![bright, target("it", (2000, 2020), 15.0)], "it"),
            ""
        );
    }

    #[test]
    fn many_thin_targets_across_the_swath_in_few_rows_are_interference_and_a_fleet_is_not() {
        let flags = |places: Vec<(u32, u32)>| {
            let mut all: Vec<Detection> = places
                .iter()
                .map(|&place| target("t", place, 12.0))
                .collect();
            all.sort_by(|a, b| a.row.total_cmp(&b.row));
            mark_interference(&mut all, (10_000, 10_000));
            let flagged = all.iter().filter(|d| d.is_rejected());
            flagged.count()
        };
        let burst = |n: u32| (2000 + n % 3, 300 + 700 * n);
        let ships = |n: u32| (100 + 613 * n, 50 + 397 * ((7 * n) % 23));
        let all: Vec<_> = (0..12).map(burst).chain((0..15).map(ships)).collect();
        assert_eq!(flags(all), 12);
        // As many ships at anchor side by side in a tenth of the swath; and ships over all the scene.
        assert_eq!(
            flags((0..12).map(|n| (2000 + n % 3, 300 + 80 * n)).collect()),
            0
        );
        assert_eq!(flags((0..16).map(ships).collect()), 0);
    }
}
