//! What becomes of a reservation, and what is refused.

use contracts::reservations as contract;
use contracts::reservations::Guarantee;
use jiff::civil::{Date, date};
use kernel::money::Currency;
use kernel::{Money, RefusalKind, Refused};
use reservations::domain::arrivals::{Arrivals, ArrivalsEvent};
use reservations::domain::arrive::Arrive;
use reservations::domain::close_sales::{CloseSales, ReopenSales};
use reservations::domain::day::{Day, DayEvent, RemoveType};
use reservations::domain::depart::Depart;
use reservations::domain::open_day::OpenDay;
use reservations::domain::reference::{Reference, ReferenceEvent};
use reservations::domain::reservation::{Booking, Reservation, ReservationEvent};
use reservations::domain::unarrive::Unarrive;
use reservations::sagas::book::{Book, BookSaga, BookState};
use reservations::sagas::change_type::ChangeType;
use reservations::sagas::give_back::{Cancel, MarkNoShow};
use saga::Ending;
use serde_json::json;
use testkit::given::Given;
use testkit::said;

use crate::sagas::{Begun, Ended, from, now};

pub fn june(day: i8) -> Date {
    date(2031, 6, day)
}

pub fn eur(amount: i64) -> Money {
    Money { amount, currency: Currency::parse("EUR").expect("a code") }
}

pub fn booking(arrival: i8, departure: i8, prepaid: Option<Money>) -> Booking {
    let token = "tok_ok".to_owned();
    Booking {
        hotel: "H".into(),
        confirmation: "ABCD-EFGH".into(),
        reference: Some("R1".into()),
        room_type: "A".into(),
        arrival: june(arrival),
        departure: june(departure),
        guests: [2, 0, 0],
        guest: Some("gst_1".into()),
        price: eur(100),
        price_reason: None,
        segment: None,
        channel: None,
        deposit: None,
        guarantee: if prepaid.is_some() { Guarantee::Prepaid { token } } else { Guarantee::Card { token } },
        payment: Some("pay_1".into()),
        prepaid,
    }
}

pub fn booked(arrival: i8, departure: i8) -> ReservationEvent {
    ReservationEvent::Booked(Box::new(booking(arrival, departure, None)))
}

/// A hotel with the type A, open on 1 June.
pub fn given(more: impl IntoIterator<Item = ReservationEvent>) -> Given<Reservation> {
    on([]).and::<Reservation>("res_1", more)
}

pub fn on(more: impl IntoIterator<Item = DayEvent>) -> Given<Reservation> {
    let hotel = [DayEvent::HotelOpened { on: june(1), currency: eur(0).currency }, DayEvent::TypeAdded { room_type: "A".into() }];
    Given::<Reservation>::nothing("res_1").and::<Day>("H", hotel.into_iter().chain(more))
}

pub fn wanted(change: impl FnOnce(&mut contract::Book)) -> Begun<Book> {
    let mut body = contract::Book {
        hotel: "H".into(),
        reference: Some("R1".into()),
        room_type: "A".into(),
        arrival: june(1),
        departure: june(3),
        adults: 2,
        children: 0,
        babies: 0,
        guest: None,
        price: eur(100),
        price_reason: None,
        segment: None,
        channel: None,
        deposit: None,
        guarantee: Guarantee::DirectBill,
        hold: None,
    };
    change(&mut body);
    Begun(from(body))
}

#[test]
fn a_booking_is_refused_for_what_can_be_seen_here() {
    let closed = || on([DayEvent::SalesClosed { date: june(1) }]);
    on([]).when(&wanted(|b| b.room_type = "Z".into()), &now()).then_refused("room-type-unknown");
    on([DayEvent::TypeRemoved { room_type: "A".into() }]).when(&wanted(|_| {}), &now()).then_refused("room-type-unknown");
    on([DayEvent::HotelDeleted {}]).when(&wanted(|_| {}), &now()).then_refused("hotel-unknown");
    on([DayEvent::DayOpened { date: june(2) }]).when(&wanted(|_| {}), &now()).then_refused("past-date");
    on([]).when(&wanted(|b| b.price.currency = Currency::parse("USD").expect("a code")), &now()).then_refused("wrong-currency");
    closed().when(&wanted(|_| {}), &now()).then_refused("day-auditing");
    let taken = [ReferenceEvent::Taken { reservation: "res_9".into() }];
    on([]).and::<Reference>("H/R1", taken).when(&wanted(|_| {}), &now()).then_refused("reference-taken");
}

