//! Writing to what the operator named. Nothing else is ever written to.

pub mod aws;
