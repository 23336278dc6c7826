//! Events of AIS from outside: the table of `tidewatch ais --events`, and an alert that late reports withdraw.

use crate::program::tidewatch;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

const HEADING: &str = "MMSI,BaseDateTime,LAT,LON,SOG,COG,Status,TransceiverClass\n";

/// A row at a minute of two days; a kilometre east is 0.009985° at the equator, which is near enough at 25° N for a way.
fn row(text: &mut String, mmsi: u32, minute: u32, (lon, lat): (f64, f64), sog: f64, status: u8) {
    let (day, hour, minute) = (1 + minute / 1440, minute / 60 % 24, minute % 60);
    writeln!(
        text,
        "{mmsi},2026-03-{day:02}T{hour:02}:{minute:02}:00,{lat:.6},{lon:.6},{sog:.1},90.0,{status},A"
    )
    .unwrap();
}

/// Twenty vessels at anchor that are heard all day, and one that goes east at 3 kn and is silent between two minutes.
fn day(silent: std::ops::Range<u32>) -> String {
    let mut text = HEADING.to_owned();
    for minute in (0..1440).step_by(10) {
        for ship in 0..20 {
            row(
                &mut text,
                431_000_100 + ship,
                minute,
                (122.8 + 0.1 * f64::from(ship), 25.5),
                0.0,
                1,
            );
        }
        if !silent.contains(&minute) {
            row(&mut text, 431_000_001, minute, way(minute), 3.0, 0);
        }
    }
    text
}

/// 3 kn are 5.556 km an hour, 0.0554° of longitude at 25.7° N.
fn way(minute: u32) -> (f64, f64) {
    (123.1 + 0.0554 * f64::from(minute) / 60.0, 25.7)
}

fn pipeline(folder: &Path) -> std::path::PathBuf {
    let image: Vec<u8> = [b"P5\n64 64\n255\n".to_vec(), vec![20; 64 * 64]].concat();
    fs::write(folder.join("sea.pgm"), image).unwrap();
    let file = folder.join("watch.yaml");
    let text = "name: watch\nscenes: [sea.pgm]\nais: ['*.csv']\nrules:\n  - id: stopped\n    kind: ais-event\n    \
                events: [gap, unexplained-gap]\n    zone_nm: 24\noutput: out\n";
    fs::write(&file, text).unwrap();
    file
}

#[test]
fn an_encounter_over_midnight_is_one_row() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("two.csv");
    let mut text = HEADING.to_owned();
    // From 21:00 to 03:00 beside each other, 0.002° (200 m) apart; before and behind ten kilometres.
    for minute in (1080..1800).step_by(5) {
        let apart = if (1260..1620).contains(&minute) {
            0.002
        } else {
            0.1
        };
        row(&mut text, 431_000_001, minute, (124.0, 25.0), 0.2, 0);
        row(
            &mut text,
            431_000_002,
            minute,
            (124.0 + apart, 25.0),
            0.2,
            0,
        );
    }
    fs::write(&path, text).unwrap();
    let ran = tidewatch(["ais".as_ref(), "--events".as_ref(), path.as_os_str()]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let rows: Vec<&str> = ran
        .stdout
        .lines()
        .filter(|line| line.contains(",encounter,"))
        .collect();
    assert_eq!(rows.len(), 1, "{}", ran.stdout);
    assert!(rows[0].contains("431000001; 431000002"), "{}", rows[0]);
    assert!(
        rows[0].contains("2026-03-01T21:") && rows[0].contains("2026-03-02T0"),
        "{}",
        rows[0]
    );
}

#[test]
fn a_gap_raises_an_alert_once_and_late_reports_that_fill_it_withdraw_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = pipeline(folder.path());
    fs::write(folder.path().join("day.csv"), day(360..960)).unwrap();
    let run = || {
        let ran = tidewatch(["run".as_ref(), file.as_os_str()]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.stdout + &ran.stderr
    };
    let first = run();
    assert!(first.contains("1 new, 0 updated, 0 withdrawn"), "{first}");
    let page = fs::read_to_string(folder.path().join("out/report.html")).unwrap();
    assert!(
        page.contains("AIS reports stopped"),
        "the page lacks the event"
    );
    assert!(run().contains("0 new, 0 updated, 0 withdrawn, 1 unchanged"));
    let mut late = HEADING.to_owned();
    for minute in (360..960).step_by(10) {
        row(&mut late, 431_000_001, minute, way(minute), 3.0, 0);
    }
    fs::write(folder.path().join("late.csv"), late).unwrap();
    let last = run();
    assert!(last.contains("0 new, 0 updated, 1 withdrawn"), "{last}");
}

#[test]
fn a_silence_of_the_whole_feed_raises_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = pipeline(folder.path());
    let all: String = day(0..0)
        .lines()
        .filter(|line| !(6..16).any(|hour| line.contains(&format!("T{hour:02}:"))))
        .fold(String::new(), |text, line| text + line + "\n");
    fs::write(folder.path().join("day.csv"), all).unwrap();
    let ran = tidewatch(["run".as_ref(), file.as_os_str()]);
    assert!((ran.stdout + &ran.stderr).contains("0 new, 0 updated, 0 withdrawn"));
}
