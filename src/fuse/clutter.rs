//! What an echo is if no vessel heard explains it: how many such echoes there are about it, and how long they are.
//!
//! λ(x), the density of unexplained echoes, is learnt from the scene itself: the density of the sixteen nearest echoes times the
//! probability that they are unexplained, either drawn towards the scene's mean. Since those probabilities follow from λ, the
//! two are found by turns (expectation and maximisation), beginning with all echoes unexplained. The law of their lengths is
//! found alongside. A ship without AIS in a fishing fleet is thus held against others like it, not against an empty sea.

use super::likelihood::{ANY_LENGTH, LogNormal, UNHEARD_LENGTH, measured_length_m};
use super::plane::earth_fixed;
use crate::model::detection::Detection;
use rstar::RTree;
use rstar::primitives::GeomWithData;
use std::f64::consts::PI;

/// Echoes whose area measures the density about one of them.
const NEIGHBOURS: usize = 16;
/// … but no farther off than this, metres.
const FURTHEST_M: f64 = 10_000.0;
/// Echoes that the scene's mean density weighs as much as.
const DRAWN_BY: f64 = 6.0;
/// … and its share of unexplained echoes: it changes less from place to place than their density.
const SHARE_DRAWN_BY: f64 = 64.0;
/// Echoes that the lengths of ships without AIS in general weigh as much as.
const LENGTH_DRAWN_BY: f64 = 10.0;
/// Share of unexplained echoes whose length follows no scene's law.
const ODD_LENGTHS: f64 = 0.1;

/// Where each echo's neighbours are.
pub(super) struct Clutter {
    /// For each echo its neighbours, itself included, and the area that holds them, square metres.
    around: Vec<(Vec<usize>, f64)>,
    lengths_m: Vec<Option<f64>>,
    searched_m2: Option<f64>,
}

impl Clutter {
    pub(super) fn new(detections: &[&Detection], searched_km2: Option<f64>) -> Self {
        let searched_m2 = searched_km2.filter(|km2| *km2 > 0.0).map(|km2| km2 * 1e6);
        let places: Vec<GeomWithData<[f64; 3], usize>> = detections
            .iter()
            .enumerate()
            .filter_map(|(i, d)| Some(GeomWithData::new(earth_fixed(d.position?), i)))
            .collect();
        let index = RTree::bulk_load(places);
        let whole_m2 = searched_m2.unwrap_or(f64::MAX);
        let around = detections
            .iter()
            .enumerate()
            .map(|(i, detection)| {
                let Some(place) = detection.position else {
                    return (vec![i], (PI * FURTHEST_M * FURTHEST_M).min(whole_m2));
                };
                let mut reach2 = FURTHEST_M * FURTHEST_M;
                let mut near = Vec::with_capacity(NEIGHBOURS);
                for (entry, distance2) in
                    index.nearest_neighbor_iter_with_distance_2(earth_fixed(place))
                {
                    // The one after the last bounds the area, so that neither of them stands on its edge.
                    if distance2 > reach2 || near.len() == NEIGHBOURS {
                        reach2 = reach2.min(distance2);
                        break;
                    }
                    near.push(entry.data);
                }
                near.sort_unstable();
                (near, (PI * reach2.max(1.0)).min(whole_m2))
            })
            .collect();
        Self {
            around,
            lengths_m: detections.iter().map(|d| measured_length_m(d)).collect(),
            searched_m2,
        }
    }

    /// λ of each echo, a square metre, given the probability that each is unexplained.
    pub(super) fn densities_per_m2(&self, unexplained: &[f64]) -> Vec<f64> {
        let all = unexplained.len() as f64;
        // Jeffreys' prior of a share.
        let mean_share = (unexplained.iter().sum::<f64>() + 0.5) / (all + 1.0);
        self.around
            .iter()
            .enumerate()
            .map(|(own, (near, area_m2))| {
                // An echo does not speak for itself: that it is there says nothing of how many others there are.
                let others = near.iter().filter(|i| **i != own);
                let (count, here) = others.fold((0.0, 0.0), |(count, sum), i| {
                    (count + 1.0, sum + unexplained[*i])
                });
                let share = (here + SHARE_DRAWN_BY * mean_share) / (count + SHARE_DRAWN_BY);
                share
                    * match self.searched_m2 {
                        Some(whole_m2) => {
                            (count + DRAWN_BY) / (area_m2 + DRAWN_BY * whole_m2 / all)
                        }
                        None => (count + 0.5) / area_m2,
                    }
            })
            .collect()
    }

    /// Logarithm of what each echo is worth unexplained: its density times that of its length, in the units of
    /// [`super::likelihood::log_likelihood`].
    pub(super) fn log_likelihoods(&self, densities: &[f64], unexplained: &[f64]) -> Vec<f64> {
        let law = self.length_law(unexplained);
        let length = |length_m: f64| {
            (1.0 - ODD_LENGTHS) * law.density(length_m) + ODD_LENGTHS * ANY_LENGTH.density(length_m)
        };
        densities
            .iter()
            .zip(&self.lengths_m)
            .map(|(density, length_m)| density.ln() + length_m.map_or(0.0, |m| length(m).ln()))
            .collect()
    }

    fn length_law(&self, unexplained: &[f64]) -> LogNormal {
        let weighed = || {
            let lengths = self.lengths_m.iter().zip(unexplained);
            lengths.filter_map(|(length_m, weight)| Some(((*length_m)?.ln(), *weight)))
        };
        let weight = LENGTH_DRAWN_BY + weighed().map(|(_, w)| w).sum::<f64>();
        let general = UNHEARD_LENGTH.median_m.ln();
        let mean =
            (LENGTH_DRAWN_BY * general + weighed().map(|(x, w)| w * x).sum::<f64>()) / weight;
        // The general law enters with its own spread and with its distance from the mean.
        let drawn = LENGTH_DRAWN_BY * (UNHEARD_LENGTH.sigma.powi(2) + (general - mean).powi(2));
        let square = weighed().map(|(x, w)| w * (x - mean).powi(2)).sum::<f64>();
        LogNormal {
            median_m: mean.exp(),
            sigma: ((drawn + square) / weight).sqrt(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuse::testing::{centre, detection};

    #[test]
    fn density_is_that_of_the_unexplained_echoes_alone() {
        // A square grid of 30 × 30 echoes 1 km apart: one a square kilometre.
        let echoes: Vec<Detection> = (0..900_u32)
            .map(|i| {
                let (row, column) = (f64::from(i / 30), f64::from(i % 30));
                let place = centre().destination(0.0, row * 1000.0);
                detection(
                    &format!("{i:03}"),
                    place.destination(90.0, column * 1000.0),
                    Some(30.0),
                )
            })
            .collect();
        let all: Vec<&Detection> = echoes.iter().collect();
        let clutter = Clutter::new(&all, Some(900.0));
        let middle = 15 * 30 + 15;
        for share in [1.0, 0.2] {
            let density = clutter.densities_per_m2(&[share; 900])[middle] * 1e6;
            // A fifth: sixteen points of a lattice in a circle, and the mean's half echo.
            assert!((density / share - 1.0).abs() < 0.2, "{density}");
        }
        let law = clutter.length_law(&[1.0; 900]);
        assert!(
            (law.median_m - 30.0).abs() < 0.5 && law.sigma < 0.2,
            "{law:?}"
        );
    }
}
