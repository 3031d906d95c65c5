//! The trails that log what is called: where they deliver, whether they sign, and whether they miss anything.
//!
//! A trail of all regions, or of an organization, shows in every place that it logs; so does its fact. Status and
//! selectors are asked once, in the trail's home region where that is read, else by its ARN where it was seen. Both may be
//! denied for the trail of an organization, which another account owns: what they would say is then not known.
//!
//! Source: <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DescribeTrails.html>

mod selectors;

use aws_sdk_cloudtrail::operation::get_trail_status::GetTrailStatusOutput;
use aws_sdk_cloudtrail::types::Trail as Described;

use super::engine::{Answer, Reader};
use super::text::{instant, required, text};
use crate::collect::{ApiCall, CollectorInfo, Malformed};
use crate::evidence::{CallId, Fact, FactKind, Hidden, ResourceKey, Trail};

const DESCRIBE: ApiCall = ApiCall {
    service: "cloudtrail",
    operation: "DescribeTrails",
    action: "cloudtrail:DescribeTrails",
    purpose: "which trails keep what the event history forgets after 90 days, and whether they sign it",
};

const STATUS: ApiCall = ApiCall {
    service: "cloudtrail",
    operation: "GetTrailStatus",
    action: "cloudtrail:GetTrailStatus",
    purpose: "whether a trail logs and delivers",
};

const SELECTORS: ApiCall = ApiCall {
    service: "cloudtrail",
    operation: "GetEventSelectors",
    action: "cloudtrail:GetEventSelectors",
    purpose: "whether a trail leaves out events that approvals are proved with",
};

/// See the module.
pub(crate) static INFO: CollectorInfo = CollectorInfo {
    name: "trails",
    summary: "reads which trails log the account, whether they log now, and what they leave out",
    yields: &[FactKind::Trails],
    calls: &[DESCRIBE, STATUS, SELECTORS],
};

/// Finds the trails that log this region.
pub(crate) async fn collect(reader: &Reader<'_>) {
    let hides = [Hidden::All(FactKind::Trails)];
    let request = reader.clients().cloudtrail.describe_trails().include_shadow_trails(true);
    match reader.ask(&DESCRIBE, "trails", request.send()).await {
        Ok(Answer { output, call }) if output.trail_list.is_none() => {
            let malformed = Malformed { item: "trails".to_owned(), reason: "`trailList` is missing".to_owned() };
            reader.malformed(&DESCRIBE, call, &malformed, &hides);
        }
        Ok(Answer { output, call }) => {
            for given in output.trail_list() {
                match described(given) {
                    Ok(trail) => reader.record(trail, &[call]),
                    Err(malformed) => reader.malformed(&DESCRIBE, call, &malformed, &hides),
                }
            }
        }
        Err(failure) => reader.gap(failure, &hides),
    }
}

/// Asks what each trail does: those of which this region is the home, and in the first region those that have theirs in a
/// region that is not read.
pub(crate) async fn examine(reader: &Reader<'_>) {
    let regions = &reader.request().regions;
    let is_first = regions.first().is_some_and(|first| first == reader.region());
    let seen: Vec<Fact<Trail>> = reader.facts(|facts| {
        let asked_here =
            |trail: &Trail| trail.home_region == reader.region() || (is_first && !regions.contains(&trail.home_region));
        let trails = facts.trails.iter().filter(|fact| fact.account == reader.account() && asked_here(&fact.data));
        trails.cloned().collect()
    });
    let mut trails: Vec<(Trail, Vec<Fact<Trail>>)> = Vec::new();
    for fact in seen {
        match trails.iter_mut().find(|(trail, _)| trail.arn == fact.data.arn) {
            Some((_, places)) => places.push(fact),
            None => trails.push((fact.data.clone(), vec![fact])),
        }
    }
    reader
        .each(trails, async |(mut trail, places)| {
            let (status, selectors) = futures_util::join!(status(reader, &trail.arn), selectors(reader, &trail.arn));
            let calls: Vec<CallId> =
                [status.as_ref().map(|(call, _)| *call), selectors.as_ref().map(|(call, _)| *call)]
                    .into_iter()
                    .flatten()
                    .collect();
            if let Some((_, status)) = status {
                take_status(&mut trail, &status);
            }
            if let Some((_, selected)) = selectors {
                trail.management = Some(selected.management);
                trail.excluded_sources = selected.excluded_sources;
            }
            for place in places {
                let seen: Vec<CallId> = place.seen.iter().chain(&calls).copied().collect();
                reader.record_at(&place.account, &place.region, trail.clone(), &seen);
            }
        })
        .await;
}

