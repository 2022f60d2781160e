//! Queries: the innermost service of a GET, and reading one aggregate by folding its stream, also as of a past moment.

use std::sync::Arc;
use std::task::{Context, Poll};

use jiff::civil::Date;
use kernel::{Aggregate, Event, Lane, Timestamp, lane_of};
use peer::At;
use tower::Service;

use crate::answer::Answer;
use crate::call::Call;
use crate::engine::Core;
use crate::problem::Problem;
use crate::stack::Walk;

/// What answers a query. A closure rather than a plain function: some routes need a port of their service (the vault, the
/// payment provider), which the core does not know.
pub type Ask = Arc<dyn Fn(Arc<Core>, Call) -> Walk + Send + Sync>;

/// The innermost service of a query.
#[derive(Clone)]
pub struct Query {
    core: Arc<Core>,
    ask: Ask,
}

impl Query {
    /// Answers with this closure.
    pub fn new(core: Arc<Core>, ask: Ask) -> Self {
        Self { core, ask }
    }
}

impl Service<Call> for Query {
    type Response = Answer;
    type Error = Problem;
    type Future = Walk;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Problem>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, call: Call) -> Walk {
        (self.ask)(self.core.clone(), call)
    }
}

/// A past moment: after the audit of a business date, an instant, or a position of a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsOf {
    /// `date:YYYY-MM-DD`.
    Date(Date),
    /// RFC 3339.
    Instant(Timestamp),
    /// `pos:<lane>:<n>`.
    Position(Lane, u64),
}

impl AsOf {
    /// Reads the `as_of` of a call.
    pub fn of(call: &Call) -> Result<Option<Self>, Problem> {
        let Some(text) = call.asked("as_of") else { return Ok(None) };
        Self::parse(&text)
            .map(Some)
            .ok_or_else(|| Problem::invalid(&format!("as_of '{text}' is none of date:YYYY-MM-DD, pos:<lane>:<n>, or an RFC 3339 instant")))
    }

    /// The `as_of` of a call for something that lives in a partition. A position of another lane says nothing about it, so
    /// it is refused and not passed over.
    pub fn within(call: &Call, partition: &str) -> Result<Option<Self>, Problem> {
        let own = lane_of(partition);
        match Self::of(call)? {
            Some(Self::Position(lane, _)) if lane != own => {
                Err(Problem::no_past(&format!("what is asked for lives in lane {own}, the position is one of lane {lane}")))
            }
            moment => Ok(moment),
        }
    }

    /// The same for what changes on no business date; `why` says so.
    pub fn within_undated(call: &Call, partition: &str, why: &str) -> Result<Option<Self>, Problem> {
        match Self::within(call, partition)? {
            Some(Self::Date(_)) => Err(Problem::no_past(why)),
            moment => Ok(moment),
        }
    }

    /// For what shows the present only; `why` says where the past can be read.
    pub fn none(call: &Call, why: &str) -> Result<(), Problem> {
        if call.asked("as_of").is_none() { Ok(()) } else { Err(Problem::no_past(why)) }
    }

    fn parse(text: &str) -> Option<Self> {
        if let Some(date) = text.strip_prefix("date:") {
            return date.parse().ok().map(Self::Date);
        }
        if let Some(place) = text.strip_prefix("pos:") {
            let (lane, pos) = place.split_once(':')?;
            let lane = lane.parse().ok().filter(|lane| *lane < kernel::stream::LANES)?;
            return Some(Self::Position(lane, pos.parse().ok()?));
        }
        Timestamp::parse(text).map(Self::Instant)
    }
}

/// One aggregate as it was seen.
#[derive(Clone, Debug)]
pub struct Seen<A> {
    /// The aggregate.
    pub state: A,
    /// Its version: the `ETag`.
    pub version: u64,
    /// The position of its last event.
    pub at: At,
}

impl Core {
    /// Folds one aggregate's stream, up to the `as_of` of the call. `None` when nothing had happened to it by then.
    pub async fn aggregate<A: Aggregate>(&self, call: &Call, partition: &str, id: &str) -> Result<Option<Seen<A>>, Problem> {
        let lane = lane_of(partition);
        let Some(cut) = AsOf::within(call, partition)? else { return self.present(lane, id).await };
        let mut seen = Seen { state: A::default(), version: 0, at: At::default() };
        for stored in self.store.stream(lane, A::stream(id), 0).await? {
            let Some(event) = stored.event() else { continue };
            let in_time = match cut {
                AsOf::Date(date) => event.by.business_date.is_none_or(|d| d <= date),
                AsOf::Instant(instant) => event.by.at <= instant,
                AsOf::Position(_, pos) => stored.pos <= pos,
            };
            if !in_time {
                break;
            }
            seen.state.evolve(&A::Event::decode(event.schema, &event.json).map_err(corrupt)?);
            seen.version = event.version;
            seen.at = At::of(self.service, lane, stored.pos);
        }
        Ok((seen.version > 0).then_some(seen))
    }

    /// One aggregate as it is: its newest snapshot, if this program can read it, and the events after it.
    async fn present<A: Aggregate>(&self, lane: Lane, id: &str) -> Result<Option<Seen<A>>, Problem> {
        let mut loaded = self.store.load(lane, A::stream(id)).await?;
        let start = loaded
            .snapshot
            .as_ref()
            .filter(|s| s.shape == A::SNAPSHOT_SHAPE)
            .and_then(|s| Some((serde_json::from_str(&s.json).ok()?, s.version)));
        if start.is_none() && loaded.snapshot.is_some() {
            // Written in another shape: the events after it are not enough.
            let all = self.store.stream(lane, A::stream(id), 0).await?;
            loaded.pos = all.last().map_or(0, |stored| stored.pos);
            loaded.events = all.iter().filter_map(|s| s.event()).map(|e| (e.version, e.schema, e.json.clone())).collect();
        }
        let (mut state, mut version): (A, u64) = start.unwrap_or_default();
        for (of, schema, json) in &loaded.events {
            state.evolve(&A::Event::decode(*schema, json).map_err(corrupt)?);
            version = *of;
        }
        Ok((version > 0).then(|| Seen { state, version, at: At::of(self.service, lane, loaded.pos) }))
    }
}

fn corrupt(why: kernel::Corrupt) -> Problem {
    tracing::error!(%why, "a stored event cannot be read");
    Problem::retry("corrupt")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_of_has_three_forms() {
        assert!(matches!(AsOf::parse("date:2016-03-11"), Some(AsOf::Date(_))));
        assert_eq!(AsOf::parse("pos:3:17"), Some(AsOf::Position(3, 17)));
        assert!(matches!(AsOf::parse("2026-01-02T03:04:05Z"), Some(AsOf::Instant(_))));
        assert_eq!(AsOf::parse("date:2016-02-30"), None);
        assert_eq!(AsOf::parse("pos:16:1"), None);
        assert_eq!(AsOf::parse("yesterday"), None);
    }
}
