//! Whether a signal has to be watched at all: by how the version is hosted, and by what its manifest declares.

use crate::estate::declared::{Declared, said};
use crate::estate::index::Index;
use crate::estate::{Hosting, LiveVersion, Lookup, ServingPath, Signal};
use crate::evidence::FactKind;
use crate::policy::{Policy, Risk};

/// Whether a signal has to be watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Applies {
    /// It has.
    Yes,
    /// It has not.
    No {
        /// Why, in one sentence without a final period.
        why: String,
        /// Whether nothing that could not be read can change that.
        settled: bool,
    },
    /// That is not known.
    Perhaps {
        /// Why, in one sentence without a final period.
        why: String,
        /// The kind of fact that could not be read, where that is why.
        unread: Option<FactKind>,
        /// Whether it leaves open even what is covered: it might not apply.
        altogether: bool,
    },
}

fn no(why: &str) -> Applies {
    Applies::No { why: why.to_owned(), settled: true }
}

fn perhaps(why: &str) -> Applies {
    Applies::Perhaps { why: why.to_owned(), unread: None, altogether: true }
}

/// Nothing says whether it has to be watched; where it is, that is well.
fn unrated(why: &str) -> Applies {
    Applies::Perhaps { why: why.to_owned(), unread: None, altogether: false }
}

/// Whether a signal of a live version has to be watched.
pub(super) fn of<'a>(signal: Signal, live: &LiveVersion<'a>, index: &Index<'a>, policy: &'a Policy) -> Applies {
    if live.path == ServingPath::Batch {
        match signal {
            Signal::Latency => return no("nobody waits for the answers of batch jobs"),
            Signal::Silence => return no("batch jobs come and go"),
            Signal::Saturation => return no("batch jobs fill what they are given"),
            _ => {}
        }
    }
    match signal {
        Signal::Silence => silence(live, index, policy),
        Signal::Drift => drift(live, index, policy),
        Signal::ResponsibleAi => responsible_ai(live, index, policy),
        Signal::Business => business(live, index, policy),
        _ => Applies::Yes,
    }
}

fn silence<'a>(live: &LiveVersion<'a>, index: &Index<'a>, policy: &'a Policy) -> Applies {
    match said(live, index, policy, |manifest| manifest.sporadic_traffic.then_some(())) {
        Declared::Says(()) => return no("the manifest declares sporadic traffic"),
        Declared::Unsure => return perhaps("which manifest applies is not known, and one declares sporadic traffic"),
        Declared::Silent => {}
    }
    if live.hosting != Hosting::Asynchronous {
        return Applies::Yes;
    }
    // A queue whose instances are taken away while it is empty is expected to be silent.
    let variant = live.variant.map(|variant| variant.name.as_str()).unwrap_or_default();
    let resource = format!("endpoint/{}/variant/{variant}", live.endpoint_name);
    match index.scalable(live.account, live.region, &resource) {
        Lookup::Found(target) if target.data.least == Some(0) => {
            Applies::No { why: "it scales to zero instances between requests".to_owned(), settled: false }
        }
        Lookup::Found(_) => Applies::Yes,
        _ if !index.listed(live.account, live.region, FactKind::ScalableTargets) => Applies::Perhaps {
            why: "whether it scales to zero between requests could not be read".to_owned(),
            unread: Some(FactKind::ScalableTargets),
            altogether: true,
        },
        _ => Applies::Yes,
    }
}

fn drift<'a>(live: &LiveVersion<'a>, index: &Index<'a>, policy: &'a Policy) -> Applies {
    match said(live, index, policy, |manifest| manifest.no_drift_because.as_deref()) {
        Declared::Says(why) => {
            Applies::No { why: format!("nothing drifts, as the manifest declares: {why}"), settled: true }
        }
        Declared::Unsure => perhaps("which manifest applies is not known, and one declares that nothing drifts"),
        Declared::Silent => Applies::Yes,
    }
}

/// Required where the risk is high or segments are declared.
fn responsible_ai<'a>(live: &LiveVersion<'a>, index: &Index<'a>, policy: &'a Policy) -> Applies {
    let Some(manifest) = live.manifest else {
        let rated = said(live, index, policy, |manifest| manifest.risk);
        return if rated == Declared::Unsure {
            perhaps("which manifest applies is not known, and so is its risk")
        } else {
            unrated("no manifest rates its risk")
        };
    };
    match manifest.risk {
        Some(Risk::High) => Applies::Yes,
        _ if !manifest.segments.is_empty() => Applies::Yes,
        Some(Risk::Low | Risk::Medium) => no("its risk is not high, and no segments are declared"),
        None => unrated("its manifest does not rate its risk"),
    }
}

fn business<'a>(live: &LiveVersion<'a>, index: &Index<'a>, policy: &'a Policy) -> Applies {
    let metrics = |manifest: &'a crate::policy::Manifest| (!manifest.business_metrics.is_empty()).then_some(());
    match said(live, index, policy, metrics) {
        Declared::Says(()) => Applies::Yes,
        Declared::Unsure => perhaps("which manifest applies is not known, and one declares business metrics"),
        Declared::Silent => Applies::No { why: "no business metric is declared".to_owned(), settled: true },
    }
}
