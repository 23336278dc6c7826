//! Queues as their channels see them.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use super::super::Store;
use super::super::samples::{Place, alert, later, message, now, on_both_stores};
use super::*;
use crate::model::alert::{Alert, Tlp};
use crate::model::channel::{ChannelState, Form, Route, Secret};
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

on_both_stores!(
    a_queue_holds_what_was_not_settled_in_the_order_of_queueing,
    a_replay_makes_messages_wait_and_queues_for_a_newcomer_what_has_not_expired,
    channels_need_their_partner_and_leave_with_it,
    a_replay_puts_no_revision_behind_a_later_one,
    a_pause_by_an_old_view_of_a_channel_brings_nothing_old_back,
    a_channel_that_is_added_does_not_carry_what_has_expired_until_it_is_asked_for,
    messages_are_counted_for_the_channels_that_there_are_tried_or_not,
    a_store_has_one_sender_at_a_time,
);

fn a_store_has_one_sender_at_a_time(place: &Place) {
    let (mut first, mut second) = (place.open(now()), place.open(now()));
    assert!(first.claim_sending().unwrap());
    assert!(first.claim_sending().unwrap(), "it is its own already");
    assert!(!second.claim_sending().unwrap());
    drop(first);
    // A server hears of the goodbye a moment later.
    let claimed = (0..500).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(10));
        second.claim_sending().unwrap()
    });
    assert!(claimed);
}

/// The partner `p` and three alerts for it.
fn filled(place: &Place) -> Box<dyn Store> {
    let mut store = place.open(now());
    fill(store.as_mut());
    store
}

fn filled_file(path: &Path) -> GeoPackage {
    let mut store = GeoPackage::open(path, now()).unwrap();
    fill(&mut store);
    store
}

fn fill(store: &mut dyn Store) {
    store.put_partner(&partner("p")).unwrap();
    let alerts = ["a", "b", "c"].map(|id| alert(id, 1));
    let entries = alerts.each_ref().map(|alert| message("p", alert));
    store.put_alerts(&alerts, &entries).unwrap();
}

fn dispatch(message_id: &str, state: DispatchState) -> Dispatch {
    Dispatch {
        partner: "p".into(),
        message_id: message_id.into(),
        channel: "c".into(),
        state,
        attempts: 1,
        refusals: 1,
        last_attempt: Some(now()),
        next_attempt: None,
        latency_ms: Some(12),
        target: "f".into(),
        answer: "200".into(),
        trace_id: "t".into(),
    }
}

fn queue(store: &dyn Store, (after, from): (i64, i64), limit: usize) -> Vec<String> {
    let lane = Lane {
        partner: "p",
        channel: "c",
        after,
        from,
    };
    let queued = store.queued(&lane, limit).unwrap();
    queued.into_iter().map(|q| q.entry.message_id).collect()
}

