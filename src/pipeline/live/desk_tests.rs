//! Batches made by hand, against what the store must hold after them.

use super::*;
use crate::ais::Reception;
use crate::model::alert::MessageType;
use crate::model::region::RegionShape;
use crate::model::track::{AisClass, Distress, Position, Vessel};
use crate::model::units::LonLat;
use crate::pipeline::load;
use crate::store::Revisions;
use crate::store::{GeoPackage, LiveBook};
use tempfile::TempDir;

const SHIP: Mmsi = Mmsi(431_000_001);

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

/// A plan with a zone, a beacon rule and one feed, in a folder of its own.
fn plan() -> (TempDir, Plan) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("live.yaml");
    let text = "name: t\nlive: {sources: [{id: station, kind: stdin}]}\nrules:\n\
                - {id: entered, kind: zone-entry, zone_nm: 12, regions: [senkaku-uotsuri], min_length_m: 50}\n\
                - {id: sos, kind: distress-beacon}\noutput: out\n";
    std::fs::write(&path, text).unwrap();
    let plan = load(&path, None).unwrap();
    (folder, plan)
}

fn desk<'a>(folder: &TempDir, plan: &'a Plan) -> Desk<'a> {
    let store = GeoPackage::open(&folder.path().join("t.gpkg"), at(0)).unwrap();
    let mut desk = Desk::new(plan, Box::new(store), Arc::default());
    desk.restore(at(0)).unwrap();
    desk
}

/// This far inside the zone's edge (nautical miles), to the north of the feature.
fn inside(plan: &Plan, depth_nm: f64) -> LonLat {
    match &plan.regions.get("senkaku-uotsuri").unwrap().shape {
        RegionShape::Feature {
            centre, radius_m, ..
        } => centre.destination(0.0, radius_m + (12.0 - depth_nm) * 1852.0),
        RegionShape::Area(_) => unreachable!("a built-in region is a feature"),
    }
}

fn report(mmsi: Mmsi, position: LonLat, second: i64) -> Position {
    Position {
        mmsi,
        time: at(second),
        position,
        sog_kn: None,
        cog_deg: None,
        heading_deg: None,
        nav_status: None,
        class: AisClass::A,
    }
}

fn batch(reception: Reception) -> LiveBatch {
    LiveBatch {
        heard: vec![Heard {
            source: "station".to_owned(),
            last_message: at(0),
            reception,
        }],
        outages: Vec::new(),
    }
}

fn of(positions: Vec<Position>) -> LiveBatch {
    batch(Reception {
        messages: 1,
        positions,
        ..Reception::default()
    })
}

fn told(desk: &Desk) -> Vec<(MessageType, u32)> {
    let alerts = desk.store.alerts(Revisions::All).unwrap();
    let kinds = alerts
        .iter()
        .map(|alert| (alert.message_type, alert.revision));
    kinds.collect()
}

#[test]
fn an_entry_is_told_once_with_its_message_and_withdrawn_when_its_rule_no_longer_fires() {
    let (folder, plan) = plan();
    let mut desk = desk(&folder, &plan);
    desk.take(of(vec![report(SHIP, inside(&plan, -1.0), 0)]), at(0));
    assert_eq!(told(&desk), []);
    for second in [240, 300, 360] {
        let deeper = inside(&plan, second as f64 / 240.0);
        desk.take(of(vec![report(SHIP, deeper, second)]), at(second));
        assert_eq!(told(&desk), [(MessageType::Alert, 1)]);
    }
    let statics = vec![(
        SHIP,
        at(400),
        Vessel {
            length_m: Some(12.0),
            ..Vessel::default()
        },
    )];
    desk.take(
        batch(Reception {
            messages: 1,
            statics,
            ..Reception::default()
        }),
        at(400),
    );
    let expected = [(MessageType::Alert, 1), (MessageType::Cancel, 2)];
    assert_eq!(told(&desk), expected);
    // Files of both revisions lie in the plan's folder.
    assert_eq!(
        std::fs::read_dir(folder.path().join("out/cap"))
            .unwrap()
            .count(),
        2
    );
    let deeper = inside(&plan, 3.0);
    desk.take(of(vec![report(SHIP, deeper, 900)]), at(900));
    assert_eq!(told(&desk), expected, "withdrawn once");
}

