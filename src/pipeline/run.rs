//! A plan → everything in its output folder.

use super::PipelineError;
use super::alarm;
use super::behaviour;
use super::digest;
use super::ear::{Heard, hear};
use super::leave;
use super::plan::{Plan, SceneInput};
use super::progress::{Display, Progress};
use super::record::FailedInput;
use super::search::{SceneFailure, SceneResult, Surroundings, land_about, open, search_scene};
use super::summary::{AlertCounts, RunSummary};
use crate::fuse::learn_motion;
use crate::model::id::trace_id;
use crate::model::outage::Outage;
use crate::model::region::{RegionShape, RegionZone};
use crate::model::scene::Scene;
use crate::model::units::LonLat;
use crate::region::{RegionIndex, load_points};
use crate::store::{JournalEntry, Outcome, SceneBatch, Store, StoreAddress, StoreError};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
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
}

/// Runs a plan from inputs to alerts.
///
/// Inputs that fail are in the summary. Started again, it goes on where it stopped and repeats nothing.
///
/// # Errors
///
/// [`PipelineError`] if the output folder or the store cannot be written.
pub fn run(plan: &Plan, options: &RunOptions) -> Result<RunSummary, PipelineError> {
    let begun = Instant::now();
    std::fs::create_dir_all(&plan.output).map_err(|source| PipelineError::Output {
        path: plan.output.clone(),
        source,
    })?;
    let mut store = crate::store::open(&options.store, options.now)?;
    let store = store.as_mut();
    store.put_regions(&zones(&plan.regions))?;
    let Heard {
        tracks,
        read,
        mut failed,
    } = hear(plan);
    store.put_tracks(&plan.file.name, &tracks)?;
    let (structures, lost) = structures(plan);
    failed.extend(lost);
    // A server that listened beside this run, on the same store, knows when it heard nothing.
    let outages = store.outages(Timestamp::MIN, Timestamp::MAX)?;
    let fuse = learn_motion(&tracks, &plan.file.fuse);
    let surroundings = Surroundings {
        tracks,
        outages,
        structures,
        fuse,
        begun: options.now,
    };
    let mut work = Work {
        plan,
        surroundings: &surroundings,
        digest: digest::surroundings(plan),
        progress: Progress::new(options.display),
        store: &mut *store,
        results: Vec::new(),
        failed,
    };
    work.scenes()?;
    let Work {
        results,
        mut failed,
        ..
    } = work;
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
        results: &results,
        alerts: &alerts,
        ais: &read,
        events: &events,
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
    summary.delivered = delivered;
    summary.seconds = begun.elapsed().as_secs_f64();
    Ok(summary)
}

/// The loop over the scenes.
struct Work<'a> {
    plan: &'a Plan,
    surroundings: &'a Surroundings,
    digest: String,
    progress: Progress,
    store: &'a mut dyn Store,
    results: Vec<SceneResult>,
    failed: Vec<FailedInput>,
}

