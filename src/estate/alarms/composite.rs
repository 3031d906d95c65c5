//! What composites add: they watch what their alarms watch, and tell those whom their alarms do not.

use std::collections::{BTreeMap, BTreeSet};

use super::Defect;
use super::delivery::Delivery;
use super::watched::Watched;
use crate::cloudwatch::composite::Rule;
use crate::estate::index::{Index, Place, place};
use crate::evidence::{Alarm, AlarmKind, Fact, FactKind};

/// What stands above each alarm.
#[derive(Debug)]
pub(super) struct Above {
    /// For each alarm, the composites that fire whenever it does.
    carriers: Vec<Vec<usize>>,
    /// For each alarm, the composites that name it and do not, with why, in words that follow "which".
    others: Vec<Vec<(usize, String)>>,
}

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
    above: Above,
}

/// Gives every composite the bindings of its alarms, and finds which composites fire whenever an alarm does.
pub(super) fn carry<'a>(facts: &[&'a Fact<Alarm>], index: &Index<'a>, watched: &mut [Watched]) -> Above {
    let numbers = facts.iter().enumerate().map(|(number, alarm)| ((place(alarm), alarm.data.name.as_str()), number));
    let mut walk = Walk {
        facts,
        index,
        numbers: numbers.collect(),
        steps: vec![Step::Open; facts.len()],
        above: Above { carriers: vec![Vec::new(); facts.len()], others: vec![Vec::new(); facts.len()] },
    };
    for number in 0..facts.len() {
        walk.visit(number, watched, 0);
    }
    walk.above
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
        let never = (!rule.can_hold()).then(|| {
            if holds_false(rule) { "its rule is switched off by `FALSE`" } else { "its rule never holds" }.to_owned()
        });
        own.defects.extend(never.clone().map(Defect::CannotFire));
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
                if let Some(never) = &never {
                    own.serving |= child_watched.serving;
                    self.names_in_vain(child, number, format!("can never fire: {never}"));
                }
                continue;
            }
            own.serving |= child_watched.serving;
            if !child_watched.defects.is_empty() {
                dead.get_or_insert(name);
                continue;
            }
            if suffices && let Some(carriers) = self.above.carriers.get_mut(child) {
                carriers.push(number);
            }
            let child_watched = child_watched.clone();
            if !suffices {
                let companions = rule.names().into_iter().filter(|other| *other != name && rule.may_need(other));
                let companions: Vec<&str> = companions.collect();
                if let Some(other) = self.unrelated(alarm, &companions, &child_watched, watched) {
                    self.names_in_vain(child, number, Defect::NeedsUnrelated(other.to_owned()).words());
                    own.defects.insert(Defect::NeedsUnrelated(other.to_owned()));
                    continue;
                }
                self.names_in_vain(child, number, format!("fires only together with `{}`", companions.join("`, `")));
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

impl Walk<'_, '_> {
    /// A composite names an alarm and does not speak for it.
    fn names_in_vain(&mut self, child: usize, composite: usize, why: String) {
        if let Some(others) = self.above.others.get_mut(child) {
            others.push((composite, why));
        }
    }

    /// The first of the alarms that a rule wants beside a child, if all of them are known and none is about anything that
    /// the child is about.
    fn unrelated<'n>(
        &mut self,
        composite: &Fact<Alarm>,
        companions: &[&'n str],
        child: &Watched,
        watched: &[Watched],
    ) -> Option<&'n str> {
        let about = |watched: &Watched| watched.bound.keys().map(|(live, _)| *live).collect::<BTreeSet<usize>>();
        let own = about(child);
        if own.is_empty() {
            return None;
        }
        for companion in companions {
            let other = self.numbers.get(&(place(composite), *companion)).and_then(|number| watched.get(*number))?;
            // A composite may not have been followed yet, and what could not be seen may be about anything.
            if !other.unseen.is_empty() || other.is_composite || !about(other).is_disjoint(&own) {
                return None;
            }
        }
        companions.first().copied()
    }
}

fn holds_false(rule: &Rule) -> bool {
    match rule {
        Rule::Constant(value) => !value,
        Rule::Not(rule) => holds_false(rule),
        Rule::All(rules) | Rule::Any(rules) => rules.iter().any(holds_false),
        Rule::Is(..) | Rule::AtLeast(..) => false,
    }
}

/// Lets alarms that tell nobody reach somebody through a composite that fires whenever they do. Gives, for each alarm,
/// the names of the composites through which it does.
pub(super) fn deliver(
    facts: &[&Fact<Alarm>],
    above: &Above,
    watched: &[Watched],
    deliveries: &mut [Delivery],
) -> Vec<Vec<String>> {
    let own: Vec<Delivery> = deliveries.to_vec();
    let mut through = vec![Vec::new(); facts.len()];
    for number in 0..facts.len() {
        if own.get(number).and_then(Delivery::reaches_somebody) == Some(true) {
            continue;
        }
        let ancestors = ancestors(number, &above.carriers);
        let reaching = |wanted: Option<bool>| {
            let fit = |ancestor: &&usize| {
                let works = watched.get(**ancestor).is_some_and(|it| it.defects.is_empty());
                works && own.get(**ancestor).is_some_and(|it| it.reaches_somebody() == wanted)
            };
            ancestors.iter().filter(fit).copied().collect::<Vec<usize>>()
        };
        let (sure, unsure) = (reaching(Some(true)), reaching(None));
        let Some(delivery) = deliveries.get_mut(number) else { continue };
        let carriers = if sure.is_empty() { &unsure } else { &sure };
        if carriers.is_empty() {
            // It may have nothing but them: whoever reads of it must know why they do not speak for it.
            let name = |composite: &usize| facts.get(*composite).map(|alarm| alarm.data.name.clone());
            let in_vain = above.others.get(number).into_iter().flatten();
            let in_vain = in_vain.filter_map(|(composite, why)| Some((name(composite)?, why.clone())));
            let silent = ancestors.iter().filter_map(|composite| {
                let broken = watched.get(*composite).into_iter().flat_map(|it| &it.defects);
                let quiet = own.get(*composite).into_iter().flat_map(|it| &it.defects);
                Some((name(composite)?, broken.chain(quiet).next()?.words()))
            });
            let all: Vec<_> = silent.chain(in_vain).collect();
            if delivery.defects.contains(&Defect::NoAction) {
                delivery
                    .defects
                    .extend(all.into_iter().map(|(composite, why)| Defect::ThroughComposite { composite, why }));
            }
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
fn ancestors(number: usize, parents: &[Vec<usize>]) -> Vec<usize> {
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
