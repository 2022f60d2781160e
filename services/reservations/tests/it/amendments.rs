//! Other dates before arrival, a room before arrival, another day of departure in house.

use contracts::reservations as contract;
use contracts::reservations::BookedFact;
use kernel::money::Currency;
use kernel::{Money, RefusalKind, Refused};
use reservations::domain::arrivals::{Arrivals, ArrivalsEvent};
use reservations::domain::close_sales::CloseSales;
use reservations::domain::day::{Day, DayEvent};
use reservations::domain::earmark::Earmark;
use reservations::domain::reservation::{Booking, Reservation, ReservationEvent};
use reservations::domain::stay_on::StayOn;
use reservations::sagas::amend::{Amend, AmendSaga, AmendState};
use reservations::sagas::book::{Book, BookSaga};
use reservations::sagas::change_type::{ChangeTypeSaga, ChangeTypeState};
use reservations::sagas::give_back::MarkNoShow;
use saga::{Ending, Saga};
use serde_json::{Value, json};
use testkit::said;

use crate::rules::{begun, booked, booking, cancel, eur, given, june, on, settled, wanted};
use crate::sagas::{Begun, Ended, from, now};

fn asked(arrival: i8, departure: i8, price: Option<Money>) -> contract::Amend {
    let (hotel, reservation) = ("H".into(), "res_1".into());
    contract::Amend { hotel, reservation, arrival: june(arrival), departure: june(departure), price, reason: Some("ill".into()) }
}

fn amend(arrival: i8, departure: i8) -> Begun<Amend> {
    Begun(from(asked(arrival, departure, None)))
}

fn at(arrival: i8, departure: i8, price: Money) -> Begun<Amend> {
    Begun(from(asked(arrival, departure, Some(price))))
}

fn started() -> ReservationEvent {
    ReservationEvent::ChangeStarted { saga: "saga_1".into() }
}

fn state(arrival: i8, departure: i8, price: Money) -> AmendState {
    let (hotel, reservation, reason) = ("H".into(), "res_1".into(), Some("ill".into()));
    AmendState { hotel, reservation, arrival: june(arrival), departure: june(departure), price, revision: 2, reason }
}

pub fn fact(price: Money, guarantee: &str) -> BookedFact {
    let (confirmation, reference) = ("ABCD-EFGH".into(), Some("R1".into()));
    BookedFact { confirmation, reference, guests: [2, 0, 0], price, guarantee: guarantee.into(), channel: None }
}

pub fn amended(arrival: i8, departure: i8, price: Money, roomed: bool) -> ReservationEvent {
    let (booked, reason) = (fact(price, "card"), Some("ill".into()));
    ReservationEvent::Amended { arrival: june(arrival), departure: june(departure), booked, revision: 2, reason, roomed }
}

fn expected(day: i8) -> testkit::Said {
    said::<Arrivals>(&format!("H/2031-06-{day:02}"), &ArrivalsEvent::Expected { reservation: "res_1".into() })
}

#[test]
fn an_amendment_begins_with_what_it_will_ask() {
    let then = given([booked(2, 4)]).when(&amend(3, 6), &now()).then_events([started()]);
    let begun: AmendState = serde_json::from_value(then.reply().clone()).expect("a state");
    assert_eq!((begun.price, begun.revision), (eur(100), 2));
    let call = (AmendSaga::steps(1)[0].call)(&begun, 0);
    let body: Value = serde_json::from_str(&call.body).expect("JSON");
    assert_eq!(body, json!({"arrival": "2031-06-03", "departure": "2031-06-06", "revision": 2}));
    given([booked(2, 4)]).when(&at(2, 4, eur(90)), &now()).then_events([started()]);
}

#[test]
fn what_cannot_be_amended_is_said_before_anybody_is_asked() {
    given([]).when(&amend(3, 6), &now()).then_refused("reservation-unknown");
    given([booked(2, 4), ReservationEvent::Arrived { date: june(2) }]).when(&amend(2, 6), &now()).then_refused("not-confirmed");
    let cancelled = ReservationEvent::Cancelled { revision: 2, reason: None, refund: None, guest: None, roomed: false };
    given([booked(2, 4), cancelled]).when(&amend(2, 6), &now()).then_refused("not-confirmed");
    given([booked(2, 4), started()]).when(&amend(2, 6), &now()).then_refused("reservation-busy");
    let elsewhere = ReservationEvent::Booked(Box::new(Booking { hotel: "H2".into(), ..booking(2, 4, None) }));
    given([elsewhere]).when(&amend(2, 6), &now()).then_refused("reservation-unknown");
    given([booked(2, 4)]).when(&amend(2, 4), &now()).then_refused("same-dates");
    given([booked(2, 4)]).when(&at(2, 4, eur(100)), &now()).then_refused("same-dates");
    let dollars = Money { amount: 100, currency: Currency::parse("USD").expect("a code") };
    given([booked(2, 4)]).when(&at(2, 5, dollars), &now()).then_refused("wrong-currency");
    let later = || on([DayEvent::DayOpened { date: june(2) }]).and::<Reservation>("res_1", [booked(3, 4)]);
    later().when(&amend(1, 4), &now()).then_refused("past-date");
    later().when(&amend(2, 4), &now()).then_events([started()]);
}

