//! A version that was approved in one registry and registered again in another.
//!
//! Registered again, it looks born approved: the account that serves it trusts the one that approved it. Where the
//! manifest names that registry, the approval there stands for the copy, if it is older than the copy and both are the
//! same: every artifact by `ETag` or checksum, every image by its digest. A name or a URL that looks alike proves nothing.

use wildmatch::WildMatch;

use super::Approval;
use crate::estate::Index;
use crate::estate::arn::Arn;
use crate::evidence::{ApprovalStatus, Checksum, Fact, FactKind, Facts, Package, PackageContainer};
use crate::policy::ApprovalSource;

/// Whether an approval in another registry stands for this one.
#[derive(Clone, Debug)]
pub enum Promotion<'a> {
    /// It does.
    Stands(Box<Approval<'a>>),
    /// It does not, and why.
    Refused(String),
    /// The registry could not be read, as far as it matters.
    Unread(String),
}

/// Where the copies of one manifest come from.
#[derive(Debug)]
pub(crate) struct Registries<'s, 'i, 'a> {
    pub(crate) declared: &'s [ApprovalSource],
    pub(crate) facts: &'a Facts,
    pub(crate) index: &'i Index<'a>,
}

impl<'a> Registries<'_, '_, 'a> {
    /// Looks for the approval that stands for a copy; `None` if it is no copy, as far as the manifest says.
    pub(crate) fn trace(
        &self,
        copy: &'a Fact<Package>,
        approval: impl Fn(&'a Fact<Package>) -> Approval<'a>,
    ) -> Option<Promotion<'a>> {
        if self.declared.is_empty() || self.declares(&copy.data) {
            return None;
        }
        let mut candidates: Vec<&'a Fact<Package>> =
            self.facts.packages.iter().filter(|fact| self.declares(&fact.data)).collect();
        candidates.sort_by_key(|fact| &fact.data.arn);
        candidates.dedup_by_key(|fact| &fact.data.arn);
        let (mut standing, mut refused) = (Vec::new(), Vec::new());
        for candidate in candidates {
            let arn = &candidate.data.arn;
            match self.same(&copy.data, &candidate.data) {
                Err(why) => refused.push((2, format!("`{arn}` is not known to be the same: {why}"))),
                Ok(()) => match stands(approval(candidate), &copy.data) {
                    Ok(approval) => standing.push(approval),
                    Err(why) => refused.push((1, why)),
                },
            }
        }
        standing.sort_by_key(|approval| approval.grade);
        refused.sort();
        if let Some(approval) = standing.into_iter().next() {
            return Some(Promotion::Stands(Box::new(approval)));
        }
        // A version that could not be read may be the one.
        if let Some(account) = self.unread(&copy.data) {
            let why = format!("not every package of the registry in account {account} could be read");
            return Some(Promotion::Unread(why));
        }
        let why = refused.into_iter().next().map(|(_, why)| why);
        Some(Promotion::Refused(why.unwrap_or_else(|| "no version of the declared registry was found".to_owned())))
    }

    fn declares(&self, package: &Package) -> bool {
        let Some(arn) = Arn::parse(&package.arn) else { return false };
        let name = arn.resource.strip_prefix("model-package/").unwrap_or(arn.resource);
        self.declared.iter().any(|source| {
            source.account == arn.account && WildMatch::new_case_insensitive(&source.package).matches(name)
        })
    }

    /// An account whose packages were not all read, in the region of the copy.
    fn unread(&self, copy: &Package) -> Option<&str> {
        let region = Arn::parse(&copy.arn)?.region;
        let accounts = self.declared.iter().map(|source| source.account.as_str());
        let mut unread = accounts.filter(|account| !self.index.listed(account, region, FactKind::Packages));
        unread.next()
    }

