//! The port to the dice. Everything random (jitter, ids that no key determines, encryption nonces) comes through here.

/// A source of random numbers. The real one lives in `host`; the simulator's is seeded.
pub trait Chance: Send + Sync + 'static {
    /// The next 64 random bits.
    fn next(&self) -> u64;

    /// A number in `0..below` (0 when `below` is 0).
    fn below(&self, below: u64) -> u64 {
        if below == 0 { 0 } else { ((u128::from(self.next()) * u128::from(below)) >> 64) as u64 }
    }

    /// Fills a buffer with random bytes.
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            let bytes = self.next().to_le_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
    }
}

/// A seeded generator (SplitMix64, Steele, Lea and Flood 2014): the same seed gives the same numbers for ever.
#[derive(Debug)]
pub struct Seeded(std::sync::atomic::AtomicU64);

impl Seeded {
    /// A generator that starts at `seed`.
    pub fn new(seed: u64) -> Self {
        Self(std::sync::atomic::AtomicU64::new(seed))
    }
}

impl Chance for Seeded {
    fn next(&self) -> u64 {
        let step = 0x9E37_79B9_7F4A_7C15_u64;
        let mut z = self.0.fetch_add(step, std::sync::atomic::Ordering::Relaxed).wrapping_add(step);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_determines_the_numbers() {
        let (a, b) = (Seeded::new(7), Seeded::new(7));
        assert!((0..100).all(|_| a.next() == b.next()));
        assert!((0..1000).all(|_| a.below(10) < 10));
        assert_eq!(a.below(0), 0);
    }
}
