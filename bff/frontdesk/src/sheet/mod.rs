//! The sheet of one reservation: who, when, where, what is open, what can be done now, and how it came to be so.
//!
//! Reading order: `booking` (what is known), `rooms` (which are free), `acts` (what can be done), `history` and `telling`
//! (what happened, in words). Each part is asked of its own service; a silent one costs its part.

pub mod booking;
pub mod rooms;
pub mod acts;
pub mod history;
pub mod telling;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use jiff::civil::Date;
use kit::{Frame, Front, Part, Visit, page};
use pipeline::Role;
use serde::Serialize;

use self::acts::Acts;
use self::booking::Booking;
use self::telling::Line;
use crate::desk::{self, Desk};
use crate::known::{Folio, Guest, Hotel, Reservation, Stay};
use crate::tape::house::{Tape, days};

/// Most nights of the tape that are asked for.
const NIGHTS_MAX: i32 = 62;

/// A guest, as the sheet shows them.
#[derive(Clone, Debug, Serialize)]
struct Person {
    name: String,
    email: Option<String>,
    phone: Option<String>,
    language: Option<String>,
}

/// What is known of the guest.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
enum Who {
    /// Who it is.
    Known(Person),
    /// The booking names nobody, or nobody who is known (any more).
    Nobody,
    /// guests, or whoever could say which guest it is, is silent.
    Silent,
}

/// A line of the folio.
#[derive(Clone, Debug, Serialize)]
struct Posted {
    date: Option<Date>,
    what: String,
    amount: String,
    is_credit: bool,
}

#[derive(Template, Serialize)]
#[template(path = "sheet.html")]
struct Sheet {
    #[serde(skip)]
    f: Frame,
    hotel: String,
    /// The hotel's date; none: not known.
    today: Option<Date>,
    booking: Booking,
    tone: &'static str,
    who: Who,
    /// The type it occupies and the type sold, in words.
    type_name: String,
    sold_name: String,
    is_upgrade: bool,
    total: Option<String>,
    /// `None`: nobody has come yet; or it is not known (see `missing`).
    folio: Option<Folio>,
    postings: Vec<Posted>,
    is_folio_silent: bool,
    acts: Acts,
    lines: Vec<Line>,
    /// Services whose part of the story is missing.
    gaps: Vec<&'static str>,
    missing: Vec<&'static str>,
    is_operator: bool,
    #[serde(skip)]
    back: &'static str,
    /// Where the stream goes on.
    #[serde(skip)]
    after: String,
    /// The keys of its forms begin with this.
    #[serde(skip)]
    key: String,
}

impl Sheet {
    /// Who it is about, as far as it is known: the name, else the number.
    fn name(&self) -> String {
        match &self.who {
            Who::Known(person) => person.name.clone(),
            _ => self.booking.number.clone().unwrap_or_else(|| self.booking.id.clone()),
        }
    }

    fn has_steps(&self) -> bool {
        self.lines.iter().any(|line| line.is_step)
    }

    /// `Thu 4 Mar`; a dash while it is not known.
    fn on(&self, date: &Option<Date>) -> String {
        date.map_or_else(|| "—".to_owned(), |date| self.f.day(&date))
    }
}

#[derive(Template, Serialize)]
#[template(path = "sheet-none.html")]
struct Nobody {
    #[serde(skip)]
    f: Frame,
    hotel: String,
}

/// `GET /desk/r/{id}`.
pub async fn show(State(front): State<Front>, visit: Visit, Path(id): Path<String>) -> Response {
    let desk = match Desk::open(&front, &visit, "sheet-title", "").await {
        Ok(desk) => desk,
        Err(answer) => return answer,
    };
    if !desk::is_plain(&id) {
        return nobody(&visit, desk);
    }
    let ask = desk.ask();
    let (known, found) = futures::join!(read(&desk, &id), history::gather(&ask, &desk.hotel, &id));
    let Some(read) = known else { return nobody(&visit, desk) };
    page::show(&visit, &sheet(desk, read, &found))
}

fn nobody(visit: &Visit, desk: Desk<'_>) -> Response {
    let hotel = desk.hotel.clone();
    let f = desk.frame;
    let title = f.t("sheet-none-title");
    page::show_as(visit, StatusCode::NOT_FOUND, &Nobody { f: f.titled(title), hotel })
}

/// What the services have said.
struct Read {
    booking: Booking,
    reservation_silent: Option<&'static str>,
    stay_silent: Option<&'static str>,
    folio: Part<Folio>,
    hotel: Part<Hotel>,
    tape: Part<Tape>,
    guest: Option<Part<Guest>>,
}

