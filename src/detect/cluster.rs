//! From pixels to targets: within a band, then across bands.
//!
//! In: hits and what grew from them, of a whole scene. Out: clusters, each with its pixels, in scene order.
//!
//! Hits belong together if at most one pixel lies between them (ships break up into their bright parts), grown pixels
//! if they touch, diagonals included. All pixels of the scene are joined at once, so a ship across any border of strips
//! or workers is one cluster. A cluster of another band joins the nearest one within 3 pixels (VV and VH of one ship
//! have different bright parts).

use super::cfar::Hit;
use super::cfar::strip::Found;
use super::grow::{Beside, Pixel};
use std::collections::HashMap;

/// Farthest apart that two hits of one target may be, pixels.
const HIT_REACH: u32 = 2;

/// Farthest apart that the bands' images of one target may be, pixels.
const BAND_REACH: i64 = 3;

/// The pixels of one target in one band.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cluster {
    /// Pixels above the test's threshold, by row and column.
    pub hits: Vec<Hit>,
    /// Those that stand out themselves and the pixels grown from them, by row and column.
    pub pixels: Vec<Pixel>,
    /// The sea about them, by row and column.
    pub beside: Vec<Beside>,
}

/// The same target in all bands that show it: (band, cluster), by band.
pub(super) type Target = Vec<(usize, Cluster)>;

/// Joins the pixels of a band. Clusters come in the order of their first pixel.
pub(super) fn clusters(found: &Found) -> Vec<Cluster> {
    let mut pixels = found.pixels.clone();
    // A pixel reached from both sides of a strip border stays with the nearer hit.
    pixels.sort_unstable_by_key(|pixel| (pixel.row, pixel.col, pixel.steps, pixel.origin));
    pixels.dedup_by_key(|pixel| (pixel.row, pixel.col));
    let mut forest = Forest::new(pixels.len());
    for (at, pixel) in pixels.iter().enumerate() {
        for below in 0..=HIT_REACH {
            let row = pixel.row + below;
            let left = (row, pixel.col.saturating_sub(HIT_REACH));
            let first = at + pixels[at..].partition_point(|other| (other.row, other.col) < left);
            for (offset, other) in pixels[first..].iter().enumerate() {
                if other.row != row || other.col > pixel.col + HIT_REACH {
                    break;
                }
                let touching = below.max(other.col.abs_diff(pixel.col)) <= 1;
                if touching || (pixel.steps == 0 && other.steps == 0) {
                    forest.join(at, first + offset);
                }
            }
        }
    }
    let mut number_of_root: HashMap<usize, usize> = HashMap::new();
    let mut clusters: Vec<Cluster> = Vec::new();
    let mut owner: Vec<Option<usize>> = vec![None; found.hits.len()];
    for (at, &pixel) in pixels.iter().enumerate() {
        let next = clusters.len();
        let number = *number_of_root.entry(forest.root(at)).or_insert(next);
        if number == next {
            clusters.push(Cluster {
                hits: Vec::new(),
                pixels: Vec::new(),
                beside: Vec::new(),
            });
        }
        clusters[number].pixels.push(pixel);
        if pixel.steps == 0 {
            owner[pixel.origin as usize] = Some(number);
            clusters[number]
                .hits
                .push(found.hits[pixel.origin as usize]);
        }
    }
    // What is beside a target of one strip may be a target of the next.
    let mut beside = found.beside.clone();
    beside.sort_unstable_by_key(|pixel| (pixel.row, pixel.col, pixel.origin));
    beside.dedup_by_key(|pixel| (pixel.row, pixel.col));
    let is_target = |pixel: &Beside| {
        pixels
            .binary_search_by_key(&(pixel.row, pixel.col), |pixel| (pixel.row, pixel.col))
            .is_ok()
    };
    for pixel in beside.into_iter().filter(|pixel| !is_target(pixel)) {
        if let Some(number) = owner[pixel.origin as usize] {
            clusters[number].beside.push(pixel);
        }
    }
    // A patch fires up to a pixel beside the ship: what is no brighter than the sea is none of its pixels.
    for cluster in &mut clusters {
        if cluster.pixels.iter().any(|pixel| pixel.stands_out) {
            let faint = cluster.pixels.extract_if(.., |pixel| !pixel.stands_out);
            cluster.beside.extend(faint.map(|pixel| Beside {
                row: pixel.row,
                col: pixel.col,
                dn: pixel.dn,
                origin: pixel.origin,
            }));
            cluster
                .beside
                .sort_unstable_by_key(|pixel| (pixel.row, pixel.col));
        }
    }
    clusters
}

