//! Ring sums and the tests: the one place where time is spent.
//!
//! In: rows, a range of rows and columns, thresholds a cell. Out: hits. The variable is power, DN². Column sums of the
//! outer and the guard window slide down a tile of columns; along a row the difference of the two windows is one
//! running sum. All sums are integers and exact. A pixel is a hit if DN²·n > α·S, where n valid ring pixels sum
//! to S: DN²·n and S are below 2⁵³, so that only the product α·S is rounded, once and on every machine alike. Beside
//! the pixel its 3 × 3 patch is tested the same way, P·n > 16·α·S: P is the sum of capped DN² with the weights (1 2 1)
//! down and across, of the image as read (a censored pixel counts in a patch, never in a ring). Where P passes a gate,
//! the plain sum over 5 × 5 pixels is tested, too. A hit is sure if it passes a test at a lower probability as well.
//!
//! Rows are taken four at a time and columns in lanes of 64. The ring sums of such a block are bounded together: column
//! sums over the outer rows that all four rows share and over the guard rows that any of them has (`columns`), and a
//! bound of their running sum along the lane (`screen`). Where even the brightest pixel over the least sum cannot fire,
//! no pixel is looked at; that is so for nearly all blocks. In the others the exact sums of a row are restored.
//!
//! Loops run over arrays of 64 without branches, so that the compiler makes vectors of them. The same source is
//! compiled three times: for any machine, for AVX2 and for AVX-512 (`simd`).

mod columns;
mod patches;
mod screen;
pub(in crate::detect) mod simd;
#[cfg(test)]
mod tests;

pub(super) use self::columns::capped_power;
use self::columns::{Columns, GROUP, Reach};
use self::patches::Steps;
use self::screen::{Before, Screen};
use self::simd::{Simd, Work};
use super::ring::Ring;
use super::rows::{MARGIN, Rows};
use super::{CELL, CellThresholds, Hit, NARROW_WEIGHT, Tests, WIDE};
use std::ops::Range;

/// Columns tested together; a divisor of `CELL`, so that one threshold holds for all.
const LANE: usize = 64;

/// Columns in a tile: its sums stay in the second-level cache.
const TILE: usize = 2048;

/// Every which row is counted against the check threshold.
const CHECK_EVERY: u32 = 8;

/// What to search.
pub(super) struct Job<'a> {
    /// The rows in memory, censored.
    pub rows: &'a Rows,
    /// Rows to test, all in one row of cells.
    pub range: Range<u32>,
    /// Columns of the scene.
    pub width: u32,
    /// The windows.
    pub ring: Ring,
    /// Thresholds of the cells along the row of cells.
    pub thresholds: &'a [CellThresholds],
    /// Number of the first of those cells.
    pub first_cell: u32,
    /// Instructions to use; the results do not depend on it.
    pub simd: Simd,
}

impl Job<'_> {
    fn has_patch_test(&self) -> bool {
        self.thresholds.iter().any(|cell| cell.gate.is_finite())
    }
}

/// What was searched, beside the hits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::detect) struct Tally {
    /// Valid pixels whose ring held too few valid pixels for a test.
    pub untested: u64,
    /// Uncensored pixels that were compared with the check threshold.
    pub checked: u64,
    /// Those above it.
    pub exceeding: u64,
}

/// Sums carried from call to call: for one image and one ring.
#[derive(Default)]
pub(super) struct Scratch {
    /// Column sums of every tile of columns: a block of rows takes up where the one above it ended.
    tiles: Vec<Windows>,
    group: Group,
}

/// Column sums of one tile of columns.
#[derive(Default)]
struct Windows {
    /// Outer window: the rows that all rows of a group share.
    outer: Columns,
    /// Guard: the rows that any row of a group has.
    guard: Columns,
    /// First row of the group that comes next.
    next: u32,
}

/// Rows and columns beside a pixel that the wide patch reaches.
const REACH: usize = WIDE.len() / 2;

