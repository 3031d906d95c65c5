//! From a policy file to a [`Policy`]: every section is read to its end, so that all mistakes are reported at once.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;

use super::mistake::{Mistake, PolicyError};
use super::raw::{Notes, Section};
use super::{
    Policy, Profile, ScopeRules, Selector, Stage, StageRules, TagRules, archive, change, cost, elsewhere, manifest,
    organization, pattern, sink, waiver,
};
use crate::collect::Pace;
use crate::sha256::Sha256;

/// The commented file with every default, as `countersign policy init` writes it.
pub const TEMPLATE: &str = include_str!("default.toml");

/// The days that a policy is checked against.
#[derive(Clone, Copy, Debug)]
pub struct Dates {
    /// A waiver's longest life counts from here.
    pub today: Timestamp,
    /// A waiver has expired if it ends before this instant.
    pub as_of: Timestamp,
}

/// A policy that can be used, with what its author should know.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The policy.
    pub policy: Policy,
    /// Not mistakes, but worth a look: expired waivers.
    pub warnings: Vec<Mistake>,
}

impl Policy {
    /// Reads and checks a file.
    ///
    /// # Errors
    /// If it cannot be read, or holds mistakes: then all of them are in the error.
    pub fn load(path: &Path, dates: &Dates) -> Result<Checked, PolicyError> {
        let text = std::fs::read_to_string(path).map_err(|source| PolicyError::Io { path: path.to_owned(), source })?;
        Self::parse(&text, &path.display().to_string(), dates)
    }

    /// Checks the text of a file; `origin` stands for it in errors and reports.
    ///
    /// # Errors
    /// If it holds mistakes: then all of them are in the error.
    pub fn parse(text: &str, origin: &str, dates: &Dates) -> Result<Checked, PolicyError> {
        let notes = Notes::new(text);
        let table = notes.parse();
        let (mut policy, mut warnings) = (Self::default(), Vec::new());
        policy.read(Section::new("the file", 0, table.get_ref(), &notes), dates, &mut warnings);
        drop(table);
        let mistakes = notes.finish();
        if !mistakes.is_empty() {
            return Err(PolicyError::Mistakes { file: origin.to_owned(), mistakes });
        }
        policy.origin = Some(origin.to_owned());
        policy.hash = Sha256::of(text.as_bytes()).to_string();
        Ok(Checked { policy, warnings })
    }

    fn read(&mut self, mut file: Section<'_>, dates: &Dates, warnings: &mut Vec<Mistake>) {
        if let Some(value) = file.take("profile") {
            let read = |text: &str| match text {
                "standard" => Some(Profile::Standard),
                "regulated" => Some(Profile::Regulated),
                _ => None,
            };
            let profile = value.parsed("`standard` or `regulated`", "write one of the two", read);
            self.profile = profile.unwrap_or_default();
        }
        if let Some(section) = file.section("scope") {
            self.scope = scope(section);
        }
        if let Some(section) = file.section("tags") {
            self.tags = tags(section, std::mem::take(&mut self.tags));
        }
        if let Some(section) = file.section("thresholds") {
            self.thresholds.read(section);
        }
        if let Some(section) = file.section("stage") {
            self.stage = stage(section, std::mem::take(&mut self.stage));
        }
        self.accounts = elsewhere::accounts(file.sections("account"));
        if let Some(section) = file.section("trail") {
            self.log_files = elsewhere::log_files(section);
        }
        if let Some(mut section) = file.section("evidence") {
            self.evidence.checksums = section.flag("checksums").unwrap_or_default();
            self.evidence.metrics = section.flag("metrics").unwrap_or(true);
            section.finish(at_the_top);
        }
        self.archive = file.section("archive").and_then(archive::read);
        self.sinks = file.sections("sink").into_iter().filter_map(sink::read).collect();
        if let Some(section) = file.section("organization") {
            self.organization = organization::read(section);
        }
        if let Some(section) = file.section("cost") {
            self.cost = cost::read(section);
        }
        if let Some(section) = file.section("pace") {
            read_pace(&mut self.pace, section);
        }
        self.models = manifest::read(file.sections("model"), dates.today);
        let longest = self.thresholds.waiver_days;
        let waivers = file.sections("waiver").into_iter();
        self.waivers = waivers.filter_map(|section| waiver::read(section, longest, dates, warnings)).collect();
        self.changes = file.sections("change").into_iter().filter_map(change::read).collect();
        file.finish(|key| match key {
            "models" | "manifest" => Some("in a `[[model]]`"),
            "waivers" => Some("in a `[[waiver]]`"),
            "changes" | "declared_changes" => Some("in a `[[change]]`"),
            "sinks" | "publish" | "target" => Some("in a `[[sink]]`"),
            "accounts" | "role_arn" | "external_id" => Some("in an `[[account]]`"),
            "sources" | "since" => Some("in `[trail]`"),
            "checksums" | "metrics" => Some("in `[evidence]`"),
            "location" | "retain_days" | "retention" => Some("in `[archive]`"),
            "regions" | "include" | "exclude" => Some("in `[scope]`"),
            "member_role" | "ous" | "concurrency" => Some("in `[organization]`"),
            "required" | "owner" | "cost_center" | "allowed" => Some("in `[tags]`"),
            _ => None,
        });
    }
}

