//! The house in pieces: one process a service and a gateway, all of them real, one of them killed.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client as Http;
use hyper_util::rt::TokioExecutor;
use posthouse::client::{Answer, Client};
use posthouse::replay::{Guarantee, Options, Replay};
use posthouse::roster::SERVICES;
use serde_json::{Value, json};

use crate::support::{booking, json_of, program, refusal};

/// How long anything may take that is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// A process of the house, with its addresses for everybody and for peers; killed when it is dropped.
struct Part {
    config: PathBuf,
    outside: SocketAddr,
    inside: SocketAddr,
    child: Child,
}

fn free() -> SocketAddr {
    host::free::loopback().expect("a free port")
}

fn spawn(config: &Path) -> Child {
    let mut command = Command::new(program());
    command.args(["run", "--config"]).arg(config);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::inherit()).spawn().expect("a process")
}

impl Part {
    fn start(dir: &Path, name: &str, outside: SocketAddr, inside: SocketAddr, more: &str, peers: &str) -> Self {
        let config = dir.join(format!("{name}.toml"));
        let data = dir.join(name);
        let text = format!("listen = \"{outside}\"\npeer_listen = \"{inside}\"\ndata = \"{}\"\n{more}\n[peers]\n{peers}", data.display());
        std::fs::write(&config, text).expect("written");
        let child = spawn(&config);
        Self { config, outside, inside, child }
    }

    fn kill(&mut self) {
        let _already_gone = self.child.kill();
        let _already_gone = self.child.wait();
    }

    /// Asks it to stop and waits (bounded) until it has.
    async fn terminate(&mut self) -> ExitStatus {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().expect("kill").success());
        let until = tokio::time::Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return status;
            }
            assert!(tokio::time::Instant::now() < until, "it does not stop");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        self.kill();
    }
}

/// One request as it is; `None` when there is no answer.
async fn raw(at: SocketAddr, request: http::request::Builder, path: &str, body: &Value) -> Option<Response<Bytes>> {
    let http: Http<_, Full<Bytes>> = Http::builder(TokioExecutor::new()).build_http();
    let request = request.uri(format!("http://{at}{path}")).body(Full::new(Bytes::from(body.to_string()))).expect("a request");
    let (parts, body) = http.request(request).await.ok()?.into_parts();
    Some(Response::from_parts(parts, body.collect().await.ok()?.to_bytes()))
}

async fn get(at: SocketAddr, path: &str) -> Option<Response<Bytes>> {
    raw(at, Request::get("/"), path, &json!(null)).await
}

