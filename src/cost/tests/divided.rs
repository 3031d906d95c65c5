//! How the cost of one endpoint is divided among what runs on it.

use super::*;
use crate::evidence::{Endpoint, EndpointConfig, InferenceComponent};

/// Components on the usual endpoint, whose variant then names no model of its own.
fn with_components(components: Vec<InferenceComponent>) -> Fixture {
    let fixture = priced().edit(|config: &mut EndpointConfig| config.variants[0].model_name = None);
    components.into_iter().fold(fixture, Fixture::with)
}

fn needing(name: &str, copies: i32, accelerators: Option<&str>, cpus: Option<&str>) -> InferenceComponent {
    InferenceComponent {
        copies: Some(copies),
        accelerators: accelerators.map(decimal),
        cpus: cpus.map(decimal),
        ..component(name, Some(MODEL))
    }
}

fn share(fixture: &Fixture, name: &str) -> (String, String) {
    let cost = cost_of(fixture, &format!("component/Fraud-Scoring/AllTraffic/{name}"));
    (cost.share.0.normalize().to_string(), cost.share.1)
}

#[test]
fn components_bear_what_their_copies_require() {
    let fixture = with_components(vec![needing("a", 2, Some("1"), None), needing("b", 1, Some("6"), None)]);
    let (share_of_a, why) = share(&fixture, "a");
    assert_eq!(share_of_a, "0.25");
    assert!(why.contains("accelerators that all copies require on variant `AllTraffic`: 2 of 8"), "{why}");
    let cost = cost_of(&fixture, "AllTraffic/b");
    assert_eq!((amount(&cost.cost), share(&fixture, "b").0), ("308.3508".to_owned(), "0.75".to_owned()));

    let cores = with_components(vec![needing("a", 2, None, Some("0.5")), needing("b", 1, Some("6"), Some("3"))]);
    assert!(share(&cores, "a").1.contains("CPU cores that all copies require on variant `AllTraffic`: 1 of 4"));
    let copies = with_components(vec![needing("a", 1, None, None), needing("b", 3, None, Some("3"))]);
    assert_eq!(share(&copies, "a").0, "0.25");
    let nothing = with_components(vec![
        InferenceComponent { copies: None, ..component("a", Some(MODEL)) },
        InferenceComponent { copies: None, ..component("b", Some(MODEL)) },
    ]);
    assert_eq!(share(&nothing, "a").0, "0.5");
}

#[test]
fn adapters_share_the_copies_of_their_base() {
    let adapter = |name| InferenceComponent { base_component: Some("A".to_owned()), ..needing(name, 1, None, None) };
    let fixture =
        with_components(vec![needing("a", 1, Some("3"), None), needing("b", 1, Some("1"), None), adapter("lora")]);
    assert_eq!(
        (share(&fixture, "a").0, share(&fixture, "lora").0, share(&fixture, "b").0),
        ("0.375".into(), "0.375".into(), "0.25".into())
    );
    assert!(share(&fixture, "lora").1.contains("divided with 1 that run on the same copies"));
}

#[test]
fn artifacts_of_a_multi_model_container_bear_equal_parts_and_their_requests_are_not_told_apart() {
    let fixture = Fixture::multi_model().with(price("Hosting", "ml.m5.xlarge", PRICE)).with(requests(40, 10.0));
    let estate = fixture.estate();
    assert_eq!(estate.money.versions.len(), 2);
    for cost in &estate.money.versions {
        assert_eq!((amount(&cost.cost), cost.share.0), ("205.5672".to_owned(), decimal("0.5")));
        assert!(cost.share.1.contains("in equal parts among the 2 artifacts"), "{}", cost.share.1);
        assert!(matches!(cost.predictions, Known::Unknown(_)));
    }
}

#[test]
fn variants_bear_an_endpoints_bill_by_what_they_are_estimated_to_cost() {
    let two = |price: Option<&str>| {
        let fixture = Fixture::sound()
            .edit_named(ENDPOINT, |it: &mut Endpoint| it.variants.push(variant("Green")))
            .edit_named(CONFIG, |it: &mut EndpointConfig| {
                let mut green = settings("Green", Some(MODEL));
                green.instance_type = Some("ml.m5.4xlarge".to_owned());
                it.variants.push(green);
            })
            .with(bill_of(ENDPOINT_ARN, "2026-05-01", "2026-06-01", "10"));
        let fixture = fixture.with(super::price("Hosting", "ml.m5.xlarge", "0.25"));
        price.into_iter().fold(fixture, |fixture, price| fixture.with(super::price("Hosting", "ml.m5.4xlarge", price)))
    };
    let fixture = two(Some("1"));
    let green = cost_of(&fixture, "Fraud-Scoring/Green");
    assert_eq!((amount(&green.cost), amount(&usual(&fixture).cost)), ("248".to_owned(), "62".to_owned()));
    assert!(green.share.1.contains("by estimates"), "{}", green.share.1);
    noted(&green.cost, "its endpoint was billed");
    let unpriced = cost_of(&two(None), "Fraud-Scoring/Green");
    assert_eq!(amount(&unpriced.cost), "155");
    assert!(unpriced.share.1.contains("by instance-hours, since not all prices are known"), "{}", unpriced.share.1);
}
