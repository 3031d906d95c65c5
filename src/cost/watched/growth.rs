//! How what is counted grew: whole weeks against the median of the four before, and against what was declared to be the most.

mod hours;
mod weeks;

use std::collections::{BTreeMap, BTreeSet};

use super::points;
use crate::cost::{Growth, TokenUse};
use crate::estate::{DAY_PERIOD, Estate, LiveVersion, NORMAL_PERIOD, ServingPath, Unit, bedrock};
use crate::evidence::{MetricSeries, SeriesKey};
use crate::policy::{Counted, DeclaredMetric, Manifest, Policy};
use weeks::{Counts, Weeks};

/// Everything that is counted: for each group what serves of it, and what was declared; and the tokens of Bedrock.
pub(super) fn all(estate: &Estate<'_>, policy: &Policy, tokens: &[TokenUse]) -> Vec<Growth> {
    let sight = Sight { estate, weeks: Weeks::new(points::known_until(estate)), trained: counts_training(policy) };
    let mut rows: Vec<Growth> = groups(estate).iter().flat_map(|group| sight.of_group(group)).collect();
    rows.extend(tokens.iter().map(|tokens| sight.of_tokens(tokens)));
    rows
}

/// Whether training jobs are read at all: only where somebody limits them.
fn counts_training(policy: &Policy) -> bool {
    let ceilings = policy.models.iter().flat_map(|manifest| &manifest.ceilings);
    ceilings.into_iter().any(|ceiling| ceiling.what == Counted::TrainingHours)
}

/// The live versions of one group under one manifest.
struct Group<'e, 'a> {
    name: String,
    manifest: Option<&'a Manifest>,
    live: Vec<(usize, &'e LiveVersion<'a>)>,
}

impl Group<'_, '_> {
    fn numbers(&self) -> Vec<usize> {
        self.live.iter().map(|(number, _)| *number).collect()
    }

    fn ceiling(&self, what: &Counted) -> Option<f64> {
        let ceilings = &self.manifest?.ceilings;
        ceilings.iter().filter(|ceiling| ceiling.what == *what).map(|ceiling| ceiling.a_week).reduce(f64::min)
    }
}

/// Groups by name; what is in none stands for itself.
fn groups<'e, 'a>(estate: &'e Estate<'a>) -> Vec<Group<'e, 'a>> {
    let mut groups: BTreeMap<(String, Option<usize>), Group<'e, 'a>> = BTreeMap::new();
    for (number, live) in estate.live.iter().enumerate() {
        let declared = live.manifest.map(|manifest| manifest.group.as_str());
        let name = declared.or(live.group()).unwrap_or(live.endpoint_name).to_owned();
        let key = (name.clone(), live.manifest.map(|manifest| manifest.line));
        let new = || Group { name, manifest: live.manifest, live: Vec::new() };
        groups.entry(key).or_insert_with(new).live.push((number, live));
    }
    groups.into_values().collect()
}

struct Sight<'e, 'a> {
    estate: &'e Estate<'a>,
    weeks: Weeks,
    trained: bool,
}

impl Sight<'_, '_> {
    fn of_group(&self, group: &Group<'_, '_>) -> Vec<Growth> {
        let name = &group.name;
        let mut rows = Vec::new();
        if group.live.iter().any(|(_, live)| live.path != ServingPath::Batch) {
            let ceiling = group.ceiling(&Counted::Requests);
            rows.push(self.requests(group).growth(&format!("requests of `{name}`"), "requests", ceiling));
        }
        let hours = "instance-hours";
        let ceiling = group.ceiling(&Counted::BatchHours);
        if ceiling.is_some() || group.live.iter().any(|(_, live)| live.path == ServingPath::Batch) {
            let counts = hours::batch(self.estate, &self.weeks, &group.live);
            rows.push(counts.growth(&format!("batch transform of `{name}`"), hours, ceiling));
        }
        if let Some(ceiling) = group.ceiling(&Counted::TrainingHours) {
            let counts = hours::training(self.estate, &self.weeks, name, &group.live, self.trained);
            rows.push(counts.growth(&format!("training of `{name}`"), hours, Some(ceiling)));
        }
        if let Some(ceiling) = group.ceiling(&Counted::Tokens) {
            rows.push(self.tokens(group).growth(&format!("tokens of `{name}`"), "tokens", Some(ceiling)));
        }
        for ceiling in group.manifest.iter().flat_map(|manifest| &manifest.ceilings) {
            if let Counted::Metric(metric) = &ceiling.what {
                let what = format!("`{}` in `{}`", metric.metric, metric.namespace);
                rows.push(self.metric(group, metric).growth(&what, "in all", Some(ceiling.a_week)));
            }
        }
        rows.into_iter().map(|row| Growth { live: group.numbers(), ..row }).collect()
    }

