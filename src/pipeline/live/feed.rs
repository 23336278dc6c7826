//! Bytes of one connection → lines → messages.

use crate::ais::{Reception, Stream};
use jiff::Timestamp;

/// Bytes of one line that are kept; what is longer is cut.
const MAX_LINE: usize = 1 << 16;

/// Reports and static data of a reception.
pub(super) fn size(heard: &Reception) -> usize {
    heard.positions.len() + heard.statics.len()
}

/// Cuts lines and decodes them.
#[derive(Default)]
pub(super) struct Feed {
    stream: Stream,
    /// A line that has not ended.
    open: Vec<u8>,
}

impl Feed {
    /// Takes bytes that came at `now`; how many messages they made whole.
    pub(super) fn take(&mut self, bytes: &[u8], now: Timestamp) -> u64 {
        let before = self.stream.heard().messages;
        let mut pieces = bytes.split(|&byte| byte == b'\n').peekable();
        while let Some(piece) = pieces.next() {
            let ends = pieces.peek().is_some();
            if ends && self.open.is_empty() {
                self.stream.line(piece, now);
                continue;
            }
            let room = MAX_LINE - self.open.len();
            self.open.extend_from_slice(&piece[..piece.len().min(room)]);
            if ends {
                self.stream.line(&self.open, now);
                self.open.clear();
            }
        }
        self.stream.heard().messages - before
    }

    /// Reports and static data that wait.
    pub(super) fn pending(&self) -> usize {
        size(self.stream.heard())
    }

    /// True if a distress beacon waits.
    pub(super) fn is_urgent(&self) -> bool {
        !self.stream.heard().distress.is_empty()
    }

    /// What was heard since the last call.
    pub(super) fn drain(&mut self) -> Reception {
        self.stream.drain()
    }

    /// What is left when the connection ends: a last line without end, parts without their others.
    pub(super) fn close(mut self, now: Timestamp) -> Option<Reception> {
        if !self.open.is_empty() {
            let open = std::mem::take(&mut self.open);
            self.stream.line(&open, now);
        }
        let left = self.stream.finish();
        (left.lines > 0 || !left.rejects.is_empty()).then_some(left)
    }
}
