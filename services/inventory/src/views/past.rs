//! Past moments at which a ledger can be read: after the audit of a date, at an instant, at a position of its own lane.

use kernel::lane_of;
use pipeline::{AsOf, Call, Problem};

/// The moment asked for. A position of another lane says nothing about this hotel, so it is refused and not passed over.
pub fn cut(call: &Call, hotel: &str) -> Result<Option<AsOf>, Problem> {
    match AsOf::of(call)? {
        Some(AsOf::Position(lane, _)) if lane != lane_of(hotel) => {
            let why = format!("the hotel's events are in lane {}, the position is one of lane {lane}", lane_of(hotel));
            Err(Problem { code: "as-of-unsupported".into(), ..Problem::invalid(&why) })
        }
        moment => Ok(moment),
    }
}
