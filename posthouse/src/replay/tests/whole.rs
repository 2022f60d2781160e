//! Whole runs through a house of straw: a slice with known digests, and any file named in the environment.

use std::path::{Path, PathBuf};

use super::super::digest::Digests;
use super::super::report::Report;
use super::super::{Guarantee, Options, Profile, Replay};
use super::{Line, STAY, slice, text};
use crate::fake::Fake;
use crate::race;

async fn run(options: Options, fake: &Fake) -> Report {
    Replay::read(options).expect("read").run(&fake.url).await.expect("run")
}

/// Made once with the reference implementation.
fn known() -> Digests {
    Digests {
        final_state: "31921ccecf2f369a3e55c01ea9a06035ddee6d7080625d22f75c5c4f5ed0b07f".to_owned(),
        daily: "ebbaf860738ca28219cf9c7577ff1de9e583e25e1166c3fcd756c2823a45d382".to_owned(),
        on_the_books: "be0ecca5cbe0c71053f8d096b5629374b3e3a61b2a345b7b400fecd283136701".to_owned(),
    }
}

fn written(dir: &Path, lines: &[Line]) -> PathBuf {
    let path = dir.join("bookings.csv");
    std::fs::write(&path, text(lines)).expect("written");
    path
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slice_ends_where_the_reference_ends_however_the_house_behaves() {
    for nuisance in [false, true] {
        let fake = Fake::start(nuisance).await;
        let out = tempfile::tempdir().expect("a directory");
        let report = run(Options { out: Some(out.path().to_owned()), ..Options::golden(slice()) }, &fake).await;
        assert_eq!(report.differences, Vec::<String>::new());
        assert_eq!((report.rows, report.commands, report.refused), (280, 804, 0));
        assert_eq!(report.digests, known());
        let state = std::fs::read_to_string(out.path().join("final_state.csv")).expect("the file");
        assert!(state.starts_with("row,hotel,final_state,room_type,room_no,nights_stayed\n1,H1,checked_out,E,2,1\n"), "{state}");
        assert_eq!(state.lines().count(), 281);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_sent_twice_changes_nothing() {
    let fake = Fake::start(true).await;
    let report = run(Options { twice: true, guarantee: Guarantee::Card, ..Options::golden(slice()) }, &fake).await;
    assert_eq!(report.differences, Vec::<String>::new());
    // Commands, an audit per hotel and date, and the set-up.
    assert_eq!((report.sent_twice, report.events_added_by_second_time), (Some(804 + 2 * 36 + 41), Some(0)));
    assert_eq!((report.open_authorisations, report.digests), (Some(0), known()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_cut_off_anywhere_goes_on_where_it_was() {
    let fake = Fake::start(false).await;
    let dir = tempfile::tempdir().expect("a directory");
    let journal = dir.path().join("journal.jsonl");
    let rows = "151..240".parse().ok();
    let kept = || Options { rows, resume: Some(dir.path().to_owned()), ..Options::golden(slice()) };
    let first = run(kept(), &fake).await;
    let whole = std::fs::read(&journal).expect("the journal");
    for part in [whole.len(), whole.len() / 2, whole.len() / 9] {
        std::fs::write(&journal, &whole[..part]).expect("cut");
        let again = run(Options { twice: part == whole.len() / 2, ..kept() }, &fake).await;
        assert_eq!(again.differences, Vec::<String>::new());
        assert_eq!((again.resumed, again.public_events, again.commands), (true, Some(0), first.commands));
        assert_eq!(again.digests, first.digests);
    }
    let other = Replay::read(Options { guarantee: Guarantee::Card, ..kept() }).expect("read").run(&fake.url).await;
    assert!(other.expect_err("another run").contains("another file, other rows or other options"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refused_commands_are_the_ones_of_row_order_and_the_rest_goes_on() {
    let fake = Fake::start(true).await;
    let dir = tempfile::tempdir().expect("a directory");
    let b = Line { sold: "B", given: "B", ..STAY };
    // Row 3 comes too late for B; row 5 is given a type without rooms; the others stay as they would alone.
    let lines =
        [b, STAY, b, Line { status: "No-Show", ..STAY }, Line { given: "L", ..STAY }, Line { arrival: "2", end: "2015-07-03", ..STAY }];
    let report = run(Options::golden(written(dir.path(), &lines)), &fake).await;
    assert_eq!((report.commands, report.refused, report.skipped), (16, 2, 3));
    let listed = &report.differences;
    assert!(listed[0].starts_with("H1 row 3 on 2015-07-01: book was refused: 409 night-sold-out"), "{listed:?}");
    assert!(listed[1].starts_with("H1 row 5 on 2015-07-01: check-in was refused: 409 no-room-free"), "{listed:?}");
    assert_eq!(listed[2], "H1 row 3: the file says checked_out, the answers have no reservation");
    assert_eq!(listed[3], "H1 row 5: the file says checked_out, the answers no_show");
    assert!(listed[4].starts_with("H1: the file says Totals"), "{listed:?}");
    assert_eq!(listed.len(), 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_cent_is_found() {
    let fake = Fake::start(false).await;
    let dir = tempfile::tempdir().expect("a directory");
    let file = written(dir.path(), &[STAY, STAY]);
    let kept = Options { resume: Some(dir.path().join("kept")), ..Options::golden(file) };
    run(kept.clone(), &fake).await;
    fake.falsify("H1", "H1-000002");
    let report = run(kept, &fake).await;
    assert_eq!(report.differences[0], "H1 row 2: 9851 cents were posted, the file says 9850");
    assert_eq!(report.differences.len(), 2);
}

#[tokio::test]
async fn a_house_in_use_and_a_profile_not_there_are_refused() {
    let fake = Fake::start(false).await;
    run(Options::golden(slice()), &fake).await;
    let dir = tempfile::tempdir().expect("a directory");
    let file = written(dir.path(), &[STAY]);
    let again = Replay::read(Options::golden(file.clone())).expect("read").run(&fake.url).await;
    assert!(again.expect_err("another replay in this house").contains("a replay needs a house without H1"));
    let full = Replay::read(Options { profile: Profile::Full, ..Options::golden(file) });
    assert!(full.err().is_some_and(|why| why.contains("not available yet")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_race_has_one_winner_a_round() {
    let fake = Fake::start(true).await;
    let options = race::Options { rounds: 7, contenders: 16, guarantee: Guarantee::Card };
    let report = race::race(&options, &fake.url).await.expect("raced");
    assert_eq!((report.confirmed, report.refused, report.pending, report.errors, report.oversold), (7, 7 * 15, 0, 0, 0));
    assert_eq!((report.open_authorisations, report.differences), (Some(7), Vec::<String>::new()));
}

/// `POSTHOUSE_REPLAY_FILE=… cargo test --release -p posthouse any_file -- --nocapture`: a whole file by hand.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_file_of_the_format_goes_through() {
    let Ok(file) = std::env::var("POSTHOUSE_REPLAY_FILE") else { return };
    let fake = Fake::start(false).await;
    let report = run(Options::golden(file.into()), &fake).await;
    println!("{}", serde_json::to_string(&report).expect("json"));
    assert_eq!(report.differences, Vec::<String>::new());
    assert!(report.expected.is_none_or(|expected| expected == report.digests));
}
