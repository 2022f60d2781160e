//! Somebody without a booking: guest, booking and check-in by one form, and what is told when one of them is refused.

use http::StatusCode;

use crate::browser::Browser;
use crate::straw::Straw;

const KEY: &str = "0123456789abcdef";

fn fields<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let usual = [
        ("hotel", "H"),
        ("key", KEY),
        ("name", "Ana Silva"),
        ("email", "ana@example.org"),
        ("arrival", "2027-03-04"),
        ("departure", "2027-03-06"),
        ("type", "A"),
        ("seen", "A:9800"),
        ("adults", "2"),
        ("guarantee", "card"),
    ];
    // The first of a name is read.
    more.iter().copied().chain(usual).collect()
}

#[tokio::test]
async fn the_form_says_what_is_free_and_what_it_costs() {
    let browser = Browser::of(&Straw::new()).await;
    let page = browser.page("/desk/walk-in?to=2027-03-07&type=B").await;
    assert!(page.contains("21 rooms free") && page.contains("€420.00") && page.contains("20 ready now"), "{page}");
    assert!(page.contains(r#"name="type" value="B" checked"#) && page.contains("Book and check in"), "{page}");
    let ahead = browser.page("/desk/walk-in?room=A-3&from=2027-04-01&to=2027-04-03").await;
    assert!(
        ahead.contains("<h1>Book ahead</h1>") && ahead.contains(r#"value="2027-04-01""#) && ahead.contains(r#"value="A-3""#),
        "{ahead}"
    );
    assert!(!ahead.contains("ready now"), "who is ready now says nothing about April: {ahead}");
}

#[tokio::test]
async fn one_form_makes_guest_booking_and_check_in_under_keys_of_its_own() {
    let straw = Straw::new();
    let browser = Browser::of(&straw).await;
    let (status, to, _) = browser.form("/desk/walk-in", &fields(&[])).await;
    assert_eq!((status, to.as_str()), (StatusCode::SEE_OTHER, "/desk/r/r?did=check-in.A-1"));
    let commands = straw.house().commands.clone();
    let keys: Vec<&str> = commands.iter().map(|(_, key, _)| key.as_str()).collect();
    assert_eq!(keys, [format!("{KEY}/guest"), format!("{KEY}/book"), format!("{KEY}/check-in")]);
    let book = &commands[1].2;
    assert_eq!((&book["guest"], &book["channel"], &book["segment"]), (&"gst_new".into(), &"desk".into(), &"walk-in".into()));
    assert_eq!(
        (&book["arrival"], &book["price"]["amount"], &book["guarantee"]["kind"]),
        (&"2027-03-04".into(), &9_800.into(), &"card".into())
    );
    assert!(!commands[1].2.to_string().contains("Silva"), "who it is stays with guests");

    straw.house().commands.clear();
    let (_, to, _) = browser.form("/desk/walk-in", &fields(&[("arrival", "2027-03-05")])).await;
    assert_eq!((to.as_str(), straw.house().commands.len()), ("/desk/r/r?did=book.PH-NEW", 2), "ahead nobody is checked in");
}

#[tokio::test]
async fn a_mistake_is_told_at_the_top_and_at_its_field_and_nothing_is_sent() {
    let straw = Straw::new();
    let browser = Browser::of(&straw).await;
    let (status, _, page) = browser.form("/desk/walk-in", &fields(&[("name", " "), ("email", "nobody")])).await;
    assert_eq!((status, straw.house().commands.len()), (StatusCode::UNPROCESSABLE_ENTITY, 0));
    assert!(
        page.contains("<title>Error: Walk-in") && page.contains(r##"<a href="#name">"##) && page.contains(r#"id="email-error""#),
        "{page}"
    );
    let (_, _, page) = browser.form("/desk/walk-in", &fields(&[("seen", "A:9000")])).await;
    assert!(page.contains("The price has changed") && straw.house().commands.is_empty(), "{page}");
    let (status, _, page) = browser.form("/desk/walk-in", &fields(&[("do", "look"), ("departure", "2027-03-08")])).await;
    assert_eq!((status, straw.house().commands.len()), (StatusCode::OK, 0));
    assert!(page.contains("€392.00") && page.contains(r#"value="Ana Silva""#), "what is typed stays: {page}");
}

#[tokio::test]
async fn what_is_refused_is_told_with_what_was_done_before() {
    let straw = Straw::new();
    let browser = Browser::of(&straw).await;
    // The guest is made, the booking refused: the next press describes the same guest.
    let (status, to, page) = {
        let known = [("guest", "gst_1")];
        straw.house().refusals.push(Some((409, "guest-busy")));
        browser.form("/desk/walk-in", &fields(&known)).await
    };
    assert_eq!((status, to.as_str()), (StatusCode::CONFLICT, ""));
    assert!(page.contains("guest-busy") && page.contains(r#"name="guest" value="gst_1""#), "{page}");
    assert!(straw.house().commands[0].0.ends_with("/guests/gst_1/changes"));

    straw.refuse_after(2, 409, "no-room-free");
    let (status, _, page) = browser.form("/desk/walk-in", &fields(&[])).await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("Booked, not checked in") && page.contains("PH-NEW") && page.contains("no-room-free"), "{page}");
    assert!(page.contains(r#"href="/desk/r/r""#), "{page}");

    straw.refuse_after(1, 409, "night-sold-out");
    let (status, _, page) = browser.form("/desk/walk-in", &fields(&[])).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(page.contains("Nothing was booked. The guest is kept") && page.contains(r#"name="guest" value="gst_new""#), "{page}");
    let again = page.split(r#"name="key" value=""#).nth(1).and_then(|rest| rest.get(..32)).expect("a key");
    assert_ne!(again, KEY, "another intention has another key");
}

#[tokio::test(start_paused = true)]
async fn the_next_press_describes_the_guest_that_was_made_and_makes_no_other() {
    for refusals in [vec![Some((409, "night-sold-out"))], vec![Some((503, "hotel-busy")); 3]] {
        let straw = Straw::new();
        let browser = Browser::of(&straw).await;
        {
            let mut house = straw.house();
            (house.well, house.refusals) = (1, refusals);
        }
        let (status, _, page) = browser.form("/desk/walk-in", &fields(&[])).await;
        assert_eq!(status, StatusCode::CONFLICT);
        let value =
            |name: &str| page.split(&format!(r#"name="{name}" value=""#)).nth(1).and_then(|rest| rest.split('"').next()).expect("a field");
        let again = [("guest", value("guest")), ("key", value("key")), ("name", "Ana Costa")];
        let (_, to, _) = browser.form("/desk/walk-in", &fields(&again)).await;
        assert_eq!(to, "/desk/r/r?did=check-in.A-1");
        let of_guests: Vec<String> =
            straw.house().commands.iter().map(|(path, ..)| path.clone()).filter(|path| path.starts_with("/guests")).collect();
        assert_eq!(of_guests, ["/guests", "/guests/gst_new/changes"]);
    }
}

#[tokio::test]
async fn while_nobody_knows_the_form_is_kept_with_its_key() {
    let straw = Straw::new();
    let browser = Browser::of(&straw).await;
    straw.house().refusals.extend([None; 3]);
    let (status, _, page) = browser.form("/desk/walk-in", &fields(&[])).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    assert!(page.contains(r#"action="/desk/walk-in""#) && page.contains(KEY) && page.contains(r#"value="Ana Silva""#), "{page}");
}
