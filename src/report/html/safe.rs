//! Markup around text of strangers. Each of these escapes what it is given; `|safe` is used for these alone.

use std::fmt::{self, Display};

use askama::filters::Escaper;
use jiff::Timestamp;

use crate::report::escape::Html;
use crate::report::words;

/// Writes text as text.
fn text(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    Html.write_escaped_str(f, text)
}

/// A name, which may break after a slash and before an at sign.
pub(super) fn name(name: &str) -> impl Display {
    fmt::from_fn(move |f| {
        let mut rest = name;
        while let Some(at) = rest.find(['/', '@']) {
            let (head, tail) = rest.split_at(at);
            text(f, head)?;
            f.write_str(if tail.starts_with('/') { "/<wbr>" } else { "<wbr>@" })?;
            rest = tail.get(1..).unwrap_or_default();
        }
        text(f, rest)
    })
}

/// A sentence in which names stand between backticks.
pub(super) fn prose(sentence: &str) -> impl Display {
    fmt::from_fn(move |f| spoken(sentence, f, whole))
}

/// Goes through a sentence; `quote` prints what stands between backticks.
fn spoken(
    sentence: &str,
    f: &mut fmt::Formatter<'_>,
    quote: impl Fn(&str, &mut fmt::Formatter<'_>) -> fmt::Result,
) -> fmt::Result {
    let last = sentence.split('`').count() - 1;
    for (at, piece) in sentence.split('`').enumerate() {
        if at % 2 == 1 && at < last {
            quote(piece, f)?;
        } else {
            if at % 2 == 1 {
                text(f, "`")?;
            }
            plain(piece, f)?;
        }
    }
    Ok(())
}

/// What stands between names: instants in it are told to the minute, as everywhere on the page.
fn plain(piece: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut rest = piece;
    while let Some((before, at, after)) = instant(rest) {
        text(f, before)?;
        write!(f, "{}", time(at))?;
        rest = after;
    }
    text(f, rest)
}

/// The first instant such as `2026-11-10T09:00:00Z`, and what stands around it.
fn instant(text: &str) -> Option<(&str, Timestamp, &str)> {
    text.match_indices('T').find_map(|(middle, _)| {
        let (from, until) = (middle.checked_sub(10)?, middle + 10);
        let found = text.get(from..until).filter(|found| found.ends_with('Z'))?;
        Some((text.get(..from)?, found.parse().ok()?, text.get(until..)?))
    })
}

/// The same, beginning with a capital letter, and with ARNs cut to the resource; the whole ARN is their title.
pub(super) fn sentence(sentence: &str) -> impl Display {
    let sentence = words::sentence(sentence);
    fmt::from_fn(move |f| spoken(&sentence, f, brief))
}

/// A paragraph, with ARNs cut to the resource.
pub(super) fn paragraph(sentence: &str) -> impl Display {
    fmt::from_fn(move |f| spoken(sentence, f, brief))
}

/// The same for a page that has to say it thousands of times: no titles, no places to break.
pub(super) fn lean(sentence: &str) -> impl Display {
    let sentence = words::sentence(sentence);
    fmt::from_fn(move |f| {
        spoken(&sentence, f, |piece, f| {
            f.write_str("<code>")?;
            text(f, resource(piece).unwrap_or(piece))?;
            f.write_str("</code>")
        })
    })
}

/// What is read of `arn:partition:service:region:account:resource`: the last part.
fn resource(piece: &str) -> Option<&str> {
    let resource = piece.strip_prefix("arn:")?.splitn(5, ':').nth(4).filter(|resource| !resource.is_empty())?;
    Some(resource.strip_prefix("model-package/").unwrap_or(resource))
}

fn brief(piece: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let Some(resource) = resource(piece) else { return whole(piece, f) };
    f.write_str("<code title=\"")?;
    text(f, piece)?;
    write!(f, "\">{}</code>", name(resource))
}

fn whole(piece: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "<code>{}</code>", name(piece))
}

/// An instant, to the minute.
pub(super) fn time(at: Timestamp) -> impl Display {
    fmt::from_fn(move |f| write!(f, "<time datetime=\"{at}\">{}</time>", words::time(at)))
}

/// How long ago, seen from the instant of evaluation.
pub(super) fn age(at: Timestamp, as_of: Timestamp) -> impl Display {
    fmt::from_fn(move |f| write!(f, "<span class=\"age\">{}</span>", words::age(at, as_of)))
}

/// A name for an anchor: letters, digits and dashes, and a few digits of its hash so that no two are the same.
pub(super) fn slug(name: &str) -> String {
    if !name.is_empty() && name.len() <= 40 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        return name.to_owned();
    }
    // FNV-1a: only has to tell names apart, not to resist anybody.
    let hash = name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    let mut out = String::with_capacity(72);
    // Account, region and kind of path at the front say less than what follows.
    let short = name.splitn(4, '/').nth(3).unwrap_or(name);
    for c in short.chars().take(40) {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    format!("{}-{hash:08x}", out.trim_end_matches('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_only_ours() {
        assert_eq!(name("a/<b>").to_string(), "a/<wbr>&lt;b&gt;");
        assert_eq!(prose("`a<b` is & `c`").to_string(), "<code>a&lt;b</code> is &amp; <code>c</code>");
        assert_eq!(prose("an odd ` <b>").to_string(), "an odd &#96; &lt;b&gt;");
        assert_eq!(prose("`a` and `b").to_string(), "<code>a</code> and &#96;b");
    }

    #[test]
    fn arns_are_cut_to_what_people_read() {
        let arn = "arn:aws:sagemaker:eu-central-1:111122223333:model-package/fraud/7";
        let said = sentence(&format!("the approval of `{arn}` was taken back")).to_string();
        assert_eq!(said, format!("The approval of <code title=\"{arn}\">fraud/<wbr>7</code> was taken back"));
        assert_eq!(
            lean(&format!("the approval of `{arn}` & `<b>/c`")).to_string(),
            "The approval of <code>fraud/7</code> &amp; <code>&lt;b&gt;/c</code>"
        );
        assert_eq!(sentence("`arn:\"x` y").to_string(), "<code>arn:&quot;x</code> y");
        assert_eq!(sentence("`arn:a:b:c:d:\"x` y").to_string(), "<code title=\"arn:a:b:c:d:&quot;x\">&quot;x</code> y");
    }

    #[test]
    fn instants_in_sentences_are_told_to_the_minute() {
        assert_eq!(
            prose("replaced at 2026-11-10T09:00:59Z: 4 < 5; `2026-11-10T09:00:00Z`").to_string(),
            "replaced at <time datetime=\"2026-11-10T09:00:59Z\">2026-11-10 09:00 UTC</time>: 4 &lt; 5; \
             <code>2026-11-10T09:00:00Z</code>"
        );
        for text in ["T", "é0-11-10T09:00:00Z", "2026-99-10T09:00:00Z", "TTTTTTTTTTTTTTTTTTTTZ"] {
            assert_eq!(prose(text).to_string(), text, "no instant");
        }
    }

    #[test]
    fn anchors_are_plain_and_differ() {
        let safe = |slug: &str| slug.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        for text in ["", "<script>", "模型", "a b", &"x".repeat(300)] {
            assert!(safe(&slug(text)), "{}", slug(text));
        }
        assert_ne!(slug("a/b"), slug("a-b"));
    }
}
