//! Whether the filter of a budget covers a live version: yes, no, or perhaps where a filter asks what is not known here.
//!
//! What is billed of a live version is, for the most part, the hours of its endpoint; a filter that covers those covers it.
//! Sources: <https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_Expression.html>,
//! <https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-create-filters.html>

use std::collections::{BTreeMap, BTreeSet};

use crate::evidence::{CostExpression, CostMatch, Tags};

/// Whether something is covered, from no to yes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Covers {
    /// It is not.
    No,
    /// It cannot be said.
    Perhaps,
    /// It is.
    Yes,
}

impl Covers {
    fn of(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }

    fn not(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Perhaps => Self::Perhaps,
            Self::Yes => Self::No,
        }
    }
}

/// What a filter is asked about, as a bill would name it.
#[derive(Clone, Debug)]
pub(super) struct Charge<'c> {
    /// Account that it is billed to.
    pub(super) account: &'c str,
    /// Region.
    pub(super) region: &'c str,
    /// Types of instance, each a part of what is billed; empty where that is not known.
    pub(super) instance_types: Vec<&'c str>,
    /// How usage types name it, such as `Host`; `None` where that is not known.
    pub(super) usage: Option<&'static str>,
    /// Tags of what is billed; `None` where they are not known.
    pub(super) tags: Option<&'c Tags>,
    /// Tag keys that cost reports know, and those that they do not; a key that is not here is undecided.
    pub(super) activated: &'c BTreeMap<String, bool>,
}

/// Names under which bills have listed SageMaker.
const SERVICES: [&str; 3] = ["Amazon SageMaker", "Amazon SageMaker AI", "AmazonSageMaker"];

/// The filters of the older form: all keys have to match, each by any of its values.
pub(super) fn older(
    filters: &BTreeMap<String, Vec<String>>,
    charge: &Charge<'_>,
    doubts: &mut BTreeSet<String>,
) -> Covers {
    let each = filters.iter().map(|(key, values)| {
        let wanted = CostMatch { key: key.clone(), values: values.clone(), options: Vec::new() };
        match folded(key).as_str() {
            "TAGKEYVALUE" => tag_pairs(values, charge, doubts),
            "COSTCATEGORY" => doubtful(doubts, "a cost category"),
            _ => dimension(&wanted, charge, doubts),
        }
    });
    each.fold(Covers::Yes, Ord::min)
}

/// `user:team$fraud` and the like. AWS does not say whether values of several keys add up or narrow down, so both are
/// tried.
fn tag_pairs(values: &[String], charge: &Charge<'_>, doubts: &mut BTreeSet<String>) -> Covers {
    let mut by_key: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for pair in values {
        let pair = pair.strip_prefix("user:").unwrap_or(pair);
        let (key, value) = pair.split_once('$').unwrap_or((pair, ""));
        by_key.entry(key).or_default().push(value.to_owned());
    }
    let each: Vec<Covers> = by_key
        .into_iter()
        .map(|(key, values)| tag(&CostMatch { key: key.to_owned(), values, options: Vec::new() }, charge, doubts))
        .collect();
    let narrowed = each.iter().copied().fold(Covers::Yes, Ord::min);
    let widened = each.iter().copied().max().unwrap_or(Covers::Yes);
    if narrowed == widened {
        narrowed
    } else {
        doubtful(doubts, "tags of several keys, which AWS may add up or narrow down")
    }
}

/// The filter of the newer form.
pub(super) fn newer(expression: &CostExpression, charge: &Charge<'_>, doubts: &mut BTreeSet<String>) -> Covers {
    match expression {
        CostExpression::And(all) => all.iter().map(|it| newer(it, charge, doubts)).fold(Covers::Yes, Ord::min),
        CostExpression::Or(any) => any.iter().map(|it| newer(it, charge, doubts)).fold(Covers::No, Ord::max),
        CostExpression::Not(inner) => newer(inner, charge, doubts).not(),
        CostExpression::Dimension(wanted) => dimension(wanted, charge, doubts),
        CostExpression::Tag(wanted) => tag(wanted, charge, doubts),
        CostExpression::Category(wanted) => doubtful(doubts, &format!("the cost category `{}`", wanted.key)),
        CostExpression::Other(_) => doubtful(doubts, "a filter that is not known here"),
    }
}

fn doubtful(doubts: &mut BTreeSet<String>, what: &str) -> Covers {
    doubts.insert(format!("it depends on {what}"));
    Covers::Perhaps
}

/// `LINKED_ACCOUNT`, `LinkedAccount` and `Linked Account` are one.
fn folded(key: &str) -> String {
    key.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase()
}

