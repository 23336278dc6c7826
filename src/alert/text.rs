//! The words of an alert: places, times, distances, and a headline that fits.
//!
//! Vessel names come over the radio from strangers: angle brackets and control characters never get into an alert.

use crate::model::contact::RegionHit;
use crate::model::track::Track;
use crate::model::units::{LonLat, NAUTICAL_MILE_M};
use crate::region::RegionIndex;
use jiff::Timestamp;

/// Characters of a headline (CAP readers cut at 140).
const HEADLINE_CHARS: usize = 139;

/// Radius that holds 95 % of a circular normal law, in standard deviations: √(−2 ln 0.05).
pub(super) const R95: f64 = 2.447_746_830_680_816;

/// `15°08′42″N 117°45′30″E (15.14500, 117.75833)`: latitude first, as at sea.
pub(super) fn place(place: LonLat) -> String {
    format!(
        "{} {} ({:.5}, {:.5})",
        angle(place.lat_deg, 2, ['N', 'S']),
        angle(place.lon_deg, 3, ['E', 'W']),
        place.lat_deg,
        place.lon_deg
    )
}

fn angle(degrees: f64, digits: usize, [plus, minus]: [char; 2]) -> String {
    let seconds = (degrees.abs() * 3600.0).round() as u32;
    let (d, m, s) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let side = if degrees < 0.0 { minus } else { plus };
    format!("{d:0digits$}°{m:02}′{s:02}″{side}")
}

/// `2026-03-01 14:02:11 UTC`.
pub(super) fn instant(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// `14:02:11`.
pub(super) fn clock(time: Timestamp) -> String {
    time.strftime("%H:%M:%S").to_string()
}

/// `3.2 nm`.
pub(super) fn nautical(metres: f64) -> String {
    format!("{:.1} nm", metres / NAUTICAL_MILE_M)
}

/// Text from outside without markup or control characters.
pub(super) fn plain(text: &str) -> String {
    let kept: String = text
        .chars()
        .map(|c| {
            if c.is_control() || c == '<' || c == '>' {
                ' '
            } else {
                c
            }
        })
        .collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `EXAMPLE (MMSI 431000001)`, or the MMSI alone.
pub(super) fn vessel(name: Option<&str>, mmsi: &str) -> String {
    match name.map(plain).filter(|name| !name.is_empty()) {
        Some(name) => format!("{name} (MMSI {mmsi})"),
        None => format!("vessel with MMSI {mmsi}"),
    }
}

/// The same for a track.
pub(super) fn vessel_of(track: &Track) -> String {
    vessel(track.vessel.name.as_deref(), &track.mmsi.to_string())
}

/// Plain text with a capital first letter, cut to the length a headline may have.
pub(super) fn headline(text: &str) -> String {
    let text = capital(&plain(text));
    if text.chars().count() <= HEADLINE_CHARS {
        return text;
    }
    let mut cut: String = text.chars().take(HEADLINE_CHARS - 1).collect();
    cut.push('…');
    cut
}

/// The text with a capital first letter.
pub(super) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

/// Names in every language, in the order of the hits.
pub(super) fn region_names(hits: &[RegionHit], regions: &RegionIndex) -> Vec<String> {
    hits.iter()
        .map(|hit| {
            regions
                .get(&hit.region_id)
                .map_or_else(|| hit.region_id.clone(), |region| plain(&region.label()))
        })
        .collect()
}

/// International name of the nearest region.
pub(super) fn short_name(hit: &RegionHit, regions: &RegionIndex) -> String {
    regions
        .get(&hit.region_id)
        .map_or_else(|| hit.region_id.clone(), |region| plain(&region.name))
}

/// `3.2 nm from X`, or `inside X` for an area.
pub(super) fn bearing_on(hit: &RegionHit, name: &str) -> String {
    if hit.zone_nm.is_none() {
        format!("inside {name}")
    } else {
        format!("{} from {name}", nautical(hit.distance_m))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_read_as_on_a_chart_and_round_up_through_the_minute() {
        let text = place(LonLat::new(-117.758_333_3, 15.145));
        assert_eq!(text, "15°08′42″N 117°45′30″W (15.14500, -117.75833)");
        assert_eq!(angle(9.999_99, 2, ['N', 'S']), "10°00′00″N");
    }

    #[test]
    fn headlines_are_cut_by_characters_and_carry_no_markup() {
        let long = headline(&format!("<b>{}</b>", "長".repeat(200)));
        assert_eq!(long.chars().count(), 139);
        assert!(!long.contains('<') && long.ends_with('…'));
        assert_eq!(headline("a\u{7} ship"), "A ship");
    }
}
