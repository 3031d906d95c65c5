//! What was billed: which answers of Cost Explorer count, what kind of work they are for, and why there is none.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::usage::Usage;
use super::{Money, Period, Spend};
use crate::collect::Purpose;
use crate::estate::Estate;
use crate::evidence::{Bill, BillQuestion, CallId, Fact, FactKind, GapCause};
use crate::policy::Policy;

/// One line of a bill for one day, with its keys told apart.
#[derive(Clone, Debug)]
pub(super) struct Line<'a> {
    /// The day.
    pub(super) day: Date,
    /// ARN or name of the resource, where lines are by resource.
    pub(super) resource: Option<&'a str>,
    /// Usage type as written.
    pub(super) usage_type: &'a str,
    /// Value of the cost-centre tag; empty for what does not carry it, `None` where lines are not by tag.
    pub(super) tag: Option<&'a str>,
    /// What it cost.
    pub(super) cost: Money,
}

/// Bills that answer one question, each for the accounts that it is about.
#[derive(Debug, Default)]
pub(super) struct Bills<'a> {
    /// A payer's bill is about every account, those too that were not read, and stands alone; else each account has its own.
    of_payer: bool,
    bills: Vec<&'a Fact<Bill>>,
}

impl<'a> Bills<'a> {
    /// The bills of a snapshot that answer a question. Where the payer's was read, those of its members are parts of it and
    /// do not count again; of several of one account the newest counts. An account is a payer where the policy or the collection
    /// says so, and where the only bill is of an account in which nothing serves: a member's own is about itself alone.
    pub(super) fn of(estate: &Estate<'a>, policy: &Policy, question: BillQuestion) -> Self {
        let mut by_account: BTreeMap<&str, &'a Fact<Bill>> = BTreeMap::new();
        for fact in estate.snapshot.facts.bills.iter().filter(|fact| fact.data.question == question) {
            let held = by_account.entry(&fact.account).or_insert(fact);
            let age = |fact: &'a Fact<Bill>| (fact.data.until, fact.data.from, &fact.seen, &fact.data.lines);
            if age(fact) > age(held) {
                *held = fact;
            }
        }
        let by_policy = policy.accounts.iter().filter(|it| it.purpose == Purpose::Billing).map(|it| it.id.as_str());
        let others = estate.snapshot.scope.others.iter().filter(|it| it.purpose == Purpose::Billing.as_str());
        let payers: BTreeSet<&str> = by_policy.chain(others.map(|it| it.account.as_str())).collect();
        let serves = |bill: &&Fact<Bill>| estate.live.iter().any(|version| version.account == bill.account);
        let (of_payers, others): (Vec<_>, Vec<_>) =
            by_account.into_values().partition(|it| payers.contains(it.account.as_str()));
        if of_payers.is_empty() {
            Self { of_payer: others.len() == 1 && !others.iter().any(serves), bills: others }
        } else {
            Self { of_payer: true, bills: of_payers }
        }
    }

    /// Whether there is any.
    pub(super) fn is_empty(&self) -> bool {
        self.bills.is_empty()
    }

    /// The tag key that lines are grouped by, where they are.
    pub(super) fn tag_key(&self) -> Option<&'a str> {
        self.bills.iter().find_map(|bill| bill.data.grouped_by.iter().find_map(|by| by.strip_prefix("TAG:")))
    }

    /// Whether it is a payer's, and so about accounts too that were not read.
    pub(super) fn is_of_payer(&self) -> bool {
        self.of_payer
    }

    /// The accounts that bills are told apart by: one name for all where a payer's bill is about all.
    pub(super) fn scope<'s>(&self, account: &'s str) -> &'s str {
        if self.of_payer { "" } else { account }
    }

    /// Those about an account.
    pub(super) fn about(&self, account: &str) -> impl Iterator<Item = &'a Fact<Bill>> + '_ {
        let account = account.to_owned();
        self.bills.iter().copied().filter(move |bill| self.of_payer || bill.account == account)
    }

    /// All of them, each with the name of its scope.
    pub(super) fn scoped(&self) -> impl Iterator<Item = (&'a str, &'a Fact<Bill>)> + '_ {
        self.bills.iter().map(|bill| (if self.of_payer { "" } else { bill.account.as_str() }, *bill))
    }

    /// The calls behind those about an account.
    pub(super) fn seen(&self, account: &str) -> Vec<CallId> {
        self.about(account).flat_map(|bill| bill.seen.iter().copied()).collect()
    }

    /// Days of a period that every bill of them covers.
    pub(super) fn covered(&self, period: Period) -> Option<Period> {
        let from = self.bills.iter().map(|bill| bill.data.from).max()?.max(period.from);
        let until = self.bills.iter().map(|bill| bill.data.until).min()?.min(period.until);
        (from < until).then_some(Period { from, until })
    }
}

