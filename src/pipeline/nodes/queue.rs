//! The work queue and the stream of lost jobs on a NATS server with JetStream.
//!
//! Stream `TIDEWATCH_WORK`, subjects `tidewatch.work.<lane>`, a job leaves it when it is acknowledged; one durable consumer a
//! lane, shared by all workers. Stream `TIDEWATCH_LOST`, subject `tidewatch.lost.<lane>`, keeps jobs that were given up until
//! they are put back, with the reason in the header `reason`.

use super::job::{Job, Lane, Task};
use crate::deliver::NatsServer;
use async_nats::jetstream::consumer::{AckPolicy, PullConsumer, pull};
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::{self, RawMessageErrorKind, RetentionPolicy, Stream};
use async_nats::jetstream::{self, Context, Message};
use futures_util::StreamExt as _;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::timeout;

const WORK: &str = "TIDEWATCH_WORK";
const LOST: &str = "TIDEWATCH_LOST";

/// A job that is put twice within this time is one.
const DUPLICATE_WINDOW: Duration = Duration::from_secs(600);

/// Without a sign of life for so long a job is given to another worker. Workers give one every third of it.
pub(super) const ACK_WAIT: Duration = Duration::from_secs(10);

/// How long to wait for an answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Why the queue did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QueueError {
    /// The server is not there or refuses.
    #[error("{server}: cannot reach the NATS server")]
    Connect {
        /// Its address.
        server: String,
        /// The cause.
        source: async_nats::ConnectError,
    },
    /// The server does not do what it was asked.
    #[error("{server}: cannot {action}: {cause}")]
    Server {
        /// Its address.
        server: String,
        /// What was being done.
        action: &'static str,
        /// The server's or client's cause.
        cause: String,
    },
}

/// The queue, connected.
pub(super) struct Queue {
    server: String,
    context: Context,
    work: Stream,
    lost: Stream,
}

/// A job in hand.
pub(super) struct Taken {
    pub(super) job: Result<Job, String>,
    pub(super) lane: Lane,
    /// How often it was given out, this time included.
    pub(super) delivered: i64,
    pub(super) message: Message,
}

impl Queue {
    /// Connects, and makes the streams if they are not there.
    pub(super) async fn connect(server: &NatsServer) -> Result<Self, QueueError> {
        let client = server.connect(None).await;
        let client = client.map_err(|source| QueueError::Connect {
            server: server.url.clone(),
            source,
        })?;
        let mut context = jetstream::new(client);
        context.set_timeout(TIMEOUT);
        let work = stream::Config {
            name: WORK.to_owned(),
            subjects: vec!["tidewatch.work.*".to_owned()],
            retention: RetentionPolicy::WorkQueue,
            duplicate_window: DUPLICATE_WINDOW,
            ..stream::Config::default()
        };
        let lost = stream::Config {
            name: LOST.to_owned(),
            subjects: vec!["tidewatch.lost.*".to_owned()],
            duplicate_window: DUPLICATE_WINDOW,
            ..stream::Config::default()
        };
        let asked = Asked(&server.url, "make its streams");
        Ok(Self {
            server: server.url.clone(),
            work: context
                .get_or_create_stream(work)
                .await
                .map_err(|e| asked.failed(e))?,
            lost: context
                .get_or_create_stream(lost)
                .await
                .map_err(|e| asked.failed(e))?,
            context,
        })
    }

    /// The consumers of all lanes in the order in which they are asked, made if they are not there.
    pub(super) async fn consumers(&self) -> Result<Vec<(Lane, PullConsumer)>, QueueError> {
        let asked = Asked(&self.server, "make its consumers");
        let mut consumers = Vec::new();
        for lane in Lane::ALL {
            let config = pull::Config {
                durable_name: Some(lane.as_str().to_owned()),
                filter_subject: format!("tidewatch.work.{}", lane.as_str()),
                ack_policy: AckPolicy::Explicit,
                ack_wait: ACK_WAIT,
                // Workers count for themselves: the server would leave the job where it is and tell nobody.
                max_deliver: -1,
                max_ack_pending: 10_000,
                ..pull::Config::default()
            };
            let consumer = self
                .work
                .get_or_create_consumer(lane.as_str(), config)
                .await;
            consumers.push((lane, consumer.map_err(|e| asked.failed(e))?));
        }
        Ok(consumers)
    }

