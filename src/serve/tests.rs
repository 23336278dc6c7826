//! Every exit asked by every reader: each sees exactly its own, and refusals tell no more.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may fail by panic"
)]

use super::testing::{House, MARKINGS, REGIONS, clock, house, house_at, id_of, marked};
use crate::model::alert::Tlp;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicI64, Ordering};
use tower::ServiceExt;

/// Ids of the alerts whose text stands in an answer.
fn seen(text: &str) -> BTreeSet<String> {
    REGIONS
        .iter()
        .flat_map(|region| MARKINGS.map(|tlp| id_of(region, tlp)))
        .filter(|id| text.contains(id.as_str()))
        .collect()
}

fn own(who: &str) -> BTreeSet<String> {
    let all = |region: &str, tlps: &[Tlp]| -> Vec<String> {
        tlps.iter().map(|tlp| id_of(region, *tlp)).collect()
    };
    match who {
        "a" => all("east", &[Tlp::Clear, Tlp::Green]),
        "b" => all("west", &MARKINGS),
        // A key without the scope of alerts is told what everybody is told.
        "nobody" | "c" | "operator" => {
            [all("east", &[Tlp::Clear]), all("west", &[Tlp::Clear])].concat()
        }
        _ => Vec::new(),
    }
    .into_iter()
    .collect()
}

const WHOLE_EXITS: [&str; 11] = [
    "/collections/alerts/items",
    "/collections/alerts/items?f=html",
    "/download/alerts.geojson",
    "/download/alerts.geojsonl",
    "/download/alerts.csv",
    "/download/alerts.kml",
    "/download/alerts.fgb",
    "/download/alerts.gpkg",
    "/feeds/rss.xml",
    "/feeds/atom.xml",
    "/stream",
];

const READERS: [&str; 7] = ["a", "b", "c", "operator", "nobody", "expired", "wrong"];

#[tokio::test]
async fn each_reader_is_given_exactly_its_own_by_every_exit() {
    let house = house();
    for who in READERS {
        let refused = ["expired", "wrong"].contains(&who);
        for exit in WHOLE_EXITS {
            let (status, text) = house.ask(exit, who).await;
            assert_eq!(seen(&text), own(who), "{exit} for {who}");
            let expected = if refused {
                StatusCode::UNAUTHORIZED
            } else {
                StatusCode::OK
            };
            assert_eq!(status, expected, "{exit} for {who}");
        }
        for region in REGIONS {
            for path in [
                format!("/feeds/regions/{region}/rss.xml"),
                format!("/feeds/regions/group-{region}/atom.xml"),
            ] {
                let (_, text) = house.ask(&path, who).await;
                let wanted = own(who)
                    .into_iter()
                    .filter(|id| id.contains(region))
                    .collect();
                assert_eq!(seen(&text), wanted, "{path} for {who}");
            }
            for tlp in MARKINGS {
                let id = id_of(region, tlp);
                for path in [
                    format!("/alerts/{id}.r1.xml"),
                    format!("/collections/alerts/items/{id}.r1"),
                ] {
                    let (status, text) = house.ask(&path, who).await;
                    let expected = match (refused, own(who).contains(&id)) {
                        (true, _) => StatusCode::UNAUTHORIZED,
                        (false, true) => StatusCode::OK,
                        (false, false) => StatusCode::NOT_FOUND,
                    };
                    assert_eq!(status, expected, "{path} for {who}");
                    assert_eq!(
                        status == StatusCode::OK,
                        text.contains(&id),
                        "{path} for {who}"
                    );
                }
            }
        }
    }
}

#[tokio::test]
async fn what_is_hidden_and_what_is_not_there_are_answered_alike() {
    let house = house();
    for who in ["nobody", "a"] {
        let hidden = house.ask("/alerts/mark-west-red.r1.xml", who).await;
        assert_eq!(hidden, house.ask("/alerts/no-such-alert.r1.xml", who).await);
        let hidden = house.ask("/feeds/partners/b/rss.xml", who).await;
        assert_eq!(
            hidden,
            house
                .ask("/feeds/partners/no-such-partner/rss.xml", who)
                .await
        );
        assert_eq!(hidden.0, StatusCode::NOT_FOUND);
    }
    assert_eq!(
        house.ask("/alerts/x", "expired").await,
        house.ask("/alerts/x", "wrong").await
    );
    let (status, text) = house.ask("/feeds/partners/b/rss.xml", "b").await;
    assert_eq!((status, seen(&text)), (StatusCode::OK, own("b")));
}

