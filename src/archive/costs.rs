//! What Cost Explorer answered earlier on the day, read before a run asks, since AWS charges for each request.

use jiff::civil::Date;

use super::ArchiveError;
use super::chain::Chain;
use super::index::Index;
use super::object;
use super::record::Kind;
use crate::evidence::CostAnswers;
use crate::store::Store;

/// The answers of a day, of whichever accounts.
///
/// # Errors
/// If the archive cannot be read. Asking again is then the only way; recalling tells of the trouble.
pub fn costs_of(store: &dyn Store, day: Date) -> Result<Vec<CostAnswers>, ArchiveError> {
    let Some(head) = Chain::look(store)?.head else { return Ok(Vec::new()) };
    let index = Index::load(store, &head).map_err(|error| error.into_error(store))?;
    let read = |item| object::read::<CostAnswers>(store, item).map_err(|error| error.into_error(store));
    let all = index.of(&Kind::Costs).map(|item| read(&item.object)).collect::<Result<Vec<_>, _>>()?;
    Ok(all.into_iter().filter(|answers| answers.day == day).collect())
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::estate::fixture::*;
    use crate::evidence::FactKind;
    use crate::run::judge;
    use crate::store::Folder;

    fn archived(store: &Folder, fixture: &Fixture) {
        let report = judge(&fixture.snapshot, &fixture.policy, None);
        super::super::write(store, &fixture.snapshot, &report, SignedDuration::from_mins(15)).unwrap();
    }

    #[test]
    fn an_answer_holds_until_the_day_is_over() {
        let folder = tempfile::tempdir().unwrap();
        let store = Folder::new(folder.path());
        let today = on(AS_OF.split_once('T').unwrap().0);
        assert_eq!(costs_of(&store, today).unwrap(), [], "an archive that is not there yet");
        let lines = vec![billed("2026-05-04", "EUC1-Host:ml.m5.xlarge", "4711", "5.52")];
        let fixture = Fixture::sound().with(bill(lines.clone())).with(forecast("120.50"));
        archived(&store, &fixture);

        let remembered = costs_of(&store, today).unwrap();
        let [answers] = remembered.as_slice() else { panic!("{remembered:?}") };
        assert_eq!(answers.bills[0].data.lines, lines);
        let call = &answers.bills[0].calls[0];
        assert_eq!((call.operation.as_str(), answers.account.as_str()), ("GetCostAndUsage", ACCOUNT));
        assert_eq!((answers.forecasts.len(), answers.allocation_tags.len()), (1, 0));
        assert_eq!(costs_of(&store, today.tomorrow().unwrap()).unwrap(), [], "tomorrow AWS knows more");

        archived(&store, &Fixture::sound());
        assert_eq!(costs_of(&store, today).unwrap(), remembered, "a run that asked for no costs forgets none");
        let corrected = Fixture::sound().with(bill(Vec::new()));
        archived(&store, &corrected);
        assert_eq!(costs_of(&store, today).unwrap()[0].bills[0].data.lines, [], "the newest answer holds");
    }

    #[test]
    fn a_part_of_the_keys_is_not_kept_for_all_of_them() {
        let folder = tempfile::tempdir().unwrap();
        let store = Folder::new(folder.path());
        let today = on(AS_OF.split_once('T').unwrap().0);
        let keyed = Fixture::sound().with(allocation_tag("owner", true));
        archived(&store, &keyed);
        assert_eq!(costs_of(&store, today).unwrap()[0].allocation_tags.len(), 1);
        let folder = tempfile::tempdir().unwrap();
        let store = Folder::new(folder.path());
        let mut partly = keyed.clone();
        let mut gap = Fixture::sound().hidden_all(FactKind::AllocationTags).snapshot.gaps.remove(0);
        gap.hides = vec![crate::evidence::Hidden::All(FactKind::AllocationTags)];
        partly.snapshot.gaps.push(gap);
        archived(&store, &partly);
        assert_eq!(costs_of(&store, today).unwrap()[0].allocation_tags, []);
    }

    #[test]
    fn an_archive_that_lost_what_it_kept_answers_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let store = Folder::new(folder.path());
        archived(&store, &Fixture::sound().with(bill(Vec::new())));
        std::fs::remove_dir_all(folder.path().join("objects")).unwrap();
        costs_of(&store, on(AS_OF.split_once('T').unwrap().0)).unwrap_err();
    }
}
