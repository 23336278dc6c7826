//! YAML text → a tree in which every key and value knows its line and column.
//!
//! Serde stops at the first fault; a tree lets the checks go on and report all of them.

use super::fault::{Fault, Place};
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{DuplicateKeyPolicy, Spanned};
use std::fmt;

/// A value with its place in the file.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) place: Place,
    pub(super) value: Value,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub(super) place: Place,
    pub(super) key: String,
    pub(super) node: Node,
}

impl Value {
    /// The JSON Schema type names that this value satisfies.
    pub(super) fn is(&self, schema_type: &str) -> bool {
        match self {
            Self::Null => schema_type == "null",
            Self::Bool(_) => schema_type == "boolean",
            Self::Number(n) => {
                schema_type == "number" || (schema_type == "integer" && n.fract() == 0.0)
            }
            Self::Text(_) => schema_type == "string",
            Self::List(_) => schema_type == "array",
            Self::Map(_) => schema_type == "object",
        }
    }

    /// The value as a fault message names it.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Null => "nothing".to_owned(),
            Self::Bool(b) => format!("`{b}`"),
            Self::Number(n) => format!("the number {n}"),
            Self::Text(text) => format!("the text `{text}`"),
            Self::List(_) => "a list".to_owned(),
            Self::Map(_) => "a group of keys".to_owned(),
        }
    }
}

impl Node {
    /// The value of `key`, if this is a group of keys that has it.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        match &self.value {
            Value::Map(entries) => entries.iter().find(|e| e.key == key).map(|e| &e.node),
            _ => None,
        }
    }

    /// The items of a list; none of anything else.
    pub(super) fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The items of the list under `key`.
    pub(super) fn items_of(&self, key: &str) -> &[Self] {
        self.get(key).map_or(&[], Self::items)
    }

    /// The text, if it is one.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value as JSON, without its places.
    pub(super) fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(b) => (*b).into(),
            #[allow(
                clippy::cast_possible_truncation,
                reason = "a whole number below 2^53 is exact in both types"
            )]
            Value::Number(n) if n.fract() == 0.0 && n.abs() < 9e15 => (*n as i64).into(),
            Value::Number(n) => (*n).into(),
            Value::Text(text) => text.as_str().into(),
            Value::List(items) => items.iter().map(Self::to_json).collect(),
            Value::Map(entries) => {
                let pairs = entries.iter().map(|e| (e.key.clone(), e.node.to_json()));
                serde_json::Value::Object(pairs.collect())
            }
        }
    }

    /// The number, if it is one.
    pub(super) fn number(&self) -> Option<f64> {
        match self.value {
            Value::Number(n) => Some(n),
            _ => None,
        }
    }
}

/// Reads the tree of a YAML document.
///
/// # Errors
///
/// The one fault at which the text stops being YAML.
pub(super) fn parse(text: &str) -> Result<Node, Fault> {
    let options = serde_saphyr::options! {
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        with_snippet: false,
        strict_booleans: true,
    };
    let node: Result<Spanned<Raw>, _> = serde_saphyr::from_str_with_options(text, options);
    node.map(Node::from).map_err(|error| yaml_fault(&error))
}

/// A fault at the place where serde-saphyr met its error.
pub(super) fn yaml_fault(error: &serde_saphyr::Error) -> Fault {
    let message = error.without_snippet().to_string();
    // The place is told in front of the message; the sentence need not repeat it.
    let message = match message.rsplit_once(" at line ") {
        Some((head, _)) => head.to_owned(),
        None => message,
    };
    Fault {
        place: error.location().map_or(Place::START, Place::from),
        message,
    }
}

enum Raw {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<String>, Spanned<Raw>)>),
}

impl From<Spanned<Raw>> for Node {
    fn from(raw: Spanned<Raw>) -> Self {
        let value = match raw.value {
            Raw::Null => Value::Null,
            Raw::Bool(b) => Value::Bool(b),
            Raw::Number(n) => Value::Number(n),
            Raw::Text(text) => Value::Text(text),
            Raw::List(items) => Value::List(items.into_iter().map(Self::from).collect()),
            Raw::Map(entries) => Value::Map(
                entries
                    .into_iter()
                    .map(|(key, value)| Entry {
                        place: key.referenced.into(),
                        key: key.value,
                        node: Self::from(value),
                    })
                    .collect(),
            ),
        };
        Self {
            place: raw.referenced.into(),
            value,
        }
    }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_none<E: Error>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Bool(value))
    }

    #[allow(
        clippy::cast_precision_loss,
        reason = "settings are far below 2^53; the typed reading sees the text itself"
    )]
    fn visit_i64<E: Error>(self, value: i64) -> Result<Raw, E> {
        Ok(Raw::Number(value as f64))
    }

    #[allow(
        clippy::cast_precision_loss,
        reason = "settings are far below 2^53; the typed reading sees the text itself"
    )]
    fn visit_u64<E: Error>(self, value: u64) -> Result<Raw, E> {
        Ok(Raw::Number(value as f64))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Raw, E> {
        Ok(Raw::Number(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Raw::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(Raw::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_values_know_their_lines_and_columns() {
        let node = parse("a: 1e-7\nb:\n  - x\n  - {c: true}\n").expect("YAML");
        assert_eq!(node.get("a").and_then(Node::number), Some(1e-7));
        let items = node.items_of("b");
        assert_eq!(items[0].text(), Some("x"));
        assert_eq!(items[0].place, Place { line: 3, column: 5 });
        let Value::Map(entries) = &items[1].value else {
            panic!("{items:?}");
        };
        assert_eq!(entries[0].place, Place { line: 4, column: 6 });
        assert_eq!(entries[0].node.value, Value::Bool(true));
    }

    #[test]
    fn text_that_is_no_yaml_is_one_fault_with_its_place() {
        let fault = parse("a: [1, 2\nb: 3\n").expect_err("unclosed list");
        assert!(fault.place.line >= 1, "{fault:?}");
        assert!(!fault.message.is_empty());
    }

    #[test]
    fn both_entries_of_a_repeated_key_are_kept_for_the_checks() {
        let node = parse("a: 1\na: 2\n").expect("YAML");
        let Value::Map(entries) = &node.value else {
            panic!("{node:?}");
        };
        assert_eq!(entries.len(), 2);
    }
}
