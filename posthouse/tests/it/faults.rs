//! A demonstration: the wire to payments is cut while guests book by card, and healed again.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use posthouse::settings::Plan;
use serde_json::{Value, json};

use crate::support::{Guest, booking, json_of, refusal, status};

/// Nights, each wanted by one guest more than there are rooms of the type.
const NIGHTS: u32 = 12;
/// Rooms of type A.
const ROOMS: u32 = 2;

const BOOKINGS: &str = "/api/reservations/v1/hotels/H/reservations";

/// What was seen while the wire was as it was.
#[derive(Debug, Default)]
struct Seen {
    pending: u32,
    refused: u32,
    booked: u32,
    other: Vec<(u16, String)>,
    has_opened: bool,
}

impl Seen {
    /// What an outage of payments must look like from outside.
    fn outage(&self) -> Result<(), String> {
        let honest = self.other.is_empty() && self.refused == NIGHTS && self.booked == 0;
        match () {
            () if !honest => Err(format!("an answer that cannot be true: {self:?}")),
            () if self.pending != NIGHTS * ROOMS => Err(format!("bookings by card were not left pending: {self:?}")),
            () if !self.has_opened => Err("the breaker did not open".into()),
            () => Ok(()),
        }
    }
}

async fn demo() -> Guest {
    let g = Guest::start_as(|data| Plan { demo: true, ..Plan::whole(data, None, ([127, 0, 0, 1], 0).into()) }).await;
    g.hotel().await;
    g
}

async fn fault(g: &Guest, body: Value) -> Response<Bytes> {
    g.raw(Request::post(g.uri("/ops/demo/faults")), body.to_string()).await
}

fn wish(n: u32) -> (String, Value) {
    let night = n / (ROOMS + 1) + 1;
    (format!("b{n}"), booking("A", &format!("2030-02-{night:02}"), &format!("2030-02-{:02}", night + 1), "tok_ok"))
}

async fn ask(g: &Guest, n: u32, deadline_ms: u32) -> Response<Bytes> {
    let (key, body) = wish(n);
    let request = Request::post(g.uri(BOOKINGS)).header("idempotency-key", key).header("content-type", "application/json");
    g.raw(request.header("posthouse-deadline-ms", deadline_ms), body.to_string()).await
}

fn payments(vitals: &Value) -> Value {
    let peers = vitals["peers"].as_array().cloned().unwrap_or_default();
    peers.into_iter().find(|peer| peer["peer"] == "payments").unwrap_or_default()
}

