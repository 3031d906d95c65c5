//! Money as rows: the ledger, with indices replaced by the ids of live versions and calls by ids into the evidence.

use super::evidence::Table;
use crate::control::Cite;
use crate::control::engine::Assessment;
use crate::cost::{
    BudgetView, Candidate, EstimateLine, Figure, Known, Ledger, Money, Outlook, Owned, OwnedKind, RollUp, Spend, Sum,
    VersionCost, Waste,
};
use crate::estate::{Estate, LiveVersion, Owner};
use crate::evidence::{CallId, FactKind, Gap, Hidden};
use crate::report::document::{
    BudgetRow, CandidateRow, CostsSection, DayCostRow, EstimateLineRow, FigureRow, GapRow, LiveVersionRow, MoneyRow,
    OutlookRow, OwnedRow, OwnerRef, PeriodRow, RollUpRow, SpendRow, VersionCostRow, WasteRow,
};
use crate::report::shared::Shared;

pub(in crate::report) mod groups;
mod not_known;
#[cfg(test)]
mod tests;
mod used;

/// What indices and calls are replaced by.
struct Ids<'i, 'e> {
    live: &'i [Shared],
    evidence: &'e mut Table,
}

/// Everything about money. The live versions' rows and the findings' order do not depend on it, so it is composed apart.
pub(super) fn section(assessment: &Assessment<'_>, ids: &[Shared], evidence: &mut Table) -> CostsSection {
    let ledger = &assessment.estate.money;
    let mut ids = Ids { live: ids, evidence };
    let live_versions: Vec<VersionCostRow> = ledger
        .versions
        .iter()
        .enumerate()
        .filter_map(|(at, cost)| {
            let mut row = version(&ids.live.get(at)?.clone(), cost, &mut ids);
            row.used = ledger.uses.get(at).map(used::of);
            Some(row)
        })
        .collect();
    let mut total = Sum::default();
    live_versions.iter().filter_map(|row| row.cost.money()).for_each(|money| total.add(&money));
    let decided = live_versions.iter().filter(|row| row.cost.amount.is_some() || row.cost.none.is_some()).count();
    let unknown = ids.live.len().saturating_sub(decided);
    CostsSection {
        period: ledger.period.map(|period| PeriodRow { from: period.from, until: period.until, days: period.days() }),
        total: sum(&total),
        unknown,
        no_bill: ledger.no_bill.clone(),
        not_known: Vec::new(),
        groups: Vec::new(),
        by_owner: roll_ups(&ledger.by_owner, &ids),
        by_cost_center: roll_ups(&ledger.by_cost_center, &ids),
        by_account: roll_ups(&ledger.by_account, &ids),
        owned: ledger.owned.iter().map(|owned| owned_row(owned, ledger, &ids)).collect(),
        spend: ledger.spend.as_ref().map(|spend| spend.iter().map(spend_row).collect()),
        days: ledger.days.iter().map(|(day, cost)| DayCostRow { day: *day, cost: cost.into() }).collect(),
        outlook: ledger.outlook.as_ref().map(outlook),
        no_budgets: unread_budgets(assessment.estate),
        budgets: ledger.budgets.iter().map(|view| budget(view, &mut ids)).collect(),
        waste: ledger.waste.iter().map(|waste| waste_row(waste, &mut ids)).collect(),
        growth: ledger.growth.iter().map(|growth| used::growth(growth, &ids)).collect(),
        capacity: ledger.capacity.iter().map(|capacity| used::capacity(capacity, &mut ids)).collect(),
        tokens: ledger.tokens.iter().map(|tokens| used::tokens(tokens, &mut ids)).collect(),
        live_versions,
    }
}

/// What rests on the rows of live versions and on gaps: the groups, and what is not known.
pub(super) fn complete(
    section: &mut CostsSection,
    assessment: &Assessment<'_>,
    live: &[LiveVersionRow],
    gaps: &[GapRow],
) {
    section.groups = groups::of(live, section, assessment.estate.as_of, |at| {
        let live = assessment.estate.live.get(at);
        let manifest = live.and_then(|live| live.manifest);
        let budget = manifest.and_then(|it| it.budget.as_ref()).map(|amount| MoneyRow::from(&Money::from(amount)));
        groups::About {
            limit: budget,
            review_days: manifest.and_then(|it| it.review_period_days),
            deployed: live.and_then(LiveVersion::deployed),
        }
    });
    section.not_known = not_known::list(section, &assessment.estate.snapshot.gaps, gaps, live.len());
}

