//! The encoder beside the decoder: what is sent comes back.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use super::*;
use crate::ais::assemble::{Arrival, Assembler};
use crate::ais::bits::Bits;
use crate::ais::decode::decode;
use crate::ais::message::{Equipment, Link};
use crate::ais::sentence::{Line, Sentence, parse};
use jiff::Timestamp;
use proptest::prelude::*;

fn sentence(text: &str) -> Sentence<'_> {
    match parse(text.as_bytes()).0 {
        Ok(Line::Ais(sentence)) => sentence,
        other => panic!("{other:?}: {text}"),
    }
}

fn received(sentences: &[String]) -> Message {
    let (mut assembler, mut bits) = (Assembler::default(), Bits::default());
    let at = Arrival {
        line: 1,
        time: None,
    };
    let mut whole = None;
    for text in sentences {
        assert!(text.len() <= 80, "{text}");
        whole = assembler.push(&sentence(text), at, &mut bits).unwrap();
    }
    assert!(whole.is_some(), "not whole");
    decode(&bits).unwrap()
}

#[test]
fn sentences_of_others_are_written_as_they_were_sent() {
    // gpsd's sample: types 1 and 5; the latter's payload is cut elsewhere by its sender.
    let mut bits = Bits::default();
    bits.push_armoured(b"16SteH0P00Jt63hHaa6SagvJ087r", 0)
        .unwrap();
    let again = encode(&decode(&bits).unwrap(), None, 0);
    assert_eq!(again, ["!AIVDM,1,1,,A,16SteH0P00Jt63hHaa6SagvJ087r,0*42"]);
}

#[test]
fn a_tag_block_stands_before_every_part() {
    let voyage = Message::Voyage(Voyage {
        mmsi: Mmsi(431_000_001),
        link: Link::default(),
        version: 0,
        terminal_ready: true,
        imo: None,
        call_sign: None,
        name: Some("tidewatch one".into()),
        ship_type: None,
        size: None,
        fix_device: None,
        eta: crate::ais::message::Eta::default(),
        draught_m: None,
        destination: None,
    });
    let time = Timestamp::from_millisecond(1_672_531_200_500).unwrap();
    let tag = TagBlock {
        source: Some(b"SIMULATED"),
        time: Some(time),
        ..TagBlock::default()
    };
    let lines = encode(&voyage, Some(&tag), 13);
    assert_eq!(lines.len(), 2);
    for line in &lines {
        assert!(line.starts_with("\\s:SIMULATED,c:1672531200500*"), "{line}");
        let read = sentence(line);
        assert_eq!((read.time(), read.sequence), (Some(time), Some(3)));
        assert_eq!(read.station(), Some(&b"SIMULATED"[..]));
    }
}

/// Type numbers with the bits a message of that type has; for type 24, part B.
const LENGTHS: [(u32, usize); 11] = [
    (1, 168),
    (2, 168),
    (3, 168),
    (4, 168),
    (5, 424),
    (11, 168),
    (18, 168),
    (19, 312),
    (21, 360),
    (24, 168),
    (27, 96),
];

proptest! {
    #[test]
    fn whatever_is_decoded_comes_back_the_same(
        which in 0_usize..LENGTHS.len(),
        noise in proptest::collection::vec(any::<bool>(), 424),
        part_b: bool,
        daughter: bool,
    ) {
        let (number, length) = LENGTHS[which];
        let mut writer = Writer::default();
        writer.number(number, 6);
        writer.bits.extend(&noise[6..length]);
        if daughter {
            let mut mmsi = Writer::default();
            mmsi.mmsi(Mmsi(984_311_234));
            writer.bits[8..38].copy_from_slice(&mmsi.bits);
        }
        if number == 24 {
            writer.bits[38] = false;
            writer.bits[39] = part_b;
        }
        let (payload, fill) = writer.armoured();
        let mut bits = Bits::default();
        bits.push_armoured(payload.as_bytes(), fill).unwrap();
        let message = decode(&bits).unwrap();
        prop_assert_eq!(received(&encode(&message, None, 7)), message);
    }

    #[test]
    fn values_between_the_formats_steps_come_back_within_half_a_step(
        lon in -180.0_f64..=180.0,
        lat in -90.0_f64..=90.0,
        sog in 0.0_f64..102.0,
        cog in 0.0_f64..359.9,
        heading in 0.0_f64..359.4,
        mmsi in 201_000_000_u32..775_999_999,
    ) {
        let motion = Motion {
            position: Some(LonLat::new(lon, lat)),
            accurate: true,
            sog_kn: Some(sog),
            cog_deg: Some(cog),
            heading_deg: Some(heading),
            second: Some(30),
            raim: false,
        };
        let sent = Message::ClassB(ClassB { mmsi: Mmsi(mmsi), motion, link: Link::CARRIER_SENSE, equipment: Equipment::default(), carrier_sense: true });
        let Message::ClassB(back) = received(&encode(&sent, None, 0)) else {
            panic!("another type");
        };
        let near = |a: f64, b: Option<f64>, step: f64| (a - b.unwrap()).abs() <= step / 2.0 + 1e-9;
        let place = back.motion.position.unwrap();
        prop_assert_eq!(back.mmsi, Mmsi(mmsi));
        prop_assert!(near(lon, Some(place.lon_deg), 1.0 / 600_000.0));
        prop_assert!(near(lat, Some(place.lat_deg), 1.0 / 600_000.0));
        prop_assert!(near(sog, back.motion.sog_kn, 0.1));
        prop_assert!(near(cog, back.motion.cog_deg, 0.1));
        prop_assert!(near(heading, back.motion.heading_deg, 1.0));
        prop_assert_eq!(back.motion.second, Some(30));
    }
}

#[test]
fn directions_that_round_to_a_full_turn_are_sent_as_north() {
    assert_eq!(course(Some(359.96), 10.0, 3600), 0);
    assert_eq!(course(Some(-90.0), 1.0, 511), 270);
    assert_eq!(course(None, 10.0, 3600), 3600);
}
