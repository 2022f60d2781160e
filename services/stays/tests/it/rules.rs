//! Who gets which room, what the audit charges, and which rooms may be deleted.

use contracts::reservations::Arrival;
use contracts::stays as contract;
use jiff::civil::{Date, date};
use kernel::money::Currency;
use kernel::{Money, RefusalKind, Refused};
use saga::Ending;
use serde_json::json;
use stays::domain::day::{BusinessDay, DayEvent};
use stays::domain::folio::{Folio, FolioEvent};
use stays::domain::post_night::PostNight;
use stays::domain::rack::{Condition, Rack, RackEvent, RoomNo, Span};
use stays::domain::retire_rooms::{RetireRooms, UnretireRooms};
use stays::domain::stay::{Stay, StayEvent};
use stays::sagas::check_in::{CheckIn, CheckInSaga, CheckInState};
use stays::sagas::check_out::{CheckOut, CheckOutSaga, CheckOutState};
use stays::sagas::close_day::CloseDay;
use testkit::given::Given;
use testkit::{Said, said};

use crate::sagas::{Begun, Ended, from, now};

pub fn june(day: i8) -> Date {
    date(2031, 6, day)
}

pub fn eur(amount: i64) -> Money {
    Money { amount, currency: Currency::parse("EUR").expect("a code") }
}

pub fn room(number: u32) -> RoomNo {
    RoomNo { room_type: "A".into(), number }
}

fn span(first: u32, last: u32) -> Span {
    Span { room_type: "A".into(), first, last }
}

pub fn occupied(number: u32, stay: &str) -> RackEvent {
    RackEvent::Occupied { room: room(number), stay: stay.into(), departure: june(3) }
}

pub fn arrival(prepaid: Option<Money>) -> Arrival {
    Arrival {
        reference: None,
        room_type: "A".into(),
        sold_as: "A".into(),
        arrival: june(1),
        departure: june(3),
        price: eur(100),
        revision: 1,
        payment: prepaid.map(|_| "pay_1".into()),
        prepaid,
    }
}

pub fn checked_in(prepaid: Option<Money>) -> StayEvent {
    StayEvent::CheckedIn { hotel: "H".into(), room: room(1), reservation: arrival(prepaid), date: june(1) }
}

/// A hotel with the rooms A-1 to A-3, open on 1 June, three rooms in the house.
pub fn given(more: impl IntoIterator<Item = RackEvent>) -> Given<Rack> {
    day([]).and::<Rack>("H", [RackEvent::RoomsAdded { room_type: "A".into(), first: 1, last: 3, floor: None }].into_iter().chain(more))
}

fn day(more: impl IntoIterator<Item = DayEvent>) -> Given<Rack> {
    let opened = DayEvent::HotelOpened { on: june(1), clean_on_checkout: true, house_rooms: Some(3) };
    Given::<Rack>::nothing("H").and::<BusinessDay>("H", [opened].into_iter().chain(more))
}

pub fn retire(first: u32, last: u32) -> RetireRooms {
    from(contract::RetireRooms { hotel: "H".into(), room_type: "A".into(), first, last })
}

pub fn arriving(room: Option<&str>, prepaid: Option<Money>) -> CheckInState {
    let (hotel, reservation, room) = ("H".into(), "res_1".into(), room.map(str::to_owned));
    CheckInState { hotel, reservation, room, date: june(1), arrival: Some(arrival(prepaid)) }
}

pub fn moves_in(number: u32, prepaid: Option<Money>) -> Vec<Said> {
    let credited = prepaid.map(|amount| said::<Folio>("res_1", &FolioEvent::Credited { amount, what: "prepaid".into() }));
    let room = room(number);
    let stay = StayEvent::CheckedIn { hotel: "H".into(), room, reservation: arrival(prepaid), date: june(1) };
    let first = [said::<Rack>("H", &occupied(number, "res_1")), said::<Folio>("res_1", &FolioEvent::Opened { price: eur(100) })];
    first.into_iter().chain(credited).chain([said::<Stay>("res_1", &stay)]).collect()
}

