//! All services of one process, wired together: each gets its store, views, committer, sagas and peers, and its loops
//! are started. The composition is here and nowhere else.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use eventstore::tail::Tail;
use eventstore::{Committer, EventStore};
use feed::follow::Follower;
use feed::views::schema_of;
use feed::{Positions, Projector, ViewFollower};
use kernel::{Chance, Clock, Protocol};
use peer::{Guards, InProcess, Peers, Wire};
use pipeline::{Closing, Core, Gates, Route, Share, router, standard};
use saga::drive::Desk;
use saga::{Board, SagaRunner};

use crate::service::Service;
use crate::stats::Counted;
use crate::storage::Storage;
use crate::tasks::Tasks;

/// A loop of a service.
type Loop = peer::wire::BoxFuture<'static, ()>;

/// The ports a house stands on.
#[derive(Clone)]
pub struct Platform {
    /// Where events and views are kept.
    pub storage: Arc<dyn Storage>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub chance: Arc<dyn Chance>,
    /// The protocol.
    pub protocol: Protocol,
    /// Tasks.
    pub tasks: Tasks,
}

/// A running house.
pub struct House {
    /// The wire to its services, without whatever the platform put around it.
    pub door: InProcess,
    /// Its services by name.
    pub cores: BTreeMap<&'static str, Arc<Core>>,
    /// The route table of all services.
    pub routes: Vec<Route>,
    /// Its tasks.
    pub tasks: Tasks,
    /// What stands between its services and their peers.
    pub guards: Guards,
    /// Whether it is going down.
    pub closing: Closing,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// The wire its services call each other on.
    pub wire: Arc<dyn Wire>,
    pub(crate) counted: Counted,
}

impl House {
    /// Starts services that reach each other over what `wire` makes of the door (the simulator loses and repeats messages
    /// there; production passes it through).
    pub fn start(platform: &Platform, services: Vec<Service>, wire: impl FnOnce(InProcess) -> Arc<dyn Wire>) -> Result<Self, String> {
        let door = InProcess::new(platform.tasks.spawner());
        let wire = wire(door.clone());
        let mut house = Self {
            door,
            cores: BTreeMap::new(),
            routes: Vec::new(),
            tasks: platform.tasks.clone(),
            guards: Guards::default(),
            closing: Closing::default(),
            clock: platform.clock.clone(),
            wire: wire.clone(),
            counted: Counted::default(),
        };
        let mut loops = Vec::new();
        for service in services {
            let name = service.name;
            house.add(platform, &wire, service, &mut loops).map_err(|why| format!("service {name} does not start: {why}"))?;
        }
        // Only now: a loop may call any service at once.
        loops.into_iter().for_each(|run| house.tasks.spawn(run));
        Ok(house)
    }

    /// From now on every principal has this share of each service.
    pub fn share(&self, share: Share) {
        self.cores.values().for_each(|core| core.gates.throttle.set(share));
    }

    fn add(&mut self, platform: &Platform, wire: &Arc<dyn Wire>, service: Service, loops: &mut Vec<Loop>) -> Result<(), String> {
        let name = service.name;
        let hot: Arc<dyn EventStore> = Arc::new(Tail::of(platform.storage.store(name)?));
        let store = platform.storage.deep(name, hot.clone());
        let views = platform.storage.views(name, &schema_of(&service.views))?;
        let (committer, committing) = Committer::new(store.clone(), platform.clock.clone(), platform.protocol);
        let mut peers = Peers::new(name, wire.clone()).with_guards(self.guards.clone());
        for (outside, wire) in service.outside {
            peers = peers.with_outside(outside, wire);
        }
        let board = Board::default();
        let desk = |committer: &Committer| Desk {
            service: name.to_owned(),
            store: store.clone(),
            committer: committer.clone(),
            peers: peers.clone(),
            clock: platform.clock.clone(),
            chance: platform.chance.clone(),
            protocol: platform.protocol,
            board: board.clone(),
        };
        let (sagas, running) = SagaRunner::new(desk(&committer), service.sagas);
        let mut sources = vec![name.to_owned()];
        sources.extend(service.follows.iter().map(|f| f.source.to_owned()));
        sources.extend(service.projects.iter().map(feed::Project::follower));
        let positions = Arc::new(Positions::new(sources));
        let core = Arc::new(Core {
            service: name,
            store: store.clone(),
            hot,
            committer: committer.clone(),
            views: views.clone(),
            pictures: service.views.iter().flat_map(|view| view.pictures()).copied().collect(),
            positions: positions.clone(),
            sagas,
            desk: Arc::new(desk(&committer)),
            peers: peers.clone(),
            publish: service.publish,
            clock: platform.clock.clone(),
            chance: platform.chance.clone(),
            passes: AtomicU64::new(0),
            gates: Gates { closing: self.closing.clone(), ..Gates::default() },
            started_at: platform.clock.now(),
            archived: Default::default(),
        });
        let mut routes = service.routes;
        routes.extend(standard::routes(name));
        self.routes.extend(routes.iter().map(|entry| entry.route.clone()));
        self.door.attach(name, router(&core, routes)?);
        loops.push(Box::pin(committing));
        loops.push(Box::pin(running.run()));
        loops.push(Box::pin(
            ViewFollower::new(name, store.clone(), committer.commits.clone(), views.clone(), service.views, positions.clone()).run(),
        ));
        if !service.timers.is_empty() {
            loops.push(Box::pin(feed::timer::run(service.timers, views.clone(), committer.clone(), platform.clock.clone())));
        }
        for follow in service.follows {
            let follower = Follower {
                service: name.to_owned(),
                follow,
                peers: peers.clone(),
                committer: committer.clone(),
                store: store.clone(),
                db: views.clone(),
                positions: positions.clone(),
            };
            loops.push(Box::pin(follower.run()));
        }
        for project in service.projects {
            let projector = Projector {
                service: name.to_owned(),
                project,
                peers: peers.clone(),
                store: store.clone(),
                db: views.clone(),
                positions: positions.clone(),
            };
            loops.push(Box::pin(projector.run()));
        }
        self.cores.insert(name, core);
        Ok(())
    }
}
