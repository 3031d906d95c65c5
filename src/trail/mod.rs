//! CloudTrail, wherever its records come from: the event history of `LookupEvents`, log files, events on a bus.
//!
//! Nothing here knows an AWS type or makes a call. [`record`] reads one record, [`parameters`] decides what of a
//! request may be kept: what is not on its list never reaches a snapshot. [`watched`] says which events are read at all.

pub mod digest;
pub mod parameters;
pub mod record;
pub mod watched;
