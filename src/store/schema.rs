//! The tables of the store and how they are laid down as a GeoPackage 1.3.
//!
//! Version 1.3 and not 1.4: GDAL 3.6 warns about 1.4 and its validator asks for a trigger that 1.4 took away. The R-tree
//! triggers are those of the standard's annex F.3; under them a geometry may be updated or inserted, never upserted.

use super::dispatch;
use super::geometry::{self, SRS_ID};
use super::live;
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, Transaction};

/// `GPKG`.
pub(super) const APPLICATION_ID: u32 = 0x4750_4B47;
/// GeoPackage 1.3.
pub(super) const USER_VERSION: u32 = 10_300;
/// Version of the tables below; a change of any of them raises it.
pub(super) const SCHEMA_VERSION: u32 = 7;

/// A table: `fid`, a geometry column `geom` if it has one, then its columns, the first `key` of which are unique together.
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    pub(super) geometry: Option<&'static str>,
    pub(super) key: usize,
    /// (name, type) a column.
    pub(super) columns: &'static [(&'static str, &'static str)],
}

const T: &str = "TEXT";
const R: &str = "DOUBLE";
const I: &str = "INTEGER";
const D: &str = "DATETIME";

pub(super) static SCENES: Table = Table {
    name: "scenes",
    description: "Footprints of the scenes searched, with what was searched",
    geometry: Some("MULTIPOLYGON"),
    key: 1,
    columns: &[
        ("scene_id", T),
        ("datetime", D),
        ("start_time", D),
        ("stop_time", D),
        ("platform", T),
        ("mode", T),
        ("product_type", T),
        ("polarisations", T),
        ("searched_px", I),
        ("searched_km2", R),
        ("land_px", I),
        ("no_data_px", I),
        ("detections", I),
        ("simulated", "BOOLEAN"),
        ("notes", T),
        ("searched", D),
        ("pipeline", T),
        ("path", T),
        ("digest", T),
        ("json", T),
    ],
};

pub(super) static DETECTIONS: Table = Table {
    name: "detections",
    description: "Bright targets on the sea, as imaged",
    geometry: Some("POINT"),
    key: 1,
    columns: &[
        ("detection_id", T),
        ("scene_id", T),
        ("sequence", I),
        ("datetime", D),
        ("row_px", R),
        ("col_px", R),
        ("position_sigma_m", R),
        ("length_m", R),
        ("length_sigma_m", R),
        ("width_m", R),
        ("width_sigma_m", R),
        ("heading_deg", R),
        ("heading_sigma_deg", R),
        ("score", R),
        ("snr_db", R),
        ("mean_contrast_db", R),
        ("pol", T),
        ("pixels", I),
        ("shore_distance_m", R),
        ("flags", T),
        ("json", T),
    ],
};

pub(super) static CONTACTS: Table = Table {
    name: "contacts",
    description: "Detections and vessels laid together, with a verdict",
    geometry: Some("POINT"),
    key: 1,
    columns: &[
        ("contact_id", T),
        ("scene_id", T),
        ("detection_id", T),
        ("datetime", D),
        ("verdict", T),
        ("probability", R),
        ("runner_up_verdict", T),
        ("runner_up_mmsi", T),
        ("runner_up_probability", R),
        ("position_sigma_m", R),
        ("length_m", R),
        ("mmsi", T),
        ("vessel_name", T),
        ("ais_offset_m", R),
        ("ais_dt_s", R),
        ("ais_length_m", R),
        ("azimuth_shift_m", R),
        ("region_ids", T),
        ("reasons", T),
        ("simulated", "BOOLEAN"),
        ("json", T),
    ],
};

pub(super) static TRACKS: Table = Table {
    name: "tracks",
    description: "AIS tracks, one a ship and source, parted where ships share an MMSI; lines break at silences",
    geometry: Some("MULTILINESTRING"),
    key: 3,
    columns: &[
        ("source", T),
        ("mmsi", T),
        ("part", I),
        ("vessel_name", T),
        ("call_sign", T),
        ("imo", I),
        ("ship_type", I),
        ("class", T),
        ("length_m", R),
        ("width_m", R),
        ("destination", T),
        ("first_time", D),
        ("last_time", D),
        ("positions", I),
        ("gaps", I),
        ("distress", T),
        ("simulated", "BOOLEAN"),
    ],
};

