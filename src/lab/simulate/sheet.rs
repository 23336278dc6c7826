//! An XML sheet written from top to bottom, indented as the real products are.

use quick_xml::escape::escape;
use std::fmt::Display;

/// Text under construction with its open elements.
pub(crate) struct Sheet {
    text: String,
    open: Vec<String>,
}

impl Sheet {
    pub(crate) fn new() -> Self {
        Self {
            text: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned(),
            open: Vec::new(),
        }
    }

    fn indent(&mut self) {
        self.text.push_str(&"  ".repeat(self.open.len()));
    }

    /// Opens an element; `attributes` are written as given.
    pub(crate) fn open(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.indent();
        self.text.push('<');
        self.text.push_str(name);
        for (key, value) in attributes {
            self.text
                .push_str(&format!(" {key}=\"{}\"", escape(*value)));
        }
        self.text.push_str(">\n");
        self.open.push(name.to_owned());
    }

    /// Closes the innermost element.
    pub(crate) fn close(&mut self) {
        if let Some(name) = self.open.pop() {
            self.indent();
            self.text.push_str(&format!("</{name}>\n"));
        }
    }

    /// An element with text.
    pub(crate) fn leaf(&mut self, name: &str, value: impl Display) {
        self.leaf_with(name, &[], value);
    }

    /// An element with attributes and text.
    pub(crate) fn leaf_with(
        &mut self,
        name: &str,
        attributes: &[(&str, &str)],
        value: impl Display,
    ) {
        self.indent();
        self.text.push_str(&format!("<{name}"));
        for (key, value) in attributes {
            self.text
                .push_str(&format!(" {key}=\"{}\"", escape(*value)));
        }
        let value = value.to_string();
        self.text
            .push_str(&format!(">{}</{name}>\n", escape(value.as_str())));
    }

    /// An element around what `body` writes.
    pub(crate) fn within(&mut self, name: &str, body: impl FnOnce(&mut Self)) {
        self.open(name, &[]);
        body(self);
        self.close();
    }

    /// A list element with its `count` attribute and one `item` element for each value.
    pub(crate) fn list<T>(
        &mut self,
        names: (&str, &str),
        items: &[T],
        mut body: impl FnMut(&mut Self, &T),
    ) {
        self.open(names.0, &[("count", &items.len().to_string())]);
        for item in items {
            self.within(names.1, |sheet| body(sheet, item));
        }
        self.close();
    }

    /// An element with a `count` attribute and blank-separated values.
    pub(crate) fn values(&mut self, name: &str, values: &[String]) {
        self.leaf_with(
            name,
            &[("count", &values.len().to_string())],
            values.join(" "),
        );
    }

    /// The whole text; every element is closed.
    pub(crate) fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.close();
        }
        self.text
    }
}

/// Scientific notation with two exponent digits: `6.616091e+02`.
pub(crate) fn scientific(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_real_products_write_them() {
        assert_eq!(scientific(661.6091, 6), "6.616091e+02");
        assert_eq!(
            scientific(0.001_488_345_778_199_723, 15),
            "1.488345778199723e-03"
        );
        assert_eq!(scientific(0.0, 6), "0.000000e+00");
    }

    #[test]
    fn elements_are_closed_in_order_and_text_is_escaped() {
        let mut sheet = Sheet::new();
        sheet.open("a", &[("k", "1")]);
        sheet.leaf("b", "x < y");
        assert_eq!(
            sheet.finish(),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a k=\"1\">\n  <b>x &lt; y</b>\n</a>\n"
        );
    }
}
