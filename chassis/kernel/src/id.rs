//! Ids: a prefix that says what a thing is, and letters derived from the command that made it.
//!
//! A server never rolls dice for an id: it derives it from (caller, idempotency key), so that a retry of a command whose
//! answer was lost meets the same stream in the same lane.

use sha2::{Digest, Sha256};

/// Letters of Crockford's base 32 without the ambiguous ones, lower case: safe in URLs and on the telephone.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Derives ids for one command from its (caller, key).
#[derive(Clone, Debug)]
pub struct Ids {
    seed: [u8; 32],
}

impl Ids {
    /// The ids that belong to the command `key` of `caller`.
    pub fn of(caller: &str, key: &str) -> Self {
        let mut h = Sha256::new();
        h.update((caller.len() as u64).to_be_bytes());
        h.update(caller);
        h.update(key);
        Self { seed: h.finalize().into() }
    }

    /// `<prefix>_<16 letters>`: 80 bits, the same for the same command and prefix.
    pub fn derive(&self, prefix: &str) -> String {
        let mut h = Sha256::new();
        h.update(self.seed);
        h.update(prefix);
        let hash = h.finalize();
        format!("{prefix}_{}", letters(&hash[..10]))
    }

    /// Is this one of the ids that belong to the command, perhaps with `-` and more behind it?
    pub fn made(&self, id: &str) -> bool {
        let rest = id.rsplit_once('_').and_then(|(prefix, _)| id.strip_prefix(&self.derive(prefix)));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    }
}

/// Base-32 letters of some bytes, five bits a letter.
pub fn letters(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 8 / 5 + 1);
    let (mut acc, mut bits) = (0u32, 0u32);
    for b in bytes {
        acc = (acc << 8) | u32::from(*b);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            out.push(ALPHABET[(acc >> bits) as usize & 31] as char);
        }
        acc &= (1 << bits) - 1;
    }
    out
}

/// A code people choose themselves (hotel, room type, room): 1..=16 of `[A-Za-z0-9-]`.
pub fn is_code(text: &str) -> bool {
    (1..=16).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_command_gives_the_same_id() {
        let a = Ids::of("desk", "k1").derive("res");
        assert_eq!(a, Ids::of("desk", "k1").derive("res"));
        assert_ne!(a, Ids::of("desk", "k2").derive("res"));
        assert_ne!(a[4..], Ids::of("desk", "k1").derive("pay")[4..]);
        assert_eq!(a.len(), 20);
        assert!(Ids::of("desk", "k1").made(&a) && Ids::of("desk", "k1").made(&format!("{a}-07")));
        assert!(!Ids::of("desk", "k2").made(&a) && !Ids::of("desk", "k1").made("res") && !Ids::of("desk", "k1").made(&format!("{a}x")));
    }

    #[test]
    fn codes_are_short_and_plain() {
        assert!(is_code("H1") && is_code("A-12"));
        assert!(!is_code("") && !is_code("a b") && !is_code("12345678901234567") && !is_code("ü"));
    }
}
