//! Disks that are full or read-only, clocks that jump, pages that are noise: a clear word, then recovery, and nothing lost.
//!
//! Full and read-only disks are small ones in memory, mounted in a namespace of their own (`unshare -rm`), for which nobody
//! need be root. Where a system forbids that, the test says so and ends.

use crate::batch::{Left, make};
use crate::program::{Ran, other, root, tidewatch};
use crate::push_desk::{Desk, alerts, ids};
use crate::receiver::Receiver;
use rusqlite::Connection;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Runs a script of the shell in a namespace in which it may mount; `$TIDEWATCH` is the program. `None` where a system
/// forbids it.
fn with_mounts(script: &str, args: &[&str]) -> Option<Ran> {
    let may = other("unshare", ["-rm", "mount", "-t", "tmpfs", "none", "/mnt"]);
    if may.is_none_or(|ran| ran.code != 0) {
        println!("not asked: this system lets nobody mount a small disk (unshare -rm)");
        return None;
    }
    let output = Command::new("unshare")
        .args(["-rm", "/bin/sh", "-euc", script, "script"])
        .args(args)
        .env("TIDEWATCH", env!("CARGO_BIN_EXE_tidewatch"))
        .env_remove("RUST_LOG")
        .current_dir(root())
        .output()
        .unwrap();
    Some(Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

#[test]
fn a_run_on_a_full_disk_names_what_it_could_not_write_and_goes_on_when_there_is_space() {
    let folder = tempfile::tempdir().unwrap();
    let pipeline = make(folder.path(), 4);
    let (out, kept) = (folder.path().join("out"), folder.path().join("kept"));
    let whole = tidewatch(["run", pipeline.to_str().unwrap()]);
    assert_eq!(whole.code, 0, "{}", whole.stderr);
    let whole = Left::in_folder(&out);
    fs::remove_dir_all(&out).unwrap();
    fs::create_dir(&out).unwrap();
    // Ever larger disks of the same content: each run fails a little later.
    let script = r#"
      mount -t tmpfs -o size=64k none "$2"
      size=64
      while :; do
        echo "size $size"
        code=0
        "$TIDEWATCH" run "$1" 2>"$3.log" || code=$?
        echo "code $code"
        grep '^error: ' "$3.log" || true
        [ "$code" = 0 ] && break
        size=$((size + 160))
        [ "$size" -lt 20000 ] || exit 9
        mount -o "remount,size=${size}k" "$2"
      done
      cp -a "$2" "$3"
    "#;
    let paths = [&pipeline, &out, &kept].map(|path| path.to_str().unwrap());
    let Some(ran) = with_mounts(script, &paths) else {
        return;
    };
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let codes: Vec<&str> = lines_of(&ran.stdout, "code ");
    assert!(codes.len() > 4, "{}", ran.stdout);
    assert!(
        codes[..codes.len() - 1].iter().all(|code| *code == "2"),
        "{}",
        ran.stdout
    );
    let errors = lines_of(&ran.stdout, "error: ");
    assert_eq!(errors.len(), codes.len() - 1, "{}", ran.stdout);
    for error in &errors {
        assert!(error.starts_with(out.to_str().unwrap()), "{error}");
        let is_clear = ["the disk is full", "No space left on device"];
        assert!(is_clear.iter().any(|text| error.contains(text)), "{error}");
    }
    assert!(
        errors
            .iter()
            .any(|error| error.contains("the disk is full; nothing of it was stored")),
        "{errors:?}"
    );
    Left::in_folder(&kept).must_be(&whole);
    println!(
        "{} runs on a full disk, then one that ended: same rows, same bytes.",
        errors.len()
    );
}

fn lines_of<'a>(text: &'a str, head: &str) -> Vec<&'a str> {
    text.lines()
        .filter_map(|line| line.strip_prefix(head))
        .collect()
}

#[test]
fn what_cannot_be_written_is_named_and_what_is_there_can_still_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let pipeline = make(folder.path(), 1);
    let pipeline = pipeline.to_str().unwrap();
    // A folder below a file cannot be made, not even by root.
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let below = file.join("out");
    let ran = tidewatch(["run", pipeline, "--out", below.to_str().unwrap()]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("file/out: cannot write the output"),
        "{}",
        ran.stderr
    );
    let out = folder.path().join("out");
    assert_eq!(tidewatch(["run", pipeline]).code, 0);
    let before = Left::in_folder(&out);
    // Under another name there is something to store.
    let text = fs::read_to_string(pipeline).unwrap();
    fs::write(pipeline, text.replace("name: batch", "name: other")).unwrap();
    let script = r#"
      mount --bind "$2" "$2"
      mount -o remount,ro,bind "$2"
      "$TIDEWATCH" run "$1" 2>&1 && exit 9
      "$TIDEWATCH" partner add jcg --name Guard --tlp AMBER --store "$2/tidewatch.gpkg" 2>&1 && exit 9
      "$TIDEWATCH" status --store "$2/tidewatch.gpkg" 2>&1
    "#;
    let Some(ran) = with_mounts(script, &[pipeline, out.to_str().unwrap()]) else {
        return;
    };
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert!(
        ran.stdout.contains(
            "tidewatch.gpkg: cannot store a partner: the file or its folder is read-only"
        ),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains("2 inputs: 2 done"), "{}", ran.stdout);
    Left::in_folder(&out).must_be(&before);
}

