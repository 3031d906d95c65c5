//! APR-010

use super::judge_each;
use crate::control::{Check, Context, Verdict};
use crate::declare_control;
use crate::estate::{Approval, LiveVersion};
use crate::evidence::{ApprovalStatus, Fact, FactKind, Package};
use crate::policy::Stage;

declare_control! {
    /// ## What it requires
    /// Everything that says how far a version has come says the same: its approval status, its lifecycle, the status of its
    /// model card, and the stage in which it serves.
    ///
    /// ## Why
    /// SageMaker has several places to write an approval, and none knows of the others. Who looks at the wrong one takes a
    /// rejected model for an approved one.
    ///
    /// ## Evidence
    /// `ModelApprovalStatus`, `ModelLifeCycle` and the status of the embedded model card of the package; the stage that policy
    /// and tags give the live version; the lifecycle of other versions of its group.
    ///
    /// ## Results
    /// - **pass**: they agree
    /// - **fail**: two contradict each other, or another version of the group that does not serve claims the same stage
    /// - **unknown**: tags that decide the stage could not be read; other versions, or what serves, could not be read
    /// - **not applicable**: neither lifecycle nor card is used; not registered; outside production unless the manifest asks for
    ///   approval
    "APR-010" "axes-agree" {
        summary: "status, lifecycle, model card and stage agree",
        severity: Medium,
        gate: Operability,
        needs: [Models, Packages],
        uses: [Tags],
        remedy: "make one of them the master, and let an EventBridge rule carry its changes over to the others",
        role: "model owner",
        frameworks: [("ISO/IEC 42001", "A.6.2.7"), ("PRA SS1/23", "P2")],
        check: Check::LiveVersion(check),
    }
}

fn check<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    judge_each(live, context, |approval| judge(approval, live, context))
}

fn judge(approval: &Approval<'_>, live: &LiveVersion<'_>, context: Context<'_>) -> Verdict {
    let package = approval.package;
    let (data, arn) = (&package.data, &package.data.arn);
    let axes = Axes::of(data);
    if axes == Axes::default() {
        return Verdict::not_applicable("neither a lifecycle nor a model card is used");
    }
    let cited = |verdict: Verdict| verdict.cite(package, format!("`{arn}` is {}", axes.told(approval.status)));
    let contradictions = axes.contradictions(approval.status);
    if let [first, others @ ..] = contradictions.as_slice() {
        return cited(others.iter().fold(Verdict::fail(format!("{first} (`{arn}`)")), Verdict::note));
    }
    let stage = axes.stage.and_then(Stage::parse).filter(|stage| *stage != live.stage.stage);
    if let Some(stage) = stage {
        let verdict = if live.stage.uncertain {
            Verdict::unknown("tags decide its stage and could not be read")
        } else {
            Verdict::fail(format!(
                "its lifecycle says {}, and it serves in {}: {}",
                stage.words(),
                live.stage.stage.words(),
                live.stage.rule
            ))
        };
        return cited(verdict);
    }
    cited(beside(package, &axes, live, context))
}

/// Another version that claims to be in production, and does not serve.
fn beside(package: &Fact<Package>, axes: &Axes<'_>, live: &LiveVersion<'_>, context: Context<'_>) -> Verdict {
    let pass = || Verdict::pass("status, lifecycle, model card and stage agree");
    if axes.stage.and_then(Stage::parse) != Some(Stage::Production) {
        return pass();
    }
    let serving = [FactKind::Endpoints, FactKind::EndpointConfigs, FactKind::Models, FactKind::InferenceComponents];
    let unread = serving.into_iter().find_map(|kind| context.view.gaps_of(live.account, live.region, kind).next());
    let unread = context.view.versions_hidden(live.account, live.region, &package.data).or(unread);
    if unread.is_some() {
        return Verdict::unknown("other versions of its group, or what serves, could not be read").gap(unread);
    }
    let serves = |other: &Package| {
        context.estate.live.iter().flat_map(LiveVersion::packages).any(|package| package.data.arn == other.arn)
    };
    let mut others = context.view.versions_beside(&package.data).iter().filter(|other| {
        let claims = Axes::of(&other.data).stage.and_then(Stage::parse) == Some(Stage::Production);
        other.data.arn != package.data.arn && claims && !serves(&other.data)
    });
    match others.next() {
        Some(other) => {
            Verdict::fail(format!("`{}` claims to be in production too, and does not serve", other.data.arn))
                .cite(other, format!("the lifecycle of `{}` says production", other.data.arn))
        }
        None => pass(),
    }
}

/// What a package says beside its approval status, in the words of those who wrote it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Axes<'a> {
    stage: Option<&'a str>,
    status: Option<&'a str>,
    card: Option<&'a str>,
}

impl<'a> Axes<'a> {
    fn of(package: &'a Package) -> Self {
        let said = |text: &'a Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty());
        let lifecycle = package.lifecycle.as_ref();
        Self {
            stage: lifecycle.and_then(|lifecycle| said(&lifecycle.stage)),
            status: lifecycle.and_then(|lifecycle| said(&lifecycle.status)),
            card: said(&package.card_status),
        }
    }

