//! `tidewatch serve` from outside: it needs no set-up, withstands rude clients, and ends in order.

use crate::program::tidewatch;
use crate::served::{Server, demo_store, writer};
use std::io::{Read, Write};
use std::time::{Duration, Instant};

#[test]
fn an_empty_folder_is_enough_to_serve_and_sigterm_ends_it_with_0() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder.path().join("new.gpkg"));
    assert_eq!(server.get("/healthz", None).body, "alive\n");
    assert_eq!(server.get("/readyz", None).body, "ready\n");
    let landing = server.get("/", None);
    assert!(
        landing.head.contains("vary: authorization"),
        "{}",
        landing.head
    );
    assert!(landing.body.contains("\"conformance\""), "{}", landing.body);
    let page =
        server.raw(b"GET / HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\nConnection: close\r\n\r\n");
    assert!(
        page.contains("<!doctype html>") && page.contains("default-src 'none'"),
        "{page}"
    );
    assert!(!page.contains("//"), "the page names no other host");
    let rss = server.get("/feeds/rss.xml", None);
    assert!(
        rss.status == 200 && rss.body.contains("<rss"),
        "{}",
        rss.body
    );
    let metrics = server.get("/metrics", None).body;
    assert!(
        metrics.contains("mda_http_requests_total{route=\"/feeds/{file}\",status=\"200\"} 1"),
        "{metrics}"
    );
    let (status, log) = server.end();
    assert_eq!(status.code(), Some(0), "{log}");
}

#[test]
fn an_address_in_use_is_named_and_nothing_starts() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder.path().join("a.gpkg"));
    let store = folder.path().join("b.gpkg");
    let ran = tidewatch([
        "serve",
        "--store",
        store.to_str().unwrap(),
        "--listen",
        &server.address,
    ]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr
            .contains(&format!("cannot listen on {}", server.address)),
        "{}",
        ran.stderr
    );
    assert!(!store.exists(), "no store is made");
    let told = ran.stderr.to_lowercase();
    assert!(!told.contains("push"), "no push: {told}");
    let ran = tidewatch(["serve", "--public-url", "ftp://x"]);
    assert_eq!(ran.code, 2);
}

#[test]
fn hostile_requests_are_refused_and_the_next_one_is_answered() {
    let folder = tempfile::tempdir().unwrap();
    let (store, key) = demo_store(folder.path());
    let server = Server::start(&store);
    let status = |answer: &str| answer.split(' ').nth(1).unwrap_or("closed").to_owned();
    let long = "x".repeat(100_000);
    for (request, expected) in [
        (format!("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n{long}"), vec!["413"]),
        ("DELETE /collections HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".into(), vec!["405"]),
        (format!("GET /{long} HTTP/1.1\r\nHost: x\r\n\r\n"), vec!["400", "414", "431", "closed"]),
        (format!("GET / HTTP/1.1\r\nHost: x\r\nX: {long}\r\n\r\n"), vec!["431", "400", "closed"]),
        ("GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".into(), vec!["404"]),
        ("GET /alerts/%2e%2e%2f%2e%2e%2fetc%2fpasswd.xml HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".into(), vec!["404"]),
        ("GET /download/%00.csv HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".into(), vec!["404"]),
        ("GET /feeds/regions/a%0d%0aSet-Cookie:x/rss.xml HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".into(), vec!["404"]),
        ("GET /collections/alerts/items?tlp='%20OR%201=1-- HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".into(), vec!["200"]),
        ("GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Basic eDp4\r\nConnection: close\r\n\r\n".into(), vec!["401"]),
        ("GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \r\nConnection: close\r\n\r\n".into(), vec!["401"]),
        ("not http at all\r\n\r\n".into(), vec!["400", "closed"]),
        ("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n".into(), vec!["400", "200", "closed"]),
    ] {
        let answer = server.raw(request.as_bytes());
        let told: String = request.chars().take(60).collect();
        assert!(expected.contains(&status(&answer).as_str()), "{told}: {answer}");
        assert!(!answer.to_lowercase().contains("\r\nset-cookie"), "{told}");
        assert!(!answer.contains("root:"), "{told}");
        assert!(!answer.contains(folder.path().to_str().unwrap()), "{told}: a path leaks");
    }
    assert_eq!(server.get("/readyz", None).status, 200);
    let items = server.get("/collections/detections/items?limit=1", Some(&key));
    assert_eq!(items.status, 200, "{}", items.body);
    let injected = server.get(
        "/collections/detections/items?scene_id=x'%20OR%20'1'='1",
        Some(&key),
    );
    assert!(
        injected.body.contains("\"numberMatched\":0"),
        "{}",
        injected.body
    );
    let (status, log) = server.end();
    assert_eq!(status.code(), Some(0));
    assert!(
        log.contains("Request answered."),
        "the log says what was answered: {log}"
    );
    assert!(
        !log.contains(&key) && !log.contains("Basic eDp4") && !log.contains("panicked"),
        "{log}"
    );
}

