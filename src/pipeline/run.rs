//! A plan → everything in its output folder.

use super::PipelineError;
use super::alarm;
use super::behaviour;
use super::leave;
use super::plan::{Plan, SceneInput};
use super::prepare::{Prepared, prepare};
use super::progress::{Display, Progress};
use super::record::FailedInput;
use super::search::{SceneResult, open};
use super::settle::{Bench, Stop, lose, settle, stored};
use super::source::{Gathered, gather};
use super::standing;
use super::summary::{AlertCounts, RunSummary};
use super::survey::{Standing, Surveyed, survey};
use crate::model::region::{RegionShape, RegionZone};
use crate::region::RegionIndex;
use crate::store::{JournalEntry, Store, StoreAddress};
use jiff::Timestamp;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// What a run takes from outside.
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// The store; made if it is not there.
    pub store: StoreAddress,
    /// The clock: when alerts made by this run are sent (UTC).
    pub now: Timestamp,
    /// How progress is shown.
    pub display: Display,
    /// Set by whoever wants the run to end; it is looked at between scenes.
    pub stop: Arc<AtomicBool>,
}

/// Runs a plan from inputs to alerts.
///
/// Inputs that fail are in the summary. Started again, it goes on where it stopped and repeats nothing; a scene that failed
/// is tried again once it, or what it rests on, has changed, or its journal entry waits.
///
/// # Errors
///
/// [`PipelineError`] if the output folder or the store cannot be written, or the run was told to end.
pub fn run(plan: &Plan, options: &RunOptions) -> Result<RunSummary, PipelineError> {
    let begun = Instant::now();
    std::fs::create_dir_all(&plan.output).map_err(|source| PipelineError::Output {
        path: plan.output.clone(),
        source,
    })?;
    let mut store = crate::store::open_for_batch(&options.store, options.now)?;
    let prepared = prepare(plan, store.as_ref(), options.now)?;
    let gathered = gather(plan);
    let mut summary = run_prepared(plan, (&prepared, &gathered), store.as_mut(), options)?;
    summary.seconds = begun.elapsed().as_secs_f64();
    Ok(summary)
}

/// The same with surroundings and scenes that are there and an open store.
pub(super) fn run_prepared(
    plan: &Plan,
    (prepared, gathered): (&Prepared, &Gathered),
    store: &mut dyn Store,
    options: &RunOptions,
) -> Result<RunSummary, PipelineError> {
    let Prepared {
        surroundings,
        ais: read,
        ..
    } = prepared;
    store.put_regions(&zones(&plan.regions))?;
    store.put_tracks(&plan.file.name, &surroundings.tracks)?;
    let about = (&prepared.basis, &surroundings.outages[..]);
    let surveyed = survey(plan, &gathered.scenes, about, store)?;
    let mut journal: Vec<JournalEntry> = surveyed.iter().map(Surveyed::entry).collect();
    journal.extend(prepared.journal(plan));
    journal.extend(gathered.journal.iter().cloned());
    store.put_journal(&journal)?;
    let mut work = Work {
        bench: Bench {
            plan,
            surroundings,
            progress: &Progress::new(options.display),
        },
        store: &mut *store,
        stop: &options.stop,
        results: Vec::new(),
        failed: [&prepared.failed[..], &gathered.failed].concat(),
        failed_before: 0,
    };
    work.scenes(surveyed)?;
    let Work {
        mut results,
        mut failed,
        failed_before,
        ..
    } = work;
    let standing = standing::settle(plan, &mut results, store)?;
    let events = behaviour::events(
        plan,
        &results,
        (&surroundings.tracks, &surroundings.outages),
        read.span(),
        store,
    )?;
    let states = alarm::Stated {
        events: &events,
        heard: read.span(),
    };
    let counts = alarm::raise(
        plan,
        &results,
        (&surroundings.tracks, &states),
        (&mut *store, options.now),
    )?;
    let (delivered, undelivered) = alarm::deliver(plan, &mut *store, options.now);
    failed.extend(undelivered);
    let alerts = store.alerts(crate::store::Revisions::Latest)?;
    leave::files(&leave::Left {
        plan,
        scenes: &gathered.scenes,
        results: &results,
        alerts: &alerts,
        ais: read,
        events: &events,
        standing: &standing,
        failed: &failed,
    })?;
    let mut summary = summary(plan, &results, counts);
    summary.store = options.store.to_string();
    summary.ais = (
        read.files.len(),
        read.files.iter().map(|file| file.positions).sum(),
        surroundings.tracks.len(),
    );
    for event in &events {
        *summary.events.entry(event.kind).or_default() += 1;
    }
    summary.failed = failed;
    summary.failed_before = failed_before;
    summary.delivered = delivered;
    Ok(summary)
}

