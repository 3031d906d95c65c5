//! Whom a bucket policy keeps from writing.
//!
//! Only one question is answered: does a statement deny `s3:PutObject` on a key to everybody but named principals? An
//! explicit deny wins over every allow, so that is enough. A statement that is understood and narrower (one about
//! encryption or transport, say) protects nothing here; one that is not understood makes the answer unclear, never good.
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>

use serde_json::{Map, Value};
use wildmatch::WildMatch;

use super::service_policy::{list, texts};

/// Who may still write below a key, as far as the bucket policy decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WriteGuard {
    /// Nobody but these: ARNs, patterns of ARNs, or unique ids.
    Only(Vec<String>),
    /// Whoever an identity policy allows to.
    Open,
    /// A statement that may decide is not understood; why.
    Unclear(String),
}

/// The action that overwrites an object.
const ACTION: &str = "s3:PutObject";

/// Condition keys that only narrow a deny: what is written in another way is not denied.
const NARROWING: [&str; 11] = [
    "aws:securetransport",
    "aws:principalorgid",
    "aws:principalaccount",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "s3:tlsversion",
    "s3:signatureversion",
    "s3:authtype",
];

/// Reads what a bucket policy says about writing a key; below a prefix, about every key that it may hold.
pub fn write_guard(policy: &str, bucket: &str, key: &str, prefix: bool) -> WriteGuard {
    if policy.trim().is_empty() {
        return WriteGuard::Open;
    }
    let Ok(document) = serde_json::from_str::<Value>(policy) else {
        return WriteGuard::Unclear("the policy is not JSON".to_owned());
    };
    let mut best: Option<Vec<String>> = None;
    let mut unclear = None;
    for statement in list(document.get("Statement")) {
        match read(statement, bucket, key, prefix) {
            WriteGuard::Open => {}
            WriteGuard::Only(who) if best.as_ref().is_some_and(|best| best.len() <= who.len()) => {}
            WriteGuard::Only(who) => best = Some(who),
            WriteGuard::Unclear(why) => unclear = unclear.or(Some(why)),
        }
    }
    match (best, unclear) {
        (Some(who), _) => WriteGuard::Only(who),
        (None, Some(why)) => WriteGuard::Unclear(why),
        (None, None) => WriteGuard::Open,
    }
}

fn read(statement: &Value, bucket: &str, key: &str, prefix: bool) -> WriteGuard {
    let denies = statement.get("Effect").and_then(Value::as_str) == Some("Deny");
    if !denies || !covers_action(statement) {
        return WriteGuard::Open;
    }
    let name = statement.get("Sid").and_then(Value::as_str).unwrap_or("without a name");
    match covers_key(statement, bucket, key, prefix) {
        Some(true) => {}
        Some(false) => return WriteGuard::Open,
        None => return WriteGuard::Unclear(format!("the resources of statement `{name}` are not understood")),
    }
    let mut who = match exempt_by_principal(statement) {
        Some(Exempt::Only(who)) => who,
        Some(Exempt::All) => return WriteGuard::Open,
        None => return WriteGuard::Unclear(format!("the principals of statement `{name}` are not understood")),
    };
    let no_conditions = Map::new();
    let conditions = statement.get("Condition").and_then(Value::as_object).unwrap_or(&no_conditions);
    for (operator, keys) in conditions {
        for (key, values) in keys.as_object().into_iter().flatten() {
            match exempt_by_condition(operator, key, values) {
                Some(Exempt::Only(more)) => who.extend(more),
                Some(Exempt::All) => return WriteGuard::Open,
                None => {
                    return WriteGuard::Unclear(format!(
                        "the condition `{operator}` on `{key}` of statement `{name}` is not understood"
                    ));
                }
            }
        }
    }
    if who.iter().any(|who| is_everybody(who)) {
        return WriteGuard::Open;
    }
    who.sort();
    who.dedup();
    WriteGuard::Only(who)
}

/// Whom a deny does not reach.
enum Exempt {
    /// These.
    Only(Vec<String>),
    /// So many that it protects nothing.
    All,
}

fn covers_action(statement: &Value) -> bool {
    let named = |member| texts(statement.get(member)).any(|it| WildMatch::new_case_insensitive(it).matches(ACTION));
    match statement.get("NotAction") {
        Some(_) => !named("NotAction"),
        None => named("Action"),
    }
}

