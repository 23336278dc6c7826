//! The figures as text.

use super::{AssociationReport, Cell};
use std::fmt::{self, Display, Formatter};

impl Display for AssociationReport {
    /// Three tables for a terminal.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Association on simulated fleets, seeds {} to {}. Minutes: from the image to each vessel's nearest report. F1 of pairs; P, R\n\
             and switched identities are ours. ECE: calibration error of our stated probabilities. Dark bias: mean stated\n\
             probability of no vessel minus the true share, points.\n",
            self.seed,
            self.seed.wrapping_add(self.seeds.saturating_sub(1))
        )?;
        writeln!(
            f,
            "{:<8} {:>9} {:>6} {:>5}  {:>5} {:>5} {:>5} {:>5} {:>5} {:>7}  {:>8} {:>6} {:>5}",
            "waters",
            "minutes",
            "echoes",
            "dark",
            "ours",
            "near",
            "shift",
            "GFW",
            "P",
            "R",
            "switched",
            "ECE",
            "bias"
        )?;
        for cell in &self.cells {
            cell_line(f, cell)?;
        }
        writeln!(f, "\nF1 by true speed.\n")?;
        writeln!(
            f,
            "{:<10} {:>6}  {:>5} {:>5} {:>5} {:>5}",
            "knots", "pairs", "ours", "near", "shift", "GFW"
        )?;
        for row in &self.speeds {
            let (from, to) = row.speed_kn;
            let range = to.map_or_else(|| format!("{from}–"), |to| format!("{from}–{to}"));
            write!(f, "{range:<10} {:>6} ", row.pairs)?;
            for (_, f1) in &row.f1 {
                write!(f, " {f1:>5.3}")?;
            }
            writeln!(f)?;
        }
        writeln!(
            f,
            "\nReliability of the most probable explanation of each echo, all scenes.\n"
        )?;
        writeln!(
            f,
            "{:<9} {:>7} {:>6} {:>6}",
            "stated", "echoes", "mean", "right"
        )?;
        for row in &self.reliability {
            let range = format!("{:.1}–{:.1}", row.from, row.from + 0.1);
            writeln!(
                f,
                "{range:<9} {:>7} {:>6.3} {:>6.3}",
                row.stated, row.mean, row.right
            )?;
        }
        writeln!(
            f,
            "\nOver all scenes: ECE {:.3}, dark bias {:+.1} points.",
            self.calibration_error,
            100.0 * self.dark_share_bias
        )
    }
}

fn cell_line(f: &mut Formatter<'_>, cell: &Cell) -> fmt::Result {
    let (from, to) = cell.nearest_report_min;
    let minutes = format!("{from}–{to}");
    write!(
        f,
        "{:<8} {minutes:>9} {:>6} {:>4.1}% ",
        cell.waters,
        cell.echoes,
        100.0 * cell.dark_share
    )?;
    for method in &cell.methods {
        write!(f, " {:>5.3}", method.rates.f1)?;
    }
    let ours = cell.methods.first().map(|method| method.rates);
    if let Some(rates) = ours {
        write!(
            f,
            " {:>5.3} {:>7.3}  {:>7.1}%",
            rates.precision,
            rates.recall,
            100.0 * rates.switched
        )?;
    }
    writeln!(
        f,
        " {:>6.3} {:>+5.1}",
        cell.calibration_error,
        100.0 * cell.dark_share_bias
    )
}
