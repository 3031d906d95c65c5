//! Why a call yielded nothing: one SDK error becomes one [`Failure`], in words that are safe to print.

use std::error::Error;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;
use jiff::Timestamp;

use crate::collect::ApiCall;
use crate::evidence::{DeniedBy, GapCause};

/// Longest message that is kept: enough for AWS's reasons, short enough for a table.
const LONGEST_MESSAGE: usize = 600;

/// A call that yielded nothing, or less than all of it. Becomes a gap, an absence, or a reason to ask another way.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    /// The call.
    pub(crate) call: ApiCall,
    /// What was asked for.
    pub(crate) subject: String,
    /// Why nothing came of it.
    pub(crate) cause: GapCause,
    /// AWS's error code.
    pub(crate) code: Option<String>,
    /// AWS's message, with nothing secret in it.
    pub(crate) message: String,
    /// Pages that were read before; their facts are kept.
    pub(crate) pages_read: u32,
    /// AWS's request id.
    pub(crate) request_id: Option<String>,
    /// When it happened.
    pub(crate) at: Timestamp,
    /// Whether AWS's answer was that the resource does not exist.
    pub(crate) not_found: bool,
}

impl Failure {
    /// Whether AWS's error code is this one.
    pub(crate) fn is(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }

    /// Whether the run was stopped: asking another way is then pointless.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.cause == GapCause::Cancelled
    }
}

/// What an SDK error says, before it is known which call it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reason {
    pub(crate) cause: GapCause,
    pub(crate) code: Option<String>,
    pub(crate) message: String,
    pub(crate) request_id: Option<String>,
    pub(crate) not_found: bool,
}

/// Reads an SDK error.
pub(crate) fn reason<E>(error: &SdkError<E, HttpResponse>) -> Reason
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let plain = |cause, message: String| Reason {
        cause,
        code: None,
        message: presentable(&message),
        request_id: error.request_id().map(str::to_owned),
        not_found: false,
    };
    match error {
        SdkError::ServiceError(service) => {
            let meta = service.err().meta();
            let status = service.raw().status().as_u16();
            let (cause, not_found) = match meta.code() {
                // What is no error but could not be parsed comes as one, too.
                None if status < 400 => (GapCause::Malformed, false),
                code => judge(status, code, meta.message().unwrap_or_default()),
            };
            let message = meta.message().map_or_else(
                || format!("the answer (HTTP status {status}) could not be read: {}", chain(service.err())),
                str::to_owned,
            );
            Reason {
                cause,
                code: meta.code().map(str::to_owned),
                message: presentable(&message),
                request_id: error.request_id().or_else(|| meta.request_id()).map(str::to_owned),
                not_found,
            }
        }
        SdkError::ResponseError(response) => {
            let status = response.raw().status().as_u16();
            let words = format!("the answer (HTTP status {status}) could not be read: {}", chain(error));
            let cause = match judge(status, None, "").0 {
                GapCause::ServiceError if status < 500 => GapCause::Malformed,
                cause => cause,
            };
            plain(cause, words)
        }
        SdkError::TimeoutError(_) => plain(GapCause::Unreachable, "no answer within the time limit".to_owned()),
        SdkError::DispatchFailure(_) => {
            let words = error.source().map_or_else(|| error.to_string(), chain);
            let cause = if words.to_lowercase().contains("credential") {
                GapCause::Denied(DeniedBy::Unstated)
            } else {
                GapCause::Unreachable
            };
            plain(cause, words)
        }
        // No request was made: the SDK knows no such endpoint, such as a FIPS one in a region without.
        _ => plain(GapCause::Unsupported, chain(error)),
    }
}

