//! Other nights for a reservation: what it had is not asked for again, what was slept is never touched.

use contracts::inventory as contract;
use inventory::domain::amend::Amend;
use inventory::domain::ledger::{LedgerEvent, NightLedger};
use serde_json::json;

use crate::ledger::{NOON, at, given, held, hold, june, nights, release, sold, to_type};

fn amend(reservation: &str, arrival: i8, departure: i8, revision: u32) -> Amend {
    let (reservation, arrival, departure) = (reservation.into(), june(arrival), june(departure));
    Amend::try_from(contract::Amend { hotel: "H".into(), reservation, arrival, departure, revision }).expect("sound")
}

/// `r1` had the nights before and has those after.
fn amended(room_type: &str, had: (i8, i8), has: (i8, i8), revision: u32) -> LedgerEvent {
    let (new_arrival, new_departure) = (june(has.0), june(has.1));
    LedgerEvent::Amended { nights: nights("r1", room_type, had.0, had.1), new_arrival, new_departure, revision }
}

fn closed(day: i8) -> LedgerEvent {
    LedgerEvent::NightClosed { date: june(day), in_house: 1 }
}

#[test]
fn only_nights_it_had_not_before_are_checked() {
    // The one room of B: its own nights are full of itself.
    let own = || given(sold("r1", "B", 2, 4));
    for has in [(1, 4), (2, 5), (3, 4), (2, 3), (1, 6), (5, 7), (2, 4)] {
        own().when(&amend("r1", has.0, has.1, 2), &at(NOON)).then_events([amended("B", (2, 4), has, 2)]).then_reply(json!({}));
    }
    let beside = || given(sold("r1", "B", 2, 4).into_iter().chain(sold("r2", "B", 4, 5)));
    beside().when(&amend("r1", 2, 6, 2), &at(NOON)).then_refused("night-sold-out");
    beside().when(&amend("r1", 1, 4, 2), &at(NOON)).then_events([amended("B", (2, 4), (1, 4), 2)]);
    // The house is full where the type is not.
    let house = sold("r2", "A", 4, 5).into_iter().chain(sold("r3", "B", 4, 5));
    given(sold("r1", "A", 2, 4).into_iter().chain(house)).when(&amend("r1", 2, 5, 2), &at(NOON)).then_refused("night-sold-out");
}

#[test]
fn counts_follow_on_both_sides() {
    let moved = given(sold("r1", "A", 2, 5)).when(&amend("r1", 3, 6, 2), &at(NOON));
    let back = moved.then_state::<NightLedger>("H", |ledger| {
        let of = |day: i8| (ledger.at(june(day), "A").sold, ledger.at(june(day), "*").sold);
        assert_eq!([2, 3, 4, 5, 6].map(of), [(0, 0), (1, 1), (1, 1), (1, 1), (0, 0)]);
        let allocation = &ledger.allocations["r1"];
        assert_eq!((&allocation.nights, allocation.revision), (&nights("r1", "A", 3, 6), 2));
    });
    let day_use = back.when(&amend("r1", 4, 4, 3), &at(NOON)).then_state::<NightLedger>("H", |ledger| {
        assert!((1..9).all(|day| ledger.at(june(day), "*").sold == 0));
    });
    day_use.when(&amend("r1", 2, 3, 4), &at(NOON)).then_events([amended("A", (4, 4), (2, 3), 4)]);
}

#[test]
fn an_older_revision_has_no_effect_and_what_is_not_sold_is_not_amended() {
    given(sold("r1", "A", 2, 4)).when(&amend("r1", 2, 5, 1), &at(NOON)).then_events([]);
    given([held("r1", "A", 2, 4)]).when(&amend("r1", 2, 5, 2), &at(NOON)).then_refused("allocation-unknown");
    given([]).when(&amend("r1", 2, 5, 2), &at(NOON)).then_refused("allocation-unknown");
    let back = LedgerEvent::Released { nights: nights("r1", "A", 2, 4), revision: 2 };
    let released = || given(sold("r1", "A", 2, 4).into_iter().chain([back.clone()]));
    released().when(&amend("r1", 2, 5, 2), &at(NOON)).then_events([]);
    released().when(&amend("r1", 2, 5, 3), &at(NOON)).then_refused("allocation-unknown");
}

