//! The names of a trail's files.
//!
//! Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html>

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// The files of one account and region: what trails deliver below one prefix.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Area {
    /// Id of the organization, in the bucket of an organization trail.
    pub organization: Option<String>,
    /// Account whose calls are logged.
    pub account: String,
    /// Region whose calls are logged.
    pub region: String,
}

/// What the name of a digest says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DigestName {
    /// Which chain it belongs to.
    pub(super) chain: ChainName,
    /// When it ends.
    pub(super) end: Timestamp,
}

/// One chain of digests. Digests that CloudTrail writes after the fact link to each other only.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ChainName {
    /// Name of the trail.
    pub(super) trail: String,
    /// Region in which the trail was made.
    pub(super) home_region: String,
    /// Whether it holds backfill digests.
    pub(super) backfill: bool,
}

impl Area {
    fn folder(&self, kind: &str) -> String {
        let organization = self.organization.as_ref().map(|id| format!("{id}/")).unwrap_or_default();
        format!("AWSLogs/{organization}{}/{kind}/{}/", self.account, self.region)
    }

    /// The folder of the digests, relative to the trail's prefix.
    pub(super) fn digests(&self) -> String {
        self.folder("CloudTrail-Digest")
    }

    /// The folder of the log files, relative to the trail's prefix.
    pub(super) fn logs(&self) -> String {
        self.folder("CloudTrail")
    }

    /// Reads the key of a digest.
    pub(super) fn digest(&self, key: &str) -> Option<DigestName> {
        let file = key.strip_prefix(&self.digests())?.get("YYYY/MM/DD/".len()..)?;
        let rest = file.strip_prefix(&format!("{}_CloudTrail-Digest_{}_", self.account, self.region))?;
        let rest = rest.strip_suffix(".json.gz")?;
        let (rest, backfill) = rest.strip_suffix("_backfill").map_or((rest, false), |rest| (rest, true));
        let (rest, end) = rest.rsplit_once('_')?;
        let (trail, home_region) = rest.rsplit_once('_')?;
        let end = instant("%Y%m%dT%H%M%SZ", end)?;
        let chain = ChainName { trail: trail.to_owned(), home_region: home_region.to_owned(), backfill };
        Some(DigestName { chain, end })
    }

    /// The hours to which a log file lays claim: the minute in its name or, where it has no such name, the day of its folder.
    pub(super) fn log(&self, key: &str) -> Option<(Timestamp, Timestamp)> {
        let rest = key.strip_prefix(&self.logs())?;
        let named = || {
            let file = rest.get("YYYY/MM/DD/".len()..)?;
            let rest = file.strip_prefix(&format!("{}_CloudTrail_{}_", self.account, self.region))?;
            let (time, _) = rest.strip_suffix(".json.gz")?.split_once('_')?;
            instant("%Y%m%dT%H%MZ", time).map(|minute| (minute, minute))
        };
        named().or_else(|| {
            let from = instant("%Y/%m/%d %H", &format!("{} 00", rest.get(.."YYYY/MM/DD".len())?))?;
            Some((from, from.checked_add(jiff::SignedDuration::from_hours(24)).ok()?))
        })
    }
}

/// The folder of a day, such as `2026/11/20/`.
pub(super) fn day(at: Timestamp) -> String {
    at.strftime("%Y/%m/%d/").to_string()
}

fn instant(format: &str, text: &str) -> Option<Timestamp> {
    DateTime::strptime(format, text).ok()?.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(organization: Option<&str>) -> Area {
        Area { organization: organization.map(Into::into), account: "111122223333".into(), region: "us-east-2".into() }
    }

    #[test]
    fn names_are_read_also_of_trails_with_awkward_names() {
        let key = "AWSLogs/o-1/111122223333/CloudTrail-Digest/us-east-2/2015/08/17/\
                   111122223333_CloudTrail-Digest_us-east-2_my_trail_us-east-1_20150817T150131Z_backfill.json.gz";
        let name = area(Some("o-1")).digest(key).unwrap();
        assert_eq!((name.chain.trail.as_str(), name.chain.home_region.as_str()), ("my_trail", "us-east-1"));
        assert_eq!((name.chain.backfill, name.end.to_string()), (true, "2015-08-17T15:01:31Z".to_owned()));
        let plain = key.replace("o-1/", "").replace("_backfill", "");
        assert!(!area(None).digest(&plain).unwrap().chain.backfill);
        for other in
            [key.replace("150131Z", "1501Z"), key.replace(".json.gz", ".json.gz.metadata.json"), "x".to_owned()]
        {
            assert_eq!(area(Some("o-1")).digest(&other), None, "{other}");
        }
        assert_eq!(area(None).digest(key), None);
    }

    #[test]
    fn a_log_file_claims_its_minute_and_a_strange_one_its_day() {
        let folder = "AWSLogs/111122223333/CloudTrail/us-east-2/2015/08/17/";
        let claims = |name: &str| area(None).log(&format!("{folder}{name}")).map(|(a, b)| format!("{a} {b}"));
        let named = claims("111122223333_CloudTrail_us-east-2_20150817T1445Z_9nYN7gp2eWAJHIfT.json.gz");
        assert_eq!(named.unwrap(), "2015-08-17T14:45:00Z 2015-08-17T14:45:00Z");
        assert_eq!(claims("evil.json.gz").unwrap(), "2015-08-17T00:00:00Z 2015-08-18T00:00:00Z");
        assert_eq!(area(None).log("AWSLogs/111122223333/CloudTrail/us-east-2/readme"), None);
    }
}
