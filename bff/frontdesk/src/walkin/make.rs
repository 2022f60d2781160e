//! `POST /desk/walk-in`: the guest, the booking, the check-in, each under a key derived from the form's. What is refused is told
//! with what was done before it; sent again, nothing is done twice.

use askama::Template;
use axum::Form as Body;
use axum::extract::State;
use axum::response::Response;
use contracts::guests::{CreateGuest, GuestRef, UpdateGuest};
use contracts::reservations::{Book, Booked, Guarantee};
use contracts::stays::CheckIn;
use jiff::civil::Date;
use kernel::Money;
use kit::told::Form;
use kit::{Ask, Frame, Front, No, Said, Visit, page};
use serde::Serialize;

use super::HOME;
use super::offer::Offers;
use super::page as form_page;
use super::typed::Typed;
use crate::desk::{self, Desk};

/// The simulated provider's card at the desk's terminal; a number is never typed here.
const CARD: &str = "tok_ok";
/// The channel of what is booked at the desk.
const CHANNEL: &str = "desk";
/// The market segment of somebody without a booking.
const WALK_IN: &str = "walk-in";

/// The guest is booked and has no room yet.
#[derive(Template, Serialize)]
#[template(path = "walkin-half.html")]
struct Half {
    #[serde(skip)]
    f: Frame,
    reservation: String,
    confirmation: String,
    /// Why there was no check-in, and its code.
    why: (String, String),
}

/// `POST /desk/walk-in`; `do=look` shows the form again for other dates.
pub async fn make(State(front): State<Front>, visit: Visit, Body(sent): Body<Vec<(String, String)>>) -> Response {
    let form = Form { front: &front, visit: &visit, sent: &sent, to: HOME };
    // The hotel the form was made for, whatever another tab has chosen since.
    let meant = form.field("hotel").filter(|hotel| kernel::id::is_code(hotel)).map(str::to_owned);
    let here = Visit { hotel: meant.or(visit.hotel.clone()), ..visit.clone() };
    let desk = match Desk::open(&front, &here, "walkin-title", "walk-in").await {
        Ok(desk) => desk,
        Err(answer) => return answer,
    };
    let (typed, today) = (Typed::of(&sent), desk.today());
    let (from, to) = (typed.arrival.unwrap_or(today), typed.departure.unwrap_or(today));
    let offers = Offers::of(&desk, from, to).await;
    if form.field("do") == Some("look") {
        return form_page::show(desk, typed, offers, &[], None);
    }
    let mut problems = typed.problems(today, |room_type| offers.sold(room_type).map(|(offer, _)| offer.sleeps));
    let sold = offers.sold(&typed.room_type).map(|(_, price)| price);
    if let (Some(price), Some(seen)) = (sold, typed.seen_price(&typed.room_type))
        && price.amount != seen
    {
        problems.push(("type", "walkin-new-price"));
    }
    let (Some(key), Some(price), []) = (form.field("key").filter(|key| desk::is_key(key)), sold, problems.as_slice()) else {
        return form_page::show(desk, typed, offers, &problems, None);
    };

    let ask = front.ask_for(&here);
    let guest = match guest(&ask, &typed, key, here.lang.tag()).await {
        Said::Done(guest, _) => guest.guest,
        Said::No(no) => return form_page::show(desk, typed, offers, &[], Some(&no)),
        Said::Later(code) => return form_page::show(desk, typed, offers, &[], Some(&later(code))),
        said => return form.came("book.guest", said),
    };
    // Whatever comes next, this guest is known: the next press describes them, it does not make another one.
    let typed = Typed { guest: guest.clone(), ..typed };
    let is_today = from == today;
    let book = booking(&desk.hotel, &typed, (from, to), price, is_today);
    let (booked, at) = match ask.send(&book, &format!("{key}/book")).await {
        Said::Done(booked, at) => (booked, at),
        Said::No(no) => return form_page::show(desk, typed, offers, &[], Some(&no)),
        Said::Later(code) => return form_page::show(desk, typed, offers, &[], Some(&later(code))),
        said => return form.came::<Booked>("book.stay", said),
    };
    let to = format!("/desk/r/{}", booked.reservation);
    let form = Form { to: &to, ..form };
    if !is_today {
        return form.done(&format!("book.{}", booked.confirmation), &booked, &at);
    }
    let room = Some(typed.room.clone()).filter(|room| !room.is_empty());
    let check_in = CheckIn { hotel: desk.hotel.clone(), reservation: booked.reservation.clone(), room };
    match ask.after(&at).send(&check_in, &format!("{key}/check-in")).await {
        Said::Done(done, mut reached) => {
            reached.merge(&at);
            form.done(&format!("check-in.{}", done.room), &done, &reached)
        }
        Said::No(no) => half(desk, booked, &no),
        Said::Later(code) => half(desk, booked, &later(code)),
        said => form.came("check-in.room", said),
    }
}

