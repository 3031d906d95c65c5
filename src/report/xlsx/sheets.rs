//! What stands in which sheet. Every amount has its currency in a column of its own.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::{Cell, Sheet};
use crate::report::document::{
    CostsSection, FigureRow, GroupCostRow, LiveVersionRow, MoneyRow, OwnedRow, QuantityRow, Report, RollUpRow,
    VersionCostRow,
};
use crate::report::html::money::{source, waste_words};
use crate::report::words;

/// Every sheet, in the order of the workbook.
pub(super) fn all(report: &Report) -> Vec<Sheet> {
    let costs = report.costs.as_ref();
    vec![
        summary(report, costs),
        live_versions(report, costs),
        groups(costs),
        owners(report, costs),
        budgets(costs),
        waste(costs),
        spend(costs),
        owned(costs),
    ]
}

fn money(row: Option<&MoneyRow>) -> Cell {
    row.map_or(Cell::Empty, |row| Cell::Money(row.amount))
}

fn currency(row: Option<&MoneyRow>) -> Cell {
    Cell::maybe(row.map(|row| row.currency.as_str()))
}

fn amount(value: Option<Decimal>) -> Cell {
    value.map_or(Cell::Empty, Cell::Money)
}

fn quantity(row: &QuantityRow) -> Cell {
    row.value.map_or(Cell::Empty, Cell::Number)
}

fn joined<T: AsRef<str>>(texts: &[T]) -> Cell {
    Cell::text(texts.iter().map(AsRef::as_ref).collect::<Vec<&str>>().join("; "))
}

fn summary(report: &Report, costs: Option<&CostsSection>) -> Sheet {
    let mut rows = Vec::new();
    let mut row = |what: &str, value: Cell, currency: Cell, remark: &str| {
        rows.push(vec![Cell::text(what), value, currency, Cell::text(remark)]);
    };
    row("as of", Cell::instant(Some(report.as_of)), Cell::Empty, &report.tool);
    row("live versions", Cell::count(report.live_versions.len()), Cell::Empty, &report.summary.headline);
    let Some(costs) = costs else {
        let why = "not known: nothing serves, or this report did not look at money";
        row("cost", Cell::Empty, Cell::Empty, why);
        return Sheet { name: "summary", columns: SUMMARY.to_vec(), rows };
    };
    if let Some(period) = costs.period {
        row("first day", Cell::Day(period.from), Cell::Empty, "");
        let last = period.until.yesterday().unwrap_or(period.until);
        row(
            "last day",
            Cell::Day(last),
            Cell::Empty,
            "the latest 48 hours are left out, since bills still change then",
        );
        row("days", Cell::Number(f64::from(period.days)), Cell::Empty, "");
    }
    for total in &costs.total {
        let remark = "the sum of those whose cost is known";
        row("cost of live versions", money(Some(total)), currency(Some(total)), remark);
    }
    row("live versions whose cost is not known", Cell::count(costs.unknown), Cell::Empty, "");
    if let Some(outlook) = &costs.outlook {
        let remark = format!("of all that is billed, by {}", outlook.by);
        row("expected for the month", money(Some(&outlook.cost)), currency(Some(&outlook.cost)), &remark);
    }
    for text in &costs.not_known {
        row("not known", Cell::Empty, Cell::Empty, text);
    }
    Sheet { name: "summary", columns: SUMMARY.to_vec(), rows }
}

const SUMMARY: [(&str, u8); 4] = [("what", 36), ("value", 16), ("currency", 10), ("remark", 90)];

#[rustfmt::skip]
const LIVE_VERSIONS: [(&str, u8); 24] = [
    ("live version", 44), ("account", 15), ("region", 14), ("group", 24), ("version", 9), ("verdict", 18), ("owner", 22),
    ("owner known from", 24), ("cost centre", 18), ("currency", 10), ("cost", 13), ("at least", 13), ("at most", 13),
    ("how it is known", 22), ("estimate", 13), ("bill less estimate", 13), ("a month as it runs", 13),
    ("a thousand predictions", 13), ("predictions", 15), ("share of its endpoint", 10), ("live from", 12), ("approved", 12),
    ("why not known", 50), ("notes", 50),
];

/// All live versions; what is not known of their costs is empty.
fn live_versions(report: &Report, costs: Option<&CostsSection>) -> Sheet {
    let by_id: std::collections::HashMap<&str, &VersionCostRow> =
        costs.iter().flat_map(|costs| &costs.live_versions).map(|row| (row.live_version.as_str(), row)).collect();
    let row = |live: &LiveVersionRow| version(live, by_id.get(live.id.as_str()).copied());
    Sheet {
        name: "live versions",
        columns: LIVE_VERSIONS.to_vec(),
        rows: report.live_versions.iter().map(row).collect(),
    }
}

