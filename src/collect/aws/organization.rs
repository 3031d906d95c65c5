//! The accounts of an organization, and reading one of them: the units of work of a run over all.
//!
//! Accounts are listed by the management account, or by one to which the organization delegates it. The account that lists
//! them is read with its own credentials, if it is to be read; in every other one a role is assumed, as often as there are
//! regions. An account that does not let the reader in is a part with one gap, and ends nothing.
//!
//! Source: <https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html>

use std::collections::BTreeSet;

use aws_sdk_organizations::types::Account as Listed;
use futures_util::stream::{self, StreamExt};
use futures_util::{FutureExt, future::Shared};
use jiff::Timestamp;

use super::engine::{Reason, reason, token};
use super::session::Session;
use crate::collect::{ApiCall, CollectRequest, CollectorInfo, OtherAccount, Purpose, Silent};
use crate::evidence::snapshot::SCHEMA;
use crate::evidence::{CollectStats, DeniedBy, FactKind, Facts, Gap, GapCause, Hidden, OtherScope, Scope, Snapshot};
use crate::organization::{Account, Accounts, Rules, Unit, not_entered, role_arn};

const LIST_ACCOUNTS: ApiCall = ApiCall {
    service: "organizations",
    operation: "ListAccounts",
    action: "organizations:ListAccounts",
    purpose: "which accounts the organization has, and which of them are closed",
};

const LIST_BELOW: ApiCall = ApiCall {
    service: "organizations",
    operation: "ListAccountsForParent",
    action: "organizations:ListAccountsForParent",
    purpose: "which accounts lie in an organizational unit, where only some units are to be read",
};

const LIST_UNITS: ApiCall = ApiCall {
    service: "organizations",
    operation: "ListOrganizationalUnitsForParent",
    action: "organizations:ListOrganizationalUnitsForParent",
    purpose: "which organizational units lie below another one",
};

/// See the module.
pub(crate) static INFO: CollectorInfo = CollectorInfo {
    name: "organization",
    summary: "lists the accounts of the organization, so that each of them can be read",
    yields: &[],
    calls: &[LIST_ACCOUNTS, LIST_BELOW, LIST_UNITS],
};

/// Why the accounts could not be listed. Without them there is no saying what a report leaves out, so nothing is read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OrganizationError {
    /// A call failed.
    #[error(
        "cannot list the accounts of the organization: `{action}` {why} ({message}); allow it to the reader in the management account or a delegated administrator's, or name the accounts one by one"
    )]
    Call {
        /// The action.
        action: &'static str,
        /// What became of it.
        why: String,
        /// AWS's message.
        message: String,
    },
    /// An answer makes no sense.
    #[error("cannot list the accounts of the organization: {0}; try again, or name the accounts one by one")]
    Malformed(String),
    /// Nothing is left to read.
    #[error("no account is left to read: {0} are left out; look at `[organization]` of the policy")]
    NoAccount(usize),
}

/// The accounts that an organization has, as far as the rules ask about them. Accounts that are all named by number are
/// taken at their word: nobody is asked.
///
/// # Errors
/// If one of the lists cannot be read to its end.
pub async fn accounts(session: &Session, rules: &Rules) -> Result<Accounts, OrganizationError> {
    if let Some(named) = rules.named() {
        let account = |id: &&str| Account { id: (*id).to_owned(), name: String::new(), state: "ACTIVE".to_owned() };
        return Ok(Accounts { all: named.iter().map(account).collect(), in_units: None });
    }
    let client = session.organizations(session.regions().first().map_or("us-east-1", String::as_str));
    let all = pages(&LIST_ACCOUNTS, async |next| {
        let answer = client.list_accounts().set_next_token(next).send().await.map_err(|error| reason(&error))?;
        Ok((answer.accounts.unwrap_or_default(), answer.next_token))
    })
    .await?;
    let all = all.into_iter().map(|listed| account(&listed)).collect::<Result<_, _>>()?;
    let in_units = if rules.ous.is_empty() { None } else { Some(below(&client, &rules.ous).await?) };
    Ok(Accounts { all, in_units })
}

