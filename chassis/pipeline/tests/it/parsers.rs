//! Whatever comes over the wire, the parsers give a value or a no, never a panic; and what they print they read again.

use feed::Cursor;
use kernel::Timestamp;
use peer::At;
use pipeline::validate::{code, id, text};
use proptest::prelude::*;

use crate::desk::{bank, body};

proptest! {
    #[test]
    fn a_cursor_is_read_as_it_was_printed(lane in 0u8..16, incarnation in "[a-z0-9]{1,16}", pos: u64, hash8 in "[0-9a-f]{8}") {
        let cursor = Cursor { lane, incarnation, pos, hash8 };
        prop_assert_eq!(Cursor::parse(&cursor.to_string()), Some(cursor));
    }

    #[test]
    fn positions_are_read_as_they_were_printed(places in prop::collection::btree_map(("[a-z]{1,9}", 0u8..16), any::<u64>(), 0..5)) {
        let at = At(places);
        prop_assert_eq!(At::parse(&at.to_string()), Some(at));
    }

    #[test]
    fn an_instant_is_read_as_it_was_printed(us in 0i64..4_102_444_800_000_000) {
        prop_assert_eq!(Timestamp::parse(&Timestamp(us).to_string()), Some(Timestamp(us)));
    }

    #[test]
    fn no_text_makes_a_parser_panic(any in "\\PC{0,40}") {
        let _ = (Cursor::parse(&any), At::parse(&any), Timestamp::parse(&any));
        let _ = (code("x", &any), id("x", &any), text("x", &any, 9));
    }

    #[test]
    fn what_is_checked_can_stand_in_a_path(any in "\\PC{0,20}") {
        for checked in [code("x", &any).is_ok(), id("x", &any).is_ok()] {
            prop_assert!(!checked || (!any.is_empty() && any.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')));
        }
    }
}

/// Any header, any query, any body: an answer with a status that was meant.
#[test]
fn no_request_makes_the_pipeline_panic() {
    let visible = "[ -~]{0,30}";
    let strategy = (visible, visible, visible, visible, "\\PC{0,60}");
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig { cases: 200, ..ProptestConfig::default() });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime");
    runner
        .run(&strategy, |(key, at, deadline, if_match, text)| {
            let status = runtime.block_on(bank(async |bank| {
                bank.open("a").await;
                let query: String = text.chars().filter(|c| c.is_ascii_graphic() && !"#\"<>\\^`{|}".contains(*c)).collect();
                let seen = bank.get(&format!("/branches/north/accounts/a?as_of={query}&{query}")).send().await.status().as_u16();
                let sending = bank.post("/branches/north/accounts/a/payments", &text).key(&key).with("posthouse-at", &at);
                let answer = sending.with("posthouse-deadline-ms", &deadline).with("if-match", &if_match).send().await;
                assert!(body(&answer)["code"].is_string());
                (seen, answer.status().as_u16())
            }));
            prop_assert!([200, 400, 404].contains(&status.0), "{}", status.0);
            prop_assert!([400, 412, 503].contains(&status.1), "{}", status.1);
            Ok(())
        })
        .expect("no panic");
}
