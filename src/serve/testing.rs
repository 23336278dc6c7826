//! A store with two regions, three markings, partners and keys, and its routes asked without a socket.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may fail by panic"
)]

use super::access::{Limiter, Seats};
use super::keys::issue_key;
use super::routes::routes;
use super::state::{Clock, Pool, State};
use super::watch;
use crate::encode::CapSender;
use crate::model::alert::{Alert, Tlp};
use crate::model::alert_sample;
use crate::model::partner::{AuditEntry, Partner, Scope};
use crate::model::region::{RegionShape, RegionZone, WatchRegion};
use crate::model::release::Audience;
use crate::store::{GeoPackage, PartnerBook, Store};
use axum::Router;
use axum::body::{Body, BodyDataStream, to_bytes};
use axum::http::{Request, StatusCode, header};
use futures_util::StreamExt;
use geo::{MultiPolygon, polygon};
use jiff::{SignedDuration, Timestamp};
use std::sync::{Arc, RwLock};
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::{broadcast, mpsc, watch as end};
use tower::ServiceExt;

pub(super) const MARKINGS: [Tlp; 3] = [Tlp::Clear, Tlp::Green, Tlp::Red];
pub(super) const REGIONS: [&str; 2] = ["east", "west"];

pub(super) fn clock() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

pub(super) struct House {
    _folder: TempDir,
    pub(super) routes: Router,
    pub(super) state: Arc<State>,
    pub(super) audit: mpsc::Receiver<AuditEntry>,
    _end: end::Sender<bool>,
    /// Name to key.
    pub(super) keys: Vec<(&'static str, String)>,
}

pub(super) fn id_of(region: &str, tlp: Tlp) -> String {
    format!("mark-{region}-{}", tlp.as_str()[4..].to_lowercase())
}

pub(super) fn marked(region: &str, tlp: Tlp) -> Alert {
    let mut alert = alert_sample::marked(&id_of(region, tlp), tlp);
    alert.regions[0].region_id = region.to_owned();
    alert.headline = format!("{}.", alert.id);
    alert
}

fn zone(id: &str) -> RegionZone {
    let outline = MultiPolygon(vec![
        polygon![(x: 123., y: 25.), (x: 124., y: 25.), (x: 124., y: 26.), (x: 123., y: 26.)],
    ]);
    RegionZone {
        region: WatchRegion {
            id: id.into(),
            name: id.into(),
            names: Vec::new(),
            group: format!("group-{id}"),
            parties: Vec::new(),
            grade: None,
            source: "test".into(),
            shape: RegionShape::Area(outline.clone()),
        },
        zone_nm: None,
        outline,
    }
}

fn partner(id: &str, tlp: Tlp, regions: &[&str], scopes: &[Scope]) -> Partner {
    Partner {
        id: id.into(),
        name: id.into(),
        audience: Audience {
            id: id.into(),
            tlp,
            regions: regions.iter().map(|&region| region.to_owned()).collect(),
            rules: Vec::new(),
        },
        scopes: scopes.to_vec(),
    }
}

/// Streams that a reader may have open.
pub(super) const STREAMS_EACH: usize = 3;

pub(super) fn house() -> House {
    house_at(clock)
}

/// A house with a clock of its own.
pub(super) fn house_at(now: Clock) -> House {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.gpkg");
    let mut store = GeoPackage::open(&path, clock()).unwrap();
    store.put_regions(&[zone("east"), zone("west")]).unwrap();
    let alerts: Vec<Alert> = REGIONS
        .iter()
        .flat_map(|region| MARKINGS.map(|tlp| marked(region, tlp)))
        .collect();
    store.put_alerts(&alerts, &[]).unwrap();
    let day = SignedDuration::from_hours(24);
    let mut keys = Vec::new();
    for (name, partner, made, expires) in [
        (
            "a",
            partner("a", Tlp::Green, &["east"], &[Scope::Alerts]),
            clock(),
            clock() + day,
        ),
        (
            "b",
            partner("b", Tlp::Red, &["group-west"], &[Scope::Alerts]),
            clock(),
            clock() + day,
        ),
        (
            "c",
            partner("c", Tlp::Red, &[], &[Scope::Evidence]),
            clock(),
            clock() + day,
        ),
        (
            "operator",
            partner("o", Tlp::Clear, &[], &[Scope::Operations]),
            clock(),
            clock() + day,
        ),
        (
            "expired",
            partner("d", Tlp::Red, &[], &Scope::ALL),
            clock() - day,
            clock(),
        ),
    ] {
        store.put_partner(&partner).unwrap();
        let issued = issue_key(&mut store, &partner.id, &[], made, expires).unwrap();
        keys.push((name, issued.secret));
    }
    keys.push(("wrong", format!("mda_{}", "0".repeat(64))));
    let (end, ending) = end::channel(false);
    let (sender, audit) = mpsc::channel(10_000);
    let state = Arc::new(State {
        public_url: "http://test".into(),
        files: folder.path().to_owned(),
        sender: CapSender {
            sender: "watch@test".into(),
            sender_name: "Test".into(),
            web: None,
            contact: None,
            exercise: None,
            languages: Default::default(),
        },
        clock: now,
        limiter: Limiter::new(100_000),
        seats: Arc::new(Seats::new(STREAMS_EACH)),
        stream: broadcast::Sender::new(16),
        audit: sender,
        ending,
        snapshot: RwLock::new(Arc::new(watch::first(&store).unwrap())),
        pool: Arc::new(Pool::new(path.into(), clock)),
    });
    House {
        _folder: folder,
        routes: routes(state.clone()),
        state,
        audit,
        _end: end,
        keys,
    }
}

impl House {
    pub(super) fn key(&self, name: &str) -> Option<&str> {
        let found = self.keys.iter().find(|(known, _)| *known == name);
        found.map(|(_, secret)| secret.as_str())
    }

