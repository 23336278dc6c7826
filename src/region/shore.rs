//! Distance to the nearest shore.
//!
//! Edges of land are cut to 2 km, set into Earth-centred WGS 84 metres and indexed by their boxes. The nearest edge by straight
//! line is taken, and the geodesic to its nearest point is the answer: within 100 km the straight line and the geodesic differ by
//! under 1 m and order edges alike, and a 2 km edge leaves the line between its ends by under 0.1 m.

use crate::model::units::LonLat;
use geo::{Coord, Line, LinesIter, Polygon};
use rstar::{AABB, PointDistance, RTree, RTreeObject};

/// Farthest shore that is looked for, metres.
pub const REACH_M: f64 = 100_000.0;

/// Longest piece of an edge, metres.
const PIECE_M: f64 = 2_000.0;

/// Semi-major axis of WGS 84, metres.
const A_M: f64 = 6_378_137.0;

/// First eccentricity of WGS 84, squared.
const E2: f64 = 0.006_694_379_990_141_317;

/// An index of the edges of land.
pub(super) struct Shore {
    edges: RTree<Edge>,
}

struct Edge {
    line: Line<f64>,
    from_m: [f64; 3],
    to_m: [f64; 3],
}

impl Shore {
    pub(super) fn new(polygons: &[Polygon<f64>]) -> Self {
        let edges = polygons.iter().flat_map(|polygon| polygon.lines_iter());
        let pieces = edges.flat_map(|line| pieces(line, PIECE_M));
        let edges = pieces.map(|line| Edge {
            line,
            from_m: earth_centred(line.start),
            to_m: earth_centred(line.end),
        });
        Self {
            edges: RTree::bulk_load(edges.collect()),
        }
    }

    /// Geodesic distance to the nearest edge, metres; `None` beyond the reach.
    pub(super) fn distance_m(&self, place: LonLat) -> Option<f64> {
        let at = earth_centred(Coord {
            x: place.lon_deg,
            y: place.lat_deg,
        });
        let edge = self.edges.nearest_neighbor(at)?;
        let t = edge.nearest_fraction(at);
        let nearest = edge.line.start + edge.line.delta() * t;
        let distance_m = place.distance_m(LonLat::new(nearest.x, nearest.y));
        (distance_m <= REACH_M).then_some(distance_m)
    }
}

impl Edge {
    /// How far along the edge its point nearest to `at` lies, 0 ..= 1.
    fn nearest_fraction(&self, at: [f64; 3]) -> f64 {
        let along = difference(self.to_m, self.from_m);
        let length2 = dot(along, along);
        if length2 == 0.0 {
            return 0.0;
        }
        (dot(difference(at, self.from_m), along) / length2).clamp(0.0, 1.0)
    }
}

impl RTreeObject for Edge {
    type Envelope = AABB<[f64; 3]>;

    fn envelope(&self) -> Self::Envelope {
        AABB::from_corners(self.from_m, self.to_m)
    }
}

impl PointDistance for Edge {
    fn distance_2(&self, at: &[f64; 3]) -> f64 {
        let t = self.nearest_fraction(*at);
        let along = difference(self.to_m, self.from_m);
        let offset = difference(*at, self.from_m);
        let apart: [f64; 3] = std::array::from_fn(|i| offset[i] - along[i] * t);
        dot(apart, apart)
    }
}

/// An edge, straight in longitude and latitude, in equal pieces of at most `longest_m`.
pub(super) fn pieces(line: Line<f64>, longest_m: f64) -> impl Iterator<Item = Line<f64>> {
    let metres_a_degree = A_M.to_radians();
    let parallel = (line.start.y.abs().min(line.end.y.abs()))
        .to_radians()
        .cos();
    let east_m = line.dx() * metres_a_degree * parallel;
    let length_m = east_m.hypot(line.dy() * metres_a_degree);
    let count = (length_m / longest_m).ceil().clamp(1.0, 1e5) as u32;
    let at = move |piece: u32| {
        if piece == count {
            return line.end;
        }
        line.start + line.delta() * (f64::from(piece) / f64::from(count))
    };
    (0..count).map(move |piece| Line::new(at(piece), at(piece + 1)))
}

/// Earth-centred place of a point on WGS 84, metres.
fn earth_centred(at: Coord<f64>) -> [f64; 3] {
    let (lon, lat) = (at.x.to_radians(), at.y.to_radians());
    let normal_m = A_M / (1.0 - E2 * lat.sin().powi(2)).sqrt();
    [
        normal_m * lat.cos() * lon.cos(),
        normal_m * lat.cos() * lon.sin(),
        normal_m * (1.0 - E2) * lat.sin(),
    ]
}

fn difference(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    std::array::from_fn(|i| a[i] - b[i])
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
