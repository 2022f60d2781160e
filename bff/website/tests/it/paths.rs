//! The ways through the website.

use std::sync::Arc;

use http::StatusCode;
use testkit::scripted::{Act, Scripted};

use crate::browser::{Browser, Page, site};
use crate::town::Town;

const STAY: &str = "/hotels/H/stay?from=2027-03-10&to=2027-03-12&adults=2&children=0";
const DATES: [(&str, &str); 4] = [("from", "2027-03-10"), ("to", "2027-03-12"), ("adults", "2"), ("children", "0")];
const ANA: [(&str, &str); 4] =
    [("name", "Ana Silva"), ("email", "ana@example.org"), ("phone", ""), ("key", "0123456789abcdef0123456789abcdef")];
const OK: [(&str, &str); 2] = [("how", "card"), ("card", "ok")];

struct House {
    town: Town,
    wire: Scripted,
    browser: Browser,
}

fn house(left: i64) -> House {
    let town = Town::new(left);
    let wire = Scripted::new(Arc::new(town.clone()), Arc::new(|task| drop(tokio::spawn(task))));
    let browser = Browser::on(&site(Arc::new(wire.clone())));
    House { town, wire, browser }
}

impl House {
    /// Chooses the room.
    async fn chosen(&mut self) -> Page {
        let page = self.browser.get(STAY).await;
        let offer: Vec<(&str, &str)> = [("hotel", "H"), ("room_type", "STD"), ("price", "10000")].into_iter().chain(DATES).collect();
        self.browser.post(&page.form("/choose"), &offer).await
    }

    /// Says who comes; the address of the payment.
    async fn named(&mut self) -> String {
        let page = self.chosen().await;
        assert!(page.says("Who is coming?"), "{}", page.text);
        let page = self.browser.post(&page.at, &ANA).await;
        assert!(page.says("How do you want to pay?") && page.says("Ana Silva"), "{}", page.text);
        page.at
    }
}

#[tokio::test(start_paused = true)]
async fn a_room_is_found_held_and_booked() {
    let mut h = house(5);
    let pay = h.named().await;
    let page = h.browser.post(&pay, &OK).await;
    assert_eq!(page.at, "/booking/res_1");
    assert!(
        page.says("You are booked, Ana Silva") && page.says("ABCD-EFGH") && page.says("€100.00 reserved on your card"),
        "{}",
        page.text
    );
    let done = h.town.done();
    let book = &done.booked[0];
    assert_eq!(book["hold"], done.holds[0]["reservation"], "the booking takes over the cart's nights");
    assert_eq!((book["guest"].as_str(), book["channel"].as_str()), (Some("gst_0"), Some("website")));
    let carried: String =
        h.wire.log().iter().filter(|sent| !sent.path.ends_with("/guests")).map(|sent| sent.path.clone() + &sent.key).collect();
    assert!(!carried.contains("Ana") && !carried.contains("example"), "no personal data in addresses and keys");
    assert!(h.browser.cookies.values().all(|value| !value.contains("Ana")));
}

