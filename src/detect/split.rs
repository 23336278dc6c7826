//! How a scene is divided among workers: stretches of whole strips, as much work in each.
//!
//! The results do not depend on it (tested). A masked pixel is read and summed but hardly tested: it counts for half.

use super::DetectError;
use super::cfar::CELL;
use super::cfar::strip::Plan;
use std::ops::Range;

/// Environment variable that fixes the height of stretches, rows, for tests and benchmarks.
pub(super) const STRIP_ROWS_VARIABLE: &str = "TIDEWATCH_STRIP_ROWS";

/// Every which row is asked for its land.
const SAMPLE_ROWS: usize = 16;

/// How a band is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Split {
    /// Into so many stretches of about the same work.
    Even(u32),
    /// Into stretches of so many strips.
    Strips(u32),
}

impl Split {
    /// What `TIDEWATCH_STRIP_ROWS` asks for, or `units` even stretches.
    ///
    /// # Errors
    ///
    /// `DetectError::Parameter` if the variable is no multiple of the height of a strip.
    pub(super) fn from_environment(units: u32) -> Result<Self, DetectError> {
        let Some(asked) = std::env::var_os(STRIP_ROWS_VARIABLE) else {
            return Ok(Self::Even(units));
        };
        let asked = asked.to_string_lossy().into_owned();
        let rows = asked.parse::<u32>().ok();
        match rows.filter(|rows| *rows > 0 && rows.is_multiple_of(CELL)) {
            Some(rows) => Ok(Self::Strips(rows / CELL)),
            None => Err(DetectError::Parameter {
                name: STRIP_ROWS_VARIABLE,
                value: asked,
                expected: "a multiple of 256 rows",
            }),
        }
    }

    /// Stretches of strips, from the top down, none empty.
    pub(super) fn stretches(self, plan: &Plan) -> Vec<Range<u32>> {
        match self {
            Self::Strips(high) => (0..plan.strips())
                .step_by(high as usize)
                .map(|first| first..plan.strips().min(first.saturating_add(high)))
                .collect(),
            Self::Even(units) => {
                let work: Vec<u64> = (0..plan.strips()).map(|strip| work(plan, strip)).collect();
                even(&work, u64::from(units.max(1)))
            }
        }
    }
}

/// Work of a strip: its pixels, masked ones by half.
fn work(plan: &Plan, strip: u32) -> u64 {
    let rows = strip * CELL..((strip + 1) * CELL).min(plan.height);
    let twice: u64 = rows
        .step_by(SAMPLE_ROWS)
        .map(|row| {
            let land: u32 = plan
                .mask
                .row(row)
                .iter()
                .map(|(first, end)| end - first)
                .sum();
            2 * u64::from(plan.width) - u64::from(land)
        })
        .sum();
    twice.max(1)
}

/// Cuts as near as strips allow to the whole parts of all work; at most `units` stretches.
fn even(work: &[u64], units: u64) -> Vec<Range<u32>> {
    let total: u64 = work.iter().sum();
    let mut cuts = vec![0];
    let (mut done, mut part) = (0, 1);
    for (strip, more) in (0_u32..).zip(work) {
        // The cut stands before this strip if that is nearer to the part's end than behind it.
        while part < units && 2 * done + more > 2 * (total * part / units) {
            cuts.push(strip);
            part += 1;
        }
        done += more;
    }
    cuts.push(work.len() as u32);
    cuts.dedup();
    cuts.windows(2).map(|cut| cut[0]..cut[1]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_cover_every_strip_once_and_share_the_work() {
        for units in 1..=9 {
            for work in [
                vec![5; 1],
                vec![100; 12],
                vec![100; 77],
                (1..60).collect(),
                [vec![50; 40], vec![100; 20]].concat(),
            ] {
                let stretches = even(&work, units);
                let strips: Vec<u32> = stretches.iter().cloned().flatten().collect();
                let expected: Vec<u32> = (0..work.len() as u32).collect();
                assert_eq!(strips, expected, "{units} {stretches:?}");
                assert!(stretches.len() as u64 <= units);
                let most = work.iter().max().copied().unwrap_or(0);
                let fair = work.iter().sum::<u64>() / units;
                for stretch in &stretches {
                    let own: u64 = stretch.clone().map(|strip| work[strip as usize]).sum();
                    assert!(own <= fair + 2 * most, "{units} {stretches:?} {work:?}");
                }
            }
        }
    }

    #[test]
    fn a_half_that_is_land_leaves_more_rows_to_its_worker() {
        // Forty strips of land, twenty of sea: as much work above the cut as below.
        assert_eq!(
            even(&[vec![50; 40], vec![100; 20]].concat(), 2),
            [0..40, 40..60]
        );
    }
}
