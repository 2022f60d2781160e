//! The tape as a client of the service sees it, beside a reservations service of which only the feed exists.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use contracts::Nothing;
use eventstore::EventStore;
use eventstore::simulated::{Disk, Simulated};
use eventstore::work::Deciding;
use feed::{Cursor, Db, Page, PublicEvent};
use host::{House, Platform, Storage, Tasks};
use http::{Request, Response, StatusCode};
use kernel::chance::Seeded;
use kernel::{Ctx, Decide, Emit, Protocol, Staged, Stop, lane_of};
use peer::wire::BoxFuture;
use peer::{InProcess, Lost, Wire};
use serde_json::{Value, json};
use stays::domain::day::{BusinessDay, DayEvent};
use stays::domain::rack::{Rack, RackEvent};
use stays::domain::stay::Stay;
use testkit::scripted::answer;
use testkit::{TokioClock, asked};

use crate::desk::assigned;
use crate::rules::{checked_in, june, occupied};
use crate::story::{Said, booked, fact, theirs};

/// What reservations have said so far, one fact a position.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<PublicEvent>>>);

impl Told {
    fn say(&self, said: Said) {
        let Said::Theirs(event) = said else { panic!("theirs") };
        let mut all = self.0.lock().expect("no panic");
        let pos = all.len() as u64 + 1;
        all.push(PublicEvent { pos, ..event });
    }

    fn page(&self, after: u64) -> Option<Page> {
        let all = self.0.lock().expect("no panic");
        let events: Vec<PublicEvent> = all.iter().filter(|event| event.pos > after).cloned().collect();
        let pos = events.last()?.pos;
        Some(Page { from: after, next: Cursor { lane: lane_of("H"), incarnation: "i".into(), pos, hash8: "0".into() }, events })
    }
}

struct Outside {
    door: InProcess,
    told: Told,
}

impl Wire for Outside {
    fn send<'a>(&'a self, service: &'a str, request: Request<Bytes>) -> BoxFuture<'a, Result<Response<Bytes>, Lost>> {
        if service == "stays" {
            return self.door.send(service, request);
        }
        Box::pin(async move {
            let after = request.uri().query().and_then(|query| query.split('~').nth(2)).and_then(|pos| pos.parse().ok()).unwrap_or(0);
            for _ in 0..100 {
                if let Some(page) = self.told.page(after).filter(|_| service == "reservations") {
                    return Ok(answer(StatusCode::OK, None, &serde_json::to_string(&page).expect("JSON")));
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            Ok(answer(StatusCode::NO_CONTENT, None, ""))
        })
    }
}

struct Memory;

impl Storage for Memory {
    fn store(&self, _: &str) -> Result<Arc<dyn EventStore>, String> {
        Ok(Arc::new(Simulated::new(Disk::default(), Arc::new(Seeded::new(1)), 0)))
    }

    fn views(&self, _: &str, schema: &str) -> Result<Db, String> {
        Db::in_memory(schema).map_err(|e| e.to_string())
    }
}

/// Events that are simply the case.
struct Fact<F>(F);

impl<F: Fn(&mut Emit) + Send + Sync + 'static> Decide for Fact<F> {
    type Reply = Nothing;

    fn partition(&self) -> &str {
        "H"
    }

    fn decide(&self, _: &Staged, _: &Ctx, out: &mut Emit) -> Result<Nothing, Stop> {
        (self.0)(out);
        Ok(Nothing {})
    }
}

#[derive(Clone)]
struct Front {
    house: Arc<House>,
    told: Told,
}

impl Front {
    fn open() -> Self {
        let (told, chance) = (Told::default(), Arc::new(Seeded::new(7)));
        let clock = Arc::new(TokioClock::start());
        let platform = Platform { storage: Arc::new(Memory), clock, chance, protocol: Protocol::SOUND, tasks: Tasks::default() };
        let outside = |door: InProcess| -> Arc<dyn Wire> { Arc::new(Outside { door, told: told.clone() }) };
        let house = House::start(&platform, vec![stays::service()], outside).expect("a house");
        Self { house: Arc::new(house), told }
    }

    async fn is_the_case(&self, key: &str, what: impl Fn(&mut Emit) + Send + Sync + 'static) {
        let core = &self.house.cores["stays"];
        core.committer.submit(asked("test", key, "f"), lane_of("H"), Box::new(Deciding(Fact(what)))).await;
    }

    /// A hotel open on 1 June with rooms.
    async fn hotel(&self) {
        self.is_the_case("hotel", |out| {
            out.event::<BusinessDay>("H", DayEvent::HotelOpened { on: june(1), clean_on_checkout: true, house_rooms: None });
            out.event::<Rack>("H", RackEvent::RoomsAdded { room_type: "A".into(), first: 1, last: 3, floor: None });
        })
        .await;
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        let request = Request::get(format!("/api/stays/v1/hotels/H/{path}")).body(Bytes::new()).expect("a request");
        let answer = self.house.door.send("stays", request).await.expect("an answer");
        (answer.status().as_u16(), serde_json::from_slice(answer.body()).unwrap_or_default())
    }

