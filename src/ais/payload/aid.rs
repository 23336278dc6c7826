//! State of an aid to navigation, told to its keeper: 235/10 and 250/10.
//!
//! Source: the message of the General Lighthouse Authorities in IALA's register of application specific messages.

use super::fields::Fields;
use serde::Serialize;

/// 235/10 and 250/10.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AidMonitoring {
    /// Supply of the AIS unit, volts, 0.05 ..= 36.
    pub supply_v: Option<f64>,
    /// The two external inputs, volts, 0.05 ..= 36.
    pub external_v: [Option<f64>; 2],
    /// 0 no racon, 1 not monitored, 2 operational, 3 error.
    pub racon: u8,
    /// 0 no light or not monitored, 1 on, 2 off, 3 error.
    pub light: u8,
    /// True if its health is bad.
    pub alarm: bool,
    /// The eight digital inputs, the first in the lowest bit.
    pub digital_inputs: u8,
    /// True if off its place.
    pub off_position: bool,
}

impl AidMonitoring {
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        let mut volts = || fields.quantity(10, 1..=720, 20.0);
        let (supply_v, external_v) = (volts(), [volts(), volts()]);
        Self {
            supply_v,
            external_v,
            racon: fields.small(2),
            light: fields.small(2),
            alarm: fields.flag(),
            digital_inputs: fields.small(8),
            off_position: fields.flag(),
        }
    }
}
