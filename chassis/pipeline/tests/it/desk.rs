//! A service with a bank behind it, whole: store, committer, views, sagas, router.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use bytes::Bytes;
use eventstore::simulated::{Disk, Simulated};
use eventstore::{Committer, EventStore};
use feed::views::schema_of;
use feed::{Db, Positions};
use http::{Request, Response, StatusCode};
use kernel::chance::Seeded;
use kernel::{Clock, Ctx, Emit, Protocol, Staged, Stop};
use peer::{Call, Contract, Lost, Peers, Wire};
use pipeline::{Answer, Core, Criticality, Gates, Invalid, Problem, Role, RouteEntry, command, get, router, saga, standard};
use saga::drive::Desk;
use saga::{Begin, Ending, Kind, Registry, Saga, SagaRunner, Step};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use testkit::bank::{Account, Doing, Order};
use testkit::{Faulty, TokioClock};
use tower::ServiceExt;

/// Pays something into an account.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pay {
    branch: String,
    account: String,
    by: i64,
    #[serde(default)]
    note: String,
}

impl Contract for Pay {
    const SERVICE: &'static str = "bank";
    const NAME: &'static str = "Pay";
    const PATH: &'static str = "/branches/{branch}/accounts/{account}/payments";
    type Reply = Value;
}

impl TryFrom<Pay> for Order {
    type Error = Invalid;

    fn try_from(pay: Pay) -> Result<Self, Invalid> {
        if pay.by == 0 {
            return Err(Invalid::field("by", "must not be nothing"));
        }
        Ok(Self::at(&pay.branch, Doing::Pay(pay.account, pay.by)))
    }
}

/// Opens an account.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Open {
    branch: String,
    account: String,
}

impl Contract for Open {
    const SERVICE: &'static str = "bank";
    const NAME: &'static str = "Open";
    const PATH: &'static str = "/branches/{branch}/accounts";
    type Reply = Value;
}

impl TryFrom<Open> for Order {
    type Error = Invalid;

    fn try_from(open: Open) -> Result<Self, Invalid> {
        pipeline::validate::code("account", &open.account)?;
        Ok(Self::at(&open.branch, Doing::Open(open.account)))
    }
}

/// Does something awkward; for services only.
#[derive(Serialize, Deserialize)]
pub struct Awkward {
    branch: String,
    doing: String,
}

impl Contract for Awkward {
    const SERVICE: &'static str = "bank";
    const NAME: &'static str = "Awkward";
    const PATH: &'static str = "/branches/{branch}/awkward";
    type Reply = Value;
}

impl TryFrom<Awkward> for Order {
    type Error = Invalid;

    fn try_from(awkward: Awkward) -> Result<Self, Invalid> {
        let account = || "a".to_owned();
        let doing = match awkward.doing.as_str() {
            "panic" => Doing::Panic(account()),
            "busy" => Doing::Busy(account()),
            "long" => Doing::Long(account(), 600),
            _ => return Err(Invalid::field("doing", "is not awkward")),
        };
        Ok(Self::at(&awkward.branch, doing))
    }
}

/// Starts a saga that asks a peer once, or none.
#[derive(Serialize, Deserialize)]
pub struct Ask {
    branch: String,
    #[serde(default)]
    refuse: bool,
    /// `polite` or `silent`; nobody is asked when it is empty.
    #[serde(default)]
    peer: String,
}

impl Contract for Ask {
    const SERVICE: &'static str = "bank";
    const NAME: &'static str = "Ask";
    const PATH: &'static str = "/branches/{branch}/questions";
    type Reply = Value;
}

pub struct Asking(Ask);

impl TryFrom<Ask> for Asking {
    type Error = Invalid;

    fn try_from(ask: Ask) -> Result<Self, Invalid> {
        Ok(Self(ask))
    }
}

#[derive(Clone, Serialize, Deserialize)]
pub struct Asked {
    refuse: bool,
    peer: String,
}

pub struct Question;

