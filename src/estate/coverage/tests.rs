use std::collections::BTreeMap;

use super::*;
use crate::estate::fixture::*;
use crate::evidence::{Alarm, EndpointConfig, Topic};
use crate::policy::{Limit, Manifest, Risk};

use CoverageState::{Broken, Covered, Missing, NotApplicable, Unknown};

/// State and reason of each signal of the live version whose id holds a text.
fn matrix(fixture: &Fixture, id: &str) -> BTreeMap<Signal, (CoverageState, String)> {
    let estate = fixture.estate();
    let live = estate.live.iter().find(|live| live.id.contains(id)).expect("it serves");
    assert_eq!(live.coverage.len(), Signal::MATRIX.len());
    live.coverage.iter().map(|it| (it.signal, (it.state, it.reason.clone().unwrap_or_default()))).collect()
}

fn states(fixture: &Fixture, id: &str) -> [CoverageState; 7] {
    let matrix = matrix(fixture, id);
    Signal::MATRIX.map(|signal| matrix[&signal].0)
}

fn is(fixture: &Fixture, signal: Signal, state: CoverageState, words: &str) {
    let found = &matrix(fixture, "/variant/")[&signal];
    assert_eq!(found.0, state, "{signal:?}: {found:?}");
    assert!(found.1.contains(words), "no `{words}` in {found:?}");
}

fn rated(risk: Risk) -> Fixture {
    Fixture::sound().manifest(|manifest| manifest.risk = Some(risk))
}

fn declared_metric(name: &str) -> DeclaredMetric {
    DeclaredMetric {
        namespace: "Bank/Business".to_owned(),
        metric: name.to_owned(),
        dimensions: BTreeMap::from([("Product".to_owned(), "cards".to_owned())]),
        statistic: "Average".to_owned(),
        period: 3_600,
    }
}

fn business(names: &[&str]) -> impl Fn(&mut Manifest) {
    let metrics: Vec<_> = names
        .iter()
        .map(|name| crate::policy::BusinessMetric {
            name: (*name).to_owned(),
            metric: declared_metric(name),
            limit: Limit::Below(0.02),
            owner: None,
            within_hours: 24,
            line: 1,
        })
        .collect();
    move |manifest| manifest.business_metrics.clone_from(&metrics)
}

#[test]
fn a_sound_version_is_covered_and_every_signal_is_told_in_the_order_of_the_matrix() {
    assert_eq!(
        states(&rated(Risk::Low), "/variant/"),
        [Covered, Covered, Covered, Covered, Covered, NotApplicable, NotApplicable]
    );
}

#[test]
fn without_alarms_what_applies_is_missing() {
    let none = rated(Risk::High).drop_where(|_: &Alarm| true);
    assert_eq!(states(&none, "/variant/"), [Missing, Missing, Missing, Missing, Missing, Missing, NotApplicable]);
}

#[test]
fn what_could_not_be_read_is_unknown_and_never_missing() {
    for kind in [FactKind::Alarms, FactKind::MuteRules, FactKind::Topics] {
        let states = states(&rated(Risk::High).hidden_all(kind), "/variant/");
        assert!(states[..5].iter().all(|state| *state == Unknown), "{kind}: {states:?}");
        assert!(!states.contains(&Covered), "{kind}: {states:?}");
    }
    let disabled = Fixture::sound().edit_named(ERRORS, |alarm: &mut Alarm| alarm.alarm_actions.clear());
    is(&disabled, Signal::Errors, Broken, "no action");
    is(&disabled.hidden_all(FactKind::EventRules), Signal::Errors, Unknown, "rule of EventBridge");
}

#[test]
fn responsible_ai_is_asked_where_the_risk_is_high_or_segments_are_declared() {
    let segments = |manifest: &mut Manifest| manifest.segments = vec!["age over 60".to_owned()];
    is(&rated(Risk::Medium), Signal::ResponsibleAi, NotApplicable, "not high");
    is(&rated(Risk::Low).manifest(segments), Signal::ResponsibleAi, Missing, "no alarm");
    let unrated = || Fixture::sound().manifest(|manifest| manifest.risk = None);
    is(&unrated(), Signal::ResponsibleAi, Unknown, "does not rate");
    is(&Fixture::sound().without_manifest(), Signal::ResponsibleAi, Unknown, "no manifest");
    let watched = |fixture: Fixture| {
        let metric = |manifest: &mut Manifest| manifest.segment_metrics = vec![declared_metric("approval_gap")];
        fixture.manifest(metric).with(metric_alarm("gap", "Bank/Business", "approval_gap", &[("Product", "cards")]))
    };
    is(&watched(rated(Risk::High)), Signal::ResponsibleAi, Covered, "");
    is(&watched(unrated()), Signal::ResponsibleAi, Covered, "");
}

