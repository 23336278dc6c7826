//! The rows of a scene that are in memory: a circular buffer with blank margins, and the pixels censored from it.

use super::BLOCK;
use std::collections::VecDeque;

/// Blank columns on either side of a row, so that a window never leaves the buffer.
pub(super) const MARGIN: usize = 64;

/// Rows in the buffer of a search: a strip, its halo and the block rows judged beyond (256 + 3 × 64), whole block rows.
pub(super) const SEARCH_ROWS: usize = 448;

/// A pixel taken out of the background, with the amplitude it had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Censored {
    /// Row in the scene.
    pub row: u32,
    /// Column in the scene.
    pub col: u32,
    /// Amplitude.
    pub dn: u16,
}

/// Circular buffer of rows. Censored pixels stand as 0 in it and in a list beside it.
pub(super) struct Rows {
    width: usize,
    height: u32,
    capacity: usize,
    data: Vec<u16>,
    blank: Vec<u16>,
    /// Censored pixels by block row, in (row, col) order.
    censored: VecDeque<(u32, Vec<Censored>)>,
}

impl Rows {
    /// A buffer of `capacity` rows, a multiple of 64, for a scene of `width` × `height` pixels.
    pub(super) fn new((width, height): (u32, u32), capacity: usize) -> Self {
        let stride = width as usize + 2 * MARGIN;
        Self {
            width: width as usize,
            height,
            capacity,
            data: vec![0; stride * capacity],
            blank: vec![0; stride],
            censored: VecDeque::new(),
        }
    }

    fn start(&self, row: u32) -> usize {
        row as usize % self.capacity * self.blank.len()
    }

    /// A row with its margins: column c stands at `MARGIN + c`. Rows outside the scene are blank.
    ///
    /// The row must be among the last stored, as many as the buffer holds.
    pub(super) fn padded(&self, row: i64) -> &[u16] {
        match self.inside(row) {
            Some(row) => &self.data[self.start(row)..][..self.blank.len()],
            None => &self.blank,
        }
    }

    /// The number of a row of the scene; `None` outside.
    pub(super) fn inside(&self, row: i64) -> Option<u32> {
        u32::try_from(row).ok().filter(|&row| row < self.height)
    }

    /// The columns of a row inside the scene.
    pub(super) fn row(&self, row: u32) -> &[u16] {
        &self.data[self.start(row) + MARGIN..][..self.width]
    }

    /// The same, to be written.
    pub(super) fn row_mut(&mut self, row: u32) -> &mut [u16] {
        let start = self.start(row) + MARGIN;
        &mut self.data[start..][..self.width]
    }

    /// Takes pixels of one block row out of the background. `pixels` in (row, col) order.
    pub(super) fn censor(&mut self, block_row: u32, pixels: Vec<Censored>) {
        for pixel in &pixels {
            self.row_mut(pixel.row)[pixel.col as usize] = 0;
        }
        while self.censored.front().is_some_and(|(oldest, _)| {
            (block_row - oldest) as usize >= self.capacity / BLOCK as usize
        }) {
            self.censored.pop_front();
        }
        self.censored.push_back((block_row, pixels));
    }

    /// The censored pixels of one row, by column.
    pub(super) fn censored(&self, row: u32) -> &[Censored] {
        let block_row = row / BLOCK;
        let list = self
            .censored
            .iter()
            .find(|(held, _)| *held == block_row)
            .map_or(&[][..], |(_, pixels)| pixels);
        let first = list.partition_point(|pixel| pixel.row < row);
        let end = list.partition_point(|pixel| pixel.row <= row);
        &list[first..end]
    }

    /// Amplitude as read, censored or not.
    pub(super) fn amplitude(&self, row: u32, col: u32) -> u16 {
        let held = self.row(row)[col as usize];
        if held != 0 {
            return held;
        }
        let list = self.censored(row);
        list.binary_search_by_key(&col, |pixel| pixel.col)
            .map_or(0, |at| list[at].dn)
    }
}