fn ask(state: &Asked, verb: &str) -> Call {
    Call { service: "peer", name: "Ask", path: format!("/api/peer/v1/{verb}/{}", state.peer), body: "{}".into(), key: None }
}

static STEPS: [Step<Asked>; 1] = [Step {
    name: "ask",
    when: |s| !s.peer.is_empty(),
    call: |s, _| ask(s, "do"),
    times: saga::definition::once,
    each_round: false,
    kind: Kind::Undoable(|s| ask(s, "undo")),
    learn: saga::definition::nothing,
}];

impl Saga for Question {
    const NAME: &'static str = "question";
    type State = Asked;

    fn steps(_: u16) -> &'static [Step<Asked>] {
        &STEPS
    }

    fn end(id: &str, state: &Asked, ending: &Ending, _: &Staged, _: &Ctx, _: &mut Emit) -> Result<Value, Stop> {
        match (ending, state.refuse) {
            (Ending::Done, true) => Err(testkit::bank::No::TooPoor(7).into()),
            (Ending::Done, false) => Ok(json!({"answer": 42})),
            (Ending::Undone(_), _) => Ok(json!({"saga": id})),
        }
    }
}

impl Begin for Asking {
    type Saga = Question;

    fn partition(&self) -> &str {
        &self.0.branch
    }

    fn begin(&self, _: &str, _: &Staged, _: &Ctx, _: &mut Emit) -> Result<Asked, Stop> {
        Ok(Asked { refuse: self.0.refuse, peer: self.0.peer.clone() })
    }
}

/// A peer that answers when it is polite.
struct Somebody;

impl Wire for Somebody {
    fn send<'a>(&'a self, _: &'a str, request: Request<Bytes>) -> peer::wire::BoxFuture<'a, Result<Response<Bytes>, Lost>> {
        Box::pin(async move {
            if request.uri().path().ends_with("silent") {
                return std::future::pending().await;
            }
            Ok(testkit::scripted::answer(StatusCode::OK, Some("applied"), "{}"))
        })
    }
}

pub fn table() -> Vec<RouteEntry> {
    let mut routes = vec![
        command::<Open, Order>(Role::Desk, Criticality::Hold).creates("account"),
        command::<Pay, Order>(Role::Desk, Criticality::Hold),
        command::<Awkward, Order>(Role::Peer, Criticality::Finish),
        saga::<Ask, Asking>(Role::Guest, Criticality::Hold),
        get("bank", "/branches/{branch}/accounts/{account}", "Account", Role::Guest, Criticality::Quote, |core, call| {
            Box::pin(async move {
                let seen = core.aggregate::<Account>(&call, call.param("branch"), call.param("account")).await?;
                let seen = seen.ok_or_else(|| Problem::not_found("account-unknown"))?;
                Ok(Answer::json(&json!({"balance": seen.state.balance})).at(seen.at).version(seen.version))
            })
        }),
    ];
    routes.extend(standard::routes("bank"));
    routes
}

/// The service while a test runs.
#[derive(Clone)]
pub struct Bank {
    router: peer::inprocess::Router,
    pub core: Arc<Core>,
    pub store: Faulty<Simulated>,
}

