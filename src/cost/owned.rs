//! Who owns what is behind the live versions, and who pays for it: groups, endpoints, alarms and buckets, each with where
//! that is said, and what nobody owns.

use std::collections::BTreeMap;

use super::{Known, Sum, VersionCost};
use crate::estate::{BoundAlarm, Estate, LiveArtifact, LiveVersion, Lookup, Owner, alarm_owner, owner_and_payer};
use crate::evidence::{FactKind, Tags};
use crate::policy::{Manifest, Policy};

/// Something that somebody has to own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owned {
    /// What it is.
    pub kind: OwnedKind,
    /// Name.
    pub name: String,
    /// Account.
    pub account: String,
    /// Region.
    pub region: String,
    /// Who owns it, and where that is said; `None` where nobody does.
    pub owner: Option<Owner>,
    /// Who pays for it, likewise.
    pub cost_center: Option<Owner>,
    /// Live versions that it is about, as indices into [`Estate::live`].
    pub live: Vec<usize>,
    /// Why nothing can be said of an owner that was not found; `None` where it was, or where all was read.
    pub unsure: Option<String>,
}

/// Kinds of what is owned.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum OwnedKind {
    /// A package group.
    Group,
    /// An endpoint.
    Endpoint,
    /// An alarm.
    Alarm,
    /// A bucket that holds artifacts.
    Bucket,
}

impl Owned {
    /// What its live versions cost in the period, and of how many that is not known. Nothing of an alarm or a bucket, which
    /// the cost of what they watch and hold does not measure.
    pub fn cost(&self, versions: &[VersionCost]) -> (Sum, usize) {
        let (mut sum, mut unknown) = (Sum::default(), 0);
        if matches!(self.kind, OwnedKind::Group | OwnedKind::Endpoint) {
            for cost in self.live.iter().filter_map(|at| versions.get(*at)) {
                match &cost.cost {
                    Known::Known(figure) => sum.add(&figure.amount),
                    Known::Unknown(_) => unknown += 1,
                    Known::None(_) => {}
                }
            }
        }
        (sum, unknown)
    }
}

/// Account, region and folded name.
type Place = (String, String, String);

/// Everything behind the live versions with its owner, by kind, account, region and name.
pub(super) fn owned(estate: &Estate<'_>, policy: &Policy) -> Vec<Owned> {
    let mut rows = groups(estate, policy);
    rows.extend(endpoints(estate, policy));
    rows.extend(estate.alarms.iter().filter(|alarm| alarm.about_serving).map(|alarm| of_alarm(alarm, estate, policy)));
    rows.extend(buckets(estate, policy));
    rows.sort_by(|a, b| (a.kind, &a.account, &a.region, &a.name).cmp(&(b.kind, &b.account, &b.region, &b.name)));
    rows
}

fn groups(estate: &Estate<'_>, policy: &Policy) -> Vec<Owned> {
    let mut arns: BTreeMap<String, (String, Vec<usize>)> = BTreeMap::new();
    for fact in &estate.snapshot.facts.package_groups {
        arns.entry(fact.data.arn.to_lowercase()).or_insert_with(|| (fact.data.name.clone(), Vec::new()));
    }
    for (at, live) in estate.live.iter().enumerate() {
        for package in live.packages() {
            let Some(name) = &package.data.group else { continue };
            let group = package.data.arn.rsplit_once('/').map_or(package.data.arn.as_str(), |(group, _)| group);
            let arn = group.replacen(":model-package/", ":model-package-group/", 1).to_lowercase();
            let of_group = &mut arns.entry(arn).or_insert_with(|| (name.clone(), Vec::new())).1;
            if of_group.last() != Some(&at) {
                of_group.push(at);
            }
        }
    }
    let row = |(arn, (name, live)): (String, (String, Vec<usize>))| {
        let mut parts = arn.splitn(6, ':').skip(3).map(str::to_owned);
        let (region, account) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let tags = estate.index.tags(&account, &region, FactKind::Tags, &arn);
        let declared = policy.models.iter().find(|manifest| {
            manifest.group.eq_ignore_ascii_case(&name)
                && manifest.account.as_deref().is_none_or(|of| of == account)
                && manifest.endpoint.is_none()
        });
        let carriers = [("the package group", tags)];
        resolved(OwnedKind::Group, name, (&account, &region), live, &carriers, declared, estate, policy)
    };
    arns.into_iter().map(row).collect()
}

fn endpoints(estate: &Estate<'_>, policy: &Policy) -> Vec<Owned> {
    let mut serving: BTreeMap<Place, (&str, Vec<usize>)> = BTreeMap::new();
    for (at, live) in estate.live.iter().enumerate().filter(|(_, live)| live.endpoint.is_some()) {
        let place = (live.account.to_owned(), live.region.to_owned(), live.endpoint_name.to_lowercase());
        serving.entry(place).or_insert((live.endpoint_name, Vec::new())).1.push(at);
    }
    let row = |((account, region, _), (name, live)): (Place, (&str, Vec<usize>))| {
        let endpoint = live.iter().find_map(|at| estate.live.get(*at)?.endpoint);
        let tags = endpoint.map_or(Lookup::NotNamed, |endpoint| {
            estate.index.tags(&account, &region, FactKind::Tags, &endpoint.data.arn)
        });
        let carriers = [("the endpoint", tags)];
        resolved(OwnedKind::Endpoint, name.to_owned(), (&account, &region), live, &carriers, None, estate, policy)
    };
    serving.into_iter().map(row).collect()
}