/// The rows of a group, and what their tests need.
#[derive(Default)]
struct Group {
    /// Exact columns about one lane of one row, outer and guard.
    exact: [Columns; 2],
    /// Rows from `REACH` above to `REACH` below a group as read (censored pixels put back): as many columns more on the
    /// left, blank to a whole number of lanes and as many more on the right.
    image: [Vec<u16>; GROUP + 2 * REACH],
    /// Bounds of the power of those rows weighted across by the narrow patch, for every column of the tile, if there is
    /// a patch test.
    across: [Vec<u16>; GROUP + 2 * REACH],
    /// Power of one of them.
    power: Vec<u16>,
    /// What power is counted in there.
    steps: Steps,
    /// The group's counted row without censored pixels, blank to a whole number of lanes.
    clean: Vec<u16>,
}

/// Searches a block of rows: appends its hits in no particular order and returns what was searched.
pub(super) fn search_block(job: &Job, scratch: &mut Scratch, hits: &mut Vec<Hit>) -> Tally {
    job.simd.run(Search { job, scratch, hits })
}

struct Search<'a, 'b> {
    job: &'a Job<'b>,
    scratch: &'a mut Scratch,
    hits: &'a mut Vec<Hit>,
}

impl Work for Search<'_, '_> {
    type Out = Tally;

    #[inline(always)]
    fn run(self) -> Tally {
        let Self { job, scratch, hits } = self;
        let mut tally = Tally::default();
        let width = job.width as usize;
        let Scratch { tiles, group } = scratch;
        tiles.resize_with(width.div_ceil(TILE), Windows::default);
        for (first_col, windows) in (0..width).step_by(TILE).zip(tiles) {
            let cols = first_col..width.min(first_col + TILE);
            search_tile(job, &cols, (windows, group), hits, &mut tally);
        }
        tally
    }
}

#[inline(always)]
fn search_tile(
    job: &Job,
    cols: &Range<usize>,
    (windows, group): (&mut Windows, &mut Group),
    hits: &mut Vec<Hit>,
    tally: &mut Tally,
) {
    let reach = job.ring.outer as usize;
    let lanes = cols.len().next_multiple_of(LANE);
    let mut place = Place {
        // Column sums start one column before the first window's left edge.
        padded: MARGIN + cols.start - reach - 1..MARGIN + cols.end + reach,
        row: job.range.start,
        first_col: cols.start,
    };
    let row = |row: i64| &job.rows.padded(row)[place.padded.clone()];
    let first = i64::from(job.range.start);
    let (outer, guard) = (Reach::shared(job.ring.outer), Reach::any(job.ring.guard));
    let mut slides = job.range.start > 0 && windows.next == job.range.start;
    if !slides {
        windows.outer.reset(lanes + 2 * reach + 1);
        windows.guard.reset(lanes + 2 * reach + 1);
        windows.outer.fill(outer.rows(first).map(row));
        windows.guard.fill(guard.rows(first).map(row));
    }
    let patched = job.has_patch_test();
    group.steps = Steps::fitting(&windows.outer);
    for y in first - REACH as i64..first + REACH as i64 {
        group.next_image_row(job, y, cols, (lanes, patched));
    }
    for y in job.range.clone().step_by(GROUP) {
        let centre = i64::from(y);
        if slides {
            windows.outer.slide(&row, outer.rows(centre));
            windows.guard.slide(&row, guard.rows(centre));
        }
        slides = true;
        let below = centre + REACH as i64;
        for below in below..below + GROUP as i64 {
            group.next_image_row(job, below, cols, (lanes, patched));
        }
        if is_counted(y) {
            group.clean.clear();
            group
                .clean
                .extend_from_slice(&job.rows.row(y)[cols.clone()]);
            group.clean.resize(lanes, 0);
        }
        place.row = y;
        group.test_group(job, &place, (&*windows, lanes), hits, tally);
    }
    windows.next = job.range.end;
}

/// True if the pixels of a row are counted against the check threshold.
pub(super) fn is_counted(row: u32) -> bool {
    row.is_multiple_of(CHECK_EVERY)
}

/// Which group of rows of which tile.
struct Place {
    /// Columns of the tile's sums in a row with its margins.
    padded: Range<usize>,
    /// First row of the group.
    row: u32,
    first_col: usize,
}

impl Place {
    /// True if the group's first row is counted against the check threshold.
    fn is_counted(&self) -> bool {
        is_counted(self.row)
    }
}

/// The `LANE` values from `start`.
#[inline(always)]
fn lane<T>(values: &[T], start: usize) -> &[T; LANE] {
    match values[start..].first_chunk() {
        Some(lane) => lane,
        None => unreachable!("columns are padded to whole lanes"),
    }
}

