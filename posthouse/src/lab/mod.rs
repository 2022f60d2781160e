//! Failure labs: each breaks the house in one way, with real processes, and says what happened and what held.

pub mod child;
pub mod kills;
pub mod resume;

/// The labs by name, with what each does.
pub const LABS: &[(&str, &str)] = &[
    ("kills", "kill -9 the house again and again while guests book with cards; then look for anything lost, doubled or left over"),
    ("resume", "kill -9 a replay at random moments and continue it; the digests must be those of a run nobody disturbed"),
];
