//! The query of a request, read strictly: what is not known, given twice or out of range is refused by name.

use super::answer::Problem;
use crate::model::layer::{FeatureQuery, FeatureRow, Kind, Layer};
use axum::extract::Query;
use axum::http::{HeaderMap, Uri, header};
use geo::{Intersects, Rect};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::HashSet;

/// Features on a page if the reader does not say.
pub(super) const DEFAULT_LIMIT: usize = 100;
/// Most features on a page; a larger wish is cut, not refused.
pub(super) const MOST_LIMIT: usize = 10_000;

/// Name and value pairs.
pub(super) struct Pairs(pub(super) Vec<(String, String)>);

impl Pairs {
    pub(super) fn of(uri: &Uri) -> Result<Self, Problem> {
        let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(uri)
            .or(Err(Problem::bad("The query is not percent-encoded UTF-8.")))?;
        let mut names = HashSet::new();
        for (name, _) in &pairs {
            if !names.insert(name) {
                return Err(Problem::bad(format!("{name:?} is given twice.")));
            }
        }
        Ok(Self(pairs))
    }

    /// Takes a parameter out.
    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        let at = self.0.iter().position(|(found, _)| found == name)?;
        Some(self.0.remove(at).1)
    }

    /// Refuses what was not taken.
    pub(super) fn end(self) -> Result<(), Problem> {
        match self.0.first() {
            None => Ok(()),
            Some((name, _)) => Err(Problem::bad(format!("{name:?} is not a parameter here."))),
        }
    }
}

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Json,
    Html,
}

impl Form {
    /// Of a request that has no other parameter than its form.
    pub(super) fn alone(uri: &Uri, headers: &HeaderMap) -> Result<Self, Problem> {
        let mut pairs = Pairs::of(uri)?;
        let form = Self::of(&mut pairs, headers)?;
        pairs.end()?;
        Ok(form)
    }

    /// `f`, or else what the reader accepts: a browser says `text/html`.
    pub(super) fn of(pairs: &mut Pairs, headers: &HeaderMap) -> Result<Self, Problem> {
        match pairs.take("f").as_deref() {
            Some("json") => Ok(Self::Json),
            Some("html") => Ok(Self::Html),
            Some(other) => Err(Problem::bad(format!(
                "f is {other:?}; expected json or html."
            ))),
            None => {
                let accepted = headers.get(header::ACCEPT).and_then(|v| v.to_str().ok());
                let html = accepted.is_some_and(|accepted| accepted.contains("text/html"));
                Ok(if html { Self::Html } else { Self::Json })
            }
        }
    }
}

/// Everything that selects features.
pub(super) fn features(layer: &Layer, pairs: &mut Pairs) -> Result<FeatureQuery, Problem> {
    let mut query = FeatureQuery {
        limit: match pairs.take("limit") {
            None => DEFAULT_LIMIT,
            Some(text) => limit(&text)?,
        },
        ..FeatureQuery::default()
    };
    if let Some(text) = pairs.take("bbox") {
        query.boxes = boxes(&text)?;
    }
    if let Some(text) = pairs.take("datetime") {
        query.times = Some(times(&text)?);
    }
    if let Some(text) = pairs.take("after") {
        query.after = Some(after(&text)?);
    }
    for (index, property) in layer.properties.iter().enumerate().skip(1) {
        if let Some(text) = pairs.take(property.name) {
            query
                .equal
                .push((index, value(property.name, property.kind, &text)?));
        }
    }
    Ok(query)
}

pub(super) fn limit(text: &str) -> Result<usize, Problem> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // A number of any length is a wish for as many as there are.
    match text.parse::<usize>() {
        Ok(0) => None,
        Ok(wish) => Some(wish.min(MOST_LIMIT)),
        Err(_) => digits.then_some(MOST_LIMIT),
    }
    .ok_or_else(|| {
        Problem::bad(format!(
            "limit is {text:?}; expected a whole number from 1."
        ))
    })
}

/// One box, or two if it crosses 180°.
pub(super) fn boxes(text: &str) -> Result<Vec<[f64; 4]>, Problem> {
    let wrong = || {
        Problem::bad(format!(
            "bbox is {text:?}; expected west,south,east,north in degrees, or six numbers with heights."
        ))
    };
    let numbers: Vec<f64> = text
        .split(',')
        .map(|part| part.trim().parse::<f64>().ok().filter(|n| n.is_finite()))
        .collect::<Option<_>>()
        .ok_or_else(wrong)?;
    let (west, south, east, north) = match numbers[..] {
        [west, south, east, north] => (west, south, east, north),
        [west, south, low, east, north, high] if low <= high => (west, south, east, north),
        _ => return Err(wrong()),
    };
    let placed = [west, east]
        .iter()
        .all(|lon| (-180.0..=180.0).contains(lon))
        && [south, north]
            .iter()
            .all(|lat| (-90.0..=90.0).contains(lat))
        && south <= north;
    if !placed {
        return Err(wrong());
    }
    Ok(if west <= east {
        vec![[west, south, east, north]]
    } else {
        vec![[west, south, 180.0, north], [-180.0, south, east, north]]
    })
}

type Interval = (Option<String>, Option<String>);

