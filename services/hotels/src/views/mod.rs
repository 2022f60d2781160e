//! Read models of hotels.

pub mod list;
pub mod past;