#[test]
fn a_prepaid_stay_is_authorised_and_taken_whole() {
    let prepaid = |departure| {
        move |b: &mut contract::Book| {
            b.guarantee = Guarantee::Prepaid { token: "tok_ok".into() };
            b.departure = june(departure);
        }
    };
    for (departure, whole) in [(3, 200), (1, 100)] {
        let state = begun(&wanted(prepaid(departure)));
        let steps = <BookSaga as saga::Saga>::steps(1);
        let call = |name: &str| {
            let step = steps.iter().find(|s| s.name == name && (s.when)(&state)).expect("a step that is made");
            serde_json::from_str::<serde_json::Value>(&(step.call)(&state, 0).body).expect("JSON")
        };
        assert_eq!((&call("authorise")["amount"]["amount"], &call("capture")["amount"]["amount"]), (&json!(whole), &json!(whole)));
    }
    let by_card = begun(&wanted(|b| b.guarantee = Guarantee::Card { token: "tok_ok".into() }));
    assert_eq!((by_card.booking.prepaid, by_card.booking.payment.is_some()), (None, true));
}

/// What the saga begins with.
pub fn begun(wanted: &Begun<Book>) -> BookState {
    serde_json::from_value(on([]).when(wanted, &now()).reply().clone()).expect("a state")
}

#[test]
fn a_booking_that_is_done_is_expected_and_one_that_is_undone_leaves_nothing() {
    let state = begun(&wanted(|_| {}));
    let (id, booking) = (state.reservation.clone(), Box::new(state.booking.clone()));
    let expected = ArrivalsEvent::Expected { reservation: id.clone() };
    let done = on([]).when(&Ended::<BookSaga>(state.clone(), Ending::Done), &now());
    done.then_emits([said::<Reservation>(&id, &ReservationEvent::Booked(booking)), said::<Arrivals>("H/2031-06-01", &expected)]);
    let no = Ending::Undone(Refused::new("night-sold-out", RefusalKind::Conflict));
    let freed = said::<Reference>("H/R1", &ReferenceEvent::Freed {});
    let undone = on([]).when(&Ended::<BookSaga>(state, no), &now());
    undone.then_emits([said::<Reservation>(&id, &ReservationEvent::Declined {}), freed]);
}

pub fn cancel() -> Begun<Cancel> {
    Begun(from(contract::Cancel { hotel: "H".into(), reservation: "res_1".into(), reason: None }))
}

pub fn settled(day: i8) -> testkit::Said {
    said::<Arrivals>(&format!("H/2031-06-{day:02}"), &ArrivalsEvent::Settled { reservation: "res_1".into() })
}

#[test]
fn a_prepaid_stay_is_refunded_before_its_day_of_arrival_and_forfeited_from_then_on() {
    for (arrival, refund) in [(2, Some(eur(200))), (1, None)] {
        let prepaid = ReservationEvent::Booked(Box::new(booking(arrival, arrival + 2, Some(eur(200)))));
        let cancelled = ReservationEvent::Cancelled { revision: 2, reason: None, refund, guest: Some("gst_1".into()), roomed: false };
        let then = given([prepaid]).when(&cancel(), &now());
        let then = then.then_emits([said::<Reservation>("res_1", &cancelled), settled(arrival)]);
        let state = then.reply();
        assert_eq!((&state["refund"]["amount"]["amount"], &state["payment"]), (&json!(refund.map(|m| m.amount)), &json!(null)));
    }
    let by_card = given([booked(2, 4)]).when(&cancel(), &now());
    assert_eq!((&by_card.reply()["refund"], &by_card.reply()["payment"]), (&json!(null), &json!("pay_1")));
}

#[test]
fn only_what_is_confirmed_and_at_rest_is_cancelled_or_changed() {
    let change = |t: &str| {
        let (hotel, reservation) = ("H".into(), "res_1".into());
        Begun(from::<_, ChangeType>(contract::ChangeType { hotel, reservation, room_type: t.into(), reason: None }))
    };
    given([]).when(&cancel(), &now()).then_refused("reservation-unknown");
    let changing = [booked(1, 3), ReservationEvent::ChangeStarted { saga: "retype_1".into() }];
    given(changing).when(&cancel(), &now()).then_refused("reservation-busy");
    given([booked(1, 3), ReservationEvent::Arrived { date: june(1) }]).when(&cancel(), &now()).then_refused("not-confirmed");
    given([booked(1, 3)]).when(&change("A"), &now()).then_refused("same-room-type");
    given([booked(1, 3)]).when(&change("Z"), &now()).then_refused("room-type-unknown");
}

