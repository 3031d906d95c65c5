//! The sink `security-hub`: findings into Security Hub CSPM, in batches of 100.
//!
//! A finding must be imported by a caller of its own account, in its own region. Those of other accounts are imported by the
//! role that the rules name there (`member_role`); without one they are told as not delivered. What was imported before is
//! updated under the same id: what was healed or is gone is archived, and what people made of it (`Workflow`, `Note`,
//! `UserDefinedFields`) is theirs. A run that is published twice updates nothing: its `UpdatedAt` is not newer.
//!
//! Needs `securityhub:BatchImportFindings` on the account's own product, and `sts:AssumeRole` on the member role.
//! Source: <https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchImportFindings.html>

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use aws_sdk_securityhub::types::AwsSecurityFinding;

use super::failure::failure;
use crate::collect::aws::{Reason, Session, presentable, reason};
use crate::control::Severity;
use crate::evidence::GapCause;
use crate::publish::{Delivering, Delivery, Publication, Sink, SinkError, Trigger};
use crate::report::asff::{self, finding::AsffFinding};
use crate::report::words;

mod finding;

/// Most findings that one call takes.
const MOST: usize = 100;
/// How often a call is made in all: ten a second are allowed an account and region.
const ATTEMPTS: u32 = 5;
/// Before the second attempt; twice as long before each further one.
const PAUSE: Duration = Duration::from_millis(500);

/// Security Hub, wherever findings belong.
pub(super) struct SecurityHub {
    session: Session,
    member_role: Option<String>,
    external_id: Option<String>,
    least: Severity,
}

/// What became of the findings of one account and region.
#[derive(Default)]
struct Tally {
    taken: usize,
    refused: usize,
    first: Option<String>,
}

impl SecurityHub {
    /// Imports as `session`, and elsewhere as `member_role`; findings below `least` are left out.
    pub(super) fn new(
        session: &Session,
        member_role: Option<String>,
        external_id: Option<String>,
        least: Severity,
    ) -> Self {
        Self { session: session.clone(), member_role, external_id, least }
    }

    async fn send(&self, publication: &Publication<'_>) -> Result<Delivery, SinkError> {
        let mut places: BTreeMap<(String, String), Vec<AwsSecurityFinding>> = BTreeMap::new();
        for told in wanted(publication, self.least) {
            let place = (told.aws_account_id.clone(), told.region.clone());
            places.entry(place).or_default().push(finding::imported(&told));
        }
        let (mut taken, mut troubles) = (0, Vec::new());
        let mut sessions: BTreeMap<String, Result<Session, String>> = BTreeMap::new();
        for ((account, region), findings) in places {
            if !sessions.contains_key(&account) {
                sessions.insert(account.clone(), self.session_of(&account).await);
            }
            let count = words::count(findings.len(), "finding");
            let session = match sessions.get(&account) {
                Some(Ok(session)) => session,
                Some(Err(reason)) => {
                    troubles.push(format!("{count} of account {account} in {region} were not delivered: {reason}"));
                    continue;
                }
                None => continue,
            };
            let tally = import(session, &region, &account, findings).await;
            taken += tally.taken;
            if let Some(first) = tally.first {
                let refused = words::number(tally.refused);
                troubles.push(format!("{refused} of {count} of account {account} in {region} were not taken: {first}"));
            }
        }
        if troubles.is_empty() {
            return Ok(Delivery { words: format!("{} imported or updated", words::count(taken, "finding")) });
        }
        Err(SinkError { message: format!("{}; {} were taken", troubles.join("; "), words::number(taken)) })
    }

    /// Who may import findings of an account.
    async fn session_of(&self, account: &str) -> Result<Session, String> {
        if account == self.session.account() {
            return Ok(self.session.clone());
        }
        let Some(role) = &self.member_role else {
            return Err(
                "only a caller of that account may import them; name a role with `member_role` in the `[[sink]]`"
                    .to_owned(),
            );
        };
        let role = format!("arn:{}:iam::{account}:role/{role}", self.session.partition());
        self.session.as_role(&role, self.external_id.as_deref()).await.map_err(|error| error.to_string())
    }
}

/// What Security Hub is told of a run. A run that looked at a part of the estate archives nothing that it did not see.
fn wanted<'a>(publication: &Publication<'a>, least: Severity) -> impl Iterator<Item = AsffFinding> + 'a {
    let report = publication.report;
    let is_partial = matches!(publication.trigger, Trigger::Event { .. });
    let seen: BTreeSet<&str> = report.findings.iter().map(|finding| &*finding.fingerprint).collect();
    let grave: Vec<&str> =
        words::SEVERITIES.into_iter().filter(|severity| *severity >= least).map(words::severity).collect();
    asff::findings(report).filter(move |finding| {
        let fingerprint = finding.id.rsplit('/').next().unwrap_or_default();
        grave.contains(&finding.severity.original.as_str()) && (!is_partial || seen.contains(fingerprint))
    })
}

/// Imports findings that belong to one account and region.
async fn import(session: &Session, region: &str, account: &str, findings: Vec<AwsSecurityFinding>) -> Tally {
    let client = aws_sdk_securityhub::Client::new(&session.settings(region));
    let place = format!("Security Hub of account {account} in {region}");
    let mut tally = Tally::default();
    for batch in findings.chunks(MOST) {
        let mut pause = PAUSE;
        let mut attempt = 1;
        loop {
            match client.batch_import_findings().set_findings(Some(batch.to_vec())).send().await {
                Ok(answer) => {
                    tally.taken += usize::try_from(answer.success_count().unwrap_or_default()).unwrap_or_default();
                    let refused = answer.failed_findings().len();
                    let first = answer.failed_findings().first().map(|failed| {
                        let (code, words) = (failed.error_code(), failed.error_message());
                        presentable(&format!("{}: {}", code.unwrap_or("refused"), words.unwrap_or("no reason given")))
                    });
                    tally.refuse(refused, first);
                    break;
                }
                Err(error) => {
                    let reason = reason(&error);
                    if attempt < ATTEMPTS && passes(&reason) {
                        tokio::time::sleep(pause).await;
                        pause *= 2;
                        attempt += 1;
                        continue;
                    }
                    tally.refuse(batch.len(), Some(refusal(&place, &reason)));
                    break;
                }
            }
        }
    }
    tally
}

/// Whether a refusal is one of the moment.
fn passes(reason: &Reason) -> bool {
    reason.cause == GapCause::Throttled || reason.code.as_deref() == Some("LimitExceededException")
}

fn refusal(place: &str, reason: &Reason) -> String {
    if reason.code.as_deref() == Some("InvalidAccessException") {
        return format!(
            "{place} does not take findings ({}); enable Security Hub CSPM there (`aws securityhub enable-security-hub`), or \
             leave the sink out",
            reason.message.trim_end_matches('.')
        );
    }
    failure("import into", place, reason).message
}

impl Tally {
    fn refuse(&mut self, count: usize, first: Option<String>) {
        self.refused += count;
        if self.first.is_none() {
            self.first = first;
        }
    }
}

impl fmt::Debug for SecurityHub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecurityHub({})", self.session.account())
    }
}

impl Sink for SecurityHub {
    fn name(&self) -> String {
        "security-hub".to_owned()
    }

    fn publish<'a>(&'a self, publication: &'a Publication<'a>) -> Delivering<'a> {
        Box::pin(self.send(publication))
    }
}
