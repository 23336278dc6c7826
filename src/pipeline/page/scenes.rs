//! The page's part on scenes: what was searched, what was not, and every contact.

use super::markup::{Html, escaped, href, time};
use super::{Page, PageScene};
use crate::model::contact::{Contact, Verdict};
use crate::model::units::LonLat;
use crate::pipeline::picture::CLUTTER_CAPTION;

pub(super) fn scenes(html: &mut Html, page: &Page<'_>) {
    html.raw("<h2>Scenes searched</h2>\n");
    if page.scenes.is_empty() {
        html.raw("<p>No scene was searched.</p>\n");
        return;
    }
    html.head(&[
        "Scene",
        "From",
        "To",
        "Sea searched",
        "Land",
        "No data",
        "Looks",
        "Detections",
        "Contacts",
    ]);
    for part in &page.scenes {
        html.row(&figures(part));
    }
    html.foot();
    legend(html);
    for part in &page.scenes {
        scene(html, part, page);
    }
}

fn figures(part: &PageScene<'_>) -> Vec<String> {
    let (scene, search) = (&part.record.scene, &part.record.search);
    let told = |t: Option<jiff::Timestamp>| t.map_or_else(|| "not known".to_owned(), time);
    let sea = search.searched_km2.map_or_else(
        || format!("{} pixels", search.searched_px),
        |km2| format!("{km2:.1} km²"),
    );
    vec![
        scene.id.clone(),
        told(scene.start),
        told(scene.stop),
        sea,
        share(search.land_px, scene.pixels()),
        share(search.no_data_px, scene.pixels()),
        format!("{:.1}", scene.looks),
        part.detections.len().to_string(),
        part.contacts.len().to_string(),
    ]
}

#[allow(
    clippy::cast_precision_loss,
    reason = "a share for reading: pixel counts are far below 2^53"
)]
fn share(part: u64, whole: u64) -> String {
    if whole == 0 {
        return String::new();
    }
    format!("{:.1} %", 100.0 * part as f64 / whole as f64)
}

fn scene(html: &mut Html, part: &PageScene<'_>, page: &Page<'_>) {
    html.element("h3", &part.record.scene.id);
    if let Some(look) = &part.quicklook {
        let alt = escaped(&format!(
            "Image {} with {} contacts marked",
            part.record.scene.id,
            part.contacts.len()
        ));
        html.raw(&format!(
            "<a href=\"{0}\"><img class=\"look\" src=\"{0}\" alt=\"{alt}\"></a>\n",
            href(look)
        ));
    }
    for remark in &part.record.scene.notes {
        html.element("p", remark);
    }
    if let Some(maps) = &part.clutter {
        let alt = escaped(&format!("Maps of the clutter of {}", part.record.scene.id));
        html.raw(&format!(
            "<details><summary>Maps of the clutter</summary>\n<a href=\"{0}\"><img class=\"look\" src=\"{0}\" alt=\"{alt}\"></a>\n",
            href(maps)
        ));
        html.element("p", CLUTTER_CAPTION);
        html.raw("</details>\n");
    }
    if part.contacts.is_empty() {
        html.raw("<p>No contact. The scene was searched as told above.</p>\n");
        return;
    }
    html.head(&[
        "No.",
        "Verdict",
        "Probability",
        "Place",
        "Time",
        "Length",
        "Vessel",
        "Watch regions",
        "Why",
    ]);
    for (number, contact) in (1..).zip(part.contacts) {
        html.row(&contact_row(number, contact, page));
    }
    html.foot();
}

fn contact_row(number: u32, contact: &Contact, page: &Page<'_>) -> Vec<String> {
    let vessel = contact.vessel.as_ref().map_or_else(String::new, |vessel| {
        let name = vessel.name.as_deref().unwrap_or("name not heard");
        format!("{name}, MMSI {}", vessel.mmsi)
    });
    let regions: Vec<String> = contact
        .regions
        .iter()
        .map(|hit| {
            let region = page.regions.get(&hit.region_id);
            region.map_or_else(|| hit.region_id.clone(), |region| region.name.clone())
        })
        .collect();
    vec![
        number.to_string(),
        contact.verdict.to_string(),
        format!("{:.0} %", 100.0 * contact.probability),
        place_text(contact.position),
        time(contact.time),
        contact
            .length_m
            .map_or_else(String::new, |m| format!("{m:.0} m")),
        vessel,
        regions.join("; "),
        contact.reasons.join(" "),
    ]
}

/// A place as a reader writes it down: latitude first, with hemispheres.
pub(super) fn place_text(place: LonLat) -> String {
    let (lat, lon) = (place.lat_deg, place.lon_deg);
    format!(
        "{:.4}° {} {:.4}° {}",
        lat.abs(),
        if lat < 0.0 { 'S' } else { 'N' },
        lon.abs(),
        if lon < 0.0 { 'W' } else { 'E' }
    )
}

/// Shapes and colours of the quick-look's markers: the same outlines as in the pictures.
fn legend(html: &mut Html) {
    html.raw("<ul class=\"legend\">\n");
    for verdict in Verdict::ALL {
        let (colour, points) = match verdict {
            Verdict::Correlated => ("#009e73", "M8 2a6 6 0 1 0 .01 0Z"),
            Verdict::Ambiguous => ("#f0e442", "M8 2L14 8L8 14L2 8Z"),
            Verdict::Uncorrelated => ("#e65a28", "M3 3H13V13H3Z"),
            Verdict::AisOnly => ("#56b4e9", "M8 2L14 13H2Z"),
            Verdict::Fixed => ("#aaaaaa", "M2 8H14M8 2V14"),
            Verdict::NotAssessable => ("#ffffff", "M3 3L13 13M3 13L13 3"),
        };
        html.raw(&format!(
            "<li><svg viewBox=\"0 0 16 16\" aria-hidden=\"true\"><path d=\"{points}\" fill=\"none\" \
             stroke=\"{colour}\" stroke-width=\"2\"/></svg> {verdict}: {}</li>\n",
            meaning(verdict)
        ));
    }
    html.raw("</ul>\n");
}

/// What a verdict says, in words.
fn meaning(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Correlated => "one vessel's AIS explains it",
        Verdict::Ambiguous => "several vessels explain it about as well",
        Verdict::Uncorrelated => "no vessel heard explains it, though AIS was being received",
        Verdict::AisOnly => "AIS puts a vessel here and the image shows none",
        Verdict::Fixed => "a fixed structure",
        Verdict::NotAssessable => {
            "nothing can be said: no AIS reception there and then, or no time or place"
        }
    }
}
