//! The window about a pixel in which its sea is measured: an outer square less a guard square.

use crate::detect::DetectError;

/// Ground length that the guard must hold, metres: the largest ships afloat are 400 m, blurred.
const LARGEST_SHIP_M: f64 = 500.0;

/// Guard where the pixel spacing is not known: that of a 10 m image.
const DEFAULT_GUARD_PX: u32 = 51;

/// Narrowest default guard, pixels: room for the blur of a bright target in a coarse image.
const LEAST_GUARD_PX: u32 = 13;

/// Widest default guard, pixels; what is longer in a fine image is kept out of the background by censoring.
const WIDEST_GUARD_PX: u32 = 91;

/// Default width of the ring beside the guard, both sides together, pixels (81 − 51 at 10 m).
const RING_MARGIN_PX: u32 = 30;

/// Largest outer window, pixels: column sums of capped DN² over it stay below 2³¹.
pub(crate) const MAX_RING_PX: u32 = 121;

/// Outer and guard window, half widths in pixels: a window is 2·half + 1 across.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ring {
    /// Half width of the outer window.
    pub outer: u32,
    /// Half width of the guard.
    pub guard: u32,
}

impl Ring {
    /// The windows asked for, or those that fit the pixel spacing (metres, the smaller of the two directions) and the image: in a chip
    /// that is smaller than its window the guard is half the chip's shorter side, so that its middle has a ring.
    ///
    /// # Errors
    ///
    /// `DetectError::Parameter` if a window is even, the outer one above 121 px, or the guard leaves less than one pixel.
    pub(crate) fn choose(
        ring_px: Option<u32>,
        guard_px: Option<u32>,
        (spacing_m, side_px): (Option<f64>, u32),
    ) -> Result<Self, DetectError> {
        let of_ships = spacing_m.map_or(DEFAULT_GUARD_PX, |spacing| {
            let across = (LARGEST_SHIP_M / spacing).clamp(0.0, 1e6) as u32;
            (across | 1).clamp(LEAST_GUARD_PX, WIDEST_GUARD_PX)
        });
        let fitting = if side_px < of_ships + RING_MARGIN_PX {
            of_ships.min((side_px / 2) | 1).max(3)
        } else {
            of_ships
        };
        let guard = guard_px.unwrap_or_else(|| match ring_px {
            // A user's narrow ring keeps the default's proportion.
            Some(ring) if ring <= fitting + 1 => (ring * 5 / 8) | 1,
            _ => fitting,
        });
        let ring = ring_px.unwrap_or((guard + RING_MARGIN_PX).min(MAX_RING_PX));
        if ring.is_multiple_of(2) || !(5..=MAX_RING_PX).contains(&ring) {
            return Err(DetectError::Parameter {
                name: "ring_px",
                value: ring.to_string(),
                expected: "an odd number of pixels, 5 to 121",
            });
        }
        if guard.is_multiple_of(2) || guard + 2 > ring {
            return Err(DetectError::Parameter {
                name: "guard_px",
                value: guard.to_string(),
                expected: "an odd number of pixels, at least 2 below ring_px",
            });
        }
        Ok(Self {
            outer: ring / 2,
            guard: guard / 2,
        })
    }

    /// Outer window, pixels across.
    pub(crate) fn ring_px(self) -> u32 {
        2 * self.outer + 1
    }

    /// Guard window, pixels across.
    pub(crate) fn guard_px(self) -> u32 {
        2 * self.guard + 1
    }

    /// Pixels in the ring.
    pub(crate) fn area(self) -> u32 {
        self.ring_px().pow(2) - self.guard_px().pow(2)
    }

    /// Fewest valid ring pixels for a test: a sixteenth of the ring. With fewer the mean's own scatter would raise the
    /// false-alarm probability by more than a tenth, and the pixel counts as not searched.
    pub(crate) fn fewest(self) -> u32 {
        (self.area() / 16).max(8)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "the windows are valid by construction")]
mod tests {
    use super::*;

    fn default_px(spacing_m: Option<f64>) -> (u32, u32) {
        let ring = Ring::choose(None, None, (spacing_m, 1_000)).unwrap();
        (ring.ring_px(), ring.guard_px())
    }

    #[test]
    fn the_guard_holds_the_largest_ship_where_the_window_allows() {
        assert_eq!(default_px(Some(10.0)), (81, 51));
        assert_eq!(default_px(None), (81, 51));
        assert_eq!(default_px(Some(40.0)), (43, 13));
        assert_eq!(default_px(Some(20.0)), (55, 25));
        assert_eq!(default_px(Some(1.0)), (121, 91));
        assert_eq!(default_px(Some(1000.0)), (43, 13));
    }

    #[test]
    fn the_middle_of_a_chip_has_a_ring_however_small_the_chip_is() {
        for side_px in [5, 25, 33, 80] {
            let ring = Ring::choose(None, None, (Some(10.0), side_px)).unwrap();
            let within = side_px.pow(2) - ring.guard_px().pow(2).min(side_px.pow(2));
            assert!(2 * within > side_px.pow(2), "{side_px}: {ring:?}");
        }
        assert_eq!(
            Ring::choose(None, None, (Some(10.0), 81))
                .unwrap()
                .guard_px(),
            51
        );
    }

    #[test]
    fn windows_without_a_ring_are_refused_by_name() {
        for (ring, guard) in [(80, 51), (81, 50), (51, 51), (123, 51), (3, 1)] {
            let error = Ring::choose(Some(ring), Some(guard), (None, 1_000))
                .unwrap_err()
                .to_string();
            assert!(error.contains("_px"), "{error}");
        }
        assert!(Ring::choose(Some(21), None, (None, 1_000)).is_ok());
    }
}
