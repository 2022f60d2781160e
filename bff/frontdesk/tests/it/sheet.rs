//! The sheet of one reservation, over scripted services.

use std::sync::Arc;

use axum::body::Body;
use http::{Request, StatusCode};
use jiff::ToSpan;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::straw::{Straw, TODAY, bar};

fn eur(amount: i64) -> Value {
    json!({"amount": amount, "currency": "EUR"})
}

/// A reservation from the open date on, with what is different about it.
fn reservation(straw: &Arc<Straw>, state: &str, from: i64, nights: i64, more: &Value) {
    let first = TODAY.saturating_add(from.days());
    let mut all = json!({"confirmation": "PH-7K2", "state": state, "room_type": "A", "sold_as": "A", "arrival": first,
        "departure": first.saturating_add(nights.days()), "adults": 2, "children": 1, "guest": "gst_r1", "price": eur(9_800),
        "guarantee": {"kind": "card"}, "payment": "pay_1", "segment": "Leisure", "version": 7});
    all.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    let mut house = straw.house();
    house.said.insert("reservations/hotels/H/reservations/r1".into(), all);
    house.said.insert("guests/guests/gst_r1".into(), json!({"name": "Silva <Ana>", "email": "ana@example.org", "phone": "+351 1"}));
}

fn event(stream: &str, version: u64, name: &str, at: &str, data: &Value) -> Value {
    json!({"stream": stream, "version": version, "name": name, "at": at, "lane": 1, "pos": version, "data": data,
        "actor": "desk:ana", "caller": "desk:ana", "key": "k", "business_date": TODAY})
}

fn in_house(straw: &Arc<Straw>, nights: i64) {
    reservation(straw, "in_house", -1, nights + 1, &json!({}));
    let from = TODAY.saturating_sub(1.days());
    let stay = json!({"state": "in_house", "room": "B-2", "room_type": "B", "sold_as": "A", "arrival": from,
        "departure": TODAY.saturating_add(nights.days()), "price": eur(9_800)});
    let folio = json!({"balance": eur(9_800), "posted": eur(9_800), "postings": [{"date": from, "amount": eur(9_800), "what": "room"}]});
    straw.house().said.insert("stays/hotels/H/stays/r1".into(), stay);
    straw.house().said.insert("stays/hotels/H/folios/r1".into(), folio);
    straw.put([bar("r1", Some("B-2"), "in_house", -1, nights + 1)]);
}

async fn sheet(straw: &Arc<Straw>) -> String {
    let mut browser = Browser::of(straw).await;
    browser.cookie.push_str("; hotel=H");
    browser.page("/desk/r/r1").await
}

/// The part of a page that is named so.
fn part<'a>(page: &'a str, name: &str) -> &'a str {
    page.split(&format!("data-live=\"{name}\"")).nth(1).map_or("", |rest| rest.split(" data-live=").next().unwrap_or_default())
}

