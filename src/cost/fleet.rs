//! Fleets: what is paid for together, which is the instances of one variant, and who bears which part of it.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::divide::divide;
use crate::estate::{LiveVersion, ServingPath};
use crate::evidence::InferenceComponent;

/// The live versions that run on the instances of one variant.
#[derive(Debug)]
pub(super) struct Fleet {
    /// Name of the variant; `-` where it is not known.
    pub(super) variant: String,
    /// Indices into the live versions.
    pub(super) live: Vec<usize>,
}

/// Account, region and folded name of an endpoint.
pub(super) type EndpointKey<'a> = (&'a str, &'a str, String);

/// Endpoints, each with its fleets; those of a deployment that has not finished come after those in force.
pub(super) fn endpoints<'a>(live: &[LiveVersion<'a>]) -> BTreeMap<EndpointKey<'a>, Vec<Fleet>> {
    let mut fleets: BTreeMap<(EndpointKey<'a>, bool, String), Vec<usize>> = BTreeMap::new();
    for (at, version) in live.iter().enumerate().filter(|(_, version)| version.path != ServingPath::Batch) {
        let endpoint = (version.account, version.region, version.endpoint_name.to_lowercase());
        fleets.entry((endpoint, version.pending, variant_of(version).to_owned())).or_default().push(at);
    }
    let mut endpoints: BTreeMap<EndpointKey<'a>, Vec<Fleet>> = BTreeMap::new();
    for ((endpoint, _, variant), live) in fleets {
        endpoints.entry(endpoint).or_default().push(Fleet { variant, live });
    }
    endpoints
}

/// The variant that a live version runs on; `-` where that is not known.
pub(super) fn variant_of<'v>(version: &'v LiveVersion<'_>) -> &'v str {
    let running = version.variant.map(|variant| variant.name.as_str());
    let configured = || version.settings.map(|settings| settings.name.as_str());
    let placed = || version.component.and_then(|component| component.data.variant.as_deref());
    running.or_else(configured).or_else(placed).unwrap_or("-")
}

/// What each live version of a fleet weighs in it, and why, in plain words.
pub(super) fn weights(fleet: &Fleet, live: &[LiveVersion<'_>]) -> Vec<(Decimal, String)> {
    let versions: Vec<&LiveVersion<'_>> = fleet.live.iter().filter_map(|at| live.get(*at)).collect();
    let variant = &fleet.variant;
    let count = versions.len();
    if count == 1 {
        return vec![(Decimal::ONE, format!("it alone runs on variant `{variant}`"))];
    }
    let components: Option<Vec<&InferenceComponent>> =
        versions.iter().map(|version| version.component.map(|component| &component.data)).collect();
    if let Some(components) = components {
        return of_components(&components, variant);
    }
    let what = match versions.first().map(|version| version.path) {
        Some(ServingPath::MultiModel) => "artifacts of the multi-model container",
        Some(ServingPath::Pool) => "models of the instance pools",
        _ => "live versions",
    };
    vec![(Decimal::ONE, format!("in equal parts among the {count} {what} on variant `{variant}`")); count]
}

/// Components bear what their copies require: accelerators where all say how many, else CPU cores, else copies alone. An
/// adapter runs on the copies of its base, with which it shares in equal parts.
fn of_components(components: &[&InferenceComponent], variant: &str) -> Vec<(Decimal, String)> {
    let base_of = |component: &InferenceComponent| component.base_component.as_ref().map(|base| base.to_lowercase());
    let is_here = |base: &String| components.iter().any(|other| other.name.to_lowercase() == *base);
    // Each component by the place of the one whose copies it runs on.
    let roots: Vec<usize> = components
        .iter()
        .enumerate()
        .map(|(at, component)| {
            let base = base_of(component).filter(is_here);
            let place = base.and_then(|base| components.iter().position(|other| other.name.to_lowercase() == base));
            place.unwrap_or(at)
        })
        .collect();
    let is_root = |at: usize| roots.get(at) == Some(&at);
    let own: Vec<&&InferenceComponent> =
        components.iter().enumerate().filter(|(at, _)| is_root(*at)).map(|(_, component)| component).collect();
    let (basis, needs) = needs(&own);
    let whole: Decimal = needs.iter().sum();
    let mut weights = vec![(Decimal::ZERO, String::new()); components.len()];
    let of_roots = (0..components.len()).filter(|at| is_root(*at)).zip(needs);
    for (root, need) in of_roots {
        let together: Vec<usize> = (0..components.len()).filter(|at| roots.get(*at) == Some(&root)).collect();
        let parts = divide(need, &vec![Decimal::ONE; together.len()]);
        let others = together.len() - 1;
        let adapters =
            if others > 0 { format!(", divided with {others} that run on the same copies") } else { String::new() };
        for (at, part) in together.into_iter().zip(parts) {
            if let Some(weight) = weights.get_mut(at) {
                let (need, whole) = (need.normalize(), whole.normalize());
                *weight = (part, format!("by {basis} on variant `{variant}`: {need} of {whole}{adapters}"));
            }
        }
    }
    weights
}

/// What components are weighed by, and how much each needs of it with all its copies.
fn needs(components: &[&&InferenceComponent]) -> (&'static str, Vec<Decimal>) {
    let copies = |component: &InferenceComponent| Some(Decimal::from(component.copies?));
    let all = |of: &dyn Fn(&InferenceComponent) -> Option<Decimal>| {
        let needs: Option<Vec<Decimal>> = components.iter().map(|component| of(component)).collect();
        needs.filter(|needs| needs.iter().any(|need| !need.is_zero()))
    };
    let accelerators = all(&|component| Some(copies(component)? * component.accelerators?));
    let cpus = || all(&|component| Some(copies(component)? * component.cpus?));
    if let Some(needs) = accelerators {
        return ("the accelerators that all copies require", needs);
    }
    if let Some(needs) = cpus() {
        return ("the CPU cores that all copies require", needs);
    }
    match all(&copies) {
        Some(needs) => ("copies", needs),
        None => ("equal parts, since no copies are known,", vec![Decimal::ONE; components.len()]),
    }
}
