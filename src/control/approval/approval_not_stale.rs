//! APR-009

use jiff::{SignedDuration, Timestamp};

use super::{is_approved, judge_each, since, standing_for, words};
use crate::control::declared::{Declared, declared};
use crate::control::{Check, Context, Verdict};
use crate::declare_control;
use crate::estate::{Approval, Grade, LiveVersion};
use crate::policy::{Day, Manifest, Risk, instant};

declare_control! {
    /// ## What it requires
    /// A version was approved, or reviewed since, within the review period of its manifest.
    ///
    /// ## Why
    /// An approval says that a model was fit for the world of its day. Data and duties move on, and nobody looks again unless
    /// somebody has to.
    ///
    /// ## Evidence
    /// When it was approved; the day that the package's customer metadata holds under `last-review`, which whoever may edit
    /// the package writes. The period is `review_period_days` of the manifest; without it, 180 days for a high risk and 365
    /// for any other.
    ///
    /// ## Results
    /// - **pass**: approved or reviewed within the period
    /// - **fail**: approved longer ago, and no review is recorded since
    /// - **unknown**: when it was approved is not known; the group could not be read, so the period is not known either
    /// - **not applicable**: not approved (APR-001 owns that); not registered; outside production unless the manifest asks for
    ///   approval
    "APR-009" "approval-not-stale" {
        summary: "it was approved or reviewed within its review period",
        severity: Medium,
        gate: Operability,
        needs: [Models, Packages, TrailEvents],
        uses: [LogFiles, Archive],
        remedy: "validate it again, and record the day in the package's customer metadata as `last-review`",
        role: "model validator",
        frameworks: [("NIST AI RMF", "GOVERN 1.5"), ("ISO/IEC 42001", "A.6.2.6"), ("SR 26-2 (ex SR 11-7)", "ongoing monitoring"), ("PRA SS1/23", "P4")],
        check: Check::LiveVersion(check),
    }
}

/// Where nothing is declared.
const PERIOD_DAYS: i64 = 365;
/// Where nothing is declared but a high risk.
const HIGH_RISK_DAYS: i64 = 180;

fn check<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    let days = match declared(live, context, |manifest| Some(period(manifest))) {
        Declared::Says(days) => Some(days),
        Declared::Silent => Some(PERIOD_DAYS),
        Declared::Unsure => None,
    };
    let verdict = judge_each(live, context, |approval| {
        standing_for(approval, |approval| judge(approval, days.unwrap_or(PERIOD_DAYS), context))
    });
    match days {
        Some(_) => verdict,
        None => verdict.doubted("its group could not be read, so its review period is not known"),
    }
}

fn period(manifest: &Manifest) -> i64 {
    let by_risk = if manifest.risk == Some(Risk::High) { HIGH_RISK_DAYS } else { PERIOD_DAYS };
    manifest.review_period_days.unwrap_or(by_risk)
}

fn judge(approval: &Approval<'_>, days: i64, context: Context<'_>) -> Verdict {
    let (package, arn) = (approval.package, &approval.package.data.arn);
    if !is_approved(approval) {
        return Verdict::not_applicable(format!("`{arn}` is not approved; APR-001 judges that"));
    }
    let review = Review::of(approval, context);
    let approved = approval.at.filter(|_| approval.grade.proved());
    let verdict = match (review.at, approved) {
        (Some(reviewed), approved) if approved.is_none_or(|approved| approved < reviewed) => {
            within(&format!("`{arn}` was reviewed"), reviewed, days, context)
        }
        (_, Some(approved)) => within(&format!("`{arn}` was approved"), approved, days, context),
        // Nothing was changed after the last modification, so the approval is that old at least.
        _ => match approval.at.filter(|_| approval.grade == Grade::E).map(|at| since(at, context)) {
            Some(age) if age > length(days) => Verdict::fail(format!(
                "`{arn}` was approved {} ago at least; it is to be reviewed every {days} days",
                words(age)
            )),
            _ => Verdict::unknown(format!("when `{arn}` was approved is not known, and no review is recorded")),
        },
    };
    let verdict = match &approval.approved {
        Some(approved) => verdict.cite(approved.event, format!("`{arn}` was set to Approved at {}", approved.at)),
        None => verdict.cite(package, format!("`{arn}` is Approved")),
    };
    let verdict = match review.written {
        Some(text) => verdict.cite(package, format!("its customer metadata says `last-review` is `{text}`")),
        None => verdict,
    };
    match review.ignored {
        Some(why) => verdict.note(why),
        None => verdict,
    }
}

