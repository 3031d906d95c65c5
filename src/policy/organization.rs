//! `[organization]`: which accounts a run over an organization reads, and by which role.

use super::pattern;
use super::raw::{Section, Value};
use crate::organization::Rules;

/// Most units of work that may be under way at a time: each keeps what it reads in memory.
const MOST: i64 = 64;

/// Reads the section.
pub(super) fn read(mut section: Section<'_>) -> Rules {
    let none = Rules::default();
    let role = section.take("member_role").and_then(|value| {
        let advice = "write its name, such as `countersign-reader`, with its path if it has one, and not its ARN";
        value.parsed("the name of a role", advice, |text| is_role(text).then(|| text.to_owned()))
    });
    let external_id = section.text("external_id");
    let mut accounts = |key| selected(section.take(key), "an account", ACCOUNT, is_account);
    let (include, exclude) = (accounts("include"), accounts("exclude"));
    let ous = selected(section.take("ous"), "an organizational unit", UNIT, is_unit);
    let regions = selected(section.take("regions"), "a region", "write it like `eu-central-1`", pattern::is_region);
    let concurrency = section.whole("concurrency", 1..=MOST).and_then(|number| usize::try_from(number).ok());
    section.finish(|key| match key {
        "role_arn" | "role" => Some("as `member_role`, the name that the role has in every account"),
        "accounts" => Some("in `include`, or in `exclude`"),
        _ => None,
    });
    Rules {
        member_role: role.unwrap_or(none.member_role),
        external_id,
        include,
        exclude,
        ous,
        regions,
        concurrency: concurrency.unwrap_or(none.concurrency),
    }
}

const ACCOUNT: &str = "write its twelve digits in quotes, or a pattern of its name, like `*-production`";
const UNIT: &str = "write the id of a unit, like `ou-ab12-cd34ef56`, or of the root, like `r-ab12`";

fn selected(list: Option<Value<'_>>, what: &str, advice: &str, is: impl Fn(&str) -> bool) -> Vec<String> {
    let items = list.map(|value| value.items()).unwrap_or_default();
    items.iter().filter_map(|value| value.parsed(what, advice, |text| is(text).then(|| text.to_owned()))).collect()
}

/// Whether it may be the name of a role, with its path: what becomes part of an ARN.
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
pub(crate) fn is_role(text: &str) -> bool {
    let letter = |c: char| c.is_ascii_alphanumeric() || "+=,.@_-/".contains(c);
    let name = text.rsplit('/').next().unwrap_or_default();
    (1..=64).contains(&name.len()) && text.chars().all(letter) && !text.contains("//")
}

/// Digits alone are an account, and there are twelve of them; everything else is a pattern of a name.
pub(crate) fn is_account(text: &str) -> bool {
    pattern::is_account(text) || !text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
}

/// Whether it has the form of a unit's, or a root's, id.
/// Source: <https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccountsForParent.html>
pub(crate) fn is_unit(text: &str) -> bool {
    let word = |text: &str, least: usize| {
        (least..=32).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    match text.split('-').collect::<Vec<_>>().as_slice() {
        ["r", root] => word(root, 4),
        ["ou", root, unit] => word(root, 4) && word(unit, 8),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Checked, Dates, Mistake, Policy, PolicyError};

    fn parse(text: &str) -> Result<Checked, PolicyError> {
        let day: jiff::Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        Policy::parse(text, "countersign.toml", &Dates { today: day, as_of: day })
    }

    fn mistakes(text: &str) -> Vec<Mistake> {
        match parse(text) {
            Err(PolicyError::Mistakes { mistakes, .. }) => mistakes,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_organization_is_read_as_it_is_declared() {
        let rules = parse(
            "[organization]\nmember_role = \"audit/reader\"\nexternal_id = \"tenant-7\"\ninclude = [\"*-production\", \"111122223333\"]\n\
             exclude = [\"Old *\"]\nous = [\"ou-ab12-cd34ef56\", \"r-ab12\"]\nregions = [\"eu-west-1\"]\nconcurrency = 8\n",
        )
        .unwrap()
        .policy
        .organization;
        assert_eq!((rules.member_role.as_str(), rules.external_id.as_deref()), ("audit/reader", Some("tenant-7")));
        assert_eq!((rules.include.len(), rules.exclude.len(), rules.ous.len(), rules.concurrency), (2, 1, 2, 8));
        assert_eq!(rules.regions, ["eu-west-1"]);
    }

    #[test]
    fn mistakes_in_an_organization_are_all_told() {
        let text = "[organization]\nmember_role = \"arn:aws:iam::111122223333:role/x\"\ninclude = [\"1111-2222-3333\"]\n\
                    ous = [\"Production\"]\nconcurrency = 0\nrole_arn = \"x\"\nregions = [\"europe\"]\n";
        let told: Vec<String> = mistakes(text).iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 6, "{told:#?}");
        for word in
            ["the name of a role", "`1111-2222-3333`", "organizational unit", "from 1 to 64", "`role_arn`", "a region"]
        {
            assert!(told.iter().any(|line| line.contains(word)), "{word}: {told:#?}");
        }
    }
}
