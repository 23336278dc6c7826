//! A score as text.

use super::{Rates, Score};
use std::fmt::{self, Display, Formatter};

fn share(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.3}"))
}

pub(super) fn rates(f: &mut Formatter<'_>, name: &str, rates: &Rates) -> fmt::Result {
    writeln!(
        f,
        "{name:<14} precision {}  recall {}  F1 {}  ({} found, {} missed, {} false)",
        share(rates.precision),
        share(rates.recall),
        share(rates.f1),
        rates.hits,
        rates.misses,
        rates.false_alarms,
    )
}

impl Display for Score {
    /// Plain lines for a terminal.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<14} {}", "scenes", self.scenes)?;
        rates(f, "detection", &self.detection)?;
        if let Some(near) = &self.near_shore {
            rates(f, "near shore", near)?;
        }
        if let (Some((mean, median)), Some(bias)) = (self.length_error_m, self.length_bias_m) {
            writeln!(
                f,
                "{:<14} score {}  error mean {mean:.1} m, median {median:.1} m, bias {bias:+.1} m",
                "length",
                share(self.length_score),
            )?;
        }
        if let Some(location) = &self.location {
            writeln!(
                f,
                "{:<14} median {:.1} m, 95 % {:.1} m, bias azimuth {:+.1} m, range {:+.1} m",
                "place",
                location.median_m,
                location.p95_m,
                location.azimuth_bias_m,
                location.range_bias_m,
            )?;
        }
        for class in &self.by_length {
            let name = class
                .up_to_m
                .map_or_else(|| "longer".to_owned(), |up_to| format!("to {up_to:.0} m"));
            writeln!(
                f,
                "{name:<14} {} of {} found",
                class.hits,
                class.hits + class.misses
            )?;
        }
        if let Some(artefacts) = &self.artefacts {
            let flagged = |(seen, flagged): (usize, usize)| format!("{flagged} of {seen}");
            writeln!(
                f,
                "{:<14} flagged: {} ambiguities, {} on sidelobes; {} ships, {} of nothing",
                "artefacts",
                flagged(artefacts.ambiguities),
                flagged(artefacts.sidelobes),
                flagged(artefacts.ships),
                flagged(artefacts.nothing),
            )?;
        }
        if !self.verdicts.is_empty() {
            writeln!(
                f,
                "{:<14} {} right; {} of {} correlated contacts name the right vessel",
                "verdicts",
                share(self.verdict_accuracy),
                self.identities.0,
                self.identities.1,
            )?;
        }
        for cell in &self.verdicts {
            writeln!(
                f,
                "  {:<15} → {:<15} {}",
                cell.truth, cell.assigned, cell.count
            )?;
        }
        Ok(())
    }
}
