//! The chart: its page, its numbers, and what is done on it.

use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::straw::{self, Straw, bar};

fn wish(more: Value) -> Value {
    let mut wish = json!({"hotel": "H", "id": "r1", "key": "0123456789abcdef"});
    wish.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    wish
}

#[tokio::test]
async fn the_page_has_the_first_rows_and_tonights_list_and_no_style_of_its_own() {
    let straw = Straw::new();
    straw.put([bar("r1", Some("A-1"), "in_house", -2, 2), bar("r2", Some("A-1"), "confirmed", 0, 3), bar("r3", None, "confirmed", 1, 1)]);
    let page = Browser::of(&straw).await.page("/desk/tape?nights=7").await;
    assert!(page.contains(r#"class="bar due out sb w2" role="gridcell" aria-colindex="2" aria-colspan="1">r1 A<"#), "{page}");
    assert!(page.contains(r#"class="bar due in s1 w3" role="gridcell" aria-colindex="3" aria-colspan="3">r2 A<"#), "{page}");
    assert!(page.contains(r#"class="bar urgent s2 w1""#), "what has no room and comes soon asks for one: {page}");
    assert!(page.contains("/desk/r/r1") && !page.contains("/desk/r/r3"), "tonight's list");
    assert!(!page.contains("style=") && !page.contains("onclick"));
}

#[tokio::test]
async fn a_silent_service_costs_its_part_only() {
    let straw = Straw::new();
    straw.put([bar("r1", Some("A-1"), "in_house", -2, 4)]);
    straw.house().silent.extend(["guests".to_owned(), "inventory".to_owned()]);
    let browser = Browser::of(&straw).await;
    let page = browser.page("/desk/tape").await;
    assert!(page.contains("PH-r1") && page.contains("<b>—</b>"), "numbers stand in for names, and totals are not known");
    straw.house().silent.extend(["stays".to_owned(), "hotels".to_owned()]);
    let page = browser.page("/desk/tape?from=2027-03-01").await;
    assert!(page.contains(r#"id="missing""#));
    let (status, ..) = browser.send(Request::get("/desk/tape.json?hotel=H&from=2027-03-01"), Body::empty()).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn the_numbers_of_a_full_month_are_small_and_quickly_written() {
    let straw = Straw::new();
    let rooms: Vec<(String, &'static str)> = (1..=250).map(|n| (format!("A-{n:03}"), "A")).collect();
    straw.house().rooms = rooms;
    straw.put((0..2_385).map(|n| {
        let room = (n % 6 == 0).then(|| format!("A-{:03}", n / 6 % 250 + 1));
        bar(
            &format!("res_{:016x}", 0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(n + 1)),
            room.as_deref(),
            "confirmed",
            n as i64 % 31,
            1 + n as i64 % 5,
        )
    }));
    let browser = Browser::of(&straw).await;
    let path = "/desk/tape.json?hotel=H&from=2027-03-04&nights=31";
    let (status, headers, body) = browser.send(Request::get(path).header("accept-encoding", "gzip"), Body::empty()).await;
    assert_eq!((status, headers["content-encoding"].to_str().expect("text")), (StatusCode::OK, "gzip"));
    assert!(body.len() < 85_000, "{} bytes are sent", body.len());
    let (_, _, plain) = browser.send(Request::get(path), Body::empty()).await;
    let said: Value = serde_json::from_slice(&plain).expect("JSON");
    assert_eq!((said["bars"]["id"].as_array().map(Vec::len), said["rooms"].as_array().map(Vec::len)), (Some(2_385), Some(250)));
    assert_eq!((&said["bars"]["name"][0].as_str().map(str::is_empty), &said["is_all_named"]), (&Some(false), &Value::Bool(true)));
    let heads = browser.page(&format!("{path}&only=heads")).await;
    assert!(heads.contains(r#""bars":{"id":[],"#) && heads.len() < 20_000);
    // How long, for whoever asks: `cargo test -p frontdesk full_month -- --nocapture`.
    let begun = tokio::time::Instant::now();
    for _ in 0..10 {
        browser.send(Request::get(path).header("accept-encoding", "gzip"), Body::empty()).await;
    }
    println!(
        "tape.json: {} bars, {} bytes plain, {} sent, {:?} each with a scripted house",
        2_385,
        plain.len(),
        body.len(),
        begun.elapsed() / 10
    );
}

#[tokio::test]
async fn each_verb_is_one_command_under_the_browsers_key() {
    let straw = Straw::new();
    let browser = Browser::of(&straw).await;
    let cases = [
        ("assign", json!({"room": "A-2"}), "/hotels/H/assignments", json!({"reservation": "r1", "room": "A-2"})),
        ("unassign", json!({}), "/hotels/H/assignments/r1/removal", json!({})),
        ("move", json!({"room": "A-3"}), "/hotels/H/stays/r1/room-moves", json!({"room": "A-3"})),
        ("extend", json!({"to": "2027-03-09"}), "/hotels/H/stays/r1/extension", json!({"departure": "2027-03-09"})),
        (
            "amend",
            json!({"from": "2027-03-05", "to": "2027-03-09"}),
            "/hotels/H/reservations/r1/amendment",
            json!({"arrival": "2027-03-05", "departure": "2027-03-09"}),
        ),
        ("lock", json!({"locked": true}), "/hotels/H/stays/r1/lock", json!({"locked": true})),
        ("check-out", json!({}), "/hotels/H/stays/r1/check-out", json!({})),
    ];
    for (verb, more, path, fields) in cases {
        browser.act(verb, wish(more)).await;
        let (sent_path, key, body) = straw.house().commands.pop().expect("a command");
        assert!(sent_path.ends_with(path), "{verb}: {sent_path}");
        assert_eq!(key, "0123456789abcdef");
        for (name, value) in fields.as_object().expect("an object") {
            assert!(body.get(name).is_none_or(|sent| sent == value), "{verb}: {body}");
        }
        assert!(straw.house().commands.is_empty(), "{verb} is one command");
    }
}

#[tokio::test]
async fn a_higher_type_is_two_commands_and_a_lost_answer_between_them_does_no_harm() {
    let straw = Straw::new();
    let browser = Browser::of(&straw).await;
    let up = || wish(json!({"room": "B-1", "upgrade": "B"}));
    browser.act("assign", up()).await;
    let sent: Vec<(String, String)> = straw.house().commands.drain(..).map(|(path, key, _)| (path, key)).collect();
    assert!(sent[0].0.ends_with("/type-change") && sent[1].0.ends_with("/assignments"), "{sent:?}");
    assert_eq!((sent[0].1.as_str(), sent[1].1.as_str()), ("0123456789abcdef/type", "0123456789abcdef/room"));
    straw.house().refusals = vec![Some((409, "same-room-type")), None, None, None];
    assert_eq!(browser.act("assign", up()).await["came"], "unknown", "asked again with the same key by the browser");
    straw.house().refusals = vec![Some((409, "same-room-type")), Some((409, "room-occupied"))];
    let came = browser.act("assign", up()).await;
    assert_eq!((&came["came"], &came["half"], &came["code"]), (&json!("no"), &json!(true), &json!("room-occupied")));
    straw.house().refusals = vec![Some((409, "night-sold-out"))];
    let came = browser.act("assign", up()).await;
    assert_eq!((&came["came"], came.get("half")), (&json!("no"), None));
    assert!(came["text"].as_str().is_some_and(|text| text.len() > 20), "a refusal is said in words");
}

#[tokio::test]
async fn nobody_acts_without_a_role_a_key_or_a_known_verb() {
    let straw = Straw::new();
    let mut browser = Browser::of(&straw).await;
    let request = || Request::post("/desk/tape/move").header("content-type", "application/json").header("accept", "application/json");
    let bad = wish(json!({"room": "A-1", "key": "short"}));
    assert_eq!(browser.send(request(), Body::from(bad.to_string())).await.0, StatusCode::BAD_REQUEST);
    let strange = Request::post("/desk/tape/burn").header("content-type", "application/json");
    assert_eq!(browser.send(strange, Body::from(wish(json!({})).to_string())).await.0, StatusCode::NOT_FOUND);
    browser.cookie = String::new();
    for path in ["/desk/live?hotel=H", "/desk/tape.json?hotel=H"] {
        let (status, ..) = browser.send(Request::get(path).header("accept", "application/json"), Body::empty()).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{path}");
    }
    assert_eq!(browser.send(request(), Body::from(wish(json!({"room": "A-1"})).to_string())).await.0, StatusCode::UNAUTHORIZED);
    assert!(straw.house().commands.is_empty());
}

#[tokio::test(start_paused = true)]
async fn in_a_flood_one_snapshot_serves_all_desks() {
    let straw = Straw::new();
    let (front, hubs) = (straw.front(), straw::hubs());
    let browser = Browser { app: frontdesk::pages_with(front.clone(), hubs.clone()), cookie: Browser::of(&straw).await.cookie };
    let mut desk = Box::pin(frontdesk::live::events(front.clone(), hubs.clone(), hubs.listen(&front, "H", None), None));
    futures::StreamExt::next(&mut desk).await;
    let path = "/desk/tape.json?hotel=H&from=2027-03-04";
    let asked = || straw.house().asked["stays/hotels/H/tape"];
    for n in 1..=3 {
        browser.page(path).await;
        assert_eq!(asked(), n, "in quiet times everybody gets the present");
    }
    straw.put((0..600).map(|n| bar(&format!("f{n}"), None, "confirmed", 1, 2)));
    futures::StreamExt::next(&mut desk).await;
    for _ in 0..100 {
        browser.page(path).await;
    }
    assert_eq!(asked(), 4);
}
