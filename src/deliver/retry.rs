//! When a message is tried again: the count of attempts and what the receiver asked for in, a waiting time out.
//!
//! # Source
//!
//! Standard Webhooks 1.0, "Deliverability and reliability": the table of waiting times, with jitter.

use crate::model::id::content_id;
use std::time::Duration;

/// Waiting times after the first, second … failed attempt at a webhook, seconds.
const WEBHOOK_S: [u64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

/// Waiting times for a broker that is away, seconds; the last one repeats: a broker is waited for without end.
const BROKER_S: [u64; 5] = [1, 2, 5, 15, 60];

/// A wait is lengthened by up to this share, so that receivers that failed together are not asked together.
const JITTER: f64 = 0.2;

/// Longest wait that a receiver may ask for with `Retry-After`.
const LONGEST: Duration = Duration::from_secs(86_400);

/// Which table holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Table {
    /// Nine waits, then the message is given up.
    Webhook,
    /// Waits without end.
    Broker,
}

/// How long to wait after `attempts` failed attempts, `None` if the message is to be given up.
///
/// The jitter comes from `(channel, message)` and the count: the same in every run, another for every message. A
/// receiver's own wish holds if it is longer, up to a day.
pub(super) fn wait(
    table: Table,
    attempts: u32,
    (channel, message_id): (&str, &str),
    asked: Option<Duration>,
) -> Option<Duration> {
    let step = usize::try_from(attempts.max(1)).unwrap_or(usize::MAX) - 1;
    let seconds = match table {
        Table::Webhook => *WEBHOOK_S.get(step)?,
        Table::Broker => BROKER_S[step.min(BROKER_S.len() - 1)],
    };
    let share = share(&[channel, message_id, &attempts.to_string()]);
    let own = Duration::from_secs(seconds).mul_f64(1.0 + JITTER * share);
    Some(own.max(asked.unwrap_or_default().min(LONGEST)))
}

/// A number from 0 to 1 that looks random and follows from `parts`.
fn share(parts: &[&str]) -> f64 {
    let id = content_id("jitter", parts);
    let digits = id.get(id.len() - 8..).unwrap_or_default();
    f64::from(u32::from_str_radix(digits, 16).unwrap_or(0)) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_follow_the_table_with_jitter_and_then_end() {
        for (step, seconds) in WEBHOOK_S.into_iter().enumerate() {
            let attempts = u32::try_from(step).unwrap() + 1;
            let waited = wait(Table::Webhook, attempts, ("c", "m"), None).unwrap();
            let range = seconds as f64..=seconds as f64 * 1.2 + 1e-6;
            assert!(
                range.contains(&waited.as_secs_f64()),
                "{attempts}: {waited:?}"
            );
        }
        assert_eq!(wait(Table::Webhook, 10, ("c", "m"), None), None);
        assert!(wait(Table::Broker, 1_000_000, ("c", "m"), None).is_some());
    }

    #[test]
    fn messages_spread_over_the_jitter() {
        let waits: Vec<f64> = (0..200)
            .map(|n| {
                wait(Table::Webhook, 1, ("c", &format!("m{n}")), None)
                    .unwrap()
                    .as_secs_f64()
            })
            .collect();
        let mean = waits.iter().sum::<f64>() / 200.0;
        // Uniform over 5 ..= 6 s: the mean of 200 has a standard deviation of 0.02 s.
        assert!((mean - 5.5).abs() < 0.1, "{mean}");
    }

    #[test]
    fn a_receivers_wish_holds_if_it_is_longer_and_not_beyond_a_day() {
        let asked = |s| wait(Table::Webhook, 1, ("c", "m"), Some(Duration::from_secs(s))).unwrap();
        assert_eq!(asked(600), Duration::from_secs(600));
        assert!(asked(1) >= Duration::from_secs(5));
        assert_eq!(asked(1_000_000), LONGEST);
    }
}
