//! `manager.html`: one screen for each group of models, for those who answer for them and pay for them. The same language,
//! and the same promise as `report.html`: no request leaves it, no script runs in it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{self, BufWriter, Write};

use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::bar::Bar;
use super::money::{self, Ledger};
use super::plot::{Drawn, Plot};
use super::tell::{Count, Instant, Means, Say};
use super::{STYLE, safe};
use crate::cost::Money;
use crate::readiness::ReadinessVerdict;
use crate::report::document::{
    BudgetRow, FlipRow, GroupCostRow, LiveVersionRow, OutlookRow, OwnedRow, Report, WasteRow,
};
use crate::report::owned::Owner;
use crate::report::shared::Shared;
use crate::report::words;
use crate::sha256::Sha256;

mod due;

use due::Due;

/// So many groups have a screen of their own; all of them are in the table of the workbook.
const SCREENS: usize = 400;

/// So many actions are told of one group.
const ACTIONS: usize = 5;

pub(in crate::report) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 16, out);
    Page::new(report).write_into(&mut out)?;
    out.flush()
}

#[derive(Template)]
#[template(path = "manager.html", config = "src/report/askama.toml")]
struct Page<'a> {
    report: &'a Report,
    style: &'static str,
    style_hash: String,
    bar: Bar,
    ledger: Option<Ledger<'a>>,
    groups: Vec<Group<'a>>,
    owners: Vec<Answers<'a>>,
    /// Groups, endpoints, alarms and buckets that nobody owns, or of which that is not known; the dearest first.
    orphans: Vec<&'a OwnedRow>,
    /// What is due over all groups, the earliest first.
    due: Vec<Due>,
}

/// A group of models.
struct Group<'a> {
    /// Its name; absent for what belongs to no group.
    name: Option<&'a str>,
    slug: String,
    verdict: ReadinessVerdict,
    /// Its live versions, the worst first.
    live: Vec<&'a LiveVersionRow>,
    /// What to do for the next verdict, each once, with the roles that are able to.
    flips: Vec<&'a FlipRow>,
    /// How many more there are.
    more_flips: usize,
    /// Owners, each with the sources of the name.
    owners: BTreeMap<&'a str, BTreeSet<&'a str>>,
    /// Live versions that nobody owns.
    unowned: usize,
    /// Live versions of which it is not known who owns them.
    unread: usize,
    cost: Option<&'a GroupCostRow>,
    /// What it may cost in a month, and where that stands.
    limit: Option<(Money, String)>,
    plot: Option<Plot>,
    /// Budgets that cover all of it.
    budgets: Vec<&'a BudgetRow>,
    waste: Vec<&'a WasteRow>,
    due: Vec<Due>,
}

/// What one owner answers for.
struct Answers<'a> {
    owner: Owner<'a>,
    sources: BTreeSet<&'a str>,
    live: Vec<&'a LiveVersionRow>,
    worst: ReadinessVerdict,
    cost: String,
    unknown: usize,
    /// What else is theirs, in words: `2 endpoints, 5 alarms`.
    also: String,
}

impl<'a> Page<'a> {
    fn new(report: &'a Report) -> Self {
        let ledger = Ledger::new(report);
        let mut by_group: BTreeMap<Option<&str>, Vec<&LiveVersionRow>> = BTreeMap::new();
        for row in &report.live_versions {
            by_group.entry(row.group.as_deref()).or_default().push(row);
        }
        let mut groups: Vec<Group<'a>> =
            by_group.into_iter().filter_map(|(name, live)| Group::new(report, ledger.as_ref(), name, live)).collect();
        // The dearest first among those with the same verdict: the document has them in that order.
        let order: HashMap<Option<&str>, usize> = report
            .costs
            .iter()
            .flat_map(|costs| &costs.groups)
            .enumerate()
            .map(|(at, row)| (row.group.as_deref(), at))
            .collect();
        groups.sort_by_key(|group| {
            (words::verdict_rank(group.verdict), order.get(&group.name).copied().unwrap_or(usize::MAX))
        });
        let mut due: Vec<Due> =
            groups.iter().flat_map(|group| group.due.iter().filter(|due| due.at.is_some()).cloned()).collect();
        due.extend(due::commitments(report));
        due.sort_by(|a, b| (a.at, &a.what, &a.of).cmp(&(b.at, &b.what, &b.of)));
        due.dedup();
        Self {
            report,
            style: STYLE,
            style_hash: STANDARD.encode(Sha256::of(STYLE.as_bytes()).as_bytes()),
            bar: Bar::new(&report.summary),
            owners: owners(report, ledger.as_ref()),
            orphans: orphans(report),
            ledger,
            groups,
            due,
        }
    }

    /// Groups with a screen of their own.
    fn screens(&self) -> &[Group<'a>] {
        self.groups.get(..SCREENS).unwrap_or(&self.groups)
    }

