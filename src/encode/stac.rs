//! Scenes and their searches as STAC Items and Collections, with what the store knows of them and nothing more: a field
//! whose value is not known is left out, and an extension is named only where its fields stand.
//!
//! # Source
//!
//! STAC 1.1.0 (Item, Collection); extensions sar, sat and view 1.0.0, projection 2.0.0, processing 1.2.0. Fields of our own
//! begin with `tidewatch:` and end in their unit.

use super::features::geometry;
use super::geojson::MEDIA_TYPE as GEO_JSON;
use super::product_link::product_link;
use super::text::{encoded, rfc3339, rounded};
use super::vector_file::FLATGEOBUF_MEDIA_TYPE;
use crate::model::catalogue::{Entry, EntryKind};
use crate::model::scene::{Pass, Scene, Sensor};
use geo::{BoundingRect, Geometry, MultiPolygon};
use serde_json::{Map, Value, json};

/// Version of STAC.
pub const STAC_VERSION: &str = "1.1.0";

/// Media type of a picture.
pub const PNG: &str = "image/png";

const JSON: &str = "application/json";

/// Where entries are served.
#[derive(Debug, Clone, Copy)]
pub struct Site<'a> {
    /// How readers reach the server, without a slash at the end.
    pub public_url: &'a str,
}

/// Whether the picture of a scene is there to be linked to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Picture {
    /// It is there.
    There,
    /// None was drawn, or it is gone.
    Missing,
}

impl Site<'_> {
    /// Address of the catalogue.
    pub fn root(&self) -> String {
        format!("{}/stac", self.public_url)
    }

    /// Address of a collection.
    pub fn collection(&self, kind: EntryKind) -> String {
        format!("{}/collections/{}", self.root(), kind.collection())
    }
}

/// An entry as an Item.
pub fn item(entry: &Entry, picture: Picture, site: &Site<'_>) -> Value {
    let scene = &entry.record.scene;
    let mut properties = times(scene);
    let mut extensions = Vec::new();
    match entry.kind {
        EntryKind::Scene => {
            add_platform(&mut properties, scene);
            add_sar(&mut properties, &mut extensions, entry);
            add_sat(&mut properties, &mut extensions, scene);
            add_view(&mut properties, &mut extensions, entry);
            add_shape(&mut properties, &mut extensions, scene);
            add_product(&mut properties, &mut extensions, scene);
            properties.insert("tidewatch:simulated".to_owned(), json!(scene.simulated));
        }
        EntryKind::Run => add_run(&mut properties, &mut extensions, entry),
    }
    let footprint = scene.footprint.as_ref();
    let mut item = json!({
        "type": "Feature",
        "stac_version": STAC_VERSION,
        "stac_extensions": extensions,
        "id": entry.id(),
        "geometry": footprint.map_or(Value::Null, |shape| geometry(&Geometry::MultiPolygon(shape.clone()))),
        "properties": properties,
        "links": links(entry, site),
        "assets": assets(entry, picture, site),
        "collection": entry.kind.collection(),
    });
    if let Some(bounds) = footprint.and_then(bounds) {
        item["bbox"] = json!(bounds);
    }
    item
}

fn times(scene: &Scene) -> Map<String, Value> {
    let mut properties = Map::new();
    if let Some(time) = scene.middle() {
        properties.insert("datetime".to_owned(), json!(rfc3339(time)));
    }
    if let (Some(start), Some(stop)) = (scene.start, scene.stop) {
        properties.insert("start_datetime".to_owned(), json!(rfc3339(start)));
        properties.insert("end_datetime".to_owned(), json!(rfc3339(stop)));
    }
    properties
}

fn add_platform(properties: &mut Map<String, Value>, scene: &Scene) {
    if !scene.platform.is_empty() {
        let platform = scene.platform.to_lowercase();
        properties.insert("platform".to_owned(), json!(platform));
    }
    if scene.sensor == Sensor::Sentinel1 {
        properties.insert("constellation".to_owned(), json!("sentinel-1"));
        properties.insert("instruments".to_owned(), json!(["c-sar"]));
    }
}

