//! What the function is told by its environment, checked at once: every mistake is named before anything is read.

use crate::archive::Place;
use crate::evidence::S3Location;
use crate::policy::pattern;
use crate::publish::Target;

/// What the function is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// `COUNTERSIGN_POLICY`: a file in the package, or an object.
    pub policy: Option<Place>,
    /// `COUNTERSIGN_ARCHIVE`: where evidence is remembered.
    pub archive: Option<Place>,
    /// `COUNTERSIGN_PUBLISH`: targets, apart by white space.
    pub publish: Vec<Target>,
    /// `COUNTERSIGN_STATE`: events that were seen, gates that were told of, parts of organizations' runs.
    pub state: Option<S3Location>,
    /// `COUNTERSIGN_READER_ROLE`: who reads the estate; without one, the function itself.
    pub reader_role: Option<String>,
    /// `COUNTERSIGN_MEMBER_ROLE`: name of the role in each account of an organization.
    pub member_role: Option<String>,
    /// `COUNTERSIGN_EXTERNAL_ID`: what those roles ask for.
    pub external_id: Option<String>,
    /// `COUNTERSIGN_REGIONS`: regions to read, apart by white space.
    pub regions: Vec<String>,
}

/// One setting that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The variable.
    pub variable: &'static str,
    /// What is wrong, and what to write.
    pub problem: String,
}

/// Settings that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(|it| format!("{}: {}", it.variable, it.problem)).collect::<Vec<_>>().join("; "))]
pub struct SettingsError(pub Vec<Mistake>);

/// What the runtime of Lambda sets by itself, and its client cannot do without.
const RUNTIME: [&str; 4] = [
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
];

impl Settings {
    /// Reads them; `variable` looks one up. An empty one counts as unset, as CloudFormation's conditions leave it.
    ///
    /// # Errors
    /// If any of them cannot be used: then all mistakes are in the error.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let mut mistakes = Vec::new();
        let mut wrong = |variable, problem: String| mistakes.push(Mistake { variable, problem });
        let get = |name| variable(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());

        for name in RUNTIME {
            if get(name).is_none() {
                wrong(name, "is not set, though Lambda sets it; the program was not started by Lambda".to_owned());
            }
        }
        let mut place = |name: &'static str| {
            let text = get(name)?;
            let place = Place::parse(&text);
            if place.is_none() {
                wrong(name, format!("`{text}` is no place; write `s3://bucket/key`, or the path of a file"));
            }
            place
        };
        let (policy, archive) = (place("COUNTERSIGN_POLICY"), place("COUNTERSIGN_ARCHIVE"));
        let state = get("COUNTERSIGN_STATE").and_then(|text| {
            let state = S3Location::parse(&text);
            if state.is_none() {
                wrong("COUNTERSIGN_STATE", format!("`{text}` is no prefix of a bucket; write `s3://bucket/prefix`"));
            }
            state
        });
        let reader_role = get("COUNTERSIGN_READER_ROLE");
        if let Some(role) = reader_role.as_ref().filter(|role| !is_role_arn(role)) {
            wrong(
                "COUNTERSIGN_READER_ROLE",
                format!("`{role}` is no role; write `arn:aws:iam::111122223333:role/reader`"),
            );
        }
        let member_role = get("COUNTERSIGN_MEMBER_ROLE");
        if let Some(role) = member_role.as_ref().filter(|role| !is_role_name(role)) {
            wrong(
                "COUNTERSIGN_MEMBER_ROLE",
                format!("`{role}` is no name of a role; write it without its ARN, with its path if it has one"),
            );
        }
        let regions = words(get("COUNTERSIGN_REGIONS"));
        for region in regions.iter().filter(|region| !pattern::is_region(region)) {
            wrong("COUNTERSIGN_REGIONS", format!("`{region}` is no region; write them like `eu-central-1 us-east-1`"));
        }
        let external_id = get("COUNTERSIGN_EXTERNAL_ID");
        if external_id.is_some() && reader_role.is_none() && member_role.is_none() {
            wrong(
                "COUNTERSIGN_EXTERNAL_ID",
                "is set, but no role is assumed; set `COUNTERSIGN_READER_ROLE` or `COUNTERSIGN_MEMBER_ROLE` too"
                    .to_owned(),
            );
        }
        let mut publish = Vec::new();
        for text in words(get("COUNTERSIGN_PUBLISH")) {
            // What is no target may be a secret: it is not repeated.
            match text.parse::<Target>() {
                Ok(target) => publish.push(target),
                Err(error) => wrong("COUNTERSIGN_PUBLISH", error.to_string()),
            }
        }
        let settings = Self { policy, archive, publish, state, reader_role, member_role, external_id, regions };
        if mistakes.is_empty() { Ok(settings) } else { Err(SettingsError(mistakes)) }
    }
}

