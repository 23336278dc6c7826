//! Which address is answered by whom, and what holds for all of them: sizes, times, headers, counts.

use super::answer::Problem;
use super::state::State;
use super::{access, download, features, feeds, health, html, stac, stream};
use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

/// Largest body of a request, bytes.
const LARGEST_BODY: usize = 64 * 1024;

/// Longest time until an answer begins.
const LONGEST_ANSWER: Duration = Duration::from_secs(30);

pub(super) fn routes(state: Arc<State>) -> Router {
    let documents = Router::new()
        .route("/", get(features::landing))
        .route("/conformance", get(features::conformance))
        .route("/api", get(features::api))
        .route("/collections", get(features::collections))
        .route("/collections/{id}", get(features::collection))
        .route("/collections/{id}/schema", get(features::schema))
        .route("/collections/{id}/items", get(features::items))
        .route("/collections/{id}/items/{feature}", get(features::item))
        .route("/download/{file}", get(download::download))
        .route("/alerts/{file}", get(feeds::alert_file))
        .route("/feeds/{file}", get(feeds::own))
        .route("/feeds/regions/{region}/{file}", get(feeds::of_region))
        .route("/feeds/partners/{partner}/{file}", get(feeds::of_partner))
        .route("/stac", get(stac::landing))
        .route("/stac/conformance", get(stac::conformance))
        .route("/stac/collections", get(stac::collections))
        .route("/stac/collections/{id}", get(stac::collection))
        .route("/stac/collections/{id}/items", get(stac::items))
        .route("/stac/collections/{id}/items/{item}", get(stac::item))
        .route("/stac/search", get(stac::search).post(stac::search_posted))
        .route("/quicklooks/{file}", get(stac::quicklook))
        .route("/stream", get(stream::stream))
        .route("/metrics", get(health::metrics))
        .fallback(async || Problem::not_found())
        .layer(from_fn_with_state(state.clone(), access::authenticate));
    let plain = Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route(
            "/start.js",
            get(async || text("text/javascript; charset=utf-8", html::SCRIPT)),
        )
        .route(
            "/style.css",
            get(async || text("text/css; charset=utf-8", html::STYLE)),
        );
    documents
        .merge(plain)
        .method_not_allowed_fallback(async || {
            Problem::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "This method is not answered here.",
            )
        })
        .layer(from_fn(count))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            LONGEST_ANSWER,
        ))
        .layer(RequestBodyLimitLayer::new(LARGEST_BODY))
        .layer(CatchPanicLayer::custom(|_| {
            tracing::error!("A request broke its handler.");
            Problem::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "The request could not be answered.",
            )
            .into_response()
        }))
        .layer(from_fn(guard))
        .with_state(state)
}

fn text(media_type: &'static str, text: &'static str) -> Response {
    (
        [
            (header::CONTENT_TYPE, media_type),
            (header::CACHE_CONTROL, "max-age=300"),
        ],
        text,
    )
        .into_response()
}

/// Headers that every answer carries.
async fn guard(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, html::CONTENT_POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
        // One address answers differently to different keys and to browsers.
        (header::VARY, "Authorization, Accept"),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Counts and times answers by route, and logs them without query, key or header.
async fn count(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map(|path| path.as_str().to_owned())
        .unwrap_or_else(|| "none".to_owned());
    let response = next.run(request).await;
    let status = response.status().as_u16();
    let seconds = started.elapsed().as_secs_f64();
    metrics::counter!("mda_http_requests_total", "route" => route.clone(), "status" => status.to_string()).increment(1);
    metrics::histogram!("mda_http_request_seconds", "route" => route.clone()).record(seconds);
    tracing::debug!(route, status, seconds, "Request answered.");
    response
}
