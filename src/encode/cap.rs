//! An alert as a CAP 1.2 message.
//!
//! In: an [`Alert`] and who sends it. Out: XML with the elements in the order of the schema and no white space between
//! them, so that a signature put on later holds for readers that drop blank text. Times are written with `+00:00`: the
//! schema refuses `Z` and fractions of a second. This is the only place where coordinates are lat,lon.
//!
//! Source: OASIS, Common Alerting Protocol Version 1.2 (2010), with its schema.

use super::area;
use super::language::{ENGLISH, Language, Phrases};
use super::text::{at_most, fixed, plain_name, without_controls};
use crate::model::alert::{Alert, AlertKind, MessageType, Status, Tlp};
use crate::model::message::Message;
use jiff::Timestamp;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::io;

/// Media type of a CAP message.
pub const MEDIA_TYPE: &str = "application/cap+xml";

const NAMESPACE: &str = "urn:oasis:names:tc:emergency:cap:1.2";

/// Readers want headlines of under 140 characters.
const HEADLINE_LIMIT: usize = 139;

/// Smallest radius of the area, metres: people act in an area, never at a point.
pub(super) const LEAST_RADIUS_M: f64 = 250.0;

/// Who sends alerts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CapSender {
    /// Globally unique id of the sender, in the form of a mail address; blanks, commas, `<` and `&` become `-`.
    pub sender: String,
    /// Name for people.
    pub sender_name: String,
    /// Page with more on the alert.
    #[serde(default)]
    pub web: Option<String>,
    /// How to reach the sender.
    #[serde(default)]
    pub contact: Option<String>,
    /// Name of the exercise, written into the note of every message with status `Exercise`.
    #[serde(default)]
    pub exercise: Option<String>,
    /// Languages beside English, each in an `info` of its own, in the order of their tags.
    #[serde(default)]
    pub languages: BTreeSet<Language>,
}

/// Writes one revision of an alert as a CAP 1.2 document: an `info` in English and one in each of the sender's other languages, names
/// of regions in all languages.
///
/// The message's id is the CAP identifier, `<alert id>.r<revision>`: equal for equal revisions. The file name carries
/// the marking. Characters that XML cannot hold are left out of every text.
pub fn cap(alert: &Alert, sender: &CapSender) -> Message {
    let mut writer = Writer::new(Vec::new());
    write_document(&mut writer, alert, sender).expect("writing into memory does not fail");
    let id = identifier(&alert.id, alert.revision);
    Message {
        file_name: format!(
            "{id}.{}.cap.xml",
            plain_name(alert.tlp.as_str()).to_lowercase()
        ),
        id,
        media_type: MEDIA_TYPE,
        bytes: writer.into_inner(),
    }
}

fn write_document(writer: &mut Xml, alert: &Alert, sender: &CapSender) -> io::Result<()> {
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    writer
        .create_element("alert")
        .with_attribute(("xmlns", NAMESPACE))
        .write_inner_content(|xml| {
            write_head(xml, alert, sender)?;
            let others = sender.languages.iter().map(|language| language.phrases());
            for phrases in std::iter::once(&ENGLISH).chain(others) {
                xml.create_element("info")
                    .write_inner_content(|xml| write_info(xml, alert, sender, phrases))?;
            }
            Ok(())
        })?;
    Ok(())
}

fn write_head(xml: &mut Xml, alert: &Alert, sender: &CapSender) -> io::Result<()> {
    element(xml, "identifier", &identifier(&alert.id, alert.revision))?;
    element(xml, "sender", &sender_id(sender))?;
    element(xml, "sent", &date_time(alert.sent))?;
    element(xml, "status", alert.status.as_str())?;
    element(xml, "msgType", alert.message_type.as_str())?;
    if alert.tlp == Tlp::Clear {
        element(xml, "scope", "Public")?;
    } else {
        element(xml, "scope", "Restricted")?;
        element(xml, "restriction", alert.tlp.as_str())?;
    }
    if let Some(note) = note(alert, sender) {
        element(xml, "note", &note)?;
    }
    if alert.message_type != MessageType::Alert && !alert.replaces.is_empty() {
        element(xml, "references", &references(alert, sender))?;
    }
    Ok(())
}

/// One language's block. Category and event are the same in all: receivers filter by them.
fn write_info(
    xml: &mut Xml,
    alert: &Alert,
    sender: &CapSender,
    phrases: &Phrases,
) -> io::Result<()> {
    let english = || (alert.headline.clone(), description(alert));
    let (headline, description) = phrases.text(alert).unwrap_or_else(english);
    element(xml, "language", phrases.tag)?;
    element(xml, "category", category(alert))?;
    element(xml, "event", ENGLISH.matter(alert))?;
    element(xml, "responseType", response(alert.message_type))?;
    element(xml, "urgency", alert.urgency.as_str())?;
    element(xml, "severity", alert.severity.as_str())?;
    element(xml, "certainty", alert.certainty.as_str())?;
    // An alert on old imagery may have expired before it was made: it must still not take effect after its end.
    element(xml, "effective", &date_time(alert.sent.min(alert.expires)))?;
    element(xml, "onset", &date_time(alert.observed))?;
    element(xml, "expires", &date_time(alert.expires))?;
    element(xml, "senderName", &sender.sender_name)?;
    element(xml, "headline", &at_most(&headline, HEADLINE_LIMIT))?;
    element(xml, "description", &description)?;
    element(xml, "instruction", phrases.instruction(alert))?;
    if let Some(web) = &sender.web {
        element(xml, "web", web)?;
    }
    if let Some(contact) = &sender.contact {
        element(xml, "contact", contact)?;
    }
    for (name, value) in parameters(alert) {
        xml.create_element("parameter").write_inner_content(|xml| {
            element(xml, "valueName", name)?;
            element(xml, "value", &value)
        })?;
    }
    xml.create_element("area")
        .write_inner_content(|xml| write_area(xml, alert, phrases))?;
    Ok(())
}

