//! What the commands print: data to standard output, everything else to standard error.

use std::fmt::Display;
use std::io::{self, BufWriter, IsTerminal, Write};

use anyhow::anyhow;
use clap::ValueEnum;

use crate::report::escape::visible;
use crate::report::text::Style;

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Colour {
    /// On a terminal, unless `NO_COLOR` is set
    #[default]
    Auto,
    /// Into files and pipes, too
    Always,
    /// Not at all
    Never,
}

/// The two streams, how much to say on the second one, and whether in colour.
#[derive(Clone, Copy, Debug)]
pub(super) struct Console {
    quiet: bool,
    colour: Colour,
}

#[allow(clippy::unused_self, reason = "whoever prints was given a console to print to")]
impl Console {
    pub(super) const fn new(quiet: bool) -> Self {
        Self { quiet, colour: Colour::Auto }
    }

    /// The same with another choice of colour.
    pub(super) fn in_colour(self, colour: Colour) -> Self {
        Self { colour, ..self }
    }

    /// Writes data. A reader that has seen enough (`| head`) is no error.
    pub(super) fn print(self, text: impl Display) -> anyhow::Result<()> {
        self.write(|out| write!(out, "{text}"))
    }

    /// Writes data piece by piece.
    pub(super) fn write(self, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> anyhow::Result<()> {
        let mut out = BufWriter::new(io::stdout().lock());
        match fill(&mut out).and_then(|()| out.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                // What is left in memory has no reader either.
                drop(out.into_parts());
                Ok(())
            }
            other => other.map_err(|error| anyhow!("cannot write to standard output: {error}")),
        }
    }

    /// Whether data goes to a terminal.
    pub(super) fn is_terminal(self) -> bool {
        io::stdout().is_terminal()
    }

    /// Writes data and a line break.
    pub(super) fn line(self, text: impl Display) -> anyhow::Result<()> {
        self.print(format_args!("{text}\n"))
    }

    /// Says something that the reader may want to know.
    pub(super) fn note(self, text: impl Display) {
        if !self.quiet {
            diagnose(&format!("{text}"));
        }
    }

    /// Says something that the reader should look at.
    pub(super) fn warn(self, text: impl Display) {
        if !self.quiet {
            diagnose(&format!("warning: {text}"));
        }
    }

    /// Says why nothing could be done.
    pub(super) fn error(self, text: impl Display) {
        diagnose(&format!("error: {text}"));
    }

    /// Whether to write in colour: what was asked for, else on a terminal, unless `NO_COLOR` is set.
    pub(super) fn colour(self) -> bool {
        match self.colour {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => self.is_terminal() && !is_set("NO_COLOR") && environment("TERM").as_deref() != Some("dumb"),
        }
    }

    /// Columns to fill: those that `COLUMNS` names, else those of the terminal, else what a log takes.
    pub(super) fn columns(self) -> usize {
        let asked = environment("COLUMNS").and_then(|columns| columns.parse().ok());
        let real = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        asked.or_else(real).unwrap_or(100).clamp(40, 200)
    }

    /// How a summary is laid out here.
    pub(super) fn style(self) -> Style {
        Style { width: self.columns(), colour: self.colour() }
    }

    /// Whether progress may be drawn.
    pub(super) fn draws(self) -> bool {
        !self.quiet && io::stderr().is_terminal() && environment("TERM").as_deref() != Some("dumb")
    }
}

/// Names in messages come from strangers: line by line, nothing in them may steer the terminal.
fn diagnose(text: &str) {
    let mut err = io::stderr().lock();
    for line in text.lines() {
        // Nobody is left to tell if this fails.
        drop(writeln!(err, "{}", visible(line)));
    }
}

fn is_set(name: &str) -> bool {
    environment(name).is_some_and(|value| !value.is_empty())
}

/// A variable of the environment, if it is there and is text.
#[allow(clippy::disallowed_methods, reason = "an entry point")]
pub(super) fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
