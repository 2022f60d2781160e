//! The whole life of a reservation over HTTP, and what can be read of it afterwards.

use serde_json::json;

use crate::support::{Guest, header, json_of, refusal, status};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guest_books_is_upgraded_sleeps_two_nights_and_leaves() {
    let g = Guest::start().await;
    g.hotel().await;
    let id = g.book("b1", "A", "2030-01-01", "2030-01-03").await;
    let at = format!("/api/reservations/v1/hotels/H/reservations/{id}");
    let seen = g.get(&at).await;
    assert_eq!((json_of(&seen)["state"].as_str(), json_of(&seen)["sold_as"].as_str()), (Some("confirmed"), Some("A")));
    let before = header(&seen, "posthouse-at").split([':', '/']).map(str::to_owned).collect::<Vec<_>>();

    let changed = g.post(&format!("{at}/type-change"), "c1", &json!({"room_type": "B", "reason": "upgrade"})).await;
    assert_eq!((status(&changed), json_of(&changed)["revision"].as_u64()), (200, Some(2)));
    let checked_in = g.post("/api/stays/v1/hotels/H/stays", "i1", &json!({"reservation": id})).await;
    assert_eq!((status(&checked_in), json_of(&checked_in)["room"].as_str()), (201, Some("B-1")));
    assert_eq!(header(&checked_in, "location"), format!("/api/stays/v1/hotels/H/stays/{id}"));
    assert_eq!(refusal(&g.post(&format!("{at}/cancellation"), "x1", &json!({})).await), (409, "not-confirmed".into()));

    for (date, next) in [("2030-01-01", "2030-01-02"), ("2030-01-02", "2030-01-03")] {
        let closed = g.post("/api/stays/v1/hotels/H/business-day/closings", date, &json!({"date": date})).await;
        let day = json_of(&closed);
        assert_eq!((status(&closed), day["in_house"].as_u64(), day["posted_amount"].as_i64()), (200, Some(1), Some(10_000)), "{day}");
        assert_eq!(day["business_date"], next);
    }
    let left = g.post(&format!("/api/stays/v1/hotels/H/stays/{id}/check-out"), "o1", &json!({})).await;
    assert_eq!((status(&left), json_of(&left)["nights_stayed"].as_u64()), (200, Some(2)));

    let folio = json_of(&g.get(&format!("/api/stays/v1/hotels/H/folios/{id}")).await);
    assert_eq!((folio["posted"]["amount"].as_i64(), folio["balance"]["amount"].as_i64()), (Some(20_000), Some(0)));
    let provider = json_of(&g.get("/api/payments/v1/provider/authorisations").await);
    assert_eq!(provider["open"], 0, "the guarantee is given back at check-out");
    // The past is still there: the reservation as it was before the upgrade.
    let then = json_of(&g.get(&format!("{at}?as_of=pos:{}:{}", before[1], before[2])).await);
    assert_eq!((then["room_type"].as_str(), then["state"].as_str()), (Some("A"), Some("confirmed")));
    let days = json_of(&g.get("/api/stays/v1/hotels/H/days").await);
    assert_eq!(days["days"][0], json!({"date": "2030-01-01", "checked_in": 1, "checked_out": 0, "upgraded_at_checkin": 1, "in_house": 1}));
    g.house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn leaving_early_and_cancelling_give_the_nights_back_and_the_past_stays_readable() {
    let g = Guest::start().await;
    g.hotel().await;
    let early = g.book("b1", "A", "2030-01-01", "2030-01-05").await;
    let cancelled = g.book("b2", "A", "2030-01-03", "2030-01-04").await;
    let books = |query: &'static str| {
        let g = &g;
        async move { json_of(&g.get(&format!("/api/inventory/v1/hotels/H/on-the-books{query}")).await)["nights"].clone() }
    };
    let sold = |nights: &serde_json::Value| {
        nights.as_array().map(|n| n.iter().map(|n| n["sold"].as_i64().unwrap_or(-1)).collect::<Vec<_>>()).unwrap_or_default()
    };
    assert_eq!(sold(&books("").await), [1, 1, 2, 1]);
    assert_eq!(status(&g.post("/api/stays/v1/hotels/H/stays", "i", &json!({"reservation": early})).await), 201);
    assert_eq!(status(&g.post("/api/stays/v1/hotels/H/business-day/closings", "a1", &json!({"date": "2030-01-01"})).await), 200);
    let cancel = format!("/api/reservations/v1/hotels/H/reservations/{cancelled}/cancellation");
    assert_eq!(status(&g.post(&cancel, "x", &json!({"reason": "ill"})).await), 200);
    let out = g.post(&format!("/api/stays/v1/hotels/H/stays/{early}/check-out"), "o", &json!({})).await;
    assert_eq!((status(&out), json_of(&out)["nights_stayed"].as_u64()), (200, Some(1)));
    assert_eq!(sold(&books("").await), [1], "only the night slept is left");
    assert_eq!(sold(&books("?as_of=date:2030-01-01").await), [1, 2, 1], "as it was known after the first audit");
    g.house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_night_audit_waits_for_the_desk_and_balances() {
    let g = Guest::start().await;
    g.hotel().await;
    let id = g.book("b1", "A", "2030-01-01", "2030-01-02").await;
    let close = |key: &'static str, date: &'static str| {
        let g = &g;
        async move { g.post("/api/stays/v1/hotels/H/business-day/closings", key, &json!({"date": date})).await }
    };
    let left = close("a1", "2030-01-01").await;
    assert_eq!(refusal(&left), (409, "arrivals-left".into()));
    assert_eq!(json_of(&left)["reservations"][0], id.as_str());
    assert_eq!(refusal(&close("a2", "2030-01-02").await), (409, "not-business-date".into()));
    let no_show = format!("/api/reservations/v1/hotels/H/reservations/{id}/no-show");
    assert_eq!(status(&g.post(&no_show, "n", &json!({})).await), 200);
    assert_eq!(status(&close("a3", "2030-01-01").await), 200);
    assert_eq!(refusal(&close("a1", "2030-01-01").await), (409, "arrivals-left".into()), "a key keeps its answer");
    let day = json_of(&g.get("/api/stays/v1/hotels/H/business-day").await);
    assert_eq!((day["business_date"].as_str(), day["state"].as_str()), (Some("2030-01-02"), Some("open")));
    g.house.stop().await;
}
