//! Where ships are: a vessel last heard of an hour ago is likelier on the ground where the others are than on empty sea.
//!
//! The echoes of a scene, whoever makes them, show how dense ships lie. A law of motion knows nothing of that; by Bayes' rule
//! the density of a vessel's place is f(x) · r(x) / ∫ f r, where r is the density of echoes about x over the scene's mean, a
//! kernel estimate drawn half-way to 1. Outside the image r is 1. Without it, vessels would be spread evenly about a place while
//! unexplained echoes ([`super::clutter`]) are counted where they are, and in the midst of a fleet too many echoes would be
//! held for unknown ships.
//!
//! Source: kernel estimate: Silverman (1986), Density Estimation for Statistics and Data Analysis, chapter 4.

use super::imaging::Covariance;
use super::likelihood;
use super::plane::{Plane, earth_fixed};
use super::seen::Sighting;
use super::state::State;
use crate::model::detection::Detection;
use rstar::RTree;
use rstar::primitives::GeomWithData;
use std::f64::consts::TAU;

/// Echoes under a kernel where they lie at the scene's mean density.
const UNDER_KERNEL: f64 = 10.0;
/// Share of the estimate that is the echoes'; the rest is even.
const SHOWN: f64 = 0.5;
/// Neighbours whose axes are looked at, and the standard deviation of the kernel about each, degrees.
const AXES: usize = 24;
const AXIS_KERNEL_DEG: f64 = 12.0;
/// Neighbours that an even law of axes counts for.
const EVEN_AXES: f64 = 4.0;
/// Squared Mahalanobis distance beyond which a kernel is nothing.
const FURTHEST2: f64 = 25.0;

/// The echoes of one scene.
pub(super) struct Ground<'a> {
    sighting: &'a Sighting<'a>,
    /// Places, Earth-fixed metres, and axes, degrees.
    echoes: RTree<GeomWithData<[f64; 3], Option<f64>>>,
    /// Variance of the kernel on each axis, square metres.
    kernel_m2: f64,
    /// Square metres of sea an echo.
    room_m2: f64,
}

/// What the ground makes of one vessel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Presence {
    /// ∫ f r: mean of r where the vessel may be.
    pub(super) mean: f64,
    /// Probability that it is within the image.
    pub(super) inside: f64,
}

impl<'a> Ground<'a> {
    /// `None` if it is not known how much sea was searched, or there is nothing beside an echo.
    pub(super) fn new(
        detections: &[&Detection],
        searched_km2: Option<f64>,
        sighting: &'a Sighting<'a>,
    ) -> Option<Self> {
        let places: Vec<GeomWithData<[f64; 3], Option<f64>>> = detections
            .iter()
            .filter_map(|d| Some(GeomWithData::new(earth_fixed(d.position?), d.heading_deg)))
            .collect();
        let searched_m2 = searched_km2.filter(|km2| *km2 > 0.0)? * 1e6;
        let count = places.len() as f64;
        (places.len() > 1).then(|| Self {
            sighting,
            echoes: RTree::bulk_load(places),
            kernel_m2: UNDER_KERNEL * searched_m2 / (TAU * count),
            room_m2: searched_m2 / count,
        })
    }

    /// r at a detection, from all others: that it is there says nothing of how many others there are.
    pub(super) fn about(&self, detection: &Detection) -> f64 {
        let Some(place) = detection.position else {
            return 1.0;
        };
        let kernel = Covariance {
            east: self.kernel_m2,
            north: self.kernel_m2,
            cross: 0.0,
        };
        let own = 1.0 / (TAU * self.kernel_m2);
        let others = self.density(&Plane::at(place), [0.0; 2], kernel) - own;
        // One echo fewer stands for the whole.
        let all = self.echoes.size() as f64;
        let covered = self.sighting.share_inside(place, self.kernel_m2.sqrt());
        self.relative(others.max(0.0) * all / (all - 1.0), covered)
    }

    /// r from the density of echoes under a kernel or a law, of which a share is in the image; the sea beyond counts as even.
    fn relative(&self, density: f64, covered: f64) -> f64 {
        1.0 - SHOWN * covered + SHOWN * self.room_m2 * density
    }

