//! The worker's loop: a job in hand, a sign of life while it lasts, and what becomes of it.

use super::hand::{Answer, Hand, Order};
use super::job::{Job, Task};
use super::queue::{ACK_WAIT, Queue, QueueError, Taken};
use crate::deliver::{Ending, NatsServer};
use crate::store::StoreAddress;
use async_nats::jetstream::AckKind;
use async_nats::jetstream::consumer::PullConsumer;
use jiff::Timestamp;
use std::future::Future;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep};

/// Attempts after which a job that fails is given up: about 20 s of waiting in all, so that what passes may pass.
const ATTEMPTS: i64 = 4;

/// Times that a job is given out before it is held to be what ends its workers. More than the attempts: a worker that is
/// ended for another reason takes its job with it.
const MOST_DELIVERIES: i64 = 10;

/// How long a closing job waits before the journal is asked again.
const CLOSING_PAUSE: Duration = Duration::from_secs(1);

/// How long to wait when there is nothing to do.
const IDLE_PAUSE: Duration = Duration::from_millis(200);

/// Wait before a queue that is away is asked again; it doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// How long a worker that is told to end may take for the job in hand; then it is given back.
const FAREWELL: Duration = Duration::from_secs(20);

/// How a worker works.
#[derive(Debug, Clone)]
pub struct WorkOptions {
    /// The store, the same for all workers.
    pub store: StoreAddress,
    /// The queue's server.
    pub queue: NatsServer,
    /// The clock.
    pub clock: fn() -> Timestamp,
    /// When to end by itself: [`Ending::Idle`] is when the queue is empty and no worker has a job in hand.
    pub ending: Ending,
}

/// What a worker did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WorkSummary {
    /// Jobs done.
    pub done: u64,
    /// Jobs given up.
    pub lost: u64,
}