#[tokio::test]
async fn evidence_needs_its_scope_and_watch_regions_need_nothing() {
    let house = house();
    for collection in ["scenes", "detections", "contacts", "tracks"] {
        for path in [
            format!("/collections/{collection}/items"),
            format!("/collections/{collection}"),
            format!("/download/{collection}.csv"),
            format!("/download/{collection}.fgb"),
            format!("/download/{collection}.gpkg"),
        ] {
            only_c_may(&house, &path).await;
        }
        let (_, listed) = house.ask("/collections", "b").await;
        assert!(
            !listed.contains(&format!("\"id\":\"{collection}\"")),
            "{collection}"
        );
    }
    for path in [
        "/stac/search",
        "/stac/collections/scenes",
        "/stac/collections/scenes/items",
        "/stac/collections/detection-runs/items",
    ] {
        only_c_may(&house, path).await;
    }
    for who in ["nobody", "b"] {
        let (status, text) = house.ask("/stac/collections", who).await;
        assert_eq!(status, StatusCode::OK);
        assert!(text.contains("\"collections\":[]"), "{who}: {text}");
        let (_, landing) = house.ask("/stac", who).await;
        assert!(!landing.contains("\"child\""), "{who}: {landing}");
    }
    let (status, text) = house
        .ask("/collections/watch-regions/items?region_id=east", "nobody")
        .await;
    assert_eq!(status, StatusCode::OK);
    assert!(text.contains("\"numberMatched\":1"), "{text}");
}

#[tokio::test]
async fn figures_of_the_store_are_the_operators_alone() {
    let house = house();
    let (status, text) = house.ask("/metrics", "operator").await;
    assert_eq!(status, StatusCode::OK);
    // Three markings in each of two regions, by one rule.
    assert!(
        text.contains("mda_store_rows{table=\"alert_revisions\"} 6"),
        "{text}"
    );
    assert!(
        text.contains("mda_store_messages{state=\"waiting\"} 0"),
        "{text}"
    );
    for who in ["a", "b", "c", "nobody"] {
        let (status, text) = house.ask("/metrics", who).await;
        assert_eq!(status, StatusCode::OK, "{who}");
        assert!(!text.contains("mda_store_rows"), "{who}: {text}");
    }
    for who in ["expired", "wrong"] {
        assert_eq!(house.ask("/metrics", who).await.0, StatusCode::UNAUTHORIZED);
    }
}

/// Of all readers the one with the scope of evidence alone.
async fn only_c_may(house: &House, path: &str) {
    for (who, expected) in [
        ("nobody", StatusCode::UNAUTHORIZED),
        ("a", StatusCode::FORBIDDEN),
        ("b", StatusCode::FORBIDDEN),
        ("c", StatusCode::OK),
        ("operator", StatusCode::FORBIDDEN),
        ("expired", StatusCode::UNAUTHORIZED),
        ("wrong", StatusCode::UNAUTHORIZED),
    ] {
        assert_eq!(house.ask(path, who).await.0, expected, "{path} for {who}");
    }
}

#[tokio::test]
async fn the_audit_names_reader_revision_exit_and_key() {
    let mut house = house();
    house.ask("/feeds/rss.xml", "a").await;
    let mut entries = Vec::new();
    while let Ok(entry) = house.audit.try_recv() {
        entries.push(entry);
    }
    let ids: BTreeSet<String> = entries.iter().map(|entry| entry.alert_id.clone()).collect();
    assert_eq!(ids, own("a"));
    assert!(entries.iter().all(|entry| entry.audience == "a"
        && entry.exit == "rss"
        && entry.key_id.is_some()
        && entry.time == clock()));
}

#[tokio::test]
async fn a_document_is_sent_once_and_then_confirmed_by_its_tag() {
    let house = house();
    for path in [
        "/feeds/rss.xml",
        "/feeds/atom.xml",
        "/alerts/mark-east-clear.r1.xml",
        "/collections",
    ] {
        let get = |name: &'static str, value: String| {
            let request = Request::get(path).header(name, value);
            house
                .routes
                .clone()
                .oneshot(request.body(Body::empty()).unwrap())
        };
        let first = get("x-none", String::new()).await.unwrap();
        assert_eq!(first.status(), StatusCode::OK);
        assert_eq!(first.headers()[header::CACHE_CONTROL], "public, max-age=30");
        let tag = first.headers()[header::ETAG].to_str().unwrap().to_owned();
        for tags in [
            tag.clone(),
            format!("W/{tag}"),
            format!("\"x\", {tag}"),
            "*".to_owned(),
        ] {
            let again = get("if-none-match", tags).await.unwrap();
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{path}");
        }
        assert_eq!(
            get("if-none-match", "\"x\"".into()).await.unwrap().status(),
            StatusCode::OK
        );
    }
}

async fn asked_since(house: &House, path: &str, date: &str) -> StatusCode {
    let request = Request::get(path).header(header::IF_MODIFIED_SINCE, date);
    let request = request.body(Body::empty()).unwrap();
    house
        .routes
        .clone()
        .oneshot(request)
        .await
        .unwrap()
        .status()
}