/// Runs the program under a clock that is off by `shift`, for example `+400d`. The clock that only counts on is the system's.
fn at_clock(shift: &str, args: &[&str]) -> Ran {
    let output = Command::new("faketime")
        .args(["-f", shift, env!("CARGO_BIN_EXE_tidewatch")])
        .args(args)
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .env_remove("RUST_LOG")
        .current_dir(root())
        .output()
        .expect("faketime runs");
    Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

#[test]
#[ignore = "needs faketime"]
fn a_message_tried_by_a_clock_far_ahead_leaves_as_soon_as_the_clock_is_right() {
    for shift in ["+400d", "-400d"] {
        let mut desk = Desk::new();
        let port = crate::brokers::free_port();
        desk.webhook("hook", &format!("http://127.0.0.1:{port}/"), &[]);
        desk.raise(&alerts(0..3));
        let store = desk.path().display().to_string();
        let args = [
            "deliver",
            "--once",
            "--allow-address",
            "127.0.0.0/8",
            "--store",
            &store,
        ];
        // Nobody listens yet: the next attempt is set by this clock.
        let ran = at_clock(shift, &args);
        assert_eq!(ran.code, 1, "{shift}: {}", ran.stderr);
        let receiver = Receiver::start_at(port, crate::push::ok);
        // Past the first wait, at the latest, by the clock that is right.
        let until = Instant::now() + Duration::from_secs(20);
        while desk.deliver().code != 0 {
            assert!(Instant::now() < until, "{shift}: {:?}", desk.dispatches());
            std::thread::sleep(Duration::from_millis(300));
        }
        assert_eq!(receiver.distinct_ids(), ids(0..3), "{shift}");
        assert_eq!(receiver.requests().len(), 3, "{shift}");
    }
}

#[test]
#[ignore = "needs faketime"]
fn runs_under_clocks_that_jump_tell_nothing_twice_and_the_order_of_alerts_holds() {
    let folder = tempfile::tempdir().unwrap();
    let pipeline = make(folder.path(), 2);
    let pipeline = pipeline.to_str().unwrap();
    let store = folder.path().join("out/tidewatch.gpkg");
    let mut told = Vec::new();
    for shift in ["+400d", "+0d", "-400d", "+0d"] {
        let ran = at_clock(shift, &["run", pipeline]);
        assert_eq!(ran.code, 0, "{shift}: {}", ran.stderr);
        let connection = Connection::open(&store).unwrap();
        let mut statement = connection
            .prepare("SELECT fid, alert_id, revision, sent FROM alerts ORDER BY fid")
            .unwrap();
        let rows = statement.query_map([], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        });
        let rows: Vec<(i64, String, u32, String)> = rows.unwrap().map(Result::unwrap).collect();
        assert!(!rows.is_empty());
        if told.is_empty() {
            told = rows;
        } else {
            assert_eq!(rows, told, "{shift}");
        }
    }
}

/// Overwrites a page of a store with noise; pages count from 1.
fn spoil(store: &Path, page: u64) {
    const PAGE: usize = 4096;
    let mut random = crate::killed_run::Random(page);
    let noise: Vec<u8> = (0..PAGE).map(|_| (random.share() * 256.0) as u8).collect();
    let mut file = File::options().write(true).open(store).unwrap();
    file.seek(SeekFrom::Start((page - 1) * PAGE as u64))
        .unwrap();
    file.write_all(&noise).unwrap();
}

fn root_page(store: &Path, table: &str) -> u64 {
    let sql = "SELECT rootpage FROM sqlite_master WHERE name = ?1";
    let connection = Connection::open(store).unwrap();
    let page: i64 = connection
        .query_row(sql, [table], |row| row.get(0))
        .unwrap();
    page.unsigned_abs()
}

