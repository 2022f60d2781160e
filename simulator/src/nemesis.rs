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

/// Which service asks which: the links that can be cut. Over the first three go steps that are undone when they stay
/// unknown for longer than their saga is patient.
const LINKS: [(&str, &str); 7] = [
    ("reservations", "inventory"),
    ("reservations", "payments"),
    ("stays", "reservations"),
    ("stays", "inventory"),
    ("stays", "payments"),
    ("reservations", "stays"),
    ("inventory", "hotels"),
];
/// Cut for longer than any saga is patient.
const LONG_MS: (u64, u64) = (75_000, 100_000);
/// Cut for longer than inventory holds nights.
const ENDLESS_MS: (u64, u64) = (125_000, 140_000);
/// Cut for longer than an attempt takes.
const SHORT_MS: (u64, u64) = (1_000, 15_000);

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
            sleep(self.ms(300, 8_000)).await;
            if stop.load(Ordering::Relaxed) || !self.faults.nemesis {
                return Ok(());
            }
            match self.chance.below(100) {
                0..=54 => self.crash_while_writing().await?,
                55..=61 => self.crash(&[self.service()]).await?,
                62..=66 => self.crash(&SERVICES).await?,
                67..=91 => self.cut(),
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
        sleep(self.ms(2, 8)).await;
        self.crash(&[service]).await
    }

    async fn crash(&self, services: &[&'static str]) -> Result<(), String> {
        self.world.fired.add("crash", services.len() as u64);
        join_all(services.iter().map(|service| self.world.crash(service))).await;
        sleep(self.ms(1, 4_000)).await;
        for service in services {
            self.world.boot(service).await?;
        }
        Ok(())
    }

    fn cut(&self) {
        let (links, (least, most)) = match self.chance.below(8) {
            0..=2 => (&LINKS[..], SHORT_MS),
            3..=6 => (&LINKS[..3], LONG_MS),
            _ => (&LINKS[..1], ENDLESS_MS),
        };
        let Some((from, to)) = pick(self.chance.as_ref(), links) else { return };
        let time = self.ms(least, most);
        self.world.trace.say(format!("{} {from}>{to} is cut for {} ms", self.world.clock.ms(), time.as_millis()));
        self.world.ground.cut(from, to, time);
    }

    async fn take_provider_away(&self) {
        self.world.fired.count("provider-outage");
        self.world.provider.set(ProviderFaults { lost_permille: 1_000, ..ProviderFaults::NONE });
        sleep(self.ms(5_000, 45_000)).await;
        self.world.provider.set(self.faults.provider);
    }
}
