//! What a log group is about: SageMaker names one by the endpoint, or by the inference component, whose logs it holds.
//!
//! Source: <https://docs.aws.amazon.com/sagemaker/latest/dg/logging-cloudwatch.html>

use super::{Hit, Targets, find};
use crate::estate::Lookup;
use crate::estate::index::Place;
use crate::evidence::FactKind;

impl Targets<'_, '_> {
    /// What the logs of a group are about, and whose they are; `None` where the group is not one of what serves. A group
    /// may be given by name or by ARN.
    pub(in crate::estate::alarms) fn of_logs<'g>(&self, place: Place<'_>, group: &'g str) -> Option<(&'g str, Hit)> {
        let (place, named) = written(place, group);
        if let Some(endpoint) = named.strip_prefix("/aws/sagemaker/Endpoints/") {
            return Some((endpoint, self.whole_endpoint(place, endpoint)));
        }
        let component = named.strip_prefix("/aws/sagemaker/InferenceComponents/")?;
        Some((component, self.whole_component(place, component)))
    }

    fn whole_component(&self, place: Place<'_>, name: &str) -> Hit {
        let on_it = find(&self.components, place, name);
        match self.index.component(place.0, place.1, name) {
            Lookup::Found(component) => Hit {
                live: on_it.iter().map(|number| (*number, true)).collect(),
                serving: self.serving(place, &component.data.endpoint, on_it),
                ..Hit::default()
            },
            other => self.missing(place, "inference component", name, &other, FactKind::InferenceComponents),
        }
    }
}

/// Where a log group stands, and its name: `arn:aws:logs:REGION:ACCOUNT:log-group:NAME:*` names both.
fn written<'p, 'g: 'p>(place: Place<'p>, group: &'g str) -> (Place<'p>, &'g str) {
    let Some((before, name)) = group.split_once(":log-group:") else { return (place, group) };
    let name = name.split(':').next().unwrap_or(name);
    let mut parts = before.split(':').skip(3);
    match (parts.next(), parts.next()) {
        (Some(region), Some(account)) => ((account, region), name),
        _ => (place, name),
    }
}
