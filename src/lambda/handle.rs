//! One invocation, from what it is asked to what it answers.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::runtime::Handle;

use super::answer::{Answer, Did};
use super::budget;
use super::event::{self, Event, Task};
use super::log::{Level, say};
use super::settings::Settings;
use crate::archive::Place;
use crate::cli::clock;
use crate::collect::aws::{S3Store, Session, SessionOptions};
use crate::collect::{CollectRequest, Silent};
use crate::evidence::S3Location;
use crate::policy::{ArchiveRules, Checked, Dates, Policy};
use crate::publish::aws::open_archive;
use crate::publish::{Errand, Sink, Trigger};
use crate::report::Format;
use crate::run::{self, RunRequest};
use crate::store::{Store, StoreError};

/// What is written for people and programs; the snapshot comes with it.
const DOCUMENTS: [Format; 4] = [Format::Html, Format::Markdown, Format::Json, Format::Csv];

/// One invocation.
#[derive(Debug)]
pub(super) struct Invocation<'a> {
    settings: &'a Settings,
    /// Names the invocation, as Lambda does.
    request: &'a str,
    /// The instant at which the estate is judged.
    now: Timestamp,
    /// When Lambda ends it.
    deadline: Timestamp,
}

/// Everything that a run needs, once it is known that there is one.
struct Agent {
    /// The function itself: it writes.
    own: Session,
    policy: Policy,
    regions: Vec<String>,
}

impl<'a> Invocation<'a> {
    pub(super) fn new(settings: &'a Settings, context: &'a lambda_runtime::Context) -> anyhow::Result<Self> {
        let deadline = i64::try_from(context.deadline).ok().and_then(|at| Timestamp::from_millisecond(at).ok());
        Ok(Self {
            settings,
            request: &context.request_id,
            now: clock::now()?,
            deadline: deadline.ok_or_else(|| anyhow!("Lambda gave no deadline"))?,
        })
    }

    /// Does what is asked.
    ///
    /// # Errors
    /// If nothing could be done: then Lambda may try again.
    pub(super) async fn answer(&self, payload: &Value) -> anyhow::Result<Value> {
        let answer = match event::read(payload)? {
            Task::Ignored(why) => Answer::nothing(Did::Ignored, &why),
            Task::Full { id } => self.full(id).await?,
            Task::Scoped(event) => self.scoped(&event).await?,
            Task::Organization(_) => return Err(anyhow!("steps of an organization's run are not carried out yet")),
        };
        Ok(serde_json::to_value(answer)?)
    }

    async fn full(&self, id: Option<String>) -> anyhow::Result<Answer> {
        let agent = self.agent().await?;
        let collect = CollectRequest::of(&agent.policy, agent.regions.clone(), self.now);
        let answer = self.run(&agent, &collect, Trigger::Schedule).await?;
        Ok(Answer { event: id, ..answer })
    }

    async fn scoped(&self, event: &Event) -> anyhow::Result<Answer> {
        Ok(Answer::nothing(Did::Ignored, &format!("`{}` is not looked at yet", event.kind)))
    }

    async fn run(&self, agent: &Agent, collect: &CollectRequest, trigger: Trigger) -> anyhow::Result<Answer> {
        let reader = self.reader(agent).await?;
        let rules = self.archive(&agent.policy);
        let archive = match &rules {
            Some(rules) => Some(open_archive(rules, &agent.own, self.now).await),
            None => None,
        };
        let name = self.run_name();
        let errand = Errand { run: name.clone(), trigger, sinks: self.sinks(agent).await };
        let request = RunRequest {
            policy: agent.policy.clone(),
            as_of: None,
            out: self.out()?,
            formats: DOCUMENTS.to_vec(),
            keep_snapshot: true,
            fail_on: None,
            baseline: None,
            require_complete: false,
        };
        let reading = budget::reading(clock::real(), self.deadline);
        say(
            Level::Info,
            self.request,
            "reading",
            &[
                ("run", json!(name)),
                ("account", json!(reader.account())),
                ("regions", json!(collect.regions)),
                ("seconds", json!(reading.as_secs())),
            ],
        );
        let stop = tokio::time::sleep(reading.unsigned_abs());
        let outcome = run::run(&reader, collect, &request, archive, &errand, &Silent, stop).await?;
        let place = rules.map(|rules| rules.location.to_string());
        let answer = Answer::of(&name, &outcome, place.as_deref());
        if answer.came_to_nothing() {
            return Err(anyhow!("nothing was archived or published: {}", answer.failures()));
        }
        Ok(answer)
    }

