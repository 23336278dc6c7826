//! Drives the search down a stretch of a band: read, level, censor, fit, test, grow; strip by strip.
//!
//! A worker owns whole strips (256 rows, one row of cells) and reads each row of them once, eight at a time, with 128
//! rows more at either end: the neighbours of the block rows in the halo. Everything that decides about a pixel is
//! within that reach and made of exact sums, so a scene gives the same hits however it is split.

use super::front;
use super::kernel::simd::Simd;
use super::kernel::{Job, Scratch, Tally, search_block};
use super::patch;
use super::ring::Ring;
use super::rows::{Rows, SEARCH_ROWS};
use super::sea::{BlockRow, LnTable, cell_levels, cell_means, censor};
use super::{BLOCK, CELL, CellThresholds, HALO, Hit, NARROW, WIDE};
use crate::detect::DetectError;
use crate::detect::clutter::{ClutterLaw, Levels};
use crate::detect::grow::{Beside, Pixel, grow};
use crate::detect::mask::Mask;
use crate::model::tile::Tile;
use std::collections::BTreeMap;
use std::ops::Range;

/// Rows read at a time, a divisor of a block's: few enough to be in the core's own cache still when they are summed.
const READ_ROWS: u32 = 8;

/// What a search of one band needs to know.
#[derive(Clone, Copy)]
pub(in crate::detect) struct Plan<'a> {
    /// Columns of the scene.
    pub width: u32,
    /// Rows of the scene.
    pub height: u32,
    /// The windows.
    pub ring: Ring,
    /// Thresholds by spread.
    pub law: &'a ClutterLaw,
    /// Land.
    pub mask: Mask<'a>,
    /// Instructions to use; the results do not depend on it.
    pub simd: Simd,
}

impl Plan<'_> {
    /// Strips in the scene.
    pub(in crate::detect) fn strips(&self) -> u32 {
        self.height.div_ceil(CELL)
    }

    /// Cells across the scene.
    pub(in crate::detect) fn cells_across(&self) -> u32 {
        self.width.div_ceil(CELL)
    }

    /// Farthest a target grows from a hit, pixels: half the guard.
    fn most_steps(&self) -> u16 {
        self.ring.guard.max(2) as u16
    }
}

/// What a stretch gave.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::detect) struct Found {
    /// Hits by row and column.
    pub hits: Vec<Hit>,
    /// Target pixels; `origin` is a place in `hits`.
    pub pixels: Vec<Pixel>,
    /// Pixels about the targets; `origin` as above.
    pub beside: Vec<Beside>,
    /// Thresholds of the cells, row by row of cells.
    pub cells: Vec<Levels>,
    /// Mean power of the sea of each cell, DN²; `None` where nothing is sea.
    pub means: Vec<Option<f64>>,
    /// Tested and checked.
    pub tally: Tally,
    /// Pixels with data, not land.
    pub valid: u64,
    /// Pixels masked as land.
    pub land: u64,
    /// Sea pixels without data.
    pub blank: u64,
}

impl Found {
    /// Appends the stretch below this one.
    pub(in crate::detect) fn append(&mut self, below: Found) {
        let offset = self.hits.len() as u32;
        self.hits.extend(below.hits);
        self.pixels
            .extend(below.pixels.into_iter().map(|pixel| Pixel {
                origin: pixel.origin + offset,
                ..pixel
            }));
        self.beside
            .extend(below.beside.into_iter().map(|pixel| Beside {
                origin: pixel.origin + offset,
                ..pixel
            }));
        self.cells.extend(below.cells);
        self.means.extend(below.means);
        self.tally.untested += below.tally.untested;
        self.tally.checked += below.tally.checked;
        self.tally.exceeding += below.tally.exceeding;
        self.valid += below.valid;
        self.land += below.land;
        self.blank += below.blank;
    }
}

/// A worker's memory: one buffer of rows and its sums, for the whole of its stretch.
struct Worker<'a> {
    plan: &'a Plan<'a>,
    own: Range<u32>,
    rows: Rows,
    blocks: BTreeMap<u32, BlockRow>,
    /// The block row that is being read.
    partial: BlockRow,
    table: LnTable,
    loaded: u32,
    censored: u32,
    scratch: Scratch,
    found: Found,
}

