//! What guests orchestrates: whatever the vault must forget, and a merge, which lies in two lanes.

pub mod erase;
pub mod merge;
