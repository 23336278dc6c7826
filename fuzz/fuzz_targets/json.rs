//! A whole file of JSON records: no line goes uncounted.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidewatch::ais::read_bytes;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(heard) = read_bytes(bytes) {
        let rejected: u64 = heard.rejects.values().sum();
        assert_eq!(heard.lines, heard.blank_lines + heard.clock_lines + heard.accepted_lines + rejected);
        assert!(heard.positions.iter().all(|report| report.position.lat_deg.abs() <= 90.0));
    }
});
