//! The replay's own tests: the file, the order, the journal, and whole runs through a house of straw.

mod file;
mod journal;
mod order;
mod whole;

use std::path::PathBuf;

use super::reading::parse;
use super::rows::Rows;

/// The columns the replay reads, in another order than the file has them: places are found by name.
const HEADER: &str = "adr,hotel,lead_time,arrival_date_year,arrival_date_month,arrival_date_day_of_month,stays_in_weekend_nights,\
    stays_in_week_nights,adults,children,babies,market_segment,distribution_channel,reserved_room_type,assigned_room_type,\
    deposit_type,reservation_status,reservation_status_date";

/// One row of a file, as a test thinks of it.
#[derive(Clone, Copy)]
struct Line {
    hotel: &'static str,
    lead: &'static str,
    /// Day of July 2015.
    arrival: &'static str,
    nights: &'static str,
    sold: &'static str,
    given: &'static str,
    adr: &'static str,
    children: &'static str,
    status: &'static str,
    end: &'static str,
}

/// One night in the resort, as booked.
const STAY: Line = Line {
    hotel: "Resort Hotel",
    lead: "0",
    arrival: "1",
    nights: "1",
    sold: "A",
    given: "A",
    adr: "98.5",
    children: "0",
    status: "Check-Out",
    end: "2015-07-02",
};

fn text(lines: &[Line]) -> String {
    let mut text = format!("{HEADER}\n");
    for l in lines {
        let Line { hotel, lead, arrival, nights, sold, given, adr, children, status, end } = l;
        text.push_str(&format!(
            "{adr},{hotel},{lead},2015,July,{arrival},0,{nights},2,{children},0,Direct,TA/TO,{sold},{given},No Deposit,{status},{end}\n"
        ));
    }
    text
}

fn rows(lines: &[Line]) -> Rows {
    parse(text(lines).as_bytes(), None).expect("sound rows")
}

fn slice() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata/bookings.csv")
}
