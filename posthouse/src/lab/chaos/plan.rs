//! What befalls whom and when: drawn from the seed before anything begins, so that the same seed is the same trouble.

use std::time::Duration;

use kernel::Chance;
use kernel::chance::Seeded;

/// Between two faults of processes, in milliseconds.
const EVERY_MS: (u64, u64) = (1_000, 4_000);
/// How long a killed process stays away.
const AWAY_MS: (u64, u64) = (100, 2_000);
/// How long a paused process stands still.
const STILL_MS: (u64, u64) = (200, 8_000);
/// How long a killed PostgreSQL stays away.
const SERVER_AWAY_MS: (u64, u64) = (200, 1_500);

/// What is done to whom; processes by their place in the fleet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// SIGKILL.
    Kill(usize),
    /// Started anew, on the same addresses and stores.
    Start(usize),
    /// SIGSTOP.
    Pause(usize),
    /// SIGCONT.
    Continue(usize),
    /// SIGKILL for PostgreSQL and all of its processes.
    KillServer,
    /// PostgreSQL is started anew on the same data.
    StartServer,
}

/// One of them, and when, from the beginning on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// When.
    pub at: Duration,
    /// What.
    pub act: Act,
}

/// The faults of a run in the order of their times. Whoever is killed or paused is well again before the end, and nobody
/// is hit who is still down. Every process has been killed and paused before one is a second time.
pub fn plan(seed: u64, seconds: u64, parts: usize, server_kills: u32) -> Vec<Due> {
    let dice = Seeded::new(seed);
    let end = seconds * 1_000;
    let between = |(from, to): (u64, u64)| from + dice.below(to - from + 1);
    let mut all = Vec::new();
    let mut add = |at: u64, act| all.push(Due { at: Duration::from_millis(at), act });
    for n in 0..u64::from(server_kills) {
        // Each in the middle half of its own share of the time: spread, and at no moment known beforehand.
        let share = end / u64::from(server_kills);
        let at = n * share + share / 4 + dice.below(share / 2);
        add(at, Act::KillServer);
        add((at + between(SERVER_AWAY_MS)).min(end), Act::StartServer);
    }
    let (mut deck, mut free_at) = (Vec::new(), vec![0; parts]);
    let mut at = between(EVERY_MS);
    while parts > 0 && at < end {
        if deck.is_empty() {
            deck = shuffled(parts, &dice);
        }
        if let Some(n) = deck.iter().position(|(part, _)| free_at[*part] <= at) {
            let (part, is_kill) = deck.remove(n);
            let back = (at + between(if is_kill { AWAY_MS } else { STILL_MS })).min(end);
            let (hit, well) = if is_kill { (Act::Kill(part), Act::Start(part)) } else { (Act::Pause(part), Act::Continue(part)) };
            add(at, hit);
            add(back, well);
            free_at[part] = back + 1;
        }
        at += between(EVERY_MS);
    }
    all.sort_by_key(|due| due.at);
    all
}

/// Every process twice, once for each fault, in any order.
fn shuffled(parts: usize, dice: &Seeded) -> Vec<(usize, bool)> {
    let mut deck: Vec<(usize, bool)> = (0..parts).flat_map(|part| [(part, true), (part, false)]).collect();
    for n in (1..deck.len()).rev() {
        deck.swap(n, dice.below(n as u64 + 1) as usize);
    }
    deck
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_seed_is_the_trouble() {
        assert_eq!(plan(1, 600, 13, 3), plan(1, 600, 13, 3));
        assert_ne!(plan(1, 600, 13, 3), plan(2, 600, 13, 3));
    }

    #[test]
    fn nobody_is_hit_who_is_down_and_all_are_well_in_the_end() {
        for seed in 0..200 {
            let (mut down, mut server_down) = (BTreeSet::new(), false);
            let faults = plan(seed, 30, 3, 1);
            assert!(faults.is_sorted_by_key(|due| due.at));
            for Due { at, act } in faults {
                assert!(at <= Duration::from_secs(30));
                match act {
                    Act::Kill(part) | Act::Pause(part) => assert!(down.insert(part), "seed {seed}"),
                    Act::Start(part) | Act::Continue(part) => assert!(down.remove(&part), "seed {seed}"),
                    Act::KillServer => assert!(!std::mem::replace(&mut server_down, true)),
                    Act::StartServer => assert!(std::mem::replace(&mut server_down, false)),
                }
            }
            assert!(down.is_empty() && !server_down, "seed {seed}");
        }
    }

    #[test]
    fn in_ten_minutes_everybody_is_killed_and_paused_and_postgresql_as_often_as_asked() {
        for seed in 0..50 {
            let faults = plan(seed, 600, 13, 3);
            let of = |act| faults.iter().filter(|due| due.act == act).count();
            assert_eq!((of(Act::KillServer), of(Act::StartServer)), (3, 3));
            assert!((0..13).all(|part| of(Act::Kill(part)) > 4 && of(Act::Pause(part)) > 4), "seed {seed}");
        }
    }

    #[test]
    fn the_server_alone_can_be_hit() {
        assert_eq!(plan(1, 10, 0, 1).len(), 2);
        assert_eq!(plan(1, 10, 0, 0), []);
    }
}
