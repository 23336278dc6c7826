//! The collections that are served, as tables: every property with its type, so that answers, schemas, filters and the
//! description of the API cannot differ.

use geo::Geometry;
use serde_json::Value;

/// A collection of features.
#[derive(Debug)]
pub struct Layer {
    /// Id in addresses.
    pub id: &'static str,
    /// Title for people.
    pub title: &'static str,
    /// What a feature is.
    pub description: &'static str,
    /// Table of the store.
    pub table: &'static str,
    /// The feature's id, as an expression over the table's columns.
    pub id_column: &'static str,
    /// When it was, as a column of the table; `None` if it has no time.
    pub time_column: Option<&'static str>,
    /// Kind of geometry, as GeoJSON names it.
    pub geometry: &'static str,
    /// Properties in the order they are written. The first is always `datetime`.
    pub properties: &'static [Property],
}

/// A property of every feature of a layer.
#[derive(Debug)]
pub struct Property {
    /// Name; ends in its unit.
    pub name: &'static str,
    /// Column of the store's table, or `NULL`. A whole number of a column that holds times is in seconds since 1970.
    pub column: &'static str,
    /// Type.
    pub kind: Kind,
}

/// Type of a property. Every one may be null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// RFC 3339 in UTC.
    Time,
    /// A number.
    Number,
    /// A whole number.
    Integer,
    /// True or false.
    Flag,
}

/// A feature: its place and its properties in the layer's order.
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureRow {
    /// Id within its layer.
    pub id: String,
    /// Place, lon/lat degrees; `None` where it is not known.
    pub geometry: Option<Geometry<f64>>,
    /// Values in the order of [`Layer::properties`]; null where nothing is known.
    pub values: Vec<Value>,
}

const fn p(name: &'static str, column: &'static str, kind: Kind) -> Property {
    Property { name, column, kind }
}

const fn text(name: &'static str) -> Property {
    p(name, name, Kind::Text)
}

const fn number(name: &'static str) -> Property {
    p(name, name, Kind::Number)
}

const fn integer(name: &'static str) -> Property {
    p(name, name, Kind::Integer)
}

const DATETIME: Property = p("datetime", "datetime", Kind::Time);
const SIMULATED: Property = p("simulated", "simulated", Kind::Flag);

/// Scenes searched.
pub static SCENES: Layer = Layer {
    id: "scenes",
    title: "Scenes",
    description: "Footprints of the scenes searched, with what was searched: empty is not the same as not looked at",
    table: "scenes",
    id_column: "scene_id",
    time_column: Some("datetime"),
    geometry: "MultiPolygon",
    properties: &[
        DATETIME,
        p("start_unix", "start_time", Kind::Integer),
        p("stop_unix", "stop_time", Kind::Integer),
        text("platform"),
        text("mode"),
        text("product_type"),
        p("pol", "polarisations", Kind::Text),
        integer("searched_px"),
        number("searched_km2"),
        integer("land_px"),
        integer("no_data_px"),
        integer("detections"),
        SIMULATED,
        text("notes"),
    ],
};

/// Detections.
pub static DETECTIONS: Layer = Layer {
    id: "detections",
    title: "Detections",
    description: "Bright targets on the sea, as imaged",
    table: "detections",
    id_column: "detection_id",
    time_column: Some("datetime"),
    geometry: "Point",
    properties: &[
        DATETIME,
        text("scene_id"),
        number("row_px"),
        number("col_px"),
        number("position_sigma_m"),
        number("length_m"),
        number("length_sigma_m"),
        number("width_m"),
        number("width_sigma_m"),
        number("heading_deg"),
        number("heading_sigma_deg"),
        number("score"),
        number("snr_db"),
        number("mean_contrast_db"),
        text("pol"),
        integer("pixels"),
        number("shore_distance_m"),
        text("flags"),
    ],
};

/// Contacts.
pub static CONTACTS: Layer = Layer {
    id: "contacts",
    title: "Contacts",
    description: "Detections and vessels laid together, with a verdict and its probability",
    table: "contacts",
    id_column: "contact_id",
    time_column: Some("datetime"),
    geometry: "Point",
    properties: &[
        DATETIME,
        text("scene_id"),
        text("detection_id"),
        text("verdict"),
        number("probability"),
        text("runner_up_verdict"),
        text("runner_up_mmsi"),
        number("runner_up_probability"),
        number("position_sigma_m"),
        number("length_m"),
        text("mmsi"),
        text("vessel_name"),
        number("ais_offset_m"),
        number("ais_dt_s"),
        number("ais_length_m"),
        number("azimuth_shift_m"),
        text("region_ids"),
        text("reasons"),
        SIMULATED,
    ],
};

