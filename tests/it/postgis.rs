//! The store in PostgreSQL from outside: a run, a server, partners, and programs that we did not write.

use crate::certificates::Authority;
use crate::demo::demo_output;
use crate::postgres::Postgres;
use crate::program::{Ran, other, tidewatch};
use crate::push::ok;
use crate::push_desk::{Desk, alerts, ids};
use crate::receiver::Receiver;
use crate::served::{Server, demo_store};
use crate::stores::{must_hold_the_same, opened};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use tidewatch::store::Revisions;

/// A database that the demo was run into, and the run's folder.
fn demo_database() -> &'static (String, PathBuf) {
    static MADE: OnceLock<(String, PathBuf)> = OnceLock::new();
    MADE.get_or_init(|| {
        let server = Postgres::shared();
        let url = server.url(&server.new_database());
        let folder = server.folder.join("run");
        let ran = run_demo(&url, &folder);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert!(ran.stderr.contains(&url), "{}", ran.stderr);
        assert!(!folder.join("tidewatch.gpkg").exists());
        (url, folder)
    })
}

fn run_demo(url: &str, folder: &Path) -> Ran {
    let out = folder.to_str().unwrap();
    tidewatch(["run", "pipelines/demo.yaml", "--out", out, "--store", url])
}

#[test]
#[ignore = "needs postgresql and postgis"]
fn postgis_holds_what_the_file_holds_of_the_same_run_and_a_second_run_adds_nothing() {
    let (url, folder) = demo_database();
    let file = opened(demo_output().join("tidewatch.gpkg"));
    let database = opened(url.as_str());
    let counts = file.counts().unwrap();
    assert!(counts.contacts > 10 && counts.alerts > 5, "{counts:?}");
    must_hold_the_same(database.as_ref(), file.as_ref());
    let (before, seen) = (
        database.alerts(Revisions::All).unwrap(),
        database.data_version().unwrap(),
    );
    let again = run_demo(url, folder);
    assert_eq!(again.code, 0, "{}", again.stderr);
    assert!(again.stderr.contains("0 searched"), "{}", again.stderr);
    assert_eq!(database.alerts(Revisions::All).unwrap(), before);
    assert_eq!(
        database.data_version().unwrap(),
        seen,
        "nothing was written"
    );
}

#[test]
#[ignore = "needs postgresql and postgis"]
fn postgis_is_served_as_the_file_is() {
    let (url, _) = demo_database();
    let folder = tempfile::tempdir().unwrap();
    let (file, key) = demo_store(folder.path());
    let partner = |more: &[&str]| {
        let ran = tidewatch(["partner", "--store", url].iter().chain(more));
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.stdout.trim().to_owned()
    };
    partner(&[
        "add", "all", "--name", "All", "--tlp", "TLP:RED", "--scope", "alerts", "--scope",
        "evidence",
    ]);
    let own_key = partner(&["key", "add", "all"]);
    let more = ["--public-url", "http://x", "--no-push"];
    let of_file = Server::start_with(&file, &more);
    let of_database = Server::start_with(Path::new(url), &more);
    for path in [
        "/collections/scenes/items?limit=100",
        "/collections/detections/items?limit=100",
        "/collections/detections/items?bbox=123,20,125,26&limit=7",
        "/collections/contacts/items?verdict=uncorrelated",
        "/collections/tracks/items",
        "/collections/tracks/items?part=0&limit=3",
        "/collections/watch-regions/items",
        "/collections",
    ] {
        let expected = of_file.get(path, Some(&key));
        let found = of_database.get(path, Some(&own_key));
        assert_eq!((found.status, expected.status), (200, 200), "{path}");
        assert_eq!(
            without_time(&found.body),
            without_time(&expected.body),
            "{path}"
        );
    }
    let alerts = |server: &Server, key| {
        let answer = server.get("/collections/alerts/items?limit=1000", Some(key));
        let alerts: Value = serde_json::from_str(&answer.body).unwrap();
        alerts["numberMatched"].as_u64().unwrap()
    };
    assert!(alerts(&of_file, &key) > 0);
    assert_eq!(alerts(&of_database, &own_key), alerts(&of_file, &key));
    for server in [of_file, of_database] {
        let (status, log) = server.end();
        assert!(status.success(), "{log}");
    }
    let given = partner(&["audit"]);
    assert!(given.contains("all\t"), "{given}");
}

fn without_time(body: &str) -> Value {
    let mut value: Value = serde_json::from_str(body).unwrap();
    if let Some(fields) = value.as_object_mut() {
        fields.remove("timeStamp");
    }
    value
}

#[test]
#[ignore = "needs postgresql, postgis and gdal-bin"]
fn postgis_tables_are_opened_by_gdal_with_their_geometry() {
    let (url, _) = demo_database();
    let counts = opened(url.as_str()).counts().unwrap();
    for (layer, kind, count) in [
        ("detections", "Point", counts.detections),
        ("contacts", "Point", counts.contacts),
        ("tracks", "Multi Line String", counts.tracks),
        ("scenes", "Multi Polygon", counts.scenes),
        ("watch_regions", "Multi Polygon", counts.watch_regions),
        ("alerts", "Point", counts.alerts),
    ] {
        let source = format!("PG:{url}");
        let table = format!("tidewatch.{layer}");
        let ran = other("ogrinfo", ["-ro", "-so", &source, &table]).unwrap();
        let expected = format!("Geometry: {kind}\nFeature Count: {count}\n");
        assert!(
            ran.stdout.contains(&expected),
            "{}{}",
            ran.stdout,
            ran.stderr
        );
        assert!(ran.stdout.contains("ID[\"EPSG\",4326]"), "{}", ran.stdout);
        assert!(!ran.stderr.contains("ERROR"), "{}", ran.stderr);
    }
}

