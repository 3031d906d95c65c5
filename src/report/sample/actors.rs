//! Who acted on the bank's models: a declared approver, one who is none, a pipeline, and a shared role on both sides.

use super::*;
use crate::estate::{ActorKind, Grade};

pub(super) fn matrix() -> ActorsSection {
    let deed = |count, day: &str, grade| Some(DeedRow { count, at: at(day), grade });
    let blank = |identity: &str, kind: ActorKind, rule: &str| ActorRow {
        identity: format!("arn:aws:sts::{ACCOUNT}:assumed-role/{identity}"),
        person: None,
        kind,
        rule: rule.to_owned(),
        identities: 1,
        registered: None,
        decided: None,
        edited: None,
        deployed: None,
        approver_of: Vec::new(),
        gate_of: Vec::new(),
        outside: Vec::new(),
        both: Vec::new(),
        one_hand: false,
    };
    let person = |name: &str| ActorRow {
        person: Some(name.to_owned()),
        ..blank(
            &format!("AWSReservedSSO_ModelApprover_0a1b2c3d4e5f6071/{name}"),
            ActorKind::Human,
            "IAM Identity Center signed the person in",
        )
    };
    let package = |name: &str| format!("arn:aws:sagemaker:{REGION}:{ACCOUNT}:model-package/{name}").into();
    ActorsSection {
        rows: vec![
            ActorRow {
                decided: deed(2, "2026-10-21T08:30", Grade::B),
                registered: deed(3, "2026-10-20T07:44", Grade::B),
                outside: vec!["kyc-matching".to_owned()],
                both: vec![package("kyc-matching/4")],
                one_hand: true,
                ..person("tom.weber@bank.example")
            },
            ActorRow {
                decided: deed(4, "2026-11-02T10:12", Grade::C),
                deployed: deed(2, "2026-11-03T09:00", Grade::B),
                both: vec![package("mortgage/3")],
                identities: 7,
                ..blank("ml-team/anyone", ActorKind::Unknown, "the caller of an ordinary role chooses the session's name")
            },
            ActorRow {
                decided: deed(11, "2026-11-12T08:30", Grade::A),
                edited: deed(1, "2026-11-13T09:20", Grade::A),
                approver_of: vec!["credit-line".to_owned(), "fraud".to_owned()],
                ..person("divya.rao@bank.example")
            },
            ActorRow {
                registered: deed(14, "2026-11-19T03:00", Grade::A),
                deployed: deed(9, "2026-11-19T03:40", Grade::A),
                ..blank("training-pipeline/run-812", ActorKind::Automation, "a role of a pipeline")
            },
        ],
        left_out: 0,
        declared_unseen: vec![DeclaredRow {
            name: "ines.ferreira@bank.example".to_owned(),
            groups: vec!["credit-line".to_owned()],
        }],
        undeclared_groups: vec!["anomaly".to_owned(), "mortgage".to_owned()],
        not_read: vec![
            "who could: the permissions of people and roles (IAM) are not read, so this is who did".to_owned(),
            "who wrote the artifacts: S3's object-level events are not read; when they were written is in each version's timeline".to_owned(),
        ],
    }
}