/// The extension asks for mode, band, polarisations and product type: without one of them it is left out whole.
fn add_sar(properties: &mut Map<String, Value>, extensions: &mut Vec<&str>, entry: &Entry) {
    let scene = &entry.record.scene;
    let told =
        !(scene.mode.is_empty() || scene.product_type.is_empty() || scene.polarisations.is_empty());
    // Only of Sentinel-1 is the band known.
    if scene.sensor != Sensor::Sentinel1 || !told {
        return;
    }
    extensions.push("https://stac-extensions.github.io/sar/v1.0.0/schema.json");
    let polarisations: Vec<String> = scene
        .polarisations
        .iter()
        .map(ToString::to_string)
        .collect();
    put(properties, "sar:instrument_mode", json!(scene.mode));
    put(properties, "sar:frequency_band", json!("C"));
    put(properties, "sar:polarizations", json!(polarisations));
    put(properties, "sar:product_type", json!(scene.product_type));
    put(
        properties,
        "sar:looks_equivalent_number",
        json!(rounded(scene.looks, 2)),
    );
    for (name, spacing_m) in [
        ("sar:pixel_spacing_range", scene.column_spacing_m),
        ("sar:pixel_spacing_azimuth", scene.row_spacing_m),
    ] {
        put(properties, name, json!(spacing_m));
    }
    if let Some(middle) = entry.record.run.middle {
        let side = if middle.looks_right { "right" } else { "left" };
        put(properties, "sar:observation_direction", json!(side));
    }
}

fn add_sat(properties: &mut Map<String, Value>, extensions: &mut Vec<&str>, scene: &Scene) {
    let pass = scene.pass.map(|pass| match pass {
        Pass::Ascending => "ascending",
        Pass::Descending => "descending",
    });
    // The extension counts orbits from 1.
    let orbit = |number: Option<u32>| number.filter(|number| *number > 0);
    let fields = [
        ("sat:orbit_state", json!(pass)),
        ("sat:absolute_orbit", json!(orbit(scene.absolute_orbit))),
        ("sat:relative_orbit", json!(orbit(scene.relative_orbit))),
    ];
    if fields.iter().all(|(_, value)| value.is_null()) {
        return;
    }
    extensions.push("https://stac-extensions.github.io/sat/v1.0.0/schema.json");
    for (name, value) in fields {
        put(properties, name, value);
    }
}

/// At the middle of the scene. The azimuth is the middle's from the point below the platform: at zero Doppler square to the
/// track.
fn add_view(properties: &mut Map<String, Value>, extensions: &mut Vec<&str>, entry: &Entry) {
    let Some(middle) = entry.record.run.middle else {
        return;
    };
    extensions.push("https://stac-extensions.github.io/view/v1.0.0/schema.json");
    let side_deg = if middle.looks_right { 90.0 } else { -90.0 };
    let azimuth_deg = (middle.track_heading_deg + side_deg).rem_euclid(360.0);
    put(
        properties,
        "view:incidence_angle",
        json!(rounded(middle.incidence_deg, 3)),
    );
    put(properties, "view:azimuth", json!(rounded(azimuth_deg, 3)));
}

fn add_shape(properties: &mut Map<String, Value>, extensions: &mut Vec<&str>, scene: &Scene) {
    extensions.push("https://stac-extensions.github.io/projection/v2.0.0/schema.json");
    put(properties, "proj:shape", json!([scene.height, scene.width]));
    if scene.sensor == Sensor::Sentinel1 {
        // Ground range and azimuth: no map projection has them.
        properties.insert("proj:code".to_owned(), Value::Null);
    }
}

