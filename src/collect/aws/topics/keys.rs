//! The keys that encrypt topics: without leave to use one, CloudWatch cannot publish, and the alarm is lost without a word.
//!
//! The key that AWS manages for SNS never lets CloudWatch in, and nobody can change its policy, so it is not asked about.
//!
//! Sources: <https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html>,
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html>

use std::collections::BTreeMap;

use aws_sdk_kms::config::Region;
use aws_sdk_kms::types::{KeyManagerType, KeyMetadata};

use crate::collect::aws::engine::{Answer, Reader};
use crate::collect::aws::text::{arn_place, text};
use crate::collect::{ApiCall, Malformed};
use crate::evidence::{CallId, FactKind, GapCause, Hidden, Key, ResourceKey};

pub(super) const DESCRIBE: ApiCall = ApiCall {
    service: "kms",
    operation: "DescribeKey",
    action: "kms:DescribeKey",
    purpose: "whether the key of a topic is there and in use",
};

pub(super) const POLICY: ApiCall = ApiCall {
    service: "kms",
    operation: "GetKeyPolicy",
    action: "kms:GetKeyPolicy",
    purpose: "whether CloudWatch may use the key of a topic, without which alarms are not delivered",
};

/// The key that AWS manages for SNS.
const OF_SNS: &str = "alias/aws/sns";

/// Keys as topics name them, each with a topic that it encrypts and the call that showed it.
#[derive(Debug, Default)]
pub(super) struct Encrypting(BTreeMap<String, (String, CallId)>);

impl Encrypting {
    /// A topic is encrypted with this key.
    pub(super) fn add(&mut self, topic: &str, key: &str, call: CallId) {
        let used = (topic.to_owned(), call);
        let first = self.0.entry(key.to_owned()).or_insert_with(|| used.clone());
        if used.0 < first.0 {
            *first = used;
        }
    }
}

/// Reads each key once.
pub(super) async fn read(reader: &Reader<'_>, keys: Encrypting) {
    reader.each(keys.0, async |(key, (topic, call))| one(reader, &key, &topic, call).await).await;
}

async fn one(reader: &Reader<'_>, asked: &str, topic: &str, named: CallId) {
    let hidden = [Hidden::One(ResourceKey::new(FactKind::Keys, asked))];
    if asked == OF_SNS || asked.ends_with(&format!(":{OF_SNS}")) {
        return reader.record(of_sns(asked), &[named]);
    }
    let place = arn_place(topic);
    // A name without an account means a key of the topic's account, where this reader may not look.
    if !asked.starts_with("arn:") && place.is_some_and(|(account, _)| account != reader.account()) {
        let words = "the key belongs to the account of the topic, which names it without an ARN";
        return reader.gap(reader.answered_with(&DESCRIBE, named, GapCause::Unsupported, words), &hidden);
    }
    let region = place.map_or(reader.region(), |(_, region)| region).to_owned();
    let there = || aws_sdk_kms::config::Builder::new().region(Region::new(region.clone()));
    let kms = &reader.clients().kms;
    let describe = kms.describe_key().key_id(asked).customize().config_override(there());
    let Answer { output, call } = match reader.ask(&DESCRIBE, asked, describe.send()).await {
        Ok(answer) => answer,
        Err(failure) if failure.not_found => return reader.absent(failure, ResourceKey::new(FactKind::Keys, asked)),
        Err(failure) => return reader.gap(failure, &hidden),
    };
    let mut key = match output.key_metadata().map_or_else(|| Err(lost(asked)), |data| normalise(asked, data)) {
        Ok(key) => key,
        Err(malformed) => return reader.malformed(&DESCRIBE, call, &malformed, &hidden),
    };
    let mut seen = vec![named, call];
    if let (false, Some(arn)) = (key.managed_by_aws, &key.arn) {
        // An alias is no name for a policy.
        let policy = kms.get_key_policy().key_id(arn).policy_name("default").customize().config_override(there());
        match reader.ask(&POLICY, asked, policy.send()).await {
            Ok(Answer { output, call }) => {
                seen.push(call);
                key.policy = text(output.policy());
                if key.policy.is_none() {
                    reader.malformed(&POLICY, call, &lost(asked), &hidden);
                }
            }
            Err(failure) => reader.gap(failure, &hidden),
        }
    }
    reader.record(key, &seen);
}

fn lost(asked: &str) -> Malformed {
    Malformed { item: asked.to_owned(), reason: "the answer says nothing of the key".to_owned() }
}

fn of_sns(asked: &str) -> Key {
    Key { asked: asked.to_owned(), arn: None, managed_by_aws: true, state: None, policy: None }
}

/// A key as described.
///
/// # Errors
/// If it has no ARN.
fn normalise(asked: &str, data: &KeyMetadata) -> Result<Key, Malformed> {
    let arn = text(data.arn()).ok_or_else(|| lost(asked))?;
    Ok(Key {
        asked: asked.to_owned(),
        arn: Some(arn),
        managed_by_aws: data.key_manager() == Some(&KeyManagerType::Aws),
        state: data.key_state().map(|state| state.as_str().to_owned()),
        policy: None,
    })
}

#[cfg(test)]
mod tests {
    use aws_sdk_kms::types::KeyState;

    use super::*;

    #[test]
    fn a_key_says_whose_it_is_and_whether_it_is_in_use() {
        let data = |manager| {
            let built = KeyMetadata::builder().key_id("k").arn("arn:aws:kms:r:1:key/k").key_state(KeyState::Disabled);
            built.key_manager(manager).build().unwrap()
        };
        let key = normalise("alias/pages", &data(KeyManagerType::Customer)).unwrap();
        assert_eq!(
            (key.asked.as_str(), key.managed_by_aws, key.state.as_deref()),
            ("alias/pages", false, Some("Disabled"))
        );
        assert!(normalise("k", &data(KeyManagerType::Aws)).unwrap().managed_by_aws);
        normalise("k", &KeyMetadata::builder().key_id("k").build().unwrap()).unwrap_err();
    }

    #[test]
    fn a_key_is_asked_for_once_whatever_topic_came_first() {
        let (mut one, mut other) = (Encrypting::default(), Encrypting::default());
        for (topic, call) in [("b", 1), ("a", 2)] {
            one.add(topic, "k", CallId(call));
        }
        for (topic, call) in [("a", 2), ("b", 1)] {
            other.add(topic, "k", CallId(call));
        }
        assert_eq!(one.0, other.0);
        assert_eq!(one.0["k"], ("a".to_owned(), CallId(2)));
    }
}
