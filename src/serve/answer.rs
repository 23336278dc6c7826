//! Answers: documents that can be cached and asked again by ETag, and problems (RFC 9457) that say nothing of what is hidden.

use super::ServeError;
use super::access::Reader;
use crate::model::id::hex;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::json;
use sha2::{Digest, Sha256};

/// Seconds that a reader may keep an answer.
const KEEP_S: u32 = 30;

/// A refusal.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    detail: String,
    retry_after_s: Option<u64>,
}

impl Problem {
    pub(super) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            status,
            detail: detail.into(),
            retry_after_s: None,
        }
    }

    pub(super) fn bad(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// One answer for what is not there and for what is withheld.
    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "There is nothing here.")
    }

    pub(super) fn unauthorised(detail: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, detail)
    }

    pub(super) fn too_many(detail: &str, wait_s: u64) -> Self {
        Self {
            retry_after_s: Some(wait_s),
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, detail)
        }
    }
}

impl From<ServeError> for Problem {
    /// The cause goes to the log, not to the reader.
    fn from(error: ServeError) -> Self {
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        tracing::error!(%error, cause, "A request could not be answered.");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "The request could not be answered.",
        )
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = json!({
            "type": "about:blank",
            "title": self.status.canonical_reason().unwrap_or("Problem"),
            "status": self.status.as_u16(),
            "detail": self.detail,
        });
        let mut response = (
            self.status,
            [
                (header::CONTENT_TYPE, "application/problem+json"),
                (header::CACHE_CONTROL, "no-store"),
            ],
            body.to_string(),
        )
            .into_response();
        let headers = response.headers_mut();
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"tidewatch\""),
            );
        }
        if let Some(wait_s) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(wait_s));
        }
        response
    }
}

/// A document.
pub(super) struct Document {
    pub(super) media_type: &'static str,
    pub(super) bytes: Vec<u8>,
    /// Date of a document that never changes.
    pub(super) modified: Option<Timestamp>,
    /// File name to be saved under, of ASCII letters, digits, `.`, `-` and `_`.
    pub(super) file_name: Option<String>,
}

impl Document {
    pub(super) fn new(media_type: &'static str, bytes: Vec<u8>) -> Self {
        Self {
            media_type,
            bytes,
            modified: None,
            file_name: None,
        }
    }

    /// JSON of any kind.
    pub(super) fn json(media_type: &'static str, value: &serde_json::Value) -> Self {
        Self::new(media_type, value.to_string().into_bytes())
    }

    /// The answer to a request with these headers: 304 if the reader has the document already.
    pub(super) fn answer(self, reader: &Reader, asked: &HeaderMap) -> Response {
        let etag = format!("\"{}\"", hex(&Sha256::digest(&self.bytes)[..16]));
        let unchanged = match asked.get(header::IF_NONE_MATCH) {
            Some(tags) => names(tags, &etag),
            None => self
                .modified
                .is_some_and(|time| not_since(asked.get(header::IF_MODIFIED_SINCE), time)),
        };
        let mut response = if unchanged {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            let mut response = Body::from(self.bytes).into_response();
            put(&mut response, header::CONTENT_TYPE, self.media_type);
            if let Some(name) = &self.file_name {
                let value = format!("attachment; filename=\"{name}\"");
                put(&mut response, header::CONTENT_DISPOSITION, &value);
            }
            response
        };
        let cache = match &reader.key {
            Some(_) => format!("private, max-age={KEEP_S}"),
            None => format!("public, max-age={KEEP_S}"),
        };
        put(&mut response, header::CACHE_CONTROL, &cache);
        put(&mut response, header::ETAG, &etag);
        if let Some(time) = self.modified {
            put(&mut response, header::LAST_MODIFIED, &http_date(time));
        }
        response
    }
}

fn put(response: &mut Response, name: HeaderName, value: &str) {
    // What cannot stand in a header is left out: a value is never passed on with a line break in it.
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

fn names(tags: &HeaderValue, etag: &str) -> bool {
    tags.to_str().is_ok_and(|tags| {
        tags.split(',')
            .map(str::trim)
            .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
    })
}

fn not_since(asked: Option<&HeaderValue>, time: Timestamp) -> bool {
    asked
        .and_then(|value| value.to_str().ok())
        .and_then(|text| jiff::fmt::rfc2822::parse(text).ok())
        .is_some_and(|since| time.as_second() <= since.timestamp().as_second())
}

fn http_date(time: Timestamp) -> String {
    time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