pub(super) static EVENTS: Table = Table {
    name: "events",
    description: "What vessels did, as AIS tells it, one row an event and source; open while end_time is empty",
    geometry: Some("POINT"),
    key: 2,
    columns: &[
        ("source", T),
        ("event_id", T),
        ("kind", T),
        ("datetime", D),
        ("end_time", D),
        ("hours", R),
        ("mmsi", T),
        ("vessel_names", T),
        ("radius_m", R),
        ("evidence", T),
        ("reasons", T),
        ("simulated", "BOOLEAN"),
        ("json", T),
    ],
};

pub(super) static ALERTS: Table = Table {
    name: "alerts",
    description: "Alerts, every revision",
    geometry: Some("POINT"),
    key: 2,
    columns: &[
        ("alert_id", T),
        ("revision", I),
        ("message_type", T),
        ("status", T),
        ("datetime", D),
        ("sent", D),
        ("expires", D),
        ("rule", T),
        ("kind", T),
        ("urgency", T),
        ("severity", T),
        ("certainty", T),
        ("tlp", T),
        ("headline", T),
        ("description", T),
        ("reasons", T),
        ("position_radius_m", R),
        ("region_ids", T),
        ("region_names", T),
        ("scene_id", T),
        ("detection_id", T),
        ("contact_id", T),
        ("mmsi", T),
        ("vessel_name", T),
        ("verdict", T),
        ("probability", R),
        ("length_m", R),
        ("json", T),
    ],
};

pub(super) static WATCH_REGIONS: Table = Table {
    name: "watch_regions",
    description: "Watch regions, one row a zone: watch distances, not claims",
    geometry: Some("MULTIPOLYGON"),
    key: 1,
    columns: &[
        ("zone_id", T),
        ("region_id", T),
        ("zone_nm", R),
        ("name", T),
        ("label", T),
        ("feature_group", T),
        ("parties", T),
        ("grade", T),
        ("source", T),
    ],
};

pub(super) static OUTBOX: Table = Table {
    name: "outbox",
    description: "Messages to audiences, committed with their alerts",
    geometry: None,
    key: 2,
    columns: &[
        ("audience", T),
        ("message_id", T),
        ("alert_id", T),
        ("revision", I),
        ("media_type", T),
        ("file_name", T),
        ("bytes", "BLOB"),
        ("trace_id", T),
    ],
};

pub(super) static RECEIPTS: Table = Table {
    name: "receipts",
    description: "Messages that left, a channel",
    geometry: None,
    key: 3,
    columns: &[
        ("audience", T),
        ("message_id", T),
        ("channel", T),
        ("delivered", D),
        ("target", T),
        ("trace_id", T),
    ],
};

pub(super) static JOURNAL: Table = Table {
    name: "journal",
    description: "What became of each input",
    geometry: None,
    key: 1,
    columns: &[("input", T), ("digest", T), ("outcome", T), ("message", T)],
};

pub(super) static PARTNERS: Table = Table {
    name: "partners",
    description: "Partner agencies and what may be released to them",
    geometry: None,
    key: 1,
    columns: &[
        ("partner_id", T),
        ("name", T),
        ("tlp", T),
        ("scopes", T),
        ("json", T),
    ],
};

pub(super) static PARTNER_KEYS: Table = Table {
    name: "partner_keys",
    description: "Hashes of partners' keys; the keys themselves are kept nowhere",
    geometry: None,
    key: 1,
    columns: &[
        ("key_id", T),
        ("partner_id", T),
        ("created", D),
        ("expires", D),
        ("revoked", D),
        ("json", T),
    ],
};

pub(super) static AUDIT: Table = Table {
    name: "audit",
    description: "First time that an audience was given an alert revision by an exit",
    geometry: None,
    key: 4,
    columns: &[
        ("audience", T),
        ("alert_id", T),
        ("revision", I),
        ("exit", T),
        ("time", D),
        ("key_id", T),
    ],
};

