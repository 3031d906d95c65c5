//! What queries choose among: the metrics that manifests declare, and everything that serves.

use std::collections::BTreeMap;

use super::{Signal, Targets};
use crate::cloudwatch::insights::Query;
use crate::estate::index::Place;

impl Targets<'_, '_> {
    /// Live versions of a place with a declared metric that a query covers, what that tells, and its dimensions.
    pub(in crate::estate::alarms) fn declared_among(
        &self,
        place: Place<'_>,
        query: &Query,
    ) -> Vec<(usize, Signal, &BTreeMap<String, String>)> {
        let covered = self
            .declared
            .iter()
            .filter(|((namespace, metric, dimensions), _)| query.covers(namespace, metric, dimensions) != Some(false));
        let each = covered.flat_map(|((_, _, dimensions), all)| {
            all.iter().map(move |(number, signal)| (*number, *signal, *dimensions))
        });
        each.filter(|(number, ..)| self.live(*number).is_some_and(|live| (live.account, live.region) == place))
            .collect()
    }

    /// Every live version of a place, batch too.
    pub(in crate::estate::alarms) fn everything_in<'s>(&'s self, place: Place<'s>) -> impl Iterator<Item = usize> + 's {
        let all = self.live.iter().enumerate();
        all.filter(move |(_, live)| (live.account, live.region) == place).map(|(number, _)| number)
    }
}
