//! Names in reports come from strangers. What deceives the eye or drives a terminal is shown instead of obeyed, in
//! every format but JSON, whose strings are data; each format then escapes its own markup.

use std::borrow::Cow;
use std::fmt::{self, Write};

/// Whether a character does something other than appear: a control character, a bidirectional override, a character
/// without width, no character at all (which XML forbids), a private or unassigned trick.
fn deceives(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{fdd0}'..='\u{fdef}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
        // The last two of each plane are no characters.
        || u32::from(c) & 0xfffe == 0xfffe
}

/// The text with every character that deceives written out, such as `\u{202e}`.
pub fn visible(text: &str) -> Cow<'_, str> {
    let plain = |byte: u8| (b' '..=b'~').contains(&byte);
    if text.bytes().all(plain) || !text.chars().any(deceives) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if deceives(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// The HTML escaper of the templates: every printed expression passes through it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Html;

impl askama::filters::Escaper for Html {
    fn write_escaped_str<W: Write>(&self, mut dest: W, text: &str) -> fmt::Result {
        let harmless =
            |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'<' | b'>' | b'&' | b'"' | b'\'' | b'`');
        if text.bytes().all(harmless) {
            return dest.write_str(text);
        }
        let mut plain = 0;
        for (at, c) in text.char_indices() {
            let entity = match c {
                '<' => "&lt;",
                '>' => "&gt;",
                '&' => "&amp;",
                '"' => "&quot;",
                '\'' => "&#39;",
                '`' => "&#96;",
                c if deceives(c) => "",
                _ => continue,
            };
            dest.write_str(text.get(plain..at).unwrap_or_default())?;
            if entity.is_empty() {
                write!(dest, "{}", c.escape_unicode())?;
            } else {
                dest.write_str(entity)?;
            }
            plain = at + c.len_utf8();
        }
        dest.write_str(text.get(plain..).unwrap_or_default())
    }

    fn write_escaped_char<W: Write>(&self, dest: W, c: char) -> fmt::Result {
        self.write_escaped_str(dest, c.encode_utf8(&mut [0; 4]))
    }
}

#[cfg(test)]
mod tests {
    use askama::filters::Escaper;

    use super::*;

    #[test]
    fn what_deceives_is_written_out_and_the_rest_is_left() {
        let cases = [
            ("plain – ünïcode 模型", "plain – ünïcode 模型"),
            ("\u{1b}[31mred", "\\u{1b}[31mred"),
            ("a\u{202e}b\u{2066}c", "a\\u{202e}b\\u{2066}c"),
            ("zero\u{200b}width\u{feff}", "zero\\u{200b}width\\u{feff}"),
            ("line\nbreak\ttab\0", "line\\u{a}break\\u{9}tab\\u{0}"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("tag\u{e0041}s", "tag\\u{e0041}s"),
            ("none\u{fffe}\u{fdd0}\u{10ffff}", "none\\u{fffe}\\u{fdd0}\\u{10ffff}"),
        ];
        for (text, shown) in cases {
            assert_eq!(visible(text), shown);
        }
    }

    #[test]
    fn html_is_text() {
        let mut out = String::new();
        Html.write_escaped_str(&mut out, "<a href='x' b=\"y\">&`\u{202e}\u{1b}\n").unwrap();
        assert_eq!(out, "&lt;a href=&#39;x&#39; b=&quot;y&quot;&gt;&amp;&#96;\\u{202e}\\u{1b}\\u{a}");
    }
}
