//! Gaps: a vessel under way was not heard for hours, where others were.
//!
//! A silence counts only as far as it was listened to ([`super::reception`]); one in an outage of the feed or in a reception hole
//! counts for nothing. A vessel that lay still before and after in one place is left out: equipment is switched off at berth.
//!
//! # Source
//!
//! Welch et al. (2022), Hot spots of unseen fishing vessels: twelve hours, 50 nm, 14 reports before, for `unexplained-gap`.

use super::reception::{Reception, Span};
use super::sketch::{Silence, Sketch};
use super::{Context, Found, instant, seconds};
use crate::ais::segment::chord_m;
use crate::model::event::{Event, EventKind};
use crate::model::units::NAUTICAL_MILE_M;

/// Speed below which a vessel lies still, knots, and the distance it may lie from where it lay, metres.
const STILL_KN: f64 = 1.0;
const STILL_M: f64 = NAUTICAL_MILE_M;

/// `changes`: a track that goes on under another MMSI is not silent.
pub(super) fn gaps(context: &Context<'_>, changes: &[Event]) -> Vec<Event> {
    let reception = Reception::learn(context);
    let mut events = Vec::new();
    for sketch in context.sketches {
        for silence in &sketch.silences {
            let goes_on = changes.iter().any(|change| {
                change.start == silence.before.time && change.vessels.contains(&sketch.who)
            });
            if goes_on {
                continue;
            }
            events.extend(gap(sketch, silence, &reception, context));
        }
    }
    events
}

fn gap(
    own: &Sketch,
    silence: &Silence,
    reception: &Reception<'_>,
    context: &Context<'_>,
) -> Option<Event> {
    let settings = context.settings();
    let before = &silence.before;
    let end = silence
        .after
        .as_ref()
        .map_or(context.end, |after| after.time);
    let silent_h = seconds(before.time, end) / 3600.0;
    // Another ship on the MMSI, heard meanwhile, may be this one after a leap: nothing is said of its silence.
    // Sketches stand by MMSI.
    let first = context
        .sketches
        .partition_point(|other| other.who.mmsi < own.who.mmsi);
    let heard_elsewhere = context.sketches[first..]
        .iter()
        .take_while(|other| other.who.mmsi == own.who.mmsi)
        .any(|other| {
            other.who.part != own.who.part
                && other.last.time > before.time
                && other.first.time < end
        });
    if silent_h < settings.gap_h || lies_still(silence) || heard_elsewhere {
        return None;
    }
    let span = Span {
        before,
        after: silence.after.as_ref(),
        end,
    };
    let assessed = reception.assessed_h(own, &span);
    if assessed.hours < settings.gap_h {
        return None;
    }
    let is_unexplained = assessed.hours >= settings.unexplained_gap_h
        && silence.reports_before >= settings.unexplained_gap_reports
        && !context.is_near_shore(before.position, settings.unexplained_gap_shore_nm);
    let moved_m = silence
        .after
        .as_ref()
        .map_or(0.0, |after| chord_m(before.position, after.position));
    let mut reasons = vec![
        match silence.after {
            Some(_) => format!(
                "No report was heard from {} to {}.",
                instant(before.time),
                instant(end)
            ),
            None => format!("No report was heard since {}.", instant(before.time)),
        },
        format!(
            "For {:.1} h of this others were heard about there, and {:.0} % of the hours of vessels there have a report.",
            assessed.hours,
            100.0 * assessed.share
        ),
    ];
    if is_unexplained && context.watch.shore_m.is_none() {
        reasons.push("The distance to shore was not known.".to_owned());
    }
    reasons.push("Equipment fails, is switched off for many reasons, and reports are lost: the cause is not known.".to_owned());
    let found = Found {
        kind: if is_unexplained {
            EventKind::UnexplainedGap
        } else {
            EventKind::Gap
        },
        vessels: vec![own.who.clone()],
        start: before.time,
        last: end,
        position: before.position,
        radius_m: 100.0,
        simulated: own.simulated,
    };
    Some(found.event(
        &[
            ("silent_h", silent_h),
            ("assessed_h", assessed.hours),
            ("reception_share", assessed.share),
            ("reports_before", f64::from(silence.reports_before)),
            ("moved_m", moved_m),
            ("sog_before_kn", before.sog_kn.unwrap_or(f64::NAN)),
        ],
        reasons,
    ))
}

fn lies_still(silence: &Silence) -> bool {
    let slow = silence
        .before
        .sog_kn
        .is_some_and(|sog_kn| sog_kn < STILL_KN)
        || matches!(silence.before.nav_status, Some(1 | 5 | 6));
    let stayed = silence
        .after
        .as_ref()
        .is_none_or(|after| chord_m(silence.before.position, after.position) < STILL_M);
    slow && stayed
}
