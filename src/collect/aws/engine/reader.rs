//! What a collector works with: one region, read for one collector.

use std::cell::Cell;
use std::error::Error;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;
use futures_util::stream::{self, StreamExt};
use jiff::Timestamp;

use super::{Engine, Failure, Region, reason};
use crate::collect::aws::session::{Clients, Session};
use crate::collect::{ApiCall, CollectRequest, CollectorInfo, Malformed};
use crate::evidence::order::Recorded;
use crate::evidence::{Absence, Call, CallId, Fact, Facts, Gap, GapCause, Hidden, ResourceKey, ScopeFocus};

/// Items of one collector and region that are worked on at once: more would only wait, and take memory.
const AT_ONCE: usize = 64;

/// One region, as one collector reads it.
pub(crate) struct Reader<'e> {
    engine: &'e Engine<'e>,
    session: &'e Session,
    name: &'e str,
    region: &'e Region,
    info: &'static CollectorInfo,
    watches_others: bool,
    gaps: Cell<usize>,
}

/// What AWS answered, and the call that facts made from it point to.
#[derive(Debug)]
pub(crate) struct Answer<O> {
    /// The answer.
    pub(crate) output: O,
    /// The call.
    pub(crate) call: CallId,
}

impl<'e> Reader<'e> {
    pub(super) fn new(
        engine: &'e Engine<'e>,
        session: &'e Session,
        name: &'e str,
        region: &'e Region,
        info: &'static CollectorInfo,
    ) -> Self {
        Self { engine, session, name, region, info, watches_others: false, gaps: Cell::new(0) }
    }

    /// The same, in an account that is read for what watches others.
    pub(super) fn watching_others(self, watches_others: bool) -> Self {
        Self { watches_others, ..self }
    }

