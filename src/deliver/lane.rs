//! One channel's queue: what waits in the store, sent in order, and what became of it stored.
//!
//! The first message that finds the receiver away stops the lane until its next attempt is due, so that order holds. A
//! message that the receiver has read and will not have holds back the later revisions of its own alert alone.

use super::parcel::{Answer, Parcel};
use super::retry::{Table, wait};
use super::sender::{Sender, form};
use super::shared::Shared;
use crate::model::alert::Alert;
use crate::model::channel::{Channel, Dispatch, DispatchState};
use crate::model::partner::Partner;
use crate::model::release::release;
use crate::store::{Lane, Queued, Store, StoreError};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// Messages read from the store at once.
const PAGE: usize = 64;

/// What became of messages is stored together after at most this time: a commit costs a flush of the disk.
const COMMIT_EVERY: Duration = Duration::from_millis(20);

/// What a lane works with.
pub(super) struct Work {
    pub(super) channel: Channel,
    pub(super) partner: Partner,
    pub(super) groups: Arc<BTreeMap<String, String>>,
    pub(super) shared: Arc<Shared>,
}

/// The state of one channel between two looks at the store.
pub(super) struct LaneState {
    work: Work,
    sender: Sender,
    /// Every message up to this place has a dispatch.
    after: i64,
    /// What became of messages and is not stored yet.
    done: Vec<Dispatch>,
    last_commit: Instant,
}

/// Why a lane rests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rest {
    /// Nothing is due before this time, if there is one.
    Until(Option<Timestamp>),
    /// The channel is paused now, or is not any more as the lane knows it.
    Paused,
}

impl LaneState {
    pub(super) fn new(work: Work, sender: Sender) -> Self {
        Self {
            work,
            sender,
            after: 0,
            done: Vec::new(),
            last_commit: Instant::now(),
        }
    }

    /// Sends what is due, oldest first, until it is `stopped`, and says when to look again.
    pub(super) async fn work_off(
        &mut self,
        stopped: &watch::Receiver<bool>,
    ) -> Result<Rest, StoreError> {
        // What a failing store did not take last time: read before, those messages would be sent again.
        self.commit().await?;
        if self.after == 0 {
            self.reopen_withheld().await?;
        }
        let mut pass = Pass::default();
        loop {
            let page = self.read(pass.from).await?;
            let is_last = page.len() < PAGE;
            let rest = self.page(page, &mut pass, stopped).await?;
            self.commit().await?;
            if let Some(rest) = rest {
                return Ok(rest);
            }
            if is_last || *stopped.borrow() {
                return Ok(Rest::Until(pass.due));
            }
        }
    }

    /// Sends one page; gives how to rest if nothing behind it may go.
    async fn page(
        &mut self,
        page: Vec<(Queued, Option<Alert>)>,
        pass: &mut Pass,
        stopped: &watch::Receiver<bool>,
    ) -> Result<Option<Rest>, StoreError> {
        for (queued, alert) in page {
            if *stopped.borrow() {
                break;
            }
            match self.one(&queued, alert.as_ref(), &pass.held).await {
                Outcome::Settled => {}
                Outcome::Held(time) => {
                    pass.held.insert(queued.entry.alert_id.clone());
                    pass.due = earliest(pass.due, time);
                }
                Outcome::Stopped(time) => {
                    return Ok(Some(Rest::Until(earliest(pass.due, time))));
                }
                Outcome::Closed(reason) => {
                    self.commit().await?;
                    self.pause(reason).await?;
                    return Ok(Some(Rest::Paused));
                }
            }
            pass.from = queued.sequence;
            self.after = self.after.max(queued.sequence);
            if self.last_commit.elapsed() >= COMMIT_EVERY {
                self.commit().await?;
            }
        }
        Ok(None)
    }

    /// The partner may have other rights than when messages were withheld.
    async fn reopen_withheld(&self) -> Result<(), StoreError> {
        let (partner, channel) = (self.work.partner.id.clone(), self.work.channel.id.clone());
        let reopen = move |store: &mut dyn Store| store.reopen_withheld(&partner, &channel);
        self.work.shared.with(reopen).await?;
        Ok(())
    }

