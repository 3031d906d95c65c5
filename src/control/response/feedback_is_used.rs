//! RSP-004

use crate::control::declared::{Declared, declared};
use crate::control::{Check, Context, Verdict};
use crate::declare_control;
use crate::estate::{FeedbackReading, LiveVersion};

declare_control! {
    /// ## What it requires
    /// Feedback that the manifest declares goes on arriving, and a training or processing job has read it in time.
    ///
    /// ## Why
    /// What investigators find and customers dispute is the only truth that a model ever hears. Collected and not read, it
    /// teaches nobody.
    ///
    /// ## Evidence
    /// The objects below each prefix of `[[model.feedback]]`, listed and not read, against `grows_within_days`; the inputs of
    /// training and processing jobs against `used_within_days`. A job that failed has used nothing.
    ///
    /// ## Results
    /// - **pass**: each prefix grows, and a job has read it in time
    /// - **fail**: one no longer grows, or no job has read it in time
    /// - **unknown**: a prefix or jobs that could not be read; which manifest applies
    /// - **not applicable**: no feedback is declared
    "RSP-004" "feedback-is-used" {
        summary: "feedback that is collected is used",
        severity: Medium,
        gate: Operability,
        needs: [],
        uses: [Prefixes, Jobs],
        remedy: "mend what collects the feedback, and let the next training or evaluation job read its prefix",
        role: "model owner",
        frameworks: [("NIST AI RMF", "MEASURE 3.3, MANAGE 4.2"), ("ISO/IEC 42001", "A.6.2.6"), ("EU AI Act", "Art. 15(4), 72")],
        check: Check::LiveVersion(check),
    }
}

fn check<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    match declared(live, context, |manifest| (!manifest.feedback.is_empty()).then_some(())) {
        Declared::Says(()) => {}
        Declared::Silent => return Verdict::not_applicable("no feedback is declared"),
        Declared::Unsure => return Verdict::unknown("which manifest applies is not known, and one declares feedback"),
    }
    let readings = &live.monitored.feedback;
    let fails = |it: &&FeedbackReading<'_>| it.grows == Some(false) || it.used == Some(false);
    let unread = |it: &&FeedbackReading<'_>| it.grows.is_none() || it.used.is_none();
    let told = |it: &FeedbackReading<'_>| format!("`{}`: {}", it.declared.prefix, it.words);
    let failing = readings.iter().find(fails);
    let decides = failing.or_else(|| readings.iter().find(unread)).or_else(|| readings.first());
    let Some(decides) = decides else { return Verdict::not_applicable("no feedback is declared") };
    let verdict = match (decides.grows, decides.used) {
        (Some(false), Some(true)) => Verdict::fail(format!("feedback no longer grows: {}", told(decides))),
        (Some(false), _) => Verdict::fail(format!("feedback does not grow: {}", told(decides))),
        (_, Some(false)) => Verdict::fail(format!("feedback is not used: {}", told(decides))),
        (Some(true), Some(true)) => Verdict::pass(format!("feedback is used: {}", told(decides))),
        _ => Verdict::unknown(told(decides)),
    };
    let others = readings.iter().filter(|it| !std::ptr::eq(*it, decides));
    let verdict = others.fold(verdict, |verdict, it| verdict.note(told(it)));
    // Training jobs are mostly searched for, and listed only where that fails; processing jobs are always listed.
    let lists = ["ListTrainingJobs", "ListProcessingJobs"];
    let asked = context.estate.snapshot.stats.calls.iter().any(|call| lists.contains(&call.operation.as_str()));
    let verdict = if decides.used == Some(false) && decides.grows != Some(false) && decides.read_by.is_none() && !asked
    {
        verdict.doubted("which jobs there were was not looked for")
    } else {
        verdict
    };
    readings.iter().filter(|it| !it.seen.is_empty()).fold(verdict, |verdict, it| verdict.cite_calls(&it.seen, told(it)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::tester::Tester;
    use crate::estate::fixture::*;
    use crate::evidence::{FactKind, Job, PrefixState, S3Location};
    use crate::policy::Feedback;

    const PREFIX: &str = "s3://feedback/fraud/";

    fn collected(newest: &str) -> Fixture {
        let prefix_of = || S3Location::parse(PREFIX).unwrap();
        let declared = Feedback { prefix: prefix_of(), grows_within_days: 7, used_within_days: 30, line: 1 };
        Fixture::sound()
            .manifest(|it| it.feedback.push(declared))
            .with(prefix(PREFIX, "2026-01-01T00:00:00Z", newest))
            .with(training("weekly", "2026-05-25T00:00:00Z", PREFIX, "s3://ml-models/fraud/"))
    }

    #[test]
    fn feedback_grows_and_a_job_reads_it() {
        let sound = || collected("2026-05-31T00:00:00Z");
        let mut unasked = sound().drop_where(|_: &Job| true);
        unasked.snapshot.stats.calls.clear();
        Tester::new(&CONTROL)
            .pass(sound(), "feedback is used, the newest object is 36 hours old, job `weekly` read it 7 days ago")
            .fail(collected("2026-05-01T00:00:00Z"), "no longer grows, 31 days old")
            .fail(sound().drop_where(|_: &Job| true), "feedback is not used, no job")
            .fail(sound().edit(|it: &mut Job| it.created = Some(at("2026-03-01T00:00:00Z"))), "not used, 92 days ago")
            .unknown(unasked, "not looked for")
            .unknown(sound().drop_where(|_: &PrefixState| true), "could not be read")
            .unknown(sound().hidden_all(FactKind::Prefixes), "could not be read")
            .note("declared prefixes could not be read")
            .unknown(sound().hidden_all(FactKind::Jobs), "could not all be seen")
            .note("jobs could not be read");
    }

    #[test]
    fn without_feedback_there_is_nothing_to_use() {
        Tester::new(&CONTROL)
            .not_applicable(Fixture::sound(), "no feedback is declared")
            .unknown(collected("2026-05-31T00:00:00Z").hidden(FactKind::Models, MODEL), "which manifest applies");
    }
}
