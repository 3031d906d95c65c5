//! AUD-001

use super::nothing_serves;
use crate::control::{Check, Context, Verdict};
use crate::declare_control;
use crate::evidence::{Fact, ManagementEvents, Trail};

declare_control! {
    /// ## What it requires
    /// A trail delivers every management write of the account and region to a bucket, in all regions, with signed digests, and
    /// delivers them now.
    ///
    /// ## Why
    /// CloudTrail's event history forgets after 90 days. What was approved before that is proved by log files or by nothing,
    /// and log files without digests prove only that somebody could write to the bucket.
    ///
    /// ## Evidence
    /// The trails that log the account, their status and what they select.
    ///
    /// ## Results
    /// - **pass**: one trail of all regions or of the organization logs now, selects management writes of SageMaker, validates
    ///   its log files, and its last delivery did not fail
    /// - **fail**: no trail, or each lacks something; the reason names what the best one lacks
    /// - **unknown**: trails were not read; the status or the selectors of one that may do could not be, as for the trail of an
    ///   organization that another account owns
    /// - **not applicable**: nothing serves there
    "AUD-001" "durable-trail" {
        summary: "a trail keeps every management write, signed",
        severity: High,
        gate: Fix,
        needs: [Trails],
        uses: [],
        remedy: "create a trail with --is-multi-region-trail and --enable-log-file-validation, and start logging",
        role: "account administrator",
        frameworks: [("AWS Security Hub", "CloudTrail.1, CloudTrail.4"), ("ISO/IEC 42001", "A.6.2.8"), ("EU AI Act", "Art. 12, 19")],
        check: Check::Region(check),
    }
}

fn check<'a>(account: &'a str, region: &'a str, context: Context<'a>) -> Verdict {
    if let Some(verdict) = nothing_serves(account, region, context) {
        return verdict;
    }
    let snapshot = context.estate.snapshot;
    let of_place = |fact: &&Fact<Trail>| {
        let trail = &fact.data;
        fact.account == account && (trail.multi_region || trail.home_region == region || fact.region == region)
    };
    let mut judged: Vec<_> =
        snapshot.facts.trails.iter().filter(of_place).map(|fact| (fact, Judged::new(&fact.data))).collect();
    // Fewest faults first, then fewest unknowns.
    judged.sort_by_key(|(fact, judged)| (judged.lacks.len(), judged.unread.len(), &fact.data.arn));
    let Some((best, judged)) = judged.first() else {
        let asked = snapshot.stats.calls.iter().any(|call| call.operation == "DescribeTrails");
        return if asked { Verdict::fail("no trail logs it") } else { Verdict::unknown("trails were not read") };
    };
    let name = &best.data.name;
    let verdict = match (judged.lacks.as_slice(), judged.unread.as_slice()) {
        ([], []) => Verdict::pass(format!("trail `{name}` keeps every management write, signed")),
        ([], unread) => Verdict::unknown(format!("of trail `{name}`, {} could not be read", unread.join(" and "))),
        (lacks, _) => Verdict::fail(format!("trail `{name}` {}", lacks.join(", "))),
    };
    verdict.cite(*best, format!("trail `{}` delivers to {}", best.data.arn, place(&best.data)))
}

fn place(trail: &Trail) -> String {
    trail.bucket.as_ref().map_or_else(|| "no bucket".to_owned(), |bucket| format!("bucket `{bucket}`"))
}

/// What a trail lacks, and what of it could not be read.
struct Judged {
    lacks: Vec<String>,
    unread: Vec<&'static str>,
}

impl Judged {
    fn new(trail: &Trail) -> Self {
        let (mut lacks, mut unread) = (Vec::new(), Vec::new());
        let mut lacks_if = |lacking: bool, what: &str| {
            if lacking {
                lacks.push(what.to_owned());
            }
        };
        lacks_if(!trail.multi_region && !trail.organization, "logs one region only");
        lacks_if(!trail.validation, "does not sign digests of its log files");
        match trail.logging {
            Some(logging) => lacks_if(!logging, "does not log now"),
            None => unread.push("whether it logs"),
        }
        match trail.management {
            Some(ManagementEvents::All | ManagementEvents::WriteOnly) => {}
            Some(ManagementEvents::ReadOnly) => lacks_if(true, "selects reads only"),
            Some(ManagementEvents::None) => lacks_if(true, "selects no management events"),
            Some(ManagementEvents::Unclear) | None => unread.push("what it selects"),
        }
        let excluded = trail.excluded_sources.iter().any(|source| source == "sagemaker.amazonaws.com");
        lacks_if(excluded, "leaves out SageMaker");
        if let Some(error) = &trail.delivery_error {
            lacks.push(format!("could not deliver: {error}"));
        }
        Self { lacks, unread }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::tester::Tester;
    use crate::estate::fixture::*;
    use crate::evidence::FactKind;

    fn but(change: impl FnMut(&mut Trail)) -> Fixture {
        Fixture::sound().edit(change)
    }

    #[test]
    fn each_part_of_a_durable_trail_counts() {
        Tester::new(&CONTROL)
            .pass(Fixture::sound(), "keeps every management write")
            .pass(but(|trail| trail.management = Some(ManagementEvents::WriteOnly)), "keeps")
            .pass(
                but(|trail| {
                    trail.multi_region = false;
                    trail.organization = true;
                }),
                "keeps",
            )
            .fail(but(|trail| trail.multi_region = false), "one region only")
            .fail(but(|trail| trail.validation = false), "does not sign")
            .fail(but(|trail| trail.logging = Some(false)), "does not log now")
            .fail(but(|trail| trail.management = Some(ManagementEvents::ReadOnly)), "reads only")
            .fail(but(|trail| trail.management = Some(ManagementEvents::None)), "no management events")
            .fail(
                but(|trail| trail.excluded_sources = vec!["sagemaker.amazonaws.com".to_owned()]),
                "leaves out SageMaker",
            )
            .fail(
                but(|trail| trail.delivery_error = Some("NoSuchBucket".to_owned())),
                "could not deliver, NoSuchBucket",
            );
    }

    #[test]
    fn the_trail_of_an_organization_may_be_unreadable() {
        Tester::new(&CONTROL)
            .unknown(but(|trail| trail.management = None), "what it selects could not be read")
            .unknown(but(|trail| trail.management = Some(ManagementEvents::Unclear)), "what it selects")
            .unknown(but(|trail| trail.logging = None), "whether it logs")
            .fail(
                but(|trail| {
                    trail.logging = None;
                    trail.validation = false;
                }),
                "does not sign",
            );
    }

    #[test]
    fn one_sound_trail_is_enough_and_none_is_too_few() {
        let second = Trail {
            arn: "arn:aws:cloudtrail:eu-central-1:111122223333:trail/a".to_owned(),
            validation: false,
            ..trail()
        };
        let none = || Fixture::sound().drop_where(|_: &Trail| true);
        let mut unasked = none();
        unasked.snapshot.stats.calls.clear();
        Tester::new(&CONTROL)
            .pass(Fixture::sound().with(second), "trail `audit`")
            .fail(none(), "no trail logs it")
            .unknown(unasked, "were not read")
            .not_applicable(Fixture::empty(), "nothing serves")
            .hidden(Fixture::sound().hidden_all(FactKind::Trails))
            .fail(
                Fixture::sound().edit(|trail: &mut Trail| {
                    trail.multi_region = false;
                    trail.home_region = "us-east-1".to_owned();
                }),
                "one region only",
            );
    }
}
