//! The paging loop against a page source that misbehaves in every known way.

use std::cell::RefCell;
use std::collections::VecDeque;

use aws_sdk_sagemaker::operation::search::SearchError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::ErrorMetadata;
use aws_types::request_id::RequestId;

use super::{Answer, Engine, Failure, Learnt, pages};
use crate::collect::aws::session::Session;
use crate::collect::{ApiCall, CollectRequest, CollectorInfo, LogFiles, Pace, Silent};
use crate::evidence::{DeniedBy, FactKind, Gap, GapCause, Hidden, ResourceKey};

const CALL: ApiCall =
    ApiCall { service: "sagemaker", operation: "Search", action: "sagemaker:Search", purpose: "a test" };

static INFO: CollectorInfo =
    CollectorInfo { name: "test", summary: "reads fake pages", yields: &[FactKind::Tags], calls: &[CALL] };

#[derive(Debug)]
struct Page(&'static [&'static str], Option<&'static str>);

impl RequestId for Page {
    fn request_id(&self) -> Option<&str> {
        Some("req")
    }
}

type Source = VecDeque<Result<Page, SdkError<SearchError, HttpResponse>>>;

fn refused(code: &str) -> SdkError<SearchError, HttpResponse> {
    let response = HttpResponse::new(400.try_into().unwrap(), aws_smithy_types::body::SdkBody::empty());
    SdkError::service_error(SearchError::generic(ErrorMetadata::builder().code(code).build()), response)
}

fn request() -> CollectRequest {
    let now = "2026-11-23T00:00:00Z".parse().unwrap();
    let regions = vec!["eu-central-1".to_owned()];
    CollectRequest {
        regions,
        now,
        events_since: now,
        batch_since: now,
        accounts: Vec::new(),
        log_files: LogFiles::default(),
        checksums: false,
        metrics: false,
        cost: crate::policy::CostRules::default(),
        money: true,
        billed: std::collections::BTreeSet::new(),
        answers: Vec::new(),
        cost_tag: None,
        metrics_since: now,
        declared: crate::collect::Declared::default(),
        focus: None,
        pace: Pace::default(),
    }
}

/// Pages through the source; what was read, the tokens that were sent, the end, and what the engine learnt.
async fn paged(
    source: Source,
    stopped: bool,
) -> (Vec<&'static str>, Vec<Option<String>>, Result<u32, Failure>, Learnt) {
    let (session, request) = (Session::offline(), request());
    let engine = Engine::new(&session, &[], &request, &Silent);
    if stopped {
        engine.stop.stop();
    }
    let source = RefCell::new(source);
    let (read, sent, end) = (RefCell::new(Vec::new()), RefCell::new(Vec::new()), RefCell::new(None));
    engine
        .everywhere(&INFO, async |reader| {
            let ended = reader
                .pages(
                    &CALL,
                    "things",
                    |token: Option<String>| {
                        sent.borrow_mut().push(token);
                        let next = source.borrow_mut().pop_front().expect("no request beyond the last page");
                        std::future::ready(next)
                    },
                    |Answer { output: Page(items, next), .. }| {
                        read.borrow_mut().extend_from_slice(items);
                        pages::token(next)
                    },
                )
                .await;
            *end.borrow_mut() = Some(ended);
        })
        .await;
    (read.into_inner(), sent.into_inner(), end.into_inner().unwrap(), engine.finish())
}

#[tokio::test]
async fn an_empty_page_with_a_token_is_not_the_end() {
    let source = VecDeque::from([Ok(Page(&["a"], Some("1"))), Ok(Page(&[], Some("2"))), Ok(Page(&["b"], None))]);
    let (read, sent, end, learnt) = paged(source, false).await;
    assert_eq!(read, ["a", "b"]);
    assert_eq!(sent, [None, Some("1".to_owned()), Some("2".to_owned())]);
    assert_eq!(end.unwrap(), 3);
    let subjects: Vec<&str> = learnt.calls.iter().map(|call| call.subject.as_str()).collect();
    assert_eq!(subjects, ["things, page 1", "things, page 2", "things, page 3"]);
    assert_eq!(learnt.calls[0].request_id.as_deref(), Some("req"));
}

#[tokio::test]
async fn an_empty_token_is_the_end() {
    let (read, _, end, _) = paged(VecDeque::from([Ok(Page(&["a"], Some("")))]), false).await;
    assert_eq!((read, end.unwrap()), (vec!["a"], 1));
}

#[tokio::test]
async fn a_token_that_comes_again_ends_the_loop() {
    let source =
        VecDeque::from([Ok(Page(&["a"], Some("1"))), Ok(Page(&["b"], Some("2"))), Ok(Page(&["c"], Some("1")))]);
    let (read, _, end, _) = paged(source, false).await;
    let failure = end.unwrap_err();
    assert_eq!(read, ["a", "b", "c"]);
    assert_eq!((failure.cause, failure.pages_read), (GapCause::Malformed, 3));
}

#[tokio::test]
async fn a_failure_in_mid_page_keeps_what_was_read() {
    let source = VecDeque::from([Ok(Page(&["a"], Some("1"))), Err(refused("AccessDeniedException"))]);
    let (read, _, end, _) = paged(source, false).await;
    let failure = end.unwrap_err();
    assert_eq!(read, ["a"]);
    assert_eq!((failure.cause, failure.pages_read), (GapCause::Denied(DeniedBy::Unstated), 1));
    assert_eq!(failure.subject, "things, page 2");
}

#[tokio::test]
async fn a_stopped_run_asks_nothing_more() {
    let (read, _, end, learnt) = paged(VecDeque::from([Ok(Page(&["a"], None))]), true).await;
    assert!(read.is_empty() && learnt.calls.is_empty());
    assert!(end.unwrap_err().is_cancelled());
}

#[tokio::test]
async fn a_gap_says_what_it_hides_and_where() {
    let (session, request) = (Session::offline(), request());
    let engine = Engine::new(&session, &[], &request, &Silent);
    let hidden =
        Hidden::One(ResourceKey::new(FactKind::Packages, "arn:aws:sagemaker:eu-central-1:999:model-package/G/1"));
    engine
        .everywhere(&INFO, async |reader| {
            let asked = reader.ask(&CALL, "it", async { Err::<Page, _>(refused("AccessDeniedException")) }).await;
            reader.gap(asked.unwrap_err(), std::slice::from_ref(&hidden));
        })
        .await;
    let [gap] = <[Gap; 1]>::try_from(engine.finish().gaps).unwrap();
    assert_eq!((gap.account.as_str(), gap.region.as_str()), ("111122223333", "eu-central-1"));
    assert_eq!((gap.action.as_str(), gap.code.as_deref()), ("sagemaker:Search", Some("AccessDeniedException")));
    assert!(gap.at >= request.now);
    assert_eq!(gap.hides, [hidden]);
}
