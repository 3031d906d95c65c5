//! Which objects lie below a prefix, and when they were written: what is listed of them needs no right to read them.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>

use aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Output;
use aws_sdk_s3::types::EncodingType;
use jiff::Timestamp;

use super::engine::{Answer, Failure, Reader};
use super::home::Home;
use super::text::{decoded, instant, required, text};
use crate::collect::{ApiCall, Malformed};
use crate::evidence::{CallId, Hidden, ResourceKey, S3Location};

/// The call, as each collector that makes it declares it.
pub(super) const LIST: ApiCall = ApiCall {
    service: "s3",
    operation: "ListObjectsV2",
    action: "s3:ListBucket",
    purpose: "whether captured requests, reports of monitors, baselines and declared feedback lie where they should, and \
              since when",
};

/// What is listed.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    /// Keys that sort after this one only.
    pub(super) after: Option<String>,
    /// Folders at the next level instead of all objects below.
    pub(super) folders: bool,
    /// The most pages that are read, of a thousand each.
    pub(super) pages: usize,
}

/// One object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Object {
    pub(super) key: String,
    pub(super) size: u64,
    pub(super) modified: Timestamp,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub(super) struct Listing {
    /// Objects by key.
    pub(super) objects: Vec<Object>,
    /// Folders, as whole prefixes, sorted.
    pub(super) folders: Vec<String>,
    /// Whether nothing follows.
    pub(super) whole: bool,
    pub(super) calls: Vec<CallId>,
    pub(super) malformed: Option<(CallId, Malformed)>,
}

/// Lists what lies below a prefix. `None` where that could not be read, which is then a gap over `hides`, or the bucket is
/// not there, which is then an absence of it.
pub(super) async fn list(
    reader: &Reader<'_>,
    home: &Home,
    location: &S3Location,
    wanted: &Wanted,
    hides: &ResourceKey,
) -> Option<Listing> {
    match try_list(reader, home, location, wanted).await {
        Ok(listing) => match listing.malformed {
            Some((call, malformed)) => {
                reader.malformed(&LIST, call, &malformed, &[Hidden::One(hides.clone())]);
                None
            }
            None => Some(listing),
        },
        Err(failure) if failure.not_found => {
            reader.absent(failure, hides.clone());
            None
        }
        Err(failure) => {
            reader.gap(failure, &[Hidden::One(hides.clone())]);
            None
        }
    }
}

/// The same, with what a failure hides left to the caller.
///
/// # Errors
/// The failure. What could not be read of an answer is one, too.
pub(super) async fn listed(
    reader: &Reader<'_>,
    home: &Home,
    location: &S3Location,
    wanted: &Wanted,
) -> Result<Listing, Failure> {
    let listing = try_list(reader, home, location, wanted).await?;
    match listing.malformed {
        Some((call, malformed)) => Err(reader.unreadable_item(&LIST, call, &malformed)),
        None => Ok(listing),
    }
}

async fn try_list(
    reader: &Reader<'_>,
    home: &Home,
    location: &S3Location,
    wanted: &Wanted,
) -> Result<Listing, Failure> {
    let asked_in = home.region();
    let answered = pages(reader, home, location, wanted).await;
    if answered.is_err() && home.region() != asked_in {
        return pages(reader, home, location, wanted).await;
    }
    answered
}

async fn pages(reader: &Reader<'_>, home: &Home, location: &S3Location, wanted: &Wanted) -> Result<Listing, Failure> {
    let s3 = &reader.clients().s3;
    let mut listing = Listing::default();
    reader
        .pages(
            &LIST,
            &location.to_string(),
            |token: Option<String>| {
                let request = s3.list_objects_v2().bucket(&location.bucket).prefix(&location.key);
                let request = request.encoding_type(EncodingType::Url).set_start_after(wanted.after.clone());
                let request = request.set_delimiter(wanted.folders.then(|| "/".to_owned()));
                let request = request.set_continuation_token(token).customize().config_override(home.settings());
                home.noticing(request.send())
            },
            |Answer { output, call }| {
                listing.calls.push(call);
                match read_page(&output, &mut listing) {
                    Ok(next) => next.filter(|_| listing.calls.len() < wanted.pages),
                    Err(malformed) => {
                        listing.malformed = Some((call, malformed));
                        None
                    }
                }
            },
        )
        .await?;
    Ok(listing)
}

/// Takes the entries of a page and returns where the next one begins.
///
/// # Errors
/// If an entry cannot be read, or the page does not say whether another follows: an answer that was cut off on its way must
/// not pass for "nothing is there".
fn read_page(page: &ListObjectsV2Output, listing: &mut Listing) -> Result<Option<String>, Malformed> {
    let encoding = page.encoding_type();
    for item in page.contents() {
        let key = decoded(&required("an object of a listing", "Key", item.key())?, encoding)?;
        let missing = |member: &str| Malformed { item: key.clone(), reason: format!("`{member}` is missing") };
        let modified = instant(item.last_modified()).ok_or_else(|| missing("LastModified"))?;
        let size = item.size().and_then(|size| u64::try_from(size).ok()).ok_or_else(|| missing("Size"))?;
        listing.objects.push(Object { key, size, modified });
    }
    for folder in page.common_prefixes() {
        listing.folders.push(decoded(&required("a folder of a listing", "Prefix", folder.prefix())?, encoding)?);
    }
    let page_is = |reason: &str| Malformed { item: "a page of objects".to_owned(), reason: reason.to_owned() };
    listing.whole = !page.is_truncated().ok_or_else(|| page_is("`IsTruncated` is missing"))?;
    if listing.whole {
        return Ok(None);
    }
    let next = text(page.next_continuation_token());
    next.map(Some).ok_or_else(|| page_is("`NextContinuationToken` is missing"))
}

#[cfg(test)]
mod tests {
    use aws_sdk_s3::types::{CommonPrefix, Object as S3Object};
    use aws_smithy_types::DateTime;

    use super::*;

    #[test]
    fn a_page_says_what_it_holds_and_whether_another_follows() {
        let object = S3Object::builder().key("a+b/c").size(7).last_modified(DateTime::from_secs(60));
        let page = ListObjectsV2Output::builder().encoding_type(EncodingType::Url);
        let full = page.clone().contents(object.clone().build());
        let full = full.common_prefixes(CommonPrefix::builder().prefix("a+b/2026/").build());
        let mut listing = Listing::default();
        let next = read_page(&full.clone().is_truncated(true).next_continuation_token("t").build(), &mut listing);
        assert_eq!(next.unwrap().as_deref(), Some("t"));
        assert_eq!(
            listing.objects,
            [Object { key: "a b/c".into(), size: 7, modified: "1970-01-01T00:01:00Z".parse().unwrap() }]
        );
        assert_eq!(listing.folders, ["a b/2026/"]);
        assert!(!listing.whole);
        assert_eq!(read_page(&full.clone().is_truncated(false).build(), &mut listing).unwrap(), None);
        assert!(listing.whole);

        read_page(&full.clone().build(), &mut listing).unwrap_err();
        read_page(&full.is_truncated(true).build(), &mut listing).unwrap_err();
        for broken in [object.clone().set_last_modified(None), object.clone().set_size(None), object.set_key(None)] {
            let page = page.clone().contents(broken.build()).is_truncated(false).build();
            read_page(&page, &mut listing).unwrap_err();
        }
    }
}
