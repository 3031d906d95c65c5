//! The approver matrix as the page shows it.

use crate::report::document::{ActorRow, ActorsSection, DeedRow};

/// So many people and roles are shown; more are in the JSON.
pub(super) const SHOWN: usize = 40;

/// What somebody did, in the order of the columns.
pub(super) fn deeds(row: &ActorRow) -> [(&'static str, Option<&DeedRow>); 4] {
    [
        ("Approved or rejected", row.decided.as_ref()),
        ("Registered", row.registered.as_ref()),
        ("Edited", row.edited.as_ref()),
        ("Deployed", row.deployed.as_ref()),
    ]
}

/// How many are in the JSON and not shown.
pub(super) fn more(actors: &ActorsSection) -> usize {
    actors.rows.len().saturating_sub(SHOWN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::bank;
    use crate::report::{Format, render};

    #[test]
    fn what_is_left_out_is_told_and_the_json_holds_what_is_promised_of_it() {
        let mut report = bank();
        let actors = report.actors.as_mut().expect("somebody acted");
        let mut row = actors.rows[0].clone();
        let groups: Vec<String> = (0..13).map(|number| format!("group-{number}")).collect();
        (row.gate_of, row.outside) = (groups.clone(), groups);
        actors.rows = vec![row; SHOWN + 3];
        actors.left_out = 20;
        let page = String::from_utf8(render(&report, Format::Html).expect("it is written")).expect("it is text");
        assert!(page.contains("and 3 more people and roles: see <code>report.json</code>"));
        assert!(page.contains("20 beyond those are in no document"));
        assert_eq!(page.matches(" and 9 more</span>").count(), 2 * SHOWN);
    }
}
