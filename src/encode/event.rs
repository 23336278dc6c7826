//! An alert as an event to be pushed: the body of a webhook, and CloudEvents 1.0.2.
//!
//! The data is the alert's GeoJSON feature, as in the alerts file, and what it replaces. Bodies stay under 20 kB, which
//! Standard Webhooks asks for: texts are shortened, and `shortened` says so; the whole text stands in the CAP document.
//!
//! # Source
//!
//! Standard Webhooks 1.0, "Payload structure"; CloudEvents 1.0.2 with its JSON, HTTP and MQTT bindings and its
//! extensions `traceparent`, `expirytime` and `dataclassification`.

use super::cap::identifier;
use super::geojson;
use super::text::{at_most, rfc3339};
use crate::model::alert::{Alert, MessageType};
use serde_json::{Value, json};

/// Media type of a webhook body and of CloudEvents data.
pub const JSON: &str = "application/json";
/// Media type of a CloudEvent in one document.
pub const CLOUD_EVENT: &str = "application/cloudevents+json";

/// Longest body, bytes.
const BODY_LIMIT: usize = 20_000;

/// Characters a text may keep, tried in this order until the body is short enough.
const TEXT_LIMITS: [usize; 5] = [usize::MAX, 2_000, 500, 100, 0];

/// Where an event comes from and which chain of work it belongs to.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// CloudEvents `source`: a URI reference of this node.
    pub source: &'a str,
    /// Id of the message, stable over attempts.
    pub message_id: &'a str,
    /// W3C Trace Context `traceparent`.
    pub traceparent: &'a str,
}

/// The body `{type, timestamp, data}` of Standard Webhooks.
pub fn standard(alert: &Alert) -> Vec<u8> {
    short_enough(
        alert,
        |data| json!({"type": kind(alert), "timestamp": rfc3339(alert.sent), "data": data}),
    )
}

/// The data alone, for a CloudEvent in binary form.
pub fn data(alert: &Alert) -> Vec<u8> {
    short_enough(alert, |data| data)
}

/// A CloudEvent in one JSON document.
pub fn cloud_event(alert: &Alert, origin: &Origin<'_>) -> Vec<u8> {
    short_enough(alert, |data| {
        let mut event = serde_json::Map::new();
        for (name, value) in attributes(alert, origin) {
            event.insert(name.to_owned(), value.into());
        }
        event.insert("datacontenttype".to_owned(), JSON.into());
        event.insert("data".to_owned(), data);
        Value::Object(event)
    })
}

/// A CloudEvent's attributes by their bare names, for headers and user properties.
pub fn attributes(alert: &Alert, origin: &Origin<'_>) -> Vec<(&'static str, String)> {
    vec![
        ("specversion", "1.0".to_owned()),
        ("id", origin.message_id.to_owned()),
        ("source", origin.source.to_owned()),
        ("type", format!("org.tidewatch.{}.v1", kind(alert))),
        ("subject", alert.id.clone()),
        ("time", rfc3339(alert.sent)),
        ("expirytime", rfc3339(alert.expires)),
        ("dataclassification", alert.tlp.as_str().to_owned()),
        ("traceparent", origin.traceparent.to_owned()),
    ]
}

/// Kind of event as Standard Webhooks names it.
fn kind(alert: &Alert) -> &'static str {
    match alert.message_type {
        MessageType::Alert => "alert.created",
        MessageType::Update => "alert.updated",
        MessageType::Cancel => "alert.cancelled",
    }
}

fn short_enough(alert: &Alert, body: impl Fn(Value) -> Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    for limit in TEXT_LIMITS {
        bytes = body(feature(alert, limit)).to_string().into_bytes();
        if bytes.len() < BODY_LIMIT {
            break;
        }
    }
    bytes
}

/// The alert as a feature with texts of at most `limit` characters, and the ids of the messages it replaces.
fn feature(alert: &Alert, limit: usize) -> Value {
    let mut feature = geojson::alert(alert);
    let replaces: Vec<String> = alert
        .replaces
        .iter()
        .map(|(revision, _)| identifier(&alert.id, *revision))
        .collect();
    let Some(properties) = feature["properties"].as_object_mut() else {
        return feature;
    };
    let mut shortened = false;
    if limit < usize::MAX {
        for value in properties.values_mut() {
            if let Value::String(text) = value {
                let short = at_most(text, limit.max(LONGEST_ID));
                shortened |= short != *text;
                *text = short;
            }
        }
    }
    properties.insert("replaces".to_owned(), newest(replaces, limit).into());
    properties.insert("shortened".to_owned(), shortened.into());
    feature
}

/// Ids, times and words are never cut.
const LONGEST_ID: usize = 80;

/// The newest of the replaced messages, where texts must be short.
fn newest(mut ids: Vec<String>, limit: usize) -> Vec<String> {
    let keep = if limit < usize::MAX { 20 } else { ids.len() };
    ids.drain(..ids.len().saturating_sub(keep));
    ids
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panic")]
mod tests {
    use super::*;
    use crate::model::alert::Tlp;
    use crate::model::alert_sample;

    fn alert() -> Alert {
        alert_sample::marked("alert-00ff", Tlp::Green)
    }

    const ORIGIN: Origin<'_> = Origin {
        source: "/tidewatch",
        message_id: "alert-00ff.r2",
        traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    };

    #[test]
    fn a_webhook_body_says_what_happened_and_carries_the_feature() {
        let body: Value = serde_json::from_slice(&standard(&alert())).unwrap();
        assert_eq!(body["type"], "alert.created");
        assert_eq!(body["data"]["type"], "Feature");
        assert_eq!(body["data"]["properties"]["tlp"], "TLP:GREEN");
        assert_eq!(body["data"]["properties"]["shortened"], false);
    }

    #[test]
    fn a_cloud_event_has_what_the_standard_requires() {
        let event: Value = serde_json::from_slice(&cloud_event(&alert(), &ORIGIN)).unwrap();
        for name in ["id", "source", "specversion", "type"] {
            assert!(
                event[name].as_str().is_some_and(|s| !s.is_empty()),
                "{name}"
            );
        }
        for (name, _) in attributes(&alert(), &ORIGIN) {
            let plain = name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
            assert!(plain && name.len() <= 20, "{name}");
        }
    }

    #[test]
    fn a_body_stays_under_20_kb_and_says_that_it_was_shortened() {
        let mut long = alert();
        long.description = "长".repeat(30_000);
        long.reasons = vec!["r".repeat(30_000)];
        long.region_names = vec!["n".repeat(30_000)];
        long.replaces = (1..2_000).map(|n| (n, long.sent)).collect();
        for body in [standard(&long), data(&long), cloud_event(&long, &ORIGIN)] {
            assert!(body.len() < BODY_LIMIT, "{}", body.len());
            assert!(
                String::from_utf8(body)
                    .unwrap()
                    .contains("\"shortened\":true")
            );
        }
    }
}
