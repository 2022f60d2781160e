//! Read models of hotels.

pub mod list;
