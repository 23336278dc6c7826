//! Names in many languages as one text: `tag name|tag name`, the tag being BCP 47 (RFC 5646).

/// Reads `tag name|tag name` into (tag, name) pairs; the text of the first part that is not of this form is the error.
pub(super) fn parse_names(text: &str) -> Result<Vec<(String, String)>, String> {
    text.split('|')
        .filter(|part| !part.trim().is_empty())
        .map(|part| {
            let (tag, name) = part.trim().split_once(' ').ok_or_else(|| part.to_owned())?;
            if !is_language_tag(tag) || name.trim().is_empty() {
                return Err(part.to_owned());
            }
            Ok((tag.to_owned(), name.trim().to_owned()))
        })
        .collect()
}

/// True for the shape of a language tag: subtags of 1 to 8 letters or digits, the first of 2 or 3 letters.
pub(super) fn is_language_tag(tag: &str) -> bool {
    let mut subtags = tag.split('-');
    let primary = subtags.next().unwrap_or_default();
    (2..=3).contains(&primary.len())
        && primary.chars().all(|c| c.is_ascii_lowercase())
        && subtags.all(|subtag| {
            (1..=8).contains(&subtag.len()) && subtag.chars().all(|c| c.is_ascii_alphanumeric())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_their_spaces_commas_and_private_tags() {
        let names = parse_names("vi Đảo Trường Sa|ja-x-group 尖閣諸島|es A, B (C)").expect("valid");
        let expected = [
            ("vi", "Đảo Trường Sa"),
            ("ja-x-group", "尖閣諸島"),
            ("es", "A, B (C)"),
        ];
        assert_eq!(
            names,
            expected.map(|(tag, name)| (tag.to_owned(), name.to_owned()))
        );
    }

    #[test]
    fn a_part_without_a_language_tag_is_refused() {
        assert_eq!(parse_names("ja 竹島|Dokdo"), Err("Dokdo".to_owned()));
        assert_eq!(parse_names("group: ja x"), Err("group: ja x".to_owned()));
    }
}
