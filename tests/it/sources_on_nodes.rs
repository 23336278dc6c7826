//! Scenes of a STAC catalogue over the work queue.

use crate::batch;
use crate::brokers::nats;
use crate::program::{Ran, entry_starting, tidewatch};
use serde_json::{Value, json};
use std::fs;

#[test]
#[ignore = "needs nats-server"]
fn workers_search_a_catalogues_scenes_and_the_close_is_set_aside_while_the_catalogue_is_away() {
    let folder = tempfile::tempdir().unwrap();
    batch::make(folder.path(), 2);
    let item = |n: &str| -> Value {
        let product = entry_starting(&folder.path().join("in").join(n), "S1A");
        json!({"type": "Feature", "id": n, "links": [], "properties": {"datetime": format!("2024-05-01T10:{n}:00Z")},
            "assets": {"product": {"href": product.to_str().unwrap(), "roles": ["data"]}}})
    };
    let items =
        json!({"type": "FeatureCollection", "links": [], "features": [item("01"), item("00")]});
    let catalogue = folder.path().join("items.json");
    fs::write(&catalogue, items.to_string()).unwrap();
    let pipeline = folder.path().join("stac.yaml");
    fs::write(
        &pipeline,
        "name: batch\nscenes: [{stac: items.json}]\noutput: one\n",
    )
    .unwrap();
    let whole = tidewatch(["run", pipeline.to_str().unwrap()]);
    assert_eq!(whole.code, 0, "{}", whole.stderr);

    let (_server, port) = nats(folder.path());
    let (store, many) = (folder.path().join("t.gpkg"), folder.path().join("many"));
    let queue = format!("nats://127.0.0.1:{port}");
    let asked = |args: &[&str]| -> Ran {
        let more = ["--store", store.to_str().unwrap(), "--queue", &queue];
        tidewatch(args.iter().copied().chain(more))
    };
    let submit = [
        "submit",
        pipeline.to_str().unwrap(),
        "--out",
        many.to_str().unwrap(),
    ];
    let submitted = asked(&submit);
    assert_eq!(submitted.code, 0, "{}", submitted.stderr);
    assert!(
        submitted.stderr.contains("2 scenes put"),
        "{}",
        submitted.stderr
    );

    // Scenes are searched without it; the close is set aside, and closes nothing in part.
    fs::rename(&catalogue, folder.path().join("away.json")).unwrap();
    fs::write(&catalogue, "").unwrap();
    let worked = asked(&["worker", "--once"]);
    assert_eq!(worked.code, 1, "{}", worked.stderr);
    assert!(
        worked.stderr.contains("items.json: is no JSON"),
        "{}",
        worked.stderr
    );
    assert!(!many.join("report.html").exists());

    fs::rename(folder.path().join("away.json"), &catalogue).unwrap();
    assert_eq!(asked(&["retry"]).code, 0);
    let closed = asked(&["worker", "--once"]);
    assert_eq!(closed.code, 0, "{}", closed.stderr);
    let found =
        |out: &str| fs::read_to_string(folder.path().join(out).join("detections.csv")).unwrap();
    assert_eq!(found("many"), found("one"));
    assert!(found("many").lines().count() > 3);
}
