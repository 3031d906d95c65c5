//! What the metrics of Model Monitor and Clarify are about: the endpoint that they name, or what their schedule reads.

use super::{Hit, Targets};
use crate::estate::coverage::monitor_of;
use crate::estate::index::Place;
use crate::estate::monitors::reads_captures_of;
use crate::estate::{Lookup, ServingPath};
use crate::evidence::{FactKind, MetricTerm, MonitoringSchedule};

impl Targets<'_, '_> {
    /// Monitors name the endpoint in either of two dimensions; those of batch data name none, but their schedule.
    pub(super) fn monitor(&self, place: Place<'_>, term: &MetricTerm) -> Hit {
        if let Some(name) = term.dimensions.get("EndpointName").or_else(|| term.dimensions.get("Endpoint")) {
            return self.whole_endpoint(place, name);
        }
        let about_monitors = Hit { serving: true, ..Hit::default() };
        let Some(name) = monitor_of(term) else { return about_monitors };
        match self.index.monitor(place.0, place.1, name) {
            Lookup::Found(schedule) => self.of_schedule(place, &schedule.data),
            other => self.missing(place, "monitoring schedule", name, &other, FactKind::Monitors),
        }
    }

    /// All that a schedule watches.
    fn of_schedule(&self, place: Place<'_>, schedule: &MonitoringSchedule) -> Hit {
        if let Some(endpoint) = &schedule.endpoint {
            return self.whole_endpoint(place, endpoint);
        }
        if schedule.batch_input.is_none() && !schedule.defined {
            let unseen = Some(format!("what monitoring schedule `{}` reads", schedule.name));
            return Hit { serving: true, unseen, ..Hit::default() };
        }
        let watched = self.live.iter().enumerate().filter(|(_, live)| {
            (live.account, live.region) == place
                && live.path == ServingPath::Batch
                && reads_captures_of(schedule, live.endpoint_name)
        });
        Hit { live: watched.map(|(number, _)| (number, true)).collect(), serving: true, ..Hit::default() }
    }
}
