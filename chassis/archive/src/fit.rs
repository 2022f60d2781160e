//! Fitting: how far the histories of all services of a house can be restored together.
//!
//! Services count on each other: a saga on what it was promised, a follower on the positions whose facts it has taken in. A
//! store that is restored to an earlier moment than one that knows of it gives those positions to other facts, and the
//! follower takes them for the old ones. So all histories end at one instant that each archive has reached
//! ([`crate::Manifest::whole_to`]), and before the first damage in any of them. Whatever was decided up to it was caused by what
//! was decided before it. That clocks agree is not taken for granted: facts name the position they were made of, and no
//! history may end before a position that another one has a fact of.

use std::collections::{BTreeMap, BTreeSet};

use kernel::Lane;

use crate::manifest::{Of, Sealed, decided_at};
use crate::segment::{Envelope, Segment};
use crate::target::BlobFault;
use crate::verify::{Finding, Shelf, read_through};

/// What a command was made of: a position of another service.
pub type Made = (String, Lane, u64);

/// Where each lane of each service ends.
pub type Ends = BTreeMap<String, BTreeMap<Lane, u64>>;

/// A command that was made of another service's fact.
struct Fact {
    at: i64,
    /// The service, the lane and the position it is at.
    here: Made,
    of: Made,
}

/// One service.
pub struct History {
    /// What can be restored of it: no manifest and no segment behind one that is damaged.
    pub shelf: Shelf,
    /// How far each lane is known to have gone, damaged or not.
    pub known: BTreeMap<Lane, u64>,
    /// The instant it is whole up to; `None` when its archive does not say.
    pub whole_to: Option<i64>,
    /// The last instant before anything that is damaged can have been decided.
    pub sound_to: i64,
}

/// What one place has of all services, read through.
pub struct Survey {
    /// The services, by name.
    pub histories: BTreeMap<String, History>,
    /// What is wrong anywhere.
    pub findings: Vec<Finding>,
    facts: Vec<Fact>,
}

/// How far all services are restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Nothing that was decided later is restored.
    pub instant: i64,
    /// Where that is.
    pub ends: Ends,
}

impl Survey {
    /// Reads everything. `see` is shown every command and says what it was made of, if it was made of a fact.
    pub async fn read(
        mut shelves: Vec<Shelf>,
        see: &mut (dyn FnMut(&Envelope) -> Option<Made> + Send),
        progress: &mut (dyn FnMut(u64, u64) + Send),
    ) -> Result<Self, BlobFault> {
        let mut facts = Vec::new();
        let mut each = |of: &Of, segment: &Segment| {
            for reading in segment.readings().filter(|reading| reading.row.event.is_none()) {
                let here = (of.service.clone(), segment.lane, reading.row.pos);
                facts.extend(see(&reading.by).map(|of| Fact { at: reading.by.at, here, of }));
            }
        };
        let findings = read_through(&mut shelves, &mut each, progress).await?.findings;
        let bad: BTreeSet<&str> = findings.iter().filter(|finding| finding.is_of_history()).map(|finding| finding.name.as_str()).collect();
        let histories = shelves.into_iter().map(|shelf| (shelf.of.service.clone(), History::of(shelf, &bad))).collect();
        Ok(Self { histories, facts, findings })
    }

    /// The last instant that every service's archive has reached; `None` when one does not say how far it goes.
    pub fn common(&self) -> Option<i64> {
        self.histories.values().map(|history| history.whole_to).min().flatten()
    }

    /// The last instant before the first damage anywhere; the end of time when there is none.
    pub fn sound_to(&self) -> i64 {
        self.histories.values().map(|history| history.sound_to).min().unwrap_or(i64::MAX)
    }

    /// Where all services end at an instant, or at the last one before it at which they fit each other.
    pub async fn line(&self, mut instant: i64) -> Result<Line, Unread> {
        loop {
            let mut ends = Ends::new();
            for (service, history) in &self.histories {
                ends.insert(service.clone(), history.ends(instant).await?);
            }
            match self.misfits(&ends).map(|fact| fact.at).min() {
                None => return Ok(Line { instant, ends }),
                Some(at) => instant = at.min(instant).saturating_sub(1),
            }
        }
    }

