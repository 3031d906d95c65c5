//! Sessions in the other accounts that hold evidence. One that cannot be opened hides what is there, and ends nothing.

use futures_util::future::join_all;

use super::session::Session;
use crate::collect::{CollectRequest, OtherAccount, Purpose};
use crate::evidence::{FactKind, Gap, GapCause, Hidden, OtherScope};

/// The sessions of one collection besides that of the estate.
#[derive(Debug, Default)]
pub(super) struct Others {
    /// One for each account with a registry.
    pub(super) registries: Vec<Session>,
    /// One for each account in which alarms on the estate live.
    pub(super) monitoring: Vec<Session>,
    /// The one of the account that pays.
    pub(super) billing: Option<Session>,
    /// The one that may read the log files of trails.
    pub(super) logs: Option<Session>,
    /// What was asked for and what came of it.
    pub(super) scope: Vec<OtherScope>,
    /// Why some could not be opened.
    pub(super) gaps: Vec<Gap>,
}

/// Why there is no session.
struct Refusal {
    cause: GapCause,
    message: String,
}

impl Others {
    /// Opens them all at once, as `session`, which may read another account than `estate`; those that are not open when
    /// `stop` resolves are given up.
    pub(super) async fn open(
        session: &Session,
        estate: &str,
        request: &CollectRequest,
        stop: impl Future<Output = ()>,
    ) -> Self {
        let accounts: Vec<&OtherAccount> = request.accounts.iter().filter(|account| account.id != estate).collect();
        let opening = join_all(accounts.iter().map(async |account| open(session, account).await.map(Some)));
        let opened = tokio::select! {
            biased;
            opened = opening => opened,
            () = stop => accounts.iter().map(|_| Err(stopped())).collect(),
        };
        let mut others = Self::default();
        for (account, opened) in accounts.into_iter().zip(opened) {
            let session = match opened {
                Ok(session) => session,
                Err(refusal) => {
                    others.gaps.push(gap(account, refusal, request));
                    None
                }
            };
            others.scope.push(OtherScope {
                account: account.id.clone(),
                purpose: account.purpose.as_str().to_owned(),
                reader: session.as_ref().map(|session| session.reader().to_owned()),
            });
            match account.purpose {
                Purpose::Registry => others.registries.extend(session),
                Purpose::Logs => others.logs = session,
                Purpose::Monitoring => others.monitoring.extend(session),
                Purpose::Billing => others.billing = session,
            }
        }
        others
    }

    /// Who reads the buckets of trails: the account that was named for it, else the reader of the estate.
    pub(super) fn log_reader<'s>(&'s self, estate: &'s Session) -> &'s Session {
        self.logs.as_ref().unwrap_or(estate)
    }

    /// Whether an account was named that holds the logs, and could not be entered: nobody else is then asked for them.
    pub(super) fn logs_are_closed(&self) -> bool {
        let named = self.scope.iter().any(|other| other.purpose == Purpose::Logs.as_str());
        named && self.logs.is_none()
    }

    /// Who asks about money: the account that was named for it, else the reader of the estate; nobody if the one that was
    /// named could not be entered.
    pub(super) fn payer<'s>(&'s self, estate: &'s Session) -> Option<&'s Session> {
        let named = self.scope.iter().any(|other| other.purpose == Purpose::Billing.as_str());
        self.billing.as_ref().or((!named).then_some(estate))
    }
}

async fn open(session: &Session, account: &OtherAccount) -> Result<Session, Refusal> {
    let opened = session.assume(account).await;
    let opened = opened.map_err(|error| Refusal { cause: error.cause(), message: error.to_string() })?;
    if opened.account() != account.id {
        let message = format!("the role belongs to the account {}, not to {}", opened.account(), account.id);
        return Err(Refusal { cause: GapCause::Malformed, message });
    }
    Ok(opened)
}

fn stopped() -> Refusal {
    Refusal { cause: GapCause::Cancelled, message: "the run was stopped before this was read".to_owned() }
}

/// What is hidden without the session: in every region, and of log files and of alarms that watch other accounts in every
/// account.
fn gap(account: &OtherAccount, refusal: Refusal, request: &CollectRequest) -> Gap {
    let (whose, kinds): (&str, &[FactKind]) = match account.purpose {
        Purpose::Logs => ("", &[FactKind::LogFiles]),
        Purpose::Monitoring => ("", &[FactKind::Alarms, FactKind::MuteRules, FactKind::EventRules]),
        Purpose::Billing => ("", &FactKind::OF_THE_PAYER),
        Purpose::Registry => {
            (&account.id, &[FactKind::PackageGroups, FactKind::Packages, FactKind::TrailEvents, FactKind::Trails])
        }
    };
    Gap {
        account: whose.to_owned(),
        region: String::new(),
        service: "sts".to_owned(),
        operation: "AssumeRole".to_owned(),
        action: "sts:AssumeRole".to_owned(),
        subject: account.role_arn.clone(),
        cause: refusal.cause,
        code: None,
        message: refusal.message,
        pages_read: 0,
        hides: kinds.iter().map(|kind| Hidden::All(*kind)).collect(),
        request_id: None,
        at: request.now,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Policy;

    #[test]
    fn alarms_elsewhere_that_cannot_be_read_may_watch_any_account() {
        let now = "2026-11-23T00:00:00Z".parse().unwrap();
        let request = CollectRequest::of(&Policy::default(), vec!["eu-central-1".to_owned()], now);
        let of = |purpose| {
            let account = OtherAccount {
                id: "999988887777".to_owned(),
                purpose,
                role_arn: "arn:aws:iam::999988887777:role/reader".to_owned(),
                external_id: None,
            };
            gap(&account, stopped(), &request)
        };
        let hides = |purpose, kind| of(purpose).covers_all("111122223333", "eu-central-1", kind);
        assert!(hides(Purpose::Monitoring, FactKind::Alarms) && hides(Purpose::Monitoring, FactKind::MuteRules));
        assert!(!hides(Purpose::Monitoring, FactKind::Packages) && !hides(Purpose::Registry, FactKind::Packages));
        assert!(of(Purpose::Registry).covers_all("999988887777", "eu-central-1", FactKind::Packages));
    }
}
