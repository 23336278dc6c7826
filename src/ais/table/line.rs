//! One line of a table → its fields, quotes resolved (RFC 4180 within the line).
//!
//! No text of AIS holds a line feed, but many an AIS name holds a lone quote. A quote that the line leaves open therefore
//! spoils that line alone, and what is kept in memory is bounded by the longest line.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder, Terminator};

/// Bytes of one line that are looked at; a longer line is no row of reports.
pub(super) const LONGEST: usize = 1 << 16;

/// Splits lines; its memory is used again.
pub(super) struct Line {
    reader: Reader,
    bytes: Vec<u8>,
    ends: Vec<usize>,
    fields: usize,
}

impl Line {
    /// Splits at `delimiter`.
    pub(super) fn new(delimiter: u8) -> Self {
        let reader = ReaderBuilder::new()
            .delimiter(delimiter)
            .terminator(Terminator::Any(b'\n'))
            .build();
        Self {
            reader,
            bytes: vec![0; LONGEST],
            // More fields than bytes there cannot be; a table of reports has some dozens.
            ends: vec![0; LONGEST],
            fields: 0,
        }
    }

    /// Splits `line`, which has no line feed; false if a quote stays open or the line is too long.
    pub(super) fn split(&mut self, line: &[u8]) -> bool {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        self.fields = 0;
        if line.len() >= LONGEST {
            return false;
        }
        self.reader.reset();
        let (text, _, used, fields) =
            self.reader
                .read_record(line, &mut self.bytes, &mut self.ends);
        if text != ReadRecordResult::InputEmpty {
            return false;
        }
        let (end, _, _, last) =
            self.reader
                .read_record(b"\n", &mut self.bytes[used..], &mut self.ends[fields..]);
        // Within an open quote a line feed would be text.
        let is_whole = end == ReadRecordResult::Record;
        self.fields = if is_whole { fields + last } else { 0 };
        is_whole
    }

    /// How many fields the line has.
    pub(super) fn len(&self) -> usize {
        self.fields
    }

    /// A field by its place.
    pub(super) fn get(&self, at: usize) -> Option<&[u8]> {
        let end = *self.ends[..self.fields].get(at)?;
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.bytes.get(start..end)
    }

    /// All fields in order.
    pub(super) fn fields(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.fields).filter_map(|at| self.get(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(line: &[u8]) -> Option<Vec<String>> {
        let mut splitter = Line::new(b',');
        // What stood open before does not matter.
        assert!(!splitter.split(b"x,\"open"));
        let text = |field: &[u8]| String::from_utf8_lossy(field).into_owned();
        splitter
            .split(line)
            .then(|| splitter.fields().map(text).collect())
    }

    #[test]
    fn fields_are_those_of_a_reader_of_whole_tables() {
        let lines: [&[u8]; 8] = [
            b"a,b,c",
            b",,",
            b"\"a\",\"b,c\",\"say \"\"d\"\"\"",
            b"a \"b\" c,d",
            b"\"a\"b,c",
            b"a,b,\r",
            b"\xff\xfe,b",
            b"a",
        ];
        for line in lines {
            let mut whole = csv::ReaderBuilder::new()
                .has_headers(false)
                .from_reader(line);
            let record = whole.byte_records().next().and_then(Result::ok);
            let expected: Option<Vec<String>> = record.map(|record| {
                let text = |field: &[u8]| String::from_utf8_lossy(field).into_owned();
                record.iter().map(text).collect()
            });
            assert_eq!(split(line), expected, "{}", line.escape_ascii());
        }
    }

    #[test]
    fn an_open_quote_or_a_line_without_end_is_no_row() {
        assert_eq!(split(b"a,\"b,c"), None);
        assert_eq!(split(&[b','; LONGEST]), None);
        let widest = split(&[b','; LONGEST - 1]);
        assert_eq!(widest.map(|fields| fields.len()), Some(LONGEST));
    }
}
