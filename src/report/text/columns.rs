//! How many columns text takes on a terminal, near enough: wide characters take two, combining marks none.

use std::borrow::Cow;

/// Columns of one character.
fn columns(c: char) -> usize {
    match u32::from(c) {
        0x0300..=0x036f
        | 0x0483..=0x0489
        | 0x0591..=0x05bd
        | 0x064b..=0x065f
        | 0x1ab0..=0x1aff
        | 0x1dc0..=0x1dff
        | 0x20d0..=0x20ff
        | 0xfe00..=0xfe0f
        | 0xfe20..=0xfe2f => 0,
        0x1100..=0x115f
        | 0x2e80..=0x303e
        | 0x3041..=0xa4cf
        | 0xa960..=0xa97f
        | 0xac00..=0xd7a3
        | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f
        | 0xff00..=0xff60
        | 0xffe0..=0xffe6
        | 0x1f300..=0x1faff
        | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

/// Columns of a text.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(columns).sum()
}

/// The text in exactly so many columns: filled with spaces, or cut in the middle, because names differ at both ends.
pub(super) fn fit(text: &str, columns: usize) -> String {
    let have = width(text);
    if have <= columns {
        return format!("{text}{}", " ".repeat(columns - have));
    }
    let room = columns.saturating_sub(1);
    let (head, tail) = (room - room / 3, room / 3);
    let mut start = String::new();
    let mut used = 0;
    for c in text.chars() {
        used += self::columns(c);
        if used > head {
            break;
        }
        start.push(c);
    }
    let mut end: Vec<char> = Vec::new();
    used = 0;
    for c in text.chars().rev() {
        used += self::columns(c);
        if used > tail {
            break;
        }
        end.push(c);
    }
    let cut: String = start.chars().chain(['…']).chain(end.into_iter().rev()).collect();
    let filling = columns.saturating_sub(width(&cut));
    format!("{cut}{}", " ".repeat(filling))
}

/// The text in lines of at most so many columns, broken at spaces, else behind what joins the parts of a name, else anywhere.
pub(super) fn pieces(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let mut lines = Vec::new();
    let mut rest = text.trim();
    while width(rest) > columns {
        let at = joint(rest, columns);
        let (line, after) = rest.split_at(at);
        lines.push(line.trim_end().to_owned());
        rest = after.trim_start();
    }
    if !rest.is_empty() || lines.is_empty() {
        lines.push(rest.to_owned());
    }
    lines
}

/// Where to break a text that is too long: a byte within it, never its beginning.
fn joint(text: &str, columns: usize) -> usize {
    let (mut used, mut anywhere) = (0, 0);
    let (mut space, mut part, mut word, mut dot) = (None, None, None, None);
    for (at, c) in text.char_indices() {
        if c == ' ' && at > 0 {
            space = Some(at);
        }
        used += self::columns(c);
        if used > columns {
            break;
        }
        anywhere = at + c.len_utf8();
        // A line that holds next to nothing is no better than a broken name.
        let enough = used * 3 > columns;
        match c {
            '/' | '@' if enough => part = Some(anywhere),
            '-' | '_' | ':' | ',' if enough => word = Some(anywhere),
            '.' if enough => dot = Some(anywhere),
            _ => {}
        }
    }
    // A character that is wider than the line stands alone.
    let first = text.chars().next().map_or(text.len(), char::len_utf8);
    space.or(part).or(word).or(dot).unwrap_or(anywhere).max(first)
}

/// The text without what all ARNs of an account begin with, for where there is little room.
pub(super) fn short_arns(text: &str) -> Cow<'_, str> {
    if !text.contains("arn:aws") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("arn:aws") {
        let (before, arn) = rest.split_at(at);
        out.push_str(before);
        // Partition, service, region and account.
        let name = arn.splitn(6, ':').nth(5).filter(|name| {
            let begins = arn.len() - name.len();
            arn.get(..begins).is_some_and(|head| !head.contains(|c: char| c.is_whitespace() || c == '`'))
        });
        rest = name.unwrap_or_else(|| {
            out.push_str("arn:aws");
            arn.get("arn:aws".len()..).unwrap_or_default()
        });
    }
    out.push_str(rest);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_breaks_at_spaces_then_at_the_joints_of_names_then_anywhere() {
        assert_eq!(pieces("its bytes were changed", 10), ["its bytes", "were", "changed"]);
        assert_eq!(pieces("overdraft-advice/AllTraffic", 18), ["overdraft-advice/", "AllTraffic"]);
        assert_eq!(pieces("arn:aws:sagemaker:us-east-1:1:model", 20), ["arn:aws:sagemaker:", "us-east-1:1:model"]);
        assert_eq!(pieces("retail-credit@bank.example", 20), ["retail-credit@", "bank.example"]);
        assert_eq!(pieces("forecast/harbour.tar.gz", 18), ["forecast/", "harbour.tar.gz"]);
        assert_eq!(pieces("harbour.and.other.gz", 18), ["harbour.and.other.", "gz"]);
        assert_eq!(pieces("incomprehensibilities", 9), ["incompreh", "ensibilit", "ies"]);
        assert_eq!(pieces("模型模型", 3), ["模", "型", "模", "型"]);
        assert_eq!(pieces("模", 1), ["模"]);
        assert_eq!(pieces("", 5), [""]);
        assert_eq!(pieces("ab cd", 2), ["ab", "cd"]);
    }

    #[test]
    fn arns_are_told_by_what_tells_them_apart() {
        for (text, short) in [
            ("`arn:aws:sagemaker:us-east-1:111122223333:model-package/fraud/7` is", "`model-package/fraud/7` is"),
            ("arn:aws-us-gov:iam::1:role/a and arn:aws:s3:::models/x:y", "role/a and models/x:y"),
            (
                "no arn:aws at all, only: some: colons: here: and: there",
                "no arn:aws at all, only: some: colons: here: and: there",
            ),
            ("arn:aws", "arn:aws"),
            ("plain", "plain"),
        ] {
            assert_eq!(short_arns(text), short);
        }
    }

    #[test]
    fn text_takes_the_columns_it_is_given() {
        assert_eq!(fit("fraud", 8), "fraud   ");
        assert_eq!(fit("liquidity-forecast-AllTraffic", 16), "liquidity-…affic");
        for text in ["模型-模型-模型-模型", "e\u{301}e\u{301}", "", "x"] {
            for columns in 1..14 {
                assert_eq!(width(&fit(text, columns)), columns, "{text} in {columns}");
            }
        }
    }
}