impl Work<'_> {
    fn scenes(&mut self) -> Result<(), PipelineError> {
        let mut taken: BTreeMap<String, String> = BTreeMap::new();
        for (index, input) in self.plan.scenes.iter().enumerate() {
            match self.scene(index, input, &mut taken) {
                Ok(result) => self.keep(input, result)?,
                Err(Stop::Scene(failure)) => self.lose(input, &failure)?,
                Err(Stop::Run(error)) => return Err(error),
            }
        }
        self.progress.finish();
        Ok(())
    }

    fn scene(
        &self,
        index: usize,
        input: &SceneInput,
        taken: &mut BTreeMap<String, String>,
    ) -> Result<SceneResult, Stop> {
        let product = open(input)?;
        let scene = product.scene();
        let id = scene.id.clone();
        if let Some(other) = taken.insert(id.clone(), input.path.clone()) {
            return Err(SceneFailure::SameId { id, other }.into());
        }
        let outages = self.outages_about(scene);
        let digest = digest::scene(input, &self.digest, &outages);
        if self.store.scene_digest(&id)?.as_ref() == Some(&digest)
            && let Some(result) = stored(self.store, &id)?
        {
            tracing::info!(scene = %id, "Scene is done already.");
            leave::quicklook_if_missing(self.plan, &product, &result)?;
            return Ok(result);
        }
        let land = land_about(self.plan, scene).map_err(SceneFailure::from)?;
        let pixels = scene.pixels() * product.bands().len() as u64;
        let label = format!("{}/{} {id}", index + 1, self.plan.scenes.len());
        self.progress.begin(label, pixels);
        let subject = (&product, land.as_ref(), digest);
        let mut result = search_scene(self.plan, subject, self.surroundings, &self.progress)?;
        result.record.run.quicklook =
            leave::quicklook(self.plan, (&product, land.as_ref()), &result)?;
        leave::clutter(self.plan, &result)?;
        Ok(result)
    }

    /// Outages that what is said of the scene may rest on.
    fn outages_about(&self, scene: &Scene) -> Vec<&Outage> {
        let window = SignedDuration::from_secs_f64(self.plan.file.fuse.reception_minutes * 60.0);
        let (Some(start), Some(stop)) = (scene.start.or(scene.stop), scene.stop.or(scene.start))
        else {
            return Vec::new();
        };
        let touches = |outage: &&Outage| {
            let end = outage.end.unwrap_or(Timestamp::MAX);
            outage.start.duration_since(stop) <= window && start.duration_since(end) <= window
        };
        self.surroundings.outages.iter().filter(touches).collect()
    }

    fn keep(&mut self, input: &SceneInput, result: SceneResult) -> Result<(), PipelineError> {
        if let Some(effort) = &result.effort {
            let record = &result.record;
            self.store.put_scene(&SceneBatch {
                scene: &record.scene,
                search: record.search,
                run: &record.run,
                digest: &record.digest,
                detections: &result.detections,
                contacts: &result.contacts,
            })?;
            tracing::info!(
                scene = %record.scene.id,
                detections = result.detections.len(),
                contacts = result.contacts.len(),
                searched_km2 = record.search.searched_km2,
                seconds = effort.seconds,
                trace = %trace_id(&record.scene.id),
                "Scene searched."
            );
        }
        for note in &result.record.scene.notes {
            tracing::debug!(scene = %result.record.scene.id, path = %input.path, "{note}");
        }
        self.results.push(result);
        Ok(())
    }

    fn lose(&mut self, input: &SceneInput, failure: &SceneFailure) -> Result<(), PipelineError> {
        let failure = FailedInput::new(&input.path, failure);
        tracing::error!(reason = %failure.reason, "A scene was lost.");
        self.store.put_journal(&JournalEntry {
            input: input.path.clone(),
            digest: digest::scene(input, &self.digest, &[]),
            outcome: Outcome::Failed,
            message: failure.reason.clone(),
        })?;
        self.failed.push(failure);
        Ok(())
    }
}

/// What ends the work on one scene: its own fault, or one that ends the run.
enum Stop {
    Scene(SceneFailure),
    Run(PipelineError),
}

impl From<SceneFailure> for Stop {
    fn from(failure: SceneFailure) -> Self {
        Self::Scene(failure)
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Run(error.into())
    }
}

impl From<PipelineError> for Stop {
    fn from(error: PipelineError) -> Self {
        Self::Run(error)
    }
}

/// A scene's results as the store holds them, contacts in the order fusion gives them.
fn stored(store: &dyn Store, id: &str) -> Result<Option<SceneResult>, StoreError> {
    let Some(record) = store.scenes()?.into_iter().find(|r| r.scene.id == id) else {
        return Ok(None);
    };
    let mut contacts = store.contacts(id)?;
    contacts.sort_by(|a, b| (a.verdict, &a.id).cmp(&(b.verdict, &b.id)));
    Ok(Some(SceneResult {
        record,
        detections: store.detections(id)?,
        contacts,
        effort: None,
    }))
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

fn structures(plan: &Plan) -> (Vec<LonLat>, Vec<FailedInput>) {
    let (mut places, mut failed) = (Vec::new(), Vec::new());
    for path in &plan.infrastructure {
        match load_points(path) {
            Ok(more) => places.extend(more),
            Err(error) => failed.push(FailedInput::new(path, &error)),
        }
    }
    (places, failed)
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
