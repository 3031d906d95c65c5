//! The words of a report in plain words, for people who did not write the report.

mod money;
mod terms;
mod watching;

/// One word.
#[derive(Debug)]
pub(super) struct Entry {
    /// The word as reports print it.
    pub(super) word: &'static str,
    /// What kind of word it is.
    pub(super) kind: &'static str,
    /// Other words for it.
    pub(super) also: &'static [&'static str],
    /// What it means.
    pub(super) text: &'static str,
}

const fn entry(kind: &'static str, word: &'static str, also: &'static [&'static str], text: &'static str) -> Entry {
    Entry { word, kind, also, text }
}

/// Every word, grouped by kind.
pub(super) fn entries() -> impl Iterator<Item = &'static Entry> {
    OF_REPORTS.iter().chain(watching::WATCHING).chain(money::MONEY).chain(terms::TERMS)
}

/// The words that stand in reports as they are.
static OF_REPORTS: &[Entry] = &[
    // --- verdicts
    entry(
        "verdict",
        "stop",
        &[],
        "Take it out of service, or divert its requests to the rollback target: something is wrong that makes its \
         answers untrustworthy or forbidden, and the evidence proves it. What could not be read never leads here.",
    ),
    entry(
        "verdict",
        "fix controls first",
        &[],
        "In production: something must be put right before anything else is decided about it, because a control \
         that bars has failed, or enough lesser ones have.",
    ),
    entry(
        "verdict",
        "keep in pilot",
        &[],
        "The same as `fix controls first`, for what is not in production: it stays a pilot until the controls hold.",
    ),
    entry(
        "verdict",
        "operate as is",
        &[],
        "It may go on at its present scope, and no more may hang on it yet: something is unknown, waived, lightly \
         failing, or not yet proved over time. The reasons are listed with it.",
    ),
    entry(
        "verdict",
        "expand",
        &["expand eligible"],
        "Every gate holds, the evidence is complete, and it has served long enough: its use may be expanded. \
         Whether it should be is not for a report to say.",
    ),
    // --- statuses
    entry("status", "pass", &["passed"], "The requirement holds, and the evidence that shows it is cited."),
    entry(
        "status",
        "fail",
        &["failed", "failing"],
        "The requirement does not hold, and the evidence that shows it is cited.",
    ),
    entry(
        "status",
        "unknown",
        &[],
        "The evidence could not be read, or does not decide. It is neither pass nor fail; the gap or the reason is \
         named.",
    ),
    entry(
        "status",
        "not applicable",
        &["n/a", "na"],
        "The control does not ask about this subject; the reason says why.",
    ),
    entry(
        "status",
        "waived",
        &[],
        "It fails, and somebody answers for it until a day, with somebody else's agreement. It can lift a verdict \
         to `operate as is`, never to `expand`.",
    ),
    // --- severities
    entry("severity", "critical", &[], "Act at once: what serves should perhaps not be serving."),
    entry("severity", "high", &[], "Act now: a failure would go unseen, unanswered or unexplained."),
    entry("severity", "medium", &[], "Act soon: it makes the next problem harder to see or to settle."),
    entry("severity", "low", &[], "Act when there is time."),
    entry("severity", "info", &["informational"], "Nothing to do; it is there to be known."),
    // --- gates
    entry(
        "gate",
        "stop",
        &[],
        "A failure of this control is a reason to stop serving; an unknown one bars as `fix` does.",
    ),
    entry(
        "gate",
        "fix",
        &[],
        "A failure of this control has to be fixed before anything else: the verdict is at best `fix controls \
         first` or `keep in pilot`.",
    ),
    entry(
        "gate",
        "operability",
        &[],
        "A failure of this control weighs 1 to 3 by its severity. From 4 on the verdict is `fix controls first` or \
         `keep in pilot`; below, `operate as is`.",
    ),
    entry("gate", "expansion", &[], "A failure of this control bars `expand` and nothing else."),
    entry("gate", "advisory", &[], "A failure of this control is worth knowing and decides nothing."),
    // --- grades of approval evidence
    entry(
        "grade",
        "A",
        &["grade A"],
        "The approval stands in a CloudTrail log file whose digest chain was verified: it cannot have been altered \
         since.",
    ),
    entry(
        "grade",
        "B",
        &["grade B"],
        "The approval stands in CloudTrail's event history, which AWS keeps for 90 days.",
    ),
    entry(
        "grade",
        "C",
        &["grade C"],
        "The approval stands in an event that an earlier run archived, or in a CloudTrail log file that no verified \
         digest vouches for: it is as good as the place that keeps it.",
    ),
    entry("grade", "D", &["grade D"], "The approval stands in a lineage record, which others than AWS may write."),
    entry(
        "grade",
        "E",
        &["grade E"],
        "Only the package's last modification is known: any later edit overwrites who made it, so the approver is \
         presumed, not proved.",
    ),
    entry(
        "grade",
        "F",
        &["grade F"],
        "Somebody declares it, such as a ticket in the approval's description. Nothing observed supports it.",
    ),
    entry("grade", "none", &["–", "no grade"], "Nothing is known of the approval but the status itself."),
    // --- serving paths
    entry(
        "serving path",
        "variant",
        &["production variant"],
        "A variant of an endpoint that answers requests: on instances, serverless, or asynchronously.",
    ),
    entry(
        "serving path",
        "shadow",
        &["shadow variant"],
        "A variant that receives copies of real requests and whose answers are dropped.",
    ),
    entry(
        "serving path",
        "component",
        &["inference component", "adapter"],
        "A model that shares an endpoint's instances with others, adapters of a base model included.",
    ),
    entry(
        "serving path",
        "pool",
        &["instance pool"],
        "A pool of instances that runs another model than the variant it belongs to.",
    ),
    entry(
        "serving path",
        "multi-model",
        &[],
        "One artifact of a container that loads models from an S3 prefix on request: whoever may write there may \
         deploy.",
    ),
    entry(
        "serving path",
        "batch",
        &["batch transform"],
        "The batch transform jobs of one model within the window that was read.",
    ),
    // --- hosting
    entry("hosting", "real-time", &["realtime"], "Instances that answer at once."),
    entry("hosting", "serverless", &[], "Capacity that AWS brings up on request; there are no instances to watch."),
    entry("hosting", "asynchronous", &["async"], "Requests wait in a queue, and answers are written to S3."),
    entry("hosting", "batch", &[], "Jobs over files; there is no endpoint."),
    // --- signals
    entry("signal", "errors", &[], "Requests fail."),
    entry("signal", "latency", &[], "Answers are slow."),
    entry(
        "signal",
        "silence",
        &[],
        "Requests stop arriving. An alarm on this has to treat missing data as a breach, or it can never fire.",
    ),
    entry("signal", "saturation", &[], "Something runs full: processors, memory, disks, queues, concurrency."),
    entry("signal", "responsible AI", &[], "Some group of persons is treated otherwise than others."),
    entry("signal", "business", &[], "What the business counts goes wrong: conversion, losses, complaints."),
    entry("signal", "drift", &[], "Inputs or answers move away from what the model was trained or tested on."),
    entry("signal", "other", &[], "Something else about the live version."),
    // --- stages and profiles
    entry("stage", "production", &["prod"], "Real decisions hang on it. Where nothing else decides, this is assumed."),
    entry("stage", "pilot", &[], "Some decisions hang on it, under watch."),
    entry("stage", "development", &["dev"], "No decision hangs on it."),
    entry("profile", "standard", &[], "Missing owners and cost tags weigh, but do not bar."),
    entry("profile", "regulated", &[], "Missing owners and cost tags have to be fixed before anything else."),
    // --- coverage
    entry("coverage", "covered", &[], "At least one alarm watches the signal, is armed, and would reach somebody."),
    entry(
        "coverage",
        "broken",
        &[],
        "An alarm watches the signal but would not reach anybody: it cannot fire, is switched off, muted, or nobody \
         has subscribed.",
    ),
    entry("coverage", "missing", &[], "No alarm watches the signal."),
    entry(
        "coverage",
        "effective",
        &[],
        "Of an alarm: bound to something that serves, armed, and delivered to a person or to something that calls \
         one.",
    ),
    // --- where a finding stands among those of earlier runs
    entry(
        "state",
        "new",
        &[],
        "It fails, and did not in the run before; without an earlier run, all that fails is new.",
    ),
    entry("state", "open", &[], "It fails as before, or failed when it was last decided and cannot be decided now."),
    entry("state", "reopened", &["back again"], "It fails again after it passed."),
    entry("state", "healed", &[], "It failed when it was last decided, and passes now."),
    // --- what became of a finding since
    entry("change", "new", &[], "It fails for the first time."),
    entry("change", "reopened", &["back again"], "It fails again, or its waiver has run out."),
    entry(
        "change",
        "out of sight",
        &["no longer decided"],
        "It was decided and no longer can be. A failure still counts until it is decided again.",
    ),
    entry("change", "healed", &[], "It passes after it failed."),
    entry("change", "waived", &[], "It fails, and somebody answers for it since."),
    entry("change", "back in sight", &["decided again"], "It can be decided again, and passes."),
    entry("change", "gone", &[], "What failed is no longer there, or no longer asked for."),
    // --- why it changed
    entry("cause", "estate", &["the estate"], "What is in the account is not what it was."),
    entry("cause", "policy", &["the policy"], "The facts are the same, and another policy judges them."),
    entry(
        "cause",
        "controls",
        &["the controls"],
        "A control judges that did not before, or no longer does, or another version of it judges the same facts.",
    ),
    entry(
        "cause",
        "permission",
        &["a permission", "lost permission"],
        "AWS refuses a call that it did not refuse before, or answers one again that it refused.",
    ),
    entry(
        "cause",
        "reading",
        &["the reading"],
        "An answer did not come, or came again: throttled, unreachable, cut off, or in a region that was not read.",
    ),
    entry("cause", "time", &[], "Neither facts nor policy are others: a limit was reached, or a waiver ran out."),
];
