//! Read models of stays.

pub mod list;
pub mod days;
pub mod rooms;
pub mod floors;
pub mod past;
