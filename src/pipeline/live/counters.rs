//! What live listening counts, for `/metrics`.

use super::Heard;
use crate::ais::Fate;
use crate::model::outage::Outage;
use std::collections::BTreeMap;
use std::time::Duration;

/// Counts the lines of one feed.
pub(super) fn heard(heard: &Heard) {
    let feed = || heard.source.clone();
    let reception = &heard.reception;
    metrics::counter!("mda_live_lines_total", "feed" => feed()).increment(reception.lines);
    metrics::counter!("mda_live_messages_total", "feed" => feed()).increment(reception.messages);
    for (reason, count) in &reception.rejects {
        let reason = reason.as_str();
        metrics::counter!("mda_live_rejects_total", "feed" => feed(), "reason" => reason)
            .increment(*count);
    }
    if reception.messages > 0 {
        up(&heard.source, true);
    }
}

/// Whether a feed is heard.
pub(super) fn up(feed: &str, is_up: bool) {
    let value = if is_up { 1.0 } else { 0.0 };
    metrics::gauge!("mda_live_feed_up", "feed" => feed.to_owned()).set(value);
}

/// Notes an outage that began or ended.
pub(super) fn outage(outage: &Outage) {
    up(&outage.source, outage.end.is_some());
    if outage.end.is_none() {
        let (feed, cause) = (outage.source.clone(), outage.cause.as_str());
        metrics::counter!("mda_live_outages_total", "feed" => feed, "cause" => cause).increment(1);
    }
}

/// What became of position reports.
pub(super) fn fates(fates: &BTreeMap<Fate, u64>) {
    for (fate, count) in fates {
        metrics::counter!("mda_live_reports_total", "fate" => fate.as_str()).increment(*count);
    }
}

/// Ships known, and how long a batch took.
pub(super) fn batch(ships: usize, took: Duration) {
    metrics::gauge!("mda_live_identities").set(ships as f64);
    metrics::histogram!("mda_live_batch_seconds").record(took.as_secs_f64());
}
