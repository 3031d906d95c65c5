//! Reading from AWS.
