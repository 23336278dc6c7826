//! What stands on the queue.

use crate::model::id::hex;
use crate::scene::RasterOptions;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::path::PathBuf;

/// One piece of work. Paths are absolute: every machine sees the same files under them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Job {
    /// The pipeline file.
    pub(super) pipeline: PathBuf,
    /// The output folder.
    pub(super) output: PathBuf,
    /// Digest of settings and files beside the scenes when it was submitted: a worker that has read the same keeps them.
    pub(super) basis: String,
    /// What is to be done.
    pub(super) task: Task,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Task {
    /// Search a scene of the plan: its path, what the pipeline file or its catalogue tells of it, and the digest that it is
    /// noted with in the journal.
    Scene {
        input: String,
        options: RasterOptions,
        digest: String,
    },
    /// Make events, alerts and files once no scene of the plan waits; `pipeline` is the digest of the file's text.
    Close { pipeline: String },
}

/// How soon a job is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lane {
    /// Before everything else.
    Urgent,
    /// Of the closing jobs.
    Closing,
    /// In its turn.
    Normal,
}

impl Lane {
    /// In the order in which a worker asks.
    pub(super) const ALL: [Self; 3] = [Self::Urgent, Self::Closing, Self::Normal];

    /// Its name on the queue.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Urgent => "urgent",
            Self::Closing => "closing",
            Self::Normal => "normal",
        }
    }
}

impl Job {
    /// Id from content: the same job put twice on the same lane is one.
    pub(super) fn id(&self, lane: Lane) -> String {
        let mut hash = Sha256::new();
        hash.update(format!("{} {self:?}", lane.as_str()));
        hex(&hash.finalize())
    }

    /// What a person knows it by.
    pub(super) fn name(&self) -> String {
        match &self.task {
            Task::Scene { input, .. } => input.clone(),
            Task::Close { .. } => format!("closing of {}", self.pipeline.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_comes_back_from_the_queue_and_its_id_is_its_content_and_lane() {
        let job = Job {
            pipeline: "/p/a.yaml".into(),
            output: "/p/out".into(),
            basis: "a-b".to_owned(),
            task: Task::Scene {
                input: "/p/S1A.SAFE".to_owned(),
                options: RasterOptions {
                    looks: Some(4.4),
                    ..RasterOptions::default()
                },
                digest: "a-b-c".to_owned(),
            },
        };
        let text = serde_json::to_string(&job).expect("JSON");
        assert_eq!(serde_json::from_str::<Job>(&text).expect("a job"), job);
        assert_eq!(job.id(Lane::Normal), job.clone().id(Lane::Normal));
        assert_ne!(job.id(Lane::Normal), job.id(Lane::Urgent));
        let other = Job {
            output: "/p/other".into(),
            ..job.clone()
        };
        assert_ne!(job.id(Lane::Normal), other.id(Lane::Normal));
    }
}
