//! The catalogue as pystac and pystac-client read it, and its gates.

use crate::program::{clients_python, other, root, tidewatch};
use crate::served::{Server, demo_store, writer};
use rusqlite::Connection;
use serde_json::Value;
use std::fs;
use std::path::Path;

fn scenes(store: &Path) -> u64 {
    let sql = "SELECT count(*) FROM scenes WHERE datetime NOT NULL";
    let connection = Connection::open(store).unwrap();
    let count: i64 = connection.query_row(sql, [], |row| row.get(0)).unwrap();
    assert!(count > 0);
    count.unsigned_abs()
}

/// The demo's store with the pictures that its run wrote beside it.
fn with_pictures(folder: &Path) -> (std::path::PathBuf, String) {
    let (store, key) = demo_store(folder);
    let from = crate::demo::demo_output().join("quicklook");
    let to = folder.join("quicklook");
    fs::create_dir(&to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
    (store, key)
}

#[test]
#[ignore = "needs the Python clients"]
fn pystac_and_pystac_client_find_every_scene_and_run_of_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let (store, key) = with_pictures(folder.path());
    let server = Server::start(&store);
    let script = root().join("tests/clients/read_stac.py");
    let args = [script.to_str().unwrap(), &server.url(""), &key];
    let ran = other(clients_python(), args).unwrap();
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let seen: Value = serde_json::from_str(&ran.stdout).unwrap();
    let scenes = scenes(&store);
    for collection in ["scenes", "detection-runs"] {
        assert_eq!(seen["counts"][collection], scenes, "{collection}");
    }
    for method in ["GET", "POST"] {
        assert_eq!(seen["searched"][method], 2 * scenes, "{method}");
    }
    // The catalogue, two collections, and every item.
    assert_eq!(seen["checked"], 3 + 2 * scenes);
    assert_eq!(seen["quicklooks"], scenes);
    assert!(seen["sar"].as_u64().unwrap() > 0, "{seen}");
}

#[test]
fn the_catalogue_is_evidence_and_its_pictures_do_not_leave_their_folder() {
    let folder = tempfile::tempdir().unwrap();
    let house = folder.path().join("house");
    fs::create_dir(&house).unwrap();
    let (store, key) = with_pictures(&house);
    let path = store.to_str().unwrap();
    let added = tidewatch([
        "partner", "--store", path, "add", "reader", "--name", "R", "--tlp", "TLP:RED", "--scope",
        "alerts",
    ]);
    assert_eq!(added.code, 0, "{}", added.stderr);
    let narrow = tidewatch(["partner", "--store", path, "key", "add", "reader"]);
    let narrow = narrow.stdout.trim().to_owned();
    let outside = folder.path().join("secret.png");
    fs::write(&outside, "secret").unwrap();
    let server = Server::start(&store);
    let listed = server.get("/stac/collections/scenes/items", Some(&key));
    let page: Value = serde_json::from_str(&listed.body).unwrap();
    let id = page["features"][0]["id"].as_str().unwrap().to_owned();
    for path in [
        "/stac/search".to_owned(),
        "/stac/collections/scenes".to_owned(),
        "/stac/collections/detection-runs/items".to_owned(),
        format!("/stac/collections/scenes/items/{id}"),
        format!("/quicklooks/{id}.png"),
    ] {
        assert_eq!(server.get(&path, None).status, 401, "{path}");
        assert_eq!(server.get(&path, Some(&narrow)).status, 403, "{path}");
        assert_eq!(server.get(&path, Some("mda_wrong")).status, 401, "{path}");
        assert_eq!(server.get(&path, Some(&key)).status, 200, "{path}");
    }
    for path in [
        "/quicklooks/..%2fsecret.png",
        "/quicklooks/../secret.png",
        "/quicklooks/%2e%2e%2fsecret.png",
        "/quicklooks/no-such-scene.png",
        "/stac/collections/scenes/items/no-such-scene",
        "/stac/collections/alerts",
    ] {
        let answer = server.get(path, Some(&key));
        assert_eq!(answer.status, 404, "{path}: {}", answer.body);
        assert!(!answer.body.contains("secret"), "{path}");
    }
    let moved = writer(&store)
        .execute(
            "UPDATE scenes SET json = json_set(json, '$.run.quicklook', '../secret.png') WHERE scene_id = ?1",
            [&id],
        )
        .unwrap();
    assert_eq!(moved, 1);
    let answer = server.get(&format!("/quicklooks/{id}.png"), Some(&key));
    assert_eq!(
        answer.status, 404,
        "a path in the store leads out of its folder"
    );
    assert_eq!(server.end().0.code(), Some(0));
}

#[test]
fn a_posted_search_is_read_strictly_and_its_pages_join() {
    let folder = tempfile::tempdir().unwrap();
    let (store, key) = demo_store(folder.path());
    let server = Server::start(&store);
    let post = |key: Option<&str>, body: &str| {
        let key = key.map_or_else(String::new, |key| {
            format!("Authorization: Bearer {key}\r\n")
        });
        let text = server.raw(
            format!(
                "POST /stac/search HTTP/1.1\r\nHost: x\r\n{key}Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            )
            .as_bytes(),
        );
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.split(' ').nth(1).unwrap_or_default().to_owned();
        (status, body.to_owned())
    };
    assert_eq!(post(None, "{}").0, "401");
    for wrong in [
        "",
        "{",
        "[]",
        "{\"limit\":0}",
        "{\"bbox\":[1,2,3]}",
        "{\"filter\":{}}",
    ] {
        let (status, body) = post(Some(&key), wrong);
        assert_eq!(status, "400", "{wrong}: {body}");
    }
    let large = format!("{{\"ids\":[\"{}\"]}}", "x".repeat(100_000));
    assert_eq!(post(Some(&key), &large).0, "413");
    let mut ids = Vec::new();
    let mut token = String::new();
    loop {
        let (status, body) = post(Some(&key), &format!("{{\"limit\":1{token}}}"));
        assert_eq!(status, "200", "{body}");
        let page: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(page["numberMatched"], 2 * scenes(&store));
        ids.extend(
            page["features"]
                .as_array()
                .unwrap()
                .iter()
                .map(|item| item["id"].clone()),
        );
        let links = page["links"].as_array().unwrap();
        let Some(next) = links.iter().find(|link| link["rel"] == "next") else {
            break;
        };
        assert_eq!(next["method"], "POST");
        token = format!(",\"token\":{}", next["body"]["token"]);
        assert!(ids.len() < 1000, "the pages end");
    }
    assert_eq!(ids.len() as u64, 2 * scenes(&store));
    assert_eq!(server.end().0.code(), Some(0));
}
