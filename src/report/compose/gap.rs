//! Gaps as rows: why something was not seen, in plain words, and what would let it be seen.

use crate::control::Status;
use crate::control::engine::Assessment;
use crate::evidence::{DeniedBy, Gap, GapCause, Hidden};
use crate::report::document::GapRow;
use crate::report::words;

/// All gaps, in the order of the snapshot, so that an index there is an index here.
pub(super) fn rows(assessment: &Assessment<'_>) -> Vec<GapRow> {
    let snapshot = assessment.estate.snapshot;
    let mut findings = vec![0; snapshot.gaps.len()];
    for finding in assessment.findings.iter().filter(|finding| finding.status == Status::Unknown) {
        for gap in &finding.gaps {
            if let Some(count) = findings.get_mut(*gap) {
                *count += 1;
            }
        }
    }
    let row = |(at, (gap, findings)): (usize, (&Gap, usize))| GapRow {
        id: format!("g{}", at + 1).into(),
        account: gap.account.clone(),
        region: gap.region.clone(),
        call: format!("{}:{}", gap.service, gap.operation),
        subject: gap.subject.clone(),
        cause: cause(gap.cause).to_owned(),
        cause_words: cause_words(gap),
        code: gap.code.clone(),
        message: gap.message.clone(),
        hides: gap.hides.iter().map(|hidden| hides(hidden, gap)).collect(),
        action: gap.action.clone(),
        remedy: remedy(gap, snapshot.scope.reader_of(&gap.account, &gap.region)),
        findings,
        request_id: gap.request_id.clone(),
        at: gap.at,
    };
    snapshot.gaps.iter().zip(findings).enumerate().map(row).collect()
}

fn cause(cause: GapCause) -> &'static str {
    match cause {
        GapCause::Denied(_) => "denied",
        GapCause::Throttled => "throttled",
        GapCause::ServiceError => "service_error",
        GapCause::Unreachable => "unreachable",
        GapCause::Malformed => "malformed",
        GapCause::Altered => "altered",
        GapCause::Unsupported => "unsupported",
        GapCause::OutOfReach => "out_of_reach",
        GapCause::Cancelled => "cancelled",
    }
}

fn cause_words(gap: &Gap) -> String {
    match gap.cause {
        GapCause::Denied(DeniedBy::RegionDisabled) => "the region is not enabled for the account".to_owned(),
        GapCause::Denied(by) => format!("denied by {}", denied_by(by)),
        GapCause::Throttled => "AWS slowed the reader down for longer than the retries last".to_owned(),
        GapCause::ServiceError => "the service answered with an error of its own, again and again".to_owned(),
        GapCause::Unreachable => "no answer came".to_owned(),
        GapCause::Malformed => "the answer could not be read as what the API documents".to_owned(),
        GapCause::Altered => "what was read is not what AWS wrote".to_owned(),
        GapCause::Unsupported => "the region or the account does not offer the call".to_owned(),
        GapCause::OutOfReach => "the evidence exists for a shorter time than the question reaches back".to_owned(),
        GapCause::Cancelled => "the run ended before the call was made".to_owned(),
    }
}

fn denied_by(by: DeniedBy) -> &'static str {
    match by {
        DeniedBy::Unstated => "a policy that AWS did not name",
        by => by.words(),
    }
}

fn hides(hidden: &Hidden, gap: &Gap) -> String {
    match hidden {
        Hidden::All(kind) => words::all_hidden(*kind, &gap.region),
        Hidden::One(key) => words::one_hidden(key.kind, &key.name),
    }
}

/// What would close the gap. IAM is named only where it is IAM that closed the door.
fn remedy(gap: &Gap, reader: &str) -> String {
    let action = &gap.action;
    let reader = words::identity(reader);
    if gap.service == "archive" {
        return match gap.cause {
            GapCause::Denied(_) => format!(
                "let the role that `[archive]` names, or else the reader, `{reader}`, read it: `countersign iam-policy --archive LOCATION` prints what it needs"
            ),
            GapCause::Malformed => {
                "see what is damaged with `countersign archive verify LOCATION`, keep it as it is, and name another `location` in `[archive]` to go on with".to_owned()
            }
            GapCause::Unsupported => "read it with the version that wrote it, or a newer one".to_owned(),
            _ => "check that the archive can be reached, and run again".to_owned(),
        };
    }
    match gap.cause {
        GapCause::Denied(DeniedBy::IdentityPolicy | DeniedBy::Unstated) if action == "sts:AssumeRole" => format!(
            "allow `{action}` on `{}` to the reader, `{reader}`, name the reader in that role's trust policy, and check `external_id`",
            gap.subject
        ),
        GapCause::Denied(DeniedBy::IdentityPolicy | DeniedBy::Unstated) => {
            format!("allow `{action}` to the reader, `{reader}`")
        }
        GapCause::Denied(DeniedBy::ServiceControlPolicy) => format!(
            "leave `{}` out of `regions` in `[scope]`, or ask the organization's administrators: IAM cannot open what a service control policy closes",
            gap.region
        ),
        GapCause::Denied(DeniedBy::RegionDisabled) => {
            format!("leave `{}` out of `regions` in `[scope]`, or enable it for the account", gap.region)
        }
        GapCause::Denied(DeniedBy::ResourceControlPolicy) => {
            format!("ask the organization's administrators to let the reader `{action}`: its resource control policy forbids it")
        }
        GapCause::Denied(DeniedBy::PermissionsBoundary) => {
            format!("allow `{action}` in the permissions boundary of `{reader}` too")
        }
        GapCause::Denied(DeniedBy::SessionPolicy) => {
            format!("allow `{action}` in the session policy with which `{reader}` is assumed")
        }
        GapCause::Denied(DeniedBy::VpcEndpointPolicy) => {
            format!("allow `{action}` in the policy of the VPC endpoint for `{}`", gap.service)
        }
        GapCause::Denied(DeniedBy::ResourcePolicy) => {
            format!("allow `{action}` to `{reader}` in the policy of `{}`", gap.subject)
        }
        GapCause::Denied(DeniedBy::KmsKey) => format!("allow `kms:Decrypt` to `{reader}` in the policy of the key"),
        GapCause::Throttled => "run again at a quieter hour, or lower the rate in `[pace]`".to_owned(),
        GapCause::ServiceError => "run again; if it lasts, give AWS support the request id".to_owned(),
        GapCause::Unreachable => {
            "check the network between here and the service: `HTTPS_PROXY`, `NO_PROXY`, `AWS_CA_BUNDLE`, VPC endpoints".to_owned()
        }
        GapCause::Malformed => "this version cannot read the answer: report it together with the snapshot".to_owned(),
        GapCause::Altered => {
            "ask who could write to the bucket; `countersign trail verify` tells what is wrong with each file".to_owned()
        }
        GapCause::Unsupported => "nothing to do while AWS does not offer the call there".to_owned(),
        GapCause::OutOfReach => {
            "nothing brings it back; keep snapshots of regular runs, and a trail whose log files outlast the event history".to_owned()
        }
        GapCause::Cancelled => "run again with more time".to_owned(),
    }
}
