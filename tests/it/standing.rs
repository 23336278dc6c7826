//! Structures that stand in pass after pass are learnt; ships that come and go are not.

use crate::program::tidewatch;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// Simulates one pass of the same track, 12 days after the last; structures stand where those of the first do.
fn pass(folder: &Path, number: u32) {
    let out = folder.join(format!("pass-{number}"));
    let (month, day) = [(3, 2), (3, 14), (3, 26), (4, 7), (4, 19)][number as usize - 1];
    let start = format!("2026-{month:02}-{day:02}T09:30:00Z");
    let first = folder.join("pass-1/fixed.geojson");
    let mut args: Vec<String> = [
        "simulate",
        "--no-land",
        "--width",
        "700",
        "--height",
        "700",
        "--correlated",
        "4",
        "--silent",
        "2",
        "--ais-only",
        "0",
        "--rafts",
        "0",
        "--separation-m",
        "700",
    ]
    .map(str::to_owned)
    .into();
    args.extend(["--out".to_owned(), out.display().to_string()]);
    args.extend([
        "--start".to_owned(),
        start,
        "--seed".to_owned(),
        number.to_string(),
    ]);
    if number == 1 {
        args.extend(["--fixed".to_owned(), "2".to_owned()]);
    } else {
        args.extend(["--fixed".to_owned(), "0".to_owned()]);
        args.extend(["--fixed-at".to_owned(), first.display().to_string()]);
    }
    let made = tidewatch(&args);
    assert_eq!(made.code, 0, "{}", made.stderr);
    silence_aids(&out.join("ais.nmea"));
}

/// Takes the reports of aids to navigation (type 21) out of a log: these structures tell nobody of themselves.
fn silence_aids(log: &Path) {
    let text = fs::read_to_string(log).unwrap();
    let mut in_aid = false;
    let kept = text.lines().filter(|line| {
        let fields: Vec<&str> = line.rsplit('!').next().unwrap_or("").split(',').collect();
        let (Some(part), Some(payload)) = (fields.get(2), fields.get(5)) else {
            return true;
        };
        if *part == "1" {
            in_aid = payload.starts_with('E');
        }
        !in_aid
    });
    let kept: Vec<&str> = kept.collect();
    assert!(
        kept.len() < text.lines().count(),
        "{}: no aid to navigation",
        log.display()
    );
    fs::write(log, kept.join("\r\n") + "\r\n").unwrap();
}

/// Runs all passes made so far, as every night would; gives the output folder.
fn run(folder: &Path, passes: u32, out: &str) -> PathBuf {
    let list = |file: &str| {
        let entries: Vec<String> = (1..=passes)
            .map(|number| format!("{}/pass-{number}/{file}", folder.display()))
            .collect();
        entries.join(", ")
    };
    let pipeline = folder.join("nightly.yaml");
    let text = format!(
        "name: nightly\nscenes: [{}]\nais: [{}]\nland: {{built_in: false}}\noutput: {out}\n",
        list("*.SAFE"),
        list("ais.nmea")
    );
    fs::write(&pipeline, text).unwrap();
    let ran = tidewatch(["run", pipeline.to_str().unwrap()]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    folder.join(out)
}

fn features(file: &Path) -> Vec<Value> {
    let text =
        fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let collection: Value = serde_json::from_str(&text).unwrap();
    collection["features"].as_array().unwrap().clone()
}

fn place(feature: &Value) -> (f64, f64) {
    let at = &feature["geometry"]["coordinates"];
    (at[0].as_f64().unwrap(), at[1].as_f64().unwrap())
}

/// True within 60 m, at 25.8° N.
fn is_near(a: (f64, f64), b: (f64, f64)) -> bool {
    ((a.0 - b.0) * 100_200.0).hypot((a.1 - b.1) * 110_800.0) < 60.0
}

#[test]
fn structures_are_in_the_catalogue_after_three_passes_and_fixed_from_then_on_and_a_ship_of_one_pass_is_not()
 {
    let folder = tempfile::tempdir().unwrap();
    let mut standing = Vec::new();
    for number in 1..=5 {
        pass(folder.path(), number);
        if number == 1 {
            standing = features(&folder.path().join("pass-1/fixed.geojson"))
                .iter()
                .map(place)
                .collect();
            assert_eq!(standing.len(), 2);
        }
        let out = run(folder.path(), number, "out");
        let learnt: Vec<_> = features(&out.join("fixed.geojson"))
            .iter()
            .map(place)
            .collect();
        assert_eq!(
            learnt.len(),
            if number >= 3 { 2 } else { 0 },
            "pass {number}"
        );
        for at in &learnt {
            assert!(
                standing.iter().any(|stands| is_near(*at, *stands)),
                "{at:?}"
            );
        }
        let contacts = features(&out.join("contacts.geojson"));
        let day = ["-03-02T", "-03-14T", "-03-26T", "-04-07T", "-04-19T"][number as usize - 1];
        let mut ships = 0;
        for contact in contacts {
            let properties = &contact["properties"];
            if !properties["datetime"].as_str().unwrap().contains(day) {
                continue;
            }
            let verdict = properties["verdict"].as_str().unwrap();
            if standing
                .iter()
                .any(|stands| is_near(place(&contact), *stands))
            {
                let expected = if number > 3 { "fixed" } else { "uncorrelated" };
                assert_eq!(verdict, expected, "pass {number}: {contact}");
                if number > 3 {
                    let reasons = properties["reasons"].to_string();
                    let told = format!("in {0} of the {0} earlier passes", number - 1);
                    assert!(reasons.contains(&told), "{reasons}");
                }
            } else {
                assert_ne!(verdict, "fixed", "pass {number}: {contact}");
                ships += 1;
            }
        }
        assert!(ships >= 5, "pass {number}: {ships}");
    }
    // All at once ends with the same as night by night.
    let at_once = run(folder.path(), 5, "at-once");
    for file in ["fixed.geojson", "contacts.geojson"] {
        let [nightly, once] =
            [&folder.path().join("out"), &at_once].map(|out| features(&out.join(file)));
        assert_eq!(nightly, once, "{file}");
    }
}
