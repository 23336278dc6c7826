//! Queues as their channels see them.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use super::super::samples::{alert, later, message, now};
use super::super::{PartnerBook, Store};
use super::*;
use crate::model::alert::Tlp;
use crate::model::channel::{ChannelState, Route};
use crate::model::partner::{Partner, Scope};
use crate::model::release::Audience;
use std::path::Path;

fn partner(id: &str) -> Partner {
    Partner {
        id: id.into(),
        name: id.into(),
        audience: Audience {
            id: id.into(),
            tlp: Tlp::Amber,
            regions: Vec::new(),
            rules: Vec::new(),
        },
        scopes: vec![Scope::Alerts],
    }
}

fn channel(partner: &str, id: &str) -> Channel {
    Channel {
        partner: partner.into(),
        id: id.into(),
        state: ChannelState::Active,
        route: Route::Folder { folder: "f".into() },
    }
}

/// The partner `p` and three alerts for it.
fn filled(path: &Path) -> GeoPackage {
    let mut store = GeoPackage::open(path, now()).unwrap();
    store.put_partner(&partner("p")).unwrap();
    let alerts = ["a", "b", "c"].map(|id| alert(id, 1));
    let entries = alerts.each_ref().map(|alert| message("p", alert));
    store.put_alerts(&alerts, &entries).unwrap();
    store
}

fn dispatch(message_id: &str, state: DispatchState) -> Dispatch {
    Dispatch {
        partner: "p".into(),
        message_id: message_id.into(),
        channel: "c".into(),
        state,
        attempts: 1,
        last_attempt: Some(now()),
        next_attempt: None,
        latency_ms: Some(12),
        target: "f".into(),
        answer: "200".into(),
        trace_id: "t".into(),
    }
}

fn queue(store: &GeoPackage, (after, from): (i64, i64), limit: usize) -> Vec<String> {
    let lane = Lane {
        partner: "p",
        channel: "c",
        after,
        from,
    };
    let queued = store.queued(&lane, limit).unwrap();
    queued.into_iter().map(|q| q.entry.message_id).collect()
}

#[test]
fn a_queue_holds_what_was_not_settled_in_the_order_of_queueing() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = filled(&folder.path().join("t.gpkg"));
    assert_eq!(queue(&store, (0, 0), 9), ["a.r1", "b.r1", "c.r1"]);
    let done = [
        dispatch("a.r1", DispatchState::Waiting),
        dispatch("b.r1", DispatchState::Delivered),
    ];
    store.put_dispatches(&done).unwrap();
    assert_eq!(queue(&store, (0, 0), 9), ["a.r1", "c.r1"]);
    assert_eq!(queue(&store, (0, 0), 1), ["a.r1"]);
    assert_eq!(queue(&store, (0, 1), 9), ["c.r1"]);
    // What waits is found wherever the place of new messages is.
    assert_eq!(queue(&store, (3, 0), 9), ["a.r1"]);
    let receipts: Vec<String> = store
        .receipts()
        .unwrap()
        .into_iter()
        .map(|r| r.message_id)
        .collect();
    assert_eq!(receipts, ["b.r1"]);
    assert_eq!(store.audit().unwrap()[0].exit, "channel:c");
    assert_eq!(store.dispatches(&DispatchState::ALL).unwrap(), done);
}

#[test]
fn a_replay_makes_messages_wait_and_queues_for_a_newcomer_what_has_not_expired() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = filled(&folder.path().join("t.gpkg"));
    store
        .put_dispatches(&[
            dispatch("a.r1", DispatchState::Failed),
            dispatch("b.r1", DispatchState::Delivered),
            dispatch("c.r1", DispatchState::Withheld),
        ])
        .unwrap();
    let replay = |partner, which| Replay {
        partner,
        channel: None,
        which,
    };
    assert_eq!(queue(&store, (3, 0), 9), [""; 0]);
    assert_eq!(store.replay(&replay("p", Which::Failed)).unwrap(), 1);
    assert_eq!(queue(&store, (3, 0), 9), ["a.r1"]);
    assert_eq!(store.replay(&replay("p", Which::Alert("b"))).unwrap(), 1);
    assert_eq!(queue(&store, (3, 0), 9), ["a.r1", "b.r1"]);
    store.reopen_withheld("p", "c").unwrap();
    assert_eq!(queue(&store, (3, 0), 9), ["a.r1", "b.r1", "c.r1"]);
    // All three expire between `now` and `later`.
    assert_eq!(
        store
            .replay(&replay("q", Which::Unexpired(later())))
            .unwrap(),
        0
    );
    assert_eq!(
        store.replay(&replay("q", Which::Unexpired(now()))).unwrap(),
        3
    );
    assert_eq!(store.undelivered("q", "any").unwrap().len(), 3);
}

#[test]
fn channels_need_their_partner_and_leave_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = filled(&folder.path().join("t.gpkg"));
    store.put_channel(&channel("p", "c")).unwrap();
    let error = store.put_channel(&channel("nobody", "c")).unwrap_err();
    assert!(
        matches!(error, StoreError::UnknownPartner { .. }),
        "{error}"
    );
    assert_eq!(store.channels().unwrap(), [channel("p", "c")]);
    store.put_channel(&channel("p", "d")).unwrap();
    assert_eq!(store.remove_channel("p", "d").unwrap().removed, 1);
    assert!(store.remove_channel("p", "d").unwrap().is_empty());
    store.remove_partner("p").unwrap();
    assert!(store.channels().unwrap().is_empty());
}

#[test]
fn a_state_that_is_not_known_is_told_and_not_taken_for_a_failure() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = filled(&folder.path().join("t.gpkg"));
    store
        .put_dispatches(&[dispatch("a.r1", DispatchState::Waiting)])
        .unwrap();
    let sql = DISPATCH.replace("d.state", "'of a later release' AS state");
    let read = store.many(
        &schema::DISPATCHES,
        &format!("SELECT {sql} FROM dispatches AS d"),
        [],
        |row| read_dispatch(row, 0),
    );
    let error = read.unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("of a later release"), "{cause}");
}
