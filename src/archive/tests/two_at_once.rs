//! Runs that write at the same time.

use super::*;

#[test]
fn runs_at_once_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = Folder::new(folder.path());
    // Each sees an approval that the others do not see, of the same package in the same month.
    let fixtures: Vec<Fixture> = (1..=8)
        .map(|day| {
            Fixture::sound().with(approval(PACKAGE, &format!("2026-05-1{day}T10:00:00Z"), "Approved", sso("anna")))
        })
        .collect();
    let written: Vec<Written> = std::thread::scope(|scope| {
        let store = &store;
        let runs: Vec<_> = fixtures.iter().map(|fixture| scope.spawn(move || archive(store, fixture))).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    let numbers: BTreeSet<u64> = written.iter().map(|written| written.number).collect();
    assert_eq!(numbers, (1..=8).collect());
    let verified = verify(&store).unwrap();
    assert_eq!(verified.damage, []);
    assert!(verified.unsealed.is_empty());
    let remembered = event_ids(&recalled(&store, &later(120)));
    for fixture in &fixtures {
        for event in &fixture.snapshot.facts.trail_events {
            assert!(remembered.contains(&event.data.id), "{} is lost", event.data.id);
        }
    }
}

#[test]
fn of_two_runs_the_later_one_leaves_the_history() {
    let folder = tempfile::tempdir().unwrap();
    let store = Folder::new(folder.path());
    let late = archive(&store, &later(10));
    let early = archive(&store, &later(5));
    assert_eq!((late.number, early.number), (1, 2));
    let history = recalled(&store, &later(20)).history.unwrap();
    assert_eq!((history.at, history.run), (later(10).as_of, late.hash.to_string()));
}

#[test]
fn a_listing_of_a_slower_run_comes_before_that_of_a_later_one() {
    let folder = tempfile::tempdir().unwrap();
    let store = Folder::new(folder.path());
    archive(&store, &holding(10, "late"));
    archive(&store, &holding(5, "early"));
    let snapshot = recalled(&store, &holding(20, "now"));
    let of_artifact = |it: &&crate::evidence::Fact<crate::evidence::Remembered<ObjectListing>>| {
        it.data.data.location.to_string() == ARTIFACT
    };
    let seen: BTreeSet<(Timestamp, String)> = snapshot
        .facts
        .remembered_objects
        .iter()
        .filter(of_artifact)
        .map(|fact| (fact.data.seen_at, fact.data.data.versions[0].version_id.clone()))
        .collect();
    assert_eq!(seen, [(later(5).as_of, "early".to_owned()), (later(10).as_of, "late".to_owned())].into());
}
