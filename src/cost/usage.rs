//! Usage types as bills write them, such as `EUC1-Host:ml.m5.xlarge`: region, kind of work and what is counted.
//!
//! Source: <https://docs.aws.amazon.com/sagemaker/latest/dg/inference-cost-optimization.html> and the attribute `usagetype` of
//! the price list.

/// Kinds of work that are billed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Instances that answer requests at once.
    Hosting,
    /// Instances behind a queue.
    Asynchronous,
    /// Seconds of serverless endpoints.
    Serverless,
    /// Instances of batch transform jobs.
    Batch,
    /// Training.
    Training,
    /// Processing, which monitoring is, too.
    Processing,
    /// Notebook instances.
    Notebooks,
    /// Studio.
    Studio,
    /// Bedrock: tokens and model units.
    Bedrock,
    /// Volumes of whatever they belong to.
    Storage,
    /// All else.
    Other,
}

impl Kind {
    /// As a report names it. Where instances stand behind a queue, they host all the same.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Hosting | Self::Asynchronous => "hosting",
            Self::Serverless => "serverless",
            Self::Batch => "batch transform",
            Self::Training => "training",
            Self::Processing => "processing",
            Self::Notebooks => "notebooks",
            Self::Studio => "studio",
            Self::Bedrock => "bedrock",
            Self::Storage => "storage",
            Self::Other => "other",
        }
    }
}

/// A usage type, read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Usage<'u> {
    /// Region; `None` where its abbreviation is not known here.
    pub(super) region: Option<&'static str>,
    /// What it is for.
    pub(super) kind: Kind,
    /// What is counted, such as `ml.m5.xlarge` or `Mem-4GB`.
    pub(super) item: &'u str,
}

impl<'u> Usage<'u> {
    /// Reads a usage type. What is not understood is of another kind.
    pub(super) fn read(text: &'u str) -> Self {
        let (region, rest) = match text.split_once('-') {
            Some((prefix, rest)) if is_region(prefix) => (region(prefix), rest),
            _ => (Some("us-east-1"), text),
        };
        let (work, item) = rest.split_once(':').unwrap_or((rest, ""));
        Self { region, kind: kind(work, item), item }
    }
}

fn kind(work: &str, item: &str) -> Kind {
    const STARTS: &[(&str, Kind)] = &[
        ("Host", Kind::Hosting),
        ("AsyncInf", Kind::Asynchronous),
        ("ServerlessInf", Kind::Serverless),
        ("Tsform", Kind::Batch),
        ("BatchTransform", Kind::Batch),
        ("Train", Kind::Training),
        ("Process", Kind::Processing),
        ("Notebk", Kind::Notebooks),
        ("Studio", Kind::Studio),
        ("UnifiedStudio", Kind::Studio),
    ];
    const BEDROCK: &[&str] =
        &["token", "bedrock", "modelunit", "provisionedthroughput", "guardrail", "claude", "titan", "nova", "llama"];
    if item.contains("VolumeUsage") || work.contains("VolumeUsage") {
        return Kind::Storage;
    }
    let (folded, all) = (work.to_lowercase(), format!("{work}:{item}").to_lowercase());
    let started = STARTS.iter().find(|(start, _)| folded.starts_with(&start.to_lowercase()));
    match started {
        Some((_, kind)) => *kind,
        None if BEDROCK.iter().any(|word| all.contains(word)) => Kind::Bedrock,
        None => Kind::Other,
    }
}

/// Whether something looks like the abbreviation of a region: `EU`, `USE1`, `APS10`.
fn is_region(prefix: &str) -> bool {
    let letters = prefix.trim_end_matches(|it: char| it.is_ascii_digit());
    (2..=4).contains(&letters.len())
        && letters.chars().all(|letter| letter.is_ascii_uppercase())
        && (letters.len() < prefix.len() || prefix == "EU")
}

