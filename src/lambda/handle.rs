//! One invocation, from what it is asked to what it answers.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::runtime::Handle;

use super::answer::{Answer, Did};
use super::claim::{self, Claim};
use super::event::{self, Event, Task};
use super::log::{Level, say};
use super::settings::Settings;
use super::{budget, gates, witness};
use crate::archive::Place;
use crate::cli::clock;
use crate::collect::aws::{self, S3Store, Session, SessionOptions};
use crate::collect::{CollectRequest, LogFiles, Silent};
use crate::evidence::{S3Location, Snapshot};
use crate::policy::{ArchiveRules, Checked, Dates, Policy, SinkRules, When};
use crate::publish::aws::{self as aws_sinks, S3Archive, open_archive};
use crate::publish::{Errand, Target, Trigger};
use crate::report::Format;
use crate::run::{self, Exit, Outcome, RunRequest};
use crate::store::{Store, StoreError};

/// What is written for people and programs; the snapshot comes with it.
const DOCUMENTS: [Format; 5] = Format::DEFAULT;

/// What looks unapproved only because CloudTrail was not heard yet is looked at again after so many minutes. CloudTrail
/// delivers within about five, and 15 are the limit beyond which nothing is waited for.
const RECHECK_MINUTES: i64 = 20;

/// One invocation.
#[derive(Debug)]
pub(super) struct Invocation<'a> {
    pub(super) settings: &'a Settings,
    /// Names the invocation, as Lambda does.
    pub(super) request: &'a str,
    /// The instant at which the estate is judged.
    pub(super) now: Timestamp,
    /// When Lambda ends it.
    pub(super) deadline: Timestamp,
}

/// Everything that a run needs, once it is known that there is one.
pub(super) struct Agent {
    /// The function itself: it writes.
    pub(super) own: Session,
    pub(super) policy: Policy,
    pub(super) regions: Vec<String>,
}

