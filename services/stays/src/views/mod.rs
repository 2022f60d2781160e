//! Read models of stays.

pub mod list;
pub mod days;
pub mod rooms;
pub mod floors;
pub mod tape;

/// Where the past can be read, for whoever asks a list for it.
const NO_PAST: &str = "this list shows the present; single stays, folios, rooms and the business day can be read as of a past moment";
