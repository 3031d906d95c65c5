//! The quick way and the slow way, compared with a full parse by serde over texts that do their best to mislead.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;
use crate::trail::gzip::tests::gzip;

const SAGEMAKER: &str = "sagemaker.amazonaws.com";
const NAMES: [&str; 4] = ["UpdateModelPackage", "CreateEndpoint", "DescribeEndpoint", "Decrypt"];
const SOURCES: [&str; 3] = [SAGEMAKER, "kms.amazonaws.com", "apigateway.amazonaws.com"];

fn set(items: &[&str]) -> BTreeSet<String> {
    items.iter().map(|item| (*item).to_owned()).collect()
}

fn filters() -> Vec<Filter> {
    let all = Filter { failed: true, ..Filter::default() };
    vec![
        all.clone(),
        Filter { names: set(&NAMES[..2]), ..all.clone() },
        Filter { sources: set(&[SAGEMAKER]), ..all.clone() },
        Filter { sources: set(&[SAGEMAKER]), names: set(&NAMES[..1]), failed: false, ..all.clone() },
        Filter { sources: set(&SOURCES[1..]), writes: true, ..all.clone() },
        Filter { names: set(&NAMES), since: "2026-05-04T09:30:30Z".parse().ok(), ..all.clone() },
        Filter { names: set(&["no such call"]), ..all },
    ]
}

/// What serde makes of a text: the ids of the records that are asked for.
fn oracle(text: &str, filter: &Filter) -> Vec<String> {
    let mut ids = Vec::new();
    for document in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
        match document.unwrap() {
            Value::Object(mut file) if file.get("Records").is_some_and(Value::is_array) => {
                // The order of the text, not of the map, is what counts; the generator puts `Records` first.
                let first = file.remove("Records").unwrap();
                for list in std::iter::once(first).chain(file.into_iter().map(|(_, value)| value)) {
                    if list.is_array() {
                        collect(&list, filter, &mut ids);
                    }
                }
            }
            other => collect(&other, filter, &mut ids),
        }
    }
    ids
}

fn collect(value: &Value, filter: &Filter, ids: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, filter, ids)),
        Value::Object(record) => {
            let text = |name: &str| record.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
            let is =
                |set: &BTreeSet<String>, name: &str| set.is_empty() || text(name).is_some_and(|it| set.contains(it));
            let time = text("eventTime").and_then(|time| time.parse::<Timestamp>().ok());
            let failed = text("errorCode").or(text("errorMessage")).is_some();
            let whole = text("eventName").is_some() && text("eventSource").is_some() && text("eventID").is_some();
            if let (Some(time), true) = (time, whole)
                && is(&filter.sources, "eventSource")
                && is(&filter.names, "eventName")
                && filter.since.is_none_or(|since| time >= since)
                && (filter.failed || !failed)
                && !(filter.writes && record.get("readOnly") == Some(&Value::Bool(true)))
            {
                ids.push(text("eventID").unwrap().to_owned());
            }
        }
        _ => {}
    }
}

/// A record that may be anything; `n` makes its id.
fn a_record(n: u32, dice: &mut Dice) -> Map<String, Value> {
    let mut record = Map::new();
    let mut put = |name: &str, value: Value| drop(record.insert(name.to_owned(), value));
    put("eventVersion", json!("1.11"));
    put("eventID", json!(format!("id-{n}")));
    put("eventName", json!(dice.one_of(&NAMES)));
    put("eventSource", json!(dice.one_of(&SOURCES)));
    put("eventTime", json!(format!("2026-05-04T09:30:{:02}Z", dice.below(60))));
    put("readOnly", json!(dice.below(3) == 0));
    if dice.below(5) == 0 {
        put("errorCode", json!("AccessDenied"));
    }
    put(
        "userAgent",
        json!(dice.one_of(&["[S3Console/0.4]", "}}", "{", "a}, {\"eventName\":\"CreateEndpoint\"", "\\", "\"", "]}"])),
    );
    put("requestParameters", parameters(n, dice, 0));
    if dice.below(4) == 0 {
        put(dice.one_of(&["x\"eventName", "eventName ", "{", "}", ","]), json!("CreateEndpoint"));
    }
    if dice.below(12) == 0 {
        // Something that every record has is missing, or is no text.
        put(
            dice.one_of(&["eventName", "eventSource", "eventID", "eventTime"]),
            dice.one_of(&[Value::Null, json!(7), json!({"eventName": "CreateEndpoint"}), json!("")]),
        );
    }
    record
}