    /// Whether two versions are the same, or why that is not known.
    fn same(&self, copy: &Package, source: &Package) -> Result<(), String> {
        if copy.containers.is_empty() || copy.containers.len() != source.containers.len() {
            return Err(format!("it has {} containers, the copy {}", source.containers.len(), copy.containers.len()));
        }
        for (copied, approved) in copy.containers.iter().zip(&source.containers) {
            if copied.data.len() != approved.data.len() {
                return Err(format!("it has {} artifacts, the copy {}", approved.data.len(), copied.data.len()));
            }
            for (mine, theirs) in copied.data.iter().zip(&approved.data) {
                let etags = (unquoted(mine.etag.as_deref()), unquoted(theirs.etag.as_deref()));
                let equal = match etags {
                    (Some(mine), Some(theirs)) if mine == theirs => true,
                    _ => {
                        let checksums = (self.checksum(copy, &mine.uri), self.checksum(source, &theirs.uri));
                        matches!(checksums, (Some(mine), Some(theirs)) if mine == theirs)
                    }
                };
                if !equal {
                    return Err(format!("neither ETag nor checksum of the {} artifact is equal", mine.role));
                }
            }
            match (self.digest(copied), self.digest(approved)) {
                (Some(mine), Some(theirs)) if mine == theirs => {}
                (Some(_), Some(_)) => return Err("its image has another digest".to_owned()),
                _ => return Err("the digest of its image, or of the copy's, is not known".to_owned()),
            }
        }
        Ok(())
    }

    /// The checksum of what lies at a URI now, where it was read.
    fn checksum(&self, of: &Package, uri: &str) -> Option<&'a Checksum> {
        let arn = Arn::parse(&of.arn)?;
        let listing = self.index.listing(arn.account, arn.region, uri).found()?;
        let newest = listing.data.versions.iter().find(|version| version.is_latest && !version.delete_marker);
        newest?.checksum.as_ref()
    }

    fn digest<'p>(&self, container: &'p PackageContainer) -> Option<&'p str>
    where
        'a: 'p,
    {
        let image = container.image.as_deref();
        let held = || self.facts.images.iter().find(|fact| Some(fact.data.uri.as_str()) == image);
        let named = image.and_then(|image| image.split_once('@')).map(|(_, digest)| digest);
        container.image_digest.as_deref().or(named).or_else(|| held().map(|fact| fact.data.digest.as_str()))
    }
}

/// An approval stands if it holds now and was given before the copy was registered.
fn stands<'a>(approval: Approval<'a>, copy: &Package) -> Result<Approval<'a>, String> {
    let arn = &approval.package.data.arn;
    if approval.status != Some(&ApprovalStatus::Approved) {
        let status = approval.status.map_or("of unknown status", ApprovalStatus::as_str);
        return Err(format!("`{arn}` is the same, and is {status}"));
    }
    let Some(approved) = &approval.approved else {
        return Err(format!("`{arn}` is the same, and no event shows who approved it"));
    };
    match copy.created {
        Some(created) if approved.at <= created => Ok(approval),
        Some(_) => Err(format!("`{arn}` is the same, and was approved after the copy was registered")),
        None => Err(format!("`{arn}` is the same, and when the copy was registered is not known")),
    }
}

