use std::collections::BTreeSet;

use serde_json::Value;

use super::*;
use crate::report::sample::{bank, blank, denied, hostile, many};
use crate::report::{Format, render};

fn read(report: &Report) -> Value {
    serde_json::from_slice(&render(report, Format::CycloneDx).unwrap()).unwrap()
}

/// The one component that is named so.
fn component<'a>(bom: &'a Value, kind: &str, name: &str) -> &'a Value {
    let components = bom["components"].as_array().unwrap();
    let mut found = components.iter().filter(|it| it["type"] == kind && it["name"] == name);
    let one = found.next().unwrap_or_else(|| panic!("no {kind} {name}"));
    assert!(found.next().is_none(), "{kind} {name} twice");
    one
}

/// The values of a property.
fn said<'a>(of: &'a Value, name: &str) -> Vec<&'a str> {
    let name = format!("countersign:{name}");
    let properties = of["properties"].as_array().unwrap().iter();
    properties.filter(|it| it["name"] == name.as_str()).map(|it| it["value"].as_str().unwrap()).collect()
}

#[test]
fn a_registered_version_says_what_it_is_and_who_stands_for_it() {
    let bom = read(&bank());
    let model = component(&bom, "machine-learning-model", "credit-line");
    assert_eq!(model["version"], "7");
    assert_eq!(model["group"], "111122223333/eu-central-1");
    assert_eq!(model["pedigree"]["commits"][0]["uid"], "f2ca1bb6c7e907d06dafe4687e579fce76b37e4e");
    assert_eq!(model["externalReferences"][0]["url"], "https://git.bank.example/models/fraud");
    assert_eq!(said(model, "verdict"), ["stop"]);
    assert_eq!(said(model, "approval"), ["Rejected"]);
    assert_eq!(said(model, "grade"), ["B"]);
    assert_eq!(said(model, "owner"), ["credit-risk"]);
    assert_eq!(said(model, "unknown"), ["training data"]);
    let limits = &model["modelCard"]["considerations"]["technicalLimitations"];
    assert_eq!(limits[0], "the customer has been with the bank for less than 90 days");
    assert!(model.get("hashes").is_none(), "of the model as a whole, no checksum is known");
}

#[test]
fn only_a_checksum_of_the_bytes_is_a_hash() {
    let mut report = bank();
    report.live_versions.retain(|live| live.endpoint == "credit-line");
    let hash = |report: &Report| component(&read(report), "file", "model.tar.gz").get("hashes").cloned();
    let sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    assert_eq!(hash(&report), Some(serde_json::json!([{ "alg": "SHA-256", "content": sha256 }])));
    let file = read(&report);
    let file = component(&file, "file", "model.tar.gz");
    assert_eq!(said(file, "etag"), ["9b2cf535f27731c974343645a3985328"]);

    let sum = |report: &mut Report, algorithm: &str, whole: bool| {
        let sum = report.live_versions[0].artifacts[0].checksum.as_mut().unwrap();
        (sum.algorithm, sum.whole) = (algorithm.to_owned(), whole);
    };
    for (algorithm, whole) in [("SHA256", false), ("CRC64NVME", true), ("SHA1", true)] {
        sum(&mut report, algorithm, whole);
        assert_eq!(hash(&report), None, "{algorithm} of {whole}: not the digits of such a hash");
    }
    report.live_versions[0].artifacts[0].checksum = None;
    assert_eq!(hash(&report), None);
}

#[test]
fn an_endpoint_is_a_service_and_so_is_each_of_its_live_versions() {
    let bom = read(&bank());
    let services = bom["services"].as_array().unwrap();
    let endpoint = services.iter().find(|it| it["name"] == "card-authorisation").unwrap();
    let address = "https://runtime.sagemaker.eu-central-1.amazonaws.com/endpoints/card-authorisation/invocations";
    assert_eq!(endpoint["endpoints"][0], address);
    assert_eq!(endpoint["authenticated"], true);
    let needs = |service: &Value| {
        let all = bom["dependencies"].as_array().unwrap();
        all.iter().find(|it| it["ref"] == service["bom-ref"]).unwrap()["dependsOn"].as_array().unwrap().clone()
    };
    let live = |name: &str| services.iter().find(|it| it["name"] == name).unwrap();
    let (champion, challenger) = (live("card-authorisation / Champion"), live("card-authorisation / Challenger"));
    assert_eq!(needs(endpoint), [challenger["bom-ref"].clone(), champion["bom-ref"].clone()]);
    assert_eq!(said(champion, "verdict"), ["operate_as_is"]);
    assert_eq!(champion["data"][0], serde_json::json!({ "flow": "bi-directional", "classification": "confidential" }));
    let image = &component(&bom, "container", "card-authorisation")["bom-ref"];
    assert!(needs(champion).contains(image));

    let batch = services.iter().find(|it| it["name"] == "churn-monthly").unwrap();
    assert!(batch.get("endpoints").is_none() && batch.get("authenticated").is_none(), "{batch}");
}

#[test]
fn a_version_that_serves_twice_is_one_component() {
    let mut report = bank();
    let mut twin = report.live_versions.iter().find(|live| live.endpoint == "credit-line").unwrap().clone();
    twin.id = "111122223333/eu-central-1/variant/credit-line-2/AllTraffic".into();
    twin.endpoint = "credit-line-2".to_owned();
    report.live_versions.push(twin);
    let bom = read(&report);
    assert_eq!(said(component(&bom, "machine-learning-model", "credit-line"), "live-version").len(), 2);
}

