//! The page's part on events of AIS: a row each, by start.

use super::Page;
use super::markup::{Html, time};
use super::scenes::place_text;

/// Rows that are shown; the store holds all.
const SHOWN: usize = 500;

pub(super) fn events(html: &mut Html, page: &Page<'_>) {
    if page.ais.files.is_empty() {
        return;
    }
    html.raw("<h2>Events of AIS</h2>\n");
    if page.events.is_empty() {
        html.raw(
            "<p>No event. What was received stands below; silence of a receiver is no event.</p>\n",
        );
        return;
    }
    html.head(&["Event", "From", "To", "Vessels", "Place", "Why"]);
    for event in page.events.iter().take(SHOWN) {
        let vessels: Vec<String> = event
            .vessels
            .iter()
            .map(|vessel| match &vessel.name {
                Some(name) => format!("{name}, MMSI {}", vessel.mmsi),
                None => format!("MMSI {}", vessel.mmsi),
            })
            .collect();
        html.row(&[
            event.kind.phrase().to_owned(),
            time(event.start),
            event.end.map_or_else(|| "goes on".to_owned(), time),
            vessels.join("; "),
            place_text(event.position),
            event.reasons.join(" "),
        ]);
    }
    html.foot();
    if page.events.len() > SHOWN {
        let more = format!(
            "{} more stand in the store, table events.",
            page.events.len() - SHOWN
        );
        html.element("p", &more);
    }
}
