//! What a run leaves beside the store: pictures, tables, GeoJSON and the page.

use super::PipelineError;
use super::outputs::{file_name, sweep, write_if_changed};
use super::page::{Page, PageAlert, PageScene, page};
use super::picture::{Chip, PictureError, Quicklook, Target};
use super::plan::{Plan, SceneInput};
use super::record::{AisRead, FailedInput};
use super::search::{SceneResult, land_about};
use crate::encode::{csv, geojson};
use crate::model::alert::Alert;
use crate::model::contact::Contact;
use crate::model::detection::Detection;
use crate::model::event::Event;
use crate::model::scene::Sensor;
use crate::model::standing::Standing;
use crate::region::Land;
use crate::scene::Product;
use std::collections::BTreeMap;
use std::path::Path;

/// Results of a run, ready to be written.
pub(super) struct Left<'a> {
    pub(super) plan: &'a Plan,
    pub(super) scenes: &'a [SceneInput],
    pub(super) results: &'a [SceneResult],
    pub(super) alerts: &'a [Alert],
    pub(super) ais: &'a AisRead,
    pub(super) events: &'a [Event],
    pub(super) standing: &'a [Standing],
    pub(super) failed: &'a [FailedInput],
}

/// Writes tables, GeoJSON, chips and the page.
pub(super) fn files(left: &Left<'_>) -> Result<(), PipelineError> {
    let output = &left.plan.output;
    let detections: Vec<Detection> = left
        .results
        .iter()
        .flat_map(|result| result.detections.clone())
        .collect();
    let contacts: Vec<Contact> = left
        .results
        .iter()
        .flat_map(|result| result.contacts.clone())
        .collect();
    for (name, message) in [
        ("detections.geojson", geojson::detections(&detections)),
        ("contacts.geojson", geojson::contacts(&contacts)),
        ("alerts.geojson", geojson::alerts(left.alerts)),
        ("fixed.geojson", geojson::standing(left.standing)),
        ("detections.csv", csv::detections(&detections)),
    ] {
        write_if_changed(&output.join(name), &message.bytes)?;
    }
    chips(left)?;
    write_if_changed(&output.join("report.html"), &page(&page_of(left)))?;
    for folder in ["", "quicklook", "clutter", "chips"] {
        sweep(&output.join(folder))?;
    }
    Ok(())
}

fn quicklook_name(scene_id: &str) -> String {
    format!("quicklook/{}", file_name(scene_id, "png"))
}

fn clutter_name(scene_id: &str) -> String {
    format!("clutter/{}", file_name(scene_id, "png"))
}

fn chip_name(alert_id: &str) -> String {
    format!("chips/{}", file_name(alert_id, "png"))
}

/// Draws a scene's quick-look; gives its path from the output folder. A picture that cannot be drawn is no loss of data:
/// it is told and left out.
pub(super) fn quicklook(
    plan: &Plan,
    (product, land): (&Product, Option<&Land>),
    result: &SceneResult,
) -> Result<Option<String>, PipelineError> {
    let drawn = super::picture::quicklook(&Quicklook {
        product,
        land,
        regions: &plan.regions,
        detections: &result.detections,
        contacts: &result.contacts,
    });
    let name = quicklook_name(&result.record.scene.id);
    let there = drawn.is_ok();
    picture(&plan.output.join(&name), drawn)?;
    Ok(there.then_some(name))
}

/// Draws the maps of the clutter that a search of this run measured.
pub(super) fn clutter(plan: &Plan, result: &SceneResult) -> Result<(), PipelineError> {
    let Some(effort) = &result.effort else {
        return Ok(());
    };
    let id = &result.record.scene.id;
    picture(
        &plan.output.join(clutter_name(id)),
        super::picture::clutter(id, &effort.bands),
    )
}

/// Draws the quick-look of a scene that was done before, if it is not there.
pub(super) fn quicklook_if_missing(plan: &Plan, result: &SceneResult) -> Result<(), PipelineError> {
    let path = plan.output.join(quicklook_name(&result.record.scene.id));
    if path.exists() {
        return Ok(());
    }
    draw_again(plan, result)
}

/// Draws a scene's quick-look in place of the one it had.
pub(super) fn draw_again(plan: &Plan, result: &SceneResult) -> Result<(), PipelineError> {
    let Ok(product) = super::search::open(&result.input) else {
        return Ok(());
    };
    // Land that cannot be read any more is left out of the picture alone.
    let land = land_about(plan, product.scene()).ok().flatten();
    quicklook(plan, (&product, land.as_ref()), result)?;
    Ok(())
}

fn picture(path: &Path, drawn: Result<Vec<u8>, PictureError>) -> Result<(), PipelineError> {
    match drawn {
        Ok(bytes) => {
            write_if_changed(path, &bytes)?;
        }
        Err(error) => {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            tracing::warn!(file = %path.display(), %error, cause, "A picture was not drawn.");
        }
    }
    Ok(())
}

