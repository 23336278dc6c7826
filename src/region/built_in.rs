//! The built-in watch table: `assets/watch-features.csv` → [`WatchRegion`]s. The format is described in `assets/README.md`.

use super::error::RegionError;
use super::names::parse_names;
use crate::model::region::{Grade, RegionShape, WatchRegion};
use crate::model::units::LonLat;

/// Zone distances used where none are given, nautical miles.
pub const DEFAULT_ZONES_NM: [f64; 2] = [12.0, 24.0];

/// Widest zone that is accepted, nautical miles: a circle beyond it no longer describes a neighbourhood.
const WIDEST_ZONE_NM: f64 = 3_000.0;

const TABLE: &str = include_str!("../../assets/watch-features.csv");

/// The built-in features, each with these zones about it (nautical miles, any order).
///
/// # Errors
///
/// [`RegionError::Zone`] for a distance that is not a number above 0 and up to 3,000.
pub fn built_in(zones_nm: &[f64]) -> Result<Vec<WatchRegion>, RegionError> {
    let zones_nm = rising_zones(zones_nm)?;
    let mut reader = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .from_reader(TABLE.as_bytes());
    let mut regions = Vec::new();
    for row in reader.deserialize() {
        let row: Row = row.map_err(|error| RegionError::Table {
            line: error.position().map_or(0, csv::Position::line),
            detail: error.to_string(),
        })?;
        regions.push(row.into_region(&zones_nm)?);
    }
    Ok(regions)
}

/// Zone distances checked, sorted and freed of repeats.
pub(super) fn rising_zones(zones_nm: &[f64]) -> Result<Vec<f64>, RegionError> {
    if let Some(&value) = zones_nm
        .iter()
        .find(|&&zone| !(zone > 0.0 && zone <= WIDEST_ZONE_NM))
    {
        return Err(RegionError::Zone { value });
    }
    let mut zones_nm = zones_nm.to_vec();
    zones_nm.sort_by(f64::total_cmp);
    zones_nm.dedup();
    Ok(zones_nm)
}

#[derive(serde::Deserialize)]
struct Row {
    id: String,
    name: String,
    names: String,
    group: String,
    lat: f64,
    lon: f64,
    grade: Grade,
    radius_m: f64,
    parties: String,
    source: String,
}

impl Row {
    fn into_region(self, zones_nm: &[f64]) -> Result<WatchRegion, RegionError> {
        let names = parse_names(&self.names).map_err(|part| RegionError::Table {
            line: 0,
            detail: format!("{}: \"{part}\" is not a language tag and a name", self.id),
        })?;
        Ok(WatchRegion {
            names,
            parties: in_code_order(&self.parties),
            grade: Some(self.grade),
            shape: RegionShape::Feature {
                centre: LonLat::new(self.lon, self.lat),
                radius_m: self.radius_m,
                zones_nm: zones_nm.to_vec(),
            },
            id: self.id,
            name: self.name,
            group: self.group,
            source: self.source,
        })
    }
}

/// Party tags joined by `;` or `,`, in code order and without repeats.
pub(super) fn in_code_order(parties: &str) -> Vec<String> {
    let mut parties: Vec<String> = parties
        .split([';', ','])
        .map(|party| party.trim().to_owned())
        .filter(|party| !party.is_empty())
        .collect();
    parties.sort();
    parties.dedup();
    parties
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn table() -> Vec<WatchRegion> {
        built_in(&DEFAULT_ZONES_NM).expect("the built-in table is well formed")
    }

    #[test]
    fn the_table_holds_102_features_with_their_grades_and_unique_ids() {
        let regions = table();
        let of = |grade| regions.iter().filter(|r| r.grade == Some(grade)).count();
        assert_eq!(regions.len(), 102);
        assert_eq!((of(Grade::A), of(Grade::B), of(Grade::C)), (43, 44, 15));
        let ids: BTreeSet<&str> = regions.iter().map(|r| r.id.as_str()).collect();
        assert_eq!(ids.len(), 102);
        let groups: BTreeSet<&str> = regions.iter().map(|r| r.group.as_str()).collect();
        assert_eq!(groups.len(), 11);
    }

    #[test]
    fn no_name_of_any_language_is_lost() {
        let regions = table();
        // Counted in the reference list: 297 names beside the international ones.
        assert_eq!(regions.iter().map(|r| r.names.len()).sum::<usize>(), 297);
        let of = |id: &str| {
            let region = regions.iter().find(|r| r.id == id).expect("a known id");
            let names = region.names.iter();
            names
                .map(|(tag, name)| format!("{tag} {name}"))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            of("liancourt"),
            ["ja 竹島", "ja-Latn Takeshima", "ko 독도", "ko-Latn Dokdo"]
        );
        assert_eq!(
            of("pratas"),
            [
                "zh-Hans 东沙岛",
                "zh-Hant 東沙島",
                "zh-Hant-x-atoll 東沙環礁"
            ]
        );
        assert_eq!(
            of("scarborough"),
            [
                "fil Panatag",
                "fil Bajo de Masinloc",
                "zh-Hans 黄岩岛",
                "zh-Hant 黃岩島",
                "zh-Hant 民主礁"
            ]
        );
        assert_eq!(of("senkaku-uotsuri").len(), 6);
        assert!(regions.iter().all(|r| !r.names.is_empty()));
    }

    #[test]
    fn parties_stand_in_code_order_as_bare_tags() {
        for region in table() {
            let mut sorted = region.parties.clone();
            sorted.sort();
            assert_eq!(region.parties, sorted, "{}", region.id);
            assert!(region.parties.len() >= 2, "{}", region.id);
            for party in &region.parties {
                assert!(party.len() == 2 && party.chars().all(|c| c.is_ascii_uppercase()));
            }
        }
    }

    #[test]
    fn no_text_says_whose_a_feature_is() {
        const WORDS: [&str; 9] = [
            "territor",
            "claim",
            "occup",
            "administ",
            "sovereign",
            "belong",
            "owned",
            "dispute",
            "held by",
        ];
        for region in table() {
            let mut text = format!(
                "{} {} {} {}",
                region.id,
                region.label(),
                region.group,
                region.source
            );
            text.make_ascii_lowercase();
            for word in WORDS {
                assert!(!text.contains(word), "{}: {word}", region.id);
            }
        }
    }

    #[test]
    fn places_lie_in_the_seas_of_the_table_and_radii_are_those_of_the_grades() {
        for region in table() {
            let RegionShape::Feature {
                centre,
                radius_m,
                ref zones_nm,
            } = region.shape
            else {
                unreachable!("the table holds points only");
            };
            assert!(
                (109.0..148.0).contains(&centre.lon_deg) && (3.0..46.0).contains(&centre.lat_deg)
            );
            assert!((500.0..=113_800.0).contains(&radius_m), "{}", region.id);
            assert_eq!(zones_nm, &[12.0, 24.0]);
        }
    }

    #[test]
    fn zones_are_sorted_and_nonsense_is_refused() {
        assert_eq!(
            rising_zones(&[200.0, 12.0, 12.0]).expect("valid"),
            [12.0, 200.0]
        );
        for value in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(matches!(
                built_in(&[12.0, value]),
                Err(RegionError::Zone { .. })
            ));
        }
    }
}
