//! `countersign verify`: checks an evidence pack.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use anyhow::anyhow;
use clap::Args;

use super::console::Console;
use crate::pack::{PublicKey, Trust, Verified, verify};
use crate::report::escape::visible;
use crate::report::words;
use crate::run::Exit;

const EXAMPLES: &str = "\
Examples:
  countersign verify fraud.zip --public-key release.pub.pem
  countersign verify fraud.zip --digest 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

/// Checks an evidence pack, offline
///
/// Checks the file, its signature and the hash of everything in it, and judges the facts again: the findings must come
/// out as they are written. Exit code 1 if anything does not hold; each fault is named with its file.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Verify {
    /// The pack
    pack: PathBuf,
    /// Public key that must have signed it: PEM [default: the key in the pack, whose owner is for you to know]
    #[arg(long, value_name = "FILE")]
    public_key: Option<PathBuf>,
    /// SHA-256 that was printed when the pack was made; an unsigned pack is checked against it
    #[arg(long, value_name = "SHA256", value_parser = digest)]
    digest: Option<String>,
}

impl Verify {
    pub(super) fn run(self, console: Console) -> anyhow::Result<Exit> {
        let bytes =
            fs::read(&self.pack).map_err(|error| anyhow!("cannot read pack `{}`: {error}", self.pack.display()))?;
        let key = self.public_key.as_deref().map(PublicKey::load).transpose()?;
        match verify(&bytes, &Trust { key, digest: self.digest }) {
            Ok(verified) => {
                console.print(told(&verified))?;
                Ok(Exit::Done)
            }
            Err(faults) => {
                let lines: Vec<String> =
                    faults.iter().map(|fault| format!("- {}\n", visible(&fault.to_string()))).collect();
                console.print(format_args!("NOT VERIFIED: {}\n{}", self.pack.display(), lines.concat()))?;
                Ok(Exit::Findings)
            }
        }
    }
}

/// Reads 64 hexadecimal digits, with or without `sha256:` before them.
fn digest(text: &str) -> Result<String, String> {
    let digits = text.trim().strip_prefix("sha256:").unwrap_or(text.trim()).to_lowercase();
    if digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        Ok(digits)
    } else {
        Err(anyhow!("write the 64 hexadecimal digits that `countersign evidence` printed").to_string())
    }
}

fn told(verified: &Verified) -> String {
    let claim = &verified.claim;
    let mut text = format!("Verified: the evidence behind {}\n", visible(&claim.live_version));
    let mut line = |what: &str, said: &str| _ = writeln!(text, "  {what:<12}{}", visible(said));
    line("version", &claim.version_key);
    line("verdict", words::verdict(claim.verdict));
    line(
        "approval",
        &claim.grade.map_or_else(|| "none".to_owned(), |grade| format!("grade {}: {}", grade.as_str(), grade.words())),
    );
    line(
        "findings",
        &format!(
            "{} judged again with the same result; {} fail, {} unknown",
            verified.findings, claim.failing, claim.unknown
        ),
    );
    line(
        "as of",
        &format!(
            "{}, collected {} by {}",
            words::time(claim.as_of),
            words::time(claim.collected_at),
            words::identity(&claim.reader)
        ),
    );
    line("sha256", &verified.digest);
    match (&verified.signed_by, verified.trusted) {
        (Some(key), true) => line("signed", &format!("by the key that was asked for, {key}")),
        (Some(key), false) => line(
            "signed",
            &format!(
                "by key {key}, which the pack itself brings: compare it with one that you trust, or name that with --public-key"
            ),
        ),
        (None, _) => line("signed", "no; the digest is the one that was asked for"),
    }
    if let Some(tool) = &verified.other_tool {
        line("note", &format!("it was made by {tool}; the findings were compared, not the words"));
    }
    text
}
