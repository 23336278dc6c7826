//! Static catalogues from files. APIs over HTTP are asked by `tests/it/sources.rs`.

use super::*;
use serde_json::json;
use std::fs;
use std::path::PathBuf;

fn item(id: &str, time: &str, bbox: [f64; 4], href: &str) -> Value {
    json!({
        "type": "Feature", "id": id, "bbox": bbox, "collection": "c", "links": [],
        "properties": {"datetime": time, "sar:looks_equivalent_number": 4.4},
        "assets": {"product": {"href": href, "roles": ["data"]}},
    })
}

/// A catalogue of a collection of three items, whose links also lead back to the catalogue.
fn catalogue() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, value: Value| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(&path, value.to_string()).expect("a file");
        path
    };
    write(
        "c/b.json",
        item(
            "b",
            "2024-05-01T10:00:00Z",
            [123.0, 25.0, 124.0, 26.0],
            "./b.tif",
        ),
    );
    write(
        "c/a.json",
        item(
            "a",
            "2024-05-02T10:00:00Z",
            [179.0, 0.0, -179.0, 1.0],
            "../a.zip",
        ),
    );
    write(
        "c/p.json",
        item("p", "2024-05-03T10:00:00Z", [10.0, 0.0, 11.0, 1.0], "p.png"),
    );
    let links = ["b", "a", "p"].map(|id| json!({"rel": "item", "href": format!("./{id}.json")}));
    let mut links = links.to_vec();
    links.push(json!({"rel": "child", "href": "../catalog.json"}));
    write(
        "c/collection.json",
        json!({"type": "Collection", "id": "c", "links": links}),
    );
    let child = json!({"rel": "child", "href": "c/collection.json"});
    let path = write(
        "catalog.json",
        json!({"type": "Catalog", "id": "all", "links": [child]}),
    );
    (folder, path)
}

fn asked(path: &Path, more: &Value) -> Result<Found, SourceError> {
    let mut entry = json!({"stac": path.to_str().expect("a path")});
    for (key, value) in more.as_object().into_iter().flatten() {
        entry[key] = value.clone();
    }
    find(&serde_json::from_value(entry).expect("an entry"))
}

fn names(found: &Found) -> Vec<&str> {
    let name = |scene: &'_ SceneInput| scene.path.rfind('/').map_or(0, |at| at + 1);
    found
        .scenes
        .iter()
        .map(|scene| &scene.path[name(scene)..])
        .collect()
}

#[test]
fn a_static_catalogue_gives_its_scenes_by_time_and_names_what_cannot_be_read() {
    let (folder, path) = catalogue();
    let found = asked(&path, &json!({})).expect("a catalogue");
    assert_eq!(names(&found), ["b.tif", "a.zip"]);
    assert_eq!(
        found.scenes[0].path,
        folder.path().join("c/b.tif").to_string_lossy()
    );
    // A raster is told what it may not know, a product knows it.
    assert_eq!(found.scenes[0].options.looks, Some(4.4));
    assert!(found.scenes[0].options.time.is_some());
    assert_eq!(
        found.scenes[1].options,
        crate::scene::RasterOptions::default()
    );
    let unread: Vec<_> = found.unread.values().flatten().collect();
    assert_eq!(unread, ["p"]);
}

#[test]
fn items_are_held_against_box_time_collections_and_limit() {
    let (_folder, path) = catalogue();
    let of = |more: &Value| {
        let found = asked(&path, more).expect("a catalogue");
        names(&found).join(" ")
    };
    // Over 180°, and not.
    assert_eq!(of(&json!({"bbox_deg": [178.0, -1.0, 179.5, 2.0]})), "a.zip");
    assert_eq!(
        of(&json!({"bbox_deg": [179.9, -1.0, -179.9, 2.0]})),
        "a.zip"
    );
    assert_eq!(
        of(&json!({"bbox_deg": [120.0, 20.0, 123.0, 25.0]})),
        "b.tif"
    );
    assert_eq!(of(&json!({"bbox_deg": [-10.0, -1.0, 9.0, 2.0]})), "");
    assert_eq!(of(&json!({"datetime": "2024-05-02T00:00:00Z/.."})), "a.zip");
    assert_eq!(of(&json!({"datetime": "2024-05-01T10:00:00Z"})), "b.tif");
    assert_eq!(of(&json!({"collections": ["c"]})), "b.tif a.zip");
    assert_eq!(of(&json!({"collections": ["d"]})), "");
    assert_eq!(of(&json!({"limit": 1})), "b.tif");
}

#[test]
fn documents_that_are_none_of_stac_are_named_with_what_was_expected() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x.json");
    for (text, expected) in [
        ("{", "is no JSON"),
        ("{}", "`type` is missing; expected Feature"),
        (r#"{"type": "Topology"}"#, "`type` is `Topology`"),
        (
            r#"{"type": "FeatureCollection", "features": [], "links": [{"rel": "next", "href": "x.json"}]}"#,
            "was read before",
        ),
        (
            r#"{"type": "Catalog", "links": [{"rel": "item", "href": "https://stac.example.org/1"}]}"#,
            "expected the same kind of place",
        ),
    ] {
        fs::write(&path, text).expect("a file");
        let error = asked(&path, &json!({})).expect_err("an error").to_string();
        assert!(error.contains(expected), "{error}");
    }
    let error = asked(&folder.path().join("none.json"), &json!({})).expect_err("an error");
    assert!(error.to_string().contains("none.json"), "{error}");
}
