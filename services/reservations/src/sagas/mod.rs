//! What reservations orchestrates.

pub mod book;
pub mod change_type;
pub mod give_back;
