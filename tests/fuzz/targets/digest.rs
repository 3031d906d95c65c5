//! A digest and a list of public keys of any bytes: nothing panics, and what is read keeps what it promises.

#![no_main]

use countersign::trail::digest::{Document, KeyFile};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(document) = Document::parse(bytes) {
        assert!(document.start < document.end);
        assert_eq!(document.end_text.parse().ok(), Some(document.end));
        // Reading hangs on nothing but the bytes.
        assert_eq!(Document::parse(bytes).ok(), Some(document));
    }
    drop(KeyFile::parse(bytes));
});
