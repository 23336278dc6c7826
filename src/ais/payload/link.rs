//! International function messages of the radio itself, and texts: 1/0, 1/2 to 1/5, 1/29, 1/30.
//!
//! Source: ITU-R M.1371-5 Annex 5 §3 (also in the shorter form of M.1371-1, without the spare bits behind); IMO
//! SN.1/Circ.289 for text descriptions.

use super::fields::Fields;
use crate::ais::text::Text;
use serde::Serialize;

/// 1/0: text.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TextTelegram {
    /// True if an application is to acknowledge it.
    pub acknowledgement_wanted: bool,
    /// Number of the text 1 ..= 2047.
    pub sequence: Option<u16>,
    /// The text.
    pub text: Option<Text<161>>,
}

impl TextTelegram {
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            acknowledgement_wanted: fields.flag(),
            sequence: fields.among(11, 1..=2047),
            text: fields.rest_as_text(),
        }
    }
}

/// 1/2: asks for a message of an application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApplicationInterrogation {
    /// Designated area code asked for.
    pub requested_dac: u16,
    /// Function identifier asked for.
    pub requested_fid: u8,
}

impl ApplicationInterrogation {
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            requested_dac: fields.number(10) as u16,
            requested_fid: fields.small(6),
        }
    }
}

/// 1/3: asks which applications of an area a station has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CapabilityInterrogation {
    /// Designated area code asked about.
    pub requested_dac: u16,
}

impl CapabilityInterrogation {
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            requested_dac: fields.number(10) as u16,
        }
    }
}

/// 1/4: the answer to [`CapabilityInterrogation`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CapabilityReply {
    /// Designated area code told about.
    pub told_dac: u16,
    /// Function identifiers 0 ..= 63 that the station has.
    pub available_fids: Vec<u8>,
}

impl CapabilityReply {
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        let told_dac = fields.number(10) as u16;
        let has = |_: &u8| {
            let pair = fields.number(2);
            pair & 2 == 2
        };
        Self {
            told_dac,
            available_fids: (0..64).filter(has).collect(),
        }
    }
}

/// 1/5: an application acknowledges addressed binary data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApplicationAcknowledgement {
    /// Designated area code of what is acknowledged.
    pub acknowledged_dac: u16,
    /// Function identifier of what is acknowledged.
    pub acknowledged_fid: u8,
    /// Number of the text that is acknowledged, 1 ..= 2047.
    pub sequence: Option<u16>,
    /// True if the station has the application.
    pub application_available: bool,
    /// 0 unable to respond, 1 reception acknowledged, 2 response to follow, 3 able to respond but inhibited at present.
    pub response: Option<u8>,
}

impl ApplicationAcknowledgement {
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            acknowledged_dac: fields.number(10) as u16,
            acknowledged_fid: fields.small(6),
            sequence: fields.among(11, 1..=2047),
            application_available: fields.flag(),
            response: fields.small_among(3, 0..=3),
        }
    }
}

/// 1/29 and 1/30: words that belong to another message of the same sender and linkage.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TextDescription {
    /// Which message, 1 ..= 1023.
    pub linkage: Option<u16>,
    /// The words.
    pub text: Option<Text<161>>,
}

impl TextDescription {
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            linkage: fields.linkage(),
            text: fields.rest_as_text(),
        }
    }
}
