//! What a person at a terminal sees while nothing is told: stderr only, gone when it ends.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::teller::Teller;

/// Something that goes on.
#[derive(Clone, Debug)]
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// Something of unknown length.
    #[must_use]
    pub fn spinner(teller: &Teller, what: &str) -> Self {
        if !teller.has_terminal() {
            return Self::hidden();
        }
        let bar = ProgressBar::new_spinner().with_message(what.to_owned());
        bar.enable_steady_tick(Duration::from_millis(120));
        Self { bar }
    }

    /// `length` things, one after the other.
    #[must_use]
    pub fn of(teller: &Teller, what: &str, length: usize) -> Self {
        if !teller.has_terminal() {
            return Self::hidden();
        }
        let bar = ProgressBar::new(length as u64).with_message(what.to_owned());
        let style = ProgressStyle::with_template("   {bar:30} {pos} of {len} {msg}");
        Self {
            bar: match style {
                Ok(style) => bar.with_style(style),
                Err(_) => bar,
            },
        }
    }

    fn hidden() -> Self {
        Self {
            bar: ProgressBar::hidden(),
        }
    }

    /// One more is done.
    pub fn step(&self) {
        self.bar.inc(1);
    }

    /// It is over.
    pub fn end(self) {
        self.bar.finish_and_clear();
    }
}
