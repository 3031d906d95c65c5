//! Instances that are too large for what they do.
//!
//! Source: <https://docs.aws.amazon.com/wellarchitected/latest/machine-learning-lens/mlcost-28.html>

use rust_decimal::Decimal;

use super::{Sight, has_own_instances, hosting, of_variant, percent, why};
use crate::cost::prices::MONTH_HOURS;
use crate::cost::{Known, Money, Use, Waste, WasteKind};
use crate::estate::LiveVersion;
use crate::estate::instance_types::{self, InstanceType};

/// Fewer days of use say nothing about a size.
const FEWEST_DAYS: f64 = 3.0;
/// How much of a smaller instance may be in use by what is known: processors and accelerators most of the time, and memory
/// at its highest.
const MOST_LOAD: f64 = 0.6;
const MOST_MEMORY: f64 = 0.8;

/// The waste of one live version, if its instances are too large.
pub(super) fn one(sight: &Sight<'_, '_>, number: usize) -> Option<Waste> {
    let (live, usage) = sight.one(number)?;
    if !has_own_instances(live) || usage.stands_by.is_some() || usage.days < FEWEST_DAYS {
        return None;
    }
    usage.requests.known().filter(|requests| **requests > 0.0)?;
    let (processors, memory) = (*usage.processors.known()?, *usage.memory.known()?);
    let accelerators = match &usage.accelerators {
        Known::Known(share) => Some(*share),
        Known::None(_) => None,
        Known::Unknown(_) => return None,
    };
    let rules = &sight.policy.cost;
    if processors >= rules.low_use || accelerators.unwrap_or_default() >= rules.low_use || memory >= rules.low_memory {
        return None;
    }
    let name = live.settings?.instance_type.as_deref()?;
    let smaller = smaller(name, usage);
    let (saves, word) = saves(sight, number, live, name, smaller.as_deref());
    let of_accelerators = accelerators.map(|share| format!(", {} of its accelerators", percent(share)));
    let said = format!(
        "95 % of the time at most {} of the processors of `{name}` is in use{}, and at most {} of its memory{}",
        percent(processors),
        of_accelerators.unwrap_or_default(),
        percent(memory),
        smaller.as_ref().map(|smaller| format!("; `{smaller}` would do")).unwrap_or_default(),
    );
    let command = match &smaller {
        Some(smaller) => hosting::changed(live, smaller, &format!(".InstanceType = \"{smaller}\""))?,
        None => hosting::changed(live, "smaller", ".InstanceType = \"ml.SMALLER.TYPE\"")?,
    };
    Some(of_variant(WasteKind::OverProvisioned, (live, number), why(said, word), saves, command))
}

/// The smallest type of the same family that carries what is known of the load; memory grows with the processors in a
/// family. `None` where no smaller one does.
pub(super) fn smaller(name: &str, usage: &Use) -> Option<String> {
    let has = instance_types::find(name)?;
    let (family, _) = name.rsplit_once('.')?;
    let sizes = [
        "medium", "large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "9xlarge", "12xlarge", "16xlarge", "18xlarge",
        "24xlarge",
    ];
    let mut fitting = sizes.iter().filter_map(|size| {
        let name = format!("{family}.{size}");
        let other = instance_types::find(&name).filter(|other| other.vcpus < has.vcpus)?;
        fits(has, other, usage).then_some((other.vcpus, name))
    });
    let first = fitting.next()?;
    Some(fitting.fold(first, |least, other| if other.0 < least.0 { other } else { least }).1)
}

fn fits(has: InstanceType, other: InstanceType, usage: &Use) -> bool {
    let scaled = |share: &Known<f64>, had: u32, left: u32| {
        share.known().map_or(0.0, |share| share * f64::from(had) / f64::from(left.max(1)))
    };
    // Fewer accelerators may not hold the model at all.
    other.gpus == has.gpus
        && scaled(&usage.processors, has.vcpus, other.vcpus) <= MOST_LOAD
        && scaled(&usage.memory, has.vcpus, other.vcpus) <= MOST_MEMORY
}

/// What the smaller type saves a month, where both prices are known.
fn saves(
    sight: &Sight<'_, '_>,
    number: usize,
    live: &LiveVersion<'_>,
    name: &str,
    smaller: Option<&str>,
) -> (Known<Money>, Option<String>) {
    if let (Known::Known(money), Some(word)) = sight.monthly(&[number]) {
        return (Known::Known(money), Some(word));
    }
    let unknown = |why: &str| (Known::Unknown(why.to_owned()), None);
    let Some(smaller) = smaller else { return unknown("which smaller type would do is not known") };
    let Some(count) = live.variant.and_then(|variant| variant.instances) else {
        return unknown("how many instances it has is not known");
    };
    let price = |name: &str| sight.prices.hosting(live.region, name);
    match (price(name), price(smaller)) {
        (Known::Known(now), Known::Known(then)) if now.price.currency == then.price.currency => {
            let hours = Decimal::from(count) * Decimal::from(MONTH_HOURS);
            let saved = (now.price.value - then.price.value) * hours;
            (Known::Known(Money::new(saved.max(Decimal::ZERO), &now.price.currency)), None)
        }
        (Known::Known(_), Known::Known(_)) => unknown("its prices are in several currencies"),
        (Known::Known(_), Known::Unknown(why) | Known::None(why)) | (Known::Unknown(why) | Known::None(why), _) => {
            (Known::Unknown(why), None)
        }
    }
}