/// Searches the strips `strips` of a band.
///
/// `read(first_row, rows, tile)` fills the tile with full-width rows. `progress` hears of the pixels of each strip when
/// it is done.
///
/// # Errors
///
/// Whatever `read` returns.
pub(in crate::detect) fn search_strips(
    plan: &Plan,
    strips: Range<u32>,
    read: &mut dyn FnMut(u32, u32, &mut Tile) -> Result<(), DetectError>,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Found, DetectError> {
    let own = strips.start * CELL..(strips.end * CELL).min(plan.height);
    let mut worker = Worker {
        plan,
        loaded: own.start.saturating_sub(2 * BLOCK),
        censored: own.start.saturating_sub(HALO),
        own,
        rows: Rows::new((plan.width, plan.height), SEARCH_ROWS),
        blocks: BTreeMap::new(),
        partial: BlockRow::new(plan.width),
        table: LnTable::new(),
        scratch: Scratch::default(),
        found: Found::default(),
    };
    let mut tile = Tile::default();
    for strip in strips {
        let range = strip * CELL..((strip + 1) * CELL).min(plan.height);
        let judged = (range.end + HALO).min(plan.height);
        let needed = judged.next_multiple_of(BLOCK) + BLOCK;
        while worker.loaded < needed.min(plan.height) {
            let rows = READ_ROWS.min(plan.height - worker.loaded);
            read(worker.loaded, rows, &mut tile)?;
            worker.store(&tile, rows);
        }
        while worker.censored < judged {
            worker.censor_next();
        }
        worker.search(range.clone());
        progress(u64::from(plan.width) * u64::from(range.len() as u32));
    }
    Ok(worker.found)
}

impl Worker<'_> {
    /// Takes the next rows in: land becomes no data, ln power is summed.
    fn store(&mut self, tile: &Tile, count: u32) {
        let (first, width) = (self.loaded, self.plan.width);
        for row in first..first + count {
            let slot = self.rows.row_mut(row);
            slot.copy_from_slice(tile.row(row));
            let mut land = 0;
            for (first, end) in self.plan.mask.row(row) {
                slot[first as usize..end as usize].fill(0);
                land += u64::from(end - first);
            }
            let valid = self.partial.add(row, slot, &self.table, self.plan.simd);
            if self.own.contains(&row) {
                self.found.land += land;
                self.found.valid += u64::from(valid);
                self.found.blank += u64::from(width) - u64::from(valid) - land;
            }
        }
        self.loaded += count;
        if self.loaded.is_multiple_of(BLOCK) || self.loaded == self.plan.height {
            let whole = std::mem::replace(&mut self.partial, BlockRow::new(width));
            self.blocks.insert(first / BLOCK, whole.finish());
        }
    }

    /// Censors the next block row; its neighbours are in.
    fn censor_next(&mut self) {
        let number = self.censored / BLOCK;
        let range = self.censored..(self.censored + BLOCK).min(self.plan.height);
        self.censored = range.end;
        let Some(mut own) = self.blocks.remove(&number) else {
            return;
        };
        let above = number
            .checked_sub(1)
            .and_then(|above| self.blocks.get(&above));
        let neighbours = [above, self.blocks.get(&(number + 1))];
        let pixels = censor(
            &self.rows,
            range,
            neighbours,
            &mut own,
            self.plan.law,
            &self.table,
        );
        self.rows.censor(number, pixels);
        self.blocks.insert(number, own);
    }

    /// Fits the cells of a strip, tests its rows and grows its hits.
    fn search(&mut self, range: Range<u32>) {
        let first_block = range.start / BLOCK;
        let blocks: Vec<BlockRow> = self
            .blocks
            .range(first_block..range.end.div_ceil(BLOCK))
            .map(|(_, block)| block.clone())
            .collect();
        let width = self.plan.width;
        let simd = self.plan.simd;
        let narrow = patch::measure(&self.rows, range.clone(), (width, NARROW), simd);
        let wide = patch::measure(&self.rows, range.clone(), (width, WIDE), simd);
        let levels = cell_levels(&blocks, [&narrow, &wide], self.plan.law);
        let about: Vec<&BlockRow> = self
            .blocks
            .range(first_block.saturating_sub(1)..=range.end.div_ceil(BLOCK))
            .map(|(_, block)| block)
            .collect();
        let uneven = front::uneven(&about, levels.len());
        let thresholds: Vec<CellThresholds> = levels.iter().map(|level| level.tests).collect();
        let quiet: Vec<CellThresholds> = thresholds
            .iter()
            .zip(&uneven)
            .map(|(&own, &uneven)| if uneven { CellThresholds::SILENT } else { own })
            .collect();
        let first_cell = range.start / CELL * self.plan.cells_across();
        let mut job = Job {
            rows: &self.rows,
            range,
            width: self.plan.width,
            ring: self.plan.ring,
            thresholds: &quiet,
            first_cell,
            simd: self.plan.simd,
        };
        let mut hits = Vec::new();
        let mut tally = search_block(&job, &mut self.scratch, &mut hits);
        job.thresholds = &thresholds;
        for cell in (0..uneven.len()).filter(|&cell| uneven[cell]) {
            front::search_cell(&job, cell, &mut hits, &mut tally);
        }
        hits.sort_unstable_by_key(|hit| (hit.row, hit.col));
        let (pixels, beside) = self.grow(&hits, &levels, first_cell);
        // Block rows above the next strip's halo are done with.
        self.blocks = self
            .blocks
            .split_off(&(self.censored / BLOCK).saturating_sub(2));
        self.found.append(Found {
            hits,
            pixels,
            beside,
            means: cell_means(&blocks, &levels),
            cells: levels,
            tally,
            ..Found::default()
        });
    }

    fn grow(&self, hits: &[Hit], levels: &[Levels], first_cell: u32) -> (Vec<Pixel>, Vec<Beside>) {
        let (width, height) = (i64::from(self.plan.width), i64::from(self.plan.height));
        let amplitude = |row: i64, col: i64| {
            let inside = (0..height).contains(&row) && (0..width).contains(&col);
            inside.then(|| self.rows.amplitude(row as u32, col as u32))
        };
        let grow_level = |hit: &Hit| levels[(hit.cell - first_cell) as usize].grow;
        grow(hits, self.plan.most_steps(), &amplitude, &grow_level)
    }
}
