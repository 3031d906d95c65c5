//! Metrics Insights queries over metrics that name what they are about in dimensions of their own: those of monitors, and
//! of the customer. What such a query covers is what its conditions name, as dimensions of a plain alarm would.

use std::collections::{BTreeMap, BTreeSet};

use super::Signal;
use super::signals::{self, Measure, Side};
use super::sweep::shortened;
use super::targets::Targets;
use super::watched::{Watched, measure};
use crate::cloudwatch::insights::Query;
use crate::estate::index::place;
use crate::evidence::{Alarm, Fact, MetricTerm};

/// Binds what a query covers.
pub(super) fn read(
    alarm: &Fact<Alarm>,
    (query, text): (&Query, &str),
    side: Side,
    targets: &Targets<'_, '_>,
    watched: &mut Watched,
) {
    let mut pinned = query.conditions.iter().filter(|condition| condition.equal);
    // What has the dimensions of a schema has no others.
    if query.schema.as_ref().is_some_and(|schema| pinned.any(|condition| !schema.contains(&condition.label))) {
        return;
    }
    let declared = targets.declared_among(place(alarm), query);
    for (live, signal, dimensions) in &declared {
        // Each business metric wants an alarm that names it, and one among several may be hidden by the others.
        let one = query.conditions.len() == dimensions.len() && query.limit.is_none();
        watched.bind(*live, *signal, one && *signal != Signal::Business);
        watched.serving = true;
    }
    let term = term(query, true);
    let hit = targets.hit(place(alarm), &alarm.data, &term);
    let measure = measure(&term, &hit, targets);
    let signal = signals::signal(measure, side);
    // An average over many hides one of them.
    let diluted = query.function.eq_ignore_ascii_case("AVG") && query.group_by.is_empty() && hit.live.len() > 1;
    let followed = query.limit.is_none() && query.conditions.iter().all(|condition| condition.equal) && !diluted;
    for (live, certain) in &hit.live {
        watched.bind(*live, signal, *certain && followed);
    }
    watched.serving |= hit.serving;
    let named = !hit.live.is_empty() || !declared.is_empty() || hit.orphan.is_some() || hit.unseen.is_some();
    watched.orphaned.extend(hit.orphan);
    watched.unseen.extend(hit.unseen);
    if !named && matches!(measure, Measure::Drift | Measure::Fairness) && !names_one(query) {
        let apart = targets.hit(place(alarm), &alarm.data, &self::term(query, false));
        let apart: BTreeSet<usize> = apart.live.into_iter().map(|(live, _)| live).collect();
        for live in targets.everything_in(place(alarm)).filter(|live| !apart.contains(live)) {
            watched.bind(live, signal, false);
        }
        watched.serving = true;
        watched.unseen.insert(format!("which metrics `{}` finds", shortened(text)));
    }
}

/// The metric that a plain alarm would name with what the query pins down, or with what it leaves out.
fn term(query: &Query, equal: bool) -> MetricTerm {
    let named = query.conditions.iter().filter(|condition| condition.equal == equal);
    MetricTerm {
        id: String::new(),
        namespace: query.namespace.clone(),
        metric: query.metric.clone(),
        dimensions: named
            .map(|condition| (condition.label.clone(), condition.value.clone()))
            .collect::<BTreeMap<_, _>>(),
        statistic: None,
        period: None,
        account: None,
        judged: false,
        unit: None,
    }
}

/// Whether a query asks for one endpoint, component, model or schedule, so that it is about no other; or whether nothing is
/// left by which its metrics could name one.
fn names_one(query: &Query) -> bool {
    let pinned: BTreeSet<&str> =
        query.conditions.iter().filter(|it| it.equal).map(|condition| condition.label.as_str()).collect();
    let one = |label: &str| {
        let label = label.to_lowercase();
        ["endpoint", "component", "model", "schedule"].iter().any(|what| label.contains(what))
    };
    let whole = |schema: &BTreeSet<String>| schema.iter().all(|label| pinned.contains(label.as_str()));
    pinned.iter().any(|label| one(label)) || query.schema.as_ref().is_some_and(whole)
}