    /// Whether all budgets were read, so that having none says something.
    fn budgets_known(&self) -> bool {
        self.ledger.as_ref().is_some_and(|ledger| ledger.costs.no_budgets.is_none())
    }

    /// Why the cost of live versions of a group is not known, each reason once.
    fn why_unknown(&self, group: &Group<'a>) -> BTreeSet<&'a str> {
        let Some(ledger) = &self.ledger else { return BTreeSet::new() };
        group.live.iter().filter_map(|row| ledger.of(&row.id)?.cost.why()).collect()
    }

    /// Live versions that nobody owns, and those of which it is not known.
    fn unowned(&self) -> (usize, usize) {
        let rows = self.report.live_versions.iter();
        let of = |owner: Owner<'_>| rows.clone().filter(|row| Owner::of(row) == owner).count();
        (of(Owner::Nobody), of(Owner::NotKnown))
    }

    /// Verdicts with how many have them.
    fn verdicts(&self) -> Vec<(ReadinessVerdict, usize)> {
        let count =
            |verdict| self.report.summary.by_verdict.get(words::verdict_key(verdict)).copied().unwrap_or_default();
        words::VERDICTS.into_iter().map(|verdict| (verdict, count(verdict))).collect()
    }
}

impl<'a> Group<'a> {
    fn new(
        report: &'a Report,
        ledger: Option<&Ledger<'a>>,
        name: Option<&'a str>,
        mut live: Vec<&'a LiveVersionRow>,
    ) -> Option<Self> {
        live.sort_by_key(|row| words::verdict_rank(row.readiness.verdict));
        let ids: BTreeSet<&str> = live.iter().map(|row| row.id.as_str()).collect();
        let mut flips: Vec<&FlipRow> = Vec::new();
        for flip in live.iter().flat_map(|row| &row.readiness.flip_set) {
            if !flips.iter().any(|known| known.remedy == flip.remedy && known.subjects == flip.subjects) {
                flips.push(flip);
            }
        }
        let more_flips = flips.len().saturating_sub(ACTIONS);
        flips.truncate(ACTIONS);
        let mut owners: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for owner in live.iter().filter_map(|row| row.owner.as_ref()) {
            owners.entry(&owner.name).or_default().insert(&owner.source);
        }
        let costs = report.costs.as_ref();
        let cost = costs.and_then(|costs| costs.groups.iter().find(|row| row.group.as_deref() == name));
        let covers = |budget: &&BudgetRow| ids.iter().all(|id| budget.covers.iter().any(|covered| covered == id));
        let mut budgets: Vec<&BudgetRow> = costs.iter().flat_map(|costs| &costs.budgets).filter(covers).collect();
        // What is about this group alone says more of it than what is about everything.
        budgets.sort_by_key(|budget| budget.covers.len());
        let limit = limit(cost, &budgets, ids.len());
        let touches = |row: &&WasteRow| row.live_versions.iter().any(|id: &Shared| ids.contains(id.as_str()));
        Some(Self {
            name,
            slug: format!("group-{}", name.map_or_else(|| "none".to_owned(), safe::slug)),
            verdict: live.first()?.readiness.verdict,
            flips,
            more_flips,
            owners,
            unowned: live.iter().filter(|row| Owner::of(row) == Owner::Nobody).count(),
            unread: live.iter().filter(|row| Owner::of(row) == Owner::NotKnown).count(),
            plot: ledger.and_then(|ledger| plot(ledger, cost?, limit.as_ref())),
            cost,
            limit,
            budgets,
            waste: costs.iter().flat_map(|costs| &costs.waste).filter(touches).collect(),
            due: due::of_group(report, name, &live, cost.and_then(|cost| cost.review_period_days)),
            live,
        })
    }

    /// The group's name, or what it is instead.
    fn title(&self) -> &'a str {
        self.name.unwrap_or("In no model group")
    }

    /// What is said of its use, in a few words.
    fn verdict_words(&self) -> &'static str {
        match self.verdict {
            ReadinessVerdict::Stop => "Should stop serving",
            ReadinessVerdict::FixControlsFirst => "Controls have to be fixed first",
            ReadinessVerdict::KeepInPilot => "Should stay in pilot",
            ReadinessVerdict::OperateAsIs => "May operate as it is; nothing more may hang on it yet",
            ReadinessVerdict::Expand => "Its use may be expanded",
        }
    }

    /// Why, of its worst live version.
    fn because(&self) -> String {
        self.live.first().map(|row| words::because(&row.readiness)).unwrap_or_default()
    }

    /// What it costs, by currency; none where nothing of it is known.
    fn amounts(&self) -> Option<String> {
        self.cost.filter(|cost| !cost.cost.is_empty()).map(|cost| money::amounts(&cost.cost))
    }

    /// What its month will have cost.
    fn month_end(&self) -> Option<&'a OutlookRow> {
        self.cost.and_then(|cost| cost.month_end.as_ref())
    }

    /// Whether more is expected than it may cost.
    fn over(&self) -> bool {
        let expected = self.cost.and_then(|cost| cost.month_end.as_ref()).map(|it| it.cost.money());
        matches!((expected, &self.limit), (Some(it), Some((limit, _))) if it.currency == limit.currency && it.value > limit.value)
    }

    /// Whether all that is known of its cost is an estimate.
    fn estimated(&self) -> bool {
        self.cost.is_some_and(|cost| cost.estimated > 0)
    }
}