    /// What the follower does when another process commits an alert.
    pub(super) fn publish(&self, alert: Alert) {
        let mut snapshot = (*self.state.snapshot()).clone();
        let sequence = snapshot.last_sequence() + 1;
        let held = snapshot.add(sequence, alert);
        self.state.put_snapshot(snapshot);
        // Without a reader there is nobody to tell.
        let _ = self.state.stream.send(watch::Published::of(&held));
    }

    /// An answer's status and its body as it comes, to a reader who saw `last` before.
    pub(super) async fn stream(
        &self,
        who: &str,
        last: Option<&str>,
    ) -> (StatusCode, BodyDataStream) {
        let key = self.key(who).unwrap();
        let mut request =
            Request::get("/stream").header(header::AUTHORIZATION, format!("Bearer {key}"));
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let request = request.body(Body::empty()).unwrap();
        let response = self.routes.clone().oneshot(request).await.unwrap();
        (response.status(), response.into_body().into_data_stream())
    }

    pub(super) async fn ask(&self, path: &str, who: &str) -> (StatusCode, String) {
        let mut request = Request::get(path);
        if let Some(key) = self.key(who) {
            request = request.header(header::AUTHORIZATION, format!("Bearer {key}"));
        }
        if path == "/stream" {
            request = request.header("last-event-id", "from-the-start");
        }
        let request = request.body(Body::empty()).unwrap();
        let response = self.routes.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let event_stream = response
            .headers()
            .get(header::CONTENT_TYPE)
            .is_some_and(|t| t == "text/event-stream");
        if !event_stream {
            let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
            return (status, String::from_utf8_lossy(&bytes).into_owned());
        }
        // A stream does not end: what comes within a moment is what there is.
        let mut stream = response.into_body().into_data_stream();
        let mut text = String::new();
        while let Ok(Some(part)) =
            tokio::time::timeout(Duration::from_millis(100), stream.next()).await
        {
            text.push_str(&String::from_utf8_lossy(&part.unwrap()));
        }
        (status, text)
    }
}