    /// The answer as soon as it is as wanted.
    async fn until(&self, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..100 {
            let (_, body) = self.get(path).await;
            if wanted(&body) {
                return body;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("never as wanted: {:?}", self.get(path).await)
    }
}

fn bars(tape: &Value) -> Vec<String> {
    let word = |bar: &Value, name: &str| bar[name].as_str().unwrap_or("-").to_owned();
    let mut bars: Vec<String> = tape["bars"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|bar| format!("{} {} {}", word(bar, "id"), word(bar, "st"), word(bar, "row")))
        .collect();
    bars.sort();
    bars
}

#[tokio::test(start_paused = true)]
async fn the_desk_sees_who_comes_who_is_there_and_which_rooms_are_ready() {
    let front = Front::open();
    assert_eq!(front.get("tape").await.0, 404);
    front.hotel().await;
    for id in ["res_1", "res_2", "res_3"] {
        front.told.say(booked(id, "A", june(1), june(3)));
    }
    front.told.say(booked("res_4", "A", june(2), june(4)));
    front.told.say(booked("res_5", "A", june(20), june(22)));
    front
        .is_the_case("in", |out| {
            out.event::<Rack>("H", occupied(1, "res_1"));
            out.event::<Stay>("res_1", checked_in(None));
            out.event::<Rack>("H", assigned(2, "res_2"));
        })
        .await;
    let tape = front.until("tape?nights=10", |tape| bars(tape).len() == 4).await;
    assert_eq!(bars(&tape), ["res_1 in_house A-1", "res_2 confirmed A-2", "res_3 confirmed A-3", "res_4 confirmed -"]);
    assert_eq!((&tape["rooms"][0]["occupied_by"], &tape["rooms"][1]["room"]), (&json!("res_1"), &json!("A-2")));
    assert_eq!(bars(&front.get("tape?from=2031-06-19&nights=2").await.1), ["res_5 confirmed A-1"]);
    assert_eq!(bars(&front.get("tape?room_type=B").await.1), Vec::<String>::new());
    assert_eq!(front.get("tape?nights=63").await.0, 400);
    let (_, arrivals) = front.get("arrivals").await;
    let ready: Vec<_> = arrivals["items"].as_array().expect("items").iter().map(|item| item["ready"].clone()).collect();
    assert_eq!(ready, [Value::Null, json!(["A-2", "A-3"]), json!(["A-3"])], "{arrivals}");
    let (_, status) = front.get("house-status").await;
    assert_eq!((&status["rooms"], &status["occupied"], &status["clean"]), (&json!(3), &json!(1), &json!(2)), "{status}");
    assert_eq!(status["arrivals"], json!({"left": 2, "done": 1}));
    assert_eq!((&status["departures"]["left"], &status["stay_over"], &status["assigned"]), (&json!(0), &json!(1), &json!(1)));
    let (_, in_house) = front.get("in-house").await;
    assert_eq!((&in_house["items"][0]["id"], &in_house["items"][0]["nights_posted"]), (&json!("res_1"), &json!(0)), "{in_house}");
    assert_eq!(front.get("departures?date=2031-06-03").await.1["items"][0]["id"], json!("res_1"));
    let found = async |q: &str| {
        let (_, found) = front.get(&format!("tape/find?q={q}")).await;
        found["items"]
            .as_array()
            .map(|items| items.iter().map(|i| i["id"].as_str().unwrap_or("").to_owned()).collect::<Vec<_>>())
            .unwrap_or_default()
    };
    assert_eq!(found("a1").await, ["res_1"]);
    assert_eq!(found("ph-RES4").await, ["res_4"]);
    assert_eq!(found("PH").await.len(), 5);
    assert_eq!(found("").await, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn what_has_changed_since_is_told_and_waited_for() {
    let front = Front::open();
    front.hotel().await;
    let tape = front.until("tape", |tape| tape["epoch"].is_string()).await;
    let (epoch, seq) = (tape["epoch"].as_str().expect("an epoch"), tape["seq"].as_i64().expect("a number"));
    let after = |seq: i64, wait: u64| format!("tape/changes?after={epoch}.{seq}&wait={wait}s");
    assert_eq!(front.get(&after(seq, 0)).await.1, json!({"epoch": epoch, "seq": seq, "changes": []}));
    // Longer than it waits by itself: news end the wait.
    let began = tokio::time::Instant::now();
    let poll = after(seq, 20);
    let (answer, ()) = futures::join!(front.get(&poll), async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        front.told.say(booked("res_1", "A", june(1), june(3)));
    });
    assert!(began.elapsed() < Duration::from_secs(4));
    assert_eq!((&answer.1["seq"], &answer.1["changes"][0]["row"]), (&json!(seq + 1), &json!("A-1")), "{answer:?}");
    front.told.say(theirs("Cancelled", &fact("res_1", "cancelled")));
    let gone = front.until(&after(seq, 0), |body| body["seq"] == json!(seq + 2)).await;
    assert_eq!(gone["changes"], json!([{"id": "res_1", "v": seq + 2, "gone": "cancelled"}]));
    for lost in ["tape/changes".to_owned(), "tape/changes?after=other.0".to_owned(), after(seq + 9, 0)] {
        assert_eq!(front.get(&lost).await.1, json!({"reset": true, "epoch": epoch, "seq": seq + 2}), "{lost}");
    }
    for n in 0..501 {
        front.told.say(booked(&format!("many_{n}"), "A", june(5), june(6)));
    }
    front.until(&after(seq + 500, 0), |body| body["seq"] == json!(seq + 503)).await;
    assert_eq!(front.get(&after(seq + 2, 0)).await.1["reset"], json!(true));
    assert_eq!(front.get(&after(seq + 3, 0)).await.1["changes"].as_array().map(Vec::len), Some(500));
    assert_eq!(front.get("tape/changes?after=nonsense").await.0, 400);
    // Who waits is sent away when the process goes down.
    let wait = after(seq + 503, 20);
    let (answer, ()) = futures::join!(front.get(&wait), async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        front.house.closing.begin();
    });
    assert_eq!((answer.0, &answer.1["code"]), (503, &json!("closing")));
}