/// The cause behind an error answer, and whether it says "no such resource".
fn judge(status: u16, code: Option<&str>, message: &str) -> (GapCause, bool) {
    let code = code.unwrap_or_default();
    let lower = message.to_lowercase();
    if says_not_found(code, &lower) {
        return (GapCause::ServiceError, true);
    }
    let cause = match code {
        "ThrottlingException"
        | "Throttling"
        | "ThrottledException"
        | "TooManyRequestsException"
        | "TooManyRequests"
        | "RequestLimitExceeded"
        | "RequestThrottled"
        | "RequestThrottledException"
        | "BandwidthLimitExceeded"
        | "PriorRequestNotComplete"
        | "SlowDown" => GapCause::Throttled,
        // A region that the account has not enabled knows none of its keys.
        "UnrecognizedClientException" | "InvalidClientTokenId" | "OptInRequired" | "InvalidAccessKeyId" => {
            GapCause::Denied(DeniedBy::RegionDisabled)
        }
        "AccessDenied"
        | "AccessDeniedException"
        | "AccessDeniedFault"
        | "AuthorizationError"
        | "AuthorizationErrorException"
        | "Forbidden"
        | "UnauthorizedOperation"
        | "UnauthorizedAccess"
        | "NotAuthorized"
        | "AllAccessDisabled"
        | "KMSAccessDenied"
        | "KMSAccessDeniedException" => GapCause::Denied(DeniedBy::from_message(message)),
        "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" | "SignatureDoesNotMatch" => {
            GapCause::Denied(DeniedBy::Unstated)
        }
        "UnknownOperationException"
        | "UnknownOperation"
        | "UnsupportedOperation"
        | "UnsupportedOperationException"
        | "InvalidAction"
        | "NotImplemented"
        | "SubscriptionRequiredException" => GapCause::Unsupported,
        _ if lower.contains("is not authorized to perform") => GapCause::Denied(DeniedBy::from_message(message)),
        _ => match status {
            401 | 403 => GapCause::Denied(DeniedBy::from_message(message)),
            407 => GapCause::Unreachable,
            429 => GapCause::Throttled,
            501 => GapCause::Unsupported,
            _ => GapCause::ServiceError,
        },
    };
    (cause, false)
}

/// SageMaker has no error of its own for "not found": it answers `ValidationException` with "Could not find …" or
/// "… does not exist".
fn says_not_found(code: &str, lower: &str) -> bool {
    match code {
        "ResourceNotFound"
        | "ResourceNotFoundException"
        | "NoSuchBucket"
        | "NoSuchKey"
        | "NoSuchVersion"
        | "TrailNotFoundException"
        | "NotFound"
        | "NotFoundException"
        | "NoSuchEntity"
        | "RepositoryNotFoundException"
        | "ImageNotFoundException" => true,
        "ValidationException" | "ValidationError" => {
            lower.contains("could not find") || lower.contains("cannot find") || lower.contains("does not exist")
        }
        _ => false,
    }
}

/// An error and what caused it, outermost first. The SDK puts the cause that helps (a name that does not resolve, an
/// untrusted certificate) innermost.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let words = error.to_string();
        if !parts.iter().any(|part| part.contains(&words)) {
            parts.push(words);
        }
        next = error.source();
    }
    parts.join(": ")
}

/// Makes a stranger's message fit to be kept: one line, of bearable length, without credentials.
pub(crate) fn presentable(message: &str) -> String {
    let words: Vec<String> = message.split(|c: char| c.is_whitespace() || c.is_control()).map(masked).collect();
    let line = words.iter().filter(|word| !word.is_empty()).cloned().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST_MESSAGE) {
        Some((end, _)) => format!("{} …", line.get(..end).unwrap_or_default()),
        None => line,
    }
}

/// One word of a message; access keys, signed query strings and the passwords of proxy addresses are left out.
fn masked(word: &str) -> String {
    if let Some((scheme, rest)) = word.split_once("://") {
        let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
        let rest = rest.split_once('?').map_or(rest, |(path, _)| path);
        return format!("{scheme}://{rest}");
    }
    let is_key = |part: &str| {
        part.len() >= 20
            && ["AKIA", "ASIA"].iter().any(|prefix| part.starts_with(prefix))
            && part.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
    };
    if word.split(|c: char| !c.is_ascii_alphanumeric()).any(is_key) {
        return "(access key)".to_owned();
    }
    word.to_owned()
}

#[cfg(test)]
mod tests {
    use aws_sdk_sagemaker::operation::describe_endpoint::DescribeEndpointError;
    use aws_smithy_runtime_api::client::result::ConnectorError;
    use aws_smithy_runtime_api::http::StatusCode;
    use aws_smithy_types::body::SdkBody;
    use aws_smithy_types::error::ErrorMetadata;

    use super::*;

