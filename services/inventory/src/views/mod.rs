//! Read models of inventory.

pub mod nights;
pub mod night_delta;
pub mod due_holds;
