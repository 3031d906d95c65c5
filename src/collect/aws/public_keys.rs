//! What the verification of digests asks of CloudTrail: the public keys of a region, and what its trails say of themselves.
//!
//! As with [`super::S3Store`], the calls block a thread while they run on the runtime of the command.

use aws_smithy_types::DateTime;
use jiff::Timestamp;
use tokio::runtime::Handle;

use super::engine::reason;
use super::session::Session;
use super::text::instant;
use super::trails::{described, take_status};
use crate::evidence::Trail;
use crate::trail::digest::{KeysError, PublicKey, PublicKeys};

/// The keys that `ListPublicKeys` gives. Each region has its own.
#[derive(Clone, Debug)]
pub struct CloudTrailKeys<'a> {
    session: &'a Session,
    runtime: Handle,
}

impl<'a> CloudTrailKeys<'a> {
    /// The keys as `session` may read them, by requests on `runtime`. Nothing is asked yet.
    pub fn new(session: &'a Session, runtime: &Handle) -> Self {
        Self { session, runtime: runtime.clone() }
    }
}

impl PublicKeys for CloudTrailKeys<'_> {
    fn keys(&self, region: &str, from: Timestamp, to: Timestamp) -> Result<Vec<PublicKey>, KeysError> {
        let client = self.session.cloudtrail(region);
        let seconds = |at: Timestamp| DateTime::from_secs(at.as_second());
        let failed = |reason: String| KeysError::Call { region: region.to_owned(), reason };
        let (mut keys, mut token) = (Vec::new(), None);
        loop {
            let page = client.list_public_keys().start_time(seconds(from)).end_time(seconds(to)).set_next_token(token);
            let answer = self.runtime.block_on(page.send()).map_err(|error| failed(reason(&error).message))?;
            for given in answer.public_key_list() {
                let fingerprint = given.fingerprint().unwrap_or_default();
                let missing = |part: &str| failed(format!("{part} of the key `{fingerprint}` is missing"));
                let der = given.value().ok_or_else(|| missing("`Value`"))?.as_ref().to_vec();
                let from = instant(given.validity_start_time()).ok_or_else(|| missing("`ValidityStartTime`"))?;
                let to = instant(given.validity_end_time()).ok_or_else(|| missing("`ValidityEndTime`"))?;
                keys.push(PublicKey::new(fingerprint, der, from, to).map_err(failed)?);
            }
            match answer.next_token() {
                Some(next) if !next.is_empty() => token = Some(next.to_owned()),
                _ => return Ok(keys),
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
