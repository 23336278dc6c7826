//! XML files as trees of elements, with errors that name the file and the element.
//!
//! Annotations are a few megabytes: the whole tree is held while values are taken out of it, then dropped.
//! Names lose their namespace prefix. Comments and processing instructions are skipped.

use super::SceneError;
use jiff::Timestamp;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

/// A parsed file.
pub(crate) struct Document {
    path: String,
    root: Element,
}

#[derive(Default)]
struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    text: String,
    children: Vec<Element>,
}

/// One element of a [`Document`].
#[derive(Clone, Copy)]
pub(crate) struct Node<'a> {
    path: &'a str,
    element: &'a Element,
}

impl Document {
    /// Parses `bytes`, which came from `path`.
    pub(crate) fn parse(path: &str, bytes: &[u8]) -> Result<Self, SceneError> {
        let fault = |reason: String| SceneError::Xml {
            path: path.to_owned(),
            reason,
        };
        let text = std::str::from_utf8(bytes).map_err(|error| fault(error.to_string()))?;
        let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
        let mut open = vec![Element::default()];
        loop {
            let event = reader
                .read_event()
                .map_err(|error| fault(format!("{error} (byte {})", reader.error_position())))?;
            match event {
                Event::Start(start) => open.push(element(&start).map_err(fault)?),
                Event::Empty(start) => {
                    let child = element(&start).map_err(fault)?;
                    attach(&mut open, child);
                }
                Event::End(_) => {
                    if let Some(child) = open.pop() {
                        attach(&mut open, child);
                    }
                }
                Event::Text(words) => {
                    append(&mut open, &words.xml_content(XmlVersion::Implicit1_0));
                }
                Event::CData(words) => append(&mut open, &words.into_inner()),
                Event::GeneralRef(reference) => {
                    let name = reference.xml_content(XmlVersion::Implicit1_0);
                    let value = match reference.resolve_char_ref() {
                        Ok(Some(letter)) => letter.to_string(),
                        _ => quick_xml::escape::resolve_predefined_entity(&name)
                            .ok_or_else(|| fault(format!("unknown entity &{name};")))?
                            .to_owned(),
                    };
                    append(&mut open, &value);
                }
                Event::Eof => break,
                _ => {}
            }
        }
        let mut outermost = open.drain(..);
        let top = outermost.next().unwrap_or_default();
        if let Some(unclosed) = outermost.next() {
            return Err(fault(format!(
                "<{}> is not closed: the file is cut off",
                unclosed.name
            )));
        }
        match top.children.into_iter().next() {
            Some(root) => Ok(Self {
                path: path.to_owned(),
                root,
            }),
            None => Err(fault("the file holds no element".to_owned())),
        }
    }

    /// The outermost element.
    pub(crate) fn root(&self) -> Node<'_> {
        Node {
            path: &self.path,
            element: &self.root,
        }
    }
}

fn element(start: &BytesStart<'_>) -> Result<Element, String> {
    let attributes = start
        .attributes()
        .map(|attribute| {
            let attribute = attribute.map_err(|error| error.to_string())?;
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|error| error.to_string())?;
            Ok((
                attribute.key.local_name().as_ref().to_owned(),
                value.into_owned(),
            ))
        })
        .collect::<Result<_, String>>()?;
    Ok(Element {
        name: start.local_name().as_ref().to_owned(),
        attributes,
        ..Element::default()
    })
}

fn attach(open: &mut [Element], child: Element) {
    if let Some(parent) = open.last_mut() {
        parent.children.push(child);
    }
}

fn append(open: &mut [Element], words: &str) {
    if let Some(parent) = open.last_mut() {
        parent.text.push_str(words);
    }
}

