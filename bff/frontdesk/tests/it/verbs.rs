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

/// Every verb with what its form says.
const VERBS: [(&str, &[(&str, &str)]); 12] = [
    ("check-in", &[]),
    ("check-out", &[]),
    ("assign", &[("room", "A-2")]),
    ("unassign", &[]),
    ("move", &[("room", "A-2")]),
    ("lock", &[]),
    ("unlock", &[]),
    ("extend", &[("departure", "2027-03-09")]),
    ("amend", &[("arrival", "2027-03-05"), ("departure", "2027-03-09")]),
    ("type", &[("type", "B")]),
    ("cancel", &[]),
    ("no-show", &[]),
];

#[tokio::test(start_paused = true)]
async fn only_what_is_done_is_told_as_done() {
    for (verb, more) in VERBS {
        // Each in a house of its own, whose budget of retries is full.
        let straw = Straw::new();
        let browser = Browser::of(&straw).await;
        let path = format!("/desk/r/r1/{verb}");
        let answers = async |refusals: Vec<Option<(u16, &'static str)>>| {
            straw.house().refusals = refusals;
            let (status, to, _) = browser.form(&path, &fields(more)).await;
            (status, to)
        };
        let onward = |told: &str| (StatusCode::SEE_OTHER, format!("/desk/arrivals?type=A&{told}"));
        let (status, to) = answers(vec![]).await;
        assert!(status == StatusCode::SEE_OTHER && to.contains(&format!("&did={verb}.")), "{verb}: {to}");
        assert_eq!(answers(vec![Some((409, "stale-version"))]).await, onward("no=stale-version"), "{verb}");
        let busy = Some((503, "reservation-busy"));
        assert_eq!(answers(vec![busy; 3]).await, onward("later=reservation-busy"), "{verb}");
        // Busy with what was sent first, perhaps.
        assert_eq!(answers(vec![None, busy, busy]).await, (StatusCode::ACCEPTED, String::new()), "{verb}");
        assert_eq!(answers(vec![Some((202, "cancel_1-01"))]).await, (StatusCode::ACCEPTED, String::new()), "{verb} is under way");
        // A script is told the same.
        let said: String = fields(more).iter().map(|(name, value)| format!("{name}={value}&")).collect();
        for (refusals, came) in [(vec![Some((409, "stale-version"))], "no"), (vec![busy; 3], "later"), (vec![None; 3], "unknown")] {
            straw.house().refusals = refusals;
            assert_eq!(browser.json(&path, Some(&said)).await["came"], came, "{verb}");
        }
    }
}

#[tokio::test]
async fn a_form_speaks_of_the_stay_as_it_was_seen() {
    let straw = Straw::new();
    let browser = Browser::of(&straw).await;
    for verb in ["amend", "type", "cancel", "no-show"] {
        let (_, more) = VERBS.iter().find(|(of, _)| *of == verb).expect("the verb");
        let seen: Vec<_> = more.iter().copied().chain([("version", "7")]).collect();
        browser.form(&format!("/desk/r/r1/{verb}"), &fields(&seen)).await;
        browser.form(&format!("/desk/r/r1/{verb}"), &fields(more)).await;
        let guards: Vec<_> = straw.house().guards.drain(..).collect();
        assert_eq!(guards, [Some("\"7\"".to_owned()), None], "{verb}: a form without a version is of no version");
    }
}
