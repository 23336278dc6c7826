//! Whole logs of real traffic read by tidewatch, by pyais and by gpsd's gpsdecode: every field of every message is equal, or
//! the difference stands in [`ais_differences`](crate::ais_differences).
//!
//! Messages are paired by type and sender: equal ones first, then those with the fewest differing fields. What stays alone
//! was read by one program only and is counted as such.

use crate::ais_differences::{Expected, GPSD_LOGS, GPSD_RECORDS, PYAIS_LOGS};
use crate::ais_fields::{Fields, ours, told};
use crate::ais_payload_fields;
use crate::program::{clients_python, other, root, shared_data};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use tidewatch::ais::nmea::each_message;

/// Counts of differences by what differs.
type Counts = BTreeMap<String, usize>;

fn log(name: &str) -> Vec<u8> {
    let bytes = std::fs::read(shared_data().join("ais").join(name)).unwrap();
    if !name.ends_with(".gz") {
        return bytes;
    }
    let mut plain = Vec::new();
    flate2::read::MultiGzDecoder::new(&bytes[..])
        .read_to_end(&mut plain)
        .unwrap();
    plain
}

fn our_messages(log: &[u8]) -> Vec<Fields> {
    let found = Mutex::new(Vec::new());
    each_message(log, |message, _| found.lock().unwrap().push(ours(message)));
    found.into_inner().unwrap()
}

/// As [`our_messages`], with the data split where gpsd splits them as well.
fn our_split_messages(log: &[u8]) -> Vec<Fields> {
    let found = Mutex::new(Vec::new());
    each_message(log, |message, _| {
        let mut fields = ours(message);
        if let Some(payload) = ais_payload_fields::ours(message) {
            fields.remove("data");
            fields.insert("payload".to_owned(), payload);
        }
        found.lock().unwrap().push(fields);
    });
    found.into_inner().unwrap()
}

/// A flat JSON object as fields; booleans as numbers.
fn flat(record: &Value) -> Fields {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Bool(is) => u8::from(*is).to_string(),
        other => other.to_string(),
    };
    let record = record.as_object().expect("an object");
    record
        .iter()
        .map(|(name, value)| (name.clone(), text(value)))
        .collect()
}

fn take(fields: &mut Fields, name: &str) -> String {
    fields.remove(name).unwrap_or_default()
}

/// Groups that a message has none or several of: absent where `by` is 0.
fn absent_groups(fields: &mut Fields) {
    let groups: &[(&str, &[&str])] = match fields["type"].as_str() {
        "7" | "13" => &[
            ("mmsi1", &["mmsiseq1"]),
            ("mmsi2", &["mmsiseq2"]),
            ("mmsi3", &["mmsiseq3"]),
            ("mmsi4", &["mmsiseq4"]),
        ],
        "15" => &[
            ("type1_1", &["offset1_1"]),
            ("type1_2", &["offset1_2"]),
            ("type2_1", &["offset2_1", "mmsi2"]),
        ],
        "16" => &[("mmsi2", &["offset2", "increment2"])],
        "20" => &[
            ("number1", &["offset1", "timeout1", "increment1"]),
            ("number2", &["offset2", "timeout2", "increment2"]),
            ("number3", &["offset3", "timeout3", "increment3"]),
            ("number4", &["offset4", "timeout4", "increment4"]),
        ],
        _ => return,
    };
    for (by, others) in groups {
        let is_there = fields.get(*by).is_some_and(|value| value != "0");
        if !is_there {
            for name in others.iter().chain([by]) {
                fields.insert((*name).to_owned(), "-".to_owned());
            }
        }
    }
}

