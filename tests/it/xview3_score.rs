//! `tidewatch score` against xView3 labels, beside a program apart.

use crate::demo::demo_output;
use crate::program::{clients_python, other, root, tidewatch};
use serde_json::Value;
use std::fmt::Write;
use std::fs;

/// Labels of the demo's two scenes: a third of them doubtful, some left out, some of what is not there.
fn labels() -> String {
    let mut text = String::from(
        "detect_lat,detect_lon,vessel_length_m,source,detect_scene_row,detect_scene_column,is_vessel,is_fishing,\
         distance_from_shore_km,scene_id,confidence\n",
    );
    for name in ["north", "south"] {
        let file = root().join(format!("sample-data/{name}-truth.json"));
        let truth: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
        let scene = truth["scene_id"].as_str().unwrap();
        for (n, ship) in truth["ships"].as_array().unwrap().iter().enumerate() {
            let imaged = &ship["imaged"];
            let Some(row) = imaged["row"].as_f64().filter(|_| n % 6 != 5) else {
                continue;
            };
            let kind = ship["kind"].as_str().unwrap();
            let is_vessel = kind != "platform";
            let fishing = match (is_vessel, n % 4) {
                (true, 0 | 1) => {
                    if kind == "fishing" {
                        "True"
                    } else {
                        "False"
                    }
                }
                _ => "",
            };
            // Every fifth lies 25 pixels from where it is said to be: a miss and a false alarm.
            let row = if n % 5 == 4 { row + 25.0 } else { row };
            let length = if n % 3 == 1 {
                String::new()
            } else {
                ship["length_m"].to_string()
            };
            writeln!(
                text,
                "25.0,123.0,{length},ais,{row},{},{},{fishing},{},{scene},{}",
                imaged["col"],
                if n % 7 == 3 {
                    ""
                } else if is_vessel {
                    "True"
                } else {
                    "False"
                },
                0.4 + 0.9 * (n % 5) as f64,
                ["HIGH", "MEDIUM", "LOW"][n % 3],
            )
            .unwrap();
        }
    }
    text
}

#[test]
#[ignore = "needs tests/clients/requirements.txt"]
fn a_program_apart_finds_the_same_terms_and_the_same_aggregate() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("labels.csv");
    fs::write(&file, labels()).unwrap();
    let out = demo_output();
    let ran = tidewatch([
        "score".as_ref(),
        "--truth".as_ref(),
        file.as_os_str(),
        "--run".as_ref(),
        out.as_os_str(),
        "--format".as_ref(),
        "json".as_ref(),
    ]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let ours: Value = serde_json::from_str(&ran.stdout).unwrap();
    let script = root().join("tests/clients/score_xview3.py");
    let apart = other(
        clients_python(),
        [script.as_os_str(), file.as_os_str(), out.as_os_str()],
    )
    .unwrap();
    assert_eq!(apart.code, 0, "{}", apart.stderr);
    let theirs: Value = serde_json::from_str(&apart.stdout).unwrap();
    for name in [
        "detection",
        "near_shore",
        "vessel",
        "fishing",
        "length_score",
        "aggregate",
    ] {
        let ours = match &ours[name] {
            Value::Object(rates) => rates["f1"].as_f64().unwrap_or(0.0),
            figure => figure.as_f64().unwrap(),
        };
        let theirs = theirs[name].as_f64().unwrap();
        // GeoJSON has lengths to 0.1 m and places to 0.01 pixels.
        assert!((ours - theirs).abs() < 2e-3, "{name}: {ours} {theirs}");
    }
    assert!(ours["detection"]["misses"].as_u64() > Some(0), "{ours}");
    assert!(ours["detection"]["hits"].as_u64() > Some(5), "{ours}");
    assert!(ours["aggregate"].as_f64() > Some(0.2), "{ours}");
}

#[test]
fn a_file_that_holds_no_labels_is_named_with_what_was_expected() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("labels.csv");
    fs::write(&file, "scene_id,detect_scene_row\na,much\n").unwrap();
    let ran = tidewatch([
        "score".as_ref(),
        "--truth".as_ref(),
        file.as_os_str(),
        "--run".as_ref(),
        demo_output().as_os_str(),
    ]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    for told in ["labels.csv", "detect_scene_column", "line: 2"] {
        assert!(ran.stderr.contains(told), "{told}: {}", ran.stderr);
    }
}
