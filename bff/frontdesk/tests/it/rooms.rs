//! The rack of rooms and what housekeeping reports.

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::straw::{Straw, bar};

const KEY: &str = "0123456789abcdef";

fn shown(page: &Value) -> Vec<&str> {
    page["rows"].as_array().expect("rows").iter().filter_map(|row| row["room"].as_str()).collect()
}

fn count(page: &Value, key: &str) -> Value {
    page["counts"].as_array().expect("counts").iter().find(|c| c["key"] == key).expect("the count")["n"].clone()
}

#[tokio::test]
async fn every_room_says_its_condition_and_who_is_in_it() {
    let straw = Straw::new();
    straw.house().dirty.extend(["A-3".to_owned(), "B-1".to_owned()]);
    straw.put([bar("stays", Some("A-1"), "in_house", -2, 4), bar("leaves", Some("A-2"), "in_house", -2, 2)]);
    let mut given = bar("comes", Some("A-3"), "confirmed", 0, 2);
    given["assigned"] = json!(true);
    let mut drawn = bar("drawn", Some("A-4"), "confirmed", 0, 2);
    drawn["planned"] = json!(true);
    straw.put([given, drawn]);
    let browser = Browser::of(&straw).await;
    let page = browser.json("/desk/rooms", None).await;
    assert_eq!(shown(&page).len(), 25);
    let counts = ["all", "dirty", "clean", "occupied", "due-out", "due-in"].map(|key| count(&page, key));
    assert_eq!(counts, [25, 2, 21, 2, 1, 1].map(|n| json!(n)), "a room that is only drawn is given to nobody");
    for (only, rooms) in
        [("dirty", vec!["A-3", "B-1"]), ("occupied", vec!["A-1", "A-2"]), ("due-out", vec!["A-2"]), ("due-in", vec!["A-3"])]
    {
        assert_eq!(shown(&browser.json(&format!("/desk/rooms?only={only}"), None).await), rooms, "{only}");
    }
    assert_eq!(shown(&browser.json("/desk/rooms?only=dirty&type=B", None).await), ["B-1"]);
    let html = browser.page("/desk/rooms").await;
    for part in [r#"href="/desk/r/stays"><bdi>stays A</bdi>"#, "■ dirty", "□ clean", r#"value="A-3.clean""#, r#"value="A-5.dirty""#] {
        assert!(html.contains(part), "{part}: {html}");
    }
    assert!(!html.contains(r#"value="A-1.dirty""#), "somebody is in it");
}

#[tokio::test]
async fn what_is_not_known_is_no_number() {
    let straw = Straw::new();
    straw.house().silent.insert("stays".into());
    let browser = Browser::of(&straw).await;
    let page = browser.json("/desk/rooms", None).await;
    assert_eq!((&page["missing"], &page["rows"], count(&page, "dirty")), (&json!(["stays"]), &Value::Null, Value::Null));
    assert!(browser.page("/desk/rooms").await.contains("<b>—</b>"));
}

#[tokio::test]
async fn one_press_is_one_room_and_marks_are_one_command() {
    let straw = Straw::new();
    let browser = Browser::of(&straw).await;
    let with = |more: &[(&'static str, &'static str)]| {
        [("hotel", "H"), ("key", KEY), ("back", "/desk/rooms?only=dirty")].into_iter().chain(more.iter().copied()).collect::<Vec<_>>()
    };
    let (_, to, _) = browser.form("/desk/rooms/condition", &with(&[("room", "A-5"), ("one", "A-1.clean")])).await;
    assert_eq!(to, "/desk/rooms?only=dirty&did=room-clean.A-1");
    assert!(browser.page(&to).await.contains("Room A-1 is clean."));
    let (_, to, _) = browser.form("/desk/rooms/condition", &with(&[("room", "A-1"), ("room", "A-2"), ("condition", "dirty")])).await;
    assert_eq!(to, "/desk/rooms?only=dirty&did=rooms-dirty.2");
    let commands = straw.house().commands.clone();
    let said: Vec<_> = commands.iter().map(|(path, _, body)| (path.as_str(), &body["rooms"], &body["condition"])).collect();
    let path = "/hotels/H/room-conditions";
    assert_eq!(said, [(path, &json!(["A-1"]), &json!("clean")), (path, &json!(["A-1", "A-2"]), &json!("dirty"))]);
    straw.house().refusals.push(Some((409, "room-occupied")));
    let (_, to, _) = browser.form("/desk/rooms/condition", &with(&[("one", "A-1.clean")])).await;
    assert!(to.ends_with("no=room-occupied"), "{to}");
    for bad in [with(&[("condition", "clean")]), with(&[("one", "A-1.spotless")]), with(&[("one", "A-1")])] {
        let (_, to, _) = browser.form("/desk/rooms/condition", &bad).await;
        assert!(to.ends_with("no=invalid-request"), "{bad:?}: {to}");
    }
}

#[tokio::test]
async fn the_rack_of_a_large_house_is_small_to_send() {
    let straw = Straw::new();
    straw.house().rooms = (1..=252).map(|no| (format!("A-{no}"), "A")).collect();
    straw.put((1..=217).map(|no| bar(&format!("0198c2d0-{:x}", no * 7_919_317_u64), Some(&format!("A-{no}")), "in_house", -1, 3)));
    let browser = Browser::of(&straw).await;
    let bytes = browser.sent("/desk/rooms").await;
    assert!((1_000..40_000).contains(&bytes), "{bytes}");
}
