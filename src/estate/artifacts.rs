//! To be joined.