pub(super) static META: Table = Table {
    name: "tidewatch_meta",
    description: "Version of these tables",
    geometry: None,
    key: 1,
    columns: &[("key", T), ("value", T)],
};

pub(super) static TABLES: [&Table; 19] = [
    &SCENES,
    &DETECTIONS,
    &CONTACTS,
    &TRACKS,
    &EVENTS,
    &ALERTS,
    &WATCH_REGIONS,
    &OUTBOX,
    &RECEIPTS,
    &JOURNAL,
    &PARTNERS,
    &PARTNER_KEYS,
    &AUDIT,
    &dispatch::CHANNELS,
    &dispatch::DISPATCHES,
    &live::OUTAGES,
    &live::FEEDS,
    &live::SHIPS,
    &META,
];

const INDEXES: &str = "
CREATE INDEX IF NOT EXISTS detections_scene ON detections (scene_id);
CREATE INDEX IF NOT EXISTS detections_time ON detections (datetime);
CREATE INDEX IF NOT EXISTS contacts_scene ON contacts (scene_id);
CREATE INDEX IF NOT EXISTS contacts_time ON contacts (datetime);
CREATE INDEX IF NOT EXISTS events_time ON events (datetime);
CREATE INDEX IF NOT EXISTS alerts_time ON alerts (datetime);
CREATE INDEX IF NOT EXISTS outbox_order ON outbox (audience);
CREATE INDEX IF NOT EXISTS outbox_alert ON outbox (alert_id, revision);
CREATE INDEX IF NOT EXISTS dispatches_open ON dispatches (partner_id, channel) WHERE state IN ('waiting', 'withheld');
";

const CORE: &str = r#"
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY, organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
INSERT INTO gpkg_spatial_ref_sys VALUES
  ('Undefined cartesian SRS', -1, 'NONE', -1, 'undefined', 'undefined cartesian coordinate reference system'),
  ('Undefined geographic SRS', 0, 'NONE', 0, 'undefined', 'undefined geographic coordinate reference system'),
  ('WGS 84 geodetic', 4326, 'EPSG', 4326, 'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AUTHORITY["EPSG","4326"]]', 'longitude/latitude coordinates in decimal degrees on the WGS 84 spheroid');
CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
  description TEXT DEFAULT '', last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
  CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));
CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL,
  geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
  CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name), CONSTRAINT uk_gc_table_name UNIQUE (table_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents (table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));
CREATE TABLE gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL,
  scope TEXT NOT NULL, CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
"#;

const RTREE: &str = r#"
INSERT INTO gpkg_extensions VALUES
  ('{t}', 'geom', 'gpkg_rtree_index', 'http://www.geopackage.org/spec120/#extension_rtree', 'write-only');
CREATE VIRTUAL TABLE "rtree_{t}_geom" USING rtree(id, minx, maxx, miny, maxy);
CREATE TRIGGER "rtree_{t}_geom_insert" AFTER INSERT ON "{t}"
  WHEN (NEW."geom" NOTNULL AND NOT ST_IsEmpty(NEW."geom"))
BEGIN INSERT OR REPLACE INTO "rtree_{t}_geom" VALUES (NEW."fid", {box}); END;
CREATE TRIGGER "rtree_{t}_geom_update1" AFTER UPDATE OF "geom" ON "{t}"
  WHEN OLD."fid" = NEW."fid" AND (NEW."geom" NOTNULL AND NOT ST_IsEmpty(NEW."geom"))
BEGIN INSERT OR REPLACE INTO "rtree_{t}_geom" VALUES (NEW."fid", {box}); END;
CREATE TRIGGER "rtree_{t}_geom_update2" AFTER UPDATE OF "geom" ON "{t}"
  WHEN OLD."fid" = NEW."fid" AND (NEW."geom" ISNULL OR ST_IsEmpty(NEW."geom"))
