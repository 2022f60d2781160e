//! Known-bad protocols: a test must be seen to notice each of them, or it proves nothing about the sound one.

use kernel::Protocol;

/// Answers leave before the commit is durable.
pub const ANSWERS_BEFORE_COMMIT: Protocol = Protocol { reply_after_commit: false, ..Protocol::SOUND };
/// An undo that overtakes leaves nothing that refuses the late command.
pub const NO_TOMBSTONES: Protocol = Protocol { tombstones: false, ..Protocol::SOUND };
/// An unknown pivot is taken for failed.
pub const PIVOT_TIMEOUT_FAILS: Protocol = Protocol { unknown_pivot_waits: false, ..Protocol::SOUND };
