//! Who a topic speaks to, shown in part: a subscriber's address may be a person's.

/// An address shown in part.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::collect::aws) struct Shown {
    /// Enough to recognise it, not enough to write to.
    pub(in crate::collect::aws) address: String,
    /// What kind of receiver it is: the host of a web address, the service of an ARN.
    pub(in crate::collect::aws) receiver: Option<String>,
}

const REST: &str = "…";

/// Shows the address of a subscription in part.
pub(in crate::collect::aws) fn show(protocol: &str, address: &str) -> Shown {
    match protocol {
        "email" | "email-json" => plain(email(address)),
        "sms" => plain(phone(address)),
        "http" | "https" => match host(address) {
            Some(host) => Shown { address: format!("{protocol}://{host}/{REST}"), receiver: Some(host) },
            None => plain(REST.to_owned()),
        },
        _ => match service(address) {
            // The name of a device that takes push messages is as personal as a telephone number.
            Some(service) if protocol == "application" => {
                let device = address.rsplit_once('/').map(|(application, _)| format!("{application}/{REST}"));
                Shown { address: device.unwrap_or_else(|| REST.to_owned()), receiver: Some(service) }
            }
            Some(service) => Shown { address: address.to_owned(), receiver: Some(service) },
            None => plain(REST.to_owned()),
        },
    }
}

fn plain(address: String) -> Shown {
    Shown { address, receiver: None }
}

/// `m…@bank.example`; of a mailbox of one letter, not even that.
fn email(address: &str) -> String {
    let Some((mailbox, domain)) = address.rsplit_once('@') else {
        return REST.to_owned();
    };
    let mut letters = mailbox.chars();
    let first = letters.next().filter(|_| letters.next().is_some());
    format!("{}{REST}@{domain}", first.map(String::from).unwrap_or_default())
}

/// `+49…12`: the country and the last two digits.
fn phone(number: &str) -> String {
    let characters: Vec<char> = number.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    match (characters.first_chunk::<3>(), characters.last_chunk::<2>()) {
        (Some(country), Some(end)) if characters.len() >= 8 => {
            [String::from_iter(country), REST.to_owned(), String::from_iter(end)].concat()
        }
        _ => REST.to_owned(),
    }
}

/// The host of a web address, without user, password and port.
fn host(address: &str) -> Option<String> {
    let (_, rest) = address.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = host.split_once(':').map_or(host, |(host, _)| host);
    let fit = !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '-');
    fit.then(|| host.to_lowercase())
}

/// The service of an ARN.
fn service(arn: &str) -> Option<String> {
    let mut parts = arn.splitn(6, ':');
    let prefix = parts.next().filter(|prefix| *prefix == "arn");
    let service = parts.nth(1).filter(|service| !service.is_empty());
    let resource = parts.nth(2).filter(|resource| !resource.is_empty());
    prefix.and(resource).and(service).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_kind_of_address_is_recognisable_and_no_more() {
        let cases = [
            ("email", "maria.stern@bank.example", "m…@bank.example", None),
            ("email-json", "m@bank.example", "…@bank.example", None),
            ("email", "\"a@b\"@bank.example", "\"…@bank.example", None),
            ("email", "nobody", "…", None),
            ("sms", "+4915112345612", "+49…12", None),
            ("sms", "+49 151 1234-5612", "+49…12", None),
            ("sms", "1234567", "…", None),
            (
                "https",
                "https://events.pagerduty.com/integration/s3cr3t/enqueue",
                "https://events.pagerduty.com/…",
                Some("events.pagerduty.com"),
            ),
            (
                "https",
                "https://user:s3cr3t@Hooks.Slack.com:8443?x=1",
                "https://hooks.slack.com/…",
                Some("hooks.slack.com"),
            ),
            ("https", "https://", "…", None),
            (
                "lambda",
                "arn:aws:lambda:eu-central-1:111122223333:function:page",
                "arn:aws:lambda:eu-central-1:111122223333:function:page",
                Some("lambda"),
            ),
            (
                "sqs",
                "arn:aws:sqs:eu-central-1:111122223333:queue",
                "arn:aws:sqs:eu-central-1:111122223333:queue",
                Some("sqs"),
            ),
            (
                "application",
                "arn:aws:sns:eu-central-1:111122223333:endpoint/GCM/app/device-id",
                "arn:aws:sns:eu-central-1:111122223333:endpoint/GCM/app/…",
                Some("sns"),
            ),
            ("pigeon", "roof 7", "…", None),
            ("lambda", "arn:aws:lambda", "…", None),
        ];
        for (protocol, address, shown, receiver) in cases {
            let expected = Shown { address: shown.to_owned(), receiver: receiver.map(str::to_owned) };
            assert_eq!(show(protocol, address), expected, "{protocol} {address}");
        }
    }

    proptest! {
        #[test]
        fn no_mailbox_survives(mailbox in "[a-z0-9.+_-]{2,30}", domain in "[a-z]{3,10}\\.example") {
            let shown = show("email", &format!("{mailbox}@{domain}")).address;
            let whole = mailbox + "@";
            prop_assert!(!shown.contains(&whole));
            prop_assert_eq!(shown.chars().count(), domain.len() + 3, "one letter, the mark, the at-sign, the domain");
        }

        #[test]
        fn no_telephone_number_survives(number in "\\+[1-9][0-9]{7,14}") {
            let shown = show("sms", &number).address;
            prop_assert!(shown.chars().count() == 6 && !shown.contains(&number));
        }

        #[test]
        fn no_path_query_or_password_survives(secret in "[A-Z]{16}", form in 0..3) {
            let address = match form {
                0 => format!("https://hooks.example/services/{secret}"),
                1 => format!("https://u:{secret}@hooks.example"),
                _ => format!("https://hooks.example?token={secret}"),
            };
            let shown = show("https", &address);
            let printed = format!("{shown:?}");
            prop_assert!(!printed.contains(&secret));
        }

        #[test]
        fn no_address_makes_it_panic(protocol in "email|sms|https|lambda|application|.{0,5}", address in ".{0,60}") {
            drop(show(&protocol, &address));
        }
    }
}
