//! The tape after random histories: what is known is what happened, and what is planned never clashes.

use std::collections::{BTreeMap, BTreeSet};

use feed::sql::{Db, Row};
use feed::{Tx, sql::SqlFault};
use kernel::chance::Seeded;
use stays::views::tape::bar::{Bar, COLUMNS, State};

use crate::story::{Hotel, Known, Said, booked, database, first_day};

async fn take_in(db: &Db, said: &[Said]) {
    let said = said.to_vec();
    db.write(move |tx| said.iter().try_for_each(|said| said.take_in(tx))).await.expect("taken in");
}

/// Everything on the tape and the number of its last change.
async fn tape(db: &Db) -> (BTreeMap<String, Bar>, i64) {
    let read = |tx: &Tx<'_>| -> Result<(Vec<Row>, Vec<Row>), SqlFault> {
        Ok((tx.rows(&format!("SELECT {COLUMNS} FROM tape"), &[])?, tx.rows("SELECT seq FROM tape_hotels", &[])?))
    };
    let (bars, seq) = db.read(read).await.expect("read");
    let bars = bars.iter().map(Bar::of_row).map(|bar| (bar.id.clone(), bar)).collect();
    (bars, seq.first().map_or(0, |row| row[0].int()))
}

/// Nobody shares a row with somebody planned, and nobody is planned where there is no room.
fn well_planned(bars: &BTreeMap<String, Bar>, hotel: &Hotel<'_>, when: &str) {
    let mut taken: BTreeMap<(String, String), &Bar> = BTreeMap::new();
    for bar in bars.values().filter(|bar| bar.state.is_live()) {
        let Some(row) = bar.row() else { continue };
        assert!((1..=if row.room_type == "A" { 5 } else { 3 }).contains(&row.number), "{when}: {bar:?} is in no room");
        let nights = bar.arrival.max(hotel.today).series(jiff::Span::new().days(1)).take_while(|night| *night < bar.departure);
        for night in nights {
            let other = taken.insert((row.name(), night.to_string()), bar);
            // Two that have the room: one feed says that the nights are others, the other not yet that the room is taken back.
            let both_real = |other: &Bar| other.real.is_some() && bar.real.is_some();
            assert!(other.is_none_or(both_real), "{when}: {} and {other:?} share {} on {night}", bar.id, row.name());
        }
    }
}

fn as_known(bars: &BTreeMap<String, Bar>, known: &BTreeMap<String, Known>, when: &str) {
    assert_eq!(bars.len(), known.len(), "{when}");
    for (bar, (id, known)) in bars.values().zip(known) {
        let shows = Known {
            room_type: bar.room_type.clone(),
            arrival: bar.arrival,
            departure: bar.departure,
            state: bar.state.word(),
            room: bar.real.clone(),
        };
        assert_eq!((&bar.id, &shows), (id, known), "{when}");
    }
}

#[tokio::test(start_paused = true)]
async fn whatever_happens_no_planned_row_clashes_and_changes_are_what_has_changed() {
    let (mut planned, mut over, mut moved) = (0, 0, 0);
    for seed in 1..12 {
        let (chance, db) = (Seeded::new(seed), database());
        let mut hotel = Hotel { chance: &chance, today: first_day(), known: BTreeMap::new() };
        take_in(&db, &hotel.opened()).await;
        let (mut before, mut seq) = tape(&db).await;
        for step in 0..250 {
            for said in hotel.happen() {
                take_in(&db, &[said]).await;
                let when = format!("seed {seed}, step {step}");
                let (bars, now) = tape(&db).await;
                well_planned(&bars, &hotel, &when);
                // What is newer than a number is all that has changed since, and each change had the next number.
                let newer: BTreeMap<_, _> =
                    bars.iter().filter(|(_, bar)| bar.seq > seq).map(|(id, bar)| (id.clone(), bar.clone())).collect();
                let numbers: BTreeSet<i64> = newer.values().map(|bar| bar.seq).collect();
                assert_eq!(numbers.len(), newer.len(), "{when}: a number twice");
                assert!(
                    newer.len() as i64 <= now - seq && numbers.last().is_none_or(|last| *last == now),
                    "{when}: {numbers:?} of {seq} to {now}"
                );
                moved += newer.len().saturating_sub(1);
                before.extend(newer);
                assert_eq!(before, bars, "{when}: changes are not the difference");
                seq = now;
            }
            let (bars, _) = tape(&db).await;
            as_known(&bars, &hotel.known, &format!("seed {seed}, step {step}"));
            planned += bars.values().filter(|bar| bar.planned.is_some()).count();
            over += bars.values().filter(|bar| bar.state == State::Confirmed && bar.row().is_none()).count();
        }
    }
    assert!(planned > 1_000 && over > 100 && moved > 100, "planned {planned}, over {over}, moved by others {moved}");
}

#[tokio::test(start_paused = true)]
async fn what_is_known_does_not_depend_on_which_feed_is_heard_first() {
    for seed in 1..12 {
        let chance = Seeded::new(seed);
        let mut hotel = Hotel { chance: &chance, today: first_day(), known: BTreeMap::new() };
        let mut said = hotel.opened();
        (0..200).for_each(|_| said.extend(hotel.happen()));
        let (own, theirs): (Vec<_>, Vec<_>) = said.iter().cloned().partition(|said| matches!(said, Said::Own(_)));
        let mut told = Vec::new();
        for order in [said, [own.clone(), theirs.clone()].concat(), [theirs, own].concat()] {
            let db = database();
            take_in(&db, &order).await;
            let (bars, _) = tape(&db).await;
            as_known(&bars, &hotel.known, &format!("seed {seed}"));
            well_planned(&bars, &hotel, &format!("seed {seed}"));
            told.push(bars.into_values().map(|bar| Bar { planned: None, seq: 0, ..bar }).collect::<Vec<_>>());
        }
        assert!(told.iter().all(|bars| *bars == told[0]), "seed {seed}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_booking_is_drawn_in_the_first_row_that_is_free_and_out_of_the_over_lane_when_one_becomes_free() {
    let (chance, db) = (Seeded::new(1), database());
    let hotel = Hotel { chance: &chance, today: first_day(), known: BTreeMap::new() };
    take_in(&db, &hotel.opened()).await;
    let day = |n: i32| first_day().saturating_add(jiff::Span::new().days(n));
    for n in 0..4 {
        take_in(&db, &[booked(&format!("b{n}"), "B", day(1), day(3))]).await;
    }
    let rows = async || tape(&db).await.0.values().map(|bar| bar.planned).collect::<Vec<_>>();
    assert_eq!(rows().await, [Some(1), Some(2), Some(3), None]);
    take_in(&db, &[booked("c", "B", day(3), day(4))]).await;
    assert_eq!(rows().await, [Some(1), Some(2), Some(3), None, Some(1)]);
    take_in(&db, &[crate::story::theirs("Cancelled", &crate::story::fact("b1", "cancelled"))]).await;
    assert_eq!(rows().await, [Some(1), None, Some(3), Some(2), Some(1)]);
}