#[test]
fn an_entry_stands_when_its_reports_are_forgotten_and_across_a_restart() {
    let (folder, plan) = plan();
    let mut first = desk(&folder, &plan);
    let path = |second: i64| inside(&plan, (second as f64 / 600.0 - 1.0).min(6.0));
    for second in (0..5400).step_by(60) {
        first.take(of(vec![report(SHIP, path(second), second)]), at(second));
    }
    assert_eq!(told(&first), [(MessageType::Alert, 1)]);
    let past = &first.ships[&(SHIP, 0)].past;
    assert!(past.end().unwrap() > at(1800), "the entry is behind");
    drop(first);
    let store = GeoPackage::open(&folder.path().join("t.gpkg"), at(5400)).unwrap();
    let mut second = Desk::new(&plan, Box::new(store), Arc::default());
    second.restore(at(5400)).unwrap();
    for time in (5400..7200).step_by(60) {
        second.take(of(vec![report(SHIP, path(time), time)]), at(time));
    }
    assert_eq!(told(&second), [(MessageType::Alert, 1)]);
    assert_eq!(second.store.counts().unwrap().tracks, 1);
}

#[test]
fn a_beacon_is_told_at_its_first_call_and_revised_every_five_minutes_at_most() {
    let (folder, plan) = plan();
    let mut desk = desk(&folder, &plan);
    let beacon = Mmsi(970_012_345);
    for second in (0..1200).step_by(10) {
        let positions = vec![report(beacon, inside(&plan, 1.0), second)];
        let distress = BTreeMap::from([(beacon, Distress::Active)]);
        let reception = Reception {
            messages: 1,
            positions,
            distress,
            ..Reception::default()
        };
        desk.take(batch(reception), at(second));
    }
    let sent: Vec<i64> = desk
        .store
        .alerts(Revisions::All)
        .unwrap()
        .iter()
        .map(|alert| alert.sent.duration_since(at(0)).as_secs())
        .collect();
    assert_eq!(sent, [0, 300, 600, 900]);
    let last = desk.store.alerts(Revisions::Latest).unwrap().remove(0);
    assert!(
        last.description.contains("Reports so far: 91."),
        "{}",
        last.description
    );
}

#[test]
fn a_revision_of_another_process_is_followed_by_the_next() {
    let (folder, plan) = plan();
    let mut desk = desk(&folder, &plan);
    let beacon = Mmsi(970_012_345);
    let call = |second| of(vec![report(beacon, inside(&plan, 1.0), second)]);
    desk.take(call(0), at(0));
    let mut other = desk.store.alerts(Revisions::Latest).unwrap().remove(0);
    other.revision = 2;
    other.headline.push_str(", seen elsewhere");
    let mut elsewhere = GeoPackage::open(&folder.path().join("t.gpkg"), at(0)).unwrap();
    elsewhere.put_alerts(&[other], &[]).unwrap();
    desk.take(call(400), at(400));
    assert_eq!(told(&desk).last(), Some(&(MessageType::Update, 3)));
}

#[test]
fn outages_left_open_go_on_or_end_and_the_time_not_listened_is_one() {
    let (_folder, plan) = plan();
    let settings = plan.file.live.as_ref().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut store = GeoPackage::open(&folder.path().join("t.gpkg"), at(0)).unwrap();
    let outage = |source: &str, start: i64, end: Option<i64>, cause| Outage {
        source: source.to_owned(),
        start: at(start),
        end: end.map(at),
        cause,
    };
    let feed = LiveFeed {
        source: "station".to_owned(),
        last_message: at(50),
    };
    let old = [
        outage("gone", 10, None, OutageCause::Silent),
        outage("station", 20, Some(30), OutageCause::Disconnected),
    ];
    store
        .put_live(&LiveRows {
            feeds: &[feed],
            outages: &old,
            ..LiveRows::default()
        })
        .unwrap();
    let stopped = outage("station", 50, None, OutageCause::Stopped);
    // The second time it was killed before anything was heard.
    for start in [100, 200] {
        let since = last_outages(settings, &mut store, at(start)).unwrap();
        assert_eq!(since, std::slice::from_ref(&stopped));
    }
    let all = store.outages(Timestamp::MIN, Timestamp::MAX).unwrap();
    let ended = outage("gone", 10, Some(100), OutageCause::Silent);
    assert_eq!(all, [ended, old[1].clone(), stopped.clone()]);
    assert_eq!(
        store.outages(at(31), at(49)).unwrap().len(),
        1,
        "only the first was then"
    );
    assert_eq!(store.outages(at(300), at(400)).unwrap(), [stopped]);
}
