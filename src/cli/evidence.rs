//! `countersign evidence`: everything behind one live version's answers, in a file that can be checked offline.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use clap::Args;
use jiff::Timestamp;

#[cfg(feature = "aws")]
use super::account::Account;
use super::clock;
use super::console::Console;
use super::named::{self, NameError};
use super::reporting::PolicyFile;
#[cfg(feature = "aws")]
use crate::collect::aws::Session;
use crate::evidence::Snapshot;
use crate::files::write_atomically;
use crate::pack::{LocalKey, Made, Request, Signer, make};
use crate::policy::Policy;
#[cfg(feature = "aws")]
use crate::publish::aws::KmsKey;
use crate::run::{self, Exit};

const EXAMPLES: &str = "\
Examples:
  countersign evidence 111122223333/eu-central-1/variant/fraud/AllTraffic --out fraud.zip
  countersign evidence fraud/AllTraffic --from countersign-report --sign-key release.pem
  countersign verify fraud.zip --digest SHA256";

/// Packs the evidence behind one live version
///
/// Reads the snapshot of a run, not AWS. The pack holds every fact, event, object version and rule behind the answers, a
/// page to read, and the hash of each file as an in-toto statement. Note the digest that is printed: an unsigned pack is
/// checked against it.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Evidence {
    /// Id of the live version, or a part that no other has, such as its endpoint
    live_version: String,
    /// Snapshot, or the folder of a run that holds it
    #[arg(long, value_name = "PATH", default_value = "countersign-report")]
    from: PathBuf,
    /// File to write
    #[arg(long, value_name = "FILE", default_value = "evidence.zip")]
    out: PathBuf,
    #[command(flatten)]
    policy: PolicyFile,
    /// Judge as of this instant [default: when the snapshot was collected]
    #[arg(long, value_name = "TIME", value_parser = clock::argument)]
    as_of: Option<Timestamp>,
    #[command(flatten)]
    key: Key,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Signing")]
struct Key {
    /// Private key that signs it: PKCS#8 in PEM, of type Ed25519, P-256 or RSA
    #[arg(long, value_name = "FILE")]
    sign_key: Option<PathBuf>,
    /// KMS key that signs it: id, ARN or alias of a key of usage `SIGN_VERIFY`, P-256 or RSA
    #[cfg(feature = "aws")]
    #[arg(long, value_name = "KEY", conflicts_with = "sign_key")]
    sign_kms: Option<String>,
    #[cfg(feature = "aws")]
    #[command(flatten)]
    account: Account,
}

impl Evidence {
    pub(super) fn run(self, console: Console) -> anyhow::Result<Exit> {
        let from = if self.from.is_dir() { self.from.join("snapshot.json.zst") } else { self.from.clone() };
        let snapshot = Snapshot::load(&from)?;
        let as_of = self.as_of.unwrap_or(snapshot.as_of);
        let (policy, text) = self.policy.load_text(as_of, console)?;
        let id = whole_id(&snapshot, &policy, as_of, &self.live_version)?;
        let tool = run::tool();
        let request = Request {
            snapshot: &snapshot,
            policy: &policy,
            policy_text: text.as_ref(),
            as_of,
            id: &id,
            tool: &tool,
            signer: None,
        };
        let made = self.key.with_signer(&policy, |signer| Ok(make(&Request { signer, ..request })?))?;
        write_atomically(&self.out, |file| file.write_all(&made.bytes))
            .map_err(|error| anyhow!("cannot write `{}`: {error}", self.out.display()))?;
        console.print(told(&made, &self.out))?;
        Ok(Exit::Done)
    }
}

impl Key {
    /// Does something with the key that was asked for, if any.
    fn with_signer<T>(
        self,
        policy: &Policy,
        with: impl FnOnce(Option<&dyn Signer>) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        if let Some(path) = &self.sign_key {
            return with(Some(&LocalKey::load(path)?));
        }
        #[cfg(feature = "aws")]
        if let Some(key) = &self.sign_kms {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let session = runtime.block_on(Session::open(&self.account.options(policy)))?;
            return with(Some(&KmsKey::open(&session, key, runtime)?));
        }
        #[cfg(not(feature = "aws"))]
        let _ = policy;
        with(None)
    }
}

/// The one live version that is meant.
fn whole_id(snapshot: &Snapshot, policy: &Policy, as_of: Timestamp, asked: &str) -> Result<String, NameError> {
    let estate = crate::estate::reconcile(snapshot, policy, as_of);
    let ids: Vec<&str> = estate.live.iter().map(|live| live.id.as_str()).collect();
    named::find(asked, &ids)
}

fn told(made: &Made, out: &Path) -> String {
    let signed = match &made.signed_by {
        Some(key) => format!("signed by key {key}"),
        None => "not signed: keep the digest, `countersign verify --digest` asks for it".to_owned(),
    };
    format!(
        "{}\n  {} facts behind {}\n  sha256 {}\n  {signed}\n",
        out.display(),
        made.facts,
        crate::report::escape::visible(&made.claim.live_version),
        made.digest,
    )
}
