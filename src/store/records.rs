//! Model types as rows: plain columns for people with a GIS, and the whole record as JSON for an exact way back.

use super::geometry;
use super::rows::Row;
use super::{JournalEntry, OutboxEntry, Receipt, SceneBatch, StoreError};
use crate::model::alert::Alert;
use crate::model::channel::{Channel, Dispatch};
use crate::model::contact::{Contact, RegionHit};
use crate::model::detection::Detection;
use crate::model::event::Event;
use crate::model::partner::{AuditEntry, Partner, PartnerKey};
use crate::model::region::RegionZone;
use crate::model::scene::SceneRecord;
use crate::model::track::Track;
use jiff::Timestamp;
use rusqlite::types::Value;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// GeoPackage DATETIME: RFC 3339 in UTC, to the millisecond.
pub(super) fn date_time(time: Timestamp) -> String {
    format!("{time:.3}")
}

pub(super) fn scene(batch: &SceneBatch<'_>) -> Result<Row, StoreError> {
    let record = SceneRecord {
        scene: batch.scene.clone(),
        search: batch.search,
        run: batch.run.clone(),
        digest: batch.digest.to_owned(),
    };
    let json = exact_json("scenes", &batch.scene.id, &record)?;
    let (s, search) = (batch.scene, &batch.search);
    let polarisations: Vec<String> = s.polarisations.iter().map(ToString::to_string).collect();
    Ok(Row {
        geometry: s.footprint.as_ref().and_then(geometry::multi_polygon),
        values: vec![
            text(&s.id),
            time(s.middle()),
            time(s.start),
            time(s.stop),
            text(&s.platform),
            text(&s.mode),
            text(&s.product_type),
            text(&polarisations.join("+")),
            count(search.searched_px),
            number(search.searched_km2),
            count(search.land_px),
            count(search.no_data_px),
            count(search.detections),
            Value::Integer(s.simulated.into()),
            text(&s.notes.join(" ")),
            time(Some(batch.run.time)),
            text(&batch.run.pipeline),
            text(&s.path),
            text(batch.digest),
            json,
        ],
    })
}

/// `sequence` is the detection's place in the list it came in.
pub(super) fn detection(d: &Detection, sequence: usize) -> Result<Row, StoreError> {
    let json = exact_json("detections", &d.id, d)?;
    Ok(Row {
        geometry: d.position.and_then(geometry::point),
        values: vec![
            text(&d.id),
            text(&d.scene_id),
            count(sequence as u64),
            time(d.time),
            Value::Real(d.row),
            Value::Real(d.col),
            number(d.position_sigma_m),
            number(d.length_m),
            number(d.length_sigma_m),
            number(d.width_m),
            number(d.width_sigma_m),
            number(d.heading_deg),
            number(d.heading_sigma_deg),
            Value::Real(d.score),
            Value::Real(d.snr_db),
            Value::Real(d.mean_contrast_db),
            text(&d.polarisation_text()),
            count(d.pixels.into()),
            number(d.shore_distance_m),
            text(&d.flag_text()),
            json,
        ],
    })
}

pub(super) fn contact(c: &Contact) -> Result<Row, StoreError> {
    let json = exact_json("contacts", &c.id, c)?;
    let (vessel, second) = (c.vessel.as_ref(), c.runner_up.as_ref());
    Ok(Row {
        geometry: geometry::point(c.position),
        values: vec![
            text(&c.id),
            text(&c.scene_id),
            optional(c.detection_id.as_deref()),
            time(Some(c.time)),
            text(c.verdict.as_str()),
            Value::Real(c.probability),
            optional(second.map(|s| s.verdict.as_str())),
            optional(
                second
                    .and_then(|s| s.mmsi)
                    .map(|mmsi| mmsi.to_string())
                    .as_deref(),
            ),
            number(second.map(|s| s.probability)),
            Value::Real(c.position_sigma_m),
            number(c.length_m),
            optional(vessel.map(|v| v.mmsi.to_string()).as_deref()),
            optional(vessel.and_then(|v| v.name.as_deref())),
            number(vessel.and_then(|v| v.offset_m)),
            number(vessel.map(|v| v.dt_s)),
            number(vessel.and_then(|v| v.length_m)),
            number(vessel.and_then(|v| v.azimuth_shift_m)),
            text(&region_ids(&c.regions)),
            text(&c.reasons.join(" ")),
            Value::Integer(c.simulated.into()),
            json,
        ],
    })
}

