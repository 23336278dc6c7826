//! Lanes whose receivers and stores fail, by a clock that the test moves.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use super::*;
use crate::deliver::webhook::{AddressGuard, secret_from};
use crate::model::alert::Tlp;
use crate::model::alert_sample::marked as alert;
use crate::model::channel::{ChannelState, Form, Route};
use crate::model::partner::Scope;
use crate::model::release::Audience;
use crate::store::{DispatchBook, GeoPackage, OutboxEntry, PartnerBook};
use std::cell::Cell;
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

thread_local! {
    /// Milliseconds since the epoch. A test's runtime has one thread, and each test its own.
    static NOW_MS: Cell<i64> = const { Cell::new(1_772_366_400_000) };
}

fn now() -> Timestamp {
    Timestamp::from_millisecond(NOW_MS.get()).unwrap()
}

fn partner(scopes: &[Scope]) -> Partner {
    Partner {
        id: "p".into(),
        name: "P".into(),
        audience: Audience {
            id: "p".into(),
            tlp: Tlp::Amber,
            regions: Vec::new(),
            rules: Vec::new(),
        },
        scopes: scopes.to_vec(),
    }
}

/// A partner with two alerts and one channel.
struct Desk {
    folder: TempDir,
    shared: Arc<Shared>,
    channel: Channel,
}

impl Desk {
    fn new(route: impl FnOnce(PathBuf) -> Route) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut store = GeoPackage::open(&folder.path().join("t.gpkg"), now()).unwrap();
        store.put_partner(&partner(&[Scope::Alerts])).unwrap();
        let alerts = ["a", "b"].map(|id| alert(id, Tlp::Green));
        let entries = alerts.each_ref().map(|alert| OutboxEntry {
            audience: "p".into(),
            message_id: format!("{}.r1", alert.id),
            alert_id: alert.id.clone(),
            revision: 1,
            media_type: "text/plain".into(),
            file_name: format!("{}.txt", alert.id),
            bytes: b"text".to_vec(),
            trace_id: alert.trace_id(),
        });
        store.put_alerts(&alerts, &entries).unwrap();
        let channel = Channel {
            partner: "p".into(),
            id: "c".into(),
            state: ChannelState::Active,
            route: route(folder.path().join("out")),
        };
        store.put_channel(&channel).unwrap();
        Self {
            folder,
            shared: Arc::new(Shared::new(Box::new(store), now, "/t".into())),
            channel,
        }
    }

    /// With a channel that writes files.
    fn of_files() -> Self {
        Self::new(|folder| Route::Folder {
            folder: folder.display().to_string(),
        })
    }

    /// With a channel that nothing can be sent by: the guard closes its address.
    fn of_closed_webhook() -> Self {
        Self::new(|_| Route::Webhook {
            url: "http://127.0.0.1:9/".into(),
            form: Form::Standard,
            secrets: vec![secret_from(&[7; 32]).unwrap()],
        })
    }

    fn lane(&self, scopes: &[Scope]) -> LaneState {
        super::super::tls::use_ring();
        let sender = Sender::new(&self.channel, &Arc::new(AddressGuard::default())).unwrap();
        let work = Work {
            channel: self.channel.clone(),
            partner: partner(scopes),
            groups: Arc::default(),
            shared: Arc::clone(&self.shared),
        };
        LaneState::new(work, sender)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    async fn ask<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&mut dyn Store) -> T + Send + 'static,
    ) -> T {
        self.shared.with(|store| Ok(ask(store))).await.unwrap()
    }

    async fn dispatches(&self) -> Vec<Dispatch> {
        self.ask(|store| store.dispatches(&DispatchState::ALL).unwrap())
            .await
    }

    async fn state(&self) -> Vec<ChannelState> {
        let channels = self.ask(|store| store.channels().unwrap()).await;
        channels.into_iter().map(|channel| channel.state).collect()
    }
}

/// Lets the lane work at the time that its next attempt is due; gives how it rests.
async fn at_next(lane: &mut LaneState) -> Rest {
    let (_stop, stopped) = watch::channel(false);
    let rest = lane.work_off(&stopped).await.unwrap();
    if let Rest::Until(Some(due)) = rest {
        NOW_MS.set(due.as_millisecond() + 1);
    }
    rest
}