#[test]
fn what_is_not_known_is_said_and_not_made_up() {
    let mut report = bank();
    report.live_versions.retain(|live| live.endpoint == "credit-line");
    let live = &mut report.live_versions[0];
    (live.owner, live.tags, live.model, live.package_arn, live.approval) = (None, None, None, None, None);
    (live.group, live.version, live.card, live.live_from) = (None, None, None, None);
    live.containers[0].resolved_image = None;
    let bom = read(&report);
    let model = component(&bom, "machine-learning-model", "unknown");
    assert_eq!(said(model, "unknown"), ["approval", "owner", "model", "training data"]);
    assert!(model.get("version").is_none() && model.get("modelCard").is_none(), "{model}");
    let image = component(&bom, "container", "credit-line");
    assert_eq!(image["version"], "release");
    assert_eq!(said(image, "unknown"), ["digest of the image that runs"]);
    assert!(image.get("hashes").is_none() && image.get("purl").is_none(), "{image}");
    let live = &bom["services"][1];
    assert!(said(live, "unknown").contains(&"since when it serves"), "{live}");
    assert!(live.get("data").is_none() || live["data"][0]["classification"] == "not known", "{live}");
}

#[test]
fn an_estate_that_could_not_be_read_is_incomplete() {
    let bom = read(&denied());
    assert_eq!(bom["compositions"][0]["aggregate"], "incomplete");
    assert_eq!(said(&bom["metadata"], "unknown"), ["what serves in 111122223333/eu-central-1"]);
    let bom = read(&blank());
    assert_eq!(bom["compositions"][0]["aggregate"], "unknown", "nobody can show that nothing else serves");
}

#[test]
fn the_serial_number_follows_from_the_content() {
    let (one, other) = (read(&bank()), read(&many(13)));
    assert_eq!(one["serialNumber"], read(&bank())["serialNumber"]);
    assert_ne!(one["serialNumber"], other["serialNumber"]);
    let digits: Vec<char> = one["serialNumber"].as_str().unwrap().chars().collect();
    assert_eq!((digits.len(), digits[23], "89ab".contains(digits[28])), (45, '8', true), "{digits:?}");
}

/// Each name stands for one thing, and whatever is referred to is there, whatever strangers call it.
#[test]
fn references_hold() {
    for report in [bank(), hostile(), denied(), many(40)] {
        let bom = read(&report);
        let mut names = BTreeSet::new();
        let mut add = |it: &Value| {
            let name = it["bom-ref"].as_str().unwrap();
            assert!(name.is_ascii() && !name.contains(' '), "{name}");
            assert!(names.insert(name.to_owned()), "{name} twice");
        };
        add(&bom["metadata"]["component"]);
        bom["components"].as_array().unwrap().iter().for_each(&mut add);
        bom["services"].as_array().unwrap().iter().for_each(&mut add);
        let mut told = BTreeSet::new();
        for dependency in bom["dependencies"].as_array().unwrap() {
            told.insert(dependency["ref"].as_str().unwrap().to_owned());
            for on in dependency["dependsOn"].as_array().into_iter().flatten() {
                assert!(names.contains(on.as_str().unwrap()), "{on} is nowhere");
            }
        }
        assert_eq!(told, names);
    }
}

#[test]
fn nobody_is_lured_by_a_reference() {
    let bom = serde_json::to_string(&read(&hostile())).unwrap();
    for lure in ["\"url\":\"javascript", "\"url\":\"data:", "\"url\":\"file:", "\"url\":\"<"] {
        assert!(!bom.contains(lure), "{lure}");
    }
}

/// A tag may be longer than what CycloneDX takes for a version.
#[test]
fn a_version_that_is_too_long_is_left_out_and_said_as_a_property() {
    let mut report = bank();
    report.live_versions.retain(|live| live.endpoint == "credit-line");
    let image = format!("registry.example/credit-line:{}", "x".repeat(1025));
    report.live_versions[0].containers[0].resolved_image = Some(image.clone());
    let bom = read(&report);
    let component = component(&bom, "container", "credit-line");
    assert!(component.get("version").is_none(), "{component}");
    assert_eq!(said(component, "image"), [image.as_str()]);
}

#[test]
fn an_approval_that_could_not_be_read_is_not_none() {
    let mut report = bank();
    let name = "merchant-models-model";
    let none = read(&report);
    assert_eq!(said(component(&none, "machine-learning-model", name), "approval"), ["none"]);
    let unread = |report: &Report| {
        let bom = read(report);
        let model = component(&bom, "machine-learning-model", name);
        assert_eq!(said(model, "approval"), [] as [&str; 0]);
        assert!(said(model, "unknown").contains(&"approval"), "{model}");
    };
    let at = report.live_versions.iter().position(|live| live.endpoint == "merchant-models").unwrap();
    for registration in ["unknown", "unseen", "ambiguous", "url_only"] {
        report.live_versions[at].containers[0].registration = registration.to_owned();
        unread(&report);
    }
    report.live_versions[at].containers.clear();
    unread(&report);
}
