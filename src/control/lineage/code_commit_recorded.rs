//! LIN-003

use crate::control::standing::{Standing, standing};
use crate::control::{Check, Context, Status, Verdict, worst};
use crate::declare_control;
use crate::estate::{LiveContainer, LiveVersion, Lookup, Registration};
use crate::evidence::{Fact, FactKind, Package, Tags};

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

fn check<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    worst(live.containers.iter().map(|container| judge(container, live, context)))
        .unwrap_or_else(|| Verdict::unknown("which model serves is not known; INV-001 judges that"))
}

fn judge(container: &LiveContainer<'_>, live: &LiveVersion<'_>, context: Context<'_>) -> Verdict {
    if let Some(hub) = &container.container.hub_content {
        return Verdict::not_applicable(format!("its weights come from a model hub (`{hub}`)"));
    }
    match standing(container, live, context) {
        Standing::Registered(package) => of_package(package, &context.view.billed_tags(live)),
        Standing::Unsure(verdict) => perhaps(container, live, context).unwrap_or(verdict),
        Standing::Unregistered => Verdict::fail("it is not registered, so no commit is recorded anywhere")
            .cite_calls(container.seen, "the container names no registered version"),
    }
}

/// It is the package that has its URL, or none: if that package states no commit, none is stated either way.
fn perhaps(container: &LiveContainer<'_>, live: &LiveVersion<'_>, context: Context<'_>) -> Option<Verdict> {
    let Registration::UrlOnly { package, differs: false } = &container.registration else { return None };
    let all_read = context.view.gaps_of(live.account, live.region, FactKind::Packages).next().is_none();
    Some(of_package(package, &context.view.billed_tags(live)))
        .filter(|verdict| all_read && verdict.status == Status::Fail)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::tester::Tester;
    use crate::estate::fixture::*;
    use crate::evidence::{Container, Model, ResourceTags};

    fn commit(commit: Option<&'static str>, repository: Option<&'static str>) -> Fixture {
        Fixture::sound().edit_named(PACKAGE, move |package: &mut Package| {
            package.commit.commit = commit.map(str::to_owned);
            package.commit.repository = repository.map(str::to_owned);
        })
    }

    fn tagged(fixture: Fixture) -> Fixture {
        fixture.edit_named(ENDPOINT_ARN, |tags: &mut ResourceTags| {
            drop(tags.tags.insert("git-commit".into(), "9f1c2b7aa".into()))
        })
    }

    const REPOSITORY: Option<&str> = Some("https://git.bank.example/ml/fraud");

    #[test]
    fn a_commit_is_hexadecimal_and_has_a_repository() {
        Tester::new(&CONTROL)
            .pass(Fixture::sound(), "9f1c2b7, package's metadata")
            .fail(commit(None, REPOSITORY), "neither, states a commit")
            .fail(commit(Some("  "), None), "neither, states a commit")
            .unknown(commit(Some("main"), REPOSITORY), "main, is no commit")
            .unknown(commit(Some("9f1c2b"), REPOSITORY), "is no commit")
            .unknown(commit(Some("9f1c2b7"), None), "no repository");
    }

    #[test]
    fn a_tag_stands_in_for_the_metadata() {
        Tester::new(&CONTROL)
            .pass(tagged(commit(None, REPOSITORY)), "a tag states")
            .pass(tagged(commit(Some("9f1c2b7"), REPOSITORY)), "package's metadata")
            .unknown(commit(None, REPOSITORY).hidden(FactKind::Tags, ENDPOINT_ARN), "tags, could not be read");
    }

    #[test]
    fn without_a_package_there_is_nowhere_to_state_one() {
        let runs = |container: Container| move |model: &mut Model| model.containers = vec![container.clone()];
        let hub = Container { hub_content: Some("huggingface-llm".to_owned()), ..from_artifact("s3://hub/llm/", None) };
        let product = |package: &mut Package| package.containers[0].product_id = Some("prod-1".to_owned());
        Tester::new(&CONTROL)
            .fail(Fixture::sound().edit(runs(from_artifact("s3://ml-models/raw.tar.gz", None))), "not registered")
            .not_applicable(Fixture::sound().edit(runs(hub)), "model hub")
            .not_applicable(Fixture::sound().edit_named(PACKAGE, product), "marketplace")
            .hidden(Fixture::sound().hidden(FactKind::Packages, PACKAGE))
            .unknown(Fixture::sound().absent(FactKind::Models, MODEL), "INV-001");
    }

    #[test]
    fn where_the_package_is_likely_but_not_proved_only_a_failure_is_sure() {
        let likely = |fixture: Fixture| {
            fixture
                .edit(|model: &mut Model| model.containers = vec![from_artifact(ARTIFACT, Some(ETAG))])
                .edit_named(PACKAGE, |package: &mut Package| package.containers[0].data[0].etag = None)
        };
        Tester::new(&CONTROL)
            .unknown(likely(Fixture::sound()), "nothing to compare")
            .fail(likely(commit(None, None)), "states a commit")
            .unknown(likely(commit(None, None)).hidden(FactKind::Packages, PREVIOUS), "nothing to compare");
    }
}
