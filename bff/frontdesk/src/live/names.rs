//! Names of guests, joined at the last moment and kept for a while in memory only. What guests does not say in time is left
//! out: the confirmation number stands in.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kit::{Front, Part};
use serde::Deserialize;
use tokio::time::Instant;

/// Names kept.
const KEPT_MAX: usize = 20_000;
/// A name is asked for again after so long: guests are renamed, merged and erased.
const KEPT_FOR: Duration = Duration::from_secs(300);
/// References of one question.
const BATCH: usize = 100;
/// Questions under way at once.
const AT_ONCE: usize = 4;
/// Guests that are asked for one by one, where guests does not take many at once.
const SINGLY_MAX: usize = 64;

#[derive(Deserialize)]
struct Guest {
    guest: String,
    name: String,
}

#[derive(Deserialize)]
struct Guests {
    items: Vec<Guest>,
}

struct Known {
    /// None: nobody is known under this reference (any more).
    name: Option<String>,
    since: Instant,
}

/// Names by reference.
#[derive(Default)]
pub struct Names(Mutex<BTreeMap<String, Known>>);

/// The names of some guests.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Joined {
    /// By reference.
    pub names: BTreeMap<String, String>,
    /// Whether all were answered for.
    pub is_all: bool,
}

impl Names {
    fn kept(&self) -> MutexGuard<'_, BTreeMap<String, Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The names of these guests, as far as they are known within a time.
    pub async fn of(&self, front: &Front, guests: BTreeSet<&str>, within: Duration) -> Joined {
        let until = Instant::now() + within;
        let missing: Vec<String> = {
            let kept = self.kept();
            let is_fresh = |guest: &str| kept.get(guest).is_some_and(|known| known.since.elapsed() < KEPT_FOR);
            // A reference goes into an address: what is none would spoil the question for all.
            let is_plain = |guest: &str| guest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
            guests.iter().filter(|guest| is_plain(guest) && !is_fresh(guest)).map(|guest| (*guest).to_owned()).collect()
        };
        for some in missing.chunks(BATCH * AT_ONCE) {
            let asked: Vec<_> = some.chunks(BATCH).map(|batch| self.ask(front, batch.to_vec(), until)).collect();
            let _in_time = tokio::time::timeout_at(until, futures::future::join_all(asked)).await;
        }
        let kept = self.kept();
        let name = |guest: &&str| Some(((*guest).to_owned(), kept.get(*guest)?.name.clone()?));
        Joined { is_all: guests.iter().all(|guest| kept.contains_key(*guest)), names: guests.iter().filter_map(name).collect() }
    }

    async fn ask(&self, front: &Front, batch: Vec<String>, until: Instant) {
        let left = until.saturating_duration_since(Instant::now());
        match front.ask().get_within::<Guests>("guests", &format!("/guests?ids={}", batch.join(",")), left).await {
            Part::Here(all) => {
                let mut found: BTreeMap<String, String> = all.items.into_iter().map(|g| (g.guest, short(&g.name))).collect();
                self.keep(batch.iter().map(|guest| (guest.clone(), found.remove(guest))));
            }
            Part::Silent(_) => {}
            // A guests service that takes one at a time.
            Part::No(_) => {
                for some in batch.get(..SINGLY_MAX).unwrap_or(&batch).chunks(AT_ONCE) {
                    let asked: Vec<_> = some.iter().map(|guest| self.ask_one(front, guest.clone(), until)).collect();
                    futures::future::join_all(asked).await;
                }
            }
        }
    }

    async fn ask_one(&self, front: &Front, guest: String, until: Instant) {
        let left = until.saturating_duration_since(Instant::now());
        match front.ask().get_within::<Guest>("guests", &format!("/guests/{guest}"), left).await {
            Part::Here(found) => self.keep([(guest, Some(short(&found.name)))]),
            Part::No(_) => self.keep([(guest, None)]),
            Part::Silent(_) => {}
        }
    }

    fn keep(&self, found: impl IntoIterator<Item = (String, Option<String>)>) {
        let (mut kept, since) = (self.kept(), Instant::now());
        kept.extend(found.into_iter().map(|(guest, name)| (guest, Known { name, since })));
        if kept.len() > KEPT_MAX {
            kept.retain(|_, known| known.since.elapsed() < KEPT_FOR / 2);
        }
        while kept.len() > KEPT_MAX {
            kept.pop_first();
        }
    }
}

/// `Silva A` for `Ana Silva`: the last word, then the first letter of the first. A name of one word is left as it is.
fn short(name: &str) -> String {
    let mut words = name.split_whitespace();
    match (words.next(), words.next_back()) {
        (Some(first), Some(last)) => format!("{last} {}", first.chars().next().unwrap_or(' ')),
        (Some(only), None) => only.to_owned(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_bar_has_room_for_the_last_name_and_a_letter() {
        let of = |name| super::short(name);
        assert_eq!(
            (of("Ana Silva"), of(" Ana  de la Cruz "), of("Ömer"), of("")),
            ("Silva A".into(), "Cruz A".into(), "Ömer".into(), "".into())
        );
    }
}
