//! Countersign reads an AWS machine-learning estate and says, with evidence, which model versions are live, who accepted
//! them, what watches them, who owns them, and whether their use may be expanded. It never changes what it reads.
//!
//! # The way data flows
//!
//! ```text
//!        collect            reconcile         assess              render
//!  AWS ──────────► Snapshot ─────────► Estate ──────► Assessment ───────► Report ──► html, md, json, csv
//!                  facts + gaps        live versions  findings, verdicts
//! ```
//!
//! | Module | What it is |
//! |---|---|
//! | [`run`] | the flow above, readable on one screen |
//! | [`cli`] | one file a subcommand; with `main.rs` the only place that reads the clock and the environment |
//! | [`policy`] | `countersign.toml`: what AWS cannot hold, and how strictly to judge |
//! | [`evidence`] | facts, gaps, calls and the snapshot that holds them |
//! | [`collect`] | what a collector is; below `collect::aws` one file a collector, and the engine that drives them |
//! | [`trail`] | CloudTrail records, read as they are written |
//! | [`estate`] | the join: live versions, approvals, artifacts, alarms bound to what they watch |
//! | [`control`] | what a control is; one file a control, a folder a family; the engine that runs them |
//! | [`readiness`] | results to one verdict, and the smallest set of changes that raises it |
//! | [`report`] | the versioned document, and one file a format |
//!
//! # Invariants
//!
//! 1. `aws_*` crates are imported only below `collect::aws` and the entry points. The rest builds and passes its tests
//!    with `--no-default-features`.
//! 2. **Unknown is neither pass nor fail.** What could not be read is a [`Gap`](evidence::Gap): data with region, call and
//!    error code. A control whose evidence has a gap over its subject yields *unknown*; the control engine does this, not
//!    each author.
//! 3. Every finding cites facts, and every fact names the calls that showed it.
//! 4. The estate is only read. The only writes go to what the operator named.
//! 5. No clock, environment or randomness outside the entry points: `as_of` travels in the request.
//! 6. One failing collector or control never ends a run; it is reported, and the exit code says so.
//! 7. Secrets stay out: environment values and request parameters are masked when collected, addresses are shown in part.
//! 8. What may be called is what the collectors declare: the IAM policy and the remedies of gaps come from there.
//! 9. Names come from strangers: every format escapes them.
//!
//! Everything right of the snapshot is pure, synchronous and deterministic: the same snapshot, policy and `as_of` give
//! the same bytes.
#![cfg_attr(test, allow(clippy::pedantic, reason = "tests read better without ceremony"))]

pub mod cli;
pub mod collect;
pub mod control;
pub mod estate;
pub mod evidence;
pub mod files;
pub mod policy;
pub mod readiness;
pub mod report;
pub mod run;
pub mod trail;
