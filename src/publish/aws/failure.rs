//! What AWS refused, and what to do about it.

use crate::collect::aws::Reason;
use crate::evidence::{DeniedBy, GapCause};
use crate::publish::SinkError;

/// A refusal in words; `verb` and `place` say what was to be done.
pub(super) fn failure(verb: &str, place: &str, reason: &Reason) -> SinkError {
    let said = reason.message.trim_end_matches('.');
    let code = reason.code.as_deref().map(|code| format!("{code}: ")).unwrap_or_default();
    let is_absent = reason.not_found || reason.code.as_deref() == Some("ParameterNotFound");
    let message = match reason.cause {
        _ if is_absent => {
            format!("cannot {verb} `{place}`: it is not there ({code}{said}); create it, or name another")
        }
        GapCause::Denied(by) => {
            let by = if by == DeniedBy::Unstated { String::new() } else { format!(" by {}", by.words()) };
            format!(
                "cannot {verb} `{place}`: refused{by} ({code}{said}); allow the writer what `countersign iam-policy \
                 --publish TARGET` prints"
            )
        }
        GapCause::Throttled => format!(
            "cannot {verb} `{place}`: slowed down for longer than the retries last ({code}{said}); publish again later, \
             or ask for a higher quota"
        ),
        GapCause::Unreachable => {
            format!("cannot {verb} `{place}`: {said}; check the network, HTTPS_PROXY, NO_PROXY and AWS_CA_BUNDLE")
        }
        _ => format!("cannot {verb} `{place}`: {code}{said}"),
    };
    SinkError { message }
}
