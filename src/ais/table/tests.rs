//! Every format gives the report that was put in; every bad row is counted.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use crate::ais::{AisError, Reception, RejectReason, each_report, read_file};
use crate::model::track::{AisClass, Distress};
use crate::model::units::{LonLat, Mmsi};
use std::io::Write;

const OLD: &str = "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Status,Length,Width,Draft,Cargo,TransceiverClass\n";
const NEW: &str = "mmsi,base_date_time,longitude,latitude,sog,cog,heading,vessel_name,imo,call_sign,vessel_type,status,length,width,draft,cargo,transceiver\n";

fn read_text(text: &str) -> Result<Reception, AisError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("day.csv");
    std::fs::File::create(&path)
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
    read_file(&path)
}

#[test]
fn both_column_sets_give_the_same_report() {
    let old = read_text(&format!(
        "{OLD}636021061,2023-01-11T00:00:00,26.09241,-80.04806,8.8,272.7,270.0,MSC NAISHA III,IMO9307839,5LCB4,70,8.0,208.0,30.0,8.0,70.0,A\n"
    ))
    .unwrap();
    let new = read_text(&format!(
        "{NEW}636021061,2023-01-11 00:00:00,-80.04806,26.09241,8.8,272.7,270.0,MSC NAISHA III,IMO9307839,5LCB4,70,8,208,30,8.0,70,A\n"
    ))
    .unwrap();
    let new = Reception {
        format: old.format,
        ..new
    };
    assert_eq!(old, new);
    let position = &old.positions[0];
    assert_eq!(position.position, LonLat::new(-80.04806, 26.09241));
    assert_eq!(position.time.to_string(), "2023-01-11T00:00:00Z");
    assert_eq!((position.sog_kn, position.nav_status), (Some(8.8), Some(8)));
    let vessel = &old.statics[0].2;
    assert_eq!(vessel.imo, Some(9_307_839));
    assert_eq!((vessel.length_m, vessel.width_m), (Some(208.0), Some(30.0)));
}

#[test]
fn the_radios_not_available_values_become_none() {
    let reception = read_text(&format!(
        "{OLD}367752440,2023-01-11T00:00:00,43.07917,-70.75733,102.3,360.0,511.0,,,,0,15.0,0,,,52.0,B\n"
    ))
    .unwrap();
    let position = &reception.positions[0];
    assert_eq!((position.sog_kn, position.cog_deg), (None, None));
    assert_eq!((position.heading_deg, position.nav_status), (None, None));
    assert_eq!(position.class, AisClass::B);
    assert!(reception.statics.is_empty());
}

#[test]
fn bad_rows_are_counted_by_reason_with_their_first_line() {
    let good = "367752440,2023-01-11T00:00:00,43.0,-70.7,,,,,,,,,,,,,A";
    let reception = read_text(&format!(
        "{OLD}{good}\n367752440,yesterday,43.0,-70.7,,,,,,,,,,,,,A\n1,2\n{}\n{}\n{good}\nx,y\n",
        good.replace("43.0", "91.0"),
        good.replace("367752440", "123456789"),
    ))
    .unwrap();
    assert_eq!(reception.positions.len(), 2);
    assert_eq!(reception.lines, 7);
    let first: Vec<_> = reception.first_rejects.into_iter().collect();
    assert_eq!(
        first,
        [
            (RejectReason::Malformed, 4),
            (RejectReason::NoPosition, 5),
            (RejectReason::InvalidMmsi, 6),
            (RejectReason::BadTime, 3),
        ]
    );
    assert_eq!(reception.rejects[&RejectReason::Malformed], 2);
}

#[test]
fn a_name_with_one_quote_spoils_its_own_row_alone() {
    let row = |name: &str| format!("257111020,2023-01-11T00:00:01Z,57.25,10.5,{name},SKAGEN\n");
    let rows: String = (0..50).map(|_| row("HANNE")).collect();
    let text = format!(
        "mmsi,timestamp,lat,lon,name,destination\n{}{rows}",
        row("\"QUOTE")
    );
    let reception = read_text(&text).unwrap();
    assert_eq!((reception.positions.len(), reception.lines), (50, 51));
    assert_eq!(reception.rejects[&RejectReason::Malformed], 1);
    assert_eq!(reception.first_rejects[&RejectReason::Malformed], 2);
}