    /// Density of a detection's axis among those of its neighbours, over an even one: in a lane all lie alike, and an axis
    /// along it tells no ship from another.
    pub(super) fn axis_about(&self, detection: &Detection) -> f64 {
        let (Some(place), Some(axis_deg)) = (detection.position, detection.heading_deg) else {
            return 1.0;
        };
        // The first is the detection itself.
        let others = self
            .echoes
            .nearest_neighbor_iter(earth_fixed(place))
            .skip(1);
        let axes = others.filter_map(|echo| echo.data).take(AXES);
        let (sum, count) = axes.fold((0.0, 0.0), |(sum, count), other_deg| {
            let ratio = likelihood::axis_ratio(axis_deg - other_deg, AXIS_KERNEL_DEG);
            (sum + ratio, count + 1.0)
        });
        (sum + EVEN_AXES) / (count + EVEN_AXES)
    }

    /// Mean of r over a vessel's laws.
    pub(super) fn presence(&self, state: &State) -> Presence {
        let density: f64 = state
            .modes
            .iter()
            .map(|mode| {
                let p = &mode.covariance;
                let spread = Covariance {
                    east: p[(0, 0)] + self.kernel_m2,
                    north: p[(1, 1)] + self.kernel_m2,
                    cross: p[(0, 1)],
                };
                mode.weight * self.density(&state.plane, [mode.mean[0], mode.mean[1]], spread)
            })
            .sum();
        let by_laws = self.sighting.inside_probability(state, 0.0);
        let mean = self.relative(
            density,
            self.sighting.inside_probability(state, self.kernel_m2),
        );
        Presence {
            mean,
            inside: (1.0 - (1.0 - by_laws) / mean).clamp(0.0, 1.0),
        }
    }

