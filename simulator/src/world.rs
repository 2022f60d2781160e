//! The world of a run: six machines with one service each, their disks, the network between them, and what stands outside
//! of the house (the payment provider, the guests' vault).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use eventstore::EventStore;
use eventstore::simulated::{Disk, Simulated, Tail};
use guests::vault::Vault;
use host::{House, Platform, Service, Tasks};
use http::{Request, Response};
use kernel::{Chance, Lane, Protocol};
use payments::provider::simulated::{Faults as ProviderFaults, MemoryProvider};
use peer::{InProcess, Lost, Wire};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep};

use crate::cellar::Cellar;
use crate::clock::SimClock;
use crate::dice::split;
use crate::disks::SimStorage;
use crate::ground::Ground;
use crate::network::Network;
use crate::options::{Faults, Fired, Options};
use crate::trace::Trace;

/// The services, in the order they start.
pub const SERVICES: [&str; 6] = ["hotels", "inventory", "reservations", "stays", "payments", "guests"];

/// After the faults stop, the house has so long to end what it has begun.
pub const SETTLE_MAX: Duration = Duration::from_secs(20 * 60);

/// Snapshots of an archived run are so much closer to each other than in production: one in a few events.
const CLOSER_SNAPSHOTS: u64 = 500;

struct Machine {
    disk: Disk,
    chance: Arc<dyn Chance>,
    writing: Arc<Notify>,
    lives: u32,
    is_up: bool,
}

/// The world.
pub struct World {
    /// The seed of the run.
    pub seed: u64,
    /// Time.
    pub clock: SimClock,
    /// What has happened on the wire and on the disks.
    pub trace: Arc<Trace>,
    /// How often what went wrong.
    pub fired: Arc<Fired>,
    /// The network and the machines' switches.
    pub ground: Arc<dyn Ground>,
    /// The payment provider.
    pub provider: Arc<MemoryProvider>,
    /// Where history is archived, if it is.
    pub cellar: Option<Arc<Cellar>>,
    options: Options,
    vault: Arc<Vault>,
    crashes: Arc<dyn Chance>,
    machines: Mutex<BTreeMap<&'static str, Machine>>,
}

impl World {
    /// A world in memory, in which every machine is up and everything works.
    pub async fn start(seed: u64, options: Options) -> Result<Self, String> {
        let clock = SimClock::start();
        let world = Self::on(seed, options, clock, |trace, fired| Arc::new(Network::new(clock, trace, fired, split(seed, "network"))))?;
        for service in SERVICES {
            world.boot(service).await?;
        }
        Ok(world)
    }