#[test]
fn blank_lines_of_a_table_are_counted_and_its_lines_may_end_as_they_like() {
    let reception = read_text(
        "mmsi,timestamp,lat,lon\r\n257111020,1673395201,57.25,10.5\r\n\r\n\"257111020\",1673395202,57.25,10.5",
    )
    .unwrap();
    assert_eq!(reception.positions.len(), 2);
    assert_eq!((reception.lines, reception.blank_lines), (3, 1));
}

#[test]
fn a_wrong_heading_names_file_columns_found_and_columns_expected() {
    let text = read_text("mmsi,when,where\n1,2,3\n")
        .unwrap_err()
        .to_string();
    for part in [
        "day.csv",
        "mmsi,when,where",
        "BaseDateTime",
        "base_date_time",
    ] {
        assert!(text.contains(part), "{text}");
    }
}

/// The one report that `text` holds.
fn only(text: &str) -> Reception {
    let reception = read_text(text).unwrap();
    assert_eq!(
        (reception.lines, reception.positions.len()),
        (1, 1),
        "{}",
        reception.reject_text()
    );
    reception
}

#[test]
fn the_danish_table_is_read_by_its_words() {
    let reception = only(
        "# Timestamp,Type of mobile,MMSI,Latitude,Longitude,Navigational status,ROT,SOG,COG,Heading,IMO,Callsign,Name,Ship type,Cargo type,Width,Length,Type of position fixing device,Draught,Destination,ETA,Data source type,A,B,C,D\n\
         17/07/2026 05:13:00,Class A,219024000,57.717413,10.586715,Engaged in fishing,0.0,0.0,4.8,309,Unknown,OWCS,HANNE,Fishing,,6,23,GPS,3.1,Unknown,,AIS,15,8,3,3\n",
    );
    assert_eq!(reception.format, "Danish Maritime Authority CSV");
    let report = &reception.positions[0];
    assert_eq!(report.time.to_string(), "2026-07-17T05:13:00Z");
    assert_eq!(report.position, LonLat::new(10.586_715, 57.717_413));
    assert_eq!(
        (report.nav_status, report.heading_deg),
        (Some(7), Some(309.0))
    );
    let vessel = &reception.statics[0].2;
    assert_eq!((vessel.ship_type, vessel.length_m), (Some(30), Some(23.0)));
    assert_eq!((vessel.imo, vessel.destination.as_deref()), (None, None));
    assert_eq!(vessel.name.as_deref(), Some("HANNE"));
}

#[test]
fn each_suppliers_table_gives_the_same_report() {
    let cases = [
        (
            "Statsat CSV",
            "mmsi;imo_nr;length;date_time_utc;lon;lat;sog;cog;true_heading;nav_status;message_nr\n\
             257111020;9307839;60;2023-01-11 00:00:01;10.5;57.25;8.8;272.7;270;8;1\n",
        ),
        (
            "Spire CSV",
            "created_at,timestamp,mmsi,msg_type,latitude,longitude,speed,course,heading,rot,imo,name,status\n\
             2023-01-11 09:00:00 UTC,2023-01-11T00:00:01Z,257111020,1,57.25,10.5,8.8,272.7,270,,,,8\n",
        ),
        (
            "exactEarth CSV",
            "\"MMSI\",\"Message_ID\",\"Time\",\"Millisecond\",\"SOG\",\"Longitude\",\"Latitude\",\"COG\",\"Heading\",\"Navigational_status\"\n\
             \"257111020\",\"1\",\"20230111_000001\",\"0\",\"8.8\",\"10.5\",\"57.25\",\"272.7\",\"270\",\"8\"\n",
        ),
        (
            "AISHub",
            "MMSI,TSTAMP,LATITUDE,LONGITUDE,COG,SOG,HEADING,NAVSTAT,IMO,NAME,CALLSIGN,TYPE,A,B,C,D,DRAUGHT,DEST,ETA\n\
             257111020,2023-01-11 00:00:01 GMT,57.25,10.5,272.7,8.8,270,8,0,,,0,0,0,0,0,0,,\n",
        ),
        (
            "AISHub",
            "MMSI,TSTAMP,LATITUDE,LONGITUDE,COG,SOG,HEADING,NAVSTAT,IMO,NAME\n\
             257111020,1673395201,34350000,6300000,2727,88,270,8,0,\n",
        ),
        (
            "AISHub",
            "[{\"ERROR\":false,\"FORMAT\":\"HUMAN\",\"RECORDS\":1},\n [{\"MMSI\":257111020,\"TIME\":\"2023-01-11 00:00:01 GMT\",\"LONGITUDE\":10.5,\"LATITUDE\":57.25,\"COG\":272.7,\"SOG\":8.8,\"HEADING\":270,\"NAVSTAT\":8}]]",
        ),
        (
            "GFW tracks CSV",
            "mmsi,timestamp,distance_from_shore,speed,course,lat,lon,heading,status,source\n\
             257111020,1673395201.0,1.5,8.8,272.7,57.25,10.5,270,8,x\n",
        ),
        (
            "aisstream.io JSON",
            "{\"MessageType\":\"PositionReport\",\"MetaData\":{\"MMSI\":257111020,\"ShipName\":\"\",\"latitude\":57.3,\"longitude\":10.6,\"time_utc\":\"2023-01-11 00:00:01.000000658 +0000 UTC\"},\
              \"Message\":{\"PositionReport\":{\"MessageID\":1,\"UserID\":257111020,\"Latitude\":57.25,\"Longitude\":10.5,\"Sog\":8.8,\"Cog\":272.7,\"TrueHeading\":270,\"NavigationalStatus\":8,\"Timestamp\":58,\"Valid\":true}}}\n",
        ),
    ];
    let mut first = None;
    for (format, text) in cases {
        let reception = only(text);
        assert_eq!(reception.format, format);
        let report = reception.positions[0].clone();
        assert_eq!(report.time.to_string(), "2023-01-11T00:00:01Z", "{format}");
        assert_eq!(report.position, LonLat::new(10.5, 57.25), "{format}");
        assert_eq!(
            first.get_or_insert_with(|| report.clone()),
            &report,
            "{format}"
        );
    }
}

