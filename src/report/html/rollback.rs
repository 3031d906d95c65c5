//! Rollback cards and faults as a live version's section shows them.

use crate::report::document::{LiveVersionRow, RollbackState, ToldState};

/// The shape of a state, by the status that it amounts to.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "templates pass references")]
pub(super) fn state_class(state: &RollbackState) -> &'static str {
    match state {
        RollbackState::Version | RollbackState::Fallback => "pass",
        RollbackState::Unknown => "unknown",
        RollbackState::None => "fail",
        RollbackState::NotNeeded => "not_applicable",
    }
}

/// Whether any fault can happen to it.
pub(super) fn can_go_wrong(row: &LiveVersionRow) -> bool {
    row.faults.iter().any(|fault| fault.told != ToldState::NotApplicable)
}

#[cfg(test)]
mod tests {
    use crate::report::sample::bank;
    use crate::report::{Format, render};

    /// A section answers first and shows its evidence after: whoever stops reading early has read the answer.
    #[test]
    fn a_section_reads_from_the_answer_to_what_passes() {
        let page = String::from_utf8(render(&bank(), Format::Html).expect("it is written")).expect("it is text");
        let sections: Vec<&str> = page.split("<details class=\"version ").skip(1).collect();
        assert_eq!(sections.len(), bank().live_versions.len());
        let parts = [
            "class=\"paragraph\"",
            "<h4>Verdict</h4>",
            "<h4>What happened, and when</h4>",
            "<h4>The way back</h4>",
            "<h4>What alerts, and whom it reaches</h4>",
            "<h4>Monitors and retraining</h4>",
            "<h4>Cost</h4>",
            "<h4>What it is made of</h4>",
            "<h4>Open findings</h4>",
            " pass, ",
        ];
        let mut most = 0;
        for section in sections {
            let own = section.split("</details>\n</section>").next().unwrap_or(section);
            let places: Vec<usize> = parts.iter().filter_map(|part| own.find(part)).collect();
            assert!(places.is_sorted(), "{places:?}");
            assert!(own.contains("<h4>The way back</h4>"));
            most = most.max(places.len());
        }
        assert!(most >= 7, "some section has most of them: {most}");
    }
}
