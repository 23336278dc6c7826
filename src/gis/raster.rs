//! Rasters in: any file that GDAL opens, by windows of rows.
//!
//! A [`Raster`] is one open dataset. It may move between threads but not be shared: each worker opens its own. Bands count
//! from 0. Windows must lie inside the raster. Row 0, column 0 is the centre of the first pixel.

use super::srs::LonLatTransform;
use super::{GisError, set_up, vsi};
use gdal::errors::GdalError;
use gdal::raster::{ColorInterpretation, GdalType, RasterBand, ResampleAlg};
use gdal::{Dataset, DatasetOptions, GdalOpenFlags, Metadata};

/// One open raster file.
pub struct Raster {
    path: String,
    dataset: Dataset,
    width: u32,
    height: u32,
    types: Vec<SampleType>,
}

/// Type of a band's samples as stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SampleType {
    /// Unsigned, 8 bits.
    U8,
    /// Unsigned, 16 bits.
    U16,
    /// Signed, 16 bits.
    I16,
    /// Unsigned, 32 bits.
    U32,
    /// Signed, 32 bits.
    I32,
    /// Float, 32 bits.
    F32,
    /// Float, 64 bits.
    F64,
    /// Complex of any width.
    Complex,
}

/// What a band shows, as far as it concerns us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BandRole {
    /// Red, green or blue of a colour picture.
    Colour,
    /// Opacity.
    Alpha,
    /// Anything else.
    Measurement,
}

/// Part of a band.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// First row.
    pub first_row: u32,
    /// First column.
    pub first_col: u32,
    /// Rows.
    pub rows: u32,
    /// Columns.
    pub cols: u32,
}

impl Raster {
    /// Opens a raster by any path that GDAL takes.
    ///
    /// # Errors
    ///
    /// If the file is missing, empty, no raster, or of a sample type that is not read; the error names the file.
    pub fn open(path: &str) -> Result<Self, GisError> {
        set_up();
        if vsi::size(path) == Some(0) {
            return Err(GisError::Empty {
                path: path.to_owned(),
            });
        }
        let options = DatasetOptions {
            open_flags: GdalOpenFlags::GDAL_OF_RASTER | GdalOpenFlags::GDAL_OF_VERBOSE_ERROR,
            ..DatasetOptions::default()
        };
        let refused = |source| GisError::Open {
            path: path.to_owned(),
            source,
        };
        let dataset = Dataset::open_ex(path, options).map_err(refused)?;
        let (width, height) = dataset.raster_size();
        let size = |pixels: usize| u32::try_from(pixels).map_err(|error| refused(error.into()));
        let (width, height) = (size(width)?, size(height)?);
        let types = (0..dataset.raster_count())
            .map(|band| {
                let raster_band = dataset.rasterband(band + 1).map_err(refused)?;
                sample_type(path, band, &raster_band)
            })
            .collect::<Result<Vec<_>, _>>()?;
        if types.is_empty() {
            return Err(refused(GdalError::BadArgument(
                "it has no bands".to_owned(),
            )));
        }
        Ok(Self {
            path: path.to_owned(),
            dataset,
            width,
            height,
            types,
        })
    }

    /// Columns and rows.
    pub fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// Number of bands, at least 1.
    pub fn bands(&self) -> usize {
        self.types.len()
    }

    /// Type of a band's samples.
    ///
    /// # Panics
    ///
    /// If there is no such band.
    pub fn sample_type(&self, band: usize) -> SampleType {
        self.types[band]
    }

    /// The value that marks pixels without data, if the file declares one.
    pub fn no_data(&self, band: usize) -> Option<f64> {
        self.band(band).ok()?.no_data_value()
    }

    /// The band's description, empty if it has none.
    pub fn description(&self, band: usize) -> String {
        self.band(band)
            .ok()
            .and_then(|band| band.description().ok())
            .unwrap_or_default()
    }

    /// What the band shows.
    pub fn role(&self, band: usize) -> BandRole {
        match self.band(band).map(|band| band.color_interpretation()) {
            Ok(
                ColorInterpretation::RedBand
                | ColorInterpretation::GreenBand
                | ColorInterpretation::BlueBand,
            ) => BandRole::Colour,
            Ok(ColorInterpretation::AlphaBand) => BandRole::Alpha,
            _ => BandRole::Measurement,
        }
    }

    /// True if the file ties pixels to places by ground control points.
    pub fn has_gcps(&self) -> bool {
        !self.dataset.gcps().is_empty()
    }

