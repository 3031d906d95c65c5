//! LIN-003

use crate::control::{Check, Context, Verdict, worst};
use crate::declare_control;
use crate::estate::{LiveContainer, LiveVersion, Lookup, Registration};
use crate::evidence::{Fact, Package, Tags};

declare_control! {
    /// ## What it requires
    /// Each version states the commit that it was built from, and the repository.
    ///
    /// ## Why
    /// Without it nobody can build the version again, nor say what a change of it changed.
    ///
    /// ## Evidence
    /// `MetadataProperties.CommitId` and `.Repository` of the package; else a tag `git-commit` or `commit`. Both are free
    /// text: a commit is 7 to 40 hexadecimal digits, anything else is somebody's branch or release name.
    ///
    /// ## Results
    /// - **pass**: a commit and a repository
    /// - **fail**: no commit; not registered, so nowhere to record one
    /// - **unknown**: what is recorded is no commit (a branch, free text); no repository beside it; package or tags could not
    ///   be read
    /// - **not applicable**: no code of your own (a marketplace product, a hub's model)
    "LIN-003" "code-commit-recorded" {
        summary: "the code commit is recorded",
        severity: Medium,
        gate: Operability,
        needs: [EndpointConfigs, Models, InferenceComponents, Packages],
        uses: [Tags],
        remedy: "pass MetadataProperties with CommitId and Repository when the pipeline registers the version",
        role: "pipeline owner",
        frameworks: [("ISO/IEC 42001", "A.6.2.3"), ("EU AI Act", "Art. 11"), ("SR 26-2 (ex SR 11-7)", "documentation")],
        check: Check::LiveVersion(check),
    }
}

fn check<'a>(live: &'a LiveVersion<'a>, _: Context<'a>) -> Verdict {
    worst(live.containers.iter().map(|container| judge(container, &live.tags)))
        .unwrap_or_else(|| Verdict::unknown("which model serves is not known; INV-001 judges that"))
}

fn judge(container: &LiveContainer<'_>, tags: &Lookup<&Tags>) -> Verdict {
    if let Some(hub) = &container.container.hub_content {
        return Verdict::not_applicable(format!("its weights come from a model hub (`{hub}`)"));
    }
    match &container.registration {
        Registration::Named(package) | Registration::Inferred(package) => of_package(package, tags),
        Registration::UrlOnly { differs: false, .. } | Registration::Ambiguous(_) => {
            Verdict::unknown("which version it is, is not proved; INV-002 judges that")
        }
        Registration::Unseen { named } => Verdict::unknown(format!("package `{named}` could not be read")),
        Registration::Unknown => Verdict::unknown("which package it is, is not known: not all could be read"),
        Registration::None | Registration::Absent { .. } | Registration::UrlOnly { differs: true, .. } => {
            Verdict::fail("it is not registered, so no commit is recorded anywhere")
                .cite_calls(container.seen, "the container names no registered version")
        }
    }
}

fn of_package(package: &Fact<Package>, tags: &Lookup<&Tags>) -> Verdict {
    let (arn, stated) = (&package.data.arn, &package.data.commit);
    if package.data.containers.iter().any(|container| container.product_id.is_some()) {
        return Verdict::not_applicable("it is a marketplace product");
    }
    let recorded = text(stated.commit.as_deref()).map(|commit| (commit, "the package's metadata")).or_else(|| {
        let tag = |key: &str| tags.found().and_then(|tags| text(tags.get(key).map(String::as_str)));
        tag("git-commit").or_else(|| tag("commit")).map(|commit| (commit, "a tag"))
    });
    let verdict = match (recorded, text(stated.repository.as_deref())) {
        (Some((commit, source)), Some(repository)) if is_commit(commit) => {
            Verdict::pass(format!("commit `{commit}` of `{repository}`, as {source} states"))
        }
        (Some((commit, source)), None) if is_commit(commit) => {
            Verdict::unknown(format!("{source} states commit `{commit}`, but no repository that holds it"))
        }
        (Some((other, source)), _) => {
            Verdict::unknown(format!("`{other}`, which {source} states, is no commit: a branch or a name moves"))
        }
        (None, _) if matches!(tags, Lookup::Unseen) => {
            Verdict::unknown(format!("`{arn}` states no commit, and tags, which may, could not be read"))
        }
        (None, _) => Verdict::fail(format!("neither `{arn}` nor a tag states a commit")),
    };
    let commit = stated.commit.as_deref().unwrap_or("nothing");
    verdict.cite(package, format!("`{arn}` states `{commit}` as its commit"))
}

fn text(value: Option<&str>) -> Option<&str> {
    value.map(str::trim).filter(|value| !value.is_empty())
}

fn is_commit(value: &str) -> bool {
    (7..=40).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_hexdigit())
}
