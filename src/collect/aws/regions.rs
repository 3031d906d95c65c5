//! The regions of each partition, as known when this was written.
//!
//! A region outside the list may be new, or a slip of the keyboard that would otherwise end in a name that does not
//! resolve after minutes of retries; so it is an error that can be overridden.
//! Source: <https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html>

/// Partitions and their regions.
const PARTITIONS: &[(&str, &[&str])] = &[
    (
        "aws",
        &[
            "af-south-1",
            "ap-east-1",
            "ap-east-2",
            "ap-northeast-1",
            "ap-northeast-2",
            "ap-northeast-3",
            "ap-south-1",
            "ap-south-2",
            "ap-southeast-1",
            "ap-southeast-2",
            "ap-southeast-3",
            "ap-southeast-4",
            "ap-southeast-5",
            "ap-southeast-6",
            "ap-southeast-7",
            "ca-central-1",
            "ca-west-1",
            "eu-central-1",
            "eu-central-2",
            "eu-north-1",
            "eu-south-1",
            "eu-south-2",
            "eu-west-1",
            "eu-west-2",
            "eu-west-3",
            "il-central-1",
            "me-central-1",
            "me-south-1",
            "mx-central-1",
            "sa-east-1",
            "us-east-1",
            "us-east-2",
            "us-west-1",
            "us-west-2",
        ],
    ),
    ("aws-cn", &["cn-north-1", "cn-northwest-1"]),
    ("aws-us-gov", &["us-gov-east-1", "us-gov-west-1"]),
    ("aws-eusc", &["eusc-de-east-1"]),
    ("aws-iso", &["us-iso-east-1", "us-iso-west-1"]),
    ("aws-iso-b", &["us-isob-east-1", "us-isob-west-1"]),
    ("aws-iso-e", &["eu-isoe-west-1"]),
    ("aws-iso-f", &["us-isof-east-1", "us-isof-south-1"]),
];

/// The known regions of a partition; none for a partition that is not known.
pub fn of_partition(partition: &str) -> &'static [&'static str] {
    PARTITIONS.iter().find(|(name, _)| *name == partition).map_or(&[], |(_, regions)| regions)
}

/// The partition of a known region.
pub fn partition_of(region: &str) -> Option<&'static str> {
    PARTITIONS.iter().find(|(_, regions)| regions.contains(&region)).map(|(name, _)| *name)
}

/// Whether a text has the form of a region's name. It becomes part of host names, so nothing else is ever let through.
pub fn is_well_formed(region: &str) -> bool {
    let mut parts: Vec<&str> = region.split('-').collect();
    let number = parts.pop().unwrap_or_default();
    let is_word = |part: &&str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase());
    (2..=4).contains(&parts.len())
        && parts.iter().all(is_word)
        && (1..=2).contains(&number.len())
        && number.chars().all(|c| c.is_ascii_digit())
}

/// The known region that was most likely meant.
pub fn nearest(region: &str) -> Option<&'static str> {
    let known = PARTITIONS.iter().flat_map(|(_, regions)| regions.iter().copied());
    known.map(|name| (distance(region, name), name)).filter(|(steps, _)| *steps <= 2).min().map(|(_, name)| name)
}

/// Number of single-letter edits between two names.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (y, above) in b.chars().zip(row.iter_mut().skip(1)) {
            let best = (diagonal + usize::from(x != y)).min(*above + 1).min(left + 1);
            diagonal = std::mem::replace(above, best);
            left = best;
        }
    }
    row.pop().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_region_is_well_formed_and_stands_once() {
        let mut all: Vec<&str> = PARTITIONS.iter().flat_map(|(_, regions)| regions.iter().copied()).collect();
        assert!(all.iter().all(|region| is_well_formed(region)), "{all:?}");
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn nothing_but_a_region_name_is_well_formed() {
        for bad in
            ["", "us-east", "us-east-1.evil.example", "us-east-1/", "US-EAST-1", "us--1", "-east-1", "us-east-100"]
        {
            assert!(!is_well_formed(bad), "{bad}");
        }
        assert!(is_well_formed("mars-north-7"));
    }

    #[test]
    fn a_slip_of_the_keyboard_is_recognised() {
        assert_eq!(nearest("us-esat-1"), Some("us-east-1"));
        assert_eq!(nearest("eu-centrall-1"), Some("eu-central-1"));
        assert_eq!(nearest("mars-north-7"), None);
        assert_eq!((distance("", "abc"), distance("abc", "abc"), distance("kitten", "sitting")), (3, 0, 3));
    }

    #[test]
    fn partitions_are_told_apart() {
        assert_eq!(partition_of("us-gov-west-1"), Some("aws-us-gov"));
        assert_eq!(partition_of("cn-north-1"), Some("aws-cn"));
        assert!(of_partition("aws").contains(&"eu-central-1"));
        assert!(of_partition("elsewhere").is_empty());
    }
}
