//! The steps of a run over an organization, as `infra/organization.yaml` asks for them: find out what to read, read one
//! account in one region, make one report of all.
//!
//! What the steps hand each other lies in the state, below `runs/RUN/`: `units.json` for the state machine, `plan.json` for
//! the last step, and one part for each unit, `parts/ACCOUNT-REGION.json.zst`. A unit without a part is a gap of the report.
//! Each step may be repeated: it then writes the same again.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use futures_util::FutureExt;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::event::Step;
use super::handle::{Agent, Invocation, waiting};
use super::log::{Level, say};
use super::{budget, gates};
use crate::cli::clock;
use crate::collect::CollectRequest;
use crate::collect::aws::{accounts, collect_unit};
use crate::evidence::{GapCause, LeftOut, Snapshot};
use crate::organization::{Merge, Merged, Rules, Unit, Units, units};
use crate::publish::Trigger;
use crate::run;
use crate::store::{Store, StoreError, StoreErrorKind};

/// What a run over an organization set out to read.
#[derive(Debug, Serialize, Deserialize)]
struct Plan {
    units: Vec<Unit>,
    left_out: Vec<LeftOut>,
}

impl Invocation<'_> {
    /// Carries out one step.
    ///
    /// # Errors
    /// If it could not be carried out: the state machine then tries again.
    pub(super) async fn step(&self, step: Step) -> anyhow::Result<Value> {
        let agent = self.agent().await?;
        let state = self.state(&agent);
        let state = state
            .ok_or_else(|| anyhow!("COUNTERSIGN_STATE is not set: a run over an organization keeps its parts there"))?;
        match step {
            Step::Plan { run } => self.plan(&agent, state, run).await,
            Step::Collect { unit } => {
                let read = Unit { account: unit.account, region: unit.region };
                Box::pin(self.collect(&agent, state, &unit.run, read)).await
            }
            Step::Merge { run } => self.merge(&agent, state, &run).await,
        }
    }

    async fn plan(&self, agent: &Agent, state: Arc<dyn Store>, run: String) -> anyhow::Result<Value> {
        let rules = self.rules(agent);
        let Units { units, left_out } = units(&accounts(&agent.own, &rules).await?, &rules, &agent.regions);
        let listed: Vec<Value> =
            units.iter().map(|unit| json!({"run": run, "account": unit.account, "region": unit.region})).collect();
        let (number, left) = (units.len(), left_out.len());
        let (list, plan) = (serde_json::to_vec(&listed)?, serde_json::to_vec(&Plan { units, left_out })?);
        let key = format!("runs/{run}/units.json");
        let (list_key, plan_key) = (key.clone(), format!("runs/{run}/plan.json"));
        waiting(move || put(&*state, &plan_key, &plan).and_then(|()| put(&*state, &list_key, &list))).await?;
        say(
            Level::Info,
            self.request,
            "planned",
            &[("run", json!(run)), ("units", json!(number)), ("left_out", json!(left))],
        );
        let place = self.settings.state.as_ref();
        let bucket = place.map(|place| place.bucket.clone()).unwrap_or_default();
        let below = place.map(|place| place.key.trim_end_matches('/').to_owned()).filter(|key| !key.is_empty());
        let key = below.map_or(key.clone(), |below| format!("{below}/{key}"));
        Ok(json!({"run": run, "bucket": bucket, "key": key, "units": number}))
    }

    async fn collect(&self, agent: &Agent, state: Arc<dyn Store>, run: &str, unit: Unit) -> anyhow::Result<Value> {
        let plan = load(&state, run).await?;
        // In the account of the function its own reader reads; the role of the others trusts the function itself.
        let caller = if unit.account == self.reads(agent) { self.reader(agent).await? } else { agent.own.clone() };
        let request = CollectRequest::of(&agent.policy, vec![unit.region.clone()], self.now);
        let stop = tokio::time::sleep(budget::reading(clock::real(), self.deadline).unsigned_abs()).shared();
        let part = collect_unit(&caller, &unit, &plan.units, &self.rules(agent), &request, stop).await;
        let (facts, gaps) = (part.facts.len(), part.gaps.len());
        let stopped = part.gaps.iter().any(|gap| gap.cause == GapCause::Cancelled);
        let key = format!("runs/{run}/parts/{}-{}.json.zst", unit.account, unit.region);
        let (to, bytes) = (key.clone(), part.to_bytes(true)?);
        waiting(move || put(&*state, &to, &bytes)).await?;
        Ok(json!({
            "run": run, "account": unit.account, "region": unit.region, "key": key, "facts": facts, "gaps": gaps,
            "stopped_early": stopped,
        }))
    }

    async fn merge(&self, agent: &Agent, state: Arc<dyn Store>, run: &str) -> anyhow::Result<Value> {
        let plan = load(&state, run).await?;
        let (store, below) = (Arc::clone(&state), format!("runs/{run}/parts/"));
        let (parts, mut notes) = waiting(move || parts(&*store, &below)).await?;
        let merge = Merge { parts, expected: plan.units, left_out: plan.left_out };
        let Merged { snapshot, notes: more } = merge.finish()?;
        notes.extend(more);
        let (rules, archive) = (self.sinks(agent), self.archive(agent).await);
        let errand = self.errand(agent, Trigger::Schedule, &rules).await;
        let outcome = run::conclude(snapshot, &Self::request_to(agent)?, archive, &errand).await?;
        let mut answer = self.answer_of(agent, &errand.run, &outcome)?;
        for note in &notes {
            answer.note(note);
        }
        let report = outcome.report;
        self.noting(&mut answer, waiting(move || gates::told_by_run(&*state, &report)).await);
        Ok(serde_json::to_value(answer)?)
    }

    /// Which accounts are read, and as whom: what the policy declares, but for what the settings say.
    fn rules(&self, agent: &Agent) -> Rules {
        let declared = agent.policy.organization.clone();
        Rules {
            member_role: self.settings.member_role.clone().unwrap_or(declared.member_role),
            external_id: self.settings.external_id.clone().or(declared.external_id),
            ..declared
        }
    }
}