/// Tracks.
pub static TRACKS: Layer = Layer {
    id: "tracks",
    title: "Tracks",
    description: "AIS tracks, one a ship and source, parted where ships share an MMSI; lines break at silences. `datetime` is the last report's",
    table: "tracks",
    id_column: "source || ':' || mmsi || CASE part WHEN 0 THEN '' ELSE '.' || part END",
    time_column: Some("last_time"),
    geometry: "MultiLineString",
    properties: &[
        p("datetime", "last_time", Kind::Time),
        p("first_unix", "first_time", Kind::Integer),
        text("mmsi"),
        integer("part"),
        text("vessel_name"),
        text("call_sign"),
        integer("imo"),
        integer("ship_type"),
        text("class"),
        number("length_m"),
        number("width_m"),
        text("destination"),
        integer("positions"),
        integer("gaps"),
        text("distress"),
        SIMULATED,
    ],
};

/// Alerts: the newest revision of each.
pub static ALERTS: Layer = Layer {
    id: "alerts",
    title: "Alerts",
    description: "Alerts released to the reader, the newest revision of each",
    table: "alerts",
    id_column: "alert_id || '.r' || revision",
    time_column: Some("datetime"),
    geometry: "Point",
    properties: &[
        DATETIME,
        text("alert_id"),
        integer("revision"),
        text("message_type"),
        text("status"),
        integer("sent_unix"),
        integer("expires_unix"),
        text("rule"),
        text("kind"),
        text("urgency"),
        text("severity"),
        text("certainty"),
        text("tlp"),
        text("headline"),
        text("description"),
        text("reasons"),
        text("not_searched"),
        number("position_radius_m"),
        text("region_ids"),
        text("region_names"),
        text("scene_id"),
        text("detection_id"),
        text("contact_id"),
        text("mmsi"),
        text("vessel_name"),
        text("verdict"),
        number("probability"),
        number("length_m"),
        // Alerts are read from memory, never by this column.
        p("trace_id", "NULL", Kind::Text),
    ],
};

/// Watch regions.
pub static WATCH_REGIONS: Layer = Layer {
    id: "watch-regions",
    title: "Watch regions",
    description: "Watch distances about features, one outline a zone; they are not claims",
    table: "watch_regions",
    id_column: "zone_id",
    time_column: None,
    geometry: "MultiPolygon",
    properties: &[
        p("datetime", "NULL", Kind::Time),
        text("region_id"),
        number("zone_nm"),
        p("name", "label", Kind::Text),
        p("group", "feature_group", Kind::Text),
        text("parties"),
        text("grade"),
        text("source"),
    ],
};

/// All layers, in the order they are listed.
pub static LAYERS: [&Layer; 6] = [
    &SCENES,
    &DETECTIONS,
    &CONTACTS,
    &TRACKS,
    &ALERTS,
    &WATCH_REGIONS,
];

impl Layer {
    /// The layer called `id`.
    pub fn named(id: &str) -> Option<&'static Self> {
        LAYERS.into_iter().find(|layer| layer.id == id)
    }

    /// The place of the property called `name`.
    pub fn index_of(&self, name: &str) -> Option<usize> {
        self.properties
            .iter()
            .position(|property| property.name == name)
    }
}

/// Which features of a layer are asked for.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FeatureQuery {
    /// Boxes, west, south, east, north in degrees; two across 180°. Empty is everywhere.
    pub boxes: Vec<[f64; 4]>,
    /// Not before, and not after: RFC 3339 to the millisecond in UTC.
    pub times: Option<(Option<String>, Option<String>)>,
    /// Properties, by their place in [`Layer::properties`], and the values they must have, never null. A whole number
    /// equals the same number with a point.
    pub equal: Vec<(usize, Value)>,
    /// Only the feature with this id.
    pub id: Option<String>,
    /// Only after the feature with this time (null sorts first) and id.
    pub after: Option<(Option<String>, String)>,
    /// At most so many; the store gives fewer where shapes are large.
    pub limit: usize,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FeaturePage {
    /// Features by time and id.
    pub rows: Vec<FeatureRow>,
    /// Features that match, on all pages.
    pub matched: u64,
    /// True if more follow.
    pub more: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_layer_has_one_time_first_and_no_property_twice() {
        for layer in LAYERS {
            assert_eq!(layer.properties[0].name, "datetime", "{}", layer.id);
            for (n, property) in layer.properties.iter().enumerate() {
                assert_eq!(layer.index_of(property.name), Some(n), "{}", property.name);
                // Clients turn a comparison on any second time into one on the first.
                assert_eq!(property.kind == Kind::Time, n == 0, "{}", property.name);
            }
        }
    }
}
