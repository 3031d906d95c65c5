//! How many virtual CPUs and GPUs instances have, since SageMaker counts utilization for each of them.
//!
//! `CPUUtilization` ranges up to 100 % times the number of CPUs, `GPUUtilization` up to 100 % times the number of GPUs, so
//! a threshold means nothing without them. A type that is not in the table stays unknown.
//! Source: <https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html>,
//! <https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html>

/// What an instance has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InstanceType {
    /// Virtual CPUs.
    pub(crate) vcpus: u32,
    /// GPUs. Inferentia and Trainium are none: they have metrics of their own.
    pub(crate) gpus: u32,
}

/// Families without GPUs, with their sizes. A size of `n` times `xlarge` has four virtual CPUs for each.
const PLAIN: &[(&str, &[&str])] = &[
    ("t2", &["medium", "large", "xlarge", "2xlarge"]),
    ("t3", &["medium", "large", "xlarge", "2xlarge"]),
    ("m4", &["xlarge", "2xlarge", "4xlarge", "10xlarge", "16xlarge"]),
    ("m5", INTEL_5),
    ("m5d", INTEL_5),
    ("r5", INTEL_5),
    ("r5d", INTEL_5),
    ("m6i", INTEL_6),
    ("m6id", INTEL_6),
    ("r6i", INTEL_6),
    ("r6id", INTEL_6),
    ("c6i", INTEL_6),
    ("c6id", INTEL_6),
    ("m7i", INTEL_7),
    ("r7i", INTEL_7),
    ("c7i", INTEL_7),
    ("m8i", INTEL_7),
    ("m6g", GRAVITON),
    ("m6gd", GRAVITON),
    ("r6g", GRAVITON),
    ("r6gd", GRAVITON),
    ("c6g", GRAVITON),
    ("c6gd", GRAVITON),
    ("c6gn", GRAVITON),
    ("m7g", GRAVITON),
    ("r7g", GRAVITON),
    ("r7gd", GRAVITON),
    ("c7g", GRAVITON),
    ("m8g", GRAVITON_8),
    ("r8g", GRAVITON_8),
    ("c8g", GRAVITON_8),
    ("c4", &["large", "xlarge", "2xlarge", "4xlarge", "8xlarge"]),
    ("c5", COMPUTE_5),
    ("c5d", COMPUTE_5),
    ("c5n", &["large", "xlarge", "2xlarge", "4xlarge", "9xlarge", "18xlarge"]),
    ("inf1", &["xlarge", "2xlarge", "6xlarge", "24xlarge"]),
    ("inf2", &["xlarge", "8xlarge", "24xlarge", "48xlarge"]),
    ("trn1", &["2xlarge", "32xlarge"]),
    ("trn1n", &["32xlarge"]),
    ("trn2", &["3xlarge", "48xlarge"]),
];

const INTEL_5: &[&str] = &["large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge"];
const COMPUTE_5: &[&str] = &["large", "xlarge", "2xlarge", "4xlarge", "9xlarge", "12xlarge", "18xlarge", "24xlarge"];
const INTEL_6: &[&str] =
    &["large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge", "32xlarge"];
const INTEL_7: &[&str] =
    &["large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge", "48xlarge"];
const GRAVITON: &[&str] = &["medium", "large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge"];
const GRAVITON_8: &[&str] =
    &["medium", "large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge", "48xlarge"];

/// Families with GPUs: size, GPUs.
const WITH_GPUS: &[(&str, &[(&str, u32)])] = &[
    ("p2", &[("xlarge", 1), ("8xlarge", 8), ("16xlarge", 16)]),
    ("p3", &[("2xlarge", 1), ("8xlarge", 4), ("16xlarge", 8)]),
    ("p3dn", &[("24xlarge", 8)]),
    ("p4d", &[("24xlarge", 8)]),
    ("p4de", &[("24xlarge", 8)]),
    ("p5", &[("4xlarge", 1), ("48xlarge", 8)]),
    ("p5e", &[("48xlarge", 8)]),
    ("p5en", &[("48xlarge", 8)]),
    ("p6-b200", &[("48xlarge", 8)]),
    ("g4dn", &[("xlarge", 1), ("2xlarge", 1), ("4xlarge", 1), ("8xlarge", 1), ("12xlarge", 4), ("16xlarge", 1)]),
    ("g5", GPUS_5),
    ("g6", GPUS_5),
    ("g6e", GPUS_5),
    ("gr6", &[("4xlarge", 1), ("8xlarge", 1)]),
];

