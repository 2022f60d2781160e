//! What is done with one stay by forms.

use http::StatusCode;

use crate::browser::Browser;
use crate::straw::Straw;

const KEY: &str = "0123456789abcdef";

fn fields<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [("hotel", "H"), ("key", KEY), ("back", "/desk/arrivals?type=A")].into_iter().chain(more.iter().copied()).collect()
}

#[tokio::test]
async fn a_form_is_one_command_and_the_page_it_leads_to_says_what_came_of_it() {
    let straw = Straw::new();
    let browser = Browser::of(&straw).await;
    let (status, to, _) = browser.form("/desk/r/r1/check-in", &fields(&[("room", "A-1")])).await;
    assert_eq!((status, to.as_str()), (StatusCode::SEE_OTHER, "/desk/arrivals?type=A&did=check-in.A-1"));
    let (path, key, body) = straw.house().commands[0].clone();
    assert_eq!((path.as_str(), key.as_str(), &body["room"]), ("/hotels/H/stays", KEY, &"A-1".into()));
    let page = browser.page("/desk?did=check-in.A-1").await;
    assert!(page.contains("The guest is checked in, room A-1."), "{page}");
    straw.house().refusals.push(Some((409, "room-occupied")));
    let (_, to, _) = browser.form("/desk/r/r1/move", &fields(&[("room", "A-2"), ("reason", "noise")])).await;
    assert_eq!(to, "/desk/arrivals?type=A&no=room-occupied");
    assert!(browser.page(&to.replace("/desk/arrivals", "/desk")).await.contains("role=\"alert\""));
}

#[tokio::test]
async fn while_nobody_knows_the_form_is_kept_with_its_key() {
    let straw = Straw::new();
    let browser = Browser::of(&straw).await;
    straw.house().refusals.extend([None, None, None]);
    let (status, _, page) = browser.form("/desk/r/r1/cancel", &fields(&[("reason", "a \"b\" <c>")])).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    assert!(page.contains(r#"action="/desk/r/r1/cancel""#) && page.contains(KEY), "{page}");
    assert!(!page.contains("<c>"), "{page}");
    let keys: Vec<String> = straw.house().commands.iter().map(|(_, key, _)| key.clone()).collect();
    assert_eq!(keys, [KEY; 3], "it was asked again under the same key before it was said");
}

#[tokio::test]
async fn a_form_that_lacks_something_sends_nothing() {
    let straw = Straw::new();
    let browser = Browser::of(&straw).await;
    for (verb, more) in [("move", vec![]), ("assign", vec![("room", " ")]), ("extend", vec![("departure", "tomorrow")]), ("amend", vec![])]
    {
        let (_, to, _) = browser.form(&format!("/desk/r/r1/{verb}"), &fields(&more)).await;
        assert!(to.ends_with("no=invalid-request"), "{verb}: {to}");
    }
    let (_, to, _) = browser.form("/desk/r/r1/cancel", &[("hotel", "H"), ("key", "x"), ("back", "//evil.example")]).await;
    assert_eq!(to, "/desk?no=invalid-request");
    let (status, ..) = browser.form("/desk/r/r1/dance", &fields(&[])).await;
    assert_eq!((status, straw.house().commands.len()), (StatusCode::NOT_FOUND, 0));
}
