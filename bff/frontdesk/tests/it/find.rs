//! Who is meant by a number, a room or a name; and that a name stands in no address.

use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::straw::{Straw, bar};

async fn told(browser: &Browser, q: &str) -> Value {
    let request =
        Request::post("/desk/find").header("content-type", "application/x-www-form-urlencoded").header("accept", "application/json");
    let (status, _, body) = browser.send(request, Body::from(format!("q={q}"))).await;
    assert_eq!(status, StatusCode::OK);
    serde_json::from_slice(&body).expect("JSON")
}

#[tokio::test]
async fn a_guest_is_found_by_name_number_or_room() {
    let straw = Straw::new();
    straw.put([bar("silva", Some("A-3"), "in_house", 0, 2), bar("costa", None, "confirmed", 3, 1)]);
    straw.house().said.insert("stays/hotels/H/tape/find".into(), json!({"items": [bar("far", Some("B-1"), "confirmed", 90, 1)]}));
    let browser = Browser::of(&straw).await;
    // The straw's guests are called Ana, and what their reference says.
    let found = told(&browser, "silva").await;
    assert_eq!(found["items"].as_array().map(Vec::len), Some(1), "{found}");
    assert_eq!((&found["items"][0]["href"], &found["items"][0]["who"]), (&"/desk/r/silva".into(), &"silva A".into()));
    assert!(found["items"][0]["text"].as_str().is_some_and(|text| text.contains("PH-silva") && text.contains("A-3")), "{found}");
    assert_eq!(straw.house().asked.get("stays/hotels/H/tape/find"), None, "a name is in no question");
    assert_eq!(told(&browser, "B-1").await["items"][0]["id"], "far");
    assert_eq!(told(&browser, "PHco").await["items"][0]["id"], "costa");
    assert_eq!(told(&browser, "x").await["items"], json!([]), "one letter is nobody");
}

#[tokio::test]
async fn the_page_takes_the_text_by_post_only() {
    let straw = Straw::new();
    straw.put([bar("silva", Some("A-3"), "in_house", 0, 2)]);
    let browser = Browser::of(&straw).await;
    let page = browser.page("/desk/find?q=silva").await;
    assert!(!page.contains("/desk/r/silva"), "{page}");
    assert!(page.contains(r#"data-find="/desk/find""#) && page.contains(r#"<form method="post" action="/desk/find""#), "{page}");
    let (status, _, page) = browser.form("/desk/find", &[("q", "silva")]).await;
    assert!(status == StatusCode::OK && page.contains(r#"<a href="/desk/r/silva"><bdi>silva A</bdi></a>"#), "{page}");
    straw.house().silent.insert("guests".into());
    let (_, _, page) = browser.form("/desk/find", &[("q", "nobody")]).await;
    assert!(page.contains("Nobody was found."), "{page}");
}
