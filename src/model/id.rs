//! Ids from content: the same inputs give the same id on every machine and every run.

use sha2::{Digest, Sha256};

/// A short id: `prefix-` and 16 hexadecimal digits of SHA-256 over `parts`, each ended by a zero byte.
pub fn content_id(prefix: &str, parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    format!("{prefix}-{}", hex(&hash.finalize()[..8]))
}

/// The trace id of all work on `subject`, a scene's id: 32 hexadecimal digits, the same in every process that follows it
/// (W3C Trace Context).
pub fn trace_id(subject: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(b"trace\0");
    hash.update(subject.as_bytes());
    hex(&hash.finalize()[..16])
}

/// Lower-case hexadecimal text of `bytes`.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_together_and_ids_are_stable() {
        assert_ne!(content_id("x", &["ab", "c"]), content_id("x", &["a", "bc"]));
        // printf 'abc\0' | sha256sum
        assert_eq!(content_id("x", &["abc"]), "x-dc1114cd074914bd");
    }
}
