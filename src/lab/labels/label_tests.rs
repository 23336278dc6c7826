//! Figures of small labelled folders, worked out by hand.

use super::folder::{Chip, ChipLand, ShipBox};
use super::*;
use crate::detect::picture::{Bounds, Candidate, MEASURES, Region};
use std::fs;
use std::path::PathBuf;

fn candidate(row: f64, col: f64, score: f64) -> Candidate {
    let bounds = Bounds {
        first_row: row as i64 - 2,
        first_col: col as i64 - 2,
        end_row: row as i64 + 3,
        end_col: col as i64 + 3,
    };
    Candidate {
        region: Region {
            bounds,
            row,
            col,
            pixels: 25,
            length_px: 5.0,
            width_px: 5.0,
            moments: (2.0, 2.0, 0.0),
            contrast: 4.0,
            peak_contrast: 8.0,
            at_edge: false,
            is_saturated: false,
            measures: [0.0; MEASURES],
        },
        score,
    }
}

fn ship(left: f64, top: f64) -> ShipBox {
    ShipBox {
        left,
        top,
        right: left + 20.0,
        bottom: top + 10.0,
    }
}

fn chip(name: &str, boxes: Vec<ShipBox>, land: Option<ChipLand>) -> Chip {
    Chip {
        name: name.to_owned(),
        path: PathBuf::from(name),
        boxes,
        land,
    }
}

/// 200 × 100 pixels whose columns from 150 on are land.
fn shore() -> ChipLand {
    let mask: Vec<u16> = (0..200 * 100)
        .map(|at| if at % 200 >= 150 { 0 } else { 255 })
        .collect();
    ChipLand::new(&mask, 200)
}

/// Two ships in open sea, one found, with one false alarm; three by the shore, two found.
fn small_folder() -> [Chip; 2] {
    let open = ChipLand::new(&[255; 200 * 100], 200);
    [
        chip("open", vec![ship(10.0, 10.0), ship(60.0, 10.0)], Some(open)),
        chip(
            "shore",
            vec![ship(10.0, 10.0), ship(120.0, 10.0), ship(120.0, 60.0)],
            Some(shore()),
        ),
    ]
}

fn judged(chips: &[Chip; 2]) -> Vec<Judged<'_>> {
    vec![
        Judged {
            chip: &chips[0],
            candidates: vec![
                candidate(15.0, 20.0, 0.95),
                candidate(80.0, 20.0, 0.85),
                candidate(15.0, 62.0, 0.25),
            ],
        },
        Judged {
            chip: &chips[1],
            candidates: vec![
                candidate(15.0, 20.0, 0.95),
                candidate(65.0, 130.0, 0.75),
                candidate(16.0, 21.0, 0.15),
            ],
        },
    ]
}

#[test]
fn found_missed_and_false_are_counted_by_what_masks_show() {
    let chips = small_folder();
    let score = figures("test".to_owned(), &judged(&chips), true);
    let counts: Vec<(&str, usize, usize, usize, usize)> = score
        .groups
        .iter()
        .map(|group| {
            let rates = group.rates;
            (
                group.name,
                group.chips,
                rates.hits,
                rates.misses,
                rates.false_alarms,
            )
        })
        .collect();
    assert_eq!(
        counts,
        vec![
            ("all", 2, 3, 2, 1),
            ("sea only", 1, 1, 1, 1),
            ("with land", 1, 2, 1, 0),
            ("near shore", 1, 1, 1, 0),
        ]
    );
    let by_size: Vec<(usize, usize)> = score
        .by_size
        .iter()
        .map(|class| (class.hits, class.misses))
        .collect();
    assert_eq!(by_size, vec![(0, 0), (3, 2), (0, 0), (0, 0), (0, 0)]);
}

#[test]
fn average_precision_is_the_area_below_the_best_precision_at_each_recall() {
    let chips = small_folder();
    let score = figures("test".to_owned(), &judged(&chips), true);
    // By falling score: true, true, false, true, true (0.25 in a free box), false (its box is taken). Precision at the true
    // ones: 1, 1, 3/4 and 4/5, made monotone 1, 1, 4/5, 4/5; five ships.
    let expected = (1.0 + 1.0 + 0.8 + 0.8) / 5.0;
    let found = score.groups[0].average_precision.unwrap_or(0.0);
    assert!((found - expected).abs() < 1e-12, "{found}");
}

#[test]
fn calibration_error_is_the_mean_gap_between_told_and_true() {
    let chips = small_folder();
    let score = figures("test".to_owned(), &judged(&chips), true);
    // Bins: 0.1 (told 0.15, none true), 0.2 (0.25, true), 0.7 (0.75, true), 0.8 (0.85, false), 0.9 (two of 0.95, true).
    let expected = (0.15 + 0.75 + 0.25 + 0.85 + 2.0 * 0.05) / 6.0;
    let found = score.calibration_error.unwrap_or(0.0);
    assert!((found - expected).abs() < 1e-12, "{found}");
    assert_eq!(
        figures("test".to_owned(), &judged(&chips), false).calibration_error,
        None
    );
}

#[test]
fn a_centre_counts_to_two_pixels_outside_its_box_and_no_farther() {
    let chip = chip("one", vec![ship(10.0, 10.0)], None);
    for (col, hits) in [(8.0, 1), (7.9, 0), (32.0, 1), (32.1, 0)] {
        let judged = [Judged {
            chip: &chip,
            candidates: vec![candidate(15.0, col, 0.9)],
        }];
        let score = figures("test".to_owned(), &judged, true);
        assert_eq!(score.groups[0].rates.hits, hits, "{col}");
        assert_eq!(score.groups.len(), 1, "without masks there is one group");
    }
}

#[test]
fn voc_and_coco_tell_the_same_boxes() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    for name in ["images", "annotations"] {
        fs::create_dir(folder.path().join(name))?;
    }
    fs::write(
        folder.path().join("images/a.pgm"),
        b"P5\n2 1\n255\n\x01\x02",
    )?;
    fs::write(
        folder.path().join("annotations/a.xml"),
        "<annotation><object><name>ship</name><bndbox><xmin>3</xmin><ymin>4</ymin><xmax>23.5</xmax><ymax>14</ymax>\
         </bndbox></object></annotation>",
    )?;
    let voc = read_folder(folder.path())?;
    fs::write(
        folder.path().join("annotations.json"),
        r#"{"images": [{"id": 7, "file_name": "images/a.pgm"}], "annotations": [{"image_id": 7, "bbox": [3, 4, 20.5, 10]}]}"#,
    )?;
    assert_eq!(voc, read_folder(folder.path())?);
    assert_eq!(
        voc[0].boxes,
        vec![ShipBox {
            left: 3.0,
            top: 4.0,
            right: 23.5,
            bottom: 14.0
        }]
    );
    Ok(())
}
