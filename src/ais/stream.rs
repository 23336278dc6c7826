//! A live stream, line by line: NMEA 0183, or a JSON record a line.

use super::nmea::Reader;
use super::reception::Reception;
use super::table::JsonRecords;
use jiff::Timestamp;

/// Decodes lines as they come. Memory is bounded if what was heard is drained now and then.
#[derive(Default)]
pub struct Stream {
    nmea: Reader,
    json: JsonRecords,
    /// JSON records are told from sentences by their first byte; the counts of both stand in the reader's reception.
    lines: u64,
}

impl Stream {
    /// Takes a line that came at `now`: the time of what carries none.
    pub fn line(&mut self, line: &[u8], now: Timestamp) {
        self.lines += 1;
        if line.trim_ascii_start().starts_with(b"{") {
            std::mem::swap(self.json.reception(), self.nmea.reception());
            self.json.take(line, self.lines);
            std::mem::swap(self.json.reception(), self.nmea.reception());
        } else {
            self.nmea.line_at(line, now);
        }
    }

    /// What was heard since the last drain.
    pub fn heard(&self) -> &Reception {
        self.nmea.heard()
    }

    /// Takes what was heard; clock and parts of messages that are not whole stay.
    pub fn drain(&mut self) -> Reception {
        self.json.forget();
        std::mem::take(self.nmea.reception())
    }

    /// Ends the stream: parts whose others never came are counted.
    pub fn finish(self) -> Reception {
        self.nmea.finish()
    }
}
