//! The stream of changes: what a desk is told, in which order, and what a flood does. Time is paused.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use frontdesk::live::hub::{Head, Hubs};
use frontdesk::live::{events, place};
use futures::{FutureExt, Stream, StreamExt};
use kit::Front;
use serde_json::Value;

use crate::straw::{self, Straw, bar, gone};

/// One event: name, data, id.
type Event = (String, Value, Option<String>);

struct Desk {
    stream: Pin<Box<dyn Stream<Item = Bytes> + Send>>,
}

impl Desk {
    fn at(front: &Front, hubs: &Arc<Hubs>, after: Option<Head>) -> Self {
        let window = (straw::TODAY, straw::TODAY.saturating_add(jiff::Span::new().days(7)));
        let listening = hubs.listen(front, "H", Some(window));
        Self { stream: Box::pin(events(front.clone(), hubs.clone(), listening, after)) }
    }

    /// The next write, as events.
    async fn write(&mut self) -> Vec<Event> {
        let bytes = tokio::time::timeout(Duration::from_secs(60), self.stream.next())
            .await
            .expect("something is told")
            .expect("the stream goes on");
        let text = String::from_utf8(bytes.to_vec()).expect("text");
        assert!(text.ends_with("\n\n"), "an event ends with an empty line: {text:?}");
        text.split_terminator("\n\n").map(event).collect()
    }

    /// What there is to read now, without waiting.
    fn ready(&mut self) -> Vec<Event> {
        let bytes = self.stream.next().now_or_never().flatten();
        bytes.map(|bytes| String::from_utf8_lossy(&bytes).split_terminator("\n\n").map(event).collect()).unwrap_or_default()
    }
}

fn event(text: &str) -> Event {
    let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(|value| value.trim_start_matches(": ").to_owned());
    let data = field("data").map(|data| serde_json::from_str(&data).expect("JSON")).unwrap_or_default();
    (field("event").unwrap_or_default(), data, field("id"))
}

fn names(events: &[Event]) -> Vec<&str> {
    events.iter().map(|(name, ..)| name.as_str()).collect()
}

fn house() -> (Arc<Straw>, Front, Arc<Hubs>) {
    let straw = Straw::new();
    let front = straw.front();
    (straw, front, straw::hubs())
}

#[tokio::test(start_paused = true)]
async fn a_change_reaches_every_desk_in_the_same_bytes_and_the_place_stands_on_the_last_row() {
    let (straw, front, hubs) = house();
    let seq = straw.put([bar("r1", Some("A-1"), "confirmed", 1, 2)]);
    let mut desks = [Desk::at(&front, &hubs, Some(("e1".into(), seq))), Desk::at(&front, &hubs, Some(("e1".into(), seq)))];
    for desk in &mut desks {
        let hello = desk.write().await;
        assert_eq!((names(&hello), hello[0].1["seq"].as_u64()), (vec!["hello"], Some(seq)));
    }
    straw.put([bar("r1", Some("A-2"), "confirmed", 1, 2), gone("r9"), bar("r2", None, "confirmed", 0, 1)]);
    let first = desks[0].write().await;
    assert_eq!(names(&first), ["bar", "gone", "bar"]);
    let ids: Vec<Option<&str>> = first.iter().map(|(_, _, id)| id.as_deref()).collect();
    assert_eq!(ids, [None, None, Some("tape.e1.4")]);
    assert_eq!(place("tape.e1.4"), Some(("e1".into(), 4)));
    assert_eq!((&first[0].1["row"], &first[0].1["name"], &first[1].1["why"]), (&"A-2".into(), &"r1 A".into(), &"cancelled".into()));
    assert_eq!(desks[1].write().await, first);
    assert_eq!(straw.house().asked["stays/hotels/H/tape/changes"], 1 + 1 + 2, "one follower, and one question of each desk that comes");
}

#[tokio::test(start_paused = true)]
async fn who_comes_again_is_told_the_present_state_of_what_it_missed_once() {
    let (straw, front, hubs) = house();
    let seq = straw.put([bar("r1", Some("A-1"), "confirmed", 1, 2)]);
    straw.put([bar("r1", Some("A-2"), "confirmed", 1, 2)]);
    straw.put([bar("r1", Some("A-3"), "confirmed", 1, 2), gone("r2")]);
    let mut desk = Desk::at(&front, &hubs, Some(("e1".into(), seq)));
    let told = desk.write().await;
    assert_eq!(names(&told), ["hello", "bar", "gone"]);
    assert_eq!((&told[1].1["row"], told[2].2.as_deref()), (&"A-3".into(), Some("tape.e1.4")));
    straw.put([bar("r3", Some("A-4"), "confirmed", 1, 2)]);
    assert_eq!(desk.write().await[0].1["id"], "r3", "and what comes then, from where it is");
}

#[tokio::test(start_paused = true)]
async fn another_epoch_or_too_much_is_a_reset() {
    let (straw, front, hubs) = house();
    straw.put([bar("r1", Some("A-1"), "confirmed", 1, 2)]);
    let mut other = Desk::at(&front, &hubs, Some(("e0".into(), 1)));
    assert_eq!(names(&other.write().await), ["hello", "reset"]);
    straw.put((0..501).map(|n| bar(&format!("b{n}"), None, "confirmed", 1, 2)));
    let mut late = Desk::at(&front, &hubs, Some(("e1".into(), 1)));
    assert_eq!(names(&late.write().await), ["hello", "reset"]);
}