/// `None` where it is not understood.
fn covers_key(statement: &Value, bucket: &str, key: &str, prefix: bool) -> Option<bool> {
    if statement.get("NotResource").is_some() {
        return None;
    }
    let mut variable = false;
    for pattern in texts(statement.get("Resource")) {
        variable |= pattern.contains("${");
        // The partition does not matter: a bucket's name is unique within its own.
        let own = pattern.splitn(6, ':').nth(5).unwrap_or(pattern);
        let covers = |key: &str| pattern == "*" || WildMatch::new(own).matches(&format!("{bucket}/{key}"));
        let whole = if prefix { own.ends_with('*') && covers(&format!("{key}\u{0}")) } else { covers(key) };
        if whole {
            return Some(true);
        }
    }
    if variable { None } else { Some(false) }
}

fn exempt_by_principal(statement: &Value) -> Option<Exempt> {
    if let Some(except) = statement.get("NotPrincipal") {
        let who: Vec<String> = texts(except.get("AWS")).map(str::to_owned).collect();
        let services = texts(except.get("Service")).map(str::to_owned);
        return (!who.is_empty() || except.get("Service").is_some())
            .then(|| Exempt::Only(who.into_iter().chain(services).collect()));
    }
    let principal = statement.get("Principal")?;
    let everybody = principal.as_str() == Some("*") || texts(principal.get("AWS")).any(|who| who == "*");
    Some(if everybody { Exempt::Only(Vec::new()) } else { Exempt::All })
}

/// What a condition leaves out of a deny; `None` where it is not understood.
fn exempt_by_condition(operator: &str, key: &str, values: &Value) -> Option<Exempt> {
    let key = key.to_lowercase();
    if NARROWING.contains(&key.as_str()) || key.starts_with("s3:x-amz-") {
        return Some(Exempt::All);
    }
    let operator = operator.strip_suffix("IfExists").unwrap_or(operator);
    let values = || texts(Some(values)).map(str::to_owned);
    match (operator, key.as_str()) {
        ("ArnNotLike" | "ArnNotEquals" | "StringNotLike" | "StringNotEquals", "aws:principalarn" | "aws:userid") => {
            values().all(|value| !value.contains("${")).then(|| Exempt::Only(values().collect()))
        }
        ("Bool", "aws:principalisawsservice") => {
            values().eq(["false".to_owned()]).then(|| Exempt::Only(vec!["AWS services".to_owned()]))
        }
        // A deny of named principals reaches nobody else.
        ("ArnLike" | "ArnEquals" | "StringLike" | "StringEquals", "aws:principalarn" | "aws:userid") => {
            Some(Exempt::All)
        }
        _ => None,
    }
}

