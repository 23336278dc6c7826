//! `tidewatch detect`: ships in rasters, as CSV or GeoJSON on standard output.

use super::print::{data, tell};
use super::{DONE, SOME_FAILED};
use crate::model::scene::Sensor;
use crate::pipeline::{DetectSettings, Format, QuickSearch, search_rasters};
use crate::scene::RasterOptions;
use anyhow::Result;
use clap::{Args, ValueEnum};

/// Find ships in images and print them
///
/// Takes Sentinel-1 products (.SAFE folder or zip) and any raster that GDAL opens. A plain raster tells neither looks nor
/// spacing nor place: say what you know. Without a georeference `lon` and `lat` stay empty, without a pixel spacing
/// `length_m` and `width_m` do. An 8-bit picture without a georeference is searched region by region and judged by the second
/// look, whose `score` is a probability, unless `--looks` or `--pfa` asks for the ring test. The built-in island shapes are
/// masked; `--land` adds more. A raster that fails is named on standard error and the others go on (exit code 1).
#[derive(Args)]
#[command(
    after_help = "Examples:\n  tidewatch detect S1A_IW_GRDH_….SAFE > ships.csv\n  \
                        tidewatch detect chip.png --looks 3 --pixel-spacing-m 10 --format geojson"
)]
pub(super) struct DetectArgs {
    /// Products or rasters
    #[arg(required = true, value_name = "RASTER")]
    rasters: Vec<String>,
    /// Equivalent number of looks of the speckle in plain rasters
    #[arg(long, value_name = "L", value_parser = looks)]
    looks: Option<f64>,
    /// False-alarm probability per pixel [default: 1e-7]
    #[arg(long, value_name = "P", value_parser = probability)]
    pfa: Option<f64>,
    /// Ground distance between pixels of plain rasters, metres
    #[arg(long, value_name = "M", value_parser = spacing)]
    pixel_spacing_m: Option<f64>,
    /// Kind of sensor behind plain rasters
    #[arg(long, value_enum, value_name = "S")]
    sensor: Option<SensorName>,
    /// Vector file of land, beside the built-in islands; may be given again
    #[arg(long, value_name = "VECTOR")]
    land: Vec<String>,
    /// Also print what the second look turned down, flagged `unlike-ship`
    #[arg(long)]
    rejected: bool,
    /// Format on standard output
    #[arg(long, value_enum, default_value = "csv")]
    format: FormatName,
}

#[derive(Clone, Copy, ValueEnum)]
enum SensorName {
    /// Sentinel-1 radar
    Sentinel1,
    /// Any radar
    Sar,
    /// Not known
    Raster,
}

#[derive(Clone, Copy, ValueEnum)]
enum FormatName {
    /// One row a detection
    Csv,
    /// One feature collection
    Geojson,
}

fn number(text: &str, range: std::ops::RangeInclusive<f64>) -> Result<f64, String> {
    let (low, high) = (range.start(), range.end());
    let value: Option<f64> = text.parse().ok();
    value
        .filter(|value| range.contains(value))
        .ok_or_else(|| format!("expected a number from {low} to {high}"))
}

fn looks(text: &str) -> Result<f64, String> {
    number(text, 0.5..=1000.0)
}

fn probability(text: &str) -> Result<f64, String> {
    number(text, 1e-12..=1e-2)
}

fn spacing(text: &str) -> Result<f64, String> {
    number(text, 0.01..=10_000.0)
}

pub(super) fn run(args: &DetectArgs) -> Result<u8> {
    let wanted = QuickSearch {
        rasters: args.rasters.clone(),
        options: RasterOptions {
            looks: args.looks,
            pixel_spacing_m: args.pixel_spacing_m,
            sensor: args.sensor.map(|name| match name {
                SensorName::Sentinel1 => Sensor::Sentinel1,
                SensorName::Sar => Sensor::Sar,
                SensorName::Raster => Sensor::Raster,
            }),
            ..RasterOptions::default()
        },
        land: args.land.clone(),
        settings: DetectSettings {
            pfa: args.pfa,
            ..DetectSettings::default()
        },
        with_rejected: args.rejected,
    };
    let format = match args.format {
        FormatName::Csv => Format::Csv,
        FormatName::Geojson => Format::GeoJson,
    };
    let found = search_rasters(&wanted, format);
    for failure in &found.failed {
        tell(&format!("error: {}", failure.reason));
    }
    data(&found.bytes)?;
    Ok(if found.failed.is_empty() {
        DONE
    } else {
        SOME_FAILED
    })
}
