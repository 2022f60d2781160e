//! A cart is a hold: a booking takes its nights over in one decision, and it is kept for longer only so often.

use contracts::inventory as contract;
use inventory::domain::expire_holds::ExpireHolds;
use inventory::domain::extend::Extend;
use inventory::domain::hold::Hold;
use inventory::domain::ledger::{LedgerEvent, NightLedger};
use inventory::domain::unhold::Unhold;
use kernel::Timestamp;
use serde_json::json;
use testkit::given::Given;

use crate::ledger::{NOON, at, confirm, given, held, june, nights, sold};

/// When what [`held`] holds is over.
const OVER: Timestamp = Timestamp(NOON.0 + 60_000_000);

fn taking(takes: &str, reservation: &str, room_type: &str, arrival: i8, departure: i8) -> Hold {
    let (arrival, departure, takes) = (june(arrival), june(departure), Some(takes.into()));
    let (reservation, room_type) = (reservation.into(), room_type.into());
    Hold::try_from(contract::Hold { hotel: "H".into(), reservation, room_type, arrival, departure, ttl_s: 60, takes }).expect("sound")
}

fn extend(reservation: &str, ttl_s: u32) -> Extend {
    Extend::try_from(contract::Extend { hotel: "H".into(), reservation: reservation.into(), ttl_s }).expect("sound")
}

fn unheld(reservation: &str, room_type: &str, arrival: i8, departure: i8) -> LedgerEvent {
    LedgerEvent::Unheld { nights: nights(reservation, room_type, arrival, departure) }
}

fn extended(reservation: &str, until: Timestamp) -> LedgerEvent {
    LedgerEvent::HoldExtended { nights: nights(reservation, "A", 1, 3), until }
}

#[test]
fn a_hold_says_when_it_ends_and_how_often_it_may_be_extended() {
    let reply = json!({"until": OVER, "extends_left": 3});
    given([]).when(&taking("cart", "r1", "A", 1, 3), &at(NOON)).then_events([held("r1", "A", 1, 3)]).then_reply(reply);
}

#[test]
fn the_last_room_goes_from_the_cart_to_the_booking_and_to_nobody_else() {
    let cart = || given([held("cart", "B", 1, 3)]);
    cart().when(&taking("nobody", "r1", "B", 1, 3), &at(NOON)).then_refused("night-sold-out");
    let taken = [unheld("cart", "B", 1, 3), held("r1", "B", 1, 3)];
    let then = cart().when(&taking("cart", "r1", "B", 1, 3), &at(NOON)).then_events(taken).and_then();
    // Nothing is left of the cart: neither its units nor its end.
    let is = then.when(&confirm("r1", 1), &at(NOON)).then_state::<NightLedger>("H", |ledger| {
        assert_eq!((ledger.at(june(1), "B").sold, ledger.at(june(1), "B").held, ledger.at(june(2), "*").sold), (1, 0, 1));
        assert_eq!((ledger.allocations.len(), ledger.holds.len()), (1, 0));
    });
    is.when(&taking("cart", "r2", "B", 1, 3), &at(NOON)).then_refused("night-sold-out");
}

#[test]
fn a_cart_makes_room_only_on_its_own_nights_of_its_own_type() {
    let one_more = || given([held("cart", "B", 1, 2)].into_iter().chain(sold("r9", "B", 2, 3)));
    one_more().when(&taking("cart", "r1", "B", 1, 3), &at(NOON)).then_refused("night-sold-out");
    // Of another type it makes room in the house.
    let house = || given([held("cart", "A", 1, 2)].into_iter().chain(sold("r9", "A", 1, 2)));
    let of_b = [unheld("cart", "A", 1, 2), held("r1", "B", 1, 2)];
    house().when(&taking("cart", "r1", "B", 1, 2), &at(NOON)).then_events(of_b);
    let other = given([held("cart", "A", 1, 2)].into_iter().chain(sold("r9", "B", 1, 2)));
    other.when(&taking("cart", "r1", "B", 1, 2), &at(NOON)).then_refused("night-sold-out");
}