pub(super) fn times(text: &str) -> Result<Interval, Problem> {
    let wrong = || {
        Problem::bad(format!(
            "datetime is {text:?}; expected an RFC 3339 instant, or an interval start/end with `..` for an open end."
        ))
    };
    let instant = |part: &str| -> Result<Option<String>, Problem> {
        if part.is_empty() || part == ".." {
            return Ok(None);
        }
        // A plus sign that was not percent-encoded arrives as a blank.
        let time: Timestamp = part.replace(' ', "+").parse().or(Err(wrong()))?;
        Ok(Some(format!("{time:.3}")))
    };
    match text.split('/').collect::<Vec<_>>()[..] {
        [one] if one != ".." && !one.is_empty() => {
            let time = instant(one)?;
            Ok((time.clone(), time))
        }
        [from, to] => {
            let (from, to) = (instant(from)?, instant(to)?);
            if from.is_some() && to.is_some() && from > to {
                return Err(wrong());
            }
            Ok((from, to))
        }
        _ => Err(wrong()),
    }
}

/// `<time>,<id>`, as a `next` link wrote it.
fn after(text: &str) -> Result<(Option<String>, String), Problem> {
    let wrong = || Problem::bad("after is not one that a `next` link gave.");
    let (time, id) = text.split_once(',').ok_or_else(wrong)?;
    if time.is_empty() {
        return Ok((None, id.to_owned()));
    }
    let time: Timestamp = time.parse().or(Err(wrong()))?;
    Ok((Some(format!("{time:.3}")), id.to_owned()))
}

fn value(name: &str, kind: Kind, text: &str) -> Result<Value, Problem> {
    let value = match kind {
        Kind::Text | Kind::Time => Some(json!(text)),
        Kind::Flag => text.parse::<bool>().ok().map(|flag| json!(flag)),
        Kind::Integer => text.parse::<i64>().ok().map(|whole| json!(whole)),
        Kind::Number => text
            .parse::<f64>()
            .ok()
            .filter(|number| number.is_finite())
            .map(|number| json!(number)),
    };
    value.ok_or_else(|| {
        let expected = match kind {
            Kind::Flag => "true or false",
            Kind::Integer => "a whole number",
            _ => "a number",
        };
        Problem::bad(format!("{name} is {text:?}; expected {expected}."))
    })
}

/// The same test as the store's, for rows in memory.
pub(super) fn matches(row: &FeatureRow, query: &FeatureQuery) -> bool {
    let placed = query.boxes.is_empty()
        || row.geometry.as_ref().is_some_and(|shape| {
            query.boxes.iter().any(|[west, south, east, north]| {
                shape.intersects(&Rect::new((*west, *south), (*east, *north)))
            })
        });
    let timed = query.times.as_ref().is_none_or(|(from, to)| {
        row.values[0].as_str().is_some_and(|time| {
            from.as_deref().is_none_or(|from| time >= from)
                && to.as_deref().is_none_or(|to| time <= to)
        })
    });
    let equal = query.equal.iter().all(|(index, wanted)| {
        let found = &row.values[*index];
        found == wanted || (found.is_number() && found.as_f64() == wanted.as_f64())
    });
    placed && timed && equal && query.id.as_ref().is_none_or(|id| *id == row.id)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panic")]
mod tests {
    use super::*;

    #[test]
    fn a_box_across_180_is_two_and_a_wrong_one_is_refused() {
        assert_eq!(boxes("1,2,3,4").unwrap(), [[1.0, 2.0, 3.0, 4.0]]);
        assert_eq!(boxes("1,2,0,3,4,9").unwrap(), [[1.0, 2.0, 3.0, 4.0]]);
        assert_eq!(
            boxes("170,-5,-170,5").unwrap(),
            [[170.0, -5.0, 180.0, 5.0], [-180.0, -5.0, -170.0, 5.0]]
        );
        for wrong in [
            "",
            "1,2,3",
            "1,2,3,4,5",
            "a,2,3,4",
            "NaN,2,3,4",
            "inf,0,1,1",
            "1,4,3,2",
            "181,0,182,1",
            "1,2,3,91",
        ] {
            assert!(boxes(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn times_are_instants_or_intervals_with_open_ends() {
        let at = |text: &str| Some(text.to_owned());
        assert_eq!(
            times("2026-01-01T00:00:10Z/..").unwrap(),
            (at("2026-01-01T00:00:10.000Z"), None)
        );
        assert_eq!(
            times("2026-01-01T09:00:00 09:00").unwrap().0,
            at("2026-01-01T00:00:00.000Z")
        );
        assert_eq!(times("../..").unwrap(), (None, None));
        for wrong in [
            "",
            "..",
            "2026",
            "2026-01-02T00:00:00Z/2026-01-01T00:00:00Z",
            "a/b",
            "a/b/c",
        ] {
            assert!(times(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_limit_is_cut_and_not_refused_but_must_be_a_number() {
        assert_eq!(limit("99999999999999999999999").unwrap(), MOST_LIMIT);
        assert_eq!(limit("7").unwrap(), 7);
        for wrong in ["0", "-1", "", "1.5", "x"] {
            assert!(limit(wrong).is_err(), "{wrong}");
        }
    }
}