#[test]
fn degrees_with_a_point_are_degrees_also_beside_a_unix_time() {
    let reception = only(
        "MMSI,TSTAMP,LATITUDE,LONGITUDE,COG,SOG,HEADING,NAVSTAT,DRAUGHT\n\
         257111020,1673395201,57.25,10.5,272.7,8.8,270,8,3.1\n",
    );
    let report = &reception.positions[0];
    assert_eq!(report.position, LonLat::new(10.5, 57.25));
    assert_eq!((report.sog_kn, report.cog_deg), (Some(8.8), Some(272.7)));
    assert_eq!(reception.statics[0].2.draught_m, Some(3.1));
}

#[test]
fn a_time_that_runs_over_the_calendar_is_no_time() {
    let reception = read_text(
        "mmsi,timestamp,millisecond,lat,lon\n\
         257111020,1673395201,1,57.25,10.5\n\
         257111020,9999-12-30 22:00:00.999,999,57.25,10.5\n",
    )
    .unwrap();
    assert_eq!(reception.positions.len(), 1);
    assert_eq!(reception.rejects[&RejectReason::BadTime], 1);
}

/// Names that the reports carry, in file order, and how many tellings are kept.
fn names(rows: &[(i64, &str)]) -> (Vec<String>, usize) {
    let rows: Vec<String> = rows
        .iter()
        .map(|(second, name)| format!("257111020,{},57,10,{name}\n", 1_673_395_200 + second))
        .collect();
    let reception = read_text(&format!("mmsi,timestamp,lat,lon,name\n{}", rows.concat())).unwrap();
    let mut names = Vec::new();
    each_report(&reception, |_, vessel| {
        names.extend(vessel.name.clone());
        Ok::<(), ()>(())
    })
    .unwrap();
    (names, reception.statics.len())
}

#[test]
fn a_row_of_an_unsorted_table_keeps_the_name_it_tells() {
    let orders: [&[(i64, &str)]; 4] = [
        &[(10, "X"), (5, "Y"), (12, "Y")],
        &[
            (5, "Y"),
            (12, "Y"),
            (20, "Y"),
            (10, "X"),
            (15, "X"),
            (16, "Y"),
        ],
        &[
            (5, "Y"),
            (12, "Y"),
            (10, "X"),
            (11, "X"),
            (30, "Y"),
            (40, "X"),
            (25, "Y"),
            (41, "Y"),
        ],
        &[(9, "X"), (8, "X"), (7, "Y"), (10, "Y"), (6, "X"), (11, "X")],
    ];
    for rows in orders {
        let told: Vec<&str> = rows.iter().map(|(_, name)| *name).collect();
        assert_eq!(names(rows).0, told);
    }
    let sorted: Vec<(i64, &str)> = (0..100).map(|second| (second, "X")).collect();
    assert_eq!(names(&sorted).1, 1, "what is told again is kept once");
}