impl Ids<'_, '_> {
    /// Ids of live versions.
    fn of(&self, indices: &[usize]) -> Vec<Shared> {
        indices.iter().filter_map(|at| self.live.get(*at).cloned()).collect()
    }

    /// A fact that calls showed; none where nothing did.
    fn seen(&mut self, what: impl FnOnce() -> String, seen: &[CallId]) -> Vec<Shared> {
        if seen.is_empty() {
            return Vec::new();
        }
        vec![self.evidence.id(Cite { what: what(), seen: seen.to_vec() })]
    }

    /// A figure with what it rests on, and what it is of in words.
    fn figure(&mut self, known: &Known<Figure>, what: impl FnOnce(&Figure) -> String) -> FigureRow {
        let evidence = known.known().map(|figure| self.seen(|| what(figure), &figure.seen)).unwrap_or_default();
        FigureRow { evidence, ..figure(known) }
    }
}

/// A figure.
fn figure(known: &Known<Figure>) -> FigureRow {
    match known {
        Known::Known(figure) => FigureRow {
            amount: Some(figure.amount.value),
            low: Some(figure.low.value),
            high: Some(figure.high.value),
            currency: Some(figure.amount.currency.clone()),
            source: Some(figure.source),
            notes: figure.notes.clone(),
            ..FigureRow::default()
        },
        Known::Unknown(why) => FigureRow { unknown: Some(why.clone()), ..FigureRow::default() },
        Known::None(why) => FigureRow { none: Some(why.clone()), ..FigureRow::default() },
    }
}

/// Why there may be budgets that were not seen: else a group without one would seem to have none.
fn unread_budgets(estate: &Estate<'_>) -> Option<String> {
    let hidden = |gap: &Gap| gap.hides.contains(&Hidden::All(FactKind::Budgets));
    if estate.snapshot.gaps.iter().any(hidden) {
        Some("they could not be read".to_owned())
    } else if estate.snapshot.facts.budgets.is_empty() && !estate.index.asked("DescribeBudgets") {
        Some("they were not asked for".to_owned())
    } else {
        None
    }
}

/// The amounts of a sum.
fn sum(sum: &Sum) -> Vec<MoneyRow> {
    sum.amounts().map(|money| MoneyRow::from(&money)).collect()
}

fn version(id: &Shared, cost: &VersionCost, ids: &mut Ids<'_, '_>) -> VersionCostRow {
    let (share, share_why) = &cost.share;
    // Estimates rest on the same calls: what they show is said once, or each live version would fill the evidence four times.
    let known = cost.cost.known().is_some();
    VersionCostRow {
        live_version: id.clone(),
        share: *share,
        share_why: share_why.clone(),
        cost: ids.figure(&cost.cost, |figure| format!("`{id}` cost {} in the period", figure.amount)),
        estimate: if known {
            figure(&cost.estimate)
        } else {
            ids.figure(&cost.estimate, |figure| format!("`{id}` is estimated to have cost {}", figure.amount))
        },
        lines: cost.lines.iter().map(line).collect(),
        gap: cost.gap.as_ref().map(MoneyRow::from),
        monthly: figure(&cost.monthly),
        per_thousand: figure(&cost.per_thousand),
        predictions: used::decimal(&cost.predictions),
        candidate: cost.candidate.as_ref().map(|candidate| candidate_row(candidate, ids)),
        used: None,
    }
}

fn line(line: &EstimateLine) -> EstimateLineRow {
    let (price, price_from) = match &line.price {
        Known::Known((price, from)) => (Some(MoneyRow::from(price)), from.clone()),
        Known::Unknown(why) | Known::None(why) => (None, why.clone()),
    };
    EstimateLineRow {
        what: line.what.clone(),
        quantity: line.quantity,
        unit: line.unit.clone(),
        price,
        price_from,
        cost: line.amount.known().map(MoneyRow::from),
    }
}

fn candidate_row(candidate: &Candidate, ids: &mut Ids<'_, '_>) -> CandidateRow {
    let Candidate { package, per_thousand } = candidate;
    let per_thousand = ids
        .figure(per_thousand, |figure| format!("a thousand predictions of `{package}` would cost {}", figure.amount));
    CandidateRow { package: package.clone(), per_thousand }
}

