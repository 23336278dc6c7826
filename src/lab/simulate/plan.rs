//! A product that does not exist yet: its orbit, its timing, its range polynomials, its name.

use super::options::{ModeTraits, SceneOptions};
use super::orbit::{CircularOrbit, Vector, length, minus, to_earth_fixed, to_place};
use crate::model::id::content_id;
use crate::model::units::LonLat;
use jiff::{SignedDuration, Timestamp};

/// Highest power of the range polynomials: leaves under 1 mm over a full swath.
const DEGREE: usize = 6;

/// Everything the sheets of a product are written from.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) traits: ModeTraits,
    pub(crate) scene: SceneOptions,
    pub(crate) orbit: CircularOrbit,
    /// When the centre is seen: time 0 of the orbit.
    pub(crate) epoch: Timestamp,
    pub(crate) first_line: Timestamp,
    pub(crate) last_line: Timestamp,
    pub(crate) line_interval_s: f64,
    /// Slant range of column 0, metres: the same in every row.
    pub(crate) near_range_m: f64,
    pub(crate) absolute_orbit: i64,
    pub(crate) data_take: u32,
    /// Product name without `.SAFE`.
    pub(crate) name: String,
}

/// Polynomials between slant and ground range at one time.
pub(crate) struct RangePolynomials {
    pub(crate) time: Timestamp,
    /// Ground range as a polynomial of (slant range − near range), lowest power first.
    pub(crate) ground: Vec<f64>,
    /// Slant range as a polynomial of ground range, lowest power first.
    pub(crate) slant: Vec<f64>,
}

/// Adds seconds, rounded to the microseconds that the format carries.
pub(crate) fn after(time: Timestamp, seconds: f64) -> Timestamp {
    let micros = (seconds * 1e6).round() as i64;
    time.checked_add(SignedDuration::from_micros(micros))
        .unwrap_or(time)
}

impl Plan {
    pub(crate) fn new(scene: &SceneOptions, seed: u64) -> Self {
        let traits = scene.mode.traits();
        let orbit = CircularOrbit::over(scene.centre, scene.incidence_deg, scene.pass);
        let centre_range = length(minus(orbit.state(0.0).0, to_earth_fixed(scene.centre)));
        // One row is one pixel spacing of ground at the centre.
        let ground_speed = to_place(orbit.locate(-0.5, centre_range))
            .distance_m(to_place(orbit.locate(0.5, centre_range)));
        let line_interval_s = traits.spacing_m / ground_speed;
        let rows = f64::from(scene.height_px - 1);
        let start = after(scene.start, 0.0);
        let epoch = after(start, rows / 2.0 * line_interval_s);
        let last_line = after(start, rows * line_interval_s);
        let half_m = f64::from(scene.width_px - 1) / 2.0 * traits.spacing_m;
        let near_range_m = near_range(&orbit, scene.centre, centre_range, half_m);
        // Sentinel-1A's count of orbits, 5,924.57 s each, from 45,268 on 2022-10-02 at 20:04:15 UTC.
        let reference = Timestamp::from_second(1_664_741_055).unwrap_or(epoch);
        let since = epoch.duration_since(reference).as_secs_f64();
        let absolute_orbit = (45_268 + (since / 5924.57).floor() as i64).max(1);
        let digest = content_id("", &[&seed.to_string(), &format!("{scene:?}")]);
        let data_take = u32::from_str_radix(&digest[1..6], 16).unwrap_or(1);
        let compact = |time: Timestamp| time.strftime("%Y%m%dT%H%M%S").to_string();
        let name = format!(
            "S1A_{}_GRD{}_1SDV_{}_{}_{absolute_orbit:06}_{data_take:06X}_{}",
            if traits.mode == "SM" {
                traits.swath
            } else {
                traits.mode
            },
            traits.resolution,
            compact(start),
            compact(last_line),
            digest[6..10].to_uppercase(),
        );
        Self {
            traits,
            scene: scene.clone(),
            orbit,
            epoch,
            first_line: start,
            last_line,
            line_interval_s,
            near_range_m,
            absolute_orbit,
            data_take,
            name,
        }
    }

    /// Seconds from the orbit's time 0 to `time`.
    pub(crate) fn seconds(&self, time: Timestamp) -> f64 {
        time.duration_since(self.epoch).as_secs_f64()
    }

    /// Seconds of a row in the orbit's time.
    pub(crate) fn seconds_of_row(&self, row: f64) -> f64 {
        self.seconds(self.first_line) + row * self.line_interval_s
    }

    /// Slant range of a column, by the definition of ground range.
    fn slant_of_ground(&self, seconds: f64, ground_m: f64) -> f64 {
        let near = to_place(self.orbit.locate(seconds, self.near_range_m));
        let mut range = self.near_range_m;
        // Ground range grows by 1/sin(incidence) with slant range: secant steps close quickly.
        let mut slope = 0.6;
        let mut ground = 0.0;
        for _ in 0..12 {
            let next = range + (ground_m - ground) * slope;
            if (next - range).abs() < 1e-7 {
                break;
            }
            let reached = near.distance_m(to_place(self.orbit.locate(seconds, next)));
            slope = (next - range) / (reached - ground);
            (range, ground) = (next, reached);
        }
        range
    }

    /// Satellite and ground point of a pixel.
    pub(crate) fn sight(&self, row: f64, col: f64) -> (Vector, Vector) {
        let seconds = self.seconds_of_row(row);
        let range = self.slant_of_ground(seconds, col * self.traits.spacing_m);
        (
            self.orbit.state(seconds).0,
            self.orbit.locate(seconds, range),
        )
    }

