//! JSON documents, one or several, also broken: what was read is counted, every place is on Earth.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidewatch::ais::read_bytes;

fuzz_target!(|bytes: &[u8]| {
    for open in [&b"["[..], b"{", b"{\"MMSI\":257111020,\"TIME\":1673395201,"] {
        let text = [open, bytes].concat();
        let Ok(heard) = read_bytes(&text) else {
            continue;
        };
        let rejected: u64 = heard.rejects.values().sum();
        assert_eq!(heard.lines, heard.blank_lines + heard.clock_lines + heard.accepted_lines + rejected);
        for report in &heard.positions {
            let place = report.position;
            assert!(place.lat_deg.abs() <= 90.0 && place.lon_deg.abs() <= 180.0, "{place:?}");
        }
    }
});
