//! One sentence a rule of the night ledger.

use contracts::inventory as contract;
use inventory::domain::close_night::CloseNight;
use inventory::domain::confirm::Confirm;
use inventory::domain::expire_holds::ExpireHolds;
use inventory::domain::hold::Hold;
use inventory::domain::ledger::{LedgerEvent, NightLedger, Nights};
use inventory::domain::move_type::Move;
use inventory::domain::open::{RemoveType, Sell};
use inventory::domain::release::Release;
use inventory::domain::retire_type::{RetireType, UnretireType};
use inventory::domain::unhold::Unhold;
use jiff::civil::{Date, date};
use kernel::{Ctx, Timestamp};
use serde_json::json;
use testkit::given::{Given, ctx};

pub const NOON: Timestamp = Timestamp(1_000_000_000);

pub fn at(now: Timestamp) -> Ctx {
    ctx(now, "desk", "k")
}

pub fn june(day: i8) -> Date {
    date(2031, 6, day)
}

pub fn nights(reservation: &str, room_type: &str, arrival: i8, departure: i8) -> Nights {
    Nights { reservation: reservation.into(), room_type: room_type.into(), arrival: june(arrival), departure: june(departure) }
}

/// A hotel with the types A (limit 2) and B (limit 1) and a house limit of 2, open on 1 June.
pub fn hotel() -> Vec<LedgerEvent> {
    let limit = |room_type: &str, limit| contract::Limit { room_type: room_type.into(), limit, from: None, to: None };
    vec![
        LedgerEvent::Opened { on: june(1) },
        LedgerEvent::TypeAdded { room_type: "A".into() },
        LedgerEvent::TypeAdded { room_type: "B".into() },
        LedgerEvent::LimitsSet { limits: vec![limit("*", 2), limit("A", 2), limit("B", 1)], reason: "x".into(), actor: "x".into() },
    ]
}

pub fn held(reservation: &str, room_type: &str, arrival: i8, departure: i8) -> LedgerEvent {
    LedgerEvent::Held { nights: nights(reservation, room_type, arrival, departure), until: NOON.plus_ms(60_000) }
}

pub fn sold(reservation: &str, room_type: &str, arrival: i8, departure: i8) -> [LedgerEvent; 2] {
    [
        held(reservation, room_type, arrival, departure),
        LedgerEvent::Sold { nights: nights(reservation, room_type, arrival, departure), revision: 1 },
    ]
}

pub fn given(more: impl IntoIterator<Item = LedgerEvent>) -> Given<NightLedger> {
    Given::events("H", hotel().into_iter().chain(more))
}

pub fn hold(reservation: &str, room_type: &str, arrival: i8, departure: i8) -> Hold {
    let (arrival, departure) = (june(arrival), june(departure));
    let (reservation, room_type) = (reservation.into(), room_type.into());
    Hold::try_from(contract::Hold { hotel: "H".into(), reservation, room_type, arrival, departure, ttl_s: 60, takes: None }).expect("sound")
}

pub fn confirm(reservation: &str, revision: u32) -> Confirm {
    Confirm::try_from(contract::Confirm { hotel: "H".into(), reservation: reservation.into(), revision }).expect("sound")
}

pub fn release(reservation: &str, from: i8, revision: u32) -> Release {
    let (reservation, from) = (reservation.into(), june(from));
    Release::try_from(contract::Release { hotel: "H".into(), reservation, from, revision }).expect("sound")
}

pub fn to_type(reservation: &str, room_type: &str, revision: u32) -> Move {
    let (reservation, room_type, reason) = (reservation.into(), room_type.into(), "upgrade".into());
    Move::try_from(contract::Move { hotel: "H".into(), reservation, room_type, revision, reason }).expect("sound")
}

#[test]
fn a_hold_takes_every_night_until_an_instant() {
    given([]).when(&hold("r1", "A", 1, 3), &at(NOON)).then_events([held("r1", "A", 1, 3)]);
}

#[test]
fn a_hold_is_refused_when_one_night_of_it_is_full_and_takes_none() {
    let full = given(sold("r1", "B", 2, 3)).when(&hold("r2", "B", 1, 4), &at(NOON));
    full.then_refused("night-sold-out");
    let house = sold("r1", "A", 1, 2).into_iter().chain([held("r2", "A", 1, 2)]);
    given(house).when(&hold("r3", "B", 1, 2), &at(NOON)).then_refused("night-sold-out");
}

#[test]
fn a_day_use_takes_no_night_and_is_accepted_in_a_full_house() {
    let full = sold("r1", "A", 1, 2).into_iter().chain(sold("r2", "A", 1, 2));
    given(full).when(&hold("r3", "A", 1, 1), &at(NOON)).then_events([held("r3", "A", 1, 1)]);
}

