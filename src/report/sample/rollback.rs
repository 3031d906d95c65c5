//! Rollback cards of every state.

use super::*;

/// The card of a version of a group: the version before it is there, but for one part in some.
pub(super) fn card(package: Option<(&str, i32)>, endpoint: &str, path: crate::estate::ServingPath) -> RollbackRow {
    let nothing = |state: RollbackState, summary: &str| RollbackRow {
        state,
        summary: summary.to_owned(),
        target: None,
        steps: Vec::new(),
        fallback: None,
        passed_over: Vec::new(),
        passed_over_left_out: 0,
    };
    if path == crate::estate::ServingPath::Shadow {
        return nothing(RollbackState::NotNeeded, "it is a shadow variant, whose answers are dropped");
    }
    let Some((group, version)) = package else {
        return nothing(
            RollbackState::None,
            "it is no registered version, so there is no earlier one to go back to, and no fallback is declared",
        );
    };
    if version < 2 {
        return RollbackRow {
            fallback: Some(FallbackRow {
                what: "rules".to_owned(),
                owner: Some("fraud-desk@bank.example".to_owned()),
                tested: Some(at("2026-09-15T08:00")),
                holds: true,
                why: "the declared fallback is `rules`, owned by fraud-desk@bank.example and tested at 2026-09-15"
                    .to_owned(),
            }),
            ..nothing(RollbackState::Fallback, "the declared fallback is `rules`, owned by fraud-desk@bank.example")
        };
    }
    let before = version - 1;
    let arn = |version: i32| format!("arn:aws:sagemaker:{REGION}:{ACCOUNT}:model-package/{group}/{version}");
    let artifact = format!("s3://bank-models/{endpoint}/{before}/output/model.tar.gz");
    let unread = version % 3 == 0;
    let check = |what: &str, name: &str, state: CheckState, why: &str| RollbackCheckRow {
        what: what.into(),
        name: name.to_owned(),
        state,
        why: why.to_owned(),
        evidence: Vec::new(),
    };
    let lies = if unread {
        check("artifact", &artifact, CheckState::Unknown, "whether its artifact still exists could not be read")
    } else {
        check("artifact", &artifact, CheckState::Pass, "there until 2027-03-11")
    };
    let checks = vec![
        check("approval", &arn(before), CheckState::Pass, "Approved"),
        lies,
        check("execution role", &format!("arn:aws:iam::{ACCOUNT}:role/Serving"), CheckState::Pass, "there"),
        check(
            "capacity",
            "",
            CheckState::Unknown,
            "whether AWS has instances of its type at that moment cannot be read",
        ),
    ];
    let target = RollbackTargetRow {
        package_arn: arn(before),
        version: Some(before),
        model: Some(format!("{endpoint}-{before}")),
        config: None,
        until: (!unread).then(|| at("2027-03-11T00:00")),
        checks,
    };
    let command = format!(
        "aws sagemaker update-endpoint --endpoint-name {endpoint} --endpoint-config-name {endpoint}-{before} --region {REGION}"
    );
    let steps = vec![
        RollbackStepRow { what: format!("see that config `{endpoint}-{before}` still exists"), command: None },
        RollbackStepRow { what: "put the endpoint on it".to_owned(), command: Some(command) },
    ];
    RollbackRow {
        target: Some(target),
        steps: if unread { Vec::new() } else { steps },
        passed_over: vec![PassedOverRow {
            package_arn: arn(before + 100),
            why: format!("nothing is stored at `{artifact}` any more"),
        }],
        ..if unread {
            let why = format!(
                "whether `{group}/{before}` can be deployed again is not known: its artifact could not be read"
            );
            nothing(RollbackState::Unknown, &why)
        } else {
            let what = format!(
                "`{group}/{before}` can be deployed again until 2027-03-11: it is approved, and its artifact, image and execution role are there"
            );
            nothing(RollbackState::Version, &what)
        }
    }
}
