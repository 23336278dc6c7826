//! Speed of detection, as rates and as ratios to floors and to other programs measured in the same run.
//!
//! Writes a table to standard output and to `target/bench/detection.md`. Everything runs interleaved, round by round,
//! and the best round counts: the noise of a shared machine only ever adds time.

mod floors;
mod peers;
mod sea;
mod whole;

use anyhow::{Result, ensure};
use peers::{Peers, Subject};
use rayon::{ThreadPool, ThreadPoolBuilder};
use sea::{LOOKS, Sea};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::time::Instant;
use tidewatch::detect::{
    DetectParams, Ground, Image, NoLand, ReadRows, RingLaw, RingTest, Simd, search_image,
};
use tidewatch::gis::GisError;
use tidewatch::gis::write::{Compression, write_geotiff_u16_with_gcps};
use tidewatch::model::scene::{Scene, Sensor};
use tidewatch::model::tile::Tile;

/// Side of the image that is tested in memory, pixels.
const SIDE: usize = 8192;

/// Side of the raster that the whole program searches.
const LARGE_SIDE: usize = 16_384;

/// Rounds, of which the best counts.
const ROUNDS: usize = 5;

/// Outer and guard window, pixels.
const RINGS: [(u32, u32); 3] = [(41, 21), (81, 51), (121, 61)];

/// The default windows of a 10 m image: what the ratios are told for.
const MAIN_RING: usize = 1;

const PFA: f64 = 1e-7;

fn main() -> Result<()> {
    let folder = Path::new("target/bench");
    std::fs::create_dir_all(folder)?;
    let pools = [pool(1)?, pool(2)?];
    let sea = Sea::new(SIDE);
    let mut image = vec![0; SIDE * SIDE];
    sea.fill(0, &mut image);
    let raw = folder.join("sea.u16");
    let bytes: Vec<u8> = image.iter().flat_map(|dn| dn.to_le_bytes()).collect();
    std::fs::write(&raw, bytes)?;
    let small = folder.join("sea.tiff");
    write_raster(&small, SIDE, &sea)?;
    let mut peers = Peers::start(&raw, SIDE, 2)?;
    let mut page = String::new();

    let floors = time_floors(&image, &small, &pools)?;
    writeln!(
        page,
        "Image: {SIDE} x {SIDE} pixels of 16 bits, {LOOKS}-look speckle with ships, 8 % masked. Best of {ROUNDS} rounds.\n"
    )?;
    writeln!(
        page,
        "| ring / guard | portable, 1 thread | {0}, 1 thread | {0}, 2 threads | numba, 2 threads | numba packed, 2 threads | OpenCV, 2 threads |",
        Simd::widest().name()
    )?;
    writeln!(page, "|---|---|---|---|---|---|---|")?;
    let mut best = Vec::new();
    for (ring_px, guard_px) in RINGS {
        let law = RingLaw {
            ring_px,
            guard_px,
            looks: LOOKS,
            nu: None,
            pfa: PFA,
        };
        let rates = time_ring(&image, &law, &pools, &mut peers)?;
        writeln!(
            page,
            "| {ring_px} / {guard_px} | {:.0} | {:.0} | {:.0} | {:.0} | {:.0} | {:.0} |",
            rates.portable, rates.wide[0], rates.wide[1], rates.numba, rates.packed, rates.opencv
        )?;
        best.push(rates);
    }
    drop(peers);
    let main = &best[MAIN_RING];
    writeln!(
        page,
        "\nMpx/s of masked ring statistics and K test; the same pixels fire in all ({} of {} pixels within 1e-4 of the threshold are decided otherwise by the floating-point sums of OpenCV and SciPy).\n",
        best.iter().map(|rates| rates.borderline).sum::<usize>(),
        best.iter().map(|rates| rates.fired).sum::<usize>()
    )?;

    let search = time_search(&image, &pools[1])?;
    writeln!(
        page,
        "| 81 / 51, two threads | Mpx/s | ring test over it |\n|---|---|---|"
    )?;
    let rows = [
        ("ring statistics and K test", main.wide[1]),
        ("numba 0.68, exact sliding sums", main.numba),
        (
            "numba 0.68, the same with sum and count packed in one number",
            main.packed,
        ),
        ("OpenCV 5.0, boxFilter by strips", main.opencv),
        ("SciPy 1.17, uniform_filter by strips", main.scipy),
        ("copy in memory", floors.copy[1]),
        ("GDAL reading the same raster, uncompressed", floors.read[1]),
        (
            "whole search of rows in memory: levels, censoring, texture, test, targets",
            search,
        ),
    ];
    for (name, rate) in rows {
        writeln!(page, "| {name} | {rate:.0} | {:.2} |", main.wide[1] / rate)?;
    }
    writeln!(
        page,
        "\nOne thread: copy {:.0}, GDAL {:.0}, portable ring test {:.0} Mpx/s.\n",
        floors.copy[0], floors.read[0], main.portable
    )?;

    drop(image);
    let large = folder.join("large.tiff");
    write_raster(&large, LARGE_SIDE, &Sea::new(LARGE_SIDE))?;
    let ran = time_program(&large)?;
    let megapixels = (LARGE_SIDE * LARGE_SIDE) as f64 / 1e6;
    let rate = megapixels / ran.seconds;
    writeln!(
        page,
        "Whole program, `tidewatch detect` of a {LARGE_SIDE} x {LARGE_SIDE} GeoTIFF on two threads: {:.2} s, {rate:.0} Mpx/s, {:.2} x numba's ring test alone; peak memory {:.0} MiB.",
        ran.seconds,
        rate / main.numba,
        ran.peak_mib
    )?;
    for file in [raw, small, large] {
        std::fs::remove_file(file)?;
    }
    std::fs::write(folder.join("detection.md"), &page)?;
    std::io::stdout().write_all(page.as_bytes())?;
    Ok(())
}