/// The region that bills abbreviate so.
///
/// Source: <https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html> and the price list, in which
/// each product carries its region beside its usage type.
fn region(prefix: &str) -> Option<&'static str> {
    const REGIONS: &[(&str, &str)] = &[
        ("USE1", "us-east-1"),
        ("USE2", "us-east-2"),
        ("USW1", "us-west-1"),
        ("USW2", "us-west-2"),
        ("UGE1", "us-gov-east-1"),
        ("UGW1", "us-gov-west-1"),
        ("CAN1", "ca-central-1"),
        ("CAN2", "ca-west-1"),
        ("MXC1", "mx-central-1"),
        ("SAE1", "sa-east-1"),
        ("EU", "eu-west-1"),
        ("EUW1", "eu-west-1"),
        ("EUW2", "eu-west-2"),
        ("EUW3", "eu-west-3"),
        ("EUC1", "eu-central-1"),
        ("EUC2", "eu-central-2"),
        ("EUN1", "eu-north-1"),
        ("EUS1", "eu-south-1"),
        ("EUS2", "eu-south-2"),
        ("AFS1", "af-south-1"),
        ("ILC1", "il-central-1"),
        ("MEC1", "me-central-1"),
        ("MES1", "me-south-1"),
        ("APE1", "ap-east-1"),
        ("APE2", "ap-east-2"),
        ("APN1", "ap-northeast-1"),
        ("APN2", "ap-northeast-2"),
        ("APN3", "ap-northeast-3"),
        ("APS1", "ap-southeast-1"),
        ("APS2", "ap-southeast-2"),
        ("APS3", "ap-south-1"),
        ("APS4", "ap-southeast-3"),
        ("APS5", "ap-south-2"),
        ("APS6", "ap-southeast-4"),
        ("APS7", "ap-southeast-5"),
        ("CNN1", "cn-north-1"),
        ("CNW1", "cn-northwest-1"),
    ];
    REGIONS.iter().find(|(short, _)| *short == prefix).map(|(_, region)| *region)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_types_say_region_kind_and_what_is_counted() {
        let cases = [
            ("USE1-Host:ml.m5.xlarge", Some("us-east-1"), Kind::Hosting, "ml.m5.xlarge"),
            ("Host:ml.m5.large", Some("us-east-1"), Kind::Hosting, "ml.m5.large"),
            ("EU-Host:ml.g5.xlarge", Some("eu-west-1"), Kind::Hosting, "ml.g5.xlarge"),
            ("EUC1-AsyncInf:ml.c5.9xlarge", Some("eu-central-1"), Kind::Asynchronous, "ml.c5.9xlarge"),
            ("EUC1-ServerlessInf:Mem-4GB", Some("eu-central-1"), Kind::Serverless, "Mem-4GB"),
            ("EUC1-Tsform:ml.m5.xlarge", Some("eu-central-1"), Kind::Batch, "ml.m5.xlarge"),
            ("EUC1-Train:ml.m5.xlarge", Some("eu-central-1"), Kind::Training, "ml.m5.xlarge"),
            ("EUC1-Processing:ml.m5.xlarge", Some("eu-central-1"), Kind::Processing, "ml.m5.xlarge"),
            ("EUC1-Notebk:ml.t3.medium", Some("eu-central-1"), Kind::Notebooks, "ml.t3.medium"),
            (
                "EUC1-Studio:KernelGateway-ml.t3.medium",
                Some("eu-central-1"),
                Kind::Studio,
                "KernelGateway-ml.t3.medium",
            ),
            ("EUC1-Host:VolumeUsage.gp2", Some("eu-central-1"), Kind::Storage, "VolumeUsage.gp2"),
            ("USE1-Claude3Haiku-input-tokens", Some("us-east-1"), Kind::Bedrock, ""),
            ("XXX9-Host:ml.m5.xlarge", None, Kind::Hosting, "ml.m5.xlarge"),
            ("NoUsageType", Some("us-east-1"), Kind::Other, ""),
            ("", Some("us-east-1"), Kind::Other, ""),
        ];
        for (text, region, kind, item) in cases {
            assert_eq!(Usage::read(text), Usage { region, kind, item }, "{text}");
        }
    }
}