/// The loop over the scenes.
struct Work<'a> {
    bench: Bench<'a>,
    store: &'a mut dyn Store,
    stop: &'a AtomicBool,
    results: Vec<SceneResult>,
    failed: Vec<FailedInput>,
    failed_before: usize,
}

impl Work<'_> {
    fn scenes(&mut self, surveyed: Vec<Surveyed<'_>>) -> Result<(), PipelineError> {
        let count = surveyed.len();
        for (index, Surveyed { input, standing }) in surveyed.into_iter().enumerate() {
            let place = (index, count);
            if self.stop.load(Ordering::Relaxed) {
                return Err(PipelineError::Stopped);
            }
            match standing {
                Standing::Done { id, digest } => match stored(self.store, input, &id)? {
                    Some(result) => self.take_over(result)?,
                    // Taken away since it was asked for.
                    None => self.search(place, input, &digest)?,
                },
                Standing::Failed { failure, .. } => {
                    tracing::error!(reason = %failure.reason, "A scene failed before and is as it was.");
                    self.failed_before += 1;
                    self.failed.push(failure);
                }
                Standing::Refused(failure) => {
                    tracing::error!(reason = %failure.reason, "A scene was lost.");
                    self.failed.push(failure);
                }
                Standing::ToDo { digest, again } => {
                    if let Some(why) = again {
                        tracing::info!(input = %input.path, %why, "A scene is searched again.");
                    }
                    self.search(place, input, &digest)?;
                }
            }
        }
        self.bench.progress.finish();
        Ok(())
    }

    /// A scene that the store holds.
    fn take_over(&mut self, result: SceneResult) -> Result<(), PipelineError> {
        tracing::info!(scene = %result.record.scene.id, "Scene is done already.");
        leave::quicklook_if_missing(self.bench.plan, &result)?;
        self.results.push(result);
        Ok(())
    }

    fn search(
        &mut self,
        (index, count): (usize, usize),
        input: &SceneInput,
        digest: &str,
    ) -> Result<(), PipelineError> {
        let searched = open(input).map_err(Stop::from).and_then(|product| {
            let scene = product.scene();
            let pixels = scene.pixels() * product.bands().len() as u64;
            let label = format!("{}/{count} {}", index + 1, scene.id);
            self.bench.progress.begin(label, pixels);
            settle(self.bench, self.store, (input, &product), digest.to_owned())
        });
        match searched {
            Ok(result) => self.results.push(result),
            Err(Stop::Scene(failure)) => {
                let failure = lose(input, digest, &failure, self.store)?;
                self.failed.push(failure);
            }
            Err(Stop::Run(error)) => return Err(error),
        }
        Ok(())
    }
}

/// Every zone of every region, drawn.
pub(super) fn zones(regions: &RegionIndex) -> Vec<RegionZone> {
    let mut zones = Vec::new();
    for region in regions.regions() {
        match &region.shape {
            RegionShape::Feature { zones_nm, .. } => {
                zones.extend(zones_nm.iter().map(|zone| RegionZone {
                    region: region.clone(),
                    zone_nm: Some(*zone),
                    outline: RegionIndex::zone_outline(region, *zone),
                }));
            }
            RegionShape::Area(area) => zones.push(RegionZone {
                region: region.clone(),
                zone_nm: None,
                outline: area.clone(),
            }),
        }
    }
    zones
}

fn summary(plan: &Plan, results: &[SceneResult], alerts: AlertCounts) -> RunSummary {
    let mut summary = RunSummary {
        name: plan.file.name.clone(),
        output: plan.output.clone(),
        alerts,
        ..RunSummary::default()
    };
    for result in results {
        summary.searched_km2 += result.record.search.searched_km2.unwrap_or(0.0);
        summary.detections += result.detections.len();
        for contact in &result.contacts {
            *summary.verdicts.entry(contact.verdict).or_default() += 1;
        }
        match &result.effort {
            None => summary.skipped += 1,
            Some(effort) => {
                summary.searched += 1;
                summary.searched_px += effort.pixels;
                summary.search_seconds += effort.seconds;
            }
        }
    }
    summary
}
