//! From a target's pixels to a [`Detection`]: band by band contrast, ground, flags, score.

use super::artefact;
use super::cfar::Hit;
use super::cfar::strip::{Found, Plan};
use super::cluster::{Cluster, Target};
use super::hull::{self, Hull, Sample, Surroundings};
use super::measure::{self, Mark};
use super::{DetectParams, Ground};
use crate::model::detection::{Detection, DetectionFlag, TestUsed};
use crate::model::id::content_id;
use crate::model::scene::{Polarisation, Scene, Sensor};

/// Geolocation of a Sentinel-1 target at sea level, metres (mission requirement 7 m, with a margin for tide).
const SENTINEL1_GEOLOCATION_M: f64 = 10.0;

/// Part of the ring below which a clutter mean is remarked on.
const FEW_CLUTTER: f64 = 0.25;

/// Pixels between a target and the mask within which it is said to touch.
const TOUCH_PX: u32 = 2;

/// Target pixels beside no data for a target to be said to lie at the image's edge; one may be a dark speckle.
const EDGE_PIXELS: usize = 2;

/// Pixels from the image's edge within which older ones left noise, and the amplitude that it stays below.
const BORDER_PX: f64 = 500.0;
const BORDER_DN: f64 = 30.0;

/// All that a description draws on.
pub(super) struct Context<'a> {
    /// The scene.
    pub scene: &'a Scene,
    /// Polarisation of each band.
    pub polarisations: &'a [Option<Polarisation>],
    /// What the search used.
    pub plan: &'a Plan<'a>,
    /// What each band gave.
    pub found: &'a [Found],
    /// Limits for flags.
    pub params: &'a DetectParams,
    /// The ground under the pixels.
    pub ground: &'a Ground<'a>,
}

/// One band's view of a target.
struct View<'a> {
    band: usize,
    cluster: &'a Cluster,
    mark: Mark,
    /// The brightest hit: its ring and cell stand for the target.
    hit: Hit,
}

impl View<'_> {
    /// Peak power over mean clutter power.
    fn contrast(&self) -> f64 {
        f64::from(self.mark.peak.2).powi(2) / self.hit.mean_power()
    }

    /// The hull that explains the pixels; that of the mask's shape where none does.
    fn hull(&self, around: &Surroundings) -> Hull {
        let mean_power = self.hit.mean_power();
        let sample = |row, col, dn: u16| Sample {
            row,
            col,
            power: f64::from(dn).powi(2) / mean_power,
        };
        let target = self.cluster.pixels.iter();
        let beside = self.cluster.beside.iter();
        let mut samples: Vec<Sample> = target
            .map(|pixel| sample(pixel.row, pixel.col, pixel.dn))
            .chain(beside.map(|pixel| sample(pixel.row, pixel.col, pixel.dn)))
            .collect();
        samples.sort_unstable_by_key(|sample| (sample.row, sample.col));
        let start = measure::size(&self.mark, around.frame);
        let place = (self.mark.row, self.mark.col);
        hull::fit(&samples, around, place, &start)
            .unwrap_or_else(|| Hull::of_mask(&self.mark, around.frame, &start))
    }
}

