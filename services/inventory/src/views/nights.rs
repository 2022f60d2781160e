//! Availability: what is sold and held for each night, and the limits.

use std::collections::BTreeMap;
use std::sync::Arc;

use contracts::HOUSE;
use eventstore::Recorded;
use feed::sql::{Cell, SqlFault};
use feed::{Tx, View};
use jiff::civil::Date;
use kernel::{Event, Lane};
use pipeline::{Answer, AsOf, Call, Core, Problem};
use serde_json::{Value, json};

use crate::domain::ledger::{Count, LedgerEvent, NightLedger, Nights as Span, nights};
use crate::domain::limits::Limits;

/// Nights one answer shows.
const NIGHTS_MAX: i32 = 400;

/// One row a hotel, night and type (`*` for the house).
pub struct Nights;

/// Reads a stored ledger event.
pub fn event_of(event: &Recorded) -> Result<LedgerEvent, SqlFault> {
    LedgerEvent::decode(event.schema, &event.json).map_err(|c| SqlFault(c.to_string()))
}

impl View for Nights {
    fn schema(&self) -> &'static str {
        "CREATE TABLE nights(hotel TEXT NOT NULL, night TEXT NOT NULL, room_type TEXT NOT NULL, sold INTEGER NOT NULL, held INTEGER NOT NULL,
           PRIMARY KEY(hotel, night, room_type)) WITHOUT ROWID;
         CREATE TABLE limits(hotel TEXT NOT NULL, room_type TEXT NOT NULL, limits TEXT NOT NULL, PRIMARY KEY(hotel, room_type)) WITHOUT ROWID;
         CREATE TABLE closed(hotel TEXT PRIMARY KEY) WITHOUT ROWID;"
    }

    fn apply(&self, tx: &Tx<'_>, _: Lane, _: u64, event: &Recorded) -> Result<(), SqlFault> {
        if event.stream.kind != "ledger" {
            return Ok(());
        }
        let hotel = &event.stream.id;
        match event_of(event)? {
            LedgerEvent::Opened { .. } => limit(tx, hotel, HOUSE, |_| {}),
            LedgerEvent::TypeAdded { room_type } => limit(tx, hotel, &room_type, |_| {}),
            LedgerEvent::LimitsSet { limits, .. } => {
                limits.iter().try_for_each(|l| limit(tx, hotel, &l.room_type, |all| all.set(l.from, l.to, l.limit)))
            }
            LedgerEvent::Held { nights, .. } => add(tx, hotel, &nights, &nights.room_type, 0, 1),
            LedgerEvent::Unheld { nights } | LedgerEvent::HoldExpired { nights } => add(tx, hotel, &nights, &nights.room_type, 0, -1),
            LedgerEvent::Sold { nights, .. } => add(tx, hotel, &nights, &nights.room_type, 1, -1),
            LedgerEvent::Released { nights, .. } => add(tx, hotel, &nights, &nights.room_type, -1, 0),
            LedgerEvent::Moved { nights, to, .. } => {
                add(tx, hotel, &nights, &nights.room_type, -1, 0)?;
                add(tx, hotel, &nights, &to, 1, 0)
            }
            LedgerEvent::Amended { nights, new_arrival, new_departure, .. } => {
                let now = nights.on(new_arrival, new_departure);
                nights.without(&now).iter().try_for_each(|lost| add(tx, hotel, lost, &lost.room_type, -1, 0))?;
                now.without(&nights).iter().try_for_each(|gained| add(tx, hotel, gained, &gained.room_type, 1, 0))
            }
            LedgerEvent::TypeRemoved { room_type } => {
                tx.run("DELETE FROM limits WHERE hotel = ?1 AND room_type = ?2", &[hotel.as_str().into(), room_type.into()])
            }
            LedgerEvent::SalesClosed {} => tx.run("INSERT OR IGNORE INTO closed VALUES(?1)", &[hotel.as_str().into()]),
            LedgerEvent::SalesReopened {} => tx.run("DELETE FROM closed WHERE hotel = ?1", &[hotel.as_str().into()]),
            LedgerEvent::HoldExtended { .. }
            | LedgerEvent::NightClosed { .. }
            | LedgerEvent::TypeRetired { .. }
            | LedgerEvent::TypeUnretired { .. } => Ok(()),
        }
    }
}

fn limit(tx: &Tx<'_>, hotel: &str, room_type: &str, change: impl FnOnce(&mut Limits)) -> Result<(), SqlFault> {
    let rows = tx.rows("SELECT limits FROM limits WHERE hotel = ?1 AND room_type = ?2", &[hotel.into(), room_type.into()])?;
    let mut limits: Limits = rows.first().and_then(|r| serde_json::from_str(r[0].text()).ok()).unwrap_or_default();
    change(&mut limits);
    let text = serde_json::to_string(&limits).unwrap_or_default();
    tx.run("INSERT OR REPLACE INTO limits VALUES(?1, ?2, ?3)", &[hotel.into(), room_type.into(), text.into()])
}

/// Adds to the counts of the type; the house is the sum over the types and is not stored.
fn add(tx: &Tx<'_>, hotel: &str, span: &Span, room_type: &str, sold: i64, held: i64) -> Result<(), SqlFault> {
    let cells = |night: Date| -> Vec<Cell> { vec![hotel.into(), night.into(), room_type.into(), sold.into(), held.into()] };
    let rows: Vec<_> = nights(span.arrival, span.departure).map(cells).collect();
    tx.run_all(
        "INSERT INTO nights",
        &rows,
        "ON CONFLICT(hotel, night, room_type) DO UPDATE SET sold = nights.sold + excluded.sold, held = nights.held + excluded.held",
    )
}

