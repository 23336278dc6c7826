//! The page's part on alerts: one block each, with its reasons, regions and evidence.

use super::markup::{Html, escaped, href, time};
use super::{Page, PageAlert};
use crate::model::alert::{Alert, MessageType};

pub(super) fn alerts(html: &mut Html, page: &Page<'_>) {
    html.raw("<h2>Alerts</h2>\n");
    if page.alerts.is_empty() {
        html.raw("<p>No rule fired. What was searched stands below.</p>\n");
    }
    let mut parts: Vec<&PageAlert<'_>> = page.alerts.iter().collect();
    // What asks for action comes first; withdrawn alerts have the urgency `Past` and come last.
    parts.sort_by_key(|part| {
        let alert = part.alert;
        (
            alert.urgency,
            alert.severity,
            alert.kind,
            alert.observed,
            &alert.id,
        )
    });
    for part in parts {
        block(html, part, page);
    }
}

fn block(html: &mut Html, part: &PageAlert<'_>, page: &Page<'_>) {
    let alert = part.alert;
    html.raw("<article id=\"").text(&alert.id).raw("\">\n");
    if let Some(chip) = &part.chip {
        let alt = escaped(&format!("Image about the contact: {}", alert.headline));
        html.raw(&format!(
            "<a href=\"{0}\"><img src=\"{0}\" alt=\"{alt}\"></a>\n",
            href(chip)
        ));
    }
    html.element("h3", &alert.headline);
    html.raw("<p>");
    for tag in tags(alert) {
        html.raw("<span class=\"tag\">").text(tag).raw("</span>");
    }
    html.raw("</p>\n");
    html.element("p", &alert.description);
    list(html, &alert.reasons);
    html.head(&["What", "Value"]);
    for (name, value) in facts(alert) {
        html.row(&[name.to_owned(), value]);
    }
    html.foot();
    regions(html, alert, page);
    if !alert.evidence.not_searched.is_empty() {
        html.raw("<p>Not looked at:</p>\n");
        list(html, &alert.evidence.not_searched);
    }
    html.raw("</article>\n");
}

fn list(html: &mut Html, sentences: &[String]) {
    if sentences.is_empty() {
        return;
    }
    html.raw("<ul>\n");
    for sentence in sentences {
        html.element("li", sentence);
    }
    html.raw("</ul>\n");
}

fn tags(alert: &Alert) -> Vec<String> {
    let revision = match alert.message_type {
        MessageType::Alert => "new".to_owned(),
        MessageType::Update => format!("revision {}", alert.revision),
        MessageType::Cancel => format!("withdrawn in revision {}", alert.revision),
    };
    vec![
        alert.status.to_string(),
        alert.tlp.to_string(),
        revision,
        format!("urgency {}", alert.urgency),
        format!("severity {}", alert.severity),
        format!("certainty {}", alert.certainty),
    ]
}

fn facts(alert: &Alert) -> Vec<(&'static str, String)> {
    let evidence = &alert.evidence;
    let place = format!(
        "{}, within {:.0} m (95 %)",
        super::scenes::place_text(alert.position),
        alert.position_radius_m
    );
    let mut facts = vec![
        ("Alert", alert.id.clone()),
        ("Rule", format!("{} ({})", alert.rule, alert.kind.as_str())),
        ("Observed", time(alert.observed)),
        ("Sent", time(alert.sent)),
        ("Expires", time(alert.expires)),
        ("Place", place),
    ];
    let told = [
        ("Verdict", &evidence.verdict),
        ("Vessel", &evidence.vessel_name),
        ("MMSI", &evidence.mmsi),
        ("Contact", &evidence.contact_id),
        ("Detection", &evidence.detection_id),
        ("Scene", &evidence.scene_id),
    ];
    for (name, value) in told {
        facts.extend(value.clone().map(|value| (name, value)));
    }
    facts.extend(
        evidence
            .probability
            .map(|p| ("Probability", format!("{:.0} %", 100.0 * p))),
    );
    facts.extend(evidence.length_m.map(|m| ("Length", format!("{m:.0} m"))));
    facts
}

fn regions(html: &mut Html, alert: &Alert, page: &Page<'_>) {
    if alert.regions.is_empty() {
        return;
    }
    html.head(&["Watch region", "Watch distance", "Distance"]);
    for (index, hit) in alert.regions.iter().enumerate() {
        let name = page.regions.get(&hit.region_id).map_or_else(
            || {
                let told = alert.region_names.get(index);
                told.cloned().unwrap_or_else(|| hit.region_id.clone())
            },
            crate::model::region::WatchRegion::label,
        );
        html.row(&[
            name,
            hit.zone_nm
                .map_or_else(|| "area".to_owned(), |nm| format!("{nm} nm")),
            format!("{:.1} km", hit.distance_m / 1000.0),
        ]);
    }
    html.foot();
}
