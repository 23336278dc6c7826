//! `/stream`: released alerts as server-sent events while they come.
//!
//! An event's id is the CAP identifier: a number would tell, by its gaps, how many alerts are withheld. A reader who comes
//! back with `Last-Event-ID` is given what was stored since; with an id that is not released to it, all active alerts. A
//! reader that falls behind the buffer is cut off, and catches up by coming back. The reader's key and audience are looked
//! up anew for every event. No reader may have more than its share of streams open, or it could hold every connection.

use super::access::{Reader, Seat, Who};
use super::answer::Problem;
use super::state::{Held, Snapshot, State};
use super::watch::Published;
use axum::Extension;
use axum::extract::State as Shared;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use jiff::Timestamp;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio::sync::watch;

/// Time between two comments on a quiet stream.
const COMMENT_EVERY: Duration = Duration::from_secs(15);

/// What a reader waits before it comes back.
const RETRY: Duration = Duration::from_secs(3);

/// What a reader with too many streams waits before it tries again, seconds: a connection that broke is noticed by its
/// next comment.
const SEAT_WAIT_S: u64 = 15;

struct Subscription {
    state: Arc<State>,
    reader: Reader,
    backlog: VecDeque<Arc<Held>>,
    /// The newest sequence that is in the backlog or before it.
    covered: i64,
    live: Receiver<Published>,
    ending: watch::Receiver<bool>,
    _seat: Seat,
}

pub(super) async fn stream(
    Shared(state): Shared<Arc<State>>,
    Extension(reader): Extension<Reader>,
    Extension(who): Extension<Who>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let seat = state.seats.take(who).ok_or_else(|| {
        Problem::too_many("Too many streams are open: close one first.", SEAT_WAIT_S)
    })?;
    // First the live end, then the snapshot: what comes between is in both, and told once.
    let live = state.stream.subscribe();
    let snapshot = state.snapshot();
    let backlog = headers
        .get("last-event-id")
        .map(|id| missed(&snapshot, &reader, id, state.now()))
        .unwrap_or_default();
    let subscription = Subscription {
        covered: snapshot.last_sequence(),
        ending: state.ending.clone(),
        state,
        reader,
        backlog,
        live,
        _seat: seat,
    };
    metrics::counter!("mda_stream_subscriptions_total").increment(1);
    let events = stream::unfold(subscription, |mut subscription| async move {
        let event = subscription.next().await?;
        Some((Ok::<_, Infallible>(event), subscription))
    });
    let keep = KeepAlive::new().interval(COMMENT_EVERY).text("");
    let mut response = Sse::new(events).keep_alive(keep).into_response();
    response.headers_mut().insert(
        HeaderName::from_static("x-accel-buffering"),
        HeaderValue::from_static("no"),
    );
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// What was stored since the alert with this id, or all active alerts if it is not the reader's to know.
fn missed(
    snapshot: &Snapshot,
    reader: &Reader,
    id: &HeaderValue,
    now: Timestamp,
) -> VecDeque<Arc<Held>> {
    let last = id
        .to_str()
        .ok()
        .and_then(|id| snapshot.released(reader, id));
    if let Some(last) = last {
        return snapshot.after(last).cloned().collect();
    }
    let mut active: Vec<_> = snapshot.active(reader, now);
    active.sort_by_key(|held| held.sequence);
    active.into()
}

impl Subscription {
    /// The next released alert; `None` ends the stream.
    async fn next(&mut self) -> Option<Event> {
        loop {
            let published = match self.backlog.pop_front() {
                Some(held) => Published::of(&held),
                None => self.next_live().await?,
            };
            let snapshot = self.state.snapshot();
            let reader = self.reader.renewed(&snapshot, self.state.now())?;
            if !snapshot.may_have(&reader, &published.held.alert) {
                continue;
            }
            self.state
                .given(&reader, "stream", &[&published.held.alert])
                .await;
            return Some(
                Event::default()
                    .id(&published.held.row.id)
                    .event("alert")
                    .retry(RETRY)
                    .data(&published.data),
            );
        }
    }

    async fn next_live(&mut self) -> Option<Published> {
        loop {
            tokio::select! {
                received = self.live.recv() => match received {
                    Ok(published) if published.held.sequence > self.covered => return Some(published),
                    Ok(_) => {}
                    Err(RecvError::Lagged(_)) => {
                        metrics::counter!("mda_stream_cut_off_total").increment(1);
                        return None;
                    }
                    Err(RecvError::Closed) => return None,
                },
                _ = self.ending.wait_for(|ending| *ending) => return None,
            }
        }
    }
}

#[cfg(test)]
#[path = "stream_tests.rs"]
mod tests;