#[test]
fn rooms_nobody_is_in_are_retired_and_given_to_nobody() {
    let retired = || RackEvent::RoomsRetired { rooms: span(1, 2) };
    given([]).when(&retire(1, 2), &now()).then_events([retired()]);
    given([retired()]).when(&retire(1, 2), &now()).then_events([]);
    given([occupied(2, "res_9")]).when(&retire(1, 2), &now()).then_refused("room-in-use");
    given([occupied(3, "res_9")]).when(&retire(1, 2), &now()).then_events([retired()]);
    // Its feed is on the way: nothing yet, and not no.
    given([]).when(&retire(3, 4), &now()).then_refused("not-yet-there");
    let undo: UnretireRooms = from(contract::UnretireRooms { hotel: "H".into(), room_type: "A".into(), first: 1, last: 2 });
    given([retired()]).when(&undo, &now()).then_events([RackEvent::RoomsUnretired { rooms: span(1, 2) }]);
    given([]).when(&undo, &now()).then_events([]);
    let check_in = Ended::<CheckInSaga>(arriving(None, None), Ending::Done);
    given([retired()]).when(&check_in, &now()).then_emits(moves_in(3, None)).then_claims(&[("room/H/A-3", true)]);
    given([retired()]).when(&Ended::<CheckInSaga>(arriving(Some("A-1"), None), Ending::Done), &now()).then_refused("room-unknown");
    let gone = [retired(), RackEvent::RoomsRemoved { rooms: span(1, 2) }, occupied(3, "res_9")];
    given(gone).when(&check_in, &now()).then_refused("no-room-free");
}

#[test]
fn a_guest_gets_the_lowest_free_room_or_the_one_asked_for() {
    let check_in = |room| Ended::<CheckInSaga>(arriving(room, None), Ending::Done);
    given([occupied(1, "res_9")]).when(&check_in(None), &now()).then_emits(moves_in(2, None));
    given([]).when(&check_in(Some("A-3")), &now()).then_emits(moves_in(3, None));
    given([occupied(1, "res_9")]).when(&check_in(Some("A-1")), &now()).then_refused("room-occupied");
    let full = [occupied(1, "res_7"), occupied(2, "res_8"), occupied(3, "res_9")];
    given(full).when(&check_in(None), &now()).then_refused("house-full");
    let no = Ending::Undone(Refused::new("not-confirmed", RefusalKind::Conflict));
    let failed = said::<Stay>("res_1", &StayEvent::CheckInFailed {});
    given([]).when(&Ended::<CheckInSaga>(arriving(None, None), no), &now()).then_emits([failed]);
}

#[test]
fn a_guest_checks_in_once_and_not_while_the_audit_runs() {
    let check_in = || Begun(from::<_, CheckIn>(contract::CheckIn { hotel: "H".into(), reservation: "res_1".into(), room: None }));
    let started = said::<Stay>("res_1", &StayEvent::CheckInStarted { saga: "saga_1".into() });
    given([]).when(&check_in(), &now()).then_emits([started]);
    given([]).and::<Stay>("res_1", [checked_in(None)]).when(&check_in(), &now()).then_refused("already-arrived");
    day([DayEvent::AuditStarted { date: june(1), in_house: 0, saga: "audit_1".into() }])
        .when(&check_in(), &now())
        .then_refused("day-auditing");
    day([DayEvent::HotelDeleted {}]).when(&check_in(), &now()).then_refused("hotel-unknown");
}