impl Group {
    /// Tests a group lane by lane; only a lane in which something may fire is looked at row by row.
    #[inline(always)]
    fn test_group(
        &mut self,
        job: &Job,
        place: &Place,
        (windows, lanes): (&Windows, usize),
        hits: &mut Vec<Hit>,
        tally: &mut Tally,
    ) {
        let columns = (&windows.outer, &windows.guard);
        let mut before = Before::first(columns, job.ring);
        let fewest = job.ring.fewest() as i32;
        let rows = GROUP.min((job.range.end - place.row) as usize);
        for start in (0..lanes).step_by(LANE) {
            let thresholds = &job.thresholds[(place.first_col + start) / CELL as usize];
            let screen = Screen::new(columns, job.ring, start, &mut before);
            let few = screen.least_count < fewest;
            let mut brightest = [0; LANE];
            for image in &self.image[REACH..REACH + rows] {
                for (most, &dn) in brightest.iter_mut().zip(lane(&image[REACH..], start)) {
                    *most = dn.max(*most);
                }
            }
            let brightest = largest(&brightest);
            if brightest == 0 {
                continue;
            }
            if place.is_counted() {
                self.count_lane((job, place, windows), (start, &screen), tally);
            }
            let mut may_fire = few | screen.may_exceed(power(brightest), thresholds.fires.pixel);
            if thresholds.gate.is_finite() {
                let weakest = screen.weakest(f64::from(NARROW_WEIGHT) * thresholds.gate);
                may_fire |= self.narrow_bound(start) > self.steps.weakest(weakest);
            }
            if may_fire {
                self.test_lane((job, place, windows), (start, &screen), hits, tally);
            }
        }
    }

    /// Counts the uncensored pixels of the group's first row that exceed the check threshold.
    #[inline(always)]
    fn count_lane(
        &mut self,
        (job, place, windows): (&Job, &Place, &Windows),
        (start, screen): (usize, &Screen),
        tally: &mut Tally,
    ) {
        let fewest = job.ring.fewest() as i32;
        let check = job.thresholds[(place.first_col + start) / CELL as usize].check;
        let clean = lane(&self.clean, start);
        let few = screen.least_count < fewest;
        if few | screen.may_exceed(power(largest(clean)), check) {
            let rings = rings(windows, &mut self.exact, (job, place, start, 0));
            rings.count_exceeding(lane(&self.clean, start), check, fewest, tally);
        } else {
            let valid = clean.iter().fold(0, |sum, &dn| sum + u16::from(dn != 0));
            tally.checked += u64::from(valid);
        }
    }

    /// Tests the pixels of a lane one by one, in those rows of the group where one may fire.
    #[inline(always)]
    fn test_lane(
        &mut self,
        (job, place, windows): (&Job, &Place, &Windows),
        (start, screen): (usize, &Screen),
        hits: &mut Vec<Hit>,
        tally: &mut Tally,
    ) {
        let cell = (place.first_col + start) / CELL as usize;
        let CellThresholds {
            fires, sure, gate, ..
        } = job.thresholds[cell].over_sums();
        let fewest = job.ring.fewest() as i32;
        let few = screen.least_count < fewest;
        let rows = GROUP.min((job.range.end - place.row) as usize);
        for row in 0..rows {
            let dn = lane(&self.image[row + REACH][REACH..], start);
            let brightest = largest(dn);
            let patches = gate.is_finite().then(|| self.narrow(row, start));
            let may_fire = few
                | screen.may_exceed(power(brightest), fires.pixel)
                | patches
                    .as_ref()
                    .is_some_and(|patches| screen.may_exceed(f64::from(largest(patches)), gate));
            if brightest == 0 || !may_fire {
                continue;
            }
            let rings = rings(windows, &mut self.exact, (job, place, start, row));
            for at in (0..LANE).filter(|&at| dn[at] != 0) {
                let (count, sum) = (rings.count[at], rings.sum[at]);
                if count < fewest {
                    tally.untested += 1;
                    continue;
                }
                let own = power(dn[at]);
                let narrow = patches
                    .as_ref()
                    .map_or(0.0, |patches| f64::from(patches[at]));
                let passes_gate = exceeds(narrow, count, sum, gate);
                if !passes_gate && !exceeds(own, count, sum, fires.pixel) {
                    continue;
                }
                let wide = match passes_gate {
                    true => f64::from(self.wide(row, start + at)),
                    false => 0.0,
                };
                let passes = |tests: &Tests| {
                    exceeds(own, count, sum, tests.pixel)
                        || exceeds(narrow, count, sum, tests.narrow)
                        || exceeds(wide, count, sum, tests.wide)
                };
                if passes(&fires) {
                    hits.push(Hit {
                        row: place.row + row as u32,
                        col: (place.first_col + start + at) as u32,
                        dn: dn[at],
                        ring_count: count as u32,
                        ring_sum: sum as u64,
                        cell: job.first_cell + cell as u32,
                        is_sure: passes(&sure),
                    });
                }
            }
        }
    }
}