/// Lays the bands' clusters over one another. Targets come in the order of their first pixel.
pub(super) fn targets(bands: Vec<Vec<Cluster>>) -> Vec<Target> {
    let mut targets: Vec<Target> = Vec::new();
    let mut owner: HashMap<(i64, i64), usize> = HashMap::new();
    for (band, clusters) in bands.into_iter().enumerate() {
        let known = targets.len();
        let mut places = Vec::new();
        for cluster in clusters {
            let number = nearest(&cluster, &owner).unwrap_or(targets.len());
            places.extend(cluster.pixels.iter().map(|pixel| (place(pixel), number)));
            if number >= known {
                targets.push(vec![(band, cluster)]);
            } else {
                add(&mut targets[number], band, cluster);
            }
        }
        for (place, number) in places {
            owner.entry(place).or_insert(number);
        }
    }
    targets.sort_by_key(|target| {
        target
            .iter()
            .filter_map(|(_, cluster)| cluster.pixels.first())
            .map(|pixel| (pixel.row, pixel.col))
            .min()
    });
    targets
}

/// Two clusters of one band that belong to the same target become one.
fn add(target: &mut Target, band: usize, cluster: Cluster) {
    match target.iter_mut().find(|(held, _)| *held == band) {
        Some((_, held)) => {
            held.hits.extend(cluster.hits);
            held.hits.sort_unstable_by_key(|hit| (hit.row, hit.col));
            held.pixels.extend(cluster.pixels);
            held.pixels
                .sort_unstable_by_key(|pixel| (pixel.row, pixel.col));
            held.beside.extend(cluster.beside);
            held.beside
                .sort_unstable_by_key(|pixel| (pixel.row, pixel.col));
        }
        None => target.push((band, cluster)),
    }
}

/// The target within reach that is nearest to any pixel of the cluster; of equals the first.
fn nearest(cluster: &Cluster, owner: &HashMap<(i64, i64), usize>) -> Option<usize> {
    cluster
        .pixels
        .iter()
        .flat_map(|pixel| {
            let (row, col) = place(pixel);
            square(pixel, BAND_REACH).filter_map(move |(y, x)| {
                let distance = (y - row).abs().max((x - col).abs());
                owner.get(&(y, x)).map(|&number| (distance, number))
            })
        })
        .min()
        .map(|(_, number)| number)
}

fn place(pixel: &Pixel) -> (i64, i64) {
    (i64::from(pixel.row), i64::from(pixel.col))
}

/// All places within `reach`, the pixel's own included.
fn square(pixel: &Pixel, reach: i64) -> impl Iterator<Item = (i64, i64)> + use<> {
    let (row, col) = place(pixel);
    (-reach..=reach)
        .flat_map(move |down| (-reach..=reach).map(move |right| (row + down, col + right)))
}

/// Union-find; the root of a set is its smallest member.
struct Forest(Vec<usize>);

impl Forest {
    fn new(size: usize) -> Self {
        Self((0..size).collect())
    }

    fn root(&mut self, mut at: usize) -> usize {
        while self.0[at] != at {
            self.0[at] = self.0[self.0[at]];
            at = self.0[at];
        }
        at
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b)] = a.min(b);
    }
}
