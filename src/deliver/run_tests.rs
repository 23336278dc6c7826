//! The loop's ends.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use super::*;
use crate::model::alert::Tlp;
use crate::model::alert_sample::marked as alert;
use crate::model::channel::Route;
use crate::model::partner::Scope;
use crate::model::release::Audience;
use crate::store::{DispatchBook, GeoPackage, PartnerBook};
use crate::store::{OutboxEntry, Store};
use std::future::pending;
use std::path::Path;

/// Longer than any of these ends takes, shorter than a test that hangs.
const PATIENCE: Duration = Duration::from_secs(20);

fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

fn partner() -> Partner {
    Partner {
        id: "p".into(),
        name: "P".into(),
        audience: Audience {
            id: "p".into(),
            tlp: Tlp::Amber,
            regions: Vec::new(),
            rules: Vec::new(),
        },
        scopes: vec![Scope::Alerts],
    }
}

fn channel(folder: &Path) -> Channel {
    Channel {
        partner: "p".into(),
        id: "c".into(),
        state: ChannelState::Active,
        route: Route::Folder {
            folder: folder.join("out").display().to_string(),
        },
    }
}

/// A store in `folder` with one message on one channel.
fn store(folder: &Path) -> GeoPackage {
    let mut store = GeoPackage::open(&folder.join("t.gpkg"), now()).unwrap();
    store.put_partner(&partner()).unwrap();
    store.put_channel(&channel(folder)).unwrap();
    let entry = OutboxEntry {
        audience: "p".into(),
        message_id: "a.r1".into(),
        alert_id: "a".into(),
        revision: 1,
        media_type: "text/plain".into(),
        file_name: "a.txt".into(),
        bytes: b"text".to_vec(),
        trace_id: String::new(),
    };
    store
        .put_alerts(&[alert("a", Tlp::Green)], &[entry])
        .unwrap();
    store
}

fn idle() -> PushOptions {
    PushOptions {
        clock: now,
        source: "/t".into(),
        guard: AddressGuard::default(),
        ending: Ending::Idle,
    }
}

#[tokio::test]
async fn a_loop_that_is_to_end_when_idle_ends_when_the_store_takes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    store.execute(
        "CREATE TRIGGER full BEFORE INSERT ON dispatches BEGIN SELECT RAISE(ABORT, 'disk full'); END",
    );
    let ran = tokio::time::timeout(PATIENCE, run(Box::new(store), idle(), pending())).await;
    ran.expect("the loop ends").unwrap();
    assert!(folder.path().join("out/a.txt").exists());
}

#[tokio::test]
async fn a_loop_that_is_to_end_when_idle_ends_with_the_error_when_the_store_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let shared = Shared::new(Box::new(store(folder.path())), now, "/t".into());
    let mut watcher = Watcher {
        shared: Arc::new(shared),
        guard: Arc::default(),
        ending: Ending::Idle,
        seen: None,
        lanes: BTreeMap::new(),
        changes: watch::Sender::new(0),
    };
    // Another process breaks the store before the first look.
    let other = GeoPackage::open(&folder.path().join("t.gpkg"), now()).unwrap();
    other.execute("DROP TABLE channels");
    let watched = tokio::time::timeout(PATIENCE, watcher.keep_looking(pending())).await;
    assert!(watched.expect("the loop ends").is_err());
}

#[tokio::test]
async fn lanes_that_do_not_end_are_waited_for_together() {
    let farewell = Duration::from_millis(300);
    let lane = || RunningLane {
        settings: Settings {
            channel: channel(Path::new("/")),
            partner: partner(),
            groups: Arc::default(),
        },
        stop: watch::Sender::new(false),
        task: tokio::spawn(pending()),
    };
    let lanes: Vec<RunningLane> = (0..10).map(|_| lane()).collect();
    let told: Vec<watch::Receiver<bool>> = lanes.iter().map(|l| l.stop.subscribe()).collect();
    let begin = Instant::now();
    end(lanes.into_iter(), farewell).await;
    let took = begin.elapsed();
    // One after the other would be 3 s.
    assert!(took < farewell * 5, "{took:?}");
    assert!(told.iter().all(|stop| *stop.borrow()));
}
