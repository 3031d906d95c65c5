//! What a control is, and how one is run.
//!
//! A control is one file: its documentation, its metadata and a pure `check`, declared with `declare_control!`, and
//! its cases. It judges one kind of subject ([`Unit`]), and says which kinds of fact it **needs** (a gap there over the
//! subject makes the result unknown before `check` is asked) and which it merely **uses** (a gap there adds a note).
//! So no author has to remember what could not be seen, and missing evidence can read neither as pass nor as fail.

use serde::{Deserialize, Serialize};

use crate::estate::{BoundAlarm, Estate, Event, LiveVersion};
use crate::evidence::{CallId, Fact, FactKind};
use crate::policy::Policy;

pub use combine::worst;
pub use view::View;

pub mod catalogue;
pub mod engine;
pub mod registry;

mod combine;
mod declared;
mod standing;
mod view;
mod waiving;
pub(crate) mod way_back;

mod approval;
mod artifact;
mod audit;
mod cost;
mod deployment;
mod identity;
mod lineage;
mod monitoring;
mod response;

#[cfg(test)]
pub(crate) mod tester;

/// Result of one control for one subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The requirement holds, and the evidence shows it.
    Pass,
    /// It does not hold, and the evidence shows it.
    Fail,
    /// The evidence could not be read, or does not decide.
    Unknown,
    /// It does not apply to this subject; the reason says why.
    NotApplicable,
    /// It fails, and somebody answers for it until a day.
    Waived,
}

/// How much a failure matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Nothing to do.
    Info,
    /// When there is time.
    Low,
    /// Soon.
    Medium,
    /// Now.
    High,
    /// At once.
    Critical,
}

/// What a failure means for the readiness verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    /// Stop serving it.
    Stop,
    /// Fix it before anything else.
    Fix,
    /// It weighs; enough of them bar.
    Operability,
    /// It bars expansion only.
    Expansion,
    /// Advice.
    Advisory,
}

/// What a control judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Each live version.
    LiveVersion,
    /// Each alarm that is about serving.
    Alarm,
    /// Each bucket that holds artifacts of live versions.
    Bucket,
    /// Each account and region that was read.
    Region,
    /// Each account that was read, over all its regions.
    Account,
    /// The run as a whole.
    Run,
}

/// One subject to judge.
#[derive(Clone, Copy, Debug)]
pub enum Subject<'a> {
    /// A live version.
    LiveVersion(&'a LiveVersion<'a>),
    /// An alarm.
    Alarm(&'a BoundAlarm<'a>),
    /// A bucket, by account, region of the reader, and name.
    Bucket {
        /// Account.
        account: &'a str,
        /// Region.
        region: &'a str,
        /// Name.
        name: &'a str,
    },
    /// An account and region.
    Region {
        /// Account.
        account: &'a str,
        /// Region.
        region: &'a str,
    },
    /// An account, over all its regions.
    Account {
        /// Account.
        account: &'a str,
    },
}

/// What a check may look at beside its subject.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The estate.
    pub estate: &'a Estate<'a>,
    /// The policy.
    pub policy: &'a Policy,
    /// What could not be seen, and versions by group.
    pub view: &'a View<'a>,
}

/// A check's answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// Pass, fail, unknown or not applicable; only the engine waives.
    pub status: Status,
    /// Why, in one plain sentence without a final period.
    pub reason: String,
    /// What else a reader should know: what is weak, what was not checked.
    pub notes: Vec<String>,
    /// The facts that decided.
    pub cites: Vec<Cite>,
    /// A gate other than the control's own, where the case asks for it.
    pub gate: Option<Gate>,
    /// A severity other than the control's own, where the case asks for it.
    pub severity: Option<Severity>,
    /// A remedy other than the control's own, where the case asks for it.
    pub remedy: Option<String>,
    /// Whether it stands whatever could not be read: the policy decides, or one fact is enough.
    pub settled: bool,
    /// Indices of gaps that the check itself ran into.
    pub gaps: Vec<usize>,
}

/// A fact that a finding rests on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cite {
    /// What the fact says, such as "model package `…/7` is Rejected".
    pub what: String,
    /// The calls that showed it.
    pub seen: Vec<CallId>,
}

/// What a verdict may cite: something that calls showed.
pub trait Shown {
    /// Those calls.
    fn seen(&self) -> &[CallId];
}

impl<T> Shown for Fact<T> {
    fn seen(&self) -> &[CallId] {
        &self.seen
    }
}

impl<T: Shown> Shown for &T {
    fn seen(&self) -> &[CallId] {
        (*self).seen()
    }
}

impl Shown for Event<'_> {
    fn seen(&self) -> &[CallId] {
        self.seen
    }
}

impl Verdict {
    fn new(status: Status, reason: impl Into<String>) -> Self {
        Self {
            status,
            reason: reason.into(),
            notes: Vec::new(),
            cites: Vec::new(),
            gate: None,
            severity: None,
            remedy: None,
            settled: false,
            gaps: Vec::new(),
        }
    }

    /// It holds.
    pub fn pass(reason: impl Into<String>) -> Self {
        Self::new(Status::Pass, reason)
    }

    /// It does not hold.
    pub fn fail(reason: impl Into<String>) -> Self {
        Self::new(Status::Fail, reason)
    }

    /// The evidence does not decide.
    pub fn unknown(reason: impl Into<String>) -> Self {
        Self::new(Status::Unknown, reason)
    }

    /// It does not apply.
    pub fn not_applicable(reason: impl Into<String>) -> Self {
        Self::new(Status::NotApplicable, reason)
    }

    /// Cites a fact.
    #[must_use]
    pub fn cite(self, fact: impl Shown, what: impl Into<String>) -> Self {
        self.cite_calls(fact.seen(), what)
    }

