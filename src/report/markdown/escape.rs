//! Text of strangers as Markdown that is only text: on GitHub, GitLab and in any other reader.

use crate::report::escape::visible;

/// A name as a code span, in which nothing is markup, a link or a mention.
pub(super) fn code(name: &str) -> String {
    let name = visible(name);
    if name.trim().is_empty() {
        return "–".to_owned();
    }
    // A span ends at a run of as many backticks as it began with. A pipe would end a table's cell even inside.
    let longest = name.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let pad = if name.starts_with('`') || name.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{}{pad}{fence}", name.replace('|', "\\|"))
}

/// A sentence in which names stand between backticks; everything else loses its meaning as markup.
pub(super) fn prose(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let pieces: Vec<&str> = text.split('`').collect();
    let balanced = pieces.len() % 2 == 1;
    for (at, piece) in pieces.iter().enumerate() {
        let last = at + 1 == pieces.len();
        if at % 2 == 1 && (balanced || !last) {
            out.push_str(&code(piece));
        } else {
            if last && !balanced {
                out.push_str("\\`");
            }
            plain(piece, &mut out);
        }
    }
    out
}

/// Markup is escaped; an empty comment keeps readers from making links, mentions and issue numbers of bare text.
fn plain(text: &str, out: &mut String) {
    const BREAK: &str = "<!-- -->";
    let text = visible(text);
    let mut rest = text.as_ref();
    while let Some(c) = rest.chars().next() {
        let len = c.len_utf8();
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '*' | '_' | '[' | ']' | '|' | '~' | '$' | '!' => out.extend(['\\', c]),
            '@' | '#' => {
                out.push(c);
                out.push_str(BREAK);
            }
            ':' if rest.starts_with("://") => {
                out.push_str(BREAK);
                out.push(c);
            }
            '.' if out.bytes().rev().take(3).all(|b| b.eq_ignore_ascii_case(&b'w')) && !out.is_empty() => {
                out.push_str(BREAK);
                out.push(c);
            }
            _ => out.push(c),
        }
        rest = rest.get(len..).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_inside_their_code_span() {
        let cases = [
            ("fraud", "`fraud`"),
            ("a`b", "``a`b``"),
            ("``", "``` `` ```"),
            ("a|b", "`a\\|b`"),
            ("a\nb", "`a\\u{a}b`"),
            ("", "–"),
        ];
        for (name, span) in cases {
            assert_eq!(code(name), span);
        }
    }

    #[test]
    fn sentences_hold_names_and_no_markup() {
        let cases = [
            ("package `a/7` is Rejected", "package `a/7` is Rejected"),
            ("<b>x</b> & [y](z)", "&lt;b&gt;x&lt;/b&gt; &amp; \\[y\\](z)"),
            ("an odd ` stays", "an odd \\` stays"),
            ("@all #1 https://x www.y", "@<!-- -->all #<!-- -->1 https<!-- -->://x www<!-- -->.y"),
            ("a_b*c|d", "a\\_b\\*c\\|d"),
        ];
        for (text, markdown) in cases {
            assert_eq!(prose(text), markdown);
        }
    }
}
