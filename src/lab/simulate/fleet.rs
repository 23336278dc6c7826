//! Ships of known place, size, movement and identity, and the verdict each of them deserves.

use super::casts;
use super::land::LandRows;
use super::log::REACH_S;
use super::motion::{Course, imaged};
use super::options::FleetOptions;
use super::paint::Picture;
use super::response::{Hull, Patch};
use super::stage::Stage;
use crate::lab::LabError;
use crate::lab::truth::{Confidence, Imaged, Kind, TruthArtefact, TruthShip};
use crate::model::contact::Verdict;
use crate::model::units::{LonLat, Mmsi};
use crate::region::load_points;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

/// Peak contrast from which a ship stands out by itself: the threshold of K clutter with ν = 8 and 4.4 looks at 10⁻⁷.
const VISIBLE_DB: f64 = 10.5;
/// How much brighter than its like a ship of [`BRIGHT_M`] may be where all that ships cast is drawn, dB: corners of a
/// superstructure return more than a hull's mean.
const BRIGHTER_DB: f64 = 20.0;
/// Length from which a ship may be that bright, metres.
const BRIGHT_M: f64 = 100.0;
/// Random stream of the fleet; the sea's streams are 1 and 2 in their upper half.
const STREAM: u64 = 3 << 40;
/// MMSI digits: maritime identification digits 299 belong to no administration.
const SHIP_MMSI: u32 = 299_000_000;
const AID_MMSI: u32 = 992_991_000;
const BEACON_MMSI: u32 = 970_000_000;

/// What a ship is to the simulation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Transmitting,
    Silent,
    Hullless,
    Raft,
    /// The second hull of a raft: one picture with the first, so nobody is asked to see it by itself.
    RaftMate,
    Fixed,
    Beacon,
}

/// A fleet in one scene.
pub(crate) struct Fleet {
    pub(crate) ships: Vec<TruthShip>,
    pub(crate) pictures: Vec<Picture>,
    /// What they cast, where it is drawn in full.
    pub(crate) artefacts: Vec<TruthArtefact>,
}

/// Places the fleet in the sea of a scene.
pub(crate) fn fleet(
    stage: &Stage,
    land: &LandRows,
    options: &FleetOptions,
    (seed, wind_mps): (u64, f64),
) -> Result<Fleet, LabError> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(STREAM);
    let mut yard = Yard {
        stage,
        land,
        options,
        wind_mps,
        rng,
        taken: Vec::new(),
        fleet: Fleet {
            ships: Vec::new(),
            pictures: Vec::new(),
            artefacts: Vec::new(),
        },
    };
    let stands = match &options.fixed_at {
        Some(path) => load_points(path)?,
        None => Vec::new(),
    };
    for (number, place) in stands.iter().enumerate() {
        let at = stage
            .geometry
            .pixel_of(*place)
            .filter(|at| stage.is_inside(*at))
            .ok_or_else(|| LabError::Option {
                option: "fixed-at",
                value: format!("{:.5} {:.5}", place.lon_deg, place.lat_deg),
                expected: "places inside the scene",
            })?;
        yard.taken.push(at);
        yard.launch(Role::Fixed, number as u32, at)?;
    }
    // The hardest to place come first.
    let roles = [
        (Role::Raft, options.rafts),
        (Role::Fixed, options.fixed),
        (Role::Hullless, options.ais_only),
        (Role::Beacon, options.beacons),
        (Role::Transmitting, options.correlated),
        (Role::Silent, options.silent),
    ];
    let wanted = roles.iter().map(|(_, count)| *count as usize).sum();
    for (role, count) in roles {
        for number in 0..count {
            let Some(place) = yard.free_place() else {
                return Err(LabError::NoRoom {
                    placed: yard.taken.len(),
                    wanted,
                    separation_m: options.separation_m,
                });
            };
            yard.launch(role, number, place)?;
        }
    }
    Ok(yard.fleet)
}

struct Yard<'a> {
    stage: &'a Stage,
    land: &'a LandRows,
    options: &'a FleetOptions,
    wind_mps: f64,
    rng: ChaCha8Rng,
    /// Rows and columns in use.
    taken: Vec<(f64, f64)>,
    fleet: Fleet,
}

