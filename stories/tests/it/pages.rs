//! One test a scenario, and one that shows that scenarios can fail.

use crate::browser::play;
use crate::house::House;

#[test]
fn the_first_pages_are_there_for_everybody() {
    let house = House::demo();
    play("start", &house.url).must_be_well();
}

#[test]
fn an_operator_watches_an_outage_and_its_end() {
    let house = House::demo();
    play("console", &house.url).must_be_well();
}

#[test]
fn what_is_wrong_with_a_page_is_noticed() {
    let report = play("careless", "http://127.0.0.1:1");
    assert!(!report.well);
    let noticed = [
        "axe: /without-alt",
        "axe: /too-pale",
        "axe: a page without JavaScript",
        "no trouble on /missing-asset",
        "no trouble on /console-error",
        "no trouble on /script-error",
        "no trouble on /forbidden",
        "no trouble on /cut-off",
    ];
    assert_eq!(report.failed(), noticed, "{report:#?}");
}

#[test]
fn the_tape_chart_is_worked_on_by_two_desks() {
    let house = House::demo();
    play("tape", &house.url).must_be_well();
}

#[test]
fn guests_find_hold_pay_and_manage_a_room() {
    let house = House::demo();
    play("website", &house.url).must_be_well();
}

#[test]
fn guests_are_checked_in_and_out_from_lists() {
    let house = House::demo();
    play("lists", &house.url).must_be_well();
}

#[test]
fn a_stay_is_led_from_its_sheet_to_its_end() {
    let house = House::demo();
    play("sheet", &house.url).must_be_well();
}

#[test]
fn limits_are_typed_into_the_grid_and_rooms_are_cleaned_on_a_phone() {
    let house = House::demo();
    play("grid", &house.url).must_be_well();
}

#[test]
fn a_desk_sells_a_walk_in_and_closes_the_day_for_everybody() {
    let house = House::demo();
    play("audit", &house.url).must_be_well();
}

#[test]
fn a_booking_lives_its_whole_life_and_no_stopped_service_stops_a_page() {
    let house = House::demo();
    play("story", &house.url).must_be_well();
}
