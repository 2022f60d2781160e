//! Everything that can be made, read, changed and taken out, with every no on the way. One function, so that any store can be
//! asked for the same.

use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};

use crate::support::{Guest, booking, header, json_of, refusal, status};

const HOTELS: &str = "/api/hotels/v1/hotels";
const INVENTORY: &str = "/api/inventory/v1/hotels";
const RESERVATIONS: &str = "/api/reservations/v1/hotels";
const GUESTS: &str = "/api/guests/v1/guests";
const PAYMENTS: &str = "/api/payments/v1/hotels";
const STAYS: &str = "/api/stays/v1/hotels";
/// How often something that is not there yet is asked for.
const TRIES: u32 = 100;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_is_made_read_changed_and_taken_out_on_sqlite() {
    let g = Guest::start().await;
    crud(&g).await;
    g.house.stop().await;
}

/// The whole story. Needs a house without hotels.
pub async fn crud(g: &Guest) {
    hotels(g).await;
    rooms(g).await;
    guests(g).await;
    bookings(g).await;
    removal(g).await;
}

/// A GET that waits for what it has been told of.
async fn read(g: &Guest, path: &str) -> Response<Bytes> {
    for _ in 0..TRIES {
        let answer = g.get(path).await;
        if status(&answer) != 503 {
            return answer;
        }
    }
    panic!("{path} cannot be read");
}

/// A POST, again with its key while nothing has happened yet.
async fn send(g: &Guest, path: &str, key: &str, body: Value) -> Response<Bytes> {
    for _ in 0..TRIES {
        let answer = g.post(path, key, &body).await;
        if ![202, 503].contains(&status(&answer)) {
            return answer;
        }
    }
    panic!("{path} under {key} has no final answer");
}

async fn says(g: &Guest, path: &str, key: &str, body: Value, code: u16) -> Value {
    let answer = send(g, path, key, body).await;
    assert_eq!(status(&answer), code, "{path} {key}: {:?}", answer.body());
    json_of(&answer)
}

async fn refused(g: &Guest, path: &str, key: &str, body: Value, code: (u16, &str)) -> Value {
    let answer = send(g, path, key, body.clone()).await;
    assert_eq!(refusal(&answer), (code.0, code.1.to_owned()), "{path} {key}: {:?}", answer.body());
    assert_eq!(header(&answer, "posthouse-effect"), "none");
    assert_eq!(refusal(&send(g, path, key, body).await), (code.0, code.1.to_owned()), "a key keeps its answer");
    json_of(&answer)
}

/// Dependants of a refusal as `kind` and total (or limit).
fn dependants(refusal: &Value) -> Vec<(String, u64)> {
    let all = refusal["dependants"].as_array().cloned().unwrap_or_default();
    let number = |d: &Value| d["total"].as_u64().or(d["limit"].as_u64()).unwrap_or_default();
    all.iter().map(|d| (d["kind"].as_str().unwrap_or_default().to_owned(), number(d))).collect()
}

async fn hotels(g: &Guest) {
    let hotel = json!({"hotel": "CRUD", "name": "House", "opens_on": "2030-01-01", "currency": "EUR", "time_zone": "Europe/Vienna"});
    assert_eq!(status(&read(g, &format!("{HOTELS}/CRUD")).await), 404);
    refused(g, &format!("{HOTELS}/CRUD/changes"), "h0", json!({"name": "Nobody"}), (404, "hotel-unknown")).await;
    says(g, HOTELS, "h1", hotel.clone(), 201).await;
    refused(g, HOTELS, "h2", hotel, (409, "hotel-exists")).await;
    let seen = read(g, &format!("{HOTELS}/CRUD")).await;
    let before = header(&seen, "posthouse-at").rsplit_once('/').map(|(_, at)| at.replace(':', " ")).expect("a position");
    let version = header(&seen, "etag").to_owned();
    let change = json!({"name": "New House", "time_zone": "Europe/Lisbon", "clean_on_checkout": true, "house_rooms": 4});
    says(g, &format!("{HOTELS}/CRUD/changes"), "h3", change, 200).await;
    let stale = Request::post(g.uri(&format!("{HOTELS}/CRUD/changes"))).header("idempotency-key", "h4").header("if-match", &version);
    assert_eq!(refusal(&g.raw(stale, json!({"name": "x"}).to_string()).await), (412, "stale-version".into()));
    refused(g, &format!("{HOTELS}/CRUD/changes"), "h5", json!({"time_zone": "Moon/Crater"}), (400, "invalid-request")).await;
    refused(g, &format!("{HOTELS}/CRUD/changes"), "h6", json!({"currency": "USD"}), (400, "invalid-request")).await;
    let now = json_of(&read(g, &format!("{HOTELS}/CRUD")).await);
    assert_eq!((now["name"].as_str(), now["house_rooms"].as_u64(), now["closed"].as_bool()), (Some("New House"), Some(4), Some(false)));
    let (lane, pos) = before.split_once(' ').expect("lane and position");
    let then = json_of(&read(g, &format!("{HOTELS}/CRUD?as_of=pos:{lane}:{pos}")).await);
    assert_eq!(then["name"], "House");
    let other = (lane.parse::<u8>().expect("a lane") + 1) % 16;
    for unsupported in
        [format!("{HOTELS}/CRUD?as_of=pos:{other}:1"), format!("{HOTELS}/CRUD?as_of=date:2030-01-01"), format!("{HOTELS}?as_of=pos:1:1")]
    {
        assert_eq!(refusal(&read(g, &unsupported).await), (400, "as-of-unsupported".into()), "{unsupported}");
    }
    let list = json_of(&read(g, HOTELS).await);
    assert!(list["items"].as_array().expect("items").iter().any(|h| h["name"] == "New House"), "{list}");
}

