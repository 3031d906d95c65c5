//! Controls of the family.
