//! Availability: the grid, the list behind a number, limits.

use http::StatusCode;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::straw::{Straw, bar};

const KEY: &str = "0123456789abcdef";

fn fields<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let back = "/desk/availability?from=2027-03-04&nights=14";
    [("hotel", "H"), ("key", KEY), ("back", back), ("reason", "group")].into_iter().chain(more.iter().copied()).collect()
}

fn line<'a>(page: &'a Value, code: &str) -> &'a Value {
    page["lines"].as_array().expect("rows").iter().find(|line| line["code"] == code).expect("the row")
}

#[tokio::test]
async fn every_number_says_what_is_sold_of_how_many_and_opens_its_list() {
    let straw = Straw::new();
    straw.house().sold = 6;
    let browser = Browser::of(&straw).await;
    let page = browser.json("/desk/availability", None).await;
    let codes: Vec<&str> = page["lines"].as_array().expect("rows").iter().filter_map(|line| line["code"].as_str()).collect();
    assert_eq!((codes, page["days"].as_array().map(Vec::len)), (vec!["*", "A", "B"], Some(14)));
    // B is sold above its limit, today: that is urgent.
    let of = |code: &str| {
        let said = &line(&page, code)["cells"][0]["said"];
        json!([said["sold"], said["limit"], said["free"], said["over"], said["is_urgent"]])
    };
    assert_eq!([of("A"), of("B")], [json!([6, 21, 15, 0, false]), json!([6, 5, -1, 1, true])]);
    let html = browser.page("/desk/availability?from=2027-03-02&nights=31").await;
    for part in
        [r#"href="/desk/availability/2027-03-04?type=A""#, r#"class="urgent">6</a>"#, r#"aria-current="date""#, r#"<td class="past">"#]
    {
        assert!(html.contains(part), "{part}: {html}");
    }
    // Further ahead than two weeks it is on purpose.
    let late = browser.json("/desk/availability?from=2027-03-18", None).await;
    assert_eq!(line(&late, "B")["cells"][0]["said"]["is_urgent"], false);
}

#[tokio::test]
async fn without_availability_nothing_is_called_free() {
    let straw = Straw::new();
    straw.house().silent.insert("inventory".into());
    let browser = Browser::of(&straw).await;
    let page = browser.json("/desk/availability", None).await;
    assert_eq!((&page["missing"], &line(&page, "A")["cells"][0]["said"]), (&json!(["inventory"]), &Value::Null));
    assert!(browser.page("/desk/availability").await.contains("<td>—</td>"));
}

#[tokio::test]
async fn the_list_of_a_night_names_who_sleeps_in_it() {
    let straw = Straw::new();
    straw.put([
        bar("in", Some("A-1"), "in_house", -2, 4),
        bar("leaves", Some("A-2"), "in_house", -2, 2),
        bar("b", Some("B-1"), "confirmed", 0, 1),
    ]);
    let browser = Browser::of(&straw).await;
    let ids = |page: &Value| page["sleepers"].as_array().map(|all| all.iter().map(|one| one["id"].clone()).collect::<Vec<_>>());
    let page = browser.json("/desk/availability/2027-03-04", None).await;
    assert_eq!(ids(&page), Some(vec![json!("b"), json!("in")]), "who leaves today does not sleep here");
    assert_eq!(ids(&browser.json("/desk/availability/2027-03-04?type=A", None).await), Some(vec![json!("in")]));
    let html = browser.page("/desk/availability/2027-03-04?type=A").await;
    assert!(html.contains(r#"href="/desk/r/in"><bdi>in A</bdi>"#), "{html}");
    straw.house().silent.insert("stays".into());
    assert_eq!(browser.json("/desk/availability/2027-03-04", None).await["sleepers"], Value::Null, "nobody knows is not nobody");
}

#[tokio::test]
async fn a_form_sets_limits_by_nights_and_weekdays_in_one_command() {
    let straw = Straw::new();
    let browser = Browser::with_role(&straw, "revenue").await;
    // Thursday to the Sunday of the week after; Fridays and Saturdays only.
    let more = [("type", "A"), ("from", "2027-03-04"), ("last", "2027-03-14"), ("limit", "12"), ("weekday", "5"), ("weekday", "6")];
    let (status, to, _) = browser.form("/desk/availability/limits", &fields(&more)).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert_eq!(to, "/desk/availability?from=2027-03-04&nights=14&did=limits.4");
    let commands = straw.house().commands.clone();
    let (path, key, body) = &commands[0];
    assert_eq!((commands.len(), path.as_str(), key.as_str(), &body["reason"]), (1, "/hotels/H/limits", KEY, &json!("group")));
    let limit = |from, to| json!({"room_type": "A", "limit": 12, "from": from, "to": to});
    assert_eq!(body["limits"], json!([limit("2027-03-05", "2027-03-07"), limit("2027-03-12", "2027-03-14")]));
    assert!(browser.page(&to).await.contains("Nights changed: 4."));
}

#[tokio::test]
async fn a_limit_below_what_is_sold_asks_once() {
    let straw = Straw::new();
    straw.house().sold = 4;
    let browser = Browser::with_role(&straw, "revenue").await;
    let more = [("type", "A"), ("from", "2027-03-04"), ("last", "2027-03-05"), ("limit", "3")];
    let (status, _, page) = browser.form("/desk/availability/limits", &fields(&more)).await;
    assert_eq!((status, straw.house().commands.len()), (StatusCode::OK, 0), "nothing is sent before it is asked");
    assert!(page.contains("4 sold, limit 3") && page.contains(r#"name="sure" value="yes""#) && page.contains(KEY), "{page}");
    let sent = format!("hotel=H&key={KEY}&reason=x&set=A.2027-03-04.3&set=B.2027-03-04.5");
    let asked = browser.json("/desk/availability/limits", Some(&sent)).await;
    assert_eq!((&asked["came"], asked["below"].as_array().map(Vec::len)), (&json!("ask"), Some(1)), "{asked}");
    let done = browser.json("/desk/availability/limits", Some(&format!("{sent}&sure=yes"))).await;
    assert_eq!((&done["came"], straw.house().commands.len()), (&json!("done"), 1), "{done}");
}

#[tokio::test(start_paused = true)]
async fn limits_that_are_not_set_are_not_told_as_set() {
    let straw = Straw::new();
    let browser = Browser::with_role(&straw, "revenue").await;
    let busy = Some((503, "hotel-busy"));
    let sent = format!("hotel=H&key={KEY}&reason=x&set=A.2027-03-04.12");
    for (refusals, status, told, came) in [
        (vec![Some((409, "room-type-unknown"))], StatusCode::SEE_OTHER, "&no=room-type-unknown", "no"),
        (vec![busy; 3], StatusCode::SEE_OTHER, "&later=hotel-busy", "later"),
        (vec![None, busy, busy], StatusCode::ACCEPTED, "", "unknown"),
    ] {
        straw.house().refusals = refusals.clone();
        let (answered, to, _) = browser.form("/desk/availability/limits", &fields(&[("set", "A.2027-03-04.12")])).await;
        assert!(answered == status && to.ends_with(told) && !to.contains("did="), "{came}: {answered} {to}");
        // The grid reads the same.
        straw.house().refusals = refusals;
        assert_eq!(browser.json("/desk/availability/limits", Some(&sent)).await["came"], came);
    }
}

#[tokio::test]
async fn limits_are_for_those_who_may_and_for_nights_to_come() {
    let straw = Straw::new();
    let desk = Browser::of(&straw).await;
    let more = [("type", "A"), ("from", "2027-03-04"), ("last", "2027-03-04"), ("limit", "12")];
    let (status, ..) = desk.form("/desk/availability/limits", &fields(&more)).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let page = desk.page("/desk/availability").await;
    assert!(!page.contains("limits-form") && page.contains("Limits are set by revenue"), "{page}");
    let revenue = Browser::with_role(&straw, "revenue").await;
    assert!(revenue.page("/desk/availability").await.contains("limits-form"));
    let lacking: [&[(&str, &str)]; 6] = [
        &[("type", "A"), ("from", "2027-03-04"), ("last", "2027-03-04")],
        &[("type", "A"), ("from", "2027-03-04"), ("last", "2027-03-03"), ("limit", "1")],
        &[("type", "a b"), ("from", "2027-03-04"), ("last", "2027-03-04"), ("limit", "1")],
        &[("type", "A"), ("from", "2027-03-04"), ("last", "2029-03-04"), ("limit", "1")],
        &[("type", "A"), ("from", "2027-03-04"), ("last", "2027-03-04"), ("limit", "-1")],
        &[("set", "A.2027-03-04.x")],
    ];
    for more in lacking {
        let (_, to, _) = revenue.form("/desk/availability/limits", &fields(more)).await;
        assert!(to.ends_with("no=invalid-request"), "{more:?}: {to}");
    }
    let (_, to, _) = revenue.form("/desk/availability/limits", &fields(&[("set", "A.2027-03-03.9")])).await;
    assert!(to.ends_with("no=past-date"), "{to}");
    assert_eq!(straw.house().commands.len(), 0);
}

#[tokio::test]
async fn a_month_of_a_large_house_is_small_to_send() {
    let straw = Straw::new();
    straw.house().sold = 117;
    straw.house().prices = ["A", "B", "C", "D", "E", "F", "G", "H", "L"].map(|kind| (kind, 9_800)).into();
    let browser = Browser::with_role(&straw, "revenue").await;
    // With styles and scripts, which are some 30 kB and kept, a page is below 80.
    let bytes = browser.sent("/desk/availability?nights=31").await;
    assert!((1_000..40_000).contains(&bytes), "{bytes}");
}
