//! Whether captured requests arrive: the newest objects below each variant's prefix.
//!
//! Captures lie below `<destination>/<endpoint>/<variant>/yyyy/mm/dd/hh/`. The last day is listed at once; only where it holds
//! nothing, the newest folder is looked for, one level at a time. Nothing that was captured is read.
//!
//! Source: <https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html>

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::engine::Reader;
use super::home::Home;
use super::live::here;
use super::objects::{LIST, Listing, Object, Wanted, list};
use crate::collect::CollectorInfo;
use crate::evidence::{CaptureArrival, Endpoint, FactKind, ResourceKey, S3Location};

/// See the module.
pub(crate) static INFO: CollectorInfo = CollectorInfo {
    name: "captures",
    summary: "reads when requests were last captured of each variant, to say whether what monitors need arrives",
    yields: &[FactKind::Captures],
    calls: &[LIST],
};

/// Year, month, day and hour.
const LEVELS: usize = 4;

/// Looks where each variant of an endpoint that captures requests puts them.
pub(crate) async fn collect(reader: &Reader<'_>) {
    let wanted: Vec<(String, String, S3Location)> = reader.facts(|facts| {
        let capturing = here(reader, &facts.endpoints).filter(|endpoint| reader.looks_at(&endpoint.name));
        capturing.flat_map(places).collect()
    });
    reader.each(wanted, async |(endpoint, variant, location)| arrival(reader, endpoint, variant, location).await).await;
}

/// Where the captures of an endpoint go, by endpoint and variant.
fn places(endpoint: &Endpoint) -> impl Iterator<Item = (String, String, S3Location)> + use<'_> {
    let capture = endpoint.data_capture.as_ref().filter(|capture| capture.enabled);
    let destination = capture.and_then(|capture| capture.destination.as_deref());
    destination.into_iter().flat_map(move |destination| {
        endpoint.variants.iter().filter_map(move |variant| {
            let location = CaptureArrival::place(destination, &endpoint.name, &variant.name)?;
            Some((endpoint.name.clone(), variant.name.clone(), location))
        })
    })
}

async fn arrival(reader: &Reader<'_>, endpoint: String, variant: String, location: S3Location) {
    let home = Home::new(reader.region());
    let Some(found) = newest(reader, &home, &location).await else { return };
    let newest = found.objects.iter().map(|object| object.modified).max();
    let objects = found.objects.len();
    reader.record(CaptureArrival { location, endpoint, variant, newest, objects }, &found.calls);
}

/// The newest objects: those of the last day, else those of the newest hour that has any.
async fn newest(reader: &Reader<'_>, home: &Home, location: &S3Location) -> Option<Listing> {
    let key = ResourceKey::new(FactKind::Captures, &location.to_string());
    let since = |hours: i64| {
        let from = reader.request().now.checked_sub(SignedDuration::from_hours(hours)).unwrap_or(Timestamp::MIN);
        Wanted { after: Some(format!("{}{}", location.key, hour(from))), pages: 1, ..Wanted::default() }
    };
    let mut found = list(reader, home, location, &since(24), &key).await?;
    if !found.whole {
        // The first thousand of the day; the newest lie at its end.
        let last = list(reader, home, location, &since(1), &key).await?;
        found.calls.extend(last.calls);
        let known = found.objects.last().map(|object| object.key.clone());
        let is_new = |object: &Object| known.as_ref().is_none_or(|known| object.key > *known);
        found.objects.extend(last.objects.into_iter().filter(is_new));
    }
    if !found.objects.is_empty() {
        return Some(found);
    }
    let mut below = location.clone();
    for _ in 0..LEVELS {
        let folders = Wanted { folders: true, pages: 1, ..Wanted::default() };
        let level = list(reader, home, &below, &folders, &key).await?;
        found.calls.extend(level.calls);
        let Some(newest) = level.folders.into_iter().max() else { return Some(found) };
        below.key = newest;
    }
    let hour = list(reader, home, &below, &Wanted { pages: 1, ..Wanted::default() }, &key).await?;
    found.calls.extend(hour.calls);
    found.objects = hour.objects;
    Some(found)
}

/// The folder of an hour.
fn hour(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y/%m/%d/%H").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_have_folders_of_their_own() {
        assert_eq!(hour("2026-09-01T04:59:00Z".parse().unwrap()), "2026/09/01/04");
    }

    #[test]
    fn captures_lie_below_endpoint_and_variant() {
        let place = |destination| CaptureArrival::place(destination, "Fraud", "main").map(|it| it.to_string());
        assert_eq!(place("s3://bucket/capture/").as_deref(), Some("s3://bucket/capture/Fraud/main/"));
        assert_eq!(place("s3://bucket").as_deref(), Some("s3://bucket/Fraud/main/"));
        assert_eq!(place("capture"), None);
    }
}
