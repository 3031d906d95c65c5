//! RSP-001

use crate::control::declared::{Declared, declared};
use crate::control::monitoring::unbound;
use crate::control::{Check, Context, Gate, Verdict};
use crate::declare_control;
use crate::estate::{BoundAlarm, LiveVersion, Lookup, Owner, Signal, alarm_owner, answers_for_alarms, stated};
use crate::policy::{Manifest, Profile};

declare_control! {
    /// ## What it requires
    /// Every alarm on a live version has an owner; it should also have a runbook and a time to respond.
    ///
    /// ## Why
    /// An alarm that belongs to nobody wakes nobody: it is theatre.
    ///
    /// ## Evidence
    /// The owner, in this order: a tag of the alarm, `owner=` in its description, a tag of the endpoint or of the model
    /// package group, the manifest. Runbook and time: `runbook=` and `respond_within=` in the description, or the manifest.
    ///
    /// ## Results
    /// - **pass**: somebody owns it; a missing runbook or time to respond is noted
    /// - **fail**: nobody does. Bars under `profile = "regulated"`, weighs otherwise
    /// - **unknown**: no owner was found, and tags that may name one could not be read
    /// - **not applicable**: it only scales; it is bound to no live version (MON-007 owns orphans)
    "RSP-001" "alarm-owned" {
        summary: "every alarm has an owner, and should have a runbook and a time to respond",
        severity: Medium,
        gate: Operability,
        needs: [Alarms],
        uses: [AlarmTags, Tags, Packages],
        remedy: "aws cloudwatch tag-resource on the alarm with an owner, and write runbook= and respond_within= into its description",
        role: "alarm owner",
        frameworks: [("NIST AI RMF", "GOVERN 2.1, MANAGE 4.1"), ("ISO/IEC 42001", "A.3.2"), ("EU AI Act", "Art. 26(2)"), ("PRA SS1/23", "P2")],
        check: Check::Alarm(check),
    }
}

fn check<'a>(alarm: &'a BoundAlarm<'a>, context: Context<'a>) -> Verdict {
    judge(alarm, context).gate(match context.policy.profile {
        Profile::Standard => Gate::Operability,
        Profile::Regulated => Gate::Fix,
    })
}