    /// The next job that is due, if there is one.
    pub(super) async fn next(
        &self,
        consumers: &[(Lane, PullConsumer)],
    ) -> Result<Option<Taken>, QueueError> {
        let asked = Asked(&self.server, "take a job");
        for (lane, consumer) in consumers {
            // Without an expiry the server answers at once; a request that was lost with a connection is never answered.
            let fetched = timeout(TIMEOUT, async {
                let mut messages = consumer.fetch().max_messages(1).messages().await;
                let messages = messages.as_mut().map_err(|e| asked.failed(e))?;
                let message = messages.next().await.transpose();
                message.map_err(|e| asked.failed(e))
            });
            let Some(message) = fetched.await.map_err(|e| asked.failed(e))?? else {
                continue;
            };
            let delivered = message.info().map_err(|e| asked.failed(e))?.delivered;
            let job = serde_json::from_slice(&message.payload);
            return Ok(Some(Taken {
                job: job.map_err(|error| format!("the job cannot be read: {error}")),
                lane: *lane,
                delivered,
                message,
            }));
        }
        Ok(None)
    }

    /// Puts a job on a lane; false if it stands there already.
    pub(super) async fn put(&self, lane: Lane, id: &str, job: &Job) -> Result<bool, QueueError> {
        let asked = Asked(&self.server, "put a job on the queue");
        let payload = serde_json::to_vec(job).map_err(|e| asked.failed(e))?;
        let message = PublishMessage::build()
            .payload(payload.into())
            .message_id(id);
        let subject = format!("tidewatch.work.{}", lane.as_str());
        let published = async { self.context.send_publish(subject, message).await?.await };
        let stored = published.await.map_err(|e| asked.failed(e))?;
        Ok(!stored.duplicate)
    }

    /// Keeps a job that was given up, with the reason.
    pub(super) async fn lose(&self, taken: &Taken, reason: &str) -> Result<(), QueueError> {
        let asked = Asked(&self.server, "keep a lost job");
        let info = taken.message.info().map_err(|e| asked.failed(e))?;
        // A header is one line.
        let line = reason.replace(char::is_control, " ");
        let message = PublishMessage::build()
            .payload(taken.message.payload.clone())
            .header("reason", line.as_str())
            .message_id(format!("lost-{}-{}", info.stream_sequence, info.published));
        let subject = format!("tidewatch.lost.{}", taken.lane.as_str());
        let published = async { self.context.send_publish(subject, message).await?.await };
        published.await.map_err(|e| asked.failed(e))?;
        Ok(())
    }

    /// True if no job is on the queue or in hand.
    pub(super) async fn is_empty(&self) -> Result<bool, QueueError> {
        let info = self.work.get_info().await;
        let info = info.map_err(|e| Asked(&self.server, "tell how it stands").failed(e))?;
        Ok(info.state.messages == 0)
    }

    /// Jobs that were given up, oldest first, each with its place in the stream.
    async fn lost_jobs(&self) -> Result<Vec<(u64, Lane, LostJob, Option<Job>)>, QueueError> {
        let asked = Asked(&self.server, "read the lost jobs");
        let state = self
            .lost
            .get_info()
            .await
            .map_err(|e| asked.failed(e))?
            .state;
        let mut jobs = Vec::new();
        if state.messages == 0 {
            return Ok(jobs);
        }
        for place in state.first_sequence..=state.last_sequence {
            let message = match self.lost.get_raw_message(place).await {
                Ok(message) => message,
                // It was put back.
                Err(error) if error.kind() == RawMessageErrorKind::NoMessageFound => continue,
                Err(error) => return Err(asked.failed(error)),
            };
            let reason = message.headers.get("reason");
            let lane = Lane::ALL
                .into_iter()
                .find(|lane| message.subject.ends_with(lane.as_str()));
            let job = serde_json::from_slice::<Job>(&message.payload).ok();
            let name = job.as_ref().map(Job::name);
            let lost = LostJob {
                job: name.unwrap_or_else(|| "a job that cannot be read".to_owned()),
                reason: reason.map_or_else(String::new, |value| value.as_str().to_owned()),
            };
            jobs.push((place, lane.unwrap_or(Lane::Normal), lost, job));
        }
        Ok(jobs)
    }
}