impl<'a> Node<'a> {
    /// The element's name without prefix.
    pub(crate) fn name(self) -> &'a str {
        &self.element.name
    }

    /// The element's own text, trimmed.
    pub(crate) fn text(self) -> &'a str {
        self.element.text.trim()
    }

    /// An attribute by its name without prefix.
    pub(crate) fn attribute(self, name: &str) -> Option<&'a str> {
        self.element
            .attributes
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The first element along `a/b/c`, if it is there.
    pub(crate) fn find(self, trail: &str) -> Option<Node<'a>> {
        trail.split('/').try_fold(self, |node, name| {
            node.children().find(|child| child.name() == name)
        })
    }

    /// The first element along `a/b/c`.
    pub(crate) fn get(self, trail: &str) -> Result<Node<'a>, SceneError> {
        self.find(trail)
            .ok_or_else(|| self.fault(trail, "is missing".to_owned()))
    }

    /// Elements directly below.
    pub(crate) fn children(self) -> impl Iterator<Item = Node<'a>> {
        self.element.children.iter().map(move |element| Node {
            path: self.path,
            element,
        })
    }

    /// Elements directly below the first element along all but the last name of `a/b/c`, named by the last.
    pub(crate) fn all(self, trail: &str) -> Vec<Node<'a>> {
        let (parent, name) = match trail.rsplit_once('/') {
            Some((parent, name)) => (self.find(parent), name),
            None => (Some(self), trail),
        };
        parent
            .into_iter()
            .flat_map(Node::children)
            .filter(|child| child.name() == name)
            .collect()
    }

    /// All elements of a name at any depth, in file order.
    pub(crate) fn descendants(self, name: &str) -> Vec<Node<'a>> {
        let mut found = Vec::new();
        let mut todo: Vec<Node<'a>> = vec![self];
        while let Some(node) = todo.pop() {
            if node.name() == name {
                found.push(node);
            }
            let mut below: Vec<_> = node.children().collect();
            below.reverse();
            todo.append(&mut below);
        }
        found
    }

    /// The number in the element along `trail`.
    pub(crate) fn number(self, trail: &str) -> Result<f64, SceneError> {
        let text = self.get(trail)?.text();
        text.parse::<f64>()
            .ok()
            .filter(|value| value.is_finite())
            .ok_or_else(|| self.fault(trail, format!("is `{text}`, expected a number")))
    }

    /// The whole number, at least 0, in the element along `trail`.
    pub(crate) fn count(self, trail: &str) -> Result<u32, SceneError> {
        let text = self.get(trail)?.text();
        text.parse().map_err(|error| {
            self.fault(
                trail,
                format!("is `{text}`, expected a whole number: {error}"),
            )
        })
    }

    /// The numbers, separated by blanks, in the element along `trail`.
    pub(crate) fn numbers(self, trail: &str) -> Result<Vec<f64>, SceneError> {
        self.get(trail)?
            .text()
            .split_ascii_whitespace()
            .map(|word| {
                word.parse::<f64>()
                    .ok()
                    .filter(|value| value.is_finite())
                    .ok_or_else(|| self.fault(trail, format!("holds `{word}`, expected numbers")))
            })
            .collect()
    }

    /// The UTC time in the element along `trail`, with or without a closing `Z`.
    pub(crate) fn time(self, trail: &str) -> Result<Timestamp, SceneError> {
        let text = self.get(trail)?.text();
        format!("{}Z", text.trim_end_matches('Z'))
            .parse()
            .map_err(|error| {
                self.fault(trail, format!("is `{text}`, expected a UTC time: {error}"))
            })
    }

    /// An error about the element along `trail`.
    pub(crate) fn fault(self, trail: &str, problem: String) -> SceneError {
        SceneError::Element {
            path: self.path.to_owned(),
            element: format!("{}/{trail}", self.name()),
            problem,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed step fails the test")]
mod tests {
    use super::*;

    #[test]
    fn values_come_out_and_faults_name_file_and_element() {
        let xml = br#"<?xml version="1.0"?><a:p xmlns:a="x"><q n="1 &amp; 2">4 5</q><q>x</q><t>2022-10-02T20:51:26.995649</t></a:p>"#;
        let document = Document::parse("f.xml", xml).unwrap();
        let root = document.root();
        assert_eq!((root.name(), root.all("q").len()), ("p", 2));
        assert_eq!(root.get("q").unwrap().attribute("n"), Some("1 & 2"));
        assert_eq!(root.numbers("q").unwrap(), [4.0, 5.0]);
        assert_eq!(
            root.time("t").unwrap().as_microsecond() % 1_000_000,
            995_649
        );
        for error in [root.number("q").unwrap_err(), root.number("z").unwrap_err()] {
            assert!(error.to_string().starts_with("f.xml: p/"), "{error}");
        }
    }

    #[test]
    fn a_cut_off_or_empty_file_is_a_fault() {
        for bytes in [&b"<a><b>1</b>"[..], b"", b"<a><b></a>", b"\xff\xfe"] {
            let error = Document::parse("f.xml", bytes).err().unwrap().to_string();
            assert!(error.starts_with("f.xml: "), "{error}");
        }
    }
}
