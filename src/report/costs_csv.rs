//! `costs.csv`: one row a live version with what it costs, for spreadsheets. Text is kept from being a formula as in
//! `findings.csv`; amounts are plain numbers, so a negative one begins with its sign. What is not known is empty.

use std::collections::HashMap;
use std::io::{self, Write};

use rust_decimal::Decimal;

use super::csv::cell;
use super::document::{FigureRow, LiveVersionRow, Report, VersionCostRow};
use super::html::money::source;
use super::words;

const HEADER: [&str; 27] = [
    "live_version",
    "account",
    "region",
    "endpoint",
    "group",
    "version",
    "verdict",
    "owner",
    "owner_source",
    "cost_center",
    "from",
    "until",
    "currency",
    "cost",
    "low",
    "high",
    "source",
    "estimate",
    "bill_less_estimate",
    "monthly",
    "per_thousand",
    "predictions",
    "share",
    "group_month_end",
    "group_declared_budget",
    "why_unknown",
    "notes",
];

pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let by_id: HashMap<&str, &VersionCostRow> = report
        .costs
        .iter()
        .flat_map(|costs| &costs.live_versions)
        .map(|row| (row.live_version.as_str(), row))
        .collect();
    let mut csv = ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(out);
    csv.write_record(HEADER)?;
    for live in &report.live_versions {
        for field in row(report, live, by_id.get(live.id.as_str()).copied()) {
            csv.write_field(field)?;
        }
        csv.write_record(None::<&[u8]>)?;
    }
    csv.flush()
}

fn row(report: &Report, live: &LiveVersionRow, row: Option<&VersionCostRow>) -> [String; HEADER.len()] {
    let text = |text: &str| cell(text).into_owned();
    let maybe = |text: Option<&str>| text.map(|text| cell(text).into_owned()).unwrap_or_default();
    let number = |value: Option<Decimal>| value.map(|value| value.to_string()).unwrap_or_default();
    let figure = |of: fn(&VersionCostRow) -> &FigureRow| number(row.map(of).and_then(|figure| figure.amount));
    let cost = row.map(|row| &row.cost);
    let costs = report.costs.as_ref();
    let period = costs.and_then(|costs| costs.period);
    let group = costs.and_then(|costs| costs.groups.iter().find(|group| group.group == live.group));
    [
        text(&live.id),
        text(&live.account),
        text(&live.region),
        text(&live.endpoint),
        maybe(live.group.as_deref()),
        live.version.map(|version| version.to_string()).unwrap_or_default(),
        words::verdict_key(live.readiness.verdict).to_owned(),
        maybe(live.owner.as_ref().map(|owner| owner.name.as_str())),
        maybe(live.owner.as_ref().map(|owner| owner.source.as_str())),
        maybe(live.cost_center.as_deref()),
        period.map(|period| period.from.to_string()).unwrap_or_default(),
        period.map(|period| period.until.to_string()).unwrap_or_default(),
        maybe(cost.and_then(|cost| cost.currency.as_deref())),
        number(cost.and_then(|cost| cost.amount)),
        number(cost.and_then(|cost| cost.low)),
        number(cost.and_then(|cost| cost.high)),
        text(cost.map_or("", source)),
        figure(|row| &row.estimate),
        number(row.and_then(|row| row.gap.as_ref()).map(|gap| gap.amount)),
        figure(|row| &row.monthly),
        figure(|row| &row.per_thousand),
        row.and_then(|row| row.predictions.value).map(|value| value.to_string()).unwrap_or_default(),
        number(row.map(|row| row.share)),
        number(group.and_then(|group| group.month_end.as_ref()).map(|it| it.cost.amount.round_dp(2))),
        number(group.and_then(|group| group.declared.as_ref()).map(|it| it.amount)),
        match cost {
            Some(cost) => maybe(cost.why()),
            None => "this report did not look at money".to_owned(),
        },
        cost.map(|cost| text(&cost.notes.join("; "))).unwrap_or_default(),
    ]
}
