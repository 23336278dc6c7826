//! From the spread of ln power to thresholds, for one scene.
//!
//! In: the variance of ln power of a piece of sea, pixel by pixel and patch by patch. Out: ν, and the thresholds that
//! belong to it. A pixel fires if its own power or that of a patch about it stands out.
//!
//! Log-cumulants of the K law: Var[ln I] = ψ₁(L) + ψ₁(ν) and E[ln I] = ln mean + ψ(L) − ln L + ψ(ν) − ln ν. They are
//! robust: a ship adds the square of a few nepers, not of a few hundred times the mean. The thresholds are computed
//! on a ladder of ν and interpolated in the texture's share ψ₁(ν), in which ln α is close to a line: no interpolated
//! value is off by 0.2 % (test). A rung is computed when a piece of sea first asks for it: a scene needs a few.
//!
//! Source: Nicolas (2002), Introduction aux statistiques de deuxième espèce; Anfinsen and Eltoft (2011).

use super::cfar::{CellThresholds, Tests};
use super::kdist;
use super::patch_law::{self, PatchLaw};
use special::Gamma;
use std::sync::OnceLock;

/// Probability above which a pixel is kept out of the background. It cuts one pixel in a million from plain sea:
/// a bias of the mean under 1e-5, and under 1e-3 where the level is misjudged by half.
pub(crate) const CENSOR_PFA: f64 = 1e-6;

/// Probability that a clutter pixel beside a target is grown into it.
pub(crate) const GROW_PFA: f64 = 1e-3;

/// Probability at which every scene counts the exceedances of its own sea: often enough to count in one scene.
pub const CHECK_PFA: f64 = 1e-4;

/// Shares of the probability that the tests may spend. Patches find most ships, as the point response spreads any over
/// pixels: the narrow one small ships, the wide one long ones; the pixel finds those beside land and no data. The shares
/// add up to more than one as the tests fire together; what they achieve in all is measured (`score --methods`).
const PIXEL_SHARE: f64 = 0.4;
const NARROW_SHARE: f64 = 0.8;
const WIDE_SHARE: f64 = 0.3;

/// Only where the narrow patch is rare at ten times its own test's probability is the wide one looked at.
const GATE_SHARE: f64 = 10.0 * NARROW_SHARE;

/// Spikiest texture on the ladder; spikier sea is treated as this.
const MIN_NU: f64 = 0.2;

/// Smoothest texture on the ladder; beyond it the law is plain speckle.
const MAX_NU: f64 = 1000.0;

/// Steps on the ladder between the two.
const STEPS: usize = 80;

/// Tested pixels up to which every hit is sure. In a scene of more a sure hit is as much rarer: at the default
/// probability of 1e-7 less than one false object a scene is expected, whatever its size.
const SURE_PIXELS: f64 = 4e6;

/// Thresholds over mean power for one texture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Levels {
    /// Texture shape; `None` is plain speckle.
    pub nu: Option<f64>,
    /// ln of the mean over the geometric mean of power.
    pub ln_mean_gap: f64,
    /// Those of the search; the patches' are infinite where patches could not be measured.
    pub tests: CellThresholds,
    /// Threshold for growing a target.
    pub grow: f64,
}

/// The ladder of one scene.
#[derive(Debug)]
pub(crate) struct ClutterLaw {
    looks: f64,
    pfa: f64,
    /// Probability that a pixel is a sure hit.
    sure_pfa: f64,
    /// ψ₁(L).
    speckle: f64,
    /// Rungs by rising texture share ψ₁(ν); the first is plain speckle.
    rungs: Vec<Rung>,
    /// The test's, the sure hit's and the gate's.
    narrow: PatchLaw<3>,
    /// The test's and the sure hit's.
    wide: PatchLaw<2>,
}

#[derive(Debug)]
struct Rung {
    /// `None`: plain speckle.
    nu: Option<f64>,
    share: f64,
    /// ln of test, sure hit, grow, check, and of censor and mean over the geometric mean.
    ln: OnceLock<[f64; 6]>,
}

impl ClutterLaw {
    /// The ladder for `looks` > 0 and the tests' `pfa` in a scene of `pixels`, all bands together.
    pub(crate) fn new(looks: f64, pfa: f64, pixels: f64) -> Self {
        let sure_pfa = pfa * (SURE_PIXELS / pixels).min(1.0);
        let shapes = (0..=STEPS).map(|step| {
            let along = step as f64 / STEPS as f64;
            Some(MAX_NU * (MIN_NU / MAX_NU).powf(along))
        });
        let rung = |nu: Option<f64>| Rung {
            nu,
            share: nu.map_or(0.0, |nu| nu.trigamma()),
            ln: OnceLock::new(),
        };
        Self {
            looks,
            pfa,
            sure_pfa,
            speckle: looks.trigamma(),
            rungs: std::iter::once(None).chain(shapes).map(rung).collect(),
            narrow: PatchLaw::new(
                patch_law::NARROW,
                looks,
                [
                    NARROW_SHARE * pfa,
                    NARROW_SHARE * sure_pfa,
                    GATE_SHARE * pfa,
                ],
            ),
            wide: PatchLaw::new(
                patch_law::WIDE,
                looks,
                [WIDE_SHARE * pfa, WIDE_SHARE * sure_pfa],
            ),
        }
    }

