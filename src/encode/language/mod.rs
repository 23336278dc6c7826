//! The languages of CAP messages: fixed phrases, one file a language, filled with an alert's figures.
//!
//! English carries everything an alert says. Another language says what its phrases cover – what kind of matter, who, where, when, how
//! sure – and sends the reader to the English text for the rest. Names of regions stand in every party's language in all of them.

mod en;
mod fil;
mod ja;
mod ko;
mod ms;
mod ru;
mod vi;
mod zh_hans;
mod zh_hant;

pub(in crate::encode) use en::ENGLISH;

use super::text::fixed;
use crate::model::alert::{Alert, AlertKind, MessageType, Status};
use crate::model::event::EventKind;
use crate::model::units::{LonLat, NAUTICAL_MILE_M};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A language beside English, as a BCP 47 tag.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub enum Language {
    /// Filipino.
    #[serde(rename = "fil")]
    Filipino,
    /// Japanese.
    #[serde(rename = "ja")]
    Japanese,
    /// Korean.
    #[serde(rename = "ko")]
    Korean,
    /// Malay.
    #[serde(rename = "ms")]
    Malay,
    /// Russian.
    #[serde(rename = "ru")]
    Russian,
    /// Vietnamese.
    #[serde(rename = "vi")]
    Vietnamese,
    /// Chinese in simplified characters.
    #[serde(rename = "zh-Hans")]
    ChineseSimplified,
    /// Chinese in traditional characters.
    #[serde(rename = "zh-Hant")]
    ChineseTraditional,
}

impl Language {
    /// All of them, in the order of their tags.
    pub const ALL: [Self; 8] = [
        Self::Filipino,
        Self::Japanese,
        Self::Korean,
        Self::Malay,
        Self::Russian,
        Self::Vietnamese,
        Self::ChineseSimplified,
        Self::ChineseTraditional,
    ];

    /// The tag (BCP 47).
    pub fn tag(self) -> &'static str {
        self.phrases().tag
    }

    /// The language of a tag.
    pub fn parse(tag: &str) -> Option<Self> {
        let same = |language: &Self| language.tag().eq_ignore_ascii_case(tag);
        Self::ALL.into_iter().find(same)
    }

    pub(super) fn phrases(self) -> &'static Phrases {
        match self {
            Self::Filipino => &fil::FILIPINO,
            Self::Japanese => &ja::JAPANESE,
            Self::Korean => &ko::KOREAN,
            Self::Malay => &ms::MALAY,
            Self::Russian => &ru::RUSSIAN,
            Self::Vietnamese => &vi::VIETNAMESE,
            Self::ChineseSimplified => &zh_hans::CHINESE_SIMPLIFIED,
            Self::ChineseTraditional => &zh_hant::CHINESE_TRADITIONAL,
        }
    }
}

/// What one language says. Names in braces are filled in; every language has the same ones in the same field.
pub(super) struct Phrases {
    /// BCP 47.
    pub(super) tag: &'static str,
    pub(super) kind: fn(AlertKind) -> &'static str,
    pub(super) event: fn(EventKind) -> &'static str,
    /// `None` for English, which an alert brings with it.
    pub(super) summary: Option<Summary>,
    pub(super) no_action: &'static str,
    pub(super) compare: &'static str,
    pub(super) pass_on: &'static str,
    pub(super) exercise: &'static str,
    pub(super) test: &'static str,
    /// `{radius_km}`, `{place}`
    pub(super) area: &'static str,
    /// `{distance_nm}`, `{zone_nm}`
    pub(super) zone: &'static str,
}

/// What an alert says in a language that it does not bring with it.
pub(super) struct Summary {
    /// `{vessel}`
    pub(super) vessel: &'static str,
    /// `{time}`
    pub(super) observed: &'static str,
    /// `{place}`, `{radius_m}`
    pub(super) position: &'static str,
    /// `{length_m}`
    pub(super) length: &'static str,
    /// `{probability}`
    pub(super) probability: &'static str,
    /// `{names}`
    pub(super) watched: &'static str,
    pub(super) not_searched: &'static str,
    /// Where the whole text stands.
    pub(super) whole: &'static str,
    /// Put before the headline of an alert that is withdrawn.
    pub(super) withdrawn: &'static str,
}