/// The lines of a bill within some days. Lines of more than a day are left out: they cannot be told apart by days.
pub(super) fn lines(bill: &Fact<Bill>, period: Period) -> impl Iterator<Item = Line<'_>> {
    let place = |name: &str| bill.data.grouped_by.iter().position(|by| by == name);
    let usage = place("DIMENSION:USAGE_TYPE");
    let resource = place("DIMENSION:RESOURCE_ID");
    let tag = bill.data.grouped_by.iter().position(|by| by.starts_with("TAG:"));
    let within = bill.data.lines.iter().filter(move |line| {
        period.holds(line.from, line.until) && line.from.tomorrow().is_ok_and(|next| next == line.until)
    });
    within.map(move |line| {
        let key = |place: Option<usize>| place.and_then(|place| line.keys.get(place)).map(String::as_str);
        Line {
            day: line.from,
            resource: key(resource),
            usage_type: key(usage).unwrap_or_default(),
            tag: key(tag).map(|tag| tag.split_once('$').map_or("", |(_, value)| value)),
            cost: Money::from(&line.cost),
        }
    })
}

/// What was billed by kind of work, the dearest first, and in as many days of the month before.
pub(super) fn spend(bills: &Bills<'_>, period: Period) -> Vec<Spend> {
    let before = period.before();
    let reaches_back = bills.covered(before) == Some(before);
    let mut rows: BTreeMap<(&'static str, String), Spend> = BTreeMap::new();
    let mut row = |line: &Line<'_>, add: &dyn Fn(&mut Spend)| {
        let kind = Usage::read(line.usage_type).kind.name();
        let none = || Money::new(rust_decimal::Decimal::ZERO, &line.cost.currency);
        let spend = rows.entry((kind, line.cost.currency.clone())).or_insert_with(|| Spend {
            kind: kind.to_owned(),
            cost: none(),
            before: reaches_back.then(none),
            untagged: none(),
        });
        add(spend);
    };
    for (_, bill) in bills.scoped() {
        for line in lines(bill, period) {
            row(&line, &|spend| {
                spend.cost.value += line.cost.value;
                if line.tag.is_none_or(str::is_empty) {
                    spend.untagged.value += line.cost.value;
                }
            });
        }
        for line in lines(bill, before).filter(|_| reaches_back) {
            row(&line, &|spend| {
                if let Some(before) = &mut spend.before {
                    before.value += line.cost.value;
                }
            });
        }
    }
    let mut rows: Vec<Spend> = rows.into_values().collect();
    rows.sort_by_key(|row| Reverse(row.cost.value));
    rows
}

/// What was billed on each day that a bill covers until the end of the period, by day and currency.
pub(super) fn days(bills: &Bills<'_>, until: Date) -> Vec<(Date, Money)> {
    let mut days: BTreeMap<(Date, String), rust_decimal::Decimal> = BTreeMap::new();
    for (_, bill) in bills.scoped() {
        for line in lines(bill, Period { from: bill.data.from, until }) {
            *days.entry((line.day, line.cost.currency)).or_default() += line.cost.value;
        }
    }
    days.into_iter().map(|((day, currency), value)| (day, Money { currency, value })).collect()
}

/// Why there is no bill: it was not asked for, it was refused, or there is none.
pub(super) fn missing(estate: &Estate<'_>, policy: &Policy) -> String {
    let hides = |gap: &&crate::evidence::Gap| gap.hides.iter().any(|hidden| hidden.kind() == FactKind::Bills);
    if let Some(gap) = estate.snapshot.gaps.iter().find(hides) {
        let message = &gap.message;
        return match gap.cause {
            GapCause::Denied(by) => format!("`{}` was refused ({}): {message}", gap.action, by.words()),
            _ => format!("Cost Explorer gave no bill: {message}"),
        };
    }
    if policy.cost.cost_explorer {
        "Cost Explorer gave no bill of these days".to_owned()
    } else {
        "Cost Explorer was not asked: AWS charges for each request, and `cost_explorer` under `[cost]` is not on"
            .to_owned()
    }
}
