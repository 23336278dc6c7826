//! Things at sea that do not move: platforms and turbines as listed, and real aids to navigation heard by AIS.
//!
//! A virtual aid exists in the message alone and reflects nothing: it never explains an echo.

use super::Evidence;
use super::gate::chord2;
use super::state::seconds;
use crate::model::track::{AisClass, Track};
use crate::model::units::{LonLat, Mmsi};
use jiff::Timestamp;
use rstar::RTree;
use rstar::primitives::GeomWithData;

/// Odds that a listed structure is where the list says and shows in the image. High on purpose: it was there
/// in every image before, so a ship alongside must fit in length and heading as well to be named instead.
const STANDING_ODDS: f64 = 999.0;

/// A structure's place, and its identity if it is an aid to navigation.
type Structure = (LonLat, Option<Mmsi>);

/// Fixed structures, indexed.
pub(super) struct Structures {
    index: RTree<GeomWithData<[f64; 3], Structure>>,
    radius_m: f64,
}

/// The structure nearest to a detection.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Near {
    /// Distance, metres.
    pub(super) distance_m: f64,
    /// Its identity if it is an aid to navigation.
    pub(super) mmsi: Option<Mmsi>,
}

impl Structures {
    /// All listed points, and all real aids to navigation at their report nearest to `time`.
    pub(super) fn new(evidence: &Evidence, time: Timestamp) -> Self {
        let listed = evidence.infrastructure.iter().map(|place| (*place, None));
        let heard = evidence
            .tracks
            .iter()
            .filter(|track| track.class == AisClass::AidToNavigation)
            .filter_map(|track| Some((report_nearest(track, time)?, Some(track.mmsi))));
        let index = RTree::bulk_load(
            listed
                .chain(heard)
                .map(|entry| GeomWithData::new(entry.0.unit_vector(), entry))
                .collect(),
        );
        Self {
            index,
            radius_m: evidence.params.fixed_radius_m,
        }
    }

    /// The nearest structure within the radius.
    pub(super) fn nearest(&self, place: LonLat) -> Option<Near> {
        self.index
            .locate_within_distance(place.unit_vector(), chord2(self.radius_m * 1.01))
            .map(|entry| Near {
                distance_m: entry.data.0.distance_m(place),
                mmsi: entry.data.1,
            })
            .filter(|near| near.distance_m <= self.radius_m)
            .min_by(|a, b| {
                a.distance_m
                    .total_cmp(&b.distance_m)
                    .then(a.mmsi.cmp(&b.mmsi))
            })
    }

    /// Weight of a structure against clutter: evenly likely anywhere within the radius.
    pub(super) fn odds(&self, density_per_m2: f64) -> f64 {
        let area_m2 = std::f64::consts::PI * self.radius_m * self.radius_m;
        STANDING_ODDS / (area_m2 * density_per_m2)
    }
}

fn report_nearest(track: &Track, time: Timestamp) -> Option<LonLat> {
    track
        .positions
        .iter()
        .min_by(|a, b| {
            let age = |at| seconds(at, time).abs();
            age(a.time).total_cmp(&age(b.time))
        })
        .map(|fix| fix.position)
}
