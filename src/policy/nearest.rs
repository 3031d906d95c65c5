//! The known word that somebody probably meant.

/// The nearest of the known words, if one is near enough to be worth naming.
pub(crate) fn nearest<'w>(word: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let folded = fold(word);
    known
        .into_iter()
        .filter_map(|candidate| {
            let other = fold(candidate);
            let length = folded.len().max(other.len());
            // A word that starts like another ("threshold" for "thresholds") is always near.
            let distance = if other.starts_with(&folded) && folded.len() >= 3 { 1 } else { distance(&folded, &other) };
            (distance <= (length / 3).max(1) && distance < length).then_some((distance, candidate))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Lower case, with `-`, `_` and spaces alike.
fn fold(word: &str) -> Vec<char> {
    word.chars()
        .map(|letter| if matches!(letter, '_' | ' ') { '-' } else { letter })
        .flat_map(char::to_lowercase)
        .collect()
}

/// Insertions, deletions, substitutions and swaps of neighbours between two words.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    let mut last_a = None;
    for (row, &letter_a) in a.iter().enumerate() {
        let mut current = Vec::with_capacity(b.len() + 1);
        current.push(row + 1);
        let mut last_b = None;
        for (column, &letter_b) in b.iter().enumerate() {
            let at = |line: &[usize], column: usize| line.get(column).copied().unwrap_or(usize::MAX / 2);
            let substituted = at(&above, column) + usize::from(letter_a != letter_b);
            let mut best = substituted.min(at(&above, column + 1) + 1).min(at(&current, column) + 1);
            if last_a == Some(letter_b) && last_b == Some(letter_a) && column > 0 {
                best = best.min(at(&before, column - 1) + 1);
            }
            current.push(best);
            last_b = Some(letter_b);
        }
        before = std::mem::replace(&mut above, current);
        last_a = Some(letter_a);
    }
    above.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_mistakes_find_their_word() {
        let known = ["regions", "include", "exclude", "required", "cost_center"];
        for (word, meant) in [
            ("regoins", Some("regions")),
            ("region", Some("regions")),
            ("Exclude", Some("exclude")),
            ("requried", Some("required")),
            ("cost-center", Some("cost_center")),
            ("inc", Some("include")),
            ("zebra", None),
            ("", None),
            ("x", None),
        ] {
            assert_eq!(nearest(word, known), meant, "{word}");
        }
    }

    #[test]
    fn distances_count_edits_and_swaps() {
        for (a, b, expected) in [("", "", 0), ("a", "", 1), ("", "ab", 2), ("kitten", "sitting", 3), ("ab", "ba", 1)] {
            assert_eq!(distance(&fold(a), &fold(b)), expected, "{a} {b}");
        }
    }
}
