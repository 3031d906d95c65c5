//! Who acted on models, as the evidence shows: registered versions, set their approval status, edited them, deployed them.
//!
//! This is who did, not who could: permissions are not read. One hand is one person where the identity proves one,
//! whatever role they came through; else it is a role, whose sessions choose their own names.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::actor::Who;
use super::events::Events;
use super::{Actor, Approval, Grade, LiveVersion, Turn};
use crate::evidence::ApprovalStatus;

/// What somebody did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deed {
    /// Registered a package version.
    Registered,
    /// Set the approval status of one.
    Decided,
    /// Changed something else about one.
    Edited,
    /// Put a config on an endpoint, or a model behind an inference component.
    Deployed,
}

/// How often somebody did something, and when last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done {
    /// How often.
    pub count: usize,
    /// When last.
    pub last: Timestamp,
    /// How well the last time is proved.
    pub grade: Grade,
}

/// One person or role, and what they did.
#[derive(Clone, Debug)]
pub struct Hand {
    /// As the newest record writes them.
    pub actor: Actor,
    /// When that record was made.
    pub seen: Timestamp,
    /// Every identity that they acted as.
    pub identities: BTreeSet<String>,
    /// What they did.
    pub deeds: BTreeMap<Deed, Done>,
    /// Groups in which they set the approval status.
    pub decided_in: BTreeSet<String>,
    /// Packages that serve, which they both approved and registered or deployed. Whether it is one person is certain for
    /// persons and for automation; the sessions of a shared role may be several.
    pub both: BTreeSet<String>,
}

impl Hand {
    /// Whether what they did on both sides was surely done by one.
    pub fn is_one(&self) -> bool {
        self.actor.person.is_some() || self.actor.kind == super::ActorKind::Automation
    }

    /// Whether a declaration means them: a person's name or identity as its ARN ends, where the identity proves the
    /// person; else a role. The name of a session that proves nobody is never believed.
    pub fn is(&self, declared: &str) -> bool {
        let ends = |own: &str| {
            own.eq_ignore_ascii_case(declared)
                || own
                    .to_lowercase()
                    .strip_suffix(declared.to_lowercase().as_str())
                    .is_some_and(|rest| rest.ends_with(['/', ':']))
        };
        let by_name = self.actor.person.as_deref().is_some_and(|person| {
            person.eq_ignore_ascii_case(declared) || self.identities.iter().any(|identity| ends(identity))
        });
        !declared.is_empty() && (by_name || self.actor.role.as_deref().is_some_and(ends))
    }
}

/// Everybody who did something, in the order of their names.
pub(super) fn of<'a>(events: &Events<'a>, who: &Who<'a>, live: &[LiveVersion<'a>]) -> Vec<Hand> {
    let mut hands = Hands::default();
    for (arn, event) in events.about_packages() {
        let by = who.called(event, events);
        let (at, grade) = (event.data.time, event.source.grade());
        let status = event.data.parameter("modelApprovalStatus");
        let registers = event.data.name == "CreateModelPackage";
        // To register a version as waiting decides nothing.
        let decides = status.is_some_and(|status| !registers || status == ApprovalStatus::Approved.as_str());
        if registers {
            hands.add(&by, Deed::Registered, at, grade);
        }
        if decides {
            hands.add(&by, Deed::Decided, at, grade).decided_in.extend(group_of(arn).map(str::to_owned));
        } else if !registers {
            hands.add(&by, Deed::Edited, at, grade);
        }
    }
    for event in events.deploying() {
        hands.add(&who.called(event, events), Deed::Deployed, event.data.time, event.source.grade());
    }
    let mut told = BTreeSet::new();
    for live in live {
        for approval in &live.approvals {
            if told.insert(approval.package.data.arn.as_str()) {
                hands.add_described(approval);
            }
            hands.compare(approval, live);
        }
    }
    hands.0.into_values().collect()
}

#[derive(Default)]
struct Hands(BTreeMap<String, Hand>);

impl Hands {
    fn add(&mut self, by: &Actor, deed: Deed, at: Timestamp, grade: Grade) -> &mut Hand {
        let hand = self.0.entry(key(by)).or_insert_with(|| Hand {
            actor: by.clone(),
            seen: at,
            identities: BTreeSet::new(),
            deeds: BTreeMap::new(),
            decided_in: BTreeSet::new(),
            both: BTreeSet::new(),
        });
        // Of records of one instant, the order of the facts must not decide.
        if (at, &by.identity) > (hand.seen, &hand.actor.identity) {
            (hand.actor, hand.seen) = (by.clone(), at);
        }
        hand.identities.insert(by.identity.clone());
        let done = hand.deeds.entry(deed).or_insert(Done { count: 0, last: at, grade });
        done.count += 1;
        done.grade = match at.cmp(&done.last) {
            std::cmp::Ordering::Less => done.grade,
            std::cmp::Ordering::Equal => done.grade.min(grade),
            std::cmp::Ordering::Greater => grade,
        };
        done.last = done.last.max(at);
        hand
    }

