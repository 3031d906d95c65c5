//! CloudTrail, wherever its records come from: the event history of `LookupEvents`, log files, events on a bus.
//!
//! Nothing here knows an AWS type or makes a call. [`record`] reads one record, [`parameters`] decides what of a
//! request may be kept: what is not on its list never reaches a snapshot. [`watched`] says which events are read at all.
//!
//! Log files are read through a [`crate::store::Store`]. [`layout`] knows where a trail puts them, [`gzip`] inflates
//! one, [`mod@file`] finds the records in it that a [`filter`] asks for, [`scan`] does so for all of them on several threads,
//! and [`timeline`] drops what came twice and puts the rest in the order of time. [`digest`] verifies what a trail signed;
//! [`reading`] does both at once, for a collection.

pub mod digest;
pub mod file;
pub mod filter;
pub mod gzip;
mod head;
mod json;
pub mod layout;
pub mod parameters;
mod prefilter;
pub mod reading;
pub mod record;
pub mod scan;
pub mod timeline;
pub mod watched;
