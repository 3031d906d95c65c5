//! INV-003

use crate::control::standing::{Standing, standing};
use crate::control::{Check, Context, Verdict, worst};
use crate::declare_control;
use crate::estate::{LiveContainer, LiveVersion, Lookup, image, specification};
use crate::evidence::{Fact, Package, PackageContainer};

declare_control! {
    /// ## What it requires
    /// The image that runs is the image that was registered, byte for byte.
    ///
    /// ## Why
    /// A tag is a name that can be moved. Whoever pushes another image under it changes the code that serves, and the registry
    /// goes on showing the same line.
    ///
    /// ## Evidence
    /// The digest to which SageMaker resolved the image when it deployed it, against the digest that the package pins or
    /// states. Where the package has a tag only: the digest that the tag stands for, if the repository does not let tags be
    /// moved, or the image was there before the version was registered.
    ///
    /// ## Results
    /// - **pass**: the same digest (with a note where the tag could have been moved)
    /// - **fail**: another digest than the registered one
    /// - **unknown**: no digest was registered, and the tag can be moved: it was pushed after the registration, stands for
    ///   another image than the one that runs, or could not be read; which digest runs is not shown (batch jobs)
    /// - **not applicable**: not registered (INV-002 owns that); products of the Marketplace, whose images only AWS sees
    "INV-003" "deployed-image-registered" {
        summary: "the image that runs is the registered one",
        severity: High,
        gate: Fix,
        needs: [Endpoints, Models, Packages, InferenceComponents],
        uses: [Images],
        remedy: "register images by digest (`@sha256:…`), and make tags of the repository immutable",
        role: "model developer",
        frameworks: [("NIST AI RMF", "MANAGE 3.1"), ("ISO/IEC 42001", "A.6.2.5"), ("EU AI Act", "Art. 15"), ("AWS Well-Architected", "Security")],
        check: Check::LiveVersion(check),
    }
}

fn check<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    if !live.resolved() {
        return Verdict::unknown("which model serves is not known; INV-001 judges that");
    }
    worst(live.containers.iter().map(|container| of_container(container, live, context)))
        .unwrap_or_else(|| Verdict::not_applicable("it has no container"))
}

fn of_container<'a>(container: &'a LiveContainer<'a>, live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    let package = match standing(container, live, context) {
        Standing::Registered(package) => package,
        Standing::Unsure(verdict) => return verdict,
        Standing::Unregistered => return Verdict::not_applicable("it is not registered; INV-002 judges that"),
    };
    let arn = &package.data.arn;
    let Some(registered) = registered(container, &package.data) else {
        return Verdict::unknown(format!("which of the images of `{arn}` the container is cannot be told"));
    };
    if let Some(product) = &registered.product_id {
        return Verdict::not_applicable(format!(
            "`{product}` is a product of the Marketplace, whose image only AWS sees"
        ));
    }
    let Some(name) = registered.image.as_deref() else {
        return Verdict::unknown(format!("`{arn}` names no image"));
    };
    let runs =
        image::deployed(container, live).and_then(|deployed| deployed.resolved.as_deref()).and_then(image::digest);
    let asked = container.container.image.as_deref().unwrap_or(name);
    // What is pinned is what is pulled, shown or not.
    let Some(runs) = runs.or_else(|| image::digest(asked)) else {
        return Verdict::unknown(format!("which digest of `{asked}` runs is not shown"))
            .cite(package, format!("`{arn}` registers `{name}`"));
    };
    let verdict = match image::registered_digest(registered) {
        Some(pinned) if pinned == runs => Verdict::pass("the image that runs has the registered digest"),
        Some(pinned) => Verdict::fail(format!("image `{runs}` runs, and `{arn}` registers `{pinned}`")),
        None => by_tag(name, runs, package, live, context),
    };
    verdict
        .cite(package, format!("`{arn}` registers `{name}`"))
        .cite_calls(live.endpoint.map_or(container.seen, |endpoint| endpoint.seen.as_slice()), format!("`{runs}` runs"))
}

/// The registered container that a live one is: the only one, or the only one of its repository.
fn registered<'a>(container: &LiveContainer<'a>, package: &'a Package) -> Option<&'a PackageContainer> {
    let all = specification(package, container.container);
    if let [only] = all {
        return Some(only);
    }
    let own = image::repository(container.container.image.as_deref()?);
    let mut alike = all.iter().filter(|it| it.image.as_deref().map(image::repository) == Some(own));
    alike.next().filter(|_| alike.next().is_none())
}