/// Request parameters that mimic records in every way that their sender can.
fn parameters(n: u32, dice: &mut Dice, depth: u32) -> Value {
    let forged = |dice: &mut Dice| {
        let mut forged = a_plain_record(n);
        if depth < 2 {
            forged.insert("requestParameters".to_owned(), parameters(n, dice, depth + 1));
        }
        Value::Object(forged)
    };
    match dice.below(9) {
        0 => Value::Null,
        1 => forged(dice),
        2 => json!({"entries": [forged(dice), forged(dice)], "empty": {}, "none": []}),
        3 => json!({"Records": [forged(dice)]}),
        4 => json!({"document": forged(dice).to_string()}),
        5 => json!({"document": json!({"document": forged(dice).to_string()}).to_string()}),
        6 => json!({"eventName": "UpdateModelPackage", "eventSource": SAGEMAKER}),
        7 => json!([[forged(dice)], [], [{"a": {}}]]),
        _ => json!({"modelPackageArn": "arn", "note": "eventName: \"UpdateModelPackage\" {} }{ },{\"a"}),
    }
}

fn a_plain_record(n: u32) -> Map<String, Value> {
    let record = json!({"eventVersion": "1.11", "eventID": format!("forged-{n}"), "eventName": NAMES[0],
        "eventSource": SAGEMAKER, "eventTime": "2026-05-04T09:30:59Z", "readOnly": false});
    record.as_object().unwrap().clone()
}

/// Decides everything that a text leaves open, the same for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from(self.0 >> 33).unwrap() % sides
    }

    fn one_of<T: Clone>(&mut self, items: &[T]) -> T {
        items[self.below(u32::try_from(items.len()).unwrap()) as usize].clone()
    }
}

/// How a text is written.
#[derive(Clone, Copy, Debug)]
struct Style {
    /// One member in so many stands elsewhere; 0 for none.
    shuffled: u32,
    /// White space between one pair of tokens in so many.
    spaced: u32,
    /// One character in so many is written as an escape.
    escaped: u32,
    /// One member in so many stands twice.
    doubled: u32,
}

fn chance(dice: &mut Dice, one_in: u32) -> bool {
    one_in > 0 && dice.below(one_in) == 0
}

fn space(out: &mut String, style: Style, dice: &mut Dice) {
    if chance(dice, style.spaced) {
        out.push_str(dice.one_of(&[" ", "\n", "\t", "\r\n  "]));
    }
}

fn write_text(out: &mut String, text: &str, style: Style, dice: &mut Dice) {
    out.push('"');
    for c in text.chars() {
        if chance(dice, style.escaped) {
            out.push_str(&if dice.below(2) == 0 {
                format!("\\u{:04x}", c as u32)
            } else {
                format!("\\u{:04X}", c as u32)
            });
        } else {
            let quoted = Value::from(c.to_string()).to_string();
            out.push_str(&quoted[1..quoted.len() - 1]);
        }
    }
    out.push('"');
}

fn write(out: &mut String, value: &Value, style: Style, dice: &mut Dice) {
    space(out, style, dice);
    match value {
        Value::String(text) => write_text(out, text, style, dice),
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { "," } else { "" });
                write(out, item, style, dice);
            }
            space(out, style, dice);
            out.push(']');
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            for at in 1..members.len() {
                if chance(dice, style.shuffled) {
                    members.swap(at, dice.below(u32::try_from(at).unwrap() + 1) as usize);
                }
            }
            if !members.is_empty() && chance(dice, style.doubled) {
                members.push(dice.one_of(&members));
            }
            out.push('{');
            for (at, (name, value)) in members.into_iter().enumerate() {
                out.push_str(if at > 0 { "," } else { "" });
                space(out, style, dice);
                write_text(out, name, style, dice);
                space(out, style, dice);
                out.push(':');
                write(out, value, style, dice);
            }
            space(out, style, dice);
            out.push('}');
        }
        other => out.push_str(&other.to_string()),
    }
    space(out, style, dice);
}

