//! Whole logs of others: as many messages as pyais 3.3.1 decodes of types 1–5, 18, 19, 21, 24 and 27, fixed counts of the others,
//! and no line uncounted.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::oracle_tests::shared;
use super::{Reception, RejectReason, read_file};
use crate::model::track::AisClass;
use std::collections::BTreeMap;

#[test]
#[ignore = "needs the shared real data"]
fn the_coast_guards_lines_carry_their_time() {
    let reception = read_file(&shared("libais/typeexamples.nmea")).unwrap();
    assert_eq!(reception.first.unwrap().to_string(), "2012-01-01T05:01:00Z");
    assert!(!reception.rejects.contains_key(&RejectReason::NoTime));
}

/// Messages by type.
fn assert_counts(reception: &Reception, expected: &[(u8, u64)]) {
    let expected: BTreeMap<u8, u64> = expected.iter().copied().collect();
    assert_eq!(
        reception.messages_by_type,
        expected,
        "{}",
        reception.reject_text()
    );
    let rejected: u64 = reception.rejects.values().sum();
    let counted =
        reception.blank_lines + reception.clock_lines + reception.accepted_lines + rejected;
    assert_eq!(counted, reception.lines);
}

#[test]
#[ignore = "needs the shared real data"]
fn the_danish_log_gives_its_messages_by_type() {
    let reception = read_file(&shared("dma/stream_example.txt")).unwrap();
    let expected = [
        (1, 2511),
        (2, 7),
        (3, 369),
        (4, 129),
        (5, 424),
        (6, 37),
        (7, 9),
        (8, 63),
        (9, 1),
        (15, 66),
        (16, 23),
        (17, 5),
        (18, 101),
        (20, 191),
        (21, 37),
        (23, 4),
        (24, 74),
    ];
    assert_counts(&reception, &expected);
}

#[test]
#[ignore = "needs the shared real data"]
fn the_australian_log_gives_its_messages_by_type() {
    let reception = read_file(&shared("amsa-2012.nmea.gz")).unwrap();
    // Among the truncated is a type 5 of 216 bits, which pyais reads (1,779 in all).
    assert_eq!(reception.rejects[&RejectReason::Truncated], 23);
    let expected = [
        (1, 19337),
        (3, 3717),
        (4, 5237),
        (5, 1778),
        (6, 36),
        (9, 44),
        (10, 11),
        (11, 15),
        (12, 1),
        (14, 2),
        (15, 2),
        (16, 1),
        (17, 116),
        (18, 2745),
        (20, 260),
        (21, 312),
        (24, 357),
    ];
    assert_counts(&reception, &expected);
}

#[test]
#[ignore = "needs the shared real data"]
fn every_row_of_the_marinecadastre_sample_is_read() {
    let reception = read_file(&shared("marinecadastre-2023-01-11.csv")).unwrap();
    assert_eq!(reception.lines, 1000);
    assert_eq!(
        reception.accepted_lines + reception.rejects.values().sum::<u64>(),
        1000
    );
    let class_b = reception
        .positions
        .iter()
        .filter(|report| report.class == AisClass::B);
    assert_eq!((reception.positions.len(), class_b.count()), (1000, 46));
}

#[test]
#[ignore = "needs the shared real data"]
fn deliberate_faults_are_refused_by_their_reason() {
    let error = read_file(&shared("gfw-ais-tools/type1-bad-bitcount.nmea")).unwrap_err();
    assert!(error.to_string().contains("(overlong 12)"), "{error}");
    let grouped = read_file(&shared("gfw-ais-tools/ee-multiline.nmea")).unwrap();
    assert_eq!((grouped.lost_groups, grouped.rejects.len()), (0, 0));
}