    /// The affine map from (column, row) of pixel corners to the coordinate system; `None` if the file has none.
    ///
    /// # Errors
    ///
    /// If it is there, but not of finite numbers or not invertible.
    pub fn geo_transform(&self) -> Result<Option<[f64; 6]>, GisError> {
        // The identity is what GDAL and many writers put where nothing is known.
        const UNKNOWN: [f64; 6] = [0.0, 1.0, 0.0, 0.0, 0.0, 1.0];
        let Some(value) = self
            .dataset
            .geo_transform()
            .ok()
            .filter(|value| *value != UNKNOWN)
        else {
            return Ok(None);
        };
        let determinant = value[1] * value[5] - value[2] * value[4];
        let fault = if value.iter().any(|number| number.is_nan()) {
            "NaN"
        } else if value.iter().any(|number| number.is_infinite()) {
            "infinite"
        } else if determinant == 0.0 {
            "singular"
        } else {
            return Ok(Some(value));
        };
        Err(GisError::GeoTransform {
            path: self.path.clone(),
            value,
            fault,
        })
    }

    /// The map between pixels and longitude and latitude; `None` if the file lacks a geotransform or a coordinate system.
    ///
    /// # Errors
    ///
    /// If the geotransform is unsound, or GDAL knows no way from the coordinate system to EPSG:4326.
    pub fn to_lonlat(&self) -> Result<Option<LonLatTransform>, GisError> {
        let Some(affine) = self.geo_transform()? else {
            return Ok(None);
        };
        let Ok(crs) = self.dataset.spatial_ref() else {
            return Ok(None);
        };
        LonLatTransform::new(affine, crs)
            .map(Some)
            .map_err(|source| GisError::CoordinateSystem {
                path: self.path.clone(),
                source,
            })
    }

    /// Reads whole rows of an 8 or 16-bit unsigned band, row-major.
    ///
    /// # Errors
    ///
    /// If the window lies outside, the buffer has another size, or the file is cut off.
    pub fn read_rows_u16(
        &mut self,
        band: usize,
        first_row: u32,
        rows: u32,
        out: &mut [u16],
    ) -> Result<(), GisError> {
        self.read_window_u16(band, self.rows(first_row, rows), out)
    }

    /// Reads whole rows as floats, row-major; complex samples give their magnitude.
    ///
    /// # Errors
    ///
    /// As for [`Self::read_rows_u16`].
    pub fn read_rows_f32(
        &mut self,
        band: usize,
        first_row: u32,
        rows: u32,
        out: &mut [f32],
    ) -> Result<(), GisError> {
        self.read_window_f32(band, self.rows(first_row, rows), out)
    }

    /// Reads a window as 16-bit unsigned numbers.
    ///
    /// # Errors
    ///
    /// As for [`Self::read_rows_u16`].
    pub fn read_window_u16(
        &mut self,
        band: usize,
        window: Window,
        out: &mut [u16],
    ) -> Result<(), GisError> {
        self.read(band, window, (window.cols, window.rows), out)
    }

    /// Reads a window as floats; complex samples give their magnitude.
    ///
    /// # Errors
    ///
    /// As for [`Self::read_rows_u16`].
    pub fn read_window_f32(
        &mut self,
        band: usize,
        window: Window,
        out: &mut [f32],
    ) -> Result<(), GisError> {
        if self.types.get(band) == Some(&SampleType::Complex) {
            self.read_magnitude(band, window, (window.cols, window.rows), out)
        } else {
            self.read(band, window, (window.cols, window.rows), out)
        }
    }

    /// Reads a whole band thinned to `size` (columns, rows) as 16-bit unsigned numbers, by nearest pixels or overviews.
    ///
    /// # Errors
    ///
    /// As for [`Self::read_rows_u16`].
    pub fn overview_u16(
        &mut self,
        band: usize,
        size: (u32, u32),
        out: &mut [u16],
    ) -> Result<(), GisError> {
        self.read(band, self.rows(0, self.height), size, out)
    }

    /// True if the file itself holds a thinned copy of the band, a quarter of its width or less, of at least `size`.
    pub fn has_overview(&self, band: usize, size: (u32, u32)) -> bool {
        let Ok(band) = self.band(band) else {
            return false;
        };
        let count = band.overview_count().unwrap_or(0).max(0) as usize;
        (0..count)
            .filter_map(|at| band.overview(at).ok())
            .any(|overview| {
                let (cols, rows) = overview.size();
                let fine = cols >= size.0 as usize && rows >= size.1 as usize;
                fine && cols <= self.width as usize / 4
            })
    }

    /// Reads a whole band thinned to `size` (columns, rows) as 16-bit unsigned numbers, by means of the nearest overview.
    ///
    /// # Errors
    ///
    /// As for [`Self::read_rows_u16`].
    pub fn means_u16(
        &mut self,
        band: usize,
        size: (u32, u32),
        out: &mut [u16],
    ) -> Result<(), GisError> {
        let whole = self.rows(0, self.height);
        self.read_by(band, (whole, size), ResampleAlg::Average, out)
    }