const GPUS_5: &[(&str, u32)] = &[
    ("xlarge", 1),
    ("2xlarge", 1),
    ("4xlarge", 1),
    ("8xlarge", 1),
    ("12xlarge", 4),
    ("16xlarge", 1),
    ("24xlarge", 4),
    ("48xlarge", 8),
];

/// What instances of a type such as `ml.m5.2xlarge` have; `None` for one that is not known here.
pub(crate) fn find(name: &str) -> Option<InstanceType> {
    let (family, size) = name.strip_prefix("ml.").unwrap_or(name).split_once('.')?;
    if let Some((_, sizes)) = WITH_GPUS.iter().find(|(known, _)| *known == family) {
        let (_, gpus) = sizes.iter().find(|(known, _)| *known == size)?;
        return Some(InstanceType { vcpus: vcpus(family, size)?, gpus: *gpus });
    }
    let (_, sizes) = PLAIN.iter().find(|(known, _)| *known == family)?;
    sizes.contains(&size).then_some(())?;
    Some(InstanceType { vcpus: vcpus(family, size)?, gpus: 0 })
}

fn vcpus(family: &str, size: &str) -> Option<u32> {
    Some(match (family, size) {
        ("c4", "8xlarge") => 36,
        ("t2" | "t3", "medium") | (_, "large") => 2,
        (_, "medium") => 1,
        (_, "xlarge") => 4,
        (_, size) => 4 * size.strip_suffix("xlarge")?.parse::<u32>().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instances_have_what_the_specifications_say() {
        let cases = [
            ("ml.t2.medium", 2, 0),
            ("ml.m5.large", 2, 0),
            ("ml.m5.2xlarge", 8, 0),
            ("ml.m4.10xlarge", 40, 0),
            ("ml.c4.8xlarge", 36, 0),
            ("ml.c5.9xlarge", 36, 0),
            ("ml.c6g.medium", 1, 0),
            ("ml.m6i.32xlarge", 128, 0),
            ("ml.inf2.48xlarge", 192, 0),
            ("ml.g4dn.xlarge", 4, 1),
            ("ml.g4dn.12xlarge", 48, 4),
            ("ml.g5.48xlarge", 192, 8),
            ("ml.p3.8xlarge", 32, 4),
            ("ml.p2.16xlarge", 64, 16),
            ("ml.p4d.24xlarge", 96, 8),
            ("ml.p5.48xlarge", 192, 8),
        ];
        for (name, vcpus, gpus) in cases {
            assert_eq!(find(name), Some(InstanceType { vcpus, gpus }), "{name}");
        }
    }

    #[test]
    fn what_is_not_known_stays_unknown() {
        for name in ["ml.m5.3xlarge", "ml.x9.large", "ml.m5", "", "ml.g5.metal", "ml..", "ml.m5.xxlarge"] {
            assert_eq!(find(name), None, "{name}");
        }
    }

    #[test]
    fn every_size_of_the_tables_can_be_read() {
        let plain = PLAIN.iter().flat_map(|(family, sizes)| sizes.iter().map(move |size| (*family, *size)));
        let gpus = WITH_GPUS.iter().flat_map(|(family, sizes)| sizes.iter().map(move |(size, _)| (*family, *size)));
        for (family, size) in plain.chain(gpus) {
            assert!(find(&format!("ml.{family}.{size}")).is_some(), "{family}.{size}");
        }
    }
}
