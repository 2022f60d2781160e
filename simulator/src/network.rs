//! The network: carries every message between machines, and loses, repeats and delays them.
//!
//! A message belongs to the network as soon as it is sent: neither its caller's timeout nor the crash of either machine
//! takes it back. So a request may arrive long after its caller has given up, even in the receiver's next life.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use host::{House, Tasks};
use http::{Request, Response};
use kernel::Chance;
use peer::wire::BoxFuture;
use peer::{Lost, Wire};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep};

use crate::clock::SimClock;
use crate::dice::hits;
use crate::ground::{Ground, Message, UnderWay};
use crate::options::{Faults, Fired};
use crate::trace::Trace;
use crate::world::World;

/// The usual way of a message takes at most so long.
const WAY_MS_MAX: u64 = 8;
/// A delayed one at most so long.
const DELAY_MS_MAX: u64 = 20_000;
/// The copy of a repeated one comes at most so much later.
const COPY_MS_MAX: u64 = 12_000;
/// A caller who is told nothing hears nothing for so long: longer than anybody waits.
const SILENCE: Duration = Duration::from_secs(60);
/// Of the commands that meet a cut link, so many in a thousand arrive after it is whole again.
const STASHED_PERMILLE: u64 = 250;

/// The network; cheap to clone.
#[derive(Clone)]
pub struct Network(Arc<Inner>);

struct Inner {
    clock: SimClock,
    trace: Arc<Trace>,
    fired: Arc<Fired>,
    chance: Arc<dyn Chance>,
    tasks: Tasks,
    commands: Arc<AtomicU64>,
    state: Mutex<State>,
}

struct State {
    houses: BTreeMap<&'static str, House>,
    cuts: BTreeMap<(String, String), Instant>,
    faults: Faults,
}

/// What becomes of a message, decided when it is sent.
#[derive(Clone, Copy, Default)]
struct Fate {
    way_ms: u64,
    back_ms: u64,
    is_lost: bool,
    is_reply_lost: bool,
    /// Whether the caller learns at once that the connection is gone, or nothing at all.
    is_reset: bool,
}

type Reply = Option<oneshot::Sender<Response<Bytes>>>;

