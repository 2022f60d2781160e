//! Keys, bodies, phases, segments, and what the model foresees.

use super::super::Guarantee;
use super::super::commands::{Step, audit_key, key, post, set_up_key};
use super::super::dates::Day;
use super::super::plan::{Plan, STAGES, Segment, Stage, segments, steps};
use super::{Line, STAY, rows};

const CANCELLED: Line = Line { status: "Canceled", end: "2015-06-28", lead: "3", ..STAY };

#[test]
fn keys_are_the_hashes_of_the_words_agreed_on() {
    // printf 'posthouse-replay|1|book' | sha256sum, and so on
    assert_eq!(key(1, Step::Book), "f5906f3f10f4b858190831825397b2a7babab91e95369e7a52e7959743a2a455");
    assert_eq!(key(29_774, Step::CheckOut), "85ebc0fa216c72f45efbe67a6e34c74f81e882fea21db269fce0f6a8abefd149");
    let date = Day::parse("2015-07-01").expect("a date");
    assert_eq!(audit_key("H1", date), "85cb5fbabf337ddfe78c83a4885ac04759a1448282287a93e5915e08c55bb335");
    assert_eq!(set_up_key(1), "5eb7f6ff480ee47b7d7a9b8086e8c00e4a8172fb752a904979b593218c479715");
}

#[test]
fn a_body_is_the_same_bytes_every_time() {
    let rows = rows(&[Line { adr: "-6.38", given: "D", ..STAY }]);
    let book = post(&rows, 0, Step::Book, "", Guarantee::Card);
    assert_eq!(book.path, "/api/reservations/v1/hotels/H1/reservations");
    let body = r#"{"reference":"H1-000001","room_type":"A","arrival":"2015-07-01","departure":"2015-07-02","adults":2,"children":0,"babies":0,"price":{"amount":-638,"currency":"EUR"},"price_reason":"as in the bookings file","segment":"Direct","channel":"TA/TO","deposit":"No Deposit","guarantee":{"kind":"card","token":"tok_ok"}}"#;
    assert_eq!(book.body, body);
    let retype = post(&rows, 0, Step::Retype, "res_1", Guarantee::Card);
    assert_eq!(retype.path, "/api/reservations/v1/hotels/H1/reservations/res_1/type-change");
    assert!(retype.body.starts_with(br#"{"room_type":"D""#));
    let check_out = post(&rows, 0, Step::CheckOut, "res_1", Guarantee::Card);
    assert_eq!(check_out.path, "/api/stays/v1/hotels/H1/stays/res_1/check-out");
}

#[test]
fn every_row_is_in_the_phases_of_its_dates() {
    let rows = rows(&[
        STAY,
        CANCELLED,
        Line { nights: "0", end: "2015-07-01", ..STAY },
        Line { status: "No-Show", given: "D", ..STAY },
        Line { hotel: "City Hotel", status: "Canceled", end: "2015-06-21", lead: "10", ..STAY },
    ]);
    let plan = Plan::of(&rows).expect("a plan");
    assert_eq!((plan.first.to_string(), plan.last.to_string(), plan.dates()), ("2015-06-21".into(), "2015-07-02".into(), 12));
    assert_eq!((plan.used(), plan.audits(), plan.commands), (vec![0, 1], 24, 3 + 2 + 3 + 3 + 2));
    let resort = &plan.hotels[0].days;
    let first = &resort[10];
    assert_eq!((&first.bookings, &first.day_use, &first.arrivals, &first.no_shows), (&vec![0, 2, 3], &vec![2], &vec![0], &vec![3]));
    assert_eq!((&resort[7].bookings, &resort[7].cancellations), (&vec![1], &vec![]));
    assert_eq!(resort[11].departures, [0]);
    assert!(STAGES.iter().all(|&stage| stage == Stage::Audit || resort[5].is_empty(stage)));
    let names: Vec<_> = steps(&rows.rows[3]).map(Step::name).collect();
    assert_eq!(names, ["book", "retype", "no-show"]);
}

#[test]
fn a_booking_cancelled_at_once_is_alone() {
    let at_once = Line { status: "Canceled", end: "2015-07-01", ..STAY };
    let rows = rows(&[STAY, STAY, at_once, STAY, at_once, at_once]);
    let plan = Plan::of(&rows).expect("a plan");
    let cut = segments(&rows, &plan.hotels[0].days[0]);
    let wanted = [Segment::Together(&[0, 1]), Segment::Alone(2), Segment::Together(&[3]), Segment::Alone(4), Segment::Alone(5)];
    assert_eq!(cut, wanted);
}

#[test]
fn a_phase_with_a_foreseen_refusal_goes_in_row_order() {
    // H1 sells type B once a night; a type without rooms cannot be stayed in; P has no sales at all.
    let b = Line { sold: "B", given: "B", ..STAY };
    let rows = rows(&[b, b, Line { nights: "0", sold: "P", given: "P", end: "2015-07-01", ..STAY }, Line { given: "Z", ..STAY }]);
    let plan = Plan::of(&rows).expect("a plan");
    let hotel = &plan.hotels[0];
    let foreseen: Vec<_> = hotel.foreseen.keys().copied().collect();
    assert_eq!(foreseen, [(1, Step::Book), (2, Step::CheckIn), (3, Step::Retype)]);
    assert_eq!(hotel.days[0].in_order, [Stage::Bookings]);
    assert_eq!(segments(&rows, &hotel.days[0]), [0, 1, 2, 3].map(Segment::Alone));
}

#[test]
fn a_night_given_back_can_be_sold_again() {
    let b = Line { sold: "B", given: "B", ..STAY };
    let early = Line { nights: "3", arrival: "1", end: "2015-07-02", ..b };
    let rows = rows(&[early, Line { arrival: "2", end: "2015-07-03", ..b }]);
    assert!(Plan::of(&rows).expect("a plan").hotels[0].foreseen.is_empty());
}
