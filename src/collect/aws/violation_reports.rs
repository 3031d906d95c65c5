//! What monitors found: the report of the newest execution of each schedule that found violations.
//!
//! The processing job of an execution says where its report went; without that, it lies where the schedule writes, by endpoint,
//! schedule and hour. Only files with the name of such a report are read, and the reader's policy allows no others: see
//! `infra/iam-policy.json`. Where a key of one's own encrypts them, the reader also needs `kms:Decrypt` on that key.
//!
//! Source: <https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-interpreting-violations.html>

use aws_sdk_s3::operation::get_object::GetObjectOutput;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::engine::{Answer, Failure, Reader};
use super::home::Home;
use super::jobs::{self, DESCRIBE_PROCESSING};
use super::live::here;
use super::objects::{self, Object, Wanted, listed};
use super::text::instant;
use crate::collect::{ApiCall, CollectorInfo, Malformed};
use crate::evidence::{
    CallId, Execution, FactKind, GapCause, Hidden, MonitoringSchedule, ResourceKey, S3Location, ViolationReport,
};
use crate::monitor_report::{self, FILE_NAMES, LARGEST};

/// Its action is allowed on files of these names only.
const GET: ApiCall = ApiCall {
    service: "s3",
    operation: "GetObject",
    action: "s3:GetObject",
    purpose: "which features or groups a monitor found violations of",
};

/// See the module.
pub(crate) static INFO: CollectorInfo = CollectorInfo {
    name: "violation-reports",
    summary: "reads the newest report of each monitor that found violations",
    yields: &[FactKind::ViolationReports],
    calls: &[DESCRIBE_PROCESSING, objects::LIST, GET],
};

/// The newest execution of a schedule that found violations.
struct Found {
    schedule: MonitoringSchedule,
    execution: Execution,
}

/// Reads the newest report of each schedule that has one.
pub(crate) async fn collect(reader: &Reader<'_>) {
    let found: Vec<Found> = reader.facts(|facts| {
        let newest = |schedule: &MonitoringSchedule| {
            let mut executions = schedule.executions.iter().flatten();
            let execution = executions.find(|execution| execution.status == "CompletedWithViolations")?.clone();
            Some(Found { schedule: schedule.clone(), execution })
        };
        here(reader, &facts.monitors).filter_map(newest).collect()
    });
    reader.each(found, async |found| report(reader, &found).await).await;
}

async fn report(reader: &Reader<'_>, found: &Found) {
    let hides = [Hidden::One(ResourceKey::new(FactKind::ViolationReports, &found.schedule.name))];
    match read(reader, found).await {
        Ok((report, seen)) => reader.record(report, &seen),
        Err(failure) => reader.gap(failure, &hides),
    }
}

async fn read(reader: &Reader<'_>, found: &Found) -> Result<(ViolationReport, Vec<CallId>), Failure> {
    let home = Home::new(reader.region());
    let (places, mut seen) = places(reader, found).await?;
    let mut file = None;
    for place in &places {
        let listing = listed(reader, &home, place, &Wanted { pages: 1, ..Wanted::default() }).await?;
        seen.extend(listing.calls);
        file = listing.objects.into_iter().find(is_report).map(|object| (place.bucket.clone(), object));
        if file.is_some() {
            break;
        }
    }
    let Some((bucket, object)) = file else { return Err(missing(reader, found, &places, &seen)) };
    let location = S3Location { bucket, key: object.key.clone() };
    let (bytes, written, call) = get(reader, &home, &location, object.size).await?;
    seen.push(call);
    let report = monitor_report::read(&location.to_string(), &bytes).map_err(|error| {
        let malformed = Malformed { item: found.schedule.name.clone(), reason: error.to_string() };
        reader.unreadable_item(&GET, call, &malformed)
    })?;
    let report = ViolationReport {
        schedule: found.schedule.name.clone(),
        scheduled: found.execution.scheduled,
        location,
        written: written.or(Some(object.modified)),
        violations: report.violations,
        total: report.total,
    };
    Ok((report, seen))
}

fn is_report(object: &Object) -> bool {
    FILE_NAMES.contains(&object.key.rsplit('/').next().unwrap_or_default())
}