#[tokio::test]
async fn who_arrives_today_is_checked_in_by_the_main_button() {
    let straw = Straw::new();
    reservation(&straw, "confirmed", 0, 2, &json!({}));
    straw.put([bar("r1", Some("A-3"), "confirmed", 0, 2), bar("x", Some("A-1"), "confirmed", 1, 2)]);
    straw.house().rows.get_mut("r1").expect("the bar")["assigned"] = json!(true);
    let page = sheet(&straw).await;
    assert!(page.contains("Silva &#60;Ana&#62;") && page.contains("PH-7K2") && page.contains("ana@example.org"), "{page}");
    assert_eq!(page.matches("button main").count(), 1, "one main button");
    let head = part(&page, "head");
    assert!(head.contains("/desk/r/r1/check-in") && head.contains(r#"data-do="i""#), "{head}");
    assert!(head.find("\"A-3\"") < head.find("\"A-2\"") && head.contains("A-3 · given"), "the given room first: {head}");
    assert!(!head.contains("\"A-1\""), "a room that somebody needs for one of the nights is not offered: {head}");
    assert!(page.contains("2 nights") && page.contains("€196.00") && page.contains("2 adults, 1 child"), "{page}");
    let acts = part(&page, "acts");
    for verb in ["assign", "unassign", "lock", "amend", "type", "cancel"] {
        assert!(acts.contains(&format!("/desk/r/r1/{verb}\"")), "{verb}: {acts}");
    }
    for verb in ["move", "extend", "check-out", "no-show", "unlock"] {
        assert!(!acts.contains(&format!("/desk/r/r1/{verb}\"")), "{verb}: {acts}");
    }
    // Only what reservations decides is guarded by its version.
    assert_eq!(page.matches(r#"name="version" value="7""#).count(), 3, "{acts}");
}

#[tokio::test]
async fn in_house_rooms_to_move_to_say_which_are_upgrades_and_leaving_early_what_it_gives_back() {
    let straw = Straw::new();
    in_house(&straw, 3);
    straw.put([bar("y", Some("B-3"), "in_house", -1, 2)]);
    let page = sheet(&straw).await;
    assert!(!page.contains("button main"), "nothing is due today");
    assert!(page.contains("upgraded from Type A") && part(&page, "head").contains("B-2"), "{page}");
    let acts = part(&page, "acts");
    assert!(acts.contains("Type B: same type") && acts.contains("Type A: not a higher type"), "{acts}");
    assert!(acts.contains("<option>B-4") && !acts.contains("<option>B-3") && !acts.contains("<option>B-2"), "{acts}");
    assert!(acts.contains("3 nights are given back") && acts.contains("/desk/r/r1/extend\""), "{acts}");
    assert!(part(&page, "folio").contains("€98.00"), "{page}");
    in_house(&straw, 0);
    let page = sheet(&straw).await;
    assert!(part(&page, "head").contains("/desk/r/r1/check-out\"") && page.matches("button main").count() == 1, "{page}");
}

#[tokio::test]
async fn cancelling_says_what_becomes_of_the_money() {
    let straw = Straw::new();
    reservation(&straw, "confirmed", 3, 2, &json!({"prepaid": eur(19_600)}));
    let acts = |page: String| part(&page, "acts").to_owned();
    assert!(acts(sheet(&straw).await).contains("€196.00 are refunded in full"));
    reservation(&straw, "confirmed", 0, 2, &json!({"prepaid": eur(19_600)}));
    assert!(acts(sheet(&straw).await).contains("€196.00 were paid in advance and are not refunded"));
    reservation(&straw, "confirmed", -1, 2, &json!({}));
    let late = acts(sheet(&straw).await);
    assert!(late.contains("what is reserved on the card is released") && late.contains("/desk/r/r1/no-show\""), "{late}");
    assert_eq!(late.matches(r#"name="version" value="7""#).count(), 4, "a no-show is guarded like the others: {late}");
    reservation(&straw, "cancelled", 3, 2, &json!({"refund": eur(19_600)}));
    let page = sheet(&straw).await;
    assert!(!page.contains("<summary data-d") && page.contains("€196.00 given back") && page.contains("Cancelled"), "{page}");
}

#[tokio::test]
async fn the_history_tells_what_was_and_what_is_newest_first() {
    let straw = Straw::new();
    in_house(&straw, 3);
    let events = json!([
        event(
            "reservation/r1",
            1,
            "Booked",
            "2027-03-01T10:00:00Z",
            &json!({"room_type": "A", "arrival": "2027-03-03", "departure": "2027-03-06",
            "price": eur(9_800), "payment": "pay_1"})
        ),
        event(
            "reservation/r1",
            2,
            "Amended",
            "2027-03-02T10:00:00Z",
            &json!({"arrival": "2027-03-03", "departure": "2027-03-07", "price": eur(9_000), "reason": "longer & <b>"})
        ),
        event("reservation/r1", 3, "Danced", "2027-03-02T11:00:00Z", &json!({}))
    ]);
    let stays = json!([event(
        "stay/r1",
        1,
        "RoomMoved",
        "2027-03-03T10:00:00Z",
        &json!({"from": "A-4", "room_type": "B", "number": 2, "reason": "noise"})
    )]);
    let paid = json!([event("payment/pay_1", 1, "Authorised", "2027-03-01T10:00:01Z", &json!({"amount": eur(29_400)}))]);
    straw.house().said.insert("reservations reservation/r1".into(), events);
    straw.house().said.insert("stays stay/r1".into(), stays);
    straw.house().said.insert("payments payment/pay_1".into(), paid);
    let page = sheet(&straw).await;
    let history = part(&page, "history");
    let at = |words: &str| history.find(words).unwrap_or_else(|| panic!("{words}: {history}"));
    assert!(at("Moved to room B-2") < at("Danced") && at("Danced") < at("Dates changed"), "{history}");
    assert!(at("Dates changed") < at("€294.00 reserved on the card") && at("€294.00 reserved") < at("Booked: Type A"), "{history}");
    assert!(history.contains("<del>A-4</del>") && history.contains("<ins>B-2</ins>"), "{history}");
    assert!(history.contains("3–6 Mar, €98.00") && history.contains("3–7 Mar, €90.00"), "{history}");
    assert!(history.contains("longer &#38; &#60;b&#62;") && !history.contains("<b>"), "{history}");
    assert!(!page.contains("/ops/trace"), "the timeline of all services is for operators");
}

#[tokio::test]
async fn a_silent_service_costs_its_part_only() {
    let straw = Straw::new();
    in_house(&straw, 2);
    let silence = |service: &str| straw.house().silent = [service.to_owned()].into();
    silence("guests");
    let page = sheet(&straw).await;
    assert!(page.contains("<h1><bdi>PH-7K2</bdi></h1>") && page.contains("Guest names is not answering"), "{page}");
    silence("reservations");
    let page = sheet(&straw).await;
    assert!(part(&page, "head").contains("In house") && part(&page, "folio").contains("€98.00"), "{page}");
    assert!(page.contains("Reservations is not answering: its part of the history"), "{page}");
    assert!(part(&page, "stay").contains('—'), "who they are is not known: {page}");
    silence("stays");
    let page = sheet(&straw).await;
    assert!(page.contains("Silva") && part(&page, "folio").contains('—') && !part(&page, "folio").contains("0.00"), "{page}");
    assert!(part(&page, "acts").contains("The house is not answering, so some of this cannot be done now"), "{page}");
    silence("payments");
    straw.house().said.insert(
        "reservations reservation/r1".into(),
        json!([event("reservation/r1", 1, "Booked", "2027-03-01T10:00:00Z", &json!({"payment": "pay_1"}))]),
    );
    assert!(sheet(&straw).await.contains("Payments is not answering: its part of the history"));
    silence("hotels");
    assert!(sheet(&straw).await.contains("Silva"));
}

#[tokio::test]
async fn what_is_not_in_this_hotel_is_said_so() {
    let straw = Straw::new();
    let browser = Browser::of(&straw).await;
    for id in ["r9", "a%2Fb"] {
        let (status, _, body) = browser.send(Request::get(format!("/desk/r/{id}")), Body::empty()).await;
        let page = String::from_utf8_lossy(&body).into_owned();
        assert_eq!(status, StatusCode::NOT_FOUND);
        assert!(page.contains("No such reservation here") && page.contains("/desk/arrivals"), "{page}");
    }
}