#[test]
fn a_retired_type_and_a_closed_hotel_give_no_night_more_and_take_some_back() {
    let retired = LedgerEvent::TypeRetired { room_type: "A".into() };
    for (no_more, code) in [(retired, "room-type-retired"), (LedgerEvent::SalesClosed {}, "hotel-closed")] {
        let given = || given(sold("r1", "A", 2, 4).into_iter().chain([no_more.clone()]));
        given().when(&amend("r1", 2, 5, 2), &at(NOON)).then_refused(code);
        given().when(&amend("r1", 3, 4, 2), &at(NOON)).then_events([amended("A", (2, 4), (3, 4), 2)]);
    }
}

#[test]
fn a_hold_whose_time_is_over_does_not_keep_a_night_from_it() {
    let over = NOON.plus_ms(60_000);
    let expired = LedgerEvent::HoldExpired { nights: nights("r2", "B", 4, 5) };
    let beside = || given(sold("r1", "B", 2, 4).into_iter().chain([held("r2", "B", 4, 5)]));
    beside().when(&amend("r1", 2, 5, 2), &at(NOON)).then_refused("night-sold-out");
    beside().when(&amend("r1", 2, 5, 2), &at(over)).then_events([expired, amended("B", (2, 4), (2, 5), 2)]);
}

#[test]
fn a_stay_that_has_begun_keeps_its_beginning_and_none_begins_in_the_past() {
    let slept = || given(sold("r1", "A", 1, 4).into_iter().chain([closed(1)]));
    slept().when(&amend("r1", 1, 6, 2), &at(NOON)).then_events([amended("A", (1, 4), (1, 6), 2)]);
    slept().when(&amend("r1", 2, 6, 2), &at(NOON)).then_events([amended("A", (1, 4), (1, 6), 2)]);
    slept().when(&amend("r1", 1, 1, 2), &at(NOON)).then_events([amended("A", (1, 4), (1, 2), 2)]);
    slept().when(&amend("r1", 3, 6, 2), &at(NOON)).then_refused("past-date");
    given(sold("r1", "A", 2, 4).into_iter().chain([closed(1)])).when(&amend("r1", 1, 4, 2), &at(NOON)).then_refused("past-date");
}

#[test]
fn a_closed_night_stays_closed_whatever_becomes_of_the_rest() {
    let slept = || given(sold("r1", "A", 1, 4).into_iter().chain([closed(1), closed(2)]));
    let nothing_before = |ledger: &NightLedger| assert_eq!(ledger.nights.keys().find(|night| **night < june(3)), None);
    let moved = LedgerEvent::Moved { nights: nights("r1", "A", 3, 4), to: "B".into(), revision: 2, reason: "upgrade".into(), oversold: 0 };
    let then = slept().when(&to_type("r1", "B", 2), &at(NOON)).then_events([moved]);
    let then = then.then_state::<NightLedger>("H", |ledger| {
        nothing_before(ledger);
        assert_eq!((ledger.at(june(3), "A").sold, ledger.at(june(3), "B").sold), (0, 1));
    });
    let then = then.when(&amend("r1", 1, 6, 3), &at(NOON)).then_state::<NightLedger>("H", nothing_before);
    let back = LedgerEvent::Released { nights: nights("r1", "B", 3, 6), revision: 4 };
    let then = then.when(&release("r1", 1, 4), &at(NOON)).then_events([back]).then_state::<NightLedger>("H", |ledger| {
        nothing_before(ledger);
        assert!(ledger.nights.values().flatten().all(|(_, count)| count.sold == 0));
        assert!(!ledger.allocations["r1"].released, "two nights were slept");
    });
    then.when(&hold("r2", "B", 3, 5), &at(NOON)).then_events([held("r2", "B", 3, 5)]);
}
