//! The watchdog of one feed: when was a message heard last, and is that an outage.

use crate::model::outage::{Outage, OutageCause};
use jiff::{SignedDuration, Timestamp};

/// Watches one feed.
#[derive(Debug)]
pub(super) struct Watch {
    source: String,
    silent_after: SignedDuration,
    /// Last message, or when listening began.
    last: Timestamp,
    connections: usize,
    /// The outage that lasts.
    open: Option<Outage>,
}

impl Watch {
    /// Begins to listen at `now`.
    pub(super) fn new(source: &str, silent_after: SignedDuration, now: Timestamp) -> Self {
        Self {
            source: source.to_owned(),
            silent_after,
            last: now,
            connections: 0,
            open: None,
        }
    }

    /// A connection stands.
    pub(super) fn connected(&mut self) {
        self.connections += 1;
    }

    /// A connection is gone; the outage begins with the last message before.
    pub(super) fn disconnected(&mut self) -> Option<Outage> {
        self.connections = self.connections.saturating_sub(1);
        if self.connections > 0 {
            return None;
        }
        self.begin(OutageCause::Disconnected)
    }

    /// Messages came at `now`: an outage that lasted is over.
    pub(super) fn heard(&mut self, now: Timestamp) -> Option<Outage> {
        self.last = now;
        let mut over = self.open.take()?;
        over.end = Some(now);
        Some(over)
    }

    /// Looks at the clock; the outage that has begun by silence, if any.
    pub(super) fn look(&mut self, now: Timestamp) -> Option<Outage> {
        if now.duration_since(self.last) < self.silent_after {
            return None;
        }
        self.begin(if self.connections > 0 {
            OutageCause::Silent
        } else {
            OutageCause::Disconnected
        })
    }

    fn begin(&mut self, cause: OutageCause) -> Option<Outage> {
        if self.open.is_some() {
            return None;
        }
        let outage = Outage {
            source: self.source.clone(),
            start: self.last,
            end: None,
            cause,
        };
        self.open = Some(outage.clone());
        Some(outage)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn an_outage_runs_from_the_last_message_to_the_next_and_is_told_once() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let mut watch = Watch::new("station", SignedDuration::from_secs(60), at(0));
        watch.connected();
        assert_eq!(watch.heard(at(10)), None);
        assert_eq!(watch.look(at(69)), None);
        let begun = watch.look(at(71)).unwrap();
        assert_eq!(
            (begun.start, begun.end, begun.cause),
            (at(10), None, OutageCause::Silent)
        );
        assert_eq!(watch.look(at(99)), None);
        assert_eq!(watch.disconnected(), None);
        let over = watch.heard(at(120)).unwrap();
        assert_eq!((over.start, over.end), (at(10), Some(at(120))));
        watch.connected();
        assert_eq!(
            watch.disconnected().unwrap().cause,
            OutageCause::Disconnected
        );
    }
}
