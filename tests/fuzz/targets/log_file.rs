//! A log file of any bytes: nothing panics, and of a sound one the quick way finds what the slow way does.

#![no_main]

use std::collections::BTreeSet;

use countersign::trail::file::{Content, FileReader};
use countersign::trail::filter::Filter;
use countersign::trail::record;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|bytes: &[u8]| {
    let all = Filter { failed: true, ..Filter::default() };
    let everything = read(&all, bytes);
    for record in &everything.records {
        // Whether it becomes an event or not, it must end.
        drop(record::from_text(&record.text));
    }
    let texts = |name: &str| {
        let values = everything.records.iter().filter_map(|record| serde_json::from_str::<Value>(&record.text).ok());
        values.filter_map(|value| Some(value.get(name)?.as_str()?.to_owned())).collect::<BTreeSet<_>>()
    };
    // What the file itself holds is asked for, so that something is found.
    let (names, sources) = (texts("eventName"), texts("eventSource"));
    for name in names.into_iter().take(2) {
        compare(&everything, "eventName", &name, &Filter { names: [name.clone()].into(), ..all.clone() }, bytes);
    }
    for source in sources.into_iter().take(2) {
        compare(
            &everything,
            "eventSource",
            &source,
            &Filter { sources: [source.clone()].into(), ..all.clone() },
            bytes,
        );
    }
    drop(read(&Filter { names: ["UpdateModelPackage".to_owned()].into(), ..all.clone() }, bytes));
});

fn read(filter: &Filter, bytes: &[u8]) -> Content {
    FileReader::new(filter, false).read("f", bytes)
}

fn compare(everything: &Content, member: &str, value: &str, filter: &Filter, bytes: &[u8]) {
    let found = read(filter, bytes);
    // What the prefilter passes over is not validated, so only of a sound file is everything known.
    if !everything.problems.is_empty() {
        return;
    }
    let is =
        |text: &str| serde_json::from_str::<Value>(text).is_ok_and(|it| it.get(member) == Some(&Value::from(value)));
    let expected: Vec<_> = everything.records.iter().filter(|record| is(&record.text)).collect();
    assert_eq!(found.records.iter().collect::<Vec<_>>(), expected, "{member} {value}");
}