async fn rooms(g: &Guest) {
    let at = format!("{HOTELS}/CRUD");
    for (t, name) in [("A", "Attic"), ("B", "Balcony")] {
        says(g, &format!("{at}/room-types"), &format!("t{t}"), json!({"room_type": t, "name": name}), 201).await;
    }
    refused(g, &format!("{at}/room-types"), "t1", json!({"room_type": "A", "name": "Again"}), (409, "room-type-exists")).await;
    says(g, &format!("{at}/room-types/A/changes"), "t2", json!({"name": "Attic room"}), 200).await;
    refused(g, &format!("{at}/room-types/Z/changes"), "t3", json!({"name": "Zero"}), (404, "room-type-unknown")).await;
    says(g, &format!("{at}/rooms"), "r1", json!({"room_type": "A", "first": 1, "last": 3, "floor": 1}), 201).await;
    says(g, &format!("{at}/rooms"), "r2", json!({"room_type": "B", "first": 1, "last": 1}), 201).await;
    refused(g, &format!("{at}/rooms"), "r3", json!({"room_type": "A", "first": 3, "last": 4}), (409, "room-exists")).await;
    refused(g, &format!("{at}/rooms"), "r4", json!({"room_type": "A", "first": 8, "last": 9, "floor": 900}), (400, "invalid-request"))
        .await;
    says(g, &format!("{at}/rooms/changes"), "r5", json!({"room_type": "A", "first": 3, "last": 3, "floor": 2}), 200).await;
    refused(g, &format!("{at}/rooms/changes"), "r6", json!({"room_type": "A", "first": 3, "last": 4, "floor": 2}), (404, "room-unknown"))
        .await;
    let seen = json_of(&read(g, &format!("{at}/rooms")).await);
    let floors: Vec<_> = seen["items"].as_array().expect("items").iter().map(|r| r["floor"].as_i64()).collect();
    assert_eq!(floors, [Some(1), Some(1), Some(2), None]);
    let limits = json!({"limits": [{"room_type": "*", "limit": 4}, {"room_type": "A", "limit": 3}], "reason": "opening"});
    read(g, &format!("{INVENTORY}/CRUD/availability?from=2030-01-01&to=2030-01-02")).await;
    says(g, &format!("{INVENTORY}/CRUD/limits"), "l1", limits, 200).await;
    read(g, &format!("{RESERVATIONS}/CRUD/reservations")).await;
    let floors = json_of(&read(g, &format!("{STAYS}/CRUD/floors")).await)["floors"].clone();
    assert_eq!(floors[0]["types"][0], json!({"room_type": "A", "rooms": 2, "free": 2, "ready": 2, "free_rooms": ["A-1", "A-2"]}));
    assert_eq!((floors[1]["floor"].as_i64(), floors[2]["floor"].as_i64()), (Some(2), None), "{floors}");
}

