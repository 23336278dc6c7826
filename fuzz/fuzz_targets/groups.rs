//! Parts in any order: each line is made a part with a right checksum, and no line goes uncounted.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidewatch::ais::nmea;

fuzz_target!(|bytes: &[u8]| {
    let mut log = Vec::new();
    for part in bytes.chunks(8) {
        let digit = |at: usize, from: u8, count: u8| part.get(at).map_or(from, |byte| from + byte % count);
        let body = format!(
            "AIVDM,{},{},{},{},{},{}",
            digit(0, 1, 4),
            digit(1, 1, 4),
            digit(2, 0, 3),
            ['A', 'B'][usize::from(digit(3, 0, 2))],
            part.iter().map(|byte| char::from(48 + byte % 40)).collect::<String>().repeat(usize::from(digit(4, 0, 9))),
            digit(5, 0, 6),
        );
        let sum = body.bytes().fold(0, |sum, byte| sum ^ byte);
        let time = 1_700_000_000 + u64::from(digit(6, 0, 90));
        let tag = format!("c:{time}");
        let tag_sum = tag.bytes().fold(0, |sum, byte| sum ^ byte);
        log.extend(format!("\\{tag}*{tag_sum:02X}\\!{body}*{sum:02X}\n").bytes());
    }
    let heard = nmea::read(&log[..]).expect("memory reads");
    let rejected: u64 = heard.rejects.values().sum();
    assert_eq!(heard.lines, heard.blank_lines + heard.clock_lines + heard.accepted_lines + rejected);
    assert_eq!(heard, nmea::read_on_every_core(&log[..]).expect("memory reads"));
});
