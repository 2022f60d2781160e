//! Slices of booking load: guests book without pause for some seconds, and what the house used for it is told. Two kinds of slices,
//! turn by turn, say what something beside the bookings costs them.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures::future::join_all;

use super::kills;
use crate::client::{Client, wall};
use crate::replay::stats::Stats;

/// Guests who book at the same time, without pause.
const GUESTS: u64 = 16;
/// Rooms that may be sold for one night: nothing sells out.
pub const LIMIT: u64 = 100_000;

/// What came of a slice.
#[derive(Clone, Copy, Debug, Default)]
pub struct Slice {
    /// Bookings.
    pub booked: u64,
    /// From the first request to the last answer.
    pub seconds: f64,
    /// Processor seconds of the house's process.
    pub cpu: f64,
}

impl Slice {
    /// Bookings a second.
    pub fn rate(&self) -> f64 {
        self.booked as f64 / self.seconds
    }
}

/// Guests book for so many seconds. `name` is part of their keys: no two slices of a house have the same.
pub async fn slice(client: &Client, name: &str, seconds: u64) -> Result<Slice, String> {
    let (stop, booked) = (AtomicBool::new(false), AtomicU64::new(0));
    let before = cpu(client).await?;
    let began = wall();
    let guests = join_all((0..GUESTS).map(|n| guest(client, name, n, &stop, &booked)));
    let clock = async {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        stop.store(true, Ordering::Relaxed);
    };
    let (ended, ()) = futures::join!(guests, clock);
    ended.into_iter().collect::<Result<(), String>>()?;
    let seconds = wall().duration_since(began).as_secs_f64();
    Ok(Slice { booked: booked.load(Ordering::Relaxed), seconds, cpu: cpu(client).await? - before })
}

async fn cpu(client: &Client) -> Result<f64, String> {
    Ok(Stats::at_hand(client).await?.map_or(0.0, |stats| stats.cpu_seconds))
}

async fn guest(client: &Client, name: &str, guest: u64, stop: &AtomicBool, booked: &AtomicU64) -> Result<(), String> {
    let mut n = 0;
    while !stop.load(Ordering::Relaxed) {
        n += 1;
        let body = kills::booking((n * 7 + guest) % kills::NIGHTS, 1 + n % 3, n % 2, "tok_ok").to_string();
        let key = format!("{name}-{guest}-{n}");
        let answer = client.post("/api/reservations/v1/hotels/LAB/reservations", &key, Bytes::from(body)).await?;
        if !answer.applied() {
            return Err(format!("{key}: {}", answer.refusal()));
        }
        booked.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}

/// Pairs of slices, one of each kind beside each other.
#[derive(Debug, Default)]
pub struct Pairs(Vec<[Slice; 2]>);

impl Pairs {
    /// One more pair: without and with what is measured.
    pub fn push(&mut self, pair: [Slice; 2]) {
        self.0.push(pair);
    }

    /// Bookings a second of one kind (0: without, 1: with), the median.
    pub fn rate(&self, kind: usize) -> f64 {
        median(self.0.iter().map(|pair| pair[kind].rate()).collect())
    }

    /// How much less was booked with it than without, the median of the pairs. Negative: more.
    pub fn less(&self) -> f64 {
        median(self.0.iter().map(|pair| 1.0 - pair[1].rate() / pair[0].rate()).collect())
    }

    /// How much more of a processor the house used for a booking with it, of all slices.
    pub fn more_cpu(&self) -> f64 {
        let sum = |kind: usize, of: fn(&Slice) -> f64| self.0.iter().map(|pair| of(&pair[kind])).sum::<f64>();
        let share = |kind| sum(kind, |slice| slice.cpu) / sum(kind, |slice| slice.booked as f64).max(1.0);
        share(1) / share(0) - 1.0
    }
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    match all.len() {
        0 => 0.0,
        n if n % 2 == 1 => all[n / 2],
        n => (all[n / 2 - 1] + all[n / 2]) / 2.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_something_costs_is_the_median_of_the_pairs() {
        let slice = |booked, cpu| Slice { booked, seconds: 2.0, cpu };
        let mut pairs = Pairs::default();
        assert_eq!((pairs.rate(0), pairs.less()), (0.0, 0.0));
        for (alone, with) in [(100, 90), (200, 40), (100, 95)] {
            pairs.push([slice(alone, 1.0), slice(with, 1.0)]);
        }
        assert_eq!((pairs.rate(0), pairs.rate(1)), (50.0, 45.0));
        assert!((pairs.less() - 0.1).abs() < 1e-9 && (pairs.more_cpu() - (400.0 / 225.0 - 1.0)).abs() < 1e-9, "{pairs:?}");
        assert_eq!(median(vec![3.0, 1.0, 2.0, 10.0]), 2.5);
    }
}
