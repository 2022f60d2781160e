//! What stays orchestrates.

pub mod check_in;
pub mod check_out;
pub mod assign_room;
pub mod move_room;
pub mod extend_stay;
pub mod close_day;
