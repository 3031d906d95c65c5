//! What a role's trust policy makes sure of: whether those who assume it may choose the session's name.
//!
//! A name is pinned if every statement that lets anybody assume the role asks that it be the caller's own user name:
//! `"StringEquals": {"sts:RoleSessionName": "${aws:username}"}`, and the like for `sts:SourceIdentity`. Everything that
//! this does not understand counts as not pinned.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#ck_rolesessionname>

use serde_json::Value;
use wildmatch::WildMatch;

/// What a trust policy makes sure of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Trust {
    /// The session is named like the IAM user who opened it.
    pub(super) session: bool,
    /// So is the source identity.
    pub(super) source_identity: bool,
    /// Only SageMaker itself may assume the role.
    pub(super) sagemaker_only: bool,
}

/// The calls that open a session.
const ASSUME: [&str; 3] = ["sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"];

/// The caller's own name, which the caller cannot choose.
const OWN_NAME: &str = "${aws:username}";

impl Trust {
    /// Reads a trust policy; one that cannot be read makes sure of nothing.
    pub(super) fn read(policy: &str) -> Self {
        let policy: Value = serde_json::from_str(policy).unwrap_or_default();
        let statements = policy.get("Statement").map(several).unwrap_or_default();
        let opens: Vec<&Value> = statements.into_iter().filter(|statement| lets_assume(statement)).collect();
        let all = |holds: &dyn Fn(&Value) -> bool| !opens.is_empty() && opens.iter().all(|it| holds(it));
        Self {
            session: all(&|statement| is_own_name(statement, "sts:RoleSessionName")),
            source_identity: all(&|statement| is_own_name(statement, "sts:SourceIdentity")),
            sagemaker_only: all(&is_sagemaker),
        }
    }
}

/// A value, or the values of a list: policies write one without brackets.
fn several(value: &Value) -> Vec<&Value> {
    value.as_array().map_or_else(|| vec![value], |list| list.iter().collect())
}

/// A statement without `Action` names what it does not allow, and may allow this.
fn lets_assume(statement: &Value) -> bool {
    let denies = statement.get("Effect").and_then(Value::as_str) == Some("Deny");
    let opens = |action: &Value| {
        action.as_str().is_none_or(|action| {
            let pattern = WildMatch::new_case_insensitive(action);
            ASSUME.iter().any(|call| pattern.matches(call))
        })
    };
    !denies && statement.get("Action").is_none_or(|actions| several(actions).into_iter().any(opens))
}

fn is_own_name(statement: &Value, key: &str) -> bool {
    let Some(condition) = statement.get("Condition").and_then(Value::as_object) else { return false };
    let compared = condition.iter().filter(|(operator, _)| {
        operator.eq_ignore_ascii_case("StringEquals") || operator.eq_ignore_ascii_case("StringLike")
    });
    let mut values = compared
        .filter_map(|(_, keys)| keys.as_object())
        .flatten()
        .filter(|(name, _)| name.eq_ignore_ascii_case(key))
        .map(|(_, values)| several(values));
    values.any(|values| !values.is_empty() && values.iter().all(|value| value.as_str() == Some(OWN_NAME)))
}

fn is_sagemaker(statement: &Value) -> bool {
    let Some(principals) = statement.get("Principal").and_then(Value::as_object) else { return false };
    let services = principals.get("Service").map(several).unwrap_or_default();
    principals.len() == 1
        && !services.is_empty()
        && services.iter().all(|service| service.as_str() == Some("sagemaker.amazonaws.com"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(statements: &Value) -> Trust {
        Trust::read(&json!({ "Version": "2012-10-17", "Statement": statements }).to_string())
    }

    fn own(key: &str) -> Value {
        json!({ "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::111122223333:root" }, "Action": "sts:AssumeRole",
                "Condition": { "StringEquals": { key: "${aws:username}" } } })
    }

    #[test]
    fn a_name_is_pinned_only_if_every_way_in_pins_it() {
        let pinned = own("sts:RoleSessionName");
        let open =
            json!({ "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::111122223333:root" }, "Action": "sts:*" });
        assert!(read(&pinned).session && !read(&pinned).source_identity);
        assert!(read(&json!([pinned])).session);
        assert!(read(&json!([own("STS:RoleSessionName")])).session, "condition keys have no case");
        assert!(!read(&json!([pinned, open])).session);
        assert!(!read(&open).session);
        let tags = json!({ "Effect": "Allow", "Principal": "*", "Action": "sts:TagSession" });
        assert!(read(&json!([pinned, tags])).session, "tagging opens no session");
        let anything = json!({ "Effect": "Allow", "Principal": "*", "NotAction": "sts:TagSession" });
        assert!(!read(&json!([pinned, anything])).session);
        let denial = json!({ "Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole" });
        assert!(read(&json!([pinned, denial])).session);
        assert!(read(&own("sts:SourceIdentity")).source_identity);
    }

    #[test]
    fn a_pattern_or_a_choice_pins_nothing() {
        for values in
            [json!("*"), json!("${aws:username}-*"), json!(["${aws:username}", "ci"]), json!([]), json!("anna")]
        {
            let mut statement = own("sts:RoleSessionName");
            statement["Condition"] = json!({ "StringLike": { "sts:RoleSessionName": values } });
            assert!(!read(&statement).session, "{values}");
        }
        let mut statement = own("sts:RoleSessionName");
        statement["Condition"] = json!({ "StringNotEquals": { "sts:RoleSessionName": "${aws:username}" } });
        assert!(!read(&statement).session);
    }

    #[test]
    fn a_role_may_be_sagemakers_own() {
        let service = |name: &str| json!({ "Effect": "Allow", "Principal": { "Service": name }, "Action": ["sts:AssumeRole", "sts:SetSourceIdentity"] });
        assert!(read(&service("sagemaker.amazonaws.com")).sagemaker_only);
        assert!(!read(&service("lambda.amazonaws.com")).sagemaker_only);
        assert!(!read(&json!([service("sagemaker.amazonaws.com"), own("x")])).sagemaker_only);
        let both = json!({ "Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": { "Service": "sagemaker.amazonaws.com", "AWS": "111122223333" } });
        assert!(!read(&both).sagemaker_only);
    }

    #[test]
    fn what_cannot_be_read_makes_sure_of_nothing() {
        for policy in ["", "{", "[]", "7", "{\"Statement\": 7}", "{\"Statement\": []}", "{\"Statement\": [null]}"] {
            assert_eq!(Trust::read(policy), Trust::default(), "{policy}");
        }
    }
}