/// Everybody books at once; then what became of it, and whether the breaker opens before anything has ended well.
async fn rush(g: &Guest) -> Seen {
    let mut seen = Seen::default();
    for answer in futures::future::join_all((0..NIGHTS * (ROOMS + 1)).map(|n| ask(g, n, 3_000))).await {
        match (status(&answer), refusal(&answer).1) {
            (202, _) => seen.pending += 1,
            (201, _) => seen.booked += 1,
            (409, code) if code == "night-sold-out" => seen.refused += 1,
            other => seen.other.push(other),
        }
    }
    // Each try of a step ends after two seconds at the latest: the breaker has heard enough then, or there is nothing to hear.
    let settled = async {
        loop {
            let vitals = json_of(&g.get("/api/reservations/v1/vitals").await);
            seen.has_opened = payments(&vitals)["counts"]["opened"].as_u64().unwrap_or(0) > 0;
            if seen.has_opened || vitals["open_sagas"] == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let _never = tokio::time::timeout(Duration::from_secs(60), settled).await;
    seen
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_payments_cut_bookings_are_pending_and_end_when_the_wire_is_whole_again() {
    let g = demo().await;
    let cut = fault(&g, json!({"service": "payments", "fault": "cut", "seconds": 600})).await;
    let shown = json_of(&cut)["services"].as_array().and_then(|all| all.iter().find(|s| s["service"] == "payments").cloned());
    assert_eq!((status(&cut), shown.map(|s| s["fault"].clone())), (200, Some(json!("cut"))));
    rush(&g).await.outage().expect("an outage that is seen and told as one");

    let open = json_of(&g.get("/api/reservations/v1/sagas?state=open").await);
    assert_eq!(open["open"], NIGHTS * ROOMS);
    let steps =
        json!([{"name": "hold", "state": "done"}, {"name": "authorise", "state": "running"}, {"name": "confirm", "state": "waiting"}]);
    for saga in open["items"].as_array().expect("a list") {
        assert_eq!((&saga["steps"], &saga["kind"], &saga["partition"]), (&steps, &json!("book"), &json!("H")));
        assert!(saga["subject"].as_str().is_some_and(|subject| subject.starts_with("res")), "{saga}");
    }
    // Healed, and an operator who does not wait for the probe.
    assert_eq!(status(&fault(&g, json!({"service": "payments", "fault": "none"})).await), 200);
    let turn = g.post("/api/reservations/v1/peers/payments/breaker", "t", &json!({"switch": "automatic"})).await;
    assert_eq!((status(&turn), json_of(&turn)["breaker"].as_str()), (200, Some("closed")));
    for saga in open["items"].as_array().expect("a list") {
        let retry = format!("/api/reservations/v1/sagas/{}/retry", saga["saga"].as_str().expect("an id"));
        let said = refusal(&g.post(&retry, &retry, &json!({"reason": "the wire is whole"})).await);
        assert!(said.0 == 200 || said == (409, "saga-ended".into()), "{said:?}");
    }
    let mut booked = 0;
    for n in 0..NIGHTS * (ROOMS + 1) {
        let answer = ask(&g, n, 10_000).await;
        assert!([201, 409].contains(&status(&answer)), "{:?}", answer.body());
        booked += u32::from(status(&answer) == 201);
    }
    assert_eq!(booked, NIGHTS * ROOMS, "whoever held a room has it");
    let books = json_of(&g.get("/api/inventory/v1/hotels/H/on-the-books").await);
    let sold: Vec<_> = books["nights"].as_array().expect("nights").iter().map(|night| night["sold"].as_u64()).collect();
    assert_eq!(sold, [Some(u64::from(ROOMS)); NIGHTS as usize], "nothing is oversold");
    assert_eq!(json_of(&g.get("/api/payments/v1/provider/authorisations").await)["open"], NIGHTS * ROOMS);
    assert_eq!(json_of(&g.get("/api/reservations/v1/vitals").await)["open_sagas"], 0);
    g.house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wire_that_is_not_cut_is_not_taken_for_an_outage() {
    let g = demo().await;
    assert_eq!(status(&fault(&g, json!({"service": "payments", "fault": {"slow": {"ms": 1}}, "seconds": 60})).await), 200);
    let seen = rush(&g).await;
    assert!(seen.outage().is_err(), "{seen:?}");
    g.house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn faults_have_limits_and_only_a_demonstration_has_them() {
    let g = demo().await;
    for bad in [
        json!({"service": "payments", "fault": "cut"}),
        json!({"service": "payments", "fault": "cut", "seconds": 601}),
        json!({"service": "payments", "fault": {"slow": {"ms": 10_001}}, "seconds": 1}),
        json!({"service": "payments", "fault": {"failing": {"percent": 0}}, "seconds": 1}),
        json!({"service": "nobody", "fault": "cut", "seconds": 1}),
        json!({"service": "payments", "fault": "broken", "seconds": 1}),
    ] {
        assert_eq!(refusal(&fault(&g, bad).await), (400, "invalid-request".into()));
    }
    let desk = Request::get(g.uri("/ops/demo/faults")).header("authorization", "Bearer dev:desk:ann");
    assert_eq!(refusal(&g.raw(desk, String::new()).await), (403, "not-allowed".into()));
    // What is stopped for the house is there for whoever asks it from outside.
    assert_eq!(status(&fault(&g, json!({"service": "inventory", "fault": "stopped", "seconds": 60})).await), 200);
    assert_eq!(status(&g.get("/api/inventory/v1/vitals").await), 200);
    let faults = g.house.faults.clone().expect("a demonstration");
    assert_eq!(faults.of("inventory").0, peer::Fault::Stopped, "the handle is the same hand");
    g.house.stop().await;
    let g = Guest::start().await;
    assert!(g.house.faults.is_none());
    for request in [Request::get(g.uri("/ops/demo/faults")), Request::post(g.uri("/ops/demo/faults"))] {
        assert_eq!(refusal(&g.raw(request, "{}".into()).await), (404, "not-found".into()));
    }
    g.house.stop().await;
}
