//! The journal: what survives a crash, what is refused.

use std::path::Path;

use super::super::journal::{Finished, Journal, Refusal};

fn stage(hotel: &str, ordinal: u32, books: u64) -> Finished {
    let refused = vec![Refusal { row: 7, step: "book".to_owned(), why: "409 night-sold-out".to_owned() }];
    Finished { hotel: hotel.to_owned(), ordinal, sent: [books, 0, 0, 0, 0, 0], refused, ..Finished::default() }
}

fn reopen(dir: &Path) -> Result<Vec<Finished>, String> {
    let (journal, finished) = Journal::open(dir, "rows and options")?;
    journal.close()?;
    Ok(finished)
}

fn written(dir: &Path, stages: &[Finished]) {
    let (journal, _) = Journal::open(dir, "rows and options").expect("opened");
    for stage in stages {
        journal.note(stage).expect("noted");
    }
    journal.close().expect("closed");
}

#[test]
fn a_journal_says_what_was_noted() {
    let dir = tempfile::tempdir().expect("a directory");
    assert_eq!(reopen(dir.path()), Ok(vec![]));
    let stages = [stage("H1", 0, 5), stage("H2", 0, 1), stage("H1", 4, 2)];
    written(dir.path(), &stages);
    assert_eq!(reopen(dir.path()), Ok(stages.to_vec()));
}

#[test]
fn a_stage_sent_again_replaces_itself_and_what_came_after() {
    let dir = tempfile::tempdir().expect("a directory");
    written(dir.path(), &[stage("H1", 0, 5), stage("H1", 2, 6), stage("H2", 3, 1)]);
    written(dir.path(), &[stage("H1", 2, 7)]);
    assert_eq!(reopen(dir.path()), Ok(vec![stage("H1", 0, 5), stage("H2", 3, 1), stage("H1", 2, 7)]));
}

#[test]
fn a_torn_last_line_is_dropped_and_written_over() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("journal.jsonl");
    written(dir.path(), &[stage("H1", 0, 5), stage("H1", 1, 6)]);
    let whole = std::fs::read(&path).expect("the journal");
    for cut in 1..40 {
        std::fs::write(&path, &whole[..whole.len() - cut]).expect("cut");
        assert_eq!(reopen(dir.path()), Ok(vec![stage("H1", 0, 5)]), "{cut} bytes less");
        written(dir.path(), &[stage("H1", 1, 8)]);
        assert_eq!(reopen(dir.path()), Ok(vec![stage("H1", 0, 5), stage("H1", 1, 8)]));
    }
}

#[test]
fn other_damage_and_another_run_are_refused() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("journal.jsonl");
    written(dir.path(), &[stage("H1", 0, 5), stage("H1", 1, 6)]);
    let other = Journal::open(dir.path(), "other rows").err().expect("refused");
    assert!(other.contains("another file"), "{other}");
    let text = std::fs::read_to_string(&path).expect("the journal");
    std::fs::write(&path, text.replacen("ordinal\":0", "ordinal\":x", 1)).expect("damaged");
    assert!(reopen(dir.path()).expect_err("damaged").contains("line 2 is damaged"));
}
