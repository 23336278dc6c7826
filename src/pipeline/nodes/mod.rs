//! One pipeline on many machines: its scenes as jobs on a work queue, workers that take them, one store.
//!
//! [`submit()`] lays the plan against the store, notes what waits, and puts one job a scene on a NATS JetStream queue and one
//! that closes the run. [`work`] takes jobs, urgent ones first, and searches a scene as a run does. The closing job waits
//! until the journal holds no waiting scene of the plan; then it *is* the run: all scenes are found done or failed, and
//! events, alerts and files are made once, in order.
//!
//! A job is acknowledged when its results are committed. Whatever dies before leaves it to be delivered again, and doing it
//! twice changes nothing. What fails four times, or was given out ten times and not finished, goes to a stream of lost jobs with
//! the reason.

mod hand;
mod job;
mod queue;
mod submit;
mod worker;

pub use queue::{LostJob, QueueError, QueueStanding, retry_lost, standing};
pub use submit::{SubmitError, SubmitOptions, Submitted, submit};
pub use worker::{WorkOptions, WorkSummary, work};
