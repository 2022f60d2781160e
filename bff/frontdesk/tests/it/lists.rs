//! House status and the three lists: what they say, in which order, and what they do when somebody is silent.

use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::straw::{Straw, bar};

/// A bar with something else about it.
fn with(mut bar: Value, more: Value) -> Value {
    bar.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    bar
}

fn room(name: &str, condition: &str) -> Value {
    json!({"room": name, "room_type": name.split('-').next(), "number": 1, "condition": condition})
}

async fn json_of(browser: &Browser, path: &str) -> Value {
    let (status, _, body) = browser.send(Request::get(path).header("accept", "application/json"), Body::empty()).await;
    assert_eq!(status, StatusCode::OK, "{path}");
    serde_json::from_slice(&body).expect("JSON")
}

/// Ids of the rows, in order.
fn ids(page: &Value) -> Vec<&str> {
    page["rows"].as_array().expect("rows").iter().filter_map(|row| row["id"].as_str()).collect()
}

/// The row of a page.
fn row<'a>(page: &'a str, id: &str) -> &'a str {
    let from = page.find(&format!(r#"<tr data-key="{id}""#)).unwrap_or_else(|| panic!("no row {id}: {page}"));
    page[from..].split("</tr>").next().expect("its end")
}

fn arrivals() -> Vec<Value> {
    vec![
        with(bar("zoe", None, "confirmed", 0, 2), json!({"ready": ["A-1", "A-3"]})),
        with(bar("bo", Some("A-7"), "confirmed", 0, 1), json!({"assigned": true, "locked": true, "ready": ["A-1"], "sold_as": "B"})),
        with(bar("cy", Some("A-8"), "confirmed", 0, 3), json!({"assigned": true, "ready": ["A-1"]})),
        with(bar("dan", Some("B-1"), "confirmed", 0, 1), json!({"planned": true, "ready": []})),
        with(bar("amy", Some("A-2"), "in_house", 0, 1), json!({"posted": {"amount": 0, "currency": "EUR"}})),
        with(bar("late", None, "confirmed", -1, 3), json!({"ready": ["A-1"]})),
    ]
}

#[tokio::test]
async fn arrivals_say_who_comes_which_rooms_are_ready_and_what_is_next() {
    let straw = Straw::new();
    straw.house().lists.insert("arrivals", arrivals());
    straw.house().rack = vec![room("A-1", "clean"), room("A-3", "clean"), room("A-7", "clean"), room("A-8", "dirty"), room("B-1", "dirty")];
    let browser = Browser::of(&straw).await;

    let all = json_of(&browser, "/desk/arrivals?show=all").await;
    assert_eq!(ids(&all), ["late", "bo", "cy", "dan", "zoe", "amy"], "urgent ones, then due ones, each by name, then the rest");
    assert_eq!(all["counts"], json!({"due": 5, "done": 1, "all": 6}));
    assert_eq!(ids(&json_of(&browser, "/desk/arrivals").await).len(), 5, "what is due is what one wants to see");
    assert_eq!(ids(&json_of(&browser, "/desk/arrivals?show=done").await), ["amy"]);
    let ready = json_of(&browser, "/desk/arrivals?ready=1&type=B").await;
    assert_eq!((ids(&ready).len(), &ready["counts"]["due"]), (0, &json!(0)));
    assert_eq!(ids(&json_of(&browser, "/desk/arrivals?type=B").await), ["dan"]);
    assert_eq!(ids(&json_of(&browser, "/desk/arrivals?type=never-heard").await).len(), 5);
    assert_eq!(ids(&json_of(&browser, "/desk/arrivals?sort=room").await), ["bo", "cy", "dan", "late", "zoe"]);

    let page = browser.page("/desk/arrivals?show=all").await;
    let bo = row(&page, "bo");
    assert!(
        bo.contains("<bdi>bo A</bdi>") && bo.contains("PH-bo") && bo.contains("sold as Type B") && bo.contains("kept in this room"),
        "{bo}"
    );
    assert!(bo.contains("data-given><option>A-7</option><option>A-1</option>"), "the room that was given comes first: {bo}");
    let cy = row(&page, "cy");
    assert!(cy.contains("the room given is not ready") && cy.contains("<option>A-1</option>") && !cy.contains("<option>A-8"), "{cy}");
    assert!(cy.contains("€294.00"), "three nights: {cy}");
    let dan = row(&page, "dan");
    assert!(dan.contains("planned only") && dan.contains("no room ready") && dan.contains("1 dirty") && !dan.contains("<form"), "{dan}");
    assert!(!row(&page, "amy").contains("<form"), "who is here is not checked in again");
    assert!(row(&page, "late").contains("chip urgent"));
    assert_eq!(page.matches("button small main").count(), 1, "one main button");
    let keys: std::collections::BTreeSet<&str> =
        page.split(r#"name="key" value=""#).skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(keys.len(), 4, "each form is its own command: {keys:?}");
}

#[tokio::test]
async fn a_rows_form_is_what_the_house_is_asked() {
    let straw = Straw::new();
    straw.house().lists.insert("arrivals", arrivals());
    let browser = Browser::of(&straw).await;
    let page = browser.page("/desk/arrivals").await;
    let zoe = row(&page, "zoe");
    let value =
        |name: &str| zoe.split(&format!(r#"name="{name}" value=""#)).nth(1).and_then(|rest| rest.split('"').next()).expect("a field");
    let action = zoe.split(r#"action=""#).nth(1).and_then(|rest| rest.split('"').next()).expect("an action");
    let fields = [("hotel", value("hotel")), ("key", value("key")), ("back", value("back")), ("room", "A-1")];
    let (status, to, _) = browser.form(action, &fields).await;
    assert_eq!((status, to.as_str()), (StatusCode::SEE_OTHER, "/desk/arrivals?did=check-in.A-1"));
    let (path, _, body) = straw.house().commands[0].clone();
    assert_eq!((path.as_str(), &body), ("/hotels/H/stays", &json!({"reservation": "zoe", "room": "A-1"})));
    assert!(browser.page(&to).await.contains("The guest is checked in, room A-1."));
}

#[tokio::test]
async fn who_should_have_left_before_stands_among_the_departures() {
    let straw = Straw::new();
    let (today, stays) = (bar("out", Some("A-4"), "in_house", -2, 2), bar("stays", Some("A-5"), "in_house", -1, 3));
    let missed = with(bar("missed", Some("A-6"), "in_house", -3, 2), json!({"posted": {"amount": 19_600, "currency": "EUR"}}));
    straw.house().lists.insert("departures", vec![today.clone(), bar("left", Some("A-9"), "checked_out", -2, 2)]);
    straw.house().lists.insert("in-house", vec![today, stays, missed]);
    let browser = Browser::of(&straw).await;
    let departures = json_of(&browser, "/desk/departures?show=all").await;
    assert_eq!(ids(&departures), ["missed", "out", "left"]);
    assert_eq!(departures["counts"], json!({"due": 2, "done": 1, "all": 3}));
    assert_eq!(departures["rows"][0]["amount"]["amount"], 19_600);
    let here = json_of(&browser, "/desk/in-house").await;
    assert_eq!(ids(&here), ["missed", "out", "stays"], "all who are here, those first who should not be");
    let page = browser.page("/desk/in-house").await;
    assert!(row(&page, "out").contains("/desk/r/out/check-out") && !row(&page, "stays").contains("<form"));
}

#[tokio::test]
async fn a_silent_service_costs_its_part_and_no_more() {
    let straw = Straw::new();
    straw.house().lists.insert("arrivals", arrivals());
    straw.house().silent.insert("guests".into());
    let browser = Browser::of(&straw).await;
    let page = browser.page("/desk/arrivals").await;
    assert!(page.contains("numbers stand in for names") && row(&page, "zoe").contains("<bdi>PH-zoe</bdi>"), "{page}");
    straw.house().silent.insert("hotels".into());
    let page = browser.page("/desk/arrivals").await;
    assert!(page.contains("The hotel directory is not answering"));
    straw.house().silent.clear();
    straw.house().silent.insert("stays".into());
    let page = browser.page("/desk/arrivals").await;
    assert!(page.contains("this list is not known now") && page.contains("The house is not answering"), "{page}");
    assert!(!page.contains("Nobody is still to come"), "what is not known is not nobody");
    assert!(page.contains(r#"<span class="strong">—</span>"#), "nor none");
}

#[tokio::test]
async fn hotels_are_known_by_their_last_names_while_their_directory_is_silent() {
    let straw = Straw::new();
    let mut browser = Browser::of(&straw).await;
    assert!(browser.page("/desk/arrivals").await.contains("The Straw"));
    straw.house().silent.insert("hotels".into());
    let page = browser.page("/desk/arrivals").await;
    assert!(page.contains("The Straw") && page.contains(r#"<option value="H" selected>"#), "{page}");
    // Where nobody has asked before there is nothing to keep: the hotel goes by its code.
    browser = Browser::of(&straw).await;
    browser.cookie.push_str("; hotel=H");
    let page = browser.page("/desk/arrivals").await;
    assert!(!page.contains("The Straw") && page.contains("Nobody is still to come today."), "{page}");
}

#[tokio::test]
async fn an_empty_list_is_one_sentence_and_one_action() {
    let straw = Straw::new();
    let browser = Browser::of(&straw).await;
    let page = browser.page("/desk/arrivals").await;
    assert!(page.contains("Nobody is still to come today.") && page.contains(r#"href="/desk/tape">Look at the tape chart"#));
    straw.house().lists.insert("arrivals", vec![bar("amy", Some("A-2"), "in_house", 0, 1)]);
    let page = browser.page("/desk/arrivals").await;
    assert!(page.contains(r#"href="/desk/arrivals?show=all">Show all"#), "{page}");
}

#[tokio::test]
async fn two_hundred_rows_are_at_most_eighty_kilobytes() {
    let straw = Straw::new();
    let many = (0..200).map(|n| {
        with(bar(&format!("res_0k{n:014}"), None, "confirmed", 0, 1 + n % 5), json!({"ready": ["A-1", "A-2", "A-3", "A-4", "A-5"]}))
    });
    straw.house().lists.insert("arrivals", many.collect());
    let browser = Browser::of(&straw).await;
    let (status, headers, body) = browser.send(Request::get("/desk/arrivals").header("accept-encoding", "gzip"), Body::empty()).await;
    assert_eq!((status, headers["content-encoding"].to_str().expect("text")), (StatusCode::OK, "gzip"));
    // Beside it stand styles, scripts and icons, which a browser fetches once.
    assert!(body.len() < 45_000, "{} bytes are sent", body.len());
}

#[tokio::test]
async fn house_status_shows_what_asks_for_action() {
    let straw = Straw::new();
    straw.house().status =
        Some(json!({"business_date": "2027-03-04", "state": "open", "rooms": 25, "occupied": 20, "clean": 3, "dirty": 2,
        "arrivals": {"left": 4, "done": 6}, "assigned": 1, "departures": {"left": 2, "done": 8, "overdue": 1}, "stay_over": 18}));
    straw.house().sold = 6;
    let browser = Browser::of(&straw).await;
    let page = browser.page("/desk").await;
    let tile = |key: &str| {
        let from = page.find(&format!(r#"data-key="{key}""#)).unwrap_or_else(|| panic!("no tile {key}"));
        let begin = page[..from].rfind("<a ").expect("its begin");
        page[begin..].split("</a>").next().expect("its end").to_owned()
    };
    for (key, look, href, says) in [
        ("arrivals", "tile due", "/desk/arrivals", "one has a room already"),
        ("departures", "tile act", "/desk/departures", "one should have left before"),
        ("in-house", "tile\"", "/desk/in-house", "18 stay over"),
        ("rooms", "tile due", "/desk/rooms", "2 to be cleaned"),
        ("tonight", "tile\"", "/desk/availability", "46 %"),
        ("oversold", "tile act", "/desk/availability", "Type B"),
        ("audit", "tile\"", "/desk/audit", "4 arrivals left · 2 departures left"),
    ] {
        let tile = tile(key);
        assert!(tile.contains(look) && tile.contains(&format!(r#"href="{href}""#)) && tile.contains(says), "{key}: {tile}");
    }
    assert!(page.contains("See who should have left") && page.matches("button main").count() == 1);
    assert!(page.contains(r#"role="img" aria-label="Fullest is Thu 4 Mar: 12 of 26 sold. 14 nights are oversold.""#), "{page}");
    assert_eq!(page.matches("<rect").count(), 14);

    straw.house().silent.insert("inventory".into());
    let page = browser.page("/desk").await;
    assert!(page.contains("Availability is not answering") && page.contains("What is sold is not known now."), "{page}");
    assert!(
        page.contains("18 stay over") && !page.contains("No night is sold above its limit"),
        "the other tiles stand; unknown is not none"
    );
    straw.house().silent.insert("stays".into());
    let page = browser.page("/desk").await;
    assert!(page.contains("The house is not answering") && !page.contains(r#"<span class="figure">0"#), "{page}");
}
