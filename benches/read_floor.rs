//! GDAL's own reading of rasters: what a search of them cannot beat. Usage: read_floor RASTER…
//!
//! A thread, a dataset and one reused buffer a raster; whole rows in their stored type, 512 at a time, as fast as GDAL
//! gives them. Prints seconds.

use anyhow::{Result, ensure};
use rayon::prelude::*;
use std::io::Write;
use std::time::Instant;
use tidewatch::gis::raster::Raster;

/// Rows read at once: a row of a cloud-optimised GeoTIFF's tiles.
const ROWS: u32 = 512;

fn main() -> Result<()> {
    // `cargo bench` adds an option of its own.
    let paths: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    ensure!(!paths.is_empty(), "usage: read_floor RASTER…");
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(paths.len())
        .build()?;
    let begun = Instant::now();
    pool.install(|| {
        paths
            .par_iter()
            .with_max_len(1)
            .try_for_each(|path| read(path))
    })?;
    writeln!(std::io::stdout(), "{:.3}", begun.elapsed().as_secs_f64())?;
    Ok(())
}

fn read(path: &str) -> Result<()> {
    let mut raster = Raster::open(path)?;
    let (width, height) = raster.size();
    let mut buffer = vec![0; ROWS as usize * width as usize];
    for first in (0..height).step_by(ROWS as usize) {
        let rows = ROWS.min(height - first);
        raster.read_rows_u16(
            0,
            first,
            rows,
            &mut buffer[..rows as usize * width as usize],
        )?;
        std::hint::black_box(&buffer);
    }
    Ok(())
}