#[test]
fn a_client_that_sends_its_head_by_the_byte_is_cut_off_and_holds_nobody_up() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder.path().join("a.gpkg"));
    let mut slow: Vec<_> = (0..50).map(|_| server.connect()).collect();
    for stream in &mut slow {
        stream.write_all(b"GET / HTTP/1.1\r\n").unwrap();
    }
    let started = Instant::now();
    assert_eq!(server.get("/healthz", None).status, 200);
    assert!(started.elapsed() < Duration::from_secs(5), "others wait");
    let mut rest = Vec::new();
    // The head's time is ten seconds; the reading side waits twenty.
    let ended = slow[0].read_to_end(&mut rest);
    assert!(ended.is_ok(), "the connection is closed by the server");
    assert!(started.elapsed() < Duration::from_secs(18));
}

#[test]
fn a_reader_that_dawdles_does_not_keep_the_server_from_ending() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder.path().join("a.gpkg"));
    let mut slow = server.connect();
    // Far more than the sockets hold, so that the server waits for the reader.
    let requests = "GET /api?f=json HTTP/1.1\r\nHost: x\r\n\r\n".repeat(1000);
    slow.write_all(requests.as_bytes()).unwrap();
    let mut byte = [0];
    slow.read_exact(&mut byte).unwrap();
    std::thread::spawn(move || {
        while slow.read(&mut byte).is_ok_and(|n| n > 0) {
            std::thread::sleep(Duration::from_millis(100));
        }
    });
    std::thread::sleep(Duration::from_secs(1));
    // Ten seconds are the answers'; the end is awaited for fifteen.
    let (status, log) = server.end();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(log.contains("are cut off"), "nobody dawdled: {log}");
}

#[test]
fn an_alert_that_a_run_commits_reaches_an_open_stream_and_the_audit() {
    let folder = tempfile::tempdir().unwrap();
    let (store, key) = demo_store(folder.path());
    let server = Server::start(&store);
    let mut stream = server.connect();
    let request = format!("GET /stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut text = String::new();
    let mut buffer = [0; 4096];
    while !text.contains("\r\n\r\n") {
        let n = stream.read(&mut buffer).unwrap();
        text.push_str(&String::from_utf8_lossy(&buffer[..n]));
    }
    assert!(
        text.to_lowercase()
            .contains("content-type: text/event-stream"),
        "{text}"
    );
    // Another process commits a revision: the newest one copied under a new number.
    let committed = writer(&store)
        .execute(
            "INSERT INTO alerts (alert_id, revision, json) SELECT alert_id, 99, json_set(json, '$.revision', 99)
             FROM alerts ORDER BY fid LIMIT 1",
            [],
        )
        .unwrap();
    assert_eq!(committed, 1);
    while !text.contains(".r99") {
        let n = stream.read(&mut buffer).expect("the alert comes");
        text.push_str(&String::from_utf8_lossy(&buffer[..n]));
    }
    assert!(text.contains("event: alert"), "{text}");
    drop(stream);
    let (status, log) = server.end();
    assert_eq!(status.code(), Some(0), "{log}");
    let audit = tidewatch(["partner", "--store", store.to_str().unwrap(), "audit"]).stdout;
    assert!(
        audit
            .lines()
            .any(|line| line.starts_with("all\t") && line.contains("\t99\tstream\t")),
        "{audit}"
    );
}

#[test]
fn a_cap_file_that_no_run_wrote_is_in_english_and_the_languages_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let (store, key) = demo_store(folder.path());
    let id: String = {
        let writer = writer(&store);
        writer
            .execute(
                "INSERT INTO alerts (alert_id, revision, json) SELECT alert_id, 99, json_set(json, '$.revision', 99)
                 FROM alerts ORDER BY fid LIMIT 1",
                [],
            )
            .unwrap();
        let newest = "SELECT alert_id FROM alerts WHERE revision = 99";
        writer.query_row(newest, [], |row| row.get(0)).unwrap()
    };
    let server = Server::start_with(&store, &["--language", "zh-Hant", "--language", "ja"]);
    let answer = server.get(&format!("/alerts/{id}.r99.xml"), Some(&key));
    let tags: Vec<&str> = answer
        .body
        .split("<language>")
        .skip(1)
        .filter_map(|part| Some(part.split_once('<')?.0))
        .collect();
    assert_eq!(tags, ["en", "ja", "zh-Hant"], "{}", answer.body);
    let refused = tidewatch(["serve", "--language", "tlh"]);
    assert_eq!(refused.code, 2);
    assert!(
        refused.stderr.contains("tlh") && refused.stderr.contains("zh-Hans"),
        "{}",
        refused.stderr
    );
}
