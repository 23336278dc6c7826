//! Scenes from archives, servers of files, object stores, lists and STAC catalogues, and folders that are watched.

use crate::batch;
use crate::brokers::free_port;
use crate::object_server::ObjectServer;
use crate::program::{Ran, clients_python, entry_starting, root, tidewatch};
use crate::push_desk::Running;
use crate::served::Server;
use serde_json::{Value, json};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Two small products in `in/00` and `in/01`, each also as a zip, and what a run over the folders finds.
struct Products {
    folder: tempfile::TempDir,
    found: String,
}

impl Products {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        batch::make(folder.path(), 2);
        let mut products = Self {
            folder,
            found: String::new(),
        };
        for n in ["00", "01"] {
            let ran = Command::new("zip")
                .args(["-q", "-r", "../../p.zip"])
                .arg(products.product(n).file_name().unwrap())
                .current_dir(products.inside(n))
                .status();
            assert!(ran.expect("zip runs").success());
            fs::rename(
                products.folder.path().join("p.zip"),
                products.inside(n).join("p.zip"),
            )
            .unwrap();
        }
        let ran = products.run("folder", "[in/*/*.SAFE]");
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        products.found = products.detections("folder");
        assert!(products.found.lines().count() > 3, "{}", products.found);
        products
    }

    fn inside(&self, n: &str) -> PathBuf {
        self.folder.path().join("in").join(n)
    }

    fn product(&self, n: &str) -> PathBuf {
        entry_starting(&self.inside(n), "S1A")
    }

    /// The product's path below the folder.
    fn key(&self, n: &str) -> String {
        let path = self.product(n);
        let below = path.strip_prefix(self.folder.path()).unwrap();
        below.to_str().unwrap().to_owned()
    }

    /// A pipeline of `scenes`, with the output folder `name`.
    fn pipeline(&self, name: &str, scenes: &str) -> PathBuf {
        let path = self.folder.path().join(format!("{name}.yaml"));
        let text = format!("name: {name}\nscenes: {scenes}\noutput: {name}\n");
        fs::write(&path, text).unwrap();
        path
    }

    fn run(&self, name: &str, scenes: &str) -> Ran {
        self.run_with(name, scenes, &[])
    }

    /// The same with variables of the environment.
    fn run_with(&self, name: &str, scenes: &str, environment: &[(&str, &str)]) -> Ran {
        let output = Command::new(env!("CARGO_BIN_EXE_tidewatch"))
            .arg("run")
            .arg(self.pipeline(name, scenes))
            .env_remove("RUST_LOG")
            .envs(environment.iter().copied())
            .output()
            .unwrap();
        Ran {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    fn detections(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name).join("detections.csv")).unwrap()
    }

    /// Runs `scenes`, which must give what the folders give.
    fn must_give_the_same(&self, name: &str, scenes: &str) {
        let ran = self.run(name, scenes);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert_eq!(self.detections(name), self.found, "{name}");
    }
}

#[test]
#[ignore = "needs zip"]
fn zips_manifests_and_lists_give_the_detections_of_the_folders() {
    let products = Products::new();
    products.must_give_the_same("zips", "['in/*/p.zip']");
    let one = format!("/vsizip/{}", products.inside("00").join("p.zip").display());
    let two = format!("{}/manifest.safe", products.key("01"));
    products.must_give_the_same("mixed", &format!("['{one}', '{two}']"));
    let list = format!("# by night\n{}\n\nin/01/p.zip\n", products.key("00"));
    fs::write(products.folder.path().join("night.txt"), list).unwrap();
    products.must_give_the_same("list", "[{list: night.txt}]");
    // What a list names and is not there fails alone.
    fs::write(
        products.folder.path().join("night.txt"),
        "in/01/p.zip\nnone.SAFE\n",
    )
    .unwrap();
    let ran = products.run("gone", "[{list: night.txt}]");
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("1 searched"), "{}", ran.stderr);
    assert!(ran.stderr.contains("none.SAFE"), "{}", ran.stderr);
}

