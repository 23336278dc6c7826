//! What vessels did, as AIS tells it: a matter with a beginning, an end once it has one, evidence and reasons.

use super::id::content_id;
use super::units::{LonLat, Mmsi};
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// One event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Id, stable over later data: see [`keep_ids`].
    pub id: String,
    /// What it is.
    pub kind: EventKind,
    /// Vessels concerned, by MMSI; none for an event of an area.
    pub vessels: Vec<EventVessel>,
    /// When it began (UTC).
    pub start: Timestamp,
    /// When it ended (UTC); `None` while it goes on at the end of the data.
    pub end: Option<Timestamp>,
    /// Where it began, or its middle where it keeps to one place.
    pub position: LonLat,
    /// Radius about the place that holds the event, metres.
    pub radius_m: f64,
    /// The figures that it rests on; names end in their unit.
    pub evidence: BTreeMap<String, f64>,
    /// Why it was stated, one sentence each.
    pub reasons: Vec<String>,
    /// True if any of its evidence is simulated.
    pub simulated: bool,
}

/// A vessel of an event.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EventVessel {
    /// Who.
    pub mmsi: Mmsi,
    /// Which of the ships that send this MMSI, from 0.
    pub part: u32,
    /// Name, if one was heard.
    pub name: Option<String>,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident => $word:literal, $phrase:literal;)+) => {
        /// Kind of event.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "kebab-case")]
        pub enum EventKind { $($(#[$doc])* $variant,)+ }

        impl EventKind {
            /// All kinds in the order they are listed to people.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The kind's name as written in outputs.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// What happened, in a few words.
            pub fn phrase(self) -> &'static str {
                match self { $(Self::$variant => $phrase),+ }
            }
        }
    };
}

kinds! {
    /// A vessel under way was not heard for hours where others were heard.
    Gap => "gap", "AIS reports stopped";
    /// A long gap far from shore of a vessel that had been heard well.
    UnexplainedGap => "unexplained-gap", "AIS reports stopped where reception was good";
    /// A vessel kept slow for hours, neither anchored nor moored.
    Loitering => "loitering", "Vessel loitering";
    /// Two vessels kept beside each other, slow, for hours.
    Encounter => "encounter", "Two vessels side by side";
    /// A loitering vessel beside a detection that no AIS explains.
    UnmatchedEncounter => "unmatched-encounter", "Vessel loitering beside a detection without AIS";
    /// A vessel was inside a watch zone.
    ZoneVisit => "zone-visit", "Vessel in a watch zone";
    /// A vessel faster than ships of its type are.
    Speed => "speed", "Vessel faster than its type";
    /// Several vessels lay close together for half a day.
    Rafting => "rafting", "Vessels lying close together";
    /// More vessels in a place than usual.
    Concentration => "concentration", "More vessels than usual";
    /// One MMSI from two places at once.
    IdentityClash => "identity-clash", "One identity heard at two places";
    /// A track goes on under another MMSI.
    IdentityChange => "identity-change", "A track goes on under another identity";
    /// Reports that run on a circle with speeds that do not fit.
    PositionCircle => "position-circle", "Reported positions run in a circle";
    /// Reports that leap to another place and back.
    PositionOffset => "position-offset", "Reported positions leap to another place";
    /// A ship's reports that run over land.
    OverLand => "over-land", "Reported positions lie on land";
    /// Many vessels' reports leap or freeze at once.
    GnssInterference => "gnss-interference", "Positions of several vessels disturbed at once";
    /// A marker of fishing gear.
    GearBuoy => "gear-buoy", "Marker of fishing gear";
    /// An AIS-SART, man-overboard device or EPIRB that is active.
    DistressBeacon => "distress-beacon", "Distress beacon active";
}

impl EventKind {
    /// True if it is known by its place, not by its vessels.
    pub fn is_of_area(self) -> bool {
        matches!(
            self,
            Self::Rafting | Self::Concentration | Self::GnssInterference
        )
    }

    /// The kind under which it is followed: a gap may become an unexplained one as it grows.
    fn family(self) -> Self {
        match self {
            Self::UnexplainedGap => Self::Gap,
            kind => kind,
        }
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How far apart in time two statements of one event may lie, if they do not overlap.
const SAME_EVENT: SignedDuration = SignedDuration::from_hours(1);

impl Event {
    /// The id that the event has if it was never told before: of its kind, its identities and the hour it began.
    pub fn first_id(
        kind: EventKind,
        vessels: &[EventVessel],
        start: Timestamp,
        place: LonLat,
    ) -> String {
        let mut parts = vec![kind.as_str().to_owned()];
        if kind.is_of_area() {
            // The degree it lies in: who is part of it may change with later data.
            parts.push(format!("{:.0} {:.0}", place.lon_deg, place.lat_deg));
        } else {
            parts.extend(
                vessels
                    .iter()
                    .map(|vessel| format!("{} part {}", vessel.mmsi, vessel.part)),
            );
        }
        parts.push(start.strftime("%Y-%m-%dT%H").to_string());
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        content_id("event", &parts)
    }

    /// Vessels as text: `431000001; 412000001`.
    pub fn mmsi_text(&self) -> String {
        let all: Vec<String> = self
            .vessels
            .iter()
            .map(|vessel| vessel.mmsi.to_string())
            .collect();
        all.join("; ")
    }

    /// Hours from start to end; `None` while it goes on.
    pub fn hours(&self) -> Option<f64> {
        Some(self.end?.duration_since(self.start).as_secs_f64() / 3600.0)
    }

    /// True if some of it lies between two instants.
    pub fn overlaps(&self, from: Timestamp, to: Timestamp) -> bool {
        self.start <= to && self.end.is_none_or(|end| end >= from)
    }

    fn is_same(&self, other: &Self) -> bool {
        let who = |event: &Self| -> Vec<Mmsi> { event.vessels.iter().map(|v| v.mmsi).collect() };
        let last = |event: &Self| event.end.unwrap_or(Timestamp::MAX);
        let near =
            |time: Timestamp, step: SignedDuration| time.saturating_add(step).unwrap_or(time);
        let is_one = if self.kind.is_of_area() {
            // Two areas are one if they touch.
            self.position.distance_m(other.position) <= self.radius_m + other.radius_m
        } else {
            who(self) == who(other)
        };
        self.kind.family() == other.kind.family()
            && is_one
            && self.start <= near(last(other), SAME_EVENT)
            && other.start <= near(last(self), SAME_EVENT)
    }
}

/// Gives `events` the ids of the events in `known` that they are later statements of: same kind, same identities,
/// overlapping in time or an hour apart. Data that come late may move a beginning; the matter keeps its id. Each known
/// id is given once, to the event that begins nearest to it; ids stay unique.
pub fn keep_ids(events: &mut [Event], known: &[Event]) {
    let mut pairs: Vec<(i64, usize, usize)> = Vec::new();
    let mut by_kind: BTreeMap<(EventKind, Option<Mmsi>), Vec<usize>> = BTreeMap::new();
    let key = |event: &Event| {
        let first = event.vessels.first().map(|vessel| vessel.mmsi);
        (
            event.kind.family(),
            first.filter(|_| !event.kind.is_of_area()),
        )
    };
    for (index, event) in known.iter().enumerate() {
        by_kind.entry(key(event)).or_default().push(index);
    }
    for (new, event) in events.iter().enumerate() {
        for &old in by_kind.get(&key(event)).map_or(&[][..], Vec::as_slice) {
            if event.is_same(&known[old]) {
                let apart = event.start.as_second() - known[old].start.as_second();
                pairs.push((apart.abs(), new, old));
            }
        }
    }
    pairs.sort_unstable();
    let mut taken = std::collections::BTreeSet::new();
    let mut done = vec![false; events.len()];
    for (_, new, old) in pairs {
        if !done[new] && taken.insert(known[old].id.clone()) {
            events[new].id.clone_from(&known[old].id);
            done[new] = true;
        }
    }
    for (event, _) in events.iter_mut().zip(&done).filter(|(_, done)| !**done) {
        let mut again = 1;
        let own = event.id.clone();
        while !taken.insert(event.id.clone()) {
            again += 1;
            event.id = format!("{own}-{again}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(kind: EventKind, mmsi: u32, start: i64, end: Option<i64>) -> Event {
        let at = |second| Timestamp::from_second(second).unwrap_or_default();
        let vessels = vec![EventVessel {
            mmsi: Mmsi(mmsi),
            part: 0,
            name: None,
        }];
        let position = LonLat::new(123.0, 25.0);
        Event {
            id: Event::first_id(kind, &vessels, at(start), position),
            kind,
            vessels,
            start: at(start),
            end: end.map(at),
            position,
            radius_m: 100.0,
            evidence: BTreeMap::new(),
            reasons: vec![],
            simulated: false,
        }
    }

    #[test]
    fn a_beginning_that_moves_over_the_hour_keeps_the_id_and_another_ship_or_day_does_not() {
        let known = [event(EventKind::Gap, 431_000_001, 3_700, None)];
        let mut new = [
            event(EventKind::Gap, 431_000_001, 3_500, Some(40_000)),
            event(EventKind::Gap, 431_000_002, 3_500, Some(40_000)),
            event(EventKind::Loitering, 431_000_001, 3_500, Some(40_000)),
        ];
        assert_ne!(new[0].id, known[0].id);
        let before = new.clone();
        keep_ids(&mut new, &known);
        assert_eq!(new[0].id, known[0].id);
        assert_eq!(new[1..], before[1..]);
        let closed = [event(EventKind::Gap, 431_000_001, 3_700, Some(10_000))];
        let mut next_day = [event(EventKind::Gap, 431_000_001, 90_000, None)];
        keep_ids(&mut next_day, &closed);
        assert_ne!(next_day[0].id, closed[0].id);
    }

    #[test]
    fn two_events_of_one_hour_have_two_ids() {
        let mut new = [
            event(EventKind::Gap, 431_000_001, 3_700, Some(3_800)),
            event(EventKind::Gap, 431_000_001, 3_900, Some(4_000)),
        ];
        keep_ids(&mut new, &[]);
        assert_ne!(new[0].id, new[1].id);
        let known = new.clone();
        keep_ids(&mut new, &known);
        assert_eq!(new, known);
    }
}
