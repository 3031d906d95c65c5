//! What the bank's live versions cost: figures of every source and some that are not known, a budget that is heard, one
//! that is not, and waste of every kind.

use jiff::civil::{Date, date};
use rust_decimal::Decimal;

use super::*;
use crate::cost::{CostSource, Sum, WasteKind};
use crate::report::compose::costs::groups::{self, About};

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a decimal in the test")
}

fn usd(text: &str) -> MoneyRow {
    MoneyRow { amount: decimal(text), currency: "USD".to_owned() }
}

fn figure(amount: &str, low: &str, high: &str, source: CostSource, notes: &[&str]) -> FigureRow {
    FigureRow {
        amount: Some(decimal(amount)),
        low: Some(decimal(low)),
        high: Some(decimal(high)),
        currency: Some("USD".to_owned()),
        source: Some(source),
        notes: notes.iter().map(|note| (*note).to_owned()).collect(),
        ..FigureRow::default()
    }
}

fn unknown(why: &str) -> FigureRow {
    FigureRow { unknown: Some(why.to_owned()), ..FigureRow::default() }
}

fn count(value: f64) -> QuantityRow {
    QuantityRow { value: Some(value), ..QuantityRow::default() }
}

/// Part of the id, cost, least, most, source, estimate, a month, a thousand predictions, predictions.
type Line =
    (&'static str, &'static str, &'static str, &'static str, CostSource, &'static str, &'static str, &'static str, f64);

#[rustfmt::skip]
const LINES: [Line; 10] = [
    ("Fraud-Screening", "1284.36", "1284.36", "1284.36", CostSource::BilledByResource, "1240.12", "2218.10", "0.0311", 41_298_000.0),
    ("card-authorisation/Champion", "812.44", "770.00", "850.00", CostSource::BilledByTag, "798.40", "1428.05", "0.0208", 39_060_000.0),
    ("card-authorisation/Challenger", "203.11", "165.00", "245.00", CostSource::BilledByTag, "199.60", "357.01", "0.0208", 9_765_000.0),
    ("credit-line", "156.40", "148.00", "171.00", CostSource::Estimate, "156.40", "279.74", "1.3033", 120_004.0),
    ("kyc-documents", "388.20", "340.00", "455.00", CostSource::Estimate, "388.20", "694.37", "8.0875", 48_000.0),
    ("mortgage-pricing", "93.84", "93.84", "93.84", CostSource::Estimate, "93.84", "167.90", "", 0.0),
    ("chat-triage", "1932.10", "1932.10", "1932.10", CostSource::BilledByResource, "1811.52", "3240.11", "4.2936", 450_000.0),
    ("merchant-models", "421.77", "398.50", "433.10", CostSource::BilledByTag, "415.60", "743.38", "0.1406", 3_000_000.0),
    ("churn-monthly", "18.90", "18.90", "18.90", CostSource::Estimate, "18.90", "33.81", "0.0105", 1_800_000.0),
    ("liquidity", "2.31", "1.90", "3.05", CostSource::Estimate, "2.31", "4.13", "0.2310", 10_000.0),
];

fn version(live: &LiveVersionRow) -> VersionCostRow {
    let used = UseRow {
        requests: count(0.0),
        days: 14.0,
        duty_cycle: count(0.82),
        processors: count(0.41),
        accelerators: QuantityRow { none: Some("it has none".to_owned()), ..QuantityRow::default() },
        memory: count(0.37),
        scaling: Some(ScalingRow { least: 1, most: 4, active: true }),
        no_scaling: None,
        stands_by: None,
    };
    let no_price = "no price of `ml.inf2.8xlarge` in eu-central-1 is known";
    let mut row = VersionCostRow {
        live_version: live.id.clone(),
        share: decimal("1"),
        share_why: "nothing else runs on its endpoint".to_owned(),
        cost: unknown(no_price),
        estimate: unknown(no_price),
        lines: Vec::new(),
        gap: None,
        monthly: unknown(no_price),
        per_thousand: unknown(no_price),
        predictions: QuantityRow {
            unknown: Some("its metrics could not be read".to_owned()),
            ..QuantityRow::default()
        },
        candidate: None,
        used: Some(used),
    };
    let Some(line) = LINES.iter().find(|line| live.id.contains(line.0)) else { return row };
    let (_, cost, low, high, source, estimate, monthly, thousand, predictions) = *line;
    row.cost = figure(cost, low, high, source, &["net amortised: after discounts, with upfront payments spread"]);
    row.estimate =
        figure(estimate, estimate, estimate, CostSource::Estimate, &["list price, before commitments and discounts"]);
    row.lines = vec![EstimateLineRow {
        what: "ml.m5.xlarge hosting".to_owned(),
        quantity: decimal("408"),
        unit: "instance-hours".to_owned(),
        price: Some(usd("0.276")),
        price_from: "table of 2026-11-01".to_owned(),
        cost: Some(usd(estimate)),
    }];
    if source != CostSource::Estimate {
        let gap = decimal(cost) - decimal(estimate);
        row.gap = Some(MoneyRow { amount: gap, currency: "USD".to_owned() });
    }
    row.monthly = figure(monthly, monthly, monthly, CostSource::Estimate, &[]);
    row.predictions = count(predictions);
    row.per_thousand = if thousand.is_empty() {
        FigureRow { none: Some("nobody asked it anything".to_owned()), ..FigureRow::default() }
    } else {
        figure(thousand, thousand, thousand, source, &[])
    };
    if live.endpoint == "Fraud-Screening" {
        row.candidate = Some(CandidateRow {
            package: format!("arn:aws:sagemaker:{REGION}:{ACCOUNT}:model-package/fraud-screening/42"),
            per_thousand: figure(
                "0.0402",
                "0.0350",
                "0.0460",
                CostSource::Estimate,
                &["on ml.m5.2xlarge, as in its Inference Recommender job"],
            ),
        });
    }
    row
}

fn roll_up(
    live: &[LiveVersionRow],
    costs: &CostsSection,
    of: impl Fn(&LiveVersionRow) -> Option<String>,
) -> Vec<RollUpRow> {
    let mut by: BTreeMap<Option<String>, Vec<(&LiveVersionRow, &VersionCostRow)>> = BTreeMap::new();
    for (live, cost) in live.iter().zip(&costs.live_versions) {
        by.entry(of(live)).or_default().push((live, cost));
    }
    let row = |(of, rows): (Option<String>, Vec<(&LiveVersionRow, &VersionCostRow)>)| RollUpRow {
        of,
        live_versions: rows.iter().map(|(live, _)| live.id.clone()).collect(),
        cost: sum(rows.iter().map(|(_, cost)| *cost)),
        unknown: rows.iter().filter(|(_, cost)| cost.cost.amount.is_none()).count(),
    };
    let mut rows: Vec<RollUpRow> = by.into_iter().map(row).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.cost.first().map(|cost| cost.amount)));
    rows
}

