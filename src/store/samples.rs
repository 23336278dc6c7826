//! Small records that the store's tests put and ask for.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use super::*;
pub(super) use crate::model::alert_sample::alert;
use crate::model::event::{EventKind, EventVessel};
use crate::model::region::{RegionShape, WatchRegion};
use crate::model::units::{LonLat, Mmsi};
use geo::{MultiPolygon, polygon};
use serde_json::json;
use tempfile::TempDir;

/// A place for one test's store.
pub(super) struct Place {
    pub(super) address: StoreAddress,
    _folder: Option<TempDir>,
}

impl Place {
    pub(super) fn file() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            address: folder.path().join("t.gpkg").into(),
            _folder: Some(folder),
        }
    }

    pub(super) fn database() -> Self {
        let server = super::postgis::server::Postgres::shared();
        Self {
            address: server.url(&server.new_database()).into(),
            _folder: None,
        }
    }

    /// The store, made if it is not there.
    pub(super) fn open(&self, now: Timestamp) -> Box<dyn Store> {
        open(&self.address, now).unwrap()
    }
}

/// Makes of each function a test of the embedded store and one of PostgreSQL.
macro_rules! on_both_stores {
    ($($name:ident),+ $(,)?) => {
        mod geopackage {
            $(#[test] fn $name() { super::$name(&crate::store::samples::Place::file()); })+
        }
        mod postgis {
            $(#[test] #[ignore = "needs postgresql and postgis"] fn $name() {
                super::$name(&crate::store::samples::Place::database());
            })+
        }
    };
}
pub(super) use on_both_stores;

pub(super) fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

pub(super) fn later() -> Timestamp {
    "2027-01-01T00:00:00Z".parse().unwrap()
}

pub(super) fn square(west: f64, south: f64) -> MultiPolygon<f64> {
    let (east, north) = (west + 1.0, south + 1.0);
    MultiPolygon(vec![
        polygon![(x: west, y: south), (x: east, y: south), (x: east, y: north), (x: west, y: north)],
    ])
}

pub(super) fn scene(id: &str) -> Scene {
    serde_json::from_value(json!({
        "id": id, "path": format!("in/{id}.tif"), "sensor": "raster", "platform": "", "mode": "", "product_type": "",
        "polarisations": ["VH", "VV"], "start": "2026-03-01T09:00:00.123456789Z", "stop": null, "width": 10, "height": 10,
        "column_spacing_m": 10.0, "row_spacing_m": 10.0, "looks": 4.4, "footprint": square(123.0, 25.0),
        "incidence_deg": null, "pass": null, "absolute_orbit": null, "relative_orbit": null, "processor": "",
        "simulated": true, "notes": []
    }))
    .unwrap()
}

pub(super) fn detection(id: &str, scene_id: &str, place: Option<(f64, f64)>) -> Detection {
    serde_json::from_value(json!({
        "id": id, "scene_id": scene_id, "row": 0.1 + 0.2, "col": 7.0,
        "position": place.map(|(lon, lat)| LonLat::new(lon, lat)), "position_sigma_m": 8.0,
        "time": "2026-03-01T09:00:00Z", "length_m": 1.0 / 3.0, "length_sigma_m": null, "width_m": null,
        "width_sigma_m": null,
        "heading_deg": null, "heading_sigma_deg": null, "score": 0.9, "snr_db": 20.0, "mean_contrast_db": 12.0,
        "sigma0_db": [["VV", -3.3]], "polarisations": ["VV"], "pixels": 4,
        "extent": {"first_row": 0, "last_row": 1, "first_col": 6, "last_col": 7}, "shore_distance_m": null,
        "flags": ["saturated"], "sar": null,
        "test": {"pfa": 1e-7, "looks": 4.4, "nu": null, "threshold": 6.0, "ring_px": 41, "guard_px": 21}
    }))
    .unwrap()
}

pub(super) fn contact(id: &str, scene_id: &str) -> Contact {
    serde_json::from_value(json!({
        "id": id, "scene_id": scene_id, "detection_id": null,
        "vessel": {"mmsi": 431_000_001, "name": "魚 <MARU>", "predicted": LonLat::new(123.4, 25.5), "offset_m": 12.5,
                   "azimuth_shift_m": null, "dt_s": 30.0, "length_m": null},
        "position": LonLat::new(123.4, 25.5), "position_sigma_m": 30.0, "time": "2026-03-01T09:00:00Z",
        "length_m": null, "verdict": "ais_only", "probability": 0.7,
        "runner_up": {"verdict": "not_assessable", "mmsi": null, "probability": 0.3}, "reasons": ["One.", "Two."],
        "regions": [{"region_id": "r", "zone_nm": 12.0, "distance_m": 5000.0}], "simulated": true
    }))
    .unwrap()
}

pub(super) fn message(audience: &str, alert: &Alert) -> OutboxEntry {
    OutboxEntry {
        audience: audience.into(),
        message_id: format!("{}.r{}", alert.id, alert.revision),
        alert_id: alert.id.clone(),
        revision: alert.revision,
        media_type: "application/cap+xml".into(),
        file_name: format!("{}.r{}.xml", alert.id, alert.revision),
        bytes: b"<alert/>".to_vec(),
        trace_id: alert.trace_id(),
    }
}