/// What was planned.
async fn load(state: &Arc<dyn Store>, run: &str) -> anyhow::Result<Plan> {
    let (store, key) = (Arc::clone(state), format!("runs/{run}/plan.json"));
    let planned = waiting(move || store.get(&key)).await;
    let planned = planned.context("the run was not planned; invoke `{\"countersign\":\"plan\",\"run\":ID}` first")?;
    serde_json::from_slice(&planned.bytes).with_context(|| format!("the plan of run `{run}` is damaged; plan it again"))
}

/// Every part, and what is to be said of those that cannot be read.
fn parts(state: &dyn Store, below: &str) -> Result<(Vec<Snapshot>, Vec<String>), StoreError> {
    let (mut keys, mut parts, mut notes) = (Vec::new(), Vec::new(), Vec::new());
    state.list(below, None, &mut |entry| {
        keys.push(entry.key);
        ControlFlow::Continue(())
    })?;
    for key in keys {
        match Snapshot::from_bytes(&state.get(&key)?.bytes, Path::new(&key)) {
            Ok(part) => parts.push(part),
            Err(error) => notes.push(error.to_string()),
        }
    }
    Ok((parts, notes))
}

/// Writes what may be there already: a step that is repeated writes it again.
fn put(state: &dyn Store, key: &str, bytes: &[u8]) -> Result<(), StoreError> {
    match state.put_new(key, bytes) {
        Err(error) if error.kind == StoreErrorKind::Exists => {
            let there = state.get(key)?;
            state.replace(key, bytes, &there.tag).map(drop)
        }
        other => other.map(drop),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Folder;

    #[test]
    fn a_step_that_is_repeated_writes_again_and_a_damaged_part_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let store = Folder::new(folder.path());
        for text in ["{", "[]"] {
            put(&store, "runs/r/parts/111122223333-eu-central-1.json.zst", text.as_bytes()).unwrap();
            let (read, notes) = parts(&store, "runs/r/parts/").unwrap();
            assert!(read.is_empty() && notes.len() == 1 && notes[0].contains("111122223333"), "{notes:?}");
        }
    }
}