/// Runs a test beside the service.
pub async fn bank<F: Future>(body: impl FnOnce(Bank) -> F) -> F::Output {
    let store = Faulty::new(Simulated::new(Disk::default(), Arc::new(Seeded::new(1)), 100));
    let (port, clock, chance): (Arc<dyn EventStore>, _, _) =
        (Arc::new(store.clone()), Arc::new(TokioClock::start()), Arc::new(Seeded::new(2)));
    let (committer, committing) = Committer::new(port.clone(), clock.clone(), Protocol::SOUND);
    let peers = Peers::new("bank", Arc::new(Somebody));
    let board = saga::Board::default();
    let desk = || Desk {
        service: "bank".into(),
        store: port.clone(),
        committer: committer.clone(),
        peers: peers.clone(),
        clock: clock.clone(),
        chance: chance.clone(),
        protocol: Protocol::SOUND,
        board: board.clone(),
    };
    let (sagas, running) = SagaRunner::new(desk(), Registry::default().with::<Question>());
    let core = Arc::new(Core {
        service: "bank",
        store: port.clone(),
        committer: committer.clone(),
        views: Db::in_memory(&schema_of(&[])).expect("a database"),
        pictures: Vec::new(),
        positions: Arc::new(Positions::new(vec!["bank".into()])),
        sagas,
        desk: Arc::new(desk()),
        peers: peers.clone(),
        publish: |_| None,
        clock: clock.clone(),
        chance: chance.clone(),
        passes: AtomicU64::new(0),
        gates: Gates::default(),
        started_at: clock.now(),
        hot: port.clone(),
        archived: Default::default(),
    });
    let router = router(&core, table()).expect("a router");
    let body = body(Bank { router, core, store });
    tokio::select! {
        biased;
        () = committing => panic!("the committer has ended"),
        () = running.run() => panic!("the runner has ended"),
        out = body => out,
    }
}

/// A request being put together.
pub struct Sending {
    bank: Bank,
    request: http::request::Builder,
    body: Bytes,
}

impl Bank {
    /// A command; the path is the part after `/api/bank/v1`.
    pub fn post(&self, path: &str, body: &str) -> Sending {
        let request = Request::post(format!("/api/bank/v1{path}"));
        Sending { bank: self.clone(), request, body: Bytes::from(body.to_owned()) }
    }

    pub fn get(&self, path: &str) -> Sending {
        Sending { bank: self.clone(), request: Request::get(format!("/api/bank/v1{path}")), body: Bytes::new() }
    }

    /// An account at the north branch.
    pub async fn open(&self, account: &str) {
        let body = json!({"account": account}).to_string();
        let made = self.post("/branches/north/accounts", &body).key(&format!("open/{account}")).send().await;
        assert_eq!(made.status(), StatusCode::CREATED, "{made:?}");
    }

    pub fn pay(&self, key: &str, by: i64) -> Sending {
        self.post("/branches/north/accounts/a/payments", &json!({"by": by}).to_string()).key(key)
    }
}

impl Sending {
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    pub fn arrived(mut self, arrived: peer::Arrived) -> Self {
        self.request = self.request.extension(arrived);
        self
    }

    pub fn method(mut self, method: &str) -> Self {
        self.request = self.request.method(method);
        self
    }

    pub fn key(self, key: &str) -> Self {
        self.with("idempotency-key", key)
    }

    pub async fn send(self) -> Response<Bytes> {
        let request = self.request.body(self.body).expect("a request");
        let Ok(response) = self.bank.router.clone().oneshot(request).await;
        response
    }
}

pub fn header<'a>(response: &'a Response<Bytes>, name: &str) -> Option<&'a str> {
    response.headers().get(name)?.to_str().ok()
}

pub fn body(response: &Response<Bytes>) -> Value {
    serde_json::from_slice(response.body()).expect("a JSON answer")
}

/// A problem of the right shape, with this status and code, that says whether it is certain that nothing happened.
#[track_caller]
pub fn problem(response: &Response<Bytes>, status: u16, code: &str, no_effect: bool) -> Value {
    let said = body(response);
    assert_eq!((response.status().as_u16(), said["code"].as_str()), (status, Some(code)), "{said}");
    assert_eq!(header(response, "content-type"), Some("application/problem+json"));
    assert_eq!(said["status"], status);
    assert_eq!(said["type"], format!("/docs/errors/{code}"));
    assert!(said["title"].as_str().is_some_and(|title| !title.is_empty()));
    assert_eq!(header(response, "posthouse-effect"), no_effect.then_some("none"));
    assert_eq!(header(response, "retry-after").is_some(), status == 503 || status == 429);
    said
}

/// A moment in which everything under way is done.
pub async fn a_moment() {
    tokio::time::sleep(Duration::from_secs(1)).await;
}
