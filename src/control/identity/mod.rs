//! What serves: whether it resolves to a model, whether the registry knows it, whether its state is settled.

pub(super) mod governed_batch;
pub(super) mod no_hidden_path;
pub(super) mod registered_version;
pub(super) mod resolves_to_a_model;
pub(super) mod settled_state;

use crate::control::Verdict;
use crate::estate::{LiveContainer, Registration};

/// How one container is tied to the registry, as a result.
fn registered(container: &LiveContainer<'_>) -> Verdict {
    let image = container.container.image.as_deref().unwrap_or("an unnamed image");
    let verdict = match &container.registration {
        Registration::Named(package) | Registration::Inferred(package) if package.data.group.is_none() => Verdict::fail(
            format!("`{}` is an unversioned package, which can be neither approved nor rolled back", package.data.arn),
        )
        .cite(package, format!("`{}` belongs to no group", package.data.arn))
        .settled(),
        Registration::Named(package) => Verdict::pass(format!("it was made from package `{}`", package.data.arn))
            .cite(package, format!("`{}` is registered", package.data.arn)),
        Registration::Inferred(package) => {
            Verdict::pass(format!("it has the data, content and image of package `{}` alone", package.data.arn))
                .cite(package, format!("`{}` is registered", package.data.arn))
                .note("inferred from its content: the model itself names no package")
        }
        Registration::UrlOnly { package, differs: true } => Verdict::fail(format!(
            "it has the URL of package `{}`, but not what was registered there",
            package.data.arn
        ))
        .cite(package, format!("`{}` registers other content or another image", package.data.arn)),
        Registration::UrlOnly { package, differs: false } => Verdict::unknown(format!(
            "it has the URL of package `{}`, and there is nothing to compare the content by",
            package.data.arn
        ))
        .cite(package, format!("`{}` is registered", package.data.arn)),
        Registration::Ambiguous(packages) => packages.iter().fold(
            Verdict::unknown(format!("{} packages have the same data, content and image", packages.len())),
            |verdict, package| verdict.cite(package, format!("`{}` fits", package.data.arn)),
        ),
        Registration::Unseen { named } => Verdict::unknown(format!("package `{named}`, from which it was made, could not be read")),
        Registration::Absent { named, call } => {
            Verdict::fail(format!("package `{named}`, from which it was made, does not exist any more"))
                .cite_calls(&[*call], format!("`{named}` does not exist"))
        }
        Registration::None => match &container.container.hub_content {
            Some(hub) => Verdict::fail(format!("it comes from the model hub (`{hub}`), and no registered version fits it")),
            None => Verdict::fail(format!("no registered version fits it (`{image}`)")),
        },
        Registration::Unknown => Verdict::unknown("no package that could be read fits it, but not all could be read"),
    };
    verdict.cite_calls(container.seen, format!("the container runs `{image}`"))
}
