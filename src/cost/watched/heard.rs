//! Who hears of a budget. One that nobody hears of is theatre.
//!
//! Sources: <https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_Notification.html>,
//! <https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html>

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use crate::estate::{Estate, Lookup};
use crate::evidence::{Budget, BudgetNotification, BudgetSubscriber, Topic};

/// Who hears of a budget, and what is wrong or not known about that.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// Who hears of it; `None` where that could not be read.
    pub(super) by: Option<Vec<String>>,
    /// What is wrong, in plain words.
    pub(super) faults: Vec<String>,
    /// What could not be said, in plain words.
    pub(super) unsure: Vec<String>,
}

/// What becomes of a word to a subscriber.
enum Reached {
    Yes(String),
    No(String),
    Unsure(String),
}

/// Who hears of a budget before it is spent, or when it is.
pub(super) fn by(budget: &Budget, estate: &Estate<'_>) -> Heard {
    let Some(notifications) = &budget.notifications else {
        return Heard { unsure: vec!["its notifications could not be read".to_owned()], ..Heard::default() };
    };
    if notifications.is_empty() {
        return nobody("has no notification, so that nobody hears of it");
    }
    let timely: Vec<&BudgetNotification> = notifications.iter().filter(|it| is_timely(it, budget)).collect();
    if timely.is_empty() {
        return nobody("tells somebody only when it is long spent, or when too little is spent");
    }
    let unread = timely.iter().any(|it| it.subscribers.is_none());
    let subscribers: BTreeSet<&BudgetSubscriber> =
        timely.iter().flat_map(|it| it.subscribers.iter().flatten()).collect();
    if subscribers.is_empty() && !unread {
        return nobody("has notifications without a subscriber, so that nobody hears of it");
    }
    let (mut by, mut deaf, mut unsure) = (Vec::new(), Vec::new(), Vec::new());
    for subscriber in subscribers {
        match reached(subscriber, estate) {
            Reached::Yes(who) => by.push(who),
            Reached::No(why) => deaf.push(why),
            Reached::Unsure(why) => unsure.push(why),
        }
    }
    if unread {
        unsure.push("some of its subscribers could not be read".to_owned());
    }
    match (by.is_empty(), unsure.is_empty()) {
        // Somebody hears of it: what else is wrong or not known changes nothing about that.
        (false, _) => Heard { by: Some(by), ..Heard::default() },
        (true, true) => {
            Heard { by: Some(by), faults: vec![format!("is heard by nobody: {}", deaf.join(", "))], unsure }
        }
        (true, false) => Heard { by: None, faults: Vec::new(), unsure },
    }
}

fn nobody(fault: &str) -> Heard {
    Heard { by: Some(Vec::new()), faults: vec![fault.to_owned()], unsure: Vec::new() }
}

/// Whether a notification comes at the latest when the limit is reached.
fn is_timely(notification: &BudgetNotification, budget: &Budget) -> bool {
    let limit = budget.limit.as_ref().map(|limit| limit.value);
    let at_most = if notification.percentage { Some(Decimal::ONE_HUNDRED) } else { limit };
    let late = at_most.is_some_and(|at_most| notification.threshold > at_most);
    notification.comparison != "LESS_THAN" && !late
}

fn reached(subscriber: &BudgetSubscriber, estate: &Estate<'_>) -> Reached {
    if subscriber.kind != "SNS" {
        return Reached::Yes(subscriber.address.clone());
    }
    let arn = subscriber.address.as_str();
    let mut parts = arn.split(':').skip(3);
    let (region, account) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let name = parts.next().unwrap_or(arn);
    match estate.index.topic(account, region, arn) {
        Lookup::Found(topic) => heard_from(name, &topic.data),
        Lookup::Absent(_) => Reached::No(format!("the topic `{name}` is not there")),
        Lookup::Unseen | Lookup::NotNamed => {
            Reached::Unsure(format!("it speaks to the topic `{name}`, which was not read"))
        }
    }
}

