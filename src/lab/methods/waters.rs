//! Seas in memory, empty or with ships of known place and contrast.

use crate::lab::LabError;
use crate::lab::simulate::response::{Hull, Patch};
use crate::lab::simulate::sea::{SeaGenerator, SeaState};
use crate::model::grid::PixelFrame;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

/// Ground between pixels, metres.
pub(super) const SPACING_M: f64 = 10.0;
/// Full width of the point response at half power, metres.
const RESOLUTION_M: f64 = 20.0;
/// Mean power of the sea, DN².
const MEAN_POWER: f32 = 40_000.0;
/// Distance over which correlated texture is correlated, metres.
const TEXTURE_M: f64 = 50.0;
/// Peak of a ship over mean clutter after the blur, dB.
const CONTRAST_DB: std::ops::Range<f64> = 6.0..24.0;
/// Lengths of ships, metres, as many in each octave: small ships are the commonest.
const LENGTH_M: (f64, f64) = (15.0, 200.0);
/// Least distance between ships, pixels, and from the edge.
const APART_PX: f64 = 40.0;
const EDGE_PX: f64 = 40.0;
/// Length over width where it is drawn.
const SLENDERNESS: std::ops::Range<f64> = 4.0..9.0;
/// Pieces of an uneven hull.
const PIECES: u32 = 8;
/// Random stream of ships; the sea's own are 1 and 2 in their upper half.
const STREAM: u64 = 5 << 40;
/// Rows that one thread makes at a time.
const BLOCK: usize = 64;

/// Kind of a sea.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Water {
    /// Looks of the speckle.
    pub looks: f64,
    /// Shape of the texture; `None`: speckle alone.
    pub nu: Option<f64>,
    /// Texture correlated over some 50 m.
    pub correlated: bool,
}

/// What hulls are painted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hulls {
    /// A sixth as wide as long, as bright in all parts.
    Alike,
    /// Of different slenderness, as bright in all parts.
    Even,
    /// Of different slenderness, each part as bright as an exponential law draws.
    Uneven,
}

/// An image in memory with its ships.
pub(super) struct Picture {
    /// Rows and columns.
    pub size: usize,
    /// Looks of its speckle.
    pub looks: f64,
    /// Amplitude, row-major; no value is 0.
    pub dn: Vec<u16>,
    /// The ships.
    pub ships: Vec<Hull>,
}

impl Water {
    /// Paints the sea with a number of ships.
    ///
    /// # Errors
    ///
    /// `LabError::NoRoom` if the ships do not fit.
    pub(super) fn paint(
        self,
        seed: u64,
        size: u32,
        (ships, hulls): (u32, Hulls),
    ) -> Result<Picture, LabError> {
        let (ships, patches) = fleet(seed, size, ships, hulls)?;
        let state = SeaState {
            nu: self.nu.unwrap_or(30.0),
            texture_m: if self.correlated { TEXTURE_M } else { 1.0 },
            swell_depth: 0.0,
            ..SeaState::default()
        };
        let sea = SeaGenerator::new(seed, size, (self.looks, SPACING_M), &state);
        let width = size as usize;
        let mut dn = vec![0_u16; width * width];
        dn.par_chunks_mut(BLOCK * width)
            .enumerate()
            .for_each(|(block, out)| {
                let first = (block * BLOCK) as u32;
                let rows = out.len() / width;
                let mut power = match self.nu {
                    Some(_) => sea.texture(first, rows as u32),
                    None => vec![1.0; out.len()],
                };
                let mut speckle = vec![0.0_f32; width];
                let lines = power
                    .chunks_exact_mut(width)
                    .zip(out.chunks_exact_mut(width));
                for (row, (power, out)) in (first..).zip(lines) {
                    for (patch, contrast) in &patches {
                        patch.add_to_row(row, *contrast, power);
                    }
                    sea.speckle_row(0, row, &mut speckle);
                    for ((dn, power), speckle) in out.iter_mut().zip(power).zip(&speckle) {
                        let power = MEAN_POWER * *power * speckle;
                        *dn = power.sqrt().round().clamp(1.0, 65_535.0) as u16;
                    }
                }
            });
        Ok(Picture {
            size: width,
            looks: self.looks,
            dn,
            ships,
        })
    }
}

/// Hulls, and pictures with the gain that makes their peaks stand as high as drawn.
type Fleet = (Vec<Hull>, Vec<(Patch, f32)>);

fn fleet(seed: u64, size: u32, ships: u32, kind: Hulls) -> Result<Fleet, LabError> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(STREAM);
    let frame = PixelFrame::from_spacing(SPACING_M, SPACING_M);
    let far = f64::from(size) - EDGE_PX;
    let mut places: Vec<(f64, f64)> = Vec::new();
    for _ in 0..20 * ships {
        let place = (
            rng.random_range(EDGE_PX..far),
            rng.random_range(EDGE_PX..far),
        );
        let free = |other: &(f64, f64)| (other.0 - place.0).hypot(other.1 - place.1) >= APART_PX;
        if places.len() < ships as usize && places.iter().all(free) {
            places.push(place);
        }
    }
    if places.len() < ships as usize {
        return Err(LabError::NoRoom {
            placed: places.len(),
            wanted: ships as usize,
            separation_m: APART_PX * SPACING_M,
        });
    }
    let mut pieces = ChaCha8Rng::seed_from_u64(seed);
    pieces.set_stream(STREAM + 1);
    let mut hulls = Vec::with_capacity(places.len());
    let mut patches = Vec::new();
    for (row, col) in places {
        let (short, long) = LENGTH_M;
        let length_m = short * (long / short).powf(rng.random_range(0.0..1.0));
        let hull = Hull {
            row,
            col,
            length_m,
            width_m: length_m
                / match kind {
                    Hulls::Alike => 6.0,
                    Hulls::Even | Hulls::Uneven => pieces.random_range(SLENDERNESS),
                },
            heading_deg: rng.random_range(0.0..360.0),
        };
        let contrast = 10.0_f64.powf(rng.random_range(CONTRAST_DB) / 10.0) as f32;
        let picture: Vec<(Patch, f32)> = match kind {
            Hulls::Alike | Hulls::Even => vec![(Patch::of(&hull, &frame, RESOLUTION_M), 1.0)],
            Hulls::Uneven => uneven(&hull, &frame, &mut pieces),
        };
        // Pieces overlap little: the brightest one's peak is the picture's, to a tenth or so.
        let peak = picture.iter().map(|(patch, gain)| gain * patch.peak());
        let gain = contrast / peak.fold(0.0, f32::max);
        patches.extend(picture.into_iter().map(|(patch, own)| (patch, own * gain)));
        hulls.push(hull);
    }
    Ok((hulls, patches))
}

/// The pieces of a hull, each as bright as an exponential law draws.
fn uneven(hull: &Hull, frame: &PixelFrame, rng: &mut ChaCha8Rng) -> Vec<(Patch, f32)> {
    let (sin, cos) = hull.heading_deg.to_radians().sin_cos();
    (0..PIECES)
        .map(|piece| {
            let along_m = hull.length_m * ((f64::from(piece) + 0.5) / f64::from(PIECES) - 0.5);
            let part = Hull {
                row: hull.row - along_m * cos / SPACING_M,
                col: hull.col + along_m * sin / SPACING_M,
                length_m: hull.length_m / f64::from(PIECES),
                ..*hull
            };
            let gain = -(1.0 - rng.random_range(0.0..1.0_f64)).ln();
            (Patch::of(&part, frame, RESOLUTION_M), gain as f32)
        })
        .collect()
}