/// Words apart by white space or commas, each once.
fn words(text: Option<String>) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.unwrap_or_default().split([' ', '\t', '\n', '\r', ',']).filter(|word| !word.is_empty()) {
        if words.iter().all(|known| known != word) {
            words.push(word.to_owned());
        }
    }
    words
}

fn is_role_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    matches!(parts.as_slice(), ["arn", partition, "iam", "", account, role]
        if partition.starts_with("aws") && pattern::is_account(account) && role.strip_prefix("role/").is_some_and(is_role_name))
}

/// Letters, digits and `+=,.@_-`, with a path or without.
/// Source: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html>
fn is_role_name(text: &str) -> bool {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "+=,.@_-/".contains(letter);
    !text.is_empty() && text.len() <= 576 && !text.starts_with('/') && !text.ends_with('/') && text.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(given: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        Settings::read(|name| {
            let set = given.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
            set.or_else(|| RUNTIME.contains(&name).then(|| "1".to_owned()))
        })
    }

    #[test]
    fn everything_is_optional_and_lists_are_apart_by_white_space() {
        assert_eq!(read(&[]).unwrap(), Settings::default());
        let settings = read(&[
            ("COUNTERSIGN_POLICY", "s3://conf/countersign.toml"),
            ("COUNTERSIGN_ARCHIVE", "s3://evidence/a"),
            ("COUNTERSIGN_PUBLISH", "s3://reports/x\n  metrics metrics "),
            ("COUNTERSIGN_STATE", "s3://reports/state"),
            ("COUNTERSIGN_READER_ROLE", "arn:aws:iam::111122223333:role/path/reader"),
            ("COUNTERSIGN_MEMBER_ROLE", "countersign-reader"),
            ("COUNTERSIGN_EXTERNAL_ID", "tenant-7"),
            ("COUNTERSIGN_REGIONS", "eu-central-1 us-east-1,eu-central-1"),
        ])
        .unwrap();
        let targets: Vec<String> = settings.publish.iter().map(ToString::to_string).collect();
        assert_eq!(targets, ["s3://reports/x", "metrics"]);
        assert_eq!(settings.regions, ["eu-central-1", "us-east-1"]);
        assert_eq!(settings.state.unwrap().to_string(), "s3://reports/state");
        assert!(matches!(settings.policy, Some(Place::Bucket(_))));
        assert_eq!(read(&[("COUNTERSIGN_POLICY", " ")]).unwrap().policy, None, "empty is unset");
    }

    #[test]
    fn every_mistake_is_told_at_once_with_its_variable() {
        let error = read(&[
            ("AWS_LAMBDA_FUNCTION_NAME", ""),
            ("COUNTERSIGN_POLICY", "https://conf"),
            ("COUNTERSIGN_STATE", "/tmp/state"),
            ("COUNTERSIGN_READER_ROLE", "reader"),
            ("COUNTERSIGN_MEMBER_ROLE", "arn:aws:iam::111122223333:role/member"),
            ("COUNTERSIGN_PUBLISH", "metrics https://hooks.slack.com/services/T0/B0/geheim"),
            ("COUNTERSIGN_REGIONS", "frankfurt eu-central-1"),
        ])
        .unwrap_err();
        assert!(!error.to_string().contains("geheim"), "{error}");
        let variables: Vec<&str> = error.0.iter().map(|mistake| mistake.variable).collect();
        assert_eq!(
            variables,
            [
                "AWS_LAMBDA_FUNCTION_NAME",
                "COUNTERSIGN_POLICY",
                "COUNTERSIGN_STATE",
                "COUNTERSIGN_READER_ROLE",
                "COUNTERSIGN_MEMBER_ROLE",
                "COUNTERSIGN_REGIONS",
                "COUNTERSIGN_PUBLISH"
            ]
        );
        assert!(error.to_string().contains("COUNTERSIGN_REGIONS: `frankfurt` is no region"), "{error}");
        let alone = read(&[("COUNTERSIGN_EXTERNAL_ID", "x")]).unwrap_err();
        assert!(alone.to_string().contains("no role is assumed"), "{alone}");
    }
}