    /// Requests of everything that serves of a group; shadows get copies of requests, which are not counted again.
    fn requests(&self, group: &Group<'_, '_>) -> Counts {
        let mut counted: BTreeSet<(&str, &str, String)> = BTreeSet::new();
        let mut sum = self.weeks.nothing();
        for (_, live) in &group.live {
            if matches!(live.path, ServingPath::Shadow | ServingPath::Batch) {
                continue;
            }
            let Some(unit) = Unit::of(live) else {
                return self.weeks.unknown("what publishes its metrics is not known");
            };
            let metric = unit.silence().metric;
            if !counted.insert((live.account, live.region, unit.series(&metric, "Sum", DAY_PERIOD).to_string())) {
                continue;
            }
            let keys = [DAY_PERIOD, NORMAL_PERIOD].map(|period| unit.series(&metric, "Sum", period));
            let counts = self.best(live.account, live.region, &keys);
            let component = live.component.and_then(|component| component.data.created);
            let created = component.or_else(|| live.endpoint.and_then(|endpoint| endpoint.data.created));
            sum = sum.plus(counts.since(created));
        }
        sum
    }

    /// Of several series of one count the one that knows most weeks.
    fn best(&self, account: &str, region: &str, keys: &[SeriesKey]) -> Counts {
        let read = keys.iter().filter_map(|key| self.series(account, region, key));
        let counts = read.map(|series| self.weeks.of_series(series));
        counts
            .reduce(|best, other| if other.known() > best.known() { other } else { best })
            .unwrap_or_else(|| self.weeks.unknown("no data points of it were read"))
    }

    fn series(&self, account: &str, region: &str, key: &SeriesKey) -> Option<&MetricSeries> {
        points::read(self.estate, account, region, key).map(|(series, _)| series)
    }

    fn metric(&self, group: &Group<'_, '_>, metric: &DeclaredMetric) -> Counts {
        if !matches!(metric.statistic.as_str(), "Sum" | "SampleCount") {
            let why = format!("its statistic is `{}`, and only a `Sum` of a week can be told", metric.statistic);
            return self.weeks.unknown(&why);
        }
        let places: BTreeSet<(&str, &str)> = group.live.iter().map(|(_, live)| (live.account, live.region)).collect();
        let read = places.iter().filter_map(|(account, region)| self.series(account, region, &metric.key()));
        let counts = read.map(|series| self.weeks.of_series(series));
        counts.reduce(Counts::plus).unwrap_or_else(|| self.weeks.unknown("no data points of it were read"))
    }

    /// Tokens of the inference profiles that bear the group's name.
    fn tokens(&self, group: &Group<'_, '_>) -> Counts {
        let profiles = self.estate.snapshot.facts.inference_profiles.iter();
        let own = profiles.filter(|profile| profile.data.name.eq_ignore_ascii_case(&group.name));
        let ids: BTreeSet<(&str, &str, &str)> =
            own.map(|it| (it.account.as_str(), it.region.as_str(), it.data.id.as_str())).collect();
        let counts = ids.iter().map(|(account, region, id)| self.of_model(account, region, id));
        counts.reduce(Counts::plus).unwrap_or_else(|| {
            self.weeks.unknown(
                "no inference profile has the name of its group, so that nobody can tell whose tokens are whose",
            )
        })
    }

    fn of_model(&self, account: &str, region: &str, id: &str) -> Counts {
        let [_, input, output] = bedrock(id);
        self.best(account, region, &[input]).plus(self.best(account, region, &[output]))
    }

    fn of_tokens(&self, tokens: &TokenUse) -> Growth {
        let counts = self.of_model(&tokens.account, &tokens.region, &tokens.id);
        counts.growth(&format!("tokens of `{}`", tokens.of), "tokens", None)
    }
}

#[cfg(test)]
#[path = "growth_tests.rs"]
mod tests;
