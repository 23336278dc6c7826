//! Bounds on what a Parquet file may claim, checked before memory is asked for.
//!
//! The decoder believes a page's header and a dictionary's count: a few bytes could ask for gigabytes. Pages that real
//! writers make are a few megabytes.

use bytes::Bytes;
use parquet::basic::Encoding;
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader, RowGroupMetaData};
use parquet::file::reader::{ChunkReader, Length};
use parquet::file::serialized_reader::SerializedPageReader;
use std::io::{BufRead, BufReader};
use std::sync::Arc;

/// Most bytes of one page, packed or not.
const MOST_PAGE_BYTES: usize = 32 << 20;

/// Most bytes of the description at the file's end.
const MOST_FOOTER_BYTES: u64 = 32 << 20;

/// Bytes of the footer behind the description: its length, and the magic bytes.
const TAIL_BYTES: u64 = 8;

fn refused(what: &str) -> ParquetError {
    ParquetError::General(what.to_owned())
}

/// The description at the file's end.
///
/// # Errors
///
/// If it is damaged or too large.
pub(super) fn metadata(input: &impl ChunkReader) -> Result<ParquetMetaData> {
    let start = input.len().checked_sub(TAIL_BYTES);
    let start = start.ok_or_else(|| refused("it ends too early"))?;
    let tail = input.get_bytes(start, TAIL_BYTES as usize)?;
    let length = tail
        .first_chunk()
        .map_or(0, |length| u32::from_le_bytes(*length));
    if u64::from(length) > MOST_FOOTER_BYTES {
        return Err(refused("its description of itself is larger than 32 MiB"));
    }
    ParquetMetaDataReader::new().parse_and_finish(input)
}

/// Input of pages, each looked at before it is unpacked.
pub(super) struct Guarded<R>(pub R);

impl<R: ChunkReader> Length for Guarded<R> {
    fn len(&self) -> u64 {
        self.0.len()
    }
}

impl<R: ChunkReader> ChunkReader for Guarded<R> {
    type T = BufReader<R::T>;

    /// Only page headers are read in this way.
    fn get_read(&self, start: u64) -> Result<Self::T> {
        let mut reader = BufReader::with_capacity(1 << 10, self.0.get_read(start)?);
        let head = reader.fill_buf()?;
        match unpacked_size(head) {
            Some(size) if size <= MOST_PAGE_BYTES as u64 => Ok(reader),
            Some(_) => Err(refused("a page of it is larger than 32 MiB")),
            None => Err(refused("a page of it has a damaged header")),
        }
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        if length > MOST_PAGE_BYTES {
            return Err(refused("a page of it is larger than 32 MiB"));
        }
        self.0.get_bytes(start, length)
    }
}

/// Second field of a page header (Thrift compact protocol): the first three are required whole numbers, and every writer
/// gives them in order. A header that begins in another way is taken for damaged.
fn unpacked_size(header: &[u8]) -> Option<u64> {
    /// One field on from the last, of 32 bits.
    const NEXT_I32: u8 = 0x15;
    let (kind, header) = number(header.strip_prefix(&[NEXT_I32])?)?;
    let (size, header) = number(header.strip_prefix(&[NEXT_I32])?)?;
    // Zigzag: odd numbers are negative.
    let whole = kind % 2 == 0 && size % 2 == 0;
    (whole && header.first() == Some(&NEXT_I32)).then_some(size / 2)
}

/// A number of seven bits a byte, least first, and what stands behind it.
fn number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0;
    for (at, byte) in bytes.iter().enumerate().take(5) {
        value |= u64::from(byte & 0x7F) << (7 * at);
        if byte & 0x80 == 0 {
            return Some((value, &bytes[at + 1..]));
        }
    }
    None
}

/// Pages of one column of a row group.
pub(super) struct Pages<R: ChunkReader>(SerializedPageReader<Guarded<R>>);

impl<R: ChunkReader + 'static> Pages<R> {
    /// # Errors
    ///
    /// If the column is packed in a way that is not read.
    pub(super) fn of(
        input: &Arc<Guarded<R>>,
        group: &RowGroupMetaData,
        leaf: usize,
    ) -> Result<Self> {
        let rows =
            usize::try_from(group.num_rows()).map_err(|_below| refused("a row count below 0"))?;
        let column = group
            .columns()
            .get(leaf)
            .ok_or_else(|| refused("a row group lacks a column"))?;
        SerializedPageReader::new(Arc::clone(input), column, rows, None).map(Self)
    }
}

impl<R: ChunkReader> PageReader for Pages<R> {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        let page = self.0.get_next_page()?;
        match &page {
            // Each value takes four bytes at least.
            Some(Page::DictionaryPage {
                buf, num_values, ..
            }) if *num_values as usize > buf.len() / 4 => {
                Err(refused("a dictionary of it is shorter than it claims"))
            }
            // Values that repeat the beginning of the one before may grow without bounds.
            Some(page) if page.encoding() == Encoding::DELTA_BYTE_ARRAY => Err(refused(
                "a column is written in DELTA_BYTE_ARRAY, which is not read; write it as PLAIN or by dictionary",
            )),
            _ => Ok(page),
        }
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        self.0.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.0.skip_next_page()
    }
}

impl<R: ChunkReader> Iterator for Pages<R> {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unpacked_size_is_read_from_a_header_as_writers_make_it() {
        // Type 0, 300 bytes unpacked, 20 packed.
        let header = [0x15, 0x00, 0x15, 0xD8, 0x04, 0x15, 0x28, 0x2C];
        assert_eq!(unpacked_size(&header), Some(300));
        // A negative size, another order, too long a number, an end too early.
        for damaged in [
            &[0x15, 0x00, 0x15, 0xD7, 0x04, 0x15, 0x28][..],
            &[0x25, 0x00, 0x15, 0xD8, 0x04, 0x15, 0x28],
            &[0x15, 0x00, 0x15, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 0x15],
            &[0x15, 0x00, 0x15, 0xD8],
            &[],
        ] {
            assert_eq!(unpacked_size(damaged), None, "{damaged:?}");
        }
    }
}
