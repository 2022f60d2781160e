//! Everything a second time: the same keys, the same bodies, long after each command was final.
//!
//! The second answer must be the first one, said to be a repetition, and the house's public feeds must not have
//! grown by a single event. First answers are kept as hashes, eight bytes a command.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::stream::{self, StreamExt, TryStreamExt};
use tokio::task::JoinSet;

use super::commands::{self, Post, STEPS};
use super::hotels::HOTELS;
use super::run::{LISTED_MAX, Run};
use super::setup;
use super::stats::Stats;
use crate::client::Answer;

/// Followers may still publish when the last answer is in; the count is read until it rests.
const REST: Duration = Duration::from_millis(400);
const RESTS_MAX: u32 = 50;

/// Hashes of first answers; 0 where nothing was sent (or an earlier process sent it).
pub struct Firsts {
    rows: Vec<[AtomicU64; STEPS.len()]>,
    audits: Vec<Vec<AtomicU64>>,
    set_up: Vec<u64>,
    /// Whether commands without a hash were sent by an earlier process.
    resumed: bool,
}

impl Firsts {
    /// Room for the answers of so many rows and dates.
    pub fn new(rows: usize, dates: usize, set_up: &[Answer], resumed: bool) -> Self {
        Self {
            rows: std::iter::repeat_with(Default::default).take(rows).collect(),
            audits: HOTELS.iter().map(|_| std::iter::repeat_with(AtomicU64::default).take(dates).collect()).collect(),
            set_up: set_up.iter().map(hash).collect(),
            resumed,
        }
    }

    /// Keeps the first answer to a row's command.
    pub fn keep(&self, index: usize, step: commands::Step, answer: &Answer) {
        self.rows[index][step as usize].store(hash(answer), Ordering::Relaxed);
    }

    /// Keeps the first answer to an audit.
    pub fn keep_audit(&self, hotel: usize, date: usize, answer: &Answer) {
        self.audits[hotel][date].store(hash(answer), Ordering::Relaxed);
    }
}

/// What the second time showed.
#[derive(Debug, Default)]
pub struct Second {
    /// Commands sent again, audits and set-up included.
    pub sent: u64,
    /// Public events the second time added.
    pub events_added: Option<i64>,
    /// The first answers that differed.
    pub differences: Vec<String>,
}

fn hash(answer: &Answer) -> u64 {
    let mut hasher = DefaultHasher::new();
    answer.status.as_u16().hash(&mut hasher);
    answer.body.hash(&mut hasher);
    hasher.finish() | 1
}

/// Sends everything again and compares.
pub async fn again(run: &Arc<Run>) -> Result<Second, String> {
    let Some(firsts) = &run.firsts else { return Ok(Second::default()) };
    let before = rested(run).await?;
    let second = Arc::new(Mutex::new(Second::default()));
    let set_up = setup::send(&run.client, &run.plan.used(), run.plan.first).await?;
    for (n, answer) in set_up.iter().enumerate() {
        judge(&second, answer, firsts.set_up[n], &|| format!("set-up command {}", n + 1));
    }
    let mut hotels = JoinSet::new();
    for at in 0..run.plan.hotels.len() {
        let (run, second) = (Arc::clone(run), Arc::clone(&second));
        hotels.spawn(async move { hotel_again(&run, at, &second).await });
    }
    while let Some(ended) = hotels.join_next().await {
        ended.map_err(|e| format!("the second time ended in a bug: {e}"))??;
    }
    let after = rested(run).await?;
    let mut second = std::mem::take(&mut *second.lock().unwrap_or_else(PoisonError::into_inner));
    if let (Some(before), Some(after)) = (before, after) {
        let added = after as i64 - before as i64;
        second.events_added = Some(added);
        if added != 0 {
            second.differences.insert(0, format!("twice: the second time added {added} public events"));
        }
    }
    Ok(second)
}

async fn hotel_again(run: &Run, at: usize, second: &Mutex<Second>) -> Result<(), String> {
    let Some(firsts) = &run.firsts else { return Ok(()) };
    let hotel = &run.plan.hotels[at];
    // A run that stopped did not send everything, and what was never sent has no second time.
    let resumed = firsts.resumed && run.tally().stops.is_empty();
    let mine = run.rows.rows.iter().enumerate().filter(|(_, row)| usize::from(row.hotel) == hotel.hotel);
    let rows = mine.flat_map(|(index, row)| {
        let life: Vec<_> = super::plan::steps(row).collect();
        STEPS.into_iter().filter_map(move |step| {
            let first = firsts.rows[index][step as usize].load(Ordering::Relaxed);
            let fate = &run.fates[index];
            // An earlier process sent it if nothing kept it from doing so.
            let earlier = resumed && life.contains(&step) && fate.id().is_some() && !fate.not_in();
            (first != 0 || earlier).then_some((index, step, first))
        })
    });
    let rows = stream::iter(rows).map(Ok::<_, String>);
    rows.try_for_each_concurrent(run.in_flight, |(index, step, first)| async move {
        let name = || format!("{} row {}: {}", hotel.code(), index + 1, step.name());
        send(run, run.post(index, step), first, &name, second).await
    })
    .await?;
    let audits = firsts.audits[hotel.hotel].iter().enumerate().map(|(place, first)| (run.plan.date(place), first.load(Ordering::Relaxed)));
    let audits = stream::iter(audits.filter(|(_, first)| *first != 0 || resumed)).map(Ok::<_, String>);
    audits
        .try_for_each_concurrent(run.in_flight, |(date, first)| async move {
            let name = || format!("{}: the audit of {date}", hotel.code());
            send(run, commands::audit(hotel.code(), date), first, &name, second).await
        })
        .await
}

async fn send(run: &Run, post: Post, first: u64, name: &(dyn Fn() -> String + Sync), second: &Mutex<Second>) -> Result<(), String> {
    let answer = run.client.post(&post.path, &post.key, post.body).await?;
    judge(second, &answer, first, name);
    Ok(())
}

fn judge(second: &Mutex<Second>, answer: &Answer, first: u64, name: &dyn Fn() -> String) {
    let mut second = second.lock().unwrap_or_else(PoisonError::into_inner);
    second.sent += 1;
    let wrong = if first != 0 && hash(answer) != first {
        "its second answer is another one"
    } else if !answer.replayed {
        "its second answer does not say that the key was known"
    } else {
        return;
    };
    if second.differences.len() < LISTED_MAX {
        let body = String::from_utf8_lossy(&answer.body[..answer.body.len().min(200)]).into_owned();
        second.differences.push(format!("twice: {}: {wrong}: {} {body}", name(), answer.status.as_u16()));
    }
}

/// The public events of the house once two readings agree; nothing where the house does not count them.
async fn rested(run: &Run) -> Result<Option<u64>, String> {
    let mut last = None;
    for _ in 0..RESTS_MAX {
        let Some(now) = Stats::of(&run.client).await? else { return Ok(None) };
        if last == Some(now.public_events()) {
            return Ok(last);
        }
        last = Some(now.public_events());
        tokio::time::sleep(REST).await;
    }
    Err("the house keeps publishing events although nothing is sent".to_owned())
}