#[test]
#[ignore = "needs zip"]
fn products_on_a_server_are_read_by_ranges_known_by_their_tags_and_asked_for_again() {
    let products = Products::new();
    let server = ObjectServer::start(products.folder.path());
    let zip = format!("/vsicurl/{}/in/00/p.zip", server.url);
    let manifest = format!(
        "/vsicurl/{}/{}/manifest.safe",
        server.url,
        products.key("01")
    );
    let scenes = format!("['{zip}', '{manifest}']");
    server.refuse(2);
    products.must_give_the_same("served", &scenes);
    assert_eq!(server.refusals_left(), 0);
    let (bytes, ranges) = server.sent();
    assert!(ranges > 2, "{ranges}");
    let size = |path: PathBuf| fs::metadata(path).unwrap().len();
    let there: u64 = size(products.inside("00").join("p.zip"))
        + fs::read_dir(products.product("01").join("measurement"))
            .unwrap()
            .map(|entry| size(entry.unwrap().path()))
            .sum::<u64>();
    println!("{there} bytes of products, {bytes} sent in {ranges} parts");

    // Nothing is fetched again but what tells that nothing changed.
    let again = products.run("served", &scenes);
    assert!(
        again.stderr.contains("0 searched, 2 already done"),
        "{}",
        again.stderr
    );

    // Another zip under the same address.
    fs::copy(
        products.inside("01").join("p.zip"),
        products.inside("00").join("p.zip"),
    )
    .unwrap();
    let other = products.run("served", &format!("['{zip}']"));
    assert_eq!(other.code, 0, "{}", other.stderr);
    assert!(other.stderr.contains("1 searched"), "{}", other.stderr);
    assert!(
        other.stderr.contains("changed: the scene's own files"),
        "{}",
        other.stderr
    );

    // What is not there is named, and the other is done.
    let absent = format!("/vsicurl/{}/none.zip", server.url);
    let ran = products.run("absent", &format!("['{absent}', '{manifest}']"));
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("1 searched"), "{}", ran.stderr);
    assert!(ran.stderr.contains(&absent), "{}", ran.stderr);
}