fn pool(threads: usize) -> Result<ThreadPool> {
    Ok(ThreadPoolBuilder::new().num_threads(threads).build()?)
}

fn write_raster(path: &Path, side: usize, sea: &Sea) -> Result<()> {
    let fill = |first: u32, _: u32, out: &mut [u16]| {
        sea.fill(first as usize, out);
        Ok::<(), GisError>(())
    };
    let size = (side as u32, side as u32);
    write_geotiff_u16_with_gcps(&path.to_string_lossy(), size, &[], Compression::None, fill)?;
    Ok(())
}

/// Seconds of one go.
fn seconds(work: impl FnOnce()) -> f64 {
    let begun = Instant::now();
    work();
    begun.elapsed().as_secs_f64()
}

/// Megapixels a second of the image in memory.
fn rate(seconds: f64) -> f64 {
    (SIDE * SIDE) as f64 / 1e6 / seconds
}

/// Mpx/s on one thread and on two.
struct Floors {
    copy: [f64; 2],
    read: [f64; 2],
}

fn time_floors(image: &[u16], raster: &Path, pools: &[ThreadPool; 2]) -> Result<Floors> {
    let mut into = vec![1; image.len()];
    let (mut copy, mut read) = ([f64::MAX; 2], [f64::MAX; 2]);
    for _ in 0..ROUNDS {
        for (which, pool) in pools.iter().enumerate() {
            copy[which] =
                copy[which].min(seconds(|| pool.install(|| floors::copy(image, &mut into))));
            let mut done = Ok(());
            read[which] = read[which].min(seconds(|| done = pool.install(|| floors::read(raster))));
            done?;
        }
    }
    Ok(Floors {
        copy: copy.map(rate),
        read: read.map(rate),
    })
}

/// Mpx/s of one pair of windows.
struct Rates {
    portable: f64,
    /// The widest instructions, on one thread and on two.
    wide: [f64; 2],
    numba: f64,
    /// Sum and count packed in one number.
    packed: f64,
    opencv: f64,
    scipy: f64,
    /// Pixels that fired.
    fired: usize,
    /// Pixels that single precision decided otherwise.
    borderline: usize,
}