/// A chip for every alert on a contact of this run; chips that are there are drawn again only for scenes searched anew.
fn chips(left: &Left<'_>) -> Result<(), PipelineError> {
    let mut wanted: BTreeMap<&str, Vec<(&Alert, &SceneResult, &Contact)>> = BTreeMap::new();
    for alert in left.alerts {
        let Some((result, contact)) = contact_of(alert, left.results) else {
            continue;
        };
        let there = left.plan.output.join(chip_name(&alert.id)).exists();
        if result.effort.is_some() || !there {
            let path = result.record.scene.path.as_str();
            wanted
                .entry(path)
                .or_default()
                .push((alert, result, contact));
        }
    }
    for input in left.scenes {
        if wanted.is_empty() {
            break;
        }
        let Ok(product) = super::search::open(input) else {
            continue;
        };
        let Some(list) = wanted.remove(product.scene().path.as_str()) else {
            continue;
        };
        for (alert, result, contact) in list {
            let Some(target) = target_of(contact, result, &product) else {
                continue;
            };
            let drawn = super::picture::chip(&Chip {
                product: &product,
                target,
                verdict: Some(contact.verdict),
            });
            picture(&left.plan.output.join(chip_name(&alert.id)), drawn)?;
        }
    }
    Ok(())
}

/// Removes the chips of alerts on contacts of a scene that is searched again: whoever ends the run, killed and resumed or
/// another worker, draws those that are not there.
pub(super) fn forget_chips(
    plan: &Plan,
    contacts: &[Contact],
    alerts: &[Alert],
) -> Result<(), PipelineError> {
    let is_among = |id: &String| contacts.iter().any(|contact| contact.id == *id);
    let to_draw = |alert: &&Alert| alert.evidence.contact_id.as_ref().is_some_and(is_among);
    for alert in alerts.iter().filter(to_draw) {
        let path = plan.output.join(chip_name(&alert.id));
        match std::fs::remove_file(&path) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                return Err(PipelineError::Output { path, source });
            }
            _ => {}
        }
    }
    Ok(())
}

fn contact_of<'a>(
    alert: &Alert,
    results: &'a [SceneResult],
) -> Option<(&'a SceneResult, &'a Contact)> {
    let id = alert.evidence.contact_id.as_ref()?;
    results.iter().find_map(|result| {
        let contact = result.contacts.iter().find(|c| c.id == *id)?;
        Some((result, contact))
    })
}

/// Where a contact is in the image: at its detection, else where AIS puts it.
fn target_of(contact: &Contact, result: &SceneResult, product: &Product) -> Option<Target> {
    let seen = contact
        .detection_id
        .as_ref()
        .and_then(|id| result.detections.iter().find(|d| d.id == *id));
    match seen {
        Some(detection) => Some(Target::Seen(detection.extent)),
        None => product
            .pixel_of(contact.position)
            .map(|(row, col)| Target::Unseen(row, col)),
    }
}

fn page_of<'a>(left: &'a Left<'_>) -> Page<'a> {
    let output = &left.plan.output;
    let there = |name: String| output.join(&name).exists().then_some(name);
    Page {
        name: &left.plan.file.name,
        status: left.plan.file.status,
        scenes: left
            .results
            .iter()
            .map(|result| PageScene {
                record: &result.record,
                detections: &result.detections,
                contacts: &result.contacts,
                quicklook: there(quicklook_name(&result.record.scene.id)),
                clutter: there(clutter_name(&result.record.scene.id)),
            })
            .collect(),
        failed: left.failed,
        ais: left.ais,
        events: left.events,
        alerts: left
            .alerts
            .iter()
            .map(|alert| PageAlert {
                alert,
                chip: there(chip_name(&alert.id)),
            })
            .collect(),
        regions: &left.plan.regions,
        attributions: attributions(left),
    }
}

/// Whose data stand behind the results, as their licences ask.
fn attributions(left: &Left<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    let scenes = || left.results.iter().map(|result| &result.record.scene);
    let mut years: Vec<String> = scenes()
        .filter(|scene| scene.sensor == Sensor::Sentinel1 && !scene.simulated)
        .filter_map(|scene| scene.start)
        .map(|start| start.strftime("%Y").to_string())
        .collect();
    years.sort();
    years.dedup();
    for year in years {
        lines.push(format!(
            "Contains modified Copernicus Sentinel data {year}."
        ));
    }
    if scenes().any(|scene| scene.simulated) {
        lines.push("Simulated scenes were made by tidewatch.".to_owned());
    }
    if left.plan.file.land.built_in {
        lines.push(
            "Island shapes © OpenStreetMap contributors, available under the Open Database License (ODbL)."
                .to_owned(),
        );
    }
    lines
}
