//! EVD-001

use crate::control::Check;
use crate::declare_control;

declare_control! {
    /// ## What it requires
    /// Of all results that gate, at least `thresholds.evidence_share` are decided, and none that may stop or bar is unknown.
    ///
    /// ## Why
    /// A report full of "unknown" has no failures either. Who takes a permission away from the reader must not make the estate
    /// look better.
    ///
    /// ## Evidence
    /// The results of all other controls of this run, and the calls that were denied.
    ///
    /// ## Results
    /// - **pass**: enough is decided
    /// - **fail**: too much is unknown, or something that may stop or bar; then nothing may be expanded
    /// - **unknown**: never: it counts what is
    /// - **not applicable**: nothing serves
    "EVD-001" "complete-evidence" {
        summary: "enough of the evidence could be read",
        severity: Info,
        gate: Expansion,
        needs: [],
        uses: [],
        remedy: "grant the reader the actions that were denied; the gaps name each of them",
        role: "account administrator",
        frameworks: [("NIST AI RMF", "MEASURE 1.1"), ("SR 26-2 (ex SR 11-7)", "documentation")],
        check: Check::Engine,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::tester::Tester;
    use crate::estate::fixture::*;
    use crate::evidence::{FactKind, Package};

    #[test]
    fn enough_is_decided_or_not() {
        let vague = |package: &mut Package| package.commit.commit = Some("main".to_owned());
        let weighing = || Fixture::sound().edit_named(PACKAGE, vague);
        Tester::new(&CONTROL)
            .pass(Fixture::sound(), "are decided")
            .pass(weighing(), "are decided")
            .fail(weighing().policy(|policy| policy.thresholds.evidence_share = 0.99), "99 % are asked for")
            .fail(Fixture::sound().hidden_all(FactKind::TrailEvents), "that may stop or bar are unknown")
            .note("denied: sagemaker:Describe")
            .not_applicable(Fixture::empty(), "nothing serves");
    }

    #[test]
    fn it_bars_expansion_and_no_more() {
        Tester::new(&CONTROL)
            .fail(Fixture::sound().hidden_all(FactKind::Topics), "are unknown")
            .gate(crate::control::Gate::Expansion);
    }
}
