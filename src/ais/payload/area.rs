//! Area notices: 1/22 to all, 1/23 to one.
//!
//! Source: IMO SN.1/Circ.289, tables 11.3 to 11.10. A head of 55 bits, then sub-areas of 87 bits each.

use super::fields::{Fields, Moment};
use crate::ais::text::Text;
use crate::model::units::LonLat;
use serde::Serialize;

/// 1/22 and 1/23.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AreaNotice {
    /// Message linkage identifier 1 ..= 1023: the area that is told of, changed or cancelled.
    pub linkage: Option<u16>,
    /// What is told, 0 ..= 127.
    pub notice: u8,
    /// The same in words; `None` for numbers kept for later.
    pub meaning: Option<&'static str>,
    /// From when.
    pub start: Moment,
    /// For how many minutes; 0 cancels.
    pub duration_min: Option<u32>,
    /// One to ten sub-areas, as sent.
    pub areas: Vec<SubArea>,
}

/// One sub-area. Lengths have the scale factor applied; `decimals` is the number of decimals of a degree that hold.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SubArea {
    /// Circle, or a point if the radius is 0.
    Circle {
        /// Centre; resolution 1/60,000°.
        center: Option<LonLat>,
        /// Decimals 0 ..= 7 (4 by default).
        decimals: u8,
        /// Radius, metres.
        radius_m: u32,
    },
    /// Rectangle, turned about its south-west corner.
    Rectangle {
        /// South-west corner.
        corner: Option<LonLat>,
        /// Decimals.
        decimals: u8,
        /// Length to the east, metres; 0 is a line.
        east_m: u32,
        /// Length to the north, metres; 0 is a line.
        north_m: u32,
        /// Turned clockwise by, degrees, 0 ..= 359.
        orientation_deg: Option<f64>,
    },
    /// Sector of a circle.
    Sector {
        /// Centre.
        center: Option<LonLat>,
        /// Decimals.
        decimals: u8,
        /// Radius, metres.
        radius_m: u32,
        /// Left boundary, degrees true; the sector lies clockwise of it.
        left_deg: Option<f64>,
        /// Right boundary, degrees true.
        right_deg: Option<f64>,
    },
    /// Line on from the point or polyline before it.
    Polyline {
        /// One leg after the other, at most four.
        legs: Vec<Leg>,
    },
    /// Area round the point before it and the ends of its legs.
    Polygon {
        /// One leg after the other, at most four.
        legs: Vec<Leg>,
    },
    /// Words on the areas.
    Text {
        /// The words.
        text: Option<Text<14>>,
    },
    /// A kind kept for later; its 84 bits are not looked at.
    Reserved {
        /// 6 or 7.
        number: u8,
    },
}

/// One leg of a polyline or polygon.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Leg {
    /// Bearing, degrees true; resolution 0.5.
    pub bearing_deg: Option<f64>,
    /// Length, metres.
    pub distance_m: u32,
}

/// Bits of one sub-area.
const SUB_AREA: usize = 87;

impl AreaNotice {
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        let (linkage, notice) = (fields.linkage(), fields.small(7));
        Self {
            linkage,
            notice,
            meaning: meaning(notice),
            start: fields.moment(),
            duration_min: fields.duration_min(),
            areas: {
                let count = fields.left() / SUB_AREA;
                (0..count).map(|_| SubArea::read(fields)).collect()
            },
        }
    }
}

impl SubArea {
    fn read(fields: &mut Fields<'_>) -> Self {
        let end = fields.left() - SUB_AREA;
        let area = match fields.small(3) {
            0 => {
                let (scale, center, decimals) = head(fields);
                Self::Circle {
                    center,
                    decimals,
                    radius_m: scale * fields.number(12),
                }
            }
            1 => {
                let (scale, corner, decimals) = head(fields);
                Self::Rectangle {
                    corner,
                    decimals,
                    east_m: scale * fields.number(8),
                    north_m: scale * fields.number(8),
                    orientation_deg: fields.degrees(),
                }
            }
            2 => {
                let (scale, center, decimals) = head(fields);
                Self::Sector {
                    center,
                    decimals,
                    radius_m: scale * fields.number(12),
                    left_deg: fields.degrees(),
                    right_deg: fields.degrees(),
                }
            }
            3 => Self::Polyline { legs: legs(fields) },
            4 => Self::Polygon { legs: legs(fields) },
            5 => Self::Text {
                text: fields.text(),
            },
            number => Self::Reserved { number },
        };
        fields.skip(fields.left() - end);
        area
    }
}

