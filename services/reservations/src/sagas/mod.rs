//! What reservations orchestrates.

pub mod book;
pub mod change_type;
pub mod amend;
pub mod give_back;
