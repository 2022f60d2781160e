//! Past moments at which a reservation can be read: after the audit of a date, at an instant, at a position of the hotel's own
//! lane. The lists show the present.

use kernel::lane_of;
use pipeline::{AsOf, Call, Problem};

fn no_past(why: &str) -> Problem {
    Problem { code: "as-of-unsupported".into(), ..Problem::invalid(why) }
}

/// Refuses moments that say nothing about this hotel.
pub fn checked(call: &Call, hotel: &str) -> Result<(), Problem> {
    match AsOf::of(call)? {
        Some(AsOf::Position(lane, _)) if lane != lane_of(hotel) => {
            Err(no_past(&format!("the hotel's events are in lane {}, the position is one of lane {lane}", lane_of(hotel))))
        }
        _ => Ok(()),
    }
}

/// For lists.
pub fn present_only(call: &Call) -> Result<(), Problem> {
    if call.asked("as_of").is_none() {
        return Ok(());
    }
    Err(no_past("this list shows the present; a single reservation can be read as of a past moment, and so can on-the-books"))
}
