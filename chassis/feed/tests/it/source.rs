//! A bank whose feed is served over a wire, and the view database of whoever reads it.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use eventstore::simulated::{Disk, Simulated};
use eventstore::{Committer, EventStore, Recorded};
use feed::page::{CursorFault, Feed};
use feed::sql::{Cell, Db};
use feed::{Cursor, Page, Public};
use http::{Request, Response, StatusCode};
use kernel::chance::Seeded;
use peer::wire::BoxFuture;
use peer::{Lost, Wire};
use testkit::TokioClock;
use testkit::bank::{Doing, Order};
use testkit::committing::order;
use testkit::scripted::answer;

/// A bank: its disk, and the way to its committer.
pub struct Bank {
    pub disk: Disk,
    pub store: Arc<Simulated>,
    pub committer: Committer,
}

impl Bank {
    /// Runs `body` with a bank over this disk.
    pub async fn on<F: Future>(disk: &Disk, body: impl FnOnce(Arc<Self>) -> F) -> F::Output {
        let store = Arc::new(Simulated::new(disk.clone(), Arc::new(Seeded::new(5)), 200));
        testkit::beside(store.clone(), Arc::new(TokioClock::start()), |committer| {
            body(Arc::new(Self { disk: disk.clone(), store, committer }))
        })
        .await
    }

    /// Opens an account and pays it so often.
    pub async fn pay(&self, branch: &str, account: &str, times: i64) {
        order(&self.committer, &format!("open/{account}"), Order::at(branch, Doing::Open(account.into()))).await;
        for _ in 0..times {
            let key = format!("pay/{account}/{}", self.disk.all().len());
            order(&self.committer, &key, Order::at(branch, Doing::Pay(account.into(), 1))).await;
        }
    }

    /// One page after these cursors, without waiting.
    pub async fn page(&self, cursors: &[Cursor]) -> Result<Option<Page>, CursorFault> {
        self.page_within(cursors, Duration::ZERO).await
    }

    pub async fn page_within(&self, cursors: &[Cursor], wait: Duration) -> Result<Option<Page>, CursorFault> {
        let feed = Feed { service: "bank", store: self.store.as_ref(), publish };
        feed.next(cursors, self.committer.commits.clone(), wait).await
    }

    pub fn heads(&self) -> BTreeMap<u8, u64> {
        let mut heads = BTreeMap::new();
        for row in self.disk.all() {
            heads.insert(row.lane, row.pos);
        }
        heads
    }
}

/// Payments are public, openings are not.
pub fn publish(event: &Recorded) -> Option<Public> {
    let data: serde_json::Value = serde_json::from_str(&event.json).ok()?;
    let by = data["Paid"]["by"].clone();
    (event.name == "Paid").then(|| Public { kind: "bank.Paid", subject: event.stream.to_string(), data: by })
}

/// The bank's feed as a service serves it. Keeps the queries it was asked.
#[derive(Clone)]
pub struct FeedWire(pub Arc<Bank>, pub Arc<Mutex<Vec<String>>>);

impl FeedWire {
    async fn serve(&self, request: Request<Bytes>) -> Response<Bytes> {
        let query = request.uri().query().unwrap_or_default().to_owned();
        self.1.lock().expect("no panic").push(query.clone());
        let after = query.split('&').find_map(|pair| pair.strip_prefix("after=")).unwrap_or_default();
        let cursors: Vec<Cursor> = after.split(',').filter(|c| !c.is_empty()).map(|c| Cursor::parse(c).expect("a cursor")).collect();
        match self.0.page_within(&cursors, Duration::from_secs(20)).await {
            Ok(Some(page)) => answer(StatusCode::OK, None, &serde_json::to_string(&page).expect("JSON")),
            Ok(None) => answer(StatusCode::NO_CONTENT, None, ""),
            Err(CursorFault::Ahead) => answer(StatusCode::RANGE_NOT_SATISFIABLE, None, "{}"),
            Err(CursorFault::Fork) => answer(StatusCode::CONFLICT, None, "{}"),
            Err(CursorFault::Gone) => answer(StatusCode::GONE, None, "{}"),
            Err(CursorFault::Store(_)) => answer(StatusCode::SERVICE_UNAVAILABLE, None, "{}"),
        }
    }
}

impl Wire for FeedWire {
    fn send<'a>(&'a self, _: &'a str, request: Request<Bytes>) -> BoxFuture<'a, Result<Response<Bytes>, Lost>> {
        Box::pin(async move { Ok(self.serve(request).await) })
    }
}

/// Polls a future so often at most, then drops it where it stands: a crash.
pub async fn crash_after(polls: u32, living: impl Future<Output = ()>) {
    let mut living = pin!(living);
    let mut left = polls;
    std::future::poll_fn(|cx| {
        if left == 0 {
            return Poll::Ready(());
        }
        left -= 1;
        living.as_mut().poll(cx)
    })
    .await;
}

/// Lets a loop run until so much time has passed.
pub async fn run_for(time: Duration, run: impl Future<Output = ()>) {
    let _in_time = tokio::time::timeout(time, run).await;
}

/// Everything a query gives, as text.
pub async fn dump(db: &Db, sql: &'static str) -> Vec<String> {
    let shown = |cell: &Cell| match cell {
        Cell::Null => "-".to_owned(),
        Cell::Int(n) => n.to_string(),
        Cell::Text(text) => text.clone(),
    };
    let rows = db.rows(sql, Vec::new()).await.expect("a query");
    rows.iter().map(|row| row.iter().map(shown).collect::<Vec<_>>().join(" ")).collect()
}

/// The store behind a bank, as a port.
pub fn port(bank: &Bank) -> Arc<dyn EventStore> {
    bank.store.clone()
}
