//! The words of a report in plain words, for people who did not write the report.

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
pub(super) static ENTRIES: &[Entry] = &[
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
    // --- terms
    entry(
        "term",
        "archive",
        &["archive entry"],
        "A folder or a prefix of a bucket in which each run keeps what its answers rested on, and the next one reads it. \
         Each run is an entry that names the hash of the one before it, so that a changed or removed one shows.",
    ),
    entry(
        "term",
        "live version",
        &[],
        "One model version that receives traffic through one serving path. Its id names the slot it fills: account, \
         region, path, endpoint, variant.",
    ),
    entry(
        "term",
        "version key",
        &[],
        "What fills a live version's slot: the model package, or the model with the content of its artifacts. The \
         slot stays when the version changes.",
    ),
    entry(
        "term",
        "serving path",
        &["path"],
        "The way by which requests reach a model version: an endpoint's variant, a shadow variant, an inference \
         component, an instance pool, a multi-model artifact, a batch job.",
    ),
    entry(
        "term",
        "estate",
        &[],
        "All of what was read, joined: live versions with their models, packages, approvals, artifacts, alarms and \
         tags.",
    ),
    entry("term", "fact", &[], "Something that an answer of AWS stated, with the calls that showed it."),
    entry(
        "term",
        "evidence",
        &[],
        "The facts that a finding rests on, each with call, request id, account, region and time.",
    ),
    entry(
        "term",
        "provenance",
        &[],
        "Where a fact comes from: the call, AWS's request id, the account, the region and the time of the answer.",
    ),
    entry(
        "term",
        "gap",
        &[],
        "Something that could not be read: the call, the cause, AWS's code, what it hides, and the IAM action that \
         would close it. Findings that need it are unknown.",
    ),
    entry(
        "term",
        "snapshot",
        &[],
        "All facts and gaps of one collection in a file. A report can be made from it again at any time, without \
         AWS.",
    ),
    entry(
        "term",
        "evidence horizon",
        &["horizon"],
        "How far back the evidence reaches. CloudTrail's event history ends after 90 days: what happened before is \
         unknown, not absent.",
    ),
    entry(
        "term",
        "as of",
        &[],
        "The instant at which the estate is judged: when it was collected, unless another was asked for.",
    ),
    entry(
        "term",
        "control",
        &[],
        "One requirement, with a code, a severity and a gate. `countersign controls` lists them.",
    ),
    entry(
        "term",
        "finding",
        &[],
        "The result of one control for one subject: its status, the reason, the evidence, and what to do.",
    ),
    entry(
        "term",
        "fingerprint",
        &[],
        "A name for a finding that stays the same over runs, even where a resource's name only differs in a \
         timestamp.",
    ),
    entry(
        "term",
        "status",
        &[],
        "The result of a control for one subject: pass, fail, unknown, not applicable or waived.",
    ),
    entry("term", "severity", &[], "How much a failure matters: info, low, medium, high or critical."),
    entry("term", "gate", &[], "What a failure means for the verdict: stop, fix, operability, expansion or advisory."),
    entry(
        "term",
        "readiness",
        &["verdict"],
        "May the use of a live version be expanded? One of stop, fix controls first, keep in pilot, operate as is, \
         expand; with the rule that decided and the controls that bind.",
    ),
    entry("term", "flip set", &[], "The smallest set of changes that would raise the verdict by one step."),
    entry("term", "binding", &["binding controls"], "The controls that keep the verdict from being better."),
    entry(
        "term",
        "approval",
        &[],
        "Somebody accepted a model version: its status in the Model Registry, and who set it and when, as far as \
         that is proved.",
    ),
    entry(
        "term",
        "grade",
        &["evidence grade"],
        "How well an approval is proved, from A (a verified CloudTrail log file) to F (a declaration), or none.",
    ),
    entry(
        "term",
        "digest",
        &["trail digest"],
        "What a trail with validation on writes every hour: the log files that it delivered, each with its hash, signed \
         by CloudTrail. `countersign trail verify` checks them.",
    ),
    entry(
        "term",
        "digest chain",
        &["chain", "chain of digests"],
        "Each digest names the one before it with its hash and signature, so that one removed or changed shows. A log \
         file in an unbroken chain is the strongest evidence of an approval.",
    ),
    entry(
        "term",
        "four eyes",
        &["separation of duties"],
        "Whoever registers or deploys a version is not the one who approves it.",
    ),
    entry(
        "term",
        "born approved",
        &[],
        "Registered with the status Approved: nobody approved it afterwards, so the one who registered it did.",
    ),
    entry(
        "term",
        "policy",
        &["countersign.toml"],
        "The file that says what AWS cannot hold, and how strictly to judge. Its SHA-256 is in every report.",
    ),
    entry(
        "term",
        "manifest",
        &[],
        "A `[[model]]` of the policy: what AWS cannot hold about a model group, such as its owner, who may approve, \
         how fast to respond, and when not to use it.",
    ),
    entry(
        "term",
        "waiver",
        &[],
        "A `[[waiver]]` of the policy: a known failure that an owner answers for, with another person's approval, a \
         reason, and an end.",
    ),
    entry(
        "term",
        "exclusion",
        &["excluded"],
        "A live version that the policy leaves out. Exclusions are counted and listed in every report, with the \
         rule that left them out.",
    ),
    entry("term", "profile", &[], "How strict the gates are: standard or regulated."),
    entry(
        "term",
        "stage",
        &[],
        "How far a live version has come: production, pilot or development; with the rule that decided.",
    ),
    entry(
        "term",
        "trend",
        &[],
        "Whether errors, latency and drift have got worse lately. Where it is unknown, the verdict is at best \
         `operate as is`.",
    ),
    entry(
        "term",
        "artifact",
        &["model data"],
        "What a container is made of beside its image: model data, additional data, code. It lies in S3 under a key, and \
         a model names the key, not a version of it: whoever writes the key again changes what the next instance loads.",
    ),
    entry(
        "term",
        "equality not proved",
        &["replaced, equality not proved"],
        "An artifact was written again with as many bytes and another ETag. Copying in place, uploading in parts and \
         encrypting with another key do that too, so it may be what was approved: unknown, until a checksum over the whole \
         object tells. Other bytes are proved by another size or checksum only.",
    ),
    entry(
        "term",
        "upper bound",
        &["at the latest"],
        "An instant by which something had happened. What happened itself was not seen, so it may have been any time \
         before.",
    ),
    entry(
        "term",
        "rollback target",
        &["rollback"],
        "The version to go back to: an approved one whose artifacts and image still exist, or a declared fallback.",
    ),
    entry(
        "term",
        "fallback",
        &[],
        "What to do instead when the model fails: fixed rules, or people. Declared in the manifest, with the day of \
         its last test.",
    ),
    entry(
        "term",
        "model package",
        &["package", "package group", "model package group"],
        "A version in the Model Registry; a group holds the versions of one model.",
    ),
    entry("term", "sink", &[], "A place that a report is sent to, beside the folder that it is written to."),
    entry(
        "term",
        "collector",
        &[],
        "The part that reads one kind of thing from AWS. What it may call is what it declares; the IAM policy is \
         made from that.",
    ),
];
