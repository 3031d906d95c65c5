//! The process: started once, then handed one invocation after the other.

use std::process::ExitCode;

use lambda_runtime::{Diagnostic, LambdaEvent, Runtime, service_fn};
use serde_json::{Value, json};

use super::handle::Invocation;
use super::init;
use super::log::{Level, say};
use super::settings::Settings;
use crate::cli::clock;

/// What Lambda sets, and nobody else.
const RUNTIME_API: &str = "AWS_LAMBDA_RUNTIME_API";

/// Whether Lambda started this process.
pub fn is_asked_for() -> bool {
    environment(RUNTIME_API).is_some_and(|api| !api.is_empty())
}

#[allow(clippy::disallowed_methods, reason = "an entry point")]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Answers invocations until Lambda ends the process.
pub fn main() -> ExitCode {
    let settings = match Settings::read(environment) {
        Ok(settings) => settings,
        Err(error) => return refuse("Countersign.Settings", &error.to_string()),
    };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return refuse("Countersign.Runtime", &format!("cannot start: {error}")),
    };
    if settings.state.is_none() {
        let message = "COUNTERSIGN_STATE is not set: a repeated event is looked at again, and told of again";
        say(Level::Warn, "", message, &[]);
    }
    let settings = &settings;
    let served = runtime.block_on(Runtime::new(service_fn(async |invoked| invocation(settings, invoked).await)).run());
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(Level::Error, "", &format!("the runtime of Lambda cannot be reached: {error}"), &[]);
            ExitCode::FAILURE
        }
    }
}

fn refuse(kind: &str, message: &str) -> ExitCode {
    say(Level::Error, "", message, &[("errorType", kind.into())]);
    if let Some(api) = environment(RUNTIME_API)
        && let Err(error) = init::refuse(&api, kind, message)
    {
        say(Level::Error, "", &format!("cannot tell Lambda so: {error}"), &[]);
    }
    ExitCode::FAILURE
}

async fn invocation(settings: &Settings, invoked: LambdaEvent<Value>) -> Result<Value, Diagnostic> {
    let request = invoked.context.request_id.clone();
    let began = clock::real();
    let answered = async {
        let invocation = Invocation::new(settings, &invoked.context)?;
        Box::pin(invocation.answer(&invoked.payload)).await
    };
    let answered = answered.await;
    let seconds = ("seconds", json!(clock::real().duration_since(began).as_secs()));
    match answered {
        Ok(answer) => {
            say(Level::Info, &request, "answered", &[("answer", answer.clone()), seconds]);
            Ok(answer)
        }
        Err(error) => {
            let error_message = format!("{error:#}");
            say(Level::Error, &request, &error_message, &[seconds]);
            Err(Diagnostic { error_type: "Countersign.NothingDone".to_owned(), error_message })
        }
    }
}
