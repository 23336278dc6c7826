//! A plan that is run again whenever files of it are new or have changed.
//!
//! Files are looked at every few seconds: network shares tell nobody of changes. One is taken when two looks found it the same,
//! so that what is still being written waits. Every round is a whole run, which does what is not done.

use crate::pipeline::PipelineError;
use crate::pipeline::plan::{Plan, SceneSource};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

/// How often catalogues are asked, for the sake of their servers.
const CATALOGUES: Duration = Duration::from_secs(600);

/// How often the flag is looked at while nothing is done.
const LOOK: Duration = Duration::from_millis(100);

/// Runs `round` with the files of `plan` that are there and steady, at first and whenever they are others, until `stop` is set.
///
/// A round that fails as a whole is told, and tried again after the next look.
pub fn watch(
    mut plan: Plan,
    every: Duration,
    stop: &AtomicBool,
    mut round: impl FnMut(&Plan) -> Result<(), PipelineError>,
) {
    let mut before = BTreeMap::new();
    let mut taken = BTreeMap::new();
    let mut asked: Option<Instant> = None;
    while !stop.load(Ordering::Relaxed) {
        plan.look_again();
        let now = looks(&plan);
        let steady = steady(&before, &now);
        before = now;
        let asks = plan
            .sources
            .iter()
            .any(|s| matches!(s, SceneSource::Stac(_)));
        let is_due = asks && asked.is_none_or(|asked| asked.elapsed() >= CATALOGUES);
        if steady != taken || is_due {
            for path in steady
                .keys()
                .filter(|path| taken.get(*path) != steady.get(*path))
            {
                tracing::info!(file = %path.display(), "A file is taken.");
            }
            keep(&mut plan, &steady);
            match round(&plan) {
                Ok(()) => {
                    taken = steady;
                    asked = Some(Instant::now());
                }
                Err(PipelineError::Stopped) => return,
                Err(error) => {
                    let cause = std::error::Error::source(&error).map(ToString::to_string);
                    tracing::error!(%error, cause, wait_s = every.as_secs(), "A round failed and is tried again.");
                }
            }
        }
        let begun = Instant::now();
        while begun.elapsed() < every && !stop.load(Ordering::Relaxed) {
            std::thread::sleep(LOOK.min(every));
        }
    }
}

/// What one look finds of a file, or of all files of a folder.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Look {
    files: usize,
    bytes: u64,
    changed: Option<SystemTime>,
}

/// Paths on disks, not those that GDAL reads elsewhere.
fn paths(plan: &Plan) -> impl Iterator<Item = PathBuf> {
    let scenes = plan.scenes().map(|scene| PathBuf::from(&scene.path));
    let all = scenes.chain(plan.ais.iter().cloned());
    all.filter(|path| !is_elsewhere(path))
}

fn is_elsewhere(path: &Path) -> bool {
    path.to_str().is_some_and(crate::gis::vsi::is_virtual)
}

fn looks(plan: &Plan) -> BTreeMap<PathBuf, Look> {
    let look = |path: PathBuf| {
        let mut look = Look::default();
        add(&mut look, &path);
        (path, look)
    };
    paths(plan).map(look).collect()
}

fn add(look: &mut Look, path: &Path) {
    // What is gone between two calls makes another look.
    let Ok(about) = fs::metadata(path) else {
        return;
    };
    look.changed = look.changed.max(about.modified().ok());
    if about.is_dir() {
        for entry in fs::read_dir(path).into_iter().flatten().flatten() {
            add(look, &entry.path());
        }
    } else {
        look.files += 1;
        look.bytes += about.len();
    }
}

/// What both looks found the same, with a file at least.
fn steady(
    before: &BTreeMap<PathBuf, Look>,
    now: &BTreeMap<PathBuf, Look>,
) -> BTreeMap<PathBuf, Look> {
    let is_same =
        |(path, look): &(&PathBuf, &Look)| look.files > 0 && before.get(*path) == Some(look);
    let same = now.iter().filter(is_same);
    same.map(|(path, look)| (path.clone(), *look)).collect()
}

fn keep(plan: &mut Plan, steady: &BTreeMap<PathBuf, Look>) {
    let is_kept = |path: &Path| is_elsewhere(path) || steady.contains_key(path);
    plan.sources.retain(|source| match source {
        SceneSource::Scene(scene) => is_kept(Path::new(&scene.path)),
        SceneSource::Stac(_) => true,
    });
    plan.ais.retain(|path| is_kept(path));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::plan::{Wildcards, load_with};

    /// The plan of `in/*.tif` in a new folder.
    fn waiting() -> (tempfile::TempDir, Plan) {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("in")).expect("a folder");
        let path = folder.path().join("p.yaml");
        fs::write(&path, "name: n\nscenes: ['in/*.tif']\noutput: out\n").expect("a file");
        let plan = load_with(&path, None, Wildcards::Anything);
        (folder, plan.unwrap_or_else(|error| panic!("{error}")))
    }

    #[test]
    fn a_file_that_grows_waits_and_one_that_changed_is_taken_again() {
        let (folder, mut plan) = waiting();
        let file = folder.path().join("in/a.tif");
        let (mut before, mut found) = (BTreeMap::new(), Vec::new());
        for text in ["a", "ab", "ab", "ab", "abc", "abc"] {
            if fs::read_to_string(&file).ok().as_deref() != Some(text) {
                fs::write(&file, text).expect("a file");
            }
            plan.look_again();
            let now = looks(&plan);
            found.push(
                steady(&before, &now)
                    .values()
                    .map(|look| look.bytes)
                    .sum::<u64>(),
            );
            before = now;
        }
        assert_eq!(found, [0, 0, 2, 2, 0, 3]);
    }

    #[test]
    fn rounds_come_with_new_files_and_after_failures_and_end_with_the_flag() {
        let (folder, plan) = waiting();
        fs::write(folder.path().join("in/a.tif"), "a").expect("a file");
        let stop = AtomicBool::new(false);
        let mut rounds = Vec::new();
        watch(plan, Duration::from_millis(20), &stop, |plan| {
            rounds.push(plan.scenes().count());
            match rounds.len() {
                1 => Err(PipelineError::Output {
                    path: "out".into(),
                    source: std::io::Error::other("full"),
                }),
                2 => {
                    fs::write(folder.path().join("in/b.tif"), "b").expect("a file");
                    Ok(())
                }
                _ => {
                    stop.store(true, Ordering::Relaxed);
                    Ok(())
                }
            }
        });
        assert_eq!(rounds, [1, 1, 2]);
    }
}
