//! What other parts say, made fit for a paragraph: short names, and no word to those who work on the program.

use std::borrow::Cow;

use crate::report::words;

/// A name between backticks. One that holds a backtick itself would end the quotation early.
pub(super) fn code(name: &str) -> String {
    format!("`{}`", name.replace('`', "'"))
}

/// A reason without its final period, and without naming the control whose affair it is.
pub(in crate::report::compose) fn plain(reason: &str) -> &str {
    let reason = reason.trim_end_matches('.');
    match reason.rsplit_once("; ") {
        Some((said, rest)) if rest.ends_with(" judges that") => said,
        _ => reason,
    }
}

/// Every ARN cut to what people call the thing: `group/7`, a person's address, the name of a topic.
pub(super) fn brief(text: &str) -> Cow<'_, str> {
    if !text.contains("arn:") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("arn:") {
        let (before, arn) = rest.split_at(at);
        out.push_str(before);
        let ends = |c: char| c.is_whitespace() || matches!(c, '`' | ',' | ';' | ')' | '(' | '"' | '\'');
        let (arn, after) = arn.split_at(arn.find(ends).unwrap_or(arn.len()));
        let begins = !before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, ':' | '/' | '-' | '_'));
        let trimmed = arn.trim_end_matches(['.', ':']);
        if begins && trimmed.splitn(6, ':').filter(|part| !part.is_empty()).count() >= 4 {
            out.push_str(short(trimmed));
            out.push_str(arn.get(trimmed.len()..).unwrap_or_default());
        } else {
            out.push_str(arn);
        }
        rest = after;
    }
    out.push_str(rest);
    Cow::Owned(out)
}

fn short(arn: &str) -> &str {
    if arn.contains(":model-package/") {
        return words::version(arn);
    }
    match words::identity(arn) {
        whole if whole == arn => words::tail(arn),
        identity => identity,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_are_cut_and_the_rest_is_left() {
        let cases = [
            ("`arn:aws:sagemaker:eu-central-1:1:model-package/fraud/7` is Approved", "`fraud/7` is Approved"),
            (
                "one call by arn:aws:sts::1:assumed-role/ci/nightly registered it.",
                "one call by ci/nightly registered it.",
            ),
            ("topic `arn:aws:sns:eu-central-1:1:pages`, to which", "topic `pages`, to which"),
            ("by arn:aws:iam::1:user/ana.", "by ana."),
            ("a barn: it holds arn:nothing", "a barn: it holds arn:nothing"),
            ("no name", "no name"),
        ];
        for (text, expected) in cases {
            assert_eq!(brief(text), expected);
        }
    }

    #[test]
    fn reasons_name_no_control_and_names_end_no_quotation() {
        assert_eq!(plain("which model serves is not known; INV-001 judges that"), "which model serves is not known");
        assert_eq!(plain("one; two."), "one; two");
        assert_eq!(code("a`b"), "`a'b`");
    }
}