fn write_area(xml: &mut Xml, alert: &Alert, phrases: &Phrases) -> io::Result<()> {
    // `max` takes the number if the radius is not one.
    let radius_m = alert.position_radius_m.max(LEAST_RADIUS_M);
    let place = alert.position;
    element(xml, "areaDesc", &phrases.area(alert, radius_m))?;
    let Some(rings) = area::circle(place, radius_m) else {
        let circle = format!(
            "{:.5},{:.5} {:.3}",
            place.lat_deg,
            place.lon_deg,
            radius_m / 1000.0
        );
        return element(xml, "circle", &circle);
    };
    for ring in rings {
        let corners: Vec<String> = ring
            .iter()
            .map(|(lon, lat)| format!("{lat:.5},{lon:.5}"))
            .collect();
        element(xml, "polygon", &corners.join(" "))?;
    }
    Ok(())
}

type Xml = Writer<Vec<u8>>;

fn element(xml: &mut Xml, name: &str, text: &str) -> io::Result<()> {
    xml.create_element(name)
        .write_text_content(BytesText::new(without_controls(text).trim()))?;
    Ok(())
}

/// The CAP identifier of an alert revision: equal to the alert's id in every format.
pub(super) fn identifier(alert_id: &str, revision: u32) -> String {
    format!("{}.r{revision}", plain_name(alert_id))
}

fn sender_id(sender: &CapSender) -> String {
    without_controls(&sender.sender)
        .chars()
        .map(|c| {
            if c.is_whitespace() || matches!(c, ',' | '<' | '&') {
                '-'
            } else {
                c
            }
        })
        .collect()
}

fn date_time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}

fn note(alert: &Alert, sender: &CapSender) -> Option<String> {
    match (alert.status, &sender.exercise) {
        (Status::Actual, _) => None,
        (Status::Exercise, Some(name)) => Some(format!("Exercise: {name}. Not a real event.")),
        (Status::Exercise, None) => Some(ENGLISH.exercise.to_owned()),
        (Status::Test, _) => Some(ENGLISH.test.to_owned()),
    }
}

fn references(alert: &Alert, sender: &CapSender) -> String {
    let sender = sender_id(sender);
    let triples: Vec<String> = alert
        .replaces
        .iter()
        .map(|(revision, sent)| {
            format!(
                "{sender},{},{}",
                identifier(&alert.id, *revision),
                date_time(*sent)
            )
        })
        .collect();
    triples.join(" ")
}

fn category(alert: &Alert) -> &'static str {
    match alert.kind {
        AlertKind::UncorrelatedContact | AlertKind::ZoneEntry => "Security",
        AlertKind::AisOnly | AlertKind::AisEvent => "Transport",
        AlertKind::DistressBeacon => "Rescue",
    }
}

fn response(message_type: MessageType) -> &'static str {
    match message_type {
        MessageType::Alert | MessageType::Update => "Assess",
        MessageType::Cancel => "None",
    }
}

fn description(alert: &Alert) -> String {
    let mut parts = vec![alert.description.trim().to_owned()];
    if !alert.reasons.is_empty() {
        parts.push(format!("Why: {}", alert.reasons.join(" ")));
    }
    if !alert.evidence.not_searched.is_empty() {
        parts.push(format!(
            "Not searched: {}",
            alert.evidence.not_searched.join(" ")
        ));
    }
    parts.join("\n")
}

fn parameters(alert: &Alert) -> Vec<(&'static str, String)> {
    let evidence = &alert.evidence;
    let known = [
        ("mda:alert_id", Some(alert.id.clone())),
        ("mda:revision", Some(alert.revision.to_string())),
        ("mda:rule", Some(alert.rule.clone())),
        ("mda:kind", Some(alert.kind.as_str().to_owned())),
        ("mda:tlp", Some(alert.tlp.as_str().to_owned())),
        ("mda:detection_id", evidence.detection_id.clone()),
        ("mda:contact_id", evidence.contact_id.clone()),
        ("mda:scene_id", evidence.scene_id.clone()),
        ("mda:correlation", evidence.verdict.clone()),
        (
            "mda:probability",
            evidence.probability.and_then(|p| fixed(p, 3)),
        ),
        (
            "mda:length_m",
            evidence.length_m.and_then(|length| fixed(length, 0)),
        ),
        ("mda:event_id", evidence.event_id.clone()),
        (
            "mda:event",
            evidence.event.map(|kind| kind.as_str().to_owned()),
        ),
        ("mda:mmsi", evidence.mmsi.clone()),
        ("mda:vessel_name", evidence.vessel_name.clone()),
        ("mda:position_radius_m", fixed(alert.position_radius_m, 0)),
    ];
    known
        .into_iter()
        .filter_map(|(name, value)| value.map(|value| (name, value)))
        .collect()
}

#[cfg(test)]
#[path = "cap_tests.rs"]
mod tests;
