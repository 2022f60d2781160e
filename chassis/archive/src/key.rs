//! Who says what an archive holds: manifests are signed with Ed25519 by the cell that sealed them.

use std::path::Path;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use eventstore::chain::hex;

use crate::segment::unhex;

/// The key of a cell.
pub struct Signer(Ed25519KeyPair);

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the key {}", self.public())
    }
}

impl Signer {
    /// The key that 32 secret bytes stand for.
    pub fn of(secret: &[u8; 32]) -> Result<Self, String> {
        Ed25519KeyPair::from_seed_unchecked(secret).map(Self).map_err(|e| format!("this is no signing key: {e}"))
    }

    /// The key in a file of 64 hex digits.
    pub fn read(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path).map_err(|e| format!("the signing key {} cannot be read: {e}", path.display()))?;
        let secret = unhex(text.trim()).ok_or_else(|| format!("the signing key {} is not 64 hex digits", path.display()))?;
        Self::of(&secret)
    }

    /// The public half, in hex.
    pub fn public(&self) -> String {
        hex(self.0.public_key().as_ref())
    }

    /// A signature, in hex.
    pub fn sign(&self, message: &[u8]) -> String {
        hex(self.0.sign(message).as_ref())
    }
}

/// Whose manifests are believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Those signed with one of these public keys (hex).
    Keys(Vec<String>),
    /// Those signed with the key they name: a signature then shows damage, but not who made it.
    AsSaid,
}

impl Trust {
    /// Whether a message is signed by somebody who is believed; says why not.
    pub fn check(&self, key: &str, message: &[u8], signature: &str) -> Result<(), String> {
        if let Self::Keys(keys) = self
            && !keys.iter().any(|known| known.eq_ignore_ascii_case(key))
        {
            return Err(format!("it is signed with the key {key}, which is not one of those to trust"));
        }
        let public = unhex(key).ok_or_else(|| "its key is none".to_owned())?;
        let signature = signature_bytes(signature).ok_or_else(|| "its signature is none".to_owned())?;
        UnparsedPublicKey::new(&ED25519, public)
            .verify(message, &signature)
            .map_err(|_| "its signature is not that of its content".to_owned())
    }
}

fn signature_bytes(text: &str) -> Option<Vec<u8>> {
    let (first, second) = (text.get(..64)?, text.get(64..)?);
    Some([unhex(first)?, unhex(second)?].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_signed_by_somebody_trusted_is_believed() {
        let (ours, other) = (Signer::of(&[7; 32]).expect("a key"), Signer::of(&[8; 32]).expect("a key"));
        let signed = ours.sign(b"what there is");
        let trust = Trust::Keys(vec![ours.public().to_uppercase()]);
        assert_eq!(trust.check(&ours.public(), b"what there is", &signed), Ok(()));
        assert!(trust.check(&ours.public(), b"what there was", &signed).is_err_and(|why| why.contains("signature")));
        assert!(trust.check(&other.public(), b"what there is", &other.sign(b"what there is")).is_err_and(|why| why.contains("trust")));
        assert_eq!(Trust::AsSaid.check(&other.public(), b"what there is", &other.sign(b"what there is")), Ok(()));
        assert!(Trust::AsSaid.check(&other.public(), b"what there is", &signed).is_err());
        assert!(Trust::AsSaid.check("xx", b"", "yy").is_err());
    }
}
