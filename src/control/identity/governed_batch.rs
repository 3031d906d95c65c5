//! INV-007

use jiff::Timestamp;

use crate::control::approval::{Asked, asked};
use crate::control::standing::{Standing, standing};
use crate::control::{Check, Context, Verdict, worst};
use crate::declare_control;
use crate::estate::{Approval, LiveContainer, LiveVersion, Lookup, ServingPath};
use crate::evidence::{ApprovalStatus, Fact, TransformJob};

declare_control! {
    /// ## What it requires
    /// Each batch transform job of the window ran a version that was approved when it began.
    ///
    /// ## Why
    /// A job decides in one night what an endpoint decides in months, and no endpoint shows it.
    ///
    /// ## Evidence
    /// The jobs of the last `thresholds.batch_days` days, their model, its package, and the events that set its status; where
    /// no event is known, that the package was not modified since before the job.
    ///
    /// ## Results
    /// - **pass**: each job ran an approved version
    /// - **fail**: a job ran a version that was not approved at the time
    /// - **unknown**: the model was deleted since; the status at the time is out of reach; jobs that could not be listed
    /// - **not applicable**: not batch; not a registered version (INV-002 owns that); outside production unless the manifest
    ///   asks for approval
    "INV-007" "governed-batch" {
        summary: "batch jobs ran versions that were approved at the time",
        severity: Medium,
        gate: Fix,
        needs: [TransformJobs, Models, Packages],
        uses: [TrailEvents],
        remedy: "let the pipeline resolve the newest approved version when it starts a job, and allow CreateTransformJob for its models only",
        role: "pipeline owner",
        frameworks: [("ISO/IEC 42001", "A.6.2.6"), ("PRA SS1/23", "P3")],
        check: Check::LiveVersion(check),
    }
}

fn check<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    if live.path != ServingPath::Batch {
        return Verdict::not_applicable("it serves no batch jobs").settled();
    }
    let asked = asked(live, context);
    if let Asked::No(reason) = asked {
        return Verdict::not_applicable(reason).settled();
    }
    let model = live.model_name.unwrap_or("unnamed");
    let verdict = match live.model {
        Lookup::Absent(call) => {
            Verdict::unknown(format!("model `{model}` was deleted after its jobs, so what they ran cannot be read"))
                .cite_calls(&[call], format!("model `{model}` does not exist"))
        }
        _ if !live.resolved() => Verdict::unknown(format!("model `{model}` could not be read")),
        _ => worst(live.containers.iter().flat_map(|container| of_container(container, live, context)))
            .unwrap_or_else(|| Verdict::not_applicable("no job ran a registered version; INV-002 judges the model")),
    };
    match asked {
        Asked::Unsure(why) => verdict.doubted(why),
        Asked::Yes | Asked::No(_) => verdict,
    }
}

fn of_container<'a>(container: &LiveContainer<'a>, live: &'a LiveVersion<'a>, context: Context<'a>) -> Vec<Verdict> {
    let package = match standing(container, live, context) {
        Standing::Registered(package) if package.data.group.is_some() => package,
        Standing::Registered(_) | Standing::Unregistered => return Vec::new(),
        Standing::Unsure(verdict) => return vec![verdict],
    };
    let of_package = live.approvals.iter().filter(|approval| approval.package.data.arn == package.data.arn);
    of_package.flat_map(|approval| live.jobs.iter().map(move |job| judge(job, approval, live, context))).collect()
}

fn judge(job: &Fact<TransformJob>, approval: &Approval<'_>, live: &LiveVersion<'_>, context: Context<'_>) -> Verdict {
    let (name, arn) = (&job.data.name, &approval.package.data.arn);
    let Some(began) = job.data.started.or(job.data.created) else {
        return Verdict::unknown(format!("when job `{name}` began is not known"));
    };
    let verdict = match status_at(approval, began, context.view.events_are_whole(live)) {
        Some(ApprovalStatus::Approved) => Verdict::pass("each job of the window ran an approved version"),
        Some(status) => Verdict::fail(format!("job `{name}` ran `{arn}` at {began}, when it was {}", status.as_str())),
        None => {
            Verdict::unknown(format!("whether `{arn}` was approved when job `{name}` began at {began} is out of reach"))
        }
    };
    let verdict = verdict.cite(job, format!("job `{name}` began at {began}"));
    match (&approval.approved, approval.package.data.modified) {
        (Some(approved), _) => {
            verdict.cite(approved.event, format!("{} set `{arn}` to Approved at {}", approved.by.identity, approved.at))
        }
        (None, Some(modified)) => verdict.cite(approval.package, format!("`{arn}` was last modified at {modified}")),
        (None, None) => verdict,
    }
}

