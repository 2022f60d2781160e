//! The workshop: what a developer runs to know that the house stands.
//!
//! Reading order: [`suite`] is `cargo xtask test`, the one command that runs everything and prints one table;
//! [`tidy`] holds the house rules as plain functions, which the tests of this crate run too; [`campaigns`] lists
//! what takes longer than a minute; [`place`] knows where the checkout is.
//!
//! Nothing here is part of the product: no crate may depend on this one, and it knows the others only as text.

pub mod campaigns;
pub mod place;
pub mod suite;
pub mod tidy;
