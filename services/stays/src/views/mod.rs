//! Read models of stays.

pub mod list;
pub mod days;
pub mod rooms;
