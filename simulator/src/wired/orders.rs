//! Orders: what stands outside of all machines does to links and switches, between two ticks, and in the order asked for.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use turmoil::Sim;

use super::PEOPLE;
use crate::world::SERVICES;

/// What can be ordered.
#[derive(Debug)]
pub enum Order {
    /// Switch a machine on.
    Up(&'static str),
    /// Switch a machine off. With its cable: nobody is told. Without: its connections say goodbye.
    Down(&'static str, bool),
    /// Break the link of two machines for a while.
    Cut(&'static str, &'static str, Break, Duration),
    /// Mend every link.
    Heal,
}

/// How a link breaks. What is lost on a connection stays lost: nothing is sent again, and the connection is dead.
#[derive(Clone, Copy, Debug)]
pub enum Break {
    /// Nothing gets through.
    Both,
    /// Nothing gets from the first to the second.
    OneWay,
    /// Everything waits until the link is whole.
    Hold,
}

#[derive(Default)]
struct State {
    asked: Vec<(Order, oneshot::Sender<()>)>,
    /// The broken links, and the simulated time at which each is mended.
    broken: BTreeMap<(&'static str, &'static str), Duration>,
}

/// The orders of a run.
#[derive(Default)]
pub struct Orders(Mutex<State>);

impl Orders {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives an order; the receiver hears when it is carried out.
    pub fn give(&self, order: Order) -> oneshot::Receiver<()> {
        let (done, heard) = oneshot::channel();
        self.state().asked.push((order, done));
        heard
    }

    /// Carries out what was ordered during the last tick, and mends what is due.
    pub fn obey(&self, sim: &mut Sim<'_>) {
        let asked = std::mem::take(&mut self.state().asked);
        for (order, done) in asked {
            match order {
                Order::Up(service) => sim.bounce(service),
                Order::Down(service, with_cable) => self.switch_off(sim, service, with_cable),
                Order::Cut(a, b, way, time) => self.cut(sim, (a, b), way, time),
                Order::Heal => self.mend(sim, |_| true),
            }
            let _nobody_waits = done.send(());
        }
        let now = sim.elapsed();
        self.mend(sim, |until| until <= now);
    }

    fn cut(&self, sim: &Sim<'_>, (a, b): (&'static str, &'static str), way: Break, time: Duration) {
        match way {
            Break::Both => sim.partition(a, b),
            Break::OneWay => sim.partition_oneway(a, b),
            Break::Hold => sim.hold(a, b),
        }
        let until = sim.elapsed() + time;
        let mut state = self.state();
        let due = state.broken.entry((a.min(b), a.max(b))).or_insert(until);
        *due = until.max(*due);
    }

    fn switch_off(&self, sim: &mut Sim<'_>, service: &'static str, with_cable: bool) {
        let broken = self.state().broken.clone();
        let others = SERVICES.into_iter().chain([PEOPLE]).filter(|other| *other != service);
        let whole: Vec<_> = others.filter(|other| !broken.contains_key(&(service.min(*other), service.max(*other)))).collect();
        if with_cable {
            whole.iter().for_each(|other| sim.partition(service, *other));
        }
        sim.crash(service);
        if with_cable {
            whole.iter().for_each(|other| sim.repair(service, *other));
        }
    }

    fn mend(&self, sim: &Sim<'_>, is_due: impl Fn(Duration) -> bool) {
        self.state().broken.retain(|(a, b), until| {
            let is_due = is_due(*until);
            if is_due {
                // Also what neither was held nor is whole becomes whole.
                sim.release(*a, *b);
            }
            !is_due
        });
    }
}
