//! What the verification of digests asks of CloudTrail: the public keys of a region, and what its trails say of themselves.
//!
//! As with [`super::S3Store`], the calls block a thread while they run on the runtime of the command.
//!
//! Source: <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListPublicKeys.html>

use std::collections::BTreeSet;

use aws_sdk_cloudtrail::types::PublicKey as Listed;
use aws_smithy_types::DateTime;
use jiff::Timestamp;
use tokio::runtime::Handle;

use super::engine::{reason, token};
use super::session::Session;
use super::text::{instant, required};
use super::trails::{described, take_status};
use crate::collect::{ApiCall, Malformed};
use crate::evidence::{DeniedBy, GapCause, Trail};
use crate::trail::digest::{KeysError, PublicKey, PublicKeys};

pub(super) const LIST: ApiCall = ApiCall {
    service: "cloudtrail",
    operation: "ListPublicKeys",
    action: "cloudtrail:ListPublicKeys",
    purpose: "the keys that prove that log files are what CloudTrail delivered",
};

/// The keys that `ListPublicKeys` gives. Each region has its own.
#[derive(Clone, Debug)]
pub struct CloudTrailKeys {
    session: Session,
    runtime: Handle,
}

impl CloudTrailKeys {
    /// The keys as `session` may list them, by requests on `runtime`. Nothing is asked yet.
    pub fn new(session: &Session, runtime: &Handle) -> Self {
        Self { session: session.clone(), runtime: runtime.clone() }
    }
}

impl PublicKeys for CloudTrailKeys {
    fn keys(&self, region: &str, from: Timestamp, to: Timestamp) -> Result<Vec<PublicKey>, KeysError> {
        let failed = |cause, reason: String| KeysError::Call { region: region.to_owned(), cause, reason };
        let cloudtrail = self.session.cloudtrail(region);
        let (mut keys, mut next, mut tokens) = (Vec::new(), None, BTreeSet::new());
        loop {
            let request = cloudtrail.list_public_keys().start_time(seconds(from)).end_time(seconds(to));
            let page = self.runtime.block_on(request.set_next_token(next.clone()).send()).map_err(|error| {
                let reason = reason(&error);
                let message = match reason.cause {
                    GapCause::Denied(by) if by != DeniedBy::Unstated => {
                        format!("refused by {}: {}", by.words(), reason.message)
                    }
                    _ => reason.message,
                };
                failed(reason.cause, message.trim_end_matches('.').to_owned())
            })?;
            let malformed = |malformed: Malformed| failed(GapCause::Malformed, malformed.to_string());
            let Some(listed) = &page.public_key_list else {
                return Err(failed(GapCause::Malformed, "`PublicKeyList` is missing".to_owned()));
            };
            for key in listed {
                keys.push(read(key).map_err(malformed)?);
            }
            next = token(page.next_token());
            match &next {
                None => return Ok(keys),
                Some(token) if tokens.insert(token.clone()) => {}
                Some(_) => return Err(failed(GapCause::Malformed, "a page token came again".to_owned())),
            }
        }
    }
}

/// The trails that a region knows of, with their status there: it shows digests that were delivered and are gone. Trails
/// whose status may not be read are left out.
///
/// # Errors
/// Why the trails cannot be described.
pub fn trail_status(session: &Session, region: &str, runtime: &Handle) -> Result<Vec<Trail>, String> {
    let client = session.cloudtrail(region);
    let trails = client.describe_trails().include_shadow_trails(true);
    let answer = runtime.block_on(trails.send()).map_err(|error| reason(&error).message)?;
    let described = answer.trail_list().iter().filter_map(|given| described(given).ok());
    let with_status = described.filter_map(|mut trail| {
        let status = runtime.block_on(client.get_trail_status().name(&trail.arn).send()).ok()?;
        take_status(&mut trail, &status);
        Some(trail)
    });
    Ok(with_status.collect())
}

fn seconds(time: Timestamp) -> DateTime {
    DateTime::from_secs(time.as_second())
}

/// One key.
///
/// # Errors
/// If a member is missing, or the fingerprint is another key's.
fn read(listed: &Listed) -> Result<PublicKey, Malformed> {
    let fingerprint = required("a public key", "Fingerprint", listed.fingerprint())?;
    let malformed = |reason: &str| Malformed { item: format!("public key {fingerprint}"), reason: reason.to_owned() };
    let value = listed.value().ok_or_else(|| malformed("`Value` is missing"))?;
    let from = instant(listed.validity_start_time()).ok_or_else(|| malformed("`ValidityStartTime` is missing"))?;
    let to = instant(listed.validity_end_time()).ok_or_else(|| malformed("`ValidityEndTime` is missing"))?;
    PublicKey::new(&fingerprint, value.as_ref().to_vec(), from, to).map_err(|reason| malformed(&reason))
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::Blob;

    use super::*;

    #[test]
    fn a_key_is_taken_only_under_its_own_fingerprint() {
        let listed = |fingerprint: &str| {
            let key = Listed::builder().fingerprint(fingerprint).value(Blob::new(b"key".to_vec()));
            key.validity_start_time(DateTime::from_secs(1)).validity_end_time(DateTime::from_secs(2))
        };
        let key = read(&listed("3c6e0b8a9c15224a8228b9a98ca1531d").build()).unwrap();
        assert_eq!((key.der.as_slice(), key.to), (b"key".as_slice(), Timestamp::from_second(2).unwrap()));
        let error = read(&listed("00").build()).unwrap_err().to_string();
        assert!(error.contains("3c6e0b8a9c15224a8228b9a98ca1531d"), "{error}");
        read(&listed("00").set_value(None).build()).unwrap_err();
    }
}