/// What the server was asked, for its errors.
struct Asked<'a>(&'a str, &'static str);

impl Asked<'_> {
    fn failed(&self, cause: impl std::fmt::Display) -> QueueError {
        QueueError::Server {
            server: self.0.to_owned(),
            action: self.1,
            cause: cause.to_string(),
        }
    }
}

/// How the queue stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueueStanding {
    /// Jobs a lane that nobody has in hand: urgent, closing, normal.
    pub queued: Vec<(&'static str, u64)>,
    /// Jobs that workers have in hand, or that wait for their next attempt.
    pub in_hand: usize,
    /// Jobs that were given up, oldest first.
    pub lost: Vec<LostJob>,
}

/// A job that was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LostJob {
    /// The scene's path, or what was to be closed.
    pub job: String,
    /// Why.
    pub reason: String,
}

/// Tells how the queue stands.
///
/// # Errors
///
/// If the server is away or refuses.
pub async fn standing(server: &NatsServer) -> Result<QueueStanding, QueueError> {
    let queue = Queue::connect(server).await?;
    let mut standing = QueueStanding::default();
    for (lane, mut consumer) in queue.consumers().await? {
        let info = consumer.info().await;
        let info = info.map_err(|e| Asked(&server.url, "tell how it stands").failed(e))?;
        standing.queued.push((lane.as_str(), info.num_pending));
        standing.in_hand += info.num_ack_pending;
    }
    let lost = queue.lost_jobs().await?;
    standing.lost = lost.into_iter().map(|(_, _, lost, _)| lost).collect();
    Ok(standing)
}

/// Puts lost jobs back on the queue, those of `inputs` or all if it is empty, with a closing job after them for each
/// pipeline; gives their names.
///
/// # Errors
///
/// If the server is away or refuses. What was put back by then is on the queue.
pub async fn retry_lost(server: &NatsServer, inputs: &[String]) -> Result<Vec<String>, QueueError> {
    let queue = Queue::connect(server).await?;
    let (mut names, mut back, mut closing) = (Vec::new(), Vec::new(), BTreeMap::new());
    for (place, lane, _, job) in queue.lost_jobs().await? {
        // One that cannot be read would be set aside again.
        let Some(job) = job else { continue };
        if !inputs.is_empty() && !inputs.contains(&job.name()) {
            continue;
        }
        // It died once under its own id; the place of its death makes another, the same if this is done twice.
        let id = format!("{}-{place}", job.id(lane));
        queue.put(lane, &id, &job).await?;
        if let Task::Scene { digest, .. } = &job.task {
            let task = Task::Close {
                pipeline: format!("{digest} {place}"),
            };
            let plan = (job.pipeline.clone(), job.output.clone());
            closing.insert(
                plan,
                Job {
                    task,
                    ..job.clone()
                },
            );
        }
        names.push(job.name());
        back.push(place);
    }
    for close in closing.values() {
        queue
            .put(Lane::Closing, &close.id(Lane::Closing), close)
            .await?;
    }
    // Last: who dies before puts them again, under the same ids.
    for place in back {
        let deleted = queue.lost.delete_message(place).await;
        deleted.map_err(|e| Asked(&server.url, "take a job from the lost ones").failed(e))?;
    }
    Ok(names)
}
