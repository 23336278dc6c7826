//! Binary messages of NMEA 0183 logs, one record each: who said when what, split into fields where the application is known.

use super::message::Message;
use super::nmea::{PIECE, Reader};
use super::payload::{Payload, Shape, application_name};
use super::text::Data;
use super::{AisError, Content, Input, checked, looked_at, unpacked};
use crate::model::units::Mmsi;
use jiff::Timestamp;
use serde::{Serialize, Serializer};
use std::io::Read;
use std::path::{Path, PathBuf};

/// One binary message (types 6, 8, 25, 26).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BinaryRecord {
    /// When it was received, if the log tells.
    pub time: Option<Timestamp>,
    /// Who; nine digits in JSON.
    #[serde(serialize_with = "nine_digits")]
    pub mmsi: Mmsi,
    /// Message type.
    #[serde(rename = "type")]
    pub type_number: u8,
    /// To whom, if to one station.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "told_digits"
    )]
    pub destination: Option<Mmsi>,
    /// Designated area code; `None` without structure.
    pub dac: Option<u16>,
    /// Function identifier.
    pub fid: Option<u8>,
    /// Name of the application, if it is one that is split.
    pub name: Option<&'static str>,
    /// Its fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payload: Option<Payload>,
    /// What an area notice draws, as GeoJSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub geometry: Option<GeometryCollection>,
    /// The data where they are not split.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub unsplit: Option<Unsplit>,
}

/// Data that are not split into fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unsplit {
    /// Why.
    pub reason: String,
    /// How many bits.
    pub bits: usize,
    /// The bits in hexadecimal, filled up with 0 to whole bytes.
    pub data: String,
}

/// Shapes as one geometry (RFC 7946 §3.1.8).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type")]
pub struct GeometryCollection {
    /// The shapes.
    pub geometries: Vec<Shape>,
}

fn nine_digits<S: Serializer>(mmsi: &Mmsi, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(mmsi)
}

fn told_digits<S: Serializer>(mmsi: &Option<Mmsi>, serializer: S) -> Result<S::Ok, S::Error> {
    match mmsi {
        Some(mmsi) => serializer.collect_str(mmsi),
        None => serializer.serialize_none(),
    }
}

impl BinaryRecord {
    /// The record of a message; `None` for messages of other types.
    pub fn new(message: &Message, time: Option<Timestamp>) -> Option<Self> {
        let (destination, payload, data) = match message {
            Message::Binary(binary) => (
                binary.addressed.map(|to| to.destination),
                binary.payload(),
                &binary.data,
            ),
            Message::SlotBinary(binary) => (binary.destination, binary.payload(), &binary.data),
            _ => return None,
        };
        let application = message.application();
        let geometry = match &payload {
            Ok(Payload::AreaNotice(notice)) => Some(GeometryCollection {
                geometries: notice.shapes(),
            }),
            _ => None,
        };
        let (payload, unsplit) = match payload {
            Ok(payload) => (Some(payload), None),
            Err(reason) => (None, Some(Unsplit::new(reason.to_string(), data))),
        };
        Some(Self {
            time,
            mmsi: message.mmsi(),
            type_number: message.type_number(),
            destination,
            dac: application.map(|(dac, _)| dac),
            fid: application.map(|(_, fid)| fid),
            name: application.and_then(|(dac, fid)| application_name(dac, fid)),
            payload,
            geometry,
            unsplit,
        })
    }
}

impl Unsplit {
    fn new(reason: String, data: &Data) -> Self {
        let digits = data.bytes().iter().map(|byte| format!("{byte:02x}"));
        Self {
            reason,
            bits: data.len(),
            data: digits.collect(),
        }
    }
}

/// A log that is read for its binary messages, a few megabytes at a time.
pub struct BinaryLog {
    path: PathBuf,
    log: Box<dyn Read>,
    reader: Reader,
    held: Vec<u8>,
    ended: bool,
}

impl BinaryLog {
    /// Opens a log, plain or packed by gzip or zstd.
    ///
    /// # Errors
    ///
    /// [`AisError`] if it cannot be read, is empty, or is no log of NMEA 0183 sentences.
    pub fn open(path: &Path) -> Result<Self, AisError> {
        let error = |source| AisError::read(path, source);
        let path = path.to_owned();
        let Input::Stream(input) = unpacked(&path).map_err(error)? else {
            return Err(AisError::NoBinary { path });
        };
        let (found, input) = looked_at(input).map_err(error)?;
        match found {
            Content::Nmea => Ok(Self {
                path,
                log: Box::new(input),
                reader: Reader::with_binary(),
                held: Vec::new(),
                ended: false,
            }),
            Content::Nothing => Err(AisError::Empty { path }),
            Content::Archive => Err(AisError::Archive { path }),
            _ => Err(AisError::NoBinary { path }),
        }
    }

    /// The next records in the order of the log; `None` at its end.
    ///
    /// # Errors
    ///
    /// [`AisError`] if the log cannot be read on, or at its end if no line of it was an AIS message.
    pub fn next_records(&mut self) -> Result<Option<Vec<BinaryRecord>>, AisError> {
        if self.ended {
            let reader = std::mem::take(&mut self.reader);
            return checked(reader.finish(), &self.path).map(|_| None);
        }
        let more = self.reader.batch(&mut self.log, PIECE, &mut self.held);
        self.ended = !more.map_err(|source| AisError::read(&self.path, source))?;
        // Reports are not asked for here.
        let reception = self.reader.reception();
        reception.positions.clear();
        reception.statics.clear();
        let messages = self.reader.take_binary();
        let records = messages
            .iter()
            .filter_map(|(time, message)| BinaryRecord::new(message, *time));
        Ok(Some(records.collect()))
    }
}