    /// A world on some ground, with every machine switched off.
    pub fn on(
        seed: u64,
        options: Options,
        clock: SimClock,
        ground: impl FnOnce(Arc<Trace>, Arc<Fired>) -> Arc<dyn Ground>,
    ) -> Result<Self, String> {
        let (trace, fired) = (Arc::new(Trace::default()), Arc::new(Fired::default()));
        let machine = |name: &'static str| {
            let chance = split(seed, &format!("disk {name}"));
            (name, Machine { disk: Disk::default(), chance, writing: Arc::default(), lives: 0, is_up: false })
        };
        Ok(Self {
            seed,
            clock,
            ground: ground(trace.clone(), fired.clone()),
            cellar: if options.archived { Some(Arc::new(Cellar::new(seed, clock, &fired)?)) } else { None },
            provider: Arc::new(MemoryProvider::new(ProviderFaults::NONE, split(seed, "provider"))),
            trace,
            fired,
            options,
            vault: Arc::new(Vault::in_memory(split(seed, "vault"))?),
            crashes: split(seed, "crashes"),
            machines: Mutex::new(SERVICES.map(machine).into()),
        })
    }

    fn machines(&self) -> MutexGuard<'_, BTreeMap<&'static str, Machine>> {
        self.machines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn service(&self, name: &str) -> Result<Service, String> {
        Ok(match name {
            "hotels" => hotels::service(),
            "inventory" => inventory::service(),
            "reservations" => reservations::service(),
            "stays" => stays::service(),
            "payments" => payments::service(self.provider.clone()),
            "guests" => guests::service(self.vault.clone()),
            other => return Err(format!("there is no service {other}")),
        })
    }

    /// Starts a service on what its disk has kept; `wire` makes its way to the others.
    pub fn raise(&self, name: &'static str, wire: impl FnOnce(&Tasks, InProcess) -> Arc<dyn Wire>) -> Result<House, String> {
        let mut machines = self.machines();
        let machine = machines.get_mut(name).ok_or("no such machine")?;
        machine.lives += 1;
        let storage = SimStorage {
            disk: machine.disk.clone(),
            chance: machine.chance.clone(),
            trace: self.trace.clone(),
            clock: self.clock,
            writing: machine.writing.clone(),
            cellar: self.cellar.clone(),
        };
        let platform = Platform {
            storage: Arc::new(storage),
            clock: Arc::new(self.clock),
            chance: split(self.seed, &format!("life {} of {name}", machine.lives)),
            protocol: if self.options.archived {
                Protocol { closer_snapshots: CLOSER_SNAPSHOTS, ..self.options.protocol }
            } else {
                self.options.protocol
            },
            tasks: Tasks::default(),
        };
        let house = House::start(&platform, vec![self.service(name)?], |door| wire(&platform.tasks, door))?;
        if let (Some(cellar), Some(core)) = (&self.cellar, house.cores.get(name)) {
            house.tasks.spawn(cellar.keep(core, machine.lives));
        }
        machine.is_up = true;
        self.trace.say(format!("{} {name} is up", self.clock.ms()));
        Ok(house)
    }

    /// Switches a machine on.
    pub async fn boot(&self, name: &'static str) -> Result<(), String> {
        self.ground.up(name, self).await
    }

    /// Crashes a machine: every task ends where it stands, and the disk forgets what was not synced.
    pub async fn crash(&self, name: &'static str) {
        let was_up = self.machines().get_mut(name).is_some_and(|machine| std::mem::take(&mut machine.is_up));
        if !was_up {
            return;
        }
        self.ground.down(name).await;
        let tail = self.disk(name).crash(self.crashes.as_ref());
        match tail {
            Tail::Clean => {}
            Tail::Lost => self.fired.count("lost-tail"),
            Tail::Torn => self.fired.count("torn-batch"),
            Tail::Kept => self.fired.count("kept-tail"),
        }
        self.trace.say(format!("{} {name} crashes {tail:?}", self.clock.ms()));
    }

    /// From now on these faults; without a nemesis every machine comes up.
    pub async fn set(&self, faults: Faults) -> Result<(), String> {
        self.ground.set(faults);
        self.provider.set(faults.provider);
        if let Some(cellar) = &self.cellar {
            cellar.set(faults);
        }
        let down: Vec<_> = self.machines().iter().filter(|(_, machine)| !machine.is_up).map(|(name, _)| *name).collect();
        for name in down.into_iter().filter(|_| !faults.nemesis) {
            self.boot(name).await?;
        }
        Ok(())
    }

    /// What is durable of a service.
    pub fn disk(&self, name: &str) -> Disk {
        self.machines().get(name).map(|machine| machine.disk.clone()).unwrap_or_default()
    }

    /// Told whenever this service begins a commit.
    pub fn writing(&self, name: &str) -> Arc<Notify> {
        self.machines().get(name).map(|machine| machine.writing.clone()).unwrap_or_default()
    }

    /// A store on a machine's disk that nothing is noted of.
    pub fn reader(&self, name: &str) -> Simulated {
        Simulated::new(self.disk(name), self.crashes.clone(), 0)
    }

    /// Sagas that have not ended, as `service/saga`.
    pub async fn open_sagas(&self) -> Vec<String> {
        let mut open = Vec::new();
        for service in SERVICES {
            let claims = self.reader(service).claims(saga::start::CLAIM.into()).await.unwrap_or_default();
            open.extend(claims.into_iter().map(|(thing, _)| format!("{service}: {thing}")));
        }
        open
    }

    /// Where every lane of every service ends.
    pub async fn heads(&self) -> BTreeMap<(&'static str, Lane), u64> {
        let mut heads = BTreeMap::new();
        for service in SERVICES {
            let ends = self.reader(service).heads().await.unwrap_or_default();
            heads.extend(ends.into_iter().map(|(lane, head)| ((service, lane), head.pos)));
        }
        heads
    }

    /// Waits until no saga is open and no command under way, and everybody has followed; says which sagas have not ended.
    pub async fn settle(&self) -> Vec<String> {
        let until = Instant::now() + SETTLE_MAX;
        let mut before = BTreeMap::new();
        loop {
            let (open, heads) = (self.open_sagas().await, self.heads().await);
            let is_still = open.is_empty() && self.ground.commands_under_way() == 0 && heads == before;
            if is_still || Instant::now() > until {
                return open;
            }
            before = heads;
            // Long enough for a follower whose last request was lost to ask again and take everything in.
            sleep(Duration::from_secs(25)).await;
        }
    }

    /// Asks a service in a way that is not noted.
    pub async fn ask(&self, service: &str, request: Request<Bytes>) -> Result<Response<Bytes>, Lost> {
        self.ground.ask(service, request).await
    }

    /// Ends the world.
    pub async fn end(&self) {
        self.ground.end().await;
    }
}
