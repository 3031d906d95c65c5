//! What composites add: they watch what their alarms watch, and tell those whom their alarms do not.

use std::collections::BTreeMap;

use super::Defect;
use super::delivery::Delivery;
use super::watched::Watched;
use crate::cloudwatch::composite::Rule;
use crate::estate::index::{Index, Place, place};
use crate::evidence::{Alarm, AlarmKind, Fact, FactKind};

/// For each alarm, the composites that fire whenever it does.
pub(super) type Parents = Vec<Vec<usize>>;

/// Composites nested deeper than anybody would nest them are not followed.
const DEPTH: usize = 50;

/// How far a walk through nested composites has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Open,
    Under,
    Done,
}

/// Everything that the walk needs.
struct Walk<'w, 'a> {
    facts: &'w [&'a Fact<Alarm>],
    index: &'w Index<'a>,
    numbers: BTreeMap<(Place<'a>, &'a str), usize>,
    steps: Vec<Step>,
    parents: Parents,
}

/// Gives every composite the bindings of its alarms, and finds which composites fire whenever an alarm does.
pub(super) fn carry<'a>(facts: &[&'a Fact<Alarm>], index: &Index<'a>, watched: &mut [Watched]) -> Parents {
    let numbers = facts.iter().enumerate().map(|(number, alarm)| ((place(alarm), alarm.data.name.as_str()), number));
    let mut walk = Walk {
        facts,
        index,
        numbers: numbers.collect(),
        steps: vec![Step::Open; facts.len()],
        parents: vec![Vec::new(); facts.len()],
    };
    for number in 0..facts.len() {
        walk.visit(number, watched, 0);
    }
    walk.parents
}

impl Walk<'_, '_> {
    fn visit(&mut self, number: usize, watched: &mut [Watched], depth: usize) {
        if self.steps.get(number) != Some(&Step::Open) || depth > DEPTH {
            // Done, or a circle of composites, which never settles.
            return;
        }
        self.step(number, Step::Under);
        if let Some(alarm) = self.facts.get(number).copied()
            && let AlarmKind::Composite { rule, .. } = &alarm.data.kind
        {
            let of_rule = match Rule::parse(rule) {
                Some(rule) => self.of_rule(number, &rule, watched, depth),
                None => Watched { unseen: ["what its rule says".to_owned()].into(), ..Watched::default() },
            };
            if let Some(own) = watched.get_mut(number) {
                own.bound = of_rule.bound;
                own.serving |= of_rule.serving;
                own.defects.extend(of_rule.defects);
                own.unseen.extend(of_rule.unseen);
            }
        }
        self.step(number, Step::Done);
    }

    fn step(&mut self, number: usize, to: Step) {
        if let Some(step) = self.steps.get_mut(number) {
            *step = to;
        }
    }

    fn of_rule(&mut self, number: usize, rule: &Rule, watched: &mut [Watched], depth: usize) -> Watched {
        let mut own = Watched::default();
        let Some(alarm) = self.facts.get(number).copied() else { return own };
        if !rule.can_hold() {
            own.defects.insert(Defect::CannotFire("its rule never holds".to_owned()));
        }
        let mut dead = None;
        for name in rule.names() {
            let (suffices, may_need) = (rule.suffices(name), rule.may_need(name));
            let Some(child) = self.numbers.get(&(place(alarm), name)).copied() else {
                if may_need && !self.index.listed(&alarm.account, &alarm.region, FactKind::Alarms) {
                    own.unseen.insert(format!("alarm `{name}`, on which its rule rests"));
                }
                continue;
            };
            self.visit(child, watched, depth + 1);
            let Some(child_watched) = watched.get(child) else { continue };
            if !may_need && !suffices {
                continue;
            }
            own.serving |= child_watched.serving;
            if !child_watched.defects.is_empty() {
                dead.get_or_insert(name);
                continue;
            }
            if suffices && let Some(parents) = self.parents.get_mut(child) {
                parents.push(number);
            }
            own.unseen.extend(child_watched.unseen.iter().cloned());
            for ((live, signal), certain) in &child_watched.bound {
                own.bind(*live, *signal, *certain && suffices);
            }
        }
        if let (Some(dead), true) = (dead, own.bound.is_empty()) {
            own.defects.insert(Defect::CannotFire(format!("alarm `{dead}`, on which it rests, cannot")));
        }
        own
    }
}

/// Lets alarms that tell nobody reach somebody through a composite that fires whenever they do. Gives, for each alarm,
/// the names of the composites through which it does.
pub(super) fn deliver(
    facts: &[&Fact<Alarm>],
    parents: &Parents,
    watched: &[Watched],
    deliveries: &mut [Delivery],
) -> Vec<Vec<String>> {
    let own: Vec<Delivery> = deliveries.to_vec();
    let mut through = vec![Vec::new(); facts.len()];
    for number in 0..facts.len() {
        if own.get(number).and_then(Delivery::reaches_somebody) == Some(true) {
            continue;
        }
        let above = ancestors(number, parents);
        let reaching = |wanted: Option<bool>| {
            let fit = |ancestor: &&usize| {
                let works = watched.get(**ancestor).is_some_and(|it| it.defects.is_empty());
                works && own.get(**ancestor).is_some_and(|it| it.reaches_somebody() == wanted)
            };
            above.iter().filter(fit).copied().collect::<Vec<usize>>()
        };
        let (sure, unsure) = (reaching(Some(true)), reaching(None));
        let Some(delivery) = deliveries.get_mut(number) else { continue };
        let carriers = if sure.is_empty() { &unsure } else { &sure };
        if carriers.is_empty() {
            continue;
        }
        delivery.defects.clear();
        if !sure.is_empty() {
            delivery.unseen.clear();
        }
        for carrier in carriers {
            if let (Some(parent), Some(alarm)) = (own.get(*carrier), facts.get(*carrier)) {
                delivery.unseen.extend(parent.unseen.iter().cloned());
                delivery.reaches.extend(parent.reaches.iter().cloned());
                delivery.seen.extend(alarm.seen.iter().chain(&parent.seen));
                if let Some(through) = through.get_mut(number) {
                    through.push(alarm.data.name.clone());
                }
            }
        }
    }
    through
}

/// Composites above an alarm, those above them, and so on.
fn ancestors(number: usize, parents: &Parents) -> Vec<usize> {
    let mut above = Vec::new();
    let mut open = vec![number];
    while let Some(next) = open.pop() {
        for parent in parents.get(next).into_iter().flatten() {
            if *parent != number && !above.contains(parent) {
                above.push(*parent);
                open.push(*parent);
            }
        }
    }
    above.sort_unstable();
    above
}