/// The status at an instant: the present one if nothing was modified since, else what the newest event before it set,
/// unless some events could not be read.
fn status_at<'a>(approval: &'a Approval<'a>, at: Timestamp, events_are_whole: bool) -> Option<&'a ApprovalStatus> {
    if approval.package.data.modified.is_some_and(|modified| modified <= at) {
        return approval.status;
    }
    let sequence = approval.registration.iter().chain(&approval.changes).filter(|_| events_are_whole);
    let newest = sequence.filter(|event| event.at <= at).max_by_key(|event| event.at)?;
    Some(&newest.status)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::tester::Tester;
    use crate::estate::fixture::*;
    use crate::evidence::{FactKind, Model, Package, ResourceTags};

    const AFTER: &str = "2026-05-20T01:00:00Z";
    const BEFORE: &str = "2026-05-05T01:00:00Z";

    fn ran(at: &[&str]) -> Fixture {
        at.iter().fold(Fixture::sound(), |fixture, time| {
            let job = job(&format!("run-{time}"), MODEL, time);
            let own = tags(&job.arn, &[("stage", "production")]);
            fixture.with(job).with(own)
        })
    }

    fn rejected(time: &'static str) -> Fixture {
        let modified = |package: &mut Package| package.modified = Some(at(time));
        ran(&[AFTER]).rejected(time).edit_named(PACKAGE, modified)
    }

    #[test]
    fn each_job_ran_what_was_approved_at_the_time() {
        Tester::new(&CONTROL)
            .not_applicable(Fixture::sound(), "no batch jobs")
            .on("/batch/")
            .pass(ran(&[AFTER, "2026-05-21T01:00:00Z"]), "each job")
            .fail(ran(&[AFTER, BEFORE]), "run-2026-05-05, PendingManualApproval")
            .pass(rejected("2026-05-25T01:00:00Z"), "each job")
            .fail(rejected("2026-05-15T01:00:00Z"), "Rejected");
    }

    #[test]
    fn without_events_only_what_was_not_modified_since_is_known() {
        let unread = |time| ran(&[time]).hidden_all(FactKind::TrailEvents);
        Tester::new(&CONTROL)
            .on("/batch/")
            .pass(unread(AFTER), "each job")
            .note("CloudTrail events could not be read")
            .unknown(unread(BEFORE), "out of reach")
            .unknown(ran(&[BEFORE]).hidden(FactKind::TrailEvents, "UpdateModelPackage"), "out of reach");
    }

    #[test]
    fn a_model_that_is_gone_or_not_registered() {
        let raw = |model: &mut Model| model.containers = vec![from_artifact("s3://ml-models/raw.tar.gz", None)];
        let once = Fixture::sound().with(job("night", "once", AFTER)).absent(FactKind::Models, "once");
        Tester::new(&CONTROL)
            .on("/batch/")
            .unknown(once, "deleted after its jobs")
            .hidden(ran(&[AFTER]).hidden(FactKind::Models, MODEL))
            .hidden(ran(&[AFTER]).gap(crate::evidence::Hidden::One(crate::evidence::ResourceKey::new(
                FactKind::TransformJobs,
                "another",
            ))))
            .not_applicable(ran(&[AFTER]).edit(raw), "INV-002");
    }

    #[test]
    fn outside_production_nobody_asks() {
        let development = |tags: &mut ResourceTags| drop(tags.tags.insert("stage".to_owned(), "dev".to_owned()));
        let never = |package: &mut Package| package.modified = None;
        Tester::new(&CONTROL)
            .on("/batch/")
            .not_applicable(ran(&[BEFORE]).edit(development), "outside production")
            .unknown(ran(&[BEFORE]).hidden_all(FactKind::Tags), "tags decide")
            .fail(ran(&[BEFORE]).edit(never), "PendingManualApproval");
    }
}
