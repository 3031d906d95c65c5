//! AWS's limits on text. They count characters; bytes are counted here, which are never fewer.

use crate::report::escape::visible;

/// What stands where a text was cut.
const CUT: &str = "…";

/// What stands where there is no text: AWS wants something that is not white space.
const NOTHING: &str = "-";

/// Text for people, with what deceives the eye written out, cut to `most` bytes.
pub(super) fn text(text: &str, most: usize) -> String {
    name(&visible(text), most)
}

/// A name that a system matches by, cut to `most` bytes and otherwise as it is.
pub(super) fn name(name: &str, most: usize) -> String {
    if name.trim().is_empty() {
        return NOTHING.to_owned();
    }
    if name.len() <= most {
        return name.to_owned();
    }
    let end = name.floor_char_boundary(most.saturating_sub(CUT.len()));
    format!("{}{CUT}", name.get(..end).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_short_is_left_and_what_is_long_says_that_it_was_cut() {
        assert_eq!(name("short", 5), "short");
        assert_eq!(name("longer", 5), "lo…");
        assert_eq!(name("öööö", 7), "öö…");
        assert_eq!(name(" \n", 5), "-");
        assert_eq!(text("a\u{202e}b", 20), "a\\u{202e}b");
    }

    proptest! {
        #[test]
        fn no_text_exceeds_its_limit_or_is_empty(string in "\\PC{0,80}|.{0,80}|[ \\t\\n]{0,9}", most in 3_usize..60) {
            for cut in [text(&string, most), name(&string, most)] {
                prop_assert!(cut.len() <= most && !cut.trim().is_empty(), "{cut:?}");
            }
        }
    }
}