/// The accounts below some organizational units, however deep.
async fn below(
    client: &aws_sdk_organizations::Client,
    units: &[String],
) -> Result<BTreeSet<String>, OrganizationError> {
    let (mut accounts, mut open, mut done) = (BTreeSet::new(), units.to_vec(), BTreeSet::new());
    while let Some(unit) = open.pop() {
        if !done.insert(unit.clone()) {
            continue;
        }
        let listed = pages(&LIST_BELOW, async |next| {
            let request = client.list_accounts_for_parent().parent_id(&unit).set_next_token(next);
            let answer = request.send().await.map_err(|error| reason(&error))?;
            Ok((answer.accounts.unwrap_or_default(), answer.next_token))
        });
        accounts.extend(listed.await?.into_iter().filter_map(|account| account.id));
        let nested = pages(&LIST_UNITS, async |next| {
            let request = client.list_organizational_units_for_parent().parent_id(&unit).set_next_token(next);
            let answer = request.send().await.map_err(|error| reason(&error))?;
            Ok((answer.organizational_units.unwrap_or_default(), answer.next_token))
        });
        open.extend(nested.await?.into_iter().filter_map(|unit| unit.id));
    }
    Ok(accounts)
}

/// Reads a list to its end.
async fn pages<T>(
    call: &ApiCall,
    page: impl AsyncFn(Option<String>) -> Result<(Vec<T>, Option<String>), Reason>,
) -> Result<Vec<T>, OrganizationError> {
    let (mut all, mut next, mut tokens) = (Vec::new(), None, BTreeSet::new());
    loop {
        let (items, after) = page(next.take()).await.map_err(|reason| failed(call, &reason))?;
        all.extend(items);
        let Some(after) = token(after.as_deref()) else { return Ok(all) };
        if !tokens.insert(after.clone()) {
            return Err(OrganizationError::Malformed(format!("`{}` names the same page again", call.action)));
        }
        next = Some(after);
    }
}

fn failed(call: &ApiCall, reason: &Reason) -> OrganizationError {
    let why = match reason.cause {
        GapCause::Denied(DeniedBy::Unstated) => "is refused".to_owned(),
        GapCause::Denied(by) => format!("is refused by {}", by.words()),
        GapCause::Throttled => "is throttled".to_owned(),
        _ => "failed".to_owned(),
    };
    let message = reason.message.trim_end_matches('.').to_owned();
    OrganizationError::Call { action: call.action, why, message }
}

fn account(listed: &Listed) -> Result<Account, OrganizationError> {
    let is_id = |id: &&str| id.len() == 12 && id.bytes().all(|digit| digit.is_ascii_digit());
    let Some(id) = listed.id().filter(is_id) else {
        return Err(OrganizationError::Malformed("an account is listed without its twelve digits".to_owned()));
    };
    // The state takes the place of the status, which AWS retires.
    let state = listed.state().map(|state| state.as_str().to_owned());
    #[allow(deprecated, reason = "answers without a state still carry it")]
    let status = || listed.status().map(|status| status.as_str().to_owned());
    Ok(Account {
        id: id.to_owned(),
        name: listed.name().unwrap_or_default().to_owned(),
        state: state.or_else(status).unwrap_or_else(|| "ACTIVE".to_owned()),
    })
}

/// Hears which unit of work is under way. Called from one thread.
pub trait UnitProgress {
    /// A unit has begun.
    fn begin(&self, unit: &Unit);
    /// It has left its part.
    fn end(&self, unit: &Unit, part: &Snapshot);
}

/// Reads every unit, a few at a time, each into its own part. `now` tells the time when a unit begins. Units that have not
/// begun when `stop` resolves leave a part that says so.
pub async fn collect_units(
    session: &Session,
    units: &[Unit],
    rules: &Rules,
    request: &CollectRequest,
    now: impl Fn() -> Timestamp,
    progress: &dyn UnitProgress,
    stop: impl Future<Output = ()>,
) -> Vec<Snapshot> {
    let stop = stop.shared();
    let read = async |unit: &Unit| {
        let request = CollectRequest { now: now().max(request.now), ..request.clone() };
        progress.begin(unit);
        let part = collect_unit(session, unit, units, rules, &request, stop.clone()).await;
        progress.end(unit, &part);
        part
    };
    stream::iter(units).map(read).buffer_unordered(rules.concurrency.max(1)).collect().await
}

/// Whether a unit asks what only the account that pays can tell: once for all where that account was named, else once for each
/// account.
fn asks_about_money(unit: &Unit, units: &[Unit], request: &CollectRequest) -> bool {
    let named = pays_for_others(request);
    units.iter().find(|other| named || other.account == unit.account).is_none_or(|first| first == unit)
}

/// The accounts whose costs a unit asks for: those of the whole run where one account pays for all, else its own.
fn billed(unit: &Unit, units: &[Unit], request: &CollectRequest) -> BTreeSet<String> {
    let of_run = units.iter().filter(|_| pays_for_others(request)).map(|other| other.account.clone());
    of_run.chain([unit.account.clone()]).collect()
}