#[tokio::test(start_paused = true)]
async fn changes_of_one_bar_in_a_moment_are_told_as_one() {
    let (straw, front, hubs) = house();
    let mut desk = Desk::at(&front, &hubs, Some(("e1".into(), 0)));
    desk.write().await;
    straw.put([bar("r1", Some("A-1"), "confirmed", 1, 2)]);
    let begun = tokio::time::Instant::now();
    assert_eq!(desk.write().await[0].1["row"], "A-1");
    assert_eq!(begun.elapsed(), Duration::ZERO, "one change is told at once");
    for room in 2..=9 {
        straw.put([bar("r1", Some(&format!("A-{room}")), "confirmed", 1, 2)]);
    }
    let told = desk.write().await;
    assert_eq!((names(&told), &told[0].1["row"]), (vec!["bar"], &Value::from("A-9")));
    assert!(begun.elapsed() <= Duration::from_millis(101), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_flood_is_one_reset_in_ten_seconds_and_then_goes_on() {
    let (straw, front, hubs) = house();
    let mut desk = Desk::at(&front, &hubs, Some(("e1".into(), 0)));
    desk.write().await;
    let begun = tokio::time::Instant::now();
    let mut resets = Vec::new();
    let flood = |n: u64| straw.put((0..600).map(|k| bar(&format!("f{n}-{k}"), None, "confirmed", 1, 2)));
    for n in 0..25 {
        flood(n);
        tokio::time::sleep(Duration::from_secs(1)).await;
        loop {
            let told = desk.ready();
            if told.is_empty() {
                break;
            }
            assert_eq!(names(&told), ["reset"], "in a flood no row is told");
            resets.push(begun.elapsed().as_secs());
        }
    }
    assert_eq!(resets.len(), 3, "{resets:?}");
    assert!(resets.windows(2).all(|pair| pair[1] - pair[0] >= 10), "{resets:?}");
    let seq = straw.put([bar("last", Some("A-1"), "confirmed", 1, 2)]);
    loop {
        let told = desk.write().await;
        match names(&told).last() {
            Some(&"bar") => {
                assert_eq!(
                    (told.last().map(|e| e.2.clone()), &told.last().expect("one").1["id"]),
                    (Some(Some(format!("tape.e1.{seq}"))), &"last".into())
                );
                break;
            }
            other => assert_eq!(other, Some(&"reset")),
        }
        straw.put([bar("last", Some("A-1"), "confirmed", 1, 2)]);
        let seq_now = straw.house().seq;
        if seq_now > seq {
            tokio::time::sleep(Duration::from_secs(11)).await;
            let told = desk.write().await;
            assert_eq!((names(&told), told[0].2.clone()), (vec!["bar"], Some(format!("tape.e1.{seq_now}"))));
            break;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_silent_house_is_told_once_and_its_return_too() {
    let (straw, front, hubs) = house();
    let mut desk = Desk::at(&front, &hubs, Some(("e1".into(), 0)));
    desk.write().await;
    straw.house().silent.insert("stays".into());
    straw.put([bar("r1", Some("A-1"), "confirmed", 1, 2)]);
    // The poll that is under way still answers.
    assert_eq!(names(&desk.write().await), ["bar"]);
    assert_eq!(desk.write().await[0].1["code"], "stays-silent");
    tokio::time::sleep(Duration::from_secs(30)).await;
    straw.house().silent.clear();
    assert_eq!(desk.write().await[0].1["code"], "stays-back");
    straw.put([gone("r1")]);
    assert_eq!(names(&desk.write().await), ["gone"]);
}

#[tokio::test(start_paused = true)]
async fn sold_nights_are_told_when_they_change_and_at_most_once_a_second() {
    let (straw, front, hubs) = house();
    let mut desk = Desk::at(&front, &hubs, Some(("e1".into(), 0)));
    desk.write().await;
    for n in 1..=3 {
        straw.house().sold = n;
        straw.put([bar(&format!("r{n}"), None, "confirmed", 1, 1)]);
        assert_eq!(names(&desk.write().await), ["bar"]);
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
    let told = desk.write().await;
    assert!(names(&told).iter().all(|name| *name == "night"), "{told:?}");
    assert_eq!(told.len(), 7 * 3, "each type and the house, each night that somebody looks at");
    assert!(told.iter().all(|(_, data, id)| id.is_none() && (data["sold"] == 3 || data["type"] == "*")), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn nobody_is_followed_when_nobody_listens() {
    let (straw, front, hubs) = house();
    let mut desk = Desk::at(&front, &hubs, None);
    assert_eq!(names(&desk.write().await), ["hello"]);
    assert!(hubs.of("H").is_some());
    drop(desk);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(hubs.of("H").is_none());
    let asked = straw.house().asked.clone();
    tokio::time::sleep(Duration::from_secs(120)).await;
    assert_eq!(straw.house().asked, asked);
    let mut again = Desk::at(&front, &hubs, None);
    assert_eq!(names(&again.write().await), ["hello"]);
}

#[tokio::test(start_paused = true)]
async fn who_reads_too_slowly_is_sent_to_fetch_the_whole() {
    let (straw, front, hubs) = house();
    let mut slow = Desk::at(&front, &hubs, Some(("e1".into(), 0)));
    let mut quick = Desk::at(&front, &hubs, Some(("e1".into(), 0)));
    slow.write().await;
    quick.write().await;
    for n in 0..1_100 {
        straw.put([bar(&format!("r{n}"), None, "confirmed", 1, 1)]);
        assert_eq!(names(&quick.write().await)[0], "bar");
    }
    assert_eq!(slow.write().await[0].1["why"], "behind");
}