    async fn read(&self, from: i64) -> Result<Vec<(Queued, Option<Alert>)>, StoreError> {
        let (partner, channel, after) = (
            self.work.partner.id.clone(),
            self.work.channel.id.clone(),
            self.after,
        );
        self.work
            .shared
            .with(move |store| {
                let lane = Lane {
                    partner: &partner,
                    channel: &channel,
                    after,
                    from,
                };
                let queued = store.queued(&lane, PAGE)?;
                queued
                    .into_iter()
                    .map(|queued| {
                        let alert = store.alert(&queued.entry.alert_id, queued.entry.revision)?;
                        Ok((queued, alert))
                    })
                    .collect()
            })
            .await
    }

    async fn one(
        &mut self,
        queued: &Queued,
        alert: Option<&Alert>,
        held: &BTreeSet<String>,
    ) -> Outcome {
        let now = (self.work.shared.clock)();
        let mut dispatch = queued
            .dispatch
            .clone()
            .unwrap_or_else(|| Dispatch::untried(&self.work.channel, &queued.entry.message_id));
        // Without its alert nothing is known of a message's marking: it stays inside.
        let released = alert.filter(|alert| self.may_have(alert));
        let Some(alert) = released else {
            dispatch.state = DispatchState::Withheld;
            dispatch.next_attempt = None;
            dispatch.answer = "the partner may not have it".to_owned();
            tracing::info!(partner = %dispatch.partner, channel = %dispatch.channel,
                message = %dispatch.message_id, "Message withheld.");
            self.done.push(dispatch);
            return Outcome::Settled;
        };
        dispatch.trace_id = alert.trace_id();
        if held.contains(&queued.entry.alert_id) {
            if queued.dispatch.is_none() {
                self.done.push(dispatch);
            }
            return Outcome::Held(None);
        }
        if let Some(next) = wait_until(&dispatch, now) {
            return self.not_yet(&dispatch, next);
        }
        dispatch.attempts += 1;
        let settings = (
            form(&self.work.channel.route),
            self.work.shared.source.as_str(),
        );
        let parcel = Parcel::pack(&queued.entry, alert, settings, dispatch.attempts);
        let answer = self.sender.send(&queued.entry, &parcel, now).await;
        self.settle(dispatch, answer, alert.sent)
    }

    fn may_have(&self, alert: &Alert) -> bool {
        let group_of = |id: &str| self.work.groups.get(id).cloned();
        let audience = self.work.partner.pushed_to();
        audience.is_some_and(|audience| release(alert, audience, group_of).is_ok())
    }

    /// A message that waits: for the receiver, then all wait; or by itself, then its alert does.
    fn not_yet(&self, dispatch: &Dispatch, next: Timestamp) -> Outcome {
        if dispatch.answer.starts_with(REFUSED) {
            Outcome::Held(Some(next))
        } else {
            Outcome::Stopped(Some(next))
        }
    }

    fn settle(&mut self, mut dispatch: Dispatch, answer: Answer, sent: Timestamp) -> Outcome {
        let now = (self.work.shared.clock)();
        dispatch.last_attempt = Some(now);
        dispatch.next_attempt = None;
        dispatch.target = self.work.channel.route.target().to_owned();
        let (fault, status, asked) = match answer {
            Answer::Delivered(status) => {
                let latency = now.duration_since(sent).as_millis().max(0);
                dispatch.state = DispatchState::Delivered;
                dispatch.latency_ms = u64::try_from(latency).ok();
                dispatch.answer = status;
                tracing::info!(partner = %dispatch.partner, channel = %dispatch.channel,
                    message = %dispatch.message_id, attempts = dispatch.attempts,
                    latency_ms = dispatch.latency_ms, trace = %dispatch.trace_id, "Message delivered.");
                self.done.push(dispatch);
                return Outcome::Settled;
            }
            Answer::Gone(status) => {
                dispatch.state = DispatchState::Waiting;
                dispatch.answer.clone_from(&status);
                self.done.push(dispatch);
                return Outcome::Closed(format!("the receiver wants no more messages ({status})"));
            }
            Answer::Refused(status) => {
                dispatch.refusals += 1;
                (Fault::OfMessage, format!("{REFUSED}{status}"), None)
            }
            Answer::Endpoint { status, wait } => (Fault::OfReceiver, status, wait),
        };
        dispatch.answer = status;
        self.try_again(dispatch, fault, asked)
    }

