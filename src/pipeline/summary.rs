//! The closing table of a run: what was done, what was lost, and which files to open.

use super::record::FailedInput;
use crate::model::contact::Verdict;
use crate::model::event::EventKind;
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

/// What a run did.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RunSummary {
    /// Name of the pipeline.
    pub name: String,
    /// The store, without a password.
    pub store: String,
    /// Scenes searched in this run.
    pub searched: usize,
    /// Scenes that the store held already, from the same inputs and settings.
    pub skipped: usize,
    /// Inputs that failed.
    pub failed: Vec<FailedInput>,
    /// How many of them failed before, are as they were, and were not tried again.
    pub failed_before: usize,
    /// Sea covered by searched and skipped scenes, square kilometres.
    pub searched_km2: f64,
    /// Pixels searched in this run, all bands together.
    pub searched_px: u64,
    /// Time spent searching in this run, seconds.
    pub search_seconds: f64,
    /// Time of the whole run, seconds.
    pub seconds: f64,
    /// AIS: files read, positions, vessels.
    pub ais: (usize, usize, usize),
    /// Detections of all scenes.
    pub detections: usize,
    /// Contacts of all scenes by verdict.
    pub verdicts: BTreeMap<Verdict, usize>,
    /// Events of AIS by kind.
    pub events: BTreeMap<EventKind, usize>,
    /// Alerts that are new, changed, withdrawn, and as they were.
    pub alerts: AlertCounts,
    /// CAP files written in this run.
    pub delivered: usize,
    /// Output folder.
    pub output: PathBuf,
}

/// Alerts by what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AlertCounts {
    /// First revision.
    pub new: usize,
    /// Later revision.
    pub updated: usize,
    /// Withdrawn.
    pub cancelled: usize,
    /// Known and unchanged.
    pub unchanged: usize,
}

impl RunSummary {
    /// 0 if every input was used, else 1.
    pub fn exit_code(&self) -> u8 {
        u8::from(!self.failed.is_empty())
    }

    #[allow(
        clippy::cast_precision_loss,
        reason = "a rate for reading: pixel counts are far below 2^53"
    )]
    fn speed(&self) -> String {
        if self.searched_px == 0 || self.search_seconds <= 0.0 {
            return "nothing had to be searched".to_owned();
        }
        let rate = self.searched_px as f64 / 1e6 / self.search_seconds;
        format!(
            "{:.1} Mpx in {:.1} s ({rate:.0} Mpx/s)",
            self.searched_px as f64 / 1e6,
            self.search_seconds
        )
    }
}

impl fmt::Display for RunSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut row = |name: &str, value: String| writeln!(f, "  {name:<12} {value}");
        row("pipeline", self.name.clone())?;
        let before = match self.failed_before {
            0 => String::new(),
            count => {
                format!(" ({count} of them before; `tidewatch retry` makes them be tried again)")
            }
        };
        row(
            "scenes",
            format!(
                "{} searched, {} already done; inputs failed: {}{before}",
                self.searched,
                self.skipped,
                self.failed.len()
            ),
        )?;
        row("sea", format!("{:.0} km²", self.searched_km2))?;
        let (files, positions, vessels) = self.ais;
        row(
            "AIS",
            format!("{files} files, {positions} positions, {vessels} vessels"),
        )?;
        row("detections", self.detections.to_string())?;
        let verdicts: Vec<String> = Verdict::ALL
            .iter()
            .map(|verdict| {
                let count = self.verdicts.get(verdict).copied().unwrap_or(0);
                format!("{verdict} {count}")
            })
            .collect();
        row("contacts", verdicts.join(", "))?;
        let events: Vec<String> = self
            .events
            .iter()
            .map(|(kind, count)| format!("{kind} {count}"))
            .collect();
        let stated = if events.is_empty() {
            "none".to_owned()
        } else {
            events.join(", ")
        };
        row("events", stated)?;
        let alerts = self.alerts;
        row(
            "alerts",
            format!(
                "{} new, {} updated, {} withdrawn, {} unchanged; files delivered: {}",
                alerts.new, alerts.updated, alerts.cancelled, alerts.unchanged, self.delivered
            ),
        )?;
        row("search", self.speed())?;
        row("time", format!("{:.1} s", self.seconds))?;
        let file = |name: &str| self.output.join(name).display().to_string();
        row("open", file("report.html"))?;
        row("", self.store.clone())?;
        row("", file("cap/"))?;
        for input in &self.failed {
            writeln!(f, "  FAILED       {}", input.reason)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_names_every_failed_input_and_the_exit_code_tells() {
        let mut summary = RunSummary {
            name: "night".to_owned(),
            searched: 2,
            searched_px: 30_000_000,
            search_seconds: 0.1,
            ..RunSummary::default()
        };
        assert_eq!(summary.exit_code(), 0);
        summary.failed.push(FailedInput {
            path: "a.tif".to_owned(),
            reason: "a.tif: the file is empty".to_owned(),
        });
        assert_eq!(summary.exit_code(), 1);
        let text = summary.to_string();
        assert!(text.contains("30.0 Mpx in 0.1 s (300 Mpx/s)"), "{text}");
        assert!(
            text.contains("FAILED       a.tif: the file is empty"),
            "{text}"
        );
        assert!(text.contains("not_assessable 0"), "{text}");
    }
}
