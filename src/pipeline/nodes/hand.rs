//! A worker's own thread: one job at a time, with the store and the surroundings of the plan it was last at.

use super::job::{Job, Task};
use crate::model::scene::Scene;
use crate::pipeline::PipelineError;
use crate::pipeline::digest;
use crate::pipeline::plan::{Plan, PlanError, SceneInput, load};
use crate::pipeline::prepare::{Prepared, prepare};
use crate::pipeline::progress::{Display, Progress};
use crate::pipeline::record::FailedInput;
use crate::pipeline::run::{RunOptions, run_prepared};
use crate::pipeline::search::open;
use crate::pipeline::settle::{Bench, Stop, settle};
use crate::pipeline::source::gather;
use crate::pipeline::survey::outages_about;
use crate::store::{JournalEntry, Outcome, Store, StoreAddress, StoreError};
use jiff::Timestamp;
use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::time::Duration;
use tokio::sync::oneshot;

/// Wait before what is away or full is tried again; it doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// What the hand is asked.
pub(super) enum Order {
    /// Do a job.
    Do(Job),
    /// Note that a job is given up, and why; the answer is the failure, or that it is done after all.
    GiveUp(Job, String),
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// Its results are committed.
    Done,
    /// A closing job whose scenes are not all done, or that another run got in the way of.
    NotYet,
    /// By its own fault, which another attempt may not meet.
    Failed(String),
}

/// The way to the thread; it ends when this is dropped and its job is done.
pub(super) struct Hand {
    orders: mpsc::Sender<(Order, oneshot::Sender<Answer>)>,
}

impl Hand {
    /// Starts the thread.
    ///
    /// # Errors
    ///
    /// If the system has no thread left.
    pub(super) fn start(
        store: StoreAddress,
        clock: fn() -> Timestamp,
    ) -> Result<Self, std::io::Error> {
        let (orders, received) = mpsc::channel::<(Order, oneshot::Sender<Answer>)>();
        let mut desk = Desk {
            address: store,
            clock,
            store: None,
            ready: None,
            waiting: None,
            progress: Progress::new(Display::Hidden),
        };
        std::thread::Builder::new()
            .name("hand".to_owned())
            .spawn(move || {
                for (order, answer) in received {
                    let told = caught(|| desk.persist(&order)).unwrap_or_else(|reason| {
                        // What was in hand may be half done: it is opened and read anew.
                        desk.store = None;
                        desk.ready = None;
                        Answer::Failed(reason)
                    });
                    // Nobody waits any more if the worker was told to end.
                    let _ = answer.send(told);
                }
            })?;
        Ok(Self { orders })
    }

    /// Gives an order; the answer comes when it is done. Without one, the thread has ended.
    pub(super) fn ask(&self, order: Order) -> oneshot::Receiver<Answer> {
        let (answer, answered) = oneshot::channel();
        // An order that nobody takes drops its answer, which the receiver sees.
        let _ = self.orders.send((order, answer));
        answered
    }
}

/// A panic as the reason of a failed attempt: a job that meets a fault of the program must not take one worker after the other
/// with it.
fn caught(work: impl FnOnce() -> Answer) -> Result<Answer, String> {
    std::panic::catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        let text = text.unwrap_or("it gave no reason");
        format!("a fault of the program: {text}")
    })
}

struct Desk {
    address: StoreAddress,
    clock: fn() -> Timestamp,
    store: Option<Box<dyn Store>>,
    ready: Option<Ready>,
    /// The closing job that was not due, and its scenes.
    waiting: Option<(Job, HashSet<String>)>,
    progress: Progress,
}

/// A plan and its surroundings, for jobs that were submitted with the same.
struct Ready {
    key: (PathBuf, PathBuf, String),
    plan: Plan,
    prepared: Prepared,
}

/// Why an attempt gave no answer.
enum Hitch {
    /// The store or the output folder, for which the job can do nothing.
    Place(PipelineError),
    /// The job itself.
    Job(String),
}