    /// The credentials of the function, and the policy.
    async fn agent(&self) -> anyhow::Result<Agent> {
        let options = |regions: &[String], attempts| SessionOptions {
            regions: regions.to_vec(),
            attempts,
            ..SessionOptions::default()
        };
        let own = Session::open(&options(&self.settings.regions, 0)).await?;
        let Some(place) = &self.settings.policy else {
            let (policy, regions) = (Policy::default(), own.regions().to_vec());
            return Ok(Agent { own, policy, regions });
        };
        let policy = self.policy(&own, place).await.context("COUNTERSIGN_POLICY")?;
        let asked = [&self.settings.regions, &policy.scope.regions];
        let asked = asked.into_iter().find(|regions| !regions.is_empty());
        let own = Session::open(&options(asked.map_or(&[], Vec::as_slice), policy.pace.attempts)).await?;
        let regions = own.regions().to_vec();
        Ok(Agent { own, policy, regions })
    }

    async fn policy(&self, own: &Session, place: &Place) -> anyhow::Result<Policy> {
        let dates = Dates { today: self.now, as_of: self.now };
        let Checked { policy, warnings } = match place {
            Place::Folder(path) => Policy::load(path, &dates)?,
            Place::Bucket(object) => {
                let bytes = read(own, object).await?;
                let text = String::from_utf8(bytes).map_err(|_| anyhow!("`{object}` is not UTF-8"))?;
                Policy::parse(&text, &object.to_string(), &dates)?
            }
        };
        for warning in warnings {
            say(Level::Warn, self.request, &format!("{place}:{warning}"), &[]);
        }
        Ok(policy)
    }

    /// Who reads: the role that is set, which the function assumes, or the function itself.
    async fn reader(&self, agent: &Agent) -> anyhow::Result<Session> {
        let Some(role) = &self.settings.reader_role else { return Ok(agent.own.clone()) };
        let assumed = agent.own.as_role(role, self.settings.external_id.as_deref()).await;
        assumed.context("COUNTERSIGN_READER_ROLE")
    }

    /// The archive: the one that is set, by the rules of the policy where it has any.
    fn archive(&self, policy: &Policy) -> Option<ArchiveRules> {
        let Some(location) = self.settings.archive.clone() else { return policy.archive.clone() };
        Some(ArchiveRules {
            location: location.clone(),
            ..policy.archive.clone().unwrap_or(ArchiveRules::at(location))
        })
    }

    async fn sinks(&self, _agent: &Agent) -> Vec<Arc<dyn Sink>> {
        Vec::new()
    }

    /// A folder that nothing was left in: the process may have been used before, and what it writes there stays.
    fn out(&self) -> anyhow::Result<PathBuf> {
        let out = std::env::temp_dir().join(format!("countersign-{}", std::process::id()));
        if out.exists() {
            std::fs::remove_dir_all(&out).with_context(|| format!("cannot empty `{}`", out.display()))?;
        }
        std::fs::create_dir_all(&out).with_context(|| format!("cannot make `{}`", out.display()))?;
        Ok(out)
    }

    /// Names the run by when it began and by the invocation: two functions may begin in one second.
    fn run_name(&self) -> String {
        let own: String = self.request.chars().filter(char::is_ascii_alphanumeric).take(8).collect();
        format!("{}-{own}", self.now.strftime("%Y%m%dT%H%M%SZ"))
    }
}

/// Reads one object.
async fn read(own: &Session, object: &S3Location) -> anyhow::Result<Vec<u8>> {
    let (below, name) = object.key.rsplit_once('/').unwrap_or(("", &object.key));
    let below = S3Location {
        bucket: object.bucket.clone(),
        key: if below.is_empty() { String::new() } else { format!("{below}/") },
    };
    let (store, name) = (S3Store::new(own, &below, &Handle::current()), name.to_owned());
    Ok(waiting(move || store.get(&name)).await?.bytes)
}

/// Stores wait for their answers, which this thread has to go on fetching.
pub(super) async fn waiting<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let worked = tokio::task::spawn_blocking(work).await;
    worked.unwrap_or_else(|failed| std::panic::resume_unwind(failed.into_panic()))
}
