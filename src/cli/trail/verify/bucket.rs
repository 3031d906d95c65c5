//! Verifying with AWS: a bucket, or a folder whose keys CloudTrail is asked for.

use clap::Args;
use jiff::Timestamp;
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

use super::{Place, Verified, Verify};
use crate::cli::account::wait_for;
use crate::cli::console::Console;
use crate::collect::aws::{CloudTrailKeys, S3Store, Session, SessionError, SessionOptions, trail_status};
use crate::evidence::Trail;
use crate::store::{Folder, Store};
use crate::trail::digest::{Area, KeyFile, PublicKeys, Source};

/// Calls that are sent for one answer at most.
const ATTEMPTS: u32 = 5;

#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Account")]
pub(in crate::cli::trail) struct Caller {
    /// Named profile [default: what every AWS tool uses]
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// Role to assume with those credentials
    #[arg(long, value_name = "ARN")]
    role_arn: Option<String>,
    /// External id that the role's trust policy asks for
    #[arg(long, value_name = "ID", requires = "role_arn")]
    external_id: Option<String>,
}

impl Caller {
    /// A session of the caller; which regions it may ask is only of matter where something is asked of them.
    pub(in crate::cli::trail) async fn session(&self, regions: &[String]) -> Result<Session, SessionError> {
        let options = |regions: &[String]| SessionOptions {
            profile: self.profile.clone(),
            role_arn: self.role_arn.clone(),
            external_id: self.external_id.clone(),
            source_identity: None,
            regions: regions.to_vec(),
            allow_unknown_region: false,
            attempts: ATTEMPTS,
        };
        match Session::open(&options(regions)).await {
            // Which regions there are is read from the bucket; any will do to find it.
            Err(SessionError::NoRegion) => Session::open(&options(&["us-east-1".to_owned()])).await,
            opened => opened,
        }
    }
}

impl Verify {
    /// Verifies by what AWS tells: the files of a bucket, the public keys unless they were given, the status of the trails.
    pub(super) fn verify_by_aws(
        &self,
        keys: Option<KeyFile>,
        from: Timestamp,
        to: Timestamp,
        console: Console,
    ) -> anyhow::Result<Verified> {
        let asked = self.clone();
        wait_for(async move {
            let session = asked.caller.session(&asked.regions).await?;
            let runtime = Handle::current();
            spawn_blocking(move || {
                let store: Box<dyn Store> = match &asked.source {
                    Place::Bucket(place) => Box::new(S3Store::new(&session, place, &runtime)),
                    Place::Folder(path) => Box::new(Folder::new(path)),
                };
                let told = CloudTrailKeys::new(&session, &runtime);
                let keys: &dyn PublicKeys = keys.as_ref().map_or(&told, |file| file);
                let status = |area: &Area| asked.status(&session, area, &runtime, console);
                asked.verify_all(&Source::new(&*store), keys, &status, from, to)
            })
            .await?
        })
    }

    /// The trails that deliver to the bucket, where AWS tells.
    fn status(&self, session: &Session, area: &Area, runtime: &Handle, console: Console) -> Vec<Trail> {
        let Place::Bucket(place) = &self.source else { return Vec::new() };
        let mut trails = trail_status(session, &area.region, runtime).unwrap_or_else(|reason| {
            console.warn(format_args!(
                "the trails of {} cannot be read, so a newest digest that was deleted may not show: {reason}",
                area.region
            ));
            Vec::new()
        });
        let prefix = |text: Option<&str>| text.unwrap_or_default().trim_matches('/').to_owned();
        trails.retain(|trail| {
            let here = (trail.bucket.as_deref(), prefix(trail.prefix.as_deref()));
            here == (Some(place.bucket.as_str()), prefix(Some(&place.key)))
        });
        trails
    }
}