/// Whether a pattern exempts every principal, or every one of a kind.
fn is_everybody(pattern: &str) -> bool {
    let mut parts = pattern.splitn(6, ':');
    let (account, resource) = (parts.nth(4), parts.next());
    match (account, resource) {
        (Some(account), Some(resource)) => {
            let name = resource.split_once('/').map_or(resource, |(_, name)| name);
            account.contains('*') || name.starts_with('*') || resource.starts_with('*')
        }
        _ => pattern.starts_with('*'),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const RELEASE: &str = "arn:aws:iam::111122223333:role/release";

    fn statement(change: impl FnOnce(&mut Value)) -> Value {
        let mut statement = json!({
            "Sid": "OnlyRelease",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:PutObject",
            "Resource": "arn:aws:s3:::ml-models/*",
            "Condition": { "ArnNotLike": { "aws:PrincipalArn": RELEASE } },
        });
        change(&mut statement);
        statement
    }

    fn guard(statements: &[Value]) -> WriteGuard {
        let policy = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
        write_guard(&policy, "ml-models", "fraud/7/model.tar.gz", false)
    }

    fn of(change: impl FnOnce(&mut Value)) -> WriteGuard {
        guard(&[statement(change)])
    }

    fn only(who: &[&str]) -> WriteGuard {
        WriteGuard::Only(who.iter().map(|&who| who.to_owned()).collect())
    }

    #[test]
    fn a_deny_to_all_but_named_principals_guards() {
        assert_eq!(of(|_| {}), only(&[RELEASE]));
        assert_eq!(of(|it| it["Action"] = json!(["s3:Get*", "S3:Put*"])), only(&[RELEASE]));
        assert_eq!(of(|it| it["Principal"] = json!({ "AWS": ["*"] })), only(&[RELEASE]));
        assert_eq!(of(|it| it["Resource"] = json!("*")), only(&[RELEASE]));
        assert_eq!(of(|it| it["Resource"] = json!("arn:aws-us-gov:s3:::ml-models/fraud/*")), only(&[RELEASE]));
        assert_eq!(of(|it| it["Condition"] = json!({})), only(&[]), "nobody at all");
        let by_id = json!({ "StringNotLikeIfExists": { "aws:userId": ["AROAEXAMPLE:*", "111122223333"] } });
        assert_eq!(of(|it| it["Condition"] = by_id), only(&["111122223333", "AROAEXAMPLE:*"]));
        let not_principal = of(|it| {
            let map = it.as_object_mut().unwrap();
            map.remove("Principal");
            map.remove("Condition");
            map.insert("NotPrincipal".to_owned(), json!({ "AWS": [RELEASE] }));
        });
        assert_eq!(not_principal, only(&[RELEASE]));
        let not_action = of(|it| {
            let map = it.as_object_mut().unwrap();
            map.remove("Action");
            map.insert("NotAction".to_owned(), json!("s3:Get*"));
        });
        assert_eq!(not_action, only(&[RELEASE]));
    }

    #[test]
    fn both_conditions_must_hold_for_a_deny_so_either_exempts() {
        let both = json!({
            "ArnNotEquals": { "aws:PrincipalArn": RELEASE },
            "BoolIfExists": { "aws:PrincipalIsAWSService": "false" },
        });
        assert_eq!(of(|it| it["Condition"] = both), only(&["AWS services", RELEASE]));
    }

    #[test]
    fn what_is_narrower_or_about_others_guards_nothing() {
        let open: [fn(&mut Value); 9] = [
            |it| it["Effect"] = json!("Allow"),
            |it| it["Action"] = json!("s3:DeleteObject"),
            |it| it["Resource"] = json!("arn:aws:s3:::ml-models/churn/*"),
            |it| it["Resource"] = json!("arn:aws:s3:::other/*"),
            |it| it["Principal"] = json!({ "AWS": "arn:aws:iam::111122223333:role/intern" }),
            |it| it["Condition"] = json!({ "Bool": { "aws:SecureTransport": "false" } }),
            |it| it["Condition"]["StringNotEquals"] = json!({ "s3:x-amz-server-side-encryption": "aws:kms" }),
            |it| it["Condition"] = json!({ "ArnNotLike": { "aws:PrincipalArn": "arn:aws:iam::111122223333:role/*" } }),
            |it| it["Condition"] = json!({ "ArnLike": { "aws:PrincipalArn": RELEASE } }),
        ];
        for (number, change) in open.into_iter().enumerate() {
            assert_eq!(of(change), WriteGuard::Open, "{number}");
        }
        assert_eq!(write_guard("", "b", "k", false), WriteGuard::Open);
    }

    #[test]
    fn what_is_not_understood_is_unclear_and_a_sound_statement_beside_it_still_guards() {
        let odd: [fn(&mut Value); 5] = [
            |it| it["Condition"] = json!({ "StringNotEquals": { "aws:PrincipalTag/team": "release" } }),
            |it| it["Condition"] = json!({ "ForAnyValue:ArnNotLike": { "aws:PrincipalArn": RELEASE } }),
            |it| it["Condition"] = json!({ "ArnNotLike": { "aws:PrincipalArn": "${aws:PrincipalTag/x}" } }),
            |it| it["Resource"] = json!("arn:aws:s3:::ml-models/${aws:username}/*"),
            |it| it["NotResource"] = json!("arn:aws:s3:::ml-models/tmp/*"),
        ];
        for (number, change) in odd.into_iter().enumerate() {
            let statement = statement(change);
            assert!(matches!(guard(std::slice::from_ref(&statement)), WriteGuard::Unclear(_)), "{number}");
            assert_eq!(guard(&[statement, self::statement(|_| {})]), only(&[RELEASE]), "{number}");
        }
        assert!(matches!(write_guard("{", "b", "k", false), WriteGuard::Unclear(_)));
    }

    #[test]
    fn a_prefix_is_guarded_only_if_all_below_it_is() {
        let below = |resource: &str| {
            let policy = json!({ "Statement": statement(|it| it["Resource"] = json!(resource)) }).to_string();
            write_guard(&policy, "ml-models", "fraud/live/", true)
        };
        assert_eq!(below("arn:aws:s3:::ml-models/fraud/*"), only(&[RELEASE]));
        assert_eq!(below("arn:aws:s3:::ml-models/fraud/live/*"), only(&[RELEASE]));
        assert_eq!(below("arn:aws:s3:::ml-models/fraud/live/*.tar.gz"), WriteGuard::Open);
        assert_eq!(below("arn:aws:s3:::ml-models/fraud/live/a"), WriteGuard::Open);
    }

    proptest! {
        /// No text makes it panic, and only a deny makes it say that somebody is kept out.
        #[test]
        fn whatever_is_written_is_read(text in "\\PC{0,60}", effect in "Allow|Deny|") {
            let _ = write_guard(&text, "b", "k", true);
            let policy = json!({ "Statement": [{ "Effect": effect, "Principal": text, "Action": text, "Resource": text }] });
            if let WriteGuard::Only(_) = write_guard(&policy.to_string(), "b", "k", false) {
                prop_assert_eq!(effect, "Deny");
            }
        }
    }
}
