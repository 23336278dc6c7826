//! Reports that run on a circle, with speeds that do not fit or about a centre that several ships share.
//!
//! # Source
//!
//! Circles at Chinese oil terminals and at Point Reyes (Bergman 2019, 2020): radius, residual and the misfit of told speed. The fit is
//! Kåsa's (1976) in the tangent plane: least squares of x² + y² + Dx + Ey + F.

use super::{Context, EventSettings, Found, instant, seconds};
use crate::ais::segment::chord_m;
use crate::model::event::{Event, EventKind};
use crate::model::track::Position;
use crate::model::units::{KNOT_MPS, LonLat};
use jiff::Timestamp;

/// Bounds of a radius, metres.
const RADIUS_M: std::ops::RangeInclusive<f64> = 100.0..=10_000.0;
/// Fewest reports of a fit.
const FEWEST: usize = 8;
/// Widest part of the circle without a report, degrees.
const WIDEST_DEG: f64 = 100.0;
/// Reports closer than this are thinned, seconds.
const THIN_S: f64 = 30.0;
/// Ships that share a centre, and the distance within which they do, metres.
const SHARING: usize = 3;
const SHARED_M: f64 = 1000.0;
/// Arc between reports up to which the chord tells the speed, radians.
const SHORT_ARC: f64 = 1.1;
const METRES_PER_DEG: f64 = 111_195.0;

/// A time on a circle.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    start: Timestamp,
    end: Timestamp,
    centre: LonLat,
    radius_m: f64,
    residual: f64,
    /// Median difference of told and implied speed, knots; `None` if that cannot be told.
    misfit_kn: Option<f64>,
}

pub(super) fn candidates(positions: &[Position], settings: &EventSettings) -> Vec<Candidate> {
    let mut thin: Vec<&Position> = Vec::new();
    for position in positions {
        if thin
            .last()
            .is_none_or(|last| seconds(last.time, position.time) >= THIN_S)
        {
            thin.push(position);
        }
    }
    let span_s = settings.circle_min * 60.0;
    let mut found: Vec<Candidate> = Vec::new();
    let (mut from, mut to) = (0, 0);
    while from < thin.len() {
        while to < thin.len() && seconds(thin[from].time, thin[to].time) < span_s {
            to += 1;
        }
        if to == thin.len() {
            break;
        }
        if let Some(candidate) = fitted(&thin[from..=to], settings) {
            match found.last_mut() {
                Some(last)
                    if candidate.start <= last.end
                        && chord_m(last.centre, candidate.centre) <= last.radius_m =>
                {
                    last.end = candidate.end;
                    last.misfit_kn = candidate.misfit_kn.map_or(last.misfit_kn, |misfit_kn| {
                        Some(
                            last.misfit_kn
                                .map_or(misfit_kn, |known| known.max(misfit_kn)),
                        )
                    });
                }
                _ => found.push(candidate),
            }
        }
        // A quarter of the span on: neighbouring windows say nearly the same.
        let next_s = seconds(thin[0].time, thin[from].time) + span_s / 4.0;
        while from < thin.len() && seconds(thin[0].time, thin[from].time) < next_s {
            from += 1;
        }
        to = to.max(from);
    }
    found
}

