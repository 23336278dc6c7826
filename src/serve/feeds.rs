//! CAP files at addresses that never change, and their RSS and Atom indexes: for the reader, for a region, for a partner.

use super::access::Reader;
use super::answer::{Document, Problem};
use super::state::{Held, State};
use crate::encode::rss_atom::{ATOM_MEDIA_TYPE, Index, RSS_MEDIA_TYPE, atom, rss};
use crate::encode::{cap, cap::MEDIA_TYPE as CAP_MEDIA_TYPE, encoded};
use crate::model::alert::Alert;
use axum::Extension;
use axum::extract::{Path, State as Shared};
use axum::http::HeaderMap;
use axum::response::Response;
use jiff::Timestamp;
use std::sync::Arc;

/// `/alerts/<identifier>.xml`.
pub(super) async fn alert_file(
    Shared(state): Shared<Arc<State>>,
    Extension(reader): Extension<Reader>,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let identifier = file.strip_suffix(".xml").ok_or_else(Problem::not_found)?;
    let held = state
        .snapshot()
        .released(&reader, identifier)
        .cloned()
        .ok_or_else(Problem::not_found)?;
    let (id, revision) = (held.alert.id.clone(), held.alert.revision);
    let stored = state
        .pool
        .ask(move |store| store.document(&id, revision, CAP_MEDIA_TYPE))
        .await?;
    // The document that went to other receivers, so that nobody sees two of one identifier.
    let bytes = stored.unwrap_or_else(|| cap(&held.alert, &state.sender).bytes);
    state.given(&reader, "cap", &[&held.alert]).await;
    let document = Document {
        modified: Some(held.alert.sent),
        ..Document::new(CAP_MEDIA_TYPE, bytes)
    };
    Ok(document.answer(&reader, &headers))
}

/// `/feeds/{rss,atom}.xml`.
pub(super) async fn own(
    Shared(state): Shared<Arc<State>>,
    Extension(reader): Extension<Reader>,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let address = format!("feeds/{file}");
    feed(&state, &reader, &headers, &address, None).await
}

/// `/feeds/regions/<region or group>/{rss,atom}.xml`.
pub(super) async fn of_region(
    Shared(state): Shared<Arc<State>>,
    Extension(reader): Extension<Reader>,
    Path((region, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if !state.snapshot().is_region(&region) {
        return Err(Problem::not_found());
    }
    let address = format!("feeds/regions/{}/{file}", encoded(&region));
    feed(&state, &reader, &headers, &address, Some(&region)).await
}

/// `/feeds/partners/<partner>/{rss,atom}.xml`: that partner's keys alone.
pub(super) async fn of_partner(
    Shared(state): Shared<Arc<State>>,
    Extension(reader): Extension<Reader>,
    Path((partner, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if reader.key.is_none() || reader.audience.id != partner {
        return Err(Problem::not_found());
    }
    let address = format!("feeds/partners/{partner}/{file}");
    feed(&state, &reader, &headers, &address, None).await
}

type Writer = fn(&Index<'_>, &[&Alert]) -> Vec<u8>;

async fn feed(
    state: &State,
    reader: &Reader,
    headers: &HeaderMap,
    address: &str,
    region: Option<&str>,
) -> Result<Response, Problem> {
    let (exit, write, media_type) = match address.rsplit('/').next() {
        Some("rss.xml") => ("rss", rss as Writer, RSS_MEDIA_TYPE),
        Some("atom.xml") => ("atom", atom as Writer, ATOM_MEDIA_TYPE),
        _ => return Err(Problem::not_found()),
    };
    let snapshot = state.snapshot();
    let now = state.now();
    let wanted = |held: &&Arc<Held>| region.is_none_or(|name| snapshot.lies_in(&held.alert, name));
    let (newest, held) = (snapshot.newest(reader), snapshot.active(reader, now));
    let active: Vec<&Alert> = held.iter().filter(wanted).map(|held| &held.alert).collect();
    let updated = last_change(newest.iter().filter(wanted), now);
    let bytes = write(
        &Index {
            title: &title(state, region),
            address: &format!("{}/{address}", state.public_url),
            alerts_at: &format!("{}/alerts/", state.public_url),
            sender: &state.sender,
            updated,
        },
        &active,
    );
    state.given(reader, exit, &active).await;
    // Confirmed by its tag alone: an alert that is stored now may have been sent before the newest one, so that the index
    // changes and its date does not.
    Ok(Document::new(media_type, bytes).answer(reader, headers))
}

/// When the newest alert was sent, or the last one expired.
fn last_change<'a>(newest: impl Iterator<Item = &'a Arc<Held>>, now: Timestamp) -> Timestamp {
    newest
        .map(|held| match held.alert.expires <= now {
            true => held.alert.sent.max(held.alert.expires),
            false => held.alert.sent,
        })
        .max()
        .unwrap_or(Timestamp::UNIX_EPOCH)
}

fn title(state: &State, region: Option<&str>) -> String {
    match region {
        None => format!("Active alerts of {}", state.sender.sender_name),
        Some(region) => format!(
            "Active alerts of {} near {region}",
            state.sender.sender_name
        ),
    }
}