impl From<PipelineError> for Hitch {
    fn from(error: PipelineError) -> Self {
        // A database that is away comes back, and a disk that is full is emptied; what else a store says is about its rows.
        let passes = match &error {
            PipelineError::Output { .. } => true,
            PipelineError::Store(error) => error.may_pass(),
            _ => false,
        };
        if passes {
            Self::Place(error)
        } else {
            Self::Job(told(&error))
        }
    }
}

impl From<StoreError> for Hitch {
    fn from(error: StoreError) -> Self {
        PipelineError::from(error).into()
    }
}

impl From<PlanError> for Hitch {
    fn from(error: PlanError) -> Self {
        Self::Job(told(&error))
    }
}

fn told(error: &dyn std::error::Error) -> String {
    FailedInput::new("", error).reason
}

impl Desk {
    /// Tries until the store and the output folder are there.
    fn persist(&mut self, order: &Order) -> Answer {
        let mut pause = FIRST_PAUSE;
        loop {
            let error = match self.attempt(order) {
                Ok(answer) => return answer,
                Err(Hitch::Job(reason)) => return Answer::Failed(reason),
                Err(Hitch::Place(error)) => error,
            };
            let cause = told(&error);
            tracing::error!(%cause, wait_s = pause.as_secs(), "The work cannot go on and is tried again.");
            self.store = None;
            std::thread::sleep(pause);
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    fn attempt(&mut self, order: &Order) -> Result<Answer, Hitch> {
        let mut store = match self.store.take() {
            Some(store) => store,
            None => crate::store::open_for_batch(&self.address, (self.clock)())?,
        };
        let answer = match order {
            Order::Do(job) => match &job.task {
                Task::Scene { input, options, .. } => {
                    let input = SceneInput {
                        path: input.clone(),
                        options: options.clone(),
                    };
                    self.scene(job, &input, store.as_mut())
                }
                Task::Close { .. } => self.close(job, store.as_mut()),
            },
            Order::GiveUp(job, reason) => give_up(job, reason, store.as_mut()),
        };
        self.store = Some(store);
        answer
    }

    fn scene(
        &mut self,
        job: &Job,
        input: &SceneInput,
        store: &mut dyn Store,
    ) -> Result<Answer, Hitch> {
        let at_hand = (&mut self.ready, (self.clock)());
        let Ready { plan, prepared, .. } = ready(at_hand, job, store)?;
        let product = open(input).map_err(|error| failure_of(input, &error))?;
        let about = outages_about(product.scene(), plan, &prepared.surroundings.outages);
        let digest = digest::scene(input, &prepared.basis, &about);
        if is_stored(product.scene(), &digest, store)? {
            tracing::info!(scene = %product.scene().id, "Scene is done already.");
            store.put_journal(&[JournalEntry {
                input: input.path.clone(),
                digest,
                outcome: Outcome::Done,
                message: String::new(),
            }])?;
            return Ok(Answer::Done);
        }
        let bench = Bench {
            plan,
            surroundings: &prepared.surroundings,
            progress: &self.progress,
        };
        match settle(bench, store, (input, &product), digest) {
            Ok(_) => Ok(Answer::Done),
            Err(Stop::Scene(failure)) => Err(failure_of(input, &failure)),
            Err(Stop::Run(error)) => Err(error.into()),
        }
    }

    /// The run itself, once none of its scenes waits.
    fn close(&mut self, job: &Job, store: &mut dyn Store) -> Result<Answer, Hitch> {
        let journal = store.journal()?;
        // While its scenes are worked on it is given out every second: what it waited for then is asked first.
        if let Some((waiting, inputs)) = &self.waiting
            && waiting == job
            && waits(&journal, inputs)
        {
            return Ok(Answer::NotYet);
        }
        let plan = load(&job.pipeline, Some(&job.output))?;
        let gathered = gather(&plan);
        // Without its scenes the run would be closed as if they were gone.
        if let Some(reason) = &gathered.unread {
            return Err(Hitch::Job(reason.clone()));
        }
        let inputs: HashSet<String> = gathered.scenes.iter().map(|s| s.path.clone()).collect();
        if waits(&journal, &inputs) {
            self.waiting = Some((job.clone(), inputs));
            return Ok(Answer::NotYet);
        }
        self.waiting = None;
        let options = RunOptions {
            store: self.address.clone(),
            now: (self.clock)(),
            display: Display::Hidden,
            stop: Arc::default(),
        };
        let ready = ready((&mut self.ready, options.now), job, store)?;
        // Rules are not among what the surroundings are kept by.
        let summary = match run_prepared(&plan, (&ready.prepared, &gathered), store, &options) {
            Ok(summary) => summary,
            // Another run stated the same alert at the same moment; the next attempt finds it known.
            Err(PipelineError::Store(StoreError::RevisionTaken { .. })) => {
                return Ok(Answer::NotYet);
            }
            Err(error) => return Err(error.into()),
        };
        tracing::info!(pipeline = %summary.name, searched = summary.searched, done = summary.skipped,
            failed = summary.failed.len(), alerts = summary.alerts.new, updated = summary.alerts.updated,
            withdrawn = summary.alerts.cancelled, "Run closed.");
        Ok(Answer::Done)
    }
}

/// The job's plan and surroundings, read anew if those at hand are not the ones that it was submitted with.
fn ready<'a>(
    (at_hand, now): (&'a mut Option<Ready>, Timestamp),
    job: &Job,
    store: &dyn Store,
) -> Result<&'a Ready, Hitch> {
    let key = (job.pipeline.clone(), job.output.clone(), job.basis.clone());
    let kept = at_hand.take().filter(|ready| ready.key == key);
    let mut ready = match kept {
        Some(ready) => ready,
        None => {
            let plan = load(&job.pipeline, Some(&job.output))?;
            std::fs::create_dir_all(&plan.output).map_err(|source| PipelineError::Output {
                path: plan.output.clone(),
                source,
            })?;
            let prepared = prepare(&plan, store, now)?;
            if prepared.basis.mark() != job.basis {
                tracing::warn!(pipeline = %job.pipeline.display(),
                    "Settings or files are not those that the job was submitted with; those at hand are used.");
            }
            Ready {
                key,
                plan,
                prepared,
            }
        }
    };
    let surroundings = &mut ready.prepared.surroundings;
    surroundings.begun = now;
    surroundings.outages = store.outages(Timestamp::MIN, Timestamp::MAX)?;
    Ok(at_hand.insert(ready))
}

fn waits(journal: &[JournalEntry], inputs: &HashSet<String>) -> bool {
    let is_among = |entry: &&JournalEntry| inputs.contains(&entry.input);
    let mut waiting = journal.iter().filter(|e| e.outcome == Outcome::Waiting);
    waiting.any(|entry| is_among(&entry))
}

fn failure_of(input: &SceneInput, error: &dyn std::error::Error) -> Hitch {
    Hitch::Job(FailedInput::new(&input.path, error).reason)
}

fn is_stored(scene: &Scene, digest: &str, store: &dyn Store) -> Result<bool, StoreError> {
    Ok(store.scene_digest(&scene.id)?.as_deref() == Some(digest))
}

/// Notes a scene as failed, unless another worker has done it meanwhile.
fn give_up(job: &Job, reason: &str, store: &mut dyn Store) -> Result<Answer, Hitch> {
    if let Task::Scene { input, digest, .. } = &job.task {
        let noted = store.journal()?;
        let is_done = |e: &JournalEntry| {
            e.input == *input && e.outcome == Outcome::Done && e.digest == *digest
        };
        if noted.iter().any(is_done) {
            return Ok(Answer::Done);
        }
        store.put_journal(&[JournalEntry {
            input: input.clone(),
            digest: digest.clone(),
            outcome: Outcome::Failed,
            message: reason.to_owned(),
        }])?;
    }
    Ok(Answer::Failed(reason.to_owned()))
}

#[cfg(test)]
#[allow(clippy::panic, reason = "a panic is what is tested")]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_failed_attempt_with_its_words() {
        let number = 7;
        let of = |work: fn(i32) -> Answer| caught(move || work(number));
        assert_eq!(of(|_| Answer::Done), Ok(Answer::Done));
        let formatted = of(|number| panic!("row {number} is not there"));
        let told = "a fault of the program: row 7 is not there".to_owned();
        assert_eq!(formatted, Err(told));
        let plain = of(|_| panic!("no row"));
        assert_eq!(plain, Err("a fault of the program: no row".to_owned()));
    }
}