/// Asks everybody; nothing when there is no such reservation in this hotel.
async fn read(desk: &Desk<'_>, id: &str) -> Option<Read> {
    let ask = desk.ask();
    let paths = [desk.path(&format!("/reservations/{id}")), desk.path(&format!("/stays/{id}")), desk.path(&format!("/folios/{id}"))];
    let hotel_path = desk.path("");
    let (reservation, stay, folio, hotel): (Part<Reservation>, Part<Stay>, Part<Folio>, Part<Hotel>) = futures::join!(
        ask.get("reservations", &paths[0]),
        ask.get("stays", &paths[1]),
        ask.get("stays", &paths[2]),
        ask.get("hotels", &hotel_path)
    );
    if matches!(reservation, Part::No(_)) && stay.here().is_none() {
        return None;
    }
    let booking = Booking::of(id, reservation.here(), stay.here());
    // The nights to come: those that somebody moving in now, or then, would need.
    let first = booking.from.filter(|_| !booking.is_here()).map_or(desk.today(), |from| from.max(desk.today()));
    let nights = booking.to.map_or(NIGHTS_MAX, |to| days(first, to)).clamp(1, NIGHTS_MAX);
    let tape_path = desk.path(&format!("/tape?from={first}&nights={nights}"));
    let guest_path = booking.guest.as_ref().filter(|guest| desk::is_plain(guest)).map(|guest| format!("/guests/{guest}"));
    let (tape, mut guest): (Part<Tape>, Option<Part<Guest>>) = futures::join!(ask.get("stays", &tape_path), async {
        match &guest_path {
            Some(path) => Some(ask.get("guests", path).await),
            None => None,
        }
    });
    let bar = tape.here().and_then(|tape| tape.bars.iter().find(|bar| bar.id == id));
    let booking = booking.drawn(bar);
    if guest.is_none()
        && let Some(known) = booking.guest.as_ref().filter(|guest| desk::is_plain(guest))
    {
        // Only the tape knew who it is.
        guest = Some(ask.get("guests", &format!("/guests/{known}")).await);
    }
    Some(Read {
        booking,
        reservation_silent: reservation.silent(),
        stay_silent: stay.silent().or(tape.silent()),
        folio,
        hotel,
        tape,
        guest,
    })
}

fn sheet(desk: Desk<'_>, read: Read, found: &history::Found) -> Sheet {
    let (today, business_date) = (desk.today(), desk.day.here().map(|day| day.business_date));
    let is_operator = desk.visit.may(Role::Operator);
    let missing = desk::silent([
        read.reservation_silent,
        read.stay_silent,
        read.folio.silent(),
        read.hotel.silent(),
        read.guest.as_ref().and_then(Part::silent),
    ]);
    let is_reservation_silent = read.reservation_silent.is_some();
    let hotel = read.hotel.into_here().unwrap_or_default();
    let booking = read.booking;
    let who = match read.guest {
        Some(Part::Here(guest)) => {
            Who::Known(Person { name: guest.name, email: guest.email, phone: guest.phone, language: guest.language })
        }
        Some(Part::Silent(_)) => Who::Silent,
        None if is_reservation_silent => Who::Silent,
        Some(Part::No(_)) | None => Who::Nobody,
    };
    let f = desk.frame;
    let acts = acts::of(&f, &booking, today, read.tape.here(), &hotel);
    let is_folio_silent = read.folio.silent().is_some();
    let folio = read.folio.into_here();
    let postings = folio.iter().flat_map(|folio| &folio.postings).map(|line| Posted {
        date: line.date,
        what: f.t(format!("posting-{}", line.what)),
        amount: f.money(&line.amount),
        is_credit: line.amount.amount < 0,
    });
    let postings = postings.collect();
    let back = match booking.state.as_str() {
        "in_house" | "arriving" | "leaving" => "/desk/in-house",
        "checked_out" => "/desk/departures",
        _ => "/desk/arrivals",
    };
    let mut sheet = Sheet {
        today: business_date,
        tone: booking.tone(today),
        who,
        type_name: hotel.name_of(&booking.room_type),
        sold_name: hotel.name_of(&booking.sold_as),
        is_upgrade: rooms::is_higher(&hotel, &booking.room_type, &booking.sold_as),
        total: booking.total().map(|total| f.money(&total)),
        folio,
        postings,
        is_folio_silent,
        acts,
        lines: telling::lines(&f, found, &hotel),
        gaps: found.silent.iter().copied().collect(),
        missing,
        is_operator,
        back,
        after: read.tape.here().map(|tape| format!("tape.{}.{}", tape.epoch, tape.seq)).unwrap_or_default(),
        key: desk.front.token(),
        hotel: desk.hotel,
        booking,
        f,
    };
    sheet.f.title = sheet.name();
    sheet
}
