//! One line: reading always moves on, every message decodes or is refused, and so do the data of a binary message.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidewatch::ais::BinaryRecord;
use tidewatch::ais::bits::Bits;
use tidewatch::ais::decode::decode;
use tidewatch::ais::message::Message;
use tidewatch::ais::sentence::{Line, parse};

/// Splits the data of a binary message into fields and draws what they draw.
fn split(message: &Message) {
    if let Some(record) = BinaryRecord::new(message, None) {
        assert!(record.payload.is_some() != record.unsplit.is_some());
    }
}

fuzz_target!(|bytes: &[u8]| {
    let mut rest = bytes;
    while !rest.is_empty() {
        let (line, behind) = parse(rest);
        assert!(behind.len() < rest.len());
        rest = behind;
        if let Ok(Line::Ais(sentence)) = line {
            let mut bits = Bits::default();
            if bits.push_armoured(sentence.payload, sentence.fill).is_ok()
                && let Ok(message) = decode(&bits)
            {
                split(&message);
            }
        }
    }
    // The checksum keeps most mutations from the decoder: the bytes as a payload, too.
    let mut bits = Bits::default();
    let payload: Vec<u8> = bytes.iter().map(|byte| if byte % 64 < 40 { byte % 64 + 48 } else { byte % 64 + 56 }).collect();
    if bits.push_armoured(&payload, 0).is_ok()
        && let Ok(message) = decode(&bits)
    {
        assert!((1..=28).contains(&message.type_number()));
        split(&message);
    }
});