/// A file in one of the forms in which they come.
fn write_file(records: &[Value], form: u32, style: Style, dice: &mut Dice) -> String {
    let mut out = String::new();
    let list = Value::from(records.to_vec());
    let within = |more: &str, out: &mut String, dice: &mut Dice| {
        out.push_str("{\"Records\":");
        write(out, &list, style, dice);
        out.push_str(more);
        out.push('}');
    };
    match form {
        0 => write(&mut out, &list, style, dice),
        1 => records.iter().for_each(|record| {
            write(&mut out, record, style, dice);
            out.push('\n');
        }),
        2 => within(
            r#","more":{"eventName":"UpdateModelPackage","a":[{"eventName":"UpdateModelPackage"}]}"#,
            &mut out,
            dice,
        ),
        3 => within(&format!(r#","other":[{}]"#, Value::from(a_plain_record(0))), &mut out, dice),
        4 => {
            within("", &mut out, dice);
            within("", &mut out, dice);
        }
        _ => within("", &mut out, dice),
    }
    out
}

fn styles() -> impl Strategy<Value = Style> {
    let rarely = || prop_oneof![3 => Just(0), 1 => Just(400), 1 => Just(8)];
    (rarely(), rarely(), rarely(), rarely()).prop_map(|(shuffled, spaced, escaped, doubled)| Style {
        shuffled,
        spaced,
        escaped,
        doubled,
    })
}

fn ids(content: &Content) -> Vec<String> {
    content.records.iter().map(|record| record.id.clone()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(250))]

    #[test]
    fn what_is_found_is_what_a_full_parse_finds(
        seed in any::<u64>(), count in 0..12u32, form in 0..9u32, style in styles(), compressed in any::<bool>(),
    ) {
        let mut dice = Dice(seed);
        let records: Vec<Value> = (0..count).map(|n| Value::Object(a_record(n, &mut dice))).collect();
        let text = write_file(&records, form, style, &mut dice);
        for filter in filters() {
            let stored = if compressed { gzip(text.as_bytes()) } else { text.clone().into_bytes() };
            let content = FileReader::new(&filter, false).read("f", &stored);
            prop_assert_eq!(ids(&content), oracle(&text, &filter), "{:?} in {}", filter, text);
            for record in &content.records {
                prop_assert!(serde_json::from_str::<Value>(&record.text).unwrap()["eventID"] == record.id.as_str());
            }
        }
    }

    #[test]
    fn damage_never_makes_it_panic(seed in any::<u64>(), style in styles(), cuts in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)) {
        let mut dice = Dice(seed);
        let records: Vec<Value> = (0..4).map(|n| Value::Object(a_record(n, &mut dice))).collect();
        let mut text = write_file(&records, 9, style, &mut dice).into_bytes();
        for (at, byte) in cuts {
            let at = at.index(text.len());
            text[at] = byte;
        }
        for filter in filters() {
            drop(FileReader::new(&filter, false).read("f", &text));
        }
    }
}

/// A file as CloudTrail writes it.
fn compact(records: &[Value]) -> String {
    let style = Style { shuffled: 0, spaced: 0, escaped: 0, doubled: 0 };
    write_file(records, 9, style, &mut Dice(1))
}