#[test]
fn a_cart_that_is_gone_or_over_or_sold_is_not_taken() {
    let plain = || held("r1", "A", 1, 3);
    given([held("cart", "A", 1, 3), unheld("cart", "A", 1, 3)]).when(&taking("cart", "r1", "A", 1, 3), &at(NOON)).then_events([plain()]);
    let expired = LedgerEvent::HoldExpired { nights: nights("cart", "A", 1, 3) };
    let anew = LedgerEvent::Held { nights: nights("r1", "A", 1, 3), until: OVER.plus_ms(60_000) };
    given([held("cart", "A", 1, 3)]).when(&taking("cart", "r1", "A", 1, 3), &at(OVER)).then_events([expired, anew]);
    given(sold("cart", "A", 1, 3)).when(&taking("cart", "r1", "A", 1, 3), &at(NOON)).then_events([plain()]);
    given(sold("cart", "B", 1, 3)).when(&taking("cart", "r1", "B", 1, 3), &at(NOON)).then_refused("night-sold-out");
}

#[test]
fn a_refused_hold_leaves_the_cart_and_the_undo_of_a_hold_gives_back_that_hold_alone() {
    let both = || [held("cart", "A", 1, 3), held("r1", "A", 1, 3)];
    given(both()).when(&taking("cart", "r1", "A", 1, 3), &at(NOON)).then_refused("already-allocated");
    given([held("r1", "A", 1, 3)]).when(&taking("r1", "r1", "A", 1, 3), &at(NOON)).then_refused("already-allocated");
    let unhold = Unhold::try_from(contract::Unhold { hotel: "H".into(), reservation: "r1".into() }).expect("sound");
    let taken = given([held("cart", "A", 1, 3), unheld("cart", "A", 1, 3), held("r1", "A", 1, 3), held("cart", "A", 1, 2)]);
    taken.when(&unhold, &at(NOON)).then_events([unheld("r1", "A", 1, 3)]);
}

#[test]
fn a_hold_is_extended_from_now_and_ends_then() {
    let halfway = NOON.plus_ms(30_000);
    let until = halfway.plus_ms(600_000);
    let reply = json!({"until": until, "extends_left": 2});
    let then = given([held("r1", "A", 1, 3)]).when(&extend("r1", 600), &at(halfway)).then_events([extended("r1", until)]);
    let then = then.then_reply(reply).and_then();
    let timer = ExpireHolds { hotel: "H".into() };
    let then = then.when(&timer, &at(OVER)).then_refused("not-due");
    then.and_then().when(&confirm("r1", 1), &at(OVER)).then_events([LedgerEvent::Sold { nights: nights("r1", "A", 1, 3), revision: 1 }]);
    let late = given([held("r1", "A", 1, 3), extended("r1", until)]);
    late.when(&timer, &at(until)).then_events([LedgerEvent::HoldExpired { nights: nights("r1", "A", 1, 3) }]);
}

#[test]
fn an_extension_never_ends_a_hold_sooner() {
    given([held("r1", "A", 1, 3)]).when(&extend("r1", 1), &at(NOON)).then_events([extended("r1", OVER)]);
}

#[test]
fn a_hold_is_extended_three_times_and_only_while_it_is_open() {
    let extended_times = |times: usize| given([held("r1", "A", 1, 3)].into_iter().chain(vec![extended("r1", OVER); times]));
    extended_times(2).when(&extend("r1", 60), &at(NOON)).then_reply(json!({"until": OVER, "extends_left": 0}));
    extended_times(3).when(&extend("r1", 60), &at(NOON)).then_refused("hold-not-extendable");
    extended_times(0).when(&extend("r1", 60), &at(OVER)).then_refused("hold-expired");
    given([]).when(&extend("r1", 60), &at(NOON)).then_refused("hold-expired");
    given(sold("r1", "A", 1, 3)).when(&extend("r1", 60), &at(NOON)).then_refused("hold-expired");
    Given::<NightLedger>::nothing("H").when(&extend("r1", 60), &at(NOON)).then_refused("hotel-unknown");
    for ttl_s in [0, 3_601] {
        assert!(Extend::try_from(contract::Extend { hotel: "H".into(), reservation: "r1".into(), ttl_s }).is_err());
    }
}