#[test]
fn what_was_prepaid_stands_on_the_folio_and_the_rest_goes_to_the_city_ledger() {
    let paid = Some(eur(200));
    given([]).when(&Ended::<CheckInSaga>(arriving(None, paid), Ending::Done), &now()).then_emits(moves_in(1, paid));
    let posted = |day| FolioEvent::Posted { date: june(day), amount: eur(100) };
    let credited = FolioEvent::Credited { amount: eur(200), what: "prepaid".into() };
    let leaving = CheckOutState { hotel: "H".into(), reservation: "res_1".into(), date: june(1), release: None, payment: None };
    let vacated = RackEvent::Vacated { room: room(1), stay: "res_1".into(), condition: Condition::Clean };
    let leaves = said::<Stay>("res_1", &StayEvent::CheckedOut { hotel: "H".into(), date: june(1) });
    let house = |folio: Vec<FolioEvent>| {
        let folio = [FolioEvent::Opened { price: eur(100) }, credited.clone()].into_iter().chain(folio);
        given([occupied(1, "res_1")]).and::<Stay>("res_1", [checked_in(paid)]).and::<Folio>("res_1", folio)
    };
    let check_out = Ended::<CheckOutSaga>(leaving, Ending::Done);
    let balanced = house(vec![posted(1), posted(2)]).when(&check_out, &now());
    balanced.then_emits([said::<Rack>("H", &vacated), leaves.clone()]).then_claims(&[("room/H/A-1", false)]);
    let left_over = said::<Folio>("res_1", &FolioEvent::Settled { amount: eur(-100) });
    house(vec![posted(1)]).when(&check_out, &now()).then_emits([said::<Rack>("H", &vacated), left_over, leaves]);
}

#[test]
fn only_a_guest_in_house_leaves_and_early_only_with_the_nights_given_back() {
    let check_out = || Begun(from::<_, CheckOut>(contract::CheckOut { hotel: "H".into(), reservation: "res_1".into() }));
    given([]).when(&check_out(), &now()).then_refused("stay-unknown");
    let started = said::<Stay>("res_1", &StayEvent::CheckOutStarted { saga: "saga_1".into() });
    let early = given([occupied(1, "res_1")]).and::<Stay>("res_1", [checked_in(None)]).when(&check_out(), &now());
    let state = json!({"hotel": "H", "reservation": "res_1", "date": "2031-06-01", "release": 2, "payment": null});
    early.then_emits([started]).then_reply(state);
    let gone = [checked_in(None), StayEvent::CheckedOut { hotel: "H".into(), date: june(1) }];
    given([]).and::<Stay>("res_1", gone).when(&check_out(), &now()).then_refused("not-in-house");
}

#[test]
fn the_audit_waits_for_those_who_should_have_left_and_charges_each_night_once() {
    let close = |day| Begun(from::<_, CloseDay>(contract::CloseDay { hotel: "H".into(), date: june(day) }));
    given([]).when(&close(2), &now()).then_refused("not-business-date");
    let late = RackEvent::Occupied { room: room(1), stay: "res_1".into(), departure: june(1) };
    given([late]).when(&close(1), &now()).then_refused("departures-left");
    let started = DayEvent::AuditStarted { date: june(1), in_house: 1, saga: "saga_1".into() };
    given([occupied(1, "res_1")]).when(&close(1), &now()).then_emits([said::<BusinessDay>("H", &started)]);
    let post: PostNight = from(contract::PostNight { hotel: "H".into(), date: june(1), chunk: 0 });
    let posted = || FolioEvent::Posted { date: june(1), amount: eur(100) };
    let house = |more: Vec<FolioEvent>| {
        given([occupied(1, "res_1")]).and::<Folio>("res_1", [FolioEvent::Opened { price: eur(100) }].into_iter().chain(more))
    };
    house(vec![]).when(&post, &now()).then_emits([said::<Folio>("res_1", &posted())]).then_reply(json!({"amount": 100}));
    house(vec![posted()]).when(&post, &now()).then_emits([]).then_reply(json!({"amount": 0}));
}

#[test]
fn events_of_the_first_version_are_still_read() {
    let stored = r#"{"RoomsAdded":{"room_type":"A","first":1,"last":3}}"#;
    let event = <RackEvent as kernel::Event>::decode(1, stored).expect("readable");
    assert_eq!(event, RackEvent::RoomsAdded { room_type: "A".into(), first: 1, last: 3, floor: None });
    assert_eq!(<RackEvent as kernel::Event>::encode(&event), stored);
}