fn sum<'a>(rows: impl Iterator<Item = &'a VersionCostRow>) -> Vec<MoneyRow> {
    let mut sum = Sum::default();
    rows.filter_map(|row| row.cost.money()).for_each(|money| sum.add(&money));
    sum.amounts().map(|money| MoneyRow::from(&money)).collect()
}

fn budget(name: &str, limit: &str, actual: &str, forecast: &str, covers: Vec<Shared>, heard: &[&str]) -> BudgetRow {
    BudgetRow {
        name: name.to_owned(),
        account: ACCOUNT.to_owned(),
        unit: "MONTHLY".to_owned(),
        limit: Some(usd(limit)),
        actual: Some(usd(actual)),
        forecast: Some(usd(forecast)),
        health: Some("HEALTHY".to_owned()),
        expires: Some(at("2026-12-01T00:00")),
        covers,
        may_cover: Vec::new(),
        heard_by: Some(heard.iter().map(|who| (*who).to_owned()).collect()),
        faults: Vec::new(),
        unsure: Vec::new(),
        spent: Some(decimal(actual) / decimal(limit)),
        exceeded: Some(decimal(actual) > decimal(limit) || decimal(forecast) > decimal(limit)),
        evidence: Vec::new(),
    }
}

fn waste(kind: WasteKind, what: &str, live: Vec<Shared>, why: &str, saves: &str, command: &str) -> WasteRow {
    WasteRow {
        kind,
        what: what.to_owned(),
        account: ACCOUNT.to_owned(),
        region: REGION.to_owned(),
        live_versions: live,
        why: why.to_owned(),
        saves: match saves {
            "" => unknown("no price of a smaller instance is known"),
            saves => FigureRow { source: None, ..figure(saves, saves, saves, CostSource::Estimate, &[]) },
        },
        aws_says: (kind == WasteKind::Idle).then(|| usd("160.00")),
        command: command.to_owned(),
        evidence: Vec::new(),
    }
}

