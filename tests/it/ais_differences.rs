//! What other programs read of real logs otherwise than tidewatch: each difference with its count and the clause that decides it
//! (ITU-R M.1371-5 Annex 8, "A8"). A difference that does not stand here fails the tests of `ais_peers`.
//!
//! A difference is `type field`, or `type only theirs: length` and `type only ours` for a message that one program alone reads.

/// A log, how many messages are equal in every field, and what differs.
pub type Expected<'a> = (&'a str, usize, &'a [(&'a str, usize)]);

/// What pyais reads otherwise, and what it reads that is refused here.
pub const PYAIS_LOGS: &[Expected<'_>] = &[
    ("dma/stream_example.txt", 4051, &[]),
    (
        "amsa-2012.nmea.gz",
        33_857,
        &[
            // IEC 61162-1: a sentence whose checksum does not hold is not used. pyais reads it and marks it. The one type 1 of
            // 168 bits is the message that pyais' 19,338 of them have above our 19,337.
            ("1 only theirs: 108 bits, checksum wrong", 1),
            ("1 only theirs: 168 bits, checksum wrong", 1),
            ("24 only theirs: 168 bits, checksum wrong", 1),
            ("3 only theirs: 72 bits, checksum wrong", 1),
            // Lengths that the type does not have: noise that a receiver took for a message. A8 3.3: 424 bits.
            ("5 only theirs: 216 bits", 1),
            // A8 3.4, and 3.6: 88 and 56 bits with the application's identifier.
            ("6 only theirs: 72 bits", 21),
            ("8 only theirs: 40 bits", 1),
            // A8 3.5: 72 to 168 bits.
            ("7 only theirs: 184 bits", 1),
            ("13 only theirs: 232 bits", 1),
            // A8 3.8: 72 bits.
            ("10 only theirs: 192 bits", 1),
            ("10 only theirs: 208 bits", 1),
            // A8 3.13: 88 to 160 bits, a slot of 168 at most.
            ("15 only theirs: 176 bits", 1),
            ("15 only theirs: 288 bits", 1),
            // A8 3.14: 96 or 144 bits, a slot of 168 at most.
            ("16 only theirs: 176 bits", 1),
            ("16 only theirs: 184 bits", 1),
            // A8 3.18: 72 to 160 bits.
            ("20 only theirs: 264 bits", 1),
            ("20 only theirs: 312 bits", 1),
            // A8 3.20 and 3.21: 168 and 160 bits.
            ("22 only theirs: 216 bits", 1),
            ("23 only theirs: 216 bits", 2),
            // A8 3.23: 168 bits at most.
            ("25 only theirs: 184 bits", 1),
            ("refused by pyais", 1),
            // A8 3.15: latitude is a signed number; pyais takes it as unsigned, so that southern places are beyond
            // 90° and none.
            ("17 lat", 113),
            ("17 lon", 113),
            // IEC 61162-1: fill bits are none of the message; pyais misses their count where a suffix stands behind the
            // checksum, and so reads a letter too many.
            ("14 text", 1),
        ],
    ),
    (
        "gpsd/sample.aivdm",
        92,
        &[
            // A8 3.1: 168 bits. A8 3.18: 160 bits at most.
            ("1 only theirs: 163 bits", 1),
            ("20 only theirs: 186 bits", 1),
            // A8 3.5: 32 bits an acknowledgement; of the third only some bits are there.
            ("7 mmsi3", 2),
            ("7 mmsiseq3", 2),
            // As above: latitude without a sign, fill bits taken for data.
            ("17 lat", 1),
            ("17 lon", 1),
            ("17 data", 1),
            // A8 3.24: the last 20 bits are the communication state, no data; without the flag for structure
            // there is no identifier.
            ("26 data", 5),
            ("26 radio", 5),
            ("26 app_id", 1),
        ],
    ),
    ("gpsd/ais-nmea.log", 171, &[]),
    // A8 3.25: type 27 has 96 bits; pyais refuses the ones that fill a slot.
    ("gpsd/ais-18-27.log", 207, &[("refused by pyais", 69)]),
    (
        "libais/typeexamples.nmea",
        20,
        &[
            // As above: latitude without a sign; fill bits taken for data, for a letter and for half a question.
            ("17 lat", 1),
            ("17 lon", 1),
            ("8 data", 1),
            ("14 text", 1),
            ("15 offset1_2", 1),
            ("15 type1_2", 1),
            ("25 data", 1),
            ("26 data", 1),
            ("26 radio", 1),
        ],
    ),
    ("gfw-ais-tools/bad-tagblock-group.nmea", 1, &[]),
    // Lengths that type 5 does not have.
    ("gfw-ais-tools/bad-type5.nmea", 0, &[]),
    ("gfw-ais-tools/ee-multiline.nmea", 8, &[]),
    (
        "gfw-ais-tools/errors.nmea",
        1,
        &[
            // IEC 61162-1 and A8 3.1, as above.
            ("1 only theirs: 168 bits, checksum wrong", 1),
            ("1 only theirs: 186 bits", 1),
            ("3 only theirs: 168 bits, checksum wrong", 1),
            ("3 only theirs: 186 bits", 1),
        ],
    ),
    ("gfw-ais-tools/mixed_types.nmea", 99, &[]),
    ("gfw-ais-tools/multi-part.nmea", 43, &[]),
    ("gfw-ais-tools/sample.nmea", 3, &[]),
    (
        "gfw-ais-tools/single-message-type-5.nmea",
        0,
        &[("5 only theirs: 424 bits, checksum wrong", 1)],
    ),
    // Checksums of the tag blocks that do not hold.
    ("gfw-ais-tools/spire-test.nmea", 0, &[]),
    (
        "gfw-ais-tools/type1-bad-bitcount.nmea",
        0,
        &[
            ("1 only theirs: 186 bits", 9),
            ("3 only theirs: 186 bits", 3),
        ],
    ),
    ("gfw-ais-tools/type8.nmea", 1, &[]),
];

