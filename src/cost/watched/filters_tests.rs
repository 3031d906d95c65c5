use proptest::prelude::*;

use super::*;
use crate::evidence::CostExpression::{And, Category, Dimension, Not, Or, Other, Tag};

fn wanted(key: &str, values: &[&str], options: &[&str]) -> CostMatch {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    CostMatch { key: key.to_owned(), values: owned(values), options: owned(options) }
}

fn tags() -> Tags {
    Tags::from([("team".to_owned(), "Fraud".to_owned()), ("empty".to_owned(), String::new())])
}

fn asked(expression: &CostExpression) -> Covers {
    let (tags, activated) = (tags(), BTreeMap::from([("off".to_owned(), false)]));
    newer(expression, &charge(&tags, &activated), &mut BTreeSet::new())
}

fn charge<'c>(tags: &'c Tags, activated: &'c BTreeMap<String, bool>) -> Charge<'c> {
    Charge {
        account: "111122223333",
        region: "eu-central-1",
        instance_types: vec!["ml.m5.xlarge"],
        usage: Some("Host"),
        tags: Some(tags),
        activated,
    }
}

fn old(filters: &[(&str, &[&str])]) -> Covers {
    let filters = filters
        .iter()
        .map(|(key, values)| ((*key).to_owned(), values.iter().map(|value| (*value).to_owned()).collect()))
        .collect();
    let (tags, activated) = (tags(), BTreeMap::new());
    older(&filters, &charge(&tags, &activated), &mut BTreeSet::new())
}

#[test]
fn the_older_filters_narrow_by_key_and_widen_by_value() {
    type Filters = &'static [(&'static str, &'static [&'static str])];
    let cases: &[(Filters, Covers)] = &[
        (&[], Covers::Yes),
        (&[("Service", &["Amazon SageMaker"])], Covers::Yes),
        (&[("Service", &["Amazon EC2", "Amazon SageMaker"])], Covers::Yes),
        (&[("Service", &["Amazon EC2"])], Covers::No),
        (&[("Service", &["Amazon SageMaker"]), ("LinkedAccount", &["999988887777"])], Covers::No),
        (&[("Region", &["eu-central-1"]), ("LinkedAccount", &["111122223333"])], Covers::Yes),
        (&[("TagKeyValue", &["user:team$Fraud"])], Covers::Yes),
        (&[("TagKeyValue", &["user:team$fraud"])], Covers::No),
        (&[("TagKeyValue", &["user:team$claims", "user:team$Fraud"])], Covers::Yes),
        (&[("TagKeyValue", &["user:nobody$"])], Covers::Yes),
        (&[("TagKeyValue", &["user:team$Fraud", "user:stage$production"])], Covers::Perhaps),
        (&[("TagKeyValue", &["aws:createdBy$x"])], Covers::Perhaps),
        (&[("UsageType", &["EUC1-Host:ml.m5.xlarge"])], Covers::Yes),
        (&[("UsageType", &["USE1-Host:ml.m5.xlarge"])], Covers::No),
        (&[("InstanceType", &["ml.m5.xlarge"])], Covers::Yes),
        (&[("InstanceType", &["ml.g5.xlarge"])], Covers::No),
        (&[("UsageTypeGroup", &["x"])], Covers::Perhaps),
        (&[("CostCategory", &["x$y"])], Covers::Perhaps),
    ];
    for (filters, expected) in cases {
        assert_eq!(old(filters), *expected, "{filters:?}");
    }
}

#[test]
fn the_newer_filters_compare_as_their_options_say() {
    let cases = [
        (Tag(wanted("team", &["Fraud"], &[])), Covers::Yes),
        (Tag(wanted("team", &["fraud"], &[])), Covers::No),
        (Tag(wanted("team", &["fraud"], &["EQUALS", "CASE_INSENSITIVE"])), Covers::Yes),
        (Tag(wanted("team", &["Fr"], &["STARTS_WITH"])), Covers::Yes),
        (Tag(wanted("team", &["UD"], &["ENDS_WITH", "CASE_INSENSITIVE"])), Covers::Yes),
        (Tag(wanted("team", &["rau"], &["CONTAINS", "CASE_SENSITIVE"])), Covers::Yes),
        (Tag(wanted("team", &[], &["ABSENT"])), Covers::No),
        (Tag(wanted("nobody", &[], &["ABSENT"])), Covers::Yes),
        (Tag(wanted("empty", &[], &["ABSENT"])), Covers::Yes),
        (Tag(wanted("team", &["1"], &["GREATER_THAN_OR_EQUAL"])), Covers::Perhaps),
        (Dimension(wanted("SERVICE", &["amazon sagemaker"], &["CASE_INSENSITIVE"])), Covers::Yes),
        (Not(Box::new(Dimension(wanted("SERVICE", &["Amazon SageMaker"], &[])))), Covers::No),
        (Dimension(wanted("RECORD_TYPE", &["Credit", "Refund"], &[])), Covers::No),
        (Not(Box::new(Dimension(wanted("RECORD_TYPE", &["Credit", "Refund"], &[])))), Covers::Yes),
        (Dimension(wanted("PURCHASE_TYPE", &["x"], &[])), Covers::Perhaps),
        (Category(wanted("Unit", &["x"], &[])), Covers::Perhaps),
        (Other("Product".to_owned()), Covers::Perhaps),
        (Or(vec![Other("x".to_owned()), Tag(wanted("team", &["Fraud"], &[]))]), Covers::Yes),
        (And(vec![Other("x".to_owned()), Tag(wanted("team", &["claims"], &[]))]), Covers::No),
    ];
    for (expression, expected) in cases {
        assert_eq!(asked(&expression), expected, "{expression:?}");
    }
}