fn pays_for_others(request: &CollectRequest) -> bool {
    request.accounts.iter().any(|other| other.purpose == Purpose::Billing)
}

/// Reads one account in one region, as the role there. `units` are all that the run reads: a registry among them is not
/// read from here as well. Never fails: an account that cannot be entered is a part with one gap.
pub async fn collect_unit<S: Future<Output = ()>>(
    session: &Session,
    unit: &Unit,
    units: &[Unit],
    rules: &Rules,
    request: &CollectRequest,
    stop: Shared<S>,
) -> Snapshot {
    let by_itself = |other: &OtherAccount| {
        let read = |unit: &Unit| unit.account == other.id;
        other.purpose == Purpose::Registry && other.id != unit.account && units.iter().any(read)
    };
    let request = CollectRequest {
        regions: vec![unit.region.clone()],
        accounts: request.accounts.iter().filter(|other| !by_itself(other)).cloned().collect(),
        money: asks_about_money(unit, units, request),
        billed: billed(unit, units, request),
        ..request.clone()
    };
    let role = role_arn(session.partition(), &unit.account, &rules.member_role);
    if stop.peek().is_some() {
        let why = "the run was stopped before this account was read";
        return closed(session, unit, &request, &role, GapCause::Cancelled, why);
    }
    let entering = async {
        if unit.account == session.account() {
            return Ok(session.apart());
        }
        session.member(&role, rules.external_id.as_deref()).await
    };
    let entered = tokio::select! {
        biased;
        entered = entering => entered,
        () = stop.clone() => {
            let why = "the run was stopped before this account was entered";
            return closed(session, unit, &request, &role, GapCause::Cancelled, why);
        }
    };
    match entered {
        Ok(member) if member.account() == unit.account => {
            super::collect_as(&member, session, &request, &Silent, stop).await
        }
        Ok(member) => {
            let why = format!("the role belongs to the account {}", member.account());
            closed(session, unit, &request, &role, GapCause::Malformed, &why)
        }
        Err(error) => closed(session, unit, &request, &role, error.cause(), &error.to_string()),
    }
}

