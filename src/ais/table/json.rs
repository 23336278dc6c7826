//! JSON records → [`Reception`]: aisstream.io (an object a line or a frame), AISHub (one array of objects), and any
//! other objects whose leaves have known names. A line may hold several documents; a document may run over lines if it
//! opens the file.

use super::field::{NAMES, format_of, plain_name};
use super::row::{Rows, Values};
use crate::ais::AisError;
use crate::ais::nmea::read_line;
use crate::ais::reception::{Origin, Reception, RejectReason};
use serde::de::IgnoredAny;
use serde_json::{Deserializer, Map, Value};
use std::io::{BufRead, Read};
use std::path::Path;

/// Deepest record that is looked into: aisstream nests four levels.
const DEEPEST: usize = 8;

/// Reads JSON texts into a reception.
#[derive(Default)]
pub(in crate::ais) struct JsonRecords {
    rows: Rows,
    leaves: Vec<(Vec<u8>, String)>,
    /// What the supplier answered in place of reports.
    refusal: Option<String>,
}

/// Reads documents a line, or documents over any number of lines; `longest` bounds the bytes of what is parsed at once.
///
/// # Errors
///
/// [`AisError::Read`]; [`AisError::TooLong`] beyond `longest`; [`AisError::Refused`] if the supplier's error is all there
/// is.
pub(in crate::ais) fn read(
    mut input: impl BufRead,
    longest: usize,
    path: &Path,
) -> Result<Reception, AisError> {
    let read_error = |source| AisError::read(path, source);
    let check_length = |text: &[u8]| match text.len() > longest {
        true => Err(AisError::too_long(path, longest)),
        false => Ok(()),
    };
    let mut records = JsonRecords::default();
    let (mut text, mut line) = (Vec::new(), 0);
    while read_line(&mut input, &mut text, longest + 1).map_err(read_error)? {
        line += 1;
        check_length(&text)?;
        if text.trim_ascii().is_empty() {
            records.reception().lines += 1;
            records.reception().blank_lines += 1;
        } else if line == 1 && runs_over_lines(&text) {
            text.push(b'\n');
            let rest = (longest + 1).saturating_sub(text.len());
            let mut rest = input.by_ref().take(rest as u64);
            rest.read_to_end(&mut text).map_err(read_error)?;
            check_length(&text)?;
            records.take_documents(&text);
        } else {
            records.take(&text, line);
        }
    }
    match records.refusal.take() {
        Some(answer) if records.reception().messages == 0 => Err(AisError::Refused {
            path: path.to_owned(),
            answer,
        }),
        _ => Ok(std::mem::take(records.reception())),
    }
}