/// The largest of a lane.
#[inline(always)]
fn largest<T: Copy + Ord + Default>(values: &[T; LANE]) -> T {
    values
        .iter()
        .fold(T::default(), |most, &value| most.max(value))
}

/// Exact rings of the lane from `start` in row `row` of a group.
#[inline(always)]
fn rings(
    windows: &Windows,
    exact: &mut [Columns; 2],
    (job, place, start, row): (&Job, &Place, usize, usize),
) -> Rings {
    let across = LANE + 2 * job.ring.outer as usize + 1;
    let within =
        place.padded.start + start..place.padded.end.min(place.padded.start + start + across);
    let line = |row: i64| &job.rows.padded(row)[within.clone()];
    let (group, own) = (i64::from(place.row), i64::from(place.row) + row as i64);
    let columns = start..start + across;
    let [own_outer, own_guard] = exact;
    let reach = Reach::shared(job.ring.outer);
    own_outer.restore(
        &windows.outer,
        columns.clone(),
        &line,
        (reach.rows(group), reach.alone(own)),
    );
    let reach = Reach::any(job.ring.guard);
    own_guard.restore(
        &windows.guard,
        columns,
        &line,
        (reach.rows(group), reach.alone(own)),
    );
    Rings::new((own_outer, own_guard), job.ring)
}

/// Ring sum and count of every column of a lane.
struct Rings {
    sum: [i64; LANE],
    count: [i32; LANE],
}

impl Rings {
    /// From the exact columns about the lane, the first of them one before the first window.
    #[inline(always)]
    fn new(columns: (&Columns, &Columns), ring: Ring) -> Self {
        let Before { mut sum, mut count } = Before::first(columns, ring);
        let (outer, guard) = columns;
        let (o, g) = (ring.outer as usize, ring.guard as usize);
        let (o_in, g_in, g_out) = (2 * o + 1, o + g + 1, o - g);
        let mut rings = Self {
            sum: [0; LANE],
            count: [0; LANE],
        };
        for at in 0..LANE {
            sum += i64::from(outer.sum[o_in + at])
                - i64::from(outer.sum[at])
                - i64::from(guard.sum[g_in + at])
                + i64::from(guard.sum[g_out + at]);
            count += i32::from(outer.count[o_in + at])
                - i32::from(outer.count[at])
                - i32::from(guard.count[g_in + at])
                + i32::from(guard.count[g_out + at]);
            rings.sum[at] = sum;
            rings.count[at] = count;
        }
        rings
    }

    /// Counts uncensored pixels above the check threshold.
    #[inline(always)]
    fn count_exceeding(&self, clean: &[u16; LANE], check: f64, fewest: i32, tally: &mut Tally) {
        for (at, &dn) in clean.iter().enumerate() {
            let (count, sum) = (self.count[at], self.sum[at]);
            let valid = u64::from(dn != 0) & u64::from(count >= fewest);
            tally.checked += valid;
            tally.exceeding += valid & u64::from(exceeds(power(dn), count, sum, check));
        }
    }
}

/// DN² of a tested pixel, never capped.
#[inline(always)]
pub(super) fn power(dn: u16) -> f64 {
    let dn = f64::from(dn);
    dn * dn
}

/// Power·n > α·S.
#[inline(always)]
pub(super) fn exceeds(power: f64, count: i32, sum: i64, alpha: f64) -> bool {
    power * f64::from(count) > alpha * sum as f64
}