#[test]
fn nobody_moves_to_a_day_on_which_the_audit_runs() {
    let auditing = || on([DayEvent::SalesClosed { date: june(1) }]).and::<Reservation>("res_1", [booked(2, 4)]);
    auditing().when(&amend(1, 4), &now()).then_refused("day-auditing");
    auditing().when(&amend(3, 4), &now()).then_events([started()]);
}

#[test]
fn a_prepaid_stay_is_moved_and_not_made_longer_shorter_or_dearer() {
    let prepaid = || given([ReservationEvent::Booked(Box::new(booking(2, 4, Some(eur(200)))))]);
    prepaid().when(&amend(5, 7), &now()).then_events([started()]);
    prepaid().when(&at(5, 7, eur(100)), &now()).then_events([started()]);
    for (arrival, departure) in [(2, 5), (3, 4), (5, 8)] {
        prepaid().when(&amend(arrival, departure), &now()).then_refused("prepaid-nights");
    }
    for price in [eur(99), eur(101)] {
        prepaid().when(&at(2, 4, price), &now()).then_refused("prepaid-nights");
    }
}

#[test]
fn a_day_use_may_stay_one_and_a_stay_does_not_become_one() {
    given([booked(2, 2)]).when(&amend(3, 3), &now()).then_events([started()]);
    given([booked(2, 2)]).when(&amend(2, 3), &now()).then_events([started()]);
    given([booked(2, 4)]).when(&amend(3, 3), &now()).then_refused("no-nights");
}

#[test]
fn an_amendment_that_cannot_be_meant_is_not_taken() {
    let invalid = |asked: contract::Amend| Amend::try_from(asked).is_err();
    assert!(invalid(asked(4, 2, None)));
    assert!(invalid(contract::Amend { departure: june(2).saturating_add(jiff::Span::new().days(401)), ..asked(2, 4, None) }));
    assert!(invalid(asked(2, 4, Some(eur(i64::MAX)))));
    assert!(invalid(contract::Amend { reason: Some(" ".into()), ..asked(2, 4, None) }));
    assert!(!invalid(asked(2, 2, Some(eur(i64::MAX)))));
}

#[test]
fn who_is_amended_is_expected_on_the_new_day_and_pays_the_new_price() {
    let done = given([booked(1, 3), started()]).when(&Ended::<AmendSaga>(state(2, 5, eur(90)), Ending::Done), &now());
    let change = said::<Reservation>("res_1", &amended(2, 5, eur(90), false));
    let then = done.then_emits([change, settled(1), expected(2)]).then_reply(json!({
        "reservation": "res_1", "arrival": "2031-06-02", "departure": "2031-06-05", "price": eur(90), "revision": 2}));
    let then = then.then_state::<Reservation>("res_1", |r| {
        let booking = r.booking.as_ref().expect("booked");
        assert_eq!((booking.arrival, booking.departure, booking.price), (june(2), june(5), eur(90)));
        assert_eq!((r.revision, &r.busy), (2, &None));
    });
    // The audit of the old day does not wait for them any more.
    let close: CloseSales = from(contract::CloseSales { hotel: "H".into(), date: june(1) });
    let then = then.when(&close, &now()).then_emits([said::<Day>("H", &DayEvent::SalesClosed { date: june(1) })]).and_then();
    let open = [DayEvent::DayOpened { date: june(2) }];
    let next = then.and::<Day>("H", [DayEvent::HotelOpened { on: june(1), currency: eur(0).currency }].into_iter().chain(open));
    next.when(&from::<_, CloseSales>(contract::CloseSales { hotel: "H".into(), date: june(2) }), &now()).then_refused("arrivals-left");
}