/// True if a document opens in this line and ends in none. An object that is cut short is a bad record instead, unless
/// its brace stands alone.
fn runs_over_lines(line: &[u8]) -> bool {
    let mut documents = Deserializer::from_slice(line).into_iter::<IgnoredAny>();
    let is_open = documents.any(|document| document.is_err_and(|error| error.is_eof()));
    let line = line.trim_ascii();
    is_open && (line.starts_with(b"[") || line == b"{")
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

    /// Takes the JSON text of line number `line`: records, or arrays with records at any depth.
    pub(in crate::ais) fn take(&mut self, text: &[u8], line: u64) {
        for document in Deserializer::from_slice(text).into_iter() {
            match document {
                Ok(value) => self.take_value(&value, line),
                Err(_) => return self.reject(line),
            }
        }
    }

    /// Takes a file's documents; where one cannot be read, the next begins in a later line.
    fn take_documents(&mut self, text: &[u8]) {
        let (mut rest, mut line) = (text, 1);
        loop {
            let mut documents = Deserializer::from_slice(rest).into_iter();
            let (mut seen, mut at) = (0, line);
            let error = loop {
                let Some(document) = documents.next() else {
                    return;
                };
                match document {
                    Ok(value) => {
                        at += line_feeds(&rest[seen..documents.byte_offset()]);
                        seen = documents.byte_offset();
                        self.take_value(&value, at);
                    }
                    Err(error) => break error,
                }
            };
            let bad = error.line().max(1);
            self.reject(line + bad as u64 - 1);
            let mut ends = rest.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
            let Some((end, _)) = ends.nth(bad - 1) else {
                return;
            };
            rest = &rest[end + 1..];
            line += bad as u64;
        }
    }

    fn reject(&mut self, line: u64) {
        let reception = self.reception();
        reception.lines += 1;
        reception.reject(RejectReason::Malformed, Origin { line, lines: 1 });
    }

    fn take_value(&mut self, value: &Value, line: u64) {
        match value {
            Value::Array(items) => {
                for item in items {
                    self.take_value(item, line);
                }
            }
            // AISHub's first object says that the question was answered, and names no ship.
            Value::Object(object) if is_good_answer(object) => {}
            Value::Object(object) => {
                if self.refusal.is_none() {
                    self.refusal = refusal(object);
                }
                self.record(value, line);
            }
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

fn is_good_answer(object: &Map<String, Value>) -> bool {
    object.get("ERROR") == Some(&Value::Bool(false)) && !object.contains_key("MMSI")
}

/// The text of an error in place of a report: AISHub's `ERROR_MESSAGE`, aisstream.io's `error`.
fn refusal(object: &Map<String, Value>) -> Option<String> {
    let error = object.get("ERROR").or_else(|| object.get("error"))?;
    let told = object.get("ERROR_MESSAGE").unwrap_or(error);
    Some(match told {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    })
}

fn line_feeds(text: &[u8]) -> u64 {
    text.iter().filter(|byte| **byte == b'\n').count() as u64
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    const RECORD: &str = r#"{"MMSI":257111020,"TIME":"2023-01-11 00:00:01 GMT","LONGITUDE":10.5,"LATITUDE":57.25,"NAVSTAT":8}"#;
    const GOOD: &str = r#"{"ERROR":false,"RECORDS":1}"#;

    fn read_text(text: &str, longest: usize) -> Result<Reception, AisError> {
        read(text.as_bytes(), longest, Path::new("ais.json"))
    }

    #[test]
    fn answers_one_behind_the_other_are_all_read() {
        let answer = format!("[{GOOD},[{RECORD}]]");
        for text in [
            format!("{answer}\n{answer}\n"),
            format!("{answer}{answer}"),
            format!("[{GOOD},\n[{RECORD}]]\n{answer}\n"),
            format!("{RECORD}{RECORD}\n"),
            format!("{RECORD}\n\n{RECORD}")
                .replace(',', ",\n")
                .replacen('{', "{\n", 1),
        ] {
            let heard = read_text(&text, 1 << 20).unwrap();
            assert_eq!(
                (heard.positions.len(), heard.rejects.len()),
                (2, 0),
                "{text}"
            );
        }
    }

    #[test]
    fn what_cannot_be_read_is_counted_and_the_next_line_is_read() {
        let heard = read_text(
            &format!("[{GOOD},\n[{RECORD}]]\n[{GOOD} x\n{RECORD}\n"),
            1 << 20,
        );
        let heard = heard.unwrap();
        assert_eq!((heard.positions.len(), heard.lines), (2, 3));
        assert_eq!(heard.first_rejects[&RejectReason::Malformed], 3);
    }

    #[test]
    fn an_error_in_place_of_reports_is_told_in_its_own_words() {
        let answer = r#"[{"ERROR":true,"ERROR_MESSAGE":"Too frequent requests!"}]"#;
        let error = read_text(answer, 1 << 20).unwrap_err().to_string();
        assert!(error.contains("Too frequent requests!"), "{error}");
        let error = read_text(r#"{"error":"no key"}"#, 1 << 20).unwrap_err();
        assert!(error.to_string().contains("no key"), "{error}");
        let among = read_text(&format!("{answer}\n{RECORD}\n"), 1 << 20).unwrap();
        assert_eq!((among.positions.len(), among.lines), (1, 2));
        assert_eq!(among.rejects[&RejectReason::Malformed], 1);
        // No ship was in reach: that is an answer.
        assert_eq!(read_text(&format!("[{GOOD}]"), 1 << 20).unwrap().lines, 0);
    }

    #[test]
    fn a_document_beyond_the_limit_is_an_error_that_names_the_limit() {
        for text in [format!("[{RECORD}]"), format!("[\n{RECORD}]")] {
            let error = read_text(&text, 64).unwrap_err().to_string();
            assert!(error.contains("64 bytes"), "{error}");
            assert_eq!(read_text(&text, text.len()).unwrap().positions.len(), 1);
        }
    }
}
