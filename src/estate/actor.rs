//! Who made a call: a person, automation, or nobody can tell.

/// The identity behind a call, classified.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Actor {
    /// The identity as AWS wrote it: an ARN, a user name.
    pub identity: String,
    /// What it is.
    pub kind: ActorKind,
    /// The person, where the identity proves one; two calls by one person compare equal here.
    pub person: Option<String>,
    /// The role or user that acted, without the session: two calls by one role compare equal here.
    pub role: Option<String>,
    /// The rule that decided, in plain words.
    pub rule: &'static str,
}

/// What stands behind an identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// A person who can be named.
    Human,
    /// A pipeline, a function, a service.
    Automation,
    /// Could be either: session names are chosen by the caller.
    Unknown,
}
