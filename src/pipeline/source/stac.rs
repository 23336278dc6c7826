//! A STAC catalogue → scenes: an Item, a page of items, a static Collection or Catalog, or an API.
//!
//! An API is asked by GET with the entry's box, time and collections; `next` links are followed. Every item is held against
//! them once more, so that static catalogues, and servers that know no filter, give the same.
//!
//! # Source
//!
//! STAC 1.1.0; STAC API 1.0.0, "Item Search" and "Features"; OGC API – Features 1.0, sections 7.14 and 7.15.

use super::SourceError;
use super::asset;
use super::http::{Web, shown};
use crate::model::channel::Secret;
use crate::pipeline::plan::{Interval, SceneInput, StacEntry, interval};
use jiff::Timestamp;
use reqwest::Url;
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};
use std::path::Path;

/// Items asked for at once.
const PAGE: usize = 100;
/// Catalogues below catalogues.
const DEEPEST: usize = 8;

/// What a catalogue holds.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Scenes by time, then by the item's id.
    pub(super) scenes: Vec<SceneInput>,
    /// Items that were looked at.
    pub(super) items: usize,
    /// Ids of items that cannot be read, by reason.
    pub(super) unread: BTreeMap<String, Vec<String>>,
}

/// Asks a catalogue for its scenes.
///
/// # Errors
///
/// If a document of it cannot be had or is none of STAC's: half a catalogue is not told from a whole one.
pub(super) fn find(entry: &StacEntry) -> Result<Found, SourceError> {
    let home = address(&entry.stac)?;
    let web = match home.scheme() {
        "file" => None,
        _ => Some(Web::new(&home, key(entry)?)?),
    };
    let mut walk = Walk {
        entry,
        interval: entry.datetime.as_deref().and_then(interval),
        web,
        read: HashSet::new(),
        items: Vec::new(),
    };
    let is_items = |last: &str| matches!(last, "search" | "items");
    let last = home.path_segments().and_then(|mut all| all.next_back());
    if home.scheme() != "file" && last.is_some_and(is_items) {
        walk.pages(walk.asking(home))?;
    } else {
        walk.document(home, 0)?;
    }
    Ok(walk.found())
}

fn address(text: &str) -> Result<Url, SourceError> {
    let url = if text.contains("://") {
        Url::parse(text).ok()
    } else {
        std::path::absolute(Path::new(text))
            .ok()
            .and_then(|path| Url::from_file_path(path).ok())
    };
    url.ok_or_else(|| SourceError::Address {
        text: text.to_owned(),
    })
}

fn key(entry: &StacEntry) -> Result<Option<Secret>, SourceError> {
    let Some(path) = &entry.key_file else {
        return Ok(None);
    };
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(Secret::new(text.trim()))),
        Err(source) => Err(SourceError::Read {
            path: path.clone(),
            source,
        }),
    }
}

struct Walk<'a> {
    entry: &'a StacEntry,
    interval: Option<Interval>,
    web: Option<Web>,
    /// Documents that were read: links may lead in circles.
    read: HashSet<Url>,
    /// Items with the address that their links are relative to.
    items: Vec<(Url, Value)>,
}