#[tokio::test]
async fn a_date_confirms_a_cap_file_and_never_hides_an_alert_that_came_late_to_a_feed() {
    let house = house();
    let sent = "Sun, 01 Mar 2026 10:00:00 GMT";
    let file = "/alerts/mark-east-clear.r1.xml";
    assert_eq!(
        asked_since(&house, file, sent).await,
        StatusCode::NOT_MODIFIED
    );
    let earlier = "Sun, 01 Mar 2026 09:59:59 GMT";
    assert_eq!(asked_since(&house, file, earlier).await, StatusCode::OK);
    let mut late = marked("east", Tlp::Clear);
    late.id = "late".into();
    late.sent -= SignedDuration::from_hours(1);
    house.publish(late);
    for feed in ["/feeds/rss.xml", "/feeds/atom.xml"] {
        assert_eq!(
            asked_since(&house, feed, sent).await,
            StatusCode::OK,
            "{feed}"
        );
        assert!(
            house.ask(feed, "nobody").await.1.contains("late.r1"),
            "{feed}"
        );
    }
}

#[tokio::test]
async fn a_page_is_confirmed_while_nothing_but_the_clock_moves() {
    let house = house_at(moving_clock);
    let path = "/collections/alerts/items";
    let get = |tag: &str| {
        let request = Request::get(path).header(header::IF_NONE_MATCH, tag);
        let request = request.body(Body::empty()).unwrap();
        house.routes.clone().oneshot(request)
    };
    let first = get("").await.unwrap();
    let tag = first.headers()[header::ETAG].to_str().unwrap().to_owned();
    assert_eq!(get(&tag).await.unwrap().status(), StatusCode::NOT_MODIFIED);
}

/// Goes on by a second whenever it is read.
fn moving_clock() -> Timestamp {
    static SECONDS: AtomicI64 = AtomicI64::new(0);
    clock() + SignedDuration::from_secs(SECONDS.fetch_add(1, Ordering::SeqCst))
}

#[tokio::test]
async fn what_is_not_a_parameter_or_a_value_is_refused_as_a_problem() {
    let house = house();
    for path in [
        "/collections?x=1",
        "/?f=xml",
        "/collections/alerts/items?nonsense=1",
        "/collections/alerts/items?bbox=1,2,3",
        "/collections/alerts/items?bbox=nan,2,3,4",
        "/collections/alerts/items?datetime=yesterday",
        "/collections/alerts/items?limit=0",
        "/collections/alerts/items?limit=1&limit=2",
        "/collections/alerts/items?revision=one",
        "/collections/alerts/items?after=nothing",
        "/collections/alerts/items?bbox=%ff",
        "/download/alerts.csv?limit=1",
    ] {
        let (status, text) = house.ask(path, "nobody").await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{path}: {text}");
        let problem: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(problem["status"], 400, "{path}");
    }
    for path in [
        "/nothing",
        "/collections/nothing",
        "/download/alerts.exe",
        "/download/alerts",
        "/alerts/..%2f..%2fetc%2fpasswd",
        "/feeds/x.xml",
    ] {
        assert_eq!(
            house.ask(path, "nobody").await.0,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
}

#[tokio::test]
async fn pages_follow_each_other_without_a_gap_and_filters_hold() {
    let house = house();
    let mut path = "/collections/alerts/items?limit=1".to_owned();
    let mut ids = Vec::new();
    loop {
        let (_, text) = house.ask(&path, "b").await;
        let page: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(page["numberMatched"], 3);
        ids.extend(
            page["features"]
                .as_array()
                .unwrap()
                .iter()
                .map(|f| f["id"].as_str().unwrap().to_owned()),
        );
        let links = page["links"].as_array().unwrap();
        let Some(next) = links.iter().find(|link| link["rel"] == "next") else {
            break;
        };
        path = next["href"]
            .as_str()
            .unwrap()
            .strip_prefix("http://test")
            .unwrap()
            .to_owned();
    }
    assert_eq!(ids.len(), 3, "{ids:?}");
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 3);
    for (query, matched) in [
        ("bbox=123,25,124,26", 3),
        ("bbox=0,0,1,1", 0),
        ("bbox=170,0,-170,60", 0),
        ("bbox=120,0,-170,60", 3),
        ("datetime=2026-03-01T09:00:00Z", 3),
        ("datetime=2026-03-01T09:00:01Z%2F..", 0),
        ("datetime=../2026-03-01T09:00:00Z", 3),
        ("tlp=TLP:RED", 1),
        ("tlp=TLP:RED&revision=2", 0),
        ("probability=0.9", 3),
    ] {
        let (_, text) = house
            .ask(&format!("/collections/alerts/items?{query}"), "b")
            .await;
        assert!(
            text.contains(&format!("\"numberMatched\":{matched}")),
            "{query}: {text}"
        );
    }
}
