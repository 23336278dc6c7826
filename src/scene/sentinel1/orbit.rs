//! The platform's place and speed at any instant near the scene.
//!
//! In: state vectors in the Earth-fixed frame, 10 s apart in the annotation. Out: position and velocity by cubic Hermite
//! interpolation of both. Its error over a step h is h⁴/384 of the fourth derivative of position (about 1e-5 m/s⁴): 0.3 mm
//! at 10 s. Outside the vectors the path goes on as a straight line, so that far-away places still have a defined row.

use crate::scene::SceneError;
use jiff::Timestamp;

/// Position and velocity at one instant, Earth-fixed frame (WGS 84).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StateVector {
    /// The instant (UTC).
    pub time: Timestamp,
    /// Position, metres.
    pub position_m: [f64; 3],
    /// Velocity in the rotating frame, metres per second.
    pub velocity_mps: [f64; 3],
}

/// A path through state vectors.
#[derive(Debug, Clone, PartialEq)]
pub struct Orbit {
    epoch: Timestamp,
    /// Seconds after the epoch, ascending.
    times_s: Vec<f64>,
    vectors: Vec<StateVector>,
}

/// Where the platform is, how fast, and how its speed changes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Motion {
    pub(crate) position_m: [f64; 3],
    pub(crate) velocity_mps: [f64; 3],
    pub(crate) acceleration_mps2: [f64; 3],
}

impl Orbit {
    /// Makes a path; the vectors may come in any order.
    ///
    /// # Errors
    ///
    /// With fewer than two distinct instants, or if a vector is not finite or lies inside the Earth.
    pub fn from_state_vectors(vectors: &[StateVector]) -> Result<Self, SceneError> {
        let mut vectors = vectors.to_vec();
        vectors.sort_by_key(|vector| vector.time);
        vectors.dedup_by_key(|vector| vector.time);
        let sound = |vector: &StateVector| {
            let radius_m = super::geocode::norm(vector.position_m);
            let speed_mps = super::geocode::norm(vector.velocity_mps);
            (6.4e6..1e8).contains(&radius_m) && (100.0..2e4).contains(&speed_mps)
        };
        if let Some(bad) = vectors.iter().find(|vector| !sound(vector)) {
            return Err(SceneError::Geometry {
                problem: format!(
                    "the orbit state vector at {} is {:?} m, {:?} m/s: not an orbit",
                    bad.time, bad.position_m, bad.velocity_mps
                ),
            });
        }
        let Some(epoch) = vectors
            .first()
            .map(|vector| vector.time)
            .filter(|_| vectors.len() > 1)
        else {
            return Err(SceneError::Geometry {
                problem: format!("{} orbit state vectors; expected at least 2", vectors.len()),
            });
        };
        let times_s = vectors
            .iter()
            .map(|vector| seconds_between(epoch, vector.time))
            .collect();
        Ok(Self {
            epoch,
            times_s,
            vectors,
        })
    }

    /// Position and velocity at `time`.
    pub fn state_at(&self, time: Timestamp) -> StateVector {
        let motion = self.motion(self.seconds(time));
        StateVector {
            time,
            position_m: motion.position_m,
            velocity_mps: motion.velocity_mps,
        }
    }

    /// Seconds from the path's own epoch to `time`.
    pub(crate) fn seconds(&self, time: Timestamp) -> f64 {
        seconds_between(self.epoch, time)
    }

    /// The motion at `t` seconds after the epoch.
    pub(crate) fn motion(&self, t: f64) -> Motion {
        let last = self.times_s.len() - 1;
        if t <= self.times_s[0] {
            return self.straight(0, t);
        }
        if t >= self.times_s[last] {
            return self.straight(last, t);
        }
        let next = self.times_s.partition_point(|&time| time <= t);
        let (from, to) = (&self.vectors[next - 1], &self.vectors[next]);
        let h = self.times_s[next] - self.times_s[next - 1];
        let s = (t - self.times_s[next - 1]) / h;
        let mut motion = Motion {
            position_m: [0.0; 3],
            velocity_mps: [0.0; 3],
            acceleration_mps2: [0.0; 3],
        };
        for axis in 0..3 {
            // p(s) = c0 + c1·s + c2·s² + c3·s³ on 0 ..= 1.
            let c0 = from.position_m[axis];
            let c1 = from.velocity_mps[axis] * h;
            let step = to.position_m[axis] - c0;
            let end = to.velocity_mps[axis] * h;
            let c2 = 3.0 * step - 2.0 * c1 - end;
            let c3 = c1 + end - 2.0 * step;
            motion.position_m[axis] = c0 + s * (c1 + s * (c2 + s * c3));
            motion.velocity_mps[axis] = (c1 + s * (2.0 * c2 + 3.0 * s * c3)) / h;
            motion.acceleration_mps2[axis] = (2.0 * c2 + 6.0 * s * c3) / (h * h);
        }
        motion
    }