    /// Sets the time of the next attempt, or gives the message up.
    fn try_again(
        &mut self,
        mut dispatch: Dispatch,
        fault: Fault,
        asked: Option<Duration>,
    ) -> Outcome {
        let (table, attempts) = match fault {
            // What a receiver refuses is never worth trying without end; that it was away before is not its refusal.
            Fault::OfMessage => (Table::Webhook, dispatch.refusals),
            Fault::OfReceiver => (self.sender.table(), dispatch.attempts),
        };
        let names = (dispatch.channel.as_str(), dispatch.message_id.as_str());
        let next = wait(table, attempts, names, asked)
            .and_then(|pause| SignedDuration::try_from(pause).ok())
            .and_then(|pause| dispatch.last_attempt?.checked_add(pause).ok());
        dispatch.next_attempt = next;
        let outcome = match (next, fault) {
            (Some(next), Fault::OfMessage) => Outcome::Held(Some(next)),
            (Some(next), Fault::OfReceiver) => Outcome::Stopped(Some(next)),
            (None, Fault::OfMessage) => Outcome::Settled,
            (None, Fault::OfReceiver) => Outcome::Closed(format!(
                "the receiver did not answer {} attempts ({})",
                dispatch.attempts, dispatch.answer
            )),
        };
        dispatch.state = match next {
            Some(_) => DispatchState::Waiting,
            None => DispatchState::Failed,
        };
        log_failure(&dispatch);
        self.done.push(dispatch);
        outcome
    }

    async fn commit(&mut self) -> Result<(), StoreError> {
        self.last_commit = Instant::now();
        if self.done.is_empty() {
            return Ok(());
        }
        let done = self.done.clone();
        let store_them = move |store: &mut dyn Store| store.put_dispatches(&done);
        self.work.shared.with(store_them).await?;
        self.done.clear();
        Ok(())
    }

    async fn pause(&self, reason: String) -> Result<(), StoreError> {
        let (seen, told) = (self.work.channel.clone(), reason.clone());
        let pause = move |store: &mut dyn Store| store.pause_channel(&seen, &reason);
        if !self.work.shared.with(pause).await?.is_empty() {
            tracing::error!(partner = %self.work.channel.partner, channel = %self.work.channel.id, reason = told,
                "Channel paused; `tidewatch partner channel resume` starts it again.");
        }
        Ok(())
    }
}

/// Whose fault it is that a message did not pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// The receiver has read it and will not have it.
    OfMessage,
    /// The receiver cannot be reached or takes nothing now.
    OfReceiver,
}

/// How the answer of a message begins that its receiver has read and will not have.
const REFUSED: &str = "refused: ";

/// One walk through the queue.
#[derive(Default)]
struct Pass {
    /// Where the next page begins.
    from: i64,
    /// Alerts of which a revision waits: later ones wait, too.
    held: BTreeSet<String>,
    /// When the first of those is due.
    due: Option<Timestamp>,
}

/// What became of one message for the ones behind it.
enum Outcome {
    /// The next may go.
    Settled,
    /// Later revisions of the same alert wait, until this time at least.
    Held(Option<Timestamp>),
    /// All wait, until this time at least.
    Stopped(Option<Timestamp>),
    /// All wait for an operator.
    Closed(String),
}

fn log_failure(dispatch: &Dispatch) {
    if dispatch.state == DispatchState::Failed {
        tracing::error!(partner = %dispatch.partner, channel = %dispatch.channel,
            message = %dispatch.message_id, attempts = dispatch.attempts, answer = %dispatch.answer,
            trace = %dispatch.trace_id, "Message given up.");
    } else {
        tracing::warn!(partner = %dispatch.partner, channel = %dispatch.channel,
            message = %dispatch.message_id, attempts = dispatch.attempts, answer = %dispatch.answer,
            trace = %dispatch.trace_id, "Message not delivered; it will be tried again.");
    }
}

/// When a message may be tried again, if not now. One that was tried at a time that has not come yet was tried by a clock that
/// has been set back since: its wait would last as long as that clock was ahead, and is over.
fn wait_until(dispatch: &Dispatch, now: Timestamp) -> Option<Timestamp> {
    let next = dispatch.next_attempt.filter(|next| *next > now)?;
    let was_ahead = dispatch.last_attempt.is_some_and(|last| last > now);
    (!was_ahead).then_some(next)
}

fn earliest(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

#[cfg(test)]
#[path = "lane_tests.rs"]
mod tests;