impl Phrases {
    /// What to do.
    pub(super) fn instruction(&self, alert: &Alert) -> &'static str {
        match (alert.message_type, alert.kind) {
            (MessageType::Cancel, _) => self.no_action,
            (_, AlertKind::DistressBeacon) => self.pass_on,
            _ => self.compare,
        }
    }

    /// The area in words: its middle, and the watch regions about it with their names in every language.
    pub(super) fn area(&self, alert: &Alert, radius_m: f64) -> String {
        let place = degrees(alert.position);
        let radius_km = format!("{:.2}", radius_m / 1000.0);
        let mut text = filled(self.area, &[("radius_km", &radius_km), ("place", &place)]);
        for (index, name) in alert.region_names.iter().enumerate() {
            text.push_str("; ");
            text.push_str(name);
            if let Some(hit) = alert.regions.get(index)
                && let Some(zone_nm) = hit.zone_nm
            {
                let distance_nm = format!("{:.1}", hit.distance_m / NAUTICAL_MILE_M);
                let zone_nm = zone_nm.to_string();
                let words = [
                    ("distance_nm", distance_nm.as_str()),
                    ("zone_nm", zone_nm.as_str()),
                ];
                text.push_str(&format!(" ({})", filled(self.zone, &words)));
            }
        }
        text
    }

    /// What the matter is and by which region, then the matter and its figures, a line each; `None` for English.
    pub(super) fn text(&self, alert: &Alert) -> Option<(String, String)> {
        let summary = self.summary.as_ref()?;
        let mut headline = Vec::new();
        if alert.message_type == MessageType::Cancel {
            headline.push(summary.withdrawn);
        }
        headline.push(self.matter(alert));
        headline.extend(alert.region_names.first().map(String::as_str));
        let mut lines = Vec::new();
        match alert.status {
            Status::Actual => {}
            Status::Exercise => lines.push(self.exercise.to_owned()),
            Status::Test => lines.push(self.test.to_owned()),
        }
        lines.push(self.matter(alert).to_owned());
        lines.extend(summary.lines(alert));
        Some((headline.join(": "), lines.join("\n")))
    }

    /// What happened, in a few words.
    pub(super) fn matter(&self, alert: &Alert) -> &'static str {
        match (alert.kind, alert.evidence.event) {
            (AlertKind::AisEvent, Some(event)) => (self.event)(event),
            (kind, _) => (self.kind)(kind),
        }
    }
}

impl Summary {
    /// The alert's figures.
    fn lines(&self, alert: &Alert) -> Vec<String> {
        let evidence = &alert.evidence;
        let mut lines = Vec::new();
        let vessel = match (&evidence.vessel_name, &evidence.mmsi) {
            (Some(name), Some(mmsi)) => Some(format!("{name} (MMSI {mmsi})")),
            (None, Some(mmsi)) => Some(format!("MMSI {mmsi}")),
            (name, None) => name.clone(),
        };
        lines.extend(vessel.map(|vessel| filled(self.vessel, &[("vessel", &vessel)])));
        let time = alert.observed.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
        lines.push(filled(self.observed, &[("time", &time)]));
        let (place, radius_m) = (degrees(alert.position), fixed(alert.position_radius_m, 0));
        let radius_m = radius_m.unwrap_or_default();
        let words = [("place", place.as_str()), ("radius_m", radius_m.as_str())];
        lines.push(filled(self.position, &words));
        let length_m = evidence.length_m.and_then(|length_m| fixed(length_m, 0));
        lines.extend(length_m.map(|m| filled(self.length, &[("length_m", &m)])));
        if !alert.region_names.is_empty() {
            let names = alert.region_names.join("; ");
            lines.push(filled(self.watched, &[("names", &names)]));
        }
        let probability = evidence.probability.and_then(|p| fixed(p, 2));
        lines.extend(probability.map(|p| filled(self.probability, &[("probability", &p)])));
        if !evidence.not_searched.is_empty() {
            lines.push(self.not_searched.to_owned());
        }
        lines.push(self.whole.to_owned());
        lines
    }
}

/// `25.7440° N 123.4750° E`, in every language.
fn degrees(place: LonLat) -> String {
    let north = if place.lat_deg < 0.0 { 'S' } else { 'N' };
    let east = if place.lon_deg < 0.0 { 'W' } else { 'E' };
    format!(
        "{:.4}° {north} {:.4}° {east}",
        place.lat_deg.abs(),
        place.lon_deg.abs()
    )
}