#[test]
#[ignore = "needs the Python clients"]
fn products_in_an_object_store_give_the_detections_of_the_folders() {
    let products = Products::new();
    let port = free_port();
    let mut store = Command::new(clients_python())
        .arg(root().join("tests/clients/object_store.py"))
        .args([&port.to_string(), "tide"])
        .arg(products.folder.path().join("in"))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(store.stdout.take().unwrap()).lines();
    let _store = Running(store);
    assert_eq!(lines.next().unwrap().unwrap(), "ready");
    let endpoint = format!("127.0.0.1:{port}");
    let environment = [
        ("AWS_S3_ENDPOINT", endpoint.as_str()),
        ("AWS_HTTPS", "NO"),
        ("AWS_VIRTUAL_HOSTING", "FALSE"),
        ("AWS_ACCESS_KEY_ID", "tide"),
        ("AWS_SECRET_ACCESS_KEY", "watch"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
    ];
    let safe = products.key("01").replacen("in/", "/vsis3/tide/", 1);
    let scenes = format!("['/vsis3/tide/00/p.zip', '{safe}']");
    let ran = products.run_with("stored", &scenes, &environment);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(products.detections("stored"), products.found);
    let again = products.run_with("stored", &scenes, &environment);
    assert!(
        again.stderr.contains("0 searched, 2 already done"),
        "{}",
        again.stderr
    );
    // Without the bucket's address the scenes fail, each by its name.
    let lost = products.run("lost", &scenes);
    assert_eq!(lost.code, 1, "{}", lost.stderr);
    assert!(
        lost.stderr.contains("/vsis3/tide/00/p.zip"),
        "{}",
        lost.stderr
    );
}

#[test]
#[ignore = "needs zip"]
fn our_own_catalogue_is_the_source_of_a_second_pipeline() {
    let products = Products::new();
    let files = ObjectServer::start(products.folder.path());
    let zip = format!("/vsicurl/{}/in/00/p.zip", files.url);
    let safe = format!(
        "/vsicurl/{}/{}/manifest.safe",
        files.url,
        products.key("01")
    );
    products.must_give_the_same("first", &format!("['{zip}', '{safe}']"));
    let store = products.folder.path().join("first/tidewatch.gpkg");
    let server = Server::start(&store);
    let key = key(&store, products.folder.path());
    let of = |address: &str, more: &str| {
        format!(
            "[{{stac: '{}', key_file: {key}{more}}}]",
            server.url(address)
        )
    };
    // The landing page, a search in pages of one, a collection, its items, an item.
    products.must_give_the_same("landing", &of("/stac", ", collections: [scenes]"));
    products.must_give_the_same(
        "search",
        &of("/stac/search?limit=1", ", collections: [scenes]"),
    );
    products.must_give_the_same("collection", &of("/stac/collections/scenes", ""));
    let day = ", datetime: 2024-05-01T00:00:00Z/2024-05-02T00:00:00Z, bbox_deg: [123, 25, 124, 26]";
    products.must_give_the_same("items", &of("/stac/collections/scenes/items", day));
    let again = products.run("items", &of("/stac/collections/scenes/items", day));
    assert!(
        again.stderr.contains("0 searched, 2 already done"),
        "{}",
        again.stderr
    );
    let night = ", datetime: 2024-06-01T00:00:00Z/..";
    let none = products.run("none", &of("/stac/search", night));
    assert_eq!(none.code, 0, "{}", none.stderr);
    assert!(none.stderr.contains("0 searched"), "{}", none.stderr);

    // Runs have nothing that can be searched: they are counted and named.
    let runs = products.run(
        "runs",
        &of("/stac/search", ", collections: [scenes, detection-runs]"),
    );
    assert_eq!(runs.code, 1, "{}", runs.stderr);
    assert!(
        runs.stderr.contains("2 items cannot be read"),
        "{}",
        runs.stderr
    );
    assert!(runs.stderr.contains("2 searched"), "{}", runs.stderr);

    // Without the key, and of what is not there: address, status and what was expected; what else there is is done.
    let scenes = format!(
        "[{{stac: '{}'}}, {{stac: '{}', key_file: {key}}}, 'in/00/p.zip']",
        server.url("/stac/search"),
        server.url("/stac/nothing")
    );
    let refused = products.run("refused", &scenes);
    assert_eq!(refused.code, 1, "{}", refused.stderr);
    for text in [
        "/stac/search: status 401, asked 1 times; expected 200",
        "/stac/nothing: status 404, asked 1 times; expected 200",
        "1 searched",
    ] {
        assert!(refused.stderr.contains(text), "{text}: {}", refused.stderr);
    }
    let journal = tidewatch([
        "status",
        "--store",
        products
            .folder
            .path()
            .join("refused/tidewatch.gpkg")
            .to_str()
            .unwrap(),
    ]);
    assert_eq!(journal.code, 1);
    assert!(
        journal.stdout.contains("/stac/nothing"),
        "{}",
        journal.stdout
    );
}

/// The file with the key of a new partner that may read the catalogue.
fn key(store: &Path, folder: &Path) -> String {
    let store = store.to_str().unwrap();
    let added = tidewatch([
        "partner", "--store", store, "add", "node", "--name", "Node", "--tlp", "TLP:RED",
        "--scope", "evidence",
    ]);
    assert_eq!(added.code, 0, "{}", added.stderr);
    let key = tidewatch(["partner", "--store", store, "key", "add", "node"]);
    assert_eq!(key.code, 0, "{}", key.stderr);
    fs::write(folder.join("key"), key.stdout).unwrap();
    "key".to_owned()
}

#[test]
#[ignore = "needs zip"]
fn a_catalogue_that_fails_in_passing_is_asked_again_and_tells_relative_assets() {
    let products = Products::new();
    let server = ObjectServer::start(products.folder.path());
    let item = |id: &str, href: &str| {
        json!({"type": "Feature", "stac_version": "1.1.0", "id": id, "geometry": null, "links": [],
            "properties": {"datetime": "2024-05-01T10:00:00Z"},
            "assets": {"product": {"href": href, "roles": ["data"], "type": "application/zip"}}})
    };
    let page = |features: Vec<Value>, next: Option<&str>| {
        let links: Vec<_> = next
            .map(|href| json!({"rel": "next", "href": href}))
            .into_iter()
            .collect();
        json!({"type": "FeatureCollection", "features": features, "links": links}).to_string()
    };
    let write =
        |name: &str, text: String| fs::write(products.folder.path().join(name), text).unwrap();
    write(
        "one.json",
        page(vec![item("b", "in/01/p.zip")], Some("two.json")),
    );
    write("two.json", page(vec![item("a", "in/00/p.zip")], None));
    server.refuse(2);
    let address = format!("{}/one.json", server.url);
    products.must_give_the_same("paged", &format!("[{{stac: '{address}'}}]"));
    assert_eq!(server.refusals_left(), 0);
    // The same from files, whose assets are files.
    products.must_give_the_same("files", "[{stac: one.json}]");
    // A circle of pages.
    write("two.json", page(Vec::new(), Some("one.json")));
    let circle = products.run("circle", &format!("[{{stac: '{address}'}}, 'in/00/p.zip']"));
    assert_eq!(circle.code, 1, "{}", circle.stderr);
    assert!(
        circle.stderr.contains("was read before"),
        "{}",
        circle.stderr
    );
    assert!(circle.stderr.contains("1 searched"), "{}", circle.stderr);
    // Half a catalogue is no catalogue.
    write("two.json", "{".to_owned());
    let broken = products.run("broken", &format!("[{{stac: '{address}'}}]"));
    assert!(
        broken.stderr.contains("two.json: is no JSON"),
        "{}",
        broken.stderr
    );
    assert!(broken.stderr.contains("0 searched"), "{}", broken.stderr);
}

/// Waits until a file holds a text.
fn wait_for(log: &Path, text: &str) -> String {
    let begin = Instant::now();
    loop {
        let told = fs::read_to_string(log).unwrap_or_default();
        if told.contains(text) {
            return told;
        }
        assert!(
            begin.elapsed() < Duration::from_secs(60),
            "no `{text}` in:\n{told}"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
#[ignore = "needs zip"]
fn a_watched_folder_is_searched_as_files_come_and_the_watch_ends_when_told() {
    let products = Products::new();
    let site = products.folder.path().join("site");
    fs::create_dir_all(site.join("incoming")).unwrap();
    let pipeline = site.join("p.yaml");
    fs::write(
        &pipeline,
        "name: watched\nscenes: ['incoming/*.zip']\noutput: out\n",
    )
    .unwrap();
    let without = tidewatch(["run", pipeline.to_str().unwrap()]);
    assert_eq!(without.code, 2, "nothing is there");
    let log = site.join("log");
    let child = Command::new(env!("CARGO_BIN_EXE_tidewatch"))
        .args(["-v", "run", "--watch=1"])
        .arg(&pipeline)
        .env_remove("RUST_LOG")
        .stdin(Stdio::null())
        .stderr(File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let mut running = Running(child);
    wait_for(&log, "Watching the files of");
    // It arrives in four parts, a second between: taken once, whole.
    let whole = fs::read(products.inside("00").join("p.zip")).unwrap();
    let target = site.join("incoming/a.zip");
    for part in whole.chunks(whole.len().div_ceil(4)) {
        let file = File::options().append(true).create(true).open(&target);
        file.unwrap().write_all(part).unwrap();
        std::thread::sleep(Duration::from_millis(700));
    }
    let told = wait_for(&log, "1 searched, 0 already done; inputs failed: 0");
    assert!(!told.contains("A scene was lost"), "{told}");
    // One that is broken fails alone; the next is still done.
    fs::write(site.join("incoming/b.zip"), b"no zip").unwrap();
    wait_for(&log, "0 searched, 1 already done; inputs failed: 1");
    fs::copy(
        products.inside("01").join("p.zip"),
        site.join("incoming/c.zip"),
    )
    .unwrap();
    wait_for(&log, "1 searched, 1 already done; inputs failed: 1");
    let id = running.0.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &id])
            .status()
            .unwrap()
            .success()
    );
    let begin = Instant::now();
    let status = loop {
        if let Some(status) = running.0.try_wait().unwrap() {
            break status;
        }
        assert!(begin.elapsed() < Duration::from_secs(20), "it does not end");
        std::thread::sleep(Duration::from_millis(20));
    };
    assert_eq!(status.code(), Some(1), "an input failed");
    let told = fs::read_to_string(&log).unwrap();
    assert!(told.trim_end().ends_with("Ended."), "{told}");
    let found = fs::read_to_string(site.join("out/detections.csv")).unwrap();
    assert_eq!(found, products.found);
}
