//! How ships truly move: phases of steady going broken by turns, stops and changes of speed, on a plane of metres.
//!
//! A [`Habit`] is a chain of phases (tow, haul, steam, …), each with an exponential duration, a range of speeds and a
//! change of course at its start. Speed and course follow with the acceleration and the rate of turn of the hull, and
//! wander about their targets (Ornstein–Uhlenbeck: helm, wind, current). The figures are what such ships do in AIS
//! records in general; the association's own laws of motion are of another form on purpose.

use crate::model::units::KNOT_MPS;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Exp1, StandardNormal};

/// Hours simulated before and after the image.
pub(super) const SPAN_S: f64 = 4.0 * 3600.0;
/// Step of the simulation, seconds.
const STEP_S: f64 = 15.0;

/// Two ships nearer to each other than this make one echo, metres.
const NEAREST_MATE_M: f64 = 200.0;

/// What a ship is doing all day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Habit {
    /// A merchant ship on passage.
    Passage,
    /// A trawler: tows, hauls, steams.
    Trawler,
    /// A longliner or jigger: drifts, steams.
    Drifter,
    /// A small craft: runs and stops.
    SmallCraft,
    /// At anchor.
    Anchored,
}

/// One thing that a ship does for a while.
struct Phase {
    mean_minutes: f64,
    speed_kn: (f64, f64),
    /// Standard deviation of the change of course at its start, degrees.
    turn_deg: f64,
    /// Weights of the phases that may follow.
    next: &'static [f64],
}

/// How a hull answers, and how it wanders about its target.
struct Helm {
    acceleration_mps2: f64,
    turn_deg_per_s: f64,
    wander_deg: f64,
    wander_s: f64,
    /// As a share of the speed.
    surge: f64,
}

impl Habit {
    fn phases(self) -> &'static [Phase] {
        const fn phase(
            mean_minutes: f64,
            speed_kn: (f64, f64),
            turn_deg: f64,
            next: &'static [f64],
        ) -> Phase {
            Phase {
                mean_minutes,
                speed_kn,
                turn_deg,
                next,
            }
        }
        match self {
            Self::Passage => {
                const {
                    &[
                        phase(150.0, (9.0, 17.0), 25.0, &[0.94, 0.06]),
                        phase(40.0, (0.2, 3.0), 40.0, &[1.0, 0.0]),
                    ]
                }
            }
            Self::Trawler => {
                const {
                    &[
                        phase(50.0, (2.5, 4.5), 100.0, &[0.5, 0.4, 0.1]),
                        phase(15.0, (0.3, 1.5), 40.0, &[0.8, 0.0, 0.2]),
                        phase(40.0, (7.0, 10.0), 100.0, &[0.8, 0.2, 0.0]),
                    ]
                }
            }
            Self::Drifter => {
                const {
                    &[
                        phase(130.0, (0.3, 1.2), 20.0, &[0.6, 0.4]),
                        phase(40.0, (6.0, 9.0), 120.0, &[0.9, 0.1]),
                    ]
                }
            }
            Self::SmallCraft => {
                const {
                    &[
                        phase(40.0, (5.0, 20.0), 50.0, &[0.7, 0.3]),
                        phase(25.0, (0.0, 1.5), 60.0, &[0.7, 0.3]),
                    ]
                }
            }
            Self::Anchored => const { &[phase(600.0, (0.0, 0.1), 90.0, &[1.0])] },
        }
    }

    fn helm(self) -> Helm {
        match self {
            Self::Passage | Self::Anchored => Helm {
                acceleration_mps2: 0.012,
                turn_deg_per_s: 0.2,
                wander_deg: 1.2,
                wander_s: 500.0,
                surge: 0.015,
            },
            Self::Trawler | Self::Drifter => Helm {
                acceleration_mps2: 0.04,
                turn_deg_per_s: 0.6,
                wander_deg: 4.0,
                wander_s: 300.0,
                surge: 0.05,
            },
            Self::SmallCraft => Helm {
                acceleration_mps2: 0.1,
                turn_deg_per_s: 1.5,
                wander_deg: 5.0,
                wander_s: 200.0,
                surge: 0.05,
            },
        }
    }
}

/// Place and velocity on the plane.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Motion {
    /// Metres east and north.
    pub(super) place_m: [f64; 2],
    /// Metres per second east and north.
    pub(super) velocity_mps: [f64; 2],
}

impl Motion {
    pub(super) fn speed_mps(&self) -> f64 {
        self.velocity_mps[0].hypot(self.velocity_mps[1])
    }

    /// Degrees true, 0 ≤ c < 360.
    pub(super) fn course_deg(&self) -> f64 {
        let [east, north] = self.velocity_mps;
        east.atan2(north).to_degrees().rem_euclid(360.0)
    }
}

/// The true path of one ship from [`SPAN_S`] before to [`SPAN_S`] after the image.
pub(super) struct Voyage {
    steps: Vec<Motion>,
}

