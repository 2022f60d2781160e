//! Where everything ended, asked of the house: reservations, stays, days, racks. Digests are made of this only.

use serde::Deserialize;

use super::dates::Day;
use super::hotels::HOTELS;
use super::pages::Pages;
use super::rows::Rows;
use super::run::LISTED_MAX;
use crate::client::Client;

/// Items asked for per page.
const PAGE: usize = 1000;
/// Days asked for at once.
const DAYS_AT_ONCE: i32 = 366;

/// A short text that occurs many times (states, types): its place in the list of texts.
pub type Text = u16;

/// What the reservations service says of a row.
#[derive(Debug, Clone, Copy)]
pub struct Reserved {
    /// State at the end.
    pub state: Text,
    /// Type at the end.
    pub room_type: Text,
    /// Type sold.
    pub sold_as: Text,
    /// Arrival, if it was a date.
    pub arrival: Option<Day>,
}

/// What the stays service says of a row.
#[derive(Debug, Clone, Copy)]
pub struct Stayed {
    /// State at the end.
    pub state: Text,
    /// Type of the room.
    pub room_type: Text,
    /// Number of the room inside its type.
    pub number: u32,
    /// Nights posted by audits.
    pub nights: i32,
    /// Money posted by audits.
    pub posted: i64,
}

/// What both services say of a date.
#[derive(Debug, Clone, Copy, Default)]
pub struct DayCounts {
    /// Reservations made.
    pub booked: i64,
    /// Reservations cancelled.
    pub cancelled: i64,
    /// Reservations marked as not arrived.
    pub no_show: i64,
    /// Stays begun.
    pub checked_in: i64,
    /// Stays ended.
    pub checked_out: i64,
    /// Stays begun in another type than sold.
    pub upgraded: i64,
    /// Stays in house at the audit; none where no audit was.
    pub in_house: Option<i64>,
}

/// The answers of one hotel that are not about a row.
#[derive(Debug, Default)]
pub struct HotelAnswers {
    /// Place in [`HOTELS`].
    pub hotel: usize,
    /// One entry per business date.
    pub days: Vec<DayCounts>,
    /// Rooms somebody is in.
    pub occupied: Vec<String>,
    /// The open business date.
    pub business_date: String,
}

/// Everything answered.
#[derive(Debug, Default)]
pub struct Answers {
    /// Per row.
    pub reserved: Vec<Option<Reserved>>,
    /// Per row.
    pub stayed: Vec<Option<Stayed>>,
    /// Per hotel of the file.
    pub hotels: Vec<HotelAnswers>,
    /// Answers that belong to no row or date of the replay, the first of them.
    pub strays: Vec<String>,
    texts: Vec<Box<str>>,
}

#[derive(Deserialize)]
struct Money {
    amount: i64,
}

#[derive(Deserialize)]
struct ReservationItem {
    reservation: String,
    reference: Option<String>,
    state: String,
    room_type: String,
    sold_as: String,
    arrival: String,
}

#[derive(Deserialize)]
struct StayItem {
    stay: String,
    reference: Option<String>,
    state: String,
    room_type: String,
    number: u32,
    nights_posted: i32,
    posted: Money,
}

#[derive(Deserialize)]
struct Days<T> {
    days: Vec<T>,
}

#[derive(Deserialize)]
struct SoldDay {
    date: String,
    #[serde(default)]
    booked: i64,
    #[serde(default)]
    cancelled: i64,
    #[serde(default)]
    no_show: i64,
}

#[derive(Deserialize)]
struct StayedDay {
    date: String,
    #[serde(default)]
    checked_in: i64,
    #[serde(default)]
    checked_out: i64,
    #[serde(default)]
    upgraded_at_checkin: i64,
    in_house: Option<i64>,
}

#[derive(Deserialize)]
struct BusinessDay {
    business_date: String,
}

#[derive(Deserialize)]
struct RackRoom {
    room: String,
    occupied_by: Option<String>,
}

/// The rack, bare or wrapped.
#[derive(Deserialize)]
#[serde(untagged)]
enum Rack {
    Bare(Vec<RackRoom>),
    Rooms { rooms: Vec<RackRoom> },
    Items { items: Vec<RackRoom> },
}

impl Answers {
    /// The text of a state or type.
    pub fn text(&self, text: Text) -> &str {
        &self.texts[usize::from(text)]
    }

    /// Asks everything about the hotels used between two business dates.
    pub async fn ask(client: &Client, rows: &Rows, used: &[usize], first: Day, last: Day) -> Result<Answers, String> {
        let mut all = Answers { reserved: vec![None; rows.rows.len()], stayed: vec![None; rows.rows.len()], ..Answers::default() };
        for &hotel in used {
            all.reservations(client, rows, hotel).await?;
            all.stays(client, rows, hotel).await?;
            let mut answers = HotelAnswers { hotel, ..HotelAnswers::default() };
            answers.days = all.days(client, HOTELS[hotel].code, first, last).await?;
            all.rest(client, &mut answers).await?;
            all.hotels.push(answers);
        }
        Ok(all)
    }

    fn intern(&mut self, text: &str) -> Result<Text, String> {
        if let Some(at) = self.texts.iter().position(|t| &**t == text) {
            return Ok(at as Text);
        }
        let at = Text::try_from(self.texts.len()).map_err(|_| "the house answers more kinds of states and types than can be")?;
        self.texts.push(text.into());
        Ok(at)
    }