/// Takes jobs until `shutdown` is done or the ending is reached. A queue that is away is asked again for ever, and so is a
/// store, with the job in hand.
///
/// # Errors
///
/// If the worker's thread cannot start.
pub async fn work(
    options: WorkOptions,
    shutdown: impl Future<Output = ()>,
) -> Result<WorkSummary, std::io::Error> {
    let mut worker = Worker {
        hand: Hand::start(options.store.clone(), options.clock)?,
        options,
        summary: WorkSummary::default(),
    };
    let mut shutdown = std::pin::pin!(shutdown);
    let mut pause = FIRST_PAUSE;
    loop {
        let error = match worker.serve_queue(&mut pause, shutdown.as_mut()).await {
            Ok(()) => return Ok(worker.summary),
            Err(error) => error,
        };
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        tracing::warn!(%error, cause, wait_s = pause.as_secs_f64(), "The queue is away and is asked again.");
        tokio::select! {
            () = sleep(pause) => {}
            () = shutdown.as_mut() => return Ok(worker.summary),
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

struct Worker {
    options: WorkOptions,
    hand: Hand,
    summary: WorkSummary,
}

impl Worker {
    /// Connects and works; ends well by the shutdown or the ending.
    async fn serve_queue(
        &mut self,
        pause: &mut Duration,
        mut shutdown: std::pin::Pin<&mut impl Future<Output = ()>>,
    ) -> Result<(), QueueError> {
        let connected = async {
            let queue = Queue::connect(&self.options.queue).await?;
            let consumers = queue.consumers().await?;
            Ok::<_, QueueError>((queue, consumers))
        };
        let (queue, consumers) = tokio::select! {
            connected = connected => connected?,
            () = shutdown.as_mut() => return Ok(()),
        };
        loop {
            let next = next_or_idle(&queue, &consumers);
            let taken = tokio::select! {
                biased;
                () = shutdown.as_mut() => return Ok(()),
                taken = next => taken?,
            };
            *pause = FIRST_PAUSE;
            let Some(taken) = taken else {
                if self.options.ending == Ending::Idle && queue.is_empty().await? {
                    return Ok(());
                }
                continue;
            };
            if !self.handle(&queue, taken, shutdown.as_mut()).await? {
                return Ok(());
            }
        }
    }

    /// Works on one job; false if the worker is to end.
    async fn handle(
        &mut self,
        queue: &Queue,
        taken: Taken,
        shutdown: std::pin::Pin<&mut impl Future<Output = ()>>,
    ) -> Result<bool, QueueError> {
        let job = match &taken.job {
            Ok(job) => job.clone(),
            Err(reason) => {
                self.lose(queue, &taken, reason).await?;
                return Ok(true);
            }
        };
        let is_close = matches!(job.task, Task::Close { .. });
        if taken.delivered > MOST_DELIVERIES && !is_close {
            let times = taken.delivered - 1;
            let reason = format!(
                "{}: given out {times} times, and no worker finished it",
                job.name()
            );
            self.give_up(queue, &taken, job, reason).await?;
            return Ok(true);
        }
        let answer = self.hand.ask(Order::Do(job.clone()));
        let Some(answer) = answered(answer, &taken, Some(shutdown)).await else {
            settle(&taken, AckKind::Nak(None)).await;
            return Ok(false);
        };
        match answer {
            Answer::Done => {
                settle(&taken, AckKind::Ack).await;
                self.summary.done += 1;
            }
            Answer::NotYet => settle(&taken, AckKind::Nak(Some(CLOSING_PAUSE))).await,
            // A closing job is given out often while it waits, and what it fails by (the pipeline file, a key) stays.
            Answer::Failed(reason) if is_close || taken.delivered >= ATTEMPTS => {
                self.give_up(queue, &taken, job, reason).await?;
            }
            Answer::Failed(reason) => {
                let wait = Duration::from_secs(1 << (2 * (taken.delivered - 1).clamp(0, 4)));
                tracing::warn!(%reason, attempt = taken.delivered, wait_s = wait.as_secs(), "A job failed and is tried again.");
                settle(&taken, AckKind::Nak(Some(wait))).await;
            }
        }
        Ok(true)
    }

    async fn give_up(
        &mut self,
        queue: &Queue,
        taken: &Taken,
        job: Job,
        reason: String,
    ) -> Result<(), QueueError> {
        let order = self.hand.ask(Order::GiveUp(job, reason.clone()));
        let none = None::<std::pin::Pin<&mut std::future::Pending<()>>>;
        match answered(order, taken, none).await {
            Some(Answer::Failed(reason)) => self.lose(queue, taken, &reason).await,
            Some(_) => {
                settle(taken, AckKind::Ack).await;
                Ok(())
            }
            // Without the note in the journal it is not lost: it is given out again.
            None => Ok(()),
        }
    }

    async fn lose(&mut self, queue: &Queue, taken: &Taken, reason: &str) -> Result<(), QueueError> {
        tracing::error!(%reason, attempts = taken.delivered, "A job was given up.");
        queue.lose(taken, reason).await?;
        settle(taken, AckKind::Ack).await;
        self.summary.lost += 1;
        Ok(())
    }
}

async fn next_or_idle(
    queue: &Queue,
    consumers: &[(super::job::Lane, PullConsumer)],
) -> Result<Option<Taken>, QueueError> {
    let taken = queue.next(consumers).await?;
    if taken.is_none() {
        sleep(IDLE_PAUSE).await;
    }
    Ok(taken)
}

/// The hand's answer, with signs of life meanwhile; `None` if the hand ended or the farewell took too long.
async fn answered(
    mut answer: oneshot::Receiver<Answer>,
    taken: &Taken,
    shutdown: Option<std::pin::Pin<&mut impl Future<Output = ()>>>,
) -> Option<Answer> {
    let mut until = None;
    let told = async {
        match shutdown {
            Some(shutdown) => shutdown.await,
            None => std::future::pending().await,
        }
    };
    let mut told = std::pin::pin!(told);
    loop {
        tokio::select! {
            answer = &mut answer => return answer.ok(),
            () = sleep(ACK_WAIT / 3) => settle(taken, AckKind::Progress).await,
            () = told.as_mut(), if until.is_none() => until = Some(Instant::now() + FAREWELL),
        }
        if until.is_some_and(|until| Instant::now() > until) {
            return None;
        }
    }
}

/// Tells the server. If it does not hear, it gives the job out again, which changes nothing where the job was done.
async fn settle(taken: &Taken, kind: AckKind) {
    if let Err(cause) = taken.message.ack_with(kind).await {
        tracing::warn!(%cause, "The queue was not told how a job stands.");
    }
}
