//! The figures as text.

use super::{MeasureRow, MethodsReport, PfaRow, Quality};
use std::fmt::{self, Display, Formatter};

impl Display for MethodsReport {
    /// Two tables for a terminal.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Duel: {0} × {0} pixels of 10 m, {1} ships of 15–200 m at 6–24 dB, seed {2}; a hit is within 120 m; each method\n\
             at the best of its own thresholds.\n",
            self.size_px, self.ships, self.seed
        )?;
        let line = |f: &mut Formatter<'_>, cells: [&str; 6]| {
            let [sea, method, setting, precision, recall, f1] = cells;
            writeln!(
                f,
                "{sea:<14} {method:<20} {setting:<11} {precision:>9} {recall:>6} {f1:>6}"
            )
        };
        line(
            f,
            ["sea", "method", "threshold", "precision", "recall", "F1"],
        )?;
        for row in &self.duel {
            let share = |value: f64| format!("{value:.3}");
            line(
                f,
                [
                    &row.sea,
                    &row.method,
                    &row.setting,
                    &share(row.precision),
                    &share(row.recall),
                    &share(row.f1),
                ],
            )?;
        }
        writeln!(
            f,
            "\nAchieved over stated false-alarm probability on empty seas of the same size (pixels that fired).\n"
        )?;
        writeln!(
            f,
            "{:<8} {:>5} {:>4}  {:>17} {:>17} {:>17}",
            "texture", "looks", "ν", "1e-4", "1e-5", "1e-6"
        )?;
        for rows in self.honesty.chunks(3) {
            pfa_line(f, rows)?;
        }
        writeln!(
            f,
            "\nShips of at least 40 m that ours finds at its default: median error, mean error, part within the stated σ.\n"
        )?;
        writeln!(
            f,
            "{:<14} {:<6} {:>5}  {:>18} {:>18} {:>25} {:>18}",
            "sea", "hull", "ships", "length", "width", "heading (told)", "place"
        )?;
        for row in &self.measuring {
            measure_line(f, row)?;
        }
        Ok(())
    }
}

/// What was measured on one sea.
fn measure_line(f: &mut Formatter<'_>, row: &MeasureRow) -> fmt::Result {
    let part = |value: Option<f64>| value.map_or_else(|| "-".into(), |value| format!("{value:.2}"));
    let figures = |of: &Quality, unit: &str, scale: f64| {
        let number = |value: Option<f64>, signed| match value {
            None => "-".to_owned(),
            Some(value) if signed => format!("{:+.1}", value * scale),
            Some(value) => format!("{:.1}{unit}", value * scale),
        };
        let (median, mean) = (number(of.median_error, false), number(of.bias, true));
        format!("{median} {mean} {}", part(of.within_sigma))
    };
    let heading = format!("{} ({})", figures(&row.heading, "°", 1.0), row.heading.told);
    writeln!(
        f,
        "{:<14} {:<6} {:>5}  {:>18} {:>18} {heading:>25} {:>18}",
        row.sea,
        row.hull,
        row.ships,
        figures(&row.length, "%", 100.0),
        figures(&row.width, "%", 100.0),
        figures(&row.place, " m", 1.0)
    )
}

/// The three probabilities of one sea.
fn pfa_line(f: &mut Formatter<'_>, rows: &[PfaRow]) -> fmt::Result {
    let Some(first) = rows.first() else {
        return Ok(());
    };
    let nu = first.nu.map_or_else(|| "∞".to_owned(), |nu| nu.to_string());
    let texture = match (first.nu, first.correlated) {
        (None, _) => "none",
        (_, false) => "white",
        (_, true) => "50 m",
    };
    write!(f, "{texture:<8} {:>5} {nu:>4} ", first.looks)?;
    for row in rows {
        let fired = format!("{:.2} ({})", row.ratio, row.fired);
        write!(f, " {fired:>17}")?;
    }
    writeln!(f)
}