fn fitted(window: &[&Position], settings: &EventSettings) -> Option<Candidate> {
    let origin = window[0].position;
    let east = METRES_PER_DEG * origin.lat_deg.to_radians().cos();
    let plane = |place: LonLat| {
        let turn = (place.lon_deg - origin.lon_deg + 180.0).rem_euclid(360.0) - 180.0;
        (
            turn * east,
            (place.lat_deg - origin.lat_deg) * METRES_PER_DEG,
        )
    };
    if window.len() < FEWEST {
        return None;
    }
    let points: Vec<(f64, f64)> = window.iter().map(|p| plane(p.position)).collect();
    let n = points.len() as f64;
    let mean = |of: &dyn Fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / n;
    let (mx, my) = (mean(&|p| p.0), mean(&|p| p.1));
    let moment = |of: &dyn Fn(f64, f64) -> f64| mean(&|p| of(p.0 - mx, p.1 - my));
    let (xx, yy, xy) = (
        moment(&|x, _| x * x),
        moment(&|_, y| y * y),
        moment(&|x, y| x * y),
    );
    let zx = moment(&|x, y| (x * x + y * y) * x);
    let zy = moment(&|x, y| (x * x + y * y) * y);
    let determinant = xx * yy - xy * xy;
    if determinant <= 1e-6 * (xx + yy).powi(2) {
        return None;
    }
    let (cx, cy) = (
        (zx * yy - zy * xy) / (2.0 * determinant),
        (zy * xx - zx * xy) / (2.0 * determinant),
    );
    let radius_m = (cx * cx + cy * cy + xx + yy).sqrt();
    if !RADIUS_M.contains(&radius_m) {
        return None;
    }
    let (cx, cy) = (cx + mx, cy + my);
    let residual = (points
        .iter()
        .map(|p| ((p.0 - cx).hypot(p.1 - cy) - radius_m).powi(2))
        .sum::<f64>()
        / n)
        .sqrt()
        / radius_m;
    let mut angles: Vec<f64> = points
        .iter()
        .map(|p| (p.1 - cy).atan2(p.0 - cx).to_degrees())
        .collect();
    if residual > settings.circle_residual {
        return None;
    }
    let misfit_kn = misfit_kn(window, radius_m);
    angles.sort_by(f64::total_cmp);
    let around = angles.last()? - angles.first()?;
    let widest = angles
        .windows(2)
        .map(|pair| pair[1] - pair[0])
        .fold(360.0 - around, f64::max);
    (widest <= WIDEST_DEG).then(|| Candidate {
        start: window[0].time,
        end: window[window.len() - 1].time,
        centre: LonLat::new(
            origin.lon_deg + cx / east,
            origin.lat_deg + cy / METRES_PER_DEG,
        ),
        radius_m,
        residual,
        misfit_kn,
    })
}

/// Median difference of told speed and of the speed along the arc between reports that are close on it.
fn misfit_kn(window: &[&Position], radius_m: f64) -> Option<f64> {
    let mut misfits: Vec<f64> = window
        .windows(2)
        .filter_map(|pair| {
            let half = (chord_m(pair[0].position, pair[1].position) / (2.0 * radius_m)).min(1.0);
            let arc = 2.0 * half.asin();
            let span_s = seconds(pair[0].time, pair[1].time);
            let implied_kn = arc * radius_m / span_s / KNOT_MPS;
            (arc <= SHORT_ARC && span_s <= 300.0).then_some((implied_kn - pair[1].sog_kn?).abs())
        })
        .collect();
    misfits.sort_by(f64::total_cmp);
    (misfits.len() * 2 >= window.len()).then(|| misfits[misfits.len() / 2])
}

pub(super) fn circles(context: &Context<'_>) -> Vec<Event> {
    let settings = context.settings();
    let all: Vec<(usize, &Candidate)> = context
        .sketches
        .iter()
        .enumerate()
        .flat_map(|(ship, sketch)| sketch.circles.iter().map(move |circle| (ship, circle)))
        .collect();
    let sharing = |circle: &Candidate| {
        let about = all
            .iter()
            .filter(|(_, other)| chord_m(circle.centre, other.centre) <= SHARED_M);
        let mut ships: Vec<usize> = about.map(|(ship, _)| *ship).collect();
        ships.sort_unstable();
        ships.dedup();
        ships.len()
    };
    let mut events = Vec::new();
    for (ship, circle) in &all {
        let own = &context.sketches[*ship];
        let shared = sharing(circle);
        let misfit_kn = circle.misfit_kn.unwrap_or(0.0);
        if misfit_kn <= settings.circle_speed_kn && shared < SHARING {
            continue;
        }
        let found = Found {
            kind: EventKind::PositionCircle,
            vessels: vec![own.who.clone()],
            start: circle.start,
            last: circle.end,
            position: circle.centre,
            radius_m: circle.radius_m,
            simulated: own.simulated,
        };
        events.push(found.event(
            &[
                ("radius_m", circle.radius_m),
                ("residual_share", circle.residual),
                ("speed_misfit_kn", circle.misfit_kn.unwrap_or(f64::NAN)),
                ("ships_about_centre", shared as f64),
            ],
            vec![
                format!(
                    "From {} to {} the reports lie on a circle of {:.0} m, within {:.1} % of its radius.",
                    instant(circle.start),
                    instant(circle.end),
                    circle.radius_m,
                    100.0 * circle.residual
                ),
                match shared >= SHARING {
                    true => format!("{shared} vessels circle the same place."),
                    false => format!("Told speed and the speed that the places imply differ by {misfit_kn:.1} kn."),
                },
            ],
        ));
    }
    events
}