#[test]
fn files_as_cloudtrail_writes_them_are_read_the_quick_way() {
    let mut quick = 0;
    for seed in 0..400 {
        let mut dice = Dice(seed);
        let records = (0..9).map(|n| {
            let mut record = a_record(n, &mut dice);
            let usual = |name: &str| name != "userAgent" && name.bytes().all(|byte| byte.is_ascii_alphabetic());
            record.retain(|name, value| usual(name) && !value.is_null());
            Value::Object(a_plain_record(n).into_iter().chain(record).collect())
        });
        let text = compact(&records.collect::<Vec<_>>());
        for filter in &filters()[1..] {
            if let Some(found) = Prefilter::new(filter).find(text.as_bytes()) {
                quick += 1;
                assert_eq!(found.len(), oracle(&text, filter).len());
            }
        }
    }
    assert!(quick > 400 * 6 / 3, "only {quick} of 2400; the rest was read from the beginning");
}

#[test]
fn a_file_without_a_candidate_is_not_parsed_and_one_that_may_hide_one_is() {
    let filter = &filters()[1];
    let broken_inside = r#"{"Records":[{"eventName":"Decrypt","x":}]}"#;
    assert_eq!(FileReader::new(filter, false).read("f", broken_inside.as_bytes()).problems, []);
    for hiding in [
        r#"{"Records":[{"eventN\u0061me":"CreateEndpoint","x":}]}"#,
        r#"{"Records":[{"eventName":"Create\u0045ndpoint","x":}]}"#,
        r#"{"Records":[{"eventName":"CreateEndpoint","x":}]}"#,
        r#"[{"eventName":"Decrypt","x":}]"#,
        r#"{"Records":[{"eventName":"Decrypt"}"#,
    ] {
        assert_ne!(FileReader::new(filter, false).read("f", hiding.as_bytes()).problems, [], "{hiding}");
    }
}

#[test]
fn what_is_wrong_is_told_with_its_place_and_leaves_the_rest() {
    let good = |n: u32| Value::Object(a_plain_record(n)).to_string();
    let mut text = format!(r#"{{"Records":[{},{{"eventID":7}},7,{{"a":"x"#, good(1)).into_bytes();
    text.extend(b"\xff\"},");
    text.extend(format!(r#"{{"a":nope}},{}]}}"#, good(2)).bytes());
    let content = FileReader::new(&filters()[0], false).read("AWSLogs/f.json.gz", &gzip(&text));
    assert_eq!(ids(&content), ["forged-1", "forged-2"]);
    let told: Vec<String> = content.problems.iter().map(ToString::to_string).collect();
    assert_eq!(told[0], "`AWSLogs/f.json.gz`, record 2: eventName is missing");
    assert_eq!(told[1], "`AWSLogs/f.json.gz`, record 3: not an object");
    assert!(told[2].starts_with("`AWSLogs/f.json.gz`, record 4: not UTF-8"), "{}", told[2]);
    assert!(told[3].starts_with("`AWSLogs/f.json.gz`, record 5: not JSON"), "{}", told[3]);
    assert_eq!(told.len(), 4);
}

#[test]
fn a_file_full_of_problems_tells_some_and_counts_the_rest() {
    let text = format!("[{}]", vec!["{}"; 500].join(","));
    let content = FileReader::new(&filters()[0], false).read("f", text.as_bytes());
    assert_eq!(content.problems.len(), TOLD + 1);
    assert_eq!(content.problems[TOLD].reason, "480 more of its records could not be read");
}

#[test]
fn a_file_that_cannot_be_inflated_is_one_problem() {
    let whole = gzip(compact(&[]).as_bytes());
    for (stored, reason) in [
        (&whole[..whole.len() - 9], "damaged"),
        (&[whole.as_slice(), &whole].concat(), "unexpected data after the end"),
    ] {
        let content = FileReader::new(&filters()[0], true).read("f", stored);
        assert!(content.problems[0].reason.contains(reason), "{:?}", content.problems);
        assert_eq!((content.problems.len(), content.sha256), (1, None));
    }
}

#[test]
fn the_hash_is_over_what_was_inflated() {
    let text = compact(&[]);
    let hash = |stored: &[u8]| FileReader::new(&Filter::default(), true).read("f", stored).sha256;
    assert_eq!(hash(&gzip(text.as_bytes())), hash(text.as_bytes()));
    assert_eq!(hash(text.as_bytes()), Some(Sha256::of(text.as_bytes())));
}
