//! The text between two backslashes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidewatch::ais::tag::TagBlock;

fuzz_target!(|bytes: &[u8]| {
    let _ = TagBlock::parse(bytes);
    // With a right checksum, so that the fields are reached.
    let sum = bytes.iter().fold(0, |sum, byte| sum ^ byte);
    let mut signed = bytes.to_vec();
    signed.extend(format!("*{sum:02X}").bytes());
    assert!(TagBlock::parse(&signed).is_ok());
});