#[test]
fn a_static_message_of_aisstream_does_not_repeat_an_older_place() {
    let reception = read_text(
        "{\"MessageType\":\"ShipStaticData\",\"MetaData\":{\"MMSI\":257111020,\"latitude\":57.3,\"longitude\":10.6,\"time_utc\":\"2023-01-11 00:00:01 +0000 UTC\"},\
         \"Message\":{\"ShipStaticData\":{\"MessageID\":5,\"UserID\":257111020,\"Name\":\"HANNE  \",\"CallSign\":\"OWCS@\",\"ImoNumber\":9307839,\"Type\":30,\"Dimension\":{\"A\":15,\"B\":8,\"C\":3,\"D\":3},\"MaximumStaticDraught\":3.1,\"Destination\":\"SKAGEN\"}}}\nnot json\n",
    )
    .unwrap();
    assert!(reception.positions.is_empty());
    let vessel = &reception.statics[0].2;
    assert_eq!(
        (vessel.name.as_deref(), vessel.call_sign.as_deref()),
        (Some("HANNE"), Some("OWCS"))
    );
    assert_eq!(
        (vessel.length_m, vessel.width_m, vessel.ship_type),
        (Some(23.0), Some(6.0), Some(30))
    );
    assert_eq!(reception.first_rejects[&RejectReason::Malformed], 2);
}

#[test]
fn both_ends_of_a_published_gap_are_reports() {
    let reception = read_text(
        "gap_id,mmsi,vessel_class,flag,gap_start_timestamp,gap_start_lat,gap_start_lon,gap_end_timestamp,gap_end_lat,gap_end_lon,gap_hours\n\
         g1,257111020,trawlers,NOR,2023-01-11 00:00:01 UTC,57.25,10.5,2023-01-12 00:00:01 UTC,58.25,11.5,24\n",
    )
    .unwrap();
    let places: Vec<LonLat> = reception
        .positions
        .iter()
        .map(|report| report.position)
        .collect();
    assert_eq!(places, [LonLat::new(10.5, 57.25), LonLat::new(11.5, 58.25)]);
    assert_eq!(reception.format, "GFW gaps CSV");
}

#[test]
fn a_beacon_in_a_table_is_active_only_if_it_says_so() {
    let row = |mmsi: u32, status: &str| {
        let reception = read_text(&format!(
            "mmsi,timestamp,lat,lon,nav_status\n{mmsi},2023-01-11T00:00:01Z,57.25,10.5,{status}\n"
        ));
        reception.unwrap().distress.get(&Mmsi(mmsi)).copied()
    };
    assert_eq!(row(970_010_119, "14"), Some(Distress::Active));
    assert_eq!(row(970_010_119, "15"), Some(Distress::Test));
    assert_eq!(row(970_010_119, ""), None);
    assert_eq!(row(257_111_020, "14"), None);
}

#[test]
fn every_written_form_of_an_instant_is_read() {
    let at = |text: &str| {
        let reception = read_text(&format!(
            "mmsi,timestamp,lat,lon\n257111020,{text},57.25,10.5\n"
        ))
        .ok()?;
        reception
            .positions
            .first()
            .map(|report| report.time.to_string())
    };
    for text in [
        "2024-07-30T06:17:43",
        "2024-07-30 06:17:43",
        "2024-07-30T06:17:43Z",
        "2024-07-30 06:17:43 UTC",
        "2024-07-30 06:17:43 GMT",
        "2024-07-30T15:17:43+09:00",
        "2024-07-30 06:17:43 +0000 UTC",
        "30/07/2024 06:17:43",
        "20240730_061743",
        "1722320263",
        "1722320263.0",
        "1722320263000",
    ] {
        assert_eq!(at(text).as_deref(), Some("2024-07-30T06:17:43Z"), "{text}");
    }
    assert_eq!(
        at("2024-07-30 06:17:43.375540658 +0000 UTC").as_deref(),
        Some("2024-07-30T06:17:43.375Z")
    );
    for text in [
        "",
        "yesterday",
        "07/30/2024 06:17:43",
        "2024-13-30 06:17:43",
        "2024-07-30 06:17:43 CEST",
        "-5",
        // The radio's second of the minute, also as a number of other formats.
        "58",
        "58.0",
        "631151999",
    ] {
        assert_eq!(at(text), None, "{text}");
    }
}
