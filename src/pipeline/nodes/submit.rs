//! A plan → jobs on the queue for what of it is not done.

use super::job::{Job, Lane, Task};
use super::queue::{Queue, QueueError};
use crate::deliver::NatsServer;
use crate::model::id::hex;
use crate::pipeline::digest::Basis;
use crate::pipeline::plan::Plan;
use crate::pipeline::record::FailedInput;
use crate::pipeline::source::gather;
use crate::pipeline::survey::{Standing, Surveyed, survey};
use crate::store::{StoreAddress, StoreError};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// Where a plan is submitted to.
#[derive(Debug, Clone)]
pub struct SubmitOptions {
    /// The store that the workers have.
    pub store: StoreAddress,
    /// The queue's server.
    pub queue: NatsServer,
    /// Before everything that is not urgent.
    pub is_urgent: bool,
    /// The clock (UTC).
    pub now: Timestamp,
}

/// What became of a plan's scenes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Submitted {
    /// Put on the queue.
    pub queued: usize,
    /// On the queue already.
    pub repeated: usize,
    /// In the store already, from the same inputs and settings.
    pub done: usize,
    /// Failed before and as they were, or refused.
    pub failed: Vec<FailedInput>,
}

/// Why a plan was not submitted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SubmitError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The queue failed. What was put on it by then stays; submitting again is safe.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// The pipeline file cannot be read again.
    #[error("{path}: cannot read the pipeline file")]
    Read {
        /// The file.
        path: String,
        /// The system's reason.
        source: std::io::Error,
    },
}

/// Notes in the journal what of a plan waits, and puts it on the queue, and one closing job after it.
///
/// The plan's paths must be absolute. A queue that is away is asked again for three minutes.
///
/// # Errors
///
/// If the store or the queue cannot be reached. Submitting again is safe: what is there is not doubled.
pub async fn submit(plan: Plan, options: SubmitOptions) -> Result<Submitted, SubmitError> {
    let server = options.queue.clone();
    let mut desk = Desk::at(&server).await?;
    let lane = if options.is_urgent {
        Lane::Urgent
    } else {
        Lane::Normal
    };
    let noted = tokio::task::spawn_blocking(move || note(&plan, &options));
    let noted = noted
        .await
        .map_err(|error| StoreError::Interrupted(error.to_string()))??;
    let Noted {
        jobs,
        close,
        mut submitted,
    } = noted;
    for job in &jobs {
        if desk.put(lane, job).await? {
            submitted.queued += 1;
        } else {
            submitted.repeated += 1;
        }
    }
    desk.put(Lane::Closing, &close).await?;
    Ok(submitted)
}

/// How long a queue may be away: longer than a server takes that is started again on another machine.
const PATIENCE: Duration = Duration::from_secs(180);
/// Wait before it is asked again; it doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// A place from which jobs are put, whatever becomes of the connection.
struct Desk<'a> {
    server: &'a NatsServer,
    queue: Queue,
}

impl<'a> Desk<'a> {
    async fn at(server: &'a NatsServer) -> Result<Self, QueueError> {
        let mut away = Away::new();
        loop {
            match Self::connect(server).await {
                Ok(queue) => return Ok(Self { server, queue }),
                Err(error) => away.wait(error).await?,
            }
        }
    }

    async fn connect(server: &NatsServer) -> Result<Queue, QueueError> {
        let queue = Queue::connect(server).await?;
        // So that jobs that are put before the first worker starts find their consumer's settings made by one program.
        queue.consumers().await?;
        Ok(queue)
    }

    /// Puts a job; false if it was there before.
    async fn put(&mut self, lane: Lane, job: &Job) -> Result<bool, QueueError> {
        let mut away = Away::new();
        loop {
            let error = match self.queue.put(lane, &job.id(lane), job).await {
                // What an attempt left there whose answer was lost is this call's own.
                Ok(is_new) => return Ok(is_new || away.since.is_some()),
                Err(error) => error,
            };
            away.wait(error).await?;
            if let Ok(queue) = Self::connect(self.server).await {
                self.queue = queue;
            }
        }
    }
}

/// A queue's absence.
struct Away {
    since: Option<Instant>,
    pause: Duration,
}

impl Away {
    fn new() -> Self {
        Self {
            since: None,
            pause: FIRST_PAUSE,
        }
    }

    /// Waits before the next attempt, or gives the error back when it was long enough.
    async fn wait(&mut self, error: QueueError) -> Result<(), QueueError> {
        let since = *self.since.get_or_insert_with(Instant::now);
        let (away_s, wait_s) = (since.elapsed().as_secs(), self.pause.as_secs_f64());
        if since.elapsed() + self.pause > PATIENCE {
            return Err(error);
        }
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        tracing::warn!(%error, cause, away_s, wait_s, "The queue is away and is asked again.");
        sleep(self.pause).await;
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        Ok(())
    }
}

struct Noted {
    jobs: Vec<Job>,
    close: Job,
    submitted: Submitted,
}

/// The part that reads files and the store.
fn note(plan: &Plan, options: &SubmitOptions) -> Result<Noted, SubmitError> {
    let mut store = crate::store::open_for_batch(&options.store, options.now)?;
    let basis = Basis::of(plan);
    let outages = store.outages(Timestamp::MIN, Timestamp::MAX)?;
    let gathered = gather(plan);
    let surveyed = survey(plan, &gathered.scenes, (&basis, &outages), store.as_ref())?;
    let mut entries: Vec<_> = surveyed.iter().map(Surveyed::entry).collect();
    entries.extend(gathered.journal.iter().cloned());
    store.put_journal(&entries)?;
    let job = |task| Job {
        pipeline: plan.path.clone(),
        output: plan.output.clone(),
        basis: basis.mark(),
        task,
    };
    let mut submitted = Submitted {
        failed: gathered.failed.clone(),
        ..Submitted::default()
    };
    let mut jobs = Vec::new();
    for Surveyed { input, standing } in surveyed {
        match standing {
            Standing::Done { .. } => submitted.done += 1,
            Standing::Failed { failure, .. } | Standing::Refused(failure) => {
                submitted.failed.push(failure);
            }
            Standing::ToDo { digest, again } => {
                if let Some(why) = again {
                    tracing::info!(input = %input.path, %why, "A scene is searched again.");
                }
                jobs.push(job(Task::Scene {
                    input: input.path.clone(),
                    options: input.options.clone(),
                    digest,
                }));
            }
        }
    }
    // The closing job is another when the rules are, or when scenes are to be done that were not when it was put last.
    let mut hash = Sha256::new();
    let text = std::fs::read(&plan.path).map_err(|source| SubmitError::Read {
        path: plan.path.display().to_string(),
        source,
    })?;
    hash.update(text);
    for job in &jobs {
        hash.update(job.id(Lane::Normal));
    }
    let pipeline = hex(&hash.finalize());
    Ok(Noted {
        jobs,
        close: job(Task::Close { pipeline }),
        submitted,
    })
}
