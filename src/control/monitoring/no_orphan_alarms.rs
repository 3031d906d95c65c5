//! MON-007

use std::collections::{BTreeMap, BTreeSet};

use crate::control::{Check, Context, Verdict};
use crate::declare_control;
use crate::estate::remedy::command;
use crate::estate::{BoundAlarm, Lookup, endpoint_gone, endpoints_shown, warns};
use crate::evidence::{CallId, Dashboard, Fact, FactKind, Widget};

declare_control! {
    /// ## What it requires
    /// No alarm, dashboard, monitoring schedule or scalable target names an endpoint or an inference component that is not
    /// there, and no alarm a monitoring schedule that is not.
    ///
    /// ## Why
    /// An orphan stays in `INSUFFICIENT_DATA` for ever, and looks like an alarm. A dashboard that shows neither a threshold nor
    /// an alarm warns nobody either; it is noted.
    ///
    /// ## Evidence
    /// All alarms, dashboards, monitoring schedules and scalable targets of the account and region, against all endpoints and
    /// inference components.
    ///
    /// ## Results
    /// - **pass**: there is none
    /// - **fail**: there is at least one; each is named
    /// - **unknown**: endpoints or components, or what names them, could not all be read
    /// - **not applicable**: nothing there is about serving
    "MON-007" "no-orphan-alarms" {
        summary: "nothing watches what is not there",
        severity: Low,
        gate: Advisory,
        needs: [Endpoints, InferenceComponents, Alarms],
        uses: [Dashboards, Monitors, ScalableTargets],
        remedy: "aws cloudwatch delete-alarms for each alarm that is named, aws sagemaker delete-monitoring-schedule, aws application-autoscaling deregister-scalable-target; take the widgets off the dashboards",
        role: "alarm owner",
        frameworks: [("AWS Well-Architected", "Cost Optimization, Operational Excellence")],
        check: Check::Region(check),
    }
}

/// One thing that names what is not there.
struct Orphan<'a> {
    /// What it is, in words.
    what: String,
    /// What it names.
    names: String,
    seen: &'a [CallId],
    /// What removes it.
    remedy: String,
}

fn check<'a>(account: &'a str, region: &'a str, context: Context<'a>) -> Verdict {
    let place = Place { account, region, context };
    let alarms: Vec<&BoundAlarm<'_>> = place.alarms().collect();
    let mut seen: Vec<CallId> = alarms.iter().flat_map(|alarm| alarm.alarm.seen.iter().copied()).collect();
    seen.extend(place.context.estate.index.monitors().filter(|monitor| place.holds(monitor)).flat_map(|it| &it.seen));
    let orphans: Vec<Orphan<'_>> =
        [place.of_alarms(&alarms), place.schedules(), place.targets(), place.widgets()].into_iter().flatten().collect();
    let others = place.schedules_here() + place.targets_here();
    if alarms.is_empty() && others == 0 && orphans.is_empty() {
        return place.doubted(Verdict::not_applicable("there are no alarms about serving"));
    }
    let weak = place.weak();
    let noted = |verdict: Verdict| {
        weak.iter().fold(verdict, |verdict, name| {
            verdict.note(format!("dashboard `{name}` shows what serves with neither a threshold nor an alarm"))
        })
    };
    if orphans.is_empty() {
        seen.sort_unstable();
        seen.dedup();
        let verdict = Verdict::pass("whatever watches names something that is there")
            .cite_calls(&seen, format!("{} alarms about serving were read", alarms.len()));
        return place.doubted(noted(verdict));
    }
    let named: Vec<String> =
        orphans.iter().map(|orphan| format!("{} watches `{}`", orphan.what, orphan.names)).collect();
    let remedies: BTreeSet<&str> = orphans.iter().map(|orphan| orphan.remedy.as_str()).collect();
    let verdict = Verdict::fail(format!("{}, which is not there", named.join("; ")))
        .remedy(remedies.into_iter().collect::<Vec<_>>().join("; "));
    let verdict = orphans.iter().fold(verdict, |verdict, orphan| {
        verdict.cite_calls(orphan.seen, format!("{} names what is not there", orphan.what))
    });
    noted(verdict)
}

/// One account and region.
#[derive(Clone, Copy)]
struct Place<'a> {
    account: &'a str,
    region: &'a str,
    context: Context<'a>,
}

impl<'a> Place<'a> {
    fn holds<T>(&self, fact: &Fact<T>) -> bool {
        (fact.account.as_str(), fact.region.as_str()) == (self.account, self.region)
    }

    fn alarms(self) -> impl Iterator<Item = &'a BoundAlarm<'a>> {
        let about = self.context.estate.alarms.iter().filter(|alarm| alarm.about_serving);
        about.filter(move |alarm| self.holds(alarm.alarm))
    }

