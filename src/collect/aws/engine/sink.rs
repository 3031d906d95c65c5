//! Where everything that a collection learns ends up: calls, facts, gaps.

use std::cell::RefCell;

use super::order;
use crate::evidence::order::{Recorded, renumber};
use crate::evidence::{Call, CallId, Fact, Facts, Gap};

/// What was learnt so far. One thread writes it, between its awaits.
#[derive(Debug, Default)]
pub(super) struct Sink {
    calls: RefCell<Vec<Call>>,
    facts: RefCell<Facts>,
    gaps: RefCell<Vec<Gap>>,
}

impl Sink {
    /// Notes an answered call.
    pub(super) fn call(&self, call: Call) -> CallId {
        let mut calls = self.calls.borrow_mut();
        // Four thousand million calls would take years at the quotas of AWS.
        let id = CallId(u32::try_from(calls.len()).unwrap_or(u32::MAX));
        calls.push(call);
        id
    }

    /// What a call asked for, and its request id.
    pub(super) fn asked(&self, id: CallId) -> (String, Option<String>) {
        let calls = self.calls.borrow();
        let call = usize::try_from(id.0).ok().and_then(|position| calls.get(position));
        call.map(|call| (call.subject.clone(), call.request_id.clone())).unwrap_or_default()
    }

    /// Keeps a fact.
    pub(super) fn record<T: Recorded>(&self, fact: Fact<T>) {
        let mut facts = self.facts.borrow_mut();
        let list = fact.data.list(&mut facts);
        list.push(fact);
    }

    /// Keeps a gap.
    pub(super) fn gap(&self, gap: Gap) {
        self.gaps.borrow_mut().push(gap);
    }

    /// Looks at the facts so far.
    pub(super) fn look<R>(&self, look: impl FnOnce(&Facts) -> R) -> R {
        look(&self.facts.borrow())
    }

    /// Changes the facts so far.
    pub(super) fn change<R>(&self, change: impl FnOnce(&mut Facts) -> R) -> R {
        change(&mut self.facts.borrow_mut())
    }

    /// Merges what several calls said about one thing, so that the next phase sees each thing once.
    pub(super) fn settle(&self) {
        order::settle(&mut self.facts.borrow_mut(), &self.calls.borrow());
    }

    /// Everything, in canonical order.
    pub(super) fn finish(self) -> (Vec<Call>, Facts, Vec<Gap>) {
        self.settle();
        let Self { calls, facts, gaps } = self;
        let (mut calls, mut facts, mut gaps) = (calls.into_inner(), facts.into_inner(), gaps.into_inner());
        renumber(&mut facts, &mut calls, &mut gaps);
        (calls, facts, gaps)
    }
}