/// pyais' messages with the length of each, and how many it refused.
fn pyais_messages(log: &Path) -> (Vec<(Fields, String)>, usize) {
    let script = root().join("tests/clients/pyais_fields.py");
    let ran = other(clients_python(), [script.as_os_str(), log.as_os_str()]).unwrap();
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let (mut messages, mut refused) = (Vec::new(), 0);
    for line in ran.stdout.lines() {
        let mut fields = flat(&serde_json::from_str(line).unwrap());
        if fields.contains_key("refused") {
            refused += 1;
            continue;
        }
        let valid = match take(&mut fields, "valid").as_str() {
            "1" => "",
            _ => ", checksum wrong",
        };
        let length = format!("{} bits{valid}", take(&mut fields, "bits"));
        if let Some(part) = fields.remove("partno") {
            let part = if part == "0" { "A" } else { "B" };
            fields.insert("part".to_owned(), part.to_owned());
        }
        if matches!(fields["type"].as_str(), "4" | "11") {
            let [year, month, day, hour, minute, second] =
                ["year", "month", "day", "hour", "minute", "second"]
                    .map(|name| take(&mut fields, name).parse::<u32>().unwrap());
            let time = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z");
            fields.insert("timestamp".to_owned(), time);
        }
        if fields["type"] == "21" {
            // The eight bits that pyais calls reserved are the aid's own (A8 3.19).
            let regional = take(&mut fields, "reserved_1");
            fields.insert("regional".to_owned(), regional);
            let extension = take(&mut fields, "name_ext");
            let name = take(&mut fields, "name");
            let whole = if name.len() == 20 {
                name + &extension
            } else {
                name
            };
            fields.insert("name".to_owned(), whole);
        }
        messages.push((finished(fields), length));
    }
    (messages, refused)
}

/// Talkers that gpsd knows (its driver_nmea0183).
const GPSD_TALKERS: [&str; 10] = ["AB", "AD", "AI", "AN", "AR", "AS", "AT", "AX", "BS", "SA"];

/// gpsd reads no sentence of a talker that it does not know, nor of channel 0; the logs have some whose first letter is
/// spoilt. Those are spelt as gpsd knows them, with the checksum that is then right.
fn respelt(log: &[u8]) -> Vec<u8> {
    let mut all = Vec::new();
    for line in log.split(|&byte| byte == b'\n') {
        let text = String::from_utf8_lossy(line);
        let sentence = text.find('!').map(|at| text.split_at(at));
        let changed = sentence.and_then(|(before, sentence)| {
            let (body, behind) = sentence.get(1..)?.split_once('*')?;
            let sum = |body: &str| body.bytes().fold(0, |sum, byte| sum ^ byte);
            let right = u8::from_str_radix(behind.get(..2)?, 16).ok()? == sum(body);
            let mut fields: Vec<String> = body.split(',').map(str::to_owned).collect();
            let kind = fields[0].get(2..).unwrap_or_default();
            if matches!(kind, "VDM" | "VDO") && !GPSD_TALKERS.contains(&&fields[0][..2]) {
                fields[0] = format!("AI{kind}");
            }
            if fields.get(4).is_some_and(|channel| channel == "0") {
                fields[4] = "A".to_owned();
            }
            let body = fields.join(",");
            right.then(|| format!("{before}!{body}*{:02X}{}", sum(&body), &behind[2..]))
        });
        all.extend(changed.map_or(line.to_vec(), String::into_bytes));
        all.push(b'\n');
    }
    all
}

