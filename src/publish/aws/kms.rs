//! A KMS key that signs evidence packs. The private half never leaves KMS.
//!
//! Source: <https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html>

use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::{MessageType, SigningAlgorithmSpec};
use tokio::runtime::Runtime;

use crate::collect::aws::{Session, reason};
use crate::pack::{Algorithm, KeyError, PublicKey, Signer};
use crate::sha256::Sha256;

/// A KMS key of usage `SIGN_VERIFY`, with what it takes to ask it.
#[derive(Debug)]
pub struct KmsKey {
    runtime: Runtime,
    client: aws_sdk_kms::Client,
    key: String,
    public: PublicKey,
}

impl KmsKey {
    /// Asks KMS for the public half of a key, given by id, ARN or alias. Needs `kms:GetPublicKey`.
    ///
    /// # Errors
    /// If KMS refuses, or the key is not of a kind that signs packs.
    pub fn open(session: &Session, key: &str, runtime: Runtime) -> Result<Self, KeyError> {
        let refused = |message: String| KeyError::Refused { key: key.to_owned(), message };
        let client = session.kms(key);
        let answer = runtime
            .block_on(client.get_public_key().key_id(key).send())
            .map_err(|error| refused(reason(&error).message))?;
        let der = answer.public_key().map(|der| der.as_ref().to_vec()).unwrap_or_default();
        let public = PublicKey::from_der(&der)
            .filter(|public| public.algorithm() != Algorithm::Ed25519)
            .ok_or_else(|| refused("it is not of usage SIGN_VERIFY with the spec ECC_NIST_P256 or RSA".to_owned()))?;
        Ok(Self { runtime, client, key: key.to_owned(), public })
    }
}

impl Signer for KmsKey {
    fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// Needs `kms:Sign`. Only the hash is sent: messages of more than 4,096 bytes are not taken.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let refused = |message: String| KeyError::Refused { key: self.key.clone(), message };
        let algorithm = match self.public.algorithm() {
            Algorithm::RsaPkcs1 => SigningAlgorithmSpec::RsassaPkcs1V15Sha256,
            Algorithm::EcdsaP256 | Algorithm::Ed25519 => SigningAlgorithmSpec::EcdsaSha256,
        };
        let request = self
            .client
            .sign()
            .key_id(&self.key)
            .message_type(MessageType::Digest)
            .message(Blob::new(Sha256::of(message).as_bytes()))
            .signing_algorithm(algorithm);
        let answer = self.runtime.block_on(request.send()).map_err(|error| refused(reason(&error).message))?;
        let signature = answer.signature().ok_or_else(|| refused("the answer holds no signature".to_owned()))?;
        Ok(signature.as_ref().to_vec())
    }
}