/// Reports at (seconds, lon, lat) and silences between them by index.
pub(super) fn track(mmsi: u32, reports: &[(i64, f64, f64)], gaps: &[usize]) -> Track {
    let time = |n: usize| Timestamp::from_second(1_772_000_000 + reports[n].0).unwrap();
    let positions: Vec<_> = (0..reports.len())
        .map(|n| {
            json!({"mmsi": mmsi, "time": time(n), "position": LonLat::new(reports[n].1, reports[n].2), "sog_kn": null,
                   "cog_deg": null, "heading_deg": null, "nav_status": null, "class": "a"})
        })
        .collect();
    let gaps: Vec<_> = gaps
        .iter()
        .map(|n| json!({"start": time(*n), "end": time(n + 1)}))
        .collect();
    serde_json::from_value(json!({
        "mmsi": Mmsi(mmsi), "class": "a",
        "vessel": {"name": "A", "call_sign": null, "imo": null, "ship_type": 70, "length_m": null, "width_m": null,
                   "draught_m": null, "destination": null},
        "positions": positions, "gaps": gaps, "simulated": true, "distress": null
    }))
    .unwrap()
}

/// An event that begins at the epoch, open or with an end.
pub(super) fn event(end_s: Option<i64>) -> Event {
    let at = |second| Timestamp::from_second(second).unwrap();
    Event {
        id: format!("event-{}", end_s.unwrap_or(0)),
        kind: EventKind::Gap,
        vessels: vec![EventVessel {
            mmsi: Mmsi(431_000_001),
            part: 0,
            name: Some("X".into()),
        }],
        start: at(0),
        end: end_s.map(at),
        position: LonLat::new(1.0, 2.0),
        radius_m: 100.0,
        evidence: [("silent_h".to_owned(), 7.125)].into(),
        reasons: vec!["No report was heard.".into()],
        simulated: false,
    }
}

pub(super) fn zone(id: &str, west: f64) -> RegionZone {
    let region = WatchRegion {
        id: id.into(),
        name: "Uotsuri-shima".into(),
        names: vec![("ja".into(), "魚釣島".into())],
        group: "G".into(),
        parties: vec!["CN".into(), "JP".into(), "TW".into()],
        grade: None,
        source: "test".into(),
        shape: RegionShape::Area(square(west, 25.0)),
    };
    RegionZone {
        region,
        zone_nm: Some(12.0),
        outline: square(west, 25.0),
    }
}

pub(super) fn run() -> SearchRun {
    SearchRun {
        pipeline: "test".into(),
        version: "0.1.0".into(),
        time: now(),
        pfa: 1e-7,
        ring_px: 41,
        guard_px: 21,
        middle: None,
        quicklook: None,
    }
}

pub(super) struct Batch {
    pub(super) scene: Scene,
    pub(super) detections: Vec<Detection>,
    pub(super) contacts: Vec<Contact>,
}

impl Batch {
    pub(super) fn of(id: &str) -> Self {
        Self {
            scene: scene(id),
            detections: vec![
                detection(&format!("z-{id}"), id, Some((123.25, 25.25))),
                detection(&format!("a-{id}"), id, Some((123.75, 25.75))),
                detection(&format!("n-{id}"), id, None),
            ],
            contacts: vec![contact(&format!("c-{id}"), id)],
        }
    }

    pub(super) fn put(&self, store: &mut dyn Store) -> Result<Changes, StoreError> {
        let detections = self.detections.len() as u64;
        let search = SearchSummary {
            searched_px: 90,
            searched_km2: Some(0.009),
            detections,
            ..Default::default()
        };
        store.put_scene(&SceneBatch {
            input: &self.scene.path,
            scene: &self.scene,
            search,
            run: &run(),
            digest: "d1",
            detections: &self.detections,
            contacts: &self.contacts,
        })
    }
}

pub(super) fn fill(store: &mut dyn Store) -> Vec<Changes> {
    let alerts = [alert("al-1", 1), alert("al-1", 2)];
    let outbox = [message("p", &alerts[0]), message("p", &alerts[1])];
    vec![
        store
            .put_regions(&[zone("r", 123.0), zone("q", 130.0)])
            .unwrap(),
        Batch::of("s1").put(store).unwrap(),
        Batch::of("s2").put(store).unwrap(),
        store
            .put_tracks(
                "log",
                &[
                    track(431_000_001, &[(0, 1.0, 2.0), (60, 1.1, 2.0)], &[]),
                    track(5, &[(0, 1.0, 2.0)], &[]),
                ],
            )
            .unwrap(),
        store
            .put_events("log", &[event(None), event(Some(7200))])
            .unwrap(),
        store.put_alerts(&alerts, &outbox).unwrap(),
        store.put_receipt(&receipt("al-1.r1", now())).unwrap(),
        store.put_journal(&[failure(), waiting()]).unwrap(),
    ]
}

pub(super) fn receipt(message_id: &str, delivered: Timestamp) -> Receipt {
    let [audience, channel, target, trace_id] =
        ["p", "folder", "out/x.xml", "t"].map(str::to_owned);
    Receipt {
        audience,
        message_id: message_id.into(),
        channel,
        delivered,
        target,
        trace_id,
    }
}

pub(super) fn failure() -> JournalEntry {
    let [input, digest, message] =
        ["in/bad.tif", "d1", "in/bad.tif: cannot open"].map(str::to_owned);
    JournalEntry {
        input,
        digest,
        outcome: Outcome::Failed,
        message,
    }
}

pub(super) fn waiting() -> JournalEntry {
    JournalEntry {
        input: "in/later.tif".to_owned(),
        outcome: Outcome::Waiting,
        message: String::new(),
        ..failure()
    }
}

impl GeoPackage {
    /// Runs SQL, so that a test can break a store or look into it.
    pub(crate) fn execute(&self, sql: &str) {
        self.ask("run a test's SQL", |connection| {
            connection.execute_batch(sql)
        })
        .unwrap();
    }
}
