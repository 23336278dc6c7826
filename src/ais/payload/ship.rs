//! Ships: persons on board (1/16, 1/40), extended static and voyage data (1/15, 1/24), dangerous cargo (1/12, 1/25), targets
//! that a vessel traffic service tells of (1/16, 1/17).
//!
//! Source: IMO SN.1/Circ.236 and SN.1/Circ.289; 1/40 and targets under 1/16: ITU-R M.1371-1 Annex 5.

use super::fields::{Fields, Moment};
use crate::ais::text::Text;
use crate::model::units::{LonLat, Mmsi};
use serde::Serialize;

/// 1/16 and 1/40: persons on board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PersonsOnBoard {
    /// Persons 1 ..= 8191 (8191 or more).
    pub persons: Option<u16>,
}

impl PersonsOnBoard {
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            persons: fields.among(13, 1..=8191),
        }
    }
}

/// 1/15: height above the water.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AirDraught {
    /// Air draught, metres, 0.1 ..= 204.7 (204.7 or more).
    pub air_draught_m: Option<f64>,
}

impl AirDraught {
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            air_draught_m: fields.quantity(11, 1..=2047, 10.0),
        }
    }
}

/// 1/24: extended static and voyage data.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExtendedShip {
    /// Message linkage identifier 1 ..= 1023.
    pub linkage: Option<u16>,
    /// Air draught, metres, 0.01 ..= 81.91 (81.91 or more).
    pub air_draught_m: Option<f64>,
    /// Last port of call, UN/LOCODE.
    pub last_port: Option<Text<5>>,
    /// Next port of call, UN/LOCODE.
    pub next_port: Option<Text<5>>,
    /// Port of call after that, UN/LOCODE.
    pub second_port: Option<Text<5>>,
    /// State of equipment in the order of the circular (class A unit, automatic tracking aid, watch alarm, ECDIS back-up,
    /// chart, echo sounder, plotting aid, emergency steering, GNSS, gyro compass, LRIT, magnetic compass, NAVTEX, ARPA,
    /// S-band radar, X-band radar, HF, Inmarsat, MF, VHF, log over ground, log through water, heading device, track control,
    /// voyage data recorder, one kept for later): 1 operational, 2 not operational; `None` if not told.
    pub equipment: [Option<u8>; 26],
    /// Ice class 0 (none) ..= 10.
    pub ice_class: Option<u8>,
    /// Shaft power, horsepower, 0 ..= 262,142 (262,142 or more).
    pub shaft_power_hp: Option<u32>,
    /// VHF working channel (ITU-R M.1084).
    pub vhf_channel: Option<u16>,
    /// Lloyd's ship type (STATCODE 5).
    pub lloyds_type: Option<Text<7>>,
    /// Gross tonnage 0 ..= 262,142 (262,142 or more).
    pub gross_tonnage: Option<u32>,
    /// True if laden, false in ballast.
    pub laden: Option<bool>,
    /// Whether heavy fuel oil is bunkered.
    pub heavy_fuel_oil: Option<bool>,
    /// Whether light fuel oil is bunkered.
    pub light_fuel_oil: Option<bool>,
    /// Whether diesel oil is bunkered.
    pub diesel_oil: Option<bool>,
    /// Bunker oil, tonnes, 0 ..= 16,382 (16,382 or more).
    pub bunker_oil_t: Option<u16>,
    /// Persons 1 ..= 8191 (8191 or more).
    pub persons: Option<u16>,
}

/// Thirteen bits of height, metres, 0.01 ..= 81.91 (81.91 or more). The circular writes of "0.1 metre steps" and of 81.91 m for
/// the last of 8,191 values; only steps of 0.01 m give that.
pub(super) fn height_m(fields: &mut Fields<'_>) -> Option<f64> {
    fields.quantity(13, 1..=8191, 100.0)
}

/// Eighteen bits, of which all set is "not available".
fn large(fields: &mut Fields<'_>) -> Option<u32> {
    let value = fields.number(18);
    (value < 262_143).then_some(value)
}

/// Two bits: 1 no, 2 yes.
fn yes(fields: &mut Fields<'_>) -> Option<bool> {
    fields.small_among(2, 1..=2).map(|answer| answer == 2)
}

impl ExtendedShip {
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            linkage: fields.linkage(),
            air_draught_m: height_m(fields),
            last_port: fields.text(),
            next_port: fields.text(),
            second_port: fields.text(),
            equipment: std::array::from_fn(|_| fields.small_among(2, 1..=2)),
            ice_class: fields.small_among(4, 0..=10),
            shaft_power_hp: large(fields),
            vhf_channel: fields.among(12, 1..=4095),
            lloyds_type: fields.text(),
            gross_tonnage: large(fields),
            laden: fields.small_among(2, 1..=2).map(|state| state == 1),
            heavy_fuel_oil: yes(fields),
            light_fuel_oil: yes(fields),
            diesel_oil: yes(fields),
            bunker_oil_t: fields.among(14, 0..=16_382),
            persons: fields.among(13, 1..=8191),
        }
    }
}

/// 1/12: the main dangerous goods on board, deprecated.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DangerousGoods {
    /// Last port of call, UN/LOCODE.
    pub last_port: Option<Text<5>>,
    /// Departure from there.
    pub departure: Moment,
    /// Next port of call, UN/LOCODE.
    pub next_port: Option<Text<5>>,
    /// Estimated time of arrival there.
    pub eta: Moment,
    /// The main goods.
    pub goods: Option<Text<20>>,
    /// IMDG category.
    pub imdg_category: Option<Text<4>>,
    /// UN number 1 ..= 3363.
    pub un_number: Option<u16>,
    /// Amount, tonnes.
    pub amount_t: Option<f64>,
}