async fn guests(g: &Guest) {
    let made = says(g, GUESTS, "g1", json!({"name": "Ada", "email": "ada@example.org"}), 201).await;
    let ada = format!("{GUESTS}/{}", made["guest"].as_str().expect("a reference"));
    assert_eq!(json_of(&read(g, &ada).await)["name"], "Ada");
    says(g, &format!("{ada}/changes"), "g2", json!({"name": "Ada King"}), 200).await;
    assert_eq!(json_of(&read(g, &ada).await)["name"], "Ada King");
    refused(g, &format!("{GUESTS}/gst_0/changes"), "g3", json!({"name": "Nobody"}), (404, "guest-unknown")).await;
    let twin = says(g, GUESTS, "g4", json!({"name": "Ada K."}), 201).await["guest"].as_str().expect("a reference").to_owned();
    says(g, &format!("{GUESTS}/{twin}/merge"), "g5", json!({"into": made["guest"]}), 200).await;
    assert_eq!(refusal(&read(g, &format!("{GUESTS}/{twin}")).await), (410, "guest-merged".into()));

    // Who is expected is not forgotten.
    let mut body = booking("A", "2030-01-05", "2030-01-06", "tok_ok");
    body["guest"] = made["guest"].clone();
    let booked = says(g, &format!("{RESERVATIONS}/CRUD/reservations"), "g6", body, 201).await;
    read(g, &ada).await;
    let no = refused(g, &format!("{ada}/erasure"), "g7", json!({}), (409, "guest-in-use")).await;
    assert_eq!((dependants(&no), &no["dependants"][0]["ids"][0]), (vec![("reservation".to_owned(), 1)], &booked["reservation"]));
    let id = booked["reservation"].as_str().expect("an id");
    says(g, &format!("{RESERVATIONS}/CRUD/reservations/{id}/cancellation"), "g8", json!({}), 200).await;
    read(g, &ada).await;
    says(g, &format!("{ada}/erasure"), "g9", json!({}), 200).await;
    assert_eq!(refusal(&read(g, &ada).await), (410, "guest-erased".into()));
    let kept = json_of(&read(g, &format!("{RESERVATIONS}/CRUD/reservations/{id}")).await);
    assert_eq!(kept["guest"], made["guest"], "references stay");
}

