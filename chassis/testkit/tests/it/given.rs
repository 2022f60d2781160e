//! Given, when, then: what agrees passes, and everything that does not is noticed.

use kernel::Timestamp;
use serde_json::json;
use testkit::bank::{Account, Doing, Entry, Order, Seat, Sitting, paid};
use testkit::given::ctx;
use testkit::{Given, Then, said};

fn rich() -> Given<Account> {
    Given::<Account>::events("ann", [Entry::Opened, paid(10)]).and::<Account>("bob", [Entry::Opened])
}

fn when(doing: Doing) -> Then<Account> {
    rich().when(&Order::at("north", doing), &ctx(Timestamp(1), "desk", "k"))
}

fn transfer(by: i64) -> Doing {
    Doing::Transfer("ann".into(), "bob".into(), by)
}

#[test]
fn a_decision_over_two_aggregates_is_three_lines() {
    when(transfer(4))
        .then_emits([said::<Account>("ann", &paid(-4)), said::<Account>("bob", &paid(4))])
        .then_reply(json!({"from": 6, "to": 4}))
        .then_state::<Account>("bob", |bob| assert_eq!(bob.balance, 4))
        .when(&Order::at("north", transfer(7)), &ctx(Timestamp(1), "desk", "k2"))
        .then_refused("too-poor");
}

#[test]
fn one_aggregate_needs_no_names_and_nobody_spoke_of_is_empty() {
    when(Doing::Pay("ann".into(), 1)).then_events([paid(1)]).then_claims(&[]);
    when(Doing::Pay("carl".into(), 1)).then_refused("account-unknown");
    when(Doing::Busy("ann".into())).then_refused("not-now");
    let order = Order::at("north", Doing::Take("s1".into(), true));
    let then = Given::<Seat>::nothing("s1").when(&order, &ctx(Timestamp(1), "desk", "k"));
    then.then_events([Sitting::Taken { by: "k".into() }]).then_claims(&[("seat/s1", true)]).and_then();
}

#[test]
#[should_panic(expected = "expected the refusal")]
fn an_unexpected_yes_is_noticed() {
    when(transfer(4)).then_refused("too-poor");
}

#[test]
#[should_panic(expected = "expected events")]
fn an_unexpected_no_is_noticed() {
    when(transfer(40)).then_events([]);
}

#[test]
#[should_panic(expected = "account/bob")]
fn an_event_of_another_aggregate_is_noticed() {
    when(transfer(4)).then_events([paid(-4)]);
}

#[test]
#[should_panic(expected = "left == right")]
fn another_refusal_is_noticed() {
    when(transfer(40)).then_refused("account-unknown");
}
