//! Running in AWS Lambda: what the function is told and asked, and what it answers.
//!
//! With [`crate::cli`] an entry point: it reads the clock and the environment. What it is asked is one [`event::Task`];
//! everything that is read is judged, archived and published as by `countersign run`.

pub mod event;
mod named;
pub mod settings;