    fn told(&self, status: Option<&ApprovalStatus>) -> String {
        let named = [("lifecycle stage", self.stage), ("lifecycle status", self.status), ("model card", self.card)];
        let named = named.into_iter().filter_map(|(name, text)| Some(format!("{name} `{}`", text?)));
        let status = status.map_or("of unknown status", ApprovalStatus::as_str).to_owned();
        std::iter::once(status).chain(named).collect::<Vec<_>>().join(", ")
    }

    /// Lifecycles are free text: only what Studio's templates write is understood, and what is not, contradicts nothing.
    /// Source: <https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-staging-construct-set-up.html>
    fn contradictions(&self, status: Option<&ApprovalStatus>) -> Vec<String> {
        let is = |text: Option<&str>, words: &[&str]| {
            text.is_some_and(|text| {
                let plain: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
                words.contains(&plain.to_ascii_lowercase().as_str())
            })
        };
        let said = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let mut found = Vec::new();
        let Some(status) = status else { return found };
        let approved = *status == ApprovalStatus::Approved;
        let mut add = |axis: &str, text: Option<&str>| {
            found.push(format!("it is {} by its status, and `{}` by its {axis}", status.as_str(), said(text)));
        };
        // What passed an earlier stage is not yet approved for production.
        let in_production = self.stage.and_then(Stage::parse).is_none_or(|stage| stage == Stage::Production);
        if approved && is(self.status, &["rejected", "retired", "pendingapproval", "onhold"])
            || !approved && in_production && is(self.status, &["approved"])
        {
            add("lifecycle", self.status);
        }
        if approved && is(self.stage, &["archived", "retired"]) {
            add("lifecycle stage", self.stage);
        }
        if approved && is(self.card, &["draft", "pendingreview", "archived"])
            || !approved && is(self.card, &["approved"])
        {
            add("model card", self.card);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::tester::Tester;
    use crate::estate::fixture::*;
    use crate::evidence::PackageLifecycle;

    fn lifecycle(
        name: &'static str,
        stage: Option<&'static str>,
        status: Option<&'static str>,
    ) -> impl Fn(Fixture) -> Fixture {
        move |fixture| {
            fixture.edit_named(name, move |package: &mut Package| {
                package.lifecycle = Some(PackageLifecycle {
                    stage: stage.map(str::to_owned),
                    status: status.map(str::to_owned),
                    description: None,
                });
            })
        }
    }

    fn of(stage: &'static str, status: &'static str) -> Fixture {
        lifecycle(PACKAGE, Some(stage), Some(status))(Fixture::sound())
    }

    fn card(fixture: Fixture, status: &'static str) -> Fixture {
        fixture.edit_named(PACKAGE, move |package: &mut Package| package.card_status = Some(status.to_owned()))
    }

    #[test]
    fn status_and_lifecycle_agree_or_contradict() {
        Tester::new(&CONTROL)
            .not_applicable(Fixture::sound(), "neither a lifecycle nor a model card")
            .pass(of("Production", "Approved"), "agree")
            .pass(of("Production", "InProgress"), "agree")
            .pass(of("Production", "as discussed"), "agree")
            .fail(of("Production", "Rejected"), "Approved by its status, `Rejected` by its lifecycle")
            .fail(of("Production", "Pending Approval"), "`Pending Approval`")
            .fail(of("Archived", "Approved"), "`Archived` by its lifecycle stage")
            .fail(of("Production", "Approved").rejected("2026-05-20T10:00:00Z"), "Rejected by its status, `Approved`")
            .fail(of("Development", "Approved"), "lifecycle says development, serves in production, tag `stage`")
            .pass(lifecycle(PACKAGE, None, Some("  "))(card(Fixture::sound(), "Approved")), "agree");
    }

    #[test]
    fn what_passed_an_earlier_stage_may_still_wait_for_the_last_one() {
        let waits = of("QA", "Approved").edit_named(PACKAGE, |package: &mut Package| {
            package.approval = Some(ApprovalStatus::PendingManualApproval);
        });
        Tester::new(&CONTROL).fail(waits, "lifecycle says development");
    }

    #[test]
    fn the_model_card_is_an_axis_of_its_own() {
        Tester::new(&CONTROL)
            .pass(card(Fixture::sound(), "Approved"), "agree")
            .fail(card(Fixture::sound(), "Draft"), "`Draft` by its model card")
            .fail(card(Fixture::sound(), "Approved").rejected("2026-05-20T10:00:00Z"), "`Approved` by its model card");
    }

    #[test]
    fn one_version_of_a_group_is_in_production_unless_both_serve() {
        let both = || lifecycle(PREVIOUS, Some("Production"), None)(of("Production", "Approved"));
        let serving = both()
            .with(endpoint("twin", "twin", &[VARIANT]))
            .with(config("twin", &[(VARIANT, Some("fraud-6"))]))
            .with(model("fraud-6", from_package(PREVIOUS)))
            .with(tags("arn:aws:sagemaker:eu-central-1:111122223333:endpoint/twin", &[("stage", "production")]));
        Tester::new(&CONTROL)
            .fail(both(), "model-package/fraud/6` claims to be in production too")
            .pass(serving, "agree")
            .unknown(both().hidden(FactKind::Packages, PREVIOUS), "could not be read")
            .unknown(
                of("Production", "Approved").gap(crate::evidence::Hidden::All(FactKind::Endpoints)),
                "could not be read",
            );
    }
}