#[test]
fn a_store_with_a_page_of_noise_is_called_damaged_and_is_not_written_to() {
    let folder = tempfile::tempdir().unwrap();
    let pipeline = make(folder.path(), 1);
    let pipeline = pipeline.to_str().unwrap();
    assert_eq!(tidewatch(["run", pipeline]).code, 0);
    let store = folder.path().join("out/tidewatch.gpkg");
    let sound = fs::read(&store).unwrap();
    let at = store.to_str().unwrap();
    let serve = ["serve", "--listen", "127.0.0.1:0", "--store", at];
    for (table, commands) in [
        (
            "journal",
            [&["status", "--store", at][..], &["run", pipeline]],
        ),
        ("alerts", [&["run", pipeline], &serve]),
    ] {
        spoil(&store, root_page(&store, table));
        let spoilt = fs::read(&store).unwrap();
        for command in commands {
            let ran = tidewatch(command);
            assert_eq!(ran.code, 2, "{command:?}: {}", ran.stderr);
            let told = format!("{at}: cannot");
            let advice = "the store is damaged; expected to move the file away and put a back-up in its place";
            assert!(
                ran.stderr.contains(&told) && ran.stderr.contains(advice),
                "{}",
                ran.stderr
            );
        }
        if table == "journal" {
            assert!(fs::read(&store).unwrap() == spoilt, "it was written to");
        }
        // What it is told to do helps.
        fs::write(&store, &sound).unwrap();
        assert_eq!(tidewatch(["run", pipeline]).code, 0);
        fs::write(&store, &sound).unwrap();
    }
    // The first page is what makes it a database.
    spoil(&store, 1);
    let ran = tidewatch(["status", "--store", at]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr
            .contains("not an SQLite database, or one whose first page is damaged"),
        "{}",
        ran.stderr
    );
}

#[test]
fn noise_in_any_page_of_a_store_ends_no_command_by_a_panic() {
    let folder = tempfile::tempdir().unwrap();
    let pipeline = make(folder.path(), 1);
    let pipeline = pipeline.to_str().unwrap();
    assert_eq!(tidewatch(["run", pipeline]).code, 0);
    let store = folder.path().join("out/tidewatch.gpkg");
    let at = store.to_str().unwrap();
    let sound = fs::read(&store).unwrap();
    let pages = (sound.len() / 4096) as u64;
    let mut damaged = 0;
    // Every page in turn of those that a few minutes allow.
    for page in (1..=pages).step_by((pages / 40).max(1) as usize) {
        spoil(&store, page);
        for command in [&["status", "--store", at][..], &["run", pipeline]] {
            let ran = tidewatch(command);
            assert!((0..=2).contains(&ran.code), "page {page}: {}", ran.stderr);
            assert!(
                !ran.stderr.contains("panicked"),
                "page {page}: {}",
                ran.stderr
            );
            if ran.code == 2 {
                assert!(ran.stderr.contains(at), "page {page}: {}", ran.stderr);
                damaged += 1;
            }
        }
        fs::write(&store, &sound).unwrap();
    }
    assert!(damaged > 5, "{damaged} of {pages}");
    println!("{pages} pages, {damaged} commands refused, none panicked.");
}

#[test]
fn a_back_up_of_a_store_that_a_run_writes_to_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let pipeline = make(folder.path(), 4);
    let store = folder.path().join("out/tidewatch.gpkg");
    let mut run = Command::new(env!("CARGO_BIN_EXE_tidewatch"))
        .arg("run")
        .arg(&pipeline)
        .env_remove("RUST_LOG")
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut copies = Vec::new();
    while run.try_wait().unwrap().is_none() {
        if !store.exists() {
            continue;
        }
        let copy = folder.path().join(format!("copy-{}.gpkg", copies.len()));
        let ran = tidewatch([
            "store",
            "backup",
            "--store",
            store.to_str().unwrap(),
            copy.to_str().unwrap(),
        ]);
        if ran.code == 0 {
            copies.push(copy);
        } else {
            // Before the first commit there is no store.
            assert!(copies.is_empty(), "{}", ran.stderr);
        }
    }
    assert!(
        run.wait().unwrap().success(),
        "the run fails beside back-ups"
    );
    assert!(!copies.is_empty());
    let mut scenes = Vec::new();
    for copy in &copies {
        let ran = tidewatch(["status", "--store", copy.to_str().unwrap()]);
        assert!(ran.code < 2, "{}", ran.stderr);
        let connection = Connection::open(copy).unwrap();
        let count = |sql: &str| -> i64 { connection.query_row(sql, [], |row| row.get(0)).unwrap() };
        // Each scene is there with all that was found in it, or not at all.
        let torn = "SELECT count(*) FROM scenes AS s WHERE s.detections <>
                    (SELECT count(*) FROM detections AS d WHERE d.scene_id = s.scene_id)";
        assert_eq!(count(torn), 0);
        scenes.push(count("SELECT count(*) FROM scenes"));
    }
    assert!(scenes.is_sorted(), "{scenes:?}");
    let mut head = [0; 15];
    File::open(&copies[0])
        .unwrap()
        .read_exact(&mut head)
        .unwrap();
    assert_eq!(&head, b"SQLite format 3");
    let again = tidewatch([
        "store",
        "backup",
        "--store",
        store.to_str().unwrap(),
        copies[0].to_str().unwrap(),
    ]);
    assert_eq!(again.code, 2);
    assert!(
        again
            .stderr
            .contains("copy-0.gpkg: cannot make the back-up"),
        "{}",
        again.stderr
    );
}
