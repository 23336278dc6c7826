//! What applications say in binary messages (types 6, 8, 25, 26): bits → typed fields in physical units.
//!
//! The decoder keeps the data as bits; they are split when asked, by [`Binary::payload`] or [`SlotBinary::payload`]. Which
//! application it is says the pair of designated area code and function identifier; each has the lengths that its standard
//! gives it ([`APPLICATIONS`](applications)), with or without the spare bits at its end, and data of another length are not
//! split: pairs are also used for other things. Values that are "not available" or reserved are `None`.
//!
//! Sources: ITU-R M.1371-5 Annex 5; IMO SN.1/Circ.236 (2004) and SN.1/Circ.289 (2010); Vessel Tracking and Tracing Standard
//! for Inland Navigation.

mod aid;
mod area;
mod environment;
mod fields;
mod geometry;
mod inland;
mod link;
mod meteo;
mod observation;
mod port;
mod ship;
mod table;
#[cfg(test)]
mod tests;

pub use aid::AidMonitoring;
pub use area::{AreaNotice, Leg, SubArea};
pub use environment::{
    CurrentVector, DistantCurrent, Environment, Sensor, SensorReport, WindReport,
};
pub use fields::{Clock, Moment};
pub use geometry::Shape;
pub use inland::{
    Date, Gauge, InlandArrival, InlandPersons, InlandShip, InlandSignal, InlandSlot, RisLocation,
    WaterLevels, WeatherWarning,
};
pub use link::{
    ApplicationAcknowledgement, ApplicationInterrogation, CapabilityInterrogation, CapabilityReply,
    TextDescription, TextTelegram,
};
pub use meteo::{Current, MetHydro, Wave};
pub use observation::{ShipObservation, Wind, WmoObservation};
pub use port::{Berth, Clearance, FairwayClosed, Route, TidalWindow, TidalWindows, TrafficSignal};
pub use ship::{
    AirDraught, Cargo, DangerousCargo, DangerousGoods, ExtendedShip, PersonsOnBoard,
    SyntheticTarget, SyntheticTargets, TargetId,
};

use super::service::{Binary, SlotBinary};
use super::text::Data;
use fields::Fields;
use serde::Serialize;
use table::{APPLICATIONS, Lengths, find};

/// Fields of one application's data.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
#[allow(
    clippy::large_enum_variant,
    reason = "made on request and looked at once; a box would only ask for memory"
)]
#[allow(missing_docs, reason = "each variant is its record")]
pub enum Payload {
    TextTelegram(TextTelegram),
    ApplicationInterrogation(ApplicationInterrogation),
    CapabilityInterrogation(CapabilityInterrogation),
    CapabilityReply(CapabilityReply),
    ApplicationAcknowledgement(ApplicationAcknowledgement),
    MetHydro(MetHydro),
    DangerousGoods(DangerousGoods),
    FairwayClosed(FairwayClosed),
    TidalWindows(TidalWindows),
    AirDraught(AirDraught),
    PersonsOnBoard(PersonsOnBoard),
    SyntheticTargets(SyntheticTargets),
    Clearance(Clearance),
    TrafficSignal(TrafficSignal),
    Berth(Berth),
    ShipObservation(ShipObservation),
    WmoObservation(WmoObservation),
    AreaNotice(AreaNotice),
    ExtendedShip(ExtendedShip),
    DangerousCargo(DangerousCargo),
    Environment(Environment),
    Route(Route),
    TextDescription(TextDescription),
    InlandShip(InlandShip),
    InlandArrival(InlandArrival),
    InlandSlot(InlandSlot),
    WeatherWarning(WeatherWarning),
    WaterLevels(WaterLevels),
    InlandSignal(InlandSignal),
    InlandPersons(InlandPersons),
    AidMonitoring(AidMonitoring),
}

/// Why data are not split into fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PayloadError {
    /// A message of type 25 or 26 without structure.
    #[error("the message names no application")]
    NoApplication,
    /// An application that is not read here.
    #[error("application {dac}/{fid} is not split into fields")]
    Unknown {
        /// Designated area code.
        dac: u16,
        /// Function identifier.
        fid: u8,
    },
    /// The data have a length that the application does not have.
    #[error("{bits} bits are no {name} ({dac}/{fid}), expected {}", Lengths(.dac, .fid))]
    Length {
        /// Designated area code.
        dac: u16,
        /// Function identifier.
        fid: u8,
        /// Name of the application.
        name: &'static str,
        /// Bits of the data.
        bits: usize,
    },
}

impl Binary {
    /// Splits the data into fields.
    ///
    /// # Errors
    ///
    /// [`PayloadError`] if the application is not read here or does not have the data's length.
    pub fn payload(&self) -> Result<Payload, PayloadError> {
        split(self.dac, self.fid, &self.data)
    }
}

impl SlotBinary {
    /// Splits the data into fields.
    ///
    /// # Errors
    ///
    /// As [`Binary::payload`], and if the message has no structure.
    pub fn payload(&self) -> Result<Payload, PayloadError> {
        let (dac, fid) = self.application.ok_or(PayloadError::NoApplication)?;
        split(dac, fid, &self.data)
    }
}

/// Name of an application that is split into fields.
pub fn application_name(dac: u16, fid: u8) -> Option<&'static str> {
    find(dac, fid).map(|application| application.name)
}

/// Every application that is split: designated area code, function identifier, name.
pub fn applications() -> impl Iterator<Item = (u16, u8, &'static str)> {
    APPLICATIONS.iter().map(|a| (a.dac, a.fid, a.name))
}

fn split(dac: u16, fid: u8, data: &Data) -> Result<Payload, PayloadError> {
    let application = find(dac, fid).ok_or(PayloadError::Unknown { dac, fid })?;
    let fits = application
        .layouts
        .iter()
        .any(|layout| layout.fits(data.len()));
    let payload = fits
        .then(|| (application.read)(&mut Fields::new(data)))
        .flatten();
    payload.ok_or(PayloadError::Length {
        dac,
        fid,
        name: application.name,
        bits: data.len(),
    })
}