fn add_product(properties: &mut Map<String, Value>, extensions: &mut Vec<&str>, scene: &Scene) {
    // `Sentinel-1 IPF 003.52`: a name and a version.
    let software = scene
        .processor
        .rsplit_once(' ')
        .filter(|(_, version)| version.starts_with(|c: char| c.is_ascii_digit()));
    // What is read of Sentinel-1 are detected ground-range products, which are of level 1.
    let level = (scene.sensor == Sensor::Sentinel1).then_some("L1");
    if software.is_none() && level.is_none() {
        return;
    }
    extensions.push(PROCESSING);
    put(properties, "processing:level", json!(level));
    if let Some((name, version)) = software {
        put(properties, "processing:software", json!({ name: version }));
    }
}

const PROCESSING: &str = "https://stac-extensions.github.io/processing/v1.2.0/schema.json";

fn add_run(properties: &mut Map<String, Value>, extensions: &mut Vec<&str>, entry: &Entry) {
    let (run, search) = (&entry.record.run, &entry.record.search);
    extensions.push(PROCESSING);
    put(properties, "created", json!(rfc3339(run.time)));
    put(properties, "processing:datetime", json!(rfc3339(run.time)));
    put(
        properties,
        "processing:software",
        json!({ "tidewatch": run.version }),
    );
    let lineage = format!(
        "Pipeline {}: pixels tested against the sea about them for a false-alarm probability of {:e} each, in a window of {} \
         pixels with a guard window of {}.",
        run.pipeline, run.pfa, run.ring_px, run.guard_px
    );
    put(properties, "processing:lineage", json!(lineage));
    for (name, value) in [
        ("tidewatch:detections", json!(search.detections)),
        ("tidewatch:searched_px", json!(search.searched_px)),
        (
            "tidewatch:searched_km2",
            json!(search.searched_km2.and_then(|area| rounded(area, 1))),
        ),
        ("tidewatch:land_px", json!(search.land_px)),
        ("tidewatch:no_data_px", json!(search.no_data_px)),
        ("tidewatch:false_alarm_probability", json!(run.pfa)),
        ("tidewatch:simulated", json!(entry.record.scene.simulated)),
    ] {
        put(properties, name, value);
    }
}

/// What is not known is left out.
fn put(properties: &mut Map<String, Value>, name: &str, value: Value) {
    if !value.is_null() {
        properties.insert(name.to_owned(), value);
    }
}

fn links(entry: &Entry, site: &Site<'_>) -> Value {
    let collection = site.collection(entry.kind);
    let of = |kind: EntryKind| {
        let id = format!("{}{}", entry.record.scene.id, kind.suffix());
        format!("{}/items/{}", site.collection(kind), encoded(&id))
    };
    let scene = encoded(&entry.record.scene.id);
    let features = |layer: &str| {
        format!(
            "{}/collections/{layer}/items?scene_id={scene}",
            site.public_url
        )
    };
    let mut links = vec![
        link("self", &of(entry.kind), GEO_JSON, &entry.id()),
        link("root", &site.root(), JSON, "The catalogue"),
        link("parent", &collection, JSON, entry.kind.collection()),
        link("collection", &collection, JSON, entry.kind.collection()),
    ];
    links.push(match entry.kind {
        EntryKind::Scene => link(
            "related",
            &of(EntryKind::Run),
            GEO_JSON,
            "The search of this scene",
        ),
        EntryKind::Run => link("derived_from", &of(EntryKind::Scene), GEO_JSON, "The scene"),
    });
    links.push(link(
        "related",
        &features("detections"),
        GEO_JSON,
        "Detections",
    ));
    links.push(link("related", &features("contacts"), GEO_JSON, "Contacts"));
    links.into()
}

/// A link of STAC.
pub fn link(rel: &str, href: &str, media_type: &str, title: &str) -> Value {
    json!({ "rel": rel, "href": href, "type": media_type, "title": title })
}