fn judge<'a>(alarm: &'a BoundAlarm<'a>, context: Context<'a>) -> Verdict {
    if alarm.scaling_only {
        return Verdict::not_applicable("it only scales instances");
    }
    let watched: Vec<(&LiveVersion<'a>, Signal)> =
        alarm.bound.iter().filter_map(|(index, signal)| Some((context.estate.live.get(*index)?, *signal))).collect();
    if watched.is_empty() {
        return unbound(alarm, context);
    }
    let name = &alarm.alarm.data.name;
    let verdict = match alarm_owner(alarm, context.estate, context.policy) {
        Some(Owner { name, source }) => Verdict::pass(format!("{name} owns it, as {source} says")),
        None => match unsure(alarm, &watched, context) {
            Some(why) => return Verdict::unknown(format!("no owner of it was found, and {why}")),
            None => {
                Verdict::fail(format!("nobody owns alarm `{name}`: no tag, no description, no manifest names an owner"))
            }
        },
    };
    let verdict = verdict.cite(alarm.alarm, format!("alarm `{name}` and its description"));
    let description = alarm.alarm.data.description.as_deref().unwrap_or_default();
    let in_manifest = |read: fn(&Manifest, Signal) -> bool| {
        watched.iter().any(|(live, signal)| live.manifest.is_some_and(|manifest| read(manifest, *signal)))
    };
    let runbook = stated(description, "runbook").is_some()
        || in_manifest(|manifest, signal| manifest.runbook.contains_key(signal.words()));
    let time = stated(description, "respond_within").is_some()
        || in_manifest(|manifest, signal| manifest.respond_within.contains_key(signal.words()));
    match (runbook, time) {
        (true, true) => verdict,
        (false, true) => verdict.note("it has no runbook"),
        (true, false) => verdict.note("it has no time to respond"),
        (false, false) => verdict.note("it has neither a runbook nor a time to respond"),
    }
}

/// Why nobody can say that nobody owns it, where that is so.
fn unsure(
    alarm: &BoundAlarm<'_>,
    watched: &[(&LiveVersion<'_>, Signal)],
    context: Context<'_>,
) -> Option<&'static str> {
    if matches!(alarm.tags, Lookup::Unseen) {
        return Some("the alarm's tags could not be read");
    }
    if watched.iter().any(|(live, _)| context.view.billed_tags(live) == Lookup::Unseen) {
        return Some("tags of what it watches could not be read");
    }
    let mut answers = watched.iter().map(|(live, _)| declared(live, context, answers_for_alarms));
    answers.any(|answer| answer == Declared::Unsure).then_some("which manifest applies could not be read")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::tester::Tester;
    use crate::estate::fixture::*;
    use crate::evidence::{Alarm, FactKind, ResourceTags};

    /// Nobody is named anywhere: not by tags, not by descriptions, not by the manifest.
    fn unowned() -> Fixture {
        let mut fixture = Fixture::sound()
            .edit(|alarm: &mut Alarm| alarm.description = None)
            .edit(|tags: &mut ResourceTags| drop(tags.tags.remove("owner")))
            .manifest(|manifest| (manifest.owner, manifest.oncall) = (None, None));
        fixture.snapshot.facts.alarm_tags.iter_mut().for_each(|fact| fact.data.tags.clear());
        fixture
    }

    fn tagged(key: &str, value: &str) -> Fixture {
        let mut fixture = unowned();
        for fact in &mut fixture.snapshot.facts.alarm_tags {
            fact.data.tags.insert(key.to_owned(), value.to_owned());
        }
        fixture
    }

    fn described(text: &'static str) -> Fixture {
        unowned().edit(move |alarm: &mut Alarm| alarm.description = Some(text.to_owned()))
    }

    #[test]
    fn the_owner_is_looked_for_from_near_to_far() {
        Tester::new(&CONTROL)
            .on(ERRORS)
            .pass(Fixture::sound(), "fraud-oncall, tag `owner` of the alarm")
            .touches(1)
            .pass(tagged("Owner", "anna"), "anna, tag `Owner`")
            .pass(tagged("OnCall", "rota"), "rota, tag `OnCall`")
            .pass(described("Pages us. owner=desk; runbook=https://wiki"), "desk, description")
            .pass(
                unowned().edit_named(ENDPOINT_ARN, |tags: &mut ResourceTags| {
                    drop(tags.tags.insert("owner".into(), "team".into()))
                }),
                "team, endpoint",
            )
            .pass(
                unowned().edit_named(GROUP_ARN, |tags: &mut ResourceTags| {
                    drop(tags.tags.insert("owner".into(), "group".into()))
                }),
                "group",
            )
            .pass(unowned().manifest(|manifest| manifest.owner = Some("Maria".to_owned())), "Maria, manifest")
            .fail(unowned(), "nobody owns")
            .fail(tagged("owner", " "), "nobody owns");
    }

    #[test]
    fn a_missing_runbook_or_time_is_only_noted() {
        let bare = |manifest: &mut crate::policy::Manifest| {
            manifest.runbook.clear();
            manifest.respond_within.clear();
        };
        Tester::new(&CONTROL)
            .on(ERRORS)
            .pass(described("owner=desk runbook=https://wiki respond_within=30"), "desk")
            .no_note("runbook")
            .pass(described("owner=desk"), "desk")
            .no_note("runbook")
            .pass(described("owner=desk runbook=https://wiki").manifest(bare), "desk")
            .note("no time to respond")
            .pass(described("owner=desk").manifest(bare), "desk")
            .note("neither a runbook nor a time");
    }

    #[test]
    fn the_profile_decides_whether_it_bars() {
        Tester::new(&CONTROL)
            .on(ERRORS)
            .fail(unowned(), "nobody")
            .gate(Gate::Operability)
            .fail(unowned().policy(|policy| policy.profile = Profile::Regulated), "nobody")
            .gate(Gate::Fix);
    }

    #[test]
    fn an_owner_who_could_not_be_looked_for_is_not_missing() {
        Tester::new(&CONTROL)
            .on(ERRORS)
            .unknown(unowned().hidden_all(FactKind::AlarmTags), "alarm's tags could not be read")
            .unknown(unowned().hidden_all(FactKind::Tags), "could not be read")
            .pass(described("owner=desk").hidden_all(FactKind::AlarmTags), "desk");
    }

    #[test]
    fn scaling_alarms_belong_to_autoscaling() {
        let scaling = |alarm: &mut Alarm| {
            alarm.alarm_actions = vec!["arn:aws:autoscaling:eu-central-1:111122223333:scalingPolicy:x".to_owned()]
        };
        Tester::new(&CONTROL).on(ERRORS).not_applicable(unowned().edit_named(ERRORS, scaling), "scales");
    }
}