/// Power of ten of lengths.
fn scale(fields: &mut Fields<'_>) -> u32 {
    10_u32.pow(fields.number(2))
}

/// Scale of lengths, place and its decimals.
fn head(fields: &mut Fields<'_>) -> (u32, Option<LonLat>, u8) {
    (scale(fields), fields.place(25), fields.small(3))
}

/// Legs up to the first without length.
fn legs(fields: &mut Fields<'_>) -> Vec<Leg> {
    let scale = scale(fields);
    let leg = |_| Leg {
        bearing_deg: fields.quantity(10, 0..=719, 2.0),
        distance_m: scale * fields.number(10),
    };
    (0..4)
        .map(leg)
        .take_while(|leg| leg.distance_m > 0)
        .collect()
}

fn meaning(notice: u8) -> Option<&'static str> {
    let at = MEANINGS.binary_search_by_key(&notice, |(number, _)| *number);
    at.ok().map(|at| MEANINGS[at].1)
}

/// Table 11.11, in short.
const MEANINGS: [(u8, &str); 94] = [
    (0, "marine mammals: habitat"),
    (1, "marine mammals: reduce speed"),
    (2, "marine mammals: stay clear"),
    (3, "marine mammals: report sightings"),
    (4, "protected habitat: reduce speed"),
    (5, "protected habitat: stay clear"),
    (6, "protected habitat: no fishing or anchoring"),
    (7, "derelicts"),
    (8, "traffic congestion"),
    (9, "marine event"),
    (10, "divers"),
    (11, "swimmers"),
    (12, "dredging"),
    (13, "survey"),
    (14, "underwater operation"),
    (15, "seaplanes"),
    (16, "nets in the water"),
    (17, "cluster of fishing vessels"),
    (18, "fairway closed"),
    (19, "harbour closed"),
    (20, "risk, see text"),
    (21, "underwater vehicle"),
    (23, "storm front"),
    (24, "hazardous sea ice"),
    (25, "storm warning"),
    (26, "high wind"),
    (27, "high waves"),
    (28, "restricted visibility"),
    (29, "strong currents"),
    (30, "heavy icing"),
    (32, "fishing prohibited"),
    (33, "no anchoring"),
    (34, "entry needs approval"),
    (35, "entry prohibited"),
    (36, "active military area"),
    (37, "firing"),
    (38, "drifting mines"),
    (40, "anchorage open"),
    (41, "anchorage closed"),
    (42, "anchoring prohibited"),
    (43, "deep draught anchorage"),
    (44, "shallow draught anchorage"),
    (45, "vessel transfer"),
    (56, "security level 1"),
    (57, "security level 2"),
    (58, "security level 3"),
    (64, "distress: disabled and adrift"),
    (65, "distress: sinking"),
    (66, "distress: abandoning ship"),
    (67, "distress: medical assistance"),
    (68, "distress: flooding"),
    (69, "distress: fire or explosion"),
    (70, "distress: grounding"),
    (71, "distress: collision"),
    (72, "distress: listing or capsizing"),
    (73, "distress: under assault"),
    (74, "distress: person overboard"),
    (75, "search and rescue"),
    (76, "pollution response"),
    (80, "contact the vessel traffic service here"),
    (81, "contact the port administration here"),
    (82, "do not proceed beyond"),
    (83, "await instructions before proceeding beyond"),
    (84, "proceed here and await instructions"),
    (85, "clearance granted, proceed to berth"),
    (88, "pilot boarding position"),
    (89, "icebreaker waiting area"),
    (90, "place of refuge"),
    (91, "position of icebreakers"),
    (92, "location of response units"),
    (93, "target of the vessel traffic service"),
    (94, "rogue or suspicious vessel"),
    (95, "vessel asks for assistance, no distress"),
    (96, "sunken vessel"),
    (97, "submerged object"),
    (98, "semi-submerged object"),
    (99, "shoal"),
    (100, "shoal to the north"),
    (101, "shoal to the east"),
    (102, "shoal to the south"),
    (103, "shoal to the west"),
    (104, "channel obstruction"),
    (105, "reduced vertical clearance"),
    (106, "bridge closed"),
    (107, "bridge partially open"),
    (108, "bridge fully open"),
    (112, "icing, told by a ship"),
    (114, "told by a ship, see text"),
    (120, "recommended route"),
    (121, "alternative route"),
    (122, "recommended route through ice"),
    (125, "other, see text"),
    (126, "cancelled"),
    (127, "undefined"),
];
