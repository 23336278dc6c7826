//! A cursor over the data of a binary message: fields in the order of a circular's table, "not available" as `None`.

use crate::ais::decode::position;
use crate::ais::text::{Data, Text};
use crate::model::units::LonLat;
use serde::Serialize;
use std::ops::RangeInclusive;

/// Month, day and time of day (UTC); each may be unknown by itself, and is where the application does not send it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Moment {
    /// Month 1 ..= 12.
    pub month: Option<u8>,
    /// Day 1 ..= 31.
    pub day: Option<u8>,
    /// Hour 0 ..= 23.
    pub hour: Option<u8>,
    /// Minute 0 ..= 59.
    pub minute: Option<u8>,
}

/// Time of day (UTC).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Clock {
    /// Hour 0 ..= 23.
    pub hour: Option<u8>,
    /// Minute 0 ..= 59.
    pub minute: Option<u8>,
}

/// Reads one field after the other. Bits behind the end of the data are 0: lengths are checked before.
pub(super) struct Fields<'a> {
    data: &'a Data,
    at: usize,
}

impl<'a> Fields<'a> {
    pub fn new(data: &'a Data) -> Self {
        Self { data, at: 0 }
    }

    /// Bits not read yet.
    pub fn left(&self) -> usize {
        self.data.len().saturating_sub(self.at)
    }

    pub fn skip(&mut self, width: usize) {
        self.at += width;
    }

    /// Unsigned number of at most 32 bits.
    pub fn number(&mut self, width: usize) -> u32 {
        let value = self.data.unsigned(self.at, width);
        self.at += width;
        value
    }

    /// Unsigned number of at most 8 bits.
    pub fn small(&mut self, width: usize) -> u8 {
        debug_assert!(width <= 8);
        self.number(width) as u8
    }

    /// Two's complement number of at most 32 bits.
    pub fn signed(&mut self, width: usize) -> i32 {
        let value = self.data.signed(self.at, width);
        self.at += width;
        value
    }

    pub fn flag(&mut self) -> bool {
        self.number(1) == 1
    }

    /// `N` six-bit characters.
    pub fn text<const N: usize>(&mut self) -> Option<Text<N>> {
        let text = self.data.text(self.at, N);
        self.at += 6 * N;
        text
    }

    /// All whole six-bit characters that are left, at most `N`.
    pub fn rest_as_text<const N: usize>(&mut self) -> Option<Text<N>> {
        let characters = self.left() / 6;
        let text = self.data.text(self.at, characters);
        self.at += 6 * characters;
        text
    }

    /// A number of at most 16 bits in `range`; others are reserved or "not available".
    pub fn among(&mut self, width: usize, range: RangeInclusive<u16>) -> Option<u16> {
        debug_assert!(width <= 16);
        let value = self.number(width) as u16;
        range.contains(&value).then_some(value)
    }

    /// A number of at most 8 bits in `range`.
    pub fn small_among(&mut self, width: usize, range: RangeInclusive<u8>) -> Option<u8> {
        let value = self.small(width);
        range.contains(&value).then_some(value)
    }

    /// A number of steps in `range`, in units of `steps` steps.
    pub fn quantity(
        &mut self,
        width: usize,
        range: RangeInclusive<u32>,
        steps: f64,
    ) -> Option<f64> {
        self.raised_quantity(width, range, 0, steps)
    }

    /// As [`Fields::quantity`], where `zero` steps are sent for 0.
    pub fn raised_quantity(
        &mut self,
        width: usize,
        range: RangeInclusive<u32>,
        zero: i32,
        steps: f64,
    ) -> Option<f64> {
        let value = self.number(width);
        range
            .contains(&value)
            .then(|| f64::from(value as i32 - zero) / steps)
    }

    /// A two's complement number of steps in `range`, in units of `steps` steps.
    pub fn signed_quantity(
        &mut self,
        width: usize,
        range: RangeInclusive<i32>,
        steps: f64,
    ) -> Option<f64> {
        let value = self.signed(width);
        range.contains(&value).then(|| f64::from(value) / steps)
    }

    /// Nine bits of whole degrees, 0 ..= 359.
    pub fn degrees(&mut self) -> Option<f64> {
        self.quantity(9, 0..=359, 1.0)
    }

    /// Longitude of `lon_width` bits, then latitude of one bit less: 25 bits in 1/1,000 minute, 28 in 1/10,000.
    pub fn place(&mut self, lon_width: usize) -> Option<LonLat> {
        let lon = self.signed(lon_width);
        let lat = self.signed(lon_width - 1);
        position(lon, lat, steps_per_degree(lon_width))
    }

    /// As [`Fields::place`], latitude first.
    pub fn place_latitude_first(&mut self, lon_width: usize) -> Option<LonLat> {
        let lat = self.signed(lon_width - 1);
        let lon = self.signed(lon_width);
        position(lon, lat, steps_per_degree(lon_width))
    }

    /// Hour and minute, 11 bits.
    pub fn clock(&mut self) -> Clock {
        Clock {
            hour: self.small_among(5, 0..=23),
            minute: self.small_among(6, 0..=59),
        }
    }

    /// Day, hour and minute, 16 bits.
    pub fn day_and_clock(&mut self) -> Moment {
        let day = self.small_among(5, 1..=31);
        let Clock { hour, minute } = self.clock();
        Moment {
            month: None,
            day,
            hour,
            minute,
        }
    }

    /// Month, day, hour and minute, 20 bits.
    pub fn moment(&mut self) -> Moment {
        let month = self.small_among(4, 1..=12);
        Moment {
            month,
            ..self.day_and_clock()
        }
    }

    /// Message linkage identifier, 10 bits.
    pub fn linkage(&mut self) -> Option<u16> {
        self.among(10, 1..=1023)
    }

    /// Eighteen bits of minutes; 262,143 is "not available".
    pub fn duration_min(&mut self) -> Option<u32> {
        let minutes = self.number(18);
        (minutes < 262_143).then_some(minutes)
    }
}

fn steps_per_degree(lon_width: usize) -> f64 {
    match lon_width {
        25 => 60_000.0,
        _ => 600_000.0,
    }
}
