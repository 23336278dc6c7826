//! `/healthz`: the process runs. `/readyz`: the store answers. `/metrics`: counts for Prometheus.
//!
//! Metrics tell of the process alone: no label and no number says how many alerts or contacts there are, as anybody may read.

use super::answer::Problem;
use super::state::State;
use crate::store::FeatureReader;
use axum::extract::State as Shared;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::sync::{Arc, OnceLock};

/// Upper ends of the buckets of answer times, seconds.
const BUCKETS_S: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];

pub(super) async fn alive() -> &'static str {
    "alive\n"
}

pub(super) async fn ready(Shared(state): Shared<Arc<State>>) -> Result<&'static str, Problem> {
    match state.pool.ask(FeatureReader::data_version).await {
        Ok(_) => Ok("ready\n"),
        Err(_) => Err(Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "The store does not answer.",
        )),
    }
}

pub(super) async fn metrics(Shared(state): Shared<Arc<State>>) -> Response {
    metrics::gauge!("mda_stream_subscribers").set(state.stream.receiver_count() as f64);
    let text = recorder().map(PrometheusHandle::render).unwrap_or_default();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
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
