//! The cases of a control, run as the engine runs them: with gaps, gates and waivers.
//!
//! ```ignore
//! Tester::new(&CONTROL)
//!     .pass(Fixture::sound(), "is approved")
//!     .fail(Fixture::sound().rejected(LATER), "rejected, still serves")
//!     .gate(Gate::Stop)
//!     .unknown(Fixture::sound().hidden(FactKind::Packages, PACKAGE), "could not be read");
//! ```
//!
//! A case holds if every finding of the control has the status and the reason holds each of the words, which commas
//! separate; [`on`](Tester::on) narrows the cases after it to subjects with a text in their name.

use super::engine::{Finding, assess};
use super::{Control, Gate, Status};
use crate::estate::fixture::Fixture;

/// See the module.
pub(crate) struct Tester {
    control: &'static Control,
    on: Option<String>,
    last: Option<Case>,
}

/// The first finding of the case that was run last, in a form that outlives its estate.
#[derive(Debug)]
struct Case {
    reason: String,
    notes: String,
    gate: Gate,
    remedy: String,
    gaps: usize,
    cites: usize,
    touches: usize,
}

impl Case {
    fn of(finding: &Finding<'_>) -> Self {
        Self {
            reason: finding.verdict.reason.clone(),
            notes: finding.verdict.notes.join("; "),
            gate: finding.gate,
            remedy: finding.remedy().to_owned(),
            gaps: finding.gaps.len(),
            cites: finding.verdict.cites.len() + usize::from(finding.subject.is_none()),
            touches: finding.touches.len(),
        }
    }
}

impl Tester {
    pub(crate) fn new(control: &'static Control) -> Self {
        Self { control, on: None, last: None }
    }

    /// Looks, from here on, only at subjects with this text in their name.
    pub(crate) fn on(mut self, subject: &str) -> Self {
        self.on = Some(subject.to_owned());
        self
    }

    pub(crate) fn pass(self, fixture: Fixture, words: &str) -> Self {
        let tester = self.expect(Status::Pass, &fixture, words);
        let case = tester.case();
        assert!(case.cites > 0 || case.reason.contains("declared"), "a pass without evidence: {case:?}");
        tester
    }

    pub(crate) fn fail(self, fixture: Fixture, words: &str) -> Self {
        self.expect(Status::Fail, &fixture, words)
    }

    pub(crate) fn unknown(self, fixture: Fixture, words: &str) -> Self {
        self.expect(Status::Unknown, &fixture, words)
    }

    /// Unknown because of a gap, which the finding names.
    pub(crate) fn hidden(self, fixture: Fixture) -> Self {
        let tester = self.expect(Status::Unknown, &fixture, "could not be read");
        assert!(tester.case().gaps > 0, "no gap is named: {:?}", tester.case());
        tester
    }

    pub(crate) fn not_applicable(self, fixture: Fixture, words: &str) -> Self {
        self.expect(Status::NotApplicable, &fixture, words)
    }

    pub(crate) fn waived(self, fixture: Fixture, words: &str) -> Self {
        self.expect(Status::Waived, &fixture, words)
    }

    /// The last case's gate.
    pub(crate) fn gate(self, gate: Gate) -> Self {
        assert_eq!(self.case().gate, gate, "{:?}", self.case());
        self
    }

    /// Words of the last case's notes.
    pub(crate) fn note(self, words: &str) -> Self {
        holds(&self.case().notes, words, self.case());
        self
    }

    /// Words that the last case's notes do not have.
    pub(crate) fn no_note(self, words: &str) -> Self {
        assert!(!self.case().notes.contains(words), "{:?}", self.case());
        self
    }

    /// Words of the last case's remedy.
    pub(crate) fn remedy(self, words: &str) -> Self {
        holds(&self.case().remedy, words, self.case());
        self
    }

    /// How many live versions the last case counts for.
    pub(crate) fn touches(self, live: usize) -> Self {
        assert_eq!(self.case().touches, live, "{:?}", self.case());
        self
    }

    fn case(&self) -> &Case {
        self.last.as_ref().expect("no case was run yet")
    }

    fn expect(mut self, status: Status, fixture: &Fixture, words: &str) -> Self {
        let estate = fixture.estate();
        let assessment = assess(&estate, &fixture.policy);
        let of_control = |finding: &&Finding<'_>| {
            let wanted = self.on.as_ref().is_none_or(|on| finding.subject_name().contains(on));
            finding.control.code == self.control.code && wanted
        };
        let findings: Vec<_> = assessment.findings.iter().filter(of_control).collect();
        assert!(!findings.is_empty(), "{} judged no subject with {:?} in its name", self.control.code, self.on);
        for finding in &findings {
            let about = finding.subject_name();
            let case = Case::of(finding);
            assert_eq!(finding.status, status, "{} of `{about}`: {case:#?}", self.control.code);
            holds(&case.reason, words, &case);
        }
        self.last = findings.first().map(|finding| Case::of(finding));
        self
    }
}

fn holds(text: &str, words: &str, case: &Case) {
    let folded = text.to_lowercase();
    for word in words.split(',').map(str::trim) {
        assert!(folded.contains(&word.to_lowercase()), "no `{word}` in `{text}`: {case:#?}");
    }
}