/// A phrase with its words filled in, in one pass: a vessel that calls itself `{time}` stays so.
fn filled(phrase: &str, words: &[(&str, &str)]) -> String {
    let mut text = String::with_capacity(phrase.len() + 40);
    let mut rest = phrase;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let (name, further) = after.split_once('}').unwrap_or((after, ""));
        let word = words.iter().find(|(known, _)| *known == name);
        text.push_str(word.map_or("", |(_, word)| word));
        rest = further;
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::alert_sample;

    const KINDS: [AlertKind; 5] = [
        AlertKind::UncorrelatedContact,
        AlertKind::ZoneEntry,
        AlertKind::AisOnly,
        AlertKind::DistressBeacon,
        AlertKind::AisEvent,
    ];

    fn names(phrase: &str) -> Vec<&str> {
        let mut names: Vec<&str> = phrase
            .split('{')
            .skip(1)
            .filter_map(|part| Some(part.split_once('}')?.0))
            .collect();
        names.sort_unstable();
        names
    }

    /// What English says, too, and what stands for a part of the alert, each with the words filled in.
    fn sentences(phrases: &Phrases) -> [&'static str; 7] {
        [
            phrases.no_action,
            phrases.compare,
            phrases.pass_on,
            phrases.exercise,
            phrases.test,
            phrases.area,
            phrases.zone,
        ]
    }

    fn figures(summary: &Summary) -> [(&'static str, &'static [&'static str]); 9] {
        [
            (summary.vessel, &["vessel"]),
            (summary.observed, &["time"]),
            (summary.position, &["place", "radius_m"]),
            (summary.length, &["length_m"]),
            (summary.probability, &["probability"]),
            (summary.watched, &["names"]),
            (summary.not_searched, &[]),
            (summary.whole, &[]),
            (summary.withdrawn, &[]),
        ]
    }

    #[test]
    fn every_language_fills_in_the_same_words_and_repeats_no_phrase_of_english() {
        for language in Language::ALL {
            let phrases = language.phrases();
            assert_eq!(Language::parse(language.tag()), Some(language));
            assert_eq!(
                serde_json::to_value(language).ok(),
                Some(language.tag().into())
            );
            for (own, english) in sentences(phrases).iter().zip(sentences(&ENGLISH)) {
                assert_eq!(names(own), names(english), "{}: {own}", phrases.tag);
                assert_ne!(*own, english, "{}", phrases.tag);
            }
            let summary = phrases.summary.as_ref().expect("a summary");
            for (own, words) in figures(summary) {
                assert_eq!(names(own), words, "{}: {own}", phrases.tag);
            }
            let mut events: Vec<&str> =
                EventKind::ALL.iter().map(|k| (phrases.event)(*k)).collect();
            events.sort_unstable();
            events.dedup();
            assert_eq!(events.len(), EventKind::ALL.len(), "{}", phrases.tag);
            for kind in KINDS {
                assert_ne!((phrases.kind)(kind), (ENGLISH.kind)(kind));
            }
        }
    }

    #[test]
    fn the_whole_alert_is_told_and_a_name_in_braces_stays_a_name() {
        let mut alert = alert_sample::alert("a", 1);
        alert.evidence.vessel_name = Some("{time} MARU".into());
        alert.evidence.mmsi = Some("431000001".into());
        alert.evidence.length_m = Some(62.4);
        alert.evidence.probability = Some(0.913);
        alert.evidence.not_searched = vec!["The east.".into()];
        alert.region_names = vec!["Uotsuri-shima / 魚釣島 / 钓鱼岛 / 釣魚臺".into()];
        assert_eq!(ENGLISH.text(&alert), None);
        let mut withdrawn = alert.clone();
        withdrawn.message_type = MessageType::Cancel;
        for language in Language::ALL {
            let phrases = language.phrases();
            let summary = phrases.summary.as_ref().expect("a summary");
            let (_, text) = phrases.text(&alert).expect("a text");
            for part in [
                "{time} MARU (MMSI 431000001)",
                "62",
                "0.91",
                "钓鱼岛 / 釣魚臺",
            ] {
                assert!(text.contains(part), "{}: {part}: {text}", phrases.tag);
            }
            assert!(text.contains(summary.not_searched) && text.ends_with(summary.whole));
            assert_eq!(text.matches('{').count(), 1, "{text}");
            let (headline, _) = phrases.text(&withdrawn).expect("a text");
            assert!(headline.starts_with(summary.withdrawn));
        }
    }
}
