//! JSON records → [`Reception`]: aisstream.io (an object a line or a frame), AISHub (one array of objects), and any
//! other objects whose leaves have known names.

use super::field::{NAMES, format_of, plain_name};
use super::row::{Rows, Values};
use crate::ais::reception::{Origin, Reception, RejectReason};
use serde_json::Value;

/// Deepest record that is looked into: aisstream nests four levels.
const DEEPEST: usize = 8;

/// Reads JSON texts into a reception.
#[derive(Default)]
pub(in crate::ais) struct JsonRecords {
    rows: Rows,
    leaves: Vec<(Vec<u8>, String)>,
}

impl JsonRecords {
    /// What was read so far.
    pub(in crate::ais) fn reception(&mut self) -> &mut Reception {
        &mut self.rows.reception
    }

    /// Forgets what was told last: the reception was taken out.
    pub(in crate::ais) fn forget(&mut self) {
        self.rows.forget();
    }

    /// Takes the JSON text of line number `line`: a record, or an array with records at any depth.
    pub(in crate::ais) fn take(&mut self, text: &[u8], line: u64) {
        match serde_json::from_slice(text) {
            Ok(value) => self.take_value(&value, line),
            Err(_) => {
                self.rows.reception.lines += 1;
                self.rows
                    .reception
                    .reject(RejectReason::Malformed, Origin { line, lines: 1 });
            }
        }
    }

    fn take_value(&mut self, value: &Value, line: u64) {
        match value {
            Value::Array(items) => {
                for item in items {
                    self.take_value(item, line);
                }
            }
            // AISHub's first object says how the question was answered, and names no ship.
            Value::Object(object) if object.contains_key("ERROR") => {}
            _ => self.record(value, line),
        }
    }

    fn record(&mut self, record: &Value, line: u64) {
        self.leaves.clear();
        self.gather(record, "", DEEPEST);
        let names: Vec<Vec<u8>> = self.leaves.iter().map(|(name, _)| name.clone()).collect();
        let format = format_of(&names);
        if self.rows.reception.format.is_empty() {
            self.rows.reception.format = format.name;
        }
        let mut values = Values::none();
        for ((_, names), place) in NAMES.iter().zip(&mut values.0) {
            let named = |name: &&str| self.leaves.iter().find(|(leaf, _)| leaf == name.as_bytes());
            if let Some((_, text)) = names.iter().find_map(named) {
                *place = text.as_bytes();
            }
        }
        self.rows
            .take(&values, format.radio_units, Origin { line, lines: 1 });
    }

    /// Gathers names and texts of all leaves. A message's own leaves stand before those of its `MetaData`.
    fn gather(&mut self, value: &Value, name: &str, depth: usize) {
        match value {
            Value::Object(object) if depth > 0 => {
                let is_meta = |name: &str| name == "MetaData";
                let own = object.iter().filter(|(name, _)| !is_meta(name));
                for (name, inner) in own.chain(object.iter().filter(|(name, _)| is_meta(name))) {
                    self.gather(inner, name, depth - 1);
                }
            }
            Value::String(text) => self
                .leaves
                .push((plain_name(name.as_bytes()), text.clone())),
            Value::Number(number) => self
                .leaves
                .push((plain_name(name.as_bytes()), number.to_string())),
            _ => {}
        }
    }
}