pub(super) fn track(source: &str, t: &Track) -> Row {
    let vessel = &t.vessel;
    Row {
        geometry: geometry::track(t),
        values: vec![
            text(source),
            text(&t.mmsi.to_string()),
            count(t.part.into()),
            optional(vessel.name.as_deref()),
            optional(vessel.call_sign.as_deref()),
            vessel.imo.map_or(Value::Null, |imo| count(imo.into())),
            vessel
                .ship_type
                .map_or(Value::Null, |code| count(code.into())),
            word(&t.class),
            number(vessel.length_m),
            number(vessel.width_m),
            optional(vessel.destination.as_deref()),
            time(t.positions.first().map(|p| p.time)),
            time(t.positions.last().map(|p| p.time)),
            count(t.positions.len() as u64),
            count(t.gaps.len() as u64),
            t.distress.as_ref().map_or(Value::Null, word),
            Value::Integer(t.simulated.into()),
        ],
    }
}

pub(super) fn event(source: &str, e: &Event) -> Result<Row, StoreError> {
    let json = exact_json("events", &e.id, e)?;
    let names: Vec<&str> = e.vessels.iter().filter_map(|v| v.name.as_deref()).collect();
    let evidence: Vec<String> = e
        .evidence
        .iter()
        .map(|(name, value)| format!("{name} {value}"))
        .collect();
    Ok(Row {
        geometry: geometry::point(e.position),
        values: vec![
            text(source),
            text(&e.id),
            text(e.kind.as_str()),
            time(Some(e.start)),
            time(e.end),
            number(e.hours()),
            text(&e.mmsi_text()),
            text(&names.join("; ")),
            Value::Real(e.radius_m),
            text(&evidence.join("; ")),
            text(&e.reasons.join(" ")),
            Value::Integer(e.simulated.into()),
            json,
        ],
    })
}

pub(super) fn alert(a: &Alert) -> Result<Row, StoreError> {
    let json = exact_json("alerts", &alert_key(&a.id, a.revision), a)?;
    let evidence = &a.evidence;
    Ok(Row {
        geometry: geometry::point(a.position),
        values: vec![
            text(&a.id),
            count(a.revision.into()),
            text(a.message_type.as_str()),
            text(a.status.as_str()),
            time(Some(a.observed)),
            time(Some(a.sent)),
            time(Some(a.expires)),
            text(&a.rule),
            text(a.kind.as_str()),
            text(a.urgency.as_str()),
            text(a.severity.as_str()),
            text(a.certainty.as_str()),
            text(a.tlp.as_str()),
            text(&a.headline),
            text(&a.description),
            text(&a.reasons.join(" ")),
            Value::Real(a.position_radius_m),
            text(&region_ids(&a.regions)),
            text(&a.region_names.join("; ")),
            optional(evidence.scene_id.as_deref()),
            optional(evidence.detection_id.as_deref()),
            optional(evidence.contact_id.as_deref()),
            optional(evidence.mmsi.as_deref()),
            optional(evidence.vessel_name.as_deref()),
            optional(evidence.verdict.as_deref()),
            number(evidence.probability),
            number(evidence.length_m),
            json,
        ],
    })
}

/// How an alert revision is called in messages.
pub(super) fn alert_key(alert_id: &str, revision: u32) -> String {
    format!("{alert_id} revision {revision}")
}

pub(super) fn region_zone(zone: &RegionZone) -> Row {
    let region = &zone.region;
    let zone_id = match zone.zone_nm {
        Some(zone_nm) => format!("{}@{zone_nm}nm", region.id),
        None => region.id.clone(),
    };
    Row {
        geometry: geometry::multi_polygon(&zone.outline),
        values: vec![
            text(&zone_id),
            text(&region.id),
            number(zone.zone_nm),
            text(&region.name),
            text(&region.label()),
            text(&region.group),
            text(&region.parties.join(";")),
            region.grade.as_ref().map_or(Value::Null, word),
            text(&region.source),
        ],
    }
}

pub(super) fn outbox(entry: &OutboxEntry) -> Row {
    Row {
        geometry: None,
        values: vec![
            text(&entry.audience),
            text(&entry.message_id),
            text(&entry.alert_id),
            count(entry.revision.into()),
            text(&entry.media_type),
            text(&entry.file_name),
            Value::Blob(entry.bytes.clone()),
            text(&entry.trace_id),
        ],
    }
}

