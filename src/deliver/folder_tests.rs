//! A partner's folder seen from outside.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use super::*;
use crate::deliver::enqueue;
use crate::model::alert::{Alert, Tlp};
use crate::model::alert_sample::marked as alert;
use crate::model::message::Message;
use crate::store::GeoPackage;
use std::convert::Infallible;
use tempfile::TempDir;

fn encode(alert: &Alert) -> Result<Message, Infallible> {
    Ok(Message {
        id: format!("{}.r{}", alert.id, alert.revision),
        media_type: "text/plain",
        file_name: format!("{}.r{}.txt", alert.id, alert.revision),
        bytes: alert.id.clone().into_bytes(),
    })
}

fn audience(id: &str, tlp: Tlp, regions: &[&str]) -> Audience {
    let regions = regions.iter().map(ToString::to_string).collect();
    Audience {
        id: id.into(),
        tlp,
        regions,
        rules: Vec::new(),
    }
}

fn group_of(region_id: &str) -> Option<String> {
    (region_id == "r").then(|| "group-r".to_owned())
}

fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

struct Desk {
    root: TempDir,
    store: GeoPackage,
    channel: FolderChannel,
}

impl Desk {
    fn new(alerts: &[Alert]) -> Self {
        let root = tempfile::tempdir().unwrap();
        let mut store = GeoPackage::open(&root.path().join("t.gpkg"), now()).unwrap();
        let audience = audience("partner", Tlp::Amber, &["group-r"]);
        let entries = enqueue(alerts, std::slice::from_ref(&audience), group_of, encode).unwrap();
        store.put_alerts(alerts, &entries).unwrap();
        let folder = root.path().join("a/b");
        Self {
            root,
            store,
            channel: FolderChannel {
                id: "folder".into(),
                audience,
                folder,
            },
        }
    }

    fn drain(&mut self) -> Result<Delivery, DeliverError> {
        to_folder(&mut self.store, &self.channel, group_of, now())
    }

    fn files(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(&self.channel.folder) else {
            return Vec::new();
        };
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

#[test]
fn only_what_an_audience_may_hold_is_queued() {
    let alerts = [alert("green", Tlp::Green), alert("red", Tlp::Red)];
    let audiences = [
        audience("amber", Tlp::Amber, &[]),
        audience("elsewhere", Tlp::Red, &["other"]),
        audience("all", Tlp::Red, &["r"]),
    ];
    let entries = enqueue(&alerts, &audiences, group_of, encode).unwrap();
    let pairs: Vec<(&str, &str)> = entries
        .iter()
        .map(|e| (e.audience.as_str(), e.alert_id.as_str()))
        .collect();
    assert_eq!(
        pairs,
        [("amber", "green"), ("all", "green"), ("all", "red")]
    );
}

#[test]
fn a_document_that_cannot_be_written_is_an_error_and_not_a_gap() {
    let alerts = [alert("x", Tlp::Green)];
    let audiences = [audience("amber", Tlp::Amber, &[])];
    let queued = enqueue(&alerts, &audiences, group_of, |_| Err("no"));
    assert_eq!(queued, Err("no"));
}

#[test]
fn each_message_arrives_once_even_if_the_reader_takes_the_file_away() {
    let mut desk = Desk::new(&[alert("x", Tlp::Green), alert("y", Tlp::Green)]);
    assert_eq!(
        desk.drain().unwrap(),
        Delivery {
            delivered: 2,
            withheld: 0
        }
    );
    assert_eq!(desk.files(), ["x.r1.txt", "y.r1.txt"]);
    assert_eq!(
        fs::read(desk.channel.folder.join("x.r1.txt")).unwrap(),
        b"x"
    );
    fs::remove_file(desk.channel.folder.join("x.r1.txt")).unwrap();
    assert_eq!(desk.drain().unwrap(), Delivery::default());
    assert_eq!(desk.files(), ["y.r1.txt"]);
    let receipts = desk.store.receipts().unwrap();
    assert_eq!(receipts.len(), 2);
    assert_eq!(
        (receipts[0].message_id.as_str(), receipts[0].delivered),
        ("x.r1", now())
    );
}

#[test]
fn a_death_before_or_after_the_rename_ends_in_one_file_and_one_receipt() {
    let mut desk = Desk::new(&[alert("x", Tlp::Green)]);
    fs::create_dir_all(&desk.channel.folder).unwrap();
    fs::write(desk.channel.folder.join(".x.r1.txt.part"), "half").unwrap();
    assert_eq!(desk.drain().unwrap().delivered, 1);
    assert_eq!(desk.files(), ["x.r1.txt"]);
    let mut desk = Desk::new(&[alert("x", Tlp::Green)]);
    fs::create_dir_all(&desk.channel.folder).unwrap();
    fs::write(desk.channel.folder.join("x.r1.txt"), "x").unwrap();
    assert_eq!(desk.drain().unwrap().delivered, 1);
    assert_eq!(
        (desk.files().len(), desk.store.receipts().unwrap().len()),
        (1, 1)
    );
}

#[test]
fn a_published_file_is_never_edited() {
    let mut desk = Desk::new(&[alert("x", Tlp::Green)]);
    fs::create_dir_all(&desk.channel.folder).unwrap();
    fs::write(desk.channel.folder.join("x.r1.txt"), "other").unwrap();
    assert!(matches!(desk.drain(), Err(DeliverError::Occupied { .. })));
    assert_eq!(
        fs::read(desk.channel.folder.join("x.r1.txt")).unwrap(),
        b"other"
    );
    assert!(desk.store.receipts().unwrap().is_empty());
}

#[test]
fn a_right_that_was_taken_away_holds_at_the_exit() {
    let mut desk = Desk::new(&[alert("x", Tlp::Amber)]);
    desk.channel.audience.tlp = Tlp::Green;
    assert_eq!(
        desk.drain().unwrap(),
        Delivery {
            delivered: 0,
            withheld: 1
        }
    );
    assert!(desk.files().is_empty());
    desk.channel.audience.tlp = Tlp::Amber;
    assert_eq!(desk.drain().unwrap().delivered, 1);
}

#[test]
fn a_file_name_cannot_leave_the_folder() {
    let mut desk = Desk::new(&[alert("../x", Tlp::Green)]);
    assert!(matches!(desk.drain(), Err(DeliverError::FileName { .. })));
    assert!(!desk.root.path().join("a/x.r1.txt").exists());
}
