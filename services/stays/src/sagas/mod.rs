//! What stays orchestrates.

pub mod check_in;
pub mod check_out;
pub mod close_day;
