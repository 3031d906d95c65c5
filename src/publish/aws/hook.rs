//! The sinks `slack` and `webhook`: one request to an address that is kept as a secret.
//!
//! Sent with the HTTP client that AWS is asked with: its proxy, its certificate authorities. Redirects are not followed. What
//! is throttled, fails on the other side or finds no connection is sent again; what times out is not, since it may have been
//! taken.

use std::fmt;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use jiff::{SignedDuration, Timestamp};
use tokio::time::{Instant, sleep, timeout};

use super::secret::address;
use crate::collect::aws::{Session, chain, presentable};
use crate::publish::message::Message;
use crate::publish::news::News;
use crate::publish::webhook::{Address, Answer};
use crate::publish::{Delivering, Delivery, Publication, SecretName, Sink, SinkError, slack};

/// How often a request is sent in all.
const ATTEMPTS: u32 = 4;
/// One attempt, until the answer begins.
const ANSWER: Duration = Duration::from_secs(10);
/// Before the second attempt; twice as long before each further one, unless the other side says how long.
const PAUSE: Duration = Duration::from_secs(1);
/// Whoever asks to wait for longer than this many seconds is not waited for.
const LONGEST: u64 = 20;

/// What is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Block Kit.
    Slack,
    /// `countersign.message/1`.
    Json,
}

/// An address that is kept as a secret.
pub(super) struct Hook {
    name: String,
    kind: Kind,
    secret: SecretName,
    session: Session,
    http: Result<SharedHttpConnector, String>,
    clock: Clock,
}

/// The time of day, from the instant at which the sink was opened.
struct Clock {
    opened: Timestamp,
    since: Instant,
}

impl Clock {
    fn now(&self) -> Timestamp {
        let passed = SignedDuration::try_from(self.since.elapsed()).unwrap_or_default();
        self.opened.checked_add(passed).unwrap_or(self.opened)
    }
}

impl Hook {
    /// The address that a secret holds, which is read when something is sent. `now` is the present instant.
    pub(super) fn new(name: String, kind: Kind, session: &Session, secret: &SecretName, now: Timestamp) -> Self {
        Self {
            name,
            kind,
            secret: secret.clone(),
            session: session.clone(),
            http: session.connector().map_err(|error| error.to_string()),
            clock: Clock { opened: now, since: Instant::now() },
        }
    }

    async fn send(&self, publication: &Publication<'_>) -> Result<Delivery, SinkError> {
        let http = self.http.as_ref().map_err(|message| SinkError { message: message.clone() })?;
        let news = News::of(publication.report, publication.trigger);
        let body = match self.kind {
            Kind::Slack => slack::message(publication, &news),
            Kind::Json => Message::of(publication, &news).json,
        };
        let address = address(&self.session, &self.secret).await?;
        let mut pause = PAUSE;
        let mut attempt = 1;
        loop {
            let (said, answer) = self.once(http, &address, publication.run, &body).await?;
            let wait = match answer {
                Answer::Taken => return Ok(Delivery { words: format!("taken with {said}") }),
                Answer::Elsewhere => {
                    return Err(self.error(&format!(
                        "it answers with a redirect ({said}), which is not followed; store the final address in the secret"
                    )));
                }
                Answer::Refused => {
                    let advice = "check the address in the secret, and that it still takes messages";
                    return Err(self.error(&format!("it refuses the message ({said}); {advice}")));
                }
                Answer::Later(Some(seconds)) if seconds > LONGEST => {
                    return Err(self.error(&format!(
                        "it takes messages again only in {seconds} seconds ({said}); publish again then"
                    )));
                }
                Answer::Later(seconds) => seconds.map_or(pause, Duration::from_secs),
            };
            if attempt == ATTEMPTS {
                return Err(self.error(&format!(
                    "it failed {ATTEMPTS} times, in the end with {said}; publish again later, or check the address, HTTPS_PROXY, \
                     NO_PROXY and AWS_CA_BUNDLE"
                )));
            }
            sleep(wait).await;
            pause *= 2;
            attempt += 1;
        }
    }

    /// Sends once. What comes back is what was said, and what to do.
    async fn once(
        &self,
        http: &SharedHttpConnector,
        address: &Address,
        run: &str,
        body: &str,
    ) -> Result<(String, Answer), SinkError> {
        let now = self.clock.now();
        let request = request(address, now, run, body).ok_or_else(|| self.error("the address cannot be sent to"))?;
        let answer = timeout(ANSWER, http.call(request)).await;
        let late = || {
            let seconds = ANSWER.as_secs();
            self.error(&format!(
                "no answer came within {seconds} seconds; it may have been taken, so it is not sent again"
            ))
        };
        match answer {
            Err(_) => Err(late()),
            Ok(Err(error)) if error.is_timeout() => Err(late()),
            Ok(Err(error)) => {
                let said = address.hidden_in(&presentable(&address.hidden_in(&chain(&error))));
                Ok((format!("no connection ({said})"), Answer::Later(None)))
            }
            Ok(Ok(response)) => {
                let status = response.status().as_u16();
                let answer = Answer::of(status, response.headers().get("retry-after"), now);
                let word = if answer == Answer::Taken { String::new() } else { word(response).await };
                Ok((format!("status {status}{word}"), answer))
            }
        }
    }

    fn error(&self, message: &str) -> SinkError {
        SinkError { message: format!("cannot send to the address in `{}`: {message}", self.secret) }
    }
}

fn request(address: &Address, now: Timestamp, run: &str, body: &str) -> Option<HttpRequest> {
    let mut request = HttpRequest::new(SdkBody::from(body));
    request.set_method("POST").ok()?;
    request.set_uri(address.url()).ok()?;
    let headers = request.headers_mut();
    headers.try_insert("content-type", "application/json".to_owned()).ok()?;
    headers.try_insert("user-agent", crate::run::tool().replace(' ', "/")).ok()?;
    headers.try_insert("content-length", body.len().to_string()).ok()?;
    headers.try_insert("idempotency-key", run.to_owned()).ok()?;
    headers.try_insert("countersign-timestamp", now.as_second().to_string()).ok()?;
    if let Some(signature) = address.signature(now, body.as_bytes()) {
        headers.try_insert("countersign-signature", signature).ok()?;
    }
    Some(request)
}

/// What Slack says in a word, such as `invalid_blocks`. Anything longer may repeat the address and is left out.
async fn word(response: HttpResponse) -> String {
    let mut body = ByteStream::new(response.into_body());
    let Ok(Some(Ok(bytes))) = timeout(Duration::from_secs(1), body.next()).await else { return String::new() };
    let is_word =
        (1..=40).contains(&bytes.len()) && bytes.iter().all(|byte| byte.is_ascii_lowercase() || *byte == b'_');
    if is_word { format!(", `{}`", String::from_utf8_lossy(&bytes)) } else { String::new() }
}

impl fmt::Debug for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hook({})", self.name)
    }
}

impl Sink for Hook {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn publish<'a>(&'a self, publication: &'a Publication<'a>) -> Delivering<'a> {
        Box::pin(self.send(publication))
    }
}