/// Describes a target; `None` if it has no hit at all.
pub(super) fn describe(target: &Target, context: &Context) -> Option<Detection> {
    let views: Vec<View> = target
        .iter()
        .filter_map(|(band, cluster)| {
            let hit = cluster.hits.iter().copied();
            let hit = hit.max_by_key(|hit| (hit.dn, std::cmp::Reverse((hit.row, hit.col))))?;
            let mark = measure::mark(cluster)?;
            Some(View {
                band: *band,
                cluster,
                mark,
                hit,
            })
        })
        .collect();
    let best = views.iter().reduce(|best, view| {
        if view.contrast() > best.contrast() {
            view
        } else {
            best
        }
    })?;
    let mark = &best.mark;
    let levels = context.found[best.band].cells[best.hit.cell as usize];
    let frame = (context.ground.frame)(mark.row, mark.col);
    let hull = frame.as_ref().map(|frame| {
        let around = Surroundings {
            frame,
            looks: context.scene.looks,
            nu: levels.nu,
        };
        best.hull(&around)
    });
    let (row, col) = hull.map_or((mark.row, mark.col), |hull| (hull.row, hull.col));
    let place = (context.ground.locate)(row, col);
    let position = place.as_ref().map(|place| place.position);
    let shore_distance_m = position.and_then(context.ground.shore_distance_m);
    let mut polarisations: Vec<Polarisation> = views
        .iter()
        .filter_map(|view| context.polarisations[view.band])
        .collect();
    polarisations.sort_unstable();
    polarisations.dedup();
    let mut flags = pixel_flags(&views, context);
    if shore_distance_m.is_some_and(|distance| distance < context.params.near_shore_m) {
        flags.push(DetectionFlag::NearShore);
    }
    if hull.is_some_and(|hull| hull.length_m > context.params.max_length_m) {
        flags.push(DetectionFlag::TooLong);
    }
    flags.sort_unstable();
    let rounded = [row, col].map(|place| place.round().to_string());
    let heading = hull.and_then(|hull| hull.heading);
    let mut detection = Detection {
        id: content_id("det", &[&context.scene.id, &rounded[0], &rounded[1]]),
        scene_id: context.scene.id.clone(),
        row,
        col,
        position,
        position_sigma_m: hull
            .map(|hull| position_sigma_m(hull.place_sigma_m, context.scene.sensor)),
        time: place.as_ref().and_then(|place| place.time),
        length_m: hull.map(|hull| hull.length_m),
        length_sigma_m: hull.map(|hull| hull.length_sigma_m),
        width_m: hull.map(|hull| hull.width_m),
        width_sigma_m: hull.map(|hull| hull.width_sigma_m),
        heading_deg: heading.map(|heading| heading.0),
        heading_sigma_deg: heading.map(|heading| heading.1),
        score: score(&views, best.contrast() / levels.tests.fires.pixel, &flags),
        snr_db: decibels(best.contrast()),
        mean_contrast_db: decibels(mark.mean_power / best.hit.mean_power()),
        sigma0_db: peak_sigma0(&views, context),
        polarisations,
        pixels: mark.pixels,
        extent: mark.extent,
        shore_distance_m,
        flags,
        reasons: Vec::new(),
        sar: place.and_then(|place| place.sar),
        test: Some(TestUsed {
            pfa: context.params.pfa,
            looks: context.scene.looks,
            nu: levels.nu,
            threshold: levels.tests.fires.pixel,
            ring_px: context.plan.ring.ring_px(),
            guard_px: context.plan.ring.guard_px(),
        }),
    };
    if let Some(reason) = border_noise(best.hit.mean_power(), (row, col), context.scene) {
        artefact::reject(&mut detection, DetectionFlag::BorderNoise, reason);
    }
    Some(detection)
}

/// Why a target is noise at the border, if it is: before IPF 2.90 products hold values below the sea's, not zeros, in the
/// columns and rows where the image ends.
///
/// # Source
///
/// ESA (2018), Masking "no-value" pixels on GRD products generated by the Sentinel-1 ESA IPF, MPC-0243.
fn border_noise(mean_power: f64, (row, col): (f64, f64), scene: &Scene) -> Option<String> {
    let edge_px = row
        .min(f64::from(scene.height) - 1.0 - row)
        .min(col)
        .min(f64::from(scene.width) - 1.0 - col);
    let amplitude = mean_power.sqrt();
    (scene.has_border_noise() && edge_px < BORDER_PX && amplitude < BORDER_DN).then(|| {
        format!(
            "It lies {edge_px:.0} pixels inside the image in values of {amplitude:.0} about it: noise that {} left at the border.",
            scene.processor
        )
    })
}

/// Flags that any band's pixels call for.
fn pixel_flags(views: &[View], context: &Context) -> Vec<DetectionFlag> {
    let pixels = || views.iter().flat_map(|view| &view.cluster.pixels);
    let mask = &context.plan.mask;
    let few = FEW_CLUTTER * f64::from(context.plan.ring.area());
    let mut flags = Vec::new();
    if pixels().any(|pixel| mask.is_near(pixel.row, pixel.col, TOUCH_PX)) {
        flags.push(DetectionFlag::TouchesLand);
    }
    let at_edge =
        pixels().filter(|pixel| pixel.beside_blank && !mask.is_near(pixel.row, pixel.col, 1));
    if at_edge.count() >= EDGE_PIXELS {
        flags.push(DetectionFlag::ImageEdge);
    }
    if views.iter().any(|view| view.mark.peak.2 == u16::MAX) {
        flags.push(DetectionFlag::Saturated);
    }
    if views
        .iter()
        .any(|view| f64::from(view.hit.ring_count) < few)
    {
        flags.push(DetectionFlag::FewClutterPixels);
    }
    flags
}