/// Adds all of it.
pub(super) fn costs(report: &mut Report) {
    let live = &report.live_versions;
    let id =
        |part: &str| live.iter().filter(|live| live.id.contains(part)).map(|live| live.id.clone()).collect::<Vec<_>>();
    let (from, until) = (date(2026, 11, 1), date(2026, 11, 18));
    let mut costs = CostsSection {
        period: Some(PeriodRow { from, until, days: 17 }),
        total: Vec::new(),
        unknown: 2,
        no_bill: None,
        not_known: vec![
            "the cost of 2 of 12 live versions: no price of `ml.inf2.8xlarge` in eu-central-1 is known".to_owned(),
            "AWS's own recommendations to save of account 111122223333: `cost-optimization-hub:ListRecommendations` failed, since denied by the reader's own policy; allow `cost-optimization-hub:ListRecommendations` to the reader, `CountersignReader/nightly`".to_owned(),
        ],
        live_versions: live.iter().map(version).collect(),
        groups: Vec::new(),
        by_owner: Vec::new(),
        by_cost_center: Vec::new(),
        by_account: Vec::new(),
        owned: owned(&id),
        spend: Some(spend()),
        days: days(from),
        outlook: Some(OutlookRow { cost: usd("9880.00"), low: Some(usd("9320.00")), high: Some(usd("10610.00")), by: "AWS".to_owned() }),
        no_budgets: None,
        budgets: vec![
            BudgetRow {
                faults: vec!["AWS expects more than its limit by the end of the month".to_owned(), "nobody is told: no notification has a subscriber".to_owned()],
                ..budget("chat-triage", "2800.00", "1940.00", "3424.00", id("chat-triage"), &[])
            },
            budget("fraud-models", "2500.00", "1290.00", "2276.00", id("Fraud-Screening"), &["email f…@bank.example", "topic `finops`"]),
            budget("ml-platform", "10500.00", "5601.00", "9880.00", live.iter().map(|live| live.id.clone()).collect(), &["email p…@bank.example"]),
        ],
        waste: vec![
            waste(WasteKind::OverProvisioned, "chat-triage", id("chat-triage"), "the 95th percentile of its accelerators' use is 9 % and of its processors' 12 % over 14 days", "1166.40", "aws sagemaker create-endpoint-config --endpoint-config-name chat-triage-smaller --production-variants file://variants.json"),
            waste(WasteKind::Idle, "mortgage-pricing", id("mortgage"), "nobody asked it anything in 14 days", "167.90", "aws sagemaker delete-endpoint --endpoint-name mortgage-pricing --region eu-central-1"),
            waste(WasteKind::Notebook, "notebook `explore-2024`", Vec::new(), "it has run for 211 days without a stop", "201.48", "aws sagemaker stop-notebook-instance --notebook-instance-name explore-2024 --region eu-central-1"),
            waste(WasteKind::BoundedScaling, "merchant-models", id("merchant"), "it cannot shrink: least and most are 2 instances, and 61 % of the hours have no request", "", "aws application-autoscaling register-scalable-target --service-namespace sagemaker --resource-id endpoint/merchant-models/variant/AllTraffic --scalable-dimension sagemaker:variant:DesiredInstanceCount --min-capacity 1 --max-capacity 2"),
        ],
        growth: vec![growth(id("churn"))],
        capacity: vec![CapacityRow {
            name: "letters-pt".to_owned(),
            arn: format!("arn:aws:bedrock:{REGION}:{ACCOUNT}:provisioned-model/abcd1234efgh"),
            account: ACCOUNT.to_owned(),
            region: REGION.to_owned(),
            requests: count(18_204.0),
            age_days: Some(122),
            expires: Some(at("2027-01-21T00:00")),
            evidence: Vec::new(),
        }],
        tokens: vec![TokenRow {
            of: "complaints-summaries".to_owned(),
            account: ACCOUNT.to_owned(),
            region: REGION.to_owned(),
            tokens_in: count(81_200_000.0),
            tokens_out: count(6_400_000.0),
            cost: figure("339.60", "339.60", "339.60", CostSource::Estimate, &[]),
        }],
    };
    costs.total = sum(costs.live_versions.iter());
    costs.by_owner = roll_up(live, &costs, |live| live.owner.as_ref().map(|owner| owner.name.clone()));
    costs.by_cost_center = roll_up(live, &costs, |live| live.cost_center.clone());
    costs.by_account = roll_up(live, &costs, |live| Some(live.account.clone()));
    let declared = |limit, days| About { limit: Some(usd(limit)), review_days: Some(days), deployed: None };
    costs.groups =
        groups::of(live, &costs, report.as_of, |at| match live.get(at).and_then(|live| live.group.as_deref()) {
            Some("fraud-screening") => declared("2500", 180),
            Some("kyc-documents") => declared("500", 90),
            Some("card-authorisation") => declared("2000", 365),
            _ => About::default(),
        });
    report.costs = Some(costs);
}

