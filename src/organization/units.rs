//! Units of work: each account that is to be read, in each region.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};
use wildmatch::WildMatch;

use crate::evidence::LeftOut;
use crate::policy::pattern::is_account;

/// One account in one region: what is read by itself, and leaves one part.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Unit {
    /// Account, twelve digits.
    pub account: String,
    /// Region.
    pub region: String,
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.account, self.region)
    }
}

impl Unit {
    pub(super) fn place(&self) -> (String, String) {
        (self.account.clone(), self.region.clone())
    }
}

/// An account as AWS Organizations lists it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Account {
    /// Twelve digits.
    pub id: String,
    /// Its name; a stranger's text.
    pub name: String,
    /// Such as `ACTIVE`, `SUSPENDED` or `PENDING_CLOSURE`.
    /// Source: <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_account_state.html>
    pub state: String,
}

/// The accounts of an organization, as far as they were asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accounts {
    /// All of them, or those that were named one by one.
    pub all: Vec<Account>,
    /// Those below the organizational units that were asked for; `None` if none were.
    pub in_units: Option<BTreeSet<String>>,
}

/// `[organization]` of a policy: which accounts are read, and by which role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Name of the role that the reader assumes in each account, with its path if it has one.
    pub member_role: String,
    /// External id that the role's trust policy asks for.
    pub external_id: Option<String>,
    /// Only accounts that one of these selects, if there are any: twelve digits, or a pattern of the account's name.
    pub include: Vec<String>,
    /// No account that one of these selects; wins over all else.
    pub exclude: Vec<String>,
    /// Only accounts below one of these organizational units, or roots, if there are any.
    pub ous: Vec<String>,
    /// Regions to read in each account; empty: those of the run.
    pub regions: Vec<String>,
    /// Units of work that are under way at a time.
    pub concurrency: usize,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            member_role: Self::ROLE.to_owned(),
            external_id: None,
            include: Vec::new(),
            exclude: Vec::new(),
            ous: Vec::new(),
            regions: Vec::new(),
            concurrency: 4,
        }
    }
}

impl Rules {
    /// The name that `infra/member-role.yaml` gives the role.
    pub const ROLE: &str = "countersign-reader";

    /// The accounts, where every one of them is named by its number: nobody has to be asked which there are.
    pub fn named(&self) -> Option<Vec<&str>> {
        let all = !self.include.is_empty() && self.ous.is_empty() && self.include.iter().all(|text| is_account(text));
        all.then(|| self.include.iter().map(String::as_str).collect())
    }
}

/// Units of work, and what is left out of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Units {
    /// What is to be read, sorted.
    pub units: Vec<Unit>,
    /// Accounts that are not, each with why, sorted.
    pub left_out: Vec<LeftOut>,
}

/// The units of work that some accounts make in some regions.
pub fn units(accounts: &Accounts, rules: &Rules, regions: &[String]) -> Units {
    let mut units = Units::default();
    let regions = if rules.regions.is_empty() { regions } else { &rules.regions };
    for account in &accounts.all {
        if let Some(why) = why_not(account, accounts, rules) {
            units.left_out.push(LeftOut { account: account.id.clone(), name: account.name.clone(), why });
        } else {
            let unit = |region: &String| Unit { account: account.id.clone(), region: region.clone() };
            units.units.extend(regions.iter().map(unit));
        }
    }
    units.units.sort();
    units.units.dedup();
    units.left_out.sort();
    units.left_out.dedup();
    units
}

/// Why an account is not to be read, if it is not.
fn why_not(account: &Account, accounts: &Accounts, rules: &Rules) -> Option<String> {
    let selects = |text: &String| {
        if is_account(text) {
            *text == account.id
        } else {
            WildMatch::new_case_insensitive(text).matches(&account.name)
        }
    };
    if let Some(rule) = rules.exclude.iter().find(|rule| selects(rule)) {
        return Some(format!("excluded by `{rule}`"));
    }
    if account.state != "ACTIVE" {
        return Some(format!("its state is `{}`", account.state));
    }
    if accounts.in_units.as_ref().is_some_and(|below| !below.contains(&account.id)) {
        return Some("in none of the organizational units that were asked for".to_owned());
    }
    (!rules.include.is_empty() && !rules.include.iter().any(selects)).then(|| "not included".to_owned())
}

