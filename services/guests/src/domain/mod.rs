//! The domain of guests: one aggregate, one file a command, and the person nobody writes into an event.

pub mod person;
pub mod guest;
pub mod create_guest;
pub mod update_guest;
pub mod bookings;
pub mod absorb;
