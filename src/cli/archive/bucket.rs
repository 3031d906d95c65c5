//! An archive in a bucket, read with credentials of AWS.

use clap::Args;
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

use crate::cli::account::wait_for;
use crate::collect::aws::{S3Store, Session, SessionError, SessionOptions};
use crate::evidence::S3Location;
use crate::store::Store;

/// Calls that are sent for one answer at most.
const ATTEMPTS: u32 = 5;

#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Account")]
pub(super) struct Caller {
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
    pub(super) fn read<T: Send + 'static>(
        self,
        place: S3Location,
        work: impl FnOnce(&dyn Store) -> anyhow::Result<T> + Send + 'static,
    ) -> anyhow::Result<T> {
        wait_for(async move {
            let session = self.session().await?;
            let store = S3Store::new(&session, &place, &Handle::current());
            spawn_blocking(move || work(&store)).await?
        })
    }

    async fn session(self) -> Result<Session, SessionError> {
        let options = SessionOptions {
            profile: self.profile,
            role_arn: self.role_arn,
            external_id: self.external_id,
            attempts: ATTEMPTS,
            ..SessionOptions::default()
        };
        match Session::open(&options).await {
            // S3 tells where the bucket lies; any region will do to ask it.
            Err(SessionError::NoRegion) => {
                Session::open(&SessionOptions { regions: vec!["us-east-1".to_owned()], ..options }).await
            }
            opened => opened,
        }
    }
}