BEGIN DELETE FROM "rtree_{t}_geom" WHERE id = OLD."fid"; END;
CREATE TRIGGER "rtree_{t}_geom_update3" AFTER UPDATE ON "{t}"
  WHEN OLD."fid" != NEW."fid" AND (NEW."geom" NOTNULL AND NOT ST_IsEmpty(NEW."geom"))
BEGIN DELETE FROM "rtree_{t}_geom" WHERE id = OLD."fid";
  INSERT OR REPLACE INTO "rtree_{t}_geom" VALUES (NEW."fid", {box}); END;
CREATE TRIGGER "rtree_{t}_geom_update4" AFTER UPDATE ON "{t}"
  WHEN OLD."fid" != NEW."fid" AND (NEW."geom" ISNULL OR ST_IsEmpty(NEW."geom"))
BEGIN DELETE FROM "rtree_{t}_geom" WHERE id IN (OLD."fid", NEW."fid"); END;
CREATE TRIGGER "rtree_{t}_geom_delete" AFTER DELETE ON "{t}" WHEN OLD."geom" NOTNULL
BEGIN DELETE FROM "rtree_{t}_geom" WHERE id = OLD."fid"; END;
"#;

const BOX: &str =
    r#"ST_MinX(NEW."geom"), ST_MaxX(NEW."geom"), ST_MinY(NEW."geom"), ST_MaxY(NEW."geom")"#;

/// Registers what the R-tree triggers call. To be done on every connection before anything else.
pub(super) fn register_functions(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        | FunctionFlags::SQLITE_INNOCUOUS;
    for (bound, name) in ["ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"]
        .into_iter()
        .enumerate()
    {
        connection.create_scalar_function(name, 1, flags, move |call| {
            let blob = call.get_raw(0).as_blob_or_null()?;
            Ok(blob
                .and_then(geometry::envelope)
                .map(|envelope| envelope[bound]))
        })?;
    }
    connection.create_scalar_function("ST_IsEmpty", 1, flags, |call| {
        Ok(call.get_raw(0).as_blob_or_null()?.map(geometry::is_empty))
    })
}

/// Lays down all tables. `last_change` is the time written into `gpkg_contents`.
pub(super) fn create(transaction: &Transaction<'_>, last_change: &str) -> rusqlite::Result<()> {
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", USER_VERSION)?;
    transaction.execute_batch(CORE)?;
    for table in TABLES {
        create_table(transaction, table, last_change)?;
    }
    transaction.execute_batch(INDEXES)?;
    transaction.execute(
        "INSERT INTO tidewatch_meta (key, value) VALUES ('schema_version', ?1)",
        [SCHEMA_VERSION.to_string()],
    )?;
    Ok(())
}

fn create_table(
    transaction: &Transaction<'_>,
    table: &Table,
    last_change: &str,
) -> rusqlite::Result<()> {
    let name = table.name;
    let mut columns = vec!["fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL".to_owned()];
    columns.extend(table.geometry.map(|kind| format!("geom {kind}")));
    for (index, (column, kind)) in table.columns.iter().enumerate() {
        let null = if index < table.key { " NOT NULL" } else { "" };
        columns.push(format!("\"{column}\" {kind}{null}"));
    }
    let key: Vec<String> = table.columns[..table.key]
        .iter()
        .map(|(column, _)| format!("\"{column}\""))
        .collect();
    columns.push(format!("UNIQUE ({})", key.join(", ")));
    transaction.execute_batch(&format!(
        "CREATE TABLE \"{name}\" ({});",
        columns.join(", ")
    ))?;
    let (data_type, srs_id) = match table.geometry {
        Some(_) => ("features", Some(SRS_ID)),
        None => ("attributes", None),
    };
    transaction.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, srs_id)
         VALUES (?1, ?2, ?1, ?3, ?4, ?5)",
        (name, data_type, table.description, last_change, srs_id),
    )?;
    if let Some(kind) = table.geometry {
        transaction.execute(
            "INSERT INTO gpkg_geometry_columns VALUES (?1, 'geom', ?2, ?3, 0, 0)",
            (name, kind, SRS_ID),
        )?;
        transaction.execute_batch(&RTREE.replace("{t}", name).replace("{box}", BOX))?;
    }
    Ok(())
}