    /// Range polynomials about every second, from a second before the first row to one after the last.
    pub(crate) fn range_polynomials(&self) -> Vec<RangePolynomials> {
        let lasts = self.seconds(self.last_line) - self.seconds(self.first_line);
        (0..=(lasts.ceil() as i32 + 2))
            .map(|second| {
                let time = after(self.first_line, f64::from(second) - 1.0);
                let seconds = self.seconds(time);
                let reach = f64::from(self.scene.width_px) * self.traits.spacing_m;
                let nodes: Vec<f64> = chebyshev_nodes().iter().map(|x| x * reach).collect();
                let slants: Vec<f64> = nodes
                    .iter()
                    .map(|ground| self.slant_of_ground(seconds, *ground))
                    .collect();
                let offsets: Vec<f64> = slants.iter().map(|s| s - self.near_range_m).collect();
                RangePolynomials {
                    time,
                    ground: interpolate(&offsets, &nodes),
                    slant: interpolate(&nodes, &slants),
                }
            })
            .collect()
    }
}

/// Slant range whose ground point lies `half_m` before the centre.
fn near_range(orbit: &CircularOrbit, centre: LonLat, centre_range: f64, half_m: f64) -> f64 {
    let mut range = centre_range;
    let mut slope = 0.6;
    let mut ground = 0.0;
    for _ in 0..20 {
        let next = range - (half_m - ground) * slope;
        if (next - range).abs() < 1e-7 {
            break;
        }
        let reached = centre.distance_m(to_place(orbit.locate(0.0, next)));
        slope = (range - next) / (reached - ground);
        (range, ground) = (next, reached);
    }
    range
}

/// Points on 0 ..= 1 at which interpolation is even.
fn chebyshev_nodes() -> [f64; DEGREE + 1] {
    std::array::from_fn(|i| {
        let angle = std::f64::consts::PI * (i as f64 + 0.5) / (DEGREE + 1) as f64;
        0.5 - 0.5 * angle.cos()
    })
}

/// Coefficients, lowest power first, of the polynomial through (x, y): divided differences, then expanded.
fn interpolate(x: &[f64], y: &[f64]) -> Vec<f64> {
    let scale = x.iter().copied().fold(0.0, f64::max);
    let x: Vec<f64> = x.iter().map(|value| value / scale).collect();
    let mut differences = y.to_vec();
    for order in 1..x.len() {
        for i in (order..x.len()).rev() {
            differences[i] = (differences[i] - differences[i - 1]) / (x[i] - x[i - order]);
        }
    }
    let mut coefficients = vec![0.0; x.len()];
    for i in (0..x.len()).rev() {
        // coefficients ← coefficients · (t − x_i) + difference_i
        for power in (1..x.len()).rev() {
            coefficients[power] = coefficients[power - 1] - coefficients[power] * x[i];
        }
        coefficients[0] = differences[i] - coefficients[0] * x[i];
    }
    coefficients
        .iter()
        .enumerate()
        .map(|(power, c)| c / scale.powi(power as i32))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::options::Mode;
    use super::*;
    use crate::model::scene::Pass;

    fn plan(mode: Mode) -> Plan {
        let scene = SceneOptions {
            centre: LonLat::new(123.5, 25.8),
            mode,
            width_px: 1500,
            height_px: 1300,
            start: "2024-05-01T09:30:00Z".parse().expect("an instant"),
            pass: Pass::Descending,
            incidence_deg: 38.5,
        };
        Plan::new(&scene, 1)
    }

    #[test]
    fn centre_pixel_is_the_centre_and_pixels_are_square() {
        for mode in [Mode::IwGrdh, Mode::EwGrdm] {
            let plan = plan(mode);
            let at = |row, col| to_place(plan.sight(row, col).1);
            // Half a microsecond of rounding is 3 mm; a 60 km half width is no straight line to 1 m.
            assert!(plan.scene.centre.distance_m(at(649.5, 749.5)) < 1.0);
            let spacing = plan.traits.spacing_m;
            assert!((at(649.0, 749.5).distance_m(at(650.0, 749.5)) / spacing - 1.0).abs() < 1e-3);
            assert!((at(649.5, 749.0).distance_m(at(649.5, 750.0)) / spacing - 1.0).abs() < 1e-3);
        }
    }

    #[test]
    fn polynomials_return_slant_and_ground_range_to_a_millimetre() {
        let plan = plan(Mode::EwGrdm);
        let polynomials = plan.range_polynomials();
        let at = &polynomials[2];
        let seconds = plan.seconds(at.time);
        let value = |c: &[f64], x: f64| c.iter().rev().fold(0.0, |sum, c| sum * x + c);
        for ground in [0.0, 7_000.0, 31_000.0, 60_000.0] {
            let slant = plan.slant_of_ground(seconds, ground);
            assert!((value(&at.slant, ground) - slant).abs() < 1e-3);
            assert!((value(&at.ground, slant - plan.near_range_m) - ground).abs() < 2e-3);
        }
    }

    #[test]
    fn names_follow_the_convention_and_the_orbit_count_fits_a_real_product() {
        let plan = plan(Mode::IwGrdh);
        assert!(
            plan.name
                .starts_with("S1A_IW_GRDH_1SDV_20240501T093000_20240501T0930")
        );
        assert_eq!(plan.name.len(), 67);
    }
}
