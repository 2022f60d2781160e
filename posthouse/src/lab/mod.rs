//! Failure labs: each breaks the house in one way, with real processes, and says what happened and what held.

pub mod child;
pub mod kills;
pub mod restore;
pub mod resume;
pub mod archive;
pub mod rebuild;
pub mod fleet;
pub mod relay;
pub mod outage;
pub mod split;
pub mod chaos;
pub mod slices;
pub mod desks;
pub mod sealing;
pub mod play;

/// The labs by name, with what each does.
pub const LABS: &[(&str, &str)] = &[
    ("kills", "kill -9 the house again and again while guests book with cards; then look for anything lost, doubled or left over"),
    ("restore", "back the house up while guests book with cards, start a house on the copy: what was acknowledged before is there, once"),
    ("resume", "kill -9 a replay at random moments and continue it; the digests must be those of a run nobody disturbed"),
    ("rebuild", "run a replay, throw every read model away and rebuild it from position 0; each must be the live one, byte for byte"),
    (
        "archive",
        "archive a replay, delete every store, make the house again from each place alone: same digests, same views, old keys known",
    ),
    (
        "outage",
        "one process a service; a peer is stopped, paused, slow and failing under load; deadlines, breakers, sagas and books must hold",
    ),
    (
        "desks",
        "replay to the fullest month, open a hundred desks: how fast and large the tape chart is, and what the desks cost the bookings",
    ),
    ("sealing", "archive two million events: how many a second, in how much memory and how many bytes; and what it costs the bookings"),
    (
        "chaos",
        "processes with replicas on a PostgreSQL of its own; any of them killed or paused at any moment, PostgreSQL too; the books must hold",
    ),
];
