//! The domain of guests: one aggregate, one command, and the person nobody writes into an event.

pub mod person;
pub mod guest;
pub mod create_guest;