fn gpsd_messages(log: &[u8]) -> Vec<(Fields, String)> {
    let mut child = Command::new("gpsdecode")
        .args(["-u", "-j", "-s"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("gpsdecode starts: scripts/setup.sh test installs it");
    let mut input = child.stdin.take().unwrap();
    let log = respelt(log);
    let writer = std::thread::spawn(move || std::io::Write::write_all(&mut input, &log));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let records = text.lines().map(|line| serde_json::from_str(line).unwrap());
    records
        .filter(|record: &Value| record["class"] == "AIS")
        .map(|record| (gpsd_fields(flat(&record)), "read by gpsd".to_owned()))
        .collect()
}

fn gpsd_fields(mut fields: Fields) -> Fields {
    for name in ["class", "device", "scaled"] {
        fields.remove(name);
    }
    fields.retain(|name, _| !name.ends_with("_text"));
    if let Some(eta) = fields.remove("eta") {
        for (name, place) in [
            ("month", 0..2),
            ("day", 3..5),
            ("hour", 6..8),
            ("minute", 9..11),
        ] {
            let number: u32 = eta[place].parse().unwrap();
            fields.insert(name.to_owned(), number.to_string());
        }
    }
    if fields["type"] == "26" {
        // Always 0 here, whatever is sent.
        fields.remove("radio");
    }
    for (flag, name) in [("addressed", "dest_mmsi"), ("structured", "app_id")] {
        let is_unset = fields.get(flag).is_some_and(|flag| flag == "0");
        if matches!(fields["type"].as_str(), "25" | "26") && is_unset {
            fields.remove(name);
        }
    }
    if fields["type"] == "24" {
        // Without `-s`, and with it where a name was heard before, part B carries part A's name.
        if !fields.contains_key("part") {
            fields.insert("part".to_owned(), "B".to_owned());
            fields.remove("shipname");
        }
        // A8 3.22.2: the vendor has three letters; model and serial number behind them are no text.
        if let Some(vendor) = fields.get_mut("vendorid") {
            vendor.truncate(3);
        }
    }
    let is_binary = matches!(fields["type"].as_str(), "6" | "8");
    if is_binary && !fields.contains_key("data") {
        let payload = ais_payload_fields::theirs(&mut fields);
        fields.insert("payload".to_owned(), payload);
    }
    finished(fields)
}

fn finished(mut fields: Fields) -> Fields {
    absent_groups(&mut fields);
    if fields["type"] == "9" {
        // A8 3.7: the first of these eight bits tells the altitude's kind, the rest is reserved.
        let names = ["regional", "reserved_1"];
        let bits = names.iter().find_map(|name| fields.remove(*name));
        let first = bits
            .and_then(|bits| bits.parse::<u8>().ok())
            .map(|bits| bits >> 7);
        fields.insert(
            "barometric".to_owned(),
            first.map_or("-".to_owned(), |bit| bit.to_string()),
        );
    }
    if let Some(time) = fields.get_mut("timestamp")
        && time.parse::<jiff::Timestamp>().is_err()
    {
        "-".clone_into(time);
    }
    let mut fields = told(fields);
    // A8 3.19: the indicator holds only with a second of the minute.
    if fields["type"] == "21" && fields["second"] == "-" {
        fields.insert("off_position".to_owned(), "-".to_owned());
    }
    fields
}

/// A program beside ours.
struct Peer {
    /// Bits it gives that the standard keeps for later or for regions: (type, name).
    reserved: &'static [(&'static str, &'static str)],
    /// Fields it does not give: (type, name).
    lacks: &'static [(&'static str, &'static str)],
}

const PYAIS: Peer = Peer {
    reserved: &[
        ("18", "reserved_1"),
        ("18", "reserved_2"),
        ("19", "reserved_1"),
        ("19", "reserved_2"),
        // Which of the two other pairs of fields stands there, told by their names.
        ("22", "addressed"),
        ("22", "empty_1"),
        ("22", "empty_2"),
    ],
    lacks: &[
        // A8 3.2: transmission control for long-range broadcast, spare in earlier editions.
        ("4", "long_range"),
        ("11", "long_range"),
        // A8 3.22.2: kind of fix device, spare in earlier editions.
        ("24", "epfd"),
    ],
};

const GPSD: Peer = Peer {
    reserved: &[
        ("18", "regional"),
        ("18", "reserved"),
        ("19", "regional"),
        ("19", "reserved"),
        ("22", "addressed"),
    ],
    lacks: &[
        ("4", "long_range"),
        ("11", "long_range"),
        ("24", "epfd"),
        ("7", "mmsiseq1"),
        ("7", "mmsiseq2"),
        ("7", "mmsiseq3"),
        ("7", "mmsiseq4"),
        ("13", "mmsiseq1"),
        ("13", "mmsiseq2"),
        ("13", "mmsiseq3"),
        ("13", "mmsiseq4"),
        ("9", "assigned"),
        ("18", "assigned"),
        ("21", "assigned"),
        ("23", "txrx"),
        ("26", "radio"),
    ],
};

/// Leaves out what `names` lists for the type.
fn without(fields: &mut Fields, names: &[(&str, &str)]) {
    let kind = fields["type"].clone();
    fields.retain(|name, _| !names.contains(&(kind.as_str(), name.as_str())));
}

fn differing(ours: &Fields, theirs: &Fields) -> Vec<String> {
    let names: std::collections::BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
    names
        .into_iter()
        .filter(|name| ours.get(*name) != theirs.get(*name))
        .cloned()
        .collect()
}

/// Pairs messages and counts what differs; the first of each kind is printed.
fn differences(ours: Vec<Fields>, theirs: Vec<(Fields, String)>, peer: &Peer) -> (usize, Counts) {
    type Side<T> = BTreeMap<[String; 2], Vec<T>>;
    let key = |fields: &Fields| ["type", "mmsi"].map(|name| fields[name].clone());
    let mut waiting: Side<Fields> = Side::new();
    for mut fields in ours {
        without(&mut fields, peer.lacks);
        waiting.entry(key(&fields)).or_default().push(fields);
    }
    let mut odd: Side<(Fields, String)> = Side::new();
    let mut equal = 0;
    for (mut fields, note) in theirs {
        without(&mut fields, peer.reserved);
        without(&mut fields, peer.lacks);
        let ours = waiting.entry(key(&fields)).or_default();
        match ours.iter().position(|ours| *ours == fields) {
            Some(at) => {
                ours.remove(at);
                equal += 1;
            }
            None => odd.entry(key(&fields)).or_default().push((fields, note)),
        }
    }
    let mut counts = Counts::new();
    let mut count = |what: String, ours: &dyn std::fmt::Debug, theirs: &dyn std::fmt::Debug| {
        let count = counts.entry(what.clone()).or_default();
        *count += 1;
        if *count == 1 {
            println!("{what}: ours {ours:?}, theirs {theirs:?}");
        }
    };
    for (key, theirs) in odd {
        for (theirs, note) in theirs {
            let ours = waiting.entry(key.clone()).or_default();
            let nearest = (0..ours.len()).min_by_key(|at| differing(&ours[*at], &theirs).len());
            match nearest {
                Some(at) if differing(&ours[at], &theirs).len() <= 4 => {
                    let ours = ours.remove(at);
                    for name in differing(&ours, &theirs) {
                        let what = format!("{} {name}", key[0]);
                        count(what, &ours.get(&name), &theirs.get(&name));
                    }
                }
                _ => count(
                    format!("{} only theirs: {note}", key[0]),
                    &ours.len(),
                    &theirs,
                ),
            }
        }
    }
    for (key, ours) in waiting {
        for ours in ours {
            count(format!("{} only ours", key[0]), &ours, &"");
        }
    }
    (equal, counts)
}

fn counts(expected: &[(&str, usize)]) -> Counts {
    expected
        .iter()
        .map(|(what, count)| ((*what).to_owned(), *count))
        .collect()
}

fn beside_pyais(name: &str) -> (usize, Counts) {
    let log = log(name);
    let folder = tempfile::tempdir().unwrap();
    let plain = folder.path().join("log.nmea");
    std::fs::write(&plain, &log).unwrap();
    let (theirs, refused) = pyais_messages(&plain);
    let (equal, mut counts) = differences(our_messages(&log), theirs, &PYAIS);
    if refused > 0 {
        counts.insert("refused by pyais".to_owned(), refused);
    }
    (equal, counts)
}

fn beside_gpsd(name: &str) -> (usize, Counts) {
    let log = log(name);
    differences(our_split_messages(&log), gpsd_messages(&log), &GPSD)
}

fn all_as_expected(beside: fn(&str) -> (usize, Counts), logs: &[Expected<'_>]) {
    let mut wrong = Vec::new();
    for (name, equal, expected) in logs {
        println!("{name}");
        let found = beside(name);
        if found != (*equal, counts(expected)) {
            wrong.push((name, found));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
#[ignore = "needs pyais and the shared real data"]
fn pyais_reads_every_field_alike() {
    all_as_expected(beside_pyais, PYAIS_LOGS);
}

/// Records that gpsd keeps as what its decoder must give; parts A and B of type 24 are joined in them.
fn beside_records(name: &str) -> (usize, Counts) {
    let records = shared_data().join("ais").join(name);
    let text = std::fs::read_to_string(records).unwrap();
    let records = text
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    let theirs = records
        .filter(|record: &Value| record["class"] == "AIS")
        .map(|record| (gpsd_fields(flat(&record)), "gpsd's record".to_owned()));
    let ours = our_split_messages(&log("gpsd/sample.aivdm"));
    differences(ours, theirs.collect(), &GPSD)
}

#[test]
#[ignore = "needs the shared real data"]
fn gpsds_records_in_the_radios_units_agree_in_every_field() {
    all_as_expected(beside_records, GPSD_RECORDS);
}

#[test]
#[ignore = "needs gpsdecode and the shared real data"]
fn gpsd_reads_every_field_alike() {
    all_as_expected(beside_gpsd, GPSD_LOGS);
}
