//! Past moments at which this service can be read: an instant, or a position of the hotel's own lane. Nothing here happens
//! on a business date.

use kernel::lane_of;
use pipeline::{AsOf, Call, Problem};

/// 400: this cannot be read as of that moment.
pub fn no_past(why: &str) -> Problem {
    Problem { code: "as-of-unsupported".into(), ..Problem::invalid(why) }
}

/// Refuses moments that one hotel cannot be read at.
pub fn checked(call: &Call, hotel: &str) -> Result<(), Problem> {
    match AsOf::of(call)? {
        Some(AsOf::Date(_)) => Err(no_past("what a hotel is made of changes on no business date; ask for an instant or a position")),
        Some(AsOf::Position(lane, _)) if lane != lane_of(hotel) => {
            Err(no_past(&format!("the hotel's events are in lane {}, the position is one of lane {lane}", lane_of(hotel))))
        }
        _ => Ok(()),
    }
}
