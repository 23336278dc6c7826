//! Progress for people: a bar on a terminal, log lines elsewhere.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{IsTerminal, stderr};

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Display {
    /// A bar if standard error is a terminal, else nothing beside the log.
    Auto,
    /// Nothing beside the log.
    Hidden,
}

/// Progress over the pixels of one scene at a time.
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// Starts without a scene.
    pub fn new(display: Display) -> Self {
        let shown = display == Display::Auto && stderr().is_terminal();
        let bar = if shown {
            ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr())
        } else {
            ProgressBar::hidden()
        };
        // The template is fixed text; without it the bar keeps its plain style.
        if let Ok(style) = ProgressStyle::with_template("{msg} [{bar:30}] {percent:>3} % {eta}") {
            bar.set_style(style.progress_chars("=> "));
        }
        Self { bar }
    }

    /// Begins a scene of `pixels` pixels in all bands together; `label` stands before the bar.
    pub fn begin(&self, label: String, pixels: u64) {
        self.bar.set_length(pixels);
        self.bar.set_position(0);
        self.bar.reset_eta();
        self.bar.set_message(label);
    }

    /// Tells that so many more pixels of the scene are done; from any thread.
    pub fn advance(&self, pixels: u64) {
        self.bar.inc(pixels);
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
