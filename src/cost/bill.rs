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

/// Which bill, or which bills together, lines stand on; `None` where no bill is about an account.
pub(super) type Scope = Option<usize>;

/// Bills that answer one question, each for the accounts that it is about.
#[derive(Debug, Default)]
pub(super) struct Bills<'a>(Vec<Held<'a>>);

/// One bill, and the accounts that it is about.
#[derive(Clone, Copy, Debug)]
struct Held<'a> {
    about: About,
    bill: &'a Fact<Bill>,
}

/// Which accounts a bill is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About {
    /// Those that it was asked for.
    Named,
    /// The one that was asked.
    Itself,
    /// All that somebody pays for, those too that were not read.
    All,
}

impl Held<'_> {
    fn is_about(&self, account: &str) -> bool {
        match self.about {
            About::Named => self.bill.data.accounts.iter().any(|it| it == account),
            About::Itself => self.bill.account == account,
            About::All => true,
        }
    }
}

impl<'a> Bills<'a> {
    /// The bills of a snapshot that answer a question, so that none counts twice. Of several of one account about the same
    /// ones the newest counts.
    pub(super) fn of(estate: &Estate<'a>, policy: &Policy, question: BillQuestion) -> Self {
        let mut newest: BTreeMap<(&str, &[String]), &'a Fact<Bill>> = BTreeMap::new();
        for fact in estate.snapshot.facts.bills.iter().filter(|fact| fact.data.question == question) {
            let held = newest.entry((&fact.account, &fact.data.accounts)).or_insert(fact);
            let age = |fact: &'a Fact<Bill>| (fact.data.until, fact.data.from, &fact.seen, &fact.data.lines);
            if age(fact) > age(held) {
                *held = fact;
            }
        }
        let by_policy = policy.accounts.iter().filter(|it| it.purpose == Purpose::Billing).map(|it| it.id.as_str());
        let others = estate.snapshot.scope.others.iter().filter(|it| it.purpose == Purpose::Billing.as_str());
        let payers: BTreeSet<&str> = by_policy.chain(others.map(|it| it.account.as_str())).collect();
        let pays = |bill: &&'a Fact<Bill>| payers.contains(bill.account.as_str());
        let (named, whole): (Vec<_>, Vec<_>) = newest.into_values().partition(|it| !it.data.accounts.is_empty());
        let (of_payers, own): (Vec<_>, Vec<_>) = whole.into_iter().partition(pays);
        let held = |about| move |bill| Held { about, bill };
        if !named.is_empty() {
            let named = apart(named, pays);
            let told = |account: &str| named.iter().any(|it| it.is_about(account));
            let own: Vec<_> = own.into_iter().filter(|bill| !told(&bill.account)).map(held(About::Itself)).collect();
            return Self(named.into_iter().chain(own).collect());
        }
        // Earlier versions did not say which accounts they asked for. A payer's bill holds those of its members, and an
        // account is a payer where the policy or the collection says so, or where the only bill is of an account in which
        // nothing serves: a member's own is about itself alone.
        let serves = |bill: &Fact<Bill>| estate.live.iter().any(|version| version.account == bill.account);
        Self(match (of_payers.as_slice(), own.as_slice()) {
            ([], [only]) if !serves(only) => own.into_iter().map(held(About::All)).collect(),
            ([], _) => own.into_iter().map(held(About::Itself)).collect(),
            _ => of_payers.into_iter().map(held(About::All)).collect(),
        })
    }

    /// Whether there is any.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The tag key that lines are grouped by, where they are.
    pub(super) fn tag_key(&self) -> Option<&'a str> {
        self.0.iter().find_map(|it| it.bill.data.grouped_by.iter().find_map(|by| by.strip_prefix("TAG:")))
    }

    /// The accounts that all of them are about, sorted; `None` where that may be any.
    pub(super) fn accounts(&self) -> Option<BTreeSet<&'a str>> {
        self.0.iter().map(of_bill).collect::<Option<Vec<_>>>().map(|all| all.into_iter().flatten().collect())
    }

    /// The accounts that stand on the same bill as one; `None` where that may be any.
    pub(super) fn beside(&self, account: &str) -> Option<Vec<&'a str>> {
        self.0.iter().find(|it| it.is_about(account)).map_or_else(|| Some(Vec::new()), of_bill)
    }

    /// The bill that an account stands on.
    pub(super) fn scope(&self, account: &str) -> Scope {
        self.0.iter().position(|it| it.is_about(account))
    }

    /// Those about an account.
    pub(super) fn about(&self, account: &str) -> impl Iterator<Item = &'a Fact<Bill>> + '_ {
        let account = account.to_owned();
        self.0.iter().filter(move |it| it.is_about(&account)).map(|it| it.bill)
    }

    /// All of them, each with its scope; those that may be about any account share one.
    pub(super) fn scoped(&self) -> impl Iterator<Item = (Scope, &'a Fact<Bill>)> + '_ {
        let shared = self.0.iter().position(|it| it.about == About::All);
        self.0.iter().enumerate().map(move |(at, it)| (shared.filter(|_| it.about == About::All).or(Some(at)), it.bill))
    }

    /// The calls behind those about an account.
    pub(super) fn seen(&self, account: &str) -> Vec<CallId> {
        self.about(account).flat_map(|bill| bill.seen.iter().copied()).collect()
    }

    /// Days of a period that every bill of them covers.
    pub(super) fn covered(&self, period: Period) -> Option<Period> {
        let from = self.0.iter().map(|it| it.bill.data.from).max()?.max(period.from);
        let until = self.0.iter().map(|it| it.bill.data.until).min()?.min(period.until);
        (from < until).then_some(Period { from, until })
    }
}

/// The accounts that a bill is about; `None` where that may be any.
fn of_bill<'a>(held: &Held<'a>) -> Option<Vec<&'a str>> {
    match held.about {
        About::Named => Some(held.bill.data.accounts.iter().map(String::as_str).collect()),
        About::Itself => Some(vec![held.bill.account.as_str()]),
        About::All => None,
    }
}

/// Bills of which no account stands on two: a payer's before a member's own, and of those the widest first.
fn apart<'a>(mut bills: Vec<&'a Fact<Bill>>, pays: impl Fn(&&'a Fact<Bill>) -> bool) -> Vec<Held<'a>> {
    bills.sort_by_key(|bill| (!pays(bill), Reverse(bill.data.accounts.len())));
    let (mut told, mut kept) = (BTreeSet::new(), Vec::new());
    for bill in bills {
        let accounts: BTreeSet<&str> = bill.data.accounts.iter().map(String::as_str).collect();
        if told.is_disjoint(&accounts) {
            told.extend(accounts);
            kept.push(Held { about: About::Named, bill });
        }
    }
    kept
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