/// Asks until the answer is as wanted.
async fn until(at: SocketAddr, path: &str, is_good: impl Fn(&Response<Bytes>) -> bool) -> Response<Bytes> {
    let until = tokio::time::Instant::now() + PATIENCE;
    loop {
        let answer = get(at, path).await;
        if let Some(answer) = answer.filter(&is_good) {
            return answer;
        }
        assert!(tokio::time::Instant::now() < until, "{at}{path} does not answer as it should");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The house in pieces, in the order of the roster, and its gateway.
struct Pieces {
    parts: Vec<Part>,
    gateway: Part,
    client: Client,
    _dir: tempfile::TempDir,
}

impl Pieces {
    async fn start() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let addresses: Vec<(SocketAddr, SocketAddr)> = SERVICES.iter().map(|_| (free(), free())).collect();
        // The first address of each is one where nobody is: a replica that is down.
        let peers: String = SERVICES
            .iter()
            .zip(&addresses)
            .map(|((name, _), (_, at))| format!("{name} = [\"http://{}\", \"http://{at}\"]\n", free()))
            .collect();
        let part = |((name, _), (outside, inside)): (&(&str, &[&str]), &(SocketAddr, SocketAddr))| {
            Part::start(dir.path(), name, *outside, *inside, &format!("roles = [\"{name}\"]"), &peers)
        };
        let parts: Vec<Part> = SERVICES.iter().zip(&addresses).map(part).collect();
        let gateway = Part::start(dir.path(), "gateway", free(), free(), "gateway = true", &peers);
        for part in parts.iter().chain([&gateway]) {
            until(part.outside, "/readyz", |answer| answer.status() == 200).await;
        }
        let client = Client::new(&format!("http://{}", gateway.outside)).expect("a client");
        Self { parts, gateway, client, _dir: dir }
    }

    fn part(&mut self, service: &str) -> &mut Part {
        let place = SERVICES.iter().position(|(name, _)| *name == service).expect("a service");
        &mut self.parts[place]
    }

    async fn post(&self, path: &str, key: &str, body: &Value) -> Value {
        let answer = self.client.post(path, key, Bytes::from(body.to_string())).await.expect("an answer");
        assert!(answer.applied(), "{path}: {}", answer.refusal());
        answer.json().expect("JSON")
    }

    async fn read(&self, path: &str) -> Value {
        self.client.read(path).await.expect("an answer")
    }

    async fn hotel(&self) {
        let hotel = json!({"hotel": "H", "name": "House", "opens_on": "2030-01-01", "currency": "EUR", "time_zone": "Europe/Vienna", "clean_on_checkout": true});
        self.post("/api/hotels/v1/hotels", "h", &hotel).await;
        self.post("/api/hotels/v1/hotels/H/room-types", "t", &json!({"room_type": "A", "name": "A"})).await;
        self.post("/api/hotels/v1/hotels/H/rooms", "r", &json!({"room_type": "A", "first": 1, "last": 3})).await;
        // Each is answered only after its service has heard of the hotel.
        self.read("/api/inventory/v1/hotels/H/availability?from=2030-01-01&to=2030-01-02").await;
        self.read("/api/reservations/v1/hotels/H/reservations").await;
        self.read("/api/stays/v1/hotels/H/rooms").await;
        let limits = json!({"limits": [{"room_type": "*", "limit": 3}, {"room_type": "A", "limit": 3}], "reason": "opening"});
        self.post("/api/inventory/v1/hotels/H/limits", "l", &limits).await;
    }

    async fn book(&self, key: &str, token: &str) -> String {
        let body = booking("A", "2030-01-01", "2030-01-02", token);
        let booked = self.post("/api/reservations/v1/hotels/H/reservations", key, &body).await;
        booked["reservation"].as_str().expect("an id").to_owned()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_house_in_pieces_takes_a_guest_from_booking_to_departure() {
    let mut house = Pieces::start().await;
    house.hotel().await;
    let id = house.book("b", "tok_ok").await;
    let stay = house.post("/api/stays/v1/hotels/H/stays", "i", &json!({"reservation": id})).await;
    assert_eq!(stay["room"], "A-1");
    let day = house.post("/api/stays/v1/hotels/H/business-day/closings", "d", &json!({"date": "2030-01-01"})).await;
    assert_eq!((day["in_house"].as_u64(), day["business_date"].as_str()), (Some(1), Some("2030-01-02")));
    let left = house.post(&format!("/api/stays/v1/hotels/H/stays/{id}/check-out"), "o", &json!({})).await;
    assert_eq!(left["nights_stayed"], 1);
    let folio = house.read(&format!("/api/stays/v1/hotels/H/folios/{id}")).await;
    assert_eq!((folio["posted"]["amount"].as_i64(), folio["balance"]["amount"].as_i64()), (Some(10_000), Some(0)));
    assert_eq!(house.read("/api/payments/v1/provider/authorisations").await["open"], 0);
    the_outside_passes_for_nobody(&house).await;
    an_operator_sees_the_peers(&mut house).await;
    // Five followers wait for news of the hotels, each for twenty seconds: they do not keep it from going down.
    let began = tokio::time::Instant::now();
    assert!(house.part("hotels").terminate().await.success());
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    assert!(house.gateway.terminate().await.success());
}

async fn the_outside_passes_for_nobody(house: &Pieces) {
    let inventory = &house.parts[1];
    let hold = json!({"reservation": "r", "room_type": "A", "arrival": "2030-01-02", "departure": "2030-01-03", "ttl_s": 60});
    let ask = |at: SocketAddr, key: &'static str| {
        let request = Request::post("/").header("idempotency-key", key).header("posthouse-caller", "reservations");
        let hold = hold.clone();
        async move { raw(at, request, "/api/inventory/v1/hotels/H/holds", &hold).await.expect("an answer") }
    };
    for outside in [house.gateway.outside, house.gateway.inside, inventory.outside] {
        let forged = ask(outside, "forged").await;
        let known = if outside == house.gateway.inside { (404, "not-found".to_owned()) } else { (403, "not-allowed".to_owned()) };
        assert_eq!(refusal(&forged), known, "{outside}");
    }
    assert_eq!(ask(inventory.inside, "true").await.status(), 200, "a peer is who it says it is, where only peers are");
    let elsewhere = get(inventory.outside, "/api/stays/v1/hotels/H/rooms").await.expect("an answer");
    assert_eq!(refusal(&elsewhere), (404, "not-found".into()), "no gateway, no way");
    assert_eq!(get(inventory.inside, "/metrics").await.expect("an answer").status(), 404);
}

async fn an_operator_sees_the_peers(house: &mut Pieces) {
    let at = house.part("stays").outside;
    let shown = |answer: &Response<Bytes>| -> Vec<(String, String)> {
        let peers = json_of(answer)["peers"].clone();
        let text = |peer: &Value, field: &str| peer[field].as_str().unwrap_or_default().to_owned();
        peers.as_array().into_iter().flatten().map(|peer| (text(peer, "peer"), text(peer, "breaker"))).collect()
    };
    let seen = get(at, "/ops/peers").await.expect("an answer");
    for peer in ["hotels", "inventory", "payments", "reservations"] {
        assert!(shown(&seen).contains(&(peer.to_owned(), "closed".to_owned())), "{:?}", seen.body());
    }
    let turn = |body: Value, token: &'static str| async move {
        let request = Request::post("/").header("authorization", token);
        raw(at, request, "/ops/peers", &body).await.expect("an answer")
    };
    let open = |peer: &str| json!({"peer": peer, "switch": "open", "reason": "sick", "minutes": 5});
    let opened = turn(open("payments"), "Bearer dev:ann").await;
    assert_eq!((opened.status().as_u16(), json_of(&opened)["breaker"].as_str()), (200, Some("open")));
    assert_eq!(json_of(&opened)["hand"]["by"], "dev:ann");
    for bad in [json!({"peer": "payments", "switch": "ajar"}), json!({"peer": "payments", "switch": "open"})] {
        assert_eq!(refusal(&turn(bad, "Bearer dev:ann").await), (400, "invalid-request".into()));
    }
    assert_eq!(refusal(&turn(open("nobody"), "Bearer dev:ann").await), (404, "not-found".into()));
    assert_eq!(refusal(&turn(open("payments"), "Bearer dev:desk:ann").await), (403, "not-allowed".into()));
    assert_eq!(refusal(&turn(open("payments"), "Basic x").await), (401, "not-authenticated".into()));
    let metrics = get(at, "/metrics").await.expect("an answer");
    let metrics = String::from_utf8_lossy(metrics.body()).into_owned();
    assert!(metrics.contains("posthouse_peer_breaker{peer=\"payments\"} 3"), "{metrics}");
    assert!(
        metrics.contains("posthouse_shed_total{service=\"stays\"} 0") && metrics.contains("posthouse_throttled_total{service=\"stays\"} 0")
    );
    turn(json!({"peer": "payments", "switch": "automatic"}), "Bearer dev:ann").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_is_killed_in_the_middle_of_a_booking_comes_back_and_the_booking_ends() {
    let mut house = Pieces::start().await;
    house.hotel().await;
    let payments = house.part("payments").outside;
    let (booked, ()) = {
        let parts = &mut house.parts;
        let client = &house.client;
        let body = Bytes::from(booking("A", "2030-01-01", "2030-01-02", "tok_slow").to_string());
        let booking = client.post("/api/reservations/v1/hotels/H/reservations", "b", body);
        let killing = async {
            // The card takes a second: the authorisation is open, and its answer is not there.
            until(payments, "/api/payments/v1/sagas", |answer| json_of(answer)["open"].as_u64().is_some_and(|open| open > 0)).await;
            let part = &mut parts[4];
            part.kill();
            part.child = spawn(&part.config);
        };
        futures::join!(booking, killing)
    };
    let booked: Answer = booked.expect("an answer");
    assert!(booked.applied(), "{}", booked.refusal());
    let booked: Value = booked.json().expect("JSON");
    assert_eq!(booked["state"], "confirmed");
    assert_eq!(house.read("/api/payments/v1/provider/authorisations").await["open"], 1, "one booking, one authorisation");
    for service in ["reservations", "payments"] {
        let sagas = house.read(&format!("/api/{service}/v1/sagas")).await;
        assert_eq!(sagas["open"], 0, "{sagas}");
    }
}

#[test]
fn a_process_that_could_not_reach_whom_it_needs_says_so_and_does_not_start() {
    let dir = tempfile::tempdir().expect("a directory");
    let config = dir.path().join("x.toml");
    let run = |text: &str, more: &[&str]| {
        std::fs::write(&config, text).expect("written");
        let data = dir.path().join("data");
        let mut command = Command::new(program());
        command.args(["run", "--listen", "127.0.0.1:0", "--config"]).arg(&config).arg("--data").arg(data).args(more);
        let output = command.output().expect("a process");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, said) = run("roles = [\"hotels\"]", &["--only", "reservations"]);
    assert_eq!(code, Some(2));
    assert!(said.contains("reservations commands inventory") && said.contains("POSTHOUSE_PEER_INVENTORY"), "{said}");
    let (code, said) = run("role = \"hotels\"", &[]);
    assert_eq!(code, Some(2));
    assert!(said.contains("unknown field `role`") && said.contains("x.toml"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replay_through_the_gateway_finds_no_difference() {
    let house = Pieces::start().await;
    let file = crate::support::root().join("posthouse/testdata/bookings.csv");
    let rows = Some("1..40".parse().expect("a range"));
    let options = Options { rows, guarantee: Guarantee::Card, ..Options::golden(file) };
    let report = Replay::read(options).expect("a file").run(&format!("http://{}", house.gateway.outside)).await;
    assert_eq!(report.expect("a report").differences.len(), 0);
}
