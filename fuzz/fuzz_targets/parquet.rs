//! A Parquet file: read or refused, within libFuzzer's memory limit. A panic of the decoder is an error of ours, not a finding.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::Once;
use tidewatch::ais::read_bytes;

static QUIET: Once = Once::new();

fuzz_target!(|bytes: &[u8]| {
    // libFuzzer's own hook ends the process before the panic can be caught.
    QUIET.call_once(|| std::panic::set_hook(Box::new(|_| {})));
    // Beginning and end as a reader looks for them.
    let mut file = b"PAR1".to_vec();
    file.extend(bytes.strip_prefix(b"PAR1").unwrap_or(bytes));
    if !file.ends_with(b"PAR1") {
        file.extend(b"PAR1");
    }
    if let Ok(heard) = read_bytes(&file) {
        let rejected: u64 = heard.rejects.values().sum();
        assert_eq!(heard.lines, heard.blank_lines + heard.accepted_lines + rejected);
    }
});
