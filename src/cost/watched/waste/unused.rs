//! What is paid for by the hour beside endpoints: model units of Bedrock, and notebooks.

use rust_decimal::Decimal;

use super::Sight;
use crate::cost::prices::MONTH_HOURS;
use crate::cost::watched::points;
use crate::cost::{CapacityUse, Known, Money, Waste, WasteKind};
use crate::estate::remedy;
use crate::evidence::{Fact, Notebook};

/// Days after which capacity should have found its use, and a notebook its end.
const YOUNG_CAPACITY_DAYS: i64 = 7;
const YOUNG_NOTEBOOK_DAYS: i64 = 1;
/// How the price list names the hours of notebooks and of model units.
const NOTEBOOKS: &[&str] = &["Notebook", "Notebk", "Studio-Notebook"];
const MODEL_UNITS: &[&str] = &["Provisioned Throughput", "ProvisionedThroughput", "Model Units"];

/// Model units that nobody uses.
pub(super) fn capacity(sight: &Sight<'_, '_>) -> Vec<Waste> {
    sight.ledger.capacity.iter().filter_map(|unit| idle_capacity(sight, unit)).collect()
}

fn idle_capacity(sight: &Sight<'_, '_>, unit: &CapacityUse) -> Option<Waste> {
    let facts = &sight.estate.snapshot.facts.provisioned_throughputs;
    let fact = facts.iter().find(|fact| fact.data.arn == unit.arn)?;
    let young = unit.age_days.is_some_and(|days| days < YOUNG_CAPACITY_DAYS);
    if unit.requests != Known::Known(0.0) || young || fact.data.status != "InService" {
        return None;
    }
    let bound = unit.expires.filter(|until| *until > sight.estate.as_of);
    let price = sight.prices.find(MODEL_UNITS, &unit.region, &fact.data.model);
    let (saves, until) = match (price, bound) {
        // A commitment is paid to its end, used or not.
        (_, Some(until)) => {
            let day = until.strftime("%Y-%m-%d");
            let why = format!("it is committed to until {day}, and ending it before saves nothing");
            (Known::None(why), format!("; it is committed to until {day}, and must not be renewed"))
        }
        (Known::Known(listed), None) => (Known::Known(listed.month(Decimal::from(fact.data.units))), String::new()),
        (Known::Unknown(why) | Known::None(why), None) => (Known::Unknown(why), String::new()),
    };
    let words = ["--provisioned-model-id", unit.arn.as_str()];
    Some(Waste {
        kind: WasteKind::UnusedCapacity,
        what: unit.name.clone(),
        account: unit.account.clone(),
        region: unit.region.clone(),
        live: Vec::new(),
        why: format!("nobody asked its {} model units anything in the last seven days{until}", fact.data.units),
        saves,
        aws_says: None,
        command: remedy::line("bedrock delete-provisioned-model-throughput", &unit.region, &words),
        seen: unit.seen.clone(),
    })
}

/// Notebooks that run.
pub(super) fn notebooks(sight: &Sight<'_, '_>) -> Vec<Waste> {
    let facts = sight.estate.snapshot.facts.notebooks.iter();
    let mut seen = std::collections::BTreeSet::new();
    let once = facts.filter(|fact| seen.insert((fact.account.as_str(), fact.data.arn.to_lowercase())));
    once.filter_map(|fact| notebook(sight, fact)).collect()
}

fn notebook(sight: &Sight<'_, '_>, fact: &Fact<Notebook>) -> Option<Waste> {
    let Notebook { name, status, instance_type, created, modified, .. } = &fact.data;
    let since = modified.or(*created);
    let yesterday = points::days_before(sight.estate.as_of, YOUNG_NOTEBOOK_DAYS);
    if status != "InService" || since.is_some_and(|since| since > yesterday) {
        return None;
    }
    let price = match instance_type {
        Some(name) => sight.prices.find(NOTEBOOKS, &fact.region, name),
        None => Known::Unknown("its instance type is not known".to_owned()),
    };
    let saves: Known<Money> = match price {
        Known::Known(listed) => Known::Known(listed.price.times(Decimal::from(MONTH_HOURS))),
        Known::Unknown(why) | Known::None(why) => Known::Unknown(why),
    };
    let kind = instance_type.as_ref().map(|kind| format!(" on `{kind}`")).unwrap_or_default();
    let since = since.map(|since| format!(" since {}", since.strftime("%Y-%m-%d"))).unwrap_or_default();
    Some(Waste {
        kind: WasteKind::Notebook,
        what: name.clone(),
        account: fact.account.clone(),
        region: fact.region.clone(),
        live: Vec::new(),
        why: format!("the notebook runs{kind}{since}, by night and over weekends too; what is in its volume is kept"),
        saves,
        aws_says: None,
        command: remedy::line("sagemaker stop-notebook-instance", &fact.region, &["--notebook-instance-name", name]),
        seen: fact.seen.clone(),
    })
}
