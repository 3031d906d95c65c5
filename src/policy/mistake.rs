//! What is wrong with a policy file, and where.

use std::fmt;
use std::path::PathBuf;

/// One mistake in a policy file, or one thing worth knowing about it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mistake {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What was found and what was expected.
    pub message: String,
    /// What to do.
    pub advice: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}; {}", self.line, self.column, self.message, self.advice)
    }
}

/// Why a policy cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// The file system refused.
    #[error("cannot read policy `{}`: {source}; name another file with `--policy`, or write one with `countersign policy init`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What it said.
        source: std::io::Error,
    },
    /// The file holds mistakes: all of them, in the order of the file.
    #[error("{}", list(file, mistakes))]
    Mistakes {
        /// The file, as given.
        file: String,
        /// The mistakes.
        mistakes: Vec<Mistake>,
    },
}

fn list(file: &str, mistakes: &[Mistake]) -> String {
    let count = match mistakes.len() {
        1 => "a mistake".to_owned(),
        several => format!("{several} mistakes"),
    };
    let lines: Vec<String> = mistakes.iter().map(|mistake| format!("\n  {file}:{mistake}")).collect();
    format!("policy `{file}` has {count}{}", lines.concat())
}
