//! What an event shows by itself: the record of a call that CloudTrail delivered with it, before the event history holds it.

use crate::evidence::{Call, CallId, Fact, Origin, Snapshot, TrailEvent};

use super::event::Event;

/// Adds the record that came with an event to what was read, unless the event history showed it as well. The call behind
/// it is the event.
pub fn add(snapshot: &mut Snapshot, event: &Event) {
    let Some(record) = &event.record else { return };
    let facts = &mut snapshot.facts.trail_events;
    let place = (event.account.as_str(), event.region.as_str());
    if facts.iter().any(|fact| (fact.account.as_str(), fact.region.as_str()) == place && fact.data.id == record.id) {
        return;
    }
    let Ok(call) = u32::try_from(snapshot.calls.len()).map(CallId) else { return };
    snapshot.calls.push(Call {
        account: event.account.clone(),
        region: event.region.clone(),
        service: "events".to_owned(),
        operation: "Deliver".to_owned(),
        subject: event.kind.clone(),
        request_id: Some(event.id.clone()),
        at: event.time.unwrap_or(snapshot.as_of).min(snapshot.as_of),
    });
    facts.push(Fact {
        account: event.account.clone(),
        region: event.region.clone(),
        seen: vec![call],
        data: TrailEvent { origin: Origin::Delivered { event: event.id.clone() }, ..(**record).clone() },
    });
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::collect::{Focus, Subject};
    use crate::estate::Grade;
    use crate::estate::fixture::*;
    use crate::evidence::Package;
    use crate::run::judge;

    fn delivered(record: TrailEvent) -> Event {
        Event {
            id: "e-1".to_owned(),
            kind: "AWS API Call via CloudTrail".to_owned(),
            account: ACCOUNT.to_owned(),
            region: REGION.to_owned(),
            time: None,
            attempt: 1,
            focus: Focus { subjects: BTreeSet::from([Subject::Package(PACKAGE.to_owned())]) },
            record: Some(Box::new(record)),
        }
    }

    #[test]
    fn an_approval_that_the_history_does_not_hold_yet_is_proved_by_its_event() {
        let young = |package: &mut Package| package.modified = Some(at("2026-06-01T11:55:00Z"));
        let fixture = Fixture::sound().without_events().edit_named(PACKAGE, young);
        let approval = approval(PACKAGE, "2026-06-01T11:55:00Z", "Approved", sso("anna"));
        let mut snapshot = fixture.snapshot.clone();
        add(&mut snapshot, &delivered(approval.clone()));
        let report = judge(&snapshot, &fixture.policy, None);
        let live = report.live_versions.iter().find(|live| live.approval.is_some()).unwrap();
        assert_eq!(live.approval.as_ref().unwrap().grade, Grade::C);
        let shown = report.calls.values().find(|call| &*call.call == "events:Deliver").unwrap();
        assert_eq!(shown.request_id.as_deref(), Some("e-1"));

        let facts = snapshot.facts.trail_events.len();
        add(&mut snapshot, &delivered(approval));
        assert_eq!(snapshot.facts.trail_events.len(), facts, "once is enough");
    }
}
