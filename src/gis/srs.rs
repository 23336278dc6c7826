//! Coordinate systems: between a raster's pixels and WGS 84 longitude and latitude.

use crate::model::units::LonLat;
use gdal::errors::GdalError;
use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform, SpatialRef};
use std::sync::{Mutex, PoisonError};

/// The map between a raster's pixels and longitude and latitude (EPSG:4326 in that order), both ways.
///
/// Row 0, column 0 is the centre of the first pixel. May be shared between threads.
pub struct LonLatTransform {
    affine: [f64; 6],
    inverse: [f64; 6],
    /// `None` if the raster's own coordinates are WGS 84 longitude and latitude already.
    projection: Option<Mutex<Projection>>,
}

struct Projection {
    forward: CoordTransform,
    backward: CoordTransform,
}

// SAFETY: the two handles belong to this value alone. GDAL rebinds a transformation to the calling thread's PROJ context
// at each use, so that it may move between threads; the `Mutex` around it keeps uses apart.
unsafe impl Send for Projection {}

impl LonLatTransform {
    /// `affine` maps pixel corners (column, row) into `crs`; it is finite and invertible.
    pub(super) fn new(affine: [f64; 6], mut crs: SpatialRef) -> Result<Self, GdalError> {
        crs.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
        let wgs84 = wgs84()?;
        let projection = if is_wgs84(&crs) {
            None
        } else {
            Some(Mutex::new(Projection {
                forward: CoordTransform::new(&crs, &wgs84)?,
                backward: CoordTransform::new(&wgs84, &crs)?,
            }))
        };
        let [x0, a, b, y0, c, d] = affine;
        let determinant = a * d - b * c;
        let (ia, ib, ic, id) = (
            d / determinant,
            -b / determinant,
            -c / determinant,
            a / determinant,
        );
        Ok(Self {
            affine,
            inverse: [-(ia * x0 + ib * y0), ia, ib, -(ic * x0 + id * y0), ic, id],
            projection,
        })
    }

    /// Place of a pixel; `None` where the projection has no answer.
    pub fn place(&self, row: f64, col: f64) -> Option<LonLat> {
        let (x, y) = apply(&self.affine, col + 0.5, row + 0.5);
        let (lon, lat) = self.project(|projection| &projection.forward, x, y)?;
        (lon.is_finite() && lat.is_finite() && lat.abs() <= 90.0).then(|| LonLat::new(lon, lat))
    }

    /// Row and column of a place, inside the raster or not; `None` where the projection has no answer.
    pub fn pixel(&self, place: LonLat) -> Option<(f64, f64)> {
        let (mut x, y) = self.project(
            |projection| &projection.backward,
            place.lon_deg,
            place.lat_deg,
        )?;
        if self.projection.is_none() {
            // A raster across 180° may count longitudes beyond it.
            let (centre, _) = apply(&self.affine, 0.5, 0.5);
            x += 360.0 * ((centre - x) / 360.0).round();
        }
        let (col, row) = apply(&self.inverse, x, y);
        (col.is_finite() && row.is_finite()).then_some((row - 0.5, col - 0.5))
    }

    fn project(
        &self,
        way: fn(&Projection) -> &CoordTransform,
        x: f64,
        y: f64,
    ) -> Option<(f64, f64)> {
        let Some(projection) = &self.projection else {
            return Some((x, y));
        };
        // A poisoned lock only means that another thread stopped between two calls; the handles are whole.
        let projection = projection.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut xs, mut ys) = ([x], [y]);
        way(&projection)
            .transform_coords(&mut xs, &mut ys, &mut [])
            .ok()?;
        (xs[0].is_finite() && ys[0].is_finite()).then_some((xs[0], ys[0]))
    }
}

/// EPSG:4326 with longitude first.
pub(super) fn wgs84() -> Result<SpatialRef, GdalError> {
    let mut wgs84 = SpatialRef::from_epsg(4326)?;
    wgs84.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    Ok(wgs84)
}

fn is_wgs84(crs: &SpatialRef) -> bool {
    crs.is_geographic()
        && crs.auth_name().as_deref() == Some("EPSG")
        && crs.auth_code().is_ok_and(|code| code == 4326)
}

fn apply(map: &[f64; 6], x: f64, y: f64) -> (f64, f64) {
    (
        map[0] + map[1] * x + map[2] * y,
        map[3] + map[4] * x + map[5] * y,
    )
}
