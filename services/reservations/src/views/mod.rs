//! Read models of reservations.

pub mod list;
pub mod days;
pub mod past;