/// Tonnes of an amount in a unit: 1 kilogram, 2 tonne, 3 thousand tonnes.
fn amount_t(unit: u8, amount: u32) -> Option<f64> {
    let amount = (amount > 0).then(|| f64::from(amount))?;
    match unit {
        1 => Some(amount / 1000.0),
        2 => Some(amount),
        3 => Some(amount * 1000.0),
        _ => None,
    }
}

impl DangerousGoods {
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            last_port: fields.text(),
            departure: fields.moment(),
            next_port: fields.text(),
            eta: fields.moment(),
            goods: fields.text(),
            imdg_category: fields.text(),
            un_number: fields.among(13, 1..=3363),
            amount_t: {
                let amount = fields.number(10);
                amount_t(fields.small(2), amount)
            },
        }
    }
}

/// 1/25: dangerous cargo.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DangerousCargo {
    /// Amount of all, tonnes.
    pub amount_t: Option<f64>,
    /// One to 28 cargoes.
    pub cargoes: Vec<Cargo>,
}

/// A cargo, under the code by which it is carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Cargo {
    /// Not told.
    NotAvailable,
    /// IMDG code.
    Imdg {
        /// Class and division as two digits, 10 ..= 99.
        class: Option<u16>,
    },
    /// IGC code.
    Igc {
        /// UN number 1 ..= 3363.
        un_number: Option<u16>,
    },
    /// BC code (IMSBC from 2011 on).
    Bc {
        /// 1 A, 2 B, 3 C, 4 hazardous in bulk alone.
        class: Option<u8>,
        /// IMDG class and division as two digits, 10 ..= 99.
        imdg_class: Option<u16>,
    },
    /// MARPOL annex I.
    Oil {
        /// 1 asphalt solutions, 2 oils, 3 distillates, 4 gas oil, 5 gasoline blending stocks, 6 gasoline, 7 jet fuels,
        /// 8 naphtha.
        kind: Option<u8>,
    },
    /// MARPOL annex II, IBC code.
    NoxiousLiquid {
        /// 1 X, 2 Y, 3 Z, 4 other substances.
        category: Option<u8>,
    },
    /// A code for regional or later use.
    Other {
        /// 6 regional, 7 ..= 15 kept for later.
        number: u8,
        /// Its 13 bits.
        value: u16,
    },
}

impl Cargo {
    fn read(fields: &mut Fields<'_>) -> Self {
        let (number, mut end) = (fields.small(4), 13);
        let mut bits = |width: usize| {
            end -= width;
            width
        };
        let cargo = match number {
            0 => Self::NotAvailable,
            1 => Self::Imdg {
                class: fields.among(bits(7), 10..=99),
            },
            2 => Self::Igc {
                un_number: fields.among(bits(13), 1..=3363),
            },
            3 => Self::Bc {
                class: fields.small_among(bits(3), 1..=4),
                imdg_class: fields.among(bits(7), 10..=99),
            },
            4 => Self::Oil {
                kind: fields.small_among(bits(4), 1..=8),
            },
            5 => Self::NoxiousLiquid {
                category: fields.small_among(bits(3), 1..=4),
            },
            number => Self::Other {
                number,
                value: fields.number(bits(13)) as u16,
            },
        };
        fields.skip(end);
        cargo
    }
}

impl DangerousCargo {
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        let unit = fields.small(2);
        let amount_t = amount_t(unit, fields.number(10));
        let count = fields.left() / 17;
        Self {
            amount_t,
            cargoes: (0..count).map(|_| Cargo::read(fields)).collect(),
        }
    }
}

/// 1/17, and 1/16 of the older edition: targets that a vessel traffic service tells of.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SyntheticTargets {
    /// One to four targets, in the older edition to seven.
    pub targets: Vec<SyntheticTarget>,
}

/// One target.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SyntheticTarget {
    /// Who it is.
    pub id: Option<TargetId>,
    /// Where; resolution 1/60,000°.
    pub position: Option<LonLat>,
    /// Course over ground, degrees true.
    pub cog_deg: Option<f64>,
    /// Second of the UTC minute, 0 ..= 59.
    pub second: Option<u8>,
    /// Speed over ground, knots, 0 ..= 254.
    pub sog_kn: Option<f64>,
}

/// By what a target is known.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetId {
    /// MMSI.
    Mmsi(Mmsi),
    /// IMO ship number.
    Imo(u32),
    /// Call sign.
    CallSign(Text<7>),
    /// Another name.
    Other(Text<7>),
}

impl TargetId {
    /// Two bits that tell the kind, 42 of name or number.
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let kind = fields.small(2);
        if kind >= 2 {
            let text = fields.text()?;
            return Some(match kind {
                2 => Self::CallSign(text),
                _ => Self::Other(text),
            });
        }
        let (high, low) = (fields.number(10), fields.number(32));
        let is_number = high == 0 && (1..=999_999_999).contains(&low);
        is_number.then_some(match kind {
            0 => Self::Mmsi(Mmsi(low)),
            _ => Self::Imo(low),
        })
    }
}

impl SyntheticTargets {
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        let count = fields.left() / 120;
        let target = |_| {
            let id = TargetId::read(fields);
            fields.skip(4);
            SyntheticTarget {
                id,
                position: fields.place_latitude_first(25),
                cog_deg: fields.degrees(),
                second: fields.small_among(6, 0..=59),
                sog_kn: fields.quantity(8, 0..=254, 1.0),
            }
        };
        Self {
            targets: (0..count).map(target).collect(),
        }
    }
}
