//! What services say to each other and to the world: commands, replies and public events, one module per owner.
//!
//! Everything here is plain data. A contract is widened by optional fields; a field is never renamed or given another
//! meaning. Public events are snapshots with a version rather than deltas, so that a follower needs no history.
//!
//! Nobody but the owner may implement a command, and no service may see another's crate: this one is all they share.
//! Dates are hotel-local calendar dates, instants are UTC, money is in minor units.

pub mod hotels;
pub mod inventory;
pub mod reservations;
pub mod stays;
pub mod payments;
pub mod guests;

/// The pseudo room type that stands for the whole house in limits.
pub const HOUSE: &str = "*";

/// A reply that carries nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Nothing {}