/// Confidence 0 ..= 1 from contrast, size and agreement of bands: a logistic curve, 0.5 at a bare exceedance.
///
/// Grows with the margin over the threshold (2 dB add what one doubling of the hits adds) and with each further
/// polarisation; falls beside land, at the image's edge and with a poor clutter mean. It orders detections and is not a
/// calibrated probability.
fn score(views: &[View], over_threshold: f64, flags: &[DetectionFlag]) -> f64 {
    let hits: usize = views.iter().map(|view| view.cluster.hits.len()).sum();
    let penalty: f64 = flags
        .iter()
        .map(|flag| match flag {
            DetectionFlag::TouchesLand => 2.0,
            DetectionFlag::FewClutterPixels | DetectionFlag::ImageEdge | DetectionFlag::TooLong => {
                1.0
            }
            DetectionFlag::NearShore => 0.5,
            DetectionFlag::Saturated
            // What these say is known once all targets are.
            | DetectionFlag::UnlikeShip
            | DetectionFlag::AzimuthAmbiguity
            | DetectionFlag::Sidelobe
            | DetectionFlag::Interference
            | DetectionFlag::BorderNoise => 0.0,
        })
        .sum();
    let evidence =
        0.25 * decibels(over_threshold) + 0.5 * (hits as f64).log2() + (views.len() as f64 - 1.0);
    1.0 / (1.0 + (penalty - evidence).exp())
}

/// What the pixels tell, and what the product's own geolocation adds.
fn position_sigma_m(place_sigma_m: f64, sensor: Sensor) -> f64 {
    match sensor {
        Sensor::Sentinel1 => place_sigma_m.hypot(SENTINEL1_GEOLOCATION_M),
        Sensor::Sar | Sensor::Raster => place_sigma_m,
    }
}

/// Peak σ⁰ of every polarisation that shows the target, dB, where the product is calibrated and the peak above noise.
fn peak_sigma0(views: &[View], context: &Context) -> Vec<(Polarisation, f64)> {
    let mut peaks: Vec<(Polarisation, f64)> = views
        .iter()
        .filter_map(|view| {
            let (row, col, _) = view.mark.peak;
            let sigma0 =
                (context.ground.sigma0)(view.band, row, col).filter(|&value| value > 0.0)?;
            Some((context.polarisations[view.band]?, decibels(sigma0)))
        })
        .collect();
    peaks.sort_by_key(|peak| peak.0);
    peaks
}

fn decibels(ratio: f64) -> f64 {
    10.0 * ratio.log10()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dim_borders_of_old_products_are_noise_and_those_of_new_ones_are_sea() {
        let scene = |processor: &str| Scene {
            processor: processor.to_owned(),
            ..Scene::unreferenced("s".into(), Sensor::Sentinel1, (20_000, 16_000), 4.4)
        };
        let (old, new) = (
            scene("Sentinel-1 IPF 002.72"),
            scene("Sentinel-1 IPF 003.52"),
        );
        let noise = |power, place, scene| border_noise(power, place, scene);
        let told = noise(400.0, (8000.0, 120.0), &old).unwrap();
        assert_eq!(
            told,
            "It lies 120 pixels inside the image in values of 20 about it: noise that Sentinel-1 IPF 002.72 left at the border."
        );
        assert!(noise(400.0, (15_990.0, 9000.0), &old).is_some());
        assert_eq!(noise(400.0, (8000.0, 900.0), &old), None);
        assert_eq!(noise(3600.0, (8000.0, 120.0), &old), None);
        assert_eq!(noise(400.0, (8000.0, 120.0), &new), None);
        assert_eq!(noise(400.0, (8000.0, 120.0), &scene("")), None);
    }
}
