//! The whole flow on one screen.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
#[cfg(feature = "aws")]
use std::sync::Arc;
use std::thread::{self, ScopedJoinHandle};

use jiff::{SignedDuration, Timestamp};

use crate::archive::{self, ArchiveError, Written};
use crate::control::{Severity, Status, engine};
use crate::estate;
use crate::evidence::{CollectStats, Snapshot};
use crate::files::Staged;
use crate::policy::Policy;
#[cfg(feature = "aws")]
use crate::publish::Errand;
use crate::publish::Published;
use crate::report::baseline::Baseline;
use crate::report::document::{FindingRow, FindingState, Report};
use crate::report::{self, Format};
use crate::store::Store;

/// What to make of the evidence. Made at an entry point; nothing below reads a clock or the environment.
#[derive(Clone, Debug)]
pub struct RunRequest {
    /// The policy that judges.
    pub policy: Policy,
    /// The instant at which the estate is judged; without one, when it was collected.
    pub as_of: Option<Timestamp>,
    /// Folder that the documents are written to.
    pub out: PathBuf,
    /// Documents to write.
    pub formats: Vec<Format>,
    /// Whether the snapshot is written beside them.
    pub keep_snapshot: bool,
    /// Which failing findings decide the exit code.
    pub fail_on: Option<FailOn>,
    /// Findings that were accepted as known.
    pub baseline: Option<Baseline>,
    /// Whether incomplete evidence decides the exit code.
    pub require_complete: bool,
}

/// Which failing findings decide the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailOn {
    /// From this severity on.
    pub least: Severity,
    /// Only what is new: what the baseline does not hold; without a baseline, what did not fail in the last run.
    pub only_new: bool,
}

impl FailOn {
    fn counts(self, finding: &FindingRow, has_baseline: bool) -> bool {
        let old = if has_baseline { finding.known } else { finding.state == Some(FindingState::Open) };
        // A lost permission does not turn a failure into a success.
        let last_known = finding.last_known.is_some_and(|known| known.status == Status::Fail);
        (finding.status == Status::Fail || last_known) && finding.severity >= self.least && !(self.only_new && old)
    }
}

/// This tool and its version, as snapshots and packs name it.
pub fn tool() -> String {
    format!("{} {}", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    /// The report.
    pub report: Report,
    /// What the collection cost.
    pub stats: CollectStats,
    /// The files that were written.
    pub written: Vec<PathBuf>,
    /// What became of archiving it; `None` where there is no archive.
    pub archived: Option<Result<Written, ArchiveError>>,
    /// What became of each sink.
    pub published: Vec<Published>,
    /// How the process should end.
    pub exit: Exit,
}

/// Why nothing came of it.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The file system refused.
    #[error("cannot write `{}`: {source}; make room there, or name another folder with `--out`", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
}

/// Reads the estate, remembers what the archive holds of it, judges it, archives it and publishes it: everything that a
/// scheduled run does.
///
/// # Errors
/// If a document cannot be written. What could not be read is no error but a gap of the report; what could not be archived
/// or published is told in the outcome.
#[cfg(feature = "aws")]
pub async fn run(
    session: &crate::collect::aws::Session,
    collect: &crate::collect::CollectRequest,
    request: &RunRequest,
    archive: Option<Arc<dyn Store>>,
    errand: &Errand,
    progress: &dyn crate::collect::Progress,
    stop: impl Future<Output = ()>,
) -> Result<Outcome, RunError> {
    let collect = with_answers(collect.clone(), archive.as_ref()).await;
    let snapshot = crate::collect::aws::collect(session, &collect, progress, stop).await;
    conclude(snapshot, request, archive, errand).await
}

/// What is asked for, with what Cost Explorer answered earlier on the day, so that no question is paid for twice. An archive
/// that cannot be read answers nothing; recalling tells of the trouble.
#[cfg(feature = "aws")]
pub async fn with_answers(
    collect: crate::collect::CollectRequest,
    archive: Option<&Arc<dyn Store>>,
) -> crate::collect::CollectRequest {
    let Some(archive) = archive.filter(|_| collect.cost.cost_explorer).map(Arc::clone) else { return collect };
    let day = jiff::tz::TimeZone::UTC.to_datetime(collect.now).date();
    let read = tokio::task::spawn_blocking(move || archive::costs_of(&*archive, day)).await;
    let answers = read.unwrap_or_else(|failed| resume_unwind(failed.into_panic())).unwrap_or_default();
    crate::collect::CollectRequest { answers, ..collect }
}

