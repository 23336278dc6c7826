//! Streams that are followed, left, come back to, and held by too many.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use super::super::testing::{STREAMS_EACH, house, marked};
use crate::model::alert::{Alert, Tlp};
use axum::body::BodyDataStream;
use axum::http::StatusCode;
use futures_util::StreamExt;
use std::time::Duration;

const WAIT: Duration = Duration::from_millis(200);

/// The next event's text; `None` if the stream has ended.
async fn next(stream: &mut BodyDataStream) -> Option<String> {
    let part = tokio::time::timeout(WAIT, stream.next()).await.unwrap()?;
    Some(String::from_utf8_lossy(&part.unwrap()).into_owned())
}

async fn is_quiet(stream: &mut BodyDataStream) -> bool {
    tokio::time::timeout(WAIT, stream.next()).await.is_err()
}

fn called(id: &str) -> Alert {
    Alert {
        id: id.into(),
        ..marked("west", Tlp::Red)
    }
}

#[tokio::test]
async fn a_key_that_ends_closes_its_stream_and_a_new_alert_reaches_its_readers_alone() {
    let house = house();
    let (_, mut a) = house.stream("a", None).await;
    let (_, mut b) = house.stream("b", None).await;
    house.publish(called("new"));
    let event = next(&mut b).await.unwrap();
    assert!(
        event.contains("id: new.r1\n") && event.contains("event: alert\n"),
        "{event}"
    );
    assert!(is_quiet(&mut a).await, "a is told nothing");
    let mut snapshot = (*house.state.snapshot()).clone();
    snapshot.keys.clear();
    house.state.put_snapshot(snapshot);
    house.publish(called("next"));
    assert_eq!(next(&mut b).await, None, "the stream ends");
}

#[tokio::test]
async fn a_reader_who_comes_back_is_given_what_was_stored_since_and_no_more() {
    let house = house();
    let (_, mut b) = house.stream("b", Some("mark-west-clear.r1")).await;
    for id in ["mark-west-green", "mark-west-red"] {
        let event = next(&mut b).await.unwrap();
        assert!(event.contains(&format!("id: {id}.r1\n")), "{event}");
    }
    assert!(is_quiet(&mut b).await);
    house.publish(called("new"));
    let event = next(&mut b).await.unwrap();
    assert!(event.contains("id: new.r1\n"), "{event}");
    // An id that is withheld from the reader places it nowhere: it is given all that is active.
    let (_, mut a) = house.stream("a", Some("mark-west-clear.r1")).await;
    for id in ["mark-east-clear", "mark-east-green"] {
        let event = next(&mut a).await.unwrap();
        assert!(event.contains(&format!("id: {id}.r1\n")), "{event}");
    }
    assert!(is_quiet(&mut a).await);
}

#[tokio::test]
async fn a_reader_who_falls_behind_the_buffer_is_cut_off_and_catches_up_by_coming_back() {
    let house = house();
    let (_, mut slow) = house.stream("b", None).await;
    // The buffer holds sixteen.
    for n in 0..20 {
        house.publish(called(&format!("told-{n}")));
    }
    assert_eq!(next(&mut slow).await, None, "the stream ends");
    let (_, mut again) = house.stream("b", Some("mark-west-red.r1")).await;
    for n in 0..20 {
        let event = next(&mut again).await.unwrap();
        assert!(event.contains(&format!("id: told-{n}.r1\n")), "{event}");
    }
}

#[tokio::test]
async fn a_reader_has_its_share_of_streams_and_no_other_readers() {
    let house = house();
    let mut open = Vec::new();
    for _ in 0..STREAMS_EACH {
        open.push(house.stream("a", None).await);
    }
    assert!(open.iter().all(|(status, _)| *status == StatusCode::OK));
    let (status, _) = house.stream("a", None).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(house.stream("b", None).await.0, StatusCode::OK);
    open.pop();
    assert_eq!(house.stream("a", None).await.0, StatusCode::OK);
}
