//! A whole file as its content shows it to be, a table's heading included: no line goes uncounted, every place is on Earth.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidewatch::ais::read_bytes;

fuzz_target!(|bytes: &[u8]| {
    // Has a target of its own: its decoder may give up by a panic, which ends any other target.
    if bytes.starts_with(b"PAR1") {
        return;
    }
    let Ok(heard) = read_bytes(bytes) else {
        return;
    };
    let rejected: u64 = heard.rejects.values().sum();
    assert_eq!(heard.lines, heard.blank_lines + heard.clock_lines + heard.accepted_lines + rejected);
    for report in &heard.positions {
        let place = report.position;
        assert!(place.lat_deg.abs() <= 90.0 && place.lon_deg.abs() <= 180.0, "{place:?}");
    }
    assert!(heard.positions.len() as u64 <= heard.messages && heard.messages <= heard.lines);
    // A line counts once for each sentence or report in it; a table's heading does not count. A line of JSON may hold no
    // record, and a record may run over many lines.
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
    if !matches!(text.first(), Some(b'{' | b'[' | b'<')) {
        let physical = bytes.strip_suffix(b"\n").unwrap_or(bytes).split(|byte| *byte == b'\n').count() as u64;
        assert!(heard.lines + 1 >= physical, "{} of {physical} lines", heard.lines);
    }
});