fn unquoted(etag: Option<&str>) -> Option<&str> {
    etag.map(|etag| etag.trim_matches('"')).filter(|etag| !etag.is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture::*;
    use super::*;
    use crate::estate::Grade;
    use crate::evidence::{Hidden, TrailEvent};

    const LAB: &str = "222233334444";
    const SOURCE: &str = "arn:aws:sagemaker:eu-central-1:222233334444:model-package/fraud-lab/3";

    /// Version 7, born approved here after version 3 was approved in the laboratory.
    fn promoted(change: impl FnOnce(&mut Package)) -> Fixture {
        let mut source = Package {
            arn: SOURCE.to_owned(),
            group: Some("fraud-lab".to_owned()),
            version: Some(3),
            ..package(3, "s3://lab/3", ETAG, "2026-04-20T09:00:00Z")
        };
        change(&mut source);
        let mut registered = registration(SOURCE, "2026-04-20T09:00:00Z", "PendingManualApproval", pipeline("train"));
        registered.id = "lab-1".to_owned();
        Fixture::sound()
            .drop_where(|event: &TrailEvent| event.time == at(APPROVED) || event.time == at(REGISTERED))
            .with(registration(PACKAGE, REGISTERED, "Approved", pipeline("promote")))
            .with_in(LAB, REGION, source)
            .with_in(LAB, REGION, registered)
            .with_in(LAB, REGION, approval(SOURCE, "2026-04-21T09:00:00Z", "Approved", sso("anna")))
            .read_in(LAB)
            .manifest(|manifest| {
                manifest.approval_source =
                    vec![ApprovalSource { account: LAB.to_owned(), package: "fraud-lab/*".to_owned() }];
            })
    }

    /// What stands for the approval: the source's grade, or why none does.
    fn traced(fixture: &Fixture) -> Result<Grade, String> {
        let estate = fixture.estate();
        match estate.live[0].approvals[0].promotion.as_ref().expect("declared") {
            Promotion::Stands(source) => Ok(source.grade),
            Promotion::Refused(why) => Err(why.clone()),
            Promotion::Unread(why) => Err(format!("unread: {why}")),
        }
    }

    fn refused(fixture: &Fixture, words: &str) {
        let why = traced(fixture).expect_err("it is not to stand");
        assert!(why.contains(words), "no `{words}` in `{why}`");
    }

    #[test]
    fn an_earlier_approval_of_the_same_content_stands() {
        assert_eq!(traced(&promoted(|_| ())), Ok(Grade::B));
        let own = Fixture::sound().manifest(|manifest| {
            manifest.approval_source =
                vec![ApprovalSource { account: ACCOUNT.to_owned(), package: "fraud/*".to_owned() }];
        });
        assert!(own.estate().live[0].approvals[0].promotion.is_none(), "it is the source itself");
        assert!(Fixture::sound().estate().live[0].approvals[0].promotion.is_none(), "none is declared");
    }

    #[test]
    fn other_or_incomparable_content_does_not_stand() {
        refused(&promoted(|it| it.containers[0].data[0].etag = Some("other".to_owned())), "neither ETag nor checksum");
        refused(&promoted(|it| it.containers[0].data[0].etag = None), "neither ETag nor checksum");
        refused(&promoted(|it| it.containers[0].image_digest = Some("sha256:1".to_owned())), "another digest");
        refused(&promoted(|it| it.containers.clear()), "it has 0 containers");
        refused(&promoted(|it| it.containers[0].data.clear()), "it has 0 artifacts");
    }

    #[test]
    fn only_an_approval_that_holds_and_is_older_stands() {
        refused(&promoted(|it| it.approval = Some(ApprovalStatus::Rejected)), "is Rejected");
        let late = promoted(|_| ()).edit(|event: &mut TrailEvent| {
            if event.time == at("2026-04-21T09:00:00Z") {
                event.time = at("2026-05-20T09:00:00Z");
            }
        });
        refused(&late, "after the copy was registered");
        let unseen = promoted(|_| ()).drop_where(|event: &TrailEvent| event.time == at("2026-04-21T09:00:00Z"));
        refused(&unseen, "no event shows who approved it");
    }

    #[test]
    fn a_registry_that_was_not_read_refuses_nothing() {
        let nothing = || promoted(|_| ()).drop_where(|package: &Package| package.arn == SOURCE);
        refused(&nothing(), "no version of the declared registry");
        let mut denied = nothing().gap(Hidden::All(FactKind::Packages));
        LAB.clone_into(&mut denied.snapshot.gaps[0].account);
        refused(&denied, "unread: not every package of the registry in account 222233334444");
    }
}