impl Voyage {
    /// Sails a ship so that it is at `place_m` at second 0. `bound_deg` is the direction it is bound for, if any:
    /// each phase's course is laid about it instead of about the last course.
    pub(super) fn sail(
        habit: Habit,
        place_m: [f64; 2],
        bound_deg: Option<f64>,
        rng: &mut ChaCha8Rng,
    ) -> Self {
        let count = (2.0 * SPAN_S / STEP_S) as usize + 1;
        let mut steps = Vec::with_capacity(count);
        let mut crew = Crew::new(habit, bound_deg, rng);
        let mut at = [0.0; 2];
        for _ in 0..count {
            let velocity_mps = crew.step(rng);
            steps.push(Motion {
                place_m: at,
                velocity_mps,
            });
            at = [
                at[0] + velocity_mps[0] * STEP_S,
                at[1] + velocity_mps[1] * STEP_S,
            ];
        }
        let middle = steps[count / 2].place_m;
        for step in &mut steps {
            for axis in 0..2 {
                step.place_m[axis] += place_m[axis] - middle[axis];
            }
        }
        Self { steps }
    }

    /// The same voyage, `off_m` metres east and north of it, but never so near that both make one echo.
    pub(super) fn abreast(&self, off_m: [f64; 2]) -> Self {
        let apart_m = off_m[0].hypot(off_m[1]).max(1.0);
        let scale = (NEAREST_MATE_M / apart_m).max(1.0);
        let steps = self.steps.iter().map(|step| Motion {
            place_m: std::array::from_fn(|i| step.place_m[i] + scale * off_m[i]),
            velocity_mps: step.velocity_mps,
        });
        Self {
            steps: steps.collect(),
        }
    }

    /// The state `at_s` seconds after the image; the ends are held outside the span.
    pub(super) fn at(&self, at_s: f64) -> Motion {
        let steps = ((at_s + SPAN_S) / STEP_S).clamp(0.0, (self.steps.len() - 1) as f64);
        let first = (steps as usize).min(self.steps.len() - 2);
        let (a, b, part) = (
            &self.steps[first],
            &self.steps[first + 1],
            steps - first as f64,
        );
        let mix = |x: [f64; 2], y: [f64; 2]| std::array::from_fn(|i| x[i] + part * (y[i] - x[i]));
        Motion {
            place_m: mix(a.place_m, b.place_m),
            velocity_mps: mix(a.velocity_mps, b.velocity_mps),
        }
    }
}

/// The helm of one ship at one moment.
struct Crew {
    habit: Habit,
    bound_deg: Option<f64>,
    phase: usize,
    left_s: f64,
    target_mps: f64,
    target_deg: f64,
    speed_mps: f64,
    course_deg: f64,
    wander_deg: f64,
    surge: f64,
}

impl Crew {
    fn new(habit: Habit, bound_deg: Option<f64>, rng: &mut ChaCha8Rng) -> Self {
        let course_deg = bound_deg.unwrap_or_else(|| rng.random_range(0.0..360.0));
        let mut crew = Self {
            habit,
            bound_deg,
            phase: 0,
            left_s: 0.0,
            target_mps: 0.0,
            target_deg: course_deg,
            speed_mps: 0.0,
            course_deg,
            wander_deg: 0.0,
            surge: 0.0,
        };
        crew.begin(0, rng);
        crew.speed_mps = crew.target_mps;
        crew.course_deg = crew.target_deg;
        crew
    }

    fn begin(&mut self, phase: usize, rng: &mut ChaCha8Rng) {
        let chosen = &self.habit.phases()[phase];
        let wait: f64 = Exp1.sample(rng);
        let (low, high) = chosen.speed_kn;
        let kept = phase == self.phase && self.left_s < 0.0 && self.habit == Habit::Passage;
        self.phase = phase;
        self.left_s = wait * chosen.mean_minutes * 60.0;
        // A merchant ship turns at a waypoint without a change of speed.
        if !kept {
            self.target_mps = rng.random_range(low..high) * KNOT_MPS;
        }
        let turn: f64 = StandardNormal.sample(rng);
        let about = self.bound_deg.unwrap_or(self.target_deg);
        // Those bound for somewhere keep to their lane.
        let share = if self.bound_deg.is_some() { 0.2 } else { 1.0 };
        self.target_deg = about + share * chosen.turn_deg * turn;
    }

    fn step(&mut self, rng: &mut ChaCha8Rng) -> [f64; 2] {
        self.left_s -= STEP_S;
        if self.left_s < 0.0 {
            let weights = self.habit.phases()[self.phase].next;
            let mut draw = rng.random_range(0.0..1.0);
            let mut next = 0;
            for (index, weight) in weights.iter().enumerate() {
                if *weight > 0.0 {
                    next = index;
                    if draw < *weight {
                        break;
                    }
                }
                draw -= weight;
            }
            self.begin(next, rng);
        }
        let helm = self.habit.helm();
        let faster = helm.acceleration_mps2 * STEP_S;
        self.speed_mps += (self.target_mps - self.speed_mps).clamp(-faster, faster);
        let turn = (self.target_deg - self.course_deg + 180.0).rem_euclid(360.0) - 180.0;
        let most = helm.turn_deg_per_s * STEP_S;
        self.course_deg += turn.clamp(-most, most);
        let keep = (-STEP_S / helm.wander_s).exp();
        let fresh = (1.0 - keep * keep).sqrt();
        let (a, b): (f64, f64) = (StandardNormal.sample(rng), StandardNormal.sample(rng));
        self.wander_deg = keep * self.wander_deg + fresh * helm.wander_deg * a;
        self.surge = keep * self.surge + fresh * helm.surge * b;
        let speed = (self.speed_mps * (1.0 + self.surge)).max(0.0);
        let (sin, cos) = (self.course_deg + self.wander_deg).to_radians().sin_cos();
        [speed * sin, speed * cos]
    }
}
