//! The house over real HTTP/2: each service on a machine of turmoil with a runtime and a clock of its own, its two
//! listeners served by hyper as in production, its peers reached through the real client with its connections, pings and
//! addresses. What is simulated is what lies below: connections, disks, time.
//!
//! A connection of turmoil does not send again: what falls into a partition is lost and the connection dead for ever,
//! without anybody being told. That is harsher than TCP for seconds, and the same as TCP for minutes; a client without
//! pings would stay wedged on it, which the known-bad protocol without them shows.

mod line;
mod orders;
pub mod healing;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::response::Response;
use bytes::Bytes;
use host::Tasks;
use host::listen::{Front, app};
use host::serve::serve;
use http::Request;
use http::header::{DATE, HeaderValue};
use kernel::{Chance, Protocol};
use peer::wire::BoxFuture;
use peer::{Lost, Ways, Wire};
use tokio_util::sync::CancellationToken;

use crate::clock::SimClock;
use crate::dice::{hits, pick, split};
use crate::ground::Ground;
use crate::options::{Faults, Fired, Options};
use crate::wired::line::{INSIDE, Line, Listener, OUTSIDE};
use crate::wired::orders::{Break, Order, Orders};
use crate::world::{SERVICES, World};

/// The machine of everybody who is no service.
pub const PEOPLE: &str = "people";
/// How much time passes before the machines hear of each other; they are never further apart than that.
const TICK: Duration = Duration::from_millis(10);
/// The way of a packet takes so long.
const WAY: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(8));
/// A run that takes longer hangs.
const RUN_TIME_MAX: Duration = Duration::from_secs(4 * 3_600);
/// Connections that wait at a listener, and packets on a connection: more than there are clients.
const SOCKET_QUEUE_MAX: usize = 1_024;
/// Of the machines that crash, so many in a thousand lose their cable first.
const SILENT_PERMILLE: u64 = 500;
/// Of the links that are cut, so many in a thousand are those of the people.
const PEOPLE_PERMILLE: u64 = 250;

/// Turmoil's links and machines.
struct Streets {
    line: Line,
    tasks: Tasks,
    orders: Arc<Orders>,
    commands: Arc<AtomicU64>,
    fired: Arc<Fired>,
    chance: Arc<dyn Chance>,
}

/// Plays a story in a world of its own, with every machine up: on a machine of turmoil, as the people. Blocks.
pub fn play<T, F>(seed: u64, options: Options, story: impl FnOnce(Arc<World>) -> F) -> Result<T, String>
where
    T: 'static,
    F: Future<Output = Result<T, String>> + 'static,
{
    let (orders, commands, tasks) = (Arc::<Orders>::default(), Arc::<AtomicU64>::default(), Tasks::default());
    let world = Arc::new(World::on(seed, options, SimClock::Turmoil, |trace, fired| {
        let line = Line::new(OUTSIDE, &tasks, options.protocol, &trace, &commands);
        let chance = split(seed, "streets");
        Arc::new(Streets { line, tasks, orders: orders.clone(), commands: commands.clone(), fired, chance })
    })?);
    let mut sim = turmoil::Builder::new()
        .rng_seed(seed)
        .tick_duration(TICK)
        .min_message_latency(WAY.0)
        .max_message_latency(WAY.1)
        .simulation_duration(RUN_TIME_MAX)
        .tcp_capacity(SOCKET_QUEUE_MAX)
        .build();
    for service in SERVICES {
        let (world, commands) = (world.clone(), commands.clone());
        sim.host(service, move || {
            let (world, commands) = (world.clone(), commands.clone());
            async move { Ok(machine(service, world, options.protocol, commands).await?) }
        });
    }
    let told = Arc::new(Mutex::new(None));
    let (telling, story) = (told.clone(), story(world));
    sim.client(PEOPLE, async move {
        let end = story.await;
        *telling.lock().unwrap_or_else(PoisonError::into_inner) = Some(end);
        Ok(())
    });
    while !sim.step().map_err(|error| error.to_string())? {
        orders.obey(&mut sim);
    }
    drop(sim);
    let end = told.lock().unwrap_or_else(PoisonError::into_inner).take();
    end.ok_or("the story has no end")?
}

/// One life of a machine.
async fn machine(service: &'static str, world: Arc<World>, protocol: Protocol, commands: Arc<AtomicU64>) -> Result<(), String> {
    let house = world.raise(service, |tasks, door| {
        let away = Line::new(INSIDE, tasks, protocol, &world.trace, &commands);
        Arc::new(Ways::new(door, Arc::new(away)))
    })?;
    let bind = async |port| Listener::bind(port).await.map_err(|error| error.to_string());
    let (outside, inside) = (bind(OUTSIDE).await?, bind(INSIDE).await?);
    let front = |front| app(front, axum::Router::new()).layer(axum::middleware::map_response(dated));
    let run = |listener, front| serve(listener, front, protocol, house.tasks.clone(), CancellationToken::new());
    futures::join!(run(outside, front(Front::outside(house.door.clone()))), run(inside, front(Front::inside(house.door.clone()))),);
    Ok(())
}

/// An answer with a date that is the same in every run: hyper would ask the real clock.
async fn dated(mut answer: Response) -> Response {
    answer.headers_mut().insert(DATE, HeaderValue::from_static("Mon, 01 Jun 2026 00:00:00 GMT"));
    answer
}

impl Wire for Streets {
    fn send<'a>(&'a self, service: &'a str, request: Request<Bytes>) -> BoxFuture<'a, Result<http::Response<Bytes>, Lost>> {
        self.line.send(service, request)
    }
}

impl Ground for Streets {
    fn up<'a>(&'a self, service: &'static str, _: &'a World) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async move { self.orders.give(Order::Up(service)).await.map_err(|error| error.to_string()) })
    }

    fn down<'a>(&'a self, service: &'static str) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let with_cable = hits(self.chance.as_ref(), SILENT_PERMILLE);
            let _done = self.orders.give(Order::Down(service, with_cable)).await;
        })
    }

    fn set(&self, faults: Faults) {
        if !faults.nemesis {
            drop(self.orders.give(Order::Heal));
        }
    }

    fn cut(&self, from: &'static str, to: &'static str, time: Duration) {
        let chance = self.chance.as_ref();
        let from = if hits(chance, PEOPLE_PERMILLE) { PEOPLE } else { from };
        let way = pick(chance, &[Break::Both, Break::Both, Break::OneWay, Break::Hold]).copied().unwrap_or(Break::Both);
        self.fired.count(if matches!(way, Break::Hold) { "delay" } else { "partition" });
        drop(self.orders.give(Order::Cut(from, to, way, time)));
    }

    fn commands_under_way(&self) -> u64 {
        self.commands.load(Ordering::Relaxed)
    }

    fn ask<'a>(&'a self, service: &'a str, request: Request<Bytes>) -> BoxFuture<'a, Result<http::Response<Bytes>, Lost>> {
        Box::pin(self.line.send_unseen(service, request))
    }

    fn end(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.tasks.end())
    }
}
