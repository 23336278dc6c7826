//! Pages for people: the start page with its map, and any JSON answer as tables and links.

use crate::encode::features::escaped;
use serde_json::Value;
use std::fmt::Write as _;

pub(super) const MEDIA_TYPE: &str = "text/html; charset=utf-8";
pub(super) const START_PAGE: &str = include_str!("../../assets/serve/start.html");
pub(super) const SCRIPT: &str = include_str!("../../assets/serve/start.js");
pub(super) const STYLE: &str = include_str!("../../assets/serve/style.css");

/// What a page may load: its own script, style and answers, and nothing from any other host.
pub(super) const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
     img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A JSON answer as a page.
pub(super) fn page(value: &Value) -> String {
    let title = value["title"].as_str().unwrap_or("tidewatch");
    let mut text = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{0}</title>\
         <link rel=\"stylesheet\" href=\"/style.css\"></head><body><main><h1>{0}</h1>",
        escaped(title)
    );
    write_value(&mut text, value);
    text.push_str("</main></body></html>");
    text
}

fn write_value(text: &mut String, value: &Value) {
    match value {
        Value::Object(members) if members.contains_key("href") => write_link(text, value),
        Value::Object(members) => {
            text.push_str("<table>");
            for (name, member) in members {
                let _ = write!(text, "<tr><th>{}</th><td>", escaped(name));
                write_value(text, member);
                text.push_str("</td></tr>");
            }
            text.push_str("</table>");
        }
        Value::Array(members) if members.iter().all(|m| m.is_number() || m.is_array()) => {
            text.push_str(&escaped(&value.to_string()));
        }
        Value::Array(members) => {
            text.push_str("<ul>");
            for member in members {
                text.push_str("<li>");
                write_value(text, member);
                text.push_str("</li>");
            }
            text.push_str("</ul>");
        }
        Value::String(plain) => text.push_str(&escaped(plain)),
        Value::Null => text.push('–'),
        other => text.push_str(&escaped(&other.to_string())),
    }
}

fn write_link(text: &mut String, link: &Value) {
    let word = |name: &str| escaped(link[name].as_str().unwrap_or_default());
    let _ = write!(
        text,
        "<a href=\"{}\">{}</a> ({}, {})",
        word("href"),
        word("title"),
        word("rel"),
        word("type")
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_others_cannot_become_markup() {
        let value = serde_json::json!({ "title": "<script>", "a\"b": ["<img src=x>"],
            "links": [{ "href": "\"><b>", "title": "t", "rel": "self", "type": "x" }] });
        let page = page(&value);
        assert!(
            !page.contains("<script>") && !page.contains("<img") && !page.contains("<b>"),
            "{page}"
        );
    }
}