/// The package has a tag only: what that stands for, if it can be relied on.
fn by_tag(name: &str, runs: &str, package: &Fact<Package>, live: &LiveVersion<'_>, context: Context<'_>) -> Verdict {
    let tagged = match context.estate.index.image(live.account, live.region, name) {
        Lookup::Found(tagged) => tagged,
        Lookup::Absent(call) => {
            return Verdict::unknown(format!("no digest was registered, and there is no image `{name}` any more"))
                .cite_calls(&[call], format!("`{name}` does not exist"));
        }
        Lookup::Unseen | Lookup::NotNamed => {
            return Verdict::unknown(format!(
                "no digest was registered, and what `{name}` stands for could not be read"
            ));
        }
    };
    let image = &tagged.data;
    let same = image.digest == runs;
    let there_before = image.pushed.zip(package.data.created).is_some_and(|(pushed, created)| pushed <= created);
    let verdict = match (image.tags_mutable, same) {
        (Some(false), true) => {
            Verdict::pass("the image that runs is the one of the registered tag, which cannot be moved")
        }
        (Some(false), false) => Verdict::fail(format!(
            "image `{runs}` runs, and the registered tag `{name}`, which cannot be moved, stands for `{}`",
            image.digest
        )),
        (_, true) if there_before => Verdict::pass("the image that runs is the one of the registered tag")
            .note("weak evidence: the tag can be moved, and only the age of its image says that it was not"),
        (_, true) => Verdict::unknown(format!(
            "no digest was registered, and the image of `{name}` was pushed after the version was registered"
        )),
        (_, false) => Verdict::unknown(format!(
            "no digest was registered, and `{name}`, which can be moved, stands for another image than the one that runs"
        )),
    };
    verdict.cite(tagged, format!("`{name}` stands for `{}`", image.digest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::tester::Tester;
    use crate::estate::fixture::*;
    use crate::evidence::{Container, Endpoint, FactKind, Image, Model};

    fn digest(digit: &str) -> String {
        format!("sha256:{}", digit.repeat(64))
    }

    fn running(digit: &'static str) -> Fixture {
        Fixture::sound().edit(move |endpoint: &mut Endpoint| {
            endpoint.variants[0].images[0].resolved = Some(format!("{IMAGE}@{}", digest(digit)));
        })
    }

    /// The package has a tag only.
    fn tagged(fixture: Fixture) -> Fixture {
        fixture.edit_named(PACKAGE, |package: &mut Package| package.containers[0].image_digest = None)
    }

    fn movable(fixture: Fixture, pushed: &'static str) -> Fixture {
        fixture.edit(move |image: &mut Image| (image.tags_mutable, image.pushed) = (Some(true), Some(at(pushed))))
    }

    #[test]
    fn the_registered_digest_runs() {
        let pinned = |package: &mut Package| {
            package.containers[0].image = Some(format!("{IMAGE}@{}", digest("0")));
            package.containers[0].image_digest = Some("d41d8cd98f00b204e9800998ecf8427e".to_owned());
        };
        Tester::new(&CONTROL)
            .pass(Fixture::sound(), "registered digest")
            .pass(Fixture::sound().edit_named(PACKAGE, pinned), "registered digest")
            .fail(running("1"), "runs, registers")
            .fail(running("1").edit_named(PACKAGE, pinned), "runs, registers")
            .hidden(Fixture::sound().hidden(FactKind::Packages, PACKAGE));
    }

    #[test]
    fn a_tag_tells_only_if_it_cannot_have_moved() {
        let before = "2026-02-20T09:00:00Z";
        Tester::new(&CONTROL)
            .pass(tagged(Fixture::sound()), "cannot be moved")
            .fail(tagged(running("1")), "cannot be moved, stands for")
            .pass(movable(tagged(Fixture::sound()), before), "one of the registered tag")
            .note("weak evidence")
            .unknown(movable(tagged(Fixture::sound()), "2026-05-20T09:00:00Z"), "pushed after")
            .unknown(movable(tagged(running("1")), before), "another image than the one that runs")
            .unknown(tagged(Fixture::sound()).absent(FactKind::Images, IMAGE), "any more")
            .unknown(tagged(Fixture::sound()).hidden(FactKind::Images, IMAGE), "could not be read")
            .pass(Fixture::sound().hidden(FactKind::Images, IMAGE), "registered digest");
    }

    #[test]
    fn what_is_not_shown_is_known_only_if_it_is_pinned() {
        let batch = |image: &str| {
            let image = image.to_owned();
            Fixture::sound()
                .with(job("night", MODEL, "2026-05-30T01:00:00Z"))
                .edit_named(PACKAGE, move |package: &mut Package| package.containers[0].image = Some(image.clone()))
        };
        Tester::new(&CONTROL)
            .on("/batch/")
            .unknown(batch(IMAGE), "not shown")
            .pass(batch(&format!("{IMAGE}@{}", digest("0"))), "registered digest");
    }

    #[test]
    fn what_is_not_registered_or_of_the_marketplace_is_not_compared() {
        let raw = |model: &mut Model| model.containers = vec![from_artifact("s3://ml-models/raw.tar.gz", None)];
        let product = |package: &mut Package| package.containers[0].product_id = Some("prod-1".to_owned());
        let nameless = |package: &mut Package| package.containers[0].image = None;
        let pipeline = |package: &mut Package| {
            let second = PackageContainer { image: Some("other/image:1".to_owned()), ..PackageContainer::default() };
            package.containers.push(second);
        };
        let echoed = |model: &mut Model| {
            model.containers[0] = Container { image: Some(IMAGE.to_owned()), ..from_package(PACKAGE) };
        };
        Tester::new(&CONTROL)
            .not_applicable(Fixture::sound().edit(raw), "not registered")
            .not_applicable(Fixture::sound().edit_named(PACKAGE, product), "Marketplace")
            .unknown(Fixture::sound().edit_named(PACKAGE, nameless), "no image")
            .unknown(Fixture::sound().edit_named(PACKAGE, pipeline), "which of the images")
            .pass(Fixture::sound().edit_named(PACKAGE, pipeline).edit(echoed), "registered digest");
    }
}
