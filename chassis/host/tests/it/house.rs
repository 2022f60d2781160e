//! A shop whose feed a mirror follows, over HTTP as anybody outside sees it.

use std::sync::Arc;

use eventstore::work::Deciding;
use feed::{Fact, Follow, Public};
use host::storage::SqliteFiles;
use host::{House, Platform, Service, Tasks};
use kernel::Protocol;
use kernel::chance::Seeded;
use peer::Contract;
use pipeline::{Answer, Criticality, Invalid, Problem, Role, command, get};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use testkit::TokioClock;
use testkit::bank::{Account, Doing, Order};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_util::sync::CancellationToken;

macro_rules! contract {
    ($name:ident, $service:literal, $path:literal, $doing:expr) => {
        #[derive(Serialize, Deserialize)]
        struct $name {
            account: String,
        }
        impl Contract for $name {
            const SERVICE: &'static str = $service;
            const NAME: &'static str = stringify!($name);
            const PATH: &'static str = $path;
            type Reply = Value;
        }
        impl TryFrom<$name> for Order {
            type Error = Invalid;
            fn try_from(command: $name) -> Result<Self, Invalid> {
                let doing: fn(String) -> Doing = $doing;
                Ok(Self::at("north", doing(command.account)))
            }
        }
    };
}
contract!(Open, "shop", "/accounts", Doing::Open);
contract!(Pay, "shop", "/accounts/{account}/payments", |account| Doing::Pay(account, 1));
contract!(Inside, "shop", "/inside/{account}", |account| Doing::Pay(account, 1_000));

fn balance(service: &'static str) -> pipeline::RouteEntry {
    get(service, "/accounts/{account}", "Account", Role::Public, Criticality::Quote, |core, call| {
        Box::pin(async move {
            let seen = core.aggregate::<Account>(&call, "north", call.param("account")).await?;
            let seen = seen.ok_or_else(|| Problem::not_found("account-unknown"))?;
            Ok(Answer::json(&json!({"balance": seen.state.balance, "payments": seen.state.payments})))
        })
    })
}

fn services() -> Vec<Service> {
    let routes = vec![
        command::<Open, Order>(Role::Desk, Criticality::Hold),
        command::<Pay, Order>(Role::Desk, Criticality::Hold),
        command::<Inside, Order>(Role::Peer, Criticality::Hold),
        balance("shop"),
    ];
    let mut shop = Service::new("shop", routes);
    shop.publish = |event| Some(Public { kind: "shop.Entry", subject: event.stream.id.clone(), data: json!(event.name) });
    let mut mirror = Service::new("mirror", vec![balance("mirror")]);
    mirror.follows = vec![Follow {
        source: "shop",
        react: |event| {
            let account = event.subject.clone();
            let doing = if event.data == "Opened" { Doing::Open(account) } else { Doing::Pay(account, 1) };
            Some(Fact { partition: "north".into(), work: Box::new(Deciding(Order::at("north", doing))) })
        },
    }];
    vec![mirror, shop]
}

struct Running {
    house: Arc<House>,
    at: std::net::SocketAddr,
    stop: CancellationToken,
}

async fn start(dir: &std::path::Path) -> Running {
    let chance = Arc::new(Seeded::new(1));
    let storage = Arc::new(SqliteFiles::new(dir.to_owned(), chance.clone()).expect("a directory"));
    let platform = Platform { storage, clock: Arc::new(TokioClock::start()), chance, protocol: Protocol::SOUND, tasks: Tasks::default() };
    let house = Arc::new(House::start(&platform, services(), |door| Arc::new(door)).expect("a house"));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let (at, stop) = (listener.local_addr().expect("an address"), CancellationToken::new());
    let front = host::listen::Front::outside(house.door.clone());
    house.tasks.spawn(host::listen::serve(listener, front, axum::Router::new(), house.tasks.clone(), stop.clone()));
    Running { house, at, stop }
}

impl Running {
    /// One HTTP/1.1 request; status and body.
    async fn send(&self, head: &str, headers: &[(&str, &str)], body: &str) -> (u16, Value) {
        let mut stream = tokio::net::TcpStream::connect(self.at).await.expect("a connection");
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let length = body.len();
        let text = format!("{head} HTTP/1.1\r\nhost: here\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n{body}");
        stream.write_all(text.as_bytes()).await.expect("written");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer");
        let status = answer.split(' ').nth(1).and_then(|s| s.parse().ok()).expect("a status");
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        (status, serde_json::from_str(body).unwrap_or_default())
    }

    async fn post(&self, path: &str, key: &str, more: &[(&str, &str)]) -> (u16, Value) {
        let body = if path.ends_with("accounts") { "{\"account\":\"a\"}" } else { "{}" };
        self.send(&format!("POST /api/{path}"), &[&[("idempotency-key", key)], more].concat(), body).await
    }

    /// The account as the mirror sees it, once it has followed the shop to its end.
    async fn mirrored(&self) -> (u16, Value) {
        let (lane, pos) = (kernel::lane_of("north"), self.house.cores["shop"].committer.commits.borrow()[&kernel::lane_of("north")]);
        let at = format!("shop/{lane}:{pos}");
        loop {
            let seen = self.send("GET /api/mirror/v1/accounts/a", &[("posthouse-at", &at)], "").await;
            if seen.0 != 503 {
                return seen;
            }
        }
    }
}