fn of_alarm(bound: &BoundAlarm<'_>, estate: &Estate<'_>, policy: &Policy) -> Owned {
    let mut live: Vec<usize> = bound.bound.iter().map(|(at, _)| *at).collect();
    live.sort_unstable();
    live.dedup();
    let place = (bound.alarm.account.as_str(), bound.alarm.region.as_str());
    let name = bound.alarm.data.name.clone();
    let row = resolved(OwnedKind::Alarm, name, place, live, &[("the alarm", bound.tags)], None, estate, policy);
    // Whoever answers for an alarm is said in more ways than who owns what is billed.
    let owner = alarm_owner(bound, estate, policy);
    let unsure = row.unsure.filter(|_| owner.is_none());
    Owned { owner, unsure, ..row }
}

fn buckets(estate: &Estate<'_>, policy: &Policy) -> Vec<Owned> {
    let mut holding: BTreeMap<(&str, &str, &str), Vec<usize>> = BTreeMap::new();
    for (at, live) in estate.live.iter().enumerate() {
        let artifacts = live.containers.iter().flat_map(|container| &container.artifacts);
        for location in artifacts.flat_map(LiveArtifact::histories).map(|history| &history.location) {
            let of_bucket = holding.entry((live.account, live.region, &location.bucket)).or_default();
            if of_bucket.last() != Some(&at) {
                of_bucket.push(at);
            }
        }
    }
    let row = |((account, region, name), live): ((&str, &str, &str), Vec<usize>)| {
        let arn = format!("arn:{}:s3:::{name}", estate.snapshot.scope.partition);
        let carriers = [("the bucket", estate.index.tags(account, region, FactKind::Tags, &arn))];
        resolved(OwnedKind::Bucket, name.to_owned(), (account, region), live, &carriers, None, estate, policy)
    };
    holding.into_iter().map(row).collect()
}