impl Walk<'_> {
    fn document(&mut self, url: Url, depth: usize) -> Result<(), SourceError> {
        let document = self.fetch(&url)?;
        match document["type"].as_str() {
            Some("Feature") => {
                self.item(&url, document);
                Ok(())
            }
            Some("FeatureCollection") => self.page(url, document),
            Some("Collection" | "Catalog") => self.catalogue(&url, &document, depth),
            found => Err(SourceError::Kind {
                url: shown(&url),
                found: found.map_or_else(|| "missing".to_owned(), |text| format!("`{text}`")),
            }),
        }
    }

    /// By the best of its links: an API's search or items, or else every item and catalogue below.
    fn catalogue(&mut self, url: &Url, document: &Value, depth: usize) -> Result<(), SourceError> {
        for relation in ["search", "items"] {
            // A search is offered by GET and by POST.
            let by_get = |link: &&Value| link["method"].as_str().is_none_or(|m| m == "GET");
            if let Some(link) = links(document, relation).find(by_get) {
                let target = target(url, link)?;
                return self.pages(self.asking(target));
            }
        }
        if depth == DEEPEST {
            return Err(SourceError::Links {
                url: shown(url),
                problem: format!("lies {DEEPEST} catalogues deep; expected fewer"),
            });
        }
        for relation in ["item", "child"] {
            for link in links(document, relation) {
                let target = target(url, link)?;
                if self.is_full() {
                    return Ok(());
                }
                if !self.read.contains(&target) {
                    self.document(target, depth + 1)?;
                }
            }
        }
        Ok(())
    }

    /// The address of items with what is asked for.
    fn asking(&self, mut url: Url) -> Url {
        let asked: HashSet<String> = url.query_pairs().map(|(key, _)| key.into_owned()).collect();
        let is_search = url.path().ends_with("/search");
        let limit = Some(self.entry.limit.min(PAGE).to_string());
        let bbox = self
            .entry
            .bbox_deg
            .map(|corners| corners.map(|c| c.to_string()).join(","));
        let collections = (is_search && !self.entry.collections.is_empty())
            .then(|| self.entry.collections.join(","));
        let wanted = [
            ("limit", limit),
            ("bbox", bbox),
            ("datetime", self.entry.datetime.clone()),
            ("collections", collections),
        ];
        for (name, value) in wanted {
            if let Some(value) = value.filter(|_| !asked.contains(name)) {
                url.query_pairs_mut().append_pair(name, &value);
            }
        }
        url
    }

    fn pages(&mut self, url: Url) -> Result<(), SourceError> {
        let document = self.fetch(&url)?;
        if document["type"] != "FeatureCollection" {
            return Err(SourceError::Kind {
                url: shown(&url),
                found: document["type"].to_string(),
            });
        }
        self.page(url, document)
    }

    /// A page and those after it.
    fn page(&mut self, mut url: Url, mut document: Value) -> Result<(), SourceError> {
        loop {
            let next = match links(&document, "next").next() {
                Some(link) if link["method"].as_str().is_some_and(|m| m != "GET") => {
                    return Err(SourceError::Links {
                        url: shown(&url),
                        problem: "its next page is asked for by POST; expected GET".to_owned(),
                    });
                }
                Some(link) => Some(target(&url, link)?),
                None => None,
            };
            if let Some(features) = document["features"].as_array_mut() {
                for item in std::mem::take(features) {
                    self.item(&url, item);
                }
            }
            let Some(next) = next else { return Ok(()) };
            if self.is_full() {
                return Ok(());
            }
            if self.read.contains(&next) {
                return Err(SourceError::Links {
                    url: shown(&next),
                    problem: "the next page was read before; expected another".to_owned(),
                });
            }
            document = self.fetch(&next)?;
            url = next;
        }
    }

    /// True once there are as many items as are wanted; then more are left.
    fn is_full(&self) -> bool {
        let is_full = self.items.len() >= self.entry.limit;
        if is_full {
            tracing::warn!(catalogue = %self.entry.stac, limit = self.entry.limit, "The catalogue may hold more items than are taken.");
        }
        is_full
    }

    fn item(&mut self, from: &Url, item: Value) {
        if self.items.len() < self.entry.limit && self.is_wanted(&item) {
            let own = links(&item, "self").next();
            let own = own.and_then(|link| target(from, link).ok());
            self.items.push((own.unwrap_or_else(|| from.clone()), item));
        }
    }

    fn is_wanted(&self, item: &Value) -> bool {
        let collections = &self.entry.collections;
        let of_collection = || {
            item["collection"]
                .as_str()
                .is_some_and(|id| collections.iter().any(|wanted| wanted == id))
        };
        (collections.is_empty() || of_collection())
            && self.entry.bbox_deg.is_none_or(|bbox| touches(item, bbox))
            && self.interval.is_none_or(|wanted| is_of(item, wanted))
    }

    fn fetch(&mut self, url: &Url) -> Result<Value, SourceError> {
        self.read.insert(url.clone());
        let bytes = match (&self.web, url.to_file_path()) {
            (None, Ok(path)) => {
                std::fs::read(&path).map_err(|source| SourceError::Read { path, source })?
            }
            (Some(web), _) if matches!(url.scheme(), "http" | "https") => web.get(url)?,
            // A file links to the network, or the network to a file.
            _ => {
                return Err(SourceError::Links {
                    url: shown(url),
                    problem: format!(
                        "is linked to by {}; expected the same kind of place",
                        self.entry.stac
                    ),
                });
            }
        };
        serde_json::from_slice(&bytes).map_err(|source| SourceError::Json {
            url: shown(url),
            source,
        })
    }

    fn found(mut self) -> Found {
        let id = |item: &Value| {
            item["id"]
                .as_str()
                .unwrap_or("an item without id")
                .to_owned()
        };
        self.items
            .sort_by_cached_key(|(_, item)| (asset::times(item).0, id(item)));
        let mut found = Found {
            items: self.items.len(),
            ..Found::default()
        };
        for (base, item) in &self.items {
            match asset::scenes(item, base, self.entry) {
                Ok(scenes) => found.scenes.extend(scenes),
                Err(reason) => found.unread.entry(reason).or_default().push(id(item)),
            }
        }
        found
    }
}

fn links<'a>(document: &'a Value, relation: &'a str) -> impl Iterator<Item = &'a Value> + Clone {
    let all = document["links"].as_array().into_iter().flatten();
    all.filter(move |link| link["rel"] == relation)
}

fn target(from: &Url, link: &Value) -> Result<Url, SourceError> {
    let href = link["href"].as_str().unwrap_or_default();
    from.join(href).map_err(|error| SourceError::Links {
        url: shown(from),
        problem: format!("its link to `{href}` is no address: {error}"),
    })
}

/// True if the item's box touches another; west is greater than east over 180°. An item without a box is nowhere.
fn touches(item: &Value, [west, south, east, north]: [f64; 4]) -> bool {
    let numbers: Vec<f64> = item["bbox"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_f64)
        .collect();
    let (w, s, e, n) = match numbers[..] {
        [w, s, e, n] | [w, s, _, e, n, _] => (w, s, e, n),
        _ => return false,
    };
    let spans = |west: f64, east: f64| {
        if west <= east {
            vec![(west, east)]
        } else {
            vec![(west, 180.0), (-180.0, east)]
        }
    };
    let wanted = spans(west, east);
    s <= north
        && south <= n
        && spans(w, e)
            .iter()
            .any(|a| wanted.iter().any(|b| a.0 <= b.1 && b.0 <= a.1))
}

fn is_of(item: &Value, (from, to): Interval) -> bool {
    let (Some(start), Some(stop)) = asset::times(item) else {
        return false;
    };
    start <= to.unwrap_or(Timestamp::MAX) && stop >= from.unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
#[path = "stac_tests.rs"]
mod tests;