/// What availability is made of, from the view or folded up to a past moment.
#[derive(Default)]
struct Picture {
    limits: BTreeMap<String, Limits>,
    /// Sold and held by night, then by type; the house is their sum.
    counts: BTreeMap<Date, BTreeMap<String, (i64, i64)>>,
    is_closed: bool,
}

impl Picture {
    async fn now(core: &Core, hotel: &str, from: Date, to: Date) -> Result<Self, Problem> {
        let key: Vec<Cell> = vec![hotel.into(), from.into(), to.into()];
        let (limits, counts, closed) = core
            .views
            .read(move |tx| {
                let limits = tx.rows("SELECT room_type, limits FROM limits WHERE hotel = ?1 ORDER BY room_type", &key[..1])?;
                let counts =
                    tx.rows("SELECT night, room_type, sold, held FROM nights WHERE hotel = ?1 AND night >= ?2 AND night < ?3", &key)?;
                Ok((limits, counts, tx.rows("SELECT 1 FROM closed WHERE hotel = ?1", &key[..1])?))
            })
            .await?;
        let limits = limits.iter().filter_map(|r| Some((r[0].text().to_owned(), serde_json::from_str(r[1].text()).ok()?))).collect();
        let mut picture = Self { limits, is_closed: !closed.is_empty(), ..Self::default() };
        for row in &counts {
            let night = picture.counts.entry(row[0].text().parse().unwrap_or_default()).or_default();
            night.insert(row[1].text().to_owned(), (row[2].int(), row[3].int()));
        }
        Ok(picture)
    }

    async fn then(core: &Core, call: &Call, hotel: &str) -> Result<Self, Problem> {
        let Some(seen) = core.aggregate::<NightLedger>(call, hotel, hotel).await? else { return Ok(Self::default()) };
        let NightLedger { limits, nights, closed, .. } = seen.state;
        let counts = |types: BTreeMap<String, Count>| {
            let types = types.into_iter().filter(|(t, _)| t != HOUSE);
            types.map(|(t, c)| (t, (i64::from(c.sold), i64::from(c.held)))).collect()
        };
        Ok(Self { limits, counts: nights.into_iter().map(|(night, types)| (night, counts(types))).collect(), is_closed: closed })
    }
}

/// `GET /hotels/{hotel}/availability?from&to[&room_type][&as_of]`. A past moment is folded from the ledger's own stream, which
/// forgets nights once they are closed.
pub async fn availability(core: Arc<Core>, call: Call) -> Result<Answer, Problem> {
    let hotel = call.param("hotel").to_owned();
    let wanted = |name: &str| call.asked_as::<Date>(name)?.ok_or_else(|| Problem::invalid(&format!("'{name}' is missing")));
    let (from, to) = (wanted("from")?, wanted("to")?);
    if to <= from || (to - from).get_days() > NIGHTS_MAX {
        return Err(Problem::invalid("'to' must be 1 to 400 days after 'from'"));
    }
    let only = call.asked("room_type");
    let picture = match AsOf::within(&call, &hotel)? {
        None => Picture::now(&core, &hotel, from, to).await?,
        Some(_) => Picture::then(&core, &call, &hotel).await?,
    };
    if picture.limits.is_empty() {
        return Err(Problem::not_found("hotel-unknown"));
    }
    if only.as_ref().is_some_and(|t| !picture.limits.contains_key(t) || t == HOUSE) {
        return Err(Problem::not_found("room-type-unknown"));
    }
    let shown: Vec<Value> = nights(from, to).map(|night| one_night(night, &picture, only.as_deref())).collect();
    Ok(Answer::json(&json!({"hotel": hotel, "from": from, "to": to, "closed": picture.is_closed, "nights": shown})))
}

fn one_night(night: Date, picture: &Picture, only: Option<&str>) -> Value {
    let (limits, counts) = (&picture.limits, picture.counts.get(&night));
    let of = |room_type: &str| counts.and_then(|c| c.get(room_type)).copied().unwrap_or((0, 0));
    let limit = |room_type: &str| i64::from(limits.get(room_type).map_or(0, |l| l.of(night)));
    let (sold, held) = counts.map_or((0, 0), |c| c.values().fold((0, 0), |(s, h), (sold, held)| (s + sold, h + held)));
    let left = if picture.is_closed { 0 } else { (limit(HOUSE) - sold - held).max(0) };
    let types: Vec<Value> = limits
        .keys()
        .filter(|t| *t != HOUSE && only.is_none_or(|o| o == t.as_str()))
        .map(|t| {
            let (sold, held) = of(t);
            let available = (limit(t) - sold - held).clamp(0, left);
            json!({"room_type": t, "limit": limit(t), "sold": sold, "held": held, "available": available, "oversold": (sold - limit(t)).max(0)})
        })
        .collect();
    json!({
        "night": night,
        "house": {"limit": limit(HOUSE), "sold": sold, "held": held, "available": left, "oversold": (sold - limit(HOUSE)).max(0)},
        "types": types,
    })
}