    /// Reads a whole band thinned to `size` (columns, rows) as floats; complex samples give their magnitude.
    ///
    /// # Errors
    ///
    /// As for [`Self::read_rows_u16`].
    pub fn overview_f32(
        &mut self,
        band: usize,
        size: (u32, u32),
        out: &mut [f32],
    ) -> Result<(), GisError> {
        let whole = self.rows(0, self.height);
        if self.types.get(band) == Some(&SampleType::Complex) {
            self.read_magnitude(band, whole, size, out)
        } else {
            self.read(band, whole, size, out)
        }
    }

    fn rows(&self, first_row: u32, rows: u32) -> Window {
        Window {
            first_row,
            first_col: 0,
            rows,
            cols: self.width,
        }
    }

    fn band(&self, band: usize) -> Result<RasterBand<'_>, GdalError> {
        self.dataset.rasterband(band + 1)
    }

    fn read<T: Copy + GdalType>(
        &self,
        band: usize,
        window: Window,
        size: (u32, u32),
        out: &mut [T],
    ) -> Result<(), GisError> {
        self.read_by(band, (window, size), ResampleAlg::NearestNeighbour, out)
    }

    fn read_by<T: Copy + GdalType>(
        &self,
        band: usize,
        (window, size): (Window, (u32, u32)),
        resampling: ResampleAlg,
        out: &mut [T],
    ) -> Result<(), GisError> {
        let mut read = || {
            self.band(band)?.read_into_slice(
                (window.first_col as isize, window.first_row as isize),
                (window.cols as usize, window.rows as usize),
                (size.0 as usize, size.1 as usize),
                out,
                Some(resampling),
            )
        };
        read().map_err(|source| self.unreadable(band, window, source))
    }

    fn read_magnitude(
        &self,
        band: usize,
        window: Window,
        size: (u32, u32),
        out: &mut [f32],
    ) -> Result<(), GisError> {
        let mut pairs = vec![[0.0_f32; 2]; out.len()];
        if out.len() != size.0 as usize * size.1 as usize {
            let source =
                GdalError::BufferSizeMismatch(out.len(), (size.0 as usize, size.1 as usize));
            return Err(self.unreadable(band, window, source));
        }
        let raster_band = self
            .band(band)
            .map_err(|source| self.unreadable(band, window, source))?;
        // SAFETY: the handle lives as long as `raster_band`; `pairs` has room for `size` complex floats; GDAL checks the
        // window against the raster itself. A null argument list stands for nearest-neighbour.
        let answer = unsafe {
            gdal_sys::GDALRasterIOEx(
                raster_band.c_rasterband(),
                gdal_sys::GDALRWFlag::GF_Read,
                window.first_col as i32,
                window.first_row as i32,
                window.cols as i32,
                window.rows as i32,
                pairs.as_mut_ptr().cast(),
                size.0 as i32,
                size.1 as i32,
                gdal_sys::GDALDataType::GDT_CFloat32,
                0,
                0,
                std::ptr::null_mut(),
            )
        };
        if answer != gdal_sys::CPLErr::CE_None {
            let source = GdalError::CplError {
                class: answer,
                number: 0,
                msg: super::last_message(),
            };
            return Err(self.unreadable(band, window, source));
        }
        for (slot, [re, im]) in out.iter_mut().zip(pairs) {
            *slot = re.hypot(im);
        }
        Ok(())
    }

    fn unreadable(&self, band: usize, window: Window, source: GdalError) -> GisError {
        GisError::Pixels {
            path: self.path.clone(),
            band: band + 1,
            first_row: window.first_row,
            last_row: window
                .first_row
                .saturating_add(window.rows)
                .saturating_sub(1),
            source,
        }
    }
}

fn sample_type(
    path: &str,
    band: usize,
    raster_band: &RasterBand<'_>,
) -> Result<SampleType, GisError> {
    use gdal_sys::GDALDataType as Stored;
    // SAFETY: the handle lives as long as `raster_band`.
    let stored = unsafe { gdal_sys::GDALGetRasterDataType(raster_band.c_rasterband()) };
    Ok(match stored {
        Stored::GDT_Byte => SampleType::U8,
        Stored::GDT_UInt16 => SampleType::U16,
        Stored::GDT_Int16 => SampleType::I16,
        Stored::GDT_UInt32 => SampleType::U32,
        Stored::GDT_Int32 => SampleType::I32,
        Stored::GDT_Float32 => SampleType::F32,
        Stored::GDT_Float64 => SampleType::F64,
        Stored::GDT_CInt16 | Stored::GDT_CInt32 | Stored::GDT_CFloat32 | Stored::GDT_CFloat64 => {
            SampleType::Complex
        }
        other => {
            return Err(GisError::SampleType {
                path: path.to_owned(),
                band: band + 1,
                found: format!("number {other} of GDAL"),
            });
        }
    })
}