/// ARN of the role that is assumed in an account. `role` is its name, with its path if it has one.
pub fn role_arn(partition: &str, account: &str, role: &str) -> String {
    format!("arn:{partition}:iam::{account}:role/{}", role.trim_start_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(id: &str, name: &str, state: &str) -> Account {
        Account { id: id.to_owned(), name: name.to_owned(), state: state.to_owned() }
    }

    fn organization() -> Accounts {
        let all = vec![
            account("111122223333", "fraud-prod", "ACTIVE"),
            account("222233334444", "fraud-lab", "ACTIVE"),
            account("333344445555", "old", "SUSPENDED"),
            account("444455556666", "Credit-Prod", "ACTIVE"),
        ];
        Accounts { all, in_units: None }
    }

    fn read(accounts: &Accounts, rules: &Rules) -> Vec<String> {
        let units = units(accounts, rules, &["eu-central-1".to_owned()]);
        assert_eq!(units.units.len() + units.left_out.len(), accounts.all.len(), "every account is read or listed");
        units.units.into_iter().map(|unit| unit.account).collect()
    }

    fn owned(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn each_active_account_is_read_in_each_region() {
        let found = units(&organization(), &Rules::default(), &owned(&["us-east-1", "eu-central-1"]));
        let told: Vec<String> = found.units.iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 6);
        assert_eq!(told[..2], ["111122223333/eu-central-1", "111122223333/us-east-1"]);
        assert_eq!(found.left_out.len(), 1);
        assert_eq!(
            (found.left_out[0].name.as_str(), found.left_out[0].why.as_str()),
            ("old", "its state is `SUSPENDED`")
        );
        let rules = Rules { regions: owned(&["eu-west-1"]), ..Rules::default() };
        let found = units(&organization(), &rules, &owned(&["us-east-1"]));
        assert!(found.units.iter().all(|unit| unit.region == "eu-west-1"), "the policy's own regions count");
    }

    #[test]
    fn accounts_are_selected_by_number_name_and_unit_and_exclusion_wins() {
        let rules = |include: &[&str], exclude: &[&str]| Rules {
            include: owned(include),
            exclude: owned(exclude),
            ..Rules::default()
        };
        let accounts = organization();
        assert_eq!(read(&accounts, &rules(&["*-prod"], &[])), ["111122223333", "444455556666"]);
        assert_eq!(read(&accounts, &rules(&["*-prod"], &["fraud-*"])), ["444455556666"]);
        assert_eq!(read(&accounts, &rules(&["222233334444", "333344445555"], &[])), ["222233334444"]);
        let below = Accounts { in_units: Some(BTreeSet::from(["444455556666".to_owned()])), ..accounts };
        assert_eq!(read(&below, &Rules::default()), ["444455556666"]);
    }

    #[test]
    fn nobody_is_asked_for_accounts_that_are_all_named() {
        let named = Rules { include: owned(&["111122223333"]), ..Rules::default() };
        assert_eq!(named.named(), Some(vec!["111122223333"]));
        assert_eq!(Rules { include: owned(&["fraud-*", "111122223333"]), ..Rules::default() }.named(), None);
        assert_eq!(Rules { ous: owned(&["ou-ab12-cd34ef56"]), ..named }.named(), None);
        assert_eq!(Rules::default().named(), None);
    }

    #[test]
    fn a_role_may_lie_below_a_path() {
        assert_eq!(role_arn("aws-us-gov", "111122223333", "reader"), "arn:aws-us-gov:iam::111122223333:role/reader");
        assert_eq!(role_arn("aws", "111122223333", "/audit/reader"), "arn:aws:iam::111122223333:role/audit/reader");
    }
}
