//! Commands that put an endpoint on other hosting without losing the rest of its config.
//!
//! Source: <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateEndpoint.html>

use crate::estate::{LiveVersion, remedy};

/// The longest name of a config.
/// Source: <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html>
const LONGEST: usize = 63;

/// A copy of the config under a new name with one variant changed, as commands up to the file `config.json`.
///
/// The copy keeps data capture, encryption and all other variants; `jq` edits it. `change` is a filter of `jq` over the
/// variant.
fn copied(live: &LiveVersion<'_>, ending: &str, change: &str) -> Option<(String, String)> {
    let config = &live.config.found()?.data.name;
    let variant = &live.settings?.name;
    let name = named(config, ending);
    let describe = remedy::line("sagemaker describe-endpoint-config", live.region, &["--endpoint-config-name", config]);
    let filter = "del(.EndpointConfigArn, .CreationTime) | .EndpointConfigName = $name \
                  | (.ProductionVariants[] | select(.VariantName == $variant)) |= (";
    let words = ["--arg", "name", &name, "--arg", "variant", variant, &format!("{filter}{change})")].map(remedy::shell);
    let jq = format!("jq {}", words.join(" "));
    let create =
        remedy::line("sagemaker create-endpoint-config", live.region, &["--cli-input-json", "file://config.json"]);
    Some((name, format!("{describe} --output json | {jq} > config.json && {create}")))
}

/// The command that puts an endpoint on a changed copy of its config.
pub(super) fn changed(live: &LiveVersion<'_>, ending: &str, change: &str) -> Option<String> {
    let (name, copy) = copied(live, ending, change)?;
    let endpoint = &live.endpoint?.data.name;
    // Counts that autoscaling has reached stay: without the last word AWS goes back to those of the config.
    let words = ["--endpoint-name", endpoint, "--endpoint-config-name", &name, "--retain-all-variant-properties"];
    Some(format!("{copy} && {}", remedy::line("sagemaker update-endpoint", live.region, &words)))
}

/// The command that makes another endpoint of a changed copy of its config.
pub(super) fn another(live: &LiveVersion<'_>, ending: &str, change: &str) -> Option<String> {
    let (name, copy) = copied(live, ending, change)?;
    let endpoint = named(&live.endpoint?.data.name, ending);
    let words = ["--endpoint-name", &endpoint, "--endpoint-config-name", &name];
    Some(format!("{copy} && {}", remedy::line("sagemaker create-endpoint", live.region, &words)))
}

/// A name with an ending that keeps to what names may be.
fn named(name: &str, ending: &str) -> String {
    let ending: String = ending.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let room = LONGEST.saturating_sub(ending.len() + 1);
    let start: String = name.chars().take(room).collect();
    format!("{}-{ending}", start.trim_end_matches('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_within_what_aws_takes() {
        assert_eq!(named("fraud", "ml.m5.large"), "fraud-ml-m5-large");
        let long = named(&"a-".repeat(40), "serverless");
        assert!(long.len() <= LONGEST && long.ends_with("a-serverless"), "{long}");
    }
}