    /// Facts that a service would have of positions that their source would not have.
    fn misfits<'a>(&'a self, ends: &'a Ends) -> impl Iterator<Item = &'a Fact> {
        let is_there = move |(service, lane, pos): &Made| ends.get(service)?.get(lane).map(|end| pos <= end);
        self.facts.iter().filter(move |fact| {
            let is_known = self.histories.contains_key(&fact.of.0);
            is_known && is_there(&fact.here) == Some(true) && is_there(&fact.of) != Some(true)
        })
    }

    /// The same in words, for ends that somebody chose.
    pub fn misfitting(&self, ends: &Ends) -> Vec<String> {
        let place = |(service, lane, pos): &Made| format!("{service}/{lane} position {pos}");
        self.misfits(ends).map(|fact| format!("{} is made of {}, which is not restored", place(&fact.here), place(&fact.of))).collect()
    }
}

/// Why it cannot be said where an instant is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unread {
    /// The target did not answer.
    Target(BlobFault),
    /// It is not any more what it was when it was read through.
    Damaged(Finding),
}

impl History {
    /// What is left of a shelf when these segments are damaged.
    fn of(mut shelf: Shelf, bad: &BTreeSet<&str>) -> Self {
        let known = shelf.known();
        let sound = shelf.sound;
        let mut history_lanes: BTreeMap<Lane, Vec<Sealed>> = BTreeMap::new();
        for sealed in shelf.manifests.iter().filter(|manifest| manifest.number <= sound).flat_map(|manifest| &manifest.segments) {
            history_lanes.entry(sealed.lane).or_default().push(sealed.clone());
        }
        let whole_to = shelf.manifests.iter().filter(|manifest| manifest.number <= sound).filter_map(|manifest| manifest.whole_to).max();
        // What a lost manifest listed is not known: only what is whole without it is certain.
        let mut sound_to = if sound < u64::MAX { whole_to.unwrap_or(i64::MIN) } else { i64::MAX };
        for (lane, all) in &mut history_lanes {
            let is_bad = |sealed: &Sealed| bad.contains(shelf.of.segment(*lane, sealed.first, sealed.last).as_str());
            if let Some(first) = all.iter().position(is_bad) {
                sound_to = sound_to.min(all[first].since.saturating_sub(1));
                all.truncate(first);
            }
        }
        shelf.lanes = history_lanes;
        shelf.findings.clear();
        Self { shelf, known, whole_to: whole_to.map(|at| at.min(sound_to)), sound_to }
    }

    /// Where each lane ends at an instant: before the first command that was decided later.
    async fn ends(&self, instant: i64) -> Result<BTreeMap<Lane, u64>, Unread> {
        let mut ends = BTreeMap::new();
        for (lane, all) in &self.shelf.lanes {
            let mut end = 0;
            for sealed in all {
                if sealed.until <= instant {
                    end = sealed.last;
                } else if sealed.since > instant {
                    break;
                } else {
                    let segment = self.shelf.segment(sealed).await.map_err(Unread::Target)?.map_err(Unread::Damaged)?;
                    let is_later = |at: Option<i64>| at.is_some_and(|at| at > instant);
                    let over = segment.rows.iter().find(|row| row.event.is_none() && is_later(decided_at(&row.json)));
                    end = over.map_or(sealed.last, |row| row.pos - 1);
                    if over.is_some() {
                        break;
                    }
                }
            }
            ends.insert(*lane, end);
        }
        Ok(ends)
    }

    /// Whether a service that ends here has all that is known of it.
    pub fn is_all(&self, ends: &BTreeMap<Lane, u64>) -> bool {
        self.known.iter().all(|(lane, end)| ends.get(lane) == Some(end))
    }
}