    fn of_alarms(self, alarms: &[&'a BoundAlarm<'a>]) -> Vec<Orphan<'a>> {
        let orphaned = alarms.iter().filter(|alarm| !alarm.orphaned.is_empty());
        let orphan = |alarm: &&'a BoundAlarm<'a>| {
            let name = &alarm.alarm.data.name;
            Orphan {
                what: format!("alarm `{name}`"),
                names: alarm.orphaned.join("`, `"),
                seen: &alarm.alarm.seen,
                remedy: command("cloudwatch delete-alarms", self.region, &["--alarm-names", name]),
            }
        };
        orphaned.map(orphan).collect()
    }

    /// Whether an endpoint is not there, as far as that can be said.
    fn gone(self, endpoint: &str) -> bool {
        endpoint_gone(&self.context.estate.index, self.account, self.region, endpoint)
    }

    fn component_gone(self, component: &str) -> bool {
        let index = &self.context.estate.index;
        match index.component(self.account, self.region, component) {
            Lookup::Found(_) | Lookup::NotNamed => false,
            Lookup::Absent(_) => true,
            Lookup::Unseen => index.listed(self.account, self.region, FactKind::InferenceComponents),
        }
    }

    fn schedules_here(self) -> usize {
        self.context.estate.index.monitors().filter(|monitor| self.holds(monitor)).count()
    }

    fn schedules(self) -> Vec<Orphan<'a>> {
        let here = self.context.estate.index.monitors().filter(|monitor| self.holds(monitor));
        let orphan = |monitor: &'a Fact<crate::evidence::MonitoringSchedule>| {
            let endpoint = monitor.data.endpoint.as_deref().filter(|endpoint| self.gone(endpoint))?;
            let name = &monitor.data.name;
            Some(Orphan {
                what: format!("monitoring schedule `{name}`"),
                names: endpoint.to_owned(),
                seen: &monitor.seen,
                remedy: command(
                    "sagemaker delete-monitoring-schedule",
                    self.region,
                    &["--monitoring-schedule-name", name],
                ),
            })
        };
        here.filter_map(orphan).collect()
    }

    fn targets_here(self) -> usize {
        self.context.estate.snapshot.facts.scalable_targets.iter().filter(|target| self.holds(target)).count()
    }

    fn targets(self) -> Vec<Orphan<'a>> {
        let here = self.context.estate.snapshot.facts.scalable_targets.iter().filter(|target| self.holds(target));
        let orphan = |target: &'a Fact<crate::evidence::ScalableTarget>| {
            let (resource, dimension) = (&target.data.resource, &target.data.dimension);
            let mut parts = resource.split('/');
            let gone = match (parts.next(), parts.next()) {
                (Some("endpoint"), Some(name)) => self.gone(name).then_some(name),
                (Some("inference-component"), Some(name)) => self.component_gone(name).then_some(name),
                _ => None,
            };
            Some(Orphan {
                what: format!("scalable target `{resource}`"),
                names: gone?.to_owned(),
                seen: &target.seen,
                remedy: command(
                    "application-autoscaling deregister-scalable-target",
                    self.region,
                    &["--service-namespace", "sagemaker", "--resource-id", resource, "--scalable-dimension", dimension],
                ),
            })
        };
        here.filter_map(orphan).collect()
    }

    /// Dashboards belong to an account, their widgets to regions. Every region has a copy of each: the one of this region
    /// counts, else any other.
    fn dashboards(self) -> impl Iterator<Item = (&'a Fact<Dashboard>, Vec<&'a Widget>)> {
        let mut boards: BTreeMap<&'a str, &'a Fact<Dashboard>> = BTreeMap::new();
        let all = self.context.estate.snapshot.facts.dashboards.iter();
        for board in all.filter(|board| board.account == self.account) {
            let counts = |board: &Fact<Dashboard>| (board.data.widgets.is_some(), board.region == self.region);
            let held = boards.entry(&board.data.name).or_insert(board);
            if counts(board) > counts(held) {
                *held = board;
            }
        }
        boards.into_values().map(move |board| {
            let here = |widget: &&Widget| widget.region.as_deref().unwrap_or(&board.region) == self.region;
            (board, board.data.widgets.iter().flatten().filter(here).collect())
        })
    }

    fn widgets(self) -> Vec<Orphan<'a>> {
        let mut orphans = Vec::new();
        for (board, widgets) in self.dashboards() {
            let endpoints =
                widgets.iter().flat_map(|widget| endpoints_shown(widget)).filter(|endpoint| self.gone(endpoint));
            let gone: BTreeSet<&str> = endpoints.collect();
            if !gone.is_empty() {
                let name = &board.data.name;
                orphans.push(Orphan {
                    what: format!("dashboard `{name}`"),
                    names: gone.into_iter().collect::<Vec<_>>().join("`, `"),
                    seen: &board.seen,
                    remedy: format!(
                        "take the widget off what {} shows",
                        command("cloudwatch get-dashboard", self.region, &["--dashboard-name", name])
                    ),
                });
            }
        }
        orphans
    }

    /// Dashboards that show what serves and warn of nothing.
    fn weak(self) -> Vec<&'a str> {
        let weak = self.dashboards().filter(|(board, here)| {
            here.iter().any(|widget| endpoints_shown(widget).next().is_some()) && !warns(&board.data)
        });
        weak.map(|(board, _)| board.data.name.as_str()).collect()
    }

    /// What could not be read may name what is gone.
    fn doubted(self, verdict: Verdict) -> Verdict {
        for (kind, what) in [
            (FactKind::Monitors, "monitoring schedules"),
            (FactKind::ScalableTargets, "scalable targets"),
            (FactKind::Dashboards, "dashboards"),
        ] {
            if let Some(gap) = self.context.view.gaps_of(self.account, self.region, kind).next() {
                return verdict
                    .doubted(format!("not all {what} could be read, and one may be an orphan"))
                    .gap(Some(gap));
            }
        }
        verdict
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::tester::Tester;
    use crate::control::view::View;
    use crate::estate::fixture::*;
    use crate::evidence::{Alarm, MonitoringSchedule, ScalableTarget, WidgetMetric};

    fn orphan() -> Fixture {
        let dimensions = [("EndpointName", "gone"), ("VariantName", VARIANT)];
        Fixture::sound().with(metric_alarm("gone-errors", "AWS/SageMaker", "Invocation5XXErrors", &dimensions))
    }

    fn target(endpoint: &str) -> ScalableTarget {
        ScalableTarget {
            resource: format!("endpoint/{endpoint}/variant/{VARIANT}"),
            dimension: "sagemaker:variant:DesiredInstanceCount".to_owned(),
            least: Some(1),
            most: Some(4),
            suspended: Vec::new(),
        }
    }

    fn dashboard(name: &str, endpoint: &str, thresholds: usize) -> Dashboard {
        let metric = WidgetMetric {
            namespace: "AWS/SageMaker".to_owned(),
            metric: "ModelLatency".to_owned(),
            dimensions: [("EndpointName".to_owned(), endpoint.to_owned())].into(),
        };
        let widget = Widget {
            kind: "metric".to_owned(),
            title: None,
            region: Some(REGION.to_owned()),
            metrics: vec![metric],
            expressions: vec![],
            alarms: vec![],
            thresholds,
        };
        Dashboard { name: name.to_owned(), arn: format!("arn:{name}"), modified: None, widgets: Some(vec![widget]) }
    }

    #[test]
    fn every_orphan_is_named() {
        let two =
            orphan().with(metric_alarm("left", "AWS/SageMaker", "ModelLatency", &[("InferenceComponentName", "old")]));
        Tester::new(&CONTROL)
            .pass(Fixture::sound(), "something that is there")
            .fail(orphan(), "gone-errors, `gone`, not there")
            .remedy("delete-alarms --alarm-names gone-errors")
            .fail(two, "gone-errors, left, `old`")
            .not_applicable(
                Fixture::sound().drop_where(|_: &Alarm| true).drop_where(|_: &MonitoringSchedule| true),
                "no alarms about serving",
            );
    }

    #[test]
    fn targets_and_dashboards_are_orphans_too() {
        Tester::new(&CONTROL)
            .pass(Fixture::sound().with(target(ENDPOINT)).with(dashboard("fraud", ENDPOINT, 1)), "is there")
            .no_note("neither")
            .fail(Fixture::sound().with(target("gone")), "scalable target, `gone`")
            .remedy("deregister-scalable-target")
            .fail(Fixture::sound().with(dashboard("past", "gone", 1)), "dashboard `past`, `gone`")
            .pass(Fixture::sound().with(dashboard("weak", ENDPOINT, 0)), "is there")
            .note("dashboard `weak`, neither a threshold nor an alarm");
    }

    #[test]
    fn a_dashboard_that_every_region_has_is_told_once() {
        let twice =
            |board: &Dashboard| Fixture::sound().with(board.clone()).with_in(ACCOUNT, "eu-west-1", board.clone());
        let finding = |fixture: Fixture| {
            let estate = fixture.estate();
            let view = View::new(&estate);
            let context = Context { estate: &estate, policy: &fixture.policy, view: &view };
            let place = Place { account: ACCOUNT, region: REGION, context };
            (place.widgets().len(), place.weak().len())
        };
        assert_eq!(finding(twice(&dashboard("past", "gone", 1))), (1, 0));
        assert_eq!(finding(twice(&dashboard("weak", ENDPOINT, 0))), (0, 1));
    }

    #[test]
    fn an_endpoint_that_could_not_be_listed_is_not_gone() {
        for kind in [FactKind::Endpoints, FactKind::InferenceComponents, FactKind::Alarms] {
            Tester::new(&CONTROL).hidden(orphan().hidden_all(kind));
        }
        for kind in [FactKind::Monitors, FactKind::ScalableTargets, FactKind::Dashboards] {
            Tester::new(&CONTROL).unknown(Fixture::sound().hidden_all(kind), "may be an orphan");
        }
    }
}
