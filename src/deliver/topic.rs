//! Names of topics and subjects at brokers.

/// `mda/v1/<partner>/alerts/<rule>` with `separator` between the parts.
///
/// Whatever could be a separator or a wildcard in a part becomes `-`.
pub(super) fn topic(partner: &str, rule: &str, separator: char) -> String {
    ["mda", "v1", &plain(partner), "alerts", &plain(rule)].join(&separator.to_string())
}

fn plain(part: &str) -> String {
    part.chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || matches!(c, '_' | '-') {
                c
            } else {
                '-'
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_cannot_add_a_level_or_a_wildcard() {
        assert_eq!(
            topic("jcg", "a/b+#.*> c", '/'),
            "mda/v1/jcg/alerts/a-b------c"
        );
        assert_eq!(topic("jcg", "near-24", '.'), "mda.v1.jcg.alerts.near-24");
    }
}