#[test]
fn a_later_departure_leaves_the_arrival_and_a_refused_one_leaves_everything() {
    let longer = Ended::<AmendSaga>(state(1, 5, eur(100)), Ending::Done);
    given([booked(1, 3), started()]).when(&longer, &now()).then_events([amended(1, 5, eur(100), false)]);
    let no = Ending::Undone(Refused::new("night-sold-out", RefusalKind::Conflict));
    let undone = given([booked(1, 3), started()]).when(&Ended::<AmendSaga>(state(1, 5, eur(100)), no), &now());
    undone.then_events([ReservationEvent::ChangeFailed {}]).then_state::<Reservation>("res_1", |r| {
        assert_eq!((r.booking.as_ref().map(|b| b.departure), r.revision, &r.busy), (Some(june(3)), 1, &None));
    });
}

#[test]
fn a_cart_is_named_to_inventory_in_every_round() {
    let state = begun(&wanted(|b| b.hold = Some("cart_1".into())));
    for round in [0, 1] {
        let body: Value = serde_json::from_str(&(BookSaga::steps(1)[0].call)(&state, round).body).expect("JSON");
        assert_eq!(body["takes"], "cart_1");
    }
    let without: Value = serde_json::from_str(&(BookSaga::steps(1)[0].call)(&begun(&wanted(|_| {})), 0).body).expect("JSON");
    assert_eq!(without.get("takes"), None);
    let mut bad = None;
    wanted(|b| bad = Some(contract::Book { hold: Some("a cart".into()), ..b.clone() }));
    assert!(Book::try_from(bad.expect("a body")).is_err());
}

fn earmark() -> Earmark {
    from(contract::Earmark { hotel: "H".into(), reservation: "res_1".into() })
}

#[test]
fn a_room_is_earmarked_once_and_only_for_who_is_confirmed() {
    let arrival = json!({"reference": "R1", "room_type": "A", "sold_as": "A", "arrival": "2031-06-02", "departure": "2031-06-04",
        "price": eur(100), "revision": 1, "payment": "pay_1"});
    let first = given([booked(2, 4)]).when(&earmark(), &now()).then_events([ReservationEvent::RoomEarmarked {}]);
    let again = first.then_reply(arrival.clone()).and_then().when(&earmark(), &now());
    again.then_events([]).then_reply(arrival);
    given([]).when(&earmark(), &now()).then_refused("reservation-unknown");
    given([booked(2, 4), started()]).when(&earmark(), &now()).then_refused("reservation-busy");
    given([booked(2, 4), ReservationEvent::Arrived { date: june(2) }]).when(&earmark(), &now()).then_refused("not-confirmed");
}

#[test]
fn from_an_earmark_on_every_change_says_that_there_is_a_room() {
    let roomed = |arrival, departure| given([booked(arrival, departure), ReservationEvent::RoomEarmarked {}]);
    let longer = Ended::<AmendSaga>(state(1, 5, eur(100)), Ending::Done);
    roomed(1, 3).when(&longer, &now()).then_events([amended(1, 5, eur(100), true)]);
    let (hotel, reservation) = (String::from("H"), String::from("res_1"));
    let state = ChangeTypeState { hotel, reservation, room_type: "B".into(), revision: 2, reason: None };
    let changed = ReservationEvent::TypeChanged { room_type: "B".into(), revision: 2, reason: None, roomed: true };
    roomed(1, 3).when(&Ended::<ChangeTypeSaga>(state, Ending::Done), &now()).then_events([changed]);
    let guest = Some("gst_1".to_owned());
    let cancelled = ReservationEvent::Cancelled { revision: 2, reason: None, refund: None, guest: guest.clone(), roomed: true };
    roomed(2, 3).when(&cancel(), &now()).then_emits([said::<Reservation>("res_1", &cancelled), settled(2)]);
    let no_show = Begun(from::<_, MarkNoShow>(contract::MarkNoShow { hotel: "H".into(), reservation: "res_1".into() }));
    let missing = ReservationEvent::NoShowed { revision: 2, guest, roomed: true };
    roomed(1, 3).when(&no_show, &now()).then_emits([said::<Reservation>("res_1", &missing), settled(1)]);
}

#[test]
fn a_guest_in_house_leaves_when_stays_says_so() {
    let arrived = || [booked(1, 3), ReservationEvent::Arrived { date: june(1) }];
    let on = |day: i8| StayOn { hotel: "H".into(), reservation: "res_1".into(), departure: june(day) };
    let then = given(arrived()).when(&on(6), &now()).then_events([ReservationEvent::StayExtended { departure: june(6) }]);
    let then = then.then_state::<Reservation>("res_1", |r| assert_eq!(r.booking.as_ref().map(|b| b.departure), Some(june(6))));
    then.when(&on(6), &now()).then_events([]);
    given([booked(1, 3)]).when(&on(6), &now()).then_events([]);
    given([]).when(&on(6), &now()).then_events([]);
}
