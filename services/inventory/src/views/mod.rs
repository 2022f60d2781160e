//! Read models of inventory.

pub mod nights;
pub mod night_books;
pub mod due_holds;
