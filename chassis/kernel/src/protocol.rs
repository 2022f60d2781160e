//! The protocol's switches: production takes the one sound constant, the simulator passes known-bad values and must
//! notice. A fault test that was never seen failing is not a test.

/// Where a mutant may differ from the sound protocol. Passed at construction; there is no global and no feature flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Protocol {
    /// Replies leave the committer only after the commit is durable.
    pub reply_after_commit: bool,
    /// An undo of a command that never arrived leaves a tombstone that refuses it later.
    pub tombstones: bool,
    /// A pivot whose answer is unknown is asked again, never taken for failed.
    pub unknown_pivot_waits: bool,
    /// A silent connection between services is pinged, and given up when no answer comes.
    pub pings: bool,
    /// Snapshots are so many times as frequent as aggregates say: a simulated history is short, and is to have some.
    pub closer_snapshots: u64,
}

impl Protocol {
    /// The only protocol production runs.
    pub const SOUND: Self =
        Self { reply_after_commit: true, tombstones: true, unknown_pivot_waits: true, pings: true, closer_snapshots: 1 };
}