fn dimension(wanted: &CostMatch, charge: &Charge<'_>, doubts: &mut BTreeSet<String>) -> Covers {
    let one = |value: &str| vec![vec![value.to_owned()]];
    let types = || charge.instance_types.iter();
    // Each part of what is billed, with the names that it may have.
    let parts: Vec<Vec<String>> = match folded(&wanted.key).as_str() {
        "SERVICE" => vec![SERVICES.map(str::to_owned).to_vec()],
        "LINKEDACCOUNT" => one(charge.account),
        "REGION" => one(charge.region),
        "INSTANCETYPE" => types().map(|name| vec![(*name).to_owned(), format!("{name}-Hosting")]).collect(),
        "USAGETYPE" => types().filter_map(|name| usage_types(charge, name)).collect(),
        "RECORDTYPE" => one("Usage"),
        _ => Vec::new(),
    };
    let each: Option<Vec<Covers>> = parts.iter().map(|names| matches(wanted, names)).collect();
    match each.as_deref() {
        Some([first, rest @ ..]) if rest.iter().all(|other| other == first) => *first,
        _ => doubtful(doubts, &format!("`{}`", wanted.key)),
    }
}

/// What usage types begin with, by region. A region that is missing leaves it open.
/// Source: <https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-billing-codes.html>
const CODES: [(&str, &str); 18] = [
    ("us-east-1", "USE1"),
    ("us-east-2", "USE2"),
    ("us-west-1", "USW1"),
    ("us-west-2", "USW2"),
    ("ca-central-1", "CAN1"),
    ("eu-central-1", "EUC1"),
    ("eu-west-1", "EU"),
    ("eu-west-1", "EUW1"),
    ("eu-west-2", "EUW2"),
    ("eu-west-3", "EUW3"),
    ("eu-north-1", "EUN1"),
    ("ap-northeast-1", "APN1"),
    ("ap-northeast-2", "APN2"),
    ("ap-southeast-1", "APS1"),
    ("ap-southeast-2", "APS2"),
    ("ap-south-1", "APS3"),
    ("ap-east-1", "APE1"),
    ("sa-east-1", "SAE1"),
];

fn usage_types(charge: &Charge<'_>, instance_type: &str) -> Option<Vec<String>> {
    let usage = charge.usage?;
    let codes = CODES.iter().filter(|(region, _)| *region == charge.region);
    let names: Vec<String> = codes.map(|(_, code)| format!("{code}-{usage}:{instance_type}")).collect();
    (!names.is_empty()).then_some(names)
}

fn tag(wanted: &CostMatch, charge: &Charge<'_>, doubts: &mut BTreeSet<String>) -> Covers {
    let key = wanted.key.strip_prefix("user:").unwrap_or(&wanted.key);
    let Some(tags) = charge.tags.filter(|_| !key.starts_with("aws:")) else {
        return doubtful(doubts, &format!("the tag `{key}`, which could not be read"));
    };
    // A key that is not activated is on no bill.
    let billed = charge.activated.get(key) != Some(&false);
    let held: Vec<String> = tags.get(key).filter(|value| billed && !value.is_empty()).cloned().into_iter().collect();
    matches(wanted, &held).unwrap_or_else(|| doubtful(doubts, &format!("how the tag `{key}` is compared")))
}

/// Whether one of the names that something has is what is wanted; no name at all stands for what is absent. `None` where
/// it is compared in a way that is not known here.
///
/// Source: <https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_DimensionValues.html>
fn matches(wanted: &CostMatch, names: &[String]) -> Option<Covers> {
    let options: Vec<String> = wanted.options.iter().map(|option| option.to_ascii_uppercase()).collect();
    let any_case = options.iter().any(|option| option == "CASE_INSENSITIVE");
    let fold = |text: &str| if any_case { text.to_lowercase() } else { text.to_owned() };
    let mut ways = options.iter().map(String::as_str).filter(|option| !option.starts_with("CASE_"));
    let way = ways.next().unwrap_or("EQUALS");
    if ways.next().is_some() {
        return None;
    }
    let compare: fn(&str, &str) -> bool = match way {
        "EQUALS" => |name, value| name == value,
        "STARTS_WITH" => |name, value| name.starts_with(value),
        "ENDS_WITH" => |name, value| name.ends_with(value),
        "CONTAINS" => |name, value| name.contains(value),
        "ABSENT" => return Some(Covers::of(names.is_empty())),
        _ => return None,
    };
    if names.is_empty() {
        return Some(Covers::of(way == "EQUALS" && wanted.values.iter().any(String::is_empty)));
    }
    let wanted: Vec<String> = wanted.values.iter().map(|value| fold(value)).collect();
    let any = names.iter().any(|name| wanted.iter().any(|value| compare(&fold(name), value)));
    Some(Covers::of(any))
}

#[cfg(test)]
#[path = "filters_tests.rs"]
mod tests;
