//! A whole file through [`load`](super::load): every fault at once, and a good one with its paths resolved.

use super::*;
use std::fs;

fn written(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("image.tif"), "x").expect("a file");
    let path = folder.path().join("p.yaml");
    fs::write(&path, text).expect("a file");
    (folder, path)
}

fn places(text: &str) -> Vec<(usize, usize)> {
    let (_folder, path) = written(text);
    match load(&path, None) {
        Err(PlanError::Faults(faults)) => faults
            .list()
            .iter()
            .map(|fault| (fault.place.line, fault.place.column))
            .collect(),
        Err(other) => panic!("{other}"),
        Ok(_) => Vec::new(),
    }
}

#[test]
fn faults_of_every_sort_are_told_at_once_each_at_its_place() {
    let text = "\
name: 7
scenes: [nowhere.tif, image.tif, image.tif]
detect: {pfa: 0.5, guard_px: 41, ring_px: 31}
regions: {zones_nm: [24, 12]}
fuse: {gate_km: -3}
rules:
  - {id: a, kind: zone-entry, min_probability: 0.5}
  - {id: a, kind: dark-ship}
  - {id: b, kind: ais-only, regions: [atlantis]}
deliver:
  - {folder: cap, audience: {id: x, tlp: TLP:RED, rules: [c]}}
sender: {id: no spaces}
colour: blue
";
    let expected = [
        (1, 1),   // output is missing
        (1, 7),   // name is a number
        (2, 10),  // no such file
        (2, 34),  // named twice
        (3, 15),  // too probable
        (3, 30),  // guard wider than the ring
        (4, 21),  // zones fall
        (5, 17),  // a negative gate
        (7, 48),  // no effect on this kind
        (8, 10),  // an id twice
        (8, 19),  // no such kind
        (9, 39),  // no such region
        (11, 59), // no such rule
        (12, 14), // not a CAP sender
        (13, 1),  // unknown key
    ];
    assert_eq!(places(text), expected);
}

#[test]
fn a_good_file_loads_with_defaults_and_paths_relative_to_itself() {
    let (folder, path) = written("name: n\nscenes: ['*.tif']\noutput: out\n");
    let plan = load(&path, None).unwrap_or_else(|error| panic!("{error}"));
    let image = folder.path().join("image.tif");
    let scenes: Vec<&str> = plan.scenes().map(|scene| scene.path.as_str()).collect();
    assert_eq!(scenes, [image.to_string_lossy()]);
    assert_eq!(plan.output, folder.path().join("out"));
    assert_eq!(plan.file.status, crate::model::alert::Status::Test);
    assert_eq!(plan.file.deliver[0].folder, "cap");
    let elsewhere = load(&path, Some(Path::new("/elsewhere"))).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(elsewhere.output, Path::new("/elsewhere"));
}

#[test]
fn a_pipeline_searches_or_listens() {
    assert_eq!(places("name: n\noutput: out\n"), [(1, 1)]);
    let live = "name: n\nlive: {sources: [{id: a, kind: websocket, address: 'wss://x', key_file: k}]}\noutput: out\n";
    let (folder, path) = written(live);
    let plan = load(&path, None).unwrap_or_else(|error| panic!("{error}"));
    let source = &plan.file.live.as_ref().expect("it is there").sources[0];
    assert_eq!(source.key_file, Some(folder.path().join("k")));
}

#[test]
fn text_that_is_no_yaml_is_told_with_its_place() {
    assert_eq!(places("scenes: [\n").len(), 1);
    assert!(!places("").is_empty());
    assert!(!places("- a\n- b\n").is_empty());
}

#[test]
fn a_live_source_needs_its_own_name_and_a_host_and_port() {
    let text = "\
name: live
scenes: [image.tif]
output: out
live:
  sources:
    - {id: a, kind: tcp, address: 'station.example.org:10110'}
    - {id: a, kind: udp, address: nowhere}
    - {id: b, kind: tcp-listen}
    - {id: c, kind: stdin, address: 'x:1'}
    - {id: d, kind: carrier-pigeon}
    - {id: e, kind: websocket, address: 'http://x', boxes_deg: [[1, 2, 0, 3]]}
    - {id: f, kind: tcp, address: 'x:1', key_env: K}
";
    let expected = [
        (1, 7), // the source of tracks that a server hears
        (7, 12),
        (7, 35),
        (8, 7),
        (9, 37),
        (10, 21),
        (11, 41),
        (11, 65),
        (12, 51),
    ];
    assert_eq!(places(text), expected);
}

#[test]
fn scenes_of_lists_and_catalogues_are_checked_without_the_network() {
    let text = "\
name: n
output: out
scenes:
  - {list: nowhere.txt}
  - {stac: 'https://name:word@stac.example.org/search'}
  - {stac: 'ftp://stac.example.org'}
  - {stac: none.json}
  - {stac: 'https://stac.example.org', bbox_deg: [1, 3, 2, 3], datetime: yesterday, limit: 0}
  - {stac: image.tif, key_file: image.tif}
  - {stac: 'https://stac.example.org', colections: [a]}
  - {path: image.tif, stac: x}
";
    let expected = [
        (4, 12),  // no such list
        (5, 12),  // a password
        (6, 12),  // not HTTP
        (7, 12),  // no such file
        (8, 50),  // south is north
        (8, 74),  // no time
        (8, 92),  // too few
        (9, 33),  // a file has no key
        (10, 40), // unknown key
        (11, 23), // no key of a path
        (11, 29), // no such file
    ];
    assert_eq!(places(text), expected);
}

#[test]
fn a_path_counts_once_and_wildcards_may_wait_for_files() {
    let (folder, path) =
        written("name: n\nscenes: ['*.tif', {list: l.txt}, 'in/*.zip']\noutput: out\n");
    std::fs::write(folder.path().join("l.txt"), "image.tif\nother.SAFE\n").expect("a file");
    assert!(load(&path, None).is_err(), "in/*.zip matches nothing");
    let mut plan = super::load_with(&path, None, super::Wildcards::Anything)
        .unwrap_or_else(|error| panic!("{error}"));
    let names = |plan: &super::Plan| -> Vec<String> {
        let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
        plan.scenes().map(|scene| name(&scene.path)).collect()
    };
    assert_eq!(names(&plan), ["image.tif", "other.SAFE"]);
    std::fs::create_dir(folder.path().join("in")).expect("a folder");
    std::fs::write(folder.path().join("in/new.zip"), "").expect("a file");
    plan.look_again();
    assert_eq!(names(&plan), ["image.tif", "other.SAFE", "new.zip"]);
}
