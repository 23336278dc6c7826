//! The sea of the simulated traffic: an island, an anchorage, a reception hole, sites apart from each other.

use crate::model::units::LonLat;
use rand::RngExt;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// West, south, east, north.
pub(super) const BOUNDS: [f64; 4] = [122.0, 22.0, 130.0, 30.0];
/// Square kilometres within the bounds.
pub(super) const AREA_KM2: f64 = 890.0 * 800.0;
pub(super) const ISLAND: LonLat = LonLat {
    lon_deg: 123.0,
    lat_deg: 23.0,
};
const ISLAND_M: f64 = 20_000.0;
pub(super) const ANCHORAGE: LonLat = LonLat {
    lon_deg: 129.3,
    lat_deg: 22.7,
};
/// No report from inside is heard.
pub(super) const HOLE: LonLat = LonLat {
    lon_deg: 127.5,
    lat_deg: 27.5,
};
pub(super) const HOLE_M: f64 = 75_000.0;
/// Degrees between sites.
const SITE_DEG: f64 = 0.55;

/// Distance to the island's shore, metres, negative inland.
pub(super) fn shore_m(place: LonLat) -> f64 {
    ISLAND.distance_m(place) - ISLAND_M
}

/// True if a way keeps clear of the island and of the anchorage.
pub(super) fn is_clear(from: LonLat, to: LonLat) -> bool {
    (0..=40).all(|part| {
        let share = f64::from(part) / 40.0;
        let place = LonLat::new(
            from.lon_deg + share * (to.lon_deg - from.lon_deg),
            from.lat_deg + share * (to.lat_deg - from.lat_deg),
        );
        shore_m(place) > 15_000.0 && ANCHORAGE.distance_m(place) > 25_000.0
    })
}

/// True if a way keeps a kilometre off the island.
pub(super) fn is_water(from: LonLat, to: LonLat) -> bool {
    (0..=200).all(|part| {
        let share = f64::from(part) / 200.0;
        let place = LonLat::new(
            from.lon_deg + share * (to.lon_deg - from.lon_deg),
            from.lat_deg + share * (to.lat_deg - from.lat_deg),
        );
        shore_m(place) > 1_000.0
    })
}

/// Anywhere within a margin of the bounds.
pub(super) fn anywhere(random: &mut ChaCha8Rng) -> LonLat {
    let [west, south, east, north] = BOUNDS;
    LonLat::new(
        random.random_range(west..east),
        random.random_range(south..north),
    )
}

/// Places apart from each other, far from island, anchorage and hole, in a random order.
pub(super) fn sites(random: &mut ChaCha8Rng) -> Vec<LonLat> {
    let [west, south, east, north] = BOUNDS;
    let mut sites = Vec::new();
    let mut lat_deg = south + 0.6;
    while lat_deg < north - 0.5 {
        let mut lon_deg = west + 0.6;
        while lon_deg < east - 0.5 {
            let site = LonLat::new(lon_deg, lat_deg);
            let is_apart = shore_m(site) > 100_000.0
                && ANCHORAGE.distance_m(site) > 40_000.0
                && HOLE.distance_m(site) > HOLE_M + 60_000.0;
            if is_apart {
                sites.push(site);
            }
            lon_deg += SITE_DEG;
        }
        lat_deg += SITE_DEG;
    }
    sites.shuffle(random);
    sites
}
