//! Which live version somebody means: an id, or a part of one.

use std::collections::BTreeSet;

use crate::policy::nearest::nearest;

/// So many ids are listed in an error.
const LISTED: usize = 10;

/// So many ids are suggested.
const SUGGESTED: usize = 3;

/// Why no live version, or no single one, is meant.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NameError {
    /// There is none at all.
    #[error("nothing serves there, so there is no live version `{0}`")]
    Nothing(String),
    /// None is called so.
    #[error("no live version is called `{asked}`;{} `countersign show` lists all", suggestion(near))]
    Unknown { asked: String, near: Vec<String> },
    /// More than one is.
    #[error("`{asked}` fits {} live versions; name more of the one that you mean:{}", fit.len(), lines(fit))]
    Several { asked: String, fit: Vec<String> },
}

fn suggestion(near: &[String]) -> String {
    match near {
        [] => String::new(),
        near => format!(" do you mean `{}`?", near.join("` or `")),
    }
}

fn lines(ids: &[String]) -> String {
    let more = (ids.len() > LISTED).then(|| format!("\n  … and {} more", ids.len() - LISTED));
    ids.iter().take(LISTED).map(|id| format!("\n  {id}")).chain(more).collect()
}

/// The one id that is meant.
pub(super) fn find(asked: &str, ids: &[&str]) -> Result<String, NameError> {
    match all(asked, ids)?.as_slice() {
        [one] => Ok((*one).to_owned()),
        several => Err(NameError::Several {
            asked: asked.to_owned(),
            fit: several.iter().map(|id| (*id).to_owned()).collect(),
        }),
    }
}

/// Every id that is meant: the very one, else those that end so, else those with such parts in the middle, else those
/// that hold the text anywhere. SageMaker compares names without regard to case, and so does this.
pub(super) fn all<'i>(asked: &str, ids: &[&'i str]) -> Result<Vec<&'i str>, NameError> {
    if let Some(same) = ids.iter().find(|id| **id == asked) {
        return Ok(vec![same]);
    }
    let text = asked.trim_matches('/').to_lowercase();
    let fits: [&dyn Fn(&str) -> bool; 4] = [
        &|id| id == text,
        &|id| id.ends_with(&format!("/{text}")),
        &|id| format!("/{id}/").contains(&format!("/{text}/")),
        &|id| id.contains(&text),
    ];
    let found = fits.into_iter().filter(|_| !text.is_empty()).find_map(|fits| {
        let found: Vec<&str> = ids.iter().copied().filter(|id| fits(&id.to_lowercase())).collect();
        (!found.is_empty()).then_some(found)
    });
    found.ok_or_else(|| unknown(asked, ids))
}

fn unknown(asked: &str, ids: &[&str]) -> NameError {
    if ids.is_empty() {
        return NameError::Nothing(asked.to_owned());
    }
    // An id is near if its name, or the end of it that people write, is.
    let ends: BTreeSet<&str> = ids.iter().flat_map(|id| ends(id)).collect();
    let near = nearest(asked, ends.iter().copied());
    let near = near.and_then(|near| all(near, ids).ok()).unwrap_or_default();
    NameError::Unknown { asked: asked.to_owned(), near: near.into_iter().take(SUGGESTED).map(str::to_owned).collect() }
}

/// The parts of an id behind account, region and path, and what ends with each: endpoint, `endpoint/variant`, …
fn ends(id: &str) -> impl Iterator<Item = &str> {
    let name = id.splitn(4, '/').nth(3).unwrap_or(id);
    let tails = name.match_indices('/').filter_map(|(at, _)| name.get(at + 1..));
    let heads = name.match_indices('/').filter_map(|(at, _)| name.get(..at));
    std::iter::once(id).chain([name]).chain(tails).chain(heads)
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDS: [&str; 5] = [
        "111122223333/eu-central-1/variant/Fraud/AllTraffic",
        "111122223333/eu-central-1/variant/fraud-batch/AllTraffic",
        "111122223333/eu-central-1/variant/credit/primary",
        "111122223333/eu-central-1/variant/credit/candidate",
        "444455556666/us-east-1/component/assistant/llm/base",
    ];

    fn meant(asked: &str) -> Vec<&'static str> {
        all(asked, &IDS).unwrap_or_default()
    }

    #[test]
    fn a_part_that_no_other_has_is_enough() {
        for (asked, at) in [
            (IDS[2], 2),
            ("fraud", 0),
            ("FRAUD/alltraffic", 0),
            ("fraud-batch", 1),
            ("credit/candidate", 3),
            ("candidate", 3),
            ("base", 4),
            ("assistant", 4),
            ("assistant/llm", 4),
            ("us-east-1", 4),
            ("batch", 1),
            ("/credit/primary/", 2),
        ] {
            assert_eq!(find(asked, &IDS).unwrap(), IDS[at], "{asked}");
        }
    }

    #[test]
    fn whole_parts_come_before_mere_pieces_of_text() {
        assert_eq!(meant("credit"), [IDS[2], IDS[3]]);
        assert_eq!(meant("AllTraffic"), [IDS[0], IDS[1]]);
        assert_eq!(meant("rau"), [IDS[0], IDS[1]]);
        assert_eq!(meant("111122223333").len(), 4);
    }

    #[test]
    fn what_is_not_clear_is_listed_and_what_is_not_there_suggested() {
        let error = find("credit", &IDS).unwrap_err().to_string();
        assert_eq!(
            error,
            format!("`credit` fits 2 live versions; name more of the one that you mean:\n  {}\n  {}", IDS[2], IDS[3])
        );
        let error = find("fruad", &IDS).unwrap_err().to_string();
        assert_eq!(
            error,
            format!("no live version is called `fruad`; do you mean `{}`? `countersign show` lists all", IDS[0])
        );
        assert_eq!(
            find("zebra", &IDS).unwrap_err().to_string(),
            "no live version is called `zebra`; `countersign show` lists all"
        );
        assert!(find("", &IDS).unwrap_err().to_string().contains("no live version is called ``"));
        assert_eq!(
            find("fraud", &[]).unwrap_err().to_string(),
            "nothing serves there, so there is no live version `fraud`"
        );
        let many: Vec<String> = (0..12).map(|n| format!("1/eu/variant/e{n:02}/AllTraffic")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let error = find("AllTraffic", &many).unwrap_err().to_string();
        assert!(error.contains("e09") && !error.contains("e10") && error.ends_with("… and 2 more"), "{error}");
    }
}
