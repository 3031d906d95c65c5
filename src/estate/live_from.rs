//! Since when a live version serves.
//!
//! The deployment is the newest `CreateEndpoint` or `UpdateEndpoint` that names the config in force. Going back from it,
//! earlier deployments count too as long as they served the same model through the same variant: a change of instance
//! type is no new version. Where no such event was seen, the endpoint's last modification bounds the time from above:
//! whatever has been in force since then has served since then at the latest.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::events::{Event, Events};
use super::index::Index;
use super::slots::Slot;
use crate::evidence::{Parameter, TrailEvent, VariantSettings};

/// Since when a live version serves.
#[derive(Clone, Copy, Debug)]
pub struct LiveFrom<'a> {
    /// The instant.
    pub at: Timestamp,
    /// Whether the deployment itself was seen; otherwise it served at this instant at the latest.
    pub exact: bool,
    /// It cannot have served before this instant: its model did not exist.
    pub not_before: Option<Timestamp>,
    /// The deployment, if it was seen.
    pub event: Option<Event<'a>>,
    /// What the instant rests on, in plain words.
    pub basis: &'static str,
}

impl<'a> LiveFrom<'a> {
    /// For the variants of endpoints, shadows and pools included.
    pub(super) fn of_variant(slot: &Slot<'a>, events: &Events<'a>, index: &Index<'a>) -> Option<Self> {
        let endpoint = slot.endpoint?;
        let not_before = model_created(slot, index);
        let config = slot.config_name?;
        let deployments = events.deployments(slot.account, slot.region, &endpoint.data.name);
        let names = |event: &Event<'_>, config: &str| {
            event.data.parameter("endpointConfigName").is_some_and(|named| named.eq_ignore_ascii_case(config))
        };
        // A failed roll-back leaves instances of both configs behind: no deployment tells since when.
        let mixed = endpoint.data.status == "UpdateRollbackFailed";
        let newest = deployments.iter().rposition(|event| names(event, config)).filter(|_| !mixed);
        if let Some(newest) = newest {
            let earlier = deployments.get(..newest).unwrap_or_default().iter().rev();
            let same_model = earlier.take_while(|event| {
                let named = event.data.parameter("endpointConfigName");
                named.and_then(|config| model_of(slot, config, events, index)) == slot.model_name.map(str::to_lowercase)
                    && slot.model_name.is_some()
            });
            let event = same_model.last().or(deployments.get(newest)).copied()?;
            let (exact, basis) = if is_first(event, deployments, slot, not_before, events) {
                (true, "the deployment that first put this model behind the variant")
            } else {
                (
                    false,
                    "a deployment of this model; an earlier one may be out of reach, so it has served since then at the latest",
                )
            };
            return Some(Self { at: event.data.time, exact, not_before, event: Some(event), basis });
        }
        if slot.pending {
            let at = endpoint.data.pending.as_ref()?.started?;
            return Some(Self {
                at,
                exact: true,
                not_before,
                event: None,
                basis: "the start of the deployment that has not finished",
            });
        }
        let at = endpoint.data.modified.or(endpoint.data.created)?;
        let basis = "the endpoint's last modification: the config in force has served since then at the latest";
        Some(Self { at, exact: false, not_before, event: None, basis })
    }

    /// For inference components.
    pub(super) fn of_component(
        slot: &Slot<'a>,
        events: &Events<'a>,
        index: &Index<'a>,
        as_of: Timestamp,
    ) -> Option<Self> {
        let component = &slot.component?.data;
        let not_before = model_created(slot, index).max(component.created);
        let seen = events.of_component(slot.account, slot.region, &component.name);
        let places = |event: &&Event<'_>| {
            event.data.name == "CreateInferenceComponent"
                || event.data.has_parameter("specification")
                || event.data.has_parameter("specifications")
        };
        if let Some(event) = seen.iter().rev().find(places).copied() {
            // Without the updates, the component may have been given another model since.
            let from = event.data.time;
            if events.cover(slot.account, slot.region, "UpdateInferenceComponent", from, as_of).is_whole() {
                let basis = "the call that gave the component its model";
                return Some(Self { at: from, exact: true, not_before, event: Some(event), basis });
            }
        }
        let at = component.modified.or(component.created)?;
        let basis = "the component's last modification: it has served what it serves since then at the latest";
        Some(Self { at, exact: false, not_before, event: None, basis })
    }

    /// For batch jobs: the first that was seen. A job that began before the model was made ran another model of its name.
    pub(super) fn of_jobs(slot: &Slot<'a>, index: &Index<'a>) -> Option<Self> {
        let not_before = model_created(slot, index);
        let began = slot.jobs.iter().filter_map(|job| job.data.started.or(job.data.created));
        let at = began.filter(|at| not_before.is_none_or(|made| made <= *at)).min()?;
        let basis = "the first job of the window; there may have been earlier ones";
        Some(Self { at, exact: false, not_before, event: None, basis })
    }

    /// For one object of a multi-model container: it can be asked for from the moment when it is there and the
    /// container serves.
    pub(super) fn since_written(self, written: Timestamp) -> Self {
        let not_before = self.not_before.max(Some(written));
        if written < self.at {
            return Self { not_before, ..self };
        }
        let basis = "the artifact's last write below the prefix: it can be asked for since then";
        Self { at: written, exact: true, not_before, event: None, basis }
    }
}

