//! Endpoints with requests in few hours only, which would cost less without instances of their own.
//!
//! Source: <https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html>

use super::{Sight, has_own_instances, hosting, of_variant, percent};
use crate::cost::{Known, Waste, WasteKind};
use crate::estate::instance_types;
use crate::estate::{Hosting, LiveVersion};

/// The most memory of a serverless endpoint in MB, and the steps in which it is chosen.
const MOST_MB: f64 = 6_144.0;
const STEP_MB: f64 = 1_024.0;
/// Fewer days of use say nothing about how often requests come.
const FEWEST_DAYS: f64 = 3.0;

/// The waste of one live version, if serverless hosting would do.
pub(super) fn one(sight: &Sight<'_, '_>, number: usize) -> Option<Waste> {
    let (live, usage) = sight.one(number)?;
    if live.hosting != Hosting::RealTime || !has_own_instances(live) || usage.stands_by.is_some() {
        return None;
    }
    usage.requests.known().filter(|requests| **requests > 0.0)?;
    let duty = *usage.duty_cycle.known()?;
    if usage.days < FEWEST_DAYS || duty >= sight.policy.cost.duty_cycle || excluded(live) {
        return None;
    }
    let name = live.settings?.instance_type.as_deref()?;
    let has = instance_types::find(name).filter(|has| has.gpus == 0)?;
    let megabytes = memory_mb(name, has.vcpus)? * usage.memory.known()?;
    if megabytes > MOST_MB {
        return None;
    }
    let size = (megabytes / STEP_MB).ceil().max(1.0) * STEP_MB;
    // Of a variant with instances only this means anything without them; AWS refuses the rest.
    let change = format!(
        "{{VariantName, ModelName, InitialVariantWeight, \
         ServerlessConfig: {{MemorySizeInMB: {size:.0}, MaxConcurrency: 20}}}}"
    );
    let why = format!(
        "it was asked something in {} of the hours only, and uses at most {megabytes:.0} MB of memory: without instances it \
         would cost by the request, and be slower to begin with; serverless hosting takes no `VpcConfig` and no GPU, and \
         whether the model has the one is not read",
        percent(duty)
    );
    let saves = Known::Unknown("what requests would cost depends on how long each takes".to_owned());
    // An endpoint with instances cannot become serverless: callers have to move to another one.
    let command = hosting::another(live, "serverless", &change)?;
    Some(of_variant(WasteKind::ServerlessCandidate, (live, number), why, saves, command))
}

/// Whether it uses what serverless endpoints do not have: several variants, several containers, several models, isolation
/// from the network, data capture.
fn excluded(live: &LiveVersion<'_>) -> bool {
    let Some(endpoint) = live.endpoint else { return true };
    let captures = endpoint.data.data_capture.as_ref().is_some_and(|capture| capture.enabled);
    let isolated = live.model.found().is_none_or(|model| model.data.network_isolation == Some(true));
    let variants = endpoint.data.variants.len() + endpoint.data.shadow_variants.len();
    captures || isolated || variants != 1 || live.containers.len() != 1
}

/// Memory of an instance in MB; `None` where its family is not known.
///
/// Source: <https://aws.amazon.com/sagemaker/ai/pricing/>
fn memory_mb(name: &str, vcpus: u32) -> Option<f64> {
    let (family, size) = name.strip_prefix("ml.")?.split_once('.')?;
    let for_each = match (family, size) {
        ("t2" | "t3", "medium") => 2.0,
        ("t2" | "t3", _) => 4.0,
        ("c4", _) => 1.875,
        ("c5n", _) => 2.625,
        _ if family.starts_with('c') => 2.0,
        _ if family.starts_with('m') => 4.0,
        _ if family.starts_with('r') => 8.0,
        _ => return None,
    };
    Some(for_each * 1_024.0 * f64::from(vcpus))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_what_the_pages_say() {
        let of = |name: &str| memory_mb(name, instance_types::find(name).unwrap().vcpus);
        assert_eq!(of("ml.t2.medium"), Some(4_096.0));
        assert_eq!(of("ml.m5.xlarge"), Some(16_384.0));
        assert_eq!(of("ml.c5.2xlarge"), Some(16_384.0));
        assert_eq!(of("ml.r5.large"), Some(16_384.0));
        assert_eq!(memory_mb("ml.g5.xlarge", 4), None);
    }
}