impl<'a> Invocation<'a> {
    pub(super) fn new(settings: &'a Settings, context: &'a lambda_runtime::Context) -> anyhow::Result<Self> {
        let deadline = budget::deadline(context.deadline, clock::real());
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
            Task::Full { id } => Box::pin(self.full(id)).await?,
            Task::Scoped(event) => Box::pin(self.scoped(&event)).await?,
            Task::Organization(step) => return Box::pin(self.step(step)).await,
        };
        Ok(serde_json::to_value(answer)?)
    }

    async fn full(&self, id: Option<String>) -> anyhow::Result<Answer> {
        let agent = self.agent().await?;
        let state = self.state(&agent);
        let work = Box::pin(async {
            let collect = CollectRequest::of(&agent.policy, agent.regions.clone(), self.now);
            let archive = self.archive(&agent).await;
            let run = self.read(&agent, run::with_answers(collect, archive.as_ref()).await).await?;
            let errand = self.errand(&agent, Trigger::Schedule, &self.sinks(&agent)).await;
            let outcome = run::conclude(run.snapshot, &run.request, archive, &errand).await?;
            let mut answer = self.answer_of(&agent, &errand.run, &outcome)?;
            if let Some(state) = &state {
                let (state, report) = (Arc::clone(state), outcome.report);
                self.noting(&mut answer, waiting(move || gates::told_by_run(&*state, &report)).await);
            }
            Ok(answer)
        });
        match (&state, id) {
            (Some(state), Some(id)) => Once { invocation: self, state, id, attempt: 1 }.does(work).await,
            (_, id) => Ok(Answer { event: id, ..work.await? }),
        }
    }

    async fn scoped(&self, event: &Event) -> anyhow::Result<Answer> {
        let agent = self.agent().await?;
        let account = self.reads(&agent);
        if event.account != account {
            let why = format!("it happened in account {}, and {account} is read", event.account);
            return Ok(Answer { event: Some(event.id.clone()), ..Answer::nothing(Did::Ignored, &why) });
        }
        if !agent.regions.contains(&event.region) {
            let why = format!("it happened in {}, and {} is read", event.region, agent.regions.join(", "));
            return Ok(Answer { event: Some(event.id.clone()), ..Answer::nothing(Did::Ignored, &why) });
        }
        let state = self.state(&agent);
        let work = Box::pin(self.look(&agent, event, state.as_ref()));
        match &state {
            Some(state) => {
                Once { invocation: self, state, id: event.id.clone(), attempt: event.attempt }.does(work).await
            }
            None => Ok(Answer { event: Some(event.id.clone()), ..work.await? }),
        }
    }

    /// Looks at what an event names, and tells of it if a gate changed.
    async fn look(&self, agent: &Agent, event: &Event, state: Option<&Arc<dyn Store>>) -> anyhow::Result<Answer> {
        let collect = CollectRequest {
            focus: Some(event.focus.clone()),
            // What log files told is in the archive; to read them takes longer than an event may wait.
            log_files: LogFiles::default(),
            ..CollectRequest::of(&agent.policy, vec![event.region.clone()], self.now)
        };
        let archive = self.archive(agent).await;
        let mut run = self.read(agent, run::with_answers(collect, archive.as_ref()).await).await?;
        witness::add(&mut run.snapshot, event);
        let names = event.focus.subjects.iter().map(|subject| subject.name().to_owned()).collect();
        let trigger = Trigger::Event { id: event.id.clone(), kind: event.kind.clone(), names };
        let silent = self.errand(agent, trigger.clone(), &[]).await;
        let mut outcome = run::conclude(run.snapshot, &run.request, archive, &silent).await?;

        let told = match state {
            Some(state) => {
                let (state, report) = (Arc::clone(state), outcome.report.clone());
                waiting(move || gates::told_by_event(&*state, &report)).await
            }
            None => Ok(gates::changes(None, &outcome.report)),
        };
        let (changed, unkept) = match told {
            Ok(changed) => (changed, None),
            Err(error) => (gates::changes(None, &outcome.report), Some(error)),
        };
        let errand = self.errand(agent, trigger, &self.sinks_of_event(agent, !changed.is_empty())).await;
        outcome.published = errand.deliver(&outcome.report, &outcome.stats, &outcome.written).await;
        if outcome.published.iter().any(|published| published.result.is_err()) {
            outcome.exit = outcome.exit.or(Exit::SinkFailed);
        }
        let answered = self.answer_of(agent, &errand.run, &outcome);
        if let (Err(_), Some(state), None) = (&answered, state, &unkept) {
            let (state, changed) = (Arc::clone(state), changed.clone());
            if let Err(error) = waiting(move || gates::not_told(&*state, &changed, outcome.report.collected_at)).await {
                say(Level::Warn, self.request, &error.to_string(), &[]);
            }
        }
        let mut answer = answered?;
        answer.changes(&changed);
        self.noting(&mut answer, unkept.map_or(Ok(()), Err));
        if event.attempt == 1 && gates::awaits_events(&outcome.report) {
            let latency = agent.policy.thresholds.event_latency_minutes;
            answer.recheck_at = Some(self.now + SignedDuration::from_mins(RECHECK_MINUTES.max(latency + 5)));
        }
        Ok(answer)
    }

    /// Reads the estate for as long as there is time.
    async fn read(&self, agent: &Agent, collect: CollectRequest) -> anyhow::Result<Read> {
        let reader = self.reader(agent).await?;
        let request = Self::request_to(agent)?;
        let reading = budget::reading(clock::real(), self.deadline);
        let account = ("account", json!(reader.account()));
        let fields = [account, ("regions", json!(collect.regions)), ("seconds", json!(reading.as_secs()))];
        say(Level::Info, self.request, "reading", &fields);
        let stop = tokio::time::sleep(reading.unsigned_abs());
        let snapshot = aws::collect(&reader, &collect, &Silent, stop).await;
        Ok(Read { snapshot, request })
    }

    /// What to make of what was read.
    pub(super) fn request_to(agent: &Agent) -> anyhow::Result<RunRequest> {
        Ok(RunRequest {
            policy: agent.policy.clone(),
            as_of: None,
            out: Self::out()?,
            formats: DOCUMENTS.to_vec(),
            keep_snapshot: true,
            fail_on: None,
            baseline: None,
            require_complete: false,
        })
    }

    pub(super) async fn errand(&self, agent: &Agent, trigger: Trigger, rules: &[SinkRules]) -> Errand {
        Errand { run: self.run_name(), trigger, sinks: aws_sinks::open(rules, &agent.own, self.now).await }
    }

    /// The answer to a run.
    ///
    /// # Errors
    /// If nothing came of it, though there were places to write to.
    pub(super) fn answer_of(&self, agent: &Agent, run: &str, outcome: &Outcome) -> anyhow::Result<Answer> {
        let place = self.archive_rules(&agent.policy).map(|rules| rules.location.to_string());
        let answer = Answer::of(run, outcome, place.as_deref());
        if answer.came_to_nothing() {
            return Err(anyhow!("nothing was archived or published: {}", answer.failures()));
        }
        Ok(answer)
    }

    /// Says in log and answer what the state did not take; the run stands all the same.
    pub(super) fn noting(&self, answer: &mut Answer, kept: Result<(), StoreError>) {
        if let Err(error) = kept {
            let note = format!("COUNTERSIGN_STATE: {error}");
            say(Level::Warn, self.request, &note, &[]);
            answer.note(&note);
        }
    }

    /// Where the state is kept.
    pub(super) fn state(&self, agent: &Agent) -> Option<Arc<dyn Store>> {
        let place = self.settings.state.as_ref()?;
        Some(Arc::new(S3Archive::new(&agent.own, place, &Handle::current(), None)))
    }

    /// The account that is read.
    pub(super) fn reads<'s>(&'s self, agent: &'s Agent) -> &'s str {
        let of_role = self.settings.reader_role.as_ref().and_then(|role| role.split(':').nth(4));
        of_role.unwrap_or_else(|| agent.own.account())
    }

    /// The credentials of the function, and the policy.
    pub(super) async fn agent(&self) -> anyhow::Result<Agent> {
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
    pub(super) async fn reader(&self, agent: &Agent) -> anyhow::Result<Session> {
        let Some(role) = &self.settings.reader_role else { return Ok(agent.own.clone()) };
        let assumed = agent.own.as_role(role, self.settings.external_id.as_deref()).await;
        assumed.context("COUNTERSIGN_READER_ROLE")
    }

    /// The archive: the one that is set, by the rules of the policy where it has any.
    fn archive_rules(&self, policy: &Policy) -> Option<ArchiveRules> {
        let Some(location) = self.settings.archive.clone() else { return policy.archive.clone() };
        let rules = policy.archive.clone().unwrap_or_else(|| ArchiveRules::at(location.clone()));
        Some(ArchiveRules { location, ..rules })
    }

    pub(super) async fn archive(&self, agent: &Agent) -> Option<Arc<dyn Store>> {
        match self.archive_rules(&agent.policy) {
            Some(rules) => Some(open_archive(&rules, &agent.own, self.now).await),
            None => None,
        }
    }

    /// Whom to tell: what the policy declares, and what the setting names.
    pub(super) fn sinks(&self, agent: &Agent) -> Vec<SinkRules> {
        SinkRules::chosen(&agent.policy.sinks, true, self.settings.publish.iter().cloned())
    }

    /// Whom to tell of an event. Where a gate changed, everybody: what each was told of was decided by that. Where none did,
    /// only those who keep every report. Tables of history hold whole runs only.
    fn sinks_of_event(&self, agent: &Agent, changed: bool) -> Vec<SinkRules> {
        let mut rules = self.sinks(agent);
        rules.retain(|it| !matches!(it.target, Target::History(_)) && (changed || it.when == When::Always));
        for rules in &mut rules {
            rules.when = When::Always;
        }
        rules
    }

    /// A folder that nothing was left in: the process may have been used before, and what it writes there stays.
    fn out() -> anyhow::Result<PathBuf> {
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

/// What was read, and what to make of it.
struct Read {
    snapshot: Snapshot,
    request: RunRequest,
}

/// Work that is done once for each event, however often that is delivered.
struct Once<'a> {
    invocation: &'a Invocation<'a>,
    state: &'a Arc<dyn Store>,
    id: String,
    attempt: u64,
}

impl Once<'_> {
    /// Does it, or gives the answer of whoever did.
    ///
    /// # Errors
    /// If it came to nothing, or another invocation is at it: then Lambda asks again, and gets that one's answer.
    async fn does(self, work: impl Future<Output = anyhow::Result<Answer>>) -> anyhow::Result<Answer> {
        let Self { invocation, state, id, attempt } = self;
        let (store, event, by) = (Arc::clone(state), id.clone(), invocation.request.to_owned());
        let (now, deadline) = (clock::real(), invocation.deadline);
        let claimed = waiting(move || claim::claim(&*store, (&event, attempt), &by, now, deadline)).await;
        let held = match claimed {
            Ok(Claim::Mine(held)) => Some(held),
            Ok(Claim::Answered(answer)) => {
                say(Level::Info, invocation.request, "the event was answered before", &[("event", json!(id))]);
                return Ok(*answer);
            }
            Ok(Claim::UnderWay(until)) => {
                return Err(anyhow!("another invocation looks at event `{id}`, until {until} at most"));
            }
            // To look twice is better than not to look.
            Err(error) => {
                say(Level::Warn, invocation.request, &format!("COUNTERSIGN_STATE: {error}"), &[("event", json!(id))]);
                None
            }
        };
        let answer = work.await.map(|answer| Answer { event: Some(id), ..answer });
        let Some(held) = held else { return answer };
        let (store, kept) = (Arc::clone(state), answer.as_ref().ok().cloned());
        let settled = waiting(move || match kept {
            Some(answer) => held.answered(&*store, &answer),
            None => held.released(&*store, clock::real()),
        });
        if let Err(error) = settled.await {
            say(Level::Warn, invocation.request, &format!("COUNTERSIGN_STATE: {error}"), &[]);
        }
        answer
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