fn a_queue_holds_what_was_not_settled_in_the_order_of_queueing(place: &Place) {
    let mut store = filled(place);
    assert_eq!(queue(store.as_ref(), (0, 0), 9), ["a.r1", "b.r1", "c.r1"]);
    let done = [
        dispatch("a.r1", DispatchState::Waiting),
        dispatch("b.r1", DispatchState::Delivered),
    ];
    store.put_dispatches(&done).unwrap();
    assert_eq!(queue(store.as_ref(), (0, 0), 9), ["a.r1", "c.r1"]);
    assert_eq!(queue(store.as_ref(), (0, 0), 1), ["a.r1"]);
    assert_eq!(queue(store.as_ref(), (0, 1), 9), ["c.r1"]);
    // What waits is found wherever the place of new messages is.
    assert_eq!(queue(store.as_ref(), (3, 0), 9), ["a.r1"]);
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

fn a_replay_makes_messages_wait_and_queues_for_a_newcomer_what_has_not_expired(place: &Place) {
    let mut store = filled(place);
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
    assert_eq!(queue(store.as_ref(), (3, 0), 9), [""; 0]);
    assert_eq!(store.replay(&replay("p", Which::Failed)).unwrap(), 1);
    assert_eq!(queue(store.as_ref(), (3, 0), 9), ["a.r1"]);
    assert_eq!(store.replay(&replay("p", Which::Alert("b"))).unwrap(), 1);
    assert_eq!(queue(store.as_ref(), (3, 0), 9), ["a.r1", "b.r1"]);
    store.reopen_withheld("p", "c").unwrap();
    assert_eq!(queue(store.as_ref(), (3, 0), 9), ["a.r1", "b.r1", "c.r1"]);
    let counts = store.dispatches(&DispatchState::ALL).unwrap();
    let counts: Vec<(u32, u32)> = counts.iter().map(|d| (d.attempts, d.refusals)).collect();
    assert_eq!(counts, [(0, 0), (0, 0), (1, 1)]);
    let error = store.replay(&replay("q", Which::Failed)).unwrap_err();
    assert!(
        matches!(error, StoreError::UnknownPartner { .. }),
        "{error}"
    );
    store.put_partner(&partner("q")).unwrap();
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

fn channels_need_their_partner_and_leave_with_it(place: &Place) {
    let mut store = filled(place);
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
    let mut store = filled_file(&folder.path().join("t.gpkg"));
    store
        .put_dispatches(&[dispatch("a.r1", DispatchState::Waiting)])
        .unwrap();
    let sql = DISPATCH.replace("d.state", "'of a later release' AS state");
    let read = store.many(
        &DISPATCHES,
        &format!("SELECT {sql} FROM dispatches AS d"),
        [],
        |row| read_dispatch(row, 0),
    );
    let error = read.unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("of a later release"), "{cause}");
}

fn a_replay_puts_no_revision_behind_a_later_one(place: &Place) {
    let mut store = filled(place);
    let second = alert("a", 2);
    let entries = ["p", "q"].map(|audience| message(audience, &second));
    store.put_alerts(&[second], &entries).unwrap();
    let replay = |partner| Replay {
        partner,
        channel: None,
        which: Which::Alert("a"),
    };
    let mut copied = |partner_id| {
        store.put_partner(&partner(partner_id)).unwrap();
        store.replay(&replay(partner_id)).unwrap();
        let queued = store.undelivered(partner_id, "any").unwrap();
        queued.into_iter().map(|q| q.message_id).collect::<Vec<_>>()
    };
    assert_eq!(copied("q"), ["a.r2"]);
    assert_eq!(copied("newcomer"), ["a.r1", "a.r2"]);
}

fn a_pause_by_an_old_view_of_a_channel_brings_nothing_old_back(place: &Place) {
    let mut store = filled(place);
    let hook = |secrets: &[&str]| Channel {
        route: Route::Webhook {
            url: "https://partner.example/".into(),
            form: Form::Standard,
            secrets: secrets.iter().map(|text| Secret::new(*text)).collect(),
        },
        ..channel("p", "c")
    };
    let (seen, rotated) = (hook(&["old"]), hook(&["new", "old"]));
    store.put_channel(&seen).unwrap();
    store.put_channel(&rotated).unwrap();
    assert!(store.pause_channel(&seen, "410").unwrap().is_empty());
    assert_eq!(store.channels().unwrap(), std::slice::from_ref(&rotated));
    assert_eq!(store.pause_channel(&rotated, "410").unwrap().updated, 1);
    let paused = Channel {
        state: ChannelState::Paused("410".into()),
        ..rotated.clone()
    };
    assert_eq!(store.channels().unwrap(), [paused]);
    store.remove_channel("p", "c").unwrap();
    assert!(store.pause_channel(&rotated, "410").unwrap().is_empty());
    assert_eq!(store.channels().unwrap(), []);
}

fn a_channel_that_is_added_does_not_carry_what_has_expired_until_it_is_asked_for(place: &Place) {
    drop(filled(place));
    // All three have expired by then.
    let mut store = place.open(later());
    let fresh = Alert {
        expires: "2027-01-02T00:00:00Z".parse().unwrap(),
        ..alert("d", 1)
    };
    let entry = message("p", &fresh);
    store.put_alerts(&[fresh], &[entry]).unwrap();
    store.put_channel(&channel("p", "c")).unwrap();
    store.reopen_withheld("p", "c").unwrap();
    assert_eq!(queue(store.as_ref(), (0, 0), 9), ["d.r1"]);
    let withheld = store.dispatches(&[DispatchState::Withheld]).unwrap();
    assert_eq!(withheld.len(), 3);
    assert_eq!(withheld[0].answer, EXPIRED);
    let replay = Replay {
        partner: "p",
        channel: None,
        which: Which::Alert("a"),
    };
    assert_eq!(store.replay(&replay).unwrap(), 1);
    assert_eq!(queue(store.as_ref(), (0, 0), 9), ["a.r1", "d.r1"]);
}

fn messages_are_counted_for_the_channels_that_there_are_tried_or_not(place: &Place) {
    let mut store = filled(place);
    store.put_channel(&channel("p", "c")).unwrap();
    let elsewhere = Dispatch {
        channel: "removed".into(),
        ..dispatch("a.r1", DispatchState::Failed)
    };
    store
        .put_dispatches(&[dispatch("b.r1", DispatchState::Delivered), elsewhere])
        .unwrap();
    let counts = |waiting, delivered, failed| {
        vec![
            (DispatchState::Waiting, waiting),
            (DispatchState::Delivered, delivered),
            (DispatchState::Failed, failed),
            (DispatchState::Withheld, 0),
        ]
    };
    assert_eq!(store.standing().unwrap(), counts(2, 1, 0));
    store
        .put_dispatches(&[dispatch("c.r1", DispatchState::Failed)])
        .unwrap();
    assert_eq!(store.standing().unwrap(), counts(1, 1, 1));
    store.remove_channel("p", "c").unwrap();
    assert_eq!(store.standing().unwrap(), counts(0, 0, 0));
}

#[test]
fn what_waits_is_found_by_its_index_and_not_among_all_that_was_delivered() {
    let folder = tempfile::tempdir().unwrap();
    let store = filled_file(&folder.path().join("t.gpkg"));
    for sql in [waiting(), REOPEN.to_owned()] {
        let plan: Vec<String> = store
            .ask("explain", |connection| {
                let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
                // The marks stay unset: a plan does not depend on their values.
                let rows = statement.raw_query().mapped(|row| row.get("detail"));
                rows.collect()
            })
            .unwrap();
        assert!(plan[0].contains("USING INDEX dispatches_open"), "{plan:#?}");
    }
}

#[test]
fn a_copy_made_as_the_documentation_says_holds_no_secret() {
    const SQL: &str = "PRAGMA secure_delete = ON; DELETE FROM channels; VACUUM;";
    assert!(include_str!("../../docs/push.md").contains(SQL));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.gpkg");
    let mut store = filled_file(&path);
    let hook = |name: &str| Channel {
        route: Route::Webhook {
            url: "https://partner.example/".into(),
            form: Form::Standard,
            secrets: vec![Secret::new("hunter2")],
        },
        ..channel("p", name)
    };
    // A secret of a channel that was removed before may stand on a free page as well.
    store.put_channel(&hook("c")).unwrap();
    store.put_channel(&hook("d")).unwrap();
    store.remove_channel("p", "d").unwrap();
    let holds_secret = || {
        let bytes = std::fs::read(&path).unwrap();
        bytes.windows(7).any(|part| part == b"hunter2")
    };
    assert!(holds_secret());
    store.execute(SQL);
    assert!(!holds_secret());
}