    /// What only a description shows: no event was seen of it.
    fn add_described(&mut self, approval: &Approval<'_>) {
        let group = approval.package.data.group.as_deref();
        for step in approval.history.iter().filter(|step| step.event.is_none()) {
            let Some(by) = &step.by else { continue };
            match step.change {
                Turn::Registered => {
                    self.add(by, Deed::Registered, step.at, step.grade);
                }
                Turn::Edited => {
                    self.add(by, Deed::Edited, step.at, step.grade);
                }
                Turn::Set | Turn::SetAgain | Turn::Described => {
                    let decided = step.status.as_ref().is_some_and(|it| *it != ApprovalStatus::PendingManualApproval);
                    if decided {
                        let hand = self.add(by, Deed::Decided, step.at, step.grade);
                        hand.decided_in.extend(group.map(str::to_owned));
                    }
                }
            }
        }
    }

    /// Whether whoever approved what serves also registered or deployed it.
    fn compare(&mut self, approval: &Approval<'_>, live: &LiveVersion<'_>) {
        let Some(approved) = &approval.approved else { return };
        let hand = key(&approved.by);
        let mut others = approval.registrar.iter().chain(&live.deployer);
        if others.any(|other| key(other) == hand)
            && let Some(hand) = self.0.get_mut(&hand)
        {
            hand.both.insert(approval.package.data.arn.clone());
        }
    }
}

/// What two records of one hand have in common.
fn key(actor: &Actor) -> String {
    match (&actor.person, &actor.role) {
        (Some(person), _) => format!("{person} in {}", actor.directory.as_deref().unwrap_or_default()),
        (None, Some(role)) => role.clone(),
        (None, None) => actor.identity.clone(),
    }
}

/// `…:model-package/group/7`, folded as ARNs are kept among events.
fn group_of(arn: &str) -> Option<&str> {
    arn.split_once(":model-package/")?.1.split_once('/').map(|(group, _)| group)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::*;
    use super::*;
    use crate::evidence::TrailEvent;

    /// A hand, with what it did how often, and on how many packages it is on both sides.
    type Told = (String, Vec<(Deed, usize)>, usize);

    fn told(fixture: &Fixture) -> Vec<Told> {
        let estate = fixture.estate();
        let row = |hand: &Hand| {
            let name = hand.actor.person.clone().or_else(|| hand.actor.role.clone()).unwrap_or_default();
            let deeds = hand.deeds.iter().map(|(deed, done)| (*deed, done.count)).collect();
            (name, deeds, hand.both.len())
        };
        estate.hands.iter().map(row).collect()
    }

    #[test]
    fn each_hand_is_there_once_with_all_that_it_did() {
        let deploy = format!("{ACCOUNT}:role/{}", role_of(&pipeline("deploy")));
        let train = format!("{ACCOUNT}:role/{}", role_of(&pipeline("train")));
        let mut expected = vec![
            ("anna".to_owned(), vec![(Deed::Decided, 2)], 0),
            (deploy, vec![(Deed::Deployed, 1)], 0),
            (train, vec![(Deed::Registered, 2)], 0),
        ];
        let mut told = told(&Fixture::sound());
        told.sort();
        expected.sort();
        let names = |all: &[Told]| all.iter().map(|(_, deeds, both)| (deeds.clone(), *both)).collect::<Vec<_>>();
        assert_eq!(names(&told), names(&expected), "{told:?}");
    }

    /// The name of the role behind a session.
    fn role_of(identity: &crate::evidence::UserIdentity) -> String {
        let arn = identity.arn.clone().unwrap_or_default();
        arn.split('/').nth(1).unwrap_or_default().to_owned()
    }

    #[test]
    fn one_hand_on_both_sides_is_marked() {
        let anna = Fixture::sound().edit(|event: &mut TrailEvent| {
            if event.time == at(REGISTERED) {
                event.identity = sso("anna");
            }
        });
        let estate = anna.estate();
        let hand = estate.hands.iter().find(|hand| hand.actor.person.is_some()).expect("anna");
        assert_eq!(hand.both.iter().map(String::as_str).collect::<Vec<_>>(), [PACKAGE]);
        assert!(hand.is_one() && hand.deeds.contains_key(&Deed::Registered));
        assert!(Fixture::sound().estate().hands.iter().all(|hand| hand.both.is_empty()));
    }

    #[test]
    fn without_events_descriptions_tell_what_they_can() {
        let estate = Fixture::sound().without_events();
        let estate = estate.estate();
        assert!(estate.hands.iter().any(|hand| !hand.deeds.is_empty()), "somebody registered it");
        assert!(estate.hands.iter().all(|hand| hand.deeds.values().all(|done| done.grade >= Grade::E)));
        assert!(!estate.hands.iter().any(|hand| hand.deeds.contains_key(&Deed::Deployed)));
    }

    #[test]
    fn declarations_mean_a_person_a_role_or_the_end_of_an_identity() {
        let fixture = Fixture::sound();
        let estate = fixture.estate();
        let anna = estate.hands.iter().find(|hand| hand.actor.person.is_some()).expect("anna");
        let person = anna.actor.person.clone().unwrap_or_default();
        assert!(anna.is(&person) && anna.is(&person.to_uppercase()));
        assert!(!anna.is("") && !anna.is("na") && !anna.is("somebody"));
    }

    #[test]
    fn whoever_names_their_session_after_an_approver_is_not_that_approver() {
        let shared = Fixture::sound().edit(|event: &mut TrailEvent| {
            if event.time == at(APPROVED) {
                event.identity = session("ml-team", "anna");
            }
        });
        let estate = shared.estate();
        let team = estate.hands.iter().find(|hand| hand.is("ml-team")).expect("the role is meant by its name");
        assert!(team.actor.person.is_none() && !team.is("anna") && !team.is("ml-team/anna"));
    }
}
