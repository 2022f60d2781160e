//! Dice: one seed is split by name, so that what one component rolls does not move the dice of another.

use std::sync::Arc;

use kernel::Chance;
use kernel::chance::Seeded;
use sha2::{Digest, Sha256};

/// The dice of the component with this name.
pub fn split(seed: u64, name: &str) -> Arc<dyn Chance> {
    let mut h = Sha256::new();
    h.update(seed.to_be_bytes());
    h.update(name);
    let hash = h.finalize();
    let mut first = [0u8; 8];
    first.copy_from_slice(&hash[..8]);
    Arc::new(Seeded::new(u64::from_be_bytes(first)))
}

/// Whether something happens that happens `permille` times in a thousand. Does not roll for what never happens.
pub fn hits(chance: &dyn Chance, permille: u64) -> bool {
    permille > 0 && chance.below(1_000) < permille
}

/// One of several things; `None` when there is none.
pub fn pick<'a, T>(chance: &dyn Chance, among: &'a [T]) -> Option<&'a T> {
    among.get(chance.below(among.len() as u64) as usize)
}