/// What its manifest declares, else the limit of a budget that is about this group alone.
fn limit(cost: Option<&GroupCostRow>, budgets: &[&BudgetRow], live: usize) -> Option<(Money, String)> {
    if let Some(declared) = cost.and_then(|cost| cost.declared.as_ref()) {
        return Some((declared.money(), "declared in its manifest".to_owned()));
    }
    let own = budgets.iter().find(|budget| money::monthly(budget) && budget.covers.len() == live)?;
    Some((own.limit.as_ref()?.money(), format!("AWS budget `{}`", own.name)))
}

fn plot(ledger: &Ledger<'_>, cost: &GroupCostRow, limit: Option<&(Money, String)>) -> Option<Plot> {
    let [only] = cost.cost.as_slice() else { return None };
    Plot::new(&Drawn {
        period: ledger.costs.period?,
        cost: only.money(),
        estimated: cost.estimated > 0,
        days: &[],
        outlook: cost.month_end.as_ref(),
        limit: limit.map(|(limit, _)| limit.clone()),
        ended: false,
    })
}

/// What an owner has beside live versions, in words.
fn also(report: &Report, owner: Owner<'_>) -> String {
    let theirs = |row: &&OwnedRow| match &row.owner {
        _ if row.unsure.is_some() => owner == Owner::NotKnown,
        Some(named) => Owner::Named(&named.name) == owner,
        None => owner == Owner::Nobody,
    };
    let count =
        |kind: &str| report.costs.iter().flat_map(|it| &it.owned).filter(theirs).filter(|it| it.kind == kind).count();
    let told = ["group", "endpoint", "alarm", "bucket"].map(|kind| (kind, count(kind)));
    let told: Vec<String> =
        told.into_iter().filter(|(_, count)| *count > 0).map(|(kind, n)| words::count(n, kind)).collect();
    words::list(&told)
}

/// What nobody owns.
fn orphans(report: &Report) -> Vec<&OwnedRow> {
    let owned = report.costs.iter().flat_map(|costs| &costs.owned);
    let mut orphans: Vec<&OwnedRow> = owned.filter(|row| row.owner.is_none()).collect();
    let size = |row: &OwnedRow| row.cost.first().map(|cost| cost.amount);
    orphans.sort_by_key(|row| (row.unsure.is_some(), std::cmp::Reverse(size(row))));
    orphans
}

/// Owners, the dearest first where costs are known; last comes what nobody owns, then that of which it is not known.
fn owners<'a>(report: &'a Report, ledger: Option<&Ledger<'a>>) -> Vec<Answers<'a>> {
    let mut by_owner: BTreeMap<Owner<'_>, Vec<&LiveVersionRow>> = BTreeMap::new();
    for row in &report.live_versions {
        by_owner.entry(Owner::of(row)).or_default().push(row);
    }
    let mut rows: Vec<(rust_decimal::Decimal, Answers<'a>)> = Vec::new();
    for (owner, live) in by_owner {
        let Some(worst) = live.iter().map(|row| row.readiness.verdict).min_by_key(|it| words::verdict_rank(*it)) else {
            continue;
        };
        let mut sum = crate::cost::Sum::default();
        let known = live.iter().filter_map(|row| ledger?.of(&row.id)?.cost.money());
        known.for_each(|money| sum.add(&money));
        let unknown = live.iter().filter(|row| ledger.and_then(|it| it.of(&row.id)?.cost.money()).is_none()).count();
        let amounts: Vec<String> = sum.amounts().map(|money| money.to_string()).collect();
        let size = sum.single().map(|money| money.value).unwrap_or_default();
        let sources = live.iter().filter_map(|row| Some(row.owner.as_ref()?.source.as_str())).collect();
        rows.push((
            size,
            Answers { owner, sources, live, worst, cost: words::list(&amounts), unknown, also: also(report, owner) },
        ));
    }
    let last = |row: &Answers<'a>| Some(row.owner).filter(|owner| owner.name().is_none());
    rows.sort_by(|a, b| (last(&a.1), b.0).cmp(&(last(&b.1), a.0)));
    rows.into_iter().map(|(_, row)| row).collect()
}
