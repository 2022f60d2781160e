//! A small hotel whose history is thrown by dice: what both feeds say of it, and what it comes to.

use std::collections::BTreeMap;
use std::sync::Arc;

use contracts::reservations::{Arrival, BookedFact, ReservationFact};
use eventstore::{Record, Recorded};
use feed::sql::{Db, SqlFault};
use feed::views::schema_of;
use feed::{PublicEvent, Tx, View};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use kernel::money::Currency;
use kernel::{Aggregate, Chance, Event, Money, Timestamp, Verdict};
use stays::domain::day::{BusinessDay, DayEvent};
use stays::domain::rack::{Rack, RackEvent, RoomNo, Span};
use stays::domain::stay::{Stay, StayEvent};
use stays::views::tape::{Tape, reservations};

/// One thing that is said, by one of the two feeds.
#[derive(Clone)]
pub enum Said {
    Own(Recorded),
    Theirs(PublicEvent),
}

impl Said {
    pub fn take_in(&self, tx: &Tx<'_>) -> Result<(), SqlFault> {
        match self {
            Self::Own(event) => Tape.apply(tx, 0, 1, event),
            Self::Theirs(event) => reservations(tx, 0, event),
        }
    }
}

pub fn database() -> Db {
    Db::in_memory(&schema_of(&[Arc::new(Tape)])).expect("a database")
}

pub fn own<A: Aggregate>(id: &str, event: &A::Event) -> Said {
    let json = event.encode();
    let value: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let name = value.as_object().and_then(|all| all.keys().next().cloned()).unwrap_or_default();
    let by = Arc::new(Record {
        caller: String::new(),
        key: String::new(),
        fingerprint: String::new(),
        verdict: Verdict::Applied("null".into()),
        at: Timestamp(1),
        actor: String::new(),
        causation: String::new(),
        traceparent: String::new(),
        business_date: None,
        claims: vec![],
    });
    Said::Own(Recorded { stream: A::stream(id), version: 1, name, schema: A::Event::SCHEMA, json, command_pos: 1, by })
}

pub fn theirs(kind: &str, fact: &ReservationFact) -> Said {
    Said::Theirs(PublicEvent {
        specversion: "1.0".into(),
        id: String::new(),
        source: String::new(),
        kind: format!("reservations.{kind}"),
        subject: format!("reservation/{}", fact.reservation),
        time: Timestamp(1),
        pos: 1,
        businessdate: None,
        causationid: String::new(),
        traceparent: String::new(),
        data: serde_json::to_value(fact).expect("JSON"),
    })
}

pub fn fact(id: &str, state: &str) -> ReservationFact {
    ReservationFact {
        hotel: None,
        reservation: id.into(),
        state: state.into(),
        room_type: None,
        arrival: None,
        departure: None,
        revision: None,
        guest: None,
        booked: None,
        roomed: false,
    }
}

pub fn booked(id: &str, room_type: &str, arrival: Date, departure: Date) -> Said {
    let price = Money { amount: 100, currency: Currency::parse("EUR").expect("a code") };
    let booked = BookedFact {
        confirmation: format!("PH-{id}"),
        reference: None,
        guests: [2, 0, 0],
        price,
        guarantee: "direct-bill".into(),
        channel: None,
    };
    let (room_type, hotel) = (Some(room_type.to_owned()), Some("H".to_owned()));
    let nights = ReservationFact { room_type, hotel, arrival: Some(arrival), departure: Some(departure), ..fact(id, "confirmed") };
    theirs("Booked", &ReservationFact { booked: Some(booked), ..nights })
}

/// What the naive model knows of a reservation.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    pub room_type: String,
    pub arrival: Date,
    pub departure: Date,
    pub state: &'static str,
    pub room: Option<RoomNo>,
}

/// The hotel: rooms and B-1 to B-3.
pub struct Hotel<'a> {
    pub chance: &'a dyn Chance,
    pub today: Date,
    pub known: BTreeMap<String, Known>,
}

const ROOMS: [(&str, u32); 2] = [("A", 5), ("B", 3)];

