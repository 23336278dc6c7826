//! `tidewatch simulate`: a product, an AIS log and the truth, from a seed.

use super::{DONE, print};
use crate::lab::simulate::{
    FleetOptions, Mode, SceneOptions, SeaState, SimulateOptions, Source, recipes,
};
use crate::model::scene::Pass;
use crate::model::units::LonLat;
use crate::pipeline::built_in_islands;
use anyhow::Result;
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use std::path::PathBuf;

/// Simulate a Sentinel-1 product with its fleet, AIS log and truth
///
/// The product is complete (manifest, annotation, calibration, noise, rasters) and says that it was simulated, as do the
/// AIS log and every alert made from them. The same options give the same bytes. With --annotation the sheets of a real
/// product are copied and only its rasters are made, at full size. What was written is told as JSON on standard output.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  tidewatch simulate --out out/sim --seed 7 --lon 123.5 --lat 25.8 --width 600 --height 500\n  \
                        tidewatch simulate --out out/full --annotation S1A_IW_GRDH_….SAFE --seed 1\n  \
                        tidewatch simulate --out out/north --recipe north"
)]
pub(super) struct SimulateArgs {
    /// Folder for the product, ais.nmea, truth.json and fixed.geojson
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// One of the scenes of sample-data, as it is; other options have no effect
    #[arg(long, value_enum, conflicts_with_all = ["seed", "lon", "lat", "width", "height", "annotation"])]
    recipe: Option<Recipe>,
    /// Everything random follows from it
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Real product folder whose sheets are copied
    #[arg(long, value_name = "SAFE", conflicts_with_all = ["lon", "lat", "width", "height", "mode", "start", "pass", "incidence_deg"])]
    annotation: Option<PathBuf>,
    #[command(flatten)]
    scene: SceneArgs,
    #[command(flatten)]
    sea: SeaArgs,
    #[command(flatten)]
    fleet: FleetArgs,
    /// DEFLATE-compressed rasters instead of plain strips
    #[arg(long)]
    compress: bool,
    /// Open sea: without the built-in islands
    #[arg(long)]
    no_land: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Recipe {
    /// Senkaku / Diaoyu / Tiaoyutai: every verdict that AIS allows
    North,
    /// Thitu / Pag-asa / Thị Tứ / Zhongye: no AIS reception
    South,
}

#[derive(Args)]
#[command(next_help_heading = "Scene")]
struct SceneArgs {
    /// Longitude of the centre, degrees east
    #[arg(long, default_value_t = 123.5, allow_negative_numbers = true)]
    lon: f64,
    /// Latitude of the centre, degrees north
    #[arg(long, default_value_t = 25.8, allow_negative_numbers = true)]
    lat: f64,
    /// Columns
    #[arg(long, default_value_t = 1000)]
    width: u32,
    /// Rows
    #[arg(long, default_value_t = 1000)]
    height: u32,
    /// Acquisition mode
    #[arg(long, value_enum, default_value = "iw")]
    mode: ModeName,
    /// Time of the first row, UTC
    #[arg(long, default_value = "2024-05-01T21:30:00Z", value_name = "TIME")]
    start: Timestamp,
    /// Flight direction
    #[arg(long, value_enum, default_value = "descending")]
    pass: PassName,
    /// Incidence angle at the centre, degrees
    #[arg(long, default_value_t = 38.0)]
    incidence_deg: f64,
}

#[derive(Clone, Copy, ValueEnum)]
enum ModeName {
    /// Interferometric Wide, 10 m pixels
    Iw,
    /// Extra Wide, 40 m pixels
    Ew,
    /// StripMap, 10 m pixels
    Sm,
}

#[derive(Clone, Copy, ValueEnum)]
enum PassName {
    /// South to north
    Ascending,
    /// North to south
    Descending,
}

#[derive(Args)]
#[command(next_help_heading = "Sea")]
struct SeaArgs {
    /// Wind speed, m/s
    #[arg(long, default_value_t = SeaState::default().wind_mps)]
    wind_mps: f64,
    /// Shape ν of the clutter's texture: 30 is calm, 4 spiky
    #[arg(long, default_value_t = SeaState::default().nu)]
    nu: f64,
    /// Depth of the swell, 0 to 0.9
    #[arg(long, default_value_t = SeaState::default().swell_depth)]
    swell_depth: f64,
}

#[derive(Args)]
#[command(next_help_heading = "Fleet")]
struct FleetArgs {
    /// Ships that transmit
    #[arg(long, default_value_t = FleetOptions::default().correlated)]
    correlated: u32,
    /// Ships that do not
    #[arg(long, default_value_t = FleetOptions::default().silent)]
    silent: u32,
    /// Identities without a hull
    #[arg(long, default_value_t = FleetOptions::default().ais_only)]
    ais_only: u32,
    /// Pairs of ships side by side at anchor
    #[arg(long, default_value_t = FleetOptions::default().rafts)]
    rafts: u32,
    /// Fixed structures
    #[arg(long, default_value_t = FleetOptions::default().fixed)]
    fixed: u32,
    /// Vector file whose points are fixed structures, too: the fixed.geojson of an earlier scene of the same place
    #[arg(long, value_name = "VECTOR")]
    fixed_at: Option<String>,
    /// Distress beacons under test
    #[arg(long, default_value_t = FleetOptions::default().beacons)]
    beacons: u32,
    /// Minutes before and after the scene without AIS reception
    #[arg(long, value_name = "MINUTES")]
    outage_min: Option<f64>,
    /// Draw all that ships cast: azimuth ambiguities of orders ±1 to ±3 and sidelobes, with large ships bright enough to show it
    #[arg(long)]
    artefacts: bool,
    /// Distance between ships, metres [default: 1200, less in a small scene]
    #[arg(long, value_name = "METRES")]
    separation_m: Option<f64>,
}

pub(super) fn run(args: &SimulateArgs) -> Result<u8> {
    let land = (!args.no_land).then(built_in_islands);
    let options = match args.recipe {
        Some(Recipe::North) => recipes::north(args.out.clone(), land)?,
        Some(Recipe::South) => recipes::south(args.out.clone(), land)?,
        None => SimulateOptions {
            out_dir: args.out.clone(),
            seed: args.seed,
            source: source(args),
            sea: SeaState {
                wind_mps: args.sea.wind_mps,
                nu: args.sea.nu,
                swell_depth: args.sea.swell_depth,
                ..SeaState::default()
            },
            fleet: fleet(args),
            land,
            compress: args.compress,
        },
    };
    let report = crate::lab::simulate::run(&options)?;
    let text = serde_json::to_string_pretty(&report)?;
    print::data(format!("{text}\n").as_bytes())?;
    Ok(DONE)
}

fn source(args: &SimulateArgs) -> Source {
    let scene = &args.scene;
    match &args.annotation {
        Some(product) => Source::Like(product.clone()),
        None => Source::Made(SceneOptions {
            centre: LonLat::new(scene.lon, scene.lat),
            mode: match scene.mode {
                ModeName::Iw => Mode::IwGrdh,
                ModeName::Ew => Mode::EwGrdm,
                ModeName::Sm => Mode::SmGrdh,
            },
            width_px: scene.width,
            height_px: scene.height,
            start: scene.start,
            pass: match scene.pass {
                PassName::Ascending => Pass::Ascending,
                PassName::Descending => Pass::Descending,
            },
            incidence_deg: scene.incidence_deg,
        }),
    }
}

fn fleet(args: &SimulateArgs) -> FleetOptions {
    let wanted = &args.fleet;
    let default = FleetOptions::default();
    FleetOptions {
        correlated: wanted.correlated,
        silent: wanted.silent,
        ais_only: wanted.ais_only,
        rafts: wanted.rafts,
        fixed: wanted.fixed,
        fixed_at: wanted.fixed_at.clone(),
        beacons: wanted.beacons,
        outage_min: wanted.outage_min,
        artefacts: wanted.artefacts,
        separation_m: wanted.separation_m.unwrap_or_else(|| separation_m(args)),
        ..default
    }
}

/// The usual distance between ships, or as much as a small scene has room for.
fn separation_m(args: &SimulateArgs) -> f64 {
    let usual_m = FleetOptions::default().separation_m;
    if args.annotation.is_some() {
        return usual_m;
    }
    let pixel_m = match args.scene.mode {
        ModeName::Iw | ModeName::Sm => 10.0,
        ModeName::Ew => 40.0,
    };
    let area_m2 = f64::from(args.scene.width) * f64::from(args.scene.height) * pixel_m * pixel_m;
    let fleet = &args.fleet;
    let ships = fleet.correlated + fleet.silent + fleet.ais_only + 2 * fleet.rafts + fleet.fixed;
    // Half the side of the square that each ship would have: places are drawn at random, not packed.
    usual_m.min((area_m2 / f64::from(ships.max(1))).sqrt() / 2.0)
}