/// Everything that comes after the reading.
///
/// # Errors
/// If a document cannot be written.
#[cfg(feature = "aws")]
pub async fn conclude(
    snapshot: Snapshot,
    request: &RunRequest,
    archive: Option<Arc<dyn Store>>,
    errand: &Errand,
) -> Result<Outcome, RunError> {
    let request = request.clone();
    // A store waits for its answers, which this thread has to go on fetching.
    let judged = tokio::task::spawn_blocking(move || match archive {
        Some(archive) => remembering(snapshot, &request, &*archive),
        None => assess(&snapshot, &request),
    });
    let mut outcome = judged.await.unwrap_or_else(|failed| resume_unwind(failed.into_panic()))?;
    outcome.published = errand.deliver(&outcome.report, &outcome.stats, &outcome.written).await;
    if outcome.published.iter().any(|published| published.result.is_err()) {
        outcome.exit = outcome.exit.or(Exit::SinkFailed);
    }
    Ok(outcome)
}

/// Judges a snapshot together with what an archive remembers of it, writes the documents, and archives both.
///
/// A run that looked at a part of the estate is not archived. An entry says of a whole account and region what was there
/// and when it was last seen: one about a part would tell the next run that the rest is gone. Nothing is lost, for CloudTrail
/// keeps the events for 90 days, and the next whole run reads them.
///
/// # Errors
/// If a document cannot be written. What the archive does not tell is a gap; what it does not take is told in the outcome.
pub fn remembering(mut snapshot: Snapshot, request: &RunRequest, archive: &dyn Store) -> Result<Outcome, RunError> {
    let as_of = request.as_of.unwrap_or(snapshot.as_of);
    archive::recall(archive, &mut snapshot, &request.policy, as_of);
    let mut outcome = assess(&snapshot, request)?;
    if snapshot.scope.focus.is_some() {
        return Ok(outcome);
    }
    let latency = SignedDuration::from_mins(request.policy.thresholds.event_latency_minutes);
    let archived = archive::write(archive, &snapshot, &outcome.report, latency);
    if archived.is_err() {
        outcome.exit = outcome.exit.or(Exit::SinkFailed);
    }
    Ok(Outcome { archived: Some(archived), ..outcome })
}

/// Judges a snapshot and writes the documents: each complete or not at all, and none before all are complete.
///
/// # Errors
/// If a document cannot be written.
pub fn assess(snapshot: &Snapshot, request: &RunRequest) -> Result<Outcome, RunError> {
    let mut report = judge(snapshot, &request.policy, request.as_of);
    if let Some(baseline) = &request.baseline {
        baseline.mark(&mut report);
    }
    let snapshot_too = request.keep_snapshot.then_some(snapshot);
    let written = write(&report, snapshot_too, &request.formats, &request.out)?;
    let exit = Exit::of(&report, request);
    Ok(Outcome { report, stats: snapshot.stats.clone(), written, archived: None, published: Vec::new(), exit })
}

/// From the evidence to the report. Pure: the same snapshot, policy and instant give the same report.
pub fn judge(snapshot: &Snapshot, policy: &Policy, as_of: Option<Timestamp>) -> Report {
    let estate = estate::reconcile(snapshot, policy, as_of.unwrap_or(snapshot.as_of));
    let assessment = engine::assess(&estate, policy);
    report::compose(assessment)
}

/// The same about one live version alone.
pub fn judge_one(snapshot: &Snapshot, policy: &Policy, as_of: Option<Timestamp>, id: &str) -> Report {
    let estate = estate::reconcile_one(snapshot, policy, as_of.unwrap_or(snapshot.as_of), id);
    let assessment = engine::assess(&estate, policy);
    report::compose(assessment)
}

/// Writes documents of a report into a folder: each complete or not at all, and none before all are complete.
///
/// # Errors
/// If one cannot be written.
pub fn write_documents(report: &Report, formats: &[Format], out: &Path) -> Result<Vec<PathBuf>, RunError> {
    write(report, None, formats, out)
}

fn write(
    report: &Report,
    snapshot: Option<&Snapshot>,
    formats: &[Format],
    out: &Path,
) -> Result<Vec<PathBuf>, RunError> {
    let refused = |path: &Path| {
        let path = path.to_owned();
        move |source| RunError::Write { path, source }
    };
    let document = |format: Format| {
        let path = out.join(format.file_name());
        Staged::write(&path, |file| report::write(report, format, file)).map_err(refused(&path))
    };
    // Side by side: each format is read from the same report and written to a file of its own.
    let mut staged = thread::scope(|scope| {
        let writers: Vec<_> = formats.iter().map(|format| scope.spawn(|| document(*format))).collect();
        let join = |writer: ScopedJoinHandle<'_, _>| writer.join().unwrap_or_else(|panic| resume_unwind(panic));
        writers.into_iter().map(join).collect::<Result<Vec<Staged>, RunError>>()
    })?;
    if let Some(snapshot) = snapshot {
        let path = out.join("snapshot.json.zst");
        let fill = |file: &mut BufWriter<File>| file.write_all(&snapshot.to_bytes(true)?);
        staged.push(Staged::write(&path, fill).map_err(refused(&path))?);
    }
    let commit = |document: Staged| {
        let path = document.target().to_owned();
        document.commit().map_err(refused(&path))?;
        Ok(path)
    };
    staged.into_iter().map(commit).collect()
}