fn version(live: &LiveVersionRow, row: Option<&VersionCostRow>) -> Vec<Cell> {
    let figure = |of: fn(&VersionCostRow) -> &FigureRow| row.map(of);
    let cost = figure(|row| &row.cost);
    vec![
        Cell::text(&*live.id),
        Cell::text(&live.account),
        Cell::text(&live.region),
        Cell::maybe(live.group.as_deref()),
        live.version.map_or(Cell::Empty, |version| Cell::Number(f64::from(version))),
        Cell::text(words::verdict(live.readiness.verdict)),
        Cell::maybe(live.owner.as_ref().map(|owner| owner.name.as_str())),
        Cell::maybe(live.owner.as_ref().map(|owner| owner.source.as_str())),
        Cell::maybe(live.cost_center.as_deref()),
        Cell::maybe(cost.and_then(|cost| cost.currency.as_deref())),
        amount(cost.and_then(|cost| cost.amount)),
        amount(cost.and_then(|cost| cost.low)),
        amount(cost.and_then(|cost| cost.high)),
        Cell::text(cost.map_or("", source)),
        amount(figure(|row| &row.estimate).and_then(|it| it.amount)),
        amount(row.and_then(|row| row.gap.as_ref()).map(|gap| gap.amount)),
        amount(figure(|row| &row.monthly).and_then(|it| it.amount)),
        figure(|row| &row.per_thousand).and_then(|it| it.amount).map_or(Cell::Empty, Cell::Fine),
        row.map_or(Cell::Empty, |row| quantity(&row.predictions)),
        row.and_then(|row| row.share.to_f64()).map_or(Cell::Empty, Cell::Share),
        Cell::instant(live.live_from.as_ref().map(|from| from.at)),
        Cell::instant(live.approval.as_ref().and_then(|approval| approval.at)),
        Cell::maybe(match cost {
            Some(cost) => cost.why(),
            None => Some("this report did not look at money"),
        }),
        cost.map_or(Cell::Empty, |cost| joined(&cost.notes)),
    ]
}

fn groups(costs: Option<&CostsSection>) -> Sheet {
    let row = |row: &GroupCostRow| {
        let cost = row.cost.first();
        let expected = row.month_end.as_ref();
        vec![
            Cell::text(row.group.as_deref().unwrap_or("in no model group")),
            Cell::count(row.live_versions.len()),
            currency(cost),
            money(cost),
            Cell::count(row.unknown),
            Cell::count(row.estimated),
            money(expected.map(|it| &it.cost)),
            money(expected.and_then(|it| it.low.as_ref())),
            money(expected.and_then(|it| it.high.as_ref())),
            money(row.declared.as_ref()),
            currency(row.declared.as_ref()),
            row.review_period_days.and_then(|days| days.to_f64()).map_or(Cell::Empty, Cell::Number),
            more(&row.cost),
        ]
    };
    Sheet {
        name: "groups",
        columns: vec![
            ("group", 28),
            ("live versions", 10),
            ("currency", 10),
            ("cost", 13),
            ("of which not known", 10),
            ("of which estimated", 10),
            ("expected for the month", 13),
            ("at least", 13),
            ("at most", 13),
            ("declared budget", 13),
            ("its currency", 10),
            ("days between reviews", 10),
            ("in other currencies", 24),
        ],
        rows: costs.iter().flat_map(|costs| &costs.groups).map(row).collect(),
    }
}

/// Amounts in currencies beyond the first, which have no columns of their own.
fn more(rows: &[MoneyRow]) -> Cell {
    let more: Vec<String> = rows.iter().skip(1).map(|row| row.money().to_string()).collect();
    joined(&more)
}

fn owners(report: &Report, costs: Option<&CostsSection>) -> Sheet {
    let unread: BTreeSet<&str> =
        report.live_versions.iter().filter(|live| live.tags.is_none()).map(|live| live.id.as_str()).collect();
    let whose =
        |row: &RollUpRow| match (&row.of, row.live_versions.iter().filter(|id| unread.contains(id.as_str())).count()) {
            (Some(name), _) => name.clone(),
            (None, 0) => "nobody".to_owned(),
            (None, all) if all == row.live_versions.len() => "not known".to_owned(),
            (None, some) => format!("nobody, or not known of {some}"),
        };
    let mut rows = Vec::new();
    let mut add = |by: &str, all: &[RollUpRow]| {
        rows.extend(all.iter().map(|row| {
            vec![
                Cell::text(by),
                Cell::text(whose(row)),
                Cell::count(row.live_versions.len()),
                currency(row.cost.first()),
                money(row.cost.first()),
                Cell::count(row.unknown),
                more(&row.cost),
                joined(&row.live_versions),
            ]
        }));
    };
    if let Some(costs) = costs {
        add("owner", &costs.by_owner);
        add("cost centre", &costs.by_cost_center);
        add("account", &costs.by_account);
    }
    Sheet {
        name: "owners",
        columns: vec![
            ("by", 14),
            ("whose", 28),
            ("live versions", 10),
            ("currency", 10),
            ("cost", 13),
            ("of which not known", 10),
            ("in other currencies", 24),
            ("which", 80),
        ],
        rows,
    }
}