#[tokio::test]
async fn at_the_end_of_the_table_a_message_is_given_up_and_its_channel_paused() {
    let desk = Desk::of_closed_webhook();
    let mut lane = desk.lane(&[Scope::Alerts]);
    for attempt in 1..10 {
        assert!(
            matches!(at_next(&mut lane).await, Rest::Until(Some(_))),
            "{attempt}"
        );
    }
    assert_eq!(at_next(&mut lane).await, Rest::Paused);
    let dispatches = desk.dispatches().await;
    assert_eq!(dispatches.len(), 1);
    assert_eq!(
        (dispatches[0].state, dispatches[0].attempts),
        (DispatchState::Failed, 10)
    );
    let state = desk.state().await;
    assert!(
        matches!(&state[..], [ChannelState::Paused(reason)] if reason.contains("10 attempts")),
        "{state:?}"
    );
}

#[tokio::test]
async fn a_lane_that_pauses_itself_does_not_bring_a_removed_channel_back() {
    let desk = Desk::of_closed_webhook();
    let mut lane = desk.lane(&[Scope::Alerts]);
    for _ in 1..10 {
        at_next(&mut lane).await;
    }
    desk.ask(|store| store.remove_channel("p", "c").unwrap())
        .await;
    assert_eq!(at_next(&mut lane).await, Rest::Paused);
    assert_eq!(desk.state().await, []);
}

#[tokio::test]
async fn what_a_failing_store_did_not_take_is_kept_and_not_sent_again() {
    let desk = Desk::of_files();
    let mut lane = desk.lane(&[Scope::Alerts]);
    let (_stop, stopped) = watch::channel(false);
    let other = GeoPackage::open(&desk.path("t.gpkg"), now()).unwrap();
    other.execute(
        "CREATE TRIGGER full BEFORE INSERT ON dispatches BEGIN SELECT RAISE(ABORT, 'disk full'); END",
    );
    assert!(lane.work_off(&stopped).await.is_err());
    // A receiver that takes its files away: one that is sent again would be there again.
    let sent = fs::read_dir(desk.path("out")).unwrap().count();
    assert!(sent > 0);
    fs::remove_dir_all(desk.path("out")).unwrap();
    assert!(lane.work_off(&stopped).await.is_err());
    assert!(!desk.path("out").exists());
    other.execute("DROP TRIGGER full");
    let rest = lane.work_off(&stopped).await.unwrap();
    assert_eq!(rest, Rest::Until(None));
    let sent_now = fs::read_dir(desk.path("out")).map_or(0, Iterator::count);
    assert_eq!(sent + sent_now, 2);
    let dispatches = desk.dispatches().await;
    assert_eq!(dispatches.len(), 2);
    assert!(
        dispatches
            .iter()
            .all(|d| (d.state, d.attempts) == (DispatchState::Delivered, 1)),
        "{dispatches:?}"
    );
}

#[tokio::test]
async fn attempts_at_a_receiver_that_is_away_do_not_count_against_a_message_it_refuses_later() {
    let desk = Desk::of_files();
    let mut lane = desk.lane(&[Scope::Alerts]);
    // A file where the folder should be.
    fs::write(desk.path("out"), "").unwrap();
    for _ in 0..12 {
        assert!(matches!(at_next(&mut lane).await, Rest::Until(Some(_))));
    }
    fs::remove_file(desk.path("out")).unwrap();
    fs::create_dir(desk.path("out")).unwrap();
    fs::write(desk.path("out/a.txt"), "other").unwrap();
    at_next(&mut lane).await;
    let first = |dispatches: Vec<Dispatch>| {
        let first = &dispatches[0];
        (first.state, first.attempts, first.refusals)
    };
    assert_eq!(
        first(desk.dispatches().await),
        (DispatchState::Waiting, 13, 1)
    );
    for _ in 0..9 {
        at_next(&mut lane).await;
    }
    assert_eq!(
        first(desk.dispatches().await),
        (DispatchState::Failed, 22, 10)
    );
    // The other alert passed, and the channel goes on.
    assert!(desk.path("out/b.txt").exists());
    assert_eq!(desk.state().await, [ChannelState::Active]);
}

#[tokio::test]
async fn nothing_leaves_for_a_partner_without_the_scope_of_alerts() {
    let desk = Desk::of_files();
    assert_eq!(
        at_next(&mut desk.lane(&[Scope::Evidence])).await,
        Rest::Until(None)
    );
    assert!(!desk.path("out").exists());
    let dispatches = desk.dispatches().await;
    assert_eq!(dispatches.len(), 2);
    assert!(
        dispatches
            .iter()
            .all(|d| d.state == DispatchState::Withheld)
    );
    at_next(&mut desk.lane(&[Scope::Alerts])).await;
    assert_eq!(fs::read_dir(desk.path("out")).unwrap().count(), 2);
}