#[test]
fn a_hold_whose_time_is_over_gives_way() {
    let later = NOON.plus_ms(60_000);
    let taken = LedgerEvent::Held { nights: nights("r2", "B", 1, 2), until: later.plus_ms(60_000) };
    let expired = LedgerEvent::HoldExpired { nights: nights("r1", "B", 1, 2) };
    given([held("r1", "B", 1, 2)]).when(&hold("r2", "B", 1, 2), &at(later)).then_events([expired, taken]);
}

#[test]
fn a_hold_is_refused_for_unknown_types_past_dates_and_a_second_time() {
    given([]).when(&hold("r1", "Z", 1, 2), &at(NOON)).then_refused("room-type-unknown");
    given([LedgerEvent::NightClosed { date: june(1), in_house: 0 }]).when(&hold("r1", "A", 1, 3), &at(NOON)).then_refused("past-date");
    given([held("r1", "A", 1, 2)]).when(&hold("r1", "A", 1, 2), &at(NOON)).then_refused("already-allocated");
    Given::<NightLedger>::nothing("H").when(&hold("r1", "A", 1, 2), &at(NOON)).then_refused("hotel-unknown");
}

#[test]
fn a_confirmed_hold_is_sold_once_and_an_expired_one_never() {
    let is_sold = LedgerEvent::Sold { nights: nights("r1", "A", 1, 3), revision: 1 };
    given([held("r1", "A", 1, 3)]).when(&confirm("r1", 1), &at(NOON)).then_events([is_sold]);
    given(sold("r1", "A", 1, 3)).when(&confirm("r1", 1), &at(NOON)).then_events([]);
    given([held("r1", "A", 1, 3)]).when(&confirm("r1", 1), &at(NOON.plus_ms(60_000))).then_refused("hold-expired");
    given([]).when(&confirm("r1", 1), &at(NOON)).then_refused("hold-expired");
}

#[test]
fn an_unhold_gives_back_a_hold_and_leaves_a_sale() {
    let unhold = Unhold::try_from(contract::Unhold { hotel: "H".into(), reservation: "r1".into() }).expect("sound");
    given([held("r1", "A", 1, 3)]).when(&unhold, &at(NOON)).then_events([LedgerEvent::Unheld { nights: nights("r1", "A", 1, 3) }]);
    given(sold("r1", "A", 1, 3)).when(&unhold, &at(NOON)).then_events([]);
    given([]).when(&unhold, &at(NOON)).then_events([]);
}

#[test]
fn a_release_states_the_result_and_an_older_one_has_no_effect() {
    let back = |arrival, revision| LedgerEvent::Released { nights: nights("r1", "A", arrival, 4), revision };
    given(sold("r1", "A", 1, 4)).when(&release("r1", 2, 2), &at(NOON)).then_events([back(2, 2)]);
    given(sold("r1", "A", 1, 4)).when(&release("r1", 2, 1), &at(NOON)).then_events([]);
    let released = sold("r1", "A", 1, 4).into_iter().chain([back(2, 2)]);
    given(released).when(&release("r1", 2, 2), &at(NOON)).then_events([]);
    given([]).when(&release("r1", 1, 2), &at(NOON)).then_events([]);
}

#[test]
fn a_move_is_not_checked_against_limits_but_says_what_it_oversells() {
    let moved = LedgerEvent::Moved { nights: nights("r2", "A", 1, 3), to: "B".into(), revision: 2, reason: "upgrade".into(), oversold: 1 };
    let full = sold("r1", "B", 1, 2).into_iter().chain(sold("r2", "A", 1, 3));
    given(full).when(&to_type("r2", "B", 2), &at(NOON)).then_events([moved]);
    given(sold("r1", "A", 1, 2)).when(&to_type("r1", "B", 1), &at(NOON)).then_events([]);
    given([held("r1", "A", 1, 2)]).when(&to_type("r1", "B", 2), &at(NOON)).then_refused("allocation-unknown");
}

#[test]
fn a_night_is_closed_only_when_what_is_sold_is_in_house() {
    let close = |day, in_house| CloseNight::try_from(contract::CloseNight { hotel: "H".into(), date: june(day), in_house }).expect("sound");
    given(sold("r1", "A", 1, 3)).when(&close(1, 0), &at(NOON)).then_refused("night-unbalanced");
    given(sold("r1", "A", 1, 3)).when(&close(2, 1), &at(NOON)).then_refused("not-business-date");
    let closed = LedgerEvent::NightClosed { date: june(1), in_house: 1 };
    given(sold("r1", "A", 1, 3)).when(&close(1, 1), &at(NOON)).then_events([closed]).then_reply(json!({}));
}

#[test]
fn the_timer_ends_what_is_over_and_nothing_else() {
    let timer = ExpireHolds { hotel: "H".into() };
    given([held("r1", "A", 1, 3)]).when(&timer, &at(NOON)).then_refused("not-due");
    let expired = LedgerEvent::HoldExpired { nights: nights("r1", "A", 1, 3) };
    given([held("r1", "A", 1, 3)]).when(&timer, &at(NOON.plus_ms(60_000))).then_events([expired]);
}