fn growth(live_versions: Vec<Shared>) -> GrowthRow {
    let week = |(day, value)| GrowthWeekRow { day, value };
    let weeks = [
        (date(2026, 10, 12), Some(410_000.0)),
        (date(2026, 10, 19), Some(402_000.0)),
        (date(2026, 10, 26), None),
        (date(2026, 11, 2), Some(420_000.0)),
        (date(2026, 11, 9), Some(1_310_000.0)),
    ];
    GrowthRow {
        live_versions,
        what: "records of the batch".to_owned(),
        unit: "records".to_owned(),
        weeks: weeks.into_iter().map(week).collect(),
        median: Some(410_000.0),
        growth: Some(2.195),
        ceiling: Some(1_000_000.0),
        unknown: None,
    }
}

fn spend() -> Vec<SpendRow> {
    [
        ("hosting", "5210.43", Some("4480.10"), "93.84"),
        ("training", "288.10", Some("512.77"), "0.00"),
        ("notebooks", "113.90", Some("114.02"), "113.90"),
        ("bedrock", "339.60", None, "0.00"),
    ]
    .map(|(kind, cost, before, untagged)| SpendRow {
        kind: kind.to_owned(),
        cost: usd(cost),
        before: before.map(usd),
        untagged: usd(untagged),
    })
    .into()
}

/// Each day of the period: quieter at the weekend.
fn days(from: Date) -> Vec<DayCostRow> {
    let cost = |n: i64| {
        usd(["214.10", "338.75", "352.20", "361.94", "349.03", "344.80", "229.61"]
            [usize::try_from(n % 7).expect("small")])
    };
    (0..17_i64).map(|n| DayCostRow { day: from.saturating_add(jiff::Span::new().days(n)), cost: cost(n) }).collect()
}

fn owned(id: &impl Fn(&str) -> Vec<Shared>) -> Vec<OwnedRow> {
    let row =
        |kind: &str, name: &str, owner: Option<&str>, live: &str, cost: Option<&str>, unsure: Option<&str>| OwnedRow {
            kind: kind.to_owned(),
            name: name.to_owned(),
            account: ACCOUNT.to_owned(),
            region: REGION.to_owned(),
            owner: owner.map(|name| OwnerRef { name: name.to_owned(), source: format!("tag `owner` of the {kind}") }),
            cost_center: None,
            live_versions: id(live),
            cost: cost.map(usd).into_iter().collect(),
            unknown: 0,
            unsure: unsure.map(str::to_owned),
        };
    vec![
        row("endpoint", "Fraud-Screening", Some("fraud-analytics"), "Fraud", Some("1284.36"), None),
        row("endpoint", "mortgage-pricing", None, "mortgage", Some("93.84"), None),
        row("alarm", "Fraud-Screening-errors", Some("fraud-analytics"), "Fraud", None, None),
        row("alarm", "credit-line-latency", None, "credit", None, None),
        row("bucket", "bank-models", None, "kyc", None, Some("its tags could not be read")),
    ]
}
