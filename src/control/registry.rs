//! Every control, in the order of the catalogue.

use super::Control;

/// Every control.
pub static CONTROLS: &[&Control] = &[&super::approval::approved_now::CONTROL];
