//! Other dates for a booking, as a guest asks for them over HTTP, and everything that must show them.

use serde_json::{Value, json};

use crate::support::{Guest, booking, header, json_of, refusal, status};

const RESERVATIONS: &str = "/api/reservations/v1/hotels/H/reservations";

/// How many are sold a night, from the first that is sold.
async fn books(g: &Guest, query: &str) -> Vec<(String, i64)> {
    let nights = json_of(&g.get(&format!("/api/inventory/v1/hotels/H/on-the-books{query}")).await)["nights"].clone();
    let night = |n: &Value| (n["night"].as_str().unwrap_or_default()[8..].to_owned(), n["sold"].as_i64().unwrap_or(-1));
    nights.as_array().map(|nights| nights.iter().map(night).collect()).unwrap_or_default()
}

fn nights(expected: &[(&str, i64)]) -> Vec<(String, i64)> {
    expected.iter().map(|(night, sold)| ((*night).to_owned(), *sold)).collect()
}

async fn close(g: &Guest, key: &str, date: &str) -> (u16, String) {
    refusal(&g.post("/api/stays/v1/hotels/H/business-day/closings", key, &json!({"date": date})).await)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guest_comes_later_stays_longer_and_everybody_knows() {
    let g = Guest::start().await;
    g.hotel().await;
    let id = g.book("b1", "A", "2030-01-01", "2030-01-03").await;
    let at = format!("{RESERVATIONS}/{id}");
    let seen = g.get(&at).await;
    let before = header(&seen, "posthouse-at").split([':', '/']).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(books(&g, "").await, nights(&[("01", 1), ("02", 1)]));

    let wanted =
        json!({"arrival": "2030-01-02", "departure": "2030-01-05", "price": {"amount": 9_000, "currency": "EUR"}, "reason": "train"});
    let amended = g.post(&format!("{at}/amendment"), "a1", &wanted).await;
    let is = json!({"reservation": id, "arrival": "2030-01-02", "departure": "2030-01-05", "price": {"amount": 9_000, "currency": "EUR"},
        "revision": 2});
    assert_eq!((status(&amended), json_of(&amended)), (200, is));
    assert_eq!(json_of(&g.post(&format!("{at}/amendment"), "a1", &wanted).await), json_of(&amended), "a key keeps its answer");

    let now = json_of(&g.get(&at).await);
    assert_eq!((now["arrival"].as_str(), now["departure"].as_str()), (Some("2030-01-02"), Some("2030-01-05")));
    assert_eq!((now["price"]["amount"].as_i64(), now["state"].as_str()), (Some(9_000), Some("confirmed")));
    let then = json_of(&g.get(&format!("{at}?as_of=pos:{}:{}", before[1], before[2])).await);
    assert_eq!((then["arrival"].as_str(), then["price"]["amount"].as_i64()), (Some("2030-01-01"), Some(10_000)));
    let listed = json_of(&g.get(RESERVATIONS).await)["items"][0].clone();
    assert_eq!((listed["arrival"].as_str(), listed["departure"].as_str()), (Some("2030-01-02"), Some("2030-01-05")));
    for query in ["", "?as_of=2999-01-01T00:00:00Z&from=2030-01-01"] {
        assert_eq!(books(&g, query).await, nights(&[("02", 1), ("03", 1), ("04", 1)]), "{query}");
    }
    let free = json_of(&g.get("/api/inventory/v1/hotels/H/availability?from=2030-01-01&to=2030-01-06&room_type=A").await);
    let free: Vec<_> = free["nights"].as_array().into_iter().flatten().map(|n| n["types"][0]["available"].as_i64()).collect();
    assert_eq!(free, [2, 1, 1, 1, 2].map(Some));

    // Nobody is expected on the old day; on the new one the audit waits, and the guest comes and sleeps.
    assert_eq!(close(&g, "c1", "2030-01-01").await.0, 200);
    assert_eq!(close(&g, "c2", "2030-01-02").await, (409, "arrivals-left".into()));
    assert_eq!(status(&g.post("/api/stays/v1/hotels/H/stays", "i1", &json!({"reservation": id})).await), 201);
    assert_eq!(refusal(&g.post(&format!("{at}/amendment"), "a2", &wanted).await), (409, "not-confirmed".into()));
    assert_eq!(close(&g, "c3", "2030-01-02").await.0, 200);
    let folio = json_of(&g.get(&format!("/api/stays/v1/hotels/H/folios/{id}")).await);
    assert_eq!(folio["posted"]["amount"].as_i64(), Some(9_000), "the night costs what was agreed last");
    assert_eq!(books(&g, "?as_of=date:2030-01-01&from=2030-01-01").await, nights(&[("02", 1), ("03", 1), ("04", 1)]));
    g.house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_house_says_no_to_other_dates_and_leaves_the_old_ones() {
    let g = Guest::start().await;
    g.hotel().await;
    let id = g.book("b1", "B", "2030-01-02", "2030-01-04").await;
    g.book("b2", "B", "2030-01-05", "2030-01-06").await;
    let at = format!("{RESERVATIONS}/{id}");
    let no = async |key: &str, arrival: &str, departure: &str| {
        g.post(&format!("{at}/amendment"), key, &json!({"arrival": arrival, "departure": departure})).await
    };
    let full = no("a1", "2030-01-03", "2030-01-07").await;
    assert_eq!((refusal(&full), &json_of(&full)["nights"]), ((409, "night-sold-out".into()), &json!(["2030-01-05"])));
    assert_eq!(refusal(&no("a2", "2030-01-02", "2030-01-04").await), (409, "same-dates".into()));
    assert_eq!(refusal(&no("a3", "2029-12-31", "2030-01-04").await), (409, "past-date".into()));
    assert_eq!(refusal(&no("a4", "2030-01-03", "2030-01-03").await), (409, "no-nights".into()));
    assert_eq!(refusal(&no("a5", "2030-01-04", "2030-01-03").await), (400, "invalid-request".into()));
    let dollars = json!({"arrival": "2030-01-02", "departure": "2030-01-04", "price": {"amount": 1, "currency": "USD"}});
    assert_eq!(refusal(&g.post(&format!("{at}/amendment"), "a6", &dollars).await), (409, "wrong-currency".into()));
    let now = json_of(&g.get(&at).await);
    assert_eq!(
        (now["departure"].as_str(), now["revision"].as_u64(), now["changing"].as_bool()),
        (Some("2030-01-04"), Some(1), Some(false))
    );
    // What is its own is not in its own way.
    assert_eq!(status(&no("a7", "2030-01-03", "2030-01-05").await), 200);
    assert_eq!(books(&g, "").await, nights(&[("03", 1), ("04", 1), ("05", 1)]));

    let mut prepaid = booking("A", "2030-01-02", "2030-01-04", "tok_ok");
    prepaid["guarantee"]["kind"] = json!("prepaid");
    let paid = json_of(&g.post(RESERVATIONS, "b3", &prepaid).await)["reservation"].as_str().expect("an id").to_owned();
    let amend = format!("{RESERVATIONS}/{paid}/amendment");
    let longer = g.post(&amend, "p1", &json!({"arrival": "2030-01-02", "departure": "2030-01-05"})).await;
    assert_eq!(refusal(&longer), (409, "prepaid-nights".into()));
    assert_eq!(status(&g.post(&amend, "p2", &json!({"arrival": "2030-01-06", "departure": "2030-01-08"})).await), 200);
    let cancelled = g.post(&format!("{RESERVATIONS}/{paid}/cancellation"), "p3", &json!({})).await;
    assert_eq!(json_of(&cancelled)["refund"]["amount"].as_i64(), Some(20_000), "moved, not paid anew");
    g.house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_booking_may_name_a_cart_that_is_gone_and_outsiders_hold_nothing() {
    let g = Guest::start().await;
    g.hotel().await;
    let mut named = booking("A", "2030-01-02", "2030-01-04", "tok_ok");
    named["hold"] = json!("cart_gone");
    assert_eq!(status(&g.post(RESERVATIONS, "b1", &named).await), 201);
    for bad in ["not an id", "res_of-another-booking", "cart_ /"] {
        named["hold"] = json!(bad);
        assert_eq!(refusal(&g.post(RESERVATIONS, "b2", &named).await), (400, "invalid-request".into()), "{bad}");
    }
    let peers = [
        ("/api/inventory/v1/hotels/H/holds/crt_1/extension", json!({"ttl_s": 60})),
        (
            "/api/inventory/v1/hotels/H/allocations/res_1/amendment",
            json!({"arrival": "2030-01-01", "departure": "2030-01-02", "revision": 9}),
        ),
        ("/api/reservations/v1/hotels/H/reservations/res_1/earmark", json!({})),
    ];
    for (path, body) in peers {
        assert_eq!(refusal(&g.post(path, path, &body).await), (403, "not-allowed".into()), "{path}");
    }
    g.house.stop().await;
}
