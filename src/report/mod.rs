//! The report: one versioned document ([`document`]), composed from an assessment ([`compose()`]), and one file a format
//! that renders it.
//!
//! Names in a report come from strangers. What deceives the eye is made visible in one place ([`escape`]); each format
//! escapes its own markup on top of that, and tests send one hostile corpus through all of them.

pub mod compose;
pub mod document;
pub mod escape;
pub mod shared;
pub mod words;

pub use compose::compose;
