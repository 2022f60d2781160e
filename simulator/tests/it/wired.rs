//! The house over real HTTP/2: what holds in memory holds on connections, and a connection that is dead without a word
//! is noticed.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use kernel::Protocol;
use simulator::options::{Faults, Wire};
use simulator::wired::{PEOPLE, play};
use simulator::workload::town::OPENS_ON;
use simulator::workload::{Client, Said, Town, Want, setting};
use simulator::world::World;
use simulator::{Options, Simulation};
use tokio::time::sleep;

/// Seeds whose runs, between them, crash machines in the middle of commits, cut links and hold them up.
const SEEDS: [u64; 2] = [4, 6];

fn over_http2() -> Options {
    Options { wire: Wire::Turmoil, ..Options::default() }
}

#[test]
fn runs_over_http2_hold_and_replay_to_the_same_trace() {
    let mut fired: BTreeMap<String, u64> = BTreeMap::new();
    let mut bookings = 0;
    for seed in SEEDS {
        let (run, again) = (Simulation::run(seed, &over_http2()), Simulation::run(seed, &over_http2()));
        let stories: Vec<_> = run.violations.iter().map(|v| format!("seed {seed}, {}: {}", v.invariant, v.story)).collect();
        assert_eq!(stories, Vec::<String>::new());
        assert_eq!(run.trace_hash, again.trace_hash, "seed {seed} does not replay to the same trace");
        bookings += run.bookings;
        run.faults.into_iter().for_each(|(class, times)| *fired.entry(class).or_default() += times);
    }
    assert!(bookings > 20, "{bookings} bookings are no load");
    let missing = |class: &&&str| fired.get(**class).is_none_or(|times| *times == 0);
    let classes = ["crash", "lost-tail", "torn-batch", "kept-tail", "partition", "delay", "provider-lost"];
    assert_eq!(classes.iter().filter(missing).collect::<Vec<_>>(), Vec::<&&str>::new());
}

#[test]
fn a_run_over_http2_prints_its_hash() {
    println!("{}", Simulation::run(3, &Options { steps: 2, ..over_http2() }).trace_hash);
}

#[test]
fn two_processes_make_the_same_run_over_http2() {
    let this = std::env::current_exe().expect("this test binary");
    let args = ["--exact", "wired::a_run_over_http2_prints_its_hash", "--nocapture"];
    let child = std::process::Command::new(this).args(args).output().expect("a child");
    let hash = Simulation::run(3, &Options { steps: 2, ..over_http2() }).trace_hash;
    assert_eq!(hash.len(), 64);
    assert!(String::from_utf8_lossy(&child.stdout).contains(&hash), "another process makes another run of seed 3");
}

async fn books(client: &Client) -> bool {
    let departure = OPENS_ON.tomorrow().expect("a day");
    let want = Want::Book { hotel: "H1", room_type: "A", arrival: OPENS_ON, departure, card: None, prepaid: false, reference: None };
    // As often as a patient guest asks: minutes.
    matches!(client.get_done(want).await, Said::Ok(_))
}

/// Cuts a link that has carried bookings for a few seconds, mends it, and says whether bookings go through again.
fn recovers(a: &'static str, b: &'static str, protocol: Protocol) -> bool {
    let options = Options { faults: Faults::NONE, protocol, ..over_http2() };
    let story = move |world: Arc<World>| async move {
        let town = Arc::new(Town::default());
        let (owner, early, late) = (Client::new(&world, &town, "owner"), Client::new(&world, &town, "early"), Client::new(&world, &town, "late"));
        let works = setting::set(&owner).await && books(&early).await;
        if !works {
            return Err("the house does not work before anything has happened".to_owned());
        }
        turmoil::partition(a, b);
        // Somebody asks meanwhile, so that packets are lost on the connection.
        let lost = async {
            let _in_vain = tokio::time::timeout(Duration::from_secs(8), books(&early)).await;
        };
        futures::join!(lost, sleep(Duration::from_secs(8)));
        turmoil::repair(a, b);
        // The longest a breaker and a saga are put off after such a time.
        sleep(Duration::from_secs(20)).await;
        let recovers = books(&late).await;
        world.end().await;
        Ok(recovers)
    };
    play(1, options, story).expect("the story can be played")
}

#[test]
fn a_partition_that_heals_leaves_nobody_wedged() {
    assert!(recovers("reservations", "inventory", Protocol::SOUND), "reservations stay wedged");
    assert!(recovers(PEOPLE, "reservations", Protocol::SOUND), "people stay wedged");
}

/// The test above can fail.
#[test]
fn without_pings_a_partition_that_heals_leaves_a_client_wedged() {
    let silent = Protocol { pings: false, ..Protocol::SOUND };
    assert!(!recovers("reservations", "inventory", silent), "reservations have noticed without pings");
    assert!(!recovers(PEOPLE, "reservations", silent), "people have noticed without pings");
}
