//! Holds the house: who may import whom, how long a file may be, where `gdal::` and `unsafe` may stand.

use std::fs;
use std::path::{Path, PathBuf};

/// Each room's floor and the rooms it may name in `crate::…` (beside itself). Floor by floor, from the bottom.
const FLOORS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("gis", &["model"]),
    ("scene", &["model", "gis"]),
    ("region", &["model", "gis"]),
    ("ais", &["model", "gis"]),
    ("detect", &["model", "region", "scene"]),
    ("fuse", &["model", "region", "ais"]),
    ("alert", &["model", "region"]),
    ("encode", &["model", "gis"]),
    ("store", &["model"]),
    ("deliver", &["model", "store", "encode"]),
    (
        "lab",
        &[
            "model", "gis", "scene", "region", "ais", "detect", "fuse", "alert",
        ],
    ),
    (
        "pipeline",
        &[
            "model", "gis", "scene", "region", "ais", "detect", "fuse", "alert", "encode", "store",
            "deliver", "lab",
        ],
    ),
    ("serve", &["model", "region", "encode", "store"]),
    (
        "cli",
        &[
            "model", "pipeline", "serve", "deliver", "lab", "gis", "scene", "ais", "store",
            "encode",
        ],
    ),
];

const LONGEST_FILE_LINES: usize = 500;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The room a file under `src/` belongs to: its first folder, or `None` for `lib.rs` and `main.rs`.
fn room_of(file: &Path) -> Option<String> {
    let inside = file.strip_prefix(root().join("src")).unwrap();
    let mut parts = inside.components();
    let first = parts.next()?.as_os_str().to_string_lossy().into_owned();
    if parts.next().is_none() && (first == "lib.rs" || first == "main.rs") {
        return None;
    }
    Some(first.trim_end_matches(".rs").to_owned())
}

/// Rooms named after `crate::` in one file, brace lists included.
fn rooms_named(text: &str) -> Vec<String> {
    let mut rooms = Vec::new();
    for (start, _) in text.match_indices("crate::") {
        if text[..start].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let rest = &text[start + "crate::".len()..];
        if let Some(list) = rest.strip_prefix('{') {
            let mut depth = 1;
            let mut word = String::new();
            for c in list.chars() {
                match c {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    _ => {}
                }
                if depth == 1 && (c.is_alphanumeric() || c == '_') {
                    word.push(c);
                } else if !word.is_empty() {
                    // Only the head of each path in the list names a room.
                    if depth >= 1 && (c == ':' || c == ',' || c == '}' || c == '\n') {
                        rooms.push(std::mem::take(&mut word));
                    }
                    word.clear();
                }
                if depth == 0 {
                    break;
                }
            }
        } else {
            rooms.push(
                rest.chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect(),
            );
        }
    }
    rooms.retain(|room| FLOORS.iter().any(|(name, _)| name == room));
    rooms
}

/// Faults of one file's imports against the table.
fn import_faults(room: &str, text: &str) -> Vec<String> {
    let Some((_, allowed)) = FLOORS.iter().find(|(name, _)| *name == room) else {
        return vec![format!("room `{room}` is not in the table of floors")];
    };
    rooms_named(text)
        .into_iter()
        .filter(|named| named != room && !allowed.contains(&named.as_str()))
        .map(|named| format!("`{room}` imports `{named}`"))
        .collect()
}

#[test]
fn rooms_import_only_from_lower_floors() {
    let mut faults = Vec::new();
    for file in rust_files(&root().join("src")) {
        let Some(room) = room_of(&file) else { continue };
        let text = fs::read_to_string(&file).unwrap();
        for fault in import_faults(&room, &text) {
            faults.push(format!("{}: {fault}", file.display()));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_scan_sees_a_forbidden_import_in_every_form() {
    for text in [
        "use crate::detect::search;",
        "use crate::{model::scene::Scene, detect::search};",
        "fn f() { crate::detect::search() }",
    ] {
        assert_eq!(
            import_faults("scene", text),
            ["`scene` imports `detect`"],
            "{text}"
        );
    }
    assert!(import_faults("scene", "use crate::model::scene::Scene;").is_empty());
    assert!(!import_faults("helpers", "").is_empty());
}

#[test]
fn no_file_is_longer_than_its_limit_or_named_after_nothing() {
    let mut faults = Vec::new();
    for folder in ["src", "tests", "benches"] {
        let folder = root().join(folder);
        if !folder.exists() {
            continue;
        }
        for file in rust_files(&folder) {
            let lines = fs::read_to_string(&file).unwrap().lines().count();
            if lines > LONGEST_FILE_LINES {
                faults.push(format!("{}: {lines} lines", file.display()));
            }
            let named_after_nothing = file.components().any(|part| {
                let part = part.as_os_str().to_string_lossy();
                ["utils", "common", "helpers"].contains(&part.trim_end_matches(".rs"))
            });
            if named_after_nothing {
                faults.push(format!("{}: says nothing of its subject", file.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn gdal_stands_in_gis_alone_and_unsafe_only_there_and_in_kernels() {
    let mut faults = Vec::new();
    for file in rust_files(&root().join("src")) {
        let text = fs::read_to_string(&file).unwrap();
        let room = room_of(&file).unwrap_or_default();
        let kernel = file
            .to_string_lossy()
            .contains("/detect/cfar/kernel/simd.rs");
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            if room != "gis" && (code.contains("gdal::") || code.contains("gdal_sys")) {
                faults.push(format!("{}:{}: gdal", file.display(), number + 1));
            }
            if room != "gis" && !kernel && code.split_whitespace().any(|word| word == "unsafe") {
                faults.push(format!("{}:{}: unsafe", file.display(), number + 1));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_file_opens_by_saying_what_it_is_for() {
    let faults: Vec<String> = rust_files(&root().join("src"))
        .into_iter()
        .filter(|file| !fs::read_to_string(file).unwrap().starts_with("//!"))
        .map(|file| file.display().to_string())
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn one_sqlite_is_linked_and_it_is_the_systems() {
    // rusqlite with `bundled` beside libgdal crashes: the program must not define SQLite's symbols itself.
    let output = std::process::Command::new("nm")
        .args(["-D", "--defined-only", env!("CARGO_BIN_EXE_tidewatch")])
        .output()
        .expect("nm (binutils) runs");
    assert!(output.status.success());
    let symbols = String::from_utf8_lossy(&output.stdout);
    assert!(
        !symbols.contains("sqlite3_"),
        "the program exports SQLite symbols"
    );
}
