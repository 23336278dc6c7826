//! A store with one partner and its alerts, and the built program that delivers from it.

use crate::program::{Ran, tidewatch};
use jiff::Timestamp;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;
use tidewatch::deliver::enqueue;
use tidewatch::encode::{CapSender, cap};
use tidewatch::model::alert::{Alert, Tlp};
use tidewatch::store::{Store, StoreAddress, open};

/// A store in a folder of its own, with the partner `jcg`.
pub struct Desk {
    folder: TempDir,
    address: StoreAddress,
    store: Box<dyn Store>,
}

/// A process that ends with the test, whatever becomes of it.
pub struct Running(pub Child);

impl Running {
    /// Ends the process at once, as a power cut would.
    pub fn kill(mut self) {
        self.end();
    }

    fn end(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}

impl Desk {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = folder.path().join("t.gpkg").into();
        Self::with(folder, address)
    }

    /// With its store in a database.
    pub fn at(url: &str) -> Self {
        Self::with(tempfile::tempdir().unwrap(), url.into())
    }

    fn with(folder: TempDir, address: StoreAddress) -> Self {
        let store = open(&address, Timestamp::now()).unwrap();
        let desk = Self {
            folder,
            address,
            store,
        };
        desk.ok(&[
            "partner",
            "add",
            "jcg",
            "--name",
            "Coast Guard",
            "--tlp",
            "AMBER",
        ]);
        desk
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("t.gpkg")
    }

    /// Runs the program on this store and expects success.
    pub fn ok(&self, args: &[&str]) -> Ran {
        let ran = self.run(args);
        assert_eq!(ran.code, 0, "{args:?}\n{}", ran.stderr);
        ran
    }

    /// Runs the program on this store.
    pub fn run(&self, args: &[&str]) -> Ran {
        let address = self.address.to_string();
        tidewatch(args.iter().copied().chain(["--store", &address]))
    }

    /// Sends what is due, to loopback too.
    pub fn deliver(&self) -> Ran {
        self.run(&["deliver", "--once", "--allow-address", "127.0.0.0/8"])
    }

    /// Sends what is due and trusts the certificates of one authority alone.
    pub fn deliver_trusting(&self, authority: &Path) -> Ran {
        let output = Command::new(env!("CARGO_BIN_EXE_tidewatch"))
            .args(["deliver", "--once", "--store"])
            .arg(self.path())
            .env("SSL_CERT_FILE", authority)
            .output()
            .unwrap();
        Ran {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Starts the loop.
    pub fn start(&self) -> Running {
        self.spawn(&["deliver"])
    }

    /// Starts the server, with the loop beside it.
    pub fn serve(&self, port: u16) -> Running {
        self.spawn(&["serve", "--listen", &format!("127.0.0.1:{port}")])
    }

    fn spawn(&self, command: &[&str]) -> Running {
        Running(
            Command::new(env!("CARGO_BIN_EXE_tidewatch"))
                .args(command)
                .args(["--allow-address", "127.0.0.0/8", "--quiet", "--store"])
                .arg(self.address.to_string())
                .stdin(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap(),
        )
    }

    /// Stores alerts with their messages, as a run does.
    pub fn raise(&mut self, alerts: &[Alert]) {
        let partners = self.store.partners().unwrap();
        let audiences: Vec<_> = partners.into_iter().map(|p| p.audience).collect();
        let encode = |alert: &Alert| Ok::<_, std::convert::Infallible>(cap(alert, &sender()));
        let entries = enqueue(alerts, &audiences, |_| None, encode).unwrap();
        self.store.put_alerts(alerts, &entries).unwrap();
    }

    /// A webhook of the partner; gives its secret.
    pub fn webhook(&self, name: &str, url: &str, more: &[&str]) -> String {
        let args = ["partner", "channel", "add", "webhook", "jcg", name, url];
        let ran = self.ok(&[&args, more].concat());
        ran.stdout.trim().to_owned()
    }

    /// `channel message state answer` of each dispatch.
    pub fn dispatches(&self) -> Vec<String> {
        let ran = self.ok(&["partner", "dispatches"]);
        let lines = ran.stdout.lines().skip(1);
        lines
            .map(|line| {
                let cells: Vec<&str> = line.split('\t').collect();
                [cells[1], cells[2], cells[3], cells[8]].join(" ")
            })
            .collect()
    }
}

fn sender() -> CapSender {
    CapSender {
        sender: "watch@example.org".into(),
        sender_name: "Watch".into(),
        web: None,
        contact: None,
        exercise: None,
        languages: Default::default(),
    }
}

/// A revision of an alert, sent now.
pub fn alert(id: &str, revision: u32, tlp: Tlp) -> Alert {
    let now = Timestamp::now();
    let tomorrow = now + jiff::SignedDuration::from_hours(24);
    let kind = if revision == 1 { "Alert" } else { "Update" };
    serde_json::from_value(json!({
        "id": id, "revision": revision, "message_type": kind, "status": "Test", "rule": "near-24-nm",
        "kind": "uncorrelated-contact", "sent": now, "observed": now, "expires": tomorrow,
        "urgency": "Expected", "severity": "Moderate", "certainty": "Likely", "tlp": tlp,
        "position": {"lon_deg": 123.4, "lat_deg": 25.5}, "position_radius_m": 500.0, "regions": [], "region_names": [],
        "headline": "Detection not explained by AIS", "description": "A target of 62 m. 魚釣島", "reasons": ["AIS was received here."],
        "evidence": {"contact_id": null, "detection_id": null, "scene_id": "scene-1", "mmsi": null, "vessel_name": null,
                     "verdict": "uncorrelated", "probability": 0.9, "length_m": 62.0, "not_searched": []},
        "replaces": []
    }))
    .unwrap()
}

/// Alerts `a0000`, `a0001` …
pub fn alerts(range: std::ops::Range<usize>) -> Vec<Alert> {
    range
        .map(|n| alert(&format!("a{n:04}"), 1, Tlp::Green))
        .collect()
}

/// Their message ids.
pub fn ids(range: std::ops::Range<usize>) -> Vec<String> {
    range.map(|n| format!("a{n:04}.r1")).collect()
}