fn within(what: &str, at: Timestamp, days: i64, context: Context<'_>) -> Verdict {
    let age = since(at, context);
    let said = format!("{what} {} ago; it is to be reviewed every {days} days", words(age));
    if age <= length(days) { Verdict::pass(said) } else { Verdict::fail(said) }
}

fn length(days: i64) -> SignedDuration {
    SignedDuration::from_hours(days.saturating_mul(24))
}

/// What the package says of its last review.
#[derive(Default)]
struct Review<'a> {
    at: Option<Timestamp>,
    written: Option<&'a str>,
    ignored: Option<&'static str>,
}

impl<'a> Review<'a> {
    fn of(approval: &'a Approval<'_>, context: Context<'_>) -> Self {
        let metadata = &approval.package.data.metadata;
        let text =
            metadata.iter().find(|(key, _)| key.eq_ignore_ascii_case("last-review")).map(|(_, text)| text.as_str());
        let Some(text) = text else { return Self::default() };
        match instant(text.trim(), Day::Begins) {
            Some(at) if at <= context.estate.as_of => Self { at: Some(at), written: Some(text), ignored: None },
            Some(_) => Self {
                at: None,
                written: Some(text),
                ignored: Some("the recorded review lies in the future, and does not count"),
            },
            None => Self {
                at: None,
                written: Some(text),
                ignored: Some("the recorded review is no date, and does not count"),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::tester::Tester;
    use crate::estate::fixture::*;
    use crate::evidence::{FactKind, Package, TrailEvent};

    fn every(days: i64) -> Fixture {
        Fixture::sound().manifest(|manifest| manifest.review_period_days = Some(days))
    }

    fn reviewed(fixture: Fixture, text: &'static str) -> Fixture {
        fixture.edit_named(PACKAGE, move |package: &mut Package| {
            package.metadata.insert("Last-Review".to_owned(), text.to_owned());
        })
    }

    #[test]
    fn the_period_is_the_manifests_or_that_of_the_risk() {
        let late = |fixture: Fixture| fixture.at("2026-12-01T00:00:00Z");
        let high = |fixture: Fixture| fixture.manifest(|manifest| manifest.risk = Some(Risk::High));
        Tester::new(&CONTROL)
            .pass(Fixture::sound(), "approved 27 days ago, every 365 days")
            .pass(every(28), "every 28 days")
            .fail(every(27), "approved 27 days ago")
            .pass(late(Fixture::sound()), "every 365 days")
            .fail(late(high(Fixture::sound())), "every 180 days")
            .pass(late(high(every(300))), "every 300 days");
    }

    #[test]
    fn a_recorded_review_counts_from_its_day() {
        Tester::new(&CONTROL)
            .pass(reviewed(every(10), "2026-05-30"), "reviewed")
            .fail(reviewed(every(10), "2026-05-10"), "reviewed 22 days ago")
            .fail(reviewed(every(10), "2026-04-01"), "approved 27 days ago")
            .fail(reviewed(every(10), "soon"), "approved")
            .note("is no date")
            .fail(reviewed(every(10), "2027-01-01"), "approved")
            .note("in the future");
    }

    #[test]
    fn without_the_event_it_is_as_old_as_the_last_modification_at_least() {
        let unseen = |fixture: Fixture| fixture.drop_where(|event: &TrailEvent| event.time == at(APPROVED));
        Tester::new(&CONTROL)
            .unknown(unseen(Fixture::sound()), "is not known")
            .fail(unseen(every(10)), "at least")
            .pass(reviewed(unseen(every(10)), "2026-05-30"), "reviewed")
            .hidden(Fixture::sound().hidden_all(FactKind::TrailEvents))
            .not_applicable(Fixture::sound().rejected("2026-05-20T10:00:00Z"), "not approved");
    }
}
