//! A file of invented bookings through the real services: the digests are those of a second program that shares no code.

use posthouse::replay::{Guarantee, Options, Replay};

use crate::support::{Guest, root};

const FINAL_STATE: &str = "31921ccecf2f369a3e55c01ea9a06035ddee6d7080625d22f75c5c4f5ed0b07f";
const DAILY: &str = "ebbaf860738ca28219cf9c7577ff1de9e583e25e1166c3fcd756c2823a45d382";
const ON_THE_BOOKS: &str = "be0ecca5cbe0c71053f8d096b5629374b3e3a61b2a345b7b400fecd283136701";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_booking_sent_twice_with_cards_ends_where_the_second_program_says() {
    let g = Guest::start().await;
    let file = root().join("posthouse/testdata/bookings.csv");
    let options = Options { twice: true, guarantee: Guarantee::Card, ..Options::golden(file) };
    let report = Replay::read(options).expect("the file is sound").run(&g.house.url).await.expect("the replay runs");
    assert_eq!((report.refused, report.differences.as_slice()), (0, &[][..]));
    let digests = &report.digests;
    assert_eq!([digests.final_state.as_str(), &digests.daily, &digests.on_the_books], [FINAL_STATE, DAILY, ON_THE_BOOKS]);
    assert_eq!((report.events_added_by_second_time, report.open_authorisations), (Some(0), Some(0)));
    g.house.stop().await;
}
