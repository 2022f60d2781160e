//! Who breaks things: crashes machines (also right between the writing and the syncing of a commit), cuts links for longer
//! than a saga is patient, and takes the payment provider away.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::future::join_all;
use kernel::Chance;
use payments::provider::simulated::Faults as ProviderFaults;
use tokio::time::{sleep, timeout};

use crate::dice::{pick, split};
use crate::options::Faults;
use crate::world::{SERVICES, World};

/// Which service asks which: the links that can be cut.
const LINKS: [(&str, &str); 7] = [
    ("reservations", "inventory"),
    ("reservations", "payments"),
    ("stays", "reservations"),
    ("stays", "inventory"),
    ("stays", "payments"),
    ("reservations", "stays"),
    ("inventory", "hotels"),
];

/// The nemesis of a run.
pub struct Nemesis<'a> {
    world: &'a World,
    faults: Faults,
    chance: std::sync::Arc<dyn Chance>,
}

impl<'a> Nemesis<'a> {
    /// One that breaks this world.
    pub fn new(world: &'a World, faults: Faults) -> Self {
        Self { world, faults, chance: split(world.seed, "nemesis") }
    }

    fn ms(&self, from: u64, to: u64) -> Duration {
        Duration::from_millis(from + self.chance.below(to - from))
    }

    /// Breaks things until told to stop; what it has begun to break it breaks.
    pub async fn run(&self, stop: &AtomicBool) -> Result<(), String> {
        loop {
            sleep(self.ms(500, 12_000)).await;
            if stop.load(Ordering::Relaxed) || !self.faults.nemesis {
                return Ok(());
            }
            match self.chance.below(100) {
                0..=54 => self.crash_while_writing().await?,
                55..=66 => self.crash(&[self.service()]).await?,
                67..=72 => self.crash(&SERVICES).await?,
                73..=92 => self.cut(),
                _ => self.take_provider_away().await,
            }
        }
    }

    fn service(&self) -> &'static str {
        pick(self.chance.as_ref(), &SERVICES).copied().unwrap_or(SERVICES[0])
    }

    /// Waits for the machine's next commit and crashes it within the time that commit takes.
    async fn crash_while_writing(&self) -> Result<(), String> {
        // Those with most to lose.
        let service = pick(self.chance.as_ref(), &["inventory", "reservations", "stays", "payments"]).copied().unwrap_or("inventory");
        let writing = self.world.writing(service);
        let _in_time = timeout(Duration::from_secs(5), writing.notified()).await;
        sleep(self.ms(1, 12)).await;
        self.crash(&[service]).await
    }

    async fn crash(&self, services: &[&'static str]) -> Result<(), String> {
        self.world.fired.add("crash", services.len() as u64);
        join_all(services.iter().map(|service| self.world.crash(service))).await;
        sleep(self.ms(1, 4_000)).await;
        services.iter().try_for_each(|service| self.world.boot(service))
    }

    /// Cuts a link, every other time for longer than any saga is patient.
    fn cut(&self) {
        let Some((from, to)) = pick(self.chance.as_ref(), &LINKS) else { return };
        let time = if self.chance.below(2) == 0 { self.ms(62_000, 80_000) } else { self.ms(1_000, 15_000) };
        self.world.trace.say(format!("{} {from}>{to} is cut for {} ms", self.world.clock.ms(), time.as_millis()));
        self.world.network.cut(from, to, time);
    }

    async fn take_provider_away(&self) {
        self.world.fired.count("provider-outage");
        self.world.provider.set(ProviderFaults { lost_permille: 1_000, ..ProviderFaults::NONE });
        sleep(self.ms(5_000, 45_000)).await;
        self.world.provider.set(self.faults.provider);
    }
}
