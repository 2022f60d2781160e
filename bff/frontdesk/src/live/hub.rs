//! One follower of a hotel's tape for all its open desks: it waits at stays, joins names, renders each change once, and hands
//! the same bytes to everybody. It runs only while somebody listens.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use jiff::civil::Date;
use kit::live::event;
use kit::{Front, Part};
use serde_json::json;
use tokio::sync::{Notify, broadcast, watch};
use tokio::time::Instant;

use super::aside;
use super::names::Names;
use super::pace::{self, QUIET};
use super::row::{Change, Changes, told};

/// News that a listener may be behind; then it has to fetch the whole.
const QUEUE: usize = 1_024;
/// A long poll at stays.
const WAIT_S: u64 = 20;
/// Patience with that poll.
const PATIENCE: Duration = Duration::from_secs(25);
/// Pause after stays did not answer.
const SILENCE: Duration = Duration::from_secs(1);
/// Patience with names of guests.
const NAMES: Duration = Duration::from_millis(400);

/// Where a tape is: its epoch and the number of the last change.
pub type Head = (String, u64);

/// Something that all desks of a hotel are told.
#[derive(Clone, Debug)]
pub struct News {
    /// Where the tape is after it; none: it is not about bars.
    pub head: Option<Head>,
    /// The events.
    pub bytes: Bytes,
}

/// All hubs of a process.
#[derive(Default)]
pub struct Hubs {
    /// Names, for all hotels.
    pub names: Names,
    by_hotel: Mutex<BTreeMap<String, Arc<Hub>>>,
}

/// What is common to the open desks of one hotel.
pub struct Hub {
    /// The hotel.
    pub hotel: String,
    /// Tells everybody.
    pub news: broadcast::Sender<News>,
    /// Where the tape is; listeners that come begin there.
    pub head: watch::Sender<Option<Head>>,
    /// Something has changed that figures beside the bars may follow.
    pub stirred: Notify,
    date: Mutex<Option<Date>>,
    /// Nights the listeners look at.
    windows: Mutex<BTreeMap<u64, (Date, Date)>>,
    /// Nothing is told until then.
    quiet_until: Mutex<Option<Instant>>,
    /// Snapshots for a flood: built once, for whoever comes.
    pub snapshots: tokio::sync::Mutex<BTreeMap<String, (Instant, Bytes)>>,
}

fn locked<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A desk that listens; it stops when this is dropped.
pub struct Listening {
    /// The hub.
    pub hub: Arc<Hub>,
    /// Its news.
    pub news: broadcast::Receiver<News>,
    number: u64,
}

impl Drop for Listening {
    fn drop(&mut self) {
        locked(&self.hub.windows).remove(&self.number);
    }
}

impl Hubs {
    /// Listens to a hotel; the first who does starts its follower.
    pub fn listen(self: &Arc<Self>, front: &Front, hotel: &str, window: Option<(Date, Date)>) -> Listening {
        let mut hubs = locked(&self.by_hotel);
        let is_new = !hubs.contains_key(hotel);
        let hub = hubs.entry(hotel.to_owned()).or_insert_with(|| Arc::new(Hub::new(hotel))).clone();
        let news = hub.news.subscribe();
        let number = front.setup.chance.next();
        if let Some(window) = window {
            locked(&hub.windows).insert(number, window);
        }
        if is_new {
            let (hubs, front, of) = (self.clone(), front.clone(), hub.clone());
            (front.setup.spawn.clone())(Box::pin(async move { hubs.run(&front, &of).await }));
        }
        Listening { hub, news, number }
    }

    /// The hub of a hotel, if anybody listens there.
    pub fn of(&self, hotel: &str) -> Option<Arc<Hub>> {
        locked(&self.by_hotel).get(hotel).cloned()
    }

    async fn run(&self, front: &Front, hub: &Hub) {
        loop {
            tokio::select! {
                biased;
                () = front.setup.closing.begun() => return,
                () = hub.news.closed() => {
                    // Under the lock nobody begins to listen: either they are seen here, or they start another follower.
                    let mut hubs = locked(&self.by_hotel);
                    if hub.news.receiver_count() == 0 {
                        hubs.remove(&hub.hotel);
                        return;
                    }
                }
                () = follow(front, hub, &self.names) => return,
                () = aside::follow(front, hub) => return,
            }
        }
    }
}

impl Hub {
    fn new(hotel: &str) -> Self {
        Self {
            hotel: hotel.to_owned(),
            news: broadcast::Sender::new(QUEUE),
            head: watch::Sender::new(None),
            stirred: Notify::new(),
            date: Mutex::default(),
            windows: Mutex::default(),
            quiet_until: Mutex::default(),
            snapshots: tokio::sync::Mutex::default(),
        }
    }

