//! The report: one versioned document ([`document`]), and one file a format that renders it.

pub mod document;