impl Yard<'_> {
    /// A pixel at sea, away from the edges, from land and from all others.
    fn free_place(&mut self) -> Option<(f64, f64)> {
        let annotation = &self.stage.annotation;
        let spacing = annotation.range_spacing_m;
        let apart = self.options.separation_m / spacing;
        // Movers are shifted by up to 600 m along azimuth: keep their pictures inside.
        let margin = (800.0 / spacing).max(24.0);
        let (rows, cols) = (f64::from(annotation.rows), f64::from(annotation.cols));
        if rows <= 2.0 * margin || cols <= 2.0 * margin {
            return None;
        }
        for _ in 0..20_000 {
            let row = self.rng.random_range(margin..rows - margin);
            let col = self.rng.random_range(margin..cols - margin);
            let clear = self
                .taken
                .iter()
                .all(|(r, c)| (r - row).hypot(c - col) >= apart);
            let at_sea = (0..32).all(|step| {
                let angle = f64::from(step) * std::f64::consts::TAU / 16.0;
                let reach = if step < 16 { apart / 2.0 } else { apart / 6.0 };
                !self
                    .land
                    .is_land(row + reach * angle.sin(), col + reach * angle.cos())
            });
            if clear && at_sea && !self.land.is_land(row, col) {
                self.taken.push((row, col));
                return Some((row, col));
            }
        }
        None
    }

    /// Size and speed (knots) of a ship of some kind.
    fn dimensions(&mut self, kind: Kind) -> (f64, f64, f64) {
        let (short, long) = self.options.length_m;
        let (length, width, speed) = match kind {
            Kind::Cargo | Kind::Tanker => {
                let length = self.between(short.max(60.0).min(long), long);
                (length, length / 6.6, self.between(7.0, 16.0))
            }
            Kind::Fishing => {
                let length = self.between(24.0, 45.0);
                (length, length / 4.2, self.between(0.5, 8.0))
            }
            Kind::Patrol => {
                let length = self.between(70.0, 120.0);
                (length, length / 8.0, self.between(5.0, 18.0))
            }
            Kind::Platform => (60.0, 50.0, 0.0),
            Kind::Beacon => (1.0, 1.0, 0.5),
        };
        (
            length.round(),
            width.round().max(1.0),
            (speed * 10.0).round() / 10.0,
        )
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        if high > low {
            self.rng.random_range(low..high)
        } else {
            low
        }
    }

    fn launch(&mut self, role: Role, number: u32, (row, col): (f64, f64)) -> Result<(), LabError> {
        let kinds = [Kind::Cargo, Kind::Fishing, Kind::Tanker, Kind::Patrol];
        let kind = match role {
            Role::Fixed => Kind::Platform,
            Role::Beacon => Kind::Beacon,
            Role::Raft | Role::RaftMate => Kind::Cargo,
            Role::Hullless => [Kind::Cargo, Kind::Patrol][number as usize % 2],
            Role::Transmitting | Role::Silent => kinds[number as usize % 4],
        };
        let (length_m, width_m, speed) = self.dimensions(kind);
        let heading = self.between(0.0, 360.0).round() % 360.0;
        let at = self.stage.geometry.locate(row, col);
        let (Some(at), Some(time)) = (at, self.stage.geometry.time_of_row(row)) else {
            return Err(LabError::Model {
                path: self.stage.folder.clone(),
                problem: format!("row {row:.1}, column {col:.1} has no place on the ground"),
            });
        };
        let course = Course {
            position: at.position,
            time,
            sog_kn: if role == Role::Raft { 0.0 } else { speed },
            cog_deg: heading,
        };
        if role != Role::Raft {
            return self.add((role, kind), course, (length_m, width_m));
        }
        // Two hulls of the same size, sides 3 m apart.
        let aside = width_m / 2.0 + 1.5;
        for (role, side) in [(Role::Raft, 90.0), (Role::RaftMate, 270.0)] {
            let mate = Course {
                position: at.position.destination(heading + side, aside),
                ..course
            };
            self.add((role, kind), mate, (length_m, width_m))?;
        }
        Ok(())
    }

    fn add(
        &mut self,
        (role, kind): (Role, Kind),
        course: Course,
        (length_m, width_m): (f64, f64),
    ) -> Result<(), LabError> {
        let number = self.fleet.ships.len() as u32 + 1;
        let hull = !matches!(role, Role::Hullless | Role::Beacon);
        let id = format!("sim-{number:03}");
        let picture = if hull {
            Some(self.draw(&id, &course, (length_m, width_m))?)
        } else {
            None
        };
        let seen =
            picture.is_some_and(|imaged| imaged.snr_db >= VISIBLE_DB) && role != Role::RaftMate;
        let mmsi = match role {
            Role::Silent => None,
            Role::Fixed => Some(Mmsi(AID_MMSI + number)),
            Role::Beacon => Some(Mmsi(BEACON_MMSI + number)),
            Role::Transmitting | Role::Hullless | Role::Raft | Role::RaftMate => {
                Some(Mmsi(SHIP_MMSI + number))
            }
        };
        self.fleet.ships.push(TruthShip {
            id,
            kind,
            position: course.position,
            time: course.time,
            imaged: picture,
            length_m,
            width_m,
            heading_deg: course.cog_deg,
            sog_kn: course.sog_kn,
            cog_deg: course.cog_deg,
            mmsi,
            expected: self.verdict(role),
            confidence: if seen || !hull {
                Confidence::High
            } else {
                Confidence::Low
            },
            shore_distance_m: None,
        });
        Ok(())
    }

    /// What a perfect system says, by who transmits, who is there and whether anything was received.
    fn verdict(&self, role: Role) -> Option<Verdict> {
        let outage_s = self.options.outage_min.unwrap_or(0.0) * 60.0;
        let heard = outage_s == 0.0;
        // Reports on both sides of an outage still place a ship on a steady course.
        let placed = outage_s < REACH_S as f64;
        match role {
            Role::Beacon => None,
            Role::Fixed => Some(Verdict::Fixed),
            Role::Hullless => heard.then_some(Verdict::AisOnly),
            Role::Silent if heard => Some(Verdict::Uncorrelated),
            Role::Transmitting if placed => Some(Verdict::Correlated),
            Role::Raft | Role::RaftMate if placed => Some(Verdict::Ambiguous),
            Role::Silent | Role::Transmitting | Role::Raft | Role::RaftMate => {
                Some(Verdict::NotAssessable)
            }
        }
    }

    /// Adds the ship's picture and what it casts; tells how it appears.
    fn draw(
        &mut self,
        id: &str,
        course: &Course,
        (length_m, width_m): (f64, f64),
    ) -> Result<Imaged, LabError> {
        let stage = self.stage;
        let lost = || LabError::Model {
            path: stage.folder.clone(),
            problem: format!("{:?} has no pixel", course.position),
        };
        let (row, col) = imaged(&stage.geometry, course).ok_or_else(lost)?;
        let at = stage.geometry.locate(row, col).ok_or_else(lost)?;
        let frame = stage.geometry.pixel_frame(row, col).ok_or_else(lost)?;
        let (true_row, _) = stage.geometry.pixel_of(course.position).ok_or_else(lost)?;
        let hull = Hull {
            row,
            col,
            length_m,
            width_m,
            heading_deg: course.cog_deg,
        };
        let patch = Patch::of(&hull, &frame, stage.resolution_m);
        let spread: f64 = StandardNormal.sample(&mut self.rng);
        let mut deviation_db = 1.5 * spread;
        if self.options.artefacts && length_m >= BRIGHT_M {
            deviation_db += self.between(0.0, BRIGHTER_DB);
        }
        let sigma0 = stage.hull_row(length_m, deviation_db);
        let contrast = stage.bands.iter().zip(&sigma0).map(|(band, sigma0)| {
            let mean = stage.background(band, (row, col), self.wind_mps);
            10.0 * ((sigma0 * f64::from(patch.peak()) + mean) / mean).log10()
        });
        let snr_db = contrast.fold(0.0, f64::max);
        let source = casts::Source {
            id,
            patch: &patch,
            sigma0: &sigma0,
            place: (row, col),
        };
        let cast = if self.options.artefacts {
            let (cast, truth) = casts::full(stage, &source, &mut self.rng);
            self.fleet.artefacts.extend(truth);
            cast
        } else {
            casts::plain(stage, &source)
        };
        self.fleet.pictures.extend(cast);
        self.fleet.pictures.push(Picture { patch, sigma0 });
        Ok(Imaged {
            row,
            col,
            position: at.position,
            azimuth_shift_m: (row - true_row) * frame.row_m[0].hypot(frame.row_m[1]),
            snr_db,
        })
    }
}

/// A place `spread_m` (standard deviation each way) off, for a satellite navigation receiver's error.
pub(crate) fn jittered(place: LonLat, spread_m: f64, rng: &mut ChaCha8Rng) -> LonLat {
    let east: f64 = StandardNormal.sample(rng);
    let north: f64 = StandardNormal.sample(rng);
    let bearing = east.atan2(north).to_degrees();
    place.destination(bearing, spread_m * east.hypot(north))
}