/// Who hears from a topic: its own count and the list of its subscriptions can each be denied without the other.
fn heard_from(name: &str, topic: &Topic) -> Reached {
    let listed = topic.subscriptions.as_ref().map(|all| all.iter().filter(|it| it.confirmed).count());
    let counted = topic.confirmed.and_then(|count| usize::try_from(count).ok());
    match listed.max(counted) {
        Some(0) => Reached::No(format!("the topic `{name}` has no confirmed subscription")),
        Some(1) => Reached::Yes(format!("topic `{name}` (1 subscription)")),
        Some(count) => Reached::Yes(format!("topic `{name}` ({count} subscriptions)")),
        None => Reached::Unsure(format!("who hears from the topic `{name}` could not be read")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::fixture::*;
    use crate::evidence::FactKind;

    /// Who hears, faults, unsure.
    type Told = (Option<Vec<String>>, Vec<String>, Vec<String>);

    fn told(fixture: &Fixture, change: impl FnOnce(&mut Budget)) -> Told {
        let mut own = budget("models", "100", "40", "80");
        change(&mut own);
        let heard = by(&own, &fixture.estate());
        (heard.by, heard.faults, heard.unsure)
    }

    fn fault(change: impl FnOnce(&mut Budget)) -> String {
        let (by, faults, unsure) = told(&Fixture::sound(), change);
        assert!(by.is_some_and(|by| by.is_empty()) && unsure.is_empty());
        faults.concat()
    }

    #[test]
    fn a_budget_that_nobody_hears_is_theatre() {
        assert_eq!(fault(|it| it.notifications = Some(vec![])), "has no notification, so that nobody hears of it");
        assert_eq!(
            fault(|it| it.notifications = Some(vec![notification("ACTUAL", "80", &[])])),
            "has notifications without a subscriber, so that nobody hears of it"
        );
        let late = "tells somebody only when it is long spent, or when too little is spent";
        assert_eq!(fault(|it| it.notifications = Some(vec![notification("ACTUAL", "150", &["a@b"])])), late);
        assert_eq!(
            fault(|it| {
                let less =
                    BudgetNotification { comparison: "LESS_THAN".to_owned(), ..notification("ACTUAL", "50", &["a@b"]) };
                it.notifications = Some(vec![less]);
            }),
            late
        );
    }

    #[test]
    fn a_topic_counts_if_somebody_confirmed() {
        let to_topic = |it: &mut Budget| it.notifications = Some(vec![notification("ACTUAL", "80", &[TOPIC])]);
        let sound = Fixture::sound();
        let heard = told(&sound, to_topic);
        assert!(heard.0.is_some_and(|by| by[0].starts_with("topic `ml-oncall` (")), "{:?}", heard.1);
        let pending = sound.clone().edit(|it: &mut Topic| {
            it.confirmed = Some(0);
            it.subscriptions.iter_mut().flatten().for_each(|it| it.confirmed = false);
        });
        let nobody = "is heard by nobody: the topic `ml-oncall` has no confirmed subscription";
        assert_eq!(told(&pending, to_topic).1, [nobody]);
        let gone = sound.clone().absent(FactKind::Topics, TOPIC);
        assert_eq!(told(&gone, to_topic).1, ["is heard by nobody: the topic `ml-oncall` is not there"]);
        let unread = sound.hidden(FactKind::Topics, TOPIC);
        assert_eq!(
            told(&unread, to_topic),
            (None, vec![], vec!["it speaks to the topic `ml-oncall`, which was not read".to_owned()])
        );
        let beside = |it: &mut Budget| it.notifications = Some(vec![notification("ACTUAL", "80", &[TOPIC, "a@b"])]);
        assert_eq!(told(&gone, beside).0, Some(vec!["a@b".to_owned()]), "one who hears is enough");
    }

    #[test]
    fn what_could_not_be_read_is_no_fault() {
        let (by, faults, unsure) = told(&Fixture::sound(), |it| it.notifications = None);
        assert_eq!((by, faults, unsure.concat().as_str()), (None, vec![], "its notifications could not be read"));
        let (by, faults, _) =
            told(&Fixture::sound(), |it| it.notifications.iter_mut().flatten().for_each(|it| it.subscribers = None));
        assert_eq!((by, faults), (None, vec![]));
    }
}