/// How the process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done,
    /// Done, and something fails that was asked to matter.
    Findings,
    /// Nothing could be done.
    CouldNotRun,
    /// Done, but the evidence is incomplete and was required to be complete.
    Incomplete,
    /// Done, but a sink failed.
    SinkFailed,
}

impl Exit {
    /// The exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Findings => 1,
            Self::CouldNotRun => 2,
            Self::Incomplete => 3,
            Self::SinkFailed => 4,
        }
    }

    /// The one that wins where several hold: 2, then 4, 1, 3.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let rank = |exit: Self| match exit {
            Self::CouldNotRun => 4,
            Self::SinkFailed => 3,
            Self::Findings => 2,
            Self::Incomplete => 1,
            Self::Done => 0,
        };
        if rank(other) > rank(self) { other } else { self }
    }

    fn of(report: &Report, request: &RunRequest) -> Self {
        let fails =
            |fail_on: FailOn| report.findings.iter().any(|finding| fail_on.counts(finding, request.baseline.is_some()));
        let findings = if request.fail_on.is_some_and(fails) { Self::Findings } else { Self::Done };
        let incomplete = request.require_complete && !complete(report);
        findings.or(if incomplete { Self::Incomplete } else { Self::Done })
    }
}

/// Whether everything that was asked about could be decided: no gap hides anything, and EVD-001 does not object.
pub(crate) fn complete(report: &Report) -> bool {
    let undecided = |status: Status| matches!(status, Status::Fail | Status::Unknown | Status::Waived);
    report.gaps.iter().all(|gap| gap.hides.is_empty())
        && !report.findings.iter().any(|finding| finding.code.as_str() == "EVD-001" && undecided(finding.status))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::Closed;
    use crate::estate::fixture::{Fixture, PACKAGE};
    use crate::evidence::{ApprovalStatus, FactKind, Package};
    use crate::store::Folder;

    fn request(fixture: &Fixture, out: &Path) -> RunRequest {
        RunRequest {
            policy: fixture.policy.clone(),
            as_of: None,
            out: out.to_owned(),
            formats: Format::DEFAULT.to_vec(),
            keep_snapshot: false,
            fail_on: None,
            baseline: None,
            require_complete: false,
        }
    }

    fn rejected() -> Fixture {
        Fixture::sound().edit(|package: &mut Package| package.approval = Some(ApprovalStatus::Rejected))
    }

    #[test]
    fn the_saved_snapshot_gives_the_same_bytes_again() {
        let (fixture, folder) = (rejected(), tempfile::tempdir().unwrap());
        let (first, second) = (folder.path().join("first"), folder.path().join("second"));
        let outcome =
            assess(&fixture.snapshot, &RunRequest { keep_snapshot: true, ..request(&fixture, &first) }).unwrap();
        assert_eq!(outcome.written.len(), 6);
        let saved = Snapshot::load(&first.join("snapshot.json.zst")).unwrap();
        let again = assess(&saved, &request(&fixture, &second)).unwrap();
        assert_eq!(again.written.len(), 5);
        for path in again.written {
            let name = path.file_name().unwrap();
            let read = |folder: &Path| std::fs::read(folder.join(name)).unwrap();
            assert!(read(&first) == read(&second), "{} differs", name.display());
        }
    }

    #[test]
    fn the_exit_says_what_was_asked_to_matter() {
        let folder = tempfile::tempdir().unwrap();
        let unread = || Fixture::sound().hidden(FactKind::Packages, PACKAGE);
        for (name, fixture, fail_on, require_complete, exit) in [
            ("sound", Fixture::sound(), Some(Severity::Critical), true, Exit::Done),
            ("rejected, nobody asks", rejected(), None, true, Exit::Done),
            ("rejected", rejected(), Some(Severity::Critical), false, Exit::Findings),
            ("unread, nobody asks", unread(), Some(Severity::Critical), false, Exit::Done),
            ("unread", unread(), None, true, Exit::Incomplete),
            ("both", rejected().hidden_all(FactKind::TrailEvents), Some(Severity::High), true, Exit::Findings),
        ] {
            let fail_on = fail_on.map(|least| FailOn { least, only_new: false });
            let request = RunRequest { fail_on, require_complete, ..request(&fixture, folder.path()) };
            assert_eq!(assess(&fixture.snapshot, &request).unwrap().exit, exit, "{name}");
        }
    }

    #[test]
    fn what_is_known_does_not_decide_where_only_what_is_new_should() {
        let (fixture, folder) = (rejected(), tempfile::tempdir().unwrap());
        let report = judge(&fixture.snapshot, &fixture.policy, None);
        let baseline = Baseline::of(&report, Severity::Info);
        let exit = |baseline: Option<Baseline>, only_new, snapshot: &Snapshot| {
            let fail_on = Some(FailOn { least: Severity::Critical, only_new });
            assess(snapshot, &RunRequest { baseline, fail_on, ..request(&fixture, folder.path()) }).unwrap()
        };
        assert_eq!(exit(None, true, &fixture.snapshot).exit, Exit::Findings, "without an earlier run all is new");
        assert_eq!(exit(Some(baseline.clone()), false, &fixture.snapshot).exit, Exit::Findings);
        let known = exit(Some(baseline.clone()), true, &fixture.snapshot);
        assert_eq!(known.exit, Exit::Done);
        assert_eq!(known.report.live_versions[0].readiness, report.live_versions[0].readiness, "the verdict stands");
        let seen = Snapshot { history: Some(crate::archive::as_history(&report, "1")), ..fixture.snapshot.clone() };
        assert_eq!(exit(None, true, &seen).exit, Exit::Done, "the last run told of it");
        let unread = rejected().hidden_all(FactKind::Packages).snapshot;
        let lost = Snapshot { history: seen.history.clone(), ..unread };
        assert_eq!(exit(None, false, &lost).exit, Exit::Findings, "a lost permission is no success");
        assert_eq!(exit(None, true, &lost).exit, Exit::Done, "nor anything new");
        let partly = Baseline { findings: Vec::new(), ..baseline };
        assert_eq!(exit(Some(partly), true, &seen).exit, Exit::Findings, "a baseline decides, and it is empty");
    }

    #[test]
    fn a_run_archives_what_it_saw_and_the_next_one_remembers_it() {
        let (fixture, folder) = (rejected(), tempfile::tempdir().unwrap());
        let archive = Folder::new(folder.path().join("archive"));
        let request = RunRequest { keep_snapshot: true, ..request(&fixture, &folder.path().join("out")) };
        let first = remembering(fixture.snapshot.clone(), &request, &archive).unwrap();
        let written = first.archived.unwrap().unwrap();
        assert_eq!((written.number, first.exit), (1, Exit::Done));
        let second = remembering(fixture.snapshot.clone(), &request, &archive).unwrap();
        assert_eq!(second.archived.unwrap().unwrap().number, 2);
        let saved = Snapshot::load(&folder.path().join("out/snapshot.json.zst")).unwrap();
        assert_eq!(saved.history.as_ref().unwrap().run, written.hash.to_string());
        let read = || std::fs::read(folder.path().join("out/report.json")).unwrap();
        let report = read();
        assess(&saved, &request).unwrap();
        assert!(read() == report, "the saved snapshot gives the same report without the archive");
    }

    #[test]
    fn an_archive_to_which_there_is_no_way_is_a_gap_and_a_sink_that_failed() {
        let (fixture, folder) = (rejected(), tempfile::tempdir().unwrap());
        let closed = Closed { name: "s3://evidence".to_owned(), reason: "not authorized to assume it".to_owned() };
        let request = request(&fixture, folder.path());
        let outcome = remembering(fixture.snapshot.clone(), &request, &closed).unwrap();
        assert_eq!((outcome.exit, outcome.written.len()), (Exit::SinkFailed, 5));
        let gap = outcome.report.gaps.iter().find(|gap| gap.call == "archive:Read").unwrap();
        assert_eq!(gap.hides, ["all the archive of earlier runs"]);
        assert!(gap.message.contains("not authorized") && gap.remedy.contains("`[archive]`"), "{gap:?}");
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_named() {
        let (fixture, folder) = (Fixture::sound(), tempfile::tempdir().unwrap());
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        let error = assess(&fixture.snapshot, &request(&fixture, &file.join("out"))).unwrap_err().to_string();
        assert!(error.contains("/file/out/report.html`") && error.contains("`--out`"), "{error}");
    }

    #[test]
    fn only_the_evaluation_moves_with_as_of() {
        let fixture = rejected();
        let later = "2027-06-01T00:00:00Z".parse().unwrap();
        let report = judge(&fixture.snapshot, &fixture.policy, Some(later));
        assert_eq!((report.as_of, report.collected_at), (later, fixture.snapshot.as_of));
    }

    #[test]
    fn the_graver_exit_wins() {
        let by_rank = [Exit::Done, Exit::Incomplete, Exit::Findings, Exit::SinkFailed, Exit::CouldNotRun];
        for (low, a) in by_rank.into_iter().enumerate() {
            for (high, b) in by_rank.into_iter().enumerate() {
                assert_eq!(a.or(b), by_rank[low.max(high)], "{a:?} {b:?}");
            }
        }
        assert_eq!(by_rank.map(Exit::code), [0, 3, 1, 4, 2]);
    }
}