fn time_ring(
    image: &[u16],
    law: &RingLaw,
    pools: &[ThreadPool; 2],
    peers: &mut Peers,
) -> Result<Rates> {
    let portable = RingTest::new(law, Simd::Portable)?;
    let test = RingTest::new(law, Simd::widest())?;
    let fired = pools[1].install(|| test.fires(image, SIDE as u32));
    ensure!(fired.len() > 1000, "only {} pixels fire", fired.len());
    let subject = Subject {
        image,
        width: SIDE,
        law,
        test: &test,
    };
    // The first go compiles numba's code, checks, and is not counted; SciPy takes so long that its one go is.
    peers.time("numba", law, &test)?;
    peers.compare(("numba", true), &fired, &subject)?;
    peers.time("numba-packed", law, &test)?;
    peers.compare(("numba-packed", true), &fired, &subject)?;
    peers.time("opencv", law, &test)?;
    let mut borderline = peers.compare(("opencv", false), &fired, &subject)?;
    let scipy = peers.time("scipy", law, &test)?;
    borderline += peers.compare(("scipy", false), &fired, &subject)?;
    let mut best = [f64::MAX; 6];
    for _ in 0..ROUNDS {
        let ours = |pool: &ThreadPool, test: &RingTest| {
            let mut found = Vec::new();
            let took = seconds(|| found = pool.install(|| test.fires(image, SIDE as u32)));
            ensure!(found == fired, "two goes of the ring test differ");
            Ok(took)
        };
        let round = [
            ours(&pools[0], &portable)?,
            ours(&pools[0], &test)?,
            ours(&pools[1], &test)?,
            peers.time("numba", law, &test)?,
            peers.time("numba-packed", law, &test)?,
            peers.time("opencv", law, &test)?,
        ];
        for (best, took) in best.iter_mut().zip(round) {
            *best = best.min(took);
        }
    }
    let [portable, one, two, numba, packed, opencv] = best.map(rate);
    Ok(Rates {
        portable,
        wide: [one, two],
        numba,
        packed,
        opencv,
        scipy: rate(scipy),
        fired: fired.len(),
        borderline,
    })
}

/// Mpx/s of the whole search, rows handed over from memory, on the pool's threads.
fn time_search(image: &[u16], pool: &ThreadPool) -> Result<f64> {
    let scene = scene();
    let nowhere = Ground {
        locate: &|_, _| None,
        frame: &|_, _| None,
        sigma0: &|_, _, _| None,
        ambiguity: &|_, _| None,
        shore_distance_m: &|_| None,
    };
    let subject = Image {
        scene: &scene,
        polarisations: &[None],
        land: &NoLand,
        ground: nowhere,
    };
    let open = |_| {
        let read = |first_row: u32, rows: u32, tile: &mut Tile| {
            tile.copy_rows(image, SIDE as u32, first_row, rows);
            Ok(())
        };
        Ok(Box::new(read) as ReadRows)
    };
    let params = DetectParams {
        pfa: PFA,
        ..DetectParams::default()
    };
    let mut best = f64::MAX;
    for _ in 0..ROUNDS {
        let mut done = Ok(0);
        best = best.min(seconds(|| {
            done = pool.install(|| {
                search_image(&subject, &open, &params, &|_| {})
                    .map(|report| report.detections.len())
            });
        }));
        ensure!(done? > 100, "the search finds no ships");
    }
    Ok(rate(best))
}

fn scene() -> Scene {
    Scene {
        column_spacing_m: Some(10.0),
        row_spacing_m: Some(10.0),
        ..Scene::unreferenced(
            "sea".to_owned(),
            Sensor::Sar,
            (SIDE as u32, SIDE as u32),
            LOOKS,
        )
    }
}

/// The best of a few runs of the program on two threads; the largest memory of any.
fn time_program(raster: &Path) -> Result<whole::Ran> {
    let mut best = whole::detect(raster, LOOKS, 2)?;
    for _ in 1..ROUNDS {
        let ran = whole::detect(raster, LOOKS, 2)?;
        best.seconds = best.seconds.min(ran.seconds);
        best.peak_mib = best.peak_mib.max(ran.peak_mib);
    }
    Ok(best)
}
