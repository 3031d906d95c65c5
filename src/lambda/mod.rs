//! Running in AWS Lambda: what the function is told and asked, and what it answers.
//!
//! With [`crate::cli`] an entry point: it reads the clock and the environment. What it is asked is one [`event::Task`];
//! everything that is read is judged, archived and published as by `countersign run`.
//!
//! An invocation fails only if nothing was done: the settings, the policy, the credentials or the reader's role cannot be
//! used, or no place took anything. Lambda then tries again. Where one sink of several fails, trying again would do the
//! others' work twice, so the answer says `sink_failed` and names it.

pub mod answer;
pub mod budget;
pub mod claim;
pub mod event;
#[cfg(feature = "aws")]
mod function;
pub mod gates;
#[cfg(feature = "aws")]
mod handle;
#[cfg(feature = "aws")]
mod init;
#[cfg(feature = "aws")]
mod log;
mod named;
#[cfg(feature = "aws")]
mod organization;
pub mod settings;
pub mod witness;

#[cfg(feature = "aws")]
pub use function::{is_asked_for, main};