/// Where the report may lie, and the calls that showed it.
async fn places(reader: &Reader<'_>, found: &Found) -> Result<(Vec<S3Location>, Vec<CallId>), Failure> {
    let configured: Vec<S3Location> = configured(found).into_iter().collect();
    let job = found.execution.job.as_deref().and_then(|arn| arn.rsplit_once('/')).map(|(_, name)| name);
    let Some(job) = job else { return Ok((configured, Vec::new())) };
    match jobs::processing(reader, job).await {
        Ok((job, call)) => {
            let written = job.outputs.iter().filter_map(|uri| S3Location::parse(uri)).map(as_folder);
            let places: Vec<S3Location> = written.chain(configured).collect();
            Ok((places, vec![call]))
        }
        Err(failure) if failure.not_found || configured.is_empty() => {
            let call = reader.noted(&failure);
            if configured.is_empty() { Err(failure) } else { Ok((configured, vec![call])) }
        }
        Err(failure) => {
            // The schedule says where it should lie.
            reader.gap(failure, &[]);
            Ok((configured, Vec::new()))
        }
    }
}

/// Where the schedule writes: by endpoint, schedule and hour.
fn configured(found: &Found) -> Option<S3Location> {
    let MonitoringSchedule { output, endpoint, name, .. } = &found.schedule;
    let S3Location { bucket, key } = as_folder(S3Location::parse(output.as_deref()?)?);
    let hour = hour(found.execution.scheduled);
    let endpoint = endpoint.as_ref().map(|endpoint| format!("{endpoint}/")).unwrap_or_default();
    Some(S3Location { bucket, key: format!("{key}{endpoint}{name}/{hour}/") })
}

fn as_folder(location: S3Location) -> S3Location {
    let key = if location.is_prefix() { location.key } else { format!("{}/", location.key) };
    S3Location { key, ..location }
}

fn hour(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y/%m/%d/%H").to_string()
}

/// What is told where the execution found violations, but there is no report of them.
fn missing(reader: &Reader<'_>, found: &Found, places: &[S3Location], seen: &[CallId]) -> Failure {
    let places: Vec<String> = places.iter().map(ToString::to_string).collect();
    let reason = format!(
        "its execution for {} found violations, but there is no `{}` below {}",
        found.execution.scheduled,
        FILE_NAMES.first().copied().unwrap_or_default(),
        if places.is_empty() { "any place that it names".to_owned() } else { places.join(" or ") },
    );
    let malformed = Malformed { item: found.schedule.name.clone(), reason };
    match seen.last() {
        Some(call) => reader.unreadable_item(&objects::LIST, *call, &malformed),
        None => Failure {
            cause: GapCause::Malformed,
            message: malformed.to_string(),
            ..reader.cancelled(&objects::LIST, &found.schedule.name)
        },
    }
}

/// The bytes of a report, when it was written, and the call that showed it.
async fn get(
    reader: &Reader<'_>,
    home: &Home,
    location: &S3Location,
    size: u64,
) -> Result<(Vec<u8>, Option<Timestamp>, CallId), Failure> {
    let subject = location.to_string();
    if usize::try_from(size).map_or(true, |size| size > LARGEST) {
        let message = monitor_report::ReportError::TooLarge { file: subject.clone() }.to_string();
        return Err(Failure { cause: GapCause::Malformed, message, ..reader.cancelled(&GET, &subject) });
    }
    let s3 = &reader.clients().s3;
    let send =
        |region| s3.get_object().bucket(&location.bucket).key(&location.key).customize().config_override(region).send();
    let Answer { output, call } = home.ask(reader, &GET, &subject, send).await?;
    let written = instant(output.last_modified());
    let bytes = tokio::select! {
        biased;
        () = reader.stopped() => return Err(reader.cancelled(&GET, &subject)),
        bytes = body(output) => bytes,
    };
    let bytes = bytes.map_err(|message| Failure {
        cause: GapCause::Unreachable,
        message,
        ..reader.cancelled(&GET, &subject)
    })?;
    Ok((bytes, written, call))
}

/// A body up to a little more than the largest report, whatever its header says.
async fn body(output: GetObjectOutput) -> Result<Vec<u8>, String> {
    let mut body = output.body;
    let mut bytes = Vec::new();
    while let Some(part) = body
        .try_next()
        .await
        .map_err(|error| format!("the answer was cut off: {}", super::presentable(&super::chain(&error))))?
    {
        bytes.extend_from_slice(&part);
        if bytes.len() > LARGEST {
            break;
        }
    }
    Ok(bytes)
}