#[tokio::test]
async fn a_house_serves_follows_and_comes_back_with_everything() {
    let dir = tempfile::tempdir().expect("a directory");
    let running = start(dir.path()).await;
    assert_eq!(running.post("shop/v1/accounts", "open", &[]).await.0, 200);
    for n in 0..3 {
        assert_eq!(running.post("shop/v1/accounts/a/payments", &format!("k{n}"), &[]).await, (200, json!({"balance": n + 1})));
    }
    assert_eq!(running.mirrored().await, (200, json!({"balance": 3, "payments": 3})));
    running.stop.cancel();
    running.house.tasks.end().await;
    drop(running);
    let running = start(dir.path()).await;
    assert_eq!(running.post("shop/v1/accounts/a/payments", "k1", &[]).await, (200, json!({"balance": 2})), "a key is known for ever");
    assert_eq!(running.post("shop/v1/accounts/a/payments", "k9", &[]).await, (200, json!({"balance": 4})));
    assert_eq!(running.mirrored().await, (200, json!({"balance": 4, "payments": 4})), "nothing is followed twice");
    running.house.tasks.end().await;
}

#[tokio::test]
async fn nobody_outside_passes_for_a_service() {
    let dir = tempfile::tempdir().expect("a directory");
    let running = start(dir.path()).await;
    running.post("shop/v1/accounts", "open", &[]).await;
    let inside = running.post("shop/v1/inside/a", "k", &[("posthouse-caller", "mirror"), ("posthouse-undoes", "open")]).await;
    assert_eq!((inside.0, inside.1["code"].as_str()), (403, Some("not-allowed")));
    // A tombstone cannot be set from outside either: the key stays free.
    running.post("shop/v1/accounts/a/payments", "u", &[("posthouse-undoes", "later")]).await;
    assert_eq!(running.post("shop/v1/accounts/a/payments", "later", &[]).await.0, 200);
    assert_eq!(running.send("GET /api/nobody/v1/x", &[], "").await.0, 404);
    assert_eq!(running.send("GET /elsewhere", &[], "").await.0, 404);
    let large = "x".repeat(70 * 1_024);
    assert_eq!(running.send("POST /api/shop/v1/accounts", &[("idempotency-key", "l")], &large).await.0, 413);
    running.house.tasks.end().await;
}

/// Lines of a stream as they come, chunks put together.
struct Lines(tokio::net::TcpStream, String);

impl Lines {
    async fn open(running: &Running, after: &str) -> Self {
        let mut stream = tokio::net::TcpStream::connect(running.at).await.expect("a connection");
        let asked = format!("GET /api/shop/v1/feed?after={after} HTTP/1.1\r\nhost: here\r\naccept: application/x-ndjson\r\n\r\n");
        stream.write_all(asked.as_bytes()).await.expect("written");
        Self(stream, String::new())
    }

    /// The next line that says something; `None` at the end of the stream.
    async fn next(&mut self) -> Option<Value> {
        loop {
            let found = self.1.lines().find(|line| line.starts_with('{')).map(str::to_owned);
            if let Some(line) = found.filter(|line| self.1.contains(&format!("{line}\n"))) {
                self.1 = self.1.split_once(&line).map(|(_, rest)| rest.to_owned()).unwrap_or_default();
                return serde_json::from_str(&line).ok();
            }
            let mut bytes = [0; 4_096];
            match self.0.read(&mut bytes).await.expect("read") {
                0 => return None,
                n => self.1 += &String::from_utf8_lossy(&bytes[..n]),
            }
        }
    }
}

#[tokio::test]
async fn a_feed_is_streamed_page_by_page_until_the_house_stops() {
    let dir = tempfile::tempdir().expect("a directory");
    let running = start(dir.path()).await;
    running.post("shop/v1/accounts", "open", &[]).await;
    running.post("shop/v1/accounts/a/payments", "one", &[]).await;
    let mut lines = Lines::open(&running, "").await;
    let seen = |page: &Value| page["events"].as_array().map(Vec::len);
    let first = lines.next().await.expect("a page");
    assert_eq!((seen(&first), &first["from"]), (Some(2), &json!(0)), "{first}");
    running.post("shop/v1/accounts/a/payments", "two", &[]).await;
    let second = lines.next().await.expect("news");
    assert_eq!((seen(&second), &second["from"]), (Some(1), &first["next"]["pos"]), "{second}");
    let next = &second["next"];
    let cursor =
        format!("{}~{}~{}~{}", next["lane"], next["incarnation"].as_str().unwrap_or(""), next["pos"], next["hash8"].as_str().unwrap_or(""));
    // Some clients write the same cursor in other letters. What was read once does not come again.
    let mut from_there = Lines::open(&running, &cursor.replace('~', "%7E")).await;
    running.post("shop/v1/accounts/a/payments", "three", &[]).await;
    let third = from_there.next().await.expect("news");
    assert_eq!((seen(&third), &third["from"]), (Some(1), &second["next"]["pos"]), "{third}");
    let ahead = cursor.replacen(&format!("~{}~", next["pos"]), "~9999~", 1);
    for (bad, status) in [(ahead.as_str(), 416), ("nonsense", 400)] {
        let accept = [("accept", "application/x-ndjson")];
        assert_eq!(running.send(&format!("GET /api/shop/v1/feed?after={bad}"), &accept, "").await.0, status);
    }
    let nobody = running.send("GET /api/shop/v1/feed", &[("accept", "application/x-ndjson"), ("authorization", "Bearer ann")], "").await;
    assert_eq!(nobody.0, 401);
    running.house.closing.begin();
    running.stop.cancel();
    let last = from_there.next().await.expect("a reason");
    assert_eq!((last["code"].as_str(), from_there.next().await), (Some("closing"), None));
    running.house.tasks.end().await;
}