#[test]
#[ignore = "needs postgresql and postgis"]
fn postgis_that_crashes_under_a_delivery_loses_and_repeats_nothing() {
    let server = Postgres::start(&[]);
    let mut desk = Desk::at(&server.url(&server.new_database()));
    let receiver = Receiver::start(ok);
    desk.webhook("hook", &receiver.url, &[]);
    let running = desk.start();
    for round in 0..3 {
        desk.raise(&alerts(round * 60..(round + 1) * 60));
        // Some moment between the first message and the last.
        receiver.wait_for(round * 60 + [1, 20, 45][round]);
        server.crash();
        std::thread::sleep(Duration::from_millis(300));
        server.start_again();
    }
    receiver.wait_for(180);
    let delivered = || {
        desk.dispatches()
            .iter()
            .filter(|line| line.contains(" delivered "))
            .count()
    };
    let until = Instant::now() + Duration::from_secs(30);
    while delivered() < 180 {
        assert!(Instant::now() < until, "{} of 180 are noted", delivered());
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(receiver.distinct_ids(), ids(0..180));
    // One place of a sender, for other machines too.
    let second = desk.deliver();
    assert_eq!(second.code, 2, "{}", second.stderr);
    assert!(
        second.stderr.contains("another process sends"),
        "{}",
        second.stderr
    );
    running.kill();
    assert_eq!(desk.deliver().code, 0);
}

#[test]
#[ignore = "needs postgresql, postgis and openssl"]
fn postgis_is_reached_by_tls_and_a_password_that_nobody_is_told() {
    let folder = tempfile::tempdir().unwrap().keep();
    let authority = Authority::new(&folder, "ours");
    let other_authority = Authority::new(&folder, "other");
    let (certificate, key) = authority.issue("server");
    let setting = |name: &str, path: &Path| format!("{name}={}", path.display());
    let server = Postgres::start_in(
        folder.clone(),
        &[
            "-c",
            "ssl=on",
            "-c",
            &setting("ssl_cert_file", &certificate),
            "-c",
            &setting("ssl_key_file", &key),
            "-c",
            "log_connections=on",
        ],
    );
    let database = server.new_database();
    // Only encrypted, and only with the password.
    let rules =
        "hostssl all watch 127.0.0.1/32 scram-sha-256\nhost all tidewatch 127.0.0.1/32 trust\n";
    std::fs::write(folder.join("data/pg_hba.conf"), rules).unwrap();
    let sql = format!(
        "CREATE ROLE watch LOGIN PASSWORD 'hunter2'; GRANT CREATE, TEMPORARY ON DATABASE {database} TO watch;
         SELECT pg_reload_conf()"
    );
    server.execute("postgres", &sql);
    let address = |mode: &str, authority: &Authority| {
        let root = authority.certificate();
        format!(
            "postgresql://watch@localhost:{}/{database}?sslmode={mode}&sslrootcert={}",
            server.port(),
            root.display()
        )
    };
    let list = |address: &str, password: Option<&str>| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tidewatch"));
        command.args(["partner", "list", "--store", address]);
        command.env_remove("PGPASSWORD").env("HOME", &folder);
        if let Some(password) = password {
            command.env("PGPASSWORD", password);
        }
        let output = command.output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!told.contains("hunter"), "{told}");
        (output.status.code().unwrap(), told)
    };
    for mode in ["require", "verify-full"] {
        let (code, told) = list(&address(mode, &authority), Some("hunter2"));
        assert_eq!(code, 0, "{told}");
        let (code, told) = list(&address(mode, &other_authority), Some("hunter2"));
        assert_eq!(code, 2, "{told}");
        assert!(told.contains("certificate"), "{told}");
    }
    let log = std::fs::read_to_string(folder.join("log")).unwrap();
    assert!(
        log.contains("user=watch") && log.contains("protocol=TLSv1.3"),
        "{log}"
    );
    let (code, told) = list(&address("require", &authority), Some("hunter3"));
    assert_eq!(code, 2);
    assert!(told.contains("password authentication failed"), "{told}");
    let (code, told) = list(&address("disable", &authority), Some("hunter2"));
    assert_eq!(code, 2);
    assert!(told.contains("no encryption"), "{told}");
    // From the file, as PostgreSQL's own programs read it.
    let (code, _) = list(&address("require", &authority), None);
    assert_eq!(code, 2);
    let pass = folder.join(".pgpass");
    std::fs::write(&pass, format!("localhost:*:{database}:watch:hunter2\n")).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(&pass, mode).unwrap();
    let (code, told) = list(&address("require", &authority), None);
    assert_eq!(code, 0, "{told}");
    // In the address it is taken, and shown to nobody.
    let wrong = address("require", &authority).replace("watch@", "watch:hunter3@");
    let (code, told) = list(&wrong, None);
    assert_eq!(code, 2);
    assert!(told.contains("watch:***@localhost"), "{told}");
}
