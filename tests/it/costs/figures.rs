//! The section of costs in a report, read as a stranger would, and held against the planted figures.

use std::collections::BTreeMap;

use serde_json::Value;

use super::sums::{Micro, Planted, micro};

pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

pub fn rows<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value[name].as_array().unwrap_or_else(|| panic!("{name}: {}", value[name]))
}

/// Micro-dollars of an amount with its currency.
fn money(value: &Value) -> Micro {
    assert_eq!(value["currency"], "USD", "{value}");
    micro(text(&value["amount"]))
}

/// Micro-dollars of the sums by currency, of which there is one at most.
pub fn total(value: &Value) -> Micro {
    let sums = value.as_array().expect("sums");
    assert!(sums.len() <= 1, "{value}");
    sums.first().map_or(0, money)
}

/// Micro-dollars of a figure, where it is known.
pub fn figure(value: &Value) -> Option<Micro> {
    value["amount"].as_str().map(|_| money(value))
}

/// Cost, estimate, a month's cost and the gap between bill and estimate.
pub fn each_version(section: &Value, planted: &Planted<'_>) {
    let reported: BTreeMap<&str, &Value> =
        rows(section, "live_versions").iter().map(|row| (text(&row["live_version"]), row)).collect();
    for served in planted.versions() {
        let row = reported[served.id];
        assert_eq!(figure(&row["cost"]), served.cost, "{}: {}", served.id, row["cost"]);
        assert_eq!(row["cost"]["source"].as_str(), served.source, "{}: {}", served.id, row["cost"]);
        assert_eq!(figure(&row["estimate"]), served.estimate, "{}: {}", served.id, row["estimate"]);
        assert_eq!(figure(&row["monthly"]), served.monthly, "{}: {}", served.id, row["monthly"]);
        if served.cost.is_none() {
            assert!(row["cost"]["unknown"].is_string(), "{}: what is not known is told: {}", served.id, row["cost"]);
        }
        if served.source.is_some_and(|source| source.starts_with("billed")) {
            let gap = served.estimate.map(|estimate| served.cost.expect("a bill") - estimate);
            assert_eq!(row["gap"]["amount"].as_str().map(micro), gap, "{}: gap", served.id);
        }
    }
}

/// What was billed for hosting, training and so on, and in the same days of the month before.
pub fn each_kind_of_work(section: &Value, planted: &Planted<'_>) {
    for row in rows(section, "spend") {
        let of =
            |from: &str, until: &str| planted.billed(from, until, |line| Planted::kind(line) == text(&row["kind"]));
        let untagged = planted.billed("2026-11-01", "2026-11-11", |line| {
            Planted::kind(line) == text(&row["kind"]) && line["center"].as_str().is_none_or(str::is_empty)
        });
        assert_eq!(money(&row["cost"]), of("2026-11-01", "2026-11-11"), "{row}");
        assert_eq!(money(&row["before"]), of("2026-10-01", "2026-10-11"), "{row}");
        assert_eq!(money(&row["untagged"]), untagged, "{row}");
    }
    let spent: Micro = rows(section, "spend").iter().map(|row| money(&row["cost"])).sum();
    assert_eq!(spent, planted.billed("2026-11-01", "2026-11-11", |_| true), "nothing is left out");
}

pub fn each_day(section: &Value, planted: &Planted<'_>) {
    let days = rows(section, "days");
    assert!(days.len() >= 10, "{days:?}");
    for row in days {
        let (day, after) = (text(&row["day"]), day_after(text(&row["day"])));
        assert_eq!(money(&row["cost"]), planted.billed(day, &after, |_| true), "{row}");
    }
}

/// What must be told is told with what it saves, and nothing else is.
pub fn each_waste(section: &Value, planted: &Planted<'_>) {
    let told = rows(section, "waste");
    let of = |wanted: &Value| {
        let fits = |row: &&Value| row["kind"] == wanted["kind"] && text(&row["what"]).contains(text(&wanted["name"]));
        told.iter().find(fits)
    };
    let wanted = rows(planted.0, "waste");
    for wanted in wanted.iter().filter(|wanted| wanted["sure"] == true) {
        let row = of(wanted).unwrap_or_else(|| panic!("{wanted} is not told: {told:?}"));
        if let Some(saves) = wanted["saves"].as_i64() {
            assert_eq!(figure(&row["saves"]), Some(Micro::from(saves)), "{row}");
        }
        assert!(text(&row["command"]).starts_with("aws "), "{row}");
    }
    let known: Vec<&Value> = wanted.iter().filter_map(of).collect();
    let others: Vec<&Value> = told.iter().filter(|row| !known.contains(row)).collect();
    assert_eq!(others, Vec::<&Value>::new(), "told without a cause");
    let dear = told.iter().find(|row| text(&row["what"]).contains("idle-dear")).expect("it is told");
    assert_eq!(micro(text(&dear["aws_says"]["amount"])), 1_013_980_000, "AWS recommends the same");
}

fn day_after(day: &str) -> String {
    let day: jiff::civil::Date = day.parse().expect("a day");
    day.tomorrow().expect("a day").to_string()
}
