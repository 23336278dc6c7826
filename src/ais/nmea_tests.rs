//! Tests of the stream of NMEA 0183 lines.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::*;
use crate::ais::encode::encode;
use crate::ais::message::{Motion, PositionReport};
use crate::model::track::Distress;
use crate::model::units::Mmsi;
use proptest::prelude::*;

const TYPE_1: &str = "!AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ,0*4A";
const GROUP_FIRST: &str = "\\g:1-2-1278,s:66,c:1661782369*43\\!AIVDM,2,1,3,A,56=nR7D00003A<I@E=@TmDh637OS60mA:222220N1@6427?P00888888,0*66";
const GROUP_SECOND: &str = "!AIVDM,2,2,3,A,888888888888880,2*27";

fn read_text(text: &str) -> Reception {
    read(text.as_bytes()).unwrap()
}

fn counted(reception: &Reception) -> u64 {
    let rejected: u64 = reception.rejects.values().sum();
    reception.blank_lines + reception.clock_lines + reception.accepted_lines + rejected
}

#[test]
fn a_line_without_time_is_counted_and_gives_no_position() {
    let reception = read_text(TYPE_1);
    assert_eq!(reception.messages, 1);
    assert_eq!(reception.rejects[&RejectReason::NoTime], 1);
    assert!(reception.positions.is_empty());
}

#[test]
fn a_gatehouse_header_gives_its_time_to_the_next_line() {
    let reception = read_text(&format!(
        "$PGHP,1,2010,6,11,11,46,11,390,231,45,992190934,1,2B*5B\r\n{TYPE_1}\r\n"
    ));
    let position = &reception.positions[0];
    assert_eq!(position.time.to_string(), "2010-06-11T11:46:11.39Z");
    assert_eq!(position.mmsi, Mmsi(371_798_000));
    assert!((position.position.lon_deg - -123.395_383_333).abs() < 1e-8);
    assert!((position.position.lat_deg - 48.381_633_333).abs() < 1e-8);
}

#[test]
fn a_bare_second_part_joins_a_first_part_with_a_tag_block() {
    let reception = read_text(&format!("{GROUP_FIRST}\n{TYPE_1}\n{GROUP_SECOND}\n"));
    assert_eq!(reception.statics.len(), 1);
    let (mmsi, time, vessel) = &reception.statics[0];
    assert_eq!(*mmsi, Mmsi(417_178_141));
    assert_eq!(vessel.name.as_deref(), Some("IMULA 1781 MTR"));
    assert_eq!((vessel.length_m, vessel.width_m), (Some(16.0), Some(6.0)));
    assert_eq!((vessel.imo, vessel.destination.as_deref()), (None, None));
    assert_eq!(time.as_second(), 1_661_782_369);
    assert_eq!(reception.accepted_lines, 3);
}

#[test]
fn parts_out_of_order_make_the_same_message() {
    let ordered = read_text(&format!("{GROUP_FIRST}\n{GROUP_SECOND}\n"));
    let swapped = read_text(&format!("{GROUP_SECOND}\n{GROUP_FIRST}\n"));
    assert_eq!(ordered.statics, swapped.statics);
    assert_eq!(swapped.lost_groups, 0);
}

#[test]
fn a_part_that_comes_after_the_time_out_is_lost_and_counted() {
    let clock = "\\c:1661782400*50\\";
    let reception = read_text(&format!("{GROUP_FIRST}\n{clock}{TYPE_1}\n{GROUP_SECOND}\n"));
    assert_eq!(reception.lost_groups, 2);
    assert_eq!(reception.rejects[&RejectReason::LostPart], 2);
    assert!(reception.statics.is_empty());
    assert_eq!(counted(&reception), reception.lines);
}

#[test]
fn a_part_heard_twice_does_no_harm() {
    let reception = read_text(&format!("{GROUP_FIRST}\n{GROUP_FIRST}\n{GROUP_SECOND}\n"));
    assert_eq!(reception.rejects[&RejectReason::DuplicatePart], 1);
    assert_eq!(reception.statics.len(), 1);
}

#[test]
fn a_search_and_rescue_transmitter_under_test_pages_nobody() {
    let beacon = |nav_status| {
        let report = PositionReport {
            type_number: 1,
            link: crate::ais::message::Link::default(),
            mmsi: Mmsi(970_010_119),
            nav_status: Some(nav_status),
            turn: None,
            motion: Motion::default(),
            special_manoeuvre: None,
        };
        encode(&Message::Position(report), None, 0).remove(0)
    };
    let (test, active) = (beacon(15), beacon(14));
    let heard = |text: &str| read_text(text).distress[&Mmsi(970_010_119)];
    assert_eq!(heard(&test), Distress::Test);
    assert_eq!(heard(&format!("{active}\n{test}")), Distress::Active);
    assert_eq!(heard(&format!("{test}\n{active}")), Distress::Active);
}

#[test]
fn a_line_without_end_is_cut_and_counted_once() {
    let reception = read(&vec![b'x'; 100_000][..]).unwrap();
    assert_eq!(reception.lines, 1);
    assert_eq!(reception.rejects[&RejectReason::NotNmea], 1);
}

#[test]
fn a_log_split_anywhere_reads_as_one() {
    let log = format!(
        "{GROUP_FIRST}\n{TYPE_1}\n\n{GROUP_SECOND}\r\n{GROUP_FIRST}{GROUP_SECOND}\nxx\n{TYPE_1}"
    );
    let whole = read_text(&log);
    assert_eq!(whole.statics.len(), 2);
    for piece in 1..log.len() + 2 {
        assert_eq!(
            read_pieces(log.as_bytes(), piece).unwrap(),
            whole,
            "pieces of {piece} bytes"
        );
    }
}

#[test]
fn a_line_longer_than_a_batch_is_cut_and_counted_once() {
    let log = [&vec![b'x'; 100_000][..], b"\n", TYPE_1.as_bytes()].concat();
    let whole = read(&log[..]).unwrap();
    assert_eq!((whole.lines, whole.messages), (2, 1));
    for piece in [1, 100, 5000] {
        assert_eq!(
            read_pieces(&log[..], piece).unwrap(),
            whole,
            "pieces of {piece} bytes"
        );
    }
}

proptest! {
    #[test]
    fn every_line_of_random_bytes_is_counted(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let reception = read(&bytes[..]).unwrap();
        prop_assert_eq!(counted(&reception), reception.lines);
    }

    #[test]
    fn every_line_of_damaged_ais_is_counted(
        at in proptest::collection::vec((0_usize..400, any::<u8>()), 0..6),
    ) {
        let mut text = format!("{GROUP_FIRST}\n{TYPE_1}\n{GROUP_SECOND}\n{GROUP_FIRST}{GROUP_FIRST}\n").into_bytes();
        for (place, byte) in at {
            if let Some(target) = text.get_mut(place) {
                *target = byte;
            }
        }
        let reception = read(&text[..]).unwrap();
        prop_assert_eq!(counted(&reception), reception.lines);
    }
}