fn roll_ups(rows: &[RollUp], ids: &Ids<'_, '_>) -> Vec<RollUpRow> {
    let row = |row: &RollUp| RollUpRow {
        of: row.of.clone(),
        live_versions: ids.of(&row.live),
        cost: sum(&row.cost),
        unknown: row.unknown,
    };
    rows.iter().map(row).collect()
}

fn owned_row(owned: &Owned, ledger: &Ledger<'_>, ids: &Ids<'_, '_>) -> OwnedRow {
    let named = |owner: &Owner| OwnerRef { name: owner.name.clone(), source: owner.source.clone() };
    let (cost, unknown) = owned.cost(&ledger.versions);
    OwnedRow {
        kind: match owned.kind {
            OwnedKind::Group => "group",
            OwnedKind::Endpoint => "endpoint",
            OwnedKind::Alarm => "alarm",
            OwnedKind::Bucket => "bucket",
        }
        .to_owned(),
        name: owned.name.clone(),
        account: owned.account.clone(),
        region: owned.region.clone(),
        owner: owned.owner.as_ref().map(named),
        cost_center: owned.cost_center.as_ref().map(named),
        live_versions: ids.of(&owned.live),
        cost: sum(&cost),
        unknown,
        unsure: owned.unsure.clone(),
    }
}

fn spend_row(spend: &Spend) -> SpendRow {
    SpendRow {
        kind: spend.kind.clone(),
        cost: (&spend.cost).into(),
        before: spend.before.as_ref().map(MoneyRow::from),
        untagged: (&spend.untagged).into(),
    }
}

fn outlook(outlook: &Outlook) -> OutlookRow {
    OutlookRow {
        cost: (&outlook.amount).into(),
        low: outlook.low.as_ref().map(MoneyRow::from),
        high: outlook.high.as_ref().map(MoneyRow::from),
        by: outlook.by.clone(),
    }
}

fn budget(view: &BudgetView<'_>, ids: &mut Ids<'_, '_>) -> BudgetRow {
    let budget = &view.budget.data;
    let amount = |amount: &Option<crate::evidence::Amount>| amount.as_ref().map(|it| MoneyRow::from(&Money::from(it)));
    BudgetRow {
        name: budget.name.clone(),
        account: view.budget.account.clone(),
        unit: budget.unit.clone(),
        limit: amount(&budget.limit),
        actual: amount(&budget.actual),
        forecast: amount(&budget.forecast),
        health: budget.health.clone(),
        expires: budget.end,
        covers: ids.of(&view.covers),
        may_cover: ids.of(&view.may_cover),
        heard_by: view.heard_by.clone(),
        faults: view.faults.clone(),
        unsure: view.unsure.clone(),
        spent: view.spent,
        exceeded: view.exceeded,
        evidence: ids
            .seen(|| format!("budget `{}` of account {}", budget.name, view.budget.account), &view.budget.seen),
    }
}

fn waste_row(waste: &Waste, ids: &mut Ids<'_, '_>) -> WasteRow {
    let saves = match &waste.saves {
        Known::Known(money) => FigureRow {
            amount: Some(money.value),
            low: Some(money.value),
            high: Some(money.value),
            currency: Some(money.currency.clone()),
            ..FigureRow::default()
        },
        Known::Unknown(why) => FigureRow { unknown: Some(why.clone()), ..FigureRow::default() },
        Known::None(why) => FigureRow { none: Some(why.clone()), ..FigureRow::default() },
    };
    WasteRow {
        kind: waste.kind,
        what: waste.what.clone(),
        account: waste.account.clone(),
        region: waste.region.clone(),
        live_versions: ids.of(&waste.live),
        why: waste.why.clone(),
        saves,
        aws_says: waste.aws_says.as_ref().map(MoneyRow::from),
        command: waste.command.clone(),
        evidence: ids.seen(|| format!("`{}`: {}", waste.what, waste.why), &waste.seen),
    }
}

/// Whether an estate has anything to say about money: one in which nothing serves and nothing was read has not.
pub(super) fn any(ledger: &Ledger<'_>, live: usize) -> bool {
    live > 0 || ledger.spend.is_some() || !ledger.budgets.is_empty() || !ledger.waste.is_empty()
}
