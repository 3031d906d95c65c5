//! Expressions that choose their metrics by themselves: what they cover is evaluated where AWS documents it, and unknown
//! where only CloudWatch can say.

use std::collections::BTreeSet;

use super::signals::{self, Namespace, Side};
use super::targets::Targets;
use super::watched::Watched;
use super::{Signal, selected};
use crate::cloudwatch::insights::Query;
use crate::cloudwatch::search::Search;
use crate::estate::index::{Place, place};
use crate::estate::replay::normal::Unit;
use crate::evidence::{Alarm, Fact};

/// What is covered: live version, metric, and whether that is certain.
type Covered = Vec<(usize, String, bool)>;

/// Binds what an expression covers, if it is one that chooses.
pub(super) fn read(alarm: &Fact<Alarm>, text: &str, side: Side, targets: &Targets<'_, '_>, watched: &mut Watched) {
    let place = place(alarm);
    let upper = text.trim_start().to_uppercase();
    if upper.starts_with("SELECT") {
        match Query::parse(text) {
            Ok(query) if names_freely(&query.namespace) => {
                selected::read(alarm, (&query, text), side, targets, watched);
            }
            Ok(query) => of_units(place, &query, side, targets, watched),
            Err(_) => by_words(place, text, side, targets, watched),
        }
    } else if upper.contains("SEARCH(") {
        match Search::parse(quoted(text).unwrap_or_default()) {
            Some(Search { schema: Some((namespace, _)), .. }) if names_freely(&namespace) => {
                of_words(place, &namespace, text, side, targets, watched);
            }
            Some(search) => found(place, text, &search, side, targets, watched),
            None => by_words(place, text, side, targets, watched),
        }
    } else if ["INSIGHT_RULE_METRIC(", "LAMBDA("].iter().any(|function| upper.contains(function)) {
        by_words(place, text, side, targets, watched);
    }
}

/// Whether metrics of a namespace name what they are about in dimensions of their own.
fn names_freely(namespace: &str) -> bool {
    matches!(signals::namespace(namespace).0, Namespace::Monitor | Namespace::Custom)
}

/// Binds what a search of such metrics may find: its words are all that says what they are about.
fn of_words(
    place: Place<'_>,
    namespace: &str,
    text: &str,
    side: Side,
    targets: &Targets<'_, '_>,
    watched: &mut Watched,
) {
    let signal = signals::signal(signals::measure(namespace, text, None), side);
    if matches!(signal, Signal::Drift | Signal::ResponsibleAi) {
        for live in targets.named_in(place, text) {
            watched.bind(live, signal, false);
        }
        watched.serving = true;
        watched.unseen.insert(format!("which metrics `{}` finds", shortened(text)));
    }
}

/// What SageMaker publishes of each unit is known by name.
fn of_units(place: Place<'_>, query: &Query, side: Side, targets: &Targets<'_, '_>, watched: &mut Watched) {
    // An average over many hides one of them.
    let diluted = query.function.eq_ignore_ascii_case("AVG") && query.group_by.is_empty();
    let limited = query.limit.is_some();
    let mut covered: Covered = Vec::new();
    for number in targets.all_in(place) {
        let Some(unit) = targets.live(number).and_then(Unit::of) else { continue };
        let key = unit.series(&query.metric, "Sum", 300);
        match query.covers(&key.namespace, &key.metric, &key.dimensions) {
            Some(false) => {}
            known => covered.push((number, query.metric.clone(), known.is_some() && !limited)),
        }
    }
    let units: BTreeSet<usize> = covered.iter().map(|(number, ..)| *number).collect();
    if diluted && units.len() > 1 {
        for (.., certain) in &mut covered {
            *certain = false;
        }
    }
    // A variant, with whatever shares it, is one unit of what CloudWatch publishes.
    bind(covered, &query.namespace, side, targets, watched);
    for condition in query.conditions.iter().filter(|it| it.equal && it.label == "EndpointName") {
        let (orphan, unseen) = targets.endpoint_gone(place, &condition.value);
        watched.serving |= orphan.is_some() || unseen.is_some();
        watched.orphaned.extend(orphan);
        watched.unseen.extend(unseen);
    }
}

fn found(place: Place<'_>, text: &str, search: &Search, side: Side, targets: &Targets<'_, '_>, watched: &mut Watched) {
    let joined = text.to_uppercase();
    let each = ["SUM(", "MAX("].iter().any(|function| joined.trim_start().starts_with(function));
    let mut covered: Covered = Vec::new();
    let mut namespaces = BTreeSet::new();
    for number in targets.all_in(place) {
        let Some(unit) = targets.live(number).and_then(Unit::of) else { continue };
        for metric in signals::names() {
            let key = unit.series(metric, "Sum", 300);
            match search.finds(&key.namespace, metric, &key.dimensions) {
                Some(false) => {}
                known => {
                    namespaces.insert(key.namespace);
                    covered.push((number, metric.to_owned(), known.is_some() && each));
                }
            }
        }
    }
    let namespace = namespaces.into_iter().next().unwrap_or_default();
    bind(covered, &namespace, side, targets, watched);
}

fn bind(covered: Covered, namespace: &str, side: Side, targets: &Targets<'_, '_>, watched: &mut Watched) {
    for (number, metric, certain) in covered {
        let hosting = targets.live(number).map(|live| live.hosting);
        let measure = signals::known(&metric).unwrap_or_else(|| signals::measure(namespace, &metric, hosting));
        watched.bind(number, signals::signal(measure, side), certain);
        watched.serving = true;
    }
}

/// Binds what a text may cover, by the words in it: the endpoints that it names, or all of them.
pub(super) fn by_words(place: Place<'_>, text: &str, side: Side, targets: &Targets<'_, '_>, watched: &mut Watched) {
    if !text.to_lowercase().contains("sagemaker") {
        return;
    }
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
    let measured: BTreeSet<_> = words.filter_map(signals::known).map(|it| signals::signal(it, side)).collect();
    let measured = if measured.is_empty() { BTreeSet::from([Signal::Other]) } else { measured };
    for live in targets.named_in(place, text) {
        for signal in &measured {
            watched.bind(live, *signal, false);
        }
    }
    watched.serving = true;
    watched.unseen.insert(format!("which metrics `{}` finds", shortened(text)));
}

/// What stands in the first single quotation marks.
fn quoted(text: &str) -> Option<&str> {
    text.split('\'').nth(1)
}

pub(super) fn shortened(text: &str) -> String {
    const LONGEST: usize = 80;
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    text.chars().take(LONGEST).chain(['…']).collect()
}
