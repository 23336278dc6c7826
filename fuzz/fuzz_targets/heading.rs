//! The first line as a table's heading, over rows as long as it with the values that reports have: no row goes uncounted.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidewatch::ais::read_bytes;

const VALUES: [&str; 6] = ["257111020", "2023-01-11T00:00:01", "57.25", "10.5", "8", "Unknown"];

fuzz_target!(|bytes: &[u8]| {
    let heading: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != b'\n').collect();
    let delimiter = [b',', b';', b'\t'].into_iter().max_by_key(|wanted| heading.iter().filter(|byte| *byte == wanted).count()).unwrap_or(b',');
    let columns = heading.split(|byte| *byte == delimiter).count();
    let mut table = heading.clone();
    for first in 0..VALUES.len() {
        table.push(b'\n');
        let values: Vec<&str> = (0..columns).map(|at| VALUES[(first + at) % VALUES.len()]).collect();
        table.extend(values.join(&String::from(char::from(delimiter))).bytes());
    }
    if let Ok(heard) = read_bytes(&table) {
        let rejected: u64 = heard.rejects.values().sum();
        assert_eq!(heard.lines, heard.blank_lines + heard.clock_lines + heard.accepted_lines + rejected);
    }
});
