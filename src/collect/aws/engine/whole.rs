//! Refuses XML answers that were cut off: an interceptor in the clients of services that speak XML.
//!
//! The SDK's XML reader takes what it has read when the text ends. A listing without its last versions would then look
//! complete, and what is not in it would look deleted.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

/// The interceptor.
#[derive(Debug)]
pub(crate) struct WholeXml;

#[dyn_dispatch_hint]
impl Intercept for WholeXml {
    fn name(&self) -> &'static str {
        "countersign takes whole answers only"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        let body = response.body().bytes().unwrap_or_default();
        if response.status().is_success() && !is_whole(body) {
            return Err("the XML ends before its root element does".into());
        }
        Ok(())
    }
}

/// Whether the root element of an XML document is closed. What is no XML, or nothing at all, is not judged here.
fn is_whole(body: &[u8]) -> bool {
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
            assert!(is_whole(body.as_bytes()), "{body}");
        }
    }

    proptest! {
        #[test]
        fn no_beginning_of_an_answer_is_taken_for_the_whole(length in 1..LISTING.trim_end().len()) {
            prop_assert!(!is_whole(&LISTING.as_bytes()[..length]), "{}", &LISTING[..length]);
        }
    }
}
