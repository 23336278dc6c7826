//! One scene that is to be searched → its results in the store, or its failure in the journal.

use super::PipelineError;
use super::leave;
use super::plan::{Plan, SceneInput};
use super::progress::Progress;
use super::record::FailedInput;
use super::search::{SceneFailure, SceneResult, Surroundings, land_about, search_scene};
use crate::model::id::trace_id;
use crate::scene::Product;
use crate::store::{JournalEntry, Outcome, Revisions, SceneBatch, Store, StoreError};

/// What every scene is searched with.
#[derive(Clone, Copy)]
pub(super) struct Bench<'a> {
    pub(super) plan: &'a Plan,
    pub(super) surroundings: &'a Surroundings,
    pub(super) progress: &'a Progress,
}

/// What ends the work on one scene: its own fault, or one that ends the run.
pub(super) enum Stop {
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

/// Searches an open product, draws its pictures and stores its results, which makes it done: whoever is killed before
/// that leaves pictures that the next search draws again.
pub(super) fn settle(
    bench: Bench<'_>,
    store: &mut dyn Store,
    (input, product): (&SceneInput, &Product),
    digest: String,
) -> Result<SceneResult, Stop> {
    let plan = bench.plan;
    let land = land_about(plan, product.scene()).map_err(SceneFailure::from)?;
    let mut result = search_scene(bench, (input, product), land.as_ref(), digest)?;
    result.record.run.quicklook = leave::quicklook(plan, (product, land.as_ref()), &result)?;
    leave::clutter(plan, &result)?;
    let id = &result.record.scene.id;
    if store.scene_digest(id)?.is_some() {
        leave::forget_chips(plan, &result.contacts, &store.alerts(Revisions::Latest)?)?;
    }
    keep(&result, store)?;
    let record = &result.record;
    tracing::info!(
        scene = %record.scene.id,
        detections = result.detections.len(),
        contacts = result.contacts.len(),
        searched_km2 = record.search.searched_km2,
        seconds = result.effort.as_ref().map(|effort| effort.seconds),
        trace = %trace_id(&record.scene.id),
        "Scene searched."
    );
    for note in &record.scene.notes {
        tracing::debug!(scene = %record.scene.id, path = %input.path, "{note}");
    }
    Ok(result)
}

/// Stores a scene's results in place of those it had.
pub(super) fn keep(result: &SceneResult, store: &mut dyn Store) -> Result<(), StoreError> {
    let record = &result.record;
    store.put_scene(&SceneBatch {
        input: &result.input.path,
        scene: &record.scene,
        search: record.search,
        run: &record.run,
        digest: &record.digest,
        detections: &result.detections,
        contacts: &result.contacts,
    })?;
    Ok(())
}

/// Notes that a scene failed; `digest` is what it failed with.
pub(super) fn lose(
    input: &SceneInput,
    digest: &str,
    failure: &SceneFailure,
    store: &mut dyn Store,
) -> Result<FailedInput, StoreError> {
    let failure = FailedInput::new(&input.path, failure);
    tracing::error!(reason = %failure.reason, "A scene was lost.");
    store.put_journal(&[JournalEntry {
        input: input.path.clone(),
        digest: digest.to_owned(),
        outcome: Outcome::Failed,
        message: failure.reason.clone(),
    }])?;
    Ok(failure)
}

/// A scene's results as the store holds them, contacts in the order fusion gives them.
pub(super) fn stored(
    store: &dyn Store,
    input: &SceneInput,
    id: &str,
) -> Result<Option<SceneResult>, StoreError> {
    let Some(record) = store.scene(id)? else {
        return Ok(None);
    };
    let mut contacts = store.contacts(id)?;
    contacts.sort_by(|a, b| (a.verdict, &a.id).cmp(&(b.verdict, &b.id)));
    Ok(Some(SceneResult {
        input: input.clone(),
        record,
        detections: store.detections(id)?,
        contacts,
        effort: None,
    }))
}