    /// Tells everybody; that nobody listens any more is no matter.
    pub fn tell(&self, head: Option<Head>, bytes: Bytes) {
        let _nobody = self.news.send(News { head, bytes });
    }

    /// From the first to the last night that anybody looks at.
    pub fn window(&self) -> Option<(Date, Date)> {
        let windows = locked(&self.windows);
        Some((windows.values().map(|w| w.0).min()?, windows.values().map(|w| w.1).max()?))
    }

    /// Whether desks have been sent to fetch the whole just now.
    pub fn is_quiet(&self) -> bool {
        locked(&self.quiet_until).is_some_and(|until| Instant::now() < until)
    }

    /// The open date is known.
    pub fn set_date(&self, date: Date) {
        *locked(&self.date) = Some(date);
    }

    /// The open date.
    pub fn date(&self) -> Option<Date> {
        *locked(&self.date)
    }
}

/// The id of a place on the tape.
pub fn id(head: &Head) -> String {
    format!("tape.{}.{}", head.0, head.1)
}

/// `reset`: fetch the whole.
pub fn reset(why: &str) -> Bytes {
    event("reset", None, &json!({"why": why}))
}

/// The changes a place on the tape is behind.
pub async fn changes(front: &Front, hotel: &str, after: Option<&Head>, wait_s: u64, within: Duration) -> Part<Changes> {
    let after = after.map(|(epoch, seq)| format!("&after={epoch}.{seq}")).unwrap_or_default();
    let path = format!("/hotels/{hotel}/tape/changes?wait={wait_s}s{after}");
    if wait_s == 0 { front.ask().get_within("stays", &path, within).await } else { front.ask().wait("stays", &path, within).await }
}

/// The rows of one change as one write, with the place on the last: whoever resumes there has seen all of it.
pub async fn rows(front: &Front, names: &Names, head: &Head, changes: &[Change]) -> Bytes {
    let guest = |change: &Change| if let Change::Bar(bar) = change { bar.guest.clone() } else { None };
    let guests: Vec<String> = changes.iter().filter_map(guest).collect();
    let joined = names.of(front, guests.iter().map(String::as_str).collect::<BTreeSet<_>>(), NAMES).await;
    let (mut bytes, place) = (BytesMut::new(), id(head));
    for (n, change) in changes.iter().enumerate() {
        let id = (n + 1 == changes.len()).then_some(place.as_str());
        bytes.extend_from_slice(&match change {
            Change::Bar(bar) => {
                let name = bar.guest.as_ref().and_then(|guest| joined.names.get(guest)).map(String::as_str);
                event("bar", id, &told(bar, name))
            }
            Change::Gone(gone) => event("gone", id, gone),
        });
    }
    bytes.freeze()
}

/// Follows the tape for ever.
async fn follow(front: &Front, hub: &Hub, names: &Names) {
    let mut is_silent = false;
    loop {
        let at = hub.head.borrow().clone();
        // The first answer says where the tape is; nobody has to wait for a change to learn that.
        let wait_s = if at.is_some() { WAIT_S } else { 0 };
        let said = match changes(front, &hub.hotel, at.as_ref(), wait_s, PATIENCE).await {
            Part::Here(said) => said,
            Part::No(_) | Part::Silent(_) => {
                if !std::mem::replace(&mut is_silent, true) {
                    hub.tell(None, event("notice", None, &json!({"level": "warn", "code": "stays-silent"})));
                }
                tokio::time::sleep(SILENCE).await;
                continue;
            }
        };
        if std::mem::take(&mut is_silent) {
            hub.tell(None, event("notice", None, &json!({"level": "info", "code": "stays-back"})));
        }
        let head = (said.epoch.clone(), said.seq);
        let Some(at) = at else {
            hub.head.send_replace(Some(head));
            continue;
        };
        if said.reset || said.changes.len() > pace::ROWS_MAX {
            // Desks fetch the whole within the quiet time, and drop what it already had when telling goes on from here.
            let is_flood = at.0 == head.0;
            *locked(&hub.quiet_until) = is_flood.then(|| Instant::now() + QUIET);
            hub.tell(Some(head.clone()), reset(if is_flood { "flood" } else { "epoch" }));
            hub.head.send_replace(Some(head));
            hub.stirred.notify_one();
            tokio::time::sleep(if is_flood { QUIET } else { pace::COALESCED }).await;
            continue;
        }
        if !said.changes.is_empty() {
            let bytes = rows(front, names, &head, &said.changes).await;
            hub.tell(Some(head.clone()), bytes);
            hub.stirred.notify_one();
        }
        hub.head.send_replace(Some(head));
        if !said.changes.is_empty() {
            tokio::time::sleep(pace::pause(hub.news.receiver_count(), said.changes.len())).await;
        }
    }
}