#[tokio::test(start_paused = true)]
async fn a_button_that_is_pressed_twice_books_once() {
    let mut h = house(5);
    let pay = h.named().await;
    let mut twin = h.browser.clone();
    let (first, second) = tokio::join!(h.browser.post(&pay, &OK), twin.post(&pay, &OK));
    assert_eq!((first.at.as_str(), second.at.as_str()), ("/booking/res_1", "/booking/res_1"));
    // Back, and once more; then with another card.
    assert_eq!(h.browser.post(&pay, &OK).await.at, "/booking/res_1");
    assert_eq!(h.browser.get(&pay).await.at, "/booking/res_1");
    assert_eq!(h.town.done().booked.len(), 1);
    let asked = h.wire.log().into_iter().filter(|sent| sent.path.ends_with("/reservations") && !sent.key.is_empty());
    let keys: Vec<String> = asked.map(|sent| sent.key).collect();
    assert!(keys.len() >= 2 && keys.iter().all(|key| *key == keys[0]), "one intention, one key: {keys:?}");
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_leads_to_the_same_confirmation() {
    let mut h = house(5);
    let pay = h.named().await;
    let before = h.browser.clone();
    h.wire.play(|path, _, n| if path.ends_with("/reservations") && n < 1 { Act::LoseReply } else { Act::Pass });
    assert_eq!(h.browser.post(&pay, &OK).await.at, "/booking/res_1");
    // The browser that never saw the answer, with another card: its checkout is booked already.
    h.browser = before;
    let page = h.browser.post(&pay, &[("how", "prepaid"), ("card", "slow")]).await;
    assert_eq!(page.at, "/booking/res_1");
    assert!(page.says("ABCD-EFGH"));
    assert_eq!(h.town.done().booked.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_booking_nobody_answers_for_is_shown_as_open_and_found_later() {
    let mut h = house(5);
    let pay = h.named().await;
    h.wire.play(|path, _, _| if path.ends_with("/reservations") { Act::LoseReply } else { Act::Pass });
    let page = h.browser.post(&pay, &OK).await;
    assert!(page.at.ends_with("/progress") && page.says("Do not book again") && page.says("WEB-"), "{}", page.text);
    h.wire.play(|_, _, _| Act::Pass);
    assert_eq!(h.browser.get(&page.at).await.at, "/booking/res_1");
    assert_eq!(h.town.done().booked.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_slow_bank_is_watched_step_by_step() {
    let mut h = house(5);
    h.town.done().is_slow = true;
    let pay = h.named().await;
    let page = h.browser.post(&pay, &OK).await;
    assert!(page.says("Room held") && page.says("Asking your bank…") && page.says("http-equiv=\"refresh\""), "{}", page.text);
    h.town.done().is_slow = false;
    assert_eq!(h.browser.get(&page.at).await.at, "/booking/res_1");
}

#[tokio::test(start_paused = true)]
async fn a_declined_card_leads_back_with_the_room_held_again() {
    let mut h = house(5);
    let pay = h.named().await;
    let page = h.browser.post(&pay, &[("how", "card"), ("card", "declined")]).await;
    assert!(page.at.ends_with("/pay") && page.says("declined the card") && page.says("still held"), "{}", page.text);
    {
        let done = h.town.done();
        assert_eq!((done.holds.len(), done.booked.len()), (2, 0));
        assert_ne!(done.holds[0]["reservation"], done.holds[1]["reservation"]);
    }
    assert_eq!(h.browser.post(&pay, &OK).await.at, "/booking/res_1");
}

#[tokio::test(start_paused = true)]
async fn the_last_room_that_somebody_else_took_is_said_with_what_is_left() {
    let mut h = house(1);
    let page = h.browser.get(STAY).await;
    assert!(page.says("Only 1 left"));
    h.town.done().left = 0;
    let page = h.chosen_from(&page).await;
    assert!(page.says("The last Double for 10–12 Mar has just been booked by someone else. Nothing was charged."), "{}", page.text);
    assert!(page.says("Everything is taken on these dates."));
}

impl House {
    async fn chosen_from(&mut self, page: &Page) -> Page {
        let offer: Vec<(&str, &str)> = [("hotel", "H"), ("room_type", "STD"), ("price", "10000")].into_iter().chain(DATES).collect();
        self.browser.post(&page.form("/choose"), &offer).await
    }
}

#[tokio::test(start_paused = true)]
async fn a_price_that_has_changed_is_shown_before_anything_is_held() {
    let mut h = house(5);
    let page = h.browser.get(STAY).await;
    let offer: Vec<(&str, &str)> = [("hotel", "H"), ("room_type", "STD"), ("price", "9000")].into_iter().chain(DATES).collect();
    let page = h.browser.post(&page.form("/choose"), &offer).await;
    assert!(page.says("The price of a night has changed.") && page.says("€90.00") && page.says("€100.00"), "{}", page.text);
    assert!(h.town.done().holds.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_silent_service_costs_its_part_and_is_named() {
    let mut h = house(5);
    h.town.done().silent = vec!["inventory"];
    let page = h.browser.get(STAY).await;
    assert!(page.status == StatusCode::OK && page.says("Availability is not answering") && page.says("Nobody says now whether it is free"));
    assert!(!page.says(": sold out") && !page.says("Only"), "silence is no sold-out house: {}", page.text);
    h.town.done().silent = vec!["stays"];
    assert!(h.browser.get(STAY).await.says("Choose the Double"), "the date on the wall will do");
    h.town.done().silent = vec![];
    let pay = h.named().await;
    h.town.done().silent = vec!["guests", "payments"];
    let page = h.browser.post(&pay, &OK).await;
    assert!(page.at == "/booking/res_1" && page.says("ABCD-EFGH") && page.says("Guest names is not answering"), "{}", page.text);
    assert!(!page.says("Ana"));
    h.town.done().silent = vec!["hotels"];
    let page = h.browser.get("/").await;
    assert!(page.status == StatusCode::OK && page.says("The hotel directory is not answering"), "{}", page.text);
}

#[tokio::test(start_paused = true)]
async fn what_was_typed_comes_back_when_it_could_not_be_kept() {
    let mut h = house(5);
    let page = h.chosen().await;
    h.town.done().silent = vec!["guests"];
    let page = h.browser.post(&page.at, &ANA).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.says("value=\"Ana Silva\"") && page.says("value=\"ana@example.org\""), "{}", page.text);
    let page = h.browser.post(&page.at, &[("name", "Ana"), ("email", "nowhere")]).await;
    assert!(
        page.status == StatusCode::UNPROCESSABLE_ENTITY && page.says("<title>Error: ") && page.says("href=\"#email\""),
        "{}",
        page.text
    );
}

#[tokio::test(start_paused = true)]
async fn nothing_is_open_to_strangers_and_wrong_numbers_are_answered_alike() {
    let mut h = house(5);
    let pay = h.named().await;
    h.browser.post(&pay, &OK).await;
    let mut stranger = h.browser.clone();
    stranger.cookies.clear();
    for at in [pay.as_str(), "/booking/res_1", "/booking/res_1/cancel", "/booking/res_1/stay.ics", "/booking/res_2"] {
        let page = stranger.get(at).await;
        assert!(page.status == StatusCode::NOT_FOUND && !page.says("ABCD") && !page.says("Ana"), "{at}");
    }
    // What opens one booking opens no other, wherever it is sent.
    let mut guest = h.browser.clone();
    let pass = guest.cookies[&("/booking/res_1".to_owned(), "booking".to_owned())].clone();
    guest.cookies.insert(("/booking/res_2".into(), "booking".into()), pass);
    assert_eq!(guest.get("/booking/res_2").await.status, StatusCode::NOT_FOUND);
    assert!(!h.wire.log().iter().any(|sent| sent.path.contains("res_2")), "nobody is even asked for it");
    let mut find =
        async |number: &str, email: &str| stranger.post("/manage", &[("hotel", "H"), ("number", number), ("email", email)]).await;
    let (number, email) = (find("XXXX-XXXX", "ana@example.org").await, find("ABCD-EFGH", "bob@example.org").await);
    assert_eq!(number.text.replace("XXXX-XXXX", "ABCD-EFGH"), email.text);
    assert_eq!((number.status, email.status), (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND));
    let page = find("abcd efgh", " Ana@Example.org ").await;
    assert!(page.at == "/booking/res_1" && page.says("ABCD-EFGH"), "{}", page.text);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_was_lost_is_not_undone_by_a_later_not_now() {
    let mut h = house(5);
    let pay = h.named().await;
    h.wire.play(|path, _, n| match (path.ends_with("/reservations"), n) {
        (true, 0) => Act::LoseReply,
        (true, _) => Act::Busy,
        _ => Act::Pass,
    });
    let page = h.browser.post(&pay, &OK).await;
    assert!(page.at.ends_with("/progress"), "it may be booked: {}", page.text);
}

#[tokio::test(start_paused = true)]
async fn a_hold_is_kept_for_longer_with_what_was_typed_so_far() {
    let mut h = house(5);
    let page = h.chosen().await;
    assert!(page.says("until 13:15 (Europe/Vienna)"), "{}", page.text);
    let page = h.browser.post(&format!("{}/keep", page.at), &[("step", "you"), ("name", "Ana Si"), ("email", "")]).await;
    assert!(page.says("until 13:20") && page.says("value=\"Ana Si\""), "{}", page.text);
    assert!(h.town.done().guests.is_empty(), "half a name is not kept anywhere");
}
