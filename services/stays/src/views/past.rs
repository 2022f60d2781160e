//! Past moments at which stays can be read: after the audit of a date, at an instant, at a position of the hotel's own lane.

use kernel::lane_of;
use pipeline::{AsOf, Call, Problem};

/// 400: this cannot be read as of that moment.
pub fn no_past(why: &str) -> Problem {
    Problem { code: "as-of-unsupported".into(), ..Problem::invalid(why) }
}

/// The moment asked for. A position of another lane says nothing about this hotel, so it is refused and not passed over.
pub fn cut(call: &Call, hotel: &str) -> Result<Option<AsOf>, Problem> {
    match AsOf::of(call)? {
        Some(AsOf::Position(lane, _)) if lane != lane_of(hotel) => {
            Err(no_past(&format!("the hotel's events are in lane {}, the position is one of lane {lane}", lane_of(hotel))))
        }
        moment => Ok(moment),
    }
}

/// For lists that are kept for the present only.
pub fn present_only(call: &Call) -> Result<(), Problem> {
    if call.asked("as_of").is_none() {
        return Ok(());
    }
    Err(no_past("this list shows the present; single stays, folios, rooms and the business day can be read as of a past moment"))
}
