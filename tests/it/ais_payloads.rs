//! Fields of binary messages: each application laid out by hand from its table ([`laid`](crate::laid)), read by the program,
//! and by gpsd's gpsdecode and pyais beside it.

use crate::laid::{Laid, Row, all};
use crate::program::{clients_python, other, root, tidewatch};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;

const EXAMPLES: &str = "docs/examples/binary.nmea";

/// The examples as a log, one message every ten seconds.
fn log() -> String {
    let mut log = String::new();
    for (at, message) in all().iter().enumerate() {
        let time = format!("c:{}", 1_764_252_000 + 10 * at);
        let sum = time.bytes().fold(0, |sum, byte| sum ^ byte);
        for sentence in message.sentences() {
            log += &format!("\\{time}*{sum:02X}\\{sentence}\n");
        }
    }
    log
}

#[test]
fn the_examples_of_the_documentation_are_the_messages_laid_out_here() {
    let held = std::fs::read_to_string(root().join(EXAMPLES)).unwrap_or_default();
    if held != log() {
        let fresh = std::env::temp_dir().join("binary.nmea");
        std::fs::write(&fresh, log()).unwrap();
        panic!("{EXAMPLES} differs from {}", fresh.display());
    }
}

/// What the program prints for the examples.
fn printed() -> Vec<Value> {
    let ran = tidewatch(["ais", "--binary", EXAMPLES]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let lines = ran.stdout.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Paths and values of everything that is told.
fn leaves(at: &str, value: &Value, found: &mut BTreeMap<String, Value>) {
    let inner = |key: &str| match at {
        "" => key.to_owned(),
        _ => format!("{at}/{key}"),
    };
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                leaves(&inner(key), value, found);
            }
        }
        Value::Array(items) => {
            for (key, value) in items.iter().enumerate() {
                leaves(&inner(&key.to_string()), value, found);
            }
        }
        Value::Null => {}
        told => {
            found.insert(at.to_owned(), told.clone());
        }
    }
}

#[test]
fn every_field_comes_out_as_its_table_says_and_nothing_else_does() {
    let (messages, printed) = (all(), printed());
    assert_eq!(messages.len(), printed.len());
    for (message, record) in messages.iter().zip(printed) {
        let name = format!("{}/{}", message.dac, message.fid);
        assert_eq!(record["mmsi"], format!("{:09}", message.mmsi()), "{name}");
        for (key, sent) in [
            ("type", u16::from(message.type_number)),
            ("dac", message.dac),
            ("fid", message.fid.into()),
        ] {
            assert_eq!(record[key], sent, "{name} {key}");
        }
        let mut told = BTreeMap::new();
        leaves("", &record["payload"], &mut told);
        for row in message.rows.iter().filter(|row| !row.at.is_empty()) {
            let found = record["payload"].pointer(&format!("/{}", row.at));
            assert_eq!(
                found.unwrap_or(&Value::Null),
                &row.expected,
                "{name} {}",
                row.at
            );
            told.remove(row.at);
        }
        // The words for a number, and the depth of a surface current, are not sent.
        told.retain(|at, value| {
            at != "meaning" && !(at.ends_with("currents/0/depth_m") && *value == 0.0)
        });
        // A kind tells by its number, which is a tag where others follow.
        told.retain(|at, value| {
            !(at == "areas/6/kind" && value == "reserved") && at != "cargoes/5/code"
        });
        assert!(told.is_empty(), "{name}: {told:?}");
    }
}

#[test]
fn every_application_that_is_split_is_laid_out_and_stands_in_the_documentation() {
    let page = std::fs::read_to_string(root().join("docs/ais.md")).unwrap();
    let messages = all();
    for (dac, fid, name) in tidewatch::ais::payload::applications() {
        let row = format!("| {dac}/{fid} | {name} |");
        assert!(page.contains(&row), "{row}");
        // Ireland's monitoring of aids is the same as the United Kingdom's.
        let twin = if dac == 250 { 235 } else { dac };
        let is_laid = |message: &Laid| (message.dac, message.fid) == (twin, fid);
        assert!(messages.iter().any(is_laid), "{dac}/{fid}");
    }
}

