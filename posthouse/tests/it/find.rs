//! A booking is found by the number its guest was told, and by the booker's own.

use serde_json::{Value, json};

use crate::support::{Guest, booking, json_of, refusal};

const RESERVATIONS: &str = "/api/reservations/v1/hotels/H/reservations";

async fn found(g: &Guest, query: &str) -> Vec<Value> {
    let list = json_of(&g.get(&format!("{RESERVATIONS}?{query}")).await);
    list["items"].as_array().expect("items").iter().map(|item| item["reservation"].clone()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_booking_is_found_by_either_number() {
    let g = Guest::start().await;
    g.hotel().await;
    let mut body = booking("A", "2030-01-01", "2030-01-03", "tok_ok");
    body["reference"] = json!("MINE-1");
    let booked = json_of(&g.post(RESERVATIONS, "b1", &body).await);
    g.book("b2", "A", "2030-01-01", "2030-01-03").await;
    let (id, number) = (booked["reservation"].clone(), booked["confirmation"].as_str().expect("a number").to_owned());
    assert_eq!(found(&g, &format!("confirmation={number}")).await, std::slice::from_ref(&id));
    assert_eq!(found(&g, "reference=MINE-1").await, [id]);
    assert_eq!(found(&g, "").await.len(), 2);
    assert!(found(&g, "confirmation=XXXX-XXXX").await.is_empty() && found(&g, "confirmation=MINE-1").await.is_empty());
    assert!(found(&g, &format!("confirmation={number}&state=cancelled")).await.is_empty());
    let both = g.get(&format!("{RESERVATIONS}?reference=MINE-1&confirmation={number}")).await;
    assert_eq!(refusal(&both), (400, "invalid-request".into()));
    g.house.stop().await;
}