/// Prepaid and refunded, prepaid and forfeited; and everything read as it was.
async fn bookings(g: &Guest) {
    let at = format!("{RESERVATIONS}/CRUD/reservations");
    let prepaid = |arrival: &str, departure: &str| {
        let mut body = booking("A", arrival, departure, "tok_ok");
        body["guarantee"] = json!({"kind": "prepaid", "token": "tok_ok"});
        body
    };
    let made = says(g, &at, "p1", prepaid("2030-01-02", "2030-01-04"), 201).await;
    let early = format!("{at}/{}", made["reservation"].as_str().expect("an id"));
    let answer = read(g, &early).await;
    let seen = json_of(&answer);
    assert_eq!((seen["prepaid"]["amount"].as_i64(), seen["guarantee"]["kind"].as_str()), (Some(20_000), Some("prepaid")));
    let payment = format!("{PAYMENTS}/CRUD/payments/{}", seen["payment"].as_str().expect("a payment"));
    assert_eq!(json_of(&read(g, &payment).await)["state"], "captured");
    let books = format!("{INVENTORY}/CRUD/on-the-books");
    let answer_of_books = read(g, &format!("{INVENTORY}/CRUD/availability?from=2030-01-02&to=2030-01-04&room_type=A")).await;
    assert_eq!(json_of(&answer_of_books)["nights"][0]["types"][0]["sold"], 1);

    // Cancelled before the day of arrival: all of it comes back, and the past is still there.
    let cancelled = says(g, &format!("{early}/cancellation"), "p2", json!({"reason": "ill"}), 200).await;
    assert_eq!(cancelled["refund"]["amount"], 20_000);
    assert_eq!(json_of(&read(g, &payment).await)["state"], "refunded");
    let position = header(&answer, "posthouse-at").rsplit_once('/').map(|(_, at)| at.to_owned()).expect("a position");
    let then = json_of(&read(g, &format!("{early}?as_of=pos:{position}")).await);
    assert_eq!((then["state"].as_str(), json_of(&read(g, &early).await)["state"].as_str()), (Some("confirmed"), Some("cancelled")));
    let lane: u8 = position.split(':').next().and_then(|lane| lane.parse().ok()).expect("a lane");
    assert_eq!(json_of(&read(g, &books).await)["nights"], json!([]));
    // The books at each position of the ledger: two nights while they were sold, none before and after.
    let mut seen = Vec::new();
    for pos in 1..60 {
        let shown = json_of(&read(g, &format!("{books}?as_of=pos:{lane}:{pos}")).await);
        let sold = shown["nights"].as_array().map_or(0, Vec::len);
        let free = json_of(&read(g, &format!("{INVENTORY}/CRUD/availability?from=2030-01-02&to=2030-01-04&as_of=pos:{lane}:{pos}")).await);
        let sold_there: i64 = free["nights"].as_array().map_or(0, |all| all.iter().filter_map(|n| n["house"]["sold"].as_i64()).sum());
        assert_eq!(free["nights"].is_null(), shown["nights"].is_null(), "{pos}");
        if sold == 2 {
            assert_eq!(sold_there, 2, "{pos}: both ways to the past say the same");
        }
        seen.push(sold);
    }
    seen.dedup();
    assert_eq!(seen, [0, 1, 0, 2, 0], "one night for Ada, then two");
    assert_eq!(json_of(&read(g, &format!("{books}?as_of=2100-01-01T00:00:00Z")).await)["nights"], json!([]));
    assert_eq!(refusal(&read(g, &format!("{books}?as_of=2000-01-01T00:00:00Z")).await), (404, "hotel-unknown".into()));
    for unsupported in [
        format!("{books}?as_of=pos:{}:1", (lane + 1) % 16),
        format!("{at}?as_of=date:2030-01-01"),
        format!("{RESERVATIONS}/CRUD/days?as_of=date:2030-01-01"),
        format!("{STAYS}/CRUD/stays?as_of=date:2030-01-01"),
        format!("{payment}?as_of=date:2030-01-01"),
    ] {
        assert_eq!(refusal(&read(g, &unsupported).await), (400, "as-of-unsupported".into()), "{unsupported}");
    }

    // Nobody comes: it is forfeited. Nobody cancels twice.
    refused(g, &format!("{early}/cancellation"), "p3", json!({}), (409, "not-confirmed")).await;
    let made = says(g, &at, "p4", prepaid("2030-01-01", "2030-01-02"), 201).await;
    let late = format!("{at}/{}", made["reservation"].as_str().expect("an id"));
    assert_eq!(says(g, &format!("{late}/cancellation"), "p5", json!({}), 200).await["refund"], Value::Null);
    let payment = json_of(&read(g, &late).await)["payment"].as_str().expect("a payment").to_owned();
    assert_eq!(json_of(&read(g, &format!("{PAYMENTS}/CRUD/payments/{payment}")).await)["state"], "captured");
    let declined = prepaid("2030-01-01", "2030-01-02").to_string().replace("tok_ok", "tok_declined");
    refused(g, &at, "p6", serde_json::from_str(&declined).expect("JSON"), (409, "card-declined")).await;
}