/// Where a key belongs that stands in a section although it is meant for the whole file.
pub(super) fn at_the_top(key: &str) -> Option<&'static str> {
    (key == "profile").then_some("at the top of the file, before the first `[section]`")
}

fn scope(mut section: Section<'_>) -> ScopeRules {
    let regions = section.take("regions").map(|value| value.items()).unwrap_or_default();
    let regions = regions.iter().filter_map(|value| {
        value.parsed("a region", "write it like `eu-central-1`", |text| {
            pattern::is_region(text).then(|| text.to_owned())
        })
    });
    let mut rules = ScopeRules { regions: regions.collect(), ..ScopeRules::default() };
    for (key, selectors) in [("include", &mut rules.include), ("exclude", &mut rules.exclude)] {
        let values = section.take(key).map(|value| value.items()).unwrap_or_default();
        *selectors = values.iter().filter_map(selector).collect();
    }
    section.finish(at_the_top);
    rules
}

fn selector(value: &super::raw::Value<'_>) -> Option<Selector> {
    let advice = "write a name with letters, digits, hyphens, `*` and `?`, or `tag:key=value`";
    value.parsed("an endpoint name pattern or a tag", advice, Selector::parse)
}

fn tags(mut section: Section<'_>, defaults: TagRules) -> TagRules {
    let allowed = section.section("allowed").map(Section::entries).unwrap_or_default().into_iter();
    let rules = TagRules {
        required: section.texts("required").unwrap_or(defaults.required),
        owner: section.texts("owner").unwrap_or(defaults.owner),
        cost_center: section.texts("cost_center").unwrap_or(defaults.cost_center),
        allowed: allowed.map(|(key, value)| (key, value.texts())).collect(),
    };
    section.finish(at_the_top);
    rules
}

fn stage(mut section: Section<'_>, defaults: StageRules) -> StageRules {
    let accounts = section.section("accounts").map(Section::entries).unwrap_or_default().into_iter();
    let accounts: BTreeMap<String, Stage> = accounts
        .filter_map(|(account, value)| {
            if !pattern::is_account(&account) {
                value.wrong(
                    format!("`{account}` is not an account"),
                    "write its twelve digits in quotes, like `\"111122223333\" = \"production\"`",
                );
            }
            Some((account, manifest::stage(&value)?))
        })
        .collect();
    let names = section.section("names").map(Section::entries).unwrap_or_default().into_iter();
    let names = names
        .filter_map(|(name, value)| {
            if !pattern::is_pattern(&name) {
                value.wrong(format!("`{name}` is not an endpoint name pattern"), pattern::ADVICE);
            }
            Some((name, manifest::stage(&value)?))
        })
        .collect();
    let rules = StageRules {
        accounts,
        tags: section.texts("tags").unwrap_or(defaults.tags),
        names,
        default: section.take("default").and_then(|value| manifest::stage(&value)).unwrap_or(defaults.default),
    };
    section.finish(at_the_top);
    rules
}

fn read_pace(pace: &mut Pace, mut section: Section<'_>) {
    // Quotas differ: AWS raises some on request, and an emulator has none. So the upper end is only a guard.
    for (key, rate) in [
        ("lookup_events_per_second", &mut pace.lookup_events_per_second),
        ("cloudwatch_per_second", &mut pace.cloudwatch_per_second),
        ("sagemaker_per_second_throttled", &mut pace.sagemaker_per_second_throttled),
        ("others_per_second", &mut pace.others_per_second),
    ] {
        *rate = section.take(key).and_then(|value| value.number(0.1..=1_000.0)).unwrap_or(*rate);
    }
    for (key, most, count) in
        [("sagemaker_in_flight", 64, &mut pace.sagemaker_in_flight), ("attempts", 20, &mut pace.attempts)]
    {
        let read = section.whole(key, 1..=most).and_then(|number| u32::try_from(number).ok());
        *count = read.unwrap_or(*count);
    }
    section.finish(at_the_top);
}

#[cfg(test)]
#[path = "valid_tests.rs"]
mod tests;
