//! What others are told of a reservation, and what it hears of them.

use std::sync::Arc;

use contracts::reservations::ReservationFact;
use contracts::stays::StayFact;
use eventstore::{Record, Recorded};
use feed::PublicEvent;
use kernel::{Aggregate, Event, Timestamp, Verdict};
use reservations::domain::reservation::{Reservation, ReservationEvent};
use reservations::publish::publish;
use reservations::react;
use serde_json::json;

use crate::amendments::{amended, fact};
use crate::rules::{booked, eur, june};

/// What the feed shows of an event: its kind and its fact.
fn told(event: &ReservationEvent) -> Option<(&'static str, ReservationFact)> {
    let json = event.encode();
    let by = Record {
        caller: "x".into(),
        key: "k".into(),
        fingerprint: "f".into(),
        verdict: Verdict::Applied("null".into()),
        at: Timestamp(1),
        actor: String::new(),
        causation: String::new(),
        traceparent: String::new(),
        business_date: None,
        claims: vec![],
    };
    let (stream, name) = (Reservation::stream("res_1"), kernel::aggregate::name_of(&json).to_owned());
    let public = publish(&Recorded { stream, version: 1, name, schema: 1, json, command_pos: 1, by: Arc::new(by) })?;
    Some((public.kind, serde_json::from_value(public.data).expect("the contract")))
}

#[test]
fn a_booking_tells_the_desk_what_it_shows_and_never_the_card() {
    let (kind, is) = told(&booked(1, 3)).expect("public");
    assert_eq!((kind, is.booked, is.roomed), ("reservations.Booked", Some(fact(eur(100), "card")), false));
    assert!(!serde_json::to_string(&told(&booked(1, 3)).expect("public").1).expect("JSON").contains("tok_"));
}

#[test]
fn an_amendment_tells_the_dates_the_price_and_whether_there_is_a_room() {
    for roomed in [false, true] {
        let (kind, is) = told(&amended(2, 5, eur(90), roomed)).expect("public");
        assert_eq!((kind, is.state.as_str(), is.roomed), ("reservations.Amended", "confirmed", roomed));
        assert_eq!((is.arrival, is.departure, is.revision), (Some(june(2)), Some(june(5)), Some(2)));
        assert_eq!(is.booked, Some(fact(eur(90), "card")));
    }
}

#[test]
fn a_change_of_what_has_a_room_says_so_and_the_room_itself_is_nobodys_news() {
    let (room_type, guest) = ("B".to_owned(), None);
    let changes = [
        ReservationEvent::TypeChanged { room_type, revision: 2, reason: None, roomed: true },
        ReservationEvent::Cancelled { revision: 2, reason: None, refund: None, guest: guest.clone(), roomed: true },
        ReservationEvent::NoShowed { revision: 2, guest, roomed: true },
    ];
    assert!(changes.iter().all(|change| told(change).is_some_and(|(_, is)| is.roomed)));
    assert_eq!(told(&ReservationEvent::RoomEarmarked {}), None);
    assert_eq!(told(&ReservationEvent::StayExtended { departure: june(4) }), None);
}

#[test]
fn the_stored_form_of_an_amendment_is_flat_and_is_read_again() {
    let event = amended(2, 5, eur(90), false);
    let stored: serde_json::Value = serde_json::from_str(&event.encode()).expect("JSON");
    let is = json!({"arrival": "2031-06-02", "departure": "2031-06-05", "confirmation": "ABCD-EFGH", "reference": "R1", "guests": [2, 0, 0],
        "price": eur(90), "guarantee": "card", "revision": 2, "reason": "ill"});
    assert_eq!(stored, json!({"Amended": is}));
    assert_eq!(ReservationEvent::decode(1, &event.encode()).expect("readable"), event);
}

/// A fact of stays as its feed brings it.
fn heard(fact: StayFact) -> bool {
    let data = serde_json::to_value(fact).expect("JSON");
    let event = json!({"specversion": "1.0", "id": "stays/1/0/1", "source": "/posthouse/cell/stays", "type": "stays.X", "subject": "stay/res_1",
        "time": Timestamp(1), "pos": 1, "data": data});
    react::stays(&serde_json::from_value::<PublicEvent>(event).expect("an event")).is_some_and(|fact| fact.partition == "H")
}

#[test]
fn an_extended_stay_and_a_departure_are_heard_and_another_room_is_not() {
    let (hotel, reservation) = (String::from("H"), String::from("res_1"));
    assert!(heard(StayFact::Extended { hotel: hotel.clone(), reservation: reservation.clone(), departure: june(6) }));
    assert!(heard(StayFact::CheckedOut { hotel: hotel.clone(), reservation: reservation.clone(), date: june(6) }));
    assert!(!heard(StayFact::RoomMoved { hotel, reservation, from: "A-1".into(), room: "A-2".into() }));
}
