//! `/healthz`: the process runs. `/readyz`: the store answers. `/metrics`: counts for Prometheus.
//!
//! Metrics tell of the process alone: no label and no number says how many alerts or contacts there are, as anybody may read.
//! A key with the scope of operations is told of the store as well.

use super::access::Reader;
use super::answer::Problem;
use super::state::State;
use crate::model::partner::Scope;
use crate::store::Figures;
use axum::Extension;
use axum::extract::State as Shared;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::fmt::Write as _;
use std::sync::{Arc, OnceLock};

/// Upper ends of the buckets of answer times, seconds.
const BUCKETS_S: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];

pub(super) async fn alive() -> &'static str {
    "alive\n"
}

pub(super) async fn ready(Shared(state): Shared<Arc<State>>) -> Result<&'static str, Problem> {
    match state.pool.ask(|store| store.data_version()).await {
        Ok(_) => Ok("ready\n"),
        Err(_) => Err(Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "The store does not answer.",
        )),
    }
}

pub(super) async fn metrics(
    Shared(state): Shared<Arc<State>>,
    Extension(reader): Extension<Reader>,
) -> Result<Response, Problem> {
    metrics::gauge!("mda_stream_subscribers").set(state.stream.receiver_count() as f64);
    let mut text = recorder().map(PrometheusHandle::render).unwrap_or_default();
    if reader.scopes.contains(&Scope::Operations) {
        let figures = state.pool.ask(|store| store.figures()).await?;
        write_figures(&mut text, &figures, state.now());
    }
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response())
}

/// The store's figures as Prometheus text. What has no value has no line.
fn write_figures(text: &mut String, figures: &Figures, now: Timestamp) {
    let rows = &figures.rows;
    let tables = [
        ("scenes", rows.scenes),
        ("detections", rows.detections),
        ("contacts", rows.contacts),
        ("tracks", rows.tracks),
        ("alert_revisions", rows.alerts),
    ];
    gauge(text, "mda_store_rows", "table", tables);
    let named = |list: &[(String, u64)]| list.to_vec();
    gauge(
        text,
        "mda_store_contacts",
        "verdict",
        named(&figures.verdicts),
    );
    gauge(text, "mda_store_alerts", "rule", named(&figures.rules));
    let states = figures.dispatches.iter();
    let states = states.map(|(state, count)| (state.as_str(), *count));
    gauge(text, "mda_store_messages", "state", states);
    for (name, since) in [
        ("mda_store_oldest_waiting_seconds", figures.oldest_waiting),
        ("mda_store_newest_scene_seconds", figures.newest_scene),
    ] {
        if let Some(since) = since {
            let age_s = now.duration_since(since).as_secs_f64();
            let _ = writeln!(text, "# TYPE {name} gauge\n{name} {age_s}");
        }
    }
}

fn gauge<L: AsRef<str>>(
    text: &mut String,
    name: &str,
    label: &str,
    values: impl IntoIterator<Item = (L, u64)>,
) {
    let _ = writeln!(text, "# TYPE {name} gauge");
    for (value, count) in values {
        let value = value.as_ref().replace('\\', "\\\\").replace('"', "\\\"");
        let value = value.replace('\n', "\\n");
        let _ = writeln!(text, "{name}{{{label}=\"{value}\"}} {count}");
    }
}

/// Starts counting: the process has one recorder, as it has one log.
pub(super) fn recorder() -> Option<&'static PrometheusHandle> {
    static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    HANDLE
        .get_or_init(|| {
            PrometheusBuilder::new()
                .set_buckets(&BUCKETS_S)
                .and_then(PrometheusBuilder::install_recorder)
                .ok()
        })
        .as_ref()
}
