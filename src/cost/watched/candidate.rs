//! What a thousand predictions will cost of the version that waits for approval, before anybody approves it.
//!
//! It is known where the version was tried: on an endpoint of its own, as a shadow, or in a load test whose result stands in
//! the package's metadata, as `instance_type` and `max_invocations` (a minute, as Inference Recommender measures them).
//! Source: <https://docs.aws.amazon.com/sagemaker/latest/dg/inference-recommender-interpret-results.html>

use rust_decimal::Decimal;

use crate::cost::prices::Prices;
use crate::cost::{Candidate, CostSource, Figure, Known, Ledger, Money, VersionCost};
use crate::estate::{Estate, LiveVersion};
use crate::evidence::{ApprovalStatus, Package};

/// The candidates of all live versions, in their order.
pub(super) fn all(ledger: &Ledger<'_>, estate: &Estate<'_>) -> Vec<Option<Candidate>> {
    let prices = Prices::new(estate);
    estate.live.iter().map(|live| one(live, &ledger.versions, estate, &prices)).collect()
}

fn one(live: &LiveVersion<'_>, costs: &[VersionCost], estate: &Estate<'_>, prices: &Prices<'_>) -> Option<Candidate> {
    let serving = live.packages().find(|package| package.data.group.is_some())?;
    let packages = estate.snapshot.facts.packages.iter().filter(|fact| fact.account == serving.account);
    let waiting = packages.filter(|fact| {
        let it = &fact.data;
        it.group == serving.data.group
            && it.version > serving.data.version
            && it.approval == Some(ApprovalStatus::PendingManualApproval)
    });
    let package = &waiting.max_by_key(|fact| fact.data.version)?.data;
    let per_thousand =
        tried(package, costs, estate).or_else(|| tested(package, live.region, prices)).unwrap_or_else(|| {
            let why = "it serves nowhere that was read, and its metadata holds no load test (`instance_type` and \
                       `max_invocations` a minute)";
            Known::Unknown(why.to_owned())
        });
    Some(Candidate { package: package.arn.clone(), per_thousand })
}

/// What it costs where it is tried already, the busiest trial first.
fn tried(package: &Package, costs: &[VersionCost], estate: &Estate<'_>) -> Option<Known<Figure>> {
    let runs = |live: &LiveVersion<'_>| live.packages().any(|it| it.data.arn == package.arn);
    let trials = estate.live.iter().zip(costs).filter(|(live, _)| runs(live));
    let told = trials.filter_map(|(live, cost)| Some((live, cost, cost.per_thousand.known()?)));
    let (live, _, figure) = told.max_by_key(|(_, cost, _)| cost.predictions.known().copied())?;
    let mut figure = figure.clone();
    figure.notes.push(format!("as it costs on `{}`, where it is tried", live.endpoint_name));
    Some(Known::Known(figure))
}

/// What it costs at the most that a load test put through one instance.
fn tested(package: &Package, region: &str, prices: &Prices<'_>) -> Option<Known<Figure>> {
    let fold = |key: &str| key.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    let value =
        |wanted: &str| package.metadata.iter().find(|(key, _)| fold(key) == wanted).map(|(_, value)| value.trim());
    let instance_type = value("instancetype")?;
    let a_minute: Decimal = value("maxinvocations")?.parse().ok().filter(|count| *count > Decimal::ZERO)?;
    let listed = match prices.hosting(region, instance_type) {
        Known::Known(listed) => listed,
        Known::Unknown(why) | Known::None(why) => return Some(Known::Unknown(why)),
    };
    let thousands = a_minute.checked_mul(Decimal::from(60))?.checked_div(Decimal::ONE_THOUSAND)?;
    let amount = Money::new(listed.price.value.checked_div(thousands)?, &listed.price.currency);
    let note = format!(
        "on one `{instance_type}` at the most that its load test put through it, {a_minute} a minute; more where it is less busy"
    );
    Some(Known::Known(Figure {
        low: amount.clone(),
        high: amount.clone(),
        amount,
        source: CostSource::Estimate,
        notes: vec![note, format!("list price ({}), before commitments and discounts", listed.from)],
        seen: listed.seen,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::fixture::*;

    const NEXT: &str = "arn:aws:sagemaker:eu-central-1:111122223333:model-package/fraud/8";

    fn waiting(metadata: &[(&str, &str)]) -> Fixture {
        let mut next = package(8, "s3://ml-models/fraud/8/model.tar.gz", "e", "2026-05-30T09:00:00Z");
        next.approval = Some(ApprovalStatus::PendingManualApproval);
        next.metadata = metadata.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        Fixture::sound().with(next)
    }

    fn told(fixture: &Fixture) -> Option<Candidate> {
        fixture.estate().money.versions[0].candidate.clone()
    }

    #[test]
    fn only_what_waits_for_approval_is_a_candidate() {
        assert_eq!(told(&Fixture::sound()), None);
        let candidate = told(&waiting(&[])).unwrap();
        assert_eq!(candidate.package, NEXT);
        assert!(candidate.per_thousand.why().is_some_and(|why| why.contains("no load test")));
        let approved = waiting(&[]).edit(|it: &mut Package| it.approval = Some(ApprovalStatus::Approved));
        assert_eq!(told(&approved), None);
    }

    #[test]
    fn a_load_test_says_what_a_thousand_predictions_cost() {
        let tested = waiting(&[("instance_type", "ml.m5.large"), ("Max-Invocations", "100")]);
        let candidate = told(&tested.with(price("Hosting", "ml.m5.large", "0.12"))).unwrap();
        // 6,000 an hour for 0.12 USD.
        assert_eq!(candidate.per_thousand.known().unwrap().amount, Money::from(&usd("0.02")));
        let unpriced = waiting(&[("instance_type", "ml.unheard.of"), ("max_invocations", "100")]);
        assert!(matches!(told(&unpriced).unwrap().per_thousand, Known::Unknown(_)));
        for nonsense in ["0", "-5", "many", ""] {
            let odd = waiting(&[("instance_type", "ml.m5.large"), ("max_invocations", nonsense)]);
            assert!(matches!(told(&odd).unwrap().per_thousand, Known::Unknown(_)), "{nonsense}");
        }
    }
}