pub fn retire(room_type: &str) -> RetireType {
    RetireType::try_from(contract::RetireType { hotel: "H".into(), room_type: room_type.into() }).expect("sound")
}

fn no_limits() -> LedgerEvent {
    let limit = |room_type: &str| contract::Limit { room_type: room_type.into(), limit: 0, from: None, to: None };
    LedgerEvent::LimitsSet { limits: vec![limit("A"), limit("B")], reason: "closing".into(), actor: "x".into() }
}

#[test]
fn a_type_is_retired_when_nothing_depends_on_it_and_nothing_of_it_is_sold_from_then_on() {
    let retired = || LedgerEvent::TypeRetired { room_type: "A".into() };
    given([no_limits()]).when(&retire("A"), &at(NOON)).then_events([retired()]);
    given([no_limits(), retired()]).when(&retire("A"), &at(NOON)).then_events([]);
    given([retired()]).when(&hold("r1", "A", 1, 2), &at(NOON)).then_refused("room-type-retired");
    given([retired()].into_iter().chain(sold("r1", "B", 1, 2))).when(&to_type("r1", "A", 2), &at(NOON)).then_refused("room-type-retired");
    let unretire = UnretireType::try_from(contract::UnretireType { hotel: "H".into(), room_type: "A".into() }).expect("sound");
    given([retired()]).when(&unretire, &at(NOON)).then_events([LedgerEvent::TypeUnretired { room_type: "A".into() }]);
    given([]).when(&unretire, &at(NOON)).then_events([]);
    // Its feed is on the way: nothing yet, and not no.
    given([]).when(&retire("C"), &at(NOON)).then_refused("not-yet-there");
}

#[test]
fn a_limit_a_sale_a_hold_and_a_day_use_keep_a_type_and_what_is_over_does_not() {
    given([]).when(&retire("A"), &at(NOON)).then_refused("room-type-in-use");
    given(sold("r1", "A", 1, 3).into_iter().chain([no_limits()])).when(&retire("A"), &at(NOON)).then_refused("room-type-in-use");
    given([held("r1", "A", 1, 3), no_limits()]).when(&retire("A"), &at(NOON)).then_refused("room-type-in-use");
    given(sold("r1", "A", 1, 1).into_iter().chain([no_limits()])).when(&retire("A"), &at(NOON)).then_refused("room-type-in-use");
    let retired = || LedgerEvent::TypeRetired { room_type: "A".into() };
    let back = LedgerEvent::Released { nights: nights("r1", "A", 1, 3), revision: 2 };
    given(sold("r1", "A", 1, 3).into_iter().chain([back, no_limits()])).when(&retire("A"), &at(NOON)).then_events([retired()]);
    let expired = LedgerEvent::HoldExpired { nights: nights("r1", "A", 1, 3) };
    let over = NOON.plus_ms(60_000);
    given([held("r1", "A", 1, 3), no_limits()]).when(&retire("A"), &at(over)).then_events([expired, retired()]);
}

#[test]
fn a_closed_hotel_sells_nothing_and_keeps_what_is_sold() {
    let close = Sell { hotel: "H".into(), open: false };
    given([]).when(&close, &at(NOON)).then_events([LedgerEvent::SalesClosed {}]);
    given([LedgerEvent::SalesClosed {}]).when(&close, &at(NOON)).then_events([]);
    given([LedgerEvent::SalesClosed {}]).when(&hold("r1", "A", 1, 2), &at(NOON)).then_refused("hotel-closed");
    let is_sold = LedgerEvent::Sold { nights: nights("r1", "A", 1, 3), revision: 1 };
    given([held("r1", "A", 1, 3), LedgerEvent::SalesClosed {}]).when(&confirm("r1", 1), &at(NOON)).then_events([is_sold]);
    let open = Sell { hotel: "H".into(), open: true };
    given([LedgerEvent::SalesClosed {}]).when(&open, &at(NOON)).then_events([LedgerEvent::SalesReopened {}]);
}

#[test]
fn a_removed_type_is_unknown_until_it_is_defined_again() {
    let remove = RemoveType { hotel: "H".into(), room_type: "A".into() };
    let removed = || LedgerEvent::TypeRemoved { room_type: "A".into() };
    let retired = LedgerEvent::TypeRetired { room_type: "A".into() };
    given([retired.clone()]).when(&remove, &at(NOON)).then_events([removed()]);
    given([retired.clone(), removed()]).when(&remove, &at(NOON)).then_events([]);
    given([retired.clone(), removed()]).when(&hold("r1", "A", 1, 2), &at(NOON)).then_refused("room-type-unknown");
    let anew = [retired, removed(), LedgerEvent::TypeAdded { room_type: "A".into() }];
    given(anew).when(&hold("r1", "A", 1, 2), &at(NOON)).then_refused("night-sold-out");
}
