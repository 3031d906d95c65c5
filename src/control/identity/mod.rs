//! What serves: whether it resolves to a model, whether the registry knows it, whether its state is settled.

pub(super) mod deployed_image_registered;
pub(super) mod governed_batch;
pub(super) mod multi_model_contents_known;
pub(super) mod no_hidden_path;
pub(super) mod registered_version;
pub(super) mod resolves_to_a_model;
pub(super) mod settled_state;

use crate::control::standing::{Standing, standing};
use crate::control::{Context, Verdict};
use crate::estate::{LiveContainer, LiveVersion, Registration};
use crate::evidence::{Fact, Package};

/// How one container is tied to the registry, as a result.
fn registered(container: &LiveContainer<'_>, live: &LiveVersion<'_>, context: Context<'_>) -> Verdict {
    let image = container.container.image.as_deref().unwrap_or("an unnamed image");
    if let Standing::Unsure(verdict) = standing(container, live, context) {
        let verdict = verdict.cite_calls(container.seen, format!("the container runs `{image}`"));
        return candidates(container)
            .fold(verdict, |verdict, package| verdict.cite(package, format!("`{}` may be the one", package.data.arn)));
    }
    let verdict = match &container.registration {
        Registration::Named(package) | Registration::Inferred(package) if package.data.group.is_none() => {
            Verdict::fail(format!(
                "`{}` is an unversioned package, which can be neither approved nor rolled back",
                package.data.arn
            ))
            .cite(package, format!("`{}` belongs to no group", package.data.arn))
            .settled()
        }
        Registration::Named(package) => Verdict::pass(format!("it was made from package `{}`", package.data.arn))
            .cite(package, format!("`{}` is registered", package.data.arn)),
        Registration::Inferred(package) => {
            Verdict::pass(format!("it has the data, content and image of package `{}` alone", package.data.arn))
                .cite(package, format!("`{}` is registered", package.data.arn))
                .note("inferred from its content: the model itself names no package")
        }
        Registration::UrlOnly { package, .. } => Verdict::fail(format!(
            "it has the URL of package `{}`, but not what was registered there",
            package.data.arn
        ))
        .cite(package, format!("`{}` registers other content or another image", package.data.arn)),
        Registration::Absent { named, call } => {
            Verdict::fail(format!("package `{named}`, from which it was made, does not exist any more"))
                .cite_calls(&[*call], format!("`{named}` does not exist"))
        }
        _ => match &container.container.hub_content {
            Some(hub) => {
                Verdict::fail(format!("it comes from the model hub (`{hub}`), and no registered version fits it"))
            }
            None => Verdict::fail(format!("no registered version fits it (`{image}`)")),
        },
    };
    verdict.cite_calls(container.seen, format!("the container runs `{image}`"))
}

/// Packages of which one may be the container's.
fn candidates<'a>(container: &LiveContainer<'a>) -> impl Iterator<Item = &'a Fact<Package>> {
    let several = match &container.registration {
        Registration::Ambiguous(packages) => packages.as_slice(),
        _ => &[],
    };
    let one = match &container.registration {
        Registration::UrlOnly { package, .. } => Some(*package),
        other => other.package(),
    };
    several.iter().copied().chain(one)
}
