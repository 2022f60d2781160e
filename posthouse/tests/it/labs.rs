//! Slices of the labs: the same code as `posthouse lab`, with fewer kills.

use posthouse::lab::{archive, desks, kills, rebuild, resume, sealing};
use posthouse::race;
use posthouse::replay::Guarantee;
use posthouse::replay::dates::Day;

use testkit::postgres::{Care, Postgres};

use crate::support::{Guest, program, root};

fn bookings() -> std::path::PathBuf {
    root().join("posthouse/testdata/bookings.csv")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_house_killed_under_load_loses_nothing_and_leaves_nothing_over() {
    let data = tempfile::tempdir().expect("a temporary directory");
    let options = kills::Options { kills: 3, seed: 7 };
    let report = kills::play(&options, program(), data.path(), |_| {}).await.expect("the lab runs");
    assert_eq!(report.differences, Vec::<String>::new());
    assert_eq!((report.kills, report.oversold, report.open_sagas, report.open_after_cancelling), (3, 0, 0, 0));
    assert!(report.acknowledged > 20 && report.found == report.acknowledged, "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replay_killed_and_continued_ends_where_an_undisturbed_one_does() {
    let (disturbed, quiet) = (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory"));
    let options = |kills| resume::Options { file: bookings(), rows: Some("1..60".into()), kills, seed: 3, within_ms: 1_500 };
    let disturbed = resume::play(&options(2), program(), disturbed.path(), |_| {}).await.expect("the lab runs");
    let quiet = resume::play(&options(0), program(), quiet.path(), |_| {}).await.expect("the lab runs");
    assert_eq!((disturbed.differences, quiet.differences), (vec![], vec![]));
    assert_eq!(disturbed.kills, 2);
    assert_eq!(disturbed.last["digests"], quiet.last["digests"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rebuilt_views_are_the_live_ones() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let report = rebuild::play(&bookings(), Some("1..60".parse().expect("rows")), None, dir.path()).await.expect("the lab runs");
    assert_eq!(report.differences, Vec::<String>::new());
    assert!(report.rows["reservations.reservations"] == 60 && report.rows["inventory.night_books"] > 60, "{:?}", report.rows);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_house_made_from_either_archive_alone_is_the_one_that_was_archived() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let server = Postgres::start(Care::None);
    let to = vec![format!("file://{}", dir.path().join("elsewhere").display()), server.database("archive")];
    let play = archive::Play { file: bookings(), rows: Some("1..60".parse().expect("rows")), to };
    let report = archive::play(&play, dir.path()).await.expect("the lab runs");
    assert_eq!(report.differences, Vec::<String>::new());
    assert!(report.positions > 500 && report.restored_seconds.len() == 2 && report.pruned_events > 1_900, "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn desks_are_told_while_guests_book() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let (rows, until) = (Some("1..60".parse().expect("rows")), Day::parse("2031-03-07").expect("a date"));
    let options =
        desks::Options { file: bookings(), data: None, rows, until, hotel: "H1".into(), desks: 5, looks: 20, slices: 1, seconds: 1 };
    let report = desks::play(&options, program(), dir.path(), |_| {}).await.expect("the lab runs");
    assert_eq!(report.differences, Vec::<String>::new());
    assert!(report.bars >= 5 && report.without_room < report.bars, "{report}");
    assert!(report.pages.iter().all(|page| page.bytes > 300 && page.took.n == 20), "{report}");
    assert!(report.change.n == 4 && (50..400).contains(&report.change_bytes), "{report}");
    assert!(report.bookings_alone > 1.0 && report.bookings_with_desks > 1.0 && report.told_a_second > 1.0, "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_history_is_sealed_whole_and_a_house_keeps_its_archive_while_guests_book() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let options = sealing::Options { data: None, events: 5_000, seed: 1, slices: 1, seconds: 3, every: 1 };
    let report = sealing::play(&options, program(), dir.path(), &mut |_, _| {}, |_| {}).await.expect("the lab runs");
    assert_eq!(report.differences, Vec::<String>::new());
    // 15 events of 7 commands; the last command may have more than were wanted.
    assert!((5_000..5_004).contains(&report.events) && (2_330..2_340).contains(&(report.positions - report.events)), "{report}");
    // A thousand commands go to each lane in turn: three lanes have some, a segment each.
    assert!(report.segments == 3 && report.bytes > 50 * report.positions, "{report}");
    assert!(report.bookings_alone > 1.0 && report.bookings_archived > 1.0 && report.sealed_positions > 0, "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_guests_race_for_the_last_room_and_one_gets_it() {
    let g = Guest::start().await;
    let options = race::Options { rounds: 3, contenders: 64, guarantee: Guarantee::Card };
    let report = race::race(&options, &g.house.url).await.expect("the race is held");
    assert_eq!((report.confirmed, report.refused, report.pending, report.errors, report.oversold), (3, 189, 0, 0, 0));
    assert_eq!(report.open_authorisations, Some(3));
    g.house.stop().await;
}