fn later(code: String) -> No {
    No { code, detail: serde_json::Value::Null, status: 503 }
}

async fn guest(ask: &Ask<'_>, typed: &Typed, key: &str, language: &str) -> Said<GuestRef> {
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let (name, email, phone, language) = (typed.name.clone(), some(&typed.email), some(&typed.phone), some(language));
    let key = format!("{key}/guest");
    match Some(&typed.guest).filter(|guest| desk::is_plain(guest)) {
        Some(guest) => ask.send(&UpdateGuest { guest: guest.clone(), name, email, phone, language }, &key).await,
        None => ask.send(&CreateGuest { name, email, phone, language }, &key).await,
    }
}

fn booking(hotel: &str, typed: &Typed, (arrival, departure): (Date, Date), price: Money, is_walk_in: bool) -> Book {
    let token = CARD.to_owned();
    Book {
        hotel: hotel.to_owned(),
        reference: None,
        room_type: typed.room_type.clone(),
        arrival,
        departure,
        adults: typed.adults.unwrap_or(1),
        children: typed.children.unwrap_or(0),
        babies: 0,
        guest: Some(typed.guest.clone()),
        price,
        price_reason: None,
        segment: is_walk_in.then(|| WALK_IN.to_owned()),
        channel: Some(CHANNEL.to_owned()),
        deposit: None,
        guarantee: match typed.guarantee.as_str() {
            "direct-bill" => Guarantee::DirectBill,
            "prepaid" => Guarantee::Prepaid { token },
            _ => Guarantee::Card { token },
        },
        hold: None,
    }
}

/// Booked, and not checked in: the page says both, and leads to the stay.
fn half(desk: Desk<'_>, booked: Booked, no: &No) -> Response {
    let (visit, mut f) = (desk.visit, desk.frame);
    f.title = f.t("walkin-half-title");
    let why = (f.code(&no.code), no.code.clone());
    page::show(visit, &Half { f, reservation: booked.reservation, confirmation: booked.confirmation, why })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_booked_at_the_desk_says_so() {
        let typed = Typed { room_type: "A".into(), guest: "gst_1".into(), guarantee: "direct-bill".into(), ..Typed::default() };
        let price: Money = serde_json::from_value(serde_json::json!({"amount": 9_800, "currency": "EUR"})).expect("money");
        let dates = (jiff::civil::date(2027, 3, 4), jiff::civil::date(2027, 3, 6));
        let book = booking("H", &typed, dates, price, true);
        assert_eq!(
            (book.channel.as_deref(), book.segment.as_deref(), book.guarantee),
            (Some("desk"), Some("walk-in"), Guarantee::DirectBill)
        );
        assert_eq!(booking("H", &typed, dates, price, false).segment, None);
        assert!(super::super::typed::GUARANTEES.contains(&typed.guarantee.as_str()));
    }
}
