//! A partition that heals: the connection over which nothing came for a few seconds is dead, and nobody says so. Who does
//! not find out by itself stays wedged on it for ever.

use std::sync::Arc;
use std::time::Duration;

use kernel::Protocol;
use tokio::time::{sleep, timeout};

use super::{PEOPLE, play};
use crate::checker::Violation;
use crate::options::{Faults, Options, Wire};
use crate::workload::town::OPENS_ON;
use crate::workload::{Client, Said, Town, Want, setting};
use crate::world::World;

/// The links that are tried: between two services, and from outside into one.
const LINKS: [(&str, &str); 2] = [("reservations", "inventory"), (PEOPLE, "reservations")];
/// How long nothing gets through: too short for a breaker to have counted its twenty calls, which would help as well.
const CUT: Duration = Duration::from_secs(8);
/// After so long everybody should have found out: pings, and whatever was put off meanwhile.
const FIND_OUT: Duration = Duration::from_secs(20);

/// What is wrong when a link stays wedged after it was cut and mended; nothing otherwise. Blocks.
pub fn check(seed: u64, protocol: Protocol) -> Vec<Violation> {
    let found = |story: String| Violation { invariant: "a partition that heals leaves nobody wedged".into(), seed, story };
    let wedged = |(a, b): &(&'static str, &'static str)| match recovers(seed, a, b, protocol) {
        Ok(true) => None,
        Ok(false) => Some(found(format!("{a} does not reach {b} any more"))),
        Err(why) => Some(found(format!("{a} to {b}: {why}"))),
    };
    LINKS.iter().filter_map(wedged).collect()
}

/// Cuts a link that has carried bookings, mends it, and says whether bookings go through again.
fn recovers(seed: u64, a: &'static str, b: &'static str, protocol: Protocol) -> Result<bool, String> {
    let options = Options { faults: Faults::NONE, protocol, wire: Wire::Turmoil, ..Options::default() };
    play(seed, options, move |world: Arc<World>| async move {
        let town = Arc::new(Town::default());
        let (owner, early, late) =
            (Client::new(&world, &town, "owner"), Client::new(&world, &town, "early"), Client::new(&world, &town, "late"));
        let works = setting::set(&owner).await && books(&early).await;
        if !works {
            return Err("the house does not work before anything has happened".to_owned());
        }
        turmoil::partition(a, b);
        // Somebody asks meanwhile, so that something is lost.
        let in_vain = async {
            let _impatient = timeout(CUT, books(&early)).await;
        };
        futures::join!(in_vain, sleep(CUT));
        turmoil::repair(a, b);
        sleep(FIND_OUT).await;
        let recovers = books(&late).await;
        world.end().await;
        Ok(recovers)
    })
}

/// Books, asking as often as a patient guest does: for a minute.
async fn books(client: &Client) -> bool {
    let departure = OPENS_ON.tomorrow().unwrap_or_default();
    let (arrival, card, prepaid, reference, hold) = (OPENS_ON, None, false, None, None);
    let want = Want::Book { hotel: "H1", room_type: "A", arrival, departure, card, prepaid, reference, hold };
    matches!(client.get_done(want).await, Said::Ok(_))
}
