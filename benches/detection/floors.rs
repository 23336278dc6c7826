//! What cannot be beaten: copying the image in memory, and GDAL reading it.

use anyhow::Result;
use rayon::prelude::*;
use std::path::Path;
use tidewatch::gis::raster::Raster;

/// Rows read at once.
const ROWS: u32 = 512;

/// Copies the image on rayon's pool, a part a thread.
pub fn copy(image: &[u16], into: &mut [u16]) {
    let part = image.len().div_ceil(rayon::current_num_threads());
    into.par_chunks_mut(part)
        .zip(image.par_chunks(part))
        .for_each(|(into, from)| into.copy_from_slice(from));
    std::hint::black_box(into);
}

/// Reads the first band of a raster through GDAL on rayon's pool: a stretch of rows, a dataset and a buffer a thread.
pub fn read(path: &Path) -> Result<()> {
    let path = path.to_string_lossy();
    let (width, height) = Raster::open(&path)?.size();
    let threads = rayon::current_num_threads() as u32;
    (0..threads).into_par_iter().try_for_each(|thread| {
        let mut raster = Raster::open(&path)?;
        let end = height * (thread + 1) / threads;
        let mut first = height * thread / threads;
        let mut buffer = vec![0; (ROWS * width) as usize];
        while first < end {
            let rows = ROWS.min(end - first);
            raster.read_rows_u16(0, first, rows, &mut buffer[..(rows * width) as usize])?;
            std::hint::black_box(&buffer);
            first += rows;
        }
        Ok(())
    })
}
