//! Keys: a local one that signs, public ones that verify, and what any other signer (a KMS key) has to be able to do.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, ED25519, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
    ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey,
    VerificationAlgorithm,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::statement::sha256;

/// How a key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// Ed25519.
    Ed25519,
    /// ECDSA over P-256 with SHA-256, in ASN.1.
    EcdsaP256,
    /// RSASSA-PKCS1-v1_5 with SHA-256, 2,048 to 8,192 bits.
    RsaPkcs1,
}

impl Algorithm {
    const ALL: [Self; 3] = [Self::Ed25519, Self::EcdsaP256, Self::RsaPkcs1];

    fn verification(self) -> &'static dyn VerificationAlgorithm {
        match self {
            Self::Ed25519 => &ED25519,
            Self::EcdsaP256 => &ECDSA_P256_SHA256_ASN1,
            Self::RsaPkcs1 => &RSA_PKCS1_2048_8192_SHA256,
        }
    }
}

/// Why a key does not sign or verify.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file system refused.
    #[error("cannot read key `{}`: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// Not a key that this version can use.
    #[error("`{}` is no {what}; expected PEM, {expected}", path.display())]
    NotAKey {
        /// The file.
        path: PathBuf,
        /// What was wanted.
        what: &'static str,
        /// How it should look.
        expected: &'static str,
    },
    /// A key elsewhere did not sign.
    #[error("key `{key}` did not sign: {message}")]
    Refused {
        /// The key.
        key: String,
        /// Why.
        message: String,
    },
}

/// Something that signs.
pub trait Signer {
    /// Its public key.
    fn public_key(&self) -> &PublicKey;

    /// Signs a message.
    ///
    /// # Errors
    /// If the key refuses.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError>;
}

/// A public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    algorithm: Algorithm,
    /// `SubjectPublicKeyInfo` in DER.
    der: Vec<u8>,
}

const PUBLIC: &str = "`-----BEGIN PUBLIC KEY-----`, of type Ed25519, P-256 or RSA";
const PRIVATE: &str =
    "`-----BEGIN PRIVATE KEY-----` (PKCS#8), of type Ed25519, P-256 or RSA: `openssl genpkey -algorithm ed25519`";

impl PublicKey {
    /// A key from its `SubjectPublicKeyInfo`; `None` if it is of no type that is known here.
    pub fn from_der(der: &[u8]) -> Option<Self> {
        let fits = |algorithm: &Algorithm| ParsedPublicKey::new(algorithm.verification(), der).is_ok();
        let algorithm = Algorithm::ALL.into_iter().find(fits)?;
        Some(Self { algorithm, der: der.to_vec() })
    }

    /// A key from PEM.
    pub fn from_pem(text: &str) -> Option<Self> {
        Self::from_der(&pem(text, "PUBLIC KEY")?)
    }

    /// Reads a file.
    ///
    /// # Errors
    /// If it cannot be read, or holds no key that is known here.
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        let text = fs::read_to_string(path).map_err(|source| KeyError::Io { path: path.to_owned(), source })?;
        Self::from_pem(&text).ok_or_else(|| KeyError::NotAKey {
            path: path.to_owned(),
            what: "public key",
            expected: PUBLIC,
        })
    }

    /// How it verifies.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// SHA-256 of its `SubjectPublicKeyInfo`: what people compare.
    pub fn fingerprint(&self) -> String {
        sha256(&self.der)
    }

    /// The key in PEM.
    pub fn to_pem(&self) -> String {
        let base64 = STANDARD.encode(&self.der);
        let mut text = "-----BEGIN PUBLIC KEY-----\n".to_owned();
        for line in base64.as_bytes().chunks(64) {
            text.push_str(&String::from_utf8_lossy(line));
            text.push('\n');
        }
        text + "-----END PUBLIC KEY-----\n"
    }

    /// Whether it verifies a signature over a message.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(self.algorithm.verification(), &self.der).verify(message, signature).is_ok()
    }
}

/// A private key in a file.
#[derive(Debug)]
pub struct LocalKey {
    path: PathBuf,
    pair: Pair,
    public: PublicKey,
}

#[derive(Debug)]
enum Pair {
    Ed25519(Ed25519KeyPair),
    Ecdsa(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

impl LocalKey {
    /// Reads a private key, PKCS#8 in PEM.
    ///
    /// # Errors
    /// If it cannot be read, or holds no key that is known here.
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        let text = fs::read_to_string(path).map_err(|source| KeyError::Io { path: path.to_owned(), source })?;
        let wrong = || KeyError::NotAKey { path: path.to_owned(), what: "private key", expected: PRIVATE };
        let der = pem(&text, "PRIVATE KEY").ok_or_else(wrong)?;
        let (pair, public) = Pair::read(&der).ok_or_else(wrong)?;
        Ok(Self { path: path.to_owned(), pair, public })
    }
}

impl Pair {
    fn read(pkcs8: &[u8]) -> Option<(Self, PublicKey)> {
        if let Ok(pair) = Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8) {
            let public = der(pair.public_key())?;
            return Some((Self::Ed25519(pair), PublicKey { algorithm: Algorithm::Ed25519, der: public }));
        }
        if let Ok(pair) = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8) {
            let public = der(pair.public_key())?;
            return Some((Self::Ecdsa(pair), PublicKey { algorithm: Algorithm::EcdsaP256, der: public }));
        }
        let pair = RsaKeyPair::from_pkcs8(pkcs8).ok()?;
        let public = der(pair.public_key())?;
        Some((Self::Rsa(pair), PublicKey { algorithm: Algorithm::RsaPkcs1, der: public }))
    }
}

fn der<'k>(key: &impl AsDer<PublicKeyX509Der<'k>>) -> Option<Vec<u8>> {
    Some(key.as_der().ok()?.as_ref().to_vec())
}

impl Signer for LocalKey {
    fn public_key(&self) -> &PublicKey {
        &self.public
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let refused = |_| KeyError::Refused {
            key: self.path.display().to_string(),
            message: "the key cannot be used for signing".to_owned(),
        };
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Ed25519(pair) => Ok(pair.sign(message).as_ref().to_vec()),
            Pair::Ecdsa(pair) => Ok(pair.sign(&random, message).map_err(refused)?.as_ref().to_vec()),
            Pair::Rsa(pair) => {
                let mut signed = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signed).map_err(refused)?;
                Ok(signed)
            }
        }
    }
}

/// What stands between the lines of one kind of PEM.
fn pem(text: &str, label: &str) -> Option<Vec<u8>> {
    let (_, rest) = text.split_once(&format!("-----BEGIN {label}-----"))?;
    let (body, _) = rest.split_once(&format!("-----END {label}-----"))?;
    STANDARD.decode(body.split_whitespace().collect::<String>()).ok()
}