impl Hotel<'_> {
    pub fn opened(&self) -> Vec<Said> {
        let on = DayEvent::HotelOpened { on: self.today, clean_on_checkout: true, house_rooms: None };
        let rooms = ROOMS.map(|(room_type, last)| RackEvent::RoomsAdded { room_type: room_type.into(), first: 1, last, floor: None });
        [own::<BusinessDay>("H", &on)].into_iter().chain(rooms.iter().map(|event| own::<Rack>("H", event))).collect()
    }

    /// A room nobody has, in these nights.
    fn vacant(&self, id: &str, room_type: &str, from: Date, to: Date) -> Option<RoomNo> {
        let most = ROOMS.iter().find(|(name, _)| *name == room_type)?.1;
        let clashes = |room: &RoomNo| {
            self.known.iter().any(|(other, k)| {
                let live = matches!(k.state, "confirmed" | "in_house");
                other != id && live && k.room.as_ref() == Some(room) && k.arrival < to && k.departure > from
            })
        };
        let first = self.chance.below(u64::from(most)) as u32;
        (0..most).map(|n| RoomNo { room_type: room_type.into(), number: 1 + (first + n) % most }).find(|room| !clashes(room))
    }

    fn some(&self, state: &str) -> Option<(String, Known)> {
        let all: Vec<_> = self.known.iter().filter(|(_, k)| k.state == state).collect();
        let n = (!all.is_empty()).then(|| self.chance.below(all.len() as u64) as usize)?;
        all.get(n).map(|(id, known)| ((*id).clone(), (*known).clone()))
    }

    fn nights(&self) -> (Date, Date) {
        let arrival = self.today.saturating_add((self.chance.below(12) as i64).days());
        (arrival, arrival.saturating_add((1 + self.chance.below(5) as i64).days()))
    }

    /// One more thing happens, if it can.
    pub fn happen(&mut self) -> Vec<Said> {
        match self.chance.below(20) {
            0..=6 => self.book(),
            7..=8 => self.cancel(),
            9 => self.amend(),
            10 => self.change_type(),
            11..=12 => self.assign(),
            13..=15 => self.arrive(),
            16 => self.move_or_extend(),
            17 => self.leave(),
            18 => self.lock_or_retire(),
            _ => self.roll(),
        }
    }

    fn book(&mut self) -> Vec<Said> {
        let id = format!("r{:03}", self.known.len());
        let room_type = if self.chance.below(3) == 0 { "B" } else { "A" };
        let (arrival, departure) = self.nights();
        self.known.insert(id.clone(), Known { room_type: room_type.into(), arrival, departure, state: "confirmed", room: None });
        vec![booked(&id, room_type, arrival, departure)]
    }

    fn unassigned(id: &str, known: &Known) -> Option<Said> {
        known.room.clone().map(|room| own::<Rack>("H", &RackEvent::Unassigned { room, reservation: id.to_owned() }))
    }

    fn cancel(&mut self) -> Vec<Said> {
        let Some((id, known)) = self.some("confirmed") else { return Vec::new() };
        let (state, kind) = if self.chance.below(4) == 0 { ("no_show", "NoShowed") } else { ("cancelled", "Cancelled") };
        self.known.insert(id.clone(), Known { state, room: None, ..known.clone() });
        [theirs(kind, &fact(&id, state))].into_iter().chain(Self::unassigned(&id, &known)).collect()
    }

    fn amend(&mut self) -> Vec<Said> {
        let Some((id, known)) = self.some("confirmed") else { return Vec::new() };
        let (arrival, departure) = self.nights();
        self.known.insert(id.clone(), Known { arrival, departure, room: None, ..known.clone() });
        let amended = ReservationFact { arrival: Some(arrival), departure: Some(departure), ..fact(&id, "confirmed") };
        [theirs("Amended", &amended)].into_iter().chain(Self::unassigned(&id, &known)).collect()
    }

    fn change_type(&mut self) -> Vec<Said> {
        let Some((id, known)) = self.some("confirmed") else { return Vec::new() };
        let room_type = if known.room_type == "A" { "B" } else { "A" }.to_owned();
        self.known.insert(id.clone(), Known { room_type: room_type.clone(), room: None, ..known.clone() });
        let changed = ReservationFact { room_type: Some(room_type), ..fact(&id, "confirmed") };
        [theirs("TypeChanged", &changed)].into_iter().chain(Self::unassigned(&id, &known)).collect()
    }

    fn assign(&mut self) -> Vec<Said> {
        let Some((id, known)) = self.some("confirmed") else { return Vec::new() };
        let Some(room) = self.vacant(&id, &known.room_type, known.arrival, known.departure) else { return Vec::new() };
        let (arrival, departure) = (known.arrival, known.departure);
        self.known.insert(id.clone(), Known { room: Some(room.clone()), ..known });
        vec![own::<Rack>("H", &RackEvent::Assigned { room, reservation: id, arrival, departure })]
    }

    fn arrive(&mut self) -> Vec<Said> {
        let today = self.today;
        let due: Vec<_> = self.known.iter().filter(|(_, k)| k.state == "confirmed" && k.arrival == today).collect();
        let Some((id, known)) = due.first().map(|(id, known)| ((*id).clone(), (*known).clone())) else { return Vec::new() };
        let free = || self.vacant(&id, &known.room_type, today, known.departure);
        let Some(room) = known.room.clone().or_else(free) else { return Vec::new() };
        let reservation = Arrival {
            reference: None,
            room_type: known.room_type.clone(),
            sold_as: known.room_type.clone(),
            arrival: known.arrival,
            departure: known.departure,
            price: Money { amount: 100, currency: Currency::parse("EUR").expect("a code") },
            revision: 1,
            payment: None,
            prepaid: None,
        };
        self.known.insert(id.clone(), Known { state: "in_house", room: Some(room.clone()), ..known });
        vec![own::<Stay>(&id, &StayEvent::CheckedIn { hotel: "H".into(), room, reservation, date: today })]
    }

    fn move_or_extend(&mut self) -> Vec<Said> {
        let Some((id, known)) = self.some("in_house") else { return Vec::new() };
        let Some(from) = known.room.clone() else { return Vec::new() };
        let to_type = if self.chance.below(3) == 0 { "B" } else { "A" };
        let (hotel, date) = ("H".to_owned(), self.today);
        if self.chance.below(2) == 0 {
            let Some(room) = self.vacant(&id, to_type, self.today, known.departure) else { return Vec::new() };
            self.known.insert(id.clone(), Known { room: Some(room.clone()), room_type: room.room_type.clone(), ..known });
            return vec![own::<Stay>(&id, &StayEvent::RoomMoved { hotel, from: from.name(), room, revision: 2, date, reason: None })];
        }
        let departure = self.today.saturating_add((1 + self.chance.below(4) as i64).days());
        let clash = self.known.iter().any(|(other, k)| {
            *other != id
                && matches!(k.state, "confirmed" | "in_house")
                && k.room == known.room
                && k.arrival < departure
                && k.departure > date
        });
        if clash {
            return Vec::new();
        }
        self.known.insert(id.clone(), Known { departure, ..known });
        vec![own::<Stay>(&id, &StayEvent::Extended { hotel, departure, revision: 2, date })]
    }

    fn leave(&mut self) -> Vec<Said> {
        let Some((id, known)) = self.some("in_house") else { return Vec::new() };
        self.known.insert(id.clone(), Known { state: "checked_out", departure: self.today, ..known });
        vec![own::<Stay>(&id, &StayEvent::CheckedOut { hotel: "H".into(), date: self.today })]
    }

    fn lock_or_retire(&mut self) -> Vec<Said> {
        if self.chance.below(2) == 0 {
            let Some((id, _)) = self.some("in_house") else { return Vec::new() };
            return vec![own::<Rack>("H", &RackEvent::Locked { reservation: id, locked: true })];
        }
        let rooms = || Span { room_type: "A".into(), first: 5, last: 5 };
        let (gone, back) = (RackEvent::RoomsRetired { rooms: rooms() }, RackEvent::RoomsUnretired { rooms: rooms() });
        vec![own::<Rack>("H", &gone), own::<Rack>("H", &back)]
    }

    fn roll(&mut self) -> Vec<Said> {
        let (closed, today) = (self.today, self.today.saturating_add(1.days()));
        let late = |k: &Known| (k.state == "confirmed" && k.arrival <= closed) || (k.state == "in_house" && k.departure <= closed);
        if self.known.values().any(late) {
            // First somebody comes, leaves, or is given up.
            let mut said = self.arrive();
            let ids: Vec<String> = self.known.iter().filter(|(_, k)| late(k)).map(|(id, _)| id.clone()).collect();
            for id in ids {
                let known = self.known[&id].clone();
                if known.state == "confirmed" {
                    said.push(theirs("NoShowed", &fact(&id, "no_show")));
                    said.extend(Self::unassigned(&id, &known));
                    self.known.insert(id, Known { state: "no_show", room: None, ..known });
                } else {
                    said.push(own::<Stay>(&id, &StayEvent::CheckedOut { hotel: "H".into(), date: closed }));
                    self.known.insert(id, Known { state: "checked_out", departure: closed, ..known });
                }
            }
            return said;
        }
        self.today = today;
        vec![own::<BusinessDay>("H", &DayEvent::DayOpened { closed, date: today, in_house: 0, posted: 0 })]
    }
}

/// The first day of every history.
pub fn first_day() -> Date {
    date(2031, 6, 1)
}