/// The part of a unit that could not be entered: nothing but the gap that says why.
fn closed(
    session: &Session,
    unit: &Unit,
    request: &CollectRequest,
    role: &str,
    cause: GapCause,
    why: &str,
) -> Snapshot {
    let other = |other: &OtherAccount| OtherScope {
        account: other.id.clone(),
        purpose: other.purpose.as_str().to_owned(),
        reader: None,
    };
    let gap = not_entered(unit, ("sts", "AssumeRole"), role, cause, why, request.now);
    // What this unit would have asked for all regions, or, where one account pays for others, for all accounts, nobody asks
    // now.
    let hides = FactKind::OF_THE_PAYER.map(Hidden::All).to_vec();
    let account = if pays_for_others(request) { String::new() } else { unit.account.clone() };
    let of_money = Gap { account, region: String::new(), hides, ..gap.clone() };
    Snapshot {
        schema: SCHEMA.to_owned(),
        tool: crate::run::tool(),
        as_of: request.now,
        scope: Scope {
            partition: session.partition().to_owned(),
            account: unit.account.clone(),
            reader: String::new(),
            regions: vec![unit.region.clone()],
            others: request.accounts.iter().filter(|it| it.id != unit.account).map(other).collect(),
            ..Scope::default()
        },
        calls: Vec::new(),
        facts: Facts::default(),
        gaps: [gap].into_iter().chain(request.money.then_some(of_money)).collect(),
        stats: CollectStats::default(),
        history: None,
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_organizations::types::{AccountState, AccountStatus};

    use super::*;

    #[test]
    #[allow(deprecated, reason = "answers without a state still carry the status")]
    fn the_state_of_an_account_is_read_in_both_forms() {
        let listed = || Listed::builder().id("111122223333").name("fraud");
        let state = |listed: Listed| account(&listed).unwrap().state;
        assert_eq!(
            state(listed().state(AccountState::PendingClosure).status(AccountStatus::Active).build()),
            "PENDING_CLOSURE"
        );
        assert_eq!(state(listed().status(AccountStatus::Suspended).build()), "SUSPENDED");
        assert_eq!(state(listed().build()), "ACTIVE");
        assert!(account(&Listed::builder().name("nameless").build()).is_err());
    }

    #[tokio::test]
    async fn accounts_that_are_named_are_taken_at_their_word() {
        let rules = Rules { include: vec!["222233334444".to_owned()], ..Rules::default() };
        let accounts = accounts(&Session::offline(), &rules).await.unwrap();
        assert_eq!(accounts.all.len(), 1);
    }

    fn request() -> CollectRequest {
        CollectRequest {
            regions: Vec::new(),
            now: Timestamp::UNIX_EPOCH,
            events_since: Timestamp::UNIX_EPOCH,
            batch_since: Timestamp::UNIX_EPOCH,
            accounts: Vec::new(),
            log_files: crate::collect::LogFiles::default(),
            checksums: false,
            metrics: false,
            cost: crate::policy::CostRules::default(),
            money: true,
            billed: BTreeSet::new(),
            answers: Vec::new(),
            cost_tag: None,
            metrics_since: Timestamp::UNIX_EPOCH,
            declared: crate::collect::Declared::default(),
            focus: None,
            pace: crate::collect::Pace::default(),
        }
    }

    #[test]
    fn one_that_pays_for_others_is_asked_for_the_accounts_of_the_run_and_no_more() {
        let unit = |account: &str| Unit { account: account.to_owned(), region: "us-east-1".to_owned() };
        let units = ["222233334444", "111122223333", "222233334444"].map(unit);
        let told = |request: &CollectRequest| billed(&units[0], &units, request).into_iter().collect::<Vec<_>>();
        assert_eq!(told(&request()), ["222233334444"], "each account tells of itself");
        let payer = OtherAccount {
            id: "999988887777".to_owned(),
            purpose: Purpose::Billing,
            role_arn: "arn:aws:iam::999988887777:role/reader".to_owned(),
            external_id: None,
        };
        let named = CollectRequest { accounts: vec![payer], ..request() };
        assert_eq!(told(&named), ["111122223333", "222233334444"]);
    }

    #[test]
    fn a_unit_that_cannot_be_entered_hides_everything_there_and_nothing_else() {
        let request = request();
        let unit = Unit { account: "222233334444".to_owned(), region: "us-east-1".to_owned() };
        let part = closed(&Session::offline(), &unit, &request, "role", GapCause::Throttled, "slow down");
        assert!(part.scope.reader.is_empty() && part.scope.covers("222233334444", "us-east-1"));
        let gap = &part.gaps[0];
        assert!(gap.covers_all("222233334444", "us-east-1", FactKind::Endpoints));
        assert!(!gap.covers_all("111122223333", "us-east-1", FactKind::Endpoints));
        let budgets = |part: &Snapshot, account| part.gaps[1].covers_all(account, "eu-west-1", FactKind::Budgets);
        assert!(budgets(&part, "222233334444"), "nobody asked for its other regions");
        assert!(!budgets(&part, "111122223333"), "each account pays for itself");
        let payer = OtherAccount {
            id: "999988887777".to_owned(),
            purpose: Purpose::Billing,
            role_arn: "arn:aws:iam::999988887777:role/reader".to_owned(),
            external_id: None,
        };
        let paid = CollectRequest { accounts: vec![payer], ..request.clone() };
        let part = closed(&Session::offline(), &unit, &paid, "role", GapCause::Throttled, "slow down");
        assert!(budgets(&part, "111122223333"), "nobody asked for all");
        let silent = CollectRequest { money: false, ..request };
        assert_eq!(closed(&Session::offline(), &unit, &silent, "role", GapCause::Throttled, "").gaps.len(), 1);
    }

    #[test]
    fn one_unit_asks_about_money() {
        let unit = |account: &str, region: &str| Unit { account: account.to_owned(), region: region.to_owned() };
        let units = [unit("1", "a"), unit("1", "b"), unit("2", "a"), unit("2", "b")];
        let now = Timestamp::UNIX_EPOCH;
        let mut request = CollectRequest::of(&crate::policy::Policy::default(), Vec::new(), now);
        let asking = |request: &CollectRequest| -> Vec<String> {
            units.iter().filter(|unit| asks_about_money(unit, &units, request)).map(ToString::to_string).collect()
        };
        assert_eq!(asking(&request), [units[0].to_string(), units[2].to_string()], "each account pays for itself");
        request.accounts.push(OtherAccount {
            id: "999988887777".to_owned(),
            purpose: Purpose::Billing,
            role_arn: "arn:aws:iam::999988887777:role/reader".to_owned(),
            external_id: None,
        });
        assert_eq!(asking(&request), [units[0].to_string()], "one pays for all");
        assert!(asks_about_money(&unit("3", "a"), &[], &request), "a unit that stands for itself");
    }
}
