//! The arguments of every command that reads from AWS, and the session that comes of them.

use clap::Args;
use jiff::Timestamp;

use super::clock;
use super::console::Console;
use crate::collect::aws::{Session, SessionOptions};
use crate::collect::{CollectRequest, EVENT_HISTORY_DAYS, LogFiles, LogSource};
use crate::policy::Policy;

#[derive(Debug, Args)]
#[command(next_help_heading = "Account")]
pub(super) struct Account {
    /// Region to read; may be repeated [default: `scope.regions` of the policy, else the profile's region]
    #[arg(long = "region", value_name = "REGION")]
    regions: Vec<String>,
    /// Named profile [default: what every AWS tool uses]
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// Role to assume with those credentials
    #[arg(long, value_name = "ARN")]
    role_arn: Option<String>,
    /// External id that the role's trust policy asks for
    #[arg(long, value_name = "ID", requires = "role_arn")]
    external_id: Option<String>,
    /// Source identity of every session of an assumed role, so that the accounts' own trails name who read
    #[arg(long, value_name = "NAME")]
    source_identity: Option<String>,
    /// Take a region at its word that this version does not know
    #[arg(long)]
    allow_unknown_region: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Account")]
pub(super) struct Since {
    /// Read events from this instant on [default: the 90 days that CloudTrail keeps]
    #[arg(long, value_name = "TIME", value_parser = clock::argument)]
    events_since: Option<Timestamp>,
    /// Read log files of trails there: `s3://bucket/prefix`, a folder, `auto` for the bucket of every trail that logs the
    /// account, or `none`; may be repeated [default: `sources` in `[trail]` of the policy]
    ///
    /// They reach further back than the 90 days of the event history, and their signed digests prove them. A year of an
    /// organization's log files takes time and requests, so they are read only where somebody asks for it.
    #[arg(long = "trail", value_name = "SOURCE", value_parser = trail)]
    trails: Vec<Trail>,
    /// Read log files of this day and later ones [default: from the day before the oldest version was registered that
    /// serves or that one would roll back to]
    #[arg(long, value_name = "TIME", value_parser = clock::argument)]
    trail_since: Option<Timestamp>,
}

/// What `--trail` asks for; `None` is `none`.
#[derive(Clone, Debug)]
struct Trail(Option<LogSource>);

fn trail(text: &str) -> Result<Trail, String> {
    if text == "none" {
        return Ok(Trail(None));
    }
    let read = LogSource::parse(text).map(|source| Trail(Some(source)));
    read.ok_or_else(|| "write `s3://bucket/prefix`, the path of a folder, `auto` or `none`".to_owned())
}

impl Account {
    /// What to open a session with.
    pub(super) fn options(self, policy: &Policy) -> SessionOptions {
        let asked = if self.regions.is_empty() { policy.scope.regions.clone() } else { self.regions };
        let mut regions: Vec<String> = Vec::new();
        for region in asked {
            if !regions.contains(&region) {
                regions.push(region);
            }
        }
        SessionOptions {
            profile: self.profile,
            role_arn: self.role_arn,
            external_id: self.external_id,
            source_identity: self.source_identity,
            regions,
            allow_unknown_region: self.allow_unknown_region,
            attempts: policy.pace.attempts,
        }
    }
}

impl Since {
    /// What to ask for, from now on back.
    pub(super) fn request(
        &self,
        session: &Session,
        policy: &Policy,
        now: Timestamp,
        console: Console,
    ) -> CollectRequest {
        let asked = CollectRequest::of(policy, session.regions().to_vec(), now);
        let horizon = asked.events_since;
        if self.events_since.is_some_and(|since| since < horizon) {
            console
                .warn(format_args!("CloudTrail keeps {EVENT_HISTORY_DAYS} days of events: reading from {horizon} on"));
        }
        CollectRequest {
            events_since: self.events_since.unwrap_or(horizon).clamp(horizon, now),
            log_files: self.log_files(policy),
            ..asked
        }
    }

    /// Which log files are asked for: the command line's, or else the policy's.
    fn log_files(&self, policy: &Policy) -> LogFiles {
        let asked = self.trails.iter().filter_map(|trail| trail.0.clone());
        LogFiles {
            sources: if self.trails.is_empty() { policy.log_files.sources.clone() } else { asked.collect() },
            since: self.trail_since.or(policy.log_files.since),
        }
    }
}

/// Runs what waits for AWS. A second interrupt ends it at once; the first one is for the work itself to hear.
pub(super) fn wait_for<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        tokio::select! {
            done = work => done,
            () = interrupted_twice() => Err(anyhow::anyhow!("interrupted; nothing was written")),
        }
    })
}

/// Resolves when somebody asks the process to end: Ctrl-C, or the termination signal of a scheduler. Listens from the call on,
/// not only once it is awaited, so that nothing is missed in between; call it inside the runtime.
pub(super) fn interrupted() -> impl Future<Output = ()> {
    let (interrupt, termination) = signals();
    async {
        tokio::select! {
            () = interrupt => (),
            () = termination => (),
        }
    }
}

async fn interrupted_twice() {
    interrupted().await;
    interrupted().await;
}

#[cfg(unix)]
fn signals() -> (impl Future<Output = ()>, impl Future<Output = ()>) {
    use tokio::signal::unix::{SignalKind, signal};
    (next(signal(SignalKind::interrupt())), next(signal(SignalKind::terminate())))
}

/// Without a handler a signal ends the process by itself, which is as well.
#[cfg(unix)]
async fn next(signal: std::io::Result<tokio::signal::unix::Signal>) {
    match signal {
        Ok(mut signal) => {
            signal.recv().await;
        }
        Err(_) => std::future::pending().await,
    }
}

#[cfg(not(unix))]
fn signals() -> (impl Future<Output = ()>, impl Future<Output = ()>) {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    (interrupt, std::future::pending())
}