    /// The session that reads.
    pub(crate) fn session(&self) -> &'e Session {
        self.session
    }

    /// Account in which the models serve: the reader's own, unless it reads another for its sake.
    pub(crate) fn estate(&self) -> &'e str {
        self.engine.estate.session.account()
    }

    /// Account that is read, twelve digits.
    pub(crate) fn account(&self) -> &'e str {
        self.session.account()
    }

    /// Region that is read.
    pub(crate) fn region(&self) -> &'e str {
        self.name
    }

    /// Whether an account is read in this region by a session of its own.
    pub(crate) fn is_read(&self, (account, region): (&str, &str)) -> bool {
        self.engine.reads(account, region)
    }

    /// What was asked for.
    pub(crate) fn request(&self) -> &'e CollectRequest {
        self.engine.request
    }

    /// What the run is limited to, once the first phase has told what that is.
    pub(crate) fn focus(&self) -> Option<ScopeFocus> {
        self.engine.focus.borrow().clone()
    }

    /// Counts metrics that data points were asked of, which AWS charges for.
    pub(crate) fn count_metrics(&self, more: usize) {
        self.engine.metrics.set(self.engine.metrics.get() + u64::try_from(more).unwrap_or(u64::MAX));
    }

    /// The region's SDK clients.
    pub(crate) fn clients(&self) -> &'e Clients {
        &self.region.clients
    }

    /// The time now.
    pub(crate) fn now(&self) -> Timestamp {
        self.engine.now()
    }

    /// Makes one call in its turn, and notes it if it was answered. `send` is an SDK operation's `send()`.
    ///
    /// # Errors
    /// Why nothing came of it. The caller decides what that hides: see [`Reader::gap`] and [`Reader::absent`].
    pub(crate) async fn ask<O, E>(
        &self,
        call: &ApiCall,
        subject: &str,
        send: impl Future<Output = Result<O, SdkError<E, HttpResponse>>>,
    ) -> Result<Answer<O>, Failure>
    where
        O: RequestId,
        E: ProvideErrorMetadata + Error + 'static,
    {
        debug_assert!(self.info.calls.contains(call), "{} does not declare {call:?}", self.info.name);
        let _under_way = self.engine.waiting.begin(call.operation == "LookupEvents");
        let in_turn = async {
            let _turn = self.region.pacer.turn(call).await;
            send.await
        };
        let answered = tokio::select! {
            biased;
            () = self.engine.stop.stopped() => return Err(self.cancelled(call, subject)),
            answered = in_turn => answered,
        };
        match answered {
            Ok(output) => {
                let call = self.note(call, subject, output.request_id().map(str::to_owned), self.now());
                Ok(Answer { output, call })
            }
            Err(error) => {
                let reason = reason(&error);
                tracing::debug!(region = self.name, operation = call.operation, subject, ?reason, "a call failed");
                Err(Failure {
                    call: *call,
                    subject: subject.to_owned(),
                    cause: reason.cause,
                    code: reason.code,
                    message: reason.message,
                    pages_read: 0,
                    request_id: reason.request_id,
                    at: self.now(),
                    not_found: reason.not_found,
                })
            }
        }
    }

    /// Does something for every item, many at once; the pacer decides how many calls are really under way.
    pub(crate) async fn each<T>(&self, items: impl IntoIterator<Item = T>, act: impl AsyncFn(T)) {
        stream::iter(items).for_each_concurrent(AT_ONCE, |item| act(item)).await;
    }

    /// Keeps a fact about this account and region, shown by these calls; the last is the most authoritative.
    pub(crate) fn record<T: Recorded>(&self, data: T, seen: &[CallId]) {
        self.record_at(self.account(), self.name, data, seen);
    }

    /// Keeps a fact about another account or region, such as a package that somebody shares.
    pub(crate) fn record_at<T: Recorded>(&self, account: &str, region: &str, data: T, seen: &[CallId]) {
        self.engine.sink.record(Fact {
            account: account.to_owned(),
            region: region.to_owned(),
            seen: seen.to_vec(),
            data,
        });
        self.engine.progress.advance(self.name, self.info.name, 1);
    }

    /// Keeps a gap: what the failure hides. Empty where another call filled in. What watches other accounts may watch any.
    pub(crate) fn gap(&self, failure: Failure, hides: &[Hidden]) {
        if self.watches_others {
            let message = format!("in account {}: {}", self.account(), failure.message);
            return self.gap_at("", self.name, Failure { message, ..failure }, hides);
        }
        self.gap_at(self.account(), self.name, failure, hides);
    }

    /// Keeps a gap in what is known of another account or region.
    pub(crate) fn gap_at(&self, account: &str, region: &str, failure: Failure, hides: &[Hidden]) {
        self.gaps.set(self.gaps.get() + 1);
        self.engine.sink.gap(Gap {
            account: account.to_owned(),
            region: region.to_owned(),
            service: failure.call.service.to_owned(),
            operation: failure.call.operation.to_owned(),
            action: failure.call.action.to_owned(),
            subject: failure.subject,
            cause: failure.cause,
            code: failure.code,
            message: failure.message,
            pages_read: failure.pages_read,
            hides: hides.to_vec(),
            request_id: failure.request_id,
            at: failure.at,
        });
    }

    /// Keeps a gap for an item of an answer that could not be read.
    pub(crate) fn malformed(&self, call: &ApiCall, seen: CallId, malformed: &Malformed, hides: &[Hidden]) {
        self.gap(self.unreadable_item(call, seen, malformed), hides);
    }

    /// What is told of an item of an answer that could not be read.
    pub(crate) fn unreadable_item(&self, call: &ApiCall, seen: CallId, malformed: &Malformed) -> Failure {
        self.answered_with(call, seen, GapCause::Malformed, &malformed.to_string())
    }

    /// What is told of a part of an answer that yielded nothing, though the call was answered.
    pub(crate) fn answered_with(&self, call: &ApiCall, seen: CallId, cause: GapCause, words: &str) -> Failure {
        let (subject, request_id) = self.engine.sink.asked(seen);
        Failure {
            call: *call,
            subject,
            cause,
            code: None,
            message: super::presentable(words),
            pages_read: 0,
            request_id,
            at: self.now(),
            not_found: false,
        }
    }

    /// Keeps the fact that a resource does not exist, as AWS said in this failure (one with `not_found`).
    pub(crate) fn absent(&self, failure: Failure, resource: ResourceKey) {
        let seen = self.note(&failure.call, &failure.subject, failure.request_id, failure.at);
        self.record(Absence { resource, message: failure.message }, &[seen]);
    }

    /// Notes an error answer that tells something by itself (such as `NoSuchPublicAccessBlockConfiguration`), so that
    /// a fact can point to it.
    pub(crate) fn noted(&self, failure: &Failure) -> CallId {
        self.note(&failure.call, &failure.subject, failure.request_id.clone(), failure.at)
    }

    /// Notes a call that was answered elsewhere, so that a fact can point to it.
    pub(crate) fn answered(&self, call: &ApiCall, subject: &str) -> CallId {
        self.note(call, subject, None, self.now())
    }

    /// Notes a call that an earlier run made and remembered, so that a fact can point to it.
    pub(crate) fn remembered(&self, call: &Call) -> CallId {
        self.engine.sink.call(call.clone())
    }

    /// What is told of a call that is not made, for a reason of our own.
    pub(crate) fn not_asked(&self, call: &ApiCall, subject: &str, cause: GapCause, why: &str) -> Failure {
        Failure { cause, message: why.to_owned(), ..self.cancelled(call, subject) }
    }

    /// Keeps a gap in what is known of money, which is spent in every region: in the account that was asked, or, if that one
    /// pays for others, in whichever.
    pub(crate) fn gap_of_money(&self, failure: Failure, hides: &[Hidden]) {
        let pays_for_itself = self.account() == self.estate();
        self.gap_at(if pays_for_itself { self.account() } else { "" }, "", failure, hides);
    }

    /// Returns once the run is stopped.
    pub(crate) async fn stopped(&self) {
        self.engine.stop.stopped().await;
    }

    /// Looks at the facts that earlier phases learnt, of all regions, each thing once.
    pub(crate) fn facts<R>(&self, look: impl FnOnce(&Facts) -> R) -> R {
        self.engine.sink.look(look)
    }

    /// Whether a run looks at an endpoint: one that is limited to something looks at what belongs to it. Known from the
    /// second phase on.
    pub(crate) fn looks_at(&self, endpoint: &str) -> bool {
        let focus = self.engine.focus.borrow();
        focus.as_ref().is_none_or(|focus| focus.holds(self.account(), self.name, endpoint))
    }

    pub(super) fn gaps(&self) -> usize {
        self.gaps.get()
    }

    fn note(&self, call: &ApiCall, subject: &str, request_id: Option<String>, at: Timestamp) -> CallId {
        self.engine.sink.call(Call {
            account: self.account().to_owned(),
            region: self.name.to_owned(),
            service: call.service.to_owned(),
            operation: call.operation.to_owned(),
            subject: subject.to_owned(),
            request_id,
            at,
        })
    }

    /// What is told of a call that was not made any more.
    pub(crate) fn cancelled(&self, call: &ApiCall, subject: &str) -> Failure {
        Failure {
            call: *call,
            subject: subject.to_owned(),
            cause: GapCause::Cancelled,
            code: None,
            message: "the run was stopped before this was read".to_owned(),
            pages_read: 0,
            request_id: None,
            at: self.now(),
            not_found: false,
        }
    }
}
