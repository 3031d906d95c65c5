//! The page's script, and the policy that lets it and the style run, and nothing else.
//!
//! The page is complete without it: what belongs to the script is hidden until it runs. It asks for nothing, and never
//! makes markup of text.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::sha256::Sha256;

/// One function, so that nothing of it is seen from outside, in the order in which it is read.
pub(super) const SCRIPT: &str = concat!(
    "(() => {\n'use strict';\n",
    include_str!("../templates/script/theme.js"),
    include_str!("../templates/script/address.js"),
    include_str!("../templates/script/rows.js"),
    include_str!("../templates/script/filters.js"),
    include_str!("../templates/script/folds.js"),
    include_str!("../templates/script/links.js"),
    include_str!("../templates/script/keys.js"),
    include_str!("../templates/script/sort.js"),
    include_str!("../templates/report.js"),
    "})();\n"
);

/// The Content-Security-Policy of a page that has this style and this script inline.
pub(super) fn policy(style: &str, script: &str) -> String {
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        hash(style),
        hash(script)
    )
}

fn hash(text: &str) -> String {
    STANDARD.encode(Sha256::of(text.as_bytes()).as_bytes())
}