#[test]
fn a_key_that_is_not_activated_is_on_no_bill() {
    let tags = Tags::from([("off".to_owned(), "x".to_owned())]);
    let off = BTreeMap::from([("off".to_owned(), false)]);
    let on = BTreeMap::new();
    let filter = Tag(wanted("off", &["x"], &[]));
    assert_eq!(newer(&filter, &charge(&tags, &off), &mut BTreeSet::new()), Covers::No);
    assert_eq!(newer(&filter, &charge(&tags, &on), &mut BTreeSet::new()), Covers::Yes);
}

#[test]
fn what_is_not_known_of_a_charge_leaves_it_open() {
    let activated = BTreeMap::new();
    let tags = tags();
    let blind = Charge { instance_types: Vec::new(), tags: None, usage: None, ..charge(&tags, &activated) };
    for filter in [
        Tag(wanted("team", &["Fraud"], &[])),
        Dimension(wanted("INSTANCE_TYPE", &["ml.m5.xlarge"], &[])),
        Dimension(wanted("USAGE_TYPE", &["EUC1-Host:ml.m5.xlarge"], &[])),
    ] {
        let mut doubts = BTreeSet::new();
        assert_eq!(newer(&filter, &blind, &mut doubts), Covers::Perhaps);
        assert_eq!(doubts.len(), 1, "{filter:?}");
    }
    let two = Charge { instance_types: vec!["ml.g5.xlarge", "ml.m5.xlarge"], ..charge(&tags, &activated) };
    let one_of_them = Dimension(wanted("INSTANCE_TYPE", &["ml.m5.xlarge"], &[]));
    assert_eq!(newer(&one_of_them, &two, &mut BTreeSet::new()), Covers::Perhaps, "a part of it");
}

fn any_filter() -> impl Strategy<Value = CostExpression> {
    let value = prop_oneof![Just("Fraud"), Just("fraud"), Just("Amazon SageMaker"), Just("eu-central-1"), Just("")];
    let option = prop_oneof![Just("EQUALS"), Just("ABSENT"), Just("CONTAINS"), Just("CASE_INSENSITIVE"), Just("NEW")];
    let key = prop_oneof![Just("team"), Just("nobody"), Just("SERVICE"), Just("REGION"), Just("AZ")];
    let matched = (key, prop::collection::vec(value, 0..3), prop::collection::vec(option, 0..3))
        .prop_map(|(key, values, options)| wanted(key, &values, &options));
    let leaf = prop_oneof![
        matched.clone().prop_map(Tag),
        matched.clone().prop_map(Dimension),
        matched.prop_map(Category),
        Just(Other("x".to_owned())),
    ];
    leaf.prop_recursive(3, 24, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(And),
            prop::collection::vec(inner.clone(), 0..3).prop_map(Or),
            inner.prop_map(|it| Not(Box::new(it))),
        ]
    })
}

proptest! {
    #[test]
    fn not_not_is_nothing(filter in any_filter()) {
        let twice = Not(Box::new(Not(Box::new(filter.clone()))));
        prop_assert_eq!(asked(&twice), asked(&filter));
    }

    #[test]
    fn another_and_never_widens_and_another_or_never_narrows(one in any_filter(), other in any_filter()) {
        prop_assert!(asked(&And(vec![one.clone(), other.clone()])) <= asked(&one));
        prop_assert!(asked(&Or(vec![one.clone(), other])) >= asked(&one));
    }

    #[test]
    fn not_and_is_or_of_nots(one in any_filter(), other in any_filter()) {
        let not = |it: &CostExpression| Not(Box::new(it.clone()));
        let left = Not(Box::new(And(vec![one.clone(), other.clone()])));
        prop_assert_eq!(asked(&left), asked(&Or(vec![not(&one), not(&other)])));
    }
}
