//! When a feed of AIS was not heard: silence of the receiver, which must never become silence of a ship.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A span in which one feed gave nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outage {
    /// The feed.
    pub source: String,
    /// Last message before, or when listening began.
    pub start: Timestamp,
    /// First message behind; `None` while it lasts.
    pub end: Option<Timestamp>,
    /// What was seen of it.
    pub cause: OutageCause,
}

/// What was seen of an outage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutageCause {
    /// There was no connection.
    Disconnected,
    /// The connection stood, and no message came.
    Silent,
    /// The program did not listen.
    Stopped,
}

impl OutageCause {
    /// The cause's name as stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Disconnected => "disconnected",
            Self::Silent => "silent",
            Self::Stopped => "stopped",
        }
    }
}

/// Seconds from `start` to `end` in which no outage of `outages` lasted: how long a silence was really listened to. A gap
/// in a ship's reports means something only as far as it was listened to.
pub fn listened_s(start: Timestamp, end: Timestamp, outages: &[Outage]) -> f64 {
    let clipped = |outage: &Outage| {
        let last = outage.end.unwrap_or(Timestamp::MAX).min(end);
        let first = outage.start.max(start);
        (first < last).then_some((first, last))
    };
    let mut spans: Vec<_> = outages.iter().filter_map(clipped).collect();
    spans.sort_unstable();
    let mut lost_s = 0.0;
    let mut counted_to = start;
    for (first, last) in spans {
        let first = first.max(counted_to);
        if first < last {
            lost_s += last.duration_since(first).as_secs_f64();
            counted_to = last;
        }
    }
    (end.duration_since(start).as_secs_f64() - lost_s).max(0.0)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn outage(start: i64, end: Option<i64>) -> Outage {
        Outage {
            source: "station".to_owned(),
            start: at(start),
            end: end.map(at),
            cause: OutageCause::Silent,
        }
    }

    #[test]
    fn overlapping_and_open_outages_are_taken_off_a_silence_once() {
        let outages = [
            outage(50, None),
            outage(10, Some(20)),
            outage(15, Some(30)),
            outage(0, Some(5)),
        ];
        // 5 ..= 60 less 10 ..= 30 and 50 ..= 60.
        assert!((listened_s(at(5), at(60), &outages) - 25.0).abs() < 1e-9);
        assert!((listened_s(at(30), at(50), &outages) - 20.0).abs() < 1e-9);
        assert!(listened_s(at(55), at(60), &outages).abs() < 1e-9);
    }
}
