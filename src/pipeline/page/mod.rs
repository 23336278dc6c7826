//! The results of a run → `report.html`: one page without scripts and without a network.
//!
//! It holds no clock and no run time, so the same results give the same bytes.

mod alerts;
mod events;
mod markup;
mod scenes;

use crate::model::alert::{Alert, Status};
use crate::model::contact::Contact;
use crate::model::detection::Detection;
use crate::model::event::Event;
use crate::model::scene::SceneRecord;
use crate::pipeline::record::{AisRead, FailedInput};
use crate::region::RegionIndex;
use markup::Html;

/// Everything the page tells.
pub struct Page<'a> {
    /// Name of the pipeline.
    pub name: &'a str,
    /// Status of the pipeline.
    pub status: Status,
    /// Scenes that were searched.
    pub scenes: Vec<PageScene<'a>>,
    /// Inputs that failed.
    pub failed: &'a [FailedInput],
    /// AIS that was read.
    pub ais: &'a AisRead,
    /// Events of AIS.
    pub events: &'a [Event],
    /// Latest revision of every alert.
    pub alerts: Vec<PageAlert<'a>>,
    /// Watch regions, for names.
    pub regions: &'a RegionIndex,
    /// Whose data this is.
    pub attributions: Vec<String>,
}

/// One searched scene.
pub struct PageScene<'a> {
    /// The scene and what was searched of it.
    pub record: &'a SceneRecord,
    /// What was found.
    pub detections: &'a [Detection],
    /// What is known of it; numbered on the quick-look from 1.
    pub contacts: &'a [Contact],
    /// The quick-look beside the page, if there is one.
    pub quicklook: Option<String>,
    /// The maps of its clutter beside the page, if there are any.
    pub clutter: Option<String>,
}

/// One alert.
pub struct PageAlert<'a> {
    /// The alert.
    pub alert: &'a Alert,
    /// The chip beside the page, if there is one.
    pub chip: Option<String>,
}

/// Writes the page.
pub fn page(page: &Page<'_>) -> Vec<u8> {
    let mut html = Html::default();
    html.raw("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n")
        .raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
        .raw("<title>")
        .text(page.name)
        .raw(" · tidewatch</title>\n<style>\n")
        .raw(include_str!("page.css"))
        .raw("</style></head><body>\n");
    opening(&mut html, page);
    failures(&mut html, page.failed);
    alerts::alerts(&mut html, page);
    scenes::scenes(&mut html, page);
    events::events(&mut html, page);
    ais(&mut html, page.ais);
    closing(&mut html, page);
    html.raw("</body></html>\n");
    html.into_text().into_bytes()
}

fn opening(html: &mut Html, page: &Page<'_>) {
    html.element("h1", page.name);
    let simulated = page.scenes.iter().any(|part| part.record.scene.simulated)
        || page.ais.files.iter().any(|file| file.simulated);
    if simulated {
        html.raw("<p class=\"test\">")
            .text("Simulated evidence: every alert on this page that rests on it is a test.")
            .raw("</p>\n");
    }
    let contacts: usize = page.scenes.iter().map(|part| part.contacts.len()).sum();
    let detections: usize = page.scenes.iter().map(|part| part.detections.len()).sum();
    let searched_km2: f64 = page
        .scenes
        .iter()
        .filter_map(|p| p.record.search.searched_km2)
        .sum();
    html.element(
        "p",
        format!(
            "Status {}. Scenes searched: {}. Sea searched: {searched_km2:.0} km². Detections: {detections}. \
             Contacts: {contacts}. Alerts: {}. Inputs that failed: {}.",
            page.status,
            page.scenes.len(),
            page.alerts.len(),
            page.failed.len()
        ),
    );
}

fn failures(html: &mut Html, failed: &[FailedInput]) {
    if failed.is_empty() {
        return;
    }
    html.raw("<h2>Inputs that failed</h2>\n<div class=\"bad\">\n");
    for input in failed {
        html.element("p", &input.reason);
    }
    html.raw("</div>\n");
}

fn ais(html: &mut Html, read: &AisRead) {
    html.raw("<h2>AIS read</h2>\n");
    if read.files.is_empty() {
        html.raw("<p>No AIS was read: silence on this page is the receiver's, not a ship's.</p>\n");
        return;
    }
    html.head(&[
        "File",
        "Lines",
        "Messages",
        "Positions",
        "From",
        "To",
        "Lines not used, by reason",
    ]);
    for file in &read.files {
        let rejects: Vec<String> = file
            .rejects
            .iter()
            .map(|(reason, count)| format!("{reason}: {count}"))
            .collect();
        html.row(&[
            file.name.clone(),
            file.lines.to_string(),
            file.messages.to_string(),
            file.positions.to_string(),
            file.first.map_or_else(String::new, markup::time),
            file.last.map_or_else(String::new, markup::time),
            rejects.join(", "),
        ]);
    }
    html.foot();
    let left_out = format!(
        "Positions that no track holds: {} told again or at the instant of another, {} where no ship heard on the identity can have been.",
        read.repeats, read.jumps
    );
    html.element("p", &left_out);
}

fn closing(html: &mut Html, page: &Page<'_>) {
    html.raw("<footer>\n");
    html.element(
        "p",
        "Watch distances about features are for watching and are not claims. Names are given in every language on record, parties in code order.",
    );
    for line in &page.attributions {
        html.element("p", line);
    }
    html.raw("</footer>\n");
}
