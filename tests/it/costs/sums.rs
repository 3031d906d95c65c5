//! What the planted figures add up to, in whole micro-dollars and without any code of the agent: the truth of the estate says
//! what each day of each line was billed, how many instances ran, and what an hour of them is listed at.

use std::collections::BTreeMap;

use serde_json::Value;

/// A millionth of a dollar.
pub type Micro = i128;

/// Micro-dollars of a decimal text; what is finer than them must be nothing.
pub fn micro(text: &str) -> Micro {
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |text| (-1, text));
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let (kept, finer) = part.split_at(part.len().min(6));
    assert!(finer.bytes().all(|digit| digit == b'0'), "`{text}` is finer than a micro-dollar");
    sign * format!("{whole}{kept:0<6}").parse::<Micro>().unwrap_or_else(|_| panic!("`{text}` is no decimal"))
}

/// Days since the first of October 2026; the estate knows no other months than that and the one after it.
fn day(text: &str) -> i64 {
    let (month, day) = (&text[5..7], &text[8..10]);
    let before = match month {
        "10" => 0,
        "11" => 31,
        other => panic!("month {other} is not in the estate"),
    };
    before + day.parse::<i64>().expect("a day") - 1
}

/// The planted figures.
pub struct Planted<'t>(pub &'t Value);

/// One live version as it was planted.
pub struct Served<'t> {
    pub id: &'t str,
    pub source: Option<&'t str>,
    pub owner: Option<&'t str>,
    pub center: Option<&'t str>,
    pub group: &'t str,
    pub cost: Option<Micro>,
    pub estimate: Option<Micro>,
    pub monthly: Option<Micro>,
}

impl<'t> Planted<'t> {
    pub fn period(&self) -> (&'t str, &'t str) {
        let period = &self.0["period"];
        (text(&period["from"]), text(&period["until"]))
    }

    /// What was billed on the days from one until before another, of lines that fit.
    pub fn billed(&self, from: &str, until: &str, fits: impl Fn(&Value) -> bool) -> Micro {
        let days =
            |line: &Value| (day(until).min(day(text(&line["until"]))) - day(from).max(day(text(&line["from"])))).max(0);
        let lines = self.0["bill"].as_array().expect("a bill").iter().filter(|line| fits(line));
        lines.map(|line| whole(&line["daily"]) * Micro::from(days(line))).sum()
    }

    /// Every live version with its figures in the period.
    pub fn versions(&self) -> Vec<Served<'t>> {
        self.0["versions"].as_array().expect("versions").iter().map(|row| self.served(row)).collect()
    }

    fn served(&self, row: &'t Value) -> Served<'t> {
        let (from, until) = self.period();
        let instances = whole(&row["instances"]);
        let hourly = row["hourly"].as_i64().map(Micro::from);
        let hours = Micro::from(day(until) - day(from)) * 24;
        let estimate = hourly.map(|hourly| hourly * hours * instances);
        let same = |line: &Value, names: &[&str]| names.iter().all(|name| line[*name] == row[*name]);
        let cost = match row["source"].as_str() {
            Some("billed_by_resource") => {
                Some(self.billed(from, until, |line| same(line, &["resource", "usage_type"])))
            }
            Some("billed_by_tag") => {
                let all = self
                    .billed(from, until, |line| line["resource"].is_null() && same(line, &["usage_type", "center"]));
                let sharing = self.0["versions"].as_array().expect("versions").iter();
                let sharing = sharing.filter(|other| same(other, &["source", "usage_type", "center"]));
                let together: Micro = sharing.map(|other| whole(&other["instances"])).sum();
                assert_eq!(all * instances % together, 0, "the planted figures divide without a rest");
                Some(all * instances / together)
            }
            Some("estimate") => estimate,
            _ => None,
        };
        let monthly = hourly.map(|hourly| hourly * 730 * instances);
        Served {
            id: text(&row["id"]),
            source: row["source"].as_str(),
            owner: row["owner"].as_str(),
            center: row["center"].as_str().filter(|center| !center.is_empty()),
            group: text(&row["group"]),
            cost,
            estimate,
            monthly,
        }
    }

    /// What the known costs add up to for each key, and how many are not known.
    pub fn rolled_up<'k>(
        &self,
        key: impl Fn(&Served<'t>) -> Option<&'k str>,
    ) -> BTreeMap<Option<String>, (Micro, u64)> {
        let mut rows = BTreeMap::new();
        for served in self.versions() {
            let row: &mut (Micro, u64) = rows.entry(key(&served).map(str::to_owned)).or_default();
            match served.cost {
                Some(cost) => row.0 += cost,
                None => row.1 += 1,
            }
        }
        rows
    }

    /// The kind of work that a line of the bill is for.
    pub fn kind(line: &Value) -> &'static str {
        let usage = text(&line["usage_type"]);
        match usage.strip_prefix("USE1-").unwrap_or(usage) {
            _ if line["service"] == "Amazon Bedrock" => "bedrock",
            usage if usage.contains("VolumeUsage") => "storage",
            usage if usage.starts_with("Host:") => "hosting",
            usage if usage.starts_with("Train:") => "training",
            usage if usage.starts_with("Processing:") => "processing",
            usage if usage.starts_with("Notebk:") => "notebooks",
            other => panic!("what is `{other}`?"),
        }
    }
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

fn whole(value: &Value) -> Micro {
    Micro::from(value.as_i64().expect("a whole number"))
}