    fn answer(status: u16) -> HttpResponse {
        let mut response = HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::empty());
        response.headers_mut().insert("x-amzn-requestid", "req-1");
        response
    }

    fn refused(status: u16, code: Option<&str>, message: &str) -> Reason {
        let mut meta = ErrorMetadata::builder().message(message);
        if let Some(code) = code {
            meta = meta.code(code);
        }
        reason(&SdkError::service_error(DescribeEndpointError::generic(meta.build()), answer(status)))
    }

    #[test]
    fn every_kind_of_error_answer_has_its_cause() {
        use DeniedBy as By;
        use GapCause::{Denied, ServiceError, Throttled, Unreachable, Unsupported};
        let cases = [
            (400, Some("ThrottlingException"), "Rate exceeded", Throttled),
            (503, Some("SlowDown"), "Please reduce your request rate.", Throttled),
            (429, None, "", Throttled),
            (400, Some("AccessDeniedException"), "no identity-based policy allows it", Denied(By::IdentityPolicy)),
            (
                403,
                Some("AccessDenied"),
                "with an explicit deny in a service control policy",
                Denied(By::ServiceControlPolicy),
            ),
            (403, None, "", Denied(By::Unstated)),
            (400, Some("UnrecognizedClientException"), "The security token is invalid", Denied(By::RegionDisabled)),
            (403, Some("InvalidClientTokenId"), "The security token is invalid", Denied(By::RegionDisabled)),
            (400, Some("OptInRequired"), "You are not subscribed", Denied(By::RegionDisabled)),
            (403, Some("ExpiredToken"), "The security token is expired", Denied(By::Unstated)),
            (400, Some("UnknownOperationException"), "", Unsupported),
            (501, None, "", Unsupported),
            (500, Some("InternalFailure"), "", ServiceError),
            (503, None, "", ServiceError),
            (407, None, "", Unreachable),
        ];
        for (status, code, message, cause) in cases {
            let reason = refused(status, code, message);
            assert_eq!((reason.cause, reason.not_found), (cause, false), "{status} {code:?} {message}");
            assert_eq!(reason.request_id.as_deref(), Some("req-1"));
        }
    }

    #[test]
    fn not_found_is_read_from_sagemakers_words() {
        let words = "Could not find endpoint configuration \"arn:…:endpoint-config/a\".";
        assert!(refused(400, Some("ValidationException"), words).not_found);
        assert!(refused(400, Some("ValidationException"), "ModelPackage arn:… does not exist.").not_found);
        assert!(refused(404, Some("NoSuchBucket"), "The specified bucket does not exist").not_found);
        for code in ["NoSuchEntity", "RepositoryNotFoundException", "ImageNotFoundException"] {
            assert!(refused(400, Some(code), "").not_found, "{code}");
        }
        assert!(!refused(400, Some("ValidationException"), "1 validation error detected").not_found);
        // A denial that speaks of what does not exist is still a denial.
        assert!(!refused(400, Some("AccessDeniedException"), "or the resource does not exist").not_found);
    }

    #[test]
    fn what_never_became_an_answer_is_unreachable_or_malformed() {
        type Error = SdkError<DescribeEndpointError, HttpResponse>;
        let of = |error: Error| reason(&error);
        assert_eq!(of(SdkError::timeout_error("late")).cause, GapCause::Unreachable);
        let refused = std::io::Error::other("proxy http://user:hunter2@proxy.example:3128 refused");
        let reason = of(SdkError::dispatch_failure(ConnectorError::io(refused.into())));
        assert_eq!(reason.cause, GapCause::Unreachable);
        assert!(reason.message.contains("proxy.example:3128") && !reason.message.contains("hunter2"), "{reason:?}");
        assert_eq!(of(SdkError::response_error("not JSON", answer(200))).cause, GapCause::Malformed);
        let unparsed = DescribeEndpointError::unhandled("not JSON");
        assert_eq!(of(SdkError::service_error(unparsed, answer(200))).cause, GapCause::Malformed);
        assert_eq!(of(SdkError::response_error("not JSON", answer(502))).cause, GapCause::ServiceError);
        assert_eq!(of(SdkError::response_error("not JSON", answer(403))).cause, GapCause::Denied(DeniedBy::Unstated));
        assert_eq!(of(SdkError::construction_failure("no such endpoint")).cause, GapCause::Unsupported);
    }

    #[test]
    fn messages_are_one_short_line_without_credentials() {
        let message = "key AKIAIOSFODNN7EXAMPLE\n at https://x.example/?X-Amz-Security-Token=abc\u{1b}[31m";
        assert_eq!(presentable(message), "key (access key) at https://x.example/ [31m");
        assert_eq!(presentable(&"é".repeat(2_000)).chars().count(), LONGEST_MESSAGE + 2);
        assert_eq!(
            presentable("arn:aws:sts::111122223333:assumed-role/Reader/me"),
            "arn:aws:sts::111122223333:assumed-role/Reader/me"
        );
    }
}