/// One row: its own tags, then its manifest, then whoever owns all of the live versions that it is about.
#[allow(clippy::too_many_arguments, reason = "the parts of a row, used by its four makers")]
fn resolved(
    kind: OwnedKind,
    name: String,
    (account, region): (&str, &str),
    live: Vec<usize>,
    carriers: &[(&'static str, Lookup<&Tags>)],
    manifest: Option<&Manifest>,
    estate: &Estate<'_>,
    policy: &Policy,
) -> Owned {
    let (owner, cost_center) = owner_and_payer(&policy.tags, carriers, manifest);
    let about = || live.iter().filter_map(|at| estate.live.get(*at));
    let owner = owner.or_else(|| common(about(), |live| live.owner.as_ref()));
    let cost_center = cost_center.or_else(|| common(about(), |live| live.cost_center.as_ref()));
    // Tags that nobody set are in no answer: only a gap makes them uncertain.
    let unread = owner.is_none() && estate.index.hides_any(account, region, tags_of(kind));
    Owned {
        kind,
        name,
        account: account.to_owned(),
        region: region.to_owned(),
        owner,
        cost_center,
        live,
        unsure: unread.then(|| "tags could not all be read".to_owned()),
    }
}

fn tags_of(kind: OwnedKind) -> FactKind {
    match kind {
        OwnedKind::Alarm => FactKind::AlarmTags,
        OwnedKind::Group | OwnedKind::Endpoint | OwnedKind::Bucket => FactKind::Tags,
    }
}

/// What all of these live versions say, where they agree: what two owners share is not one's.
fn common<'l, 'a: 'l>(
    mut live: impl Iterator<Item = &'l LiveVersion<'a>>,
    read: impl Fn(&'l LiveVersion<'a>) -> Option<&'l Owner>,
) -> Option<Owner> {
    let first = read(live.next()?)?;
    let all = live.all(|live| read(live).is_some_and(|other| other.name == first.name));
    all.then(|| Owner { name: first.name.clone(), source: format!("{}, which it is about", first.source) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::fixture::*;
    use crate::evidence::{Alarm, ResourceTags};

    type Row = (OwnedKind, String, Option<(String, String)>, Option<String>, Vec<usize>);

    fn rows(fixture: &Fixture) -> Vec<Row> {
        let estate = fixture.estate();
        let row = |it: Owned| {
            let owner = it.owner.map(|owner| (owner.name, owner.source));
            (it.kind, it.name, owner, it.cost_center.map(|of| of.name), it.live)
        };
        owned(&estate, &fixture.policy).into_iter().map(row).collect()
    }

    fn owner_of(fixture: &Fixture, kind: OwnedKind) -> Option<(String, String)> {
        rows(fixture).into_iter().find(|row| row.0 == kind).expect("a row of the kind").2
    }

    fn says(name: &str, source: &str) -> Option<(String, String)> {
        Some((name.to_owned(), source.to_owned()))
    }

    #[test]
    fn everything_behind_a_live_version_has_an_owner_and_the_place_where_that_is_said() {
        let fixture = Fixture::sound();
        let rows = rows(&fixture);
        let kinds: Vec<_> = rows.iter().map(|row| (row.0, row.1.as_str())).collect();
        assert_eq!(kinds[..2], [(OwnedKind::Group, GROUP), (OwnedKind::Endpoint, ENDPOINT)]);
        assert_eq!(kinds.iter().filter(|row| row.0 == OwnedKind::Alarm).count(), ALARMS.len());
        assert_eq!(kinds.last(), Some(&(OwnedKind::Bucket, BUCKET)));
        assert!(rows.iter().all(|row| row.4 == [0]), "{rows:?}");
        assert_eq!(owner_of(&fixture, OwnedKind::Group), says("fraud-models", "tag `owner` of the package group"));
        assert_eq!(owner_of(&fixture, OwnedKind::Endpoint), says("fraud-team", "tag `owner` of the endpoint"));
        assert_eq!(owner_of(&fixture, OwnedKind::Alarm), says("fraud-oncall", "tag `owner` of the alarm"));
        let inherited = says("fraud-team", "tag `owner` of the endpoint, which it is about");
        assert_eq!(owner_of(&fixture, OwnedKind::Bucket), inherited);
        assert!(rows.iter().filter(|row| row.0 == OwnedKind::Bucket).all(|row| row.3.as_deref() == Some("4711")));
    }

    #[test]
    fn a_tag_of_its_own_comes_first_and_what_two_share_belongs_to_neither() {
        let arn = format!("arn:aws:s3:::{BUCKET}");
        let own = Fixture::sound().with(tags(&arn, &[("team", "platform")]));
        assert_eq!(owner_of(&own, OwnedKind::Bucket), says("platform", "tag `team` of the bucket"));
        let twin = Fixture::sound().with(endpoint("twin", CONFIG, &[VARIANT])).with(tags(
            "arn:aws:sagemaker:eu-central-1:111122223333:endpoint/twin",
            &[("owner", "somebody else"), ("cost-center", "4711")],
        ));
        assert_eq!(owner_of(&twin, OwnedKind::Bucket), None);
        let bucket = rows(&twin).into_iter().find(|row| row.0 == OwnedKind::Bucket).unwrap();
        assert_eq!((bucket.3.as_deref(), bucket.4), (Some("4711"), vec![0, 1]), "they agree on who pays");
    }

    #[test]
    fn whoever_answers_for_an_alarm_owns_it() {
        let untagged = |description: &'static str| {
            let mut fixture = Fixture::sound()
                .drop_where(|it: &Alarm| it.name != ERRORS)
                .edit(move |it: &mut Alarm| it.description = Some(description.to_owned()));
            fixture.snapshot.facts.alarm_tags.iter_mut().for_each(|fact| fact.data.tags.clear());
            fixture
        };
        let tagged = |key: &str, value: &str| {
            let mut fixture = untagged("");
            for fact in &mut fixture.snapshot.facts.alarm_tags {
                fact.data.tags.insert(key.to_owned(), value.to_owned());
            }
            fixture
        };
        let alarm = |fixture: &Fixture| owner_of(fixture, OwnedKind::Alarm);
        assert_eq!(alarm(&untagged("owner=desk; runbook=https://wiki")), says("desk", "the alarm's description"));
        assert_eq!(alarm(&tagged("OnCall", "rota")), says("rota", "tag `OnCall` of the alarm"));
        assert_eq!(alarm(&untagged("")), says("fraud-team", "tag `owner` of the endpoint"));
    }

    #[test]
    fn what_nobody_owns_is_listed_and_unread_tags_are_not_missing_ones() {
        let nobody = Fixture::sound()
            .without_manifest()
            .edit(|it: &mut ResourceTags| it.tags.clear())
            .drop_where(|it: &Alarm| it.name != ERRORS);
        let bare = |mut fixture: Fixture| {
            fixture.snapshot.facts.alarm_tags.clear();
            fixture
        };
        let listed = rows(&bare(nobody.clone()));
        assert!(listed.len() == 4 && listed.iter().all(|row| row.2.is_none()), "{listed:?}");
        let estate = bare(nobody.clone());
        let estate = estate.estate();
        assert!(owned(&estate, &nobody.policy).iter().all(|it| it.unsure.is_none()));
        let unread = bare(nobody).hidden_all(FactKind::Tags);
        let unsure = owned(&unread.estate(), &unread.policy);
        let unsure: Vec<_> = unsure.iter().filter(|it| it.unsure.is_some()).map(|it| it.kind).collect();
        assert_eq!(unsure, [OwnedKind::Group, OwnedKind::Endpoint, OwnedKind::Bucket]);
    }
}
