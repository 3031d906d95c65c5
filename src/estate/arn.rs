//! ARNs, taken apart.

/// The parts of `arn:partition:service:region:account:resource`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Arn<'a> {
    pub(super) partition: &'a str,
    pub(super) service: &'a str,
    pub(super) region: &'a str,
    pub(super) account: &'a str,
    /// Everything after the account, colons included.
    pub(super) resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Takes an ARN apart; `None` if it is none.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        let is_arn = parts.next()?.eq_ignore_ascii_case("arn");
        let (partition, service, region, account) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let resource = parts.next().filter(|resource| !resource.is_empty())?;
        is_arn.then_some(Self { partition, service, region, account, resource })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_come_apart_and_other_text_does_not() {
        let arn = Arn::parse("arn:aws-cn:sns:cn-north-1:111122223333:topic").unwrap();
        assert_eq!((arn.partition, arn.service, arn.region), ("aws-cn", "sns", "cn-north-1"));
        assert_eq!((arn.account, arn.resource), ("111122223333", "topic"));
        assert_eq!(
            Arn::parse("arn:aws:cloudwatch:r:a:alarm:name: with colon").unwrap().resource,
            "alarm:name: with colon"
        );
        for text in ["", "arn", "arn:aws:sns:r:a", "arn:aws:sns:r:a:", "fraud/7", "urn:aws:sns:r:a:t"] {
            assert_eq!(Arn::parse(text), None, "{text}");
        }
    }
}
