//! `tidewatch status` and `tidewatch retry`: how inputs stand, and another attempt for those that failed.

use crate::program::{Ran, tidewatch};
use serde_json::Value;
use std::fs;

#[test]
fn status_tells_done_failed_and_waiting_and_retry_gives_a_failed_input_another_attempt() {
    let folder = tempfile::tempdir().unwrap();
    let bad = folder.path().join("empty.tif");
    fs::write(&bad, b"").unwrap();
    let good = folder.path().join("good.pgm");
    let pixels = (0..64 * 64).map(|i: u32| 40 + (i.wrapping_mul(2_654_435_761) >> 28) as u8);
    let image: Vec<u8> = b"P5\n64 64\n255\n".iter().copied().chain(pixels).collect();
    fs::write(&good, image).unwrap();
    let pipeline = folder.path().join("p.yaml");
    fs::write(
        &pipeline,
        "name: p\nscenes: [empty.tif, good.pgm]\noutput: out\n",
    )
    .unwrap();
    let store = folder.path().join("out/tidewatch.gpkg");
    let store = store.to_str().unwrap();
    let run = || tidewatch(["run", pipeline.to_str().unwrap()]);
    let status = || tidewatch(["status", "--store", store]);
    let bad = bad.to_str().unwrap();

    assert_eq!(status().code, 2, "there is no store yet");
    assert_eq!(run().code, 1);
    let first = status();
    assert_eq!(first.code, 1, "{}", first.stderr);
    let rows: Vec<Vec<&str>> = first
        .stdout
        .lines()
        .map(|line| line.split('\t').collect())
        .collect();
    assert_eq!(rows[0], ["state", "input", "why"]);
    assert_eq!((rows[1][0], rows[1][1]), ("failed", bad));
    assert!(rows[1][2].contains("empty"), "{:?}", rows[1]);
    assert_eq!(
        (rows[2][0], rows[2][1], rows[2][2]),
        ("done", good.to_str().unwrap(), "")
    );
    assert!(
        first
            .stderr
            .contains("2 inputs: 1 done, 1 failed, 0 waiting."),
        "{}",
        first.stderr
    );

    let again: Ran = run();
    assert_eq!(again.code, 1);
    assert!(
        again.stderr.contains("inputs failed: 1 (1 of them before"),
        "{}",
        again.stderr
    );

    let other = tidewatch(["retry", good.to_str().unwrap(), "--store", store]);
    assert_eq!(other.code, 2);
    assert!(
        other
            .stderr
            .contains("good.pgm: not among the inputs that failed"),
        "{}",
        other.stderr
    );
    let retry = tidewatch(["retry", "--store", store]);
    assert_eq!((retry.code, retry.stdout.trim()), (0, bad));
    let ran = tidewatch(["status", "--store", store, "--format", "json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let document: Value = serde_json::from_str(&ran.stdout).unwrap();
    let entry = &document["inputs"][0];
    assert_eq!(
        (&entry["input"], &entry["state"]),
        (&bad.into(), &"waiting".into())
    );
    assert!(
        entry["why"].as_str().unwrap().contains("it had failed: "),
        "{entry}"
    );

    let third = run();
    assert!(
        third.stderr.contains("inputs failed: 1\n"),
        "it was not tried: {}",
        third.stderr
    );
    assert_eq!(status().code, 1);
}