fn hidden(arn: &str) -> [Hidden; 1] {
    [Hidden::One(ResourceKey::new(FactKind::Trails, arn))]
}

async fn status(reader: &Reader<'_>, arn: &str) -> Option<(CallId, GetTrailStatusOutput)> {
    match reader.ask(&STATUS, arn, reader.clients().cloudtrail.get_trail_status().name(arn).send()).await {
        Ok(Answer { output, call }) if output.is_logging.is_none() => {
            let malformed = Malformed { item: arn.to_owned(), reason: "`IsLogging` is missing".to_owned() };
            reader.malformed(&STATUS, call, &malformed, &hidden(arn));
            None
        }
        Ok(Answer { output, call }) => Some((call, output)),
        Err(failure) => {
            reader.gap(failure, &hidden(arn));
            None
        }
    }
}

async fn selectors(reader: &Reader<'_>, arn: &str) -> Option<(CallId, selectors::Selected)> {
    match reader.ask(&SELECTORS, arn, reader.clients().cloudtrail.get_event_selectors().trail_name(arn).send()).await {
        Ok(Answer { output, call }) => match selectors::selected(arn, &output) {
            Ok(selected) => Some((call, selected)),
            Err(malformed) => {
                reader.malformed(&SELECTORS, call, &malformed, &hidden(arn));
                None
            }
        },
        Err(failure) => {
            reader.gap(failure, &hidden(arn));
            None
        }
    }
}

/// A trail as it is described; what it does is not known yet.
///
/// # Errors
/// If it has no ARN, name or home region.
pub(super) fn described(given: &Described) -> Result<Trail, Malformed> {
    let arn = required("a trail", "TrailARN", given.trail_arn())?;
    Ok(Trail {
        name: required(&arn, "Name", given.name())?,
        home_region: required(&arn, "HomeRegion", given.home_region())?,
        bucket: text(given.s3_bucket_name()),
        prefix: text(given.s3_key_prefix()),
        multi_region: given.is_multi_region_trail().unwrap_or_default(),
        organization: given.is_organization_trail().unwrap_or_default(),
        validation: given.log_file_validation_enabled().unwrap_or_default(),
        logging: None,
        started: None,
        stopped: None,
        delivered: None,
        digest_delivered: None,
        delivery_error: None,
        management: None,
        excluded_sources: Vec::new(),
        arn,
    })
}

/// Adds what a trail does.
pub(super) fn take_status(trail: &mut Trail, status: &GetTrailStatusOutput) {
    trail.logging = status.is_logging();
    trail.started = instant(status.start_logging_time());
    trail.stopped = instant(status.stop_logging_time());
    trail.delivered = instant(status.latest_delivery_time());
    trail.digest_delivered = instant(status.latest_digest_delivery_time());
    trail.delivery_error = text(status.latest_delivery_error()).or_else(|| text(status.latest_digest_delivery_error()));
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::DateTime;

    use super::*;

    const ARN: &str = "arn:aws:cloudtrail:eu-central-1:111122223333:trail/audit";

    #[test]
    fn a_trail_is_described_and_says_what_it_does() {
        let given = Described::builder().trail_arn(ARN).name("audit").home_region("eu-central-1");
        let full = given.clone().s3_bucket_name("logs").is_multi_region_trail(true).log_file_validation_enabled(true);
        let mut trail = described(&full.build()).unwrap();
        assert_eq!((trail.bucket.as_deref(), trail.prefix.as_deref(), trail.logging), (Some("logs"), None, None));
        assert!(trail.multi_region && trail.validation && !trail.organization);

        let status = GetTrailStatusOutput::builder()
            .is_logging(false)
            .stop_logging_time(DateTime::from_secs(9))
            .latest_digest_delivery_error("AccessDenied");
        take_status(&mut trail, &status.build());
        assert_eq!((trail.logging, trail.delivery_error.as_deref()), (Some(false), Some("AccessDenied")));
        assert_eq!((trail.started, trail.stopped), (None, instant(Some(&DateTime::from_secs(9)))));
        described(&Described::builder().trail_arn(ARN).name("audit").build()).unwrap_err();
    }
}