    fn stray(&mut self, what: impl FnOnce() -> String) {
        if self.strays.len() < LISTED_MAX {
            self.strays.push(what());
        }
    }

    async fn reservations(&mut self, client: &Client, rows: &Rows, hotel: usize) -> Result<(), String> {
        let code = HOTELS[hotel].code;
        let mut pages = Pages::new(format!("/api/reservations/v1/hotels/{code}/reservations?limit={PAGE}"));
        while let Some(items) = pages.next::<ReservationItem>(client).await? {
            for item in items {
                let place = item.reference.as_deref().and_then(|r| rows.index_of(r)).filter(|&i| usize::from(rows.rows[i].hotel) == hotel);
                let reserved = Reserved {
                    state: self.intern(&item.state)?,
                    room_type: self.intern(&item.room_type)?,
                    sold_as: self.intern(&item.sold_as)?,
                    arrival: Day::parse(&item.arrival),
                };
                match place {
                    Some(index) if self.reserved[index].is_none() => self.reserved[index] = Some(reserved),
                    Some(index) => self.stray(|| format!("{code} row {}: listed twice among the reservations", index + 1)),
                    None => self.stray(|| format!("{code}: reservation {} ({:?}) belongs to no row", item.reservation, item.reference)),
                }
            }
        }
        Ok(())
    }

    async fn stays(&mut self, client: &Client, rows: &Rows, hotel: usize) -> Result<(), String> {
        let code = HOTELS[hotel].code;
        let mut pages = Pages::new(format!("/api/stays/v1/hotels/{code}/stays?limit={PAGE}"));
        while let Some(items) = pages.next::<StayItem>(client).await? {
            for item in items {
                let place = item.reference.as_deref().and_then(|r| rows.index_of(r)).filter(|&i| usize::from(rows.rows[i].hotel) == hotel);
                let stayed = Stayed {
                    state: self.intern(&item.state)?,
                    room_type: self.intern(&item.room_type)?,
                    number: item.number,
                    nights: item.nights_posted,
                    posted: item.posted.amount,
                };
                match place {
                    Some(index) if self.stayed[index].is_none() => self.stayed[index] = Some(stayed),
                    Some(index) => self.stray(|| format!("{code} row {}: listed twice among the stays", index + 1)),
                    None => self.stray(|| format!("{code}: stay {} ({:?}) belongs to no row", item.stay, item.reference)),
                }
            }
        }
        Ok(())
    }

    async fn days(&mut self, client: &Client, code: &str, first: Day, last: Day) -> Result<Vec<DayCounts>, String> {
        let mut days = vec![DayCounts { in_house: Some(0), ..DayCounts::default() }; (last.0 - first.0 + 1) as usize];
        let mut from = first;
        while from <= last {
            let to = from.plus(DAYS_AT_ONCE).min(last.plus(1));
            let sold: Days<SoldDay> = client.read(&format!("/api/reservations/v1/hotels/{code}/days?from={from}&to={to}")).await?;
            let stayed: Days<StayedDay> = client.read(&format!("/api/stays/v1/hotels/{code}/days?from={from}&to={to}")).await?;
            let place = |text: &str| Day::parse(text).filter(|d| (from..to).contains(d)).map(|d| (d.0 - first.0) as usize);
            for day in sold.days {
                match place(&day.date) {
                    Some(at) => (days[at].booked, days[at].cancelled, days[at].no_show) = (day.booked, day.cancelled, day.no_show),
                    None => self.stray(|| format!("{code}: reservations count a day {} that was not asked for", day.date)),
                }
            }
            for day in stayed.days {
                match place(&day.date) {
                    Some(at) => {
                        (days[at].checked_in, days[at].checked_out) = (day.checked_in, day.checked_out);
                        (days[at].upgraded, days[at].in_house) = (day.upgraded_at_checkin, day.in_house);
                    }
                    None => self.stray(|| format!("{code}: stays count a day {} that was not asked for", day.date)),
                }
            }
            from = to;
        }
        Ok(days)
    }

    async fn rest(&mut self, client: &Client, answers: &mut HotelAnswers) -> Result<(), String> {
        let code = HOTELS[answers.hotel].code;
        let rack = match client.read(&format!("/api/stays/v1/hotels/{code}/rooms")).await? {
            Rack::Bare(rooms) | Rack::Rooms { rooms } | Rack::Items { items: rooms } => rooms,
        };
        let rooms: u32 = HOTELS[answers.hotel].types.iter().map(|t| t.rooms).sum();
        if rack.len() != rooms as usize {
            self.stray(|| format!("{code}: the rack has {} rooms, the set-up has {rooms}", rack.len()));
        }
        answers.occupied = rack.into_iter().filter(|r| r.occupied_by.is_some()).map(|r| r.room).collect();
        let day: BusinessDay = client.read(&format!("/api/stays/v1/hotels/{code}/business-day")).await?;
        answers.business_date = day.business_date;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rack_is_read_bare_or_wrapped() {
        let room = r#"{"room":"A-1","room_type":"A","number":1,"occupied_by":null,"condition":"clean"}"#;
        for text in [format!("[{room}]"), format!(r#"{{"rooms":[{room}]}}"#), format!(r#"{{"items":[{room}]}}"#)] {
            assert!(serde_json::from_str::<Rack>(&text).is_ok(), "{text}");
        }
    }
}
