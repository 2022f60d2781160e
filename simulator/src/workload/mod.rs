//! What people want of the house, and what they were told.
//!
//! Reading order: `town` (the hotels, and what everybody knows), `want` (one wish as a request), `client` (asks until it
//! knows, and remembers every answer), `setting` (hotels come into being), `guest` (books, changes, cancels, arrives,
//! leaves), `desk` (works through a hotel's days).

pub mod town;
pub mod want;
pub mod client;
pub mod setting;
pub mod guest;
pub mod desk;

pub use client::{Client, Op, Said};
pub use town::{HOTELS, Town};
pub use want::Want;
