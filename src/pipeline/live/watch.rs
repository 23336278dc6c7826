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
    /// When a message was heard, a connection stood or was made anew, whichever is latest.
    stirred: Timestamp,
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
            stirred: now,
            connections: 0,
            open: None,
        }
    }

    /// Goes on with an outage that lasts.
    pub(super) fn resume(&mut self, outage: Outage) {
        self.last = outage.start;
        self.open = Some(outage);
    }

    /// Time of the last message, or when listening began.
    pub(super) fn last(&self) -> Timestamp {
        self.last
    }

    /// A connection stands since `now`.
    pub(super) fn connected(&mut self, now: Timestamp) {
        self.connections += 1;
        self.stirred = now;
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
        self.stirred = now;
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

    /// True if a connection that stands is to be made anew: again and again while the outage lasts.
    pub(super) fn renew(&mut self, now: Timestamp) -> bool {
        let is_due = self.connections > 0 && now.duration_since(self.stirred) >= self.silent_after;
        if is_due {
            self.stirred = now;
        }
        is_due
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
        watch.connected(at(0));
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
        watch.connected(at(130));
        assert_eq!(
            watch.disconnected().unwrap().cause,
            OutageCause::Disconnected
        );
    }
    #[test]
    fn a_connection_is_made_anew_each_time_it_was_silent_for_so_long() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let mut watch = Watch::new("station", SignedDuration::from_secs(60), at(0));
        assert!(!watch.renew(at(99)), "nothing stands that could be renewed");
        watch.connected(at(100));
        let renewed: Vec<i64> = (100..300).filter(|t| watch.renew(at(*t))).collect();
        assert_eq!(renewed, [160, 220, 280]);
        watch.heard(at(300));
        assert!(!watch.renew(at(359)) && watch.renew(at(360)));
    }
}
