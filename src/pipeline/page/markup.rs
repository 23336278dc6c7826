//! Text → HTML. Every value from outside goes through [`Html::text`] or [`escaped`].

use std::fmt::Display;

/// A growing HTML document.
#[derive(Default)]
pub(super) struct Html {
    text: String,
}

impl Html {
    /// Markup of our own.
    pub(super) fn raw(&mut self, markup: &str) -> &mut Self {
        self.text.push_str(markup);
        self
    }

    /// Any value as text: escaped.
    pub(super) fn text(&mut self, value: impl Display) -> &mut Self {
        self.text.push_str(&escaped(&value.to_string()));
        self
    }

    /// `<name>value</name>`, the value escaped.
    pub(super) fn element(&mut self, name: &str, value: impl Display) -> &mut Self {
        self.text.push_str(&format!("<{name}>"));
        self.text(value);
        self.text.push_str(&format!("</{name}>\n"));
        self
    }

    /// A table's head.
    pub(super) fn head(&mut self, columns: &[&str]) -> &mut Self {
        self.raw("<div class=\"wide\"><table><thead><tr>");
        for column in columns {
            self.text
                .push_str(&format!("<th scope=\"col\">{column}</th>"));
        }
        self.raw("</tr></thead><tbody>\n")
    }

    /// A table's row of escaped cells.
    pub(super) fn row(&mut self, cells: &[String]) -> &mut Self {
        self.raw("<tr>");
        for cell in cells {
            self.raw("<td>").text(cell).raw("</td>");
        }
        self.raw("</tr>\n")
    }

    /// The end of a table.
    pub(super) fn foot(&mut self) -> &mut Self {
        self.raw("</tbody></table></div>\n")
    }

    /// The document.
    pub(super) fn into_text(self) -> String {
        self.text
    }
}

/// `value` with the five characters escaped that mean something in HTML.
pub(super) fn escaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '"' => text.push_str("&quot;"),
            '\'' => text.push_str("&#39;"),
            _ => text.push(c),
        }
    }
    text
}

/// A time to the second.
pub(super) fn time(time: jiff::Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// A relative link target: each part percent-encoded where a URL needs it.
pub(super) fn href(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' => {
                text.push(char::from(byte));
            }
            _ => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_markup_in_it_stays_text() {
        let mut html = Html::default();
        html.element("p", "<script>alert('x')</script> & \"y\"");
        assert_eq!(
            html.into_text(),
            "<p>&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;y&quot;</p>\n"
        );
        assert_eq!(href("chips/a b#c.png"), "chips/a%20b%23c.png");
    }
}
