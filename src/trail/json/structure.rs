//! Which braces of a JSON text are structure, and which are characters of a string, told from their surroundings.
//!
//! Reading from the beginning, string by string, costs more than inflating the text did; looking at the braces alone
//! costs a quarter of that. Each is judged by what follows it, so a text can be walked in both directions and from
//! anywhere. The judgement holds for valid JSON; where both readings are possible there is none, and the caller reads
//! from the beginning.

use std::ops::Range;

use memchr::memchr2_iter;

use super::{is_space, skip_space};

/// Whether the brace at `at` opens an object. `None` if it cannot be told.
fn opens(text: &[u8], at: usize) -> Option<bool> {
    let next = skip_space(text, at + 1);
    match text.get(next)? {
        b'"' => quote_opens(text, next),
        b'}' => None,
        // An object begins with a key.
        _ => Some(false),
    }
}

/// Whether the brace at `at` closes an object. `None` if it cannot be told.
fn closes(text: &[u8], at: usize) -> Option<bool> {
    let rest = text.get(at + 1..)?;
    let run = rest.iter().position(|byte| !is_space(*byte) && !matches!(byte, b'}' | b']'));
    let Some(end) = run.map(|length| at + 1 + length) else { return Some(true) };
    match text.get(end)? {
        // No quotation mark stands between here and there: both are structure, or both are of one string.
        b'{' => opens(text, end),
        b',' => {
            let next = skip_space(text, end + 1);
            match text.get(next)? {
                b'"' => quote_opens(text, next),
                b'{' => opens(text, next),
                b'\\' => Some(false),
                _ => None,
            }
        }
        // After an object come a comma, a closing brace or bracket, or the end.
        _ => Some(false),
    }
}

/// Whether the quotation mark at `at` opens a string rather than closing one, which it does exactly if everything before
/// it is structure. After a string comes white space or punctuation; with anything else it must have opened one.
fn quote_opens(text: &[u8], at: usize) -> Option<bool> {
    let next = *text.get(at + 1)?;
    (!is_space(next) && !matches!(next, b',' | b':' | b'}' | b']')).then_some(true)
}

/// Objects opened less objects closed within a range. `None` if a brace in it cannot be told.
pub(in crate::trail) fn balance(text: &[u8], range: Range<usize>) -> Option<isize> {
    let start = range.start;
    let part = text.get(range)?;
    let mut balance = 0;
    let mut empty_ends = usize::MAX;
    for at in memchr2_iter(b'{', b'}', part) {
        if at == empty_ends {
            continue;
        }
        if part.get(at) == Some(&b'{') {
            // `{}` opens and closes nothing, in a string or out of it.
            if part.get(at + 1) == Some(&b'}') {
                empty_ends = at + 1;
            } else if opens(text, start + at)? {
                balance += 1;
            }
        } else if closes(text, start + at)? {
            balance -= 1;
        }
    }
    Some(balance)
}

/// Where the innermost object begins that holds position `at`, which must not lie in a string. `None` if a brace on the
/// way cannot be told, or there is none.
pub(in crate::trail) fn object_around(text: &[u8], at: usize) -> Option<usize> {
    let before = text.get(..at)?;
    let mut inner = 0_usize;
    let mut empty_begins = usize::MAX;
    for at in memchr2_iter(b'{', b'}', before).rev() {
        if at == empty_begins {
            continue;
        }
        if before.get(at) == Some(&b'}') {
            if at > 0 && before.get(at - 1) == Some(&b'{') {
                empty_begins = at - 1;
            } else if closes(text, at)? {
                inner += 1;
            }
        } else if opens(text, at)? {
            match inner.checked_sub(1) {
                Some(fewer) => inner = fewer,
                None => return Some(at),
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Which bytes are outside strings, found by reading from the beginning.
    fn outside(text: &[u8]) -> Vec<bool> {
        let (mut inside, mut escaped) = (false, false);
        let mut outside = Vec::new();
        for byte in text {
            outside.push(!inside);
            match byte {
                _ if escaped => escaped = false,
                b'\\' if inside => escaped = true,
                b'"' => inside = !inside,
                _ => {}
            }
        }
        outside
    }

    fn any_json() -> impl Strategy<Value = serde_json::Value> {
        // Strings full of what could be taken for structure.
        let nasty = "[{}\\[\\]\",:\\\\ a0\u{e9}]{0,8}";
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(serde_json::Value::from),
            (-9..9i64).prop_map(serde_json::Value::from),
            nasty.prop_map(serde_json::Value::from),
        ];
        leaf.prop_recursive(5, 40, 5, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(serde_json::Value::from),
                prop::collection::btree_map(nasty, inner.clone(), 0..5).prop_map(|map| map.into_iter().collect()),
                inner.prop_map(|value| serde_json::Value::from(value.to_string())),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        #[test]
        fn a_judgement_is_never_wrong(value in any_json(), pretty in any::<bool>()) {
            let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
            let text = text.as_bytes();
            for (at, outside) in outside(text).into_iter().enumerate() {
                let judged = match text[at] {
                    b'{' => opens(text, at),
                    b'}' => closes(text, at),
                    _ => None,
                };
                prop_assert!(judged.is_none_or(|judged| judged == outside), "{} at {at}", String::from_utf8_lossy(text));
            }
        }

        #[test]
        fn walks_agree_with_reading_from_the_beginning(value in any_json(), from in any::<prop::sample::Index>()) {
            let text = value.to_string().into_bytes();
            let outside = outside(&text);
            let from = from.index(text.len());
            let mut open = Vec::new();
            for (at, byte) in text.iter().enumerate().take(from) {
                match byte {
                    b'{' if outside[at] => open.push(at),
                    b'}' if outside[at] => drop(open.pop()),
                    _ => {}
                }
            }
            if outside[from] && text[from] != b'{' && text[from] != b'}' {
                let found = object_around(&text, from);
                prop_assert!(found.is_none() || found == open.last().copied());
            }
            if let Some(balance) = balance(&text, 0..from) && text.get(from) != Some(&b'}') {
                prop_assert_eq!(balance, isize::try_from(open.len()).unwrap());
            }
        }
    }

    #[test]
    fn what_cloudtrail_writes_can_be_told() {
        let text = br#"{"Records":[{"a":{},"p":"{\"S\":[{\"x\":{}},{\"y\":1}]}","u":"[x/{y}] z","n":{"k":null}},{"b":[{"c":1}]}]}"#;
        assert_eq!(balance(text, 0..text.len()), Some(0));
        let at = text.windows(3).position(|window| window == b"\"b\"").unwrap();
        assert_eq!(object_around(text, at), Some(at - 1));
        assert_eq!(balance(text, 0..at - 1), Some(1));
    }
}