#[test]
fn nobody_is_missing_before_their_day() {
    let no_show = || Begun(from::<_, MarkNoShow>(contract::MarkNoShow { hotel: "H".into(), reservation: "res_1".into() }));
    given([booked(2, 3)]).when(&no_show(), &now()).then_refused("not-arrival-date");
    let missing = ReservationEvent::NoShowed { revision: 2, guest: Some("gst_1".into()), roomed: false };
    given([booked(1, 3)]).when(&no_show(), &now()).then_emits([said::<Reservation>("res_1", &missing), settled(1)]);
}

#[test]
fn who_arrives_is_pinned_and_may_be_unpinned() {
    let arrive = |day| from::<_, Arrive>(contract::Arrive { hotel: "H".into(), reservation: "res_1".into(), date: june(day) });
    let arrived = || ReservationEvent::Arrived { date: june(1) };
    given([booked(1, 3)]).when(&arrive(1), &now()).then_emits([said::<Reservation>("res_1", &arrived()), settled(1)]);
    given([booked(2, 3)]).when(&arrive(1), &now()).then_refused("not-arrival-date");
    given([booked(1, 3)]).when(&arrive(2), &now()).then_refused("day-auditing");
    let undo: Unarrive = from(contract::Unarrive { hotel: "H".into(), reservation: "res_1".into() });
    let expected = said::<Arrivals>("H/2031-06-01", &ArrivalsEvent::Expected { reservation: "res_1".into() });
    let back = said::<Reservation>("res_1", &ReservationEvent::Unarrived {});
    given([booked(1, 3), arrived()]).when(&undo, &now()).then_emits([back, expected]);
    given([booked(1, 3)]).when(&undo, &now()).then_emits([]);
    let depart = Depart { hotel: "H".into(), reservation: "res_1".into(), date: june(3) };
    let gone = ReservationEvent::Departed { date: june(3), guest: Some("gst_1".into()) };
    given([booked(1, 3), arrived()]).when(&depart, &now()).then_events([gone]);
    given([booked(1, 3)]).when(&depart, &now()).then_events([]);
}

#[test]
fn sales_close_when_nobody_is_expected_any_more() {
    let close: CloseSales = from(contract::CloseSales { hotel: "H".into(), date: june(1) });
    let reopen: ReopenSales = from(contract::ReopenSales { hotel: "H".into(), date: june(1) });
    let open: OpenDay = from(contract::OpenDay { hotel: "H".into(), date: june(2) });
    let expected = [ArrivalsEvent::Expected { reservation: "res_1".into() }];
    let closed = || DayEvent::SalesClosed { date: june(1) };
    on([]).and::<Arrivals>("H/2031-06-01", expected).when(&close, &now()).then_refused("arrivals-left");
    on([]).when(&close, &now()).then_emits([said::<Day>("H", &closed())]);
    on([DayEvent::DayOpened { date: june(2) }]).when(&close, &now()).then_refused("not-business-date");
    on([closed()]).when(&reopen, &now()).then_emits([said::<Day>("H", &DayEvent::SalesReopened { date: june(1) })]);
    on([]).when(&reopen, &now()).then_emits([]);
    on([closed()]).when(&open, &now()).then_emits([said::<Day>("H", &DayEvent::DayOpened { date: june(2) })]);
    on([DayEvent::DayOpened { date: june(2) }]).when(&open, &now()).then_emits([]);
    let remove = RemoveType { hotel: "H".into(), room_type: "A".into() };
    on([]).when(&remove, &now()).then_emits([said::<Day>("H", &DayEvent::TypeRemoved { room_type: "A".into() })]);
    on([DayEvent::TypeRemoved { room_type: "A".into() }]).when(&remove, &now()).then_emits([]);
}

#[test]
fn events_of_the_first_version_are_still_read() {
    let old = [
        r#"{"TypeChanged":{"room_type":"B","revision":2}}"#,
        r#"{"Cancelled":{"revision":2}}"#,
        r#"{"NoShowed":{"revision":2}}"#,
        r#"{"Departed":{"date":"2031-06-03"}}"#,
    ];
    for stored in old {
        let event = <ReservationEvent as kernel::Event>::decode(1, stored).expect("readable");
        assert_eq!(<ReservationEvent as kernel::Event>::encode(&event), stored);
    }
}