    /// Sum of normal densities about the echoes at a point of a plane, per square metre.
    fn density(&self, plane: &Plane, at_m: [f64; 2], spread: Covariance) -> f64 {
        let reach2 = FURTHEST2 * spread.longest_m().powi(2);
        let scale = TAU * spread.determinant().sqrt();
        let near = self
            .echoes
            .locate_within_distance(plane.point(at_m), reach2);
        near.map(|echo| {
            let [east, north] = plane.offset_m(*echo.geom());
            let distance2 = spread.distance2([east - at_m[0], north - at_m[1]]);
            if distance2 < FURTHEST2 {
                (-distance2 / 2.0).exp() / scale
            } else {
                0.0
            }
        })
        .sum()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests stop at the first surprise")]
mod tests {
    use super::*;
    use crate::fuse::FuseParams;
    use crate::fuse::gate::candidates;
    use crate::fuse::testing::{T0, centre, detection, fix, ship};
    use rand::{RngExt, SeedableRng};

    /// Echoes on a lattice of 60 × 60 km, 2 km apart, in the part whose column is kept.
    fn lattice(kept: fn(u32) -> bool) -> Vec<Detection> {
        let cells = (0..900_u32).map(|i| (i / 30, i % 30));
        cells
            .filter(|(_, column)| kept(*column))
            .map(|(row, column)| {
                let north = centre().destination(0.0, f64::from(row) * 2_000.0);
                let place = north.destination(90.0, f64::from(column) * 2_000.0);
                detection(&format!("{row} {column}"), place, None)
            })
            .collect()
    }

    const EVERYWHERE: Sighting<'static> = Sighting::new(None);

    fn ground(echoes: &[Detection]) -> Ground<'static> {
        let all: Vec<&Detection> = echoes.iter().collect();
        Ground::new(&all, Some(3_600.0), &EVERYWHERE).unwrap()
    }

    /// A vessel heard in the middle of the lattice's column, minutes before.
    fn presence(ground: &Ground, column: u32, minutes: f64) -> Presence {
        let row = centre().destination(0.0, 30_000.0);
        let place = row.destination(90.0, f64::from(column) * 2_000.0);
        let track = ship(
            431_000_001,
            vec![fix(place, -60.0 * minutes, Some((0.5, 0.0)))],
        );
        let params = FuseParams::default();
        let ships = candidates(std::slice::from_ref(&track), T0, &params);
        ground.presence(&ships[0].middle)
    }

    #[test]
    fn where_echoes_lie_evenly_the_ground_says_nothing() {
        let echoes = lattice(|_| true);
        let ground = ground(&echoes);
        let middle = 15 * 30 + 15;
        // 2 %: a lattice is evener than chance, and an echo does not count itself.
        assert!((ground.about(&echoes[middle]) - 1.0).abs() < 0.06);
        let Presence { mean, inside } = presence(&ground, 15, 30.0);
        assert!(
            (mean - 1.0).abs() < 0.02 && (inside - 1.0).abs() < 1e-9,
            "{mean}"
        );
    }

    #[test]
    fn a_ground_of_a_third_of_the_sea_is_three_times_as_dense_and_half_of_that_is_believed() {
        let echoes = lattice(|column| column < 10);
        let ground = ground(&echoes);
        // r = ½ + ½ · 3 within, ½ outside.
        let [within, outside] = [5, 25].map(|column| presence(&ground, column, 5.0).mean);
        assert!((within - 2.0).abs() < 0.05, "{within}");
        assert!((outside - 0.5).abs() < 0.01, "{outside}");
        // Long unheard it may be anywhere: between the two.
        let anywhere = presence(&ground, 5, 170.0).mean;
        assert!(outside < anywhere && anywhere < within, "{anywhere}");
    }

    #[test]
    fn an_axis_that_all_share_says_little_and_one_across_it_much() {
        let mut echoes = lattice(|_| true);
        for echo in &mut echoes {
            echo.heading_deg = Some(30.0);
        }
        let along = ground(&echoes).axis_about(&echoes[400]);
        // 24 neighbours at the kernel's peak, σ 12° of axis: 1 / (√(2π) · 2 · 12°) · 360° = 6.0 for a narrow law, and four even ones.
        assert!((along - (24.0 * 6.0 + 4.0) / 28.0).abs() < 0.3, "{along}");
        echoes[400].heading_deg = Some(120.0);
        let across = ground(&echoes).axis_about(&echoes[400]);
        assert!((across - 4.0 / 28.0).abs() < 0.01, "{across}");
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(3);
        for echo in &mut echoes {
            echo.heading_deg = Some(rng.random_range(0.0..180.0));
        }
        let ground = ground(&echoes);
        let sum: f64 = echoes.iter().map(|echo| ground.axis_about(echo)).sum();
        // 900 echoes, each ± 0.3.
        assert!((sum / echoes.len() as f64 - 1.0).abs() < 0.05, "{sum}");
    }

    #[test]
    fn beyond_the_edge_the_ground_is_even_and_echoes_draw_a_vessel_in() {
        use geo::{MultiPolygon, Rect, coord};
        let echoes = lattice(|_| true);
        let all: Vec<&Detection> = echoes.iter().collect();
        let east = centre().destination(90.0, 59_000.0).lon_deg;
        let footprint = MultiPolygon::new(vec![
            Rect::new(
                coord! {x: centre().lon_deg - 0.01, y: centre().lat_deg - 0.01},
                coord! {x: east, y: centre().lat_deg + 0.53},
            )
            .to_polygon(),
        ]);
        let sighting = Sighting::new(Some(&footprint));
        let ground = Ground::new(&all, Some(3_600.0), &sighting).unwrap();
        // In the middle, at the edge and beyond it an even sea stays even: 5 % for the logistic form of the normal share.
        for column in [15, 29, 60] {
            let Presence { mean, .. } = presence(&ground, column, 5.0);
            assert!((mean - 1.0).abs() < 0.05, "{column}: {mean}");
        }
        let edge_echo = echoes.iter().find(|echo| echo.id == "15 29").unwrap();
        assert!((ground.about(edge_echo) - 1.0).abs() < 0.08);
        let nothing: Vec<&Detection> = Vec::new();
        assert!(Ground::new(&nothing, Some(100.0), &EVERYWHERE).is_none());
    }
}