/// An outbox entry from its columns in the table's order.
pub(super) fn read_outbox(row: &rusqlite::Row<'_>) -> rusqlite::Result<OutboxEntry> {
    Ok(OutboxEntry {
        audience: row.get(0)?,
        message_id: row.get(1)?,
        alert_id: row.get(2)?,
        revision: row.get(3)?,
        media_type: row.get(4)?,
        file_name: row.get(5)?,
        bytes: row.get(6)?,
        trace_id: row.get(7)?,
    })
}

pub(super) fn receipt(receipt: &Receipt) -> Row {
    Row {
        geometry: None,
        values: vec![
            text(&receipt.audience),
            text(&receipt.message_id),
            text(&receipt.channel),
            time(Some(receipt.delivered)),
            text(&receipt.target),
            text(&receipt.trace_id),
        ],
    }
}

pub(super) fn journal(entry: &JournalEntry) -> Row {
    Row {
        geometry: None,
        values: vec![
            text(&entry.input),
            text(&entry.digest),
            text(entry.outcome.as_str()),
            text(&entry.message),
        ],
    }
}

pub(super) fn partner(partner: &Partner) -> Result<Row, StoreError> {
    let scopes: Vec<&str> = partner.scopes.iter().map(|scope| scope.as_str()).collect();
    Ok(Row {
        geometry: None,
        values: vec![
            text(&partner.id),
            text(&partner.name),
            text(partner.audience.tlp.as_str()),
            text(&scopes.join(";")),
            exact_json("partners", &partner.id, partner)?,
        ],
    })
}

pub(super) fn partner_key(key: &PartnerKey) -> Result<Row, StoreError> {
    Ok(Row {
        geometry: None,
        values: vec![
            text(&key.id),
            text(&key.partner),
            time(Some(key.created)),
            time(Some(key.expires)),
            time(key.revoked),
            exact_json("partner_keys", &key.id, key)?,
        ],
    })
}

pub(super) fn audit(entry: &AuditEntry) -> Row {
    Row {
        geometry: None,
        values: vec![
            text(&entry.audience),
            text(&entry.alert_id),
            count(entry.revision.into()),
            text(&entry.exit),
            time(Some(entry.time)),
            optional(entry.key_id.as_deref()),
        ],
    }
}

pub(super) fn channel(channel: &Channel) -> Result<Row, StoreError> {
    let id = format!("{} of {}", channel.id, channel.partner);
    Ok(Row {
        geometry: None,
        values: vec![
            text(&channel.partner),
            text(&channel.id),
            text(channel.route.kind()),
            text(channel.route.target()),
            exact_json("channels", &id, channel)?,
        ],
    })
}

pub(super) fn dispatch(dispatch: &Dispatch) -> Row {
    Row {
        geometry: None,
        values: vec![
            text(&dispatch.partner),
            text(&dispatch.message_id),
            text(&dispatch.channel),
            text(dispatch.state.as_str()),
            count(dispatch.attempts.into()),
            time(dispatch.last_attempt),
            time(dispatch.next_attempt),
            dispatch.latency_ms.map_or(Value::Null, count),
            text(&dispatch.answer),
            text(&dispatch.trace_id),
            text(&dispatch.target),
            count(dispatch.refusals.into()),
        ],
    }
}

/// The record as JSON, refused unless it reads back as the same record.
fn exact_json<T>(table: &'static str, id: &str, record: &T) -> Result<Value, StoreError>
where
    T: Serialize + DeserializeOwned + PartialEq,
{
    let json = serde_json::to_string(record).ok();
    let exact =
        json.filter(|json| serde_json::from_str::<T>(json).is_ok_and(|back| back == *record));
    exact.map(Value::Text).ok_or_else(|| StoreError::NotExact {
        table,
        id: id.to_owned(),
    })
}

/// The word that serde writes for a plain enum.
fn word<T: Serialize>(value: &T) -> Value {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Value::Text(word),
        _ => Value::Null,
    }
}

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

fn optional(value: Option<&str>) -> Value {
    value.map_or(Value::Null, text)
}

/// SQLite keeps no NaN: it is unknown.
fn number(value: Option<f64>) -> Value {
    value
        .filter(|value| !value.is_nan())
        .map_or(Value::Null, Value::Real)
}

fn count(value: u64) -> Value {
    Value::Integer(i64::try_from(value).unwrap_or(i64::MAX))
}

fn time(time: Option<Timestamp>) -> Value {
    time.map_or(Value::Null, |time| Value::Text(date_time(time)))
}

fn region_ids(hits: &[RegionHit]) -> String {
    let ids: Vec<&str> = hits.iter().map(|hit| hit.region_id.as_str()).collect();
    ids.join(";")
}
