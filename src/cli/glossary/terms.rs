//! The terms that explain the rest.

use super::{Entry, entry};

/// In the order in which they build on each other.
pub(super) static TERMS: &[Entry] = &[
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
         unknown, not absent. The report lists until when each live approval can be proved if nothing is archived.",
    ),
    entry(
        "term",
        "baseline",
        &["known", "known finding"],
        "A file of findings that were accepted as known. It changes no finding and no verdict: they are marked, and \
         `--fail-on new:SEVERITY` passes over them.",
    ),
    entry(
        "term",
        "first seen",
        &["failing since"],
        "The first run that saw a failure that still stands. A pass ends a failure; that it cannot be decided for a \
         while does not.",
    ),
    entry(
        "term",
        "last known",
        &[],
        "What a finding was when it was last decided. A failure counts for the verdict and for `--fail-on` until it is \
         decided again, so a lost permission improves nothing.",
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