    fn straight(&self, index: usize, t: f64) -> Motion {
        let vector = &self.vectors[index];
        let dt = t - self.times_s[index];
        let mut position_m = vector.position_m;
        for (place, speed) in position_m.iter_mut().zip(vector.velocity_mps) {
            *place += speed * dt;
        }
        Motion {
            position_m,
            velocity_mps: vector.velocity_mps,
            acceleration_mps2: [0.0; 3],
        }
    }
}

/// Seconds from `start` to `end`, exact to the nanosecond over days.
pub(crate) fn seconds_between(start: Timestamp, end: Timestamp) -> f64 {
    (end.as_nanosecond() - start.as_nanosecond()) as f64 * 1e-9
}

/// The instant `seconds` after `start`; `None` beyond the calendar.
pub(crate) fn after(start: Timestamp, seconds: f64) -> Option<Timestamp> {
    let nanoseconds = (seconds * 1e9).round();
    (nanoseconds.abs() < 1e27)
        .then(|| Timestamp::from_nanosecond(start.as_nanosecond() + nanoseconds as i128).ok())
        .flatten()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed step fails the test")]
mod tests {
    use super::*;

    /// A circular path of radius 7,071 km at 7.5 km/s: has an exact answer at every instant.
    fn circle(t: f64) -> ([f64; 3], [f64; 3]) {
        let (radius, rate) = (7.071e6, 7500.0 / 7.071e6);
        let (sin, cos) = (rate * t).sin_cos();
        let position = [radius * cos, radius * sin * 0.6, radius * sin * 0.8];
        let velocity = [
            -radius * rate * sin,
            radius * rate * cos * 0.6,
            radius * rate * cos * 0.8,
        ];
        (position, velocity)
    }

    #[test]
    fn a_circle_sampled_each_10_s_is_followed_to_half_a_millimetre() {
        let start: Timestamp = "2022-10-02T20:50:25Z".parse().unwrap();
        let vectors: Vec<StateVector> = (0..12)
            .map(|i| {
                let (position_m, velocity_mps) = circle(f64::from(i) * 10.0);
                StateVector {
                    time: after(start, f64::from(i) * 10.0).unwrap(),
                    position_m,
                    velocity_mps,
                }
            })
            .collect();
        let orbit = Orbit::from_state_vectors(&vectors).unwrap();
        for step in 0..1100 {
            let t = f64::from(step) * 0.1;
            let (position, velocity) = circle(t);
            let motion = orbit.motion(t);
            for axis in 0..3 {
                // h⁴/384 · |d⁴p/dt⁴| = 1e4/384 · 7.071e6·(1.0607e-3)⁴ = 0.23 mm.
                assert!((motion.position_m[axis] - position[axis]).abs() < 5e-4);
                assert!((motion.velocity_mps[axis] - velocity[axis]).abs() < 5e-4);
            }
        }
    }

    #[test]
    fn one_vector_or_one_inside_the_earth_is_refused() {
        let time: Timestamp = "2022-10-02T20:50:25Z".parse().unwrap();
        let (position_m, velocity_mps) = circle(0.0);
        let good = StateVector {
            time,
            position_m,
            velocity_mps,
        };
        let bad = StateVector {
            time: after(time, 10.0).unwrap(),
            position_m: [f64::NAN, 0.0, 0.0],
            ..good
        };
        assert!(Orbit::from_state_vectors(&[good, good]).is_err());
        assert!(Orbit::from_state_vectors(&[good, bad]).is_err());
    }
}