/// Whether a deployment is the first that put its model behind the variant: nothing came before the endpoint was made, and
/// none was missed since the one before, or since the model was made.
fn is_first(
    event: Event<'_>,
    deployments: &[Event<'_>],
    slot: &Slot<'_>,
    model: Option<Timestamp>,
    events: &Events<'_>,
) -> bool {
    let before = deployments.iter().map(|other| other.data.time).filter(|at| *at < event.data.time).max();
    let Some(since) = before.max(model).or(slot.endpoint.and_then(|endpoint| endpoint.data.created)) else {
        return event.data.name == "CreateEndpoint";
    };
    let read =
        |name| events.cover(slot.account, slot.region, name, since.min(event.data.time), event.data.time).is_whole();
    event.data.name == "CreateEndpoint" || (read("CreateEndpoint") && read("UpdateEndpoint"))
}

fn model_created(slot: &Slot<'_>, index: &Index<'_>) -> Option<Timestamp> {
    index.model(slot.account, slot.region, slot.model_name?).found()?.data.created
}

/// The model that a config puts behind a slot's variant, folded: from the config, or from the call that made it.
fn model_of(slot: &Slot<'_>, config: &str, events: &Events<'_>, index: &Index<'_>) -> Option<String> {
    let variant = slot.variant_name?;
    if let Some(config) = index.config(slot.account, slot.region, config).found() {
        let all = config.data.variants.iter().chain(&config.data.shadow_variants);
        return all.filter(|it| it.name == variant).find_map(|it| slot.model_in(it)).map(str::to_lowercase);
    }
    let made = events.config_made(slot.account, slot.region, config)?;
    models_in_event(made.data).remove(variant).map(str::to_lowercase)
}

/// The models that a `CreateEndpointConfig` names, by variant.
pub(super) fn models_in_event(event: &TrailEvent) -> BTreeMap<&str, &str> {
    let lists = ["productionvariants", "shadowproductionvariants"];
    let variants = lists.iter().filter_map(|list| event.request.get(list)).filter_map(Parameter::as_list).flatten();
    variants
        .filter_map(|variant| Some((variant.get("variantName")?.as_str()?, variant.get("modelName")?.as_str()?)))
        .collect()
}

impl Slot<'_> {
    /// The model that settings put behind this slot: a pool's own, or the variant's.
    fn model_in<'s>(&self, settings: &'s VariantSettings) -> Option<&'s str> {
        match self.pool {
            Some(pool) => {
                let same = settings.pools.iter().find(|it| it.instance_type == pool.instance_type)?;
                same.model_override.as_deref().or(settings.model_name.as_deref())
            }
            None => settings.model_name.as_deref(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::*;
    use crate::evidence::{Endpoint, EndpointConfig, FactKind, TrailEvent};

    /// Instant, whether it is exact, and since when it was possible.
    fn from(fixture: &Fixture) -> (String, bool, Option<String>) {
        let estate = fixture.estate();
        let from = estate.live[0].live_from.expect("known");
        assert!(from.event.is_some() || !from.exact, "{}", from.basis);
        (from.at.to_string(), from.exact, from.not_before.map(|at| at.to_string()))
    }

    fn update(time: &str, config: &str) -> TrailEvent {
        let names = [("endpointname", ENDPOINT.to_uppercase().into()), ("endpointconfigname", config.into())];
        event("UpdateEndpoint", time, pipeline("deploy"), &names)
    }

    const MODEL_MADE: &str = "2026-05-06T07:57:00Z";

    fn exactly(time: &str) -> (String, bool, Option<String>) {
        (time.to_owned(), true, Some(MODEL_MADE.to_owned()))
    }

    #[test]
    fn the_deployment_of_the_config_in_force_counts() {
        assert_eq!(from(&Fixture::sound()), exactly(DEPLOYED));
        let between =
            Fixture::sound().with(update("2026-05-10T08:00:00Z", "other")).with(update("2026-05-12T08:00:00Z", CONFIG));
        assert_eq!(from(&between), exactly("2026-05-12T08:00:00Z"), "another model served in between");
        let failed = Fixture::sound().with(update("2026-05-10T08:00:00Z", "other"));
        assert_eq!(from(&failed), exactly(DEPLOYED), "it was rolled back");
    }

    #[test]
    fn a_new_config_with_the_same_model_is_no_new_version() {
        let resized = || {
            Fixture::sound()
                .edit(|it: &mut Endpoint| it.config_name = Some("resized".to_owned()))
                .with(config("resized", &[(VARIANT, Some(MODEL))]))
                .with(update("2026-05-10T08:00:00Z", "resized"))
        };
        assert_eq!(from(&resized()), exactly(DEPLOYED));
        let config_deleted = resized().absent(FactKind::EndpointConfigs, CONFIG);
        assert_eq!(from(&config_deleted), exactly(DEPLOYED), "CloudTrail knows what the deleted config held");
        let other_model = resized().edit_named(CONFIG, |it: &mut EndpointConfig| {
            it.variants[0].model_name = Some("fraud-6".to_owned());
        });
        assert_eq!(from(&other_model), exactly("2026-05-10T08:00:00Z"));
    }

    #[test]
    fn a_deployment_before_which_others_may_be_out_of_reach_is_an_upper_bound() {
        let partial = Fixture::sound().events_since("2026-05-06T07:59:00Z");
        assert_eq!(from(&partial), (DEPLOYED.to_owned(), false, Some(MODEL_MADE.to_owned())));
        let logged = partial.clone().logs("2026-05-06T07:00:00Z", "2026-05-06T07:59:00Z", true);
        assert_eq!(from(&logged), exactly(DEPLOYED));
        let made = partial.edit(|event: &mut TrailEvent| {
            if event.name == "UpdateEndpoint" {
                event.name = "CreateEndpoint".to_owned();
            }
        });
        assert_eq!(from(&made), exactly(DEPLOYED), "nothing came before the endpoint was made");
    }

    #[test]
    fn what_served_under_the_name_of_a_deleted_endpoint_was_another() {
        let deleted =
            event("DeleteEndpoint", "2026-05-10T07:00:00Z", pipeline("deploy"), &[("endpointname", ENDPOINT.into())]);
        let again = Fixture::sound().with(deleted).with(update("2026-05-10T08:00:00Z", CONFIG));
        assert_eq!(from(&again), exactly("2026-05-10T08:00:00Z"));
    }

    #[test]
    fn without_the_event_the_last_modification_is_an_upper_bound() {
        let bound = ("2026-05-06T08:10:00Z".to_owned(), false, Some(MODEL_MADE.to_owned()));
        assert_eq!(from(&Fixture::sound().without_events()), bound);
        let mixed = Fixture::sound().edit(|it: &mut Endpoint| it.status = "UpdateRollbackFailed".to_owned());
        assert_eq!(from(&mixed), bound, "a mixed fleet has no deployment of its own");
    }

    #[test]
    fn a_component_serves_since_it_was_given_its_model() {
        let made = |name: &str, time: &str, specified: bool| {
            let mut parameters = vec![("inferencecomponentname", "base".into())];
            if specified {
                parameters.push(("specification", serde_json::json!({ "modelName": MODEL })));
            }
            event(name, time, pipeline("deploy"), &parameters)
        };
        let fixture = Fixture::sound()
            .edit(|it: &mut EndpointConfig| it.variants[0].model_name = None)
            .with(component("base", Some(MODEL)));
        let created = Some("2026-05-06T08:30:00Z".to_owned());
        assert_eq!(from(&fixture), ("2026-05-06T08:40:00Z".to_owned(), false, created.clone()));
        let seen = fixture.with(made("CreateInferenceComponent", "2026-05-06T08:30:00Z", true)).with(made(
            "UpdateInferenceComponent",
            "2026-05-20T08:00:00Z",
            false,
        ));
        assert_eq!(
            from(&seen),
            ("2026-05-06T08:30:00Z".to_owned(), true, created.clone()),
            "scaling is no new version"
        );
        let replaced = seen.with(made("UpdateInferenceComponent", "2026-05-21T08:00:00Z", true));
        assert_eq!(from(&replaced), ("2026-05-21T08:00:00Z".to_owned(), true, created));
    }
}