#[test]
fn the_summary_counts_binary_messages_by_application() {
    let ran = tidewatch(["ais", "--summary", EXAMPLES]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for line in [
        format!("  binary data     {}", all().len()),
        "    1/21             2 weather observation from ship".to_owned(),
        "    200/10           1 inland ship static and voyage data".to_owned(),
    ] {
        assert!(ran.stdout.contains(&line), "{line}\n{}", ran.stdout);
    }
}

#[test]
fn data_that_are_not_split_are_printed_as_they_are_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("a.nmea").display().to_string();
    let mut other = Laid {
        type_number: 8,
        dac: 366,
        fid: 56,
        rows: vec![crate::laid::tag(12, 0xABC)],
    };
    let unknown = other.sentences();
    (other.dac, other.fid) = (1, 31);
    let short = other.sentences();
    std::fs::write(&log, format!("{}\n{}\n", unknown[0], short[0])).unwrap();
    let ran = tidewatch(["ais", "--binary", &log]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(
        lines,
        [
            r#"{"time":null,"mmsi":"219000001","type":8,"dac":366,"fid":56,"name":null,"reason":"application 366/56 is not split into fields","bits":12,"data":"abc0"}"#,
            r#"{"time":null,"mmsi":"219000001","type":8,"dac":1,"fid":31,"name":"weather and water","reason":"12 bits are no weather and water (1/31), expected 294 to 304","bits":12,"data":"abc0"}"#,
        ]
    );
    assert!(
        ran.stderr.contains("2 binary messages, 0 split"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_table_holds_no_binary_messages_and_does_not_stop_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("a.csv").display().to_string();
    std::fs::write(
        &table,
        "mmsi,timestamp,lat,lon\n257111020,1673395201,57,10\n",
    )
    .unwrap();
    let ran = tidewatch(["ais", "--binary", &table, EXAMPLES]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.stderr.contains("a.csv: not NMEA 0183"),
        "{}",
        ran.stderr
    );
    assert_eq!(ran.stdout.lines().count(), all().len());
}

/// Fields of one message as another program has them.
type Peer = BTreeMap<String, Value>;

fn peers(lines: &str) -> Vec<Peer> {
    let records = lines
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let flat = |record: Value| {
        let mut found = Peer::new();
        leaves("", &record, &mut found);
        found
    };
    records.map(flat).collect()
}

fn raw(row: &Row) -> (f64, f64) {
    let unsigned = row
        .bits
        .iter()
        .fold(0_i64, |value, bit| value << 1 | i64::from(*bit));
    let span = 1_i64 << row.bits.len().min(62);
    let is_negative = row.bits.first() == Some(&true);
    let signed = if is_negative {
        unsigned - span
    } else {
        unsigned
    };
    (unsigned as f64, signed as f64)
}

/// True if the other program has the field as it was sent, or as it was meant.
fn agrees(row: &Row, theirs: &Value) -> bool {
    let number = match theirs {
        Value::Bool(is) => f64::from(u8::from(*is)),
        Value::Number(number) => number.as_f64().unwrap(),
        text => return *text == row.expected,
    };
    let (unsigned, signed) = raw(row);
    let meant = row.expected.as_f64();
    // pyais rounds places to 10⁻⁵°.
    number == unsigned
        || number == signed
        || meant.is_some_and(|meant| (number - meant).abs() < 2e-5)
}

/// Compares each message that the other program has, but for fields that it is known to have elsewhere; returns how many fields
/// were compared.
fn all_agree(theirs: &[Option<Peer>], elsewhere: &[(u16, u8, &str)]) -> usize {
    let messages = all();
    assert_eq!(messages.len(), theirs.len());
    let (mut compared, mut wrong) = (0, Vec::new());
    for (message, theirs) in messages.iter().zip(theirs) {
        let Some(theirs) = theirs else { continue };
        for row in &message.rows {
            if let Some(theirs) = theirs.get(row.peer) {
                compared += 1;
                let is_elsewhere = elsewhere.contains(&(message.dac, message.fid, row.peer));
                if agrees(row, theirs) == is_elsewhere {
                    wrong.push((
                        message.dac,
                        message.fid,
                        row.peer,
                        row.expected.clone(),
                        theirs.clone(),
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    compared
}

fn examples() -> PathBuf {
    root().join(EXAMPLES)
}

#[test]
#[ignore = "needs pyais"]
fn pyais_finds_the_fields_of_the_examples_where_they_were_laid() {
    let script = root().join("tests/clients/pyais_payloads.py");
    let ran = other(
        clients_python(),
        [script.as_os_str(), examples().as_os_str()],
    )
    .unwrap();
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let theirs: Vec<Option<Peer>> = peers(&ran.stdout).into_iter().map(Some).collect();
    let compared = all_agree(&theirs, &[]);
    println!("{compared} fields");
    assert!(compared > 250, "{compared}");
}

#[test]
#[ignore = "needs gpsdecode"]
fn gpsd_finds_the_fields_of_the_examples_where_they_were_laid() {
    let mut child = std::process::Command::new("gpsdecode")
        .args(["-u", "-j"])
        .stdin(std::fs::File::open(examples()).unwrap())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("gpsdecode starts: scripts/setup.sh test installs it");
    let mut text = String::new();
    std::io::Read::read_to_string(&mut child.stdout.take().unwrap(), &mut text).unwrap();
    child.wait().unwrap();
    let mut theirs = peers(&text)
        .into_iter()
        .filter(|record| record["class"] == "AIS")
        .peekable();
    // It passes over some: those that it gives are in order.
    let next = |message: &Laid| {
        theirs.next_if(|record| {
            record["type"] == message.type_number
                && record["dac"] == message.dac
                && record["fid"] == message.fid
        })
    };
    let theirs: Vec<Option<Peer>> = all().iter().map(next).collect();
    // Circular 289: persons stand behind the 88 bits of the head, a target has 120 bits (176 to 536 in all), of them 8 for the
    // speed; gpsd takes the bits from 55 on, and 10 for the speed.
    let elsewhere = [(1, 16, "persons"), (1, 17, "targets/0/speed")];
    let compared = all_agree(&theirs, &elsewhere);
    println!(
        "{compared} fields of {} messages",
        theirs.iter().flatten().count()
    );
    assert!(compared > 120, "{compared}");
}

#[test]
#[ignore = "needs the shared real data"]
fn libais_has_the_same_area() {
    let folder = crate::program::shared_data().join("ais/libais");
    let text = std::fs::read_to_string(folder.join("typeexamples.json")).unwrap();
    let records = text
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut records = records.filter(|record| record["dac"] == 1 && record["fid"] == 22);
    let theirs = records.next().unwrap();
    let log = folder.join("typeexamples.nmea").display().to_string();
    let ran = tidewatch(["ais", "--binary", &log]);
    let mut ours = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let ours = ours.find(|record| record["fid"] == 22).unwrap();
    assert_eq!(ours["payload"]["linkage"], theirs["link_id"]);
    assert_eq!(ours["payload"]["notice"], theirs["notice_type"]);
    let (circle, expected) = (&ours["payload"]["areas"][0], &theirs["sub_areas"][0]);
    assert_eq!(circle["kind"], expected["sub_area_type_str"]);
    assert_eq!(circle["radius_m"], expected["radius"]);
    assert_eq!(circle["decimals"], expected["precision"]);
    assert_eq!(circle["center"]["lon_deg"], expected["x"]);
    assert_eq!(circle["center"]["lat_deg"], expected["y"]);
}