fn budgets(costs: Option<&CostsSection>) -> Sheet {
    let row = |row: &crate::report::document::BudgetRow| {
        vec![
            Cell::text(&row.name),
            Cell::text(&row.account),
            Cell::text(row.unit.to_lowercase()),
            currency(row.limit.as_ref()),
            money(row.limit.as_ref()),
            money(row.actual.as_ref()),
            money(row.forecast.as_ref()),
            row.spent.and_then(|spent| spent.to_f64()).map_or(Cell::Empty, Cell::Share),
            Cell::instant(row.expires),
            match &row.heard_by {
                Some(who) if who.is_empty() => Cell::text("nobody"),
                Some(who) => joined(who),
                None => Cell::text("not known"),
            },
            Cell::count(row.covers.len()),
            Cell::count(row.may_cover.len()),
            joined(&row.faults),
            joined(&row.unsure),
        ]
    };
    Sheet {
        name: "budgets",
        columns: vec![
            ("budget", 30),
            ("account", 15),
            ("for", 10),
            ("currency", 10),
            ("limit", 13),
            ("spent", 13),
            ("AWS expects", 13),
            ("share spent", 10),
            ("ends", 12),
            ("who hears of it", 36),
            ("covers live versions", 10),
            ("perhaps covers", 10),
            ("what is wrong", 50),
            ("what is not known", 50),
        ],
        rows: costs.iter().flat_map(|costs| &costs.budgets).map(row).collect(),
    }
}

fn waste(costs: Option<&CostsSection>) -> Sheet {
    let row = |row: &crate::report::document::WasteRow| {
        vec![
            Cell::text(&row.what),
            Cell::text(waste_words(row)),
            Cell::text(&row.account),
            Cell::text(&row.region),
            Cell::maybe(row.saves.currency.as_deref()),
            amount(row.saves.amount),
            money(row.aws_says.as_ref()),
            Cell::text(&row.why),
            Cell::maybe(row.saves.why()),
            Cell::text(&row.command),
            joined(&row.live_versions),
        ]
    };
    Sheet {
        name: "waste",
        columns: vec![
            ("what", 30),
            ("kind", 24),
            ("account", 15),
            ("region", 14),
            ("currency", 10),
            ("a month would save", 13),
            ("AWS says", 13),
            ("why", 60),
            ("why the saving is not known", 40),
            ("command", 80),
            ("live versions", 60),
        ],
        rows: costs.iter().flat_map(|costs| &costs.waste).map(row).collect(),
    }
}

fn spend(costs: Option<&CostsSection>) -> Sheet {
    let mut rows = Vec::new();
    let days = costs.iter().flat_map(|costs| &costs.days);
    for row in costs.iter().flat_map(|costs| costs.spend.iter().flatten()) {
        let (cost, before) = (Some(&row.cost), row.before.as_ref());
        rows.push(vec![
            Cell::text("kind of work"),
            Cell::text(&row.kind),
            Cell::Empty,
            currency(cost),
            money(cost),
            money(before),
            money(Some(&row.untagged)),
        ]);
    }
    for row in days {
        let cost = Some(&row.cost);
        let day = Cell::Day(row.day);
        rows.push(vec![Cell::text("day"), Cell::Empty, day, currency(cost), money(cost), Cell::Empty, Cell::Empty]);
    }
    Sheet {
        name: "spend",
        columns: vec![
            ("by", 14),
            ("kind of work", 20),
            ("day", 12),
            ("currency", 10),
            ("billed", 13),
            ("same days of the month before", 13),
            ("without a cost-centre tag", 13),
        ],
        rows,
    }
}

/// Groups, endpoints, alarms and buckets with their owners.
fn owned(costs: Option<&CostsSection>) -> Sheet {
    let row = |row: &OwnedRow| {
        let (owner, center) = (row.owner.as_ref(), row.cost_center.as_ref());
        vec![
            Cell::text(&row.kind),
            Cell::text(&row.name),
            Cell::text(&row.account),
            Cell::text(&row.region),
            Cell::maybe(owner.map(|owner| owner.name.as_str())),
            Cell::maybe(owner.map(|owner| owner.source.as_str())),
            Cell::maybe(center.map(|center| center.name.as_str())),
            currency(row.cost.first()),
            money(row.cost.first()),
            Cell::count(row.unknown),
            more(&row.cost),
            match (owner, &row.unsure) {
                (Some(_), _) => Cell::Empty,
                (None, Some(why)) => Cell::text(why),
                (None, None) => Cell::text("nobody owns it"),
            },
        ]
    };
    Sheet {
        name: "owned",
        columns: vec![
            ("kind", 12),
            ("name", 44),
            ("account", 15),
            ("region", 14),
            ("owner", 24),
            ("owner known from", 24),
            ("cost centre", 18),
            ("currency", 10),
            ("cost of its live versions", 13),
            ("of which not known", 10),
            ("in other currencies", 24),
            ("why there is no owner", 50),
        ],
        rows: costs.iter().flat_map(|costs| &costs.owned).map(row).collect(),
    }
}
