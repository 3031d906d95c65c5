//! Refuses answers that lost their content on the way: an interceptor in every client.
//!
//! The SDK takes what it can read. A listing in XML that was cut off would look complete, and what is not in it would look
//! deleted; an object without any member would look like an empty list. AWS writes the list even where it is empty.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

/// Operations of which no recorded answer shows how they say "none": for them, nothing is taken for an empty list.
const MAY_SAY_NOTHING: [&str; 1] = ["ListAlarmMuteRules"];

/// The interceptor.
#[derive(Debug)]
pub(crate) struct WholeAnswers;

#[dyn_dispatch_hint]
impl Intercept for WholeAnswers {
    fn name(&self) -> &'static str {
        "countersign takes whole answers only"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        if !response.status().is_success() {
            return Ok(());
        }
        let body = response.body().bytes().unwrap_or_default();
        if !is_closed(body) {
            return Err("the XML ends before its root element does".into());
        }
        let may_say_nothing = cfg.load::<Metadata>().is_some_and(|it| MAY_SAY_NOTHING.contains(&it.name()));
        if says_nothing(body) && !may_say_nothing {
            return Err("the answer has none of its members".into());
        }
        Ok(())
    }
}

/// Whether a body in JSON or CBOR is an object without members.
fn says_nothing(body: &[u8]) -> bool {
    let json = body.iter().filter(|byte| !byte.is_ascii_whitespace()).eq(b"{}".iter());
    json || matches!(body, [0xa0] | [0xbf, 0xff])
}

/// Whether the root element of an XML document is closed. What is no XML, or nothing at all, is not judged here.
fn is_closed(body: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(body) else { return true };
    let mut rest = text.trim();
    while let Some(prolog) = rest.strip_prefix("<?").or_else(|| rest.strip_prefix("<!")) {
        let Some((_, after)) = prolog.split_once('>') else { return false };
        rest = after.trim_start();
    }
    let Some(root) = rest.strip_prefix('<') else { return rest.len() == text.trim().len() };
    let name: String = root.chars().take_while(|c| !c.is_whitespace() && !matches!(c, '>' | '/')).collect();
    let closed_at_once = rest.ends_with("/>") && rest.matches('<').count() == 1;
    closed_at_once || rest.strip_suffix('>').is_some_and(|rest| rest.trim_end().ends_with(&format!("</{name}")))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LISTING: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListVersionsResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
                           <IsTruncated>false</IsTruncated><Version><Key>a/b</Key></Version></ListVersionsResult>\n";

    #[test]
    fn whole_answers_are_taken() {
        for body in [LISTING, "<LocationConstraint xmlns=\"x\"/>", "<A><B/></A>", "", "{\"not\": \"xml\"}"] {
            assert!(is_closed(body.as_bytes()), "{body}");
        }
        for body in [LISTING, "{\"Endpoints\":[]}", ""] {
            assert!(!says_nothing(body.as_bytes()), "{body}");
        }
    }

    #[test]
    fn an_object_without_members_says_nothing() {
        for body in [b"{}".as_slice(), b" { }\n", &[0xa0], &[0xbf, 0xff]] {
            assert!(says_nothing(body), "{body:?}");
        }
    }

    proptest! {
        #[test]
        fn no_beginning_of_an_answer_is_taken_for_the_whole(length in 1..LISTING.trim_end().len()) {
            prop_assert!(!is_closed(&LISTING.as_bytes()[..length]), "{}", &LISTING[..length]);
        }
    }
}
