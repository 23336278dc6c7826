//! Figures of labelled chips as text.

use super::LabelScore;
use std::fmt::{self, Display, Formatter};

impl Display for LabelScore {
    /// Plain lines for a terminal.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} chips, judged by: {}", self.chips, self.judge)?;
        for reason in &self.failed {
            writeln!(f, "not scored: {reason}")?;
        }
        writeln!(
            f,
            "\n{:<12} {:>5}  {:>9}  {:>6}  {:>5}  {:>5}  {:>5}  {:>6}  {:>5}",
            "", "chips", "precision", "recall", "F1", "AP", "found", "missed", "false"
        )?;
        let share = |value: Option<f64>| {
            value.map_or_else(|| "–".to_owned(), |value| format!("{value:.3}"))
        };
        for group in &self.groups {
            let rates = &group.rates;
            writeln!(
                f,
                "{:<12} {:>5}  {:>9}  {:>6}  {:>5}  {:>5}  {:>5}  {:>6}  {:>5}",
                group.name,
                group.chips,
                share(rates.precision),
                share(rates.recall),
                share(rates.f1),
                share(group.average_precision),
                rates.hits,
                rates.misses,
                rates.false_alarms
            )?;
        }
        writeln!(f, "\nlonger side of the box")?;
        for class in &self.by_size {
            let name = class
                .up_to_px
                .map_or_else(|| "longer".to_owned(), |up_to| format!("to {up_to:.0} px"));
            let all = class.hits + class.misses;
            writeln!(f, "{name:<12} {} of {all} found", class.hits)?;
        }
        let Some(error) = self.calibration_error else {
            return Ok(());
        };
        writeln!(f, "\nprobability  candidates   told  ships")?;
        for bin in self.reliability.iter().filter(|bin| bin.candidates > 0) {
            writeln!(
                f,
                "from {:.1}     {:>10}  {:.3}  {:.3}",
                bin.from, bin.candidates, bin.told, bin.true_part
            )?;
        }
        writeln!(f, "expected calibration error {error:.3}")
    }
}
