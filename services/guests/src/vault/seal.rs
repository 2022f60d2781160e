//! Keys and what they do: seal, open, fingerprint. XChaCha20-Poly1305, because its nonce is long enough to be rolled.

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use kernel::Chance;
use sha2::Sha256;

/// Bytes of a key.
pub const KEY_LEN: usize = 32;
/// Bytes of a nonce; it stands before what it sealed.
const NONCE_LEN: usize = 24;
/// Bytes of a fingerprint.
const FINGERPRINT_LEN: usize = 16;

/// A symmetric key. It has no `Debug`, so it cannot be printed by accident.
pub struct Key([u8; KEY_LEN]);

impl Key {
    /// A new one.
    pub fn random(chance: &dyn Chance) -> Self {
        let mut bytes = [0; KEY_LEN];
        chance.fill(&mut bytes);
        Self(bytes)
    }

    /// From bytes; `None` unless there are 32.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Its bytes, for sealing it under another key or keeping it in its file.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Encrypts. What is sealed for one `place` opens at no other, so rows cannot be swapped.
    pub fn seal(&self, chance: &dyn Chance, place: &str, plain: &[u8]) -> Option<Vec<u8>> {
        let mut sealed = vec![0; NONCE_LEN];
        chance.fill(&mut sealed);
        let payload = Payload { msg: plain, aad: place.as_bytes() };
        let cipher = XChaCha20Poly1305::new(&self.0.into());
        let ciphertext = cipher.encrypt(XNonce::from_slice(&sealed), payload).ok()?;
        sealed.extend(ciphertext);
        Some(sealed)
    }

    /// Decrypts; `None` when key, place or bytes are not the ones it was sealed with.
    pub fn open(&self, place: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, ciphertext) = sealed.split_at_checked(NONCE_LEN)?;
        let payload = Payload { msg: ciphertext, aad: place.as_bytes() };
        XChaCha20Poly1305::new(&self.0.into()).decrypt(XNonce::from_slice(nonce), payload).ok()
    }

    /// HMAC-SHA256 of route and body, the first 16 bytes in hex. A bare hash of a name and a telephone number could be
    /// guessed; this one cannot, and it is gone with its key.
    pub fn fingerprint(&self, route: &str, body: &[u8]) -> String {
        // HMAC takes keys of any length: this one cannot be refused.
        let Ok(mut mac) = <Hmac<Sha256> as Mac>::new_from_slice(&self.0) else { return String::new() };
        mac.update(&(route.len() as u64).to_be_bytes());
        mac.update(route.as_bytes());
        mac.update(body);
        mac.finalize().into_bytes().iter().take(FINGERPRINT_LEN).map(|b| format!("{b:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::chance::Seeded;

    #[test]
    fn what_is_sealed_opens_with_its_key_at_its_place_only() {
        let dice = Seeded::new(1);
        let (key, other) = (Key::random(&dice), Key::random(&dice));
        let sealed = key.seal(&dice, "guest/a", b"secret").unwrap();
        assert_eq!(key.open("guest/a", &sealed).as_deref(), Some(&b"secret"[..]));
        assert_eq!(other.open("guest/a", &sealed), None);
        assert_eq!(key.open("guest/b", &sealed), None);
        assert_eq!(key.open("guest/a", &sealed[..10]), None);
        let mut bent = sealed.clone();
        bent[30] ^= 1;
        assert_eq!(key.open("guest/a", &bent), None);
        assert_ne!(key.seal(&dice, "guest/a", b"secret").unwrap(), sealed, "a nonce is used once");
    }

    #[test]
    fn a_fingerprint_belongs_to_key_route_and_body() {
        let dice = Seeded::new(1);
        let (key, other) = (Key::random(&dice), Key::random(&dice));
        let print = key.fingerprint("CreateGuest", b"body");
        assert_eq!(print.len(), 32);
        assert_eq!(print, key.fingerprint("CreateGuest", b"body"));
        for (k, route, body) in [(&other, "CreateGuest", "body"), (&key, "Create", "Guestbody"), (&key, "CreateGuest", "bod")] {
            assert_ne!(print, k.fingerprint(route, body.as_bytes()));
        }
    }
}
