//! Of regions within regions, the ones that are taken: the most ship-like first, and none that shares most of itself with
//! one taken before.

use super::grey::Bounds;
use super::regions::Region;

/// Part of the smaller of two rectangles above which they show the same thing.
const SAME: f64 = 0.5;

/// Places of the regions taken, the highest of `scores` first; none below `least`. Of equal scores the earlier comes first.
pub fn choose(regions: &[Region], scores: &[f64], least: f64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..regions.len())
        .filter(|&at| scores[at] >= least)
        .collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]).then(a.cmp(&b)));
    let mut taken: Vec<usize> = Vec::new();
    for at in order {
        let bounds = &regions[at].bounds;
        if !taken
            .iter()
            .any(|&other| same(bounds, &regions[other].bounds))
        {
            taken.push(at);
        }
    }
    taken
}

fn same(a: &Bounds, b: &Bounds) -> bool {
    let smaller = a.area().min(b.area());
    a.shared(b).area() as f64 > SAME * smaller as f64
}
