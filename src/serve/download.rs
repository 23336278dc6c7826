//! `/download/<collection>.<extension>`: a whole collection, filtered like its items, as one file.

use super::ServeError;
use super::access::Reader;
use super::answer::{Document, Problem};
use super::features::{open_layer, page};
use super::query::{self, Pairs};
use super::state::State;
use crate::encode::features::{self, KML_MEDIA_TYPE, SEQUENCE_MEDIA_TYPE};
use crate::encode::geojson::MEDIA_TYPE as GEO_JSON;
use crate::encode::vector_file::{
    self, BinaryFormat, FLATGEOBUF_MEDIA_TYPE, GEOPACKAGE_MEDIA_TYPE,
};
use crate::model::layer::{ALERTS, FeatureRow, Layer};
use crate::store::MOST_SHAPE_BYTES;
use axum::Extension;
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use std::sync::Arc;

/// Extensions and their media types.
pub(super) const FORMATS: [(&str, &str); 6] = [
    ("geojson", GEO_JSON),
    ("geojsonl", SEQUENCE_MEDIA_TYPE),
    ("csv", "text/csv; charset=utf-8; header=present"),
    ("kml", KML_MEDIA_TYPE),
    ("fgb", FLATGEOBUF_MEDIA_TYPE),
    ("gpkg", GEOPACKAGE_MEDIA_TYPE),
];

/// Most features in a file: more are to be asked for by `bbox` and `datetime`.
const MOST_ROWS: usize = 200_000;

pub(super) async fn download(
    Shared(state): Shared<Arc<State>>,
    Extension(reader): Extension<Reader>,
    Path(file): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (id, extension) = file.rsplit_once('.').ok_or_else(Problem::not_found)?;
    let (_, media_type) = FORMATS
        .into_iter()
        .find(|(known, _)| *known == extension)
        .ok_or_else(Problem::not_found)?;
    let mut pairs = Pairs::of(&uri)?;
    let layer = open_layer(id, &reader)?;
    if pairs
        .0
        .iter()
        .any(|(name, _)| name == "limit" || name == "after")
    {
        return Err(Problem::bad(
            "A file has no pages: limit and after are not parameters here.",
        ));
    }
    let mut query = query::features(layer, &mut pairs)?;
    pairs.end()?;
    query.limit = MOST_ROWS;
    let found = page(&state, &reader, layer, query, "download").await?;
    if found.more {
        return Err(Problem::new(
            StatusCode::BAD_REQUEST,
            format!(
                "More than {MOST_ROWS} features or {} MiB of shapes: ask for fewer by bbox or datetime.",
                MOST_SHAPE_BYTES / (1024 * 1024)
            ),
        ));
    }
    if let Some(format) = binary(extension) {
        let unfit = vector_file::unfit(format, &found.rows);
        if unfit > 0 {
            return Err(Problem::bad(format!(
                "{unfit} of {} features have no place, and such a file holds none of those: ask for another format, or by bbox.",
                found.rows.len()
            )));
        }
    }
    let file_name = Some(file_name(layer, extension, &found.rows));
    let extension = extension.to_owned();
    // A large file takes seconds to write: the network's threads go on meanwhile.
    let written = tokio::task::spawn_blocking(move || write(&extension, layer, &found.rows));
    let bytes = written.await.or(Err(ServeError::Stopped {
        action: "write a file".to_owned(),
    }))??;
    let document = Document {
        file_name,
        ..Document::new(media_type, bytes)
    };
    Ok(document.answer(&reader, &headers))
}

fn write(extension: &str, layer: &Layer, rows: &[FeatureRow]) -> Result<Vec<u8>, ServeError> {
    if let Some(format) = binary(extension) {
        return Ok(vector_file::file(format, layer, rows)?);
    }
    Ok(match extension {
        "geojsonl" => features::sequence(layer, rows),
        "csv" => features::csv(layer, rows),
        "kml" => features::kml(layer, rows),
        _ => features::collection(layer, rows),
    })
}

/// The format of a file that GDAL writes.
fn binary(extension: &str) -> Option<BinaryFormat> {
    match extension {
        "fgb" => Some(BinaryFormat::FlatGeobuf),
        "gpkg" => Some(BinaryFormat::GeoPackage),
        _ => None,
    }
}

/// The name carries the strictest marking of what is in the file.
fn file_name(layer: &Layer, extension: &str, rows: &[FeatureRow]) -> String {
    use crate::model::alert::Tlp;
    let strictest = ALERTS
        .index_of("tlp")
        .filter(|_| layer.id == ALERTS.id)
        .and_then(|n| {
            rows.iter()
                .filter_map(|row| row.values[n].as_str().and_then(Tlp::parse))
                .max()
        });
    match strictest {
        None => format!("{}.{extension}", layer.id),
        Some(tlp) => {
            let word = tlp.as_str().to_lowercase().replace([':', '+'], "-");
            format!("{}.{word}.{extension}", layer.id)
        }
    }
}
