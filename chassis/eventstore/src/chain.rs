//! The hash chain of a lane: each position's hash covers its content and the hash before it, so a changed, missing or
//! reordered record shows in every hash after it.

use sha2::{Digest, Sha256};

use kernel::Lane;

/// The hash before the first position.
pub const START: [u8; 32] = [0; 32];

/// Hash of a command record at `pos`, after `previous`.
pub fn of_command(previous: &[u8; 32], lane: Lane, pos: u64, json: &str) -> [u8; 32] {
    link(previous, lane, pos, &["command", json])
}

/// Hash of an event at `pos`, after `previous`. `place` is `stream@version#schema`.
pub fn of_event(previous: &[u8; 32], lane: Lane, pos: u64, place: &str, json: &str) -> [u8; 32] {
    link(previous, lane, pos, &[place, json])
}

fn link(previous: &[u8; 32], lane: Lane, pos: u64, parts: &[&str]) -> [u8; 32] {
    let mut h = Sha256::new();
    h.update(previous);
    h.update([lane]);
    h.update(pos.to_be_bytes());
    for part in parts {
        // Lengths first: no two different lists of parts may give the same bytes.
        h.update((part.len() as u64).to_be_bytes());
        h.update(part);
    }
    h.finalize().into()
}

/// The first four bytes of a hash as eight hex letters: what a cursor carries.
pub fn short(hash: &[u8; 32]) -> String {
    hash[..4].iter().map(|b| format!("{b:02x}")).collect()
}

/// A whole hash as hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_a_record_and_everything_before_it_shows_in_the_hash() {
        let first = of_command(&START, 1, 1, "{}");
        // Written down once: stored chains must verify for ever.
        assert_eq!(hex(&first), "9ca41de42ce780872448cf58aa521ebcf1fe0129f2ef85b3b6825c575256cf7e");
        let place = "account/a@1#2";
        let base = of_event(&first, 1, 2, place, "[1]");
        let changed = [
            of_event(&START, 1, 2, place, "[1]"),
            of_event(&first, 2, 2, place, "[1]"),
            of_event(&first, 1, 3, place, "[1]"),
            of_event(&first, 1, 2, "account/a@2#2", "[1]"),
            of_event(&first, 1, 2, place, "[2]"),
            // The same bytes, divided in another way.
            of_event(&first, 1, 2, "account/a@1#2[", "1]"),
            of_command(&first, 1, 2, "[1]"),
        ];
        assert!(changed.iter().all(|hash| *hash != base));
        assert_eq!(short(&base).len(), 8);
        assert!(hex(&base).starts_with(&short(&base)));
    }
}