/// A booking, a stay in house, a limit: each of them keeps what it needs from being deleted.
async fn removal(g: &Guest) {
    let at = format!("{HOTELS}/CRUD");
    refused(
        g,
        &format!("{RESERVATIONS}/CRUD/reservations"),
        "b0",
        booking("Z", "2030-01-01", "2030-01-02", "tok_ok"),
        (404, "room-type-unknown"),
    )
    .await;
    let booked = says(g, &format!("{RESERVATIONS}/CRUD/reservations"), "b1", booking("A", "2030-01-01", "2030-01-03", "tok_ok"), 201).await;
    let id = booked["reservation"].as_str().expect("an id").to_owned();
    let stay = says(g, &format!("{STAYS}/CRUD/stays"), "s1", json!({"reservation": id}), 201).await;
    assert_eq!(stay["room"], "A-1");
    let floors = json_of(&read(g, &format!("{STAYS}/CRUD/floors?from=2030-01-02&to=2030-01-05&room_type=A")).await)["floors"].clone();
    assert_eq!(floors[0]["types"][0]["free_rooms"], json!(["A-2"]));
    let floors = json_of(&read(g, &format!("{STAYS}/CRUD/floors?from=2030-01-03&floor=1")).await)["floors"].clone();
    assert_eq!(floors[0]["types"][0]["free"], 2, "the guest has left by then");

    let rooms = |first: u32, last: u32| json!({"room_type": "A", "first": first, "last": last});
    let no = refused(g, &format!("{at}/rooms/deletions"), "d1", rooms(1, 3), (409, "room-in-use")).await;
    assert_eq!(dependants(&no), [("stay".to_owned(), 1)]);
    refused(g, &format!("{at}/rooms/deletions"), "d2", rooms(3, 4), (404, "room-unknown")).await;
    says(g, &format!("{at}/rooms/deletions"), "d3", rooms(2, 3), 200).await;
    assert_eq!(json_of(&read(g, &format!("{at}/rooms")).await)["items"].as_array().map(Vec::len), Some(2));
    assert_eq!(json_of(&read(g, &format!("{STAYS}/CRUD/rooms")).await)["items"].as_array().map(Vec::len), Some(2));
    let no = refused(g, &format!("{at}/room-types/A/deletion"), "d4", json!({}), (409, "room-type-in-use")).await;
    assert_eq!(dependants(&no), [("room".to_owned(), 1)]);
    says(g, &format!("{STAYS}/CRUD/stays/{id}/check-out"), "s2", json!({}), 200).await;
    says(g, &format!("{at}/rooms/deletions"), "d5", rooms(1, 1), 200).await;

    // No rooms any more; a booking and a limit are left.
    let booked = says(g, &format!("{RESERVATIONS}/CRUD/reservations"), "b2", booking("A", "2030-01-01", "2030-01-03", "tok_ok"), 201).await;
    let id = booked["reservation"].as_str().expect("an id").to_owned();
    let no = refused(g, &format!("{at}/room-types/A/deletion"), "d6", json!({}), (409, "room-type-in-use")).await;
    assert_eq!(dependants(&no), [("sell-limit".to_owned(), 3), ("reservation".to_owned(), 1)]);
    assert_eq!(no["dependants"][1]["ids"][0], id.as_str());
    says(g, &format!("{INVENTORY}/CRUD/limits"), "l2", json!({"limits": [{"room_type": "A", "limit": 0}], "reason": "closing"}), 200).await;
    let no = refused(g, &format!("{at}/room-types/A/deletion"), "d7", json!({}), (409, "room-type-in-use")).await;
    assert_eq!(dependants(&no), [("reservation".to_owned(), 1)]);
    says(g, &format!("{RESERVATIONS}/CRUD/reservations/{id}/cancellation"), "x1", json!({}), 200).await;
    let no = refused(g, &format!("{at}/deletion"), "d8", json!({}), (409, "hotel-in-use")).await;
    assert_eq!(dependants(&no), [("room-type".to_owned(), 2)]);
    says(g, &format!("{at}/room-types/A/deletion"), "d9", json!({}), 200).await;
    refused(g, &format!("{at}/room-types/A/deletion"), "d10", json!({}), (404, "room-type-unknown")).await;
    read(g, &format!("{RESERVATIONS}/CRUD/reservations")).await;
    refused(
        g,
        &format!("{RESERVATIONS}/CRUD/reservations"),
        "b3",
        booking("A", "2030-01-01", "2030-01-03", "tok_ok"),
        (404, "room-type-unknown"),
    )
    .await;

    // The code is free again, and means a new type.
    says(g, &format!("{at}/room-types"), "t9", json!({"room_type": "A", "name": "Annex"}), 201).await;
    says(g, &format!("{at}/room-types/A/deletion"), "d11", json!({}), 200).await;

    says(g, &format!("{at}/closing"), "c1", json!({"reason": "winter"}), 200).await;
    refused(g, &format!("{at}/closing"), "c2", json!({}), (409, "hotel-closed")).await;
    let seen = json_of(&read(g, &format!("{INVENTORY}/CRUD/availability?from=2030-01-01&to=2030-01-02")).await);
    assert_eq!((seen["closed"].as_bool(), seen["nights"][0]["house"]["available"].as_u64()), (Some(true), Some(0)));
    refused(
        g,
        &format!("{RESERVATIONS}/CRUD/reservations"),
        "b4",
        booking("B", "2030-01-01", "2030-01-03", "tok_ok"),
        (409, "hotel-closed"),
    )
    .await;
    says(g, &format!("{at}/reopening"), "c3", json!({}), 200).await;
    refused(g, &format!("{at}/reopening"), "c4", json!({}), (409, "hotel-open")).await;
    says(g, &format!("{at}/rooms/deletions"), "d12", json!({"room_type": "B", "first": 1, "last": 1}), 200).await;
    says(g, &format!("{at}/room-types/B/deletion"), "d13", json!({}), 200).await;
    says(g, &format!("{at}/deletion"), "d14", json!({}), 200).await;
    assert_eq!(refusal(&read(g, &at).await), (404, "hotel-unknown".into()));
    assert_eq!(json_of(&read(g, HOTELS).await)["items"], json!([]));
    refused(g, &format!("{at}/room-types"), "t10", json!({"room_type": "A", "name": "Ghost"}), (404, "hotel-unknown")).await;
}
