//! A report of a monitor of any bytes: nothing panics, and what is read keeps its bounds.

#![no_main]

use countersign::monitor_report::{KEPT, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    match read("report", bytes) {
        Ok(report) => {
            assert_eq!(report.violations.len(), report.total.min(KEPT));
            assert!(report.violations.iter().all(|it| !it.feature.is_empty() && !it.check.is_empty()));
        }
        Err(error) => assert!(!error.to_string().contains(char::is_control)),
    }
});