/// What gpsd reads otherwise. `6 data` and `6 payload`: it splits data of a length that the application does not have, so that some
/// or all fields are of bits that are not there: of 1/12 (SN.1/Circ.236) 56 bits of 272, of 1/14 80 of 102 to 288, of 1/18
/// (SN.1/Circ.289) 80 of 272, of 1/32 80 of 97 to 273.
pub const GPSD_LOGS: &[Expected<'_>] = &[
    (
        "dma/stream_example.txt",
        4050,
        // SN.1/Circ.236, 1/11: the message ends before its last field, ice; gpsd has "none" for it.
        &[("8 payload", 1)],
    ),
    (
        "amsa-2012.nmea.gz",
        33_964,
        &[
            // Both stand behind a sentence that is cut short, which gpsd joins with the next.
            ("1 only ours", 1),
            ("18 only ours", 1),
            // A8 3.19: 360 bits at most; here two slots are filled up with zeros, and every field is whole.
            ("21 only ours", 5),
            // A8 3.8, 3.20 and 3.21: 72, 168 and 160 bits; these have 192 to 216.
            ("10 only theirs: read by gpsd", 2),
            ("22 only theirs: read by gpsd", 1),
            ("23 only theirs: read by gpsd", 2),
        ],
    ),
    (
        "gpsd/sample.aivdm",
        91,
        &[
            // As beside pyais.
            ("1 only theirs: read by gpsd", 1),
            ("20 only theirs: read by gpsd", 1),
            ("7 mmsi3", 2),
            ("6 data", 7),
            ("6 payload", 7),
        ],
    ),
    ("gpsd/ais-nmea.log", 171, &[]),
    ("gpsd/ais-18-27.log", 207, &[]),
    (
        "libais/typeexamples.nmea",
        25,
        // A8 3.13: of 104 bits the second question has lost four.
        &[("15 offset1_2", 1), ("15 type1_2", 1)],
    ),
    ("gfw-ais-tools/bad-tagblock-group.nmea", 1, &[]),
    ("gfw-ais-tools/bad-type5.nmea", 0, &[]),
    ("gfw-ais-tools/ee-multiline.nmea", 8, &[]),
    (
        "gfw-ais-tools/errors.nmea",
        1,
        &[
            ("1 only theirs: read by gpsd", 1),
            ("3 only theirs: read by gpsd", 1),
        ],
    ),
    ("gfw-ais-tools/mixed_types.nmea", 99, &[]),
    ("gfw-ais-tools/multi-part.nmea", 43, &[]),
    ("gfw-ais-tools/sample.nmea", 3, &[]),
    ("gfw-ais-tools/single-message-type-5.nmea", 0, &[]),
    ("gfw-ais-tools/spire-test.nmea", 0, &[]),
    (
        "gfw-ais-tools/type1-bad-bitcount.nmea",
        0,
        &[
            ("1 only theirs: read by gpsd", 9),
            ("3 only theirs: read by gpsd", 3),
        ],
    ),
    ("gfw-ais-tools/type8.nmea", 1, &[]),
];

/// gpsd's own records of its sample. `synthetic-ais.json` beside them is of an older decoder, whose communication states stand
/// one bit off, and holds fewer messages: it is input for gpsd's reader of JSON.
pub const GPSD_RECORDS: &[Expected<'_>] = &[(
    "gpsd/sample.aivdm.ju.chk",
    86,
    &[
        // As beside gpsdecode; one record stands for parts A and B of type 24.
        ("1 only theirs: gpsd's record", 1),
        ("20 only theirs: gpsd's record", 1),
        ("24 only ours", 5),
        ("6 data", 7),
        ("6 payload", 7),
        ("7 mmsi3", 2),
    ],
)];
