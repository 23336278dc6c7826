//! Text and numbers in the one form that all encoders share.

use crate::model::contact::RegionHit;
use jiff::Timestamp;

/// Text without the characters that XML 1.0 forbids or discourages: control characters other than tab and newline, and
/// the two non-characters at the end of the basic plane.
///
/// # Source
///
/// XML 1.0, fifth edition, section 2.2.
pub(super) fn without_controls(text: &str) -> String {
    text.chars()
        .filter(|c| {
            matches!(c, '\t' | '\n') || !(c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}'))
        })
        .collect()
}

/// At most `limit` characters; a cut is shown by an ellipsis, which counts.
pub(super) fn at_most(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(limit.saturating_sub(1)).collect();
    cut.truncate(cut.trim_end().len());
    cut.push('…');
    cut
}

/// A name for files and identifiers: every character but ASCII letters, digits, `.`, `_` and `-` becomes `-`.
pub(super) fn plain_name(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') {
                c
            } else {
                '-'
            }
        })
        .collect()
}

/// Percent-encoding of all but the unreserved characters (RFC 3986, section 2.3).
pub fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}

/// RFC 3339 in UTC with `Z`, to the millisecond.
pub(super) fn rfc3339(time: Timestamp) -> String {
    format!("{time:.3}")
}

/// `value` with `decimals` digits after the point and no negative zero; `None` if it is not finite.
pub(super) fn fixed(value: f64, decimals: usize) -> Option<String> {
    value.is_finite().then(|| {
        let text = format!("{value:.decimals$}");
        let is_zero = text.bytes().all(|b| matches!(b, b'-' | b'0' | b'.'));
        if is_zero {
            text.trim_start_matches('-').to_owned()
        } else {
            text
        }
    })
}

/// `value` to `decimals` digits after the point, as a number; `None` if it is not finite.
pub(super) fn rounded(value: f64, decimals: i32) -> Option<f64> {
    let scale = 10f64.powi(decimals);
    // Adding nought turns a negative zero into a positive one.
    value
        .is_finite()
        .then(|| (value * scale).round() / scale + 0.0)
}

/// Region ids joined by `;`, nearest first.
pub(super) fn region_ids(hits: &[RegionHit]) -> String {
    let ids: Vec<&str> = hits.iter().map(|hit| hit.region_id.as_str()).collect();
    ids.join(";")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_long_text_is_cut_by_characters_and_not_by_bytes() {
        assert_eq!(at_most("魚釣島魚釣島", 4), "魚釣島…");
        assert_eq!(at_most("short", 5), "short");
    }

    #[test]
    fn numbers_have_no_negative_zero_and_no_infinity() {
        assert_eq!(fixed(-0.000_000_1, 6).as_deref(), Some("0.000000"));
        assert_eq!(fixed(-1.5, 1).as_deref(), Some("-1.5"));
        assert_eq!(fixed(f64::NAN, 1), None);
        assert_eq!(rounded(-0.04, 1).map(f64::is_sign_positive), Some(true));
        assert_eq!(rounded(f64::INFINITY, 1), None);
    }

    proptest! {
        #[test]
        fn no_forbidden_character_survives(text in any::<String>()) {
            let clean = without_controls(&text);
            let allowed = |c: char| matches!(u32::from(c), 0x9 | 0xA | 0x20..=0xD7FF | 0xE000..=0xFFFD | 0x10000..=0x10FFFF);
            prop_assert!(clean.chars().all(allowed));
        }
    }
}