    /// Cites calls.
    #[must_use]
    pub fn cite_calls(mut self, seen: &[CallId], what: impl Into<String>) -> Self {
        // One is usual, and room for four would be most of what a large assessment holds.
        self.cites.reserve_exact(1);
        self.cites.push(Cite { what: what.into(), seen: seen.to_vec() });
        self
    }

    /// Adds a note.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.reserve_exact(1);
        self.notes.push(note.into());
        self
    }

    /// Sets another gate for this case.
    #[must_use]
    pub fn gate(mut self, gate: Gate) -> Self {
        self.gate = Some(gate);
        self
    }

    /// Sets another severity for this case.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    /// Says that nothing that could not be read can change it.
    #[must_use]
    pub fn settled(mut self) -> Self {
        self.settled = true;
        self
    }

    /// Names a gap that the check ran into.
    #[must_use]
    pub fn gap(mut self, index: Option<usize>) -> Self {
        self.gaps.extend(index);
        self
    }

    /// Turns a decided result into "unknown" for a reason; what it would have been stays as a note. What does not apply
    /// stays as it is.
    #[must_use]
    pub fn doubted(mut self, why: impl Into<String>) -> Self {
        if matches!(self.status, Status::Pass | Status::Fail) {
            let would = if self.status == Status::Pass { "would pass" } else { "would fail" };
            self.notes.insert(0, format!("otherwise it {would}: {}", self.reason));
            self.status = Status::Unknown;
            self.reason = why.into();
            self.gate = None;
            self.severity = None;
            self.settled = false;
        }
        self
    }

    /// Sets another remedy for this case.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }
}

/// The pure function of a control. Each unit has its own signature, so that no check has to unwrap its subject.
#[derive(Clone, Copy)]
pub enum Check {
    /// Judges a live version.
    LiveVersion(for<'a> fn(&'a LiveVersion<'a>, Context<'a>) -> Verdict),
    /// Judges an alarm.
    Alarm(for<'a> fn(&'a BoundAlarm<'a>, Context<'a>) -> Verdict),
    /// Judges a bucket, by account, region and name.
    Bucket(for<'a> fn(&'a str, &'a str, &'a str, Context<'a>) -> Verdict),
    /// Judges an account and region.
    Region(for<'a> fn(&'a str, &'a str, Context<'a>) -> Verdict),
    /// Judges an account.
    Account(for<'a> fn(&'a str, Context<'a>) -> Verdict),
    /// The engine judges it, after all others: only the completeness of evidence is like that.
    Engine,
}

impl std::fmt::Debug for Check {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Check::{:?}", self.unit())
    }
}

impl Check {
    /// The unit that it judges.
    pub fn unit(self) -> Unit {
        match self {
            Self::LiveVersion(_) => Unit::LiveVersion,
            Self::Alarm(_) => Unit::Alarm,
            Self::Bucket(_) => Unit::Bucket,
            Self::Region(_) => Unit::Region,
            Self::Account(_) => Unit::Account,
            Self::Engine => Unit::Run,
        }
    }
}

/// A control.
#[derive(Debug)]
pub struct Control {
    /// Such as `APR-001`.
    pub code: &'static str,
    /// The file's name in kebab case, which states the required state.
    pub id: &'static str,
    /// The requirement in one line.
    pub summary: &'static str,
    /// The full documentation, in Markdown.
    pub doc: &'static str,
    /// How much a failure matters.
    pub severity: Severity,
    /// What a failure means for the verdict.
    pub gate: Gate,
    /// Kinds of fact without which it cannot judge.
    pub needs: &'static [FactKind],
    /// Kinds of fact that it looks at where they are there.
    pub uses: &'static [FactKind],
    /// What to do about a failure, in one or two sentences.
    pub remedy: &'static str,
    /// Who is able to do that.
    pub role: &'static str,
    /// Clauses of frameworks that ask for the like: a look-up, never a claim of compliance.
    pub frameworks: &'static [(&'static str, &'static str)],
    /// The file that declares it.
    pub file: &'static str,
    /// The check.
    pub check: Check,
}

impl Control {
    /// Whether a name, in any case, is its code or its id.
    pub fn is_called(&self, name: &str) -> bool {
        self.code.eq_ignore_ascii_case(name) || self.id.eq_ignore_ascii_case(name)
    }
}

/// The day of an instant, in UTC, as reasons write it.
fn day(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

/// Declares a control: its doc comment becomes [`Control::doc`]. A test holds the id against the file's name.
#[macro_export]
macro_rules! declare_control {
    (
        $(#[doc = $doc:literal])*
        $code:literal $id:literal {
            summary: $summary:literal,
            severity: $severity:ident,
            gate: $gate:ident,
            needs: [$($needs:ident),* $(,)?],
            uses: [$($uses:ident),* $(,)?],
            remedy: $remedy:literal,
            role: $role:literal,
            frameworks: [$(($framework:literal, $clause:literal)),* $(,)?],
            check: $check:expr $(,)?
        }
    ) => {
        $(#[doc = $doc])*
        pub(crate) static CONTROL: $crate::control::Control = $crate::control::Control {
            code: $code,
            id: $id,
            summary: $summary,
            doc: concat!($($doc, "\n",)*),
            severity: $crate::control::Severity::$severity,
            gate: $crate::control::Gate::$gate,
            needs: &[$($crate::evidence::FactKind::$needs),*],
            uses: &[$($crate::evidence::FactKind::$uses),*],
            remedy: $remedy,
            role: $role,
            frameworks: &[$(($framework, $clause)),*],
            file: file!(),
            check: $check,
        };
    };
}