    /// Logarithms of a rung's thresholds.
    fn ln<'a>(&self, rung: &'a Rung) -> &'a [f64; 6] {
        rung.ln.get_or_init(|| {
            let (looks, nu) = (self.looks, rung.nu);
            let ln = |pfa| kdist::threshold(looks, nu, pfa).ln();
            let texture_gap = nu.map_or(0.0, |nu| nu.digamma() - nu.ln());
            let log_mean_gap = looks.digamma() - looks.ln() + texture_gap;
            [
                ln(PIXEL_SHARE * self.pfa),
                ln(PIXEL_SHARE * self.sure_pfa),
                ln(GROW_PFA),
                ln(CHECK_PFA),
                ln(CENSOR_PFA) - log_mean_gap,
                -log_mean_gap,
            ]
        })
    }

    /// Thresholds for the measured variances of ln power (nepers²; natural logarithm) of pixels, and of narrow and wide
    /// patches; without the latter there is no such test.
    pub(crate) fn levels(&self, ln_variance: f64, patches: [Option<f64>; 2]) -> Levels {
        let (nu, ln) = self.at(ln_variance);
        let [narrow, wide] = patches;
        let narrow = narrow.map_or([f64::INFINITY; 3], |narrow| {
            self.narrow.thresholds(ln_variance, narrow)
        });
        let wide = wide.map_or([f64::INFINITY; 2], |wide| {
            self.wide.thresholds(ln_variance, wide)
        });
        let tests = |which: usize| Tests {
            pixel: ln[which].exp(),
            narrow: narrow[which],
            wide: wide[which],
        };
        Levels {
            nu,
            ln_mean_gap: ln[5],
            tests: CellThresholds {
                fires: tests(0),
                sure: tests(1),
                gate: narrow[2],
                check: ln[3].exp(),
            },
            grow: ln[2].exp(),
        }
    }

    /// ln of the censoring threshold over the geometric mean of power, for a measured variance of ln power.
    pub(crate) fn ln_censor(&self, ln_variance: f64) -> f64 {
        self.at(ln_variance).1[4]
    }

    /// Thresholds where nothing can be measured: moderately spiky sea, ν = 4.
    pub(crate) fn unknown(&self) -> Levels {
        self.levels(self.speckle + 4.0_f64.trigamma(), [None; 2])
    }

    /// ν and the rung's logarithms between the two rungs next to a spread.
    fn at(&self, ln_variance: f64) -> (Option<f64>, [f64; 6]) {
        let share = ln_variance - self.speckle;
        let last = self.rungs.len() - 1;
        let upper = self
            .rungs
            .partition_point(|rung| rung.share < share)
            .clamp(1, last);
        let (below, above) = (&self.rungs[upper - 1], &self.rungs[upper]);
        let along = ((share - below.share) / (above.share - below.share)).clamp(0.0, 1.0);
        let (low, high) = (self.ln(below), self.ln(above));
        let nu = below
            .nu
            .zip(above.nu)
            .map(|(below, above)| below * (above / below).powf(along));
        let at = |which: usize| low[which] + along * (high[which] - low[which]);
        (nu, std::array::from_fn(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interpolated_thresholds_keep_within_a_fifth_of_a_per_cent_of_the_law() {
        for looks in [1.0_f64, 4.4, 50.0] {
            let law = ClutterLaw::new(looks, 1e-7, 1e9);
            for nu in [0.33, 0.9, 1.7, 4.2, 9.1, 33.0, 140.0, 900.0_f64] {
                let levels = law.levels(looks.trigamma() + nu.trigamma(), [None; 2]);
                let exact = kdist::threshold(looks, Some(nu), PIXEL_SHARE * 1e-7);
                assert!(
                    (levels.tests.fires.pixel / exact - 1.0).abs() < 2e-3,
                    "{looks} {nu} {levels:?} {exact}"
                );
                let told = levels.nu.unwrap_or(f64::INFINITY);
                assert!((told / nu - 1.0).abs() < 5e-3, "{looks} {nu} {told}");
            }
        }
    }

    #[test]
    fn less_spread_than_speckle_is_plain_speckle() {
        let law = ClutterLaw::new(4.4, 1e-7, 1e9);
        let levels = law.levels(0.9 * 4.4_f64.trigamma(), [None; 2]);
        assert_eq!(levels.nu, None);
        assert!(
            (levels.tests.fires.pixel / kdist::threshold(4.4, None, PIXEL_SHARE * 1e-7) - 1.0)
                .abs()
                < 1e-12
        );
    }

    #[test]
    fn thresholds_rise_with_the_spread() {
        let law = ClutterLaw::new(4.4, 1e-7, 1e9);
        let mut last = 0.0;
        for step in 0..500 {
            let levels = law.levels(0.2 + 0.01 * f64::from(step), [None; 2]);
            assert!(levels.tests.fires.pixel >= last);
            last = levels.tests.fires.pixel;
        }
    }
}
