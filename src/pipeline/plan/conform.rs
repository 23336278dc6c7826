//! Lays a tree against the file's own JSON Schema and collects every difference.
//!
//! The schema is generated from the types that the file is read into, so there is one description of the
//! file. Only the keywords that the generator writes are understood; a test holds that list.

use super::fault::Fault;
use super::tree::{Entry, Node, Value};
use serde_json::Value as Json;

/// Every difference between `node` and `schema`, a whole document with its `$defs`.
pub(super) fn differences(node: &Node, schema: &Json) -> Vec<Fault> {
    let mut walk = Walk {
        root: schema,
        faults: Vec::new(),
    };
    walk.value(node, schema);
    walk.faults
}

struct Walk<'a> {
    root: &'a Json,
    faults: Vec<Fault>,
}

impl<'a> Walk<'a> {
    fn fault(&mut self, node: &Node, message: String) {
        self.faults.push(Fault {
            place: node.place,
            message,
        });
    }

    /// Follows `$ref` into `$defs`.
    fn resolve(&self, schema: &'a Json) -> &'a Json {
        let mut schema = schema;
        while let Some(target) = schema.get("$ref").and_then(Json::as_str) {
            match self.root.pointer(target.trim_start_matches('#')) {
                Some(found) => schema = found,
                None => break,
            }
        }
        schema
    }

    fn value(&mut self, node: &Node, schema: &'a Json) {
        let schema = self.resolve(schema);
        if let Some(choices) = choices(schema) {
            return self.one_of(node, choices);
        }
        let types = types(schema);
        if !types.is_empty() && !types.iter().any(|name| node.value.is(name)) {
            let found = node.value.describe();
            return self.fault(node, format!("expected {}, found {found}", wanted(&types)));
        }
        if let Some(words) = words(schema) {
            return self.word(node, &words);
        }
        match &node.value {
            Value::Number(n) => self.range(node, *n, schema),
            Value::List(items) => self.list(node, items, schema),
            Value::Map(entries) => self.map(node, entries, schema),
            Value::Null | Value::Bool(_) | Value::Text(_) => {}
        }
    }

    fn one_of(&mut self, node: &Node, choices: &'a [Json]) {
        let resolved: Vec<&Json> = choices.iter().map(|choice| self.resolve(choice)).collect();
        let all_words: Option<Vec<Vec<&str>>> = resolved.iter().map(|c| words(c)).collect();
        if let Some(all_words) = all_words {
            return self.word(node, &all_words.concat());
        }
        let mut fits = resolved.iter().filter(|choice| {
            let types = types(choice);
            types.is_empty() || types.iter().any(|name| node.value.is(name))
        });
        // Among groups of keys, the one whose own keys are there.
        let has_required = |choice: &&&Json| {
            let required = choice.get("required").and_then(Json::as_array);
            let mut names = required.into_iter().flatten().filter_map(Json::as_str);
            names.all(|name| node.get(name).is_some())
        };
        match fits.clone().find(has_required).or_else(|| fits.next()) {
            Some(choice) => self.value(node, choice),
            None => {
                let types: Vec<&str> = resolved.iter().flat_map(|choice| types(choice)).collect();
                let found = node.value.describe();
                self.fault(node, format!("expected {}, found {found}", wanted(&types)));
            }
        }
    }

    fn word(&mut self, node: &Node, words: &[&str]) {
        if !node.text().is_some_and(|text| words.contains(&text)) {
            let found = node.value.describe();
            let words = listed(words);
            self.fault(node, format!("expected one of {words}, found {found}"));
        }
    }

    fn range(&mut self, node: &Node, n: f64, schema: &Json) {
        let bound = |key: &str| schema.get(key).and_then(Json::as_f64);
        let mut faults = Vec::new();
        if let Some(low) = bound("minimum").filter(|low| n < *low || n.is_nan()) {
            faults.push(format!("expected at least {low}, found {n}"));
        }
        if let Some(low) = bound("exclusiveMinimum").filter(|low| n <= *low || n.is_nan()) {
            faults.push(format!("expected more than {low}, found {n}"));
        }
        if let Some(high) = bound("maximum").filter(|high| n > *high) {
            faults.push(format!("expected at most {high}, found {n}"));
        }
        if let Some(high) = bound("exclusiveMaximum").filter(|high| n >= *high) {
            faults.push(format!("expected less than {high}, found {n}"));
        }
        for message in faults {
            self.fault(node, message);
        }
    }

    fn list(&mut self, node: &Node, items: &[Node], schema: &'a Json) {
        let least = schema.get("minItems").and_then(Json::as_u64).unwrap_or(0);
        if (items.len() as u64) < least {
            self.fault(node, format!("expected at least {least} in this list"));
        }
        let most = schema.get("maxItems").and_then(Json::as_u64);
        if let Some(most) = most.filter(|most| items.len() as u64 > *most) {
            self.fault(node, format!("expected at most {most} in this list"));
        }
        if let Some(item_schema) = schema.get("items") {
            for item in items {
                self.value(item, item_schema);
            }
        }
    }

    fn map(&mut self, node: &Node, entries: &[Entry], schema: &'a Json) {
        let known = schema.get("properties").and_then(Json::as_object);
        let closed = schema.get("additionalProperties") == Some(&Json::Bool(false));
        for (index, entry) in entries.iter().enumerate() {
            let repeated = entries[..index].iter().any(|e| e.key == entry.key);
            let message = match known.and_then(|known| known.get(&entry.key)) {
                _ if repeated => format!("the key `{}` is here twice", entry.key),
                Some(inner) => {
                    self.value(&entry.node, inner);
                    continue;
                }
                None if closed => {
                    let names: Vec<&str> = known
                        .into_iter()
                        .flat_map(|known| known.keys())
                        .map(String::as_str)
                        .collect();
                    let names = listed(&names);
                    format!("unknown key `{}`, expected one of {names}", entry.key)
                }
                None => continue,
            };
            self.faults.push(Fault {
                place: entry.place,
                message,
            });
        }
        let required = schema.get("required").and_then(Json::as_array);
        for name in required.into_iter().flatten().filter_map(Json::as_str) {
            if node.get(name).is_none() {
                self.fault(node, format!("the key `{name}` is missing"));
            }
        }
    }
}

fn choices(schema: &Json) -> Option<&Vec<Json>> {
    let choices = schema.get("anyOf").or_else(|| schema.get("oneOf"));
    choices.and_then(Json::as_array)
}

fn types(schema: &Json) -> Vec<&str> {
    match schema.get("type") {
        Some(Json::String(one)) => vec![one],
        Some(Json::Array(many)) => many.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    }
}

/// The words of a closed vocabulary, if the schema is one.
fn words(schema: &Json) -> Option<Vec<&str>> {
    if let Some(word) = schema.get("const").and_then(Json::as_str) {
        return Some(vec![word]);
    }
    if let Some(list) = schema.get("enum").and_then(Json::as_array) {
        return Some(list.iter().filter_map(Json::as_str).collect());
    }
    let choices: Option<Vec<Vec<&str>>> = choices(schema)?.iter().map(words).collect();
    choices.map(|lists| lists.concat())
}

fn listed(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

/// Schema type names in words.
fn wanted(types: &[&str]) -> String {
    let words: Vec<&str> = types
        .iter()
        .filter(|name| **name != "null")
        .map(|name| match *name {
            "boolean" => "`true` or `false`",
            "number" => "a number",
            "integer" => "a whole number",
            "string" => "a text",
            "array" => "a list",
            _ => "a group of keys",
        })
        .collect();
    if words.is_empty() {
        "nothing".to_owned()
    } else {
        words.join(" or ")
    }
}

#[cfg(test)]
mod tests {
    use super::super::tree;
    use super::*;
    use serde_json::json;

    fn messages(yaml: &str, schema: &Json) -> Vec<String> {
        let node = tree::parse(yaml).expect("YAML");
        differences(&node, schema)
            .into_iter()
            .map(|fault| {
                let place = fault.place;
                format!("{}:{}: {}", place.line, place.column, fault.message)
            })
            .collect()
    }

    fn schema() -> Json {
        json!({
            "type": "object",
            "additionalProperties": false,
            "required": ["name", "kind"],
            "properties": {
                "name": {"type": "string"},
                "kind": {"$ref": "#/$defs/Kind"},
                "pfa": {"type": ["number", "null"], "exclusiveMinimum": 0, "maximum": 0.01},
                "items": {"type": "array", "minItems": 1, "items": {"anyOf": [
                    {"type": "string"},
                    {"type": "object", "additionalProperties": false, "required": ["path"],
                     "properties": {"path": {"type": "string"}}}
                ]}},
            },
            "$defs": {"Kind": {"oneOf": [{"const": "a", "type": "string"}, {"const": "b", "type": "string"}]}},
        })
    }

    #[test]
    fn every_difference_is_told_at_its_own_place() {
        let found = messages(
            "name: 3\nkind: c\npfa: 0.5\nitems:\n  - x\n  - {pth: y}\n  - 7\nnme: z\n",
            &schema(),
        );
        let expected = [
            "1:7: expected a text, found the number 3",
            "2:7: expected one of `a`, `b`, found the text `c`",
            "3:6: expected at most 0.01, found 0.5",
            "6:6: unknown key `pth`, expected one of `path`",
            "6:5: the key `path` is missing",
            "7:5: expected a text or a group of keys, found the number 7",
            "8:1: unknown key `nme`, expected one of `items`, `kind`, `name`, `pfa`",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_file_that_keeps_to_the_schema_has_no_difference() {
        let yaml = "name: n\nkind: b\npfa: 1e-7\nitems: [x, {path: y}]\n";
        assert_eq!(messages(yaml, &schema()), Vec::<String>::new());
        assert_eq!(
            messages("kind: a\nname: n\npfa: null\n", &schema()).len(),
            0
        );
    }

    #[test]
    fn a_repeated_key_and_an_empty_list_are_faults() {
        let found = messages("name: n\nkind: a\nname: m\nitems: []\n", &schema());
        assert_eq!(
            found,
            [
                "3:1: the key `name` is here twice",
                "4:8: expected at least 1 in this list"
            ]
        );
        let pair = json!({"type": "array", "maxItems": 2, "items": {"type": "number"}});
        let found = messages("[1, 2, 3]\n", &pair);
        assert_eq!(found, ["1:1: expected at most 2 in this list"]);
    }
}