#[test]
fn each_declared_business_metric_wants_an_alarm() {
    let alarm = |name: &str| metric_alarm(name, "Bank/Business", name, &[("Product", "cards")]);
    let both = Fixture::sound().manifest(business(&["conversion", "losses"]));
    is(&Fixture::sound(), Signal::Business, NotApplicable, "no business metric");
    is(&both, Signal::Business, Missing, "no alarm");
    is(&both.clone().with(alarm("conversion")), Signal::Business, Broken, "`losses`");
    is(&both.with(alarm("conversion")).with(alarm("losses")), Signal::Business, Covered, "");
}

#[test]
fn a_declared_monitor_elsewhere_leaves_drift_open() {
    let external = |manifest: &mut Manifest| {
        let name = "Arthur".to_owned();
        manifest.external_monitors = vec![crate::policy::ExternalMonitor { name, heartbeat: None }];
    };
    let without = Fixture::sound().drop_where(|alarm: &Alarm| alarm.name == DRIFT);
    is(&without, Signal::Drift, Missing, "no alarm");
    is(&without.manifest(external), Signal::Drift, Unknown, "Arthur");
    is(&Fixture::sound().manifest(external), Signal::Drift, Covered, "");
    let nothing = |manifest: &mut Manifest| manifest.no_drift_because = Some("rules only".to_owned());
    is(&Fixture::sound().manifest(nothing), Signal::Drift, NotApplicable, "rules only");
}

#[test]
fn batch_is_watched_by_a_rule_and_is_never_slow_silent_or_full() {
    let batch = rated(Risk::Low).asked("ListRules").with(job("night", MODEL, "2026-05-20T01:00:00Z"));
    let with = |fixture: Fixture| states(&fixture, "/batch/");
    let rest = |errors| [errors, NotApplicable, NotApplicable, NotApplicable, Missing, NotApplicable, NotApplicable];
    assert_eq!(with(batch.clone()), rest(Missing));
    let ruled = batch.with(event_rule("failed", FAILED_JOBS, &[TOPIC]));
    assert_eq!(with(ruled.clone()), rest(Covered));
    assert_eq!(with(ruled.clone().hidden_all(FactKind::EventRules))[0], Unknown);
    let silent = ruled
        .edit(|topic: &mut Topic| topic.subscriptions = Some(Vec::new()))
        .edit(|topic: &mut Topic| topic.confirmed = Some(0));
    assert_eq!(with(silent)[0], Broken);
}

#[test]
fn a_working_alarm_comes_first_and_the_others_are_noted() {
    let mut broken = alarm("a-broken", "Invocation5XXErrors");
    broken.alarm_actions.clear();
    let fixture = Fixture::sound().with(broken);
    let estate = fixture.estate();
    let errors = &estate.live[0].coverage[0];
    let names: Vec<&str> = errors.alarms.iter().map(|it| estate.alarms[*it].alarm.data.name.as_str()).collect();
    assert_eq!((errors.state, names), (Covered, vec![ERRORS, "a-broken"]));
    assert!(errors.notes[0].contains("`a-broken` has no action"), "{:?}", errors.notes);
}

#[test]
fn full_is_counted_by_processor() {
    let of = |instance: &str, metric: &str| {
        let fixture = Fixture::sound().edit(|it: &mut EndpointConfig| {
            it.variants[0].instance_type = Some(instance.to_owned());
        });
        let estate = fixture.estate();
        worth::full(metric, &estate.live[0])
    };
    assert_eq!(of("ml.m5.xlarge", "CPUUtilization"), Some(400.0));
    assert_eq!(of("ml.g5.12xlarge", "GPUUtilization"), Some(400.0));
    assert_eq!(of("ml.m5.xlarge", "GPUUtilization"), None);
    assert_eq!(of("ml.unheard-of.xlarge", "CPUUtilization"), None);
    assert_eq!(of("ml.m5.xlarge", "MemoryUtilization"), Some(100.0));
    assert_eq!(of("ml.m5.xlarge", "ServerlessConcurrentExecutionsUtilization"), Some(1.0));
    assert_eq!(of("ml.m5.xlarge", "ConcurrentRequestsPerModel"), None);
}
