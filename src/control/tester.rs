//! Builds estates for the cases of controls.
