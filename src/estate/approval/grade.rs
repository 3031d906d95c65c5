//! The ladder of evidence: how well an approval is proved.

/// How well an approval is proved, best first.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
pub enum Grade {
    /// A CloudTrail log file whose digest chain was verified.
    A,
    /// CloudTrail's event history.
    B,
    /// Evidence that an earlier run archived, or a log file that no verified digest vouches for: both are as good as the
    /// place that keeps them.
    C,
    /// A lineage record.
    D,
    /// The package's last modification, where nothing else is known to have modified it.
    E,
    /// A declaration: a ticket in the approval description.
    F,
    /// Nothing.
    None,
}

impl Grade {
    /// One letter, or a dash.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
            Self::D => "D",
            Self::E => "E",
            Self::F => "F",
            Self::None => "–",
        }
    }

    /// What the grade rests on, in plain words.
    pub fn words(self) -> &'static str {
        match self {
            Self::A => "a CloudTrail log file with a verified digest chain",
            Self::B => "CloudTrail's event history",
            Self::C => "evidence archived by an earlier run, or a log file without a verified digest",
            Self::D => "a lineage record",
            Self::E => "the package's last modification only",
            Self::F => "a declaration only",
            Self::None => "nothing",
        }
    }

    /// Whether an event proves it, and not the package's own word.
    pub fn proved(self) -> bool {
        self <= Self::C
    }
}