fn assets(entry: &Entry, picture: Picture, site: &Site<'_>) -> Value {
    let scene = encoded(&entry.record.scene.id);
    let mut assets = Map::new();
    if picture == Picture::There {
        assets.insert(
            "quicklook".to_owned(),
            json!({ "href": format!("{}/quicklooks/{scene}.png", site.public_url), "type": PNG,
                    "title": "The scene, with what was found on it", "roles": ["overview"] }),
        );
    }
    if entry.kind == EntryKind::Scene
        && let Some((href, media_type)) = product_link(&entry.record.scene.path)
    {
        let mut product = json!({ "href": href, "title": "The product", "roles": ["data"] });
        if let Some(media_type) = media_type {
            product["type"] = json!(media_type);
        }
        assets.insert("product".to_owned(), product);
    }
    if entry.kind == EntryKind::Run {
        for (name, layer, extension, media_type) in [
            ("detections", "detections", "geojson", GEO_JSON),
            (
                "detections-flatgeobuf",
                "detections",
                "fgb",
                FLATGEOBUF_MEDIA_TYPE,
            ),
            ("contacts", "contacts", "geojson", GEO_JSON),
        ] {
            let href = format!(
                "{}/download/{layer}.{extension}?scene_id={scene}",
                site.public_url
            );
            assets.insert(
                name.to_owned(),
                json!({ "href": href, "type": media_type, "title": layer, "roles": ["data"] }),
            );
        }
    }
    assets.into()
}

/// West, south, east and north; west is greater than east where the footprint crosses 180° (RFC 7946, section 5.2).
fn bounds(footprint: &MultiPolygon<f64>) -> Option<[f64; 4]> {
    let whole = footprint.bounding_rect()?;
    let (south, north) = (whole.min().y, whole.max().y);
    let parts: Vec<_> = footprint
        .iter()
        .filter_map(BoundingRect::bounding_rect)
        .collect();
    let crosses = whole.min().x <= -180.0 && whole.max().x >= 180.0;
    let halves = || {
        let west = parts
            .iter()
            .filter(|part| part.min().x > 0.0)
            .map(|part| part.min().x);
        let east = parts
            .iter()
            .filter(|part| part.max().x < 0.0)
            .map(|part| part.max().x);
        Some((west.reduce(f64::min)?, east.reduce(f64::max)?))
    };
    let (west, east) = crosses
        .then(halves)
        .flatten()
        .unwrap_or((whole.min().x, whole.max().x));
    let mut bounds = [0.0; 4];
    for (bound, value) in bounds.iter_mut().zip([west, south, east, north]) {
        *bound = rounded(value, 6)?;
    }
    Some(bounds)
}

/// A kind of entries as a Collection; `bounds` in degrees and `times` are those of the scenes, as far as there are any.
pub fn collection(
    kind: EntryKind,
    bounds: Option<[f64; 4]>,
    times: &(Option<String>, Option<String>),
    site: &Site<'_>,
) -> Value {
    let (title, description) = match kind {
        EntryKind::Scene => (
            "Scenes",
            "Satellite images that were searched for ships, where a time is known of them",
        ),
        EntryKind::Run => (
            "Detection runs",
            "The search of each scene: by what, when, how much of it, and what was found",
        ),
    };
    let at = site.collection(kind);
    json!({
        "type": "Collection",
        "stac_version": STAC_VERSION,
        "stac_extensions": [],
        "id": kind.collection(),
        "title": title,
        "description": description,
        // The scenes' own licences hold; the store does not know them.
        "license": "other",
        "extent": {
            // STAC has no way to say "nowhere": a collection without a place is said to be anywhere.
            "spatial": { "bbox": [bounds.unwrap_or([-180.0, -90.0, 180.0, 90.0])] },
            "temporal": { "interval": [[times.0, times.1]] },
        },
        "links": [
            link("self", &at, JSON, title),
            link("root", &site.root(), JSON, "The catalogue"),
            link("parent", &site.root(), JSON, "The catalogue"),
            link("items", &format!("{at}/items"), GEO_JSON, "Items"),
        ],
    })
}

#[cfg(test)]
#[path = "stac_tests.rs"]
mod tests;
