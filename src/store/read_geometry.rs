//! GeoPackage geometry blobs back into shapes: points, and lines and polygons of many parts, in little-endian WKB, as this store writes them.
//!
//! Source: OGC 12-128r15 (GeoPackage 1.3), section 2.1.3; OGC 06-103r4, section 8.2.

use geo::{Coord, Geometry, LineString, MultiLineString, MultiPolygon, Point, Polygon};

/// The shape in `blob`; `None` if it is empty, broken, or of a kind this store does not write.
pub(super) fn read(blob: &[u8]) -> Option<Geometry<f64>> {
    read_wkb(super::geometry::wkb(blob)?)
}

/// The shape in well-known binary; `None` if it is broken, or of a kind this store does not write.
pub(super) fn read_wkb(bytes: &[u8]) -> Option<Geometry<f64>> {
    Reader(bytes).geometry()
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }

    fn kind(&mut self) -> Option<u32> {
        let [order] = self.take()?;
        (order == 1).then_some(())?;
        Some(u32::from_le_bytes(self.take()?))
    }

    /// A count of parts that need `least` bytes each: one that cannot be true is refused before anything is reserved.
    fn count(&mut self, least: usize) -> Option<usize> {
        let count = usize::try_from(u32::from_le_bytes(self.take()?)).ok()?;
        (count.checked_mul(least)? <= self.0.len()).then_some(count)
    }

    fn coordinate(&mut self) -> Option<Coord<f64>> {
        Some(Coord {
            x: f64::from_le_bytes(self.take()?),
            y: f64::from_le_bytes(self.take()?),
        })
    }

    fn line(&mut self) -> Option<LineString<f64>> {
        let count = self.count(16)?;
        (0..count)
            .map(|_| self.coordinate())
            .collect::<Option<Vec<_>>>()
            .map(LineString)
    }

    fn polygon(&mut self) -> Option<Polygon<f64>> {
        let count = self.count(4)?;
        let mut rings = (0..count)
            .map(|_| self.line())
            .collect::<Option<Vec<_>>>()?
            .into_iter();
        let exterior = rings.next()?;
        Some(Polygon::new(exterior, rings.collect()))
    }

    fn geometry(&mut self) -> Option<Geometry<f64>> {
        match self.kind()? {
            1 => Some(Geometry::Point(Point(self.coordinate()?))),
            5 => {
                let lines = (0..self.count(9)?).map(|_| {
                    (self.kind()? == 2).then_some(())?;
                    self.line()
                });
                let lines = lines.collect::<Option<Vec<_>>>()?;
                Some(Geometry::MultiLineString(MultiLineString(lines)))
            }
            6 => {
                let polygons = (0..self.count(9)?).map(|_| {
                    (self.kind()? == 3).then_some(())?;
                    self.polygon()
                });
                let polygons = polygons.collect::<Option<Vec<_>>>()?;
                Some(Geometry::MultiPolygon(MultiPolygon(polygons)))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panic")]
mod tests {
    use super::super::{geometry, samples};
    use super::*;
    use crate::model::units::LonLat;

    #[test]
    fn what_the_store_writes_is_read_back() {
        let blob = geometry::point(LonLat::new(123.5, -25.25)).unwrap();
        assert_eq!(
            read(&blob),
            Some(Geometry::Point(Point::new(123.5, -25.25)))
        );
        let square = samples::square(123.0, 25.0);
        let blob = geometry::multi_polygon(&square).unwrap();
        assert_eq!(read(&blob), Some(Geometry::MultiPolygon(square)));
        let track = samples::track(1, &[(0, 1.0, 2.0), (60, 1.5, 2.0)], &[]);
        let Some(Geometry::MultiLineString(lines)) = read(&geometry::track(&track).unwrap()) else {
            panic!("a track is lines");
        };
        assert_eq!(lines.0[0].0.len(), 2);
    }

    #[test]
    fn a_blob_that_is_cut_or_lies_about_its_parts_is_nothing() {
        let blob = geometry::multi_polygon(&samples::square(1.0, 2.0)).unwrap();
        for end in 0..blob.len() {
            assert_eq!(read(&blob[..end]), None, "{end}");
        }
        let mut liar = blob;
        liar[45..49].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(read(&liar), None);
    }
}