impl Network {
    /// A network on which everything works.
    pub fn new(clock: SimClock, trace: Arc<Trace>, fired: Arc<Fired>, chance: Arc<dyn Chance>) -> Self {
        let state = State { houses: BTreeMap::new(), cuts: BTreeMap::new(), faults: Faults::NONE };
        let (tasks, commands) = (Tasks::default(), Arc::default());
        Self(Arc::new(Inner { clock, trace, fired, chance, tasks, commands, state: Mutex::new(state) }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long a link stays cut.
    fn cut_for(&self, from: &str, to: &str) -> Option<Duration> {
        let until = *self.state().cuts.get(&(from.to_owned(), to.to_owned()))?;
        let left = until.saturating_duration_since(Instant::now());
        (left > Duration::ZERO).then_some(left)
    }

    fn fate(&self, message: &Message) -> Fate {
        let (faults, chance) = (self.state().faults, self.0.chance.as_ref());
        let mut fate = Fate { way_ms: 1 + chance.below(WAY_MS_MAX), back_ms: 1 + chance.below(WAY_MS_MAX), ..Fate::default() };
        fate.is_reset = chance.below(2) == 0;
        if let Some(left) = self.cut_for(&message.from, &message.to) {
            self.0.fired.count("partition");
            if message.is_command && hits(chance, STASHED_PERMILLE) {
                fate.way_ms += left.as_millis() as u64 + chance.below(DELAY_MS_MAX);
            } else {
                fate.is_lost = true;
            }
        } else if hits(chance, faults.drop_permille) {
            self.0.fired.count("drop");
            fate.is_lost = true;
        } else if hits(chance, faults.reply_permille) {
            self.0.fired.count("reply-lost");
            fate.is_reply_lost = true;
        } else if message.is_command && hits(chance, faults.delay_permille) {
            self.0.fired.count("delay");
            fate.way_ms += chance.below(DELAY_MS_MAX);
        }
        fate
    }

    fn send_out(&self, message: Message, request: Request<Bytes>, reply: oneshot::Sender<Response<Bytes>>) {
        let fate = self.fate(&message);
        if message.is_command && hits(self.0.chance.as_ref(), self.state().faults.duplicate_permille) {
            self.0.fired.count("duplicate");
            let copy = Fate { way_ms: fate.way_ms + self.0.chance.below(COPY_MS_MAX), ..Fate::default() };
            self.0.tasks.spawn(self.clone().carry(message.clone(), request.clone(), None, copy));
        }
        self.0.tasks.spawn(self.clone().carry(message, request, Some(reply), fate));
    }

    async fn carry(self, message: Message, request: Request<Bytes>, reply: Reply, fate: Fate) {
        let under_way = UnderWay::new(&self.0.commands, &message);
        let (what, answer) = self.deliver(&message, request, fate).await;
        let Message { from, to, path, key, .. } = &message;
        self.0.trace.say(format!("{} {from}>{to} {path} {key} {what}{}", self.0.clock.ms(), if reply.is_none() { " copy" } else { "" }));
        drop(under_way);
        match (answer, reply) {
            (Some(answer), Some(reply)) => {
                let _caller_gone = reply.send(answer);
            }
            // Dropping the sender tells the caller that the connection is gone; keeping it tells nothing.
            (None, Some(reply)) if !fate.is_reset => {
                sleep(SILENCE).await;
                drop(reply);
            }
            _ => {}
        }
    }

    async fn deliver(&self, message: &Message, request: Request<Bytes>, fate: Fate) -> (String, Option<Response<Bytes>>) {
        sleep(Duration::from_millis(fate.way_ms)).await;
        if fate.is_lost {
            return ("dropped".into(), None);
        }
        // Looked up on arrival: the machine may have crashed and come back meanwhile.
        let door = self.state().houses.get(message.to.as_str()).map(|house| house.door.clone());
        let Some(door) = door else { return ("down".into(), None) };
        let Ok(answer) = door.send(&message.to, request).await else { return ("crashed".into(), None) };
        sleep(Duration::from_millis(fate.back_ms)).await;
        let status = format!("{} {}", answer.status().as_u16(), answer.body().len());
        if self.cut_for(&message.to, &message.from).is_some() || fate.is_reply_lost {
            return (format!("{status} unheard"), None);
        }
        (status, Some(answer))
    }
}

impl Wire for Network {
    fn send<'a>(&'a self, service: &'a str, request: Request<Bytes>) -> BoxFuture<'a, Result<Response<Bytes>, Lost>> {
        Box::pin(async move {
            let message = Message::of(service, &request);
            let (reply, answer) = oneshot::channel();
            self.send_out(message, request, reply);
            answer.await.map_err(|_| Lost)
        })
    }
}

impl Ground for Network {
    fn up<'a>(&'a self, service: &'static str, world: &'a World) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            let house = world.raise(service, |_, _| Arc::new(self.clone()))?;
            self.state().houses.insert(service, house);
            Ok(())
        })
    }

    fn down<'a>(&'a self, service: &'static str) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let house = self.state().houses.remove(service);
            if let Some(house) = house {
                house.tasks.end().await;
            }
        })
    }

    fn set(&self, faults: Faults) {
        let mut state = self.state();
        state.faults = faults;
        if !faults.nemesis {
            state.cuts.clear();
        }
    }

    /// Nothing gets from one service to another; the way back works.
    fn cut(&self, from: &'static str, to: &'static str, time: Duration) {
        self.state().cuts.insert((from.to_owned(), to.to_owned()), Instant::now() + time);
    }

    fn commands_under_way(&self) -> u64 {
        self.0.commands.load(Ordering::Relaxed)
    }

    /// Past the network: straight in at the door.
    fn ask<'a>(&'a self, service: &'a str, request: Request<Bytes>) -> BoxFuture<'a, Result<Response<Bytes>, Lost>> {
        Box::pin(async move {
            let door = self.state().houses.get(service).map(|house| house.door.clone());
            door.ok_or(Lost)?.send(service, request).await
        })
    }

    fn end(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let houses = std::mem::take(&mut self.state().houses);
            for house in houses.into_values() {
                house.tasks.end().await;
            }
            self.0.tasks.end().await;
        })
    }
}
