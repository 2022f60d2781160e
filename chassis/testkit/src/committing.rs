//! A committer beside a test: its loop runs in the same task, so nothing is spawned and nothing outlives the test.

use std::sync::Arc;
use std::time::Duration;

use eventstore::work::Deciding;
use eventstore::{Answer, Committer, Envelope, EventStore};
use kernel::{Clock, Protocol};

use crate::bank::Order;

/// Runs `body` with a committer over the store.
pub async fn beside<F: Future>(store: Arc<dyn EventStore>, clock: Arc<dyn Clock>, body: impl FnOnce(Committer) -> F) -> F::Output {
    beside_mutant(store, clock, Protocol::SOUND, body).await
}

/// The same with another protocol than the sound one.
pub async fn beside_mutant<F: Future>(
    store: Arc<dyn EventStore>,
    clock: Arc<dyn Clock>,
    protocol: Protocol,
    body: impl FnOnce(Committer) -> F,
) -> F::Output {
    let (committer, run) = Committer::new(store, clock, protocol);
    let body = body(committer);
    tokio::select! {
        biased;
        () = run => panic!("the committer's loop has ended"),
        out = body => out,
    }
}

/// An envelope with everything usual; the deadline is far away.
pub fn asked(caller: &str, key: &str, fingerprint: &str) -> Envelope {
    Envelope {
        caller: caller.to_owned(),
        key: key.to_owned(),
        fingerprint: fingerprint.to_owned(),
        if_match: None,
        undoes: None,
        deadline: tokio::time::Instant::now() + Duration::from_secs(86_400),
        actor: format!("{caller}'s hand"),
        causation: format!("because/{key}"),
        traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into(),
    }
}

/// Submits an order under a key of its own.
pub async fn order(committer: &Committer, key: &str, order: Order) -> Answer {
    let lane = order.lane();
    committer.submit(asked("test", key, key), lane, Box::new(Deciding(order))).await
}
